"""Signed calls: the life of a token, the error codes as the contract's errors, the consent of a shop."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app import steady
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.eleme import platform
from app.platforms.eleme.client import ADDRESS, Client
from app.platforms.eleme.simulated_tokens import REDIRECT
from app.platforms.eleme.simulator import ElemeSimulator
from tests.platforms.lines import forget

VALUES = {"app_key": "K", "secret": "S", "access_token": "T", "expires_at": "99999999999"}


def answering(*answers: object, date: str = "") -> tuple[Client, list[httpx.Request]]:
    """A client whose calls are answered by `answers` in turn: error codes, or whole answers."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        given = answers[min(len(asked), len(answers)) - 1]
        if isinstance(given, httpx.Response):
            return given
        error = {"code": given, "message": f"words of {given}"} if given else None
        body = {"id": json.loads(request.content)["id"], "result": "fine", "error": error}
        return httpx.Response(200, json=body, headers={"date": date} if date else {})

    wire = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return Client(Settings(1, VALUES, forget), wire, clock=lambda: 1_700_000_000.0), asked


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("SERVER_ERROR", TemporaryError),
        ("EXCEED_LIMIT", TemporaryError),
        ("INVALID_TIMESTAMP", TemporaryError),
        ("INVALID_SIGNATURE", AuthError),
        ("ILLEGAL_REQUEST", RejectedError),
        ("METHOD_NOT_ALLOWED", RejectedError),
        ("VALIDATION_FAILED", RejectedError),
        ("ACCESS_DENIED", RejectedError),
        ("PERMISSION_DENIED", RejectedError),
        ("BIZ_EXCEPTION", RejectedError),
        ("BIZ_SOMETHING_NEW", RejectedError),
    ],
)
async def test_error_codes_say_who_must_act_in_the_platforms_words(code: str, error: type[PlatformError]) -> None:
    client, asked = answering(code)
    with pytest.raises(error, match=f"words of {code}") as refusal:
        await client.call("eleme.user.getUser")
    assert len(asked) == 1
    if isinstance(refusal.value, RejectedError):
        assert refusal.value.code == code


async def test_throttling_asks_for_growing_pauses_until_it_ends() -> None:
    client, _ = answering(*["EXCEED_LIMIT"] * 8, "", "EXCEED_LIMIT")
    pauses = []
    for _ in range(8):
        with pytest.raises(TemporaryError) as error:
            await client.call("eleme.user.getUser")
        pauses.append(error.value.retry_after)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    await client.call("eleme.user.getUser")
    with pytest.raises(TemporaryError) as error:
        await client.call("eleme.user.getUser")
    assert error.value.retry_after == 1.0


async def test_a_wrong_clock_is_corrected_by_the_platforms_own_and_the_call_repeated() -> None:
    client, asked = answering("INVALID_TIMESTAMP", "", "", date="Tue, 14 Nov 2023 23:13:20 GMT")
    assert (await client.call("eleme.user.getUser")).value == "fine"
    await client.call("eleme.user.getUser")
    stamps = [json.loads(request.content)["metas"]["timestamp"] for request in asked]
    assert stamps == [1_700_000_000, 1_700_003_600, 1_700_003_600]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (httpx.Response(200, json=[]), ProtocolError),
        (httpx.Response(200, json={"id": "another", "result": 1, "error": None}), ProtocolError),
        (httpx.Response(200, json={"nothing": 1}), ProtocolError),
        (
            httpx.Response(200, text="<html>log in to this network</html>", headers={"content-type": "text/html"}),
            ProtocolError,
        ),
        (httpx.Response(502), TemporaryError),
        (httpx.Response(429, headers={"retry-after": "7"}), TemporaryError),
        (httpx.Response(302, headers={"location": "http://elsewhere"}), RejectedError),
    ],
)
async def test_answers_of_another_form(given: httpx.Response, error: type[PlatformError]) -> None:
    client, _ = answering(given)
    with pytest.raises(error):
        await client.call("eleme.user.getUser")


async def test_every_call_has_an_id_of_its_own() -> None:
    client, asked = answering("")
    for _ in range(20):
        await client.call("eleme.user.getUser")
    assert len({json.loads(request.content)["id"] for request in asked}) == 20
    assert str(asked[0].url) == f"{ADDRESS}/api/v1"


async def test_a_shops_own_app_signs_in_by_itself_and_keeps_the_token(
    eleme: ElemeSimulator, connect: Callable[..., object], saved: dict[str, str], wire: httpx.AsyncClient
) -> None:
    await platform.connect(settings_of(eleme, saved), wire).verify()
    await platform.connect(settings_of(eleme, saved), wire).verify()  # another start of the program
    assert eleme.tokens.grants == ["client_credentials"]
    assert set(saved) == {"access_token", "expires_at", "renew_at"}


