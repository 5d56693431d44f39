"""Calls through the gateway: signed both ways, tokens that survive a crash, refusals as the contract's errors."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from app import steady
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.koubei import platform
from app.platforms.koubei.client import Client, Gate, Outcome, Result, compact, error_of, grant
from app.platforms.koubei.signing import is_signed, request_text, sign
from app.platforms.koubei.simulated_gateway import practice_keys
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import Faults
from tests.platforms.koubei.conftest import Connect

QUERY = "koubei.catering.order.info.query"
KEYS = practice_keys()
VALUES = {"app_id": "2021000000000001", "private_key": KEYS.app_text, "alipay_public_key": KEYS.gateway_text}
Answering = Callable[[httpx.Request], httpx.Response]


async def never(_: Mapping[str, str]) -> None:
    raise AssertionError("nothing to save")


async def ask(answer: Answering, **changed: str) -> Result:
    """One call that `answer` answers."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as wire:
        return await Client(Settings(1, VALUES | changed, never), wire).call(QUERY, {"order_id": "1"})


def signed(inner: str, key: str = "koubei_catering_order_info_query_response") -> httpx.Response:
    """An answer as the gateway writes it."""
    text = f'{{"{key}": {inner} ,"sign":"{sign(inner, KEYS.gateway)}"}}'
    return httpx.Response(200, text=text, headers={"content-type": "text/html;charset=utf-8"})


async def test_a_call_is_signed_over_everything_it_sends() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return signed('{"code":"10000"}')

    await ask(answer, app_auth_token="T")
    (request,) = seen
    body = dict(httpx.QueryParams(request.content.decode()))
    params = {**request.url.params, **body}
    assert set(body) == {"biz_content"}
    assert params["app_auth_token"] == "T"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", params["timestamp"])
    assert is_signed(request_text(params), params["sign"], KEYS.app.public_key())
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


async def test_the_received_characters_are_verified_and_kept() -> None:
    inner = '{ "code" : "10000",\n "memo":"\\u5c11\\u8fa3 \\/ \\"sign\\":\\"x\\"" , "z":1.10 }'
    result = await ask(lambda _: signed(inner))
    assert result.raw == inner
    assert result.value["memo"] == '少辣 / "sign":"x"'
    again = json.dumps(json.loads(inner), ensure_ascii=False)
    assert not is_signed(again, sign(inner, KEYS.gateway), KEYS.gateway.public_key())


@pytest.mark.parametrize("change", [('"10000"', '"10000" '), ("小", "大"), ('"sign":"', '"sign":"A')])
async def test_a_changed_answer_is_not_believed(change: tuple[str, str]) -> None:
    genuine = signed('{"code":"10000","spec":"小份"}').text
    forged = genuine.replace(*change)
    assert forged != genuine
    with pytest.raises(AuthError, match="not signed"):
        await ask(lambda _: httpx.Response(200, text=forged))


async def test_a_yes_without_a_signature_is_not_believed() -> None:
    with pytest.raises(AuthError, match="not signed"):
        await ask(lambda _: httpx.Response(200, text='{"koubei_catering_order_info_query_response":{"code":"10000"}}'))


async def test_a_gateway_failure_may_be_unsigned() -> None:
    text = '{"error_response":{"code":"40002","sub_code":"isv.invalid-app-id","sub_msg":"无效的AppID"}}'
    with pytest.raises(AuthError, match="无效的AppID"):
        await ask(lambda _: httpx.Response(200, text=text))


@pytest.mark.parametrize(
    "text", ["", "<html>", "[]", "{}", '{"x":1}', "[" * 5000, '{"error_response":[]}', '{"error_response":{},"sign":1}']
)
async def test_what_is_no_answer_is_said_so(text: str) -> None:
    with pytest.raises(ProtocolError):
        await ask(lambda _: httpx.Response(200, text=text))


@pytest.mark.parametrize(("status", "error"), [(502, TemporaryError), (429, TemporaryError), (404, ProtocolError)])
async def test_http_errors(status: int, error: type[PlatformError]) -> None:
    with pytest.raises(error):
        await ask(lambda _: httpx.Response(status, text="<html>"))


