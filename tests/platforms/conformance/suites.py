"""Real platforms for a saboteur to hide in: `broken(HubRise, connector)` is HubRise's suite with one promise broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from app.platforms.api import Connector, Settings
from app.platforms.conformance import ConformanceSuite
from app.platforms.hubrise import platform as hubrise
from app.platforms.hubrise.simulator import HubRiseSimulator
from app.platforms.koubei import platform as koubei
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan import platform as meituan
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.simulation import Simulator
from app.platforms.uber_eats import platform as uber_eats
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.platforms.woocommerce import platform as woocommerce
from app.platforms.woocommerce.simulator import WooCommerceSimulator

Connect = Callable[[Settings, httpx.AsyncClient], Connector]


class HubRise(ConformanceSuite):
    platform = hubrise
    simulator = HubRiseSimulator
    speed = 600.0

    def with_unknown_status(self, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "status": "teleported"}).encode()


class UberEats(ConformanceSuite):
    platform = uber_eats
    simulator = UberEatsSimulator


class WooCommerce(ConformanceSuite):
    platform = woocommerce
    simulator = WooCommerceSimulator
    speed = 600.0


class Meituan(ConformanceSuite):
    platform = meituan
    simulator = MeituanSimulator
    speed = 40.0


class Koubei(ConformanceSuite):
    platform = koubei
    simulator = KoubeiSimulator


def broken(
    suite: type[ConformanceSuite],
    connect: Connect | None = None,
    simulated: type[Simulator] | None = None,
    **said: Any,
) -> ConformanceSuite:
    """The suite of a platform whose connector, simulator or self-description (`said`) was exchanged."""
    told = replace(suite.platform, connect=connect or suite.platform.connect, **said)
    made: type[ConformanceSuite] = type("Broken", (suite,), {"platform": told, "simulator": simulated or suite.simulator})
    return made()
