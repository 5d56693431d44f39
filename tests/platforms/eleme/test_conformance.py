"""Ele.me keeps the promises every platform keeps."""

from __future__ import annotations

import json

import pytest

from app.domain.commands import CommandKind
from app.domain.money import Money
from app.platforms.abilities import Ability, RefundsOrders, abilities_of
from app.platforms.api import RejectedError
from app.platforms.conformance import ConformanceSuite, Counter
from app.platforms.eleme import platform
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.simulation import Happening


class TestEleme(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = ElemeSimulator

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()

    def test_it_has_what_its_wire_documents(self) -> None:
        """All but the courier's place."""
        assert abilities_of(ElemeConnector) == frozenset(Ability) - {Ability.TRACKS_COURIERS}

    @pytest.mark.asyncio
    async def test_a_refund_of_one_key_is_paid_once(self) -> None:
        """Only a whole order goes back, and only a completed one: a part is refused before Ele.me is asked for anything."""
        async with self.counter() as counter:
            order_id = counter.simulator.place()
            await counter.poll()
            await _complete(counter, order_id)
            connector, total = counter.connector, counter.truth(order_id).total_minor
            assert isinstance(connector, RefundsOrders)
            for amount, lines in ((Money(100, "CNY"), ()), (Money(10**9, "CNY"), ()), (None, ("1号篮子/1/",))):
                with pytest.raises(RejectedError, match="whole order"):
                    await connector.refund(order_id, amount, lines, "cold", "part")
            assert counter.truth(order_id).refunded_minor == 0
            for key in ("one", "one", "two"):
                await connector.refund(order_id, None, (), "cold", key)
                assert counter.truth(order_id).refunded_minor == total
            assert counter.truth(order_id).commands.count("eleme.order.applyRefund") == 1
            assert counter.records("refused") == 0


async def _complete(counter: Counter, order_id: str) -> None:
    await counter.send(CommandKind.ACCEPT, order_id)
    for step in (Happening.COURIER_ASSIGNED, Happening.COURIER_PICKED_UP, Happening.DELIVERED, Happening.COMPLETE):
        counter.simulator.happen(order_id, step)
