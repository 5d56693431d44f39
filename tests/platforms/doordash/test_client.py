"""Calls: a token for each, our clock put right, and refusals by who must act."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from app.platforms.api import AuthError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.doordash.client import MOST_ITEMS, Client, agent
from app.platforms.doordash.simulated_wire import claims_of
from app.platforms.doordash.simulator import SECRET, DoorDashSimulator
from tests.platforms.lines import forget

from .conftest import AT, Line

Seen = list[httpx.Request]


def client(answer: Any, seen: Seen | None = None, clock: Any = lambda: AT, **changed: str) -> Client:
    """A client whose calls are answered by `answer`, a response or a function."""

    def respond(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return answer(request) if callable(answer) else answer  # type: ignore[no-any-return]

    settings = Settings(1, {**DoorDashSimulator().credentials, **changed}, forget)
    return Client(settings, httpx.AsyncClient(transport=httpx.MockTransport(respond)), clock)


def refusal(status: int, body: Any = None, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body or {}, headers=headers)


async def test_every_call_is_signed_anew_for_a_short_while(line: Line) -> None:
    seen: Seen = []
    now = [AT]
    calls = client(httpx.Response(200, json={}), seen, lambda: now[0])
    await calls.details()
    now[0] += 60
    await calls.confirm("o/1", {"order_status": "success"})
    tokens = [request.headers["authorization"].removeprefix("Bearer ") for request in seen]
    claims = [claims_of(token, SECRET, now[0]) for token in tokens]
    assert [claim["iat"] for claim in claims] == [AT, AT + 60]
    assert {claim["exp"] - claim["iat"] for claim in claims} == {300}
    first = seen[0].headers
    assert (first["auth-version"], first["user-agent"]) == ("v2", "AcmeConsoleSandbox/1.0")
    assert first["dd-tenant-id"] == "doortest:default"
    assert seen[1].url.raw_path == b"/marketplace/api/v1/orders/o%2F1"
    assert json.loads(seen[1].content) == {"order_status": "success"}


async def test_a_real_provider_has_no_test_tenant() -> None:
    seen: Seen = []
    await client(httpx.Response(200, json={}), seen, provider_type="acme_console").details()
    assert "dd-tenant-id" not in seen[0].headers
    assert agent("acme_console") == seen[0].headers["user-agent"] == "AcmeConsole/1.0"


async def test_a_wrong_clock_is_put_right_once(line: Line) -> None:
    """The pretend platform's own Date header tells."""
    connector = line.connect(lambda: AT)
    assert (await connector.verify()).title == "Practice Burgers"


async def test_a_wrong_key_needs_a_person(line: Line) -> None:
    for wrong in ({"key_id": "other"}, {"signing_secret": SECRET + "x"}, {"signing_secret": "?"}, {"developer_id": ""}):
        with pytest.raises(AuthError, match=r"."):
            await line.connect(**wrong).verify()


async def test_without_a_name_the_stores_number_is_shown(line: Line) -> None:
    assert (await line.connect(shop_name="").verify()).title == "store-01"


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (refusal(429), 60.0),
        (refusal(429, **{"Retry-After": "7"}), 7.0),
        (refusal(422, {"code": "request_rate_limited"}), 60.0),
        (refusal(500, {"message": "Internal service failure"}), None),
    ],
)
async def test_what_may_pass_is_tried_again(answer: httpx.Response, pause: float | None) -> None:
    with pytest.raises(TemporaryError) as caught:
        await client(answer).confirm("o-1", {})
    assert caught.value.retry_after == pause


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [(400, "Order has expired", "400"), (404, "Order does not exist", "404"), (403, "allow-list", "403")],
)
async def test_a_no_comes_in_doordashs_words(status: int, words: str, code: str) -> None:
    with pytest.raises(RejectedError, match=words) as caught:
        await client(refusal(status, {"code": "any", "message": words})).cancel("o-1", {})
    assert caught.value.code == code


async def test_a_forbidden_question_is_about_the_sign_in() -> None:
    with pytest.raises(AuthError, match="nobody"):
        await client(refusal(403, {"message": "nobody"})).details()


@pytest.mark.parametrize("body", [[], "text", None])
async def test_an_answer_of_another_form(body: Any) -> None:
    with pytest.raises(ProtocolError, match="documentation"):
        await client(httpx.Response(200, json=body)).menu()


@pytest.mark.parametrize(("count", "calls"), [(0, []), (1, [1]), (MOST_ITEMS, [40]), (MOST_ITEMS + 1, [40, 1])])
async def test_items_are_changed_in_portions(count: int, calls: list[int]) -> None:
    seen: Seen = []
    await client(httpx.Response(200, json={}), seen).set_items("items", [str(one) for one in range(count)], False)
    assert [len(json.loads(request.content)) for request in seen] == calls
