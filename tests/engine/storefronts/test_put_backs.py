"""A pause and a sold-out dish end when they were said to: after a restart too, never against somebody's later word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.db import shops
from app.db.database import Database
from app.db.shops import SHOP, PutBack
from app.domain.shop import ShopState, ShopStatus
from app.engine import overview, put_backs
from app.engine import storefronts as module
from app.engine.put_backs import PutBacks, Turns
from app.engine.storefronts import Storefronts
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.steady import now
from tests.engine.shop import until as comes_true

from .conftest import Counter

SOON = timedelta(minutes=20)


def promised(counter: Counter) -> list[PutBack]:
    found: list[PutBack] = counter.store.read(shops.promises)
    return found


async def keep(counter: Counter, at: datetime) -> None:
    """What the loop does at this moment."""
    await PutBacks(counter.store, counter.bell, counter.signed_in.get, Turns()).keep(at)


async def test_a_platform_without_an_end_is_opened_again_by_us(
    counter: Counter, deliveroo: DeliverooSimulator, meituan: MeituanSimulator
) -> None:
    ids = [await counter.opens(deliveroo), await counter.opens(meituan)]
    end = now() + SOON
    assert await counter.fronts.set_shop(ids, ShopState.PAUSED, end) == {}
    assert {(one.account_id, one.item_id, one.until) for one in promised(counter)} == {(one, SHOP, end) for one in ids}
    assert {one.status.until for one in counter.fronts.every() if one.status} == {end}, "the screen shows our own end"

    await keep(counter, end - timedelta(seconds=1))
    assert deliveroo.site.status == "CLOSED"
    await keep(counter, end)
    assert deliveroo.site.status == "OPEN"
    assert {one.status.state for one in counter.fronts.every() if one.status} == {ShopState.OPEN}
    assert promised(counter) == []


async def test_a_promise_outlives_the_program_and_a_late_one_is_kept_at_once(
    counter: Counter, deliveroo: DeliverooSimulator, reopened: Callable[[], Database]
) -> None:
    number = await counter.opens(deliveroo)
    dish = (await counter.fronts.items(number))[0].item_id
    await counter.fronts.set_shop([number], ShopState.PAUSED, now() + timedelta(milliseconds=50))
    await counter.fronts.set_available({number: [dish]}, False, now() + timedelta(milliseconds=50))
    assert (deliveroo.site.status, list(deliveroo.site.off)) == ("CLOSED", [dish])

    counter.store = reopened()
    counter.fronts = Storefronts(counter.store, counter.house, counter.bell, counter.signed_in.get)
    counter.runs(counter.fronts)
    try:
        await comes_true(lambda: not promised(counter))
        assert (deliveroo.site.status, deliveroo.site.off) == ("OPEN", {})
    finally:
        counter.tasks.pop().cancel()
        counter.store.close()


async def test_a_change_wakes_the_loop_for_its_end(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number = await counter.opens(deliveroo)
    counter.runs(counter.fronts)
    await counter.fronts.set_shop([number], ShopState.BUSY, now() + timedelta(milliseconds=200))
    await comes_true(lambda: deliveroo.site.workload == "QUIET")
    await comes_true(lambda: not promised(counter))


async def test_the_promise_is_on_disk_before_the_platform_is_asked(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    """A crash between the two must not leave a shop closed for ever."""
    number = await counter.opens(deliveroo)
    seen: list[list[PutBack]] = []
    connector = counter.signed_in[number]

    class Watched:
        shop_states = frozenset({ShopState.PAUSED})

        async def shop(self) -> object:
            return await connector.shop()  # type: ignore[attr-defined]  # Deliveroo's has it

        async def set_shop(self, state: ShopState, end: datetime | None) -> object:
            seen.append(promised(counter))
            return await connector.set_shop(state, end)  # type: ignore[attr-defined]  # Deliveroo's has it

    counter.signed_in[number] = Watched()  # type: ignore[assignment]  # of a connector only this is asked
    await counter.fronts.set_shop([number], ShopState.PAUSED, now() + SOON)
    assert [one.item_id for one in seen[0]] == [SHOP]


async def test_a_refused_pause_leaves_the_promise_of_the_one_before(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    deliveroo.site.open_hours = False

    assert number in await counter.fronts.set_shop([number], ShopState.BUSY, end + SOON)
    assert [(one.until, one.name) for one in promised(counter)] == [(end, "paused")]
    assert number in await counter.fronts.set_shop([number], ShopState.OPEN, None)
    assert [one.until for one in promised(counter)] == [end], "the shop is still paused: it still is opened then"


async def test_opening_by_hand_takes_the_promise_back(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number = await counter.opens(deliveroo)
    await counter.fronts.set_shop([number], ShopState.PAUSED, now() + SOON)
    await counter.fronts.set_shop([number], ShopState.OPEN, None)
    assert promised(counter) == []
    await counter.fronts.set_shop([number], ShopState.PAUSED, None)
    assert promised(counter) == [], "until somebody changes it"


async def test_what_somebody_changed_meanwhile_stays(
    counter: Counter, deliveroo: DeliverooSimulator, uber: UberEatsSimulator
) -> None:
    roo, ub = await counter.opens(deliveroo), await counter.opens(uber)
    end = now() + SOON
    await counter.fronts.set_shop([roo], ShopState.BUSY, end)
    await counter.fronts.set_shop([ub], ShopState.PAUSED, end)
    deliveroo.site.status = "CLOSED"  # on the tablet
    uber.shop.paused_until = (end + timedelta(hours=2)).timestamp()  # in Uber's own app

    await keep(counter, end)
    assert deliveroo.site.status == "CLOSED"
    assert uber.shop.paused_until > end.timestamp()
    assert promised(counter) == []


async def test_only_dishes_that_are_still_off_come_back(counter: Counter, uber: UberEatsSimulator) -> None:
    number, end = await counter.opens(uber), now() + SOON
    first, second, third = [one.item_id for one in await counter.fronts.items(number)][:3]
    await counter.fronts.set_available({number: [first, second, third]}, False, end)
    uber.shop.suspended.pop(second)
    uber.shop.suspended[third] = (end + timedelta(hours=5)).timestamp()

    await keep(counter, end)
    assert not uber.shop.suspended.get(first)
    assert uber.shop.suspended[third] > end.timestamp()
    assert promised(counter) == []


async def test_what_cannot_be_put_back_is_told_and_tried_again(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    deliveroo.site.open_hours = False
    await keep(counter, end)

    (notice,) = counter.notices()
    assert notice.startswith("Deliveroo (deliveroo shop) could not be opened again: ")
    assert "OPENING_HOURS" in notice
    (one,) = promised(counter)
    assert one.tries == 1
    assert one.due_at > now()
    await keep(counter, one.due_at)
    (one,) = promised(counter)
    assert one.tries == 2
    assert caplog.text.count("not_put_back") == 1, "an outage is logged once"

    deliveroo.site.open_hours = True
    await keep(counter, one.due_at)
    assert (deliveroo.site.status, counter.notices()) == ("OPEN", [])


async def test_dishes_of_an_account_that_is_off_are_named(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    dishes = (await counter.fronts.items(number))[:2]
    await counter.fronts.set_available({number: [one.item_id for one in dishes]}, False, end)
    connector = counter.signed_in.pop(number)
    await keep(counter, end)

    (notice,) = counter.store.read(overview.overview, counter.house, now()).shops
    names = ", ".join(one.name for one in dishes)
    assert notice.text == (
        f"Deliveroo (deliveroo shop): could not be put back on sale: {names}. This account is switched off or not open yet."
    )
    counter.signed_in[number] = connector
    await keep(counter, end + timedelta(hours=1))
    assert deliveroo.site.off == {}
    assert "not_put_back" in caplog.text


async def test_a_yes_that_changes_nothing_is_no_success(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    monkeypatch.setattr(deliveroo.site, "set_status", lambda _: None)
    await keep(counter, end)
    assert [one.error for one in promised(counter)] == ["The platform says yes and still shows the shop as it was."]


async def test_a_fault_of_ours_breaks_no_promise_of_another_account(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    broken = await counter.opens(DeliverooSimulator(seed=5))
    await counter.fronts.set_shop([broken, number], ShopState.PAUSED, end)

    class Broken:
        shop_states = frozenset({ShopState.OPEN})

        async def shop(self) -> object:
            raise KeyError("status")

        async def set_shop(self, *_: object) -> object:
            raise KeyError("status")

    counter.signed_in[broken] = Broken()  # type: ignore[assignment]  # of a connector only this is asked
    await keep(counter, end)
    assert deliveroo.site.status == "OPEN"
    assert [(one.account_id, one.error) for one in promised(counter)] == [(broken, "KeyError: 'status'")]
    assert "put_back_failed" in caplog.text


async def test_a_person_who_prolongs_the_pause_at_the_last_moment_is_heard(
    counter: Counter, deliveroo: DeliverooSimulator
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    turns = Turns()
    async with turns.of(number):
        keeping = asyncio.create_task(PutBacks(counter.store, counter.bell, counter.signed_in.get, turns).keep(end))
        await asyncio.sleep(0.05)  # it has seen what is due, and waits
        counter.store.write_now(shops.promise, number, {SHOP: "paused"}, end + SOON)
    await keeping
    assert deliveroo.site.status == "CLOSED"
    assert [one.until for one in promised(counter)] == [end + SOON]


class Wrapped:
    """A connector of which a test changes one answer."""

    def __init__(self, real: object) -> None:
        self.real: Any = real
        self.shop_states = frozenset(ShopState) - {ShopState.CLOSED}

    async def shop(self) -> ShopStatus:
        return await self.real.shop()  # type: ignore[no-any-return]

    async def set_shop(self, state: ShopState, end: datetime | None) -> ShopStatus:
        return await self.real.set_shop(state, end)  # type: ignore[no-any-return]

    async def items(self) -> object:
        return await self.real.items()

    async def set_available(self, *wish: object) -> None:
        await self.real.set_available(*wish)


class Unanswered(Wrapped):
    """Everything is done there, and no answer arrives."""

    async def set_shop(self, state: ShopState, end: datetime | None) -> ShopStatus:
        await super().set_shop(state, end)
        raise TemporaryError("no answer")

    async def set_available(self, *wish: object) -> None:
        await super().set_available(*wish)
        raise TemporaryError("no answer")


class Deaf(Wrapped):
    """Nothing that is asked arrives."""

    async def set_shop(self, state: ShopState, end: datetime | None) -> ShopStatus:
        raise TemporaryError("not reached")


def wrap(counter: Counter, number: int, kind: type[Wrapped]) -> None:
    counter.signed_in[number] = kind(counter.signed_in[number])  # type: ignore[assignment]  # only this is asked


async def test_a_shop_opened_and_closed_elsewhere_meanwhile_stays_closed(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    deliveroo.site.status = "OPEN"  # on the tablet
    await counter.fronts.look()
    await counter.fronts.look()
    assert len(promised(counter)) == 1, "the platform may only be slow to show our own change"
    monkeypatch.setattr(module, "now", lambda: now() + module.LAG)
    await counter.fronts.look()
    assert promised(counter) == [], "somebody decided otherwise"

    deliveroo.site.status = "CLOSED"  # for the night, on the tablet
    await keep(counter, end)
    assert deliveroo.site.status == "CLOSED"


async def test_looks_from_before_a_pause_do_not_end_it(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAG", timedelta(0))
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    deliveroo.site.status = "OPEN"
    await counter.fronts.look()
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    deliveroo.site.status = "OPEN"
    await counter.fronts.look()
    assert len(promised(counter)) == 1


async def test_an_hour_outside_the_opening_hours_ends_no_pause(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAG", timedelta(0))
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)

    class Shut(Wrapped):
        async def shop(self) -> ShopStatus:
            return ShopStatus(ShopState.CLOSED)

    wrap(counter, number, Shut)
    await counter.fronts.look()
    await counter.fronts.look()
    assert len(promised(counter)) == 1


async def test_a_platform_slow_to_show_the_pause_is_opened_again_all_the_same(
    counter: Counter, deliveroo: DeliverooSimulator
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON

    class Slow(Wrapped):
        async def set_shop(self, state: ShopState, until: datetime | None) -> ShopStatus:
            await super().set_shop(state, until)
            return ShopStatus(ShopState.OPEN)

    real = counter.signed_in[number]
    wrap(counter, number, Slow)
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    counter.signed_in[number] = real
    await keep(counter, end)
    assert deliveroo.site.status == "OPEN"


async def test_closed_until_somebody_opens_is_not_undone_because_the_answer_was_lost(
    counter: Counter, deliveroo: DeliverooSimulator
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    dish = (await counter.fronts.items(number))[0].item_id
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    await counter.fronts.set_available({number: [dish]}, False, end)
    real = counter.signed_in[number]
    wrap(counter, number, Unanswered)
    assert number in await counter.fronts.set_shop([number], ShopState.PAUSED, None)
    assert number in await counter.fronts.set_available({number: [dish]}, False, None)

    counter.signed_in[number] = real
    await keep(counter, end)
    assert (deliveroo.site.status, list(deliveroo.site.off)) == ("CLOSED", [dish])


async def test_a_change_that_did_not_arrive_leaves_the_promise_of_the_one_before(
    counter: Counter, deliveroo: DeliverooSimulator
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    real = counter.signed_in[number]
    wrap(counter, number, Deaf)
    assert number in await counter.fronts.set_shop([number], ShopState.BUSY, end + SOON)
    counter.signed_in[number] = real
    await keep(counter, end)
    assert deliveroo.site.status == "OPEN"


async def test_a_stuck_platform_makes_no_other_wait_for_its_end(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(put_backs, "OTHERS", 0.01)
    number, stuck = await counter.opens(deliveroo), await counter.opens(DeliverooSimulator(seed=5))
    await counter.fronts.set_shop([stuck], ShopState.PAUSED, now() + timedelta(milliseconds=1))
    asked = asyncio.Event()

    class Stuck(Wrapped):
        async def shop(self) -> ShopStatus:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError

    wrap(counter, stuck, Stuck)
    counter.runs(counter.fronts)
    await asked.wait()
    await counter.fronts.set_shop([number], ShopState.PAUSED, now() + timedelta(milliseconds=50))
    await comes_true(lambda: [one.account_id for one in promised(counter)] == [stuck])
    assert deliveroo.site.status == "OPEN"


async def test_a_platform_that_asks_for_patience_is_left_alone_so_long(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)

    class Throttled(Wrapped):
        async def shop(self) -> ShopStatus:
            raise TemporaryError("too many", retry_after=600)

    wrap(counter, number, Throttled)
    await keep(counter, end)
    assert promised(counter)[0].due_at > now() + timedelta(minutes=9)
    assert "not_put_back" in caplog.text


async def test_a_shop_does_not_stay_closed_because_the_clock_was_set_back(
    counter: Counter, deliveroo: DeliverooSimulator
) -> None:
    """While the platform was away the clock ran hours ahead: the next try must not wait until it gets there again."""
    number, end = await counter.opens(deliveroo), now()
    counter.store.write_now(shops.promise, number, {SHOP: ShopState.PAUSED.value}, end)
    (one,) = promised(counter)
    counter.store.write_now(shops.postponed, one, "no answer", end + timedelta(hours=3))

    assert counter.store.read(shops.promises, end - timedelta(minutes=1)) == [], "nothing is opened before its end"
    assert [one.account_id for one in counter.store.read(shops.promises, end)] == [number]
    counter.store.write_now(shops.postponed, one, "no answer", end + shops.LONGEST_REST)
    assert counter.store.read(shops.promises, end) == []


async def test_a_platform_that_wants_to_be_left_alone_for_a_day_is_asked_before(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() - SOON
    counter.store.write_now(shops.promise, number, {SHOP: ShopState.PAUSED.value}, end)

    class Throttled(Wrapped):
        async def shop(self) -> ShopStatus:
            raise TemporaryError("too many", retry_after=86_400)

    wrap(counter, number, Throttled)
    await keep(counter, end)
    assert promised(counter)[0].due_at <= now() + shops.LONGEST_REST
    assert "not_put_back" in caplog.text


async def test_a_dish_that_is_refused_keeps_no_other_off_sale(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number, end = await counter.opens(deliveroo), now() + SOON
    bad, *good = [one.item_id for one in await counter.fronts.items(number)][:3]
    await counter.fronts.set_available({number: [bad, *good]}, False, end)

    class Picky(Wrapped):
        async def set_available(self, *wish: Any) -> None:
            if bad in wish[0]:
                raise RejectedError("not that one")
            await super().set_available(*wish)

    wrap(counter, number, Picky)
    await keep(counter, end)
    assert list(deliveroo.site.off) == [bad]
    assert [(one.item_id, one.error) for one in promised(counter)] == [(bad, "not that one")]
    assert "not_put_back" in caplog.text


@pytest.mark.parametrize("looked", [False, True])
async def test_a_pause_whose_end_somebody_took_away_stays(counter: Counter, uber: UberEatsSimulator, looked: bool) -> None:
    number, end = await counter.opens(uber), now() + SOON
    await counter.fronts.set_shop([number], ShopState.PAUSED, end)
    uber.shop.paused_until = (end + timedelta(days=3000)).timestamp()  # "until I open it", in Uber's own app
    if looked:
        await counter.fronts.look()
        assert promised(counter) == []
    await keep(counter, end)
    assert uber.shop.paused_until > end.timestamp()
    assert promised(counter) == []
