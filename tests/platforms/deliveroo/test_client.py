"""Tokens that live five minutes, and errors in the contract's words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from app.platforms.api import AuthError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.deliveroo.client import Client, auth_of
from tests.platforms.lines import forget

from .conftest import Line


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def answering(handler: Callable[[httpx.Request], httpx.Response], **values: str) -> Client:
    """A client whose platform answers as `handler` does."""
    wire = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    settings = Settings(1, {"client_id": "a", "client_secret": "b", "brand_id": "br", "site_id": "1"} | values, forget)
    return Client(settings, wire)


def granting(answer: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
    """Tokens work; anything else is answered with `answer`."""
    return lambda request: httpx.Response(200, json={"access_token": "t"}) if "oauth2" in request.url.path else answer


@pytest.mark.asyncio
async def test_a_token_is_used_until_a_minute_before_its_end(line: Line) -> None:
    clock = Clock()
    connector = line.connect(clock)
    for seconds, tokens in ((0.0, 1), (239.0, 1), (2.0, 2), (100.0, 2)):
        clock.now += seconds
        await connector.verify()
        assert len(line.simulator.wire.tokens) == tokens


@pytest.mark.asyncio
async def test_many_calls_at_once_ask_for_one_token(line: Line) -> None:
    connector = line.connect()
    await asyncio.gather(*(connector.verify() for _ in range(8)))
    assert len(line.simulator.wire.tokens) == 1


@pytest.mark.asyncio
async def test_a_token_that_dies_on_the_way_is_replaced_once(line: Line) -> None:
    connector = line.connect()
    await connector.verify()
    line.simulator.wire.tokens.clear()
    await asyncio.gather(*(connector.verify() for _ in range(4)))
    assert len(line.simulator.wire.tokens) == 1


@pytest.mark.asyncio
async def test_tokens_that_never_work_need_a_person(line: Line) -> None:
    line.simulator.wire.token_life = 0.0
    with pytest.raises(AuthError, match=r"expired"):
        await line.connect().verify()
    assert len(line.simulator.wire.tokens) == 2


@pytest.mark.asyncio
async def test_a_wrong_secret_needs_a_person(line: Line) -> None:
    with pytest.raises(AuthError, match=r"client ID and secret"):
        await line.connect(client_secret="wrong").verify()


@pytest.mark.parametrize(
    ("base", "auth"),
    [
        ("https://api.developers.deliveroo.com", "https://auth.developers.deliveroo.com"),
        ("https://api-sandbox.developers.deliveroo.com", "https://auth-sandbox.developers.deliveroo.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://apiary.example", "https://apiary.example"),
    ],
)
def test_tokens_come_from_the_host_beside(base: str, auth: str) -> None:
    assert auth_of(base) == auth


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(400, json={"error": {"code": "bad_request", "message": "OPENING_HOURS"}}), RejectedError, "HOURS"),
        (httpx.Response(409, json={"message": "sent already"}), RejectedError, "sent already"),
        (httpx.Response(404, json={"error": "gone"}), RejectedError, "gone"),
        (httpx.Response(429, json={}), TemporaryError, "429"),
        (httpx.Response(502, json={"error": {"code": "bad_gateway", "message": "later"}}), TemporaryError, "later"),
        (httpx.Response(401, json={"error": {"message": "token"}}), AuthError, "token"),
        (httpx.Response(200, json=[]), ProtocolError, "documentation"),
        (httpx.Response(200, html="<p>hello"), ProtocolError, "JSON"),
    ],
)
@pytest.mark.asyncio
async def test_errors_say_who_must_act(answer: httpx.Response, error: type[Exception], words: str) -> None:
    client = answering(granting(answer))
    with pytest.raises(error, match=words):
        await client.order("gb:1")


@pytest.mark.parametrize("grant", [{}, {"access_token": 7}, {"access_token": ""}, []])
@pytest.mark.asyncio
async def test_a_grant_without_a_token(grant: object) -> None:
    with pytest.raises(ProtocolError, match=r"documentation"):
        await answering(lambda _: httpx.Response(200, json=grant)).order("gb:1")


@pytest.mark.asyncio
async def test_a_token_server_in_trouble_is_asked_again_later() -> None:
    with pytest.raises(TemporaryError, match=r"503"):
        await answering(lambda _: httpx.Response(503)).order("gb:1")


@pytest.mark.asyncio
async def test_a_life_nobody_understands_is_the_usual_one() -> None:
    client = answering(lambda request: httpx.Response(200, json={"access_token": "t", "expires_in": "soon", "id": "gb:1"}))
    assert (await client.order("gb:1")).body["id"] == "gb:1"


@pytest.mark.asyncio
async def test_the_colon_of_an_id_is_escaped() -> None:
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"access_token": "t"})

    await answering(handler).order("gb:1/../2")
    assert seen[-1] == b"/order/v2/orders/gb%3A1%2F..%2F2"


@pytest.mark.parametrize("orders", [None, {}, [1]])
@pytest.mark.asyncio
async def test_a_list_that_is_none(orders: object) -> None:
    with pytest.raises(ProtocolError, match=r"documentation"):
        await answering(granting(httpx.Response(200, json={"orders": orders}))).live_orders("")


@pytest.mark.asyncio
async def test_an_account_without_a_brand_is_tested_first() -> None:
    with pytest.raises(RejectedError, match=r"test it first"):
        await answering(granting(httpx.Response(200, json={})), brand_id="").live_orders("")
