"""The pretend Just Eat is as strict as the reference says, and forgets no order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment
from app.platforms.conformance import until
from app.platforms.just_eat.simulator import MENU_KEY, ORDER_KEY, JustEatSimulator
from app.platforms.listening import Listener
from app.platforms.simulation import Happening, ImpossibleError, PretendLine, PretendOrder

from .conftest import Line

AT = "2026-01-01T12:00:00Z"
FETCHED = PretendOrder((PretendLine("Fries", 360),), fulfilment=Fulfilment.PICKUP)
DRIVEN = PretendOrder((PretendLine("Fries", 360),))


async def call(line: Line, method: str, path: str, body: Any = None, key: str = ORDER_KEY) -> int:
    headers = {"X-Flyt-Api-Key": key}
    return (await line.client.request(method, line.simulator.address + path, json=body, headers=headers)).status_code


@asynccontextmanager
async def answering(simulator: JustEatSimulator, *statuses: int) -> AsyncIterator[list[str]]:
    """A door that answers these statuses to orders, the last one for ever; 200 to everything else. Answers what came."""
    came, left = list[str](), list(statuses)

    async def take(request: web.Request) -> web.Response:
        body = await request.json()
        if "items" not in body:
            came.append("failed" if "validationError" in body else "event")
            return web.Response()
        came.append("order")
        return web.Response(status=left.pop(0) if len(left) > 1 else left[0])

    application = web.Application()
    application.router.add_post("/", take)
    listener = Listener(application)
    simulator.push_to = await listener.open()
    try:
        yield came
    finally:
        simulator.push_to = ""
        await listener.close()


@pytest.mark.parametrize(
    ("statuses", "came", "arrived"),
    [
        ((200,), ["order"], "success"),
        ((500, 500, 200), ["order"] * 3, "success"),
        ((500,), ["order"] * 6 + ["failed"], "tablet"),  # once, and five times more
        ((503,), ["order", "failed"], "tablet"),
        ((401,), ["order", "failed"], "tablet"),
        ((202,), ["order", "failed"], "tablet"),  # nobody gave word within five minutes
    ],
)
async def test_what_the_answers_mean(line: Line, statuses: tuple[int, ...], came: list[str], arrived: str) -> None:
    async with answering(line.simulator, *statuses) as seen:
        order_id = line.simulator.place(FETCHED)
        await until(lambda: seen == came)
        await until(lambda: line.simulator.wire.orders[order_id].arrived == arrived)
        await until(lambda: not line.simulator.undelivered())
        assert seen == came


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("sent-to-pos-success", {}, 204),
        ("sent-to-pos-success", {"happenedAt": AT}, 204),
        ("sent-to-pos-success", {"happenedAt": AT, "transmissionId": "t"}, 204),
        ("sent-to-pos-success", {"transmissionId": ""}, 400),
        ("sent-to-pos-success", {"happenedAt": "noon"}, 400),
        ("sent-to-pos-success", [], 400),
        ("sent-to-pos-failed", {"happenedAt": AT, "errorCode": "MENU_ERROR", "errorMessage": "no"}, 204),
        ("sent-to-pos-failed", {"happenedAt": AT, "errorCode": "BAD_MOOD", "errorMessage": "no"}, 400),
        ("sent-to-pos-failed", {"happenedAt": AT, "errorCode": "TIMEOUT"}, 400),
        ("sent-to-pos-failed", {"errorCode": "TIMEOUT", "errorMessage": "no"}, 400),
    ],
)
async def test_words_about_an_order(line: Line, path: str, body: Any, status: int) -> None:
    order_id = line.simulator.place(FETCHED)
    for _ in range(2):
        assert await call(line, "POST", f"/order/{order_id}/{path}", body) == status
    assert len(line.simulator.wire.orders[order_id].commands) == (status == 204)
    assert await call(line, "POST", f"/order/unknown/{path}", {"happenedAt": AT}) in (400, 404)
    assert await call(line, "POST", f"/order/{order_id}/{path}", body, key=MENU_KEY) == 403


async def test_one_word_is_final(line: Line) -> None:
    order_id = line.simulator.place(FETCHED)
    assert await call(line, "POST", f"/order/{order_id}/sent-to-pos-success", {}) == 204
    failure = {"happenedAt": AT, "errorCode": "TIMEOUT", "errorMessage": "no"}
    assert await call(line, "POST", f"/order/{order_id}/sent-to-pos-failed", failure) == 409


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/restaurants/store-01/offline", {}, 204),
        ("PUT", "/restaurants/store-01/offline", {"onlineAt": "2026-01-01T19:00:00"}, 204),
        ("PUT", "/restaurants/store-01/offline", {"onlineAt": "2026-01-01T19:00:00Z"}, 400),
        ("PUT", "/restaurants/store-01/offline", {"onlineAt": "later"}, 400),
        ("PUT", "/restaurants/store-02/offline", {}, 404),
        ("PUT", "/restaurants/store-01/online", {}, 204),
        ("POST", "/item-availability", {}, 400),
        ("POST", "/item-availability", {"event": "UNAVAILABLE", "itemReferences": []}, 400),
        (
            "POST",
            "/item-availability",
            {"event": "UNAVAILABLE", "itemReferences": ["x"], "restaurant": "store-01", "happenedAt": AT},
            202,
        ),
        (
            "POST",
            "/item-availability",
            {"event": "AVAILABLE", "itemReferences": ["x"], "restaurant": "store-02", "happenedAt": AT},
            404,
        ),
        (
            "POST",
            "/item-availability",
            {
                "event": "UNAVAILABLE",
                "itemReferences": ["x"],
                "restaurant": "store-01",
                "happenedAt": AT,
                "nextAvailableAt": "2026-01-01T12:00:00",
            },
            400,
        ),
    ],
)
async def test_the_restaurants_calls(line: Line, method: str, path: str, body: Any, status: int) -> None:
    assert await call(line, method, path, body, key=MENU_KEY) == status
    assert await call(line, method, path, body, key=ORDER_KEY) == 403


async def test_what_cannot_befall_an_order(line: Line) -> None:
    line.simulator.speed = 1.0
    fetched, driven = line.simulator.place(FETCHED), line.simulator.place(DRIVEN)
    for happening in set(Happening) - JustEatSimulator.happenings:
        with pytest.raises(ImpossibleError):
            line.simulator.happen(driven, happening)
    with pytest.raises(ImpossibleError):
        line.simulator.happen(fetched, Happening.COURIER_AT_STORE)
    for happening in (Happening.DELIVERED, Happening.COMPLETE):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(driven, happening)
    line.simulator.happen(driven, Happening.COURIER_PICKED_UP)
    for happening in (Happening.CANCEL, Happening.COURIER_AT_STORE):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(driven, happening)
    line.simulator.happen(fetched, Happening.COMPLETE)
    with pytest.raises(ImpossibleError):
        line.simulator.happen(fetched, Happening.CANCEL)
    with pytest.raises(KeyError):
        line.simulator.happen("unknown", Happening.CANCEL)
    assert [truth.kitchen for truth in line.simulator.truth()] == [Kitchen.COMPLETED.value, Kitchen.ACCEPTED.value]


async def test_food_is_taken_to_be_ready_when_a_driver_is_sent_for_it(line: Line) -> None:
    item = {"name": "Fries", "plu": "F", "price": 360, "quantity": 1, "children": []}
    for due in ("2020-01-01T12:00:00Z", "2120-01-01T12:00:00Z"):
        line.simulator.place(payload={"items": [item], "total": 360, "collect_at": due})
    assert [truth.kitchen for truth in line.simulator.truth()] == [Kitchen.READY.value, Kitchen.ACCEPTED.value]


async def test_a_payload_is_taken_at_its_word_or_refused(line: Line) -> None:
    item = {"name": "Fries", "plu": "F", "price": 360, "quantity": 1, "children": []}
    order_id = line.simulator.place(payload={"id": "mine", "items": [item], "total": 360, "kitchen_notes": "hot"})
    assert (order_id, line.simulator.truth()[0].total_minor) == ("mine", 360)
    for wrong in ({"id": "mine", "items": [item], "total": 360}, {"items": [item]}, {"items": 3, "total": 1}):
        with pytest.raises(ValueError, match=r"."):
            line.simulator.place(payload=wrong)
