"""A shop left closed is told: past its end, or paused for long; a shop that is closed at night is not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from app.db import accounts, audit, shops
from app.domain.shop import ShopState, ShopStatus
from app.engine.left_closed import left_closed
from app.engine.limits import PAUSE_MINUTES
from app.engine.views import ShopNotice
from app.steady import now
from tests.engine.shop import house, memory, open_account

OPEN, BUSY, PAUSED, CLOSED = ShopState


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


class Day:
    """Two accounts, seen at a moment that never moves."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.at = connection, now()
        self.first = open_account(connection, name="North").id
        self.other = open_account(connection, name="South", hook_token="other").id

    def saw(self, state: ShopState, ago: float, until: datetime | None = None, account: int = 0) -> None:
        shops.saw(self.connection, account or self.first, ShopStatus(state, until), self.at - minutes(ago))

    def told(self) -> list[ShopNotice]:
        return left_closed(self.connection, house(), accounts.every(self.connection), self.at)


@pytest.fixture
def day() -> Iterator[Day]:
    with memory() as connection:
        yield Day(connection)


@pytest.mark.parametrize(
    ("state", "ago", "end", "other", "words", "urgent"),
    [
        (OPEN, 600, None, OPEN, "", False),
        (BUSY, 600, None, OPEN, "", False),
        (BUSY, 60, -4, OPEN, "still shown as busy", False),
        (PAUSED, 29, None, OPEN, "", False),
        (PAUSED, 31, None, OPEN, "is paused since", True),
        (PAUSED, 31, None, CLOSED, "is paused since", False),
        (PAUSED, 600, 10, OPEN, "", False),
        (PAUSED, 60, -2, OPEN, "", False),
        (PAUSED, 60, -4, CLOSED, "should have opened at", True),
        (CLOSED, 31, None, BUSY, "while the kitchen works", True),
        (CLOSED, 600, None, CLOSED, "", False),
    ],
)
def test_what_is_told(
    day: Day, state: ShopState, ago: float, end: float | None, other: ShopState, words: str, urgent: bool
) -> None:
    day.saw(state, ago, None if end is None else day.at + minutes(end))
    day.saw(other, 1, account=day.other)
    found = [one for one in day.told() if one.account_id == day.first]
    assert len(found) == bool(words)
    assert [one.urgent for one in found] == [urgent] * len(found)
    assert all(words in one.text and one.text.startswith("Fake (North)") for one in found)


def test_an_end_of_our_own_counts_too(day: Day) -> None:
    day.saw(PAUSED, 60)
    shops.promise(day.connection, day.first, {shops.SHOP: "paused"}, day.at + minutes(5))
    assert day.told() == []
    day.at += minutes(9)
    assert [one.account_id for one in day.told()] == [day.first]


def test_since_moves_with_the_state_only(day: Day) -> None:
    day.saw(PAUSED, 60)
    day.saw(PAUSED, 1)
    assert shops.seen(day.connection)[day.first].since == day.at - minutes(60)
    day.saw(OPEN, 0)
    assert shops.seen(day.connection)[day.first].since == day.at
    assert day.told() == []


def test_the_house_says_how_long_is_long(day: Day) -> None:
    day.saw(PAUSED, 31)
    assert day.told()
    audit.set_preference(day.connection, PAUSE_MINUTES, 45)
    assert day.told() == []


def test_an_account_that_is_off_is_nobodys_worry(day: Day) -> None:
    day.saw(PAUSED, 600)
    accounts.change(day.connection, day.first, enabled=False)
    assert day.told() == []


def test_what_nobody_saw_after_the_end_is_not_called_still_closed(day: Day) -> None:
    day.saw(PAUSED, 60, day.at - minutes(10))
    shops.could_not_see(day.connection, day.first, "The platform did not answer in time.")
    (notice,) = day.told()
    assert "still" not in notice.text
    assert notice.text.startswith("Fake (North) should have opened at")
    assert notice.text.endswith("nobody could see whether it did: The platform did not answer in time.")
    assert notice.urgent
    day.saw(PAUSED, 5, day.at - minutes(10))
    shops.could_not_see(day.connection, day.first, "The platform did not answer in time.")
    assert "is still paused" in day.told()[0].text
