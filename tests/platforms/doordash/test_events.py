"""At the door: who is believed, what is answered, what is remembered, and what a relay says in our place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.platforms.api import ForgedWebhookError, ProtocolError, TakesWebhooks
from app.platforms.doordash import platform
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.events import Kind, push_of

from .conftest import AT, push

MS = int(AT * 1000)


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("order_create", Kind.ORDER, 202),
        ("order_create_dish_for_nothing", Kind.ORDER, 202),
        ("order_adjusted", Kind.ADJUSTED, 200),
        ("order_cancelled", Kind.CANCELLED, 200),
        ("order_cancelled_in_envelope", Kind.CANCELLED, 200),
        ("order_released", Kind.RELEASED, 200),
        ("dasher_arrived_at_store", Kind.DASHER, 200),
        ("dasher_confirmed_flat", Kind.DASHER, 200),
        ("menu_status", Kind.OTHER, 200),
    ],
)
def test_every_push_is_told_apart_and_answered_alike_by_counter_and_relay(
    deaf: DoorDashConnector, payload: Callable[[str], Any], name: str, kind: Kind, status: int
) -> None:
    """A new order is never answered 200: that would accept it."""
    request = push(payload(name))
    received = deaf.receive(request)
    assert platform.relay_reply
    assert received.reply == platform.relay_reply(request)
    assert (received.reply.status, received.reply.body) == (status, b"{}")
    (message,) = received.messages
    assert message.kind.partition("@")[0] == kind == push_of(request.body).kind
    assert message.body == request.body


def test_an_order_we_cannot_read_is_still_to_be_decided(deaf: DoorDashConnector) -> None:
    received = deaf.receive(push({"event": {"type": "OrderCreate", "status": "NEW"}, "order": "?"}))
    assert received.reply.status == 202
    with pytest.raises(ProtocolError, match="form"):
        deaf.read(received.messages[0])


def test_a_bare_order_is_an_order(deaf: DoorDashConnector, payload: Callable[[str], Any]) -> None:
    """Without its event: some middlemen leave it out."""
    received = deaf.receive(push({"order": payload("order_create")["order"]}))
    assert received.reply.status == 202
    assert deaf.read(received.messages[0])[0].facts


def test_a_flat_release_is_no_cancellation(deaf: DoorDashConnector) -> None:
    assert push_of(b'{"external_order_id": "1", "released_at": "2026-01-01T18:00:00Z"}').kind is Kind.OTHER
    assert push_of(b'{"external_order_id": "1"}').kind is Kind.CANCELLED
    assert push_of(b'{"event": {"type": "Surprise"}, "external_order_id": "1"}').kind is Kind.OTHER


def test_only_the_token_vouches_and_its_lack_stores_nothing(deaf: DoorDashConnector, payload: Callable[[str], Any]) -> None:
    genuine = push(payload("order_create"))
    assert isinstance(deaf, TakesWebhooks)
    for wrong in ("", "Bearer wrong", "practice-hook-toke"):
        with pytest.raises(ForgedWebhookError):
            deaf.receive(replace(genuine, headers={"authorization": wrong}))
    with pytest.raises(ForgedWebhookError):
        deaf.receive(replace(genuine, headers={}))
    assert deaf.receive(replace(genuine, headers={"authorization": "Bearer practice-hook-token"})).messages


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused_by_counter_and_relay(deaf: DoorDashConnector, body: bytes) -> None:
    assert platform.relay_reply
    for ask in (deaf.receive, platform.relay_reply):
        with pytest.raises(ProtocolError, match="JSON"):
            ask(push(body))


def test_a_menu_pull_is_not_answered_with_an_empty_menu(deaf: DoorDashConnector) -> None:
    with pytest.raises(ProtocolError, match="POST"):
        deaf.receive(push(b"", method="GET"))


def test_an_order_told_twice_is_one_message(deaf: DoorDashConnector, payload: Callable[[str], Any]) -> None:
    """DoorDash wants it told apart by the order's number; the first arrival stays its time, also if the second differs."""
    content = payload("order_create")
    (first,) = deaf.receive(push(content)).messages
    content["order"]["tax"] = "240"
    (second,) = deaf.receive(push(content)).messages
    assert first == second


def test_versions_are_dashers_own_time_or_the_arrival_and_of_one_order_never_go_back(
    deaf: DoorDashConnector, payload: Callable[[str], Any]
) -> None:
    def version(content: Any, later: float = 0.0) -> int:
        arrived = replace(push(content), received=datetime.fromtimestamp(AT + later, UTC))
        return deaf.receive(arrived).messages[0].version

    assert version(payload("order_create")) == MS
    assert version(payload("order_released"), -5.0) == MS + 1  # our clock was put back meanwhile
    assert version(payload("menu_status"), 2.0) == MS + 2_000
    dasher = payload("dasher_confirmed_flat")
    assert version(dasher) == MS + 300_000
    for at in (None, "", "yesterday", 7):
        assert version({**dasher, "created_at": at}) < MS + 1_000
