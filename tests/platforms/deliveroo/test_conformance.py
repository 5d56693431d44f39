"""Deliveroo keeps the promises every platform keeps."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.deliveroo import platform
from app.platforms.deliveroo.simulator import DeliverooSimulator, LegacySimulator


class TestDeliveroo(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = DeliverooSimulator
    speed = 50.0  # the list's five calls a minute take a second, the time to decide twelve

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()


class TestLegacy(TestDeliveroo):
    """A site with the deprecated webhook beside the events."""

    simulator = LegacySimulator
