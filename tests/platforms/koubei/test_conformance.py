"""Koubei keeps the promises every platform keeps; since it lists no orders, its counter stands behind an open door."""

from __future__ import annotations

import json

from app.platforms.conformance import ConformanceSuite
from app.platforms.koubei import platform
from app.platforms.koubei.simulator import KoubeiSimulator, ProviderSimulator


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


class TestProvider(TestKoubei):
    """The app of a service provider, with a token that ends."""

    simulator = ProviderSimulator

    def test_the_platform_describes_itself(self) -> None:
        """What consent gave beside the form's fields is told too: a token cannot be renewed without it."""
        assert set(self.simulator().credentials) - {entry.name for entry in platform.fields} == {"app_refresh_token"}
