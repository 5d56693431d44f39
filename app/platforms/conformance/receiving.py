"""The suite's checks of polling: orders may come again and are never skipped, whatever happens in between."""

from __future__ import annotations

import pytest

from app.domain.lifecycle import DEAD, merge_all
from app.platforms.api import RejectedError
from app.platforms.conformance.bench import NO_SUCH_ORDER, Bench
from app.platforms.conformance.counter import until
from app.platforms.simulation import Faults, Happening


class Receiving(Bench):
    """May repeat, never skip."""

    @pytest.mark.asyncio
    async def test_an_order_is_polled_again_until_it_is_stored(self) -> None:
        if self.pushed_only:
            pytest.skip("orders are only pushed: see the push that was not stored")
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            first = await counter.connector.fetch_orders("")
            await counter.restart()  # died before anything was committed
            again = await counter.connector.fetch_orders("")
            assert {message.order_id for message in first.messages} == {order_id}
            assert {message.key for message in first.messages} <= {message.key for message in again.messages}

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_pages(self) -> None:
        async with self.counter() as counter:
            await counter.poll()
            placed = {counter.simulator.place() for _ in range(self.crowd)}
            await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_pages_of_the_first_poll(self) -> None:
        """And the program dies after the first three of them."""
        async with self.counter() as counter:
            placed = {counter.simulator.place() for _ in range(self.crowd)}
            await counter.poll(deaths=3)
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_across_restarts(self) -> None:
        async with self.counter() as counter:
            placed = set()
            for _ in range(4):
                placed |= {counter.simulator.place() for _ in range(3)}
                await counter.fetch()  # lost with the process
                await counter.restart()
                await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_no_order_is_skipped_on_a_bad_day(self) -> None:
        async with self.counter(Faults.level(2)) as counter:
            placed = set()
            for turn in range(10):
                placed |= {counter.simulator.place() for _ in range(3)}
                await counter.poll(deaths=3)
                if turn % 3 == 0:
                    await counter.restart()
            counter.simulator.faults = Faults()  # even the worst day ends, and then nothing may be missing
            await counter.poll()
            assert counter.order_ids() == placed

    @pytest.mark.asyncio
    async def test_a_cancellation_is_heard(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await self.before_cancellation(counter, order_id)
            counter.simulator.happen(order_id, Happening.CANCEL)
            await counter.poll()

            def dead() -> bool:
                return merge_all(update.state for update in counter.heard(order_id)).kitchen in DEAD

            if self.pushed_only:
                await until(dead)
            assert dead()

    @pytest.mark.asyncio
    async def test_an_unknown_order_is_refused(self) -> None:
        async with self.counter() as counter:
            with pytest.raises(RejectedError, match=r"."):
                await counter.connector.fetch_order(NO_SUCH_ORDER)