@pytest.mark.parametrize("trouble", [httpx.ReadTimeout("slow"), httpx.ConnectError("gone")])
async def test_network_trouble_is_temporary(trouble: Exception) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise trouble

    with pytest.raises(TemporaryError):
        await ask(answer)


@pytest.mark.parametrize("name", ["private_key", "alipay_public_key"])
async def test_an_unreadable_key_needs_a_person_and_is_not_shown(name: str) -> None:
    with pytest.raises(AuthError) as error:
        await ask(lambda _: signed('{"code":"10000"}'), **{name: "not a key"})
    assert "not a key" not in str(error.value)


@pytest.mark.parametrize(
    ("code", "sub", "error"),
    [
        ("20000", "isp.unknow-error", TemporaryError),
        ("20001", "aop.invalid-app-auth-token", AuthError),
        ("40001", "isv.missing-signature", AuthError),
        ("40002", "isv.invalid-signature", AuthError),
        ("40002", "isv.invalid-timestamp", TemporaryError),
        ("40002", "isv.invalid-parameter", RejectedError),
        ("40004", "ORDER_STATUS_ERROR", RejectedError),
        ("40004", "ACQ.SYSTEM_ERROR", TemporaryError),
        ("40005", "isv.app-call-limited-by-qps", TemporaryError),
        ("40006", "isv.insufficient-isv-permissions", RejectedError),
        ("99999", "", RejectedError),
    ],
)
def test_codes_say_who_must_act(code: str, sub: str, error: type[PlatformError]) -> None:
    found = error_of(Outcome(Result({}, "", 0, 0), code, sub, "in their words"))
    assert type(found) is error
    assert "in their words" in str(found)


async def test_a_wrong_clock_is_corrected_once(connect: Connect) -> None:
    wrong = connect(clock=lambda: steady.time() - 7200)
    assert (await wrong.verify()).title


async def test_half_an_emoji_in_a_text_is_no_crash() -> None:
    assert compact({"memo": "\ud83d"}) == '{"memo":"?"}'


# tokens of a service provider's app


async def consented(koubei: KoubeiSimulator, wire: httpx.AsyncClient) -> dict[str, str]:
    """The tokens that an owner's consent brings."""
    koubei.tokens.required = True
    assert platform.sign_in
    values = {**koubei.credentials, "code": koubei.tokens.code()}
    return dict(await platform.sign_in.exchange(values, koubei.address, wire))


async def test_consent_brings_tokens(koubei: KoubeiSimulator, wire: httpx.AsyncClient, connect: Connect) -> None:
    tokens = await consented(koubei, wire)
    assert set(tokens) == {"app_auth_token", "app_refresh_token", "expires_at", "renew_at"}
    assert (await connect(**tokens).verify()).title
    with pytest.raises(AuthError):
        await connect().verify()


async def test_a_code_is_good_once(koubei: KoubeiSimulator, wire: httpx.AsyncClient) -> None:
    assert platform.sign_in
    values = {**koubei.credentials, "code": koubei.tokens.code()}
    await platform.sign_in.exchange(values, koubei.address, wire)
    with pytest.raises(AuthError, match="授权码"):
        await platform.sign_in.exchange(values, koubei.address, wire)


def test_only_an_app_that_acts_for_others_asks_for_consent() -> None:
    assert platform.sign_in
    assert platform.sign_in.page({"app_id": "1"}, "") == ""
    page = platform.sign_in.page({"app_id": "1", "redirect_uri": "https://counter.example/return"}, "")
    assert "redirect_uri=https%3A%2F%2Fcounter.example%2Freturn" in page


async def test_a_token_that_dies_in_flight_is_renewed_once_for_all(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient, connect: Connect, saved: dict[str, str]
) -> None:
    connector = connect(**await consented(koubei, wire))
    koubei.tokens.alive.clear()
    await asyncio.gather(*(connector.verify() for _ in range(4)))
    assert koubei.tokens.grants.count("refresh_token") == 1
    assert saved["app_auth_token"] in koubei.tokens.alive


