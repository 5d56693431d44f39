"""Square keeps the promises every platform keeps."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.square import platform
from app.platforms.square.simulator import SquareSimulator


class TestSquare(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = SquareSimulator

    def with_unknown_status(self, body: bytes) -> bytes:
        """A state of its fulfilment that no document names."""
        order = json.loads(body)
        order["fulfillments"][0]["state"] = "TELEPORTED"
        return json.dumps(order).encode()
