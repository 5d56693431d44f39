"""Koubei keeps the promises every platform keeps; since it lists no orders, its counter stands behind an open door."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

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


class ProvidersSimulator(KoubeiSimulator):
    """The app acts for a shop whose owner consented."""

    @cached_property
    def consent(self) -> Mapping[str, str]:
        self.tokens.required = True
        pair = self.tokens._pair()
        return {name: str(pair[name]) for name in ("app_auth_token", "app_refresh_token")}

    @property
    def credentials(self) -> Mapping[str, str]:
        return {**super().credentials, **self.consent}


async def test_a_providers_token_that_dies_needs_nobody_on_a_bad_day_either() -> None:
    suite = TestKoubei()
    suite.simulator = ProvidersSimulator  # type: ignore[misc]  # of this one object
    await suite.test_a_token_that_dies_in_the_middle_needs_nobody()
    await suite.test_a_bad_day_of_renewals_signs_nobody_out()
