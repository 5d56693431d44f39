"""The pretend Ele.me is as strict as the platform, and its record is honest."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from app import steady
from app.domain.orders import Fulfilment
from app.platforms.conformance import until
from app.platforms.eleme.signing import compact, sign_call, sign_push
from app.platforms.eleme.simulator import APP_ID, KEY, SECRET, ElemeSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder
from tests.platforms.lines import listening

Ask = Callable[..., Any]
SHOP = 150894532
OK = b'{"message":"ok"}'


@pytest.fixture
async def token(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> str:
    """A living access token."""
    form = {"grant_type": "client_credentials"}
    return str((await wire.post(f"{eleme.address}/token", data=form, auth=(KEY, SECRET))).json()["access_token"])


@pytest.fixture
def ask(eleme: ElemeSimulator, wire: httpx.AsyncClient, token: str) -> Ask:
    """A hand-made call; `changed` replaces envelope fields before signing, `spoilt` after it."""

    async def asked(action: str, params: Any = None, spoilt: dict[str, Any] | None = None, **changed: Any) -> Any:
        stamp = changed.pop("timestamp", int(steady.time()))
        unique = f"{time.perf_counter_ns():032X}|{int(steady.time() * 1000)}"
        envelope: dict[str, Any] = {"nop": "1.0.0", "id": unique, "action": action, "token": token, "params": params or {}}
        envelope |= {"metas": {"app_key": KEY, "timestamp": stamp}} | changed
        signed = sign_call(action, envelope["token"], KEY, stamp, envelope["params"], changed.get("secret", SECRET))
        body = {name: value for name, value in envelope.items() if name != "secret"} | {"signature": signed} | (spoilt or {})
        answer = (await wire.post(f"{eleme.address}/api/v1/", content=compact(body).encode())).json()
        assert answer["id"] == body.get("id")
        return answer["error"]["code"] if answer["error"] else answer["result"]

    return asked


async def test_seconds_and_milliseconds_are_both_taken(ask: Ask) -> None:
    assert (await ask("eleme.user.getUser"))["authorizedShops"] == [{"id": SHOP, "name": "川味小馆(望京店)"}]
    assert "userId" in await ask("eleme.user.getUser", timestamp=int(steady.time() * 1000))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"action": "eleme.user.getUser", "secret": "OTHER"}, "INVALID_SIGNATURE"),
        ({"action": "eleme.user.getUser", "spoilt": {"params": {"a": 1}}}, "INVALID_SIGNATURE"),
        ({"action": "eleme.user.getUser", "timestamp": 1_700_000_000}, "INVALID_TIMESTAMP"),
        ({"action": "eleme.user.getUser", "timestamp": 1_700_000_000_000}, "INVALID_TIMESTAMP"),
        ({"action": "eleme.user.getUser", "token": "dead"}, "UNAUTHORIZED"),
        ({"action": "eleme.user.getUser", "id": "0"}, "ILLEGAL_REQUEST"),
        ({"action": "eleme.user.getUser", "nop": "2"}, "ILLEGAL_REQUEST"),
        ({"action": "eleme.user.getUser", "spoilt": {"params": []}}, "ILLEGAL_REQUEST"),
        ({"action": "eleme.user.getUser", "spoilt": {"metas": {"app_key": "X"}}}, "ILLEGAL_REQUEST"),
        ({"action": "eleme.user.getUser", "params": {"more": 1}}, "VALIDATION_FAILED"),
        ({"action": "eleme.user.unheardOf"}, "METHOD_NOT_ALLOWED"),
        ({"action": "eleme.order.getUnprocessOrders"}, "VALIDATION_FAILED"),
        ({"action": "eleme.order.getUnprocessOrders", "params": {"shopId": str(SHOP)}}, "VALIDATION_FAILED"),
        ({"action": "eleme.order.getUnprocessOrders", "params": {"shopId": 1}}, "PERMISSION_DENIED"),
        ({"action": "eleme.order.getOrder", "params": {"orderId": "1"}}, "BIZ_EXCEPTION"),
        ({"action": "eleme.order.getOrder", "params": {"orderId": 1}}, "VALIDATION_FAILED"),
        ({"action": "eleme.msgNew.getPushFailMsg", "params": {"msgQueryRequest": {}}}, "VALIDATION_FAILED"),
        ({"action": "eleme.message.getNonReachedMessages", "params": {"appId": 1}}, "PERMISSION_DENIED"),
    ],
)
async def test_wrong_calls_get_the_documented_code(ask: Ask, call: dict[str, Any], code: str) -> None:
    assert await ask(**call) == code


@pytest.mark.parametrize("size", [0, 51])
async def test_pages_have_their_limits(ask: Ask, size: int) -> None:
    wanted = {"shopId": SHOP, "pageNo": 1, "pageSize": size, "date": "2025-06-01"}
    assert await ask("eleme.order.getAllOrders", wanted) == "VALIDATION_FAILED"


async def test_a_call_id_works_once_and_an_empty_token_only_where_documented(ask: Ask) -> None:
    unique = "0F6C2B9E4D4B4B0C9E8F1A2B3C4D5E6F|1700000000123"
    assert await ask("eleme.msgNew.getPushFailMsg", {"msgQueryRequest": {}}, token="", id=unique) == []
    assert await ask("eleme.msgNew.getPushFailMsg", {"msgQueryRequest": {}}, token="", id=unique) == "ILLEGAL_REQUEST"
    assert await ask("eleme.user.getUser", token="") == "UNAUTHORIZED"


async def test_older_actions_answer_with_the_order(eleme: ElemeSimulator, ask: Ask) -> None:
    order_id = eleme.place()
    assert (await ask("eleme.order.confirmOrder", {"orderId": order_id}))["status"] == "valid"
    assert await ask("eleme.order.confirmOrderLite", {"orderId": order_id}) == "BIZ_EXCEPTION"


async def test_throttling_and_breaking_by_chance(eleme: ElemeSimulator, ask: Ask) -> None:
    eleme.faults = Faults(throttle=1.0)
    assert await ask("eleme.user.getUser") == "EXCEED_LIMIT"
    assert eleme.records[-1].what == "faulted"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff{", b'{"nop":"1.0.0"}', b"[" * 100_000])
async def test_what_is_no_call(eleme: ElemeSimulator, wire: httpx.AsyncClient, body: bytes) -> None:
    answer = await wire.post(f"{eleme.address}/api/v1", content=body, headers={"content-type": "application/json"})
    assert answer.json()["error"]["code"] == "ILLEGAL_REQUEST"


@pytest.mark.parametrize(
    "form", [{}, {"grant_type": "password"}, {"grant_type": "refresh_token", "refresh_token": "x", "scope": "all"}]
)
async def test_tokens_are_not_given_away(eleme: ElemeSimulator, wire: httpx.AsyncClient, form: dict[str, str]) -> None:
    wrong = await wire.post(f"{eleme.address}/token", data={"grant_type": "client_credentials"}, auth=(KEY, "wrong"))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert "error" in (await wire.post(f"{eleme.address}/token", data=form, auth=(KEY, SECRET))).json()


async def test_bad_transitions_are_refused(eleme: ElemeSimulator, ask: Ask) -> None:
    order_id = eleme.place()
    one = {"orderId": order_id}
    cancel = one | {"type": "foodSoldOut", "remark": ""}
    assert await ask("eleme.order.setOrderPrepared", one) == "BIZ_EXCEPTION"  # not accepted yet
    assert await ask("eleme.order.agreeRefundLite", one) == "BIZ_EXCEPTION"  # nobody asked
    assert await ask("eleme.order.cancelOrderLite", one | {"type": "mood", "remark": ""}) == "VALIDATION_FAILED"
    assert await ask("eleme.order.confirmOrderLite", one) is None
    assert await ask("eleme.order.confirmOrderLite", one) == "BIZ_EXCEPTION"
    assert await ask("eleme.order.setOrderPrepared", one) is None
    assert await ask("eleme.order.setOrderPrepared", one) == "BIZ_EXCEPTION"
    for step in ("assigned", "picked_up"):
        eleme.shop.courier(eleme.shop.orders[order_id], step)
    assert await ask("eleme.order.cancelOrderLite", cancel) == "BIZ_EXCEPTION"  # the courier has the food
    eleme.happen(order_id, Happening.DELIVERED)
    eleme.happen(order_id, Happening.COMPLETE)
    assert await ask("eleme.order.cancelOrderLite", cancel) == "BIZ_EXCEPTION"
    dead = eleme.place()
    assert await ask("eleme.order.cancelOrderLite", cancel | {"orderId": dead}) is None
    assert await ask("eleme.order.confirmOrderLite", {"orderId": dead}) == "BIZ_EXCEPTION"
    done = [record.detail["action"] for record in eleme.records if record.what == "commanded"]
    assert done == [f"eleme.order.{name}" for name in ("confirmOrderLite", "setOrderPrepared", "cancelOrderLite")]


async def test_urge_answers_are_checked(eleme: ElemeSimulator, ask: Ask) -> None:
    order_id = eleme.place()
    eleme.shop.accept(eleme.shop.orders[order_id])
    eleme.happen(order_id, Happening.URGE)
    reply = {"remindId": "43", "type": "custom", "content": "好的"}
    assert await ask("eleme.order.replyReminder", reply | {"content": "长" * 31}) == "VALIDATION_FAILED"
    assert await ask("eleme.order.replyReminder", reply | {"type": "shout"}) == "VALIDATION_FAILED"
    assert await ask("eleme.order.replyReminder", reply | {"remindId": "7"}) == "BIZ_EXCEPTION"
    assert await ask("eleme.order.replyReminder", reply) is None
    assert await ask("eleme.order.replyReminder", reply) == "BIZ_EXCEPTION"
    assert await ask("eleme.order.getUnreplyReminders", {"shopId": SHOP}) == []


@pytest.mark.parametrize(
    ("happening", "detail"),
    [
        (Happening.ASK_CANCEL, {}),
        (Happening.ASK_REFUND, {}),
        (Happening.WITHDRAW, {}),
        (Happening.URGE, {}),
        (Happening.CHANGE, {}),
        (Happening.COURIER_AT_STORE, {}),
        (Happening.DELIVERED, {}),
        (Happening.COMPLETE, {}),
        (Happening.REFUND_PART, {"amount": 100}),
    ],
)
async def test_what_cannot_befall_a_waiting_order(
    eleme: ElemeSimulator, happening: Happening, detail: dict[str, Any]
) -> None:
    with pytest.raises(ImpossibleError):
        eleme.happen(eleme.place(), happening, **detail)
    with pytest.raises(KeyError):
        eleme.happen("1", happening)


async def test_refunds_never_reach_the_total_in_parts(eleme: ElemeSimulator) -> None:
    order_id = eleme.place()
    order = eleme.shop.orders[order_id]
    eleme.shop.accept(order)
    for amount in (0, -1, order.total, order.total + 1):
        with pytest.raises(ImpossibleError):
            eleme.happen(order_id, Happening.REFUND_PART, amount=amount)
    eleme.happen(order_id, Happening.REFUND_PART, amount=order.total - 1)
    with pytest.raises(ImpossibleError):
        eleme.happen(order_id, Happening.REFUND_PART, amount=1)
    assert eleme.truth()[0].refunded_minor == order.total - 1


async def test_only_what_ele_me_sells_can_be_ordered(eleme: ElemeSimulator) -> None:
    dish = PretendLine("盖饭", 100)
    for wish in (PretendOrder(()), PretendOrder((dish,), fulfilment=Fulfilment.PICKUP)):
        with pytest.raises(ValueError, match="deliver"):
            eleme.place(wish)
    with pytest.raises(ValueError, match="totalPrice"):
        eleme.place(payload={"daySn": 1})


async def test_a_payload_in_the_platforms_form_becomes_a_new_order(
    eleme: ElemeSimulator, fixture: Callable[[str], bytes]
) -> None:
    order_id = eleme.place(payload=json.loads(fixture("order_polled")))
    (truth,) = eleme.truth()
    assert order_id != "8045310123456789012"
    assert (truth.order_id, truth.number, truth.total_minor, truth.kitchen) == (order_id, "1", 5600, "new")


# -- pushes


@dataclass
class Receiver:
    """A webhook address that answers what `answer` says."""

    answer: Callable[[str], bytes]
    bodies: list[dict[str, Any]] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.methods.append(request.method)
        if request.method == "POST":
            self.bodies.append(json.loads(await request.read()))
        return web.Response(body=self.answer(request.method), content_type="application/json")

    def types(self) -> list[int]:
        return [int(body["type"]) for body in self.bodies]


@pytest.fixture
async def receiver(eleme: ElemeSimulator) -> AsyncIterator[Receiver]:
    """Where the simulator pushes to."""
    receiver = Receiver(lambda method: OK)
    async with listening(eleme, receiver.take, "/hook", method="*"):
        yield receiver


def counted(eleme: ElemeSimulator, what: str) -> int:
    return sum(record.what == what for record in eleme.records)


async def test_the_address_is_probed_once_and_pushes_are_signed(eleme: ElemeSimulator, receiver: Receiver) -> None:
    order_id = eleme.place()
    eleme.shop.accept(eleme.shop.orders[order_id])
    await until(lambda: counted(eleme, "push_acknowledged") == 3)
    assert receiver.methods == ["GET", "POST", "POST", "POST"]
    assert receiver.types() == [10, 12, 52]
    for body in receiver.bodies:
        assert sign_push(body, SECRET) == body["signature"]
        assert (body["appId"], body["shopId"]) == (APP_ID, SHOP)
    assert json.loads(receiver.bodies[0]["message"])["id"] == order_id
    assert eleme.truth()[0].delivered_to_console_at


@pytest.mark.parametrize("answer", [b'{"message": "ok"}', b"ok", b""])
async def test_only_the_very_words_acknowledge(eleme: ElemeSimulator, receiver: Receiver, answer: bytes) -> None:
    receiver.answer = lambda method: OK if method == "GET" else answer
    eleme.place()
    await until(lambda: len(eleme.pushes.failed) == 1)
    assert receiver.types() == [10, 10, 10]
    assert (counted(eleme, "pushed"), counted(eleme, "push_failed"), counted(eleme, "push_acknowledged")) == (3, 3, 0)
    assert eleme.truth()[0].delivered_to_console_at is None


async def test_an_address_that_fails_the_probe_gets_no_push(eleme: ElemeSimulator, receiver: Receiver) -> None:
    receiver.answer = lambda method: b"hello"
    eleme.place()
    await until(lambda: len(eleme.pushes.failed) == 1)
    assert receiver.bodies == []


async def test_lost_repeated_and_odd_pushes(eleme: ElemeSimulator, receiver: Receiver) -> None:
    eleme.faults = Faults(lose_push=1.0)
    eleme.place()
    assert counted(eleme, "push_lost") == 1
    eleme.faults = Faults(repeat_push=1.0, odd=1.0)
    eleme.place()
    await until(lambda: counted(eleme, "push_acknowledged") == 2)
    first, second = receiver.bodies
    assert first == second
    assert (first["type"], first["userId"]) == ("10", "283166468060386111")
    assert json.loads(first["message"])["downgraded"] is True


# -- section 8: what time and people do


@pytest.mark.parametrize(
    ("steps", "types", "kitchen"),
    [
        ([Happening.CANCEL], [10, 14], "cancelled"),
        (["accept", Happening.CANCEL], [10, 12, 52, 17], "cancelled"),
        (["accept", Happening.ASK_CANCEL, "agree"], [10, 12, 52, 20, 23, 15], "cancelled"),
        (["accept", Happening.ASK_CANCEL, "refuse"], [10, 12, 52, 20, 22], "accepted"),
        (["accept", Happening.ASK_CANCEL, Happening.WITHDRAW], [10, 12, 52, 20, 21], "accepted"),
        (["accept", "prepared", Happening.URGE], [10, 12, 52, 45], "ready"),
        (["accept", Happening.COURIER_ASSIGNED, Happening.COURIER_CHANGED], [10, 12, 52, 53, 53], "accepted"),
        (["life"], [10, 12, 52, 53, 54, 55, 56, 18], "completed"),
        (["life", Happening.ASK_REFUND, "agree"], [10, 12, 52, 53, 54, 55, 56, 18, 30, 33], "completed"),
        (["life", Happening.ASK_REFUND, "refuse"], [10, 12, 52, 53, 54, 55, 56, 18, 30, 32], "completed"),
        (["life", Happening.REFUND_PART], [10, 12, 52, 53, 54, 55, 56, 18, 35], "completed"),
    ],
)
async def test_every_flow_sends_its_messages(
    eleme: ElemeSimulator, receiver: Receiver, steps: list[Any], types: list[int], kitchen: str
) -> None:
    order_id = eleme.place()
    order = eleme.shop.orders[order_id]
    plain = {"accept": eleme.shop.accept, "agree": eleme.shop.agree, "prepared": eleme.shop.prepared}
    life = [Happening.COURIER_ASSIGNED, Happening.COURIER_AT_STORE, Happening.COURIER_PICKED_UP, Happening.DELIVERED]
    steps = ["accept", *life, Happening.COMPLETE, *steps[1:]] if steps[0] == "life" else steps
    for step in steps:
        if step == "refuse":
            eleme.shop.refuse(order, "已出餐")
        elif step in plain:
            plain[step](order)
        else:
            eleme.happen(order_id, step, **({"amount": 100} if step is Happening.REFUND_PART else {}))
    await until(lambda: len(receiver.bodies) >= len(types))
    assert receiver.types() == types
    assert eleme.truth()[0].kitchen == kitchen


async def test_time_cancels_what_nobody_accepted_and_silence_agrees(receiver: Receiver, eleme: ElemeSimulator) -> None:
    fast = ElemeSimulator(seed=1, speed=3000.0)  # five minutes in a tenth of a second
    await fast.start()
    try:
        ignored, asked = fast.place(), fast.place()
        fast.shop.accept(fast.shop.orders[asked])
        fast.happen(asked, Happening.ASK_CANCEL)
        await until(lambda: all(truth.status == "invalid" for truth in fast.truth()))
        kitchens = {truth.order_id: truth.kitchen for truth in fast.truth()}
        assert kitchens == {ignored: "expired", asked: "cancelled"}
        assert all(truth.refunded_minor == truth.total_minor for truth in fast.truth())
    finally:
        await fast.stop()


async def test_the_free_minute_ends(eleme: ElemeSimulator) -> None:
    order_id = eleme.place()
    order = eleme.shop.orders[order_id]
    eleme.shop.accept(order)
    order.accepted_at -= 61.0 / eleme.speed
    with pytest.raises(ImpossibleError, match="一分钟"):
        eleme.happen(order_id, Happening.CANCEL)
    eleme.happen(order_id, Happening.CANCEL, by="desk")
    assert eleme.truth()[0].status == "invalid"


async def test_the_same_seed_tells_the_same_story() -> None:
    async def story(seed: int) -> list[tuple[Any, ...]]:
        simulator = ElemeSimulator(seed)
        await simulator.start()
        for _ in range(10):
            simulator.place()
        await simulator.stop()
        return [(truth.order_id, truth.total_minor) for truth in simulator.truth()]

    assert await story(3) == await story(3)
    assert await story(3) != await story(4)


async def test_the_practice_wire_places_and_tells(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> None:
    placed = (await wire.post(f"{eleme.address}/_practice/order")).json()["order_id"]
    event = {"order_id": placed, "event": "urge"}
    assert (await wire.post(f"{eleme.address}/_practice/event", json=event)).status_code == 409
    told = (await wire.get(f"{eleme.address}/_practice/records")).json()
    assert [order["order_id"] for order in told["orders"]] == [placed]
    assert (await wire.post(f"{eleme.address}/_practice/order", json={"x": 1})).status_code == 400
    for wrong in (b"", b"[]", b'{"to": "here"}'):
        assert (await wire.post(f"{eleme.address}/_practice/push-to", content=wrong)).status_code == 400
    assert (await wire.post(f"{eleme.address}/_practice/event", content=b"[]")).status_code == 409


RATES = {
    "shopId": str(SHOP),
    "startTime": "2025-06-01T00:00:00",
    "endTime": "2025-06-02T00:00:00",
    "offset": 0,
    "pageSize": 20,
}
BOOKS = {"range": {"start": "2025-06-01T00:00:00", "end": "2025-06-01T23:59:59"}, "paging": {"offset": 0, "limit": 50}}
DISH = {"itemId": 1364170000, "itemSpecIds": [200000168101182640]}


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("shop.getShop", {"shopId": 1}, "PERMISSION_DENIED"),
        ("shop.getShop", {"shopId": str(SHOP)}, "VALIDATION_FAILED"),
        ("shop.updateShop", {"shopId": SHOP, "properties": {"isOpen": "1"}}, "VALIDATION_FAILED"),
        ("shop.updateShop", {"shopId": SHOP, "properties": {"isOpen": 2}}, "VALIDATION_FAILED"),
        ("shop.updateShop", {"shopId": SHOP, "properties": {"busyLevel": 1}}, "VALIDATION_FAILED"),
        ("ugc.getOrderRatesByShopId", RATES, "VALIDATION_FAILED"),  # older than 90 days
        ("ugc.getOrderRatesByShopId", RATES | {"shopId": "1"}, "PERMISSION_DENIED"),
        ("ugc.getOrderRatesByShopId", RATES | {"startTime": "2025-06-01"}, "VALIDATION_FAILED"),
        ("ugc.replyRateByRateIdAndShopId", dict.fromkeys(("rateId", "replyType", "reply"), "x"), "VALIDATION_FAILED"),
        ("product.item.getItemsByCategoryId", {"categoryId": 1}, "BIZ_EXCEPTION"),
        ("product.item.batchGetItems", {"itemIds": ["1364170000"]}, "VALIDATION_FAILED"),
        ("product.item.batchClearStock", {"specIds": [{"itemId": 1364170000}]}, "VALIDATION_FAILED"),
        ("product.item.batchClearStock", {"specIds": []}, "VALIDATION_FAILED"),
        ("product.item.batchClearStock", {"specIds": [DISH | {"itemId": 1364170001}]}, "BIZ_EXCEPTION"),
        ("product.item.batchFillStock", {"specIds": [DISH, DISH | {"itemId": 1}]}, "BIZ_EXCEPTION"),
        ("product.item.clearAndTimingMaxStock", {"clearStocks": [{"shopId": SHOP, "itemIds": [1]}]}, "ACCESS_DENIED"),
        ("finance.queryBranchOrdersNew", {"shopId": 1, "query": BOOKS}, "PERMISSION_DENIED"),
        ("finance.queryBranchOrdersNew", {"shopId": SHOP, "query": {"checkoutDate": "2025-06-01"}}, "VALIDATION_FAILED"),
        (
            "finance.queryBranchBillsNew",
            {"shopId": SHOP, "query": BOOKS | {"paging": {"offset": 0, "limit": 0}}},
            "VALIDATION_FAILED",
        ),
        ("order.applyRefund", {"orderId": "1", "type": "others", "remark": ""}, "BIZ_EXCEPTION"),
        ("order.applyRefund", {"orderId": "1", "type": "because", "remark": ""}, "VALIDATION_FAILED"),
    ],
)
async def test_what_lies_beyond_orders_is_strict_too(ask: Ask, action: str, params: dict[str, Any], code: str) -> None:
    assert await ask(f"eleme.{action}", params) == code


async def test_nothing_is_cleared_when_one_of_the_sizes_is_wrong(eleme: ElemeSimulator, ask: Ask) -> None:
    wrong = DISH | {"itemSpecIds": [200000168101182640, 1]}
    assert await ask("eleme.product.item.batchClearStock", {"specIds": [wrong]}) == "BIZ_EXCEPTION"
    assert all(spec.stock for spec in eleme.menu.dishes[1364170000].values())
    eleme.menu.chosen = True
    timed = {"clearStocks": [{"shopId": SHOP, "itemIds": [1364170000, 1]}]}
    assert await ask("eleme.product.item.clearAndTimingMaxStock", timed) == "BIZ_EXCEPTION"
    assert await ask("eleme.product.item.batchOffShelf", {"specIds": [DISH]}) is None
    assert [spec.on_shelf for spec in eleme.menu.dishes[1364170000].values()] == [0, 1]
