"""HubRise keeps the promises every platform keeps."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.hubrise import platform
from app.platforms.hubrise.simulator import HubRiseSimulator


class TestHubRise(ConformanceSuite):
    platform = platform
    simulator = HubRiseSimulator
    speed = 600.0  # a minute's call window lasts 0.1 s

    def with_unknown_status(self, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()
