"""Where riders are: only their events tell it, so the last one of each order is remembered, over a restart too."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from aiohttp import web

from app.domain.shop import CourierPlace
from app.platforms.abilities import TracksCouriers
from app.platforms.api import Message, RecallsMessages, WebhookRequest
from app.platforms.conformance import until
from app.platforms.deliveroo.connector import DeliverooConnector
from app.platforms.deliveroo.mapping import event_order_id, event_version
from app.platforms.deliveroo.riders import MOST, Riders
from app.platforms.simulation import Happening
from tests.platforms.lines import listening

from .conftest import Line

ORDER = "gb:6f9d7c1e-0000-4000-8000-000000000001"


def message(event: Any) -> Message:
    """As the webhook makes it."""
    return Message("k", "event", json.dumps(event).encode(), event_version(event), event_order_id(event))


def report(order_id: str = ORDER, **changed: Any) -> Message:
    """An event of one rider."""
    rider = {"at": "2026-01-01T12:04:00Z", "lat": 51.5, "lon": -0.1, "full_name": "Sam R."}
    rider |= {"status_log": [{"at": "2026-01-01T12:03:00Z", "status": "rider_assigned"}], **changed}
    return message({"event": "rider.status_update", "body": {"order_id": order_id, "riders": [rider]}})


def test_a_riders_event_tells_his_place() -> None:
    riders = Riders()
    riders.hear(report())
    assert riders.place(ORDER) == CourierPlace(51.5, -0.1, datetime(2026, 1, 1, 12, 4, tzinfo=UTC))
    assert riders.place("gb:another") is None


NAMES = ("assigned", "changed", "in_transit", "unassigned")


@pytest.mark.parametrize("names", list(permutations(NAMES)))
def test_in_whatever_order_the_events_come_the_newest_counts(payload: Callable[[str], Any], names: tuple[str, ...]) -> None:
    riders, events = Riders(), [message(payload(f"rider.status_update.{name}")) for name in names]
    for event in events:
        riders.hear(event)
    alone = Riders()
    alone.hear(max(events, key=lambda event: event.version))
    assert riders.place(ORDER) == alone.place(ORDER)


def test_who_left_is_nowhere(payload: Callable[[str], Any]) -> None:
    riders = Riders()
    riders.hear(message(payload("rider.status_update.assigned")))
    assert riders.place(ORDER)
    riders.hear(message(payload("rider.status_update.unassigned")))
    assert riders.place(ORDER) is None


@pytest.mark.parametrize("lat", [None, "", "x", 91, -91, "nan", "inf", True, [51.5], {}])
def test_a_place_that_is_none_is_nobodys(lat: Any) -> None:
    riders = Riders()
    riders.hear(report(lat=lat))
    assert riders.place(ORDER) is None


@pytest.mark.parametrize("at", [None, "", "soon", 5, "2026-01-01T12:04:00"])
def test_a_place_without_a_time_is_of_the_events_moment(at: Any) -> None:
    riders = Riders()
    riders.hear(report(at=at))
    found = riders.place(ORDER)
    assert found
    assert found.at == datetime(2026, 1, 1, 12, 3, tzinfo=UTC)


def test_a_place_of_an_event_without_any_time_is_not_believed() -> None:
    riders = Riders()
    riders.hear(report(at=None, status_log=[{"status": "rider_assigned"}]))
    assert riders.place(ORDER) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event":"rider.status_update","body":5}', b"[" * 5000])
def test_what_is_no_event_of_a_rider_teaches_nothing(body: bytes) -> None:
    riders = Riders()
    riders.hear(Message("k", "event", body, 1, ORDER))
    assert riders.place(ORDER) is None


def test_only_so_many_are_remembered() -> None:
    riders = Riders()
    for number in range(MOST + 1):
        riders.hear(report(f"gb:{number}"))
    assert riders.place("gb:0") is None
    assert riders.place(f"gb:{MOST}")


@pytest.mark.asyncio
async def test_a_counter_knows_the_place_again_after_a_restart(line: Line) -> None:
    """Pushed, stored as every message, and heard again by the next process."""
    connector = line.connect()
    stored: list[Message] = []

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        stored.extend(connector.receive(WebhookRequest("POST", "/", {}, headers, await request.read())).messages)
        return web.Response()

    async with listening(line.simulator, take):
        order_id = line.simulator.place()
        line.simulator.site.change(line.order(order_id), "accepted")
        line.simulator.happen(order_id, Happening.COURIER_ASSIGNED)
        await until(lambda: any(b"rider.status_update" in one.body for one in stored))
    again = line.connect()
    assert isinstance(again, RecallsMessages)
    assert isinstance(again, TracksCouriers)
    assert isinstance(again, DeliverooConnector)
    assert await again.locate_courier(order_id) is None
    again.recall(stored)
    place = await connector.locate_courier(order_id)
    assert place
    assert await again.locate_courier(order_id) == place
