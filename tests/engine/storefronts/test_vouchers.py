"""Vouchers at the counter: a row before the platform is asked, one key for ever, and nothing redeemed twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from app.db import redemptions
from app.db.database import Database
from app.db.redemptions import Redemption
from app.domain.money import Money
from app.domain.vouchers import UNANSWERED, Redeemed, RedemptionState, Voucher, VoucherState
from app.engine import vouchers as module
from app.engine.desk import RefusalError
from app.engine.shop_views import VoucherFound
from app.engine.vouchers import Vouchers
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, TemporaryError
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.simulation import Faults
from app.steady import now
from tests.engine.shop import until as comes_true

from .conftest import Counter

DEAF = Faults(break_call=1.0)
UNHEARD = Faults(lose_reply=1.0)
ASKED, REDEEMED, REFUSED, TAKING_BACK, TAKEN_BACK = RedemptionState


def desk(counter: Counter) -> Vouchers:
    return Vouchers(counter.store, counter.house, counter.bell, counter.signed_in.get)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop asks again at once."""
    monkeypatch.setattr(module, "BACK_OFF", (0.0,))
    monkeypatch.setattr(module, "IDLE", 0.01)


async def shown(counter: Counter, koubei: KoubeiSimulator, uses: int = 1) -> tuple[Vouchers, VoucherFound]:
    """A customer shows a good voucher, and it was looked up."""
    await counter.opens(koubei)
    vouchers = desk(counter)
    return vouchers, await vouchers.look_up(koubei.sell_voucher(uses))


def used(koubei: KoubeiSimulator, found: VoucherFound) -> int:
    return koubei.voucher_uses(found.voucher.code)


async def test_a_voucher_is_looked_up_redeemed_and_taken_back(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei, 5)
    assert (found.voucher.state, found.voucher.left, found.name) == (VoucherState.GOOD, 5, "koubei shop")
    assert vouchers.today() == []

    done = await vouchers.redeem(found, 2)
    assert (done.state, done.uses, done.worth, done.who) == (REDEEMED, 2, Money(3000, "CNY"), "counter")
    assert done.settled_at is not None
    assert done.due_at is None
    assert used(koubei, found) == 2
    assert vouchers.today() == [done]

    back = await vouchers.take_back(done.id, "command line")
    assert (back.state, back.back_by, back.text) == (TAKEN_BACK, "command line", "")
    assert used(koubei, found) == 0
    assert vouchers.today() == [back]
    with pytest.raises(RefusalError, match="Only what was redeemed"):
        await vouchers.take_back(done.id)


async def test_the_row_is_on_disk_before_the_platform_is_asked(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei)
    seen: list[tuple[RedemptionState, bool]] = []

    class Watching:
        async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
            (row,) = counter.store.read(redemptions.since, now() - timedelta(hours=1))
            seen.append((row.state, row.key == key))
            return Redeemed()

        async def take_back_voucher(self, code: str, uses: int, key: str) -> None:
            (row,) = counter.store.read(redemptions.since, now() - timedelta(hours=1))
            seen.append((row.state, row.key == key))

        async def look_up_voucher(self, code: str) -> Voucher:
            raise NotImplementedError

    counter.signed_in[found.account_id] = Watching()  # type: ignore[assignment]  # of a connector only this is asked
    await vouchers.take_back((await vouchers.redeem(found)).id)
    assert seen == [(ASKED, True), (TAKING_BACK, True)]


async def test_a_refusal_is_kept_in_the_platforms_words(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei)
    koubei.vouchers.sold[found.voucher.code].refunded = True
    refused = await vouchers.redeem(found)
    assert refused.state is REFUSED
    assert "已经退款" in refused.text


async def test_a_refusal_to_take_back_leaves_it_redeemed_and_says_why(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei)
    done = await vouchers.redeem(found)
    koubei.vouchers.sold[found.voucher.code].uses.clear()
    still = await vouchers.take_back(done.id)
    assert still.state is REDEEMED
    assert "没有对应的核销记录" in still.text


@pytest.mark.parametrize(
    ("state", "words"),
    [(VoucherState.USED, "已经被消费"), (VoucherState.ELSEWHERE, "当前门店"), (VoucherState.EXPIRED, "当前门店")],
)
async def test_what_is_not_good_is_never_asked_for(
    counter: Counter, koubei: KoubeiSimulator, state: VoucherState, words: str
) -> None:
    await counter.opens(koubei)
    vouchers = desk(counter)
    found = await vouchers.look_up(koubei.sell_voucher(1, state))
    with pytest.raises(RefusalError, match=words):
        await vouchers.redeem(found)
    assert vouchers.today() == []