async def test_a_dead_token_is_renewed_once_and_the_call_repeated(
    eleme: ElemeSimulator, saved: dict[str, str], wire: httpx.AsyncClient
) -> None:
    connector = platform.connect(settings_of(eleme, saved), wire)
    await connector.verify()
    eleme.tokens.access.clear()
    assert (await connector.verify()).values == {"shop_id": "150894532"}
    assert eleme.tokens.grants == ["client_credentials"] * 2


async def test_a_token_that_stays_dead_needs_a_person() -> None:
    client, asked = answering(
        "UNAUTHORIZED", httpx.Response(200, json={"access_token": "T2", "expires_in": 60}), "UNAUTHORIZED"
    )
    with pytest.raises(AuthError):
        await client.call("eleme.user.getUser")
    assert [request.url.path for request in asked] == ["/api/v1", "/token", "/api/v1"]


async def test_a_token_is_renewed_before_it_ends(
    eleme: ElemeSimulator, saved: dict[str, str], wire: httpx.AsyncClient
) -> None:
    await platform.connect(settings_of(eleme, saved), wire).verify()
    saved["renew_at"] = str(int(steady.time()) - 60)
    await platform.connect(settings_of(eleme, saved), wire).verify()
    assert len(eleme.tokens.grants) == 2


async def consented(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> dict[str, str]:
    """The way of a service provider's app: the owner's browser, the pasted code, the tokens."""
    assert platform.sign_in
    values = {**eleme.credentials, "app_kind": "service", "redirect_uri": REDIRECT}
    page = await wire.get(platform.sign_in.page(values, eleme.address))
    back = parse_qs(urlsplit(page.headers["location"]).query)
    assert back["state"]
    granted = await platform.sign_in.exchange({**values, "code": back["code"][0]}, eleme.address, wire)
    with pytest.raises(AuthError):  # a code works once
        await platform.sign_in.exchange({**values, "code": back["code"][0]}, eleme.address, wire)
    return {**values, **granted}


async def test_a_service_app_signs_in_by_consent(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> None:
    values = await consented(eleme, wire)
    assert {"access_token", "refresh_token", "expires_at"} <= set(values)
    info = await platform.connect(Settings(1, values, forget, eleme.address), wire).verify()
    assert info.title == "川味小馆(望京店)"


async def test_a_service_app_without_consent_needs_a_person(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> None:
    values = {**eleme.credentials, "app_kind": "service"}
    with pytest.raises(AuthError):
        await platform.connect(Settings(1, values, forget, eleme.address), wire).verify()


async def test_a_crash_between_renewing_and_saving_does_not_sign_the_shop_out(
    eleme: ElemeSimulator, wire: httpx.AsyncClient
) -> None:
    values = await consented(eleme, wire)
    eleme.tokens.access.clear()

    async def crash(_: Mapping[str, str]) -> None:
        raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        await platform.connect(Settings(1, values, crash, eleme.address), wire).verify()
    kept: dict[str, str] = {}

    async def save(granted: Mapping[str, str]) -> None:
        kept.update(granted)

    await platform.connect(Settings(1, values, save, eleme.address), wire).verify()  # with the old refresh token
    assert kept["refresh_token"] != values["refresh_token"]
    await platform.connect(Settings(1, {**values, **kept}, forget, eleme.address), wire).verify()


async def test_tokens_are_saved_before_they_are_used(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> None:
    calls_when_saved: list[int] = []
    posts = 0

    async def count(request: httpx.Request) -> None:
        nonlocal posts
        posts += request.url.path == "/api/v1"

    async def save(_: Mapping[str, str]) -> None:
        calls_when_saved.append(posts)

    wire.event_hooks["request"].append(count)
    await platform.connect(Settings(1, eleme.credentials, save, eleme.address), wire).verify()
    assert (calls_when_saved, posts) == ([0], 1)


async def test_an_expired_consent_needs_a_person(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> None:
    values = await consented(eleme, wire)
    eleme.tokens.access.clear()
    eleme.tokens.refresh.clear()
    with pytest.raises(AuthError, match="refresh token"):
        await platform.connect(Settings(1, values, forget, eleme.address), wire).verify()


def settings_of(eleme: ElemeSimulator, saved: dict[str, str]) -> Settings:
    async def save(values: Mapping[str, str]) -> None:
        saved.update(values)

    return Settings(1, {**eleme.credentials, **saved}, save, eleme.address)
