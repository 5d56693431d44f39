"""Meituan keeps every promise of a platform, through each of its doors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

import pytest

from app.platforms.conformance import ConformanceSuite
from app.platforms.meituan import platform
from app.platforms.meituan.simulator import IsvSimulator, MeituanSimulator, PartnerSimulator


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


class ConsentedSimulator(PartnerSimulator):
    """The shop's owner consented: a token that ends, and one to renew it with."""

    @cached_property
    def consent(self) -> Mapping[str, str]:
        return dict(zip(("access_token", "refresh_token"), self.tokens._pair("authorization_code"), strict=True))

    @property
    def credentials(self) -> Mapping[str, str]:
        return {**super().credentials, **self.consent}


@pytest.mark.parametrize("simulator", [IsvSimulator, ConsentedSimulator])
async def test_a_granted_token_that_dies_in_the_middle_needs_nobody(simulator: type[MeituanSimulator]) -> None:
    suite = TestOwnApp()
    suite.simulator = simulator  # type: ignore[misc]  # of this one object
    await suite.test_a_token_that_dies_in_the_middle_needs_nobody()