@pytest.mark.parametrize("uses", [0, -1, 6])
async def test_no_more_is_redeemed_than_is_left(counter: Counter, koubei: KoubeiSimulator, uses: int) -> None:
    vouchers, found = await shown(counter, koubei, 5)
    with pytest.raises(RefusalError, match="only 5 uses"):
        await vouchers.redeem(found, uses)


# without an answer


async def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key(
    counter: Counter, koubei: KoubeiSimulator, hasty: None
) -> None:
    vouchers, found = await shown(counter, koubei, 5)
    koubei.faults = UNHEARD
    asked = await vouchers.redeem(found)
    assert asked.state is ASKED
    assert asked.text
    assert asked.due_at is not None
    assert used(koubei, found) == 1, "it was done, and nobody knows"

    koubei.faults = Faults()
    counter.tasks.append(asyncio.create_task(vouchers.run()))
    await comes_true(lambda: vouchers.today()[0].state is REDEEMED)
    assert used(koubei, found) == 1
    assert vouchers.today()[0].key == asked.key


async def test_while_nobody_answered_it_is_not_redeemed_under_another_key(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei, 5)
    koubei.faults = UNHEARD
    asked = await vouchers.redeem(found)
    with pytest.raises(RefusalError, match="nobody answered yet"):
        await vouchers.redeem(found)
    with pytest.raises(RefusalError, match="Only what was redeemed"):
        await vouchers.take_back(asked.id)
    koubei.faults = Faults()
    assert (await vouchers.ask_again(asked.id)).state is REDEEMED
    assert used(koubei, found) == 1
    with pytest.raises(RefusalError, match="answered already"):
        await vouchers.ask_again(asked.id)


async def test_a_taking_back_without_an_answer_is_done_once(counter: Counter, koubei: KoubeiSimulator, hasty: None) -> None:
    vouchers, found = await shown(counter, koubei, 5)
    await vouchers.redeem(found, 2)
    second = await vouchers.redeem(found)
    koubei.faults = UNHEARD
    asked = await vouchers.take_back(second.id)
    assert asked.state is TAKING_BACK
    koubei.faults = Faults()
    counter.tasks.append(asyncio.create_task(vouchers.run()))
    await comes_true(lambda: vouchers.today()[0].state is TAKEN_BACK)
    assert used(koubei, found) == 2


async def test_two_who_press_at_once_redeem_once(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei, 5)
    koubei.faults = Faults(latency=0.05)
    said = await asyncio.gather(vouchers.redeem(found), vouchers.redeem(found), return_exceptions=True)
    assert sorted(type(one).__name__ for one in said) == ["Redemption", "RefusalError"]
    assert used(koubei, found) == 1


async def test_one_that_is_being_asked_is_not_asked_beside(counter: Counter, koubei: KoubeiSimulator, hasty: None) -> None:
    vouchers, found = await shown(counter, koubei)
    calls = 0
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow:
        async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
            nonlocal calls
            calls += 1
            begun.set()
            await go_on.wait()
            return Redeemed()

        look_up_voucher = take_back_voucher = redeem_voucher

    counter.signed_in[found.account_id] = Slow()  # type: ignore[assignment]  # of a connector only this is asked
    first = asyncio.create_task(vouchers.redeem(found))
    await begun.wait()
    (row,) = vouchers.today()
    assert (await vouchers.ask_again(row.id)).state is ASKED
    go_on.set()
    assert (await first).state is REDEEMED
    assert calls == 1


@pytest.mark.parametrize("error", [TemporaryError("later"), ProtocolError("a page of the hotel"), AuthError("signed out")])
async def test_whatever_is_no_answer_is_asked_again_for_as_long_as_the_customer_waits(
    counter: Counter, koubei: KoubeiSimulator, error: PlatformError, monkeypatch: pytest.MonkeyPatch
) -> None:
    vouchers, found = await shown(counter, koubei)
    counter.signed_in[found.account_id] = _Failing(error)  # type: ignore[assignment]  # of a connector only this is asked
    asked = await vouchers.redeem(found)
    assert (asked.state, asked.text) == (ASKED, str(error))
    assert asked.due_at is not None
    assert counter.overview().vouchers == ()

    monkeypatch.setattr(module, "PATIENCE", timedelta(0))
    given_up = await vouchers.ask_again(asked.id)
    assert (given_up.state, given_up.due_at) == (ASKED, None)
    (notice,) = counter.overview().vouchers
    assert "nobody knows whether a voucher was redeemed" in notice.text
    assert found.voucher.code not in notice.text


