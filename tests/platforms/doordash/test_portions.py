"""Portions leave the bill at DoorDash: what remains is set, so that a repeat takes nothing more."""

from __future__ import annotations

import pytest

from app.domain.commands import CommandKind, Portions
from app.domain.lifecycle import Kitchen
from app.platforms.api import ProtocolError, RejectedError, TemporaryError
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.simulation import Faults, PretendLine, PretendOrder
from tests.platforms.lines import send

from .conftest import Line, push

WISH = PretendOrder((PretendLine("Fries", 400, 3), PretendLine("Iced Tea", 350)))


async def cooking(line: Line, connector: DoorDashConnector) -> tuple[str, str, str]:
    """An accepted order; answers its id and those of its two lines."""
    order_id = line.placed(connector, order=WISH)
    await send(connector, CommandKind.ACCEPT, order_id)
    fries, tea = (item["line_item_id"] for item in line.order(order_id).items)
    return order_id, fries, tea


def hears(line: Line, connector: DoorDashConnector, order_id: str) -> None:
    """The order as it is now, pushed anew."""
    adjusted = {"event": {"type": "OrderAdjustment", "status": "SUCCESS"}, "order": line.order(order_id).body}
    connector.receive(push(adjusted))


def bill(line: Line, order_id: str) -> dict[str, int]:
    return {item["name"]: item["quantity"] for item in line.order(order_id).items}


async def test_one_portion_after_another_leaves_the_bill(line: Line) -> None:
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)
    for _ in range(2):
        await connector.refund(order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
    assert bill(line, order_id) == {"Fries": 2, "Iced Tea": 1}
    await connector.refund(order_id, None, [Portions(fries, 1, 1, 3)], "", "b")  # before the order came anew
    assert bill(line, order_id) == {"Fries": 1, "Iced Tea": 1}
    hears(line, connector, order_id)
    await connector.refund(order_id, None, [Portions(fries, 1, 2, 3)], "", "c")
    assert bill(line, order_id) == {"Iced Tea": 1}


async def test_the_last_portions_of_all_dishes_cancel_the_order(line: Line) -> None:
    connector = line.connect()
    order_id, fries, tea = await cooking(line, connector)
    await connector.refund(order_id, None, [Portions(fries, 2, 0, 3)], "", "a")
    hears(line, connector, order_id)
    await connector.refund(order_id, None, [Portions(fries), Portions(tea)], "", "b")
    assert line.order(order_id).kitchen is Kitchen.CANCELLED


async def test_more_than_are_left_is_refused_and_changes_nothing(line: Line) -> None:
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)
    with pytest.raises(RejectedError, match="only 2 can still"):
        await connector.refund(order_id, None, [Portions(fries, 3, 1, 3)], "", "a")
    assert bill(line, order_id) == {"Fries": 3, "Iced Tea": 1}


async def test_an_order_that_the_shop_changed_there_meanwhile_is_looked_at_again(line: Line) -> None:
    """Two would remain by our count, and two are all that there are: nothing must be taken for done."""
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)
    line.order(order_id).items[0]["quantity"] = 2
    hears(line, connector, order_id)
    with pytest.raises(RejectedError, match="changed meanwhile"):
        await connector.refund(order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
    assert bill(line, order_id)["Fries"] == 2


async def test_a_yes_that_was_never_heard_takes_one_portion_only(line: Line) -> None:
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await connector.refund(order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
    line.simulator.faults = Faults()
    for again in (connector, line.connect()):
        await again.refund(order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
        assert bill(line, order_id)["Fries"] == 2
    hears(line, connector, order_id)
    await connector.refund(order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
    assert bill(line, order_id)["Fries"] == 2


async def test_a_refusal_with_words_of_an_order_that_went_on_gives_nothing_back(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)

    async def refuses(*_: object) -> None:
        raise RejectedError("Order has already been picked up", "400")

    with monkeypatch.context() as late:
        late.setattr(connector._client, "adjust", refuses)
        with pytest.raises(RejectedError, match="picked up"):
            await connector.refund(order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
    assert bill(line, order_id)["Fries"] == 3


async def test_a_refusal_after_no_answer_is_no_proof_that_portions_went_back(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call may have got through or not: a person looks, and it goes out again under its own key."""
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)
    wish = (order_id, None, [Portions(fries, 1, 0, 3)], "", "a")
    line.simulator.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.refund(*wish)
    line.simulator.faults = Faults()

    async def refuses(*_: object) -> None:
        raise RejectedError("The Dasher has picked this order up", "400")

    with monkeypatch.context() as late:
        late.setattr(connector._client, "adjust", refuses)
        for _ in range(2):
            with pytest.raises(ProtocolError, match="picked this order up"):
                await connector.refund(*wish)
    await connector.refund(*wish)
    assert bill(line, order_id)["Fries"] == 2


async def test_an_unclear_refusal_after_no_answer_is_no_proof_that_the_whole_order_went_back(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = line.connect()
    order_id, _, _ = await cooking(line, connector)
    line.simulator.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.refund(order_id, None, (), "no gas", "a")
    line.simulator.faults = Faults()

    async def refuses(*_: object) -> None:
        raise RejectedError("Bad request", "400")

    with monkeypatch.context() as unclear:
        unclear.setattr(connector._client, "cancel", refuses)
        for _ in range(2):
            with pytest.raises(ProtocolError, match="Bad request"):
                await connector.refund(order_id, None, (), "no gas", "a")
    assert line.order(order_id).kitchen is Kitchen.ACCEPTED
    await connector.refund(order_id, None, (), "no gas", "a")
    assert line.order(order_id).kitchen is Kitchen.CANCELLED


@pytest.mark.parametrize("quantity", [0, -1, "2", 1.5, None])
async def test_the_simulator_takes_whole_portions_only(line: Line, quantity: object) -> None:
    connector = line.connect()
    order_id, fries, _ = await cooking(line, connector)
    update = {"line_item_id": fries, "adjustment_type": "ITEM_UPDATE", "quantity": quantity}
    with pytest.raises(RejectedError, match="quantity is invalid"):
        await connector._client.adjust(order_id, {"items": [update]})
    assert bill(line, order_id)["Fries"] == 3
