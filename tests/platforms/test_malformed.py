"""No foreign client makes a simulator answer with a bare 500: what cannot be read is refused in the platform's own form."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import platforms, steady
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.doordash import signing as doordash
from app.platforms.doordash.client import agent
from app.platforms.eleme.signing import sign_call
from app.platforms.http import new_client
from app.platforms.koubei.client import Gate
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.tokens import ISV, PARTNER
from app.platforms.registry import simulators
from app.platforms.simulation import PretendLine, PretendOrder, Simulator
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.platforms.woocommerce.signing import oauth_query

BOUNDED = settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
BARE = "500 Internal Server Error"  # the words of the HTTP library, with a traceback or without
TEXTS = ["", "x", "-1", "[]", "5", "{}", '{"a":[1]}', "1e999", "９"]
JUNK = st.one_of(st.none(), st.booleans(), st.integers(-3, 10**12), st.floats(allow_nan=False), st.sampled_from(TEXTS))
KOUBEI_NO = ("sub_code", "isv.invalid-parameter")
NOODLES = PretendOrder((PretendLine("Noodles", 900, 2), PretendLine("Tea", 300)))


@dataclass(frozen=True)
class Call:
    """What a foreign client sends."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass
class Line:
    """A simulator that listens, with an order of each kind of fate, and a client that knows its secrets."""

    simulator: Simulator
    http: httpx.AsyncClient
    order_id: str

    async def send(self, call: Call, **headers: str) -> httpx.Response:
        """As the platform's clients sign."""
        sign = SIGNED.get(self.simulator.name)
        return await (sign(self, call) if sign else self.plain(call, headers))

    async def plain(self, call: Call, headers: Mapping[str, str]) -> httpx.Response:
        """JSON, and whatever headers prove the sender."""
        address, content = self.simulator.address + call.path, json.dumps(call.body).encode()
        sent = {"Content-Type": "application/json", **headers}
        return await self.http.request(call.method, address, params=dict(call.query), content=content, headers=sent)


def headed(headers: Callable[[Line], Mapping[str, str]]) -> Callable[[Line, Call], Awaitable[httpx.Response]]:
    """For platforms whose secret is a header."""
    return lambda line, call: line.plain(call, headers(line))


def _doordash(line: Line) -> dict[str, str]:
    known = line.simulator.credentials
    token = doordash.token(known["developer_id"], known["key_id"], known["signing_secret"], int(steady.time()))
    return {"Authorization": f"Bearer {token}", "auth-version": "v2", "User-Agent": agent(known["provider_type"])}


def _deliveroo(line: Line) -> dict[str, str]:
    wire = cast(DeliverooSimulator, line.simulator).wire
    wire.tokens["t"] = steady.time() + 60
    wire.forget_calls()
    return {"Authorization": "Bearer t"}


def _uber(line: Line) -> dict[str, str]:
    scopes = {"eats.order", "eats.store", "eats.store.orders.read", "eats.store.status.write"}
    cast(UberEatsSimulator, line.simulator).tokens.alive["t"] = (steady.time() + 60, scopes)
    return {"Authorization": "Bearer t"}


async def _just_eat(line: Line, call: Call) -> httpx.Response:
    """One key is for orders, another for the restaurant."""
    key = "api_key" if call.path.startswith("/order") else "menu_key"
    return await line.plain(call, {"X-Flyt-Api-Key": line.simulator.credentials[key]})


async def _koubei(line: Line, call: Call) -> httpx.Response:
    """One address for everything: the body names its fields for the method in the path."""
    simulator = cast(KoubeiSimulator, line.simulator)
    method, body = call.path.strip("/"), call.body if isinstance(call.body, dict) else {}
    fields, _ = simulator._methods.get(method, (frozenset(), None))
    values = [*body.values(), *call.query.values(), None]
    content = {name: str(values[number % len(values)]) for number, name in enumerate(sorted(fields))}
    content |= {name: text for name, text in call.query.items() if name in fields}
    content |= dict.fromkeys(fields & {"order_id"}, line.order_id)
    gate = Gate(simulator.credentials, simulator.address, line.http, steady.time)
    outcome = await gate.ask(method, content, simulator.credentials.get("app_auth_token", ""))
    return httpx.Response(200, json=outcome.result.value)


