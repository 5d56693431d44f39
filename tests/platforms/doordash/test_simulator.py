"""The pretend DoorDash is strict: wrong tokens, agents, bodies and impossible steps are refused; its pushes are odd."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment
from app.platforms.conformance import until
from app.platforms.doordash.signing import token
from app.platforms.doordash.simulator import HOOK_TOKEN, IDS, SECRET, DoorDashSimulator
from app.platforms.listening import Listener
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOption, PretendOrder

from .conftest import Line, push

ONE = PretendOrder((PretendLine("Fries", 400),))
H = Happening


class Door:
    """Answers pushes with `status` and keeps them."""

    def __init__(self, status: int = 202) -> None:
        self.status = status
        self.taken: list[tuple[dict[str, Any], str]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append((await request.json(), request.headers["Authorization"]))
        return web.Response(status=self.status)

    async def open(self, simulator: DoorDashSimulator) -> Listener:
        application = web.Application()
        application.router.add_post("/hook", self.take)
        listener = Listener(application)
        simulator.push_to = f"{await listener.open()}/hook"
        return listener


async def call(line: Line, method: str, path: str, content: Any = None, **headers: str) -> httpx.Response:
    signed = token(*IDS, SECRET, int(steady.time()))
    known = {"Authorization": f"Bearer {signed}", "auth-version": "v2", "User-Agent": "AcmeConsole/1.0", **headers}
    return await line.client.request(method, f"{line.simulator.address}{path}", json=content, headers=known)


async def accepted(line: Line, wish: PretendOrder = ONE) -> str:
    order_id = line.simulator.place(wish)
    answer = await call(
        line, "PATCH", f"/api/v1/orders/{order_id}", {"order_status": "success", "merchant_supplied_id": "A"}
    )
    assert answer.status_code == 202
    return order_id


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer x"}, 401),
        ({"Authorization": f"Basic {token(*IDS, SECRET, int(steady.time()))}"}, 401),
        ({"Authorization": f"Bearer {token('other', IDS[1], SECRET, int(steady.time()))}"}, 401),
        ({"Authorization": f"Bearer {token(*IDS, SECRET, int(steady.time()) - 900)}"}, 401),
        ({"auth-version": "v1"}, 403),
        ({"User-Agent": "python-httpx/0.28"}, 403),
        ({"User-Agent": "acme_console/1.0"}, 403),
        ({}, 200),
    ],
)
async def test_who_may_call(line: Line, headers: dict[str, str], status: int) -> None:
    assert (await call(line, "GET", "/api/v1/stores/store-01/store_details", **headers)).status_code == status


async def test_decisions_are_made_once(line: Line) -> None:
    order_id = await accepted(line)
    path = f"/api/v1/orders/{order_id}"
    for body in ({"order_status": "success"}, {"order_status": "fail", "failure_reason": "no"}):
        again = await call(line, "PATCH", path, body)
        assert (again.status_code, again.json()["message"]) == (400, "Order has already been confirmed")
    assert line.order(order_id).kitchen is Kitchen.ACCEPTED


@pytest.mark.parametrize(
    "body", [{}, {"order_status": "maybe"}, {"order_status": "fail"}, {"order_status": "success", "failure_reason": "x"}, []]
)
async def test_a_decision_of_another_form(line: Line, body: Any) -> None:
    order_id = line.simulator.place(ONE)
    assert (await call(line, "PATCH", f"/api/v1/orders/{order_id}", body)).status_code == 400
    assert line.order(order_id).kitchen is Kitchen.NEW


async def test_steps_in_the_wrong_order(line: Line) -> None:
    order_id = line.simulator.place(ONE)
    path = f"/api/v1/orders/{order_id}"
    for what, body in (
        ("events/order_ready_for_pickup", {"merchant_supplied_id": "A"}),
        ("cancellation", {"cancel_reason": "OTHER"}),
        ("adjustment", {"items": []}),
    ):
        answer = await call(line, "PATCH", f"{path}/{what}", body)
        assert (answer.status_code, answer.json()["message"]) == (400, "Order is not confirmed")
    assert (await call(line, "PATCH", "/api/v1/orders/none", {"order_status": "success"})).status_code == 404


async def test_accepted_orders_are_strict_too(line: Line) -> None:
    path = f"/api/v1/orders/{await accepted(line)}"
    for what, body, status in (
        ("events/order_ready_for_pickup", {"merchant_supplied_id": "B"}, 400),
        ("cancellation", {"cancel_reason": "BORED"}, 400),
        ("adjustment", {"items": [{"line_item_id": "li-0", "adjustment_type": "ITEM_REMOVE"}]}, 500),
        ("adjustment", {}, 500),
    ):
        assert (await call(line, "PATCH", f"{path}/{what}", body)).status_code == status
    line.simulator.store.listed = False
    for what in ("cancellation", "adjustment"):
        assert (await call(line, "PATCH", f"{path}/{what}", {"cancel_reason": "OTHER"})).status_code == 403


async def test_the_last_dish_cannot_be_taken_out(line: Line) -> None:
    """Answered with yes, and nothing changes."""
    order_id = await accepted(line)
    lines = [{"line_item_id": item["line_item_id"], "adjustment_type": "ITEM_REMOVE"} for item in line.order(order_id).items]
    answer = await call(line, "PATCH", f"/api/v1/orders/{order_id}/adjustment", {"items": lines})
    assert answer.status_code == 202
    assert len(line.order(order_id).items) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("status", {"is_active": False}, 400),
        ("status", {"is_active": False, "reason": "holiday", "notes": "n"}, 400),
        ("status", {"is_active": True}, 200),
        ("items/status", [{"merchant_supplied_id": "ITM-Fries", "is_active": "no"}], 400),
        ("items/status", [{"merchant_supplied_id": "ITM-Fries", "is_active": False}] * 41, 413),
        ("item_options/status", [{"merchant_supplied_id": "ITM-Fries", "is_active": False}], 400),
        ("items/status", {}, 400),
    ],
)
async def test_the_stores_calls(line: Line, path: str, body: Any, status: int) -> None:
    assert (await call(line, "PUT", f"/api/v1/stores/store-01/{path}", body)).status_code == status


@pytest.mark.parametrize(
    ("status", "kitchen"),
    [(200, Kitchen.ACCEPTED), (202, Kitchen.NEW), (204, Kitchen.REJECTED), (401, Kitchen.REJECTED), (503, Kitchen.REJECTED)],
)
async def test_the_answer_to_a_push_decides(line: Line, status: int, kitchen: Kitchen) -> None:
    door = Door(status)
    listener = await door.open(line.simulator)
    order_id = line.simulator.place(ONE)
    await until(lambda: not line.simulator.undelivered())
    await listener.close()
    assert line.order(order_id).kitchen is kitchen
    assert (line.order(order_id).heard_at is not None) == (status in (200, 202))
    assert door.taken[0][1] == HOOK_TOKEN


async def test_an_order_nobody_decides_fails_between_three_and_eight_minutes_and_nobody_is_told() -> None:
    simulator = DoorDashSimulator(seed=3, speed=10_000.0)
    await simulator.start()
    door = Door()
    listener = await door.open(simulator)
    order_id = simulator.place(ONE)
    await until(lambda: simulator.store.orders[order_id].kitchen is Kitchen.EXPIRED)
    await until(lambda: not simulator.undelivered())
    assert [content["event"]["type"] for content, _ in door.taken] == ["OrderCreate"]
    await listener.close()
    await simulator.stop()


async def test_dashers_come_go_and_are_replaced(line: Line) -> None:
    door = Door()
    listener = await door.open(line.simulator)
    order_id = line.simulator.place(ONE)
    with pytest.raises(ImpossibleError):
        line.simulator.happen(order_id, H.COURIER_ASSIGNED)  # nobody accepted it yet
    await call(line, "PATCH", f"/api/v1/orders/{order_id}", {"order_status": "success", "merchant_supplied_id": order_id})
    for impossible in (H.COURIER_CHANGED, H.COURIER_AT_STORE, H.DELIVERED, H.COMPLETE, H.URGE):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(order_id, impossible)
    way = [H.COURIER_ASSIGNED, H.COURIER_AT_STORE, H.COURIER_CHANGED, H.COURIER_AT_STORE, H.COURIER_PICKED_UP, H.DELIVERED]
    for happening in way:
        line.simulator.happen(order_id, happening)
    for impossible in (H.COURIER_CHANGED, H.COURIER_AT_STORE, H.CANCEL):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(order_id, impossible)
    line.simulator.happen(order_id, H.COMPLETE)
    await until(lambda: not line.simulator.undelivered())
    await listener.close()
    told = {json.dumps(content["delivery"]["dasher"]["first_name"]) for content, _ in door.taken if "delivery" in content}
    assert told == {'"Jude"', '"Ana"'}
    assert line.order(order_id).kitchen is Kitchen.COMPLETED


async def test_a_release_and_a_cancellation_are_pushed_and_understood(line: Line) -> None:
    door, connector = Door(200), line.connect()
    listener = await door.open(line.simulator)
    order_id = await accepted(line)
    line.simulator.store.release(line.order(order_id))
    line.simulator.happen(order_id, H.CANCEL)
    await until(lambda: not line.simulator.undelivered())
    await listener.close()
    heard = [connector.read(connector.receive(push(content)).messages[0])[0].kitchen for content, _ in door.taken[1:]]
    assert set(heard) == {Kitchen.PREPARING, Kitchen.CANCELLED}


async def test_customers_who_fetch_their_food_end_the_order_silently(line: Line) -> None:
    order_id = await accepted(line, PretendOrder(ONE.lines, fulfilment=Fulfilment.PICKUP))
    with pytest.raises(ImpossibleError):
        line.simulator.happen(order_id, H.COURIER_ASSIGNED)
    line.simulator.happen(order_id, H.COMPLETE)
    assert line.order(order_id).kitchen is Kitchen.COMPLETED


async def test_odd_days_are_odd_and_still_the_same_order(line: Line) -> None:
    wish = PretendOrder((PretendLine("Bowl", 1000, 2, (PretendOption("Spicy", price=50),)),), shop_discount=100)
    line.simulator.faults = Faults(odd=1.0, repeat_push=1.0, reorder_push=0.5, lose_push=0.3)
    door, connector = Door(), line.connect()
    listener = await door.open(line.simulator)
    order_id = line.simulator.place(wish)
    await until(lambda: not line.simulator.undelivered() and len(door.taken) == 2)
    await listener.close()
    content, authorization = door.taken[0]
    assert content["order"]["subtotal"] == "2000"
    assert authorization == f"Bearer {HOOK_TOKEN}"
    (update,) = connector.read(connector.receive(push(content, authorization)).messages[0])
    assert update.facts
    assert (update.order_id, update.facts.total.minor) == (order_id, line.order(order_id).total)
    assert [option.name for option in update.facts.lines[0].options] == ["Spicy"]
    assert not update.facts.difference()


async def test_a_payload_is_taken_at_its_word_and_nonsense_is_refused(line: Line) -> None:
    order_id = line.simulator.place(payload={"id": "mine", "subtotal": 1, "tax": 0})
    assert (order_id, line.order("mine").total) == ("mine", 1)
    for wrong in ({"id": "mine"}, {"id": "other", "subtotal": "much"}):
        with pytest.raises(ValueError, match=r"exists|cents"):
            line.simulator.place(payload=wrong)


async def test_faults_come_as_documented(line: Line) -> None:
    path = f"/api/v1/orders/{line.simulator.place(ONE)}"
    line.simulator.faults = Faults(throttle=1.0)
    answer = await call(line, "PATCH", path, {"order_status": "success"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    line.simulator.faults = Faults(refuse=1.0)
    assert (await call(line, "PATCH", path, {"order_status": "success"})).status_code == 400
    assert (await call(line, "GET", "/api/v1/stores/store-01/store_menu")).status_code == 200
    line.simulator.faults = Faults(break_call=1.0)
    assert (await call(line, "PATCH", path, {"order_status": "success"})).status_code == 500
    assert [truth.kitchen for truth in line.simulator.truth()] == ["new"]
