"""The pretend Meituan is as strict as the platform, and its pushes are those of the reference."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from aiohttp import web

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment
from app.platforms.conformance import until
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.simulator import APP_ID, SECRET, IsvSimulator, MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder

Start = Callable[..., Any]
Ask = Callable[..., Any]


@pytest.fixture
def ask(wire: httpx.AsyncClient) -> Ask:
    """A hand-made call of door A; `changed` replaces parameters before signing, `secret` signs with another one."""

    async def asked(simulator: MeituanSimulator, path: str, secret: str = SECRET, **changed: str) -> Any:
        url = f"{simulator.address}/api/v1/{path}"
        params = {"app_id": APP_ID, "timestamp": str(int(time.time())), **changed}
        params = {name: value for name, value in params.items() if value}
        answer = await wire.get(url, params={**params, "sig": sign_open(url, params, secret)})
        body = answer.json()
        return body["error"]["code"] if body["data"] == "ng" else body["data"]

    return asked


@pytest.fixture
def ask_gateway(wire: httpx.AsyncClient) -> Ask:
    """A hand-made call of door B."""

    async def asked(simulator: MeituanSimulator, path: str, biz: Any, secret: str = SECRET, **changed: str) -> Any:
        form = {"appAuthToken": simulator.tokens.bound, "businessId": "2", "charset": "UTF-8", "developerId": APP_ID}
        form |= {"timestamp": str(int(time.time())), "version": "2", "biz": json.dumps(biz)} | changed
        answer = await wire.post(simulator.address + path, data={**form, "sign": sign_partner(form, secret)})
        body = answer.json()
        return body["data"] if body["code"] == "OP_SUCCESS" else body["code"]

    return asked


async def test_waimaiopen_is_strict(start: Start, ask: Ask) -> None:
    simulator = await start()
    order_id = simulator.place()
    shop = {"app_poi_code": "t_shop01"}
    assert await ask(simulator, "order/getOrderDaySeq", **shop) == {"result": "ok", "day_seq": 1}
    assert await ask(simulator, "order/getOrderDaySeq", secret="x", **shop) == 703
    assert await ask(simulator, "order/getOrderDaySeq", app_id="1", **shop) == 702
    assert await ask(simulator, "order/getOrderDaySeq", timestamp="1700000000", **shop) == 705
    assert await ask(simulator, "order/getOrderDaySeq", timestamp="", **shop) == 705
    assert await ask(simulator, "order/getOrderDaySeq", app_poi_code="t_other") == 704
    assert await ask(simulator, "order/getOrderDaySeq") == 701
    assert await ask(simulator, "order/confirm", order_id=order_id, more="1") == 701
    assert await ask(simulator, "order/confirm", order_id="1") == 806
    assert await ask(simulator, "order/cancel", order_id=order_id, reason="x", reason_code="1") == 705
    assert await ask(simulator, "order/confirm", order_id=order_id) == "ok"
    assert await ask(simulator, "order/confirm", order_id=order_id) == 808
    assert await ask(simulator, "order/preparationMealComplete", order_id=order_id) == 808  # in the first minute
    simulator.shop.orders[order_id].body |= {"logistics_status": 40}
    simulator.happen(order_id, Happening.COMPLETE)
    assert await ask(simulator, "order/cancel", order_id=order_id, reason="x", reason_code="2009") == 1022
    assert (await ask(await start(IsvSimulator), "order/getOrderDaySeq", **shop)) == 4001


async def test_the_gateway_is_strict(start: Start, ask_gateway: Ask) -> None:
    simulator = await start(PartnerSimulator)
    order_id = int(simulator.place())
    path, biz = "/waimai/order/confirm", {"orderId": order_id}
    assert await ask_gateway(simulator, path, biz, secret="x") == "OP_SIGN_ERROR"
    assert await ask_gateway(simulator, path, biz, appAuthToken="dead") == "OP_TOKEN_EXPIRED"
    assert await ask_gateway(simulator, path, biz, timestamp="1700000000") == "OP_BIZ_705"
    assert await ask_gateway(simulator, path, biz, version="1") == "OP_BIZ_701"
    assert await ask_gateway(simulator, path, [1]) == "OP_BIZ_701"
    assert await ask_gateway(simulator, path, {"order_id": order_id}) == "OP_BIZ_701"
    assert await ask_gateway(simulator, path, {"orderId": str(order_id)}) == "OP_ORDER_NOT_EXIST"
    assert await ask_gateway(simulator, path, {"orderId": 1}) == "OP_ORDER_NOT_EXIST"
    assert await ask_gateway(simulator, path, biz) == "ok"
    assert await ask_gateway(simulator, path, biz) == "OP_BIZ_808"
    other = {"ePoiId": "other", "daySeq": 1, "date": "20250101"}
    assert await ask_gateway(simulator, "/waimai/order/queryByDaySeq", other) == "OP_BIZ_704"


async def test_the_heartbeat_wants_its_fields(start: Start, wire: httpx.AsyncClient) -> None:
    simulator = await start(PartnerSimulator)
    for text in ("", "[]", "{}", "1"):
        answer = await wire.post(f"{simulator.address}/pos/heartbeat", data={"data": text})
        assert answer.json()["code"] == 1
    assert simulator.beats == []


async def test_illegal_happenings_are_impossible(start: Start) -> None:
    simulator = await start()
    order_id = simulator.place()
    for happening in (Happening.CHANGE, Happening.URGE, Happening.COMPLETE, Happening.WITHDRAW, Happening.COURIER_AT_STORE):
        with pytest.raises(ImpossibleError):
            simulator.happen(order_id, happening)
    with pytest.raises(ImpossibleError):
        simulator.happen(order_id, Happening.REFUND_PART, amount=1)
    with pytest.raises(ImpossibleError):
        simulator.place(PretendOrder((PretendLine("x", 1),), fulfilment=Fulfilment.DINE_IN))
    with pytest.raises(ValueError, match="total"):
        simulator.place(payload={"detail": "[]"})
    with pytest.raises(KeyError):
        simulator.happen("1", Happening.CANCEL)


async def test_an_order_nobody_accepts_expires(start: Start) -> None:
    simulator = await start(speed=6000.0)
    simulator.place()
    await until(lambda: simulator.truth()[0].kitchen == Kitchen.EXPIRED)
    assert simulator.truth()[0].status == "9"


async def test_silence_agrees_to_a_request(start: Start) -> None:
    simulator = await start(speed=200_000.0)
    order_id = simulator.place()
    order = simulator.shop.orders[order_id]
    simulator.shop.accept(order)
    simulator.happen(order_id, Happening.ASK_CANCEL)
    await until(lambda: order.status == 9)
    assert order.refunds[0]["res_type"] == 5
    assert simulator.truth()[0].refunded_minor == order.total


async def test_what_pick_up_customers_fetch_is_complete_without_a_courier(start: Start) -> None:
    simulator = await start()
    order_id = simulator.place(PretendOrder((PretendLine("米饭", 200),), fulfilment=Fulfilment.PICKUP))
    simulator.shop.accept(simulator.shop.orders[order_id])
    simulator.happen(order_id, Happening.COMPLETE)
    assert simulator.truth()[0].kitchen == Kitchen.COMPLETED


@asynccontextmanager
async def listening(simulator: MeituanSimulator, reply: bytes) -> AsyncIterator[list[tuple[str, str, dict[str, str]]]]:
    """A receiver that answers `reply` to everything, and what it heard: method, path with query, form."""
    heard: list[tuple[str, str, dict[str, str]]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append((request.method, request.path_qs, dict(parse_qsl(await request.text(), keep_blank_values=True))))
        return web.Response(body=reply)

    application = web.Application()
    application.router.add_route("*", "/hook", take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    simulator.push_to = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield heard
    finally:
        await runner.cleanup()


async def test_pushes_of_waimaiopen(start: Start) -> None:
    simulator = await start()
    async with listening(simulator, b'{"data":"ok"}') as heard:
        order_id = simulator.place()
        simulator.shop.accept(simulator.shop.orders[order_id])
        simulator.happen(order_id, Happening.URGE)
        await until(lambda: len([one for one in heard if one[0] == "POST"]) == 3)
        posts = [one for one in heard if one[0] == "POST"]
        assert [one for one in heard if one[0] == "GET"] == [("GET", "/hook", {}), ("GET", "/hook?kind=urge", {})]
        assert [one[2].get("status") for one in posts] == ["2", "4", None]
        assert json.loads(posts[0][2]["detail"])
        assert posts[0][2]["sig"] == sign_open(simulator.push_to, posts[0][2], SECRET)


async def test_pushes_of_the_gateway(start: Start) -> None:
    simulator = await start(PartnerSimulator)
    async with listening(simulator, b'{"data":"OK"}') as heard:
        order_id = simulator.place()
        simulator.happen(order_id, Happening.CANCEL)
        await until(lambda: len([one for one in heard if one[2]]) == 2)
        placed, cancelled = (one[2] for one in heard if one[2])
        assert json.loads(placed["order"])["orderId"] == int(order_id)
        assert set(json.loads(cancelled["orderCancel"])) == {"orderId", "reason", "reasonCode"}
        assert placed["sign"] == sign_partner(placed, SECRET)


async def test_any_other_answer_is_no_acknowledgement(start: Start) -> None:
    simulator = await start()
    async with listening(simulator, b'{"data":"OK"}'):  # the other door's word
        simulator.place()
        await until(lambda: len([one for one in simulator.records if one.what == "push_failed"]) == 3)
        assert simulator.truth()[0].delivered_to_console_at is None


async def test_faults_are_written_down(start: Start, ask: Ask) -> None:
    simulator = await start()
    simulator.push_to = "http://127.0.0.1:9/hook"
    simulator.faults = Faults(lose_push=1.0, throttle=1.0)
    simulator.place()
    assert await ask(simulator, "order/getOrderDaySeq", app_poi_code="t_shop01") == 711
    assert {"push_lost", "faulted"} <= {one.what for one in simulator.records}
    await asyncio.sleep(0)
