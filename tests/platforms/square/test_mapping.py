"""Square's orders and events in the counter's words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen, Payment, merge_all
from app.domain.money import Money
from app.domain.orders import ChargeKind, Fulfilment, OrderFacts, Party
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.square.mapping import Reading, call_number, order_of, read
from app.platforms.square.simulated_orders import from_wish, oddly, random_wish

from .conftest import VERSION

Update = Callable[..., OrderUpdate]
Payload = Callable[[str], Any]
NOON = datetime(2026, 1, 1, 18, tzinfo=UTC)


def usd(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "USD"}


def facts(found: OrderUpdate) -> OrderFacts:
    assert found.facts
    return found.facts


def event(payload: Payload, name: str, reading: Reading | None = None, **changed: Any) -> OrderUpdate:
    body = payload(f"event.{name}")
    (inner,) = body["data"]["object"].values()
    inner |= changed
    (found,) = read(Message("k", "event", json.dumps(body).encode(), 7), reading or Reading())
    return found


def test_a_new_order(update: Update) -> None:
    found = update("order.placed", Reading("Noodle bar", "L1"))
    assert (found.order_id, found.version) == ("CAISENgvlJ6jLWAzERDzjyHVybY", VERSION + 4000)
    assert (found.kitchen, found.payment, found.delivery, found.unmapped) == (Kitchen.NEW, Payment.PAID, None, "")
    told = facts(found)
    assert (told.number, told.reference, told.fulfilment) == ("A-104", "A-104", Fulfilment.PICKUP)
    assert (told.placed_at, told.due_at, told.scheduled) == (NOON, datetime(2026, 1, 1, 18, 25, tzinfo=UTC), False)
    assert (told.total, told.note, told.shop, told.source) == (
        Money(3540, "USD"),
        "Call on arrival",
        "Noodle bar",
        "Square Online",
    )
    (line,) = told.lines
    assert (line.key, line.name, str(line.quantity), line.sku, line.note) == (
        "li1",
        "Ramen (Large)",
        "2",
        "VAR1",
        "No egg (allergy)",
    )
    assert (line.unit_price, line.total) == (Money(1300, "USD"), Money(3000, "USD"))
    assert [(one.name, one.quantity, one.price) for one in line.options] == [("Extra noodles", 1, Money(200, "USD"))]
    assert [(one.kind, one.amount.minor) for one in told.charges] == [(ChargeKind.TIP, 300), (ChargeKind.TAX, 240)]
    assert (told.difference(), told.checks, told.customer.name) == (Money(0, "USD"), (), "Dana W")


def test_a_delivery(update: Update) -> None:
    found = update("order.delivery")
    told = facts(found)
    assert (found.kitchen, found.delivery) == (Kitchen.ACCEPTED, Delivery.ASSIGNED)
    assert found.courier
    assert (found.courier.name, found.courier.phone) == ("DoorDash", "+18550000000")
    assert found.courier.eta == datetime(2026, 1, 1, 19, 40, tzinfo=UTC)
    assert (told.number, told.reference) == ("42", "sQr0aBcDeFgHiJkLmNoPqRsTuZY")
    assert (told.scheduled, told.due_at) == (True, datetime(2026, 1, 1, 20, tzinfo=UTC))
    assert told.note == "nut allergy\nRing twice\nLeave it at the door"
    assert told.customer.name == "Omid K."
    assert told.customer.phone == "+155****0100"
    assert told.customer.address == "8 Sample Street, Flat 2, 00000 Springfield"
    assert [(line.name, str(line.quantity), line.unit_price.minor, line.total.minor) for line in told.lines] == [
        ("Broccoli", "2.25", 400, 900),
        ("Gyoza", "1", 700, 700),
    ]
    assert [one.name for one in told.lines[1].options] == ["Ponzu"]  # none of the other was ordered


def test_charges_by_name_and_kind(update: Update) -> None:
    told = facts(update("order.delivery"))
    assert [(one.kind, one.name, one.amount.minor, one.borne_by) for one in told.charges] == [
        (ChargeKind.DISCOUNT, "Welcome", -160, Party.SHOP),
        (ChargeKind.DELIVERY, "Delivery fee", 399, Party.CUSTOMER),
        (ChargeKind.TIP, "Group of six", 250, Party.CUSTOMER),
        (ChargeKind.PACKAGING, "Bag", 10, Party.CUSTOMER),
        (ChargeKind.SERVICE, "Small order", 100, Party.CUSTOMER),
        (ChargeKind.OTHER, "Rounding", 1, Party.CUSTOMER),
        (ChargeKind.TAX, "Sales tax", 115, Party.CUSTOMER),
    ]
    assert (told.difference().minor, told.checks, told.paid) == (0, (), True)


def test_squares_own_figure_beats_entries_that_do_not_make_it_up(update: Update) -> None:
    told = facts(update("order.delivery", discounts=[{"name": "Welcome"}, {"name": "Friend", "applied_money": usd(10)}]))
    assert [(one.name, one.amount.minor) for one in told.charges if one.kind is ChargeKind.DISCOUNT] == [
        ("Welcome, Friend", -160)
    ]


@pytest.mark.parametrize(
    ("name", "currency", "tax"), [("order.tax_included.europe", "GBP", []), ("order.tax_included.japan", "JPY", [100])]
)
def test_a_tax_within_the_price_counts_once(update: Update, name: str, currency: str, tax: list[int]) -> None:
    told = facts(update(name))
    assert told.currency == currency
    assert [one.amount.minor for one in told.charges] == tax
    assert (told.difference().minor, told.checks) == (0, ())


@pytest.mark.parametrize(("total", "by"), [(3541, "0.01 USD"), (3301, "-2.39 USD"), (3000, "-5.40 USD")])
def test_a_difference_is_named(update: Update, total: int, by: str) -> None:
    told = facts(update("order.placed", total_money=usd(total)))
    assert told.checks == (f"total differs from dishes, fees and discounts by {by}",)
    assert str(told.difference()) == by


def test_lines_without_their_gross_sales(update: Update, payload: Payload) -> None:
    line = payload("order.placed")["line_items"][0]
    line.pop("gross_sales_money")
    assert facts(update("order.placed", line_items=[line])).lines[0].total == Money(3000, "USD")
    line.pop("base_price_money")
    told = facts(update("order.placed", line_items=[line]))
    assert told.lines[0].total == Money(3240, "USD")
    assert told.difference() == Money(0, "USD")  # the tax is in the line then
    line.pop("total_money")
    assert "a dish came without its total" in facts(update("order.placed", line_items=[line])).checks


@pytest.mark.parametrize(
    ("name", "kitchen", "payment"),
    [
        ("order.placed.unpaid", Kitchen.NEW, Payment.UNPAID),
        ("order.accepted", Kitchen.ACCEPTED, Payment.PAID),
        ("order.ready", Kitchen.READY, Payment.PAID),
        ("order.picked_up", Kitchen.COMPLETED, Payment.PAID),
        ("order.cancelled_after_payment", Kitchen.CANCELLED, Payment.PAID),
        ("order.cancelled.unpaid", Kitchen.CANCELLED, Payment.UNPAID),
        ("order.expired", Kitchen.EXPIRED, Payment.PAID),
        ("order.rejected", Kitchen.REJECTED, Payment.PAID),
        ("order.part_refunded", Kitchen.COMPLETED, Payment.PART_REFUNDED),
        ("order.refunded", Kitchen.COMPLETED, Payment.REFUNDED),
    ],
)
def test_states(update: Update, name: str, kitchen: Kitchen, payment: Payment) -> None:
    found = update(name)
    assert (found.kitchen, found.payment, found.unmapped) == (kitchen, payment, "")


def test_a_cancelled_order_says_why(update: Update) -> None:
    assert update("order.cancelled_after_payment").reason == "Sold out: no eggs"
    assert update("order.accepted").reason == ""


def test_when_an_order_ends_by_itself(update: Update) -> None:
    assert facts(update("order.expired")).decide_by == datetime(2026, 1, 1, 18, 40, tzinfo=UTC)
    assert facts(update("order.placed")).decide_by is None


def test_only_what_really_went_back_is_refunded(update: Update) -> None:
    found = update("order.part_refunded")
    assert (found.refunded, found.refunded_at) == (Money(500, "USD"), datetime(2026, 1, 2, 10, tzinfo=UTC))
    told = facts(found)
    assert told.checks == (), "what is under way is told where money goes back, not as a mistake that stays"
    assert [(one.kind, one.amount.minor) for one in told.deductions] == [(ChargeKind.COMMISSION, 133)]


def test_reports_in_any_order_of_arrival_end_alike(update: Update) -> None:
    reports = [update(f"order.{name}") for name in ("placed", "accepted", "ready", "picked_up", "part_refunded", "refunded")]
    ends = {merge_all(one.state for one in some) for some in permutations(reports)}
    assert len(ends) == 1
    end = ends.pop()
    assert (end.kitchen, end.payment) == (Kitchen.COMPLETED, Payment.REFUNDED)


def two_parts(payload: Payload, *states: str) -> list[dict[str, Any]]:
    part = payload("order.placed")["fulfillments"][0]
    return [{**part, "uid": f"f{number}", "state": state} for number, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "kitchen"),
    [
        (("PREPARED", "PROPOSED"), Kitchen.NEW),
        (("COMPLETED", "RESERVED"), Kitchen.ACCEPTED),
        (("CANCELED", "PREPARED"), Kitchen.READY),
        (("CANCELED", "COMPLETED"), Kitchen.COMPLETED),
        (("CANCELED", "FAILED"), Kitchen.REJECTED),
    ],
)
def test_of_several_parts_the_slowest_counts(
    update: Update, payload: Payload, states: tuple[str, str], kitchen: Kitchen
) -> None:
    found = update("order.placed", fulfillments=two_parts(payload, *states))
    assert found.kitchen is kitchen
    assert "leaves the shop in 2 parts: see Square" in facts(found).checks


def test_a_closed_order_can_go_no_further(update: Update) -> None:
    assert update("order.accepted", state="COMPLETED").kitchen is Kitchen.COMPLETED


@pytest.mark.parametrize("state", ["TELEPORTED", None, ""])
def test_an_unknown_state_is_kept(update: Update, payload: Payload, state: Any) -> None:
    for changed in ({"state": state}, {"fulfillments": two_parts(payload, state, "RESERVED")}):
        found = update("order.placed", **changed)
        assert (found.kitchen, found.unmapped) == (None, state or "(no status)")


@pytest.mark.parametrize(
    ("kind", "fulfilment"), [("SHIPMENT", Fulfilment.DELIVERY), ("CATAPULT", Fulfilment.PICKUP), ("", Fulfilment.PICKUP)]
)
def test_an_unknown_way_to_the_customer_is_said(update: Update, kind: str, fulfilment: Fulfilment) -> None:
    told = facts(update("order.placed", fulfillments=[{"uid": "f", "type": kind, "state": "PROPOSED"}]))
    assert (told.fulfilment, told.checks) == (fulfilment, (f"unknown service type: {kind}",))


@pytest.mark.parametrize("name", ["order.till_sale", "order.placed"])
def test_what_nobody_waits_for_is_left_alone(update: Update, name: str) -> None:
    with pytest.raises(UnknownMessageError, match=r"business"):
        update(name, **({"state": "DRAFT"} if name == "order.placed" else {}))


@pytest.mark.parametrize(
    ("ids", "number"),
    [
        ({"reference_id": "A-104"}, "A-104"),
        ({"reference_id": "web-000123456"}, "3456"),
        ({"reference_id": "", "ticket_name": "17"}, "17"),
        ({"reference_id": None, "ticket_name": "Dana"}, "yVyb"),
        ({"reference_id": None, "ticket_name": "Table number 12"}, "yVyb"),
    ],
)
def test_the_number_to_call_out(payload: Payload, ids: dict[str, Any], number: str) -> None:
    order = {**payload("order.placed"), "id": "CAISENgvlJ6jLWAzERDzjyVybZY", **ids}
    assert call_number(order_of(order)) == number


@pytest.mark.parametrize(
    "changed",
    [
        {"total_money": None},
        {"total_money": 3540},
        {"total_money": {"amount": 35.4, "currency": "USD"}},
        {"total_money": {"amount": True, "currency": "USD"}},
        {"total_money": {"amount": 3540, "currency": "dollars"}},
        {"total_money": {"currency": "USD"}},
        {"total_tip_money": {"amount": 300, "currency": "EUR"}},
        {"line_items": {}},
        {"line_items": [{"quantity": "-1"}]},
        {"line_items": [{"quantity": "nan"}]},
        {"created_at": None},
        {"created_at": "2026-01-01T18:00:00"},
        {"id": ""},
        {"version": -1},
    ],
)
def test_a_figure_or_time_that_cannot_be_right_is_not_taken(update: Update, changed: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"Not an order or event in Square's form"):
        update("order.placed", **changed)


def test_what_is_wrong_is_said_without_anybodys_words(update: Update) -> None:
    with pytest.raises(ProtocolError) as caught:
        update("order.placed", total_money="my secret")
    assert "total_money" in str(caught.value)
    assert "my secret" not in str(caught.value)


def test_an_answer_wraps_its_order(payload: Payload) -> None:
    bare, wrapped = (json.dumps(body).encode() for body in (payload("order.placed"), {"order": payload("order.placed")}))
    assert read(Message("k", "order", bare, 5), Reading()) == read(Message("k", "order", wrapped, 5), Reading())


def test_an_order_without_a_time_of_change_is_as_old_as_its_answer(update: Update) -> None:
    assert update("order.placed", updated_at=None).version == VERSION


@pytest.mark.parametrize("name", ["order.created", "order.fulfillment.updated"])
def test_events_are_worth_a_fetch(payload: Payload, name: str) -> None:
    found = event(payload, name, Reading("", "L1"))
    assert (found.order_id, found.version) == ("CAISENgvlJ6jLWAzERDzjyHVybY", 7)
    assert (found.incomplete, found.kitchen, found.facts) == (True, None, None)


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("order.updated", {}, "not used"),
        ("payment.updated", {}, "not used"),
        ("order.created", {"location_id": "L2"}, "another location"),
        ("order.created", {"state": "DRAFT"}, "business"),
    ],
)
def test_events_that_are_not_ours(payload: Payload, name: str, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(UnknownMessageError, match=words):
        event(payload, name, Reading("", "L1"), **changed)


def test_an_event_about_nothing(payload: Payload) -> None:
    with pytest.raises(ProtocolError, match=r"names no order"):
        event(payload, "order.created", order_id="")


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_drifting_types_and_lost_fields_change_nothing_that_matters(seed: int) -> None:
    chance = random.Random(seed)
    plain = from_wish(random_wish(chance), seed, NOON, chance, 1.0)
    odd = oddly(json.loads(json.dumps(plain)), chance)
    (one,), (other,) = (read(Message("k", "order", json.dumps(body).encode(), 5), Reading()) for body in (plain, odd))
    left, right = facts(one), facts(other)
    assert (left.total, left.lines, left.placed_at, left.due_at, left.note, left.customer, left.number, left.paid) == (
        right.total,
        right.lines,
        right.placed_at,
        right.due_at,
        right.note,
        right.customer,
        right.number,
        right.paid,
    )
    assert (one.kitchen, one.payment, one.version, left.checks) == (
        other.kitchen,
        other.payment,
        other.version,
        right.checks,
    )
    assert not left.difference()
    assert not left.checks
