"""The connector against the simulator over real HTTP: the queue, the sweep, webhooks, commands, bad lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.orders import Fulfilment
from app.platforms.api import (
    AcknowledgesMessages,
    AuthError,
    Connector,
    ForgedWebhookError,
    Message,
    ProtocolError,
    RejectedError,
    Settings,
    TakesWebhooks,
    TemporaryError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.hubrise.connector import EVENTS_PER_POLL, HubRiseConnector
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from tests.platforms.lines import forget

from .conftest import Line

SECRET = "hubrise-client-secret-1"
VECTOR_1 = (
    '{"id":"ks8f6","resource_type":"order","event_type":"create","created_at":"2026-01-01T12:00:00+01:00",'
    '"location_id":"3r4s3-1","order_id":"5dpm9"}'
)
SIGNATURE_1 = "607556c745a4274276c7890a3bdf09e3d4218474db9b2f3e044402752f103087"
DISH = PretendLine("Ramen", 1290)


def kinds(messages: tuple[Message, ...]) -> list[str]:
    return [message.kind for message in messages]


async def settled(connector: HubRiseConnector) -> str:
    """A cursor after the first sweep, with the callback registered."""
    return (await connector.fetch_orders("")).cursor


def commanded(line: Line, order_id: str) -> list[str]:
    return line.simulator.wire.commands.get(order_id, [])


# -- webhooks


def offline(secret: str = SECRET) -> HubRiseConnector:
    return HubRiseConnector(Settings(1, {"client_secret": secret}, forget), httpx.AsyncClient())


def pushed(body: str, signature: str) -> WebhookRequest:
    return WebhookRequest("POST", "/", {}, {"x-hubrise-hmac-sha256": signature}, body.encode())


def test_a_signed_event_is_taken_and_answered_with_200() -> None:
    received = offline().receive(pushed(VECTOR_1, SIGNATURE_1))
    (message,) = received.messages
    assert (message.key, message.kind, message.order_id) == ("event:ks8f6", "event", "5dpm9")
    assert message.body == VECTOR_1.encode()
    assert received.reply == WebhookReply(200, b"")


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        ("{}", "960bc03cdabdf643e534cdc409ee6edd6e348f94e4d974454f3bc191c122ef97"),
        ('{"customer_notes":"sans crème"}', "07c2ede82dd5113f0ef04da7ddfe3f9046d9d03f933416da430f0b0d7075bc54"),
    ],
)
def test_a_true_signature_over_no_event_is_a_protocol_error(body: str, signature: str) -> None:
    with pytest.raises(ProtocolError):
        offline().receive(pushed(body, signature))


@pytest.mark.parametrize("signature", ["", SIGNATURE_1.upper(), SIGNATURE_1[:-1] + "8", "é"])
def test_any_other_signature_is_a_forgery(signature: str) -> None:
    with pytest.raises(ForgedWebhookError):
        offline().receive(pushed(VECTOR_1, signature))


def test_without_a_secret_nothing_is_genuine() -> None:
    empty_key = "d6a5f2d4d5d0a6f3b5d1a0b0c0f0e0d0c0b0a09080706050403020100f0e0d0c"
    with pytest.raises(ForgedWebhookError):
        offline("").receive(pushed("", empty_key))


def test_the_abilities_are_declared_by_their_methods() -> None:
    connector = offline()
    assert isinstance(connector, Connector)
    assert isinstance(connector, AcknowledgesMessages)
    assert isinstance(connector, TakesWebhooks)


# -- the queue and the sweep


async def test_the_passive_callback_is_registered_once(line: Line) -> None:
    await settled(line.connect())
    console = line.simulator.door.connections[line.simulator.credentials["access_token"]]
    assert console.callback == {
        "url": None,
        "events": {"order": ["create", "update"], "delivery": ["create", "update"]},
    }
    known = console.callback
    await settled(line.connect())
    assert console.callback is known  # replacing it could drop the queue


async def test_a_relay_gets_an_active_callback(line: Line) -> None:
    await settled(line.connect(callback_url="https://relay.example/hubrise"))
    callback = (await line.call("GET", "/callback")).json()
    assert callback["url"] == "https://relay.example/hubrise"


async def test_an_order_from_before_the_callback_is_found_by_the_sweep(line: Line) -> None:
    order_id = line.simulator.place()
    page = await line.connect().fetch_orders("")
    assert [(message.kind, message.order_id) for message in page.messages] == [("order", order_id)]


async def test_events_are_listed_until_they_are_acknowledged(line: Line) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    order_id = line.simulator.place()
    first = await connector.fetch_orders(cursor)
    assert [(message.kind, message.order_id) for message in first.messages] == [("event", order_id)]
    assert (await connector.fetch_orders(first.cursor)).messages == first.messages
    await connector.acknowledge(first.messages)
    await connector.acknowledge(first.messages)  # acknowledged by an earlier try: no error
    assert (await connector.fetch_orders(first.cursor)).messages == ()


async def test_an_unchanged_order_has_the_same_key_in_every_sweep(line: Line) -> None:
    line.simulator.place()
    first, again = await line.connect().fetch_orders(""), await line.connect().fetch_orders("")
    assert first.messages[0].key == again.messages[0].key
    assert (await line.connect().fetch_order(first.messages[0].order_id)).key == first.messages[0].key


async def test_a_flood_of_events_comes_in_portions(line: Line) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    placed = [line.simulator.place() for _ in range(EVENTS_PER_POLL + 5)]
    first = await connector.fetch_orders(cursor)
    assert first.more
    await connector.acknowledge(first.messages)
    rest = await connector.fetch_orders(first.cursor)
    assert not rest.more
    assert {message.order_id for message in first.messages + rest.messages} == set(placed)


async def test_one_unreadable_event_holds_up_no_other(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    bad, good = line.simulator.place(), line.simulator.place()
    whole = connector._client.event

    async def event(event_id: str) -> Any:
        answer = await whole(event_id)
        if answer.body["order_id"] == bad:
            raise TemporaryError("HTTP 500")
        return answer

    monkeypatch.setattr(connector._client, "event", event)
    page = await connector.fetch_orders(cursor)
    assert [message.order_id for message in page.messages] == [good]
    await connector.acknowledge(page.messages)
    with pytest.raises(TemporaryError):  # nothing else left: now it is said aloud
        await connector.fetch_orders(page.cursor)
    monkeypatch.undo()
    assert [message.order_id for message in (await connector.fetch_orders(page.cursor)).messages] == [bad]


async def test_an_event_without_the_documented_form_is_stored_to_be_shown(line: Line) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    order_id = line.simulator.place()
    console = line.simulator.door.connections[line.simulator.credentials["access_token"]]
    (event,) = console.queue.values()
    del event["created_at"]
    (message,) = (await connector.fetch_orders(cursor)).messages
    assert json.loads(message.body)["order_id"] == order_id
    with pytest.raises(ProtocolError, match="created_at"):
        connector.read(message)


async def test_events_survive_a_sweep_that_fails(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    await settled(line.connect())
    order_id = line.simulator.place()
    connector = line.connect()

    async def orders(_: object) -> Any:
        raise TemporaryError("too many heavy calls")

    monkeypatch.setattr(connector._client, "orders", orders)
    page = await connector.fetch_orders("")
    assert ([message.order_id for message in page.messages], page.cursor) == ([order_id], "")


async def test_a_dead_page_token_begins_the_sweep_again(line: Line) -> None:
    placed = {line.simulator.place() for _ in range(3)}
    cursor = json.dumps({"page": "bm9uc2Vuc2U=", "began": 5.0, "after": 1_767_265_205.0})
    page = await line.connect().fetch_orders(cursor)
    assert {message.order_id for message in page.messages} == placed


async def test_our_own_change_brings_no_event(line: Line) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    order_id = line.simulator.place()
    await connector.acknowledge((await connector.fetch_orders(cursor)).messages)
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    assert (await connector.fetch_orders(cursor)).messages == ()


async def test_courier_steps_arrive_as_events(line: Line) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    order_id = line.simulator.place(PretendOrder((DISH,)))
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    seen = []
    for step in (Happening.COURIER_ASSIGNED, Happening.COURIER_AT_STORE, Happening.COURIER_PICKED_UP, Happening.DELIVERED):
        line.simulator.happen(order_id, step)
        page = await connector.fetch_orders(cursor)
        updates = [update for message in page.messages for update in connector.read(message)]
        seen.append([update.delivery for update in updates if update.facts is None][-1])
        await connector.acknowledge(page.messages)
    assert seen == [Delivery.ASSIGNED, Delivery.AT_STORE, Delivery.PICKED_UP, Delivery.DELIVERED]


async def test_a_changed_order_brings_its_new_dishes(line: Line) -> None:
    connector = line.connect()
    cursor = await settled(connector)
    order_id = line.simulator.place(PretendOrder((DISH, PretendLine("Thé", 320))))
    line.simulator.happen(order_id, Happening.CHANGE)
    (update,) = connector.read((await connector.fetch_orders(cursor)).messages[-1])
    assert update.facts
    assert [line.name for line in update.facts.lines] == ["Ramen"]
    assert (update.facts.total.minor, update.facts.checks) == (1290, ())


# -- commands


async def test_a_delivery_order_goes_all_its_way(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(PretendOrder((DISH,)))
    at = datetime(2030, 1, 1, 12, tzinfo=UTC)
    reached = []
    for kind in (CommandKind.RECEIVED, CommandKind.ACCEPT, CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE):
        update = await connector.send(Command(kind, order_id, ready_at=at))
        assert update
        assert update.facts
        reached.append((update.kitchen, update.facts.due_at))
    assert [kitchen for kitchen, _ in reached] == [
        Kitchen.NEW,
        Kitchen.ACCEPTED,
        Kitchen.READY,
        Kitchen.HANDED_OVER,
        Kitchen.COMPLETED,
    ]
    assert [due for _, due in reached[1:]] == [at] * 4
    assert commanded(line, order_id) == ["received", "accepted", "awaiting_shipment", "in_delivery", "completed"]


async def test_handing_a_collection_over_completes_it(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(PretendOrder((DISH,), fulfilment=Fulfilment.PICKUP))
    await connector.send(Command(CommandKind.READY, order_id))
    update = await connector.send(Command(CommandKind.HAND_OVER, order_id))
    assert update
    assert update.kitchen is Kitchen.COMPLETED
    assert commanded(line, order_id) == ["awaiting_collection", "completed"]


async def test_a_late_step_of_an_order_that_is_further_along_is_success(line: Line) -> None:
    order_id = line.simulator.place(PretendOrder((DISH,)))
    connector = line.connect()
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    line.simulator.happen(order_id, Happening.COURIER_PICKED_UP)
    update = await connector.send(Command(CommandKind.READY, order_id))
    assert update
    assert update.kitchen is Kitchen.HANDED_OVER
    assert commanded(line, order_id) == ["accepted"]


async def test_a_cancelled_order_is_never_revived(line: Line) -> None:
    order_id = line.simulator.place()
    line.simulator.happen(order_id, Happening.CANCEL, reason="Client injoignable")
    for kind in (CommandKind.RECEIVED, CommandKind.ACCEPT, CommandKind.READY, CommandKind.COMPLETE):
        with pytest.raises(RejectedError, match="Client injoignable"):
            await line.connect().send(Command(kind, order_id))
    assert commanded(line, order_id) == []


async def test_a_refusal_reaches_the_sender_in_words(line: Line) -> None:
    order_id = line.simulator.place()
    update = await line.connect().send(Command(CommandKind.REJECT, order_id, reason=RejectReason.CLOSED, text="jour férié"))
    assert update
    assert (update.kitchen, update.reason) == (Kitchen.REJECTED, "Restaurant closed: jour férié")


async def test_after_a_lost_answer_the_platform_is_asked_first(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PATCH is carried out, its answer lost: one look, no second PATCH."""
    order_id = line.simulator.place()
    lost = Faults(lose_reply=1.0)
    answered = line.simulator.answered

    def once(request: Any, *carried: Any) -> Any:
        line.simulator.faults = lost if request.method == "PATCH" else Faults()
        return answered(request, *carried)

    monkeypatch.setattr(line.simulator, "answered", once)
    update = await line.connect().send(Command(CommandKind.ACCEPT, order_id))
    assert update
    assert update.kitchen is Kitchen.ACCEPTED
    assert commanded(line, order_id) == ["accepted"]
    assert [record.detail["fault"] for record in line.simulator.records if record.what == "faulted"] == ["lose_reply"]


