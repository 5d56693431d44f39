"""Word of every order within five minutes, once it is stored; and what cannot be done here is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.domain.commands import Command, CommandKind
from app.platforms.api import AuthError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.conformance import Counter, Door, until
from app.platforms.just_eat import platform
from app.platforms.just_eat.connector import JustEatConnector
from app.platforms.just_eat.simulated_orders import RESTAURANT
from app.platforms.simulation import Faults, Happening

from .conftest import Line, push


async def counter_of(line: Line) -> Counter:
    """A counter with a fresh connector; nobody stands at its door yet."""
    return Counter(line.simulator, line.connect(), lambda _: line.connect(), pushed_only=True)


async def test_word_is_given_once_the_order_is_stored(line: Line) -> None:
    line.simulator.speed = 1.0
    connector = line.connect()
    async with line.door(connector).opened():
        order_id = line.simulator.place()
        order = line.simulator.wire.orders[order_id]
        await until(lambda: order.arrived == "later")
        page = await connector.fetch_orders("")
        assert ([message.order_id for message in page.messages], page.more) == ([order_id], False)
        assert order.commands == []  # stored or not: nothing is told before it is acknowledged
        await connector.acknowledge(page.messages)
        assert (order.arrived, order.commands) == ("success", ["sent-to-pos-success"])
        assert (await connector.fetch_orders("")).messages == ()


async def test_an_order_nobody_gives_word_of_goes_to_the_device_and_staff_are_told(line: Line) -> None:
    counter = await counter_of(line)
    async with Door(counter).opened():
        order_id = line.simulator.place()
        await until(lambda: any(update.unmapped for update in counter.heard(order_id)))
    assert line.simulator.wire.orders[order_id].arrived == "tablet"
    order, failed = sorted(counter.heard(order_id), key=lambda update: update.unmapped)
    assert (failed.unmapped, failed.kitchen) == ("backup flow: TIMEOUT", order.kitchen)
    assert failed.version < order.version


async def test_an_order_that_nobody_can_read_goes_to_the_device_at_once(line: Line, payload: Callable[[str], Any]) -> None:
    connector, body = line.connect(), payload("receive_order")
    order_id = line.simulator.place(payload=body)
    received = connector.receive(push(body | {"total": "a lot", "transmission_id": "t-1"}))
    page = await connector.fetch_orders("")
    assert page.messages == received.messages
    with pytest.raises(ProtocolError):
        connector.read(page.messages[0])
    await connector.acknowledge(page.messages)
    order = line.simulator.wire.orders[order_id]
    assert order.commands == ["sent-to-pos-failed"]
    assert order.arrived == "failed"


async def test_another_restaurants_order_is_nobodys_word_to_give(line: Line, payload: Callable[[str], Any]) -> None:
    connector = line.connect()
    connector.receive(push(payload("receive_order") | {"posLocationId": "store-02"}))
    assert (await connector.fetch_orders("")).messages == ()


async def test_what_fails_for_now_stays_owed_and_a_no_ends_it(line: Line) -> None:
    line.simulator.speed = 1.0
    connector = line.connect()
    async with line.door(connector).opened():
        order_id = line.simulator.place()
        order = line.simulator.wire.orders[order_id]
        await until(lambda: order.arrived == "later")
        page = await connector.fetch_orders("")
        line.simulator.faults = Faults(break_call=1.0)
        with pytest.raises(TemporaryError):
            await connector.acknowledge(page.messages)
        line.simulator.faults = Faults(throttle=1.0)
        with pytest.raises(TemporaryError) as throttled:
            await connector.acknowledge(page.messages)
        assert throttled.value.retry_after == 1.0
        line.simulator.faults = Faults(lose_reply=1.0)
        with pytest.raises(TemporaryError):
            await connector.acknowledge(page.messages)
        line.simulator.faults = Faults()
        assert (await connector.fetch_orders("")).messages == page.messages
        order.arrived = "tablet"  # too late: 409
        await connector.acknowledge(page.messages)
        assert (await connector.fetch_orders("")).messages == ()
        assert order.commands == ["sent-to-pos-success"]


async def test_a_dead_key_keeps_the_word_and_asks_for_a_person(line: Line) -> None:
    line.simulator.speed = 1.0
    connector = line.connect(api_key="wrong")
    async with line.door(connector).opened():
        line.simulator.place()
        await until(lambda: not line.simulator.undelivered())
        page = await connector.fetch_orders("")
        with pytest.raises(AuthError):
            await connector.acknowledge(page.messages)
        assert (await connector.fetch_orders("")).messages == page.messages


async def test_the_older_api_is_called_back(line: Line) -> None:
    line.simulator.speed, line.simulator.pushes.older_api = 1.0, True
    connector = line.connect()
    async with line.door(connector).opened():
        order_id = line.simulator.place()
        await until(lambda: not line.simulator.undelivered())
        page = await connector.fetch_orders("")
        await connector.acknowledge(page.messages)
    assert line.simulator.wire.callbacks == [
        (order_id, {"status": "Success", "message": "Order received", "data": {}}),
    ]


@pytest.mark.parametrize(
    ("address", "called"),
    [
        ("https://uk.api.just-eat.io/callback/1", True),
        ("https://just-eat.io.evil.example/1", False),
        ("https://evil.example/?.just-eat.io", False),
        ("http://uk.api.just-eat.io/callback/1", False),
        ("https://user@evil.example:443/just-eat.io", False),
        ("https://[bad", False),
        ("file:///etc/passwd", False),
    ],
)
async def test_only_just_eat_is_called_back(payload: Callable[[str], Any], address: str, called: bool) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={})

    async def never(_: object) -> None:
        raise AssertionError("nothing to save")

    values = {"webhook_key": "k", "restaurant": RESTAURANT}
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        connector = JustEatConnector(Settings(1, values, never), client)
        request = push(payload("order_ready_for_preparation"), {"callback": address}, authorization="k")
        received = connector.receive(request)
        await connector.acknowledge(received.messages)
    assert asked == ([address] if called else [])


async def test_a_caller_who_is_away_costs_no_other_its_word(payload: Callable[[str], Any]) -> None:
    """Five minutes are all that each has."""
    houses = [f"https://{name}.api.just-eat.io/1" for name in ("away", "uk")]
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(503 if request.url.host.startswith("away") else 200, json={})

    async def keep(_: object) -> None:
        """What dishes were seen is not asked here."""

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        connector = JustEatConnector(Settings(1, {"webhook_key": "k", "restaurant": RESTAURANT}, keep), client)
        body = payload("order_ready_for_preparation")
        for number, house in enumerate(houses):
            connector.receive(push(body | {"OrderId": f"o{number}"}, {"callback": house}, authorization="k"))
        page = await connector.fetch_orders("")
        with pytest.raises(TemporaryError):
            await connector.acknowledge(page.messages)
        assert [message.order_id for message in (await connector.fetch_orders("")).messages] == ["o0"]
    assert sorted(asked) == houses


async def test_verify_needs_a_restaurant_and_a_key(line: Line) -> None:
    assert (await line.connect().verify()).title == "Practice Kitchen"
    assert (await line.connect(shop_name="").verify()).title == RESTAURANT
    with pytest.raises(RejectedError, match="no restaurant"):
        await line.connect(restaurant=" ").verify()
    with pytest.raises(AuthError):
        await line.connect(api_key="").verify()


@pytest.mark.parametrize("kind", list(CommandKind))
async def test_every_command_is_refused_in_words(line: Line, kind: CommandKind) -> None:
    with pytest.raises(RejectedError, match="own device"):
        await line.connect().send(Command(kind, "1"))
    assert any("own device only" in sentence for sentence in platform.cannot)


async def test_a_day_with_a_driver(line: Line) -> None:
    counter = await counter_of(line)
    async with Door(counter).opened():
        order_id = line.simulator.place(payload=delivered())
        for happening in (Happening.COURIER_AT_STORE, Happening.COURIER_PICKED_UP, Happening.DELIVERED):
            line.simulator.happen(order_id, happening)
            await counter.poll()
        state = await counter.state(order_id)
        assert (state.kitchen.value, state.delivery.value) == ("accepted", "delivered")


async def test_what_was_not_pushed_since_the_start_cannot_be_asked_for(line: Line) -> None:
    counter = await counter_of(line)
    async with Door(counter).opened():
        order_id = line.simulator.place()
        await counter.poll()
        assert json.loads((await counter.connector.fetch_order(order_id)).body)["id"] == order_id
        await counter.restart()
        with pytest.raises(RejectedError, match="cannot be asked"):
            await counter.connector.fetch_order(order_id)


def delivered() -> dict[str, Any]:
    """An order that Just Eat delivers."""
    item = {"name": "Fries", "plu": "FRY-1", "price": 360, "quantity": 1, "children": []}
    return {"type": "delivery-by-delivery-partner", "items": [item], "total": 360}
