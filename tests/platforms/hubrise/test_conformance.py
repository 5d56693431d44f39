"""HubRise keeps the promises every platform keeps."""

from __future__ import annotations

import json

import pytest

pytest.register_assert_rewrite("app.platforms.conformance")

from app.platforms.conformance import ConformanceSuite  # noqa: E402 - its asserts must be rewritten first
from app.platforms.hubrise import platform  # noqa: E402
from app.platforms.hubrise.simulator import HubRiseSimulator  # noqa: E402


class TestHubRise(ConformanceSuite):
    platform = platform
    simulator = HubRiseSimulator
    speed = 600.0  # a minute's call window lasts 0.1 s

    def with_unknown_status(self, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()