async def test_a_call_that_broke_before_anything_was_done_may_be_repeated(line: Line) -> None:
    order_id = line.simulator.place()
    connector = line.connect()
    line.simulator.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(CommandKind.ACCEPT, order_id))
    line.simulator.faults = Faults()
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    assert commanded(line, order_id) == ["accepted"]


async def test_a_business_refusal_is_told_in_hubrises_words(line: Line) -> None:
    order_id = line.simulator.place()
    line.simulator.faults = Faults(refuse=1.0)
    with pytest.raises(RejectedError, match="Validation failed · status: is refused today") as caught:
        await line.connect().send(Command(CommandKind.ACCEPT, order_id))
    assert caught.value.code == "unprocessable_entity"


async def test_a_throttled_call_says_when_the_next_window_opens(line: Line) -> None:
    line.simulator.faults = Faults(throttle=1.0)
    with pytest.raises(TemporaryError) as caught:
        await line.connect().verify()
    assert caught.value.retry_after is not None
    assert 0 <= caught.value.retry_after <= 60 / line.simulator.speed


# -- signing in


async def test_verify_learns_the_location(line: Line) -> None:
    shop = await line.connect().verify()
    assert shop.title
    assert shop.values == {"location_id": "3r4s3-1", "location_name": shop.title}


