"""Meituan keeps every promise of a platform, through each of its doors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

import pytest

from app.platforms.conformance import ConformanceSuite, Counter
from app.platforms.meituan import bills, platform, simulated_bills
from app.platforms.meituan.simulator import IsvSimulator, MeituanSimulator, PartnerSimulator


@pytest.fixture(autouse=True)
def _at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Yesterday's bill is asked for before ten o'clock too, when these tests happen to run then."""
    monkeypatch.setattr(bills, "FROM_HOUR", 0)
    monkeypatch.setattr(simulated_bills, "FROM_HOUR", 0)


class TestOwnApp(ConformanceSuite):
    """waimaiopen."""

    platform = platform
    simulator = MeituanSimulator
    speed = 12.0  # the time to decide takes 25 seconds, which a loaded machine must not need for one check
    crowd = 50

    def with_unknown_status(self, body: bytes) -> bytes:
        """A status that no document names."""
        return json.dumps({**json.loads(body), "status": 77}).encode()

    async def between_commands(self, counter: Counter) -> None:
        """A minute passes, in which food ready is refused: `test_connector` waits for it in earnest."""
        assert isinstance(counter.simulator, MeituanSimulator)
        for order in counter.simulator.shop.orders.values():
            if order.accepted_at:
                order.accepted_at -= 60.0
                order.body["order_confirm_time"] -= 60

    async def before_refund(self, counter: Counter, order_id: str) -> None:
        """Meituan gives back whole portions: here without a discount to share out."""
        assert isinstance(counter.simulator, MeituanSimulator)
        counter.simulator.shop.orders[order_id].body["extras"] = [{}]
        await super().before_refund(counter, order_id)


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
async def test_a_granted_token_that_dies_needs_nobody_on_a_bad_day_either(simulator: type[MeituanSimulator]) -> None:
    suite = TestOwnApp()
    suite.simulator = simulator  # type: ignore[misc]  # of this one object
    await suite.test_a_token_that_dies_in_the_middle_needs_nobody()
    await suite.test_a_bad_day_of_renewals_signs_nobody_out()
