"""Tokens in general: a crash at any step costs no orders, and a platform that cannot answer now signs nobody out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import steady
from app.platforms.api import AuthError, Platform, Settings, TemporaryError
from app.platforms.renewing import TRY_AGAIN_AFTER, Token, lifetime
from tests.platforms.lines import forget

LIFE = 1000.0


class Crash(BaseException):
    """The process ends here."""


class Strict:
    """A platform whose refresh tokens work once; access tokens live on. Dies at chosen steps."""

    def __init__(self, dies: list[str]) -> None:
        self.now, self.granted, self.dies = 0.0, 1, dies
        self.alive = {"A1": LIFE}
        self.refresh = "R1"
        self.disk = {"access_token": "A1", "refresh_token": "R1", **lifetime(LIFE, 0.0)}

    def token(self) -> Token:
        """As the next process opens it."""
        values = dict(self.disk)

        async def renew() -> dict[str, str]:
            self._step("asked")
            if values["refresh_token"] != self.refresh:
                raise AuthError("used already")
            self.granted += 1
            self.refresh = f"R{self.granted}"
            self.alive[f"A{self.granted}"] = self.now + LIFE
            self._step("granted")
            return {"access_token": f"A{self.granted}", "refresh_token": self.refresh, **lifetime(LIFE, self.now)}

        async def save(kept: Mapping[str, str]) -> None:
            self._step("saving")
            self.disk.update(kept)
            self._step("saved")

        return Token(values, save, renew, lambda: self.now)

    def _step(self, name: str) -> None:
        if self.dies and self.dies[0] == name:
            del self.dies[0]
            raise Crash


@given(step=st.sampled_from(["asked", "granted", "saving", "saved"]), late=st.floats(0.51, 0.99))
async def test_a_kill_at_any_step_of_a_renewal_leaves_a_token_that_works(step: str, late: float) -> None:
    platform = Strict([step])
    platform.now = LIFE * late
    with pytest.raises(Crash):
        await platform.token().living()
    for _ in range(2):
        assert platform.alive[await platform.token().living()] > platform.now


async def test_a_token_is_renewed_at_half_of_its_life_and_not_before() -> None:
    platform = Strict([])
    token = platform.token()
    for now, expected in ((LIFE * 0.49, "A1"), (LIFE * 0.51, "A2"), (LIFE, "A2"), (LIFE * 1.02, "A3")):
        platform.now = now
        assert await token.living() == expected
    assert platform.disk["access_token"] == "A3"


async def test_a_renewal_that_fails_in_time_is_tried_again_only_later() -> None:
    platform, tries = Strict([]), list[float]()
    values = {"access_token": "A1", **lifetime(100 * TRY_AGAIN_AFTER, 0.0)}

    async def busy() -> dict[str, str]:
        tries.append(platform.now)
        raise TemporaryError("busy")

    token = Token(values, forget, busy, lambda: platform.now)
    for hours in (49.0, 51.0, 51.5, 52.5):
        platform.now = hours * TRY_AGAIN_AFTER
        assert await token.living() == "A1"
    assert tries == [51.0 * TRY_AGAIN_AFTER, 52.5 * TRY_AGAIN_AFTER]
    with pytest.raises(TemporaryError):  # a dead one has to be renewed
        await token.living(dead="A1")


async def test_what_was_granted_once_is_kept_in_hand_until_the_disk_takes_it() -> None:
    platform, full = Strict([]), [True]
    renew = platform.token()._renewal._ask

    async def save(_: Mapping[str, str]) -> None:
        if full[0]:
            raise OSError("the disk is full")

    token = Token(dict(platform.disk), save, renew, lambda: platform.now)
    for _ in range(2):
        with pytest.raises(OSError, match="full"):
            await token.living(dead="A1")
    full[0] = False
    assert (await token.living(dead="A1"), platform.granted) == ("A2", 2)


async def test_a_token_without_an_end_or_of_an_earlier_release() -> None:
    platform = Strict([])
    platform.disk |= {"expires_at": "", "renew_at": ""}
    platform.now = 9e9
    assert await platform.token().living() == "A1"
    platform.disk |= {"expires_at": str(9e9 + 100_000.0)}
    assert await platform.token().living() == "A1"
    platform.disk |= {"expires_at": str(9e9 + 80_000.0)}
    assert await platform.token().living() == "A2"


# Everything that may stand in the way of a token and says nothing of the sign-in.
OVERLOADED = [
    httpx.Response(429, json={"error": "too_many"}),
    httpx.Response(503, json={"message": "busy"}),
    httpx.Response(500, json={"error": "internal"}),
    httpx.Response(502, html="<h1>Bad Gateway"),
    httpx.Response(200, html="<h1>maintenance"),
    httpx.Response(403, html="<h1>a firewall"),
    httpx.Response(302, headers={"location": "http://portal.example/"}),
    httpx.Response(400, json={"error": "temporarily_unavailable"}),
    httpx.Response(200, json={"error": "server_error"}),
]
SOON = str(int(steady.time()) - 10)
HELD = {"access_token": "", "refresh_token": "r", "expires_at": SOON, "app_id": "1", "secret": "s", "shop_id": "a"}
ACCOUNTS: dict[str, tuple[str, Mapping[str, str]]] = {
    "meituan partner": ("meituan", HELD | {"door": "service provider"}),
    "meituan isv": ("meituan", HELD | {"door": "ISV app", "refresh_ends_at": "99999999999"}),
    "eleme": ("eleme", HELD | {"app_key": "k", "app_kind": "service", "shop_id": "1"}),
    "uber_eats": ("uber_eats", {"client_id": "c", "client_secret": "s", "store_id": "1"}),
    "deliveroo": ("deliveroo", {"client_id": "c", "client_secret": "s", "brand_id": "b", "site_id": "1"}),
}
MEITUANS = [
    ("meituan partner", {"code": "OP_SYSTEM_ERROR", "msg": "系统繁忙", "data": None}),
    ("meituan partner", {"code": "OP_FLOW_LIMIT", "msg": "频率超限"}),
    ("meituan isv", {"data": "ng", "error": {"code": 700, "msg": "系统错误"}}),
    ("meituan isv", {"data": "ng", "error": {"code": 711, "msg": "限流"}}),
]


async def verify(account: str, answer: httpx.Response) -> None:
    name, values = ACCOUNTS[account]
    platform: Platform = import_module(f"app.platforms.{name}").platform
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as wire:
        await platform.connect(Settings(1, values, forget, "https://x.test"), wire).verify()


@pytest.mark.parametrize("answer", OVERLOADED, ids=str)
@pytest.mark.parametrize("account", ACCOUNTS)
async def test_a_platform_that_cannot_answer_now_signs_nobody_out(account: str, answer: httpx.Response) -> None:
    with pytest.raises(TemporaryError, match=r"."):
        await verify(account, answer)


@pytest.mark.parametrize(("account", "body"), MEITUANS)
async def test_meituans_passing_codes_sign_nobody_out(account: str, body: Any) -> None:
    with pytest.raises(TemporaryError, match=r"."):
        await verify(account, httpx.Response(200, json=body))


REFUSED = [
    ("meituan partner", httpx.Response(200, json={"code": "OP_SIGN_ERROR", "msg": "签名错误"})),
    ("meituan partner", httpx.Response(200, json={"code": "OP_BIZ_1001", "msg": "refreshToken无效"})),
    ("meituan isv", httpx.Response(200, json={"data": "ng", "error": {"code": 703, "msg": "签名错误"}})),
    ("meituan isv", httpx.Response(200, json={"status": 1, "message": "refresh_token无效"})),
    ("eleme", httpx.Response(400, json={"error": "invalid_grant"})),
    ("uber_eats", httpx.Response(401, json={"error": "invalid_client"})),
    ("deliveroo", httpx.Response(401, json={"error": "invalid_client"})),
]


@pytest.mark.parametrize(("account", "answer"), REFUSED)
async def test_the_control_a_no_needs_a_person(account: str, answer: httpx.Response) -> None:
    with pytest.raises(AuthError, match=r"."):
        await verify(account, answer)
