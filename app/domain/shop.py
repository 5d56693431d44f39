"""The shop as its customers see it on a platform: open or not, what it sells, what they say of it, what it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.domain.lifecycle import CLOSED, Kitchen
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


class RefundBy(StrEnum):
    """What a shop may name when it gives money back."""

    WHOLE = "whole"  # everything that is left
    DISHES = "dishes"  # order lines, each with all its portions
    PORTIONS = "portions"  # some portions of an order line; only beside DISHES
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """The ways in which a platform gives back the money of an order under way, and of a completed one.

    `cancels`: an order under way is cancelled when everything goes back. Where WHOLE is missing, everything cannot go back
    in another way either.
    """

    under_way: frozenset[RefundBy]
    completed: frozenset[RefundBy]
    cancels: bool = False

    def ways(self, kitchen: Kitchen) -> frozenset[RefundBy]:
        """The ways that an order in this state has."""
        return self.completed if kitchen in CLOSED else self.under_way

    def cancelling(self, kitchen: Kitchen) -> bool:
        """Whether to give everything back cancels an order in this state."""
        return self.cancels and kitchen not in CLOSED

    def is_everything(self, kitchen: Kitchen, all_that_is_left: bool, every_dish: bool) -> bool:
        """Whether an amount or dishes come to everything. Without its dishes an order that would be cancelled is nothing,
        whatever fees are left of it."""
        parts_only = RefundBy.WHOLE not in self.ways(kitchen)
        return all_that_is_left or (every_dish and (parts_only or self.cancelling(kitchen)))


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
