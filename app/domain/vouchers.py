"""What customers bought before they came: what is behind a code, and what became of each redemption here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.money import Money


class VoucherState(StrEnum):
    """Whether this shop may take a voucher now, and if not, why."""

    GOOD = "good"
    USED = "used"
    REFUNDED = "refunded"
    ELSEWHERE = "elsewhere"  # good, but not in this shop
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    OTHER = "other"  # for a reason that only the platform's words tell


@dataclass(frozen=True, slots=True)
class Voucher:
    """What is behind a code. `worth` is what one use was bought for; `refusal` is why it cannot be redeemed, in the
    platform's own words, "" while it can. A code is as good as money: printed, this does not show it.
    """

    code: str = field(repr=False)
    title: str
    state: VoucherState
    worth: Money | None = None
    left: int = 1
    total: int = 1
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A platform's yes: `received` is what the shop gets for these uses, `number` the platform's own of the redemption."""

    title: str = ""
    received: Money | None = None
    number: str = ""


class RedemptionState(StrEnum):
    """How a redemption stands; a row is ASKED before the platform is."""

    ASKED = "asked"  # no answer yet: it may have been redeemed
    REDEEMED = "redeemed"
    REFUSED = "refused"
    TAKING_BACK = "taking_back"  # asked to be undone, no answer yet
    TAKEN_BACK = "taken_back"


UNANSWERED = frozenset({RedemptionState.ASKED, RedemptionState.TAKING_BACK})
