"""The suite's checks of a platform as data, of signing in, and of tokens that die in the middle of the work."""

from __future__ import annotations

import re

import pytest

from app.domain.commands import CommandKind
from app.platforms.api import AuthError
from app.platforms.conformance.bench import Bench, assert_reached
from app.platforms.conformance.counter import Counter, patiently
from app.platforms.simulation import Faults

BAD_DAY = Faults(throttle=0.3, break_call=0.3)
BOTH = {"throttle", "break_call"}
RENEWALS = 100  # of which some certainly meet each fault, where tokens meet any


class SigningIn(Bench):
    """Who we are there."""

    def test_the_platform_describes_itself(self) -> None:
        platform = self.platform
        names = [entry.name for entry in platform.fields]
        assert len(names) == len(set(names))
        assert set(self.simulator().credentials) <= set(names)
        assert platform.name.isidentifier()
        assert platform.title
        assert 1 <= len(platform.mark) <= 2
        assert re.fullmatch("#[0-9a-f]{6}", platform.color)
        assert platform.poll_seconds > 0
        assert platform.how_orders_arrive
        assert platform.evidence
        refuses = {CommandKind.REJECT, CommandKind.CANCEL} & platform.commands
        assert bool(platform.reject_reasons) == bool(refuses)

    @pytest.mark.asyncio
    async def test_verify_names_the_shop(self) -> None:
        async with self.counter() as counter:
            assert (await counter.connector.verify()).title

    @pytest.mark.asyncio
    async def test_a_wrong_secret_needs_a_person(self) -> None:
        async with self.counter() as counter:
            with pytest.raises(AuthError, match=r"."):
                await self.wrong_secrets(counter).verify()

    @pytest.mark.asyncio
    async def test_a_token_that_dies_in_the_middle_needs_nobody(self) -> None:
        async with self.counter() as counter:
            await counter.verify()
            await counter.poll()
            if not counter.simulator.expire_tokens():
                pytest.skip("nothing expires here by itself")
            order_id = counter.simulator.place()
            await counter.poll()
            assert order_id in counter.order_ids()
            counter.simulator.expire_tokens()
            kind = self.first_step()
            await counter.send(kind, order_id)
            assert_reached(kind, await counter.state(order_id))

    @pytest.mark.asyncio
    async def test_a_bad_day_of_renewals_signs_nobody_out(self) -> None:
        """A platform that is busy or broken just when a token is due says nothing of the sign-in."""
        async with self.counter() as counter:
            await counter.verify()
            if not counter.simulator.expire_tokens():
                pytest.skip("nothing expires here by itself")
            counter.simulator.faults = BAD_DAY
            for _ in range(RENEWALS):
                counter.simulator.expire_tokens()
                await patiently(counter.connector.verify)
                if _met(counter) == BOTH:
                    break
            assert _met(counter) == BOTH, "the simulator's tokens know no bad day (see `Simulator.granting`)"


def _met(counter: Counter) -> set[str]:
    """Faults that calls for tokens met."""
    return {str(record.detail["fault"]) for record in counter.simulator.records if record.detail.get("token")}
