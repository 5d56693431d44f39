"""A renewal outlives whoever asked for it: cancelled in flight, what the platform granted still reaches the disk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from importlib import import_module

import httpx
import pytest

from app import steady
from app.platforms import renewing
from app.platforms.api import Connector, Platform, Settings, TemporaryError
from app.platforms.koubei.signing import sign
from app.platforms.koubei.simulated_gateway import practice_keys
from app.platforms.renewing import Token, Values, lifetime


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer than a shop should wait."""
    monkeypatch.setattr(renewing, "CLOSING", 60.0)


class Slow:
    """A platform whose refresh tokens work once: it grants at once, and its answer arrives when `answers` says so."""

    def __init__(self) -> None:
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.grants = 0
        self.disk: Values = {}
        self.token = Token({"access_token": "A1", **lifetime(1000.0, 0.0)}, self.save, self.renew, lambda: 0.0)

    async def renew(self) -> Values:
        self.grants += 1
        self.asked.set()
        await self.answers.wait()
        return {"access_token": f"A{self.grants + 1}", "refresh_token": f"R{self.grants + 1}"}

    async def save(self, kept: Mapping[str, str]) -> None:
        self.disk.update(kept)

    async def cancelled(self) -> None:
        """Somebody asked, and went away while the answer was on its way."""
        caller = asyncio.create_task(self.token.living(dead="A1"))
        await self.asked.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller


def others() -> set[asyncio.Task[object]]:
    return asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}


async def settled() -> None:
    """No task is left."""
    if tasks := others():
        await asyncio.wait(tasks, timeout=60.0)
    assert others() == set()


async def test_what_was_granted_to_a_caller_who_is_gone_is_saved() -> None:
    platform = Slow()
    await platform.cancelled()
    platform.answers.set()
    await platform.token.aclose()
    assert (platform.disk["refresh_token"], others()) == ("R2", set())
    assert await platform.token.living(dead="A1") == "A2"


async def test_whoever_comes_next_waits_for_the_same_renewal() -> None:
    platform = Slow()
    await platform.cancelled()
    nexts = [asyncio.create_task(platform.token.living(dead="A1")) for _ in range(2)]
    await asyncio.sleep(0)
    platform.answers.set()
    assert (await asyncio.gather(*nexts), platform.grants) == (["A2", "A2"], 1)


async def test_a_failure_that_nobody_heard_is_not_told_to_the_next() -> None:
    platform = Slow()
    values = {"access_token": "A1"}

    async def broken() -> Values:
        if not platform.disk:
            platform.asked.set()
            await platform.answers.wait()
            await platform.save({"tried": "once"})
            raise TemporaryError("busy")
        return {"access_token": "A2"}

    platform.token = Token(values, platform.save, broken, lambda: 0.0)
    await platform.cancelled()
    platform.answers.set()
    await settled()
    assert await platform.token.living(dead="A1") == "A2"


async def test_a_renewal_without_an_end_keeps_nobody_from_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewing, "CLOSING", 0.0)
    platform = Slow()
    waits = asyncio.create_task(platform.token.living(dead="A1"))
    await platform.asked.wait()
    for _ in range(2):
        await platform.token.aclose()
    with pytest.raises(TemporaryError, match="closed meanwhile"):  # and not as if it had been cancelled itself
        await waits
    assert others() == set()


@pytest.mark.parametrize("failures", [1, 2])
async def test_what_could_not_be_saved_is_tried_once_more_when_the_account_closes(failures: int) -> None:
    """Opened anew, the account would sign in with a refresh token that was used up."""
    platform, tries = Slow(), 0

    async def full(kept: Mapping[str, str]) -> None:
        nonlocal tries
        tries += 1
        if tries <= failures:
            raise OSError("no space left on device")
        await platform.save(kept)

    platform.token = Token({"access_token": "A1"}, full, platform.renew, lambda: 0.0)
    platform.answers.set()
    with pytest.raises(OSError, match="no space"):
        await platform.token.living(dead="A1")
    for _ in range(2):
        await platform.token.aclose()
    assert (tries, platform.grants, others()) == (2, 1, set())
    assert platform.disk.get("refresh_token") == ("R2" if failures == 1 else None)


