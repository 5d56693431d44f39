"""Commands, events and signing in, against the pretend Deliveroo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web

from app import steady
from app.domain.commands import CommandKind, RejectReason
from app.domain.lifecycle import Delivery, Kitchen, merge_all
from app.platforms.api import (
    AcknowledgesMessages,
    Connector,
    Message,
    ProtocolError,
    RejectedError,
    Settings,
    TakesWebhooks,
    UnknownMessageError,
    WebhookRequest,
)
from app.platforms.conformance import until
from app.platforms.deliveroo import platform
from app.platforms.deliveroo.connector import NEVER, DeliverooConnector, reading_of
from app.platforms.deliveroo.mapping import DECISION_WINDOW
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from tests.platforms.lines import forget, listening, send

from .conftest import Line

NOODLES = PretendOrder((PretendLine("Noodles", 900),), customer="Omid")
LATER = PretendOrder((PretendLine("Noodles", 900),), due_in=7200.0)


def test_it_is_what_it_says(line: Line) -> None:
    connector = line.connect()
    for role in (Connector, AcknowledgesMessages, TakesWebhooks):
        assert isinstance(connector, role)
    assert (platform.mark, platform.decision_window) == ("D", timedelta(minutes=10))
    assert CommandKind.CANCEL not in platform.commands
    assert any("cancelled" in sentence for sentence in platform.cannot)


@pytest.mark.asyncio
async def test_verify_learns_the_brand(line: Line) -> None:
    info = await line.connect(brand_id="").verify()
    assert (info.title, dict(info.values)) == ("100200", {"brand_id": "practice-noodles-gb", "site_name": "100200"})


@pytest.mark.parametrize(
    ("answer", "brand"), [({"brand_id": ["b1", "b2"], "name": "Noodle bar"}, "b1"), ({"brand_id": 7}, "7")]
)
@pytest.mark.asyncio
async def test_a_brand_in_either_form(answer: dict[str, Any], brand: str) -> None:
    info = await _answered(answer).verify()
    assert info.values["brand_id"] == brand


@pytest.mark.parametrize("answer", [{}, {"brand_id": []}, {"brand_id": {}}])
@pytest.mark.asyncio
async def test_no_brand_is_no_sign_in(answer: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"documentation"):
        await _answered(answer).verify()


@pytest.mark.asyncio
async def test_a_site_nobody_knows(line: Line) -> None:
    with pytest.raises(RejectedError, match=r"Site not found"):
        await line.connect(site_id="7").verify()
    with pytest.raises(RejectedError, match=r"no site"):
        await line.connect(site_id=" ").verify()


def _answered(answer: dict[str, Any]) -> DeliverooConnector:
    """A connector whose platform answers every call with `answer`."""
    wire = httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"access_token": "t", **answer}))
    )
    return DeliverooConnector(Settings(1, {"site_id": "1", "brand_id": "b"}, forget), wire)


@pytest.mark.parametrize("answer", [{"id": "gb:1"}, {"order": 7}, {"id": "gb:1", "items": []}])
@pytest.mark.asyncio
async def test_a_command_needs_an_order_that_can_be_read(answer: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"documentation"):
        await send(_answered(answer), CommandKind.ACCEPT, "gb:1")


@pytest.mark.parametrize(
    ("text", "window"),
    [("", None), ("3", timedelta(minutes=3)), ("soon", None), ("-1", None), ("inf", None), ("nan", None)],
)
def test_minutes_a_person_typed(text: str, window: timedelta | None) -> None:
    assert reading_of({"decision_minutes": text}).decision == window


@pytest.mark.asyncio
async def test_the_way_of_an_order(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(NOODLES)
    reached = [
        (await send(connector, kind, order_id)).kitchen
        for kind in (CommandKind.ACCEPT, CommandKind.READY, CommandKind.HAND_OVER)
    ]
    assert reached == [Kitchen.PREPARING, Kitchen.READY, Kitchen.HANDED_OVER]
    assert line.order(order_id).commands == ["accepted", "in_kitchen", "ready_for_collection", "collected"]


@pytest.mark.asyncio
async def test_a_shop_that_cooks_later_tells_nothing_of_cooking(line: Line) -> None:
    order_id = line.simulator.place(NOODLES)
    update = await send(line.connect(kitchen_start=NEVER), CommandKind.ACCEPT, order_id)
    assert (update.kitchen, line.order(order_id).commands) == (Kitchen.ACCEPTED, ["accepted"])


@pytest.mark.asyncio
async def test_a_stage_that_cannot_be_told_takes_no_acceptance_back(line: Line) -> None:
    """A promise nobody can keep: the delay is within what Deliveroo takes, and the order is accepted whatever it says."""
    order_id = line.simulator.place(NOODLES)
    line.order(order_id).stage = "collected"  # whoever told so: the next stage is refused
    promised = steady.now() + timedelta(days=1)
    update = await send(line.connect(), CommandKind.ACCEPT, order_id, ready_at=promised)
    assert (update.kitchen, line.order(order_id).status) == (Kitchen.ACCEPTED, "accepted")


@pytest.mark.asyncio
async def test_rejecting(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(NOODLES)
    update = await send(connector, CommandKind.REJECT, order_id, reason=RejectReason.SOLD_OUT, text="no noodles")
    assert (update.kitchen, line.order(order_id).status) == (Kitchen.REJECTED, "rejected")


@pytest.mark.asyncio
async def test_a_scheduled_order_that_is_ready_is_confirmed_on_the_way(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(LATER)
    await send(connector, CommandKind.ACCEPT, order_id)
    await send(connector, CommandKind.READY, order_id)
    assert line.order(order_id).commands == ["accepted", "confirmed", "ready_for_collection"]


@pytest.mark.asyncio
async def test_two_counters_that_accept_at_once_both_succeed(line: Line) -> None:
    order_id = line.simulator.place(NOODLES)
    connectors = [line.connect() for _ in range(2)]
    updates = await asyncio.gather(*(send(one, CommandKind.ACCEPT, order_id) for one in connectors))
    assert {update.kitchen for update in updates} <= {Kitchen.ACCEPTED, Kitchen.PREPARING}
    assert line.order(order_id).commands.count("accepted") == 1


@pytest.mark.asyncio
async def test_an_order_cancelled_between_look_and_step(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(NOODLES)
    ask = connector._client.change_status

    async def too_late(order_id: str, change: Any) -> Any:
        line.simulator.happen(order_id, Happening.CANCEL)
        return await ask(order_id, change)

    connector._client.change_status = too_late  # type: ignore[method-assign]  # the moment between two calls
    with pytest.raises(RejectedError, match=r"canceled"):
        await send(connector, CommandKind.ACCEPT, order_id)


@pytest.mark.asyncio
async def test_a_refusal_is_in_deliveroos_words(line: Line) -> None:
    order_id = line.simulator.place(NOODLES)
    line.simulator.faults = Faults(refuse=1.0)
    with pytest.raises(RejectedError, match=r"cannot be changed today"):
        await send(line.connect(), CommandKind.ACCEPT, order_id)


@pytest.mark.asyncio
async def test_the_time_to_decide_is_the_simulators(line: Line) -> None:
    connector = line.connect()
    (update,) = connector.read(await connector.fetch_order(line.simulator.place(NOODLES)))
    assert update.facts
    assert update.facts.decide_by
    window = update.facts.decide_by - update.facts.placed_at
    assert abs(window - DECISION_WINDOW / 120) < timedelta(milliseconds=1)


# -- events


class Inbox:
    """Listens for pushes and keeps what they say."""

    def __init__(self, connector: DeliverooConnector) -> None:
        self.connector = connector
        self.messages: list[Message] = []
        self.refuse = 0

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        received = self.connector.receive(WebhookRequest("POST", "/", {}, headers, body))
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        self.messages += received.messages
        return web.Response(status=received.reply.status, body=received.reply.body)

    def events(self) -> list[str]:
        return [str(message.body.split(b'"', 4)[3], "ascii") for message in self.messages]

    def __contains__(self, event: str) -> bool:
        return event in self.events()


@pytest.fixture
async def inbox(line: Line) -> Any:
    """A door that the simulator pushes to."""
    found = Inbox(line.connect())
    async with listening(line.simulator, found.take):
        yield found


@pytest.mark.asyncio
async def test_events_tell_the_whole_story(line: Line, inbox: Inbox) -> None:
    order_id = line.simulator.place(NOODLES)
    await send(inbox.connector, CommandKind.ACCEPT, order_id)
    for happening in (Happening.COURIER_ASSIGNED, Happening.COURIER_CHANGED, Happening.COURIER_AT_STORE):
        line.simulator.happen(order_id, happening)
    line.simulator.happen(order_id, Happening.COURIER_PICKED_UP)
    line.simulator.happen(order_id, Happening.COMPLETE)
    await until(lambda: len(inbox.messages) == 8)
    updates = [update for message in inbox.messages for update in inbox.connector.read(message)]
    state = merge_all(update.state for update in updates)
    assert (state.kitchen, state.delivery) == (Kitchen.COMPLETED, Delivery.PICKED_UP)
    assert {update.order_id for update in updates} == {order_id}
    assert updates[-1].version == max(update.version for update in updates)


@pytest.mark.asyncio
async def test_an_event_nobody_took_comes_again(line: Line, inbox: Inbox) -> None:
    inbox.refuse = 3
    line.simulator.place(NOODLES)
    await until(lambda: "order.new" in inbox)
    await until(lambda: line.simulator.truth()[0].delivered_to_console_at)
    assert [one.what for one in line.simulator.records].count("push_failed") == 3


@pytest.mark.asyncio
async def test_deprecated_events_beside_the_new_ones(line: Line, inbox: Inbox) -> None:
    line.simulator.pushes.legacy = True
    order_id = line.simulator.place(NOODLES)
    await send(inbox.connector, CommandKind.ACCEPT, order_id)
    line.simulator.happen(order_id, Happening.CANCEL)
    await until(lambda: "new_order" in inbox and "cancel_order" in inbox and len(inbox.messages) == 5)
    updates = [update for message in inbox.messages for update in inbox.connector.read(message)]
    assert [update.incomplete for update in updates].count(True) == 2
    assert merge_all(update.state for update in updates).kitchen is Kitchen.CANCELLED


@pytest.mark.asyncio
async def test_events_of_another_kind_are_kept_and_ignored(line: Line, payload: Callable[[str], Any]) -> None:
    message = Message("k", "event", b'{"event": "menu.upload_result", "body": {}}', 0)
    with pytest.raises(UnknownMessageError, match=r"not used here"):
        line.connect().read(message)
    assert payload("menu.upload_result")["event"] == "menu.upload_result"
