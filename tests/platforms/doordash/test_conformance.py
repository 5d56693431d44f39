"""DoorDash keeps the promises every platform keeps; what it cannot be asked for is heard at an open door."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from app.domain.commands import CommandKind
from app.domain.lifecycle import DEAD, merge_all
from app.domain.money import Money
from app.platforms.api import ForgedWebhookError, Message, RejectedError, TakesWebhooks
from app.platforms.conformance import ConformanceSuite, until
from app.platforms.doordash import platform
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.simulator import DoorDashSimulator
from app.platforms.simulation import Happening, PretendLine, PretendOrder

TWO = PretendOrder((PretendLine("Fries", 400), PretendLine("Iced Tea", 350)))


class PatientConnector(DoorDashConnector):
    """The suite fetches an order that was placed a moment ago: here its push must have arrived."""

    async def fetch_order(self, order_id: str) -> Message:
        for _ in range(50):
            try:
                return await super().fetch_order(order_id)
            except RejectedError:
                await asyncio.sleep(0.01)
        return await super().fetch_order(order_id)


class TestDoorDash(ConformanceSuite):
    """See the suite."""

    platform = replace(platform, connect=PatientConnector)
    simulator = DoorDashSimulator
    speed = 2.0  # nothing here waits, and the time to decide must outlast a slow machine
    crowd = 25  # there are no pages: it is about many pushes at once

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "event": {"type": "OrderCreate", "status": "TELEPORTED"}}).encode()

    @pytest.mark.asyncio
    async def test_a_cancellation_is_heard(self) -> None:
        """Once the shop has accepted: before that DoorDash tells nobody (see the connector's tests)."""
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await counter.send(CommandKind.ACCEPT, order_id)
            counter.simulator.happen(order_id, Happening.CANCEL)
            await until(lambda: merge_all(update.state for update in counter.heard(order_id)).kitchen in DEAD)

    @pytest.mark.asyncio
    async def test_a_push_that_was_not_stored_is_not_lost(self) -> None:
        """It is, and with it the order: any answer but a yes fails it at once, so nobody waits for its food."""
        async with self.pushed(closed=True) as (counter, door):
            lost = counter.simulator.place()
            await until(lambda: counter.truth(lost).kitchen in DEAD)
            assert not counter.records("push_acknowledged")
            door.closed = False
            order_id = counter.simulator.place()
            await until(lambda: counter.order_ids() == {order_id})
            assert counter.truth(order_id).kitchen not in DEAD

    @pytest.mark.asyncio
    async def test_a_forged_push_is_refused(self) -> None:
        """Nothing on this wire signs a body: what is refused is any other token, and none."""
        async with self.pushed() as (counter, door):
            counter.simulator.place()
            await until(door.genuine)
            genuine, stranger, connector = door.genuine(), self.wrong_secrets(counter), counter.connector
            assert genuine
            assert isinstance(stranger, TakesWebhooks)
            assert isinstance(connector, TakesWebhooks)
            with pytest.raises(ForgedWebhookError):
                stranger.receive(genuine)
            token = genuine.headers["authorization"]
            for wrong in ("", token[:-1], f"{token}x", f"Basic {token}", "Bearer wrong"):
                with pytest.raises(ForgedWebhookError):
                    connector.receive(replace(genuine, headers={**genuine.headers, "authorization": wrong}))
            assert connector.receive(genuine).messages

    @pytest.mark.asyncio
    async def test_a_refund_of_one_key_is_paid_once(self) -> None:
        """Dishes come off the bill here, never amounts."""
        async with self.counter() as counter:
            order_id = counter.simulator.place(TWO)
            await counter.poll()
            await counter.send(CommandKind.ACCEPT, order_id)
            connector, before = counter.connector, counter.truth(order_id).total_minor
            assert isinstance(connector, DoorDashConnector)
            with pytest.raises(RejectedError, match=r"not amounts"):
                await connector.refund(order_id, Money(100, "USD"), (), "cold", "amount")
            fries = (await counter.facts(order_id)).lines[0].key
            for _ in range(2):
                await connector.refund(order_id, None, [fries], "sold out", "one")
            assert counter.truth(order_id).total_minor == before - 400 - 400 * 8 // 100
            assert len(counter.truth(order_id).commands) == 2
            await counter.poll()
            assert [line.name for line in (await counter.facts(order_id)).lines] == ["Iced Tea"]

    @pytest.mark.asyncio
    async def test_what_was_told_outlives_a_restart_by_the_cursor(self) -> None:
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await counter.restart()
            with pytest.raises(RejectedError):
                await counter.connector.fetch_order(order_id)
            await counter.poll()
            assert (await counter.connector.fetch_order(order_id)).order_id == order_id
