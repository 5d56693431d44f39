"""The life of a token, the hosts of each environment, refusals as the contract's errors."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import httpx
import pytest

from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.uber_eats.client import SCOPES, Client
from tests.platforms.lines import forget
from tests.platforms.uber_eats.conftest import Line

HELD = {"client_id": "c", "client_secret": "s", "access_token": "T", "expires_at": "99999999999"}


def answering(*answers: httpx.Response, **values: str) -> tuple[Client, list[httpx.Request]]:
    """A client whose calls are answered by `answers` in turn, the last one for ever."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answers[min(len(asked), len(answers)) - 1]

    wire = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Client(Settings(1, {**HELD, **values}, forget), wire, clock=lambda: 1_700_000_000.0), asked


def granted(token: str = "T2") -> httpx.Response:
    return httpx.Response(200, json={"access_token": token, "expires_in": 2592000, "token_type": "Bearer"})


FINE = httpx.Response(200, json={})


@pytest.mark.parametrize(
    ("values", "api", "token"),
    [
        ({}, "https://api.uber.com/x", "https://auth.uber.com/oauth/v2/token"),
        ({"environment": "sandbox"}, "https://test-api.uber.com/x", "https://sandbox-login.uber.com/oauth/v2/token"),
        (
            {"token_url": "https://login.uber.com/oauth/v2/token"},
            "https://api.uber.com/x",
            "https://login.uber.com/oauth/v2/token",
        ),
    ],
)
async def test_hosts_of_the_environments_are_not_mixed(values: dict[str, str], api: str, token: str) -> None:
    client, asked = answering(granted(), FINE, access_token="", **values)
    await client.get("/x")
    assert [str(request.url) for request in asked] == [token, api]
    assert asked[1].headers["authorization"] == "Bearer T2"


async def test_a_token_is_asked_for_as_a_form_with_all_scopes() -> None:
    client, asked = answering(granted(), FINE, access_token="")
    await client.get("/x")
    form = {name: value for name, (value,) in parse_qs(asked[0].content.decode()).items()}
    wanted = {"client_id": "c", "client_secret": "s", "grant_type": "client_credentials", "scope": SCOPES}
    assert form == wanted


async def test_fewer_scopes_may_be_asked_for() -> None:
    client, asked = answering(granted(), FINE, access_token="", scopes="eats.order")
    await client.get("/x")
    assert parse_qs(asked[0].content.decode())["scope"] == ["eats.order"]


async def test_a_living_token_is_used_again() -> None:
    client, asked = answering(FINE)
    await client.get("/x")
    await client.post("/y", {})
    assert [request.url.path for request in asked] == ["/x", "/y"]


async def test_a_token_is_renewed_before_it_ends() -> None:
    client, asked = answering(granted(), FINE, expires_at=str(1_700_000_000 + 30))
    await client.get("/x")
    assert [request.url.path for request in asked] == ["/oauth/v2/token", "/x"]


async def test_a_dead_token_is_replaced_once_and_the_call_repeated(line: Line) -> None:
    connector = line.connect()
    await connector.verify()
    line.simulator.tokens.alive.clear()
    assert (await connector.verify()).title == "Maison Ramen"
    assert len(line.simulator.tokens.granted) == 2


async def test_a_token_that_stays_dead_needs_a_person() -> None:
    client, asked = answering(httpx.Response(401), granted(), httpx.Response(401, json={"message": "no"}))
    with pytest.raises(AuthError, match="no"):
        await client.get("/x")
    assert [request.url.path for request in asked] == ["/x", "/oauth/v2/token", "/x"]


async def test_the_token_outlives_the_program(line: Line) -> None:
    await line.connect().verify()
    await line.connect().verify()  # another start: only what was saved is left
    assert len(line.simulator.tokens.granted) == 1
    assert {"access_token", "expires_at"} <= set(line.saved)


async def test_a_crash_between_granting_and_saving_costs_one_grant(current: Line) -> None:
    async def crash(_: Mapping[str, str]) -> None:
        raise OSError("power cut")

    settings = Settings(1, current.simulator.credentials, crash, current.simulator.address)
    with pytest.raises(OSError, match="power cut"):
        await Client(settings, current.client).get("/v1/delivery/store/x")
    await current.connect().verify()
    assert len(current.simulator.tokens.granted) == 2


async def test_tokens_are_saved_before_they_are_used(current: Line) -> None:
    calls: list[str] = []

    async def count(request: httpx.Request) -> None:
        calls.append(request.url.path)

    async def save(_: Mapping[str, str]) -> None:
        calls.append("saved")

    current.client.event_hooks["request"].append(count)
    settings = Settings(1, current.simulator.credentials, save, current.simulator.address)
    await Client(settings, current.client).get(f"/v1/delivery/store/{current.simulator.credentials['store_id']}")
    assert calls[:2] == ["/oauth/v2/token", "saved"]
    assert len(calls) == 3


@pytest.mark.parametrize("values", [{"client_secret": "wrong"}, {"scopes": "eats.order eats.everything"}])
async def test_a_refused_grant_needs_a_person(line: Line, values: dict[str, str]) -> None:
    with pytest.raises(AuthError, match=r"client|scope"):
        await line.connect(**values).verify()


async def test_a_hundred_grants_an_hour_is_all(current: Line) -> None:
    current.simulator.tokens.granted = [9e12] * 100
    with pytest.raises(TemporaryError):
        await current.connect().verify()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (httpx.Response(404, json={"code": "not_found", "message": "no such order"}), RejectedError),
        (httpx.Response(409, json={"code": "conflict", "message": "accepted"}), RejectedError),
        (httpx.Response(403, json={"code": "forbidden"}), AuthError),
        (httpx.Response(429, headers={"retry-after": "7"}), TemporaryError),
        (httpx.Response(502, text="<html>", headers={"content-type": "text/html"}), TemporaryError),
        (httpx.Response(200, text="<html>log in</html>", headers={"content-type": "text/html"}), ProtocolError),
        (httpx.Response(200, json=[]), ProtocolError),
        (httpx.Response(302, headers={"location": "http://elsewhere"}), RejectedError),
    ],
)
async def test_answers_of_another_form(given: httpx.Response, error: type[PlatformError]) -> None:
    client, _ = answering(given)
    with pytest.raises(error) as caught:
        await client.get("/x")
    if isinstance(caught.value, TemporaryError) and given.status_code == 429:
        assert caught.value.retry_after == 7.0


async def test_a_change_that_is_not_allowed_does_not_sign_the_account_out() -> None:
    """Another app is the store's order manager, or one scope is missing: orders must keep coming in."""
    client, _ = answering(httpx.Response(403, json={"code": "resource_update_not_allowed"}))
    with pytest.raises(RejectedError) as caught:
        await client.post("/x", {})
    assert caught.value.code == "resource_update_not_allowed"
