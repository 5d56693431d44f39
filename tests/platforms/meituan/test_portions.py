"""Meituan takes counts of portions and says what they are worth; more than are left it does not have."""

from __future__ import annotations

import pytest

from app.domain.commands import Portions
from app.platforms.api import RejectedError
from app.platforms.meituan.connector import MeituanConnector
from app.platforms.meituan.money import fen
from app.platforms.meituan.simulated_orders import Placed
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.simulation import PretendLine, PretendOrder

from .conftest import DOORS, Connect, Start, told
from .test_abilities import completed


async def rice_of(connector: MeituanConnector, order: Placed) -> str:
    facts = (await told(connector, order.id)).facts
    assert facts
    found: str = next(line.key for line in facts.lines if line.name == "米饭")
    return found


@DOORS
async def test_one_portion_of_three(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    order = await completed(simulator, connector)
    rice = await rice_of(connector, order)
    for _ in range(2):
        assert await connect(simulator).refund(order.id, None, [Portions(rice, 1, 0, 3)], "漏送", "one") == fen(160)
    assert order.refunds[-1]["food"] == [{"food_name": "米饭", "count": 1}]
    assert await connector.refund(order.id, None, [Portions(rice, 2, 1, 3)], "漏送", "two") == fen(320)
    assert order.refunded == 480


@DOORS
async def test_more_portions_than_are_left_are_refused(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    """Even where the counter forgot what went back: Meituan keeps count."""
    simulator = await start(kind)
    connector = connect(simulator)
    order = await completed(simulator, connector)
    rice = await rice_of(connector, order)
    await connector.refund(order.id, None, [Portions(rice, 2, 0, 3)], "漏送", "one")
    for wrong in (Portions(rice, 2, 0, 3), Portions(rice, 2, 2, 3), Portions(rice)):
        with pytest.raises(RejectedError, match="Of 米饭 only 1 can"):
            await connector.refund(order.id, None, [wrong], "漏送", "two")
    assert len(order.refunds) == 1


async def test_portions_of_two_lines_of_one_dish_come_from_both(start: Start, connect: Connect) -> None:
    simulator = await start()
    connector = connect(simulator)
    wish = PretendOrder((PretendLine("鱼香肉丝", 2800), PretendLine("米饭", 200, 2), PretendLine("米饭", 200, 3)))
    order = await completed(simulator, connector, wish)
    facts = (await told(connector, order.id)).facts
    assert facts
    keys = [line.key for line in facts.lines if line.name == "米饭"]
    await connector.refund(order.id, None, [Portions(keys[0], 1, 0, 2), Portions(keys[1], 2, 0, 3)], "漏送", "one")
    assert sum(order.returned.values()) == 3
    assert order.refunded == 600
