"""The pretend Meituan is as strict as the platform, and its pushes are those of the reference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment
from app.platforms.conformance import until
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.simulator import APP_ID, SECRET, IsvSimulator, MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder
from tests.platforms.lines import listening

from .conftest import Start

Ask = Callable[..., Any]


@pytest.fixture
def ask(wire: httpx.AsyncClient) -> Ask:
    """A hand-made call of door A; `changed` replaces parameters before signing, `secret` signs with another one."""

    async def asked(simulator: MeituanSimulator, path: str, secret: str = SECRET, **changed: str) -> Any:
        url = f"{simulator.address}/api/v1/{path}"
        params = {"app_id": APP_ID, "timestamp": str(int(steady.time())), **changed}
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
        form |= {"timestamp": str(int(steady.time())), "version": "2", "biz": json.dumps(biz)} | changed
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


async def test_waimaiopens_abilities_are_strict(start: Start, wire: httpx.AsyncClient, ask: Ask) -> None:
    simulator = await start()
    order_id = simulator.place(PretendOrder((PretendLine("米饭", 200, 2),)))
    shop = {"app_poi_code": "t_shop01"}

    async def post(path: str, **form: Any) -> Any:
        """Business parameters go in the form; all of them are signed."""
        url, form = f"{simulator.address}/api/v1/{path}", {name: _text(value) for name, value in form.items()}
        system = {"app_id": APP_ID, "timestamp": str(int(steady.time()))}
        query = {**system, "sig": sign_open(url, system | form, SECRET)}
        body = (await wire.post(url, params=query, data=form)).json()
        return body["error"]["code"] if body["data"] == "ng" else body["data"]

    # dishes
    assert await ask(simulator, "food/list", offset="0", limit="10") == 701
    assert await ask(simulator, "food/list", **shop, offset="0", limit="500") == 705
    one = {"app_food_code": "CP-1", "skus": [{"sku_id": "CP-1-0"}]}
    assert await post("food/sku/sellStatus", **shop, food_data=[one], sell_status=2) == 705
    assert await post("food/sku/sellStatus", **shop, food_data="[{", sell_status=1) == 705
    assert await post("food/sku/sellStatus", **shop, food_data=[one, one], sell_status=1) == 705
    assert await post("food/sku/sellStatus", **shop, food_data=[one | {"app_food_code": "x"}], sell_status=1) == 805
    assert await post("food/sku/sellStatus", **shop, food_data=[one | {"skus": [{"sku_id": "x"}]}], sell_status=1) == 1015
    assert await post("food/sku/stock", **shop, food_data=[one]) == 705
    full = {"app_food_code": "CP-1", "skus": [{"sku_id": "CP-1-0", "stock": "10000"}]}
    assert await post("food/sku/stock", **shop, food_data=[full]) == 705
    assert not any(size.off or size.stock == "10000" for dish in simulator.calls.menu.dishes for size in dish.sizes)
    # part refunds
    rice = {"app_food_code": "DISH-0", "sku_id": "SKU-0", "count": 1}
    asked = {"order_id": order_id, "reason": "少了"}
    assert await post("order/applyPartRefund", **asked, food_data=[rice]) == 808  # not accepted yet
    assert await ask(simulator, "order/confirm", order_id=order_id) == "ok"
    assert (await ask(simulator, "order/getPartRefundFoods", order_id=order_id))[0]["count"] == 2
    assert await post("order/applyPartRefund", **asked | {"reason": ""}, food_data=[rice]) == 705
    for count, code in ((2, 808), (3, 808), (0, 705), ("1", 705)):
        assert await post("order/applyPartRefund", **asked, food_data=[rice | {"count": count}]) == code
    assert await post("order/applyPartRefund", **asked, food_data=[rice | {"sku_id": "x"}]) == 808
    assert await post("order/applyPartRefund", **asked, food_data=[rice]) == "ok"
    assert await post("order/applyPartRefund", **asked, food_data=[rice]) == 808  # the last one
    assert simulator.shop.orders[order_id].refunded == 200
    # couriers and bills
    assert await ask(simulator, "order/getDeliveryPath", order_id=order_id) == 701
    assert await ask(simulator, "order/getDeliveryPath", **shop, order_id="1") == 806
    simulator.shop.orders[order_id].body["logistics_code"] = "1001"
    assert await ask(simulator, "order/getDeliveryPath", **shop, order_id=order_id) == 1029
    days = [str(int(steady.time()) - 86_400 * ago) for ago in (0, 3, 12, 100)]
    for start_date, end_date, limit, code in (
        (days[0], days[0], "200", 808),
        (days[3], days[3], "200", 808),
        (days[2], days[1], "200", 705),
        (days[1], days[2], "200", 705),
        (days[1], days[1], "201", 705),
    ):
        found = await ask(
            simulator, "wm/bill/list", **shop, start_date=start_date, end_date=end_date, offset="0", limit=limit
        )
        assert found == code


async def test_the_gateways_abilities_are_strict(start: Start, ask_gateway: Ask) -> None:
    simulator = await start(PartnerSimulator)
    order_id = int(simulator.place())
    assert await ask_gateway(simulator, "/waimai/dish/queryListByEPoiId", {"offset": 0, "limit": 200}) == "OP_BIZ_705"
    shelf, one = "/waimai/ng/dish/sku/sellStatus", {"app_food_code": "CP-1", "skus": [{"sku_id": "CP-1-0"}]}
    assert await ask_gateway(simulator, shelf, {"food_data": json.dumps([one]), "sell_status": 1}) == "OP_BIZ_705"
    assert await ask_gateway(simulator, shelf, {"food_data": [one], "sell_status": 1}) == "ok"
    stocks = [{"eDishCode": "CP-1", "skus": [{"skuId": "CP-1-0", "stock": 5}]}]
    stock, words = "/waimai/dish/updateStock", {"ePoiId": "t_shop01", "dishSkuStocks": stocks}
    assert await ask_gateway(simulator, stock, words) == "OP_BIZ_705"
    assert await ask_gateway(simulator, stock, words | {"dishSkuStocks": json.dumps(stocks), "ePoiId": "x"}) == "OP_BIZ_704"
    assert await ask_gateway(simulator, stock, words | {"dishSkuStocks": json.dumps(stocks)}) == "ok"
    assert (simulator.calls.menu.dishes[0].sizes[0].off, simulator.calls.menu.dishes[0].sizes[0].stock) == (True, "5")
    assert await ask_gateway(simulator, "/waimai/order/confirm", {"orderId": order_id}) == "ok"
    for path in ("/waimai/order/queryPartRefundFoods", "/waimai/ng/order/getDeliveryPath"):
        assert await ask_gateway(simulator, path, {"orderId": 1}) == "OP_ORDER_NOT_EXIST"
    assert await ask_gateway(simulator, "/waimai/order/queryPartRefundFoods", {"orderId": order_id}) == "OP_BIZ_808"
    asked = {"orderId": order_id, "reason": "少了", "foodData": "[]"}
    assert await ask_gateway(simulator, "/waimai/order/applyPartRefund", asked) == "OP_BIZ_808"  # not completed yet


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
async def hearing(simulator: MeituanSimulator, reply: bytes) -> AsyncIterator[list[tuple[str, str, dict[str, str]]]]:
    """A receiver that answers `reply` to everything, and what it heard: method, path with query, form."""
    heard: list[tuple[str, str, dict[str, str]]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append((request.method, request.path_qs, dict(parse_qsl(await request.text(), keep_blank_values=True))))
        return web.Response(body=reply)

    async with listening(simulator, take, "/hook", method="*"):
        yield heard


async def test_pushes_of_waimaiopen(start: Start) -> None:
    simulator = await start()
    async with hearing(simulator, b'{"data":"ok"}') as heard:
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
    async with hearing(simulator, b'{"data":"OK"}') as heard:
        order_id = simulator.place()
        simulator.happen(order_id, Happening.CANCEL)
        await until(lambda: len([one for one in heard if one[2]]) == 2)
        placed, cancelled = (one[2] for one in heard if one[2])
        assert json.loads(placed["order"])["orderId"] == int(order_id)
        assert set(json.loads(cancelled["orderCancel"])) == {"orderId", "reason", "reasonCode"}
        assert placed["sign"] == sign_partner(placed, SECRET)


async def test_any_other_answer_is_no_acknowledgement(start: Start) -> None:
    simulator = await start()
    async with hearing(simulator, b'{"data":"OK"}'):  # the other door's word
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
