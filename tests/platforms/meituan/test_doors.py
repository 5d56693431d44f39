"""Signing in at Meituan by each of its doors: tokens, the till's heartbeat, a wrong clock, throttling."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from app import steady
from app.platforms.api import AuthError, RejectedError, Settings, TemporaryError
from app.platforms.meituan import platform
from app.platforms.meituan.client import PartnerClient
from app.platforms.meituan.routes import Ask
from app.platforms.meituan.simulator import IsvSimulator, MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults
from tests.platforms.lines import forget

from .conftest import DOORS, Connect, Start


async def test_the_gateway_hears_the_tills_heart(start: Start, connect: Connect) -> None:
    simulator = await start(PartnerSimulator)
    assert simulator.offline
    await connect(simulator).fetch_orders("")
    assert not simulator.offline
    assert simulator.beats[0][1]["ePoiId"] == "t_shop01"
    simulator.beats[0] = (steady.time() - 10, simulator.beats[0][1])  # at sixty times the speed: ten minutes
    assert simulator.offline


@DOORS
async def test_a_wrong_clock_of_this_computer_is_corrected(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator, clock=lambda: steady.time() - 3600)
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


async def consented(simulator: PartnerSimulator, wire: httpx.AsyncClient) -> dict[str, str]:
    """The tokens that a shop's owner granted a service provider."""
    assert platform.sign_in
    values = {**simulator.credentials, "access_token": "", "code": simulator.tokens.code()}
    return dict(await platform.sign_in.exchange(values, simulator.address, wire))


async def test_a_token_is_renewed_in_the_middle_of_its_life(
    start: Start, connect: Connect, wire: httpx.AsyncClient, saved: dict[str, str]
) -> None:
    simulator = await start(PartnerSimulator)
    saved.update(await consented(simulator, wire))
    await connect(simulator).verify()
    assert simulator.tokens.grants == ["authorization_code"]
    later = steady.time() + 16 * 86_400
    saved["renew_at"] = str(int(steady.time()) - 1)
    await connect(simulator).verify()
    assert simulator.tokens.grants == ["authorization_code", "refresh_token"]
    assert float(saved["renew_at"]) < later < float(saved["expires_at"])


@pytest.mark.parametrize("step", ["before asking", "before saving", "after saving"])
async def test_a_kill_at_any_step_of_a_renewal_signs_nobody_out(
    start: Start, wire: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    simulator = await start(PartnerSimulator)
    disk = {**simulator.credentials, **await consented(simulator, wire), "renew_at": str(int(steady.time()) - 1)}

    class PowerCut(BaseException):
        """Nothing after this is done."""

    async def save(values: Mapping[str, str]) -> None:
        if step != "before saving":
            disk.update(values)
        raise PowerCut

    async def ask(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        if step == "before asking":
            patch.setattr(PartnerClient, "post", ask)
        with pytest.raises(PowerCut):
            await platform.connect(Settings(1, dict(disk), save, simulator.address), wire).verify()
    for _ in range(2):  # every later start
        assert (await platform.connect(Settings(1, dict(disk), forget, simulator.address), wire).verify()).title


@pytest.mark.parametrize("kind", [IsvSimulator, PartnerSimulator])
async def test_a_wrong_clock_does_not_spoil_the_sign_in(
    start: Start, wire: httpx.AsyncClient, connect: Connect, saved: dict[str, str], kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    if isinstance(simulator, PartnerSimulator):
        saved.update(await consented(simulator, wire))
    simulator.tokens.access.clear()
    connector = connect(simulator, clock=lambda: steady.time() - 3600)
    assert (await connector.verify()).title == "川味小馆"


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
