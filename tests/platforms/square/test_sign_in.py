"""The sign-in with PKCE, and the life of its tokens, over real HTTP."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.platforms.api import AuthError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.simulation import Faults
from app.platforms.square import platform, sign_in
from app.platforms.square.client import RENEW_BEFORE, Client
from app.platforms.square.sign_in import challenge, verifier
from app.platforms.square.simulator import APPLICATION, REDIRECT, TOKEN
from tests.platforms.lines import forget, send

from .conftest import Line

VALUES = {"application_id": APPLICATION, "redirect_url": REDIRECT}


async def pasted(line: Line, values: Mapping[str, str] = VALUES) -> str:
    """What the browser's address line shows at the end."""
    page = await line.client.get(sign_in.page(values, line.simulator.address))
    assert page.status_code == 200
    found = re.search("<code>(.+?)</code>", page.text)
    assert found
    return html.unescape(found[1])


async def signed_in(line: Line) -> dict[str, str]:
    values = {**VALUES, "code": f" {await pasted(line)} "}
    return {**VALUES, **await sign_in.exchange(values, line.simulator.address, line.client)}


def test_the_challenge_of_rfc_7636() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", verifier("abc"))
    assert verifier("abc") != verifier("abd")


def test_the_page_asks_for_everything_and_tells_no_secret() -> None:
    assert platform.sign_in
    shown = platform.sign_in.page(VALUES, "")
    address = urlsplit(shown)
    query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://connect.squareup.com/oauth2/authorize"
    assert {"ORDERS_READ", "ORDERS_WRITE", "PAYOUTS_READ", "INVENTORY_WRITE"} <= set(query["scope"][0].split())
    assert query["code_challenge"] == [challenge(verifier(APPLICATION))]
    assert (query["client_id"], query["redirect_uri"], query["session"]) == ([APPLICATION], [REDIRECT], ["false"])
    assert verifier(APPLICATION) not in shown


def test_the_sandbox_is_another_host_and_an_id_is_needed() -> None:
    assert sign_in.page({**VALUES, "environment": "sandbox"}, "").startswith("https://connect.squareupsandbox.com/")
    with pytest.raises(RejectedError, match=r"application ID"):
        sign_in.page({}, "")


async def test_a_pasted_address_becomes_tokens_that_work(line: Line) -> None:
    kept = await signed_in(line)
    assert set(kept) - set(VALUES) == {"access_token", "refresh_token", "expires_at", "granted"}
    assert (await line.connect(**kept).verify()).title == "Practice Noodles"


async def test_the_bare_code_is_enough(line: Line) -> None:
    code = parse_qs(urlsplit(await pasted(line)).query)["code"][0]
    assert await sign_in.exchange({**VALUES, "code": code}, line.simulator.address, line.client)


async def test_a_code_works_once(line: Line) -> None:
    values = {**VALUES, "code": await pasted(line)}
    await sign_in.exchange(values, line.simulator.address, line.client)
    with pytest.raises(RejectedError, match=r"5 minutes.*invalid or expired"):
        await sign_in.exchange(values, line.simulator.address, line.client)


async def test_a_code_for_another_verifier_is_worth_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    code = parse_qs(urlsplit(await pasted(line)).query)["code"][0]
    monkeypatch.setattr(sign_in, "_RUN", b"another run of the program")
    with pytest.raises(RejectedError, match=r"get a new one"):
        await sign_in.exchange({**VALUES, "code": code}, line.simulator.address, line.client)


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ("https://x.test/?code=c&state=foreign", "another sign-in page"),
        ("https://x.test/?error=access_denied", "access_denied"),
    ],
)
async def test_an_address_of_something_else(line: Line, shown: str, words: str) -> None:
    with pytest.raises(RejectedError, match=words):
        await sign_in.exchange({**VALUES, "code": shown}, line.simulator.address, line.client)


async def test_a_token_that_ends_in_mid_flight_is_renewed_and_the_call_repeated(line: Line) -> None:
    kept = await signed_in(line)
    connector, order_id = line.connect(**kept), line.simulator.place()
    await connector.fetch_orders("")
    line.simulator.tokens.expire()
    assert (await send(connector, CommandKind.ACCEPT, order_id)).kitchen is Kitchen.ACCEPTED
    assert line.order(order_id).commands == ["RESERVED"]
    assert line.saved["refresh_token"] != kept["refresh_token"]
    assert line.saved["granted"] == sign_in.fingerprint(line.saved["access_token"])


async def test_many_calls_at_once_renew_once(line: Line) -> None:
    connector, granted = line.connect(**await signed_in(line)), line.simulator.tokens.granted
    line.simulator.tokens.expire()
    await asyncio.gather(*(connector.verify() for _ in range(4)))
    assert line.simulator.tokens.granted == granted + 1


async def test_the_next_start_goes_on_with_what_was_saved(line: Line) -> None:
    first = await signed_in(line)
    for _ in range(3):
        line.simulator.tokens.expire()
        assert (await line.connect(**{**first, **line.saved}).verify()).title


async def test_a_new_token_is_saved_before_it_is_used(line: Line) -> None:
    kept, used = await signed_in(line), list[str]()

    async def refuse_to_save(values: Mapping[str, str]) -> None:
        used.append(values["access_token"])
        raise OSError("the disk is full")

    settings = Settings(1, {**line.simulator.credentials, **kept}, refuse_to_save, line.simulator.address)
    client, granted = Client(settings, line.client), line.simulator.tokens.granted
    line.simulator.tokens.expire()
    for _ in range(2):
        with pytest.raises(OSError, match=r"full"):
            await client.get("/v2/locations")
    assert len(set(used)) == 1  # the refresh token works once: what it brought is kept in hand, not asked for again
    assert line.simulator.tokens.granted == granted + 1


