"""Koubei gives amounts back and counts no portions: we count, and share the discounts out."""

from __future__ import annotations

import pytest

from app.domain.commands import Portions
from app.domain.money import Money
from app.platforms.api import RejectedError
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import PretendLine, PretendOrder

from .conftest import Connect
from .test_connector import accepted

CUT = PretendOrder((PretendLine("鱼香肉丝", 2800), PretendLine("锅贴", 400, 3)), shop_discount=1000)


async def test_portions_are_worth_their_share_of_the_discount(koubei: KoubeiSimulator, connect: Connect) -> None:
    """3.00 of 4.00 each: a quarter of what all dishes cost was taken off."""
    connector = connect()
    order_id = await accepted(koubei, connector, CUT)
    for gone, key in enumerate(("a", "b", "c")):
        for _ in range(2):
            said = await connector.refund(order_id, None, [Portions("2", 1, gone, 3)], "少了一份", key)
            assert said == Money(300, "CNY")
    assert koubei.shop.orders[order_id].refunded == 900
    with pytest.raises(RejectedError, match="Of 锅贴 only 0"):
        await connector.refund(order_id, None, [Portions("2", 1, 3, 3)], "", "d")
    with pytest.raises(RejectedError, match="Of 锅贴 only 2"):
        await connector.refund(order_id, None, [Portions("2", 3, 1, 3)], "", "d")
    assert koubei.shop.orders[order_id].refunded == 900