async def test_nothing_is_renewed_once_the_account_closes() -> None:
    """The HTTP client goes next: what would be granted now would be lost."""
    platform = Slow()
    await platform.token.aclose()
    with pytest.raises(TemporaryError, match="closed meanwhile"):
        await platform.token.living(dead="A1")
    assert (platform.grants, await platform.token.living()) == (0, "A1")


async def test_a_close_that_is_cancelled_leaves_no_task() -> None:
    platform = Slow()
    await platform.cancelled()
    closing = asyncio.create_task(platform.token.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await settled()
    assert platform.disk == {}


SOON = str(int(steady.time()) - 10)
HELD = {"access_token": "A1", "refresh_token": "R1", "expires_at": SOON, "app_id": "1", "secret": "s", "shop_id": "1"}
ACCOUNTS: dict[str, tuple[str, Mapping[str, str]]] = {
    "meituan partner": ("meituan", HELD | {"door": "service provider"}),
    "meituan isv": ("meituan", HELD | {"door": "ISV app", "refresh_ends_at": "99999999999"}),
    "eleme": ("eleme", HELD | {"app_key": "k", "app_kind": "service"}),
    "square": ("square", HELD | {"application_id": "1", "location_id": "L"}),
    "uber_eats": ("uber_eats", HELD | {"client_id": "c", "client_secret": "s", "store_id": "1"}),
    "koubei": ("koubei", HELD | {"app_auth_token": "A1", "app_refresh_token": "R1"}),
}
PAIR = {"access_token": "A2", "refresh_token": "R2"}
GRANTS = {
    "meituan partner": {"code": "OP_SUCCESS", "data": {"accessToken": "A2", "refreshToken": "R2", "expireIn": 9}},
    "meituan isv": PAIR | {"expires_in": 9},
    "eleme": PAIR | {"expires_in": 9},
    "square": PAIR | {"expires_at": "2040-01-01T00:00:00Z"},
    "uber_eats": PAIR | {"expires_in": 9},
}


def grant(account: str) -> httpx.Response:
    """What the platform answers to the renewal; Koubei signs it."""
    if account != "koubei":
        return httpx.Response(200, json=GRANTS[account])
    inner = json.dumps({"code": "10000", "app_auth_token": "A2", "app_refresh_token": "R2", "expires_in": 9})
    signature = sign(inner, practice_keys().gateway)
    return httpx.Response(200, text=f'{{"alipay_open_auth_token_app_response":{inner},"sign":"{signature}"}}')


def opened(account: str, saved: Values, wire: httpx.AsyncClient) -> Connector:
    async def save(kept: Mapping[str, str]) -> None:
        saved.update(kept)

    name, values = ACCOUNTS[account]
    keys = practice_keys()
    values = {**values, "private_key": keys.app_text, "alipay_public_key": keys.gateway_text}
    platform: Platform = import_module(f"app.platforms.{name}").platform
    return platform.connect(Settings(1, values, save, "https://x.test"), wire)


@pytest.mark.parametrize("account", ACCOUNTS)
async def test_an_account_that_closes_amid_a_renewal_keeps_what_was_granted(account: str) -> None:
    """As the engine does it: the caller is cancelled, then the connector closed, then the HTTP client."""
    asked, answers, saved = asyncio.Event(), asyncio.Event(), Values()

    async def platform(_: httpx.Request) -> httpx.Response:
        asked.set()
        await answers.wait()
        return grant(account)

    async with httpx.AsyncClient(transport=httpx.MockTransport(platform)) as wire:
        connector = opened(account, saved, wire)
        caller = asyncio.create_task(connector.verify())
        await asked.wait()
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        closing = asyncio.create_task(connector.aclose())
        answers.set()
        await closing
    assert {"A2"} <= set(saved.values())
    assert {"R2"} <= set(saved.values()) or account == "uber_eats"
    assert others() == set()
