"""Deliveroo keeps the promises every platform keeps."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.deliveroo import platform
from app.platforms.deliveroo.simulator import DeliverooSimulator


class TestDeliveroo(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = DeliverooSimulator
    speed = 120.0  # the list's five calls a minute take half a second, the time to decide five

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()