async def test_a_crash_between_receiving_and_saving_costs_no_orders(line: Line) -> None:
    """The next refresh token is lost for good; the old access token goes on for weeks."""
    kept = await signed_in(line)
    await sign_in.grant(line.client, line.simulator.address, refresh_form(kept))  # the process died here
    clock = [float(kept["expires_at"]) - RENEW_BEFORE + 1.0]
    client = Client(line.settings(**kept), line.client, lambda: clock[0])
    for _ in range(3):
        assert (await client.get("/v2/locations")).body["locations"]
    assert line.simulator.tokens.granted == 3  # one for the credentials, the sign-in's, the lost one
    line.simulator.tokens.expire()
    with pytest.raises(AuthError, match=r"expired or was used"):
        await client.get("/v2/locations")


def refresh_form(kept: Mapping[str, str]) -> dict[str, str]:
    return {"client_id": APPLICATION, "grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}


async def test_an_ageing_token_is_renewed_ahead_and_not_every_time(line: Line) -> None:
    kept, granted = await signed_in(line), line.simulator.tokens.granted
    clock = [float(kept["expires_at"]) - RENEW_BEFORE - 1.0]
    client = Client(line.settings(**kept), line.client, lambda: clock[0])
    await client.get("/v2/locations")
    assert line.simulator.tokens.granted == granted
    clock[0] += 2.0
    await client.get("/v2/locations")
    assert line.simulator.tokens.granted == granted + 1
    assert line.saved["refresh_token"] in line.simulator.tokens.refresh


async def test_a_lost_answer_to_a_renewal_does_not_stop_a_token_that_lives(line: Line) -> None:
    kept = await signed_in(line)
    client = Client(line.settings(**kept), line.client, lambda: float(kept["expires_at"]) - 100.0)
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await client.get("/v2/locations")  # the call's own answer is lost too
    line.simulator.faults = Faults()
    assert (await client.get("/v2/locations")).status == 200


async def test_a_personal_token_over_a_granted_one_is_left_alone(line: Line) -> None:
    kept, granted = await signed_in(line), line.simulator.tokens.granted
    assert (await line.connect(**{**kept, "access_token": TOKEN}).verify()).title
    with pytest.raises(AuthError, match=r"authorized"):
        await line.connect(**{**kept, "access_token": "EAAA-withdrawn"}).verify()
    assert line.simulator.tokens.granted == granted


async def test_without_any_token(line: Line) -> None:
    with pytest.raises(AuthError, match=r"Not signed in"):
        await line.connect(access_token="", refresh_token="").verify()


def answering(*answers: httpx.Response) -> Client:
    queue = list(answers)
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: queue.pop(0)), verify=False)

    return Client(Settings(1, {"access_token": TOKEN}, forget, "http://127.0.0.1:1"), client)


def refusing(status: int, code: str, category: str = "INVALID_REQUEST_ERROR") -> httpx.Response:
    return httpx.Response(status, json={"errors": [{"category": category, "code": code, "detail": f"words of {code}"}]})


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refusing(400, "VERSION_MISMATCH"), RejectedError, "words of VERSION_MISMATCH"),
        (refusing(404, "NOT_FOUND"), RejectedError, "NOT_FOUND"),
        (refusing(403, "INSUFFICIENT_SCOPES", "AUTHENTICATION_ERROR"), RejectedError, "SCOPES"),
        (refusing(401, "ACCESS_TOKEN_REVOKED", "AUTHENTICATION_ERROR"), AuthError, "REVOKED"),
        (refusing(429, "RATE_LIMITED", "RATE_LIMIT_ERROR"), TemporaryError, "RATE"),
        (refusing(500, "INTERNAL_SERVER_ERROR", "API_ERROR"), TemporaryError, "INTERNAL"),
        (refusing(400, "RATE_LIMITED", "RATE_LIMIT_ERROR"), TemporaryError, "RATE"),
        (httpx.Response(502, html="<p>later"), TemporaryError, "502"),
        (httpx.Response(400, json={"errors": "no list"}), RejectedError, "400"),
        (httpx.Response(200, json=[]), ProtocolError, "documentation"),
        (httpx.Response(200, html="<p>hello"), ProtocolError, "JSON"),
    ],
)
async def test_errors_say_who_must_act(answer: httpx.Response, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        await answering(answer).order("O1")


@pytest.mark.parametrize(
    "body", [{}, [], {"access_token": "t", "expires_at": 5}, {"access_token": "t", "expires_at": "soon"}]
)
async def test_a_grant_of_an_unknown_form(body: object) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    async with httpx.AsyncClient(transport=transport, verify=False) as client:
        with pytest.raises(ProtocolError, match=r"unknown form"):
            await sign_in.grant(client, "http://127.0.0.1:1", {})


async def test_a_list_without_an_end_is_given_up() -> None:
    page = {"orders": [{"id": "1"}], "cursor": "again"}
    client = answering(*(httpx.Response(200, json=page) for _ in range(201)))
    with pytest.raises(ProtocolError, match=r"no end"):
        _ = [row async for row in client.pages("/v2/orders/search", {}, "orders", post=True)]
