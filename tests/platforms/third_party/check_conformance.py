"""The corner shop keeps the promises every platform keeps."""

from __future__ import annotations

import json

from corner_shop import platform
from corner_shop.simulator import CornerShopSimulator

from app.platforms.conformance import ConformanceSuite


class TestCornerShop(ConformanceSuite):
    """See the suite."""

    platform = platform
    simulator = CornerShopSimulator
    crowd = 60  # two pages

    def with_unknown_status(self, body: bytes) -> bytes:
        """A state that the shop may have one day."""
        return json.dumps({**json.loads(body), "state": "teleported"}).encode()
