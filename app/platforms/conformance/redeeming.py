"""One voucher of the suite: shown to whatever connector is open, judged by what the platform itself says was redeemed."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import pytest

from app.domain.vouchers import Redeemed
from app.platforms.abilities import RedeemsVouchers
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.conformance.counter import Counter
from app.platforms.simulation import Faults

NO_SUCH_VOUCHER = "000000000000"
UNHEARD = Faults(lose_reply=1.0)


@dataclass
class Shown:
    """A customer shows a code; keys are unique to it."""

    counter: Counter
    code: str

    @property
    def used(self) -> int:
        """Uses that are redeemed at the platform now."""
        return self.counter.simulator.voucher_uses(self.code)

    async def redeem(self, key: str, uses: int = 1) -> Redeemed:
        """Ask once."""
        return await self._connector.redeem_voucher(self.code, uses, f"{key}{self.code}")

    async def take_back(self, key: str, uses: int = 1) -> None:
        """Ask once."""
        await self._connector.take_back_voucher(self.code, uses, f"{key}{self.code}")

    async def unheard(self, ask: Awaitable[Any]) -> None:
        """It may be carried out, and its answer never arrives."""
        self.counter.simulator.faults = UNHEARD
        with suppress(TemporaryError):
            await ask
        self.counter.simulator.faults = Faults()

    async def refuses(self, ask: Awaitable[Any]) -> None:
        """The platform says no in its own words, and nothing is redeemed or taken back."""
        before = self.used
        with pytest.raises(RejectedError, match=r"."):
            await ask
        assert self.used == before

    @property
    def _connector(self) -> RedeemsVouchers:
        return cast(RedeemsVouchers, self.counter.connector)
