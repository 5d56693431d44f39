"""Commands: one sparse update with the latest version, decided anew when the order moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import DEAD, Delivery, Kitchen, Payment
from app.domain.orders import Fulfilment
from app.platforms.api import ProtocolError, RejectedError, TemporaryError
from app.platforms.simulation import Faults, PretendLine, PretendOrder
from app.platforms.square.connector import SquareConnector
from app.platforms.square.mapping import order_of
from app.platforms.square.simulated_orders import Placed
from app.platforms.square.steps import change_for
from tests.platforms.lines import send

from .conftest import Line

Payload = Callable[[str], Any]
NOW = datetime(2026, 1, 1, 18, tzinfo=UTC)


def change(order: Any, kind: CommandKind, **more: Any) -> dict[str, Any] | None:
    return change_for(order_of(order), Command(kind, "O1", key="k", **more), NOW)


def fulfilments(found: dict[str, Any] | None) -> list[dict[str, Any]]:
    assert found
    changed: list[dict[str, Any]] = found["order"]["fulfillments"]
    return changed


def test_one_sparse_update(payload: Payload) -> None:
    found = change(payload("order.placed"), CommandKind.ACCEPT)
    assert found
    assert found["order"] == {"location_id": "L1", "version": 3, "fulfillments": [{"uid": "f1", "state": "RESERVED"}]}
    assert 0 < len(found["idempotency_key"]) <= 45


@pytest.mark.parametrize(
    ("event", "kind", "state"),
    [
        ("placed", CommandKind.ACCEPT, "RESERVED"),
        ("placed", CommandKind.READY, "PREPARED"),
        ("accepted", CommandKind.READY, "PREPARED"),
        ("ready", CommandKind.COMPLETE, "COMPLETED"),
        ("placed", CommandKind.REJECT, "CANCELED"),
        ("ready", CommandKind.CANCEL, "CANCELED"),
        ("accepted", CommandKind.ACCEPT, None),
        ("ready", CommandKind.ACCEPT, None),
        ("picked_up", CommandKind.READY, None),
        ("picked_up", CommandKind.COMPLETE, None),
        ("cancelled_after_payment", CommandKind.CANCEL, None),
        ("expired", CommandKind.REJECT, None),
    ],
)
def test_steps(payload: Payload, event: str, kind: CommandKind, state: str | None) -> None:
    found = change(payload(f"order.{event}"), kind)
    assert (found and [one["state"] for one in fulfilments(found)]) == (state and [state])


@pytest.mark.parametrize(
    ("event", "kind", "words"),
    [
        ("accepted", CommandKind.REJECT, "already accepted"),
        ("picked_up", CommandKind.CANCEL, "completed"),
        ("cancelled_after_payment", CommandKind.ACCEPT, "cancelled"),
        ("cancelled.unpaid", CommandKind.READY, "cancelled"),
        ("expired", CommandKind.ACCEPT, "expired"),
        ("placed", CommandKind.HAND_OVER, "no such command"),
    ],
)
def test_what_cannot_be_any_more_is_refused_here(payload: Payload, event: str, kind: CommandKind, words: str) -> None:
    with pytest.raises(RejectedError, match=words):
        change(payload(f"order.{event}"), kind)


def test_an_order_of_the_till_cannot_be_changed(payload: Payload) -> None:
    order = payload("order.placed")
    del order["version"]
    with pytest.raises(RejectedError, match=r"lets no program change"):
        change(order, CommandKind.ACCEPT)


def test_an_unknown_state_is_left_alone(payload: Payload) -> None:
    order = payload("order.placed")
    order["fulfillments"][0]["state"] = "TELEPORTED"
    with pytest.raises(RejectedError, match=r"TELEPORTED"):
        change(order, CommandKind.ACCEPT)


def test_every_living_part_that_lags_is_moved(payload: Payload) -> None:
    order = payload("order.placed")
    part = order["fulfillments"][0]
    states = ("PROPOSED", "PREPARED", "CANCELED")
    order["fulfillments"] = [{**part, "uid": f"f{number}", "state": state} for number, state in enumerate(states)]
    assert [one["uid"] for one in fulfilments(change(order, CommandKind.ACCEPT))] == ["f0"]
    assert [one["uid"] for one in fulfilments(change(order, CommandKind.REJECT))] == ["f0", "f1"]


def test_a_promised_time_is_told_for_what_is_wanted_at_once(payload: Payload) -> None:
    order, ready = payload("order.placed"), NOW + timedelta(minutes=35, seconds=10)
    (asap,) = fulfilments(change(order, CommandKind.ACCEPT, ready_at=ready))
    assert asap["pickup_details"] == {"prep_time_duration": "PT35M"}
    order["fulfillments"][0]["pickup_details"]["schedule_type"] = "SCHEDULED"
    (scheduled,) = fulfilments(change(order, CommandKind.ACCEPT, ready_at=ready))
    assert "pickup_details" not in scheduled


@given(st.sampled_from(RejectReason), st.text(max_size=200))
def test_a_reason_fits_its_field(reason: RejectReason, text: str) -> None:
    order: dict[str, Any] = {"id": "O1", "state": "OPEN", "version": 1, "created_at": "2026-01-01T18:00:00Z"}
    order["total_money"] = {"amount": 0, "currency": "USD"}
    order["fulfillments"] = [{"uid": "f", "type": "DELIVERY", "state": "PROPOSED"}]
    (one,) = fulfilments(change(order, CommandKind.REJECT, reason=reason, text=text))
    assert 0 < len(one["delivery_details"]["cancel_reason"]) <= 100


def test_a_key_is_for_one_change_of_one_version(payload: Payload) -> None:
    order = payload("order.placed")
    keys = [(change(order, CommandKind.ACCEPT) or {})["idempotency_key"] for _ in range(2)]
    keys.append((change({**order, "version": 4}, CommandKind.ACCEPT) or {})["idempotency_key"])
    keys.append((change(order, CommandKind.READY) or {})["idempotency_key"])
    assert len(set(keys)) == 3


class Meddler:
    """Somebody at Square's own device acts between our reading and our change."""

    def __init__(self, line: Line, monkeypatch: pytest.MonkeyPatch, act: Callable[[Placed], None], times: int = 1) -> None:
        self.puts, self._left = 0, times
        plain = line.simulator.shop.update

        def update(order: Placed, asked: Any) -> list[str]:
            self.puts += 1
            if self._left:
                self._left -= 1
                act(order)
            return plain(order, asked)

        monkeypatch.setattr(line.simulator.shop, "update", update)


