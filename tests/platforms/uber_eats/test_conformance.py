"""Uber Eats keeps the promises every platform keeps, on both generations of its order API."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.uber_eats import platform
from app.platforms.uber_eats.simulator import PreviousUberEatsSimulator, UberEatsSimulator


class TestCurrentGeneration(ConformanceSuite):
    """Order Fulfillment suite; see the suite."""

    platform = platform
    simulator = UberEatsSimulator
    crowd = 60  # two pages

    def with_unknown_status(self, body: bytes) -> bytes:
        """A state that no document names."""
        order = json.loads(body)["order"]
        return json.dumps({"order": {**order, "state": "TELEPORTED"}}).encode()


class TestPreviousGeneration(ConformanceSuite):
    """The older order API; see the suite."""

    platform = platform
    simulator = PreviousUberEatsSimulator
    crowd = 60  # more than two polls read, order by order

    def with_unknown_status(self, body: bytes) -> bytes:
        """A state that no document names."""
        return json.dumps({**json.loads(body), "current_state": "TELEPORTED"}).encode()
