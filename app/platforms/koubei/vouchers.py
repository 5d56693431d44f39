"""Vouchers bought on Koubei: what a code is worth, what was redeemed, and how a code is typed. Pure.

Fields, statuses and the idempotence of both changes (biz_code BIZ_ALREADY_SUCCESS) are those of the official SDK's comments
(koubei.trade.ticket.ticketcode.query, .use and .cancel). It names no status for a voucher that expired: its dates tell.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from app.domain.money import Money
from app.domain.vouchers import Redeemed, Voucher, VoucherState
from app.platforms.api import RejectedError
from app.platforms.koubei.client import Result
from app.platforms.koubei.money import yuan
from app.platforms.koubei.payloads import Time, Wire, Yuan, shape
from app.texts import tr

QUERY_VOUCHER, USE_VOUCHER, CANCEL_VOUCHER = (
    f"koubei.trade.ticket.ticketcode.{verb}" for verb in ("query", "use", "cancel")
)
_CODE = re.compile(r"[0-9A-Za-z]{6,32}")  # the platform's own have 12 digits; shops may issue others
_STATES = {
    "EFFECTIVE": VoucherState.GOOD,
    "UN_EFFECTIVE": VoucherState.ELSEWHERE,  # "not redeemed, but cannot be redeemed in this shop"
    "USED": VoucherState.USED,
    "REFUNDED": VoucherState.REFUNDED,
}


def _time(value: Any) -> Any:
    """A time nobody can read, or one that stands for "for ever", tells nothing: no reason to turn a customer away."""
    try:
        told = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return told if 2000 < told.year < 2100 else None


Whole = Annotated[int, BeforeValidator(lambda value: int(value) if isinstance(value, str) and value.isdigit() else value)]
Moment = Annotated[Time | None, BeforeValidator(_time)]


class _Found(Wire):
    """`ticket_status` may also be USING or REFUNDING. Quantities are uses of a card, or like vouchers of one purchase."""

    ticket_code: str
    ticket_status: str
    ticket_status_desc: str = ""
    item_name: str = ""
    current_price: Yuan | None = None
    effect_date: Moment = None
    expire_date: Moment = None
    available_quantity: Whole = Field(1, ge=0)
    total_quantity: Whole = Field(1, ge=0)


class _Used(Wire):
    item_name: str = ""
    ticket_trans_id: str = ""
    receipt_amount: Yuan | None = None


def voucher_of(result: Result) -> Voucher:
    """What Koubei said of a code, by its own clock."""
    found = shape(_Found, result.value)
    state = _state(found, datetime.fromtimestamp(result.answered / 1000, UTC))
    words = found.ticket_status_desc or found.ticket_status
    return Voucher(
        code=found.ticket_code,
        title=found.item_name,
        state=state,
        worth=_money(found.current_price),
        left=found.available_quantity,
        total=max(found.total_quantity, found.available_quantity),
        valid_from=found.effect_date,
        valid_until=found.expire_date,
        refusal="" if state is VoucherState.GOOD else words,
    )


def _state(found: _Found, now: datetime) -> VoucherState:
    state = _STATES.get(found.ticket_status, VoucherState.OTHER)
    if state is VoucherState.GOOD and not found.available_quantity:
        return VoucherState.USED
    if state is VoucherState.ELSEWHERE and found.expire_date and found.expire_date < now:
        return VoucherState.EXPIRED
    if state is VoucherState.ELSEWHERE and found.effect_date and found.effect_date > now:
        return VoucherState.NOT_YET
    return state


def redeemed_of(result: Result) -> Redeemed:
    """What Koubei said of a redemption, the first time or again."""
    used = shape(_Used, result.value)
    return Redeemed(used.item_name, _money(used.receipt_amount), used.ticket_trans_id)


def typed(code: str) -> str:
    """A code as people type or scan it: in groups of four, in full-width digits. RejectedError for what is none."""
    bare = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code))
    if not _CODE.fullmatch(bare):
        raise RejectedError(tr("This is no voucher code"))
    return bare


def _money(amount: Decimal | None) -> Money | None:
    return None if amount is None else yuan(amount)
