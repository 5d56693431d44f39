"""What some platforms can do beyond orders: each ability is a small protocol that a connector may also be.

The engine asks `isinstance(connector, Ability)`; a connector has an ability's methods only if its platform really has it.
Errors are those of `app.platforms.api`. Every change is safe to repeat: to be already there is success.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.shop import CourierPlace, DayEntry, MenuItem, RefundTerms, Review, SettlementLine, ShopState, ShopStatus
from app.domain.vouchers import Redeemed, Voucher


@runtime_checkable
class ListsDays(Protocol):
    """The platform's own list of a day's orders, or the run of its daily numbers: what completeness is proved with."""

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        """Every order that the platform counts for this local day of the shop, cancelled ones too, in its own order."""


@runtime_checkable
class OpensShop(Protocol):
    """Open, busy, paused - with an end wherever the platform knows one."""

    shop_states: frozenset[ShopState]  # what `set_shop` accepts

    async def shop(self) -> ShopStatus:
        """How the platform shows the shop now."""

    async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """Change it; answers what the platform then shows. `until` None: until somebody changes it again."""


@runtime_checkable
class SellsItems(Protocol):
    """Items that run out (86) and come back."""

    async def items(self) -> Sequence[MenuItem]:
        """Everything on the platform's menu."""

    async def set_available(self, item_ids: Sequence[str], available: bool, until: datetime | None) -> None:
        """Take items off sale, until a moment where the platform knows one, or put them back."""


@runtime_checkable
class RefundsOrders(Protocol):
    """Money that the shop gives back by itself, in part or whole."""

    refunds: RefundTerms  # what `refund` accepts; nothing else is offered or asked

    async def refund(
        self, order_id: str, amount: Money | None, lines: Sequence[Portions], reason: str, key: str
    ) -> Money | None:
        """Give back `amount`, or these parts of order lines, or everything. The same `key` never refunds twice.

        Answers what the platform says it gives back, None where it does not say. RejectedError for more portions than are
        left: where the platform counts none, than `gone` leaves of the line.
        """


@runtime_checkable
class TracksCouriers(Protocol):
    """Where the platform's courier is."""

    async def locate_courier(self, order_id: str) -> CourierPlace | None:
        """The courier's last known place; None while there is none."""


@runtime_checkable
class HearsReviews(Protocol):
    """What customers say, and the shop's answers."""

    async def reviews(self, since: date) -> Sequence[Review]:
        """Reviews since a day, oldest first."""

    async def reply_review(self, review_id: str, text: str) -> None:
        """Answer one."""


@runtime_checkable
class Settles(Protocol):
    """What the platform pays, line by line."""

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        """Every line that the platform books on this day."""


@runtime_checkable
class RedeemsVouchers(Protocol):
    """What customers bought before and show as a code at the counter. A code comes as somebody typed or scanned it."""

    async def look_up_voucher(self, code: str) -> Voucher:
        """What is behind a code; changes nothing. RejectedError for one that the platform does not know."""

    async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
        """Redeem it. The same `key` (32 letters and digits) never redeems twice: a repeat of what was done is success."""

    async def take_back_voucher(self, code: str, uses: int, key: str) -> None:
        """Undo what was redeemed with `key`, nothing else; what is undone already is success."""


class Ability(StrEnum):
    """The abilities by name, for what must speak of them without an open connector."""

    LISTS_DAYS = "lists_days"
    OPENS_SHOP = "opens_shop"
    SELLS_ITEMS = "sells_items"
    REFUNDS_ORDERS = "refunds_orders"
    TRACKS_COURIERS = "tracks_couriers"
    HEARS_REVIEWS = "hears_reviews"
    SETTLES = "settles"
    REDEEMS_VOUCHERS = "redeems_vouchers"


_PROTOCOLS: Mapping[Ability, type] = {
    Ability.LISTS_DAYS: ListsDays,
    Ability.OPENS_SHOP: OpensShop,
    Ability.SELLS_ITEMS: SellsItems,
    Ability.REFUNDS_ORDERS: RefundsOrders,
    Ability.TRACKS_COURIERS: TracksCouriers,
    Ability.HEARS_REVIEWS: HearsReviews,
    Ability.SETTLES: Settles,
    Ability.REDEEMS_VOUCHERS: RedeemsVouchers,
}


def abilities_of(connector: object) -> frozenset[Ability]:
    """What this connector can do beyond orders; nothing for one that is not open (None)."""
    return frozenset(ability for ability, protocol in _PROTOCOLS.items() if isinstance(connector, protocol))
