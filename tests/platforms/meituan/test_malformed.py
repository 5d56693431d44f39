"""What foreign clients send: POST or GET, nonsense in any parameter, calls not practised; answered in Meituan's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from app import steady
from app.platforms.meituan.routes import Ask, routes_of
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.simulated_calls import TAKES
from app.platforms.meituan.simulator import APP_ID, SECRET, MeituanSimulator, PartnerSimulator

from .conftest import DOORS, Start

JUNK = ("", "x", "-1", "9" * 40, "1e400", "[]", "{}", "null", "[1]", '{"a":[{}]}', "\u0000", "1" * 1000, "２")
VALUES: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "x", "\ud83d", [], [1], [[]], [{}], {"a": 1}, {})


async def ask_open(simulator: MeituanSimulator, wire: httpx.AsyncClient, method: str, path: str, **words: str) -> Any:
    """A call of door A as a published client makes it; answers the code of a no, or the data."""
    url = f"{simulator.address}/api/v1/{path}"
    system = {"app_id": APP_ID, "timestamp": str(int(steady.time()))}
    system["sig"] = sign_open(url, system | words, SECRET)
    if method == "GET":
        answer = await wire.get(url, params=system | words)
    else:
        answer = await wire.request(method, url, params=system, data=words)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    body = answer.json()
    return body["error"]["code"] if body["data"] == "ng" else body["data"]


async def ask_partner(simulator: MeituanSimulator, wire: httpx.AsyncClient, path: str, biz: Mapping[str, Any]) -> Any:
    """A call of door B; answers the code."""
    form = {"appAuthToken": simulator.tokens.bound, "businessId": "2", "charset": "UTF-8", "developerId": APP_ID}
    form |= {"timestamp": str(int(steady.time())), "version": "2", "biz": json.dumps(biz)}
    answer = await wire.post(simulator.address + path, data={**form, "sign": sign_partner(form, SECRET)})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    return answer.json()["code"]


def names_of(ask: Ask, simulator: MeituanSimulator) -> list[str]:
    return [name.removesuffix("?") for name in (TAKES[ask][simulator.partner] or "").split()]


@pytest.mark.parametrize("ask", [ask for ask in Ask if TAKES[ask][0] is not None])
async def test_nonsense_through_waimaiopen_is_refused_in_its_form(start: Start, wire: httpx.AsyncClient, ask: Ask) -> None:
    simulator = await start()
    known = {"order_id": simulator.place(), "app_poi_code": "t_shop01"}
    names = names_of(ask, simulator)
    for method in ("GET", "POST"):
        for words in [dict.fromkeys(names, junk) for junk in JUNK]:
            for changed in (words, words | {name: known[name] for name in names if name in known}):
                await ask_open(simulator, wire, method, routes_of(ask).open.path, **changed)


@pytest.mark.parametrize("ask", [ask for ask in Ask if TAKES[ask][1] is not None])
async def test_nonsense_through_the_gateway_is_refused_in_its_form(start: Start, wire: httpx.AsyncClient, ask: Ask) -> None:
    simulator = await start(PartnerSimulator)
    known = {"orderId": int(simulator.place()), "ePoiId": "t_shop01"}
    names = names_of(ask, simulator)
    for words in [dict.fromkeys(names, value) for value in VALUES]:
        for changed in (words, words | {name: known[name] for name in names if name in known}):
            await ask_partner(simulator, wire, routes_of(ask).partner.path, changed)


async def test_post_changes_orders_as_get_does(start: Start, wire: httpx.AsyncClient) -> None:
    simulator = await start()
    order_id = simulator.place()
    assert await ask_open(simulator, wire, "POST", "order/confirm", order_id=order_id) == "ok"
    assert await ask_open(simulator, wire, "GET", "order/confirm", order_id=order_id) == 808
    assert simulator.shop.orders[order_id].commands == ["confirm"]


@pytest.mark.parametrize("path", ["order/zhongbao/dispatch", "order/riderPosition", "comment/score", "nonsense"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_call_that_is_not_practised_is_refused_as_without_a_right(
    start: Start, wire: httpx.AsyncClient, path: str, method: str
) -> None:
    assert await ask_open(await start(), wire, method, path) == 704
    assert await ask_partner(await start(PartnerSimulator), wire, f"/waimai/{path}", {}) == "OP_BIZ_704"


@DOORS
async def test_bytes_that_are_no_form_are_refused(
    start: Start, wire: httpx.AsyncClient, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    routes = routes_of(Ask.CONFIRM)
    path = routes.partner.path if simulator.partner else f"/api/v1/{routes.open.path}"
    tokens = "/oauth/token" if simulator.partner else "/api/v1/oauth/token"
    for place in (path, tokens, *(["/pos/heartbeat"] if simulator.partner else [])):
        for body in (b"\xff\xfe", b"%ff=%fe&a", b"data=[1]", b"biz=" + b"[" * 10_000):
            answer = await wire.post(simulator.address + place, content=body)
            assert (answer.status_code, bool(answer.json())) == (200, True)
