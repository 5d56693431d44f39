"""Vouchers at the pretend Koubei: sold before, redeemed once for each request number, taken back by that number."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.platforms.koubei.simulated_orders import SHOP_ID, local, yuan
from app.platforms.koubei.simulated_shop import StepError

STATUS_WORDS = {
    "EFFECTIVE": "未核销，且可以在当前门店核销",
    "UN_EFFECTIVE": "未核销，但不可以在当前门店核销",
    "USED": "该券已经被消费，无法核销",
    "REFUNDED": "该券已经退款，无法核销",
}


@dataclass(slots=True)
class Sold:
    """One voucher; `left` of `total` uses, `price` in fen; `uses` by request number."""

    code: str
    item: str
    price: int
    total: int = 1
    left: int = 1
    shop_id: str = SHOP_ID
    refunded: bool = False
    uses: dict[str, int] = field(default_factory=dict)


class VoucherBook:
    """All vouchers of the practice shop."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.sold: dict[str, Sold] = {}

    def sell(self, item: str = "双人套餐", price: int = 8800, total: int = 1, shop_id: str = SHOP_ID) -> str:
        """A customer buys one; answers its code."""
        code = str(self._chance.randrange(10**11, 10**12))
        self.sold[code] = Sold(code, item, price, total, total, shop_id)
        return code

    def look_up(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """koubei.trade.ticket.ticketcode.query."""
        one = self._found(content)
        status = self._status(one, str(content["shop_id"]))
        return {
            "ticket_code": one.code,
            "ticket_status": status,
            "ticket_status_desc": STATUS_WORDS[status],
            "item_name": one.item,
            "current_price": yuan(one.price),
            "original_price": yuan(one.price + 1200),
            "effect_date": local(time.time() - 86_400),
            "expire_date": local(time.time() + 86_400),
            "available_quantity": str(one.left),
            "total_quantity": str(one.total),
            "time_cards": "true" if one.total > 1 else "false",
        }

    def use(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """koubei.trade.ticket.ticketcode.use; a repeated request number is told as such and uses nothing."""
        one, number, quantity = self._found(content), str(content["request_id"]), int(content["quantity"])
        told = {"ticket_code": one.code, "request_id": number, "item_name": one.item, "ticket_trans_id": f"U{number}"}
        told |= {"receipt_amount": yuan(one.price * quantity), "use_shop_id": str(content["shop_id"])}
        if number in one.uses:
            return told | {"biz_code": "BIZ_ALREADY_SUCCESS"}
        status = self._status(one, str(content["shop_id"]))
        if status != "EFFECTIVE" or quantity > one.left:
            raise StepError(f"TICKET_{status}", STATUS_WORDS[status])
        one.left -= quantity
        one.uses[number] = quantity
        return told

    def take_back(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """koubei.trade.ticket.ticketcode.cancel."""
        one, number = self._found(content), str(content["request_id"])
        if one.uses.get(number) != int(content["quantity"]):
            raise StepError("TICKET_NOT_USED", "没有对应的核销记录")
        one.left += one.uses.pop(number)
        return {"ticket_code": one.code, "request_id": number}

    def _found(self, content: Mapping[str, Any]) -> Sold:
        if content["ticket_code"] not in self.sold:
            raise StepError("TICKET_NOT_EXIST", "券码不存在")
        return self.sold[content["ticket_code"]]

    def _status(self, one: Sold, shop_id: str) -> str:
        if one.refunded:
            return "REFUNDED"
        if not one.left:
            return "USED"
        return "EFFECTIVE" if shop_id == one.shop_id else "UN_EFFECTIVE"