async def _meituan(line: Line, call: Call) -> httpx.Response:
    known = line.simulator.credentials
    business = {**call.query, **(call.body if isinstance(call.body, dict) else {})}
    if call.path.startswith("/api/v1/oauth"):
        business = dict(call.query)
    params = {name: str(value) for name, value in business.items()}
    params |= {"app_poi_code": known["shop_id"], "order_id": line.order_id}
    if known["door"] == PARTNER and not call.path.startswith("/oauth"):
        return await _meituan_partner(line, call)
    line.simulator.tokens.access["t"] = steady.time() + 60.0  # type: ignore[attr-defined]  # of this simulator
    params |= {"access_token": "t"} if known["door"] == ISV else {}
    common = {"app_id": known["app_id"], "timestamp": str(int(steady.time()))}
    url = line.simulator.address + call.path
    common["sig"] = sign_open(url, {**common, **params}, known["secret"])
    if call.method == "POST":
        return await line.http.post(url, params=common, data=params)
    return await line.http.get(url, params={**common, **params})


async def _woocommerce(line: Line, call: Call) -> httpx.Response:
    known, url = line.simulator.credentials, line.simulator.address + call.path
    pair = (known["consumer_key"], known["consumer_secret"])
    query = oauth_query(call.method, url, call.query, *pair, uuid.uuid4().hex, int(steady.time()))
    return await line.plain(replace(call, query=query), {})


async def _meituan_partner(line: Line, call: Call) -> httpx.Response:
    known = line.simulator.credentials
    biz = {**(call.body if isinstance(call.body, dict) else {}), **call.query, "orderId": line.order_id}
    form = {"developerId": known["app_id"], "timestamp": str(int(steady.time())), "businessId": "2", "charset": "UTF-8"}
    form |= {"version": "2", "appAuthToken": known["access_token"], "biz": json.dumps(biz, ensure_ascii=False)}
    form["sign"] = sign_partner(form, known["secret"])
    return await line.http.post(line.simulator.address + call.path, data=form)


async def _eleme(line: Line, call: Call) -> httpx.Response:
    known, now = line.simulator.credentials, int(steady.time())
    line.simulator.tokens.access["t"] = now + 60.0  # type: ignore[attr-defined]  # of this simulator
    action = call.path.strip("/")
    wanted = line.simulator._actions.table[action]  # type: ignore[attr-defined]  # of this simulator
    token = "" if wanted.open else "t"
    values = [*(call.body.values() if isinstance(call.body, dict) else ()), [call.body], call.query, "x"]
    params = {name: next((one for one in values if type(one) is kind), kind()) for name, kind in wanted.params.items()}
    params |= dict.fromkeys({"orderId"} & params.keys(), line.order_id)
    params |= dict.fromkeys({"shopId"} & params.keys(), int(known["shop_id"]))
    envelope: dict[str, Any] = {
        "nop": "1.0.0",
        "id": f"{uuid.uuid4().hex.upper()}|{now}000",
        "action": action,
        "token": token,
    }
    envelope |= {"metas": {"app_key": known["app_key"], "timestamp": now}, "params": params}
    envelope["signature"] = sign_call(action, token, known["app_key"], now, params, known["secret"])
    return await line.http.post(
        f"{line.simulator.address}/api/v1", content=json.dumps(envelope, ensure_ascii=False).encode()
    )


SIGNED: dict[str, Callable[[Line, Call], Awaitable[httpx.Response]]] = {
    "hubrise": headed(lambda line: {"X-Access-Token": line.simulator.credentials["access_token"]}),
    "square": headed(lambda line: {"Authorization": f"Bearer {line.simulator.credentials['access_token']}"}),
    "doordash": headed(_doordash),
    "deliveroo": headed(_deliveroo),
    "uber_eats": headed(_uber),
    "just_eat": _just_eat,
    "koubei": _koubei,
    "meituan": _meituan,
    "eleme": _eleme,
    "woocommerce": _woocommerce,
}


def _words(name: str) -> list[str]:
    """The names that a simulator's own source knows: what a client must say to get anywhere."""
    found: set[str] = set()
    for file in Path(next(iter(platforms.__path__)), name).glob("simulat*.py"):
        found |= set(re.findall(r'"([A-Za-z][A-Za-z_]{1,30})"', file.read_text("utf-8")))
    return sorted(found)


def _paths(simulator: Simulator, order_id: str) -> list[tuple[str, str]]:
    """Every route, its places filled with a known order, and where one address takes everything, every method's name."""
    router = web.UrlDispatcher()
    simulator.routes(router)
    if isinstance(simulator, KoubeiSimulator):
        return [("POST", f"/{name}") for name in (*simulator._methods, "no.such.method")]
    if simulator.name == "eleme":
        return [("POST", f"/{name}") for name in simulator._actions.table]  # type: ignore[attr-defined]  # of this one
    found = [(route.method.replace("*", "POST"), route.resource.canonical) for route in router.routes() if route.resource]
    known = simulator.credentials
    shops = {"{store}": known.get("store_id", ""), "{ref}": known.get("restaurant", "")}
    places = re.compile(r"\{[^}]*\}")
    filled = [(method, places.sub(lambda place: shops.get(place[0], order_id), path)) for method, path in found]
    return [one for one in filled if one[0] != "HEAD"]


