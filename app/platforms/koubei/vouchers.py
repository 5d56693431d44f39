"""Vouchers bought on Koubei: look at a code, redeem it, take the redemption back.

Not a part of the connector contract: a voucher belongs to no order of the queue. Fields and statuses are those of the
official SDK's comments (koubei.trade.ticket.ticketcode.query, .use and .cancel).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from app.domain.money import Money
from app.platforms import http
from app.platforms.api import RejectedError
from app.platforms.koubei.client import Client, Result
from app.platforms.koubei.money import yuan
from app.platforms.koubei.payloads import Wire, Yuan, shape
from app.texts import tr

QUERY, USE, CANCEL = (f"koubei.trade.ticket.ticketcode.{verb}" for verb in ("query", "use", "cancel"))
REDEEMABLE = "EFFECTIVE"
_CODE = re.compile(r"[0-9A-Za-z]{6,32}")  # the platform's own have 12 digits; shops may issue others
_KEY = re.compile(r"[0-9A-Za-z]{1,64}")  # "letters and digits, not repeated"

Whole = Annotated[int, BeforeValidator(lambda value: int(value) if isinstance(value, str) and value.isdigit() else value)]


class Voucher(Wire):
    """What is behind a code. `ticket_status`: EFFECTIVE (good here), UN_EFFECTIVE (good, but not in this shop), USED, USING,
    REFUNDED, REFUNDING; `time_cards` marks a card of several uses."""

    ticket_code: str
    ticket_status: str
    ticket_status_desc: str = ""
    item_name: str = ""
    order_no: str = ""
    current_price: Yuan = Decimal(0)
    original_price: Yuan = Decimal(0)
    effect_date: str = ""
    expire_date: str = ""
    available_quantity: Whole = Field(1, ge=0)
    total_quantity: Whole = Field(1, ge=0)
    time_cards: bool = False

    @property
    def redeemable(self) -> bool:
        """Whether this shop may take it now."""
        return self.ticket_status == REDEEMABLE and self.available_quantity > 0


class _Used(Wire):
    ticket_code: str
    request_id: str = ""
    item_name: str = ""
    ticket_trans_id: str = ""
    receipt_amount: Yuan = Decimal(0)
    buyer_pay_amount: Yuan = Decimal(0)
    biz_code: str = ""  # BIZ_ALREADY_SUCCESS: a repeat of a request that was carried out


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redeemed voucher. `key` is what takes it back."""

    code: str
    item: str
    received: Money
    key: str
    number: str = ""


class Vouchers:
    """The voucher calls of one shop; Koubei's own number of the shop is needed for all of them."""

    def __init__(self, client: Client, shop_id: str) -> None:
        self._client = client
        self._shop_id = shop_id

    async def look_up(self, code: str) -> Voucher:
        """What a code is worth here. RejectedError for one that Koubei does not know."""
        result = await self._client.call(QUERY, {"shop_id": self._shop(), "ticket_code": _typed(code)})
        return shape(Voucher, result.value)

    async def redeem(self, code: str, key: str, quantity: int = 1) -> Redemption:
        """Redeem it. The same `key` (letters and digits) never redeems twice: a lost answer may be asked for again."""
        if not _KEY.fullmatch(key):
            raise ValueError("a key has letters and digits only")
        content = {"request_id": key, "shop_id": self._shop(), "ticket_code": _typed(code), "quantity": str(quantity)}
        return _redemption(await self._client.call(USE, content), key)

    async def take_back(self, code: str, key: str, quantity: int = 1) -> None:
        """Undo the redemption that was made with `key`; one that is undone already counts as success."""
        content = {"request_id": key, "request_biz_no": key, "ticket_code": _typed(code), "quantity": str(quantity)}
        await http.sure_of(lambda: self._client.call(CANCEL, content), lambda: self._is_back(code))

    async def _is_back(self, code: str) -> bool:
        return (await self.look_up(code)).redeemable

    def _shop(self) -> str:
        if not self._shop_id:
            raise RejectedError(tr("Vouchers need Koubei's number of the shop: fill it in in the account"))
        return self._shop_id


def _redemption(result: Result, key: str) -> Redemption:
    used = shape(_Used, result.value)
    return Redemption(used.ticket_code, used.item_name, yuan(used.receipt_amount), key, used.ticket_trans_id)


def _typed(code: str) -> str:
    """A code as people type or scan it: printed in groups of four."""
    bare = re.sub(r"[\s-]", "", code)
    if not _CODE.fullmatch(bare):
        raise RejectedError(tr("This is no voucher code"))
    return bare
