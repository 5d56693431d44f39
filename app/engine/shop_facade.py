"""The part of the facade about the shop on its platforms: open or not, what is sold, money back, couriers, reviews, pay."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime
from typing import Any, TypeVar

from app.db import statements
from app.db.database import Database
from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.shop import CourierPlace, MenuItem, Review, SettlementLine, ShopState
from app.engine.inquiries import Inquiries
from app.engine.refunds import RefundWish
from app.engine.shop_views import Storefront
from app.engine.storefronts import Storefronts
from app.reports.statements import OurOrder, Statement, our_orders, statement

T = TypeVar("T")


class ShopFacade:
    """See `facade`. Futures fail with `RefusalError` or a `PlatformError`, in words for staff."""

    def __init__(
        self, database: Database, storefronts: Storefronts, inquiries: Inquiries, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._database = database
        self._storefronts = storefronts
        self._inquiries = inquiries
        self._loop = loop

    def storefronts(self) -> list[Storefront]:
        """The shop on every account's platform as last seen; "shops" changes tell that something is new."""
        return self._storefronts.every()

    def look_at_shops(self) -> Future[None]:
        """Ask every platform now how the shop stands; the engine does so every few minutes by itself."""
        return self._run(self._storefronts.look())

    def set_shop(
        self, account_ids: Collection[int], state: ShopState, until: datetime | None = None
    ) -> Future[dict[int, str]]:
        """Open, pause or slow the shop on these accounts; answers the refusals by account, {} when all did it.

        With `until` it is opened again at that moment: by the platform, or by the console where the platform knows no end.
        """
        return self._run(self._storefronts.set_shop(account_ids, state, until))

    def shop_menu(self, account_id: int) -> Future[list[MenuItem]]:
        """What the account's platform sells, as it is now."""
        return self._run(self._storefronts.items(account_id))

    def set_available(
        self, items: Mapping[int, Collection[str]], available: bool, until: datetime | None = None
    ) -> Future[dict[int, str]]:
        """Take dishes (item ids by account) off sale, or sell them again; answers and ends as `set_shop` does."""
        return self._run(self._storefronts.set_available(items, available, until))

    def refund(
        self, order_id: int, amount: Money | None = None, lines: Sequence[Portions] = (), reason: str = ""
    ) -> Future[int]:
        """Queue money to give back: `amount`, or these portions, or all that is left; answers the command's id."""
        wish = RefundWish(order_id, amount, tuple(lines), reason)
        return self._run(self._storefronts.refund(wish))

    def locate_courier(self, order_id: int) -> Future[CourierPlace | None]:
        """Where the platform's courier is; None while there is none."""
        return self._run(self._inquiries.locate_courier(order_id))

    def reviews(self, account_id: int, since: date) -> Future[list[Review]]:
        """What customers said since a day, oldest first; kept."""
        return self._run(self._inquiries.reviews(account_id, since))

    def stored_reviews(self, account_id: int, since: datetime) -> list[Review]:
        """The reviews that were read so far."""
        return self._database.read(statements.stored_reviews, account_id, since)

    def seen_reviews(self, shown: Mapping[int, Collection[str]]) -> Future[None]:
        """Somebody has these reviews (ids by account) in front of them: a bad one is told no more."""
        return self._run(self._inquiries.seen_reviews(shown))

    def reply_review(self, account_id: int, review_id: str, text: str) -> Future[None]:
        """Answer a review."""
        return self._run(self._inquiries.reply_review(account_id, review_id, text))

    def settlement(self, account_id: int, day: date) -> Future[list[SettlementLine]]:
        """What the platform books on this day; kept."""
        return self._run(self._inquiries.settlement(account_id, day))

    def stored_settlement(self, account_id: int, first: date, last: date) -> list[SettlementLine]:
        """The lines that were read so far, both days included."""
        return self._database.read(statements.stored_lines, account_id, first, last)

    def statement(self, account_id: int, first: date, last: date) -> Statement:
        """The lines that were read so far, both days included, added up and beside our own orders."""
        return self._database.read(statement, account_id, first, last)

    def known_orders(self, account_id: int, names: Collection[str]) -> Mapping[str, OurOrder]:
        """Of the orders with these names of the platform, those that are stored here."""
        return self._database.read(our_orders, account_id, names)

    def _run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)