# What the audit found, and two ways to be told no: by a rule that the platform documents, and by the form of the request.
FOUND = [
    ("hubrise", Call("GET", "/v1/location/orders", {"count": "x"}), 422, ("error_type", "unprocessable_entity")),
    ("hubrise", Call("GET", "/v1/location/orders", {"count": "-1"}), 422, ("error_type", "unprocessable_entity")),
    ("hubrise", Call("GET", "/v1/location/orders", {"count": "0"}), 422, ("error_type", "unprocessable_entity")),
    ("hubrise", Call("GET", "/v1/location/orders", {"count": "101"}), 422, ("error_type", "unprocessable_entity")),
    ("hubrise", Call("GET", "/v1/location/orders", {"count": "9" * 5000}), 422, ("error_type", "unprocessable_entity")),
    ("square", Call("POST", "/v2/orders/search", {}, {"location_ids": ["LPRACTICE01"], "query": 5}), 400, ("errors", None)),
    ("square", Call("POST", "/v2/catalog/search", {}, {"object_types": ["ITEM"], "cursor": "q"}), 400, ("errors", None)),
    ("doordash", Call("PATCH", "/api/v1/orders/ORDER/adjustment", {}, {"items": ["x"]}), 400, ("code", "validation_error")),
    ("koubei", Call("POST", "/koubei.catering.order.info.sync", {"action": "REJECT", "action_info": "[]"}), 200, KOUBEI_NO),
    ("koubei", Call("POST", "/koubei.catering.order.info.sync", {"action": "REJECT", "action_info": "5"}), 200, KOUBEI_NO),
]


@pytest.mark.parametrize(("name", "call", "status", "told"), FOUND)
@pytest.mark.asyncio
async def test_what_cannot_be_read_is_refused_as_the_platform_refuses(
    name: str, call: Call, status: int, told: tuple[str, str | None]
) -> None:
    line = await _opened(name)
    try:
        answer = await line.send(replace(call, path=call.path.replace("ORDER", line.order_id)))
    finally:
        await _closed(line)
    assert answer.status_code == status
    assert answer.json()[told[0]] == told[1] or told[1] is None


@pytest.mark.asyncio
async def test_a_page_of_a_hundred_is_given() -> None:
    line = await _opened("hubrise")
    try:
        assert (await line.send(Call("GET", "/v1/location/orders", {"count": "100"}))).status_code == 200
    finally:
        await _closed(line)


@pytest.mark.asyncio
async def test_what_could_not_be_read_is_written_down() -> None:
    line = await _opened("square")
    try:
        await line.send(Call("POST", "/v2/catalog/search", {}, {"object_types": ["ITEM"], "cursor": "q"}))
    finally:
        await _closed(line)
    (record,) = [record for record in line.simulator.records if record.what == "malformed"]
    assert "ValueError" in record.detail["error"]


def _calls(simulator: Simulator, order_id: str) -> st.SearchStrategy[Call]:
    words = st.sampled_from(_words(simulator.name))
    values = st.recursive(
        JUNK | words | st.just(order_id),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=4),
        max_leaves=8,
    )
    query = st.dictionaries(words, st.sampled_from(TEXTS) | words, max_size=3)
    places = st.sampled_from(_paths(simulator, order_id))
    return st.builds(lambda place, told, body: Call(place[0], place[1], told, body), places, query, values)


def ways() -> list[tuple[str, str]]:
    """Every way into every platform."""
    return [(name, variant) for name, usual in sorted(simulators().items()) for variant in ("", *sorted(usual.variants()))]


async def _opened(name: str, variant: str = "") -> Line:
    usual = simulators()[name]
    simulator = ({"": usual} | usual.variants())[variant](5, None, 600.0)
    await simulator.start()
    order_id = simulator.place(None if name == "tmall_genie" else NOODLES)
    return Line(simulator, new_client(), order_id)


async def _closed(line: Line) -> None:
    await line.http.aclose()
    await line.simulator.stop()


@pytest.mark.parametrize(("name", "variant"), ways())
def test_no_foreign_client_meets_a_bare_500(name: str, variant: str) -> None:
    with asyncio.Runner() as runner:
        line = runner.run(_opened(name, variant))

        @BOUNDED
        @given(_calls(line.simulator, line.order_id))
        def refused_at_most(call: Call) -> None:
            answer = runner.run(line.send(call))
            assert BARE not in answer.text

        try:
            refused_at_most()
        finally:
            runner.run(_closed(line))
