"""Couriers, reviews and statements: asked of the platform, kept for later reports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from app import steady
from app.db import statements
from app.domain.money import Money
from app.domain.shop import Review, SettlementKind, SettlementLine
from app.engine.desk import RefusalError
from app.platforms.api import RejectedError
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.simulation import Happening, PretendLine, PretendOrder
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.reports.statements import statement
from app.steady import now
from tests.engine.shop import until

from .conftest import Counter

EVER = datetime(2020, 1, 1, tzinfo=UTC)


async def test_where_the_courier_is(counter: Counter, uber: UberEatsSimulator, koubei: KoubeiSimulator) -> None:
    account = await counter.opens(uber)
    there = uber.place(PretendOrder((PretendLine("Karaage", 900),)))
    order = await counter.reads(account, there)
    assert await counter.inquiries.locate_courier(order) is None
    uber.shop.accept(uber.shop.orders[there], None)
    uber.happen(there, Happening.COURIER_ASSIGNED)
    place = await counter.inquiries.locate_courier(order)
    assert place
    assert (place.latitude, place.longitude) == (48.86, 2.35)

    other = await counter.opens(koubei)
    with pytest.raises(RefusalError, match="where its couriers are"):
        await counter.inquiries.locate_courier(await counter.reads(other, koubei.place()))


async def test_reviews_are_kept_and_answered(counter: Counter, meituan: MeituanSimulator, koubei: KoubeiSimulator) -> None:
    account = await counter.opens(meituan)
    today = steady.now(CHINA)
    meituan.calls.comments = [
        {
            "comment_id": number,
            "comment_content": "好吃",
            "food_comment_score": 5,
            "comment_time": f"{day:%Y-%m-%d} 12:00:00",
        }
        for number, day in enumerate((today, today - timedelta(days=1)))
    ]
    heard: list[str] = []
    counter.bell.subscribe(lambda change: heard.append(change.topic))
    since = (today - timedelta(days=7)).date()
    assert [one.review_id for one in await counter.inquiries.reviews(account, since)] == ["1", "0"]
    await counter.inquiries.reviews(account, since)
    await counter.inquiries.reply_review(account, "0", "谢谢")
    kept = counter.store.read(statements.stored_reviews, account, EVER)
    assert [(one.review_id, one.reply) for one in kept] == [("1", ""), ("0", "谢谢")], "each once"
    assert set(heard) == {"reviews"}
    with pytest.raises(RejectedError):
        await counter.inquiries.reply_review(account, "999", "谢谢")
    with pytest.raises(RefusalError, match="statements"):
        await counter.inquiries.settlement(await counter.opens(koubei), today.date())


class Pays:
    """A platform that settles: the second look at a day corrects a line."""

    def __init__(self, *lines: SettlementLine) -> None:
        self.lines = lines

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        return [line for line in self.lines if line.day == day]


async def test_what_a_platform_books_late_changes_or_takes_back_is_told_and_nothing_is_lost(
    counter: Counter, uber: UberEatsSimulator
) -> None:
    account, day = await counter.opens(uber), (now() - timedelta(days=3)).date()
    sale, fee, late = (
        SettlementLine(name, SettlementKind.SALE, Money(1800, "EUR"), day, name) for name in ("sale", "fee", "late")
    )

    async def read(*lines: SettlementLine) -> dict[str, str]:
        """A look at the day; what became of its lines."""
        counter.signed_in[account] = Pays(*lines)  # type: ignore[assignment]  # of a connector only this is asked
        await counter.inquiries.settlement(account, day)
        return {line_id: one.what.value for line_id, one in counter.store.read(statements.changes, account).items()}

    less = replace(sale, amount=Money(1700, "EUR"))
    counter.store.write_now(statements.day_read, account, day, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))
    assert await read(sale, fee) == {}, "the first look after its end"
    assert await read(sale, fee) == {}
    assert await read(less, fee, late) == {"sale": "changed", "late": "late"}
    assert counter.store.read(statements.changes, account)["sale"].was == Money(1800, "EUR")
    assert await read(less, late) == {"sale": "changed", "late": "late", "fee": "gone"}
    shown = counter.store.read(statement, account, day, day)
    assert ([one.line_id for one in shown.gone], [one.amount.minor for one in shown.sums["EUR"]]) == (["fee"], [3500])
    assert len(counter.store.read(statements.stored_lines, account, day, day)) == 3, "nothing is thrown away"
    assert await read(less, fee, late) == {"sale": "changed", "late": "late"}, "an answer that was cut short"
    shown = counter.store.read(statement, account, day, day)
    assert (shown.gone, shown.sums["EUR"][0].amount.minor) == ((), 5300)


class Dawdles:
    """A platform that settles: each question is answered when its own turn has come."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[Sequence[SettlementLine]]] = []

    async def settlement(self, day: date) -> Sequence[SettlementLine]:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]


