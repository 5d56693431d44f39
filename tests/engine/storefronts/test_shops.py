"""The shop on its platforms: seen, changed everywhere at once, refused in a platform's own words, held up by none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.db import shops
from app.domain.shop import ShopState, ShopStatus
from app.engine import storefronts as module
from app.engine.asking import able
from app.engine.desk import RefusalError
from app.engine.views import Storefront
from app.platforms.abilities import Ability, OpensShop, SellsItems, abilities_of
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.steady import now
from tests.engine.shop import until

from .conftest import Counter


def front(counter: Counter, account_id: int) -> Storefront:
    (found,) = [one for one in counter.fronts.every() if one.account_id == account_id]
    return found


async def test_every_shop_is_seen_with_what_can_be_done_there(
    counter: Counter,
    deliveroo: DeliverooSimulator,
    uber: UberEatsSimulator,
    meituan: MeituanSimulator,
    koubei: KoubeiSimulator,
) -> None:
    roo, ub, mt, kb = [await counter.opens(one) for one in (deliveroo, uber, meituan, koubei)]
    assert {one.status for one in counter.fronts.every()} == {None}, "nobody looked yet"

    await counter.fronts.look()
    for account_id in (roo, ub, mt):
        seen = front(counter, account_id)
        assert seen.status
        assert (seen.status.state, seen.error) == (ShopState.OPEN, "")
        assert seen.checked_at
    assert front(counter, roo).states == {ShopState.OPEN, ShopState.BUSY, ShopState.PAUSED}
    assert Ability.SELLS_ITEMS in front(counter, ub).abilities
    assert front(counter, kb).status is None
    assert Ability.REFUNDS_ORDERS in front(counter, kb).abilities
    assert not front(counter, kb).states
    assert counter.notices() == []


async def test_a_pause_reaches_all_of_them_and_is_read_back(
    counter: Counter, deliveroo: DeliverooSimulator, uber: UberEatsSimulator, meituan: MeituanSimulator
) -> None:
    ids = [await counter.opens(one) for one in (deliveroo, uber, meituan)]
    heard: list[frozenset[int]] = []
    counter.bell.subscribe(lambda change: heard.append(change.ids) if change.topic == "shops" else None)

    assert await counter.fronts.set_shop(ids, ShopState.PAUSED, None) == {}
    assert {one.status.state for one in counter.fronts.every() if one.status} == {ShopState.PAUSED}
    assert deliveroo.site.status == "CLOSED"
    assert {one for changed in heard for one in changed} == set(ids)

    assert await counter.fronts.set_shop(ids, ShopState.OPEN, None) == {}
    assert deliveroo.site.status == "OPEN"
    assert {one.status.state for one in counter.fronts.every() if one.status} == {ShopState.OPEN}


async def test_one_refusal_is_told_in_the_platforms_words_and_the_others_did_it(
    counter: Counter, deliveroo: DeliverooSimulator, uber: UberEatsSimulator, koubei: KoubeiSimulator
) -> None:
    roo, ub, kb = [await counter.opens(one) for one in (deliveroo, uber, koubei)]
    await counter.fronts.set_shop([roo, ub], ShopState.PAUSED, None)
    deliveroo.site.open_hours = False

    refused = await counter.fronts.set_shop([roo, ub, kb, 99], ShopState.OPEN, None)
    assert set(refused) == {roo, kb, 99}
    assert "OPENING_HOURS" in refused[roo]
    assert refused[kb] == "This platform's shop cannot be opened or paused from here."
    assert refused[99] == "This account is switched off or not open yet."
    status = front(counter, ub).status
    assert status
    assert status.state is ShopState.OPEN


async def test_a_state_that_a_platform_does_not_know_is_not_asked_for(counter: Counter, meituan: MeituanSimulator) -> None:
    number = await counter.opens(meituan)
    assert await counter.fronts.set_shop([number], ShopState.CLOSED, None) == {
        number: "This platform has no such state for a shop."
    }


class Stuck:
    """A platform that never answers."""

    shop_states = frozenset({ShopState.OPEN, ShopState.PAUSED})

    async def shop(self) -> ShopStatus:
        await asyncio.Event().wait()
        raise AssertionError

    async def set_shop(self, state: ShopState, until: Any) -> ShopStatus:
        return await self.shop()


async def test_a_stuck_platform_holds_up_no_other(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await counter.opens(deliveroo)
    stuck = await counter.opens(DeliverooSimulator(seed=4))
    counter.signed_in[stuck] = Stuck()  # type: ignore[assignment]  # of a connector only this is asked
    monkeypatch.setattr(module, "CHANGE_SECONDS", 0.5)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.5)
    changing = asyncio.create_task(counter.fronts.set_shop([stuck, number], ShopState.PAUSED, None))
    await until(lambda: deliveroo.site.status == "CLOSED")
    assert await changing == {stuck: "The platform did not answer in time."}
    await counter.fronts.look()
    assert front(counter, stuck).error == "The platform did not answer in time."
    assert front(counter, number).error == ""


async def test_a_look_that_began_before_a_change_tells_old_news(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number = await counter.opens(deliveroo)
    asked, answer = asyncio.Event(), asyncio.Event()

    class Slow(Stuck):
        async def shop(self) -> ShopStatus:
            asked.set()
            await answer.wait()
            return ShopStatus(ShopState.OPEN)

        async def set_shop(self, state: ShopState, until: Any) -> ShopStatus:
            return ShopStatus(state)

    counter.signed_in[number] = Slow()  # type: ignore[assignment]  # of a connector only this is asked
    looking = asyncio.create_task(counter.fronts.look())
    await asked.wait()
    await counter.fronts.set_shop([number], ShopState.PAUSED, None)
    answer.set()
    await looking
    status = front(counter, number).status
    assert status
    assert status.state is ShopState.PAUSED


async def test_what_was_last_seen_outlives_the_connection(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number = await counter.opens(deliveroo)
    await counter.fronts.look()
    before = front(counter, number)
    counter.signed_in.clear()
    await counter.fronts.look()

    after = front(counter, number)
    assert (after.status, after.checked_at, after.abilities) == (before.status, before.checked_at, frozenset())


async def test_a_platforms_trouble_is_shown_beside_its_last_word(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number = await counter.opens(deliveroo)
    await counter.fronts.look()
    counter.store.write_now(shops.could_not_see, number, "busy")
    seen = front(counter, number)
    assert seen.status
    assert (seen.status.state, seen.error) == (ShopState.OPEN, "busy")
    await counter.fronts.look()
    assert front(counter, number).error == ""


async def test_a_fault_of_ours_is_told_and_logged(
    counter: Counter, deliveroo: DeliverooSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    number = await counter.opens(deliveroo)

    class Broken(Stuck):
        async def shop(self) -> ShopStatus:
            raise KeyError("status")

    counter.signed_in[number] = Broken()  # type: ignore[assignment]  # of a connector only this is asked
    await counter.fronts.look()
    assert front(counter, number).error == "KeyError: 'status'"
    assert await counter.fronts.set_shop([number], ShopState.PAUSED, None) == {number: "KeyError: 'status'"}
    assert "shop_not_seen" in caplog.text


async def test_the_loop_looks_by_itself(
    counter: Counter, deliveroo: DeliverooSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await counter.opens(deliveroo)
    monkeypatch.setattr(module, "FIRST_LOOK", 0.0)
    counter.runs(counter.fronts)
    await until(lambda: front(counter, number).status)


async def test_the_menu_is_read_and_an_end_of_ours_is_shown_on_it(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    number = await counter.opens(deliveroo)
    dish = (await counter.fronts.items(number))[0]
    assert dish.available
    end = now() + timedelta(minutes=30)
    assert await counter.fronts.set_available({number: [dish.item_id]}, False, end) == {}
    shown = next(one for one in await counter.fronts.items(number) if one.item_id == dish.item_id)
    assert (shown.available, shown.until) == (False, end)
    assert await counter.fronts.set_available({number: [dish.item_id]}, True, None) == {}
    assert deliveroo.site.off == {}
    assert counter.store.read(shops.promises) == []


async def test_an_unknown_dish_is_refused_in_the_platforms_words(
    counter: Counter, deliveroo: DeliverooSimulator, uber: UberEatsSimulator
) -> None:
    roo, ub = await counter.opens(deliveroo), await counter.opens(uber)
    dish = (await counter.fronts.items(ub))[0].item_id
    refused = await counter.fronts.set_available({roo: ["no-such"], ub: [dish]}, False, None)
    assert set(refused) == {roo}
    assert "no-such" in refused[roo]
    assert dish in uber.shop.suspended


async def test_a_platform_that_lists_no_days_proves_nothing(
    counter: Counter, deliveroo: DeliverooSimulator, koubei: KoubeiSimulator
) -> None:
    roo, kb = await counter.opens(deliveroo), await counter.opens(koubei)
    assert {one.id: one.provable for one in counter.overview().accounts} == {roo: True, kb: False}
    counter.signed_in.clear()
    assert {one.provable for one in counter.overview().accounts} == {None}


def test_abilities_by_name() -> None:
    assert abilities_of(None) == frozenset()
    assert abilities_of(Stuck()) == {Ability.OPENS_SHOP}
    assert able(Stuck(), OpensShop, Ability.OPENS_SHOP) is not None  # type: ignore[arg-type, type-abstract]  # a protocol
    with pytest.raises(RefusalError, match="menu"):
        able(Stuck(), SellsItems, Ability.SELLS_ITEMS)  # type: ignore[arg-type, type-abstract]  # a protocol
