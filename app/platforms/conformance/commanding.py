"""The suite's checks of commands: carried out once, however often they are sent; a no is told and not repeated."""

from __future__ import annotations

from contextlib import suppress

import pytest

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import DEAD
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.conformance.bench import NO_SUCH_ORDER, Bench, assert_no_repeats, assert_reached
from app.platforms.conformance.counter import Counter
from app.platforms.simulation import Faults, Happening

UNHEARD = Faults(lose_reply=1.0)


class Commanding(Bench):
    """What the shop asks for."""

    @pytest.mark.asyncio
    async def test_every_step_may_be_sent_twice(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            for kind in self.steps():
                await counter.send(kind, order_id)
                await counter.send(kind, order_id)
                assert_reached(kind, await counter.state(order_id))
                await self.between_commands(counter)
            assert_no_repeats(counter.truth(order_id))

    @pytest.mark.asyncio
    async def test_a_step_that_was_done_unheard_is_not_repeated(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            for kind in self.steps():
                await _send_unheard(counter, Command(kind, order_id, key=f"{kind}-{order_id}"))
                await counter.send(kind, order_id)
                assert_reached(kind, await counter.state(order_id))
                await self.between_commands(counter)
            assert_no_repeats(counter.truth(order_id))

    @pytest.mark.parametrize("kind", [CommandKind.REJECT, CommandKind.CANCEL])
    @pytest.mark.asyncio
    async def test_a_refusal_may_be_sent_twice(self, kind: CommandKind) -> None:
        """The first time nobody hears the yes."""
        if kind not in self.platform.commands:
            pytest.skip("not offered by this platform")
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            if kind is CommandKind.CANCEL:
                await counter.send(CommandKind.ACCEPT, order_id)
            reason: RejectReason = next(iter(self.platform.reject_reasons))
            await _send_unheard(counter, Command(kind, order_id, f"{kind}-{order_id}", reason, "no more"))
            for _ in range(2):
                await counter.send(kind, order_id, reason=reason, text="no more")
            assert (await counter.state(order_id)).kitchen in DEAD
            assert_no_repeats(counter.truth(order_id))

    @pytest.mark.asyncio
    async def test_a_lost_answer_does_not_repeat_the_command(self) -> None:
        kind = self.first_step()
        async with self.counter() as counter:
            placed = [counter.simulator.place() for _ in range(8)]
            await counter.poll()
            counter.simulator.faults = Faults(lose_reply=0.4)
            for order_id in placed:
                await counter.send(kind, order_id)
            counter.simulator.faults = Faults()
            for order_id in placed:
                assert_reached(kind, await counter.state(order_id))
                assert_no_repeats(counter.truth(order_id))

    @pytest.mark.asyncio
    async def test_a_refusal_of_the_platform_is_told_and_not_repeated(self) -> None:
        """The state moved, or the platform does not want to: who asks again gets the same answer, and a block."""
        kind = self.first_step()
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            before = counter.truth(order_id).kitchen
            counter.simulator.faults = Faults(refuse=1.0)
            refusal = None
            try:
                await counter.connector.send(Command(kind, order_id, key="no"))
            except RejectedError as error:
                refusal = error
            if not counter.records("refused"):
                pytest.skip("this platform's simulator refuses nothing on a whim")
            assert refusal, "a refusal is the operator's business"
            assert str(refusal)
            assert counter.records("refused") == 1
            assert (await counter.state(order_id)).kitchen == counter.truth(order_id).kitchen == before

    @pytest.mark.asyncio
    async def test_a_command_for_a_cancelled_order_is_refused_and_the_order_tells_why(self) -> None:
        kind = self.first_step()
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            counter.simulator.happen(order_id, Happening.CANCEL)
            with pytest.raises(RejectedError, match=r"."):
                await counter.connector.send(Command(kind, order_id, key="late"))
            assert counter.records("refused") <= 1
            assert (await counter.state(order_id)).kitchen in DEAD
            assert counter.truth(order_id).kitchen in DEAD

    @pytest.mark.asyncio
    async def test_a_command_for_an_unknown_order_is_refused(self) -> None:
        async with self.counter() as counter:
            with pytest.raises(RejectedError, match=r"."):
                await counter.connector.send(Command(CommandKind.ACCEPT, NO_SUCH_ORDER, key="k"))

    @pytest.mark.asyncio
    async def test_closing_twice_is_harmless(self) -> None:
        async with self.counter() as counter:
            await counter.connector.aclose()
            await counter.connector.aclose()


async def _send_unheard(counter: Counter, command: Command) -> None:
    """Once, while no answer comes back; what the engine then knows is nothing."""
    healthy, counter.simulator.faults = counter.simulator.faults, UNHEARD
    with suppress(TemporaryError):
        await counter.connector.send(command)
    counter.simulator.faults = healthy