async def test_a_version_mismatch_is_decided_anew(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = line.simulator.place()
    meddler = Meddler(line, monkeypatch, line.simulator.shop.touch)
    found = await send(line.connect(), CommandKind.ACCEPT, order_id)
    assert (found.kitchen, meddler.puts, line.order(order_id).commands) == (Kitchen.ACCEPTED, 2, ["RESERVED"])
    refused = [record.detail["code"] for record in line.simulator.records if record.what == "refused"]
    assert refused == ["VERSION_MISMATCH"]


async def test_an_order_that_was_moved_on_meanwhile_is_not_asked_again(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = line.simulator.place()
    meddler = Meddler(line, monkeypatch, lambda order: line.simulator.shop.end(order, "COMPLETED"))
    found = await send(line.connect(), CommandKind.ACCEPT, order_id)
    assert (found.kitchen, meddler.puts, line.order(order_id).commands) == (Kitchen.COMPLETED, 1, [])


async def test_an_order_that_died_meanwhile_is_refused(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = line.simulator.place()
    meddler = Meddler(line, monkeypatch, lambda order: line.simulator.shop.end(order, "CANCELED"))
    with pytest.raises(RejectedError, match=r"cancelled"):
        await send(line.connect(), CommandKind.ACCEPT, order_id)
    assert meddler.puts == 1


async def test_an_order_that_never_rests_is_tried_another_time(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = line.simulator.place()
    meddler = Meddler(line, monkeypatch, line.simulator.shop.touch, times=99)
    with pytest.raises(TemporaryError, match=r"at the same time"):
        await send(line.connect(), CommandKind.ACCEPT, order_id)
    assert meddler.puts == 2


async def test_a_lost_answer_is_looked_for_before_anything_is_repeated(line: Line) -> None:
    connector, order_id = line.connect(), line.simulator.place()
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await send(connector, CommandKind.ACCEPT, order_id)
    line.simulator.faults = Faults()
    line.simulator.shop.update(line.order(order_id), _accepting(line.order(order_id)))
    assert (await send(connector, CommandKind.ACCEPT, order_id)).kitchen is Kitchen.ACCEPTED
    assert line.order(order_id).commands == []


def _accepting(order: Placed) -> dict[str, Any]:
    """What a try that was carried out unheard had asked for."""
    parts = [{"uid": order.body["fulfillments"][0]["uid"], "state": "RESERVED"}]
    return {"idempotency_key": "lost", "order": {"version": order.body["version"], "fulfillments": parts}}


async def test_the_whole_way_of_a_delivery(line: Line) -> None:
    wish = PretendOrder(
        (PretendLine("Ramen", 1500),), fulfilment=Fulfilment.DELIVERY, customer="Dana W", address="8 Sample Street"
    )
    connector, order_id = line.connect(), line.simulator.place(wish)
    ways = [
        (found.kitchen, found.delivery)
        for kind in (CommandKind.ACCEPT, CommandKind.READY, CommandKind.COMPLETE)
        for found in [await send(connector, kind, order_id)]
    ]
    assert ways == [
        (Kitchen.ACCEPTED, Delivery.ASSIGNED),
        (Kitchen.READY, Delivery.ASSIGNED),
        (Kitchen.COMPLETED, Delivery.DELIVERED),
    ]
    assert line.order(order_id).body["state"] == "COMPLETED"


async def test_a_refused_order_says_why_and_keeps_its_money(line: Line) -> None:
    connector, order_id = line.connect(), line.simulator.place()
    found = await send(connector, CommandKind.REJECT, order_id, reason=RejectReason.SOLD_OUT, text="no eggs")
    assert found.kitchen in DEAD
    assert (found.reason, found.payment) == ("Sold out: no eggs", Payment.PAID)


async def test_an_order_that_cannot_be_read_is_not_touched(line: Line) -> None:
    connector, order_id = line.connect(), line.simulator.place()
    line.order(order_id).body["total_money"] = None
    with pytest.raises(ProtocolError, match=r"Not an order in Square's form: total_money"):
        await connector.send(Command(CommandKind.ACCEPT, order_id, key="k"))
    assert line.order(order_id).commands == []


def test_a_connector_has_what_square_has() -> None:
    names = {name for name in dir(SquareConnector) if not name.startswith("_")}
    assert {"list_day", "items", "set_available", "refund", "settlement", "receive"} <= names
    assert not {"shop", "set_shop", "reviews", "locate_courier", "acknowledge"} & names
    assert json.dumps(sorted(names))
