"""What a platform is asked beside its orders: where a courier is, what customers say, what was paid; it is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, tzinfo
from itertools import count

from sqlalchemy import Connection

from app.db import orders, statements
from app.db.database import Database
from app.domain.shop import CourierPlace, Review, SettlementLine
from app.engine import bad_reviews
from app.engine.asking import CHANGE_SECONDS, LOOK_SECONDS, able, in_time
from app.engine.bell import Bell
from app.platforms.abilities import Ability, HearsReviews, Settles, TracksCouriers
from app.platforms.api import Connector
from app.steady import now


class Inquiries:
    """`connector` finds the open connector of an account; a day ends by the clocks of `zone`.

    Raises RefusalError or PlatformError, in words.
    """

    def __init__(
        self, database: Database, bell: Bell, connector: Callable[[int], Connector | None], zone: tzinfo = UTC
    ) -> None:
        self._zone = zone
        self._database = database
        self._bell = bell
        self._connector = connector
        self._turns = count(1)  # questions for statements in the order in which they were asked, which no clock tells surely
        self._kept: dict[tuple[int, date], int] = {}  # the turn of the answer that is stored, by account and day

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
        """Every line that the platform books on this day. Of two questions at once the later one's answer is kept,
        whichever comes first."""
        asked_at, turn = now(), next(self._turns)
        payer = able(self._connector(account_id), Settles, Ability.SETTLES)  # type: ignore[type-abstract]  # a protocol
        found = list(await in_time(payer.settlement(day), CHANGE_SECONDS))
        await self._database.write(self._keep_day, account_id, day, found, asked_at, turn)
        self._bell.changed("statements", account_id)
        return found

    def _keep_day(
        self, connection: Connection, account_id: int, day: date, found: list[SettlementLine], at: datetime, turn: int
    ) -> None:
        if self._kept.get((account_id, day), 0) > turn:
            return
        before = statements.days_read(connection, account_id).get(day)
        whole = before is not None and before.astimezone(self._zone).date() > day
        statements.keep_day(connection, account_id, day, found, at, whole=whole)
        self._kept[account_id, day] = turn  # only now: an answer that could not be stored overtakes nothing

    def _hearer(self, account_id: int) -> HearsReviews:
        return able(self._connector(account_id), HearsReviews, Ability.HEARS_REVIEWS)  # type: ignore[type-abstract]  # a protocol
