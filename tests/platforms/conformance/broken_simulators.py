"""Simulators that are not as strict as they say: a suite that trusts them proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from app.platforms.hubrise.simulator import HubRiseSimulator
from app.platforms.simulation import Serve
from app.platforms.uber_eats.simulator import UberEatsSimulator


class AcknowledgesBlindly(HubRiseSimulator):
    """Takes a push for stored when it was sent."""

    def record(self, what: str, order_id: str = "", **detail: Any) -> None:
        super().record(what, order_id, **detail)
        if what == "pushed":
            super().record("push_acknowledged", order_id, **detail)


class TakesAnyBody(HubRiseSimulator):
    """Claims to look at the body of a reply."""

    exact_reply = True


class GrantsOnAnyDay(UberEatsSimulator):
    """Never too busy for a token."""

    def granting(self, grant: Serve, busy: Callable[[], web.Response]) -> Serve:
        return grant