@pytest.mark.parametrize("apart", [timedelta(hours=1), timedelta(hours=-1)], ids=["later", "set back"])
async def test_nobody_asks_on_and_on_because_the_clock_was_set_back(
    counter: Counter, koubei: KoubeiSimulator, apart: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late yes would use up what nobody ate: however the clock stands, a person decides."""
    vouchers, found = await shown(counter, koubei)
    counter.signed_in[found.account_id] = _Failing(TemporaryError("later"))  # type: ignore[assignment]  # only this is asked
    asked = await vouchers.redeem(found)
    at = now() + apart
    monkeypatch.setattr(module, "now", lambda: at)
    given_up = await vouchers.ask_again(asked.id)
    assert (given_up.state, given_up.due_at) == (ASKED, None)


class _Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
        raise self.error

    look_up_voucher = take_back_voucher = redeem_voucher


async def test_a_fault_of_ours_waits_for_a_person_and_names_no_code(
    counter: Counter, koubei: KoubeiSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    vouchers, found = await shown(counter, koubei)
    counter.signed_in[found.account_id] = _Failing(KeyError("oops"))  # type: ignore[assignment]  # of a connector only this is asked
    asked = await vouchers.redeem(found)
    assert (asked.state, asked.due_at, asked.text) == (ASKED, None, "KeyError: 'oops'")
    assert "voucher_failed" in caplog.text
    assert found.voucher.code not in caplog.text
    caplog.clear()


# after a crash


@pytest.mark.parametrize("reached", [False, True], ids=["before the call", "after the call"])
async def test_killed_between_the_row_and_the_answer_it_is_redeemed_once(
    counter: Counter, koubei: KoubeiSimulator, reopened: Callable[[], Database], hasty: None, reached: bool
) -> None:
    """A death of the program is the end of its task: the row stands, and what the platform did nobody wrote down."""
    vouchers, found = await shown(counter, koubei, 5)
    real, dying = counter.signed_in[found.account_id], asyncio.Event()

    class Dies:
        async def redeem_voucher(self, code: str, uses: int, key: str) -> Redeemed:
            if reached:
                await real.redeem_voucher(code, uses, key)  # type: ignore[attr-defined]  # Koubei's has it
            dying.set()
            await asyncio.Event().wait()
            raise AssertionError("it is dead")

        look_up_voucher = take_back_voucher = redeem_voucher

    counter.signed_in[found.account_id] = Dies()  # type: ignore[assignment]  # of a connector only this is asked
    task = asyncio.create_task(vouchers.redeem(found, 2))
    await dying.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert used(koubei, found) == (2 if reached else 0)

    counter.signed_in[found.account_id] = real
    with reopened() as store:
        again = Vouchers(store, counter.house, counter.bell, counter.signed_in.get)
        assert [one.state for one in again.today()] == [ASKED]
        store.write_now(redemptions.revive, now())  # as every start does
        counter.tasks.append(asyncio.create_task(again.run()))
        await comes_true(lambda: again.today()[0].state is REDEEMED)
        assert used(koubei, found) == 2
        counter.tasks[-1].cancel()
        await asyncio.gather(counter.tasks.pop(), return_exceptions=True)


async def test_the_notice_is_taken_off_the_screen_by_the_late_answer(
    counter: Counter, koubei: KoubeiSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Screens read notices again when they hear of problems: the last time, there must be none left."""
    vouchers, found = await shown(counter, koubei)
    monkeypatch.setattr(module, "PATIENCE", timedelta(0))
    koubei.faults = DEAF
    asked = await vouchers.redeem(found)
    assert len(counter.overview().vouchers) == 1
    shown_last = [-1]
    counter.bell.subscribe(
        lambda change: shown_last.append(len(counter.overview().vouchers)) if change.topic == "problems" else None
    )
    koubei.faults = Faults()
    assert (await vouchers.ask_again(asked.id)).state is REDEEMED
    assert shown_last[-1] == 0


async def test_what_was_answered_meanwhile_is_not_given_up(
    counter: Counter, koubei: KoubeiSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop had read its row when the answer to a person came: what was redeemed is not doubted again."""
    vouchers, found = await shown(counter, koubei)
    koubei.faults = DEAF
    asked = await vouchers.redeem(found)
    koubei.faults = Faults()
    done = await vouchers.ask_again(asked.id)
    monkeypatch.setattr(module, "PATIENCE", timedelta(0))
    await vouchers._again(asked)
    assert vouchers.today() == [done]


async def test_after_a_night_nothing_is_redeemed_by_itself(
    counter: Counter, koubei: KoubeiSimulator, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The customer of yesterday is gone; what was asked then is asked once more, only when a person wants it."""
    vouchers, found = await shown(counter, koubei)
    koubei.faults = DEAF
    asked = await vouchers.redeem(found)
    monkeypatch.setattr(module, "now", lambda: now() + timedelta(hours=14))
    koubei.faults = Faults()
    counter.tasks.append(asyncio.create_task(vouchers.run()))
    await comes_true(lambda: vouchers.today()[0].due_at is None)
    assert vouchers.today()[0].state is ASKED, "yesterday's row is shown for as long as nobody answered"
    assert used(koubei, found) == 0
    assert (await vouchers.ask_again(asked.id)).state is REDEEMED


# several accounts


async def test_a_code_finds_its_platform_by_itself(counter: Counter, koubei: KoubeiSimulator) -> None:
    other = KoubeiSimulator(seed=9, speed=60.0)
    ids = [await counter.opens(koubei), await counter.opens(other)]
    vouchers = desk(counter)
    assert (await vouchers.look_up(other.sell_voucher())).account_id == ids[1]
    with pytest.raises(RejectedError, match="不存在"):
        await vouchers.look_up(other.sell_voucher(), ids[:1])
    with pytest.raises(RejectedError, match="不存在"):
        await vouchers.look_up("000000000000")


async def test_a_platform_that_does_not_answer_may_know_it(counter: Counter, koubei: KoubeiSimulator) -> None:
    other = KoubeiSimulator(seed=9, speed=60.0)
    for simulator in (koubei, other):
        await counter.opens(simulator)
    other.faults = DEAF
    with pytest.raises(TemporaryError):
        await desk(counter).look_up(other.sell_voucher())
    good = koubei.sell_voucher()
    assert (await desk(counter).look_up(good)).voucher.code == good


async def test_without_an_account_that_can_it_says_so(counter: Counter, meituan: MeituanSimulator) -> None:
    await counter.opens(meituan)
    with pytest.raises(RefusalError, match="No account that is open now"):
        await desk(counter).look_up("123456789012")


async def test_an_account_that_was_switched_off_redeems_nothing(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei)
    del counter.signed_in[found.account_id]
    with pytest.raises(RefusalError, match="switched off"):
        await vouchers.redeem(found)
    assert vouchers.today() == []


@pytest.mark.parametrize("code", ["", "x" * 65])
async def test_what_is_no_code_is_not_asked(counter: Counter, koubei: KoubeiSimulator, code: str) -> None:
    await counter.opens(koubei)
    with pytest.raises(RejectedError, match="no voucher code"):
        await desk(counter).look_up(code)


async def test_a_redemption_that_is_none(counter: Counter) -> None:
    for ask in (desk(counter).take_back, desk(counter).ask_again):
        with pytest.raises(RefusalError, match="no redemption 7"):
            await ask(7)


async def test_no_code_is_printed_by_accident(counter: Counter, koubei: KoubeiSimulator) -> None:
    vouchers, found = await shown(counter, koubei)
    done: Redemption = await vouchers.redeem(found)
    assert done.code == found.voucher.code
    assert done.code not in repr(done)
    assert done.code not in repr(found)


# whatever happens


WEATHER = (Faults(), UNHEARD, DEAF, Faults(lose_reply=0.5))


@pytest.mark.parametrize("seed", range(6))
async def test_in_any_weather_the_platform_holds_what_the_rows_say(
    counter: Counter, koubei: KoubeiSimulator, seed: int
) -> None:
    """Once everything was answered, the uses redeemed there are those of the rows that say so."""
    chance = Random(seed)
    vouchers, found = await shown(counter, koubei, 20)
    for _ in range(8):
        koubei.faults = chance.choice(WEATHER)
        rows = vouchers.today()
        act = chance.choice((vouchers.take_back, vouchers.ask_again))
        with suppress(RefusalError):
            await (act(chance.choice(rows).id) if rows and chance.random() < 0.5 else vouchers.redeem(found))
    koubei.faults = Faults()
    for one in vouchers.today():
        if one.state in UNANSWERED:
            await vouchers.ask_again(one.id)
    rows = vouchers.today()
    assert {one.state for one in rows} <= {REDEEMED, TAKEN_BACK}
    assert used(koubei, found) == sum(one.uses for one in rows if one.state is REDEEMED)
