"""The simulator is as strict as the platform: what HubRise refuses, it refuses."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web

from app import steady
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.hubrise.simulator import HubRiseSimulator
from app.platforms.listening import Listener
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOption, PretendOrder

from .conftest import Line

CALLBACK = {"url": None, "events": {"order": ["create", "update"], "delivery": ["create", "update"]}}
DISH = PretendLine("Ramen", 1290)


async def error(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error_type"]


async def queue(line: Line) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await line.call("GET", "/callback/events")).json()
    return found


# -- calls


@pytest.mark.parametrize("token", ["", "practice", "é"[:0]])
async def test_every_call_needs_a_token(line: Line, token: str) -> None:
    for method, path in (("GET", "/location"), ("GET", "/callback/events"), ("PATCH", "/location/orders/x")):
        assert await error(await line.call(method, path, token=token, json={})) == (401, "unauthorized")


async def test_a_reading_scope_cannot_write(line: Line) -> None:
    reader = line.simulator.door.connect("reader", "location[orders.read]").token
    order_id = line.simulator.place()
    assert (await line.call("GET", f"/location/orders/{order_id}", reader)).status_code == 200
    answer = await line.call("PATCH", f"/location/orders/{order_id}", reader, json={"status": "accepted"})
    assert await error(answer) == (403, "forbidden")


async def test_the_sign_in_page_is_strict(line: Line) -> None:
    good = {"client_id": "practice-client", "redirect_uri": "urn:ietf:wg:oauth:2.0:oob", "scope": "location[orders.read]"}
    address = f"{line.simulator.address}/oauth2/v1/authorize"
    assert (await line.client.get(address, params=good)).status_code == 200
    for wrong in ({"client_id": "x"}, {"redirect_uri": "https://example.test"}, {"scope": "everything"}):
        assert (await line.client.get(address, params={**good, **wrong})).status_code == 400


async def test_codes_grow_old() -> None:
    simulator = HubRiseSimulator(speed=1e9)  # ten minutes pass in a microsecond
    code = simulator.door.authorize(
        {"client_id": "practice-client", "redirect_uri": "urn:ietf:wg:oauth:2.0:oob", "scope": "location[orders.read]"}
    )
    await asyncio.sleep(0.001)
    with pytest.raises(Exception, match="expired"):
        simulator.door.exchange(httpx.BasicAuth("practice-client", "practice-secret-0")._auth_header, code)


async def test_the_call_windows_are_counted() -> None:
    simulator = HubRiseSimulator()
    console = simulator.door.open(simulator.credentials["access_token"])
    console.speed = 1e-6  # a window that does not end while we look
    for _ in range(10):
        console.count(heavy=True)
    with pytest.raises(Exception, match="Too many"):
        console.count(heavy=True)
    for _ in range(489):
        console.count(heavy=False)
    with pytest.raises(Exception, match="Too many"):
        console.count(heavy=False)


# -- orders


async def test_lists_come_in_pages_of_a_hundred(line: Line) -> None:
    placed = [line.simulator.place() for _ in range(205)]
    found, cursor = [], ""
    for size in (100, 100, 5):
        page = await line.call("GET", "/location/orders", params={"cursor": cursor})
        assert len(page.json()) == size
        found += [order["id"] for order in page.json()]
        cursor = page.headers.get("X-Cursor-Next", "")
    assert (found, cursor) == (placed, "")


async def test_lists_are_filtered(line: Line) -> None:
    old, new = line.simulator.place(), line.simulator.place()
    await line.call("PATCH", f"/location/orders/{old}", json={"status": "accepted"})
    found = (await line.call("GET", "/location/orders", params={"status": "new"})).json()
    assert [order["id"] for order in found] == [new]
    later = (steady.now() + timedelta(hours=1)).isoformat()
    assert (await line.call("GET", "/location/orders", params={"after": later})).json() == []
    for wrong in ({"after": "yesterday"}, {"after": "2026-01-01T00:00:00"}, {"status": "x"}, {"cursor": "!"}):
        assert (await line.call("GET", "/location/orders", params=wrong)).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"status": "teleported"},
        {"status": None},
        {"total": "1.00 EUR"},
        {"confirmed_time": "soon"},
        {"confirmed_time": "2026-01-01T12:00:00"},
        {"items": [{"id": "nowhere", "deleted": True}]},
        {"items": [{"product_name": "Coke", "price": 3.0, "quantity": "1.0"}]},
        {"items": [{"product_name": "Coke", "price": "3.00 EUR", "quantity": 1}]},
        {"items": "none"},
    ],
)
async def test_a_bad_change_is_refused_whole(line: Line, change: dict[str, Any]) -> None:
    order_id = line.simulator.place()
    before = json.dumps(line.simulator.wire.orders[order_id])
    answer = await line.call("PATCH", f"/location/orders/{order_id}", json={"seller_notes": "x", **change})
    assert await error(answer) == (422, "unprocessable_entity")
    assert json.dumps(line.simulator.wire.orders[order_id]) == before


async def test_a_struck_element_stays_struck_and_is_never_edited(line: Line) -> None:
    order_id = line.simulator.place(PretendOrder((DISH, PretendLine("Thé", 320))))
    path = f"/location/orders/{order_id}"
    item_id = line.simulator.wire.orders[order_id]["items"][1]["id"]
    struck = await line.call("PATCH", path, json={"items": [{"id": item_id, "deleted": True}]})
    assert struck.json()["total"] == "12.90 EUR"
    assert [item["deleted"] for item in struck.json()["items"]] == [False, True]
    for wrong in ({"id": item_id, "deleted": False}, {"id": item_id, "price": "1.00 EUR"}):
        assert (await line.call("PATCH", path, json={"items": [wrong]})).status_code == 422


async def test_money_and_decimals_are_text(line: Line) -> None:
    option = PretendOption("Œuf", OptionKind.ADD, 150)
    order_id = line.simulator.place(PretendOrder((PretendLine("Ramen", 1290, 2, (option,)),), delivery_fee=340))
    order = (await line.call("GET", f"/location/orders/{order_id}")).json()
    (item,) = order["items"]
    assert (item["price"], item["quantity"], item["subtotal"]) == ("12.90 EUR", "2.0", "28.80 EUR")
    assert (order["total"], item["options"][0]["quantity"]) == ("32.20 EUR", 1)


async def test_an_order_of_our_own_makes_no_event_for_us(line: Line) -> None:
    await line.call("POST", "/callback", json=CALLBACK)
    item = {"product_name": "Coke", "price": "3.00 EUR", "quantity": "2.0"}
    made = await line.call("POST", "/location/orders", json={"status": "new", "items": [item], "total": "1.00 EUR"})
    assert made.json()["total"] == "6.00 EUR"  # sums are HubRise's own
    assert await queue(line) == []
    assert await error(await line.call("POST", "/location/orders", json={})) == (422, "unprocessable_entity")


async def test_bodies_must_be_json(line: Line) -> None:
    order_id = line.simulator.place()
    path = f"/location/orders/{order_id}"
    assert (await line.call("PATCH", path, data={"status": "accepted"})).status_code == 415
    broken = await line.client.patch(
        f"{line.simulator.address}/v1{path}",
        content=b"{",
        headers={"X-Access-Token": line.simulator.credentials["access_token"], "Content-Type": "application/json"},
    )
    assert broken.status_code == 400


async def test_a_payload_in_the_platforms_form_is_taken_at_its_word(payload: Callable[[str], Any]) -> None:
    simulator = HubRiseSimulator()
    assert simulator.place(payload=payload("order_fetched_wrong_total")) == "5dpm9"
    (truth,) = simulator.truth()
    assert (truth.number, truth.total_minor, truth.currency, truth.kitchen) == ("BC953", 9900, "EUR", "new")
    with pytest.raises(ValueError, match="exists"):
        simulator.place(payload=payload("order_fetched"))
    for wrong in ({"items": "none"}, {"items": [{"price": "?"}]}, {"total": 5}, {"created_at": "now"}):
        with pytest.raises((ValueError, KeyError)):
            simulator.place(payload=wrong)


# -- events


async def test_events_are_listed_bare_read_whole_and_deleted_once(line: Line) -> None:
    await line.call("POST", "/callback", json=CALLBACK)
    order_id = line.simulator.place()
    (bare,) = await queue(line)
    assert set(bare) == {"id", "created_at", "resource_type", "event_type", "location_id", "order_id"}
    whole = (await line.call("GET", f"/callback/events/{bare['id']}")).json()
    assert whole["new_state"]["id"] == order_id
    assert (await line.call("DELETE", f"/callback/events/{bare['id']}")).status_code == 200
    assert (await line.call("DELETE", f"/callback/events/{bare['id']}")).status_code == 404
    assert (await line.call("GET", f"/callback/events/{bare['id']}")).status_code == 404
    assert await queue(line) == []


async def test_an_event_keeps_the_state_of_its_moment(line: Line) -> None:
    await line.call("POST", "/callback", json=CALLBACK)
    order_id = line.simulator.place()
    line.simulator.happen(order_id, Happening.CANCEL)
    created, updated = [(await line.call("GET", f"/callback/events/{event['id']}")).json() for event in await queue(line)]
    assert created["new_state"]["status"] == "new"
    assert (updated["previous_state"]["status"], updated["new_state"]["status"]) == ("new", "cancelled")


async def test_without_a_callback_nothing_is_queued(line: Line) -> None:
    line.simulator.place()
    assert await error(await line.call("GET", "/callback")) == (404, "not_found")
    assert await queue(line) == []


@pytest.mark.parametrize(
    "callback",
    [{}, {"events": []}, {"events": {"order": ["delete"]}}, {"events": {"menu": ["create"]}}, {**CALLBACK, "url": "x"}],
)
async def test_a_bad_callback_is_refused(line: Line, callback: dict[str, Any]) -> None:
    assert (await line.call("POST", "/callback", json=callback)).status_code == 422


async def test_an_acknowledged_event_may_come_again_on_a_bad_day(line: Line) -> None:
    await line.call("POST", "/callback", json=CALLBACK)
    line.simulator.place()
    (event,) = await queue(line)
    line.simulator.faults = Faults(repeat_push=1.0)
    await line.call("DELETE", f"/callback/events/{event['id']}")
    assert [again["id"] for again in await queue(line)] == [event["id"]]
    line.simulator.faults = Faults()
    await line.call("DELETE", f"/callback/events/{event['id']}")
    assert await queue(line) == []


@asynccontextmanager
async def receiver(statuses: list[int]) -> AsyncIterator[tuple[str, list[tuple[str, bytes]]]]:
    """A webhook address that answers with `statuses`, the last one for ever."""
    taken: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        taken.append((request.headers["X-HubRise-Hmac-SHA256"], await request.read()))
        return web.Response(status=statuses[min(len(taken), len(statuses)) - 1])

    application = web.Application()
    application.router.add_post("/", take)
    listener = Listener(application)
    try:
        yield await listener.open(), taken
    finally:
        await listener.close()


async def pushes_done(line: Line) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*line.simulator.tasks)


@pytest.mark.parametrize(("statuses", "tries"), [([200], 1), ([404], 1), ([500, 503, 204], 3)])
async def test_an_active_callback_is_repeated_until_it_is_acknowledged(line: Line, statuses: list[int], tries: int) -> None:
    line.simulator.door.connections[line.simulator.credentials["access_token"]].speed = 6000.0
    line.simulator.speed = 6000.0
    async with receiver(statuses) as (address, taken):
        await line.call("POST", "/callback", json={**CALLBACK, "url": address})
        line.simulator.place()
        await pushes_done(line)
    signature, body = taken[-1]
    secret = line.simulator.credentials["client_secret"].encode()
    assert signature == hmac.new(secret, body, hashlib.sha256).hexdigest()
    assert len(taken) == tries
    assert await queue(line) == []  # the answer acknowledged it


async def test_after_six_tries_an_event_is_given_up(line: Line) -> None:
    line.simulator.speed = 60_000.0
    async with receiver([500]) as (address, taken):
        line.simulator.push_to = address
        line.simulator.place()
        assert len(await queue(line)) == 1  # listed as long as it is tried
        await pushes_done(line)
    assert len(taken) == 6
    assert await queue(line) == []


async def test_a_lost_push_stays_in_the_queue(line: Line) -> None:
    line.simulator.faults = Faults(lose_push=1.0)
    async with receiver([200]) as (address, taken):
        line.simulator.push_to = address
        line.simulator.place()
    assert taken == []
    assert len(await queue(line)) == 1


# -- what happens to orders


@pytest.mark.parametrize(
    "happening",
    [Happening.ASK_CANCEL, Happening.WITHDRAW, Happening.ASK_REFUND, Happening.REFUND_PART, Happening.URGE],
)
async def test_what_hubrise_cannot_express_is_impossible(happening: Happening) -> None:
    simulator = HubRiseSimulator()
    with pytest.raises(ImpossibleError):
        simulator.happen(simulator.place(), happening, amount=100)


async def test_a_courier_takes_one_step_after_the_other(line: Line) -> None:
    order_id = line.simulator.place(PretendOrder((DISH,)))
    with pytest.raises(ImpossibleError):
        line.simulator.happen(order_id, Happening.COURIER_ASSIGNED)  # not accepted yet
    await line.call("PATCH", f"/location/orders/{order_id}", json={"status": "accepted"})
    for wrong in (Happening.COURIER_AT_STORE, Happening.DELIVERED, Happening.COURIER_CHANGED):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(order_id, wrong)
    for step in (Happening.COURIER_ASSIGNED, Happening.COURIER_CHANGED, Happening.COURIER_AT_STORE):
        line.simulator.happen(order_id, step)
    line.simulator.happen(order_id, Happening.COURIER_PICKED_UP)
    assert line.simulator.wire.orders[order_id]["status"] == "in_delivery"
    line.simulator.happen(order_id, Happening.DELIVERED)
    line.simulator.happen(order_id, Happening.COMPLETE)
    for late in (Happening.COMPLETE, Happening.CANCEL, Happening.CHANGE, Happening.DELIVERED):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(order_id, late)


async def test_another_courier_is_another_person(line: Line) -> None:
    order_id = line.simulator.place(PretendOrder((DISH,)))
    await line.call("PATCH", f"/location/orders/{order_id}", json={"status": "accepted"})
    line.simulator.happen(order_id, Happening.COURIER_ASSIGNED)
    first = line.simulator.wire.orders[order_id]["delivery"]["driver_name"]
    line.simulator.happen(order_id, Happening.COURIER_CHANGED)
    assert line.simulator.wire.orders[order_id]["delivery"]["driver_name"] != first


def test_nobody_delivers_what_is_collected() -> None:
    simulator = HubRiseSimulator()
    order_id = simulator.place(PretendOrder((DISH,), fulfilment=Fulfilment.PICKUP))
    with pytest.raises(ImpossibleError):
        simulator.happen(order_id, Happening.COURIER_ASSIGNED)


def test_one_seed_makes_one_day() -> None:
    def day(seed: int) -> list[Any]:
        simulator = HubRiseSimulator(seed)
        for _ in range(10):
            simulator.place()
        return [(truth.order_id, truth.number, truth.total_minor) for truth in simulator.truth()]

    assert day(1) == day(1)
    assert day(1) != day(2)


# -- delivery, location, inventory


async def test_a_delivery_is_booked_once_and_only_for_deliveries(line: Line) -> None:
    delivered = line.simulator.place(PretendOrder((DISH,)))
    collected = line.simulator.place(PretendOrder((DISH,), fulfilment=Fulfilment.PICKUP))
    path = f"/location/orders/{delivered}/delivery"
    assert (await line.call("GET", path)).status_code == 404
    assert (await line.call("POST", path, json={"carrier": "Own"})).json()["status"] == "pending"
    assert (await line.call("POST", path, json={"carrier": "Own"})).status_code == 422
    assert (await line.call("POST", f"/location/orders/{collected}/delivery", json={})).status_code == 422
    assert (await line.call("PATCH", path, json={"status": "delivered"})).json()["status"] == "delivered"
    assert (await line.call("PATCH", path, json={"status": "beaming"})).status_code == 422
