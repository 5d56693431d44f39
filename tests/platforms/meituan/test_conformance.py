"""Meituan keeps every promise of a platform, through each of its doors."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.meituan import platform
from app.platforms.meituan.simulator import MeituanSimulator, PartnerSimulator


class TestOwnApp(ConformanceSuite):
    """waimaiopen."""

    platform = platform
    simulator = MeituanSimulator
    speed = 40.0  # food ready is taken a second and a half after accepting
    crowd = 50

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "status": 77}).encode()


class TestPartner(TestOwnApp):
    """The service providers' gateway."""

    simulator = PartnerSimulator