async def test_a_token_near_its_end_is_renewed_ahead(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient, connect: Connect, saved: dict[str, str]
) -> None:
    tokens = await consented(koubei, wire)
    await connect(**tokens, clock=steady.time).verify()
    assert not saved
    await connect(**(tokens | {"renew_at": str(int(steady.time()) - 60)})).verify()
    assert saved["app_refresh_token"] != tokens["app_refresh_token"]


async def test_a_crash_between_receiving_and_saving_costs_no_orders(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient, connect: Connect
) -> None:
    """The refresh token worked once and its successor is lost: the token in hand goes on for half of its life."""
    tokens = await consented(koubei, wire)
    await grant(Gate({**koubei.credentials, **tokens}, koubei.address, wire, steady.time), refresh_form(tokens))
    ageing = tokens | {"renew_at": str(int(steady.time()) - 60)}
    assert (await connect(**ageing).verify()).title
    koubei.tokens.alive.clear()
    with pytest.raises(AuthError, match="无效"):
        await connect(**ageing).verify()


def refresh_form(tokens: Mapping[str, str]) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": tokens["app_refresh_token"]}


@pytest.mark.parametrize("answer", [httpx.Response(200, html="<p>busy"), httpx.Response(502, html="<p>busy")])
async def test_a_page_in_place_of_a_token_signs_nobody_out(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient, answer: httpx.Response
) -> None:
    tokens = await consented(koubei, wire)
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as broken:
        gate = Gate({**koubei.credentials, **tokens}, koubei.address, broken, steady.time)
        with pytest.raises(TemporaryError):
            await grant(gate, refresh_form(tokens))


async def test_without_anything_to_renew_it_a_dead_token_needs_the_owner(koubei: KoubeiSimulator, connect: Connect) -> None:
    koubei.tokens.required = True
    with pytest.raises(AuthError, match="consent"):
        await connect(app_auth_token="dead").verify()


async def test_throttling_is_temporary_and_says_how_long(koubei: KoubeiSimulator, connect: Connect) -> None:
    koubei.faults = Faults(throttle=1.0)
    with pytest.raises(TemporaryError) as error:
        await connect().verify()
    assert error.value.retry_after


@pytest.mark.parametrize(
    "answer", [{}, {"app_auth_token": "a"}, {"app_auth_token": "a", "app_refresh_token": "b", "expires_in": "x"}]
)
async def test_a_grant_of_an_unknown_form_is_said_so(answer: dict[str, Any]) -> None:
    assert platform.sign_in
    inner = json.dumps({"code": "10000"} | answer)
    transport = httpx.MockTransport(lambda _: signed(inner, "alipay_open_auth_token_app_response"))
    async with httpx.AsyncClient(transport=transport) as wire:
        with pytest.raises(ProtocolError):
            await platform.sign_in.exchange({**VALUES, "code": "c"}, "", wire)


async def test_a_token_without_an_end_is_used_until_it_is_refused(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient, connect: Connect, saved: dict[str, str]
) -> None:
    koubei.tokens.lifetime = 0
    tokens = await consented(koubei, wire)
    assert tokens["expires_at"] == ""
    koubei.tokens.alive[tokens["app_auth_token"]] = steady.time() + 60
    await connect(**tokens).verify()
    assert not saved


async def test_a_list_of_tokens_is_understood() -> None:
    assert platform.sign_in
    inner = json.dumps({"code": "10000", "tokens": [{"app_auth_token": "a", "app_refresh_token": "b", "expires_in": 10}]})
    transport = httpx.MockTransport(lambda _: signed(inner, "alipay_open_auth_token_app_response"))
    async with httpx.AsyncClient(transport=transport) as wire:
        tokens = await platform.sign_in.exchange({**VALUES, "code": "c"}, "", wire)
    assert tokens["app_auth_token"] == "a"
