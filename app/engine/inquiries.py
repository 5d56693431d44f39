"""What a platform is asked beside its orders: where a courier is, what customers say, what was paid; it is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

from app.db import orders, statements
from app.db.database import Database
from app.domain.shop import CourierPlace, Review, SettlementLine
from app.engine import bad_reviews
from app.engine.asking import CHANGE_SECONDS, LOOK_SECONDS, able, in_time
from app.engine.bell import Bell
from app.engine.house import now
from app.platforms.abilities import Ability, HearsReviews, Settles, TracksCouriers
from app.platforms.api import Connector


class Inquiries:
    """`connector` finds the open connector of an account. Raises RefusalError or PlatformError, in words."""

    def __init__(self, database: Database, bell: Bell, connector: Callable[[int], Connector | None]) -> None:
        self._database = database
        self._bell = bell
        self._connector = connector

    async def locate_courier(self, order_id: int) -> CourierPlace | None:
        """Where the order's courier is; None while there is none."""
        order = await self._database.write(orders.get, order_id)
        tracker = able(self._connector(order.account_id), TracksCouriers, Ability.TRACKS_COURIERS)  # type: ignore[type-abstract]  # a protocol
        return await in_time(tracker.locate_courier(order.platform_order_id), LOOK_SECONDS)

    async def reviews(self, account_id: int, since: date) -> list[Review]:
        """What customers said since a day, oldest first."""
        found = list(await in_time(self._hearer(account_id).reviews(since), CHANGE_SECONDS))
        await self._database.write(statements.keep_reviews, account_id, found)
        self._bell.changed("reviews", account_id)
        return found

    async def reply_review(self, account_id: int, review_id: str, text: str) -> None:
        """Answer one."""
        await in_time(self._hearer(account_id).reply_review(review_id, text), CHANGE_SECONDS)
        await self._database.write(statements.answered, account_id, review_id, text)
        self._bell.changed("reviews", account_id)

    async def seen_reviews(self, shown: Mapping[int, Collection[str]]) -> None:
        """A person has these in front of them."""
        await self._database.write(bad_reviews.seen, shown, now())
        self._bell.changed("problems")

    async def settlement(self, account_id: int, day: date) -> list[SettlementLine]:
        """Every line that the platform books on this day."""
        asked_at = now()
        payer = able(self._connector(account_id), Settles, Ability.SETTLES)  # type: ignore[type-abstract]  # a protocol
        found = list(await in_time(payer.settlement(day), CHANGE_SECONDS))
        await self._database.write(statements.keep_lines, account_id, found)
        await self._database.write(statements.day_read, account_id, day, asked_at)
        self._bell.changed("statements", account_id)
        return found

    def _hearer(self, account_id: int) -> HearsReviews:
        return able(self._connector(account_id), HearsReviews, Ability.HEARS_REVIEWS)  # type: ignore[type-abstract]  # a protocol
