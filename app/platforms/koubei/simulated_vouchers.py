"""Vouchers at the pretend Koubei: sold before, redeemed once for each request number, taken back by that number."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app import steady
from app.domain.vouchers import VoucherState
from app.platforms.koubei.simulated_orders import SHOP_ID, local, yuan
from app.platforms.koubei.simulated_shop import StepError

STATUS_WORDS = {
    "EFFECTIVE": "未核销，且可以在当前门店核销",
    "UN_EFFECTIVE": "未核销，但不可以在当前门店核销",
    "USED": "该券已经被消费，无法核销",
    "REFUNDED": "该券已经退款，无法核销",
}
DAY, WEEK = 86_400.0, 7 * 86_400.0


@dataclass(slots=True)
class Sold:
    """One voucher; `left` of `total` uses, `price` in fen; `uses` by request number, `undone` those taken back."""

    code: str
    item: str
    price: int
    total: int = 1
    left: int = 1
    shop_id: str = SHOP_ID
    refunded: bool = False
    begins: float = 0.0  # Unix seconds, as `ends`
    ends: float = 0.0
    uses: dict[str, int] = field(default_factory=dict)
    undone: dict[str, int] = field(default_factory=dict)

    def status(self, shop_id: str) -> str:
        """The documents name no status for what is over or has not begun: it is good, but not here and now."""
        if self.refunded:
            return "REFUNDED"
        if not self.left:
            return "USED"
        return "EFFECTIVE" if shop_id == self.shop_id and self.begins < steady.time() < self.ends else "UN_EFFECTIVE"


class VoucherBook:
    """All vouchers of the practice shop."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.sold: dict[str, Sold] = {}

    def sell(
        self, item: str = "双人套餐", price: int = 8800, total: int = 1, state: VoucherState = VoucherState.GOOD
    ) -> str:
        """A customer buys one, which since came to `state`; answers its code."""
        code, now = str(self._chance.randrange(10**11, 10**12)), steady.time()
        one = Sold(code, item, price, total, total, begins=now - DAY, ends=now + WEEK)
        match state:
            case VoucherState.USED:
                one.left, one.uses = 0, {"elsewhere": total}
            case VoucherState.REFUNDED:
                one.refunded = True
            case VoucherState.ELSEWHERE:
                one.shop_id = "another"
            case VoucherState.EXPIRED:
                one.begins, one.ends = now - WEEK, now - DAY
            case VoucherState.NOT_YET:
                one.begins = now + DAY
        self.sold[code] = one
        return code

    def look_up(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """koubei.trade.ticket.ticketcode.query."""
        one = self._found(content)
        status = one.status(str(content["shop_id"]))
        return {
            "ticket_code": one.code,
            "ticket_status": status,
            "ticket_status_desc": STATUS_WORDS[status],
            "item_name": one.item,
            "current_price": yuan(one.price),
            "original_price": yuan(one.price + 1200),
            "effect_date": local(one.begins),
            "expire_date": local(one.ends),
            "available_quantity": str(one.left),
            "total_quantity": str(one.total),
            "time_cards": "true" if one.total > 1 else "false",
        }

    def use(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """koubei.trade.ticket.ticketcode.use; a repeated request number is told as such and uses nothing."""
        one, number, quantity = self._found(content), str(content["request_id"]), _whole(content)
        told = {"ticket_code": one.code, "request_id": number, "item_name": one.item, "ticket_trans_id": f"U{number}"}
        told |= {"receipt_amount": yuan(one.price * quantity), "use_shop_id": str(content["shop_id"])}
        if number in one.undone:  # "not repeated": what was taken back stays so
            raise StepError("REQUEST_ID_REPEATED", "外部请求号重复")
        if number in one.uses:
            return told | {"biz_code": "BIZ_ALREADY_SUCCESS"}
        status = one.status(str(content["shop_id"]))
        if status != "EFFECTIVE":
            raise StepError(f"TICKET_{status}", STATUS_WORDS[status])
        if quantity > one.left:
            raise StepError("TICKET_QUANTITY_ERROR", "可核销份数不足")
        one.left -= quantity
        one.uses[number] = quantity
        return told

    def take_back(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """koubei.trade.ticket.ticketcode.cancel; repeated, it is told as such."""
        one, number = self._found(content), str(content["request_id"])
        told = {"request_id": number}
        if one.undone.get(number) == _whole(content):
            return told | {"biz_code": "BIZ_ALREADY_SUCCESS"}
        if one.uses.get(number) != _whole(content):
            raise StepError("TICKET_NOT_USED", "没有对应的核销记录")
        one.undone[number] = one.uses.pop(number)
        one.left += one.undone[number]
        return told

    def _found(self, content: Mapping[str, Any]) -> Sold:
        if content["ticket_code"] not in self.sold:
            raise StepError("TICKET_NOT_EXIST", "券码不存在")
        return self.sold[content["ticket_code"]]


def _whole(content: Mapping[str, Any]) -> int:
    """How many uses. ValueError for none."""
    quantity = int(content["quantity"])
    if quantity < 1:
        raise ValueError("no use at all")
    return quantity
