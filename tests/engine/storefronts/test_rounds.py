"""What is asked by itself: reviews and yesterday's statement, gently, once each; a bad review is told to a person."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.db import accounts, statements
from app.domain.money import Money
from app.domain.shop import Review, SettlementKind, SettlementLine
from app.engine.rounds import STATEMENT_DAYS, Rounds
from app.platforms.api import RejectedError
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.steady import now
from tests.engine.shop import until

from .conftest import Counter

EVER = datetime(2020, 1, 1, tzinfo=UTC)


def rounds(counter: Counter) -> Rounds:
    return Rounds(counter.store, counter.house, counter.inquiries, counter.signed_in.get)


def today(counter: Counter) -> date:
    return now().astimezone(counter.house.calendar.zone).date()


class Tells:
    """A platform of which only this is asked. `broken` days are refused."""

    def __init__(self, *reviews: Review) -> None:
        self.told = list(reviews)
        self.asked: list[date] = []
        self.broken: set[date] = set()

    async def reviews(self, since: date) -> Sequence[Review]:
        return self.told

    async def reply_review(self, review_id: str, text: str) -> None:
        self.told = [replace(one, reply=text) if one.review_id == review_id else one for one in self.told]

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        self.asked.append(day)
        if day in self.broken:
            raise RejectedError("no statement of this day")
        return [SettlementLine(f"s{day}", SettlementKind.SALE, Money(100, "CNY"), day)]


async def put_in(counter: Counter, uber: UberEatsSimulator, tells: Tells) -> int:
    account = await counter.opens(uber)
    counter.signed_in[account] = tells  # type: ignore[assignment]  # of a connector only this is asked
    return account


def review(number: int, score: float | None, days: float = 0.1, text: str = "") -> Review:
    return Review(f"r{number}", now() - timedelta(days=days), score, text)


async def test_reviews_arrive_without_anybody_asking(counter: Counter, meituan: MeituanSimulator) -> None:
    counter.house = replace(counter.house, practice=True, poll_seconds=0.01)
    account = await counter.opens(meituan)
    meituan.review(meituan.place(), 1, "太咸了")
    task = asyncio.get_running_loop().create_task(rounds(counter).run())
    counter.tasks.append(task)
    await until(lambda: counter.store.read(statements.stored_reviews, account, EVER))
    assert [one.text for one in counter.overview().reviews] == ["Bad review at Meituan: 1 of 5 stars. 太咸了"]


async def test_only_yesterday_at_first_and_then_each_day_once(counter: Counter, uber: UberEatsSimulator) -> None:
    tells = Tells()
    account = await put_in(counter, uber, tells)
    yesterday = today(counter) - timedelta(days=1)
    for _ in range(3):
        await rounds(counter).go()
    assert tells.asked == [yesterday]
    assert [one.day for one in counter.store.read(statements.stored_lines, account, yesterday, yesterday)] == [yesterday]


async def test_days_that_were_missed_are_caught_up_with_and_no_more_than_a_week(
    counter: Counter, uber: UberEatsSimulator
) -> None:
    tells = Tells()
    account = await put_in(counter, uber, tells)
    last = today(counter)
    long_ago = last - timedelta(days=90)
    counter.store.write_now(statements.day_read, account, long_ago, now())
    await rounds(counter).go()
    assert tells.asked == [last - timedelta(days=ago) for ago in range(STATEMENT_DAYS, 0, -1)]


async def test_the_last_days_are_read_again_once_a_day_after_those_never_read(
    counter: Counter, uber: UberEatsSimulator
) -> None:
    """Platforms book late: each of the last days is asked for once a day, and no older one."""
    tells = Tells()
    account = await put_in(counter, uber, tells)
    last = today(counter)
    for ago in (1, 3, STATEMENT_DAYS, STATEMENT_DAYS + 1):
        counter.store.write_now(statements.day_read, account, last - timedelta(days=ago), now() - timedelta(hours=24))
    unread, again = (2, 4, 5, 6), (3, STATEMENT_DAYS)
    counter.store.write_now(statements.day_read, account, last - timedelta(days=1), now())
    for _ in range(2):
        await rounds(counter).go()
    expected = [last - timedelta(days=ago) for ago in (*sorted(unread, reverse=True), *sorted(again, reverse=True))]
    assert tells.asked == expected


async def test_a_day_read_before_it_was_over_is_read_again(counter: Counter, uber: UberEatsSimulator) -> None:
    tells = Tells()
    account = await put_in(counter, uber, tells)
    yesterday = today(counter) - timedelta(days=1)
    counter.store.write_now(statements.day_read, account, yesterday, now() - timedelta(days=1))
    await rounds(counter).go()
    assert tells.asked == [yesterday]


async def test_a_refusal_ends_the_accounts_round_and_is_tried_in_the_next(counter: Counter, uber: UberEatsSimulator) -> None:
    tells = Tells()
    account = await put_in(counter, uber, tells)
    first = today(counter) - timedelta(days=3)
    counter.store.write_now(statements.day_read, account, first - timedelta(days=1), now())
    tells.broken = {first + timedelta(days=1)}
    await rounds(counter).go()
    assert tells.asked == [first, first + timedelta(days=1)]
    tells.broken = set()
    await rounds(counter).go()
    assert tells.asked[2:] == [first + timedelta(days=1), first + timedelta(days=2)]


async def test_one_account_that_fails_keeps_no_other_waiting(
    counter: Counter, uber: UberEatsSimulator, meituan: MeituanSimulator
) -> None:
    tells = Tells()
    await put_in(counter, uber, tells)
    tells.broken = {today(counter) - timedelta(days=1)}
    account = await counter.opens(meituan)
    meituan.review(meituan.place(), 5, "好吃")
    await rounds(counter).go()
    assert len(counter.store.read(statements.stored_reviews, account, EVER)) == 1


# bad reviews


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((), []),
        ((review(1, 5), review(2, 3), review(3, None)), []),
        ((review(1, 2, text="cold"),), ["Bad review at Uber Eats: 2 of 5 stars. cold"]),
        ((review(1, 1, text=""),), ["Bad review at Uber Eats: 1 of 5 stars."]),
        ((review(1, 1), review(2, 2)), ["2 bad reviews at Uber Eats"]),
        ((review(1, 1, days=8),), []),
        ((replace(review(1, 1), reply="sorry"),), []),
    ],
)
async def test_a_bad_review_is_told(
    counter: Counter, uber: UberEatsSimulator, told: tuple[Review, ...], words: list[str]
) -> None:
    account = await put_in(counter, uber, Tells(*told))
    await rounds(counter).go()
    assert [one.text for one in counter.overview().reviews] == words
    counter.store.write_now(accounts.change, account, enabled=False)
    assert counter.overview().reviews == ()


async def test_it_is_told_until_somebody_saw_or_answered_it(counter: Counter, uber: UberEatsSimulator) -> None:
    account = await put_in(counter, uber, Tells(review(1, 1), review(2, 1, text="cold"), review(3, 1)))
    await rounds(counter).go()
    heard: list[Any] = []
    counter.bell.subscribe(heard.append)
    await counter.inquiries.seen_reviews({account: ["r1", "r1", "unknown"]})
    assert heard
    await counter.inquiries.reply_review(account, "r3", "sorry")
    assert [one.text for one in counter.overview().reviews] == ["Bad review at Uber Eats: 1 of 5 stars. cold"]
    await counter.inquiries.seen_reviews({account: ["r2"]})
    assert counter.overview().reviews == ()


async def test_a_long_text_is_cut(counter: Counter, uber: UberEatsSimulator) -> None:
    await put_in(counter, uber, Tells(review(1, 1, text="x" * 500)))
    await rounds(counter).go()
    (notice,) = counter.overview().reviews
    assert len(notice.text) < 100
