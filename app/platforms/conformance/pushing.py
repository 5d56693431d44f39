"""The suite's checks of pushes: verified, stored before they are acknowledged, and the same order as a polled one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import DEAD
from app.platforms.api import (
    Connector,
    ForgedWebhookError,
    ProtocolError,
    TakesWebhooks,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.conformance import bench
from app.platforms.conformance.bench import Bench
from app.platforms.conformance.counter import REFUSED, until

RELAYED = WebhookReply(body=b"{}")  # what a relay answers for a platform that names no reply


class Pushing(Bench):
    """At the door."""

    @pytest.mark.asyncio
    async def test_push_and_poll_of_an_order_say_the_same(self) -> None:
        async with self.pushed() as (counter, door):
            order_id = counter.simulator.place()
            await until(door.stored)
            pushed = await counter.facts(order_id)
            fetched = counter.connector.read(await counter.connector.fetch_order(order_id))
            assert pushed in [update.facts for update in fetched]

    @pytest.mark.asyncio
    async def test_push_and_poll_of_an_order_are_one_order(self) -> None:
        async with self.pushed() as (counter, door):
            order_id = counter.simulator.place()
            await until(door.stored)
            await counter.poll()
            await counter.restart()
            await counter.poll()
            assert counter.order_ids() == {order_id}
            known = [update.facts for update in await counter.updates(order_id) if update.facts]
            assert len({(facts.number, facts.reference, facts.total, facts.placed_at) for facts in known}) == 1

    @pytest.mark.asyncio
    async def test_the_platform_takes_our_reply_for_an_acknowledgement(self) -> None:
        async with self.pushed() as (counter, door):
            order_id = counter.simulator.place()
            await until(lambda: counter.records("push_acknowledged"))
            assert door.genuine()
            assert counter.truth(order_id).delivered_to_console_at

    @pytest.mark.asyncio
    async def test_nothing_is_acknowledged_before_it_is_stored(self) -> None:
        async with self.pushed() as (counter, door):
            door.commit.clear()
            order_id = counter.simulator.place()
            await until(lambda: door.requests)
            assert not counter.records("push_acknowledged")
            assert counter.truth(order_id).delivered_to_console_at is None
            door.commit.set()
            await until(lambda: counter.records("push_acknowledged"))

    @pytest.mark.asyncio
    async def test_a_push_that_was_not_stored_is_not_lost(self) -> None:
        async with self.pushed(closed=True) as (counter, door):
            order_id = counter.simulator.place()
            await until(lambda: counter.records("push_failed"))
            assert not counter.records("push_acknowledged")
            door.closed = False
            await counter.restart()
            if counter.truth(order_id).kitchen not in DEAD:  # one that the platform gave up at once, nobody waits for
                await counter.poll()
                assert counter.order_ids() == {order_id}

    @pytest.mark.asyncio
    async def test_another_reply_is_no_acknowledgement(self) -> None:
        if not self.simulator.exact_reply:
            pytest.skip("the platform looks at the status only")
        async with self.pushed(answer=lambda _, reply: replace(reply, body=reply.body + b" ")) as (counter, _):
            counter.simulator.place()
            await until(lambda: counter.records("push_failed"))
            assert not counter.records("push_acknowledged")

    @pytest.mark.asyncio
    async def test_a_relay_answers_to_the_byte_what_the_counter_answers(self) -> None:
        if self.platform.relay_reply is None:
            pytest.skip("any 200 will do")
        async with self.pushed() as (counter, door):
            counter.simulator.place()
            await until(lambda: counter.records("push_acknowledged"))
            assert door.genuine()
            for request, received in door.requests:
                assert self.platform.relay_reply(request) == received.reply

    @pytest.mark.asyncio
    async def test_the_platform_takes_a_relays_reply_for_an_acknowledgement(self) -> None:
        mint = self.platform.relay_reply or (lambda _: RELAYED)
        async with self.pushed(answer=lambda request, _: mint(request)) as (counter, _):
            counter.simulator.place()
            await until(lambda: counter.records("push_acknowledged"))
            assert counter.stored

    @pytest.mark.asyncio
    async def test_a_forged_push_is_refused(self) -> None:
        async with self.pushed() as (counter, door):
            counter.simulator.place()
            await until(door.genuine)
            genuine, stranger = door.genuine(), self.wrong_secrets(counter)
            assert genuine
            assert isinstance(stranger, TakesWebhooks)
            with pytest.raises(ForgedWebhookError):
                stranger.receive(genuine)
            if self.signed:
                _forge(counter.connector, genuine)

    @pytest.mark.asyncio
    async def test_nothing_of_a_forged_push_is_stored(self) -> None:
        async with self.pushed() as (counter, door):
            counter.connector = self.wrong_secrets(counter)
            counter.simulator.place()
            await until(lambda: REFUSED in door.replies)
            assert not counter.stored


def _forge(connector: Connector, genuine: WebhookRequest) -> None:
    """A changed byte is refused, unless it changes nothing that the platform says (a blank in JSON)."""
    assert isinstance(connector, TakesWebhooks)
    doors, said = connector, _said(connector, genuine)

    @bench.FREELY
    @given(at=st.integers(0, len(genuine.body) - 1), new=st.integers(0, 255))
    def forged(at: int, new: int) -> None:
        body = genuine.body[:at] + bytes([new]) + genuine.body[at + 1 :]
        with suppress(ForgedWebhookError, ProtocolError):
            assert _said(doors, replace(genuine, body=body)) in (said, [])

    forged()


def _said(connector: TakesWebhooks, request: WebhookRequest) -> list[OrderUpdate]:
    assert isinstance(connector, Connector)
    return [update for message in connector.receive(request).messages for update in connector.read(message)]