async def crossed(counter: Counter, account: int, day: date, *told: SettlementLine) -> list[SettlementLine]:
    """Ask once for each of `told`, and let the last question be answered first; what is kept then."""
    dawdles = Dawdles()
    counter.signed_in[account] = dawdles  # type: ignore[assignment]  # of a connector only this is asked
    looks = []
    for _ in told:
        looks.append(asyncio.get_running_loop().create_task(counter.inquiries.settlement(account, day)))
        await until(lambda: len(dawdles.asked) == len(looks))
    for look, question, line in reversed(list(zip(looks, dawdles.asked, told, strict=True))):
        question.set_result([line])
        assert await look == [line]
    return counter.store.read(statements.stored_lines, account, day, day)


async def test_an_answer_that_was_overtaken_undoes_nothing(counter: Counter, uber: UberEatsSimulator) -> None:
    account, day = await counter.opens(uber), date(2026, 11, 20)
    counter.store.write_now(statements.day_read, account, day, datetime(2026, 11, 21, 4, tzinfo=UTC))
    old = SettlementLine("sale", SettlementKind.SALE, Money(1700, "EUR"), day, "o1")
    new = replace(old, amount=Money(1800, "EUR"))
    assert await crossed(counter, account, day, old, new) == [new]
    assert await crossed(counter, account, day, old) == [old], "the control: a look that nothing overtook"
    (change,) = counter.store.read(statements.changes, account).values()
    assert (change.what, change.was) == (statements.Change.CHANGED, new.amount)


async def test_an_answer_that_could_not_be_stored_overtakes_nothing(
    counter: Counter, uber: UberEatsSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, day = await counter.opens(uber), date(2026, 11, 20)
    line = SettlementLine("sale", SettlementKind.SALE, Money(1700, "EUR"), day, "o1")
    counter.signed_in[account] = dawdles = Dawdles()  # type: ignore[assignment]  # of a connector only this is asked
    first = asyncio.create_task(counter.inquiries.settlement(account, day))
    await until(lambda: len(dawdles.asked) == 1)
    second = asyncio.create_task(counter.inquiries.settlement(account, day))
    await until(lambda: len(dawdles.asked) == 2)

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(statements, "keep_day", full)
        dawdles.asked[1].set_result([line])
        with pytest.raises(OSError, match="no space"):
            await second
    dawdles.asked[0].set_result([line])
    await first
    assert counter.store.read(statements.stored_lines, account, day, day) == [line]


async def test_statement_lines_are_kept_once(counter: Counter, uber: UberEatsSimulator) -> None:
    account = await counter.opens(uber)
    day = date(2026, 11, 20)
    sale = SettlementLine("s1", SettlementKind.SALE, Money(1800, "EUR"), day, "o1", "order")
    fee = SettlementLine("c1", SettlementKind.COMMISSION, Money(-540, "EUR"), day + timedelta(days=1), "o1")
    for lines in ((sale, fee), (replace(sale, amount=Money(1700, "EUR")), fee)):
        counter.signed_in[account] = Pays(*lines)  # type: ignore[assignment]  # of a connector only this is asked
        assert [one.line_id for one in await counter.inquiries.settlement(account, day)] == ["s1"]
        await counter.inquiries.settlement(account, fee.day)

    kept = counter.store.read(statements.stored_lines, account, day, fee.day)
    assert kept == [replace(sale, amount=Money(1700, "EUR")), fee]
    assert counter.store.read(statements.stored_lines, account, day, day) == kept[:1]
    assert counter.store.read(statements.stored_lines, account + 1, day, fee.day) == []


async def test_an_answer_that_the_platform_does_not_show_yet_is_not_forgotten(
    counter: Counter, uber: UberEatsSimulator
) -> None:
    """A bad review would be told again, and answered twice."""
    account = await counter.opens(uber)
    told = Review("r1", EVER, 1.0, "cold")
    for _ in range(2):
        counter.store.write_now(statements.keep_reviews, account, [told])
        counter.store.write_now(statements.answered, account, "r1", "sorry")
        counter.store.write_now(statements.keep_reviews, account, [told])
    assert [one.reply for one in counter.store.read(statements.stored_reviews, account, EVER)] == ["sorry"]
    counter.store.write_now(statements.keep_reviews, account, [replace(told, reply="sorry!")])
    assert [one.reply for one in counter.store.read(statements.stored_reviews, account, EVER)] == ["sorry!"]
