"""The platform's own list of the day against the store: a hole is fetched, told, and closed again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from app.db import accounts, day_counts
from app.db.accounts import Account
from app.db.database import Database, StoreError
from app.domain.business_day import BusinessCalendar
from app.domain.lifecycle import Kitchen
from app.domain.shop import DayEntry
from app.engine import completeness as module
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.completeness import Completeness
from app.engine.overview import ON_ITS_WAY, overview
from app.platforms.api import Connector, TemporaryError
from app.steady import now
from tests.engine.shop import facts, house, of, open_account, report, until


class Lists:
    """A connector that knows its day."""

    def __init__(self, *order_ids: str) -> None:
        self.order_ids = order_ids
        self.asked: list[date] = []
        self.failure: Exception | None = None

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        self.asked.append(day)
        if self.failure:
            raise self.failure
        return [DayEntry(one, str(number)) for number, one in enumerate(self.order_ids, 1)]


@pytest.fixture
def asked() -> list[str]:
    return []


def counting(store: Database, connector: object, asked: list[str]) -> Completeness:
    def known(_: int) -> Connector | None:
        return connector  # type: ignore[return-value]  # all that is asked of it is the day's list

    return Completeness(store, house(), Bell(), known, lambda _, order_id: asked.append(order_id))


async def test_a_hole_is_fetched_and_told_until_it_is_filled(
    store: Database, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOURS_KEPT", timedelta(0))
    account, rules = store.write_now(open_account), house()
    store.write_now(apply, rules, account, of("P-1", report(0, Kitchen.ACCEPTED)), now())
    looks = counting(store, Lists("P-1", "P-2"), asked)

    assert await looks.look(account)
    assert asked == ["P-2"]
    (view,) = store.read(overview, rules, now()).accounts
    assert (view.counted, view.missing) == (2, 0), "it may be on its way"
    (view,) = store.read(overview, rules, now() + timedelta(minutes=3)).accounts
    assert (view.counted, view.missing) == (2, 1)
    assert view.missing_since

    assert await looks.look(account)
    assert store.read(overview, rules, now()).accounts[0].missing_since == view.missing_since

    store.write_now(apply, rules, account, of("P-2", report(0, Kitchen.ACCEPTED)), now())
    assert not await looks.look(account)
    (view,) = store.read(overview, rules, now()).accounts
    assert (view.counted, view.missing, view.missing_since) == (2, 0, None)


async def test_another_accounts_order_fills_no_hole(store: Database, asked: list[str]) -> None:
    mine, other = store.write_now(open_account), store.write_now(open_account, hook_token="other")
    store.write_now(apply, house(), other, of("P-1", report(0, Kitchen.ACCEPTED)), now())

    assert await counting(store, Lists("P-1"), asked).look(mine)
    assert set(asked) == {"P-1"}


async def test_what_cannot_list_its_days_is_not_called_complete(store: Database, asked: list[str]) -> None:
    account = store.write_now(open_account)

    assert not await counting(store, object(), asked).look(account)
    assert not await counting(store, None, asked).look(account)
    assert store.read(overview, house(), now()).accounts[0].counted is None


async def test_a_platform_that_is_away_changes_nothing(store: Database, asked: list[str]) -> None:
    account, lists = store.write_now(open_account), Lists("P-1")
    looks = counting(store, lists, asked)
    await looks.look(account)
    lists.failure = TemporaryError("away")

    assert not await looks.look(account)
    today = now().astimezone(house().calendar.zone).date()
    assert store.read(day_counts.of_day, today)[account.id].missing == ("P-1",)


class Paced(Lists):
    """Its list has its turn after so many refusals."""

    def __init__(self, refusals: int, seconds: float) -> None:
        super().__init__()
        self.left, self.seconds = refusals, seconds

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        self.left -= 1
        if self.left >= 0:
            raise TemporaryError("new orders come first", self.seconds)
        return await super().list_day(day)


@pytest.mark.parametrize(
    ("refusals", "seconds", "counted"),
    [(module.TURNS, 0.001, 0), (module.TURNS + 1, 0.001, None), (1, module.LONGEST_TURN + 1, None)],
)
async def test_a_list_that_names_its_turn_is_asked_for_then_a_few_times(
    store: Database, asked: list[str], monkeypatch: pytest.MonkeyPatch, refusals: int, seconds: float, counted: int | None
) -> None:
    monkeypatch.setattr(module, "HOURS_KEPT", timedelta(0))
    account = store.write_now(open_account)
    await counting(store, Paced(refusals, seconds), asked).look(account)
    (view,) = store.read(overview, house(), now()).accounts
    assert (view.counted, view.uncounted) == (counted, "" if counted == 0 else "new orders come first")


def test_the_last_orders_of_a_day_are_counted_after_midnight_too() -> None:
    rules = house()
    midnight = now().astimezone(rules.calendar.zone).replace(hour=0, minute=30)

    assert module.days(rules, midnight) == [midnight.date() - timedelta(days=1), midnight.date()]
    assert module.days(rules, midnight.replace(hour=12)) == [midnight.date()]


def test_a_practice_street_is_counted_by_the_days_of_all_its_platforms() -> None:
    """An hour before midnight in London it is the next day in Shanghai and Paris: what is placed there now counts for it."""
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    first, second = date(2026, 11, 22), date(2026, 11, 23)
    london = BusinessCalendar.of("Europe/London")
    assert module.days_anywhere(house(calendar=london, practice=True), late) == [first, second]
    assert module.days_anywhere(house(calendar=london), late) == [first], "a shop stands in one place"
    assert module.days_anywhere(house(calendar=london, practice=True), late.replace(hour=12)) == [first]


class Stuck(Lists):
    """Its list never ends."""

    async def list_day(self, day: date) -> Sequence[DayEntry]:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_list_that_never_ends_holds_up_no_other_account(
    store: Database, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIST_SECONDS", 0.2)
    stuck, good = store.write_now(open_account), store.write_now(open_account, hook_token="other")
    connectors = {stuck.id: Stuck(), good.id: Lists("P-9")}
    looks = Completeness(store, house(), Bell(), connectors.get, lambda _, order_id: asked.append(order_id))  # type: ignore[arg-type]  # all that is asked is the day's list
    assert await looks.look_at_all() == {good.id}
    assert asked
    assert stuck.id not in store.read(day_counts.of_day, _today())


async def test_a_store_that_fails_once_does_not_end_the_counting(
    store: Database, asked: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    store.write_now(open_account)
    looks, every = counting(store, Lists("P-1"), asked), accounts.every
    faults = [StoreError("the disk is full")]

    def failing(connection: Connection) -> list[Account]:
        if faults:
            raise faults.pop()
        return every(connection)

    monkeypatch.setattr(accounts, "every", failing)
    monkeypatch.setattr(module, "FAULT_PAUSE", 0.0)
    running = asyncio.create_task(looks.run())
    await until(lambda: asked)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "days_not_counted" in caplog.text


def test_a_hole_that_stays_is_not_hurried_for_ever(store: Database, asked: list[str]) -> None:
    """Each look may be many heavy calls, and the platform would throttle the polls for orders too."""
    looks = counting(store, None, asked)
    pauses = [looks.pause({1}) for _ in range(20)]
    assert pauses[0] == module.HURRY_SECONDS
    assert sum(pauses[: module.HURRIES]) >= ON_ITS_WAY.total_seconds(), "until it is told"
    assert set(pauses[module.HURRIES :]) == {module.LOOK_SECONDS}
    assert looks.pause({1, 2}) == module.HURRY_SECONDS, "a new one"
    assert looks.pause(set()) == module.LOOK_SECONDS
    assert looks.pause({1}) == module.HURRY_SECONDS


async def test_a_hole_of_yesterday_is_told_while_yesterday_is_still_counted(store: Database, asked: list[str]) -> None:
    account, rules = store.write_now(open_account), house()
    midnight = now().astimezone(rules.calendar.zone).replace(hour=0, minute=30)
    store.write_now(day_counts.record, account.id, midnight.date() - timedelta(days=1), ["P-1", "P-2"], midnight)
    store.write_now(day_counts.record, account.id, midnight.date(), [], midnight)
    for at, told in ((midnight + timedelta(minutes=3), (2, 2, 2)), (midnight.replace(hour=12), (None, 0, 0))):
        (view,) = store.read(overview, rules, at).accounts
        assert (view.counted, view.missing, view.missing_before) == told


async def test_yesterdays_list_proves_nothing_of_today(store: Database, asked: list[str]) -> None:
    account, rules = store.write_now(open_account), house()
    midnight = now().astimezone(rules.calendar.zone).replace(hour=0, minute=30)
    store.write_now(day_counts.record, account.id, midnight.date() - timedelta(days=1), [], midnight)
    assert store.read(overview, rules, midnight).accounts[0].counted is None


async def test_why_a_day_was_not_counted_is_told_until_it_is(store: Database, asked: list[str]) -> None:
    account, rules, lists = store.write_now(open_account), house(), Lists()
    looks, words = counting(store, lists, asked), []
    for failure in (TemporaryError("Too many requests"), None, TemporaryError("Too many requests")):
        lists.failure = failure
        await looks.look(account)
        words.append(store.read(overview, rules, now()).accounts[0].uncounted)
    assert words == ["Too many requests", "", ""], "a count of the last half hour still stands"
    (view,) = store.read(overview, rules, now() + timedelta(minutes=31)).accounts
    assert (view.counted, view.uncounted) == (None, "Too many requests")
    store.write_now(accounts.change, account.id, enabled=False)
    assert store.read(overview, rules, now() + timedelta(minutes=31)).accounts[0].uncounted == ""


async def test_the_orders_of_the_day_are_told_by_account(store: Database) -> None:
    mine, other = store.write_now(open_account), store.write_now(open_account, hook_token="other")
    for number in range(3):
        store.write_now(
            apply, house(), mine, of(f"P-{number}", report(0, Kitchen.ACCEPTED, facts=facts(placed_at=now()))), now()
        )
    seen = store.read(overview, house(), now())
    assert ({one.id: one.today for one in seen.accounts}, seen.orders_today) == ({mine.id: 3, other.id: 0}, 3)


async def test_a_count_that_nobody_could_repeat_proves_nothing_any_more(store: Database, asked: list[str]) -> None:
    account, rules = store.write_now(open_account), house()
    noon = now().astimezone(rules.calendar.zone).replace(hour=12)
    store.write_now(day_counts.record, account.id, noon.date(), [], noon)
    counted = [store.read(overview, rules, noon + timedelta(minutes=one)).accounts[0].counted for one in (1, 19, 61)]
    assert counted == [0, 0, None]


def _today() -> date:
    return now().astimezone(house().calendar.zone).date()
