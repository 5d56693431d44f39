"""The suite's checks of a platform as data, of signing in, and of tokens that die in the middle of the work."""

from __future__ import annotations

import re

import pytest

from app.domain.commands import CommandKind
from app.platforms.api import AuthError
from app.platforms.conformance.bench import Bench, assert_reached


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
