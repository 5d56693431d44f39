"""Koubei keeps the promises every platform keeps; since it lists no orders, its counter stands behind an open door."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.koubei import platform
from app.platforms.koubei.simulator import KoubeiSimulator


class TestKoubei(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = KoubeiSimulator
    crowd = 25  # there are no pages: it is about many notifications at once

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status of a dish that no document names: an order has none of its own."""
        content = json.loads(body)
        dishes = [{**dish, "make_status": "TELEPORTED"} for dish in content["dish_details"]]
        return json.dumps({**content, "dish_details": dishes}).encode()
