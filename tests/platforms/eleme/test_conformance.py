"""Ele.me keeps the promises every platform keeps."""

from __future__ import annotations

import json

from app.platforms.abilities import Ability, abilities_of
from app.platforms.conformance import ConformanceSuite
from app.platforms.eleme import platform
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.simulator import ElemeSimulator, SelfDeliverySimulator


class TestEleme(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = ElemeSimulator

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()

    def test_it_has_what_its_wire_documents(self) -> None:
        """All but the courier's place, of which the form is not published, and vouchers, which it does not sell."""
        missing = {Ability.TRACKS_COURIERS, Ability.REDEEMS_VOUCHERS}
        assert abilities_of(ElemeConnector) == frozenset(Ability) - missing


class TestSelfDelivery(TestEleme):
    """A shop with couriers of its own."""

    simulator = SelfDeliverySimulator
