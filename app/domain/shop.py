"""The shop as its customers see it on a platform: open or not, what it sells, what they say of it, what it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.domain.money import Money


class ShopState(StrEnum):
    """Whether a platform takes orders for the shop."""

    OPEN = "open"
    BUSY = "busy"  # open, with longer waiting times
    PAUSED = "paused"  # closed by the shop for a while
    CLOSED = "closed"  # outside its hours, or closed by the platform


TAKES_ORDERS = frozenset({ShopState.OPEN, ShopState.BUSY})


@dataclass(frozen=True, slots=True)
class ShopStatus:
    """How the shop stands on a platform; `until` is when that ends by itself, None where the platform knows no end."""

    state: ShopState
    until: datetime | None = None
    text: str = ""  # the platform's own words


@dataclass(frozen=True, slots=True)
class MenuItem:
    """Something sold on a platform. `until`: when it is sold again by itself; `available` counts the platform's view now."""

    item_id: str
    name: str
    available: bool
    until: datetime | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a customer said. `score` is 1 to 5, None where the platform gives none; `reply` is the shop's answer so far."""

    review_id: str
    at: datetime
    score: float | None
    text: str
    order_id: str = ""
    customer: str = ""  # masked
    reply: str = ""


class SettlementKind(StrEnum):
    """What a line of a statement is for."""

    SALE = "sale"
    COMMISSION = "commission"
    DELIVERY = "delivery"
    REFUND = "refund"
    PROMOTION = "promotion"
    ADJUSTMENT = "adjustment"
    TAX = "tax"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One line of a platform's statement: positive goes to the shop. `line_id` is unique per account for ever."""

    line_id: str
    kind: SettlementKind
    amount: Money
    day: date
    order_id: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One order in the platform's own list of a day; `number` is its daily number, "" where there is none."""

    order_id: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class CourierPlace:
    """Where a courier is, in degrees, at a moment."""

    latitude: float
    longitude: float
    at: datetime
