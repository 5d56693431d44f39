"""The suite's checks of abilities: whichever a connector has, it keeps its word. See `app.platforms.abilities`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from typing import TypeVar, cast

import pytest

from app import steady
from app.domain.lifecycle import Kitchen
from app.domain.shop import DayEntry, RefundBy, SettlementLine, ShopState
from app.domain.vouchers import Voucher, VoucherState
from app.platforms.abilities import (
    HearsReviews,
    ListsDays,
    OpensShop,
    RedeemsVouchers,
    RefundsOrders,
    SellsItems,
    Settles,
    TracksCouriers,
)
from app.platforms.api import RejectedError
from app.platforms.conformance.bench import Bench
from app.platforms.conformance.counter import Counter, patiently
from app.platforms.conformance.redeeming import NO_SUCH_VOUCHER, Shown
from app.platforms.conformance.refunding import DINNER, REPEATABLE, Refund, ways
from app.platforms.simulation import Happening, ImpossibleError

T = TypeVar("T")

SCORE, PRAISE, THANKS = 5, "好吃", "谢谢光临"
RIDE = (Happening.COURIER_ASSIGNED, Happening.COURIER_PICKED_UP, Happening.DELIVERED)


class Abilities(Bench):
    """Beyond orders."""

    @pytest.mark.asyncio
    async def test_the_list_of_the_day_is_complete(self) -> None:
        async with self.able(ListsDays) as (counter, connector):
            placed = [counter.simulator.place() for _ in range(7)]
            await counter.poll()
            counter.simulator.happen(placed[2], Happening.CANCEL)
            first, again = await _listed(connector), await _listed(connector)
            assert sorted(entry.order_id for entry in first) == sorted(placed)
            assert first == again
            assert {entry.number for entry in first} <= {truth.number for truth in counter.simulator.truth()} | {""}

    @pytest.mark.asyncio
    async def test_the_shop_is_paused_with_an_end_and_opened_again(self) -> None:
        async with self.able(OpensShop) as (_, connector):
            until = steady.now().replace(microsecond=0) + timedelta(minutes=30)
            assert ShopState.OPEN in connector.shop_states
            for state in sorted(connector.shop_states - {ShopState.OPEN}):
                for _ in range(2):
                    status = await connector.set_shop(state, until)
                    assert status.state is state
                    assert status.until in (None, until)
                assert await connector.shop() == status
                assert (await connector.set_shop(ShopState.OPEN, None)).state is ShopState.OPEN
            assert (await connector.shop()).state is ShopState.OPEN
            for state in set(ShopState) - connector.shop_states:
                with pytest.raises(RejectedError, match=r"."):
                    await connector.set_shop(state, None)

    @pytest.mark.asyncio
    async def test_an_item_runs_out_and_comes_back(self) -> None:
        async with self.able(SellsItems) as (counter, connector):
            await counter.place()  # a platform without a menu knows what was ordered
            await counter.poll()
            items = await connector.items()
            assert len({item.item_id for item in items}) == len(items)
            chosen = next(item.item_id for item in items if item.available)
            until = steady.now() + timedelta(hours=2)
            for available in (False, False, True, True):
                await connector.set_available([chosen], available, None if available else until)
                shown = {item.item_id: item.available for item in await connector.items()}
                assert shown == {item.item_id: item.available for item in items} | {chosen: available}

    @pytest.mark.asyncio
    async def test_a_refund_of_one_key_is_paid_once(self) -> None:
        """In every declared way, each time from a new process: what was in flight in a crash is sent again by one that knows
        nothing of it."""
        async with self.able(RefundsOrders) as (counter, connector):
            for completed, way in ways(connector.refunds, declared=True):
                refund = await self._refund(counter, completed, way)
                for key in ("one", "one", "two") if way in REPEATABLE else ("one", "one"):
                    await refund.give(key)
                    refund.check(connector.refunds)
                    await counter.restart()
                await refund.refuses_more()

    @pytest.mark.asyncio
    async def test_a_refund_in_an_undeclared_way_is_refused(self) -> None:
        async with self.able(RefundsOrders) as (counter, connector):
            for completed, way in ways(connector.refunds, declared=False):
                refund = await self._refund(counter, completed, way)
                await refund.is_refused()

    @pytest.mark.asyncio
    async def test_a_courier_is_nowhere_or_on_this_earth(self) -> None:
        async with self.able(TracksCouriers) as (counter, connector):
            order_id = counter.simulator.place()
            await counter.poll()
            for happening in (None, Happening.COURIER_ASSIGNED, Happening.COURIER_PICKED_UP):
                if happening in self.simulator.happenings:
                    _befall(counter, order_id, happening)
                place = await connector.locate_courier(order_id)
                assert place is None or (abs(place.latitude) <= 90 and abs(place.longitude) <= 180)
                assert place is None or place.at.utcoffset() is not None

    @pytest.mark.asyncio
    async def test_a_review_is_read_and_answered(self) -> None:
        async with self.able(HearsReviews) as (counter, connector):
            order_id = await counter.place()
            since = steady.now().date() - timedelta(days=1)
            review_id = counter.simulator.review(order_id, SCORE, PRAISE)
            (review,) = await connector.reviews(since)
            assert (review.review_id, review.score, review.text, review.reply) == (review_id, SCORE, PRAISE, "")
            for _ in range(2):
                await connector.reply_review(review_id, THANKS)
            assert [one.reply for one in await connector.reviews(since)] == [THANKS]

    @pytest.mark.asyncio
    async def test_a_statement_has_every_line_once_for_ever(self) -> None:
        async with self.able(Settles) as (counter, connector):
            for _ in range(3):
                _befall(counter, await counter.place(), Happening.COMPLETE)
            first, again = await _settled(connector), await _settled(connector)
            assert len({line.line_id for line in first}) == len(first)
            assert first == again
            assert {line.amount.currency for line in first} <= {self.simulator.currency}

    @pytest.mark.asyncio
    async def test_looking_at_a_voucher_changes_nothing(self) -> None:
        async with self.able(RedeemsVouchers) as (counter, connector):
            code = counter.simulator.sell_voucher(3)
            first, again = await _looked_up(connector, code), await _looked_up(connector, code)
            assert first == again
            assert first.title
            assert (first.state, first.left, first.total, first.refusal) == (VoucherState.GOOD, 3, 3, "")
            assert first.worth is None or first.worth.currency == self.simulator.currency
            assert counter.simulator.voucher_uses(code) == 0

    @pytest.mark.asyncio
    async def test_a_voucher_is_redeemed_once_for_each_key(self) -> None:
        """Nobody hears the first yes, and a new process asks again under the same key."""
        async with self.able(RedeemsVouchers) as (counter, _):
            voucher = Shown(counter, counter.simulator.sell_voucher(4))
            for key, uses, together in (("one", 1, 1), ("two", 2, 3)):
                await voucher.unheard(voucher.redeem(key, uses))
                told = [await patiently(partial(voucher.redeem, key, uses)) for _ in range(2)]
                assert told[0] == told[1]
                assert voucher.used == together
                await counter.restart()
            await voucher.refuses(voucher.redeem("three", 2))

    @pytest.mark.asyncio
    async def test_a_voucher_that_is_not_good_is_refused_in_the_platforms_words(self) -> None:
        async with self.able(RedeemsVouchers) as (counter, connector):
            for state in (VoucherState.USED, VoucherState.ELSEWHERE, VoucherState.EXPIRED):
                voucher = Shown(counter, counter.simulator.sell_voucher(1, state))
                found = await _looked_up(connector, voucher.code)
                assert found.state in (state, VoucherState.OTHER)
                assert found.refusal
                await voucher.refuses(voucher.redeem("one"))
            unknown = Shown(counter, NO_SUCH_VOUCHER)
            for ask in (connector.look_up_voucher(unknown.code), unknown.redeem("one")):
                with pytest.raises(RejectedError, match=r"."):
                    await ask

    @pytest.mark.asyncio
    async def test_a_redemption_is_taken_back_once_by_its_key(self) -> None:
        async with self.able(RedeemsVouchers) as (counter, _):
            voucher = Shown(counter, counter.simulator.sell_voucher(5))
            await voucher.refuses(voucher.take_back("one"))
            await voucher.redeem("one", 2)
            await voucher.redeem("two", 2)
            await voucher.unheard(voucher.take_back("one", 2))
            await counter.restart()
            for _ in range(2):
                await patiently(partial(voucher.take_back, "one", 2))
                assert voucher.used == 2

    async def _refund(self, counter: Counter, completed: bool, way: RefundBy) -> Refund:
        """A new order under way, or completed, and a refund of it that nobody gave yet."""
        order_id = await counter.place(DINNER)
        await counter.poll()
        await self.before_refund(counter, order_id)
        if completed:
            await self._complete(counter, order_id)
        return Refund(counter, order_id, way)

    async def _complete(self, counter: Counter, order_id: str) -> None:
        """The way of a good order to its end, whoever carries it."""
        for kind in self.steps():
            await self.between_commands(counter)
            await counter.send(kind, order_id)
        for happening in (*RIDE, Happening.COMPLETE):
            if happening in self.simulator.happenings:
                _befall(counter, order_id, happening)
        await counter.poll()
        assert counter.truth(order_id).kitchen == Kitchen.COMPLETED

    @asynccontextmanager
    async def able(self, ability: Callable[..., T]) -> AsyncIterator[tuple[Counter, T]]:
        """A counter whose connector was verified and has the ability (a protocol). Skips a platform without it."""
        async with self.counter() as counter:
            await counter.verify()
            if not isinstance(counter.connector, cast(type, ability)):
                pytest.skip(f"this platform has not the ability {ability.__name__}")
            yield counter, cast(T, counter.connector)


def _befall(counter: Counter, order_id: str, happening: Happening) -> None:
    """Something that not every order allows (a courier where the customer fetches the food)."""
    try:
        counter.simulator.happen(order_id, happening)
    except ImpossibleError:
        return


def _days() -> list[date]:
    """The shop's local day is one of these, wherever on earth it stands, and whenever midnight comes."""
    today = steady.now().date()
    return [today + timedelta(days=days) for days in (-1, 0, 1)]


async def _listed(connector: ListsDays) -> Sequence[DayEntry]:
    return [entry for day in _days() for entry in await patiently(partial(connector.list_day, day))]


async def _settled(connector: Settles) -> Sequence[SettlementLine]:
    return [line for day in _days() for line in await patiently(partial(connector.settlement, day))]


async def _looked_up(connector: RedeemsVouchers, code: str) -> Voucher:
    return await patiently(partial(connector.look_up_voucher, code))
