"""Signing in at Meituan by each of its doors: tokens, the till's heartbeat, a wrong clock, throttling."""

from __future__ import annotations

import time

import httpx
import pytest

from app.platforms.api import AuthError, RejectedError, TemporaryError
from app.platforms.meituan import platform
from app.platforms.meituan.routes import Ask
from app.platforms.meituan.simulator import IsvSimulator, MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults

from .conftest import DOORS, Connect, Start


async def test_the_gateway_hears_the_tills_heart(start: Start, connect: Connect) -> None:
    simulator = await start(PartnerSimulator)
    assert simulator.offline
    await connect(simulator).fetch_orders("")
    assert not simulator.offline
    assert simulator.beats[0][1]["ePoiId"] == "t_shop01"
    simulator.beats[0] = (time.time() - 10, simulator.beats[0][1])  # at sixty times the speed: ten minutes
    assert simulator.offline


@DOORS
async def test_a_wrong_clock_of_this_computer_is_corrected(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator, clock=lambda: time.time() - 3600)
    assert (await connector.verify()).title == "川味小馆"


@DOORS
async def test_a_shop_that_is_not_ours_cannot_be_signed_in(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    with pytest.raises(RejectedError, match="t_other"):
        await connect(simulator, shop_id="t_other").verify()


async def test_an_isv_asks_for_a_token_renews_it_and_saves_it_first(
    start: Start, connect: Connect, saved: dict[str, str]
) -> None:
    simulator = await start(IsvSimulator)
    connector = connect(simulator)
    await connector.verify()
    first = saved["access_token"]
    await connect(simulator).verify()  # a new process uses what was saved
    assert simulator.tokens.grants == ["token"]
    simulator.tokens.access.clear()
    await connector.verify()
    assert simulator.tokens.grants == ["token", "refresh_token"]
    assert saved["access_token"] != first
    simulator.tokens.access.clear()
    simulator.tokens.refresh.clear()
    await connector.verify()
    assert simulator.tokens.grants[-1] == "token"


async def test_a_service_provider_consents_renews_and_ends(
    start: Start, connect: Connect, wire: httpx.AsyncClient, saved: dict[str, str]
) -> None:
    simulator = await start(PartnerSimulator)
    assert platform.sign_in
    page = platform.sign_in.page(simulator.credentials, simulator.address)
    assert page.startswith(f"{simulator.address}/general/auth?")
    assert platform.sign_in.page({"door": "own app"}, "") == ""
    values = {**simulator.credentials, "access_token": "", "code": simulator.tokens.code()}
    saved.update(await platform.sign_in.exchange(values, simulator.address, wire))
    with pytest.raises(AuthError):  # a code is good for once
        await platform.sign_in.exchange(values, simulator.address, wire)
    connector = connect(simulator)
    await connector.verify()
    simulator.tokens.access.clear()  # expired in mid-flight
    await connector.verify()
    assert simulator.tokens.grants == ["authorization_code", "refresh_token"]
    simulator.tokens.access.clear()
    simulator.tokens.refresh.clear()
    with pytest.raises(AuthError):
        await connector.verify()


async def test_a_token_that_ends_soon_is_renewed_before_the_call(
    start: Start, connect: Connect, saved: dict[str, str]
) -> None:
    simulator = await start(PartnerSimulator)
    simulator.tokens.refresh.add("old")
    saved.update({"access_token": "dying", "refresh_token": "old", "expires_at": str(int(time.time()) + 60)})
    await connect(simulator).verify()
    assert simulator.tokens.grants == ["refresh_token"]


@DOORS
async def test_throttling_waits_longer_each_time(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    simulator.faults = Faults(throttle=1.0)
    connector, pauses = connect(simulator), []
    for _ in range(3):
        with pytest.raises(TemporaryError) as refused:
            await connector.verify()
        pauses.append(refused.value.retry_after)
    assert pauses == [1.0, 2.0, 4.0]


def test_no_call_is_without_a_path() -> None:
    from app.platforms.meituan.routes import routes_of

    assert all(any(route.path for route in routes_of(ask)) for ask in Ask)
