"""The pretend Uber is as strict as the real one, and as contradictory."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from app.domain.lifecycle import Kitchen
from app.platforms.api import WebhookRequest
from app.platforms.conformance import until
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder
from app.platforms.uber_eats.connector import connect
from app.platforms.uber_eats.mapping import order_of
from app.platforms.uber_eats.simulated_bodies import STORE_ID
from app.platforms.uber_eats.simulated_pushes import EVENT_PAGES, GUIDE
from app.platforms.uber_eats.simulator import PreviousUberEatsSimulator, UberEatsSimulator
from app.platforms.uber_eats.webhook import sign
from tests.platforms.lines import listening, opened
from tests.platforms.uber_eats.conftest import Line

DISH = PretendOrder((PretendLine("Ramen", 1300),), customer="Lina D.")
SECONDS = "2026-01-01T12:00:00"  # without an offset


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accept", {"reason": "accepted"}),
        ("accept", {"ready_for_pickup_time": SECONDS}),
        ("accept", {"ready_for_pickup_time": SECONDS + "Z"}),  # long past
        ("accept", []),
        ("deny", {}),
        ("deny", {"deny_reason": {"type": "ITEM_AVAILABILITY"}}),
        ("deny", {"reason": {"code": "OTHER"}}),
        ("cancel", {"type": "OTHER"}),
        ("cancel", {"cancellation_reason": {"type": "OTHER", "why": "x"}}),
        ("ready", {"now": True}),
    ],
)
async def test_bodies_of_the_current_generation_are_exact(current: Line, path: str, body: Any) -> None:
    order_id = current.simulator.place()
    answer = await current.call("POST", f"/v1/delivery/order/{order_id}/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert current.simulator.truth()[0].commands == ()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accept_pos_order", {}),
        ("accept_pos_order", {"reason": "accepted", "pickup_time": "soon"}),
        ("accept_pos_order", {"reason": "accepted", "pickup_time": 1}),
        ("accept_pos_order", {"reason": "accepted", "ready_for_pickup_time": SECONDS}),
        ("deny_pos_order", {"reason": "closed"}),
        ("deny_pos_order", {"reason": {"code": "TOO_LAZY", "explanation": "x"}}),
        ("cancel", {"reason": "OTHER"}),
        ("cancel", {"reason": "ITEM_ISSUE"}),
    ],
)
async def test_bodies_of_the_previous_generation_are_exact(previous: Line, path: str, body: Any) -> None:
    order_id = previous.simulator.place()
    answer = await previous.call("POST", f"/v1/eats/orders/{order_id}/{path}", json=body)
    assert answer.status_code == 400
    assert previous.simulator.truth()[0].commands == ()


async def test_calls_without_a_token_of_another_store_or_generation_are_refused(current: Line) -> None:
    order_id = current.simulator.place()
    bare = await current.client.get(f"{current.simulator.address}/v1/delivery/order/{order_id}")
    assert bare.status_code == 401
    assert (await current.call("GET", f"/v2/eats/order/{order_id}")).status_code == 403
    assert (await current.call("GET", "/v1/delivery/store/another/orders")).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": "51"},
        {"page_size": "0"},
        {"state": "CREATED"},
        {"next_page_token": "x"},
        {"start_time": SECONDS},
        {"start_time": "2020-01-01T00:00:00Z"},
    ],
)
async def test_lists_take_documented_queries_only(current: Line, query: dict[str, str]) -> None:
    answer = await current.call("GET", f"/v1/delivery/store/{STORE_ID}/orders", params=query)
    assert answer.status_code == 400


async def test_only_what_is_asked_for_is_expanded(current: Line) -> None:
    order_id = current.simulator.place()
    bare = (await current.call("GET", f"/v1/delivery/order/{order_id}")).json()["order"]
    full = await current.call("GET", f"/v1/delivery/order/{order_id}", params={"expand": "carts,payment,deliveries"})
    assert set(full.json()["order"]) - set(bare) == {"carts", "payment", "deliveries"}


async def test_an_ended_order_cannot_be_cancelled_again(line: Line) -> None:
    order_id = line.simulator.place()
    line.simulator.happen(order_id, Happening.CANCEL)
    path = line.simulator.generation.path(line.simulator.generation.cancel, order_id)
    current = "delivery" in path
    body = {"cancellation_reason": {"type": "OTHER"}} if current else {"reason": "KITCHEN_CLOSED"}
    assert (await line.call("POST", path, json=body)).status_code == 404


async def test_silence_cancels_after_eleven_and_a_half_minutes() -> None:
    simulator = UberEatsSimulator(speed=20_000.0)
    await simulator.start()
    try:
        order_id = simulator.place(DISH)
        await until(lambda: simulator.truth()[0].kitchen == Kitchen.CANCELLED)
        assert simulator.shop.orders[order_id].failure
    finally:
        await simulator.stop()


async def test_a_denied_order_may_still_be_accepted_on_the_tablet_and_dies_otherwise() -> None:
    simulator = PreviousUberEatsSimulator(speed=5_000.0)
    await simulator.start()
    try:
        order = simulator.shop.orders[simulator.place(DISH)]
        simulator.shop.deny(order)
        assert order.state(current=False) == "DENIED"
        await until(lambda: order.kitchen is Kitchen.CANCELLED)
    finally:
        await simulator.stop()


@pytest.mark.parametrize("simulator", [UberEatsSimulator, PreviousUberEatsSimulator])
def test_what_uber_has_no_word_for_cannot_happen(simulator: type[UberEatsSimulator]) -> None:
    one = simulator(seed=1)
    one.shop.later = lambda seconds, do: None  # no loop runs here
    order_id = one.place(DISH)
    for happening in set(Happening) - one.happenings:
        with pytest.raises(ImpossibleError):
            one.happen(order_id, happening)
    for happening in (Happening.COURIER_ASSIGNED, Happening.COMPLETE, Happening.CHANGE):  # nobody accepted it yet
        with pytest.raises(ImpossibleError):
            one.happen(order_id, happening)


async def test_a_payload_in_the_stores_own_form_is_placed_at_its_word(line: Line) -> None:
    source = line.simulator.place(DISH)
    shown = line.simulator.shop.orders[source].shown(line.simulator.shop.current)
    inner = dict(shown.get("order", shown)) | {"id": "my-order", "display_id": "MINE1"}
    assert line.simulator.place(payload=inner) == "my-order"
    facts = line.connect().read(await line.connect().fetch_order("my-order"))[0].facts
    assert facts
    assert facts.number == "MINE1"
    wrongs: tuple[dict[str, Any], ...] = ({}, {"carts": []}, {"cart": {}}, inner)
    for wrong in wrongs:
        with pytest.raises((ValueError, TypeError)):
            line.simulator.place(payload=wrong)


async def test_a_payload_of_the_other_generation_is_refused(current: Line, previous: Line) -> None:
    order_id = current.simulator.place(DISH)
    with pytest.raises(ValueError, match="generation"):
        previous.simulator.place(payload=current.simulator.shop.orders[order_id].shown(current=True))


async def test_drifting_fields_mean_the_same(line: Line) -> None:
    order_id = line.simulator.place()
    connector = line.connect()
    plain = connector.read(await connector.fetch_order(order_id))[0]
    line.simulator.faults = Faults(odd=1.0)
    odd = connector.read(await connector.fetch_order(order_id))[0]
    assert (odd.facts, odd.kitchen) == (plain.facts, plain.kitchen)


@pytest.mark.parametrize("base", [UberEatsSimulator, PreviousUberEatsSimulator])
async def test_a_shop_in_japan(base: type[UberEatsSimulator]) -> None:
    class Japan(base):  # type: ignore[misc, valid-type]  # a class made from a parameter
        currency = "JPY"

    async with opened(Line(Japan(seed=3), connect)) as line:
        order_id = line.simulator.place(PretendOrder((PretendLine("ラーメン", 1450),), customer="佐藤"))
        facts = line.connect().read(await line.connect().fetch_order(order_id))[0].facts
        assert facts
        assert (facts.currency, facts.lines[0].total.minor, facts.checks) == ("JPY", 1450, ())
        assert facts.total.minor == line.simulator.truth()[0].total_minor


# -- pushes


@asynccontextmanager
async def receiver(simulator: UberEatsSimulator, *statuses: int) -> AsyncIterator[list[tuple[float, bytes]]]:
    """A webhook address that answers `statuses` in turn, the last one for ever."""
    heard: list[tuple[float, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append((time.monotonic(), await request.read()))
        return web.Response(status=statuses[min(len(heard), len(statuses)) - 1])

    async with listening(simulator, take):
        yield heard


@pytest.mark.parametrize("schedule", [EVENT_PAGES, GUIDE])
async def test_an_event_is_sent_seven_times_whichever_page_is_right(schedule: tuple[float, ...]) -> None:
    simulator = UberEatsSimulator(speed=30_000.0)
    simulator.shop.later = lambda seconds, do: None
    simulator.pushes.schedule = schedule
    await simulator.start()
    try:
        async with receiver(simulator, 500) as heard:
            simulator.place(DISH)
            await until(lambda: len([one for one in simulator.records if one.what == "push_failed"]) == 7)
            assert len({body for _, body in heard}) == 1  # the very same event each time
            assert simulator.truth()[0].delivered_to_console_at is None
    finally:
        await simulator.stop()


async def test_an_event_answered_at_last_is_not_sent_again(current: Line) -> None:
    current.simulator.pushes.schedule = (0.0,) * 6
    async with receiver(current.simulator, 503, 404, 200) as heard:
        current.simulator.place(DISH)
        await until(lambda: any(one.what == "push_acknowledged" for one in current.simulator.records))
        assert len(heard) == 3
        assert current.simulator.truth()[0].delivered_to_console_at


async def test_repeats_of_an_event_are_one_message(current: Line) -> None:
    current.simulator.faults = Faults(repeat_push=1.0)
    async with receiver(current.simulator, 200) as heard:
        current.simulator.place(DISH)
        await until(lambda: len(heard) == 2)
    connector = connect(current.settings(), current.client)
    keys = {_received(connector, body) for _, body in heard}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("simulator", "kind"), [(UberEatsSimulator, b"orders.failure"), (PreviousUberEatsSimulator, b"orders.cancel")]
)
async def test_a_cancellation_is_announced_in_the_generations_own_word(
    simulator: type[UberEatsSimulator], kind: bytes
) -> None:
    one = simulator(seed=2)
    await one.start()
    try:
        async with receiver(one, 200) as heard:
            one.happen(one.place(DISH), Happening.CANCEL)
            await until(lambda: any(kind in body for _, body in heard))
    finally:
        await one.stop()


def test_orders_made_here_have_the_documented_shape() -> None:
    for simulator in (UberEatsSimulator, PreviousUberEatsSimulator):
        one = simulator(seed=5)
        one.shop.later = lambda seconds, do: None
        for _ in range(20):
            order_id = one.place()
            assert order_of(one.shop.orders[order_id].shown(one.shop.current)).id == order_id


def _received(connector: Any, body: bytes) -> str:
    signature = sign(connector._values["client_secret"], body)
    (message,) = connector.receive(WebhookRequest("POST", "/", {}, {"x-uber-signature": signature}, body)).messages
    return str(message.key)
