"""The platform's own list of the day against the store: a hole is fetched, told, and closed again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from app.db import day_counts
from app.db.database import Database
from app.domain.lifecycle import Kitchen
from app.domain.shop import DayEntry
from app.engine import completeness as module
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.completeness import Completeness
from app.engine.house import now
from app.engine.overview import overview
from app.platforms.api import Connector, TemporaryError
from tests.engine.shop import house, of, open_account, report


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


def test_the_last_orders_of_a_day_are_counted_after_midnight_too() -> None:
    rules = house()
    midnight = now().astimezone(rules.calendar.zone).replace(hour=0, minute=30)

    assert module._days(rules, midnight) == [midnight.date() - timedelta(days=1), midnight.date()]
    assert module._days(rules, midnight.replace(hour=12)) == [midnight.date()]