async def test_a_revoked_token_needs_a_person(line: Line) -> None:
    credentials = line.simulator.credentials
    basic = (credentials["client_id"], credentials["client_secret"])
    connector = line.connect()
    await connector.verify()
    address = f"{line.simulator.address}/oauth2/v1/revoke"
    await line.client.post(address, data={"token": credentials["access_token"]}, auth=basic)
    with pytest.raises(AuthError, match="revoked"):
        await connector.fetch_orders("")


async def test_without_a_token_nobody_is_called() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: pytest.fail("called"))) as client:
        with pytest.raises(AuthError):
            await HubRiseConnector(Settings(1, {}, forget), client).verify()


@pytest.mark.parametrize(
    "answer", [httpx.Response(200, json=[]), httpx.Response(200, text="<html>", headers={"content-type": "text/html"})]
)
async def test_a_captive_portal_is_no_hubrise(answer: httpx.Response) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as client:
        with pytest.raises(ProtocolError):
            await HubRiseConnector(Settings(1, {"access_token": "t"}, forget), client).verify()


def test_the_basic_header_of_the_documentation() -> None:
    """The vector for `client_id:client_secret`, as httpx builds it for `sign_in.exchange`."""
    request = httpx.Request("POST", "https://example.test")
    flow = httpx.BasicAuth("client_id", "client_secret").auth_flow(request)
    assert next(flow).headers["Authorization"] == "Basic Y2xpZW50X2lkOmNsaWVudF9zZWNyZXQ="
    assert base64.b64decode("Y2xpZW50X2lkOmNsaWVudF9zZWNyZXQ=") == b"client_id:client_secret"


async def test_the_default_hosts_are_hubrises(payload: Callable[[str], Any]) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url} {request.headers['x-access-token']}")
        return httpx.Response(200, json=payload("order_fetched"))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        message = await HubRiseConnector(Settings(1, {"access_token": "t"}, forget), client).fetch_order("a/b")
    assert asked == ["GET https://api.hubrise.com/v1/location/orders/a%2Fb t"]
    assert message.order_id == "5dpm9"
