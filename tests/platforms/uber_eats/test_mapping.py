"""Orders of both generations and events, fixture by fixture."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.notes import triage
from app.domain.orders import ChargeKind, Courier, Customer, Fulfilment, Option, OptionKind, OrderFacts
from app.domain.tickets import NoteKind
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.uber_eats import current_wire, previous_wire
from app.platforms.uber_eats.mapping import NOTICES, Reading, read

EUR = "EUR"
STORE = "c7f1dc2f-fabe-4997-845c-cad26fdcb894"
Load = Callable[[str], Message]


def only(message: Message, reading: Reading | None = None) -> OrderUpdate:
    (update,) = read(message, reading or Reading(STORE))
    return update


def facts_of(message: Message) -> OrderFacts:
    facts = only(message).facts
    assert facts
    return facts


def changed(message: Message, **fields: Any) -> Message:
    """The same order with other values of the fields it has, whichever its generation."""
    body = json.loads(message.body)
    order = body.get("order", body)
    order.update({name: value for name, value in fields.items() if name in order})
    return replace(message, body=json.dumps(body).encode())


# -- previous generation


def test_an_order_of_the_previous_generation(message: Load) -> None:
    update = only(message("previous_order_created"))
    facts = facts_of(message("previous_order_created"))
    assert (update.kitchen, update.payment, update.delivery, update.unmapped) == (Kitchen.NEW, Payment.PAID, None, "")
    assert (facts.number, facts.reference) == ("BC953", "f9f363d1-e1c2-4595-b477-c649845bc953")
    assert facts.placed_at == datetime(2026, 1, 1, 11, 0, tzinfo=UTC)
    assert facts.due_at == datetime(2026, 1, 1, 11, 20, tzinfo=UTC)
    assert facts.decide_by == facts.placed_at + timedelta(minutes=11.5)
    assert facts.customer == Customer("Lina D.", "+33 1 70 00 00 00 #555 55 555")
    assert (facts.shop, facts.note, facts.tableware, facts.scheduled) == ("Maison Ramen", "Sonner deux fois", 0, False)
    (line,) = facts.lines
    assert (line.key, line.name, line.quantity, line.sku) == ("line-1", "Ramen shoyu", Decimal(2), "PLU-100")
    assert (line.unit_price, line.total) == (Money(1300, EUR), Money(2900, EUR))
    assert line.options == (Option("Œuf mariné", price=Money(150, EUR)),)
    assert [charge.kind for charge in facts.charges] == [ChargeKind.TAX]
    assert (facts.total, facts.difference(), facts.checks) == (Money(3190, EUR), Money(0, EUR), ())


def test_own_delivery_cash_and_a_group(message: Load) -> None:
    update = only(message("previous_order_own_delivery_cash_group"))
    facts = facts_of(message("previous_order_own_delivery_cash_group"))
    assert (update.kitchen, update.payment, facts.paid) == (Kitchen.ACCEPTED, Payment.UNPAID, False)
    assert facts.customer.address == "1 rue du Test, 75001, Paris, 2e étage"
    assert [line.basket for line in facts.lines] == ["Lina", "Omar"]
    assert facts.lines[1].options == (Option("Soja", OptionKind.REMOVE),)
    assert facts.tableware == 2
    assert [(charge.name, charge.amount.minor) for charge in facts.charges] == [
        ("Delivery fee", 290),
        ("Small order fee", 150),
        ("Flatoff, Freeitem minbasket", -500),
        ("Tip", 200),  # inside the total, while the tax is inside the prices
    ]
    assert (facts.checks, facts.scheduled, facts.decide_by) == ((), True, None)


def test_currencies_without_decimals(message: Load) -> None:
    facts = facts_of(message("previous_order_yen"))
    assert (str(facts.total), str(facts.lines[0].total)) == ("3190 JPY", "2900 JPY")


def test_the_courier_who_counts_is_not_the_one_who_failed(message: Load) -> None:
    update = only(message("previous_order_courier_left"))
    assert (update.kitchen, update.delivery) == (Kitchen.HANDED_OVER, Delivery.PICKED_UP)
    eta = datetime(2026, 1, 1, 11, 16, tzinfo=UTC)
    assert update.courier == Courier("Jason", "+33 1 70 00 00 01 #222 33 444", eta)


@pytest.mark.parametrize(("word", "kitchen"), list(previous_wire.KITCHEN.items()))
def test_every_state_of_the_previous_generation_has_its_place(message: Load, word: str, kitchen: Kitchen) -> None:
    update = only(changed(message("previous_order_created"), current_state=word))
    assert (update.kitchen, update.unmapped) == (kitchen, "")


# -- current generation


def test_an_order_of_the_current_generation(message: Load) -> None:
    update = only(message("current_order_offered"))
    facts = facts_of(message("current_order_offered"))
    assert (update.kitchen, update.payment, update.delivery) == (Kitchen.NEW, Payment.PAID, Delivery.ASSIGNED)
    assert update.courier == Courier("Jason", "", datetime(2026, 1, 1, 11, 16, tzinfo=UTC))
    assert (facts.number, facts.customer.phone) == ("A1B2C", "+33170000000 #123 45 678")
    (line,) = facts.lines
    assert (line.key, line.unit_price, line.total) == ("ci-1", Money(1300, EUR), Money(1450, EUR))
    assert line.options == (Option("Œuf", price=Money(150, EUR)),)
    assert facts.total == Money(1595, EUR)
    assert not facts.difference()  # the tax is inside: nothing is added for it
    assert facts.decide_by == datetime(2026, 1, 1, 11, 11, 30, tzinfo=UTC)


def test_shapes_that_differ_from_the_pages(message: Load) -> None:
    """One object where a list is meant, a name as text, amounts nested and as text, the other spelling of requests."""
    update = only(message("current_order_scheduled_odd_shapes"))
    facts = facts_of(message("current_order_scheduled_odd_shapes"))
    assert (update.kitchen, update.delivery) == (Kitchen.NEW, Delivery.PENDING)
    assert update.courier
    assert (update.courier.name, update.courier.phone) == ("Jason S.", "+33170000001 #222 33 444")
    assert facts.lines[0].total == Money(1450, EUR)
    assert [(charge.kind, charge.amount.minor) for charge in facts.charges] == [
        (ChargeKind.SERVICE, 100),
        (ChargeKind.PACKAGING, 45),
        (ChargeKind.DISCOUNT, -200),
        (ChargeKind.TIP, 100),
    ]
    assert (facts.checks, facts.tableware, facts.note) == ((), 1, "Sonner deux fois; baguettes")
    assert facts.customer.address == "1 rue du Test, 1, 75001, Paris, 2e étage"
    assert (facts.scheduled, facts.decide_by) == (True, None)
    assert facts.due_at == datetime(2026, 1, 1, 18, 0, 0, 123456, UTC)


def test_all_of_an_allergy_is_printed_as_one(message: Load) -> None:
    """The counter splits notes at commas and full stops: a part of the warning must not become a courtesy."""
    note = facts_of(message("current_order_scheduled_odd_shapes")).lines[0].note
    assert note == "Allergy: PEANUTS / arachide / noix / Merci"
    assert [part.kind for part in triage(note)] == [NoteKind.ALLERGY]


def test_tax_on_top_is_found_where_it_explains_the_total(message: Load) -> None:
    facts = facts_of(message("current_order_tax_on_top"))
    assert [(charge.kind, charge.amount.minor) for charge in facts.charges] == [
        (ChargeKind.SERVICE, 145),
        (ChargeKind.TAX, 145),
    ]
    assert not facts.difference()


def test_food_that_is_ready_stands_in_another_field(message: Load) -> None:
    assert only(message("current_order_ready")).kitchen is Kitchen.READY
    other = changed(message("current_order_ready"), preparation_status="READY_TO_HANDOFF")
    assert only(other).kitchen is Kitchen.READY


def test_why_an_order_failed(message: Load) -> None:
    denied, failed = only(message("current_order_denied")), only(message("current_order_failed"))
    assert (denied.kitchen, denied.reason) == (Kitchen.REJECTED, "Pos denied")
    assert (failed.kitchen, failed.reason) == (Kitchen.CANCELLED, "Customer changed their mind")


@pytest.mark.parametrize(("word", "kitchen"), list(current_wire.KITCHEN.items()))
def test_every_state_of_the_current_generation_has_its_place(message: Load, word: str, kitchen: Kitchen) -> None:
    update = only(changed(message("current_order_offered"), state=word, deliveries=[]))
    assert (update.kitchen, update.unmapped) == (kitchen, "")


# -- both


BOTH = pytest.mark.parametrize("name", ["previous_order_created", "current_order_offered"])


@BOTH
def test_an_unknown_state_is_kept_and_not_guessed(message: Load, name: str) -> None:
    update = only(changed(message(name), state="TELEPORTED", current_state="TELEPORTED"))
    assert (update.kitchen, update.unmapped) == (None, "TELEPORTED")
    assert update.facts


@BOTH
def test_an_unknown_courier_state_is_kept(message: Load, name: str) -> None:
    trips = [{"id": "t", "status": "BEAMING", "current_state": "BEAMING"}]
    update = only(changed(message(name), deliveries=trips))
    assert (update.delivery, update.unmapped) == (None, "delivery BEAMING")


@BOTH
def test_an_unknown_kind_of_fulfilment_is_flagged(message: Load, name: str) -> None:
    facts = facts_of(changed(message(name), type="DRONE", fulfillment_type="DRONE"))
    assert (facts.fulfilment, facts.checks) == (Fulfilment.DELIVERY, ("unknown service type: DRONE",))


@BOTH
def test_a_dish_without_its_price_is_flagged(message: Load, name: str) -> None:
    body = json.loads(message(name).body.replace(b'"cart_item_id": "ci-1"', b'"cart_item_id": "ci-9"', 1))
    if "cart" in body:
        body["cart"]["items"][0]["price"] = None
    checks = facts_of(replace(message(name), body=json.dumps(body).encode())).checks
    assert "a dish came without its total" in checks
    assert any(text.startswith("total differs") for text in checks)


@BOTH
def test_an_order_of_another_store_is_not_ours(message: Load, name: str) -> None:
    with pytest.raises(UnknownMessageError):
        read(message(name), Reading("another"))


@BOTH
def test_a_phone_without_its_code_is_masked(message: Load, name: str) -> None:
    number = "+33612345678"
    body = changed(
        message(name),
        eater={"first_name": "L", "phone": number},
        customers=[{"name": {"display_name": "L"}, "contact": {"phone": {"number": number}}}],
    )
    assert facts_of(body).customer.phone == "+336****5678"


@BOTH
@pytest.mark.parametrize(
    "damage",
    [
        {"id": ""},
        {"created_time": "2026-01-01T11:00:00", "placed_at": "2026-01-01T11:00:00"},
        {"payment": {"charges": {}, "payment_detail": {}}},
        {"carts": "none", "cart": "none"},
    ],
)
def test_a_damaged_order_is_a_protocol_error_that_quotes_no_value(message: Load, name: str, damage: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError) as caught:
        read(changed(message(name), **damage), Reading(STORE))
    assert "Lina" not in str(caught.value)


# -- events


@pytest.mark.parametrize("kind", sorted(NOTICES))
def test_a_notice_asks_to_read_the_order(message: Load, kind: str) -> None:
    update = only(message(kind.replace(".", "_")))
    assert (update.order_id, update.facts, update.kitchen, update.incomplete) == ("order-uuid-1", None, None, True)


def test_a_cancellation_counts_at_once(message: Load) -> None:
    update = only(message("orders_cancel"))
    assert (update.kitchen, update.incomplete) == (Kitchen.CANCELLED, True)


def test_a_courier_moves(message: Load) -> None:
    update = only(message("delivery_state_changed"))
    assert (update.delivery, update.unmapped, update.incomplete) == (Delivery.AT_STORE, "", True)
    unknown = only(message("delivery_state_changed_unknown"))
    assert (unknown.delivery, unknown.unmapped) == (None, "delivery TELEPORTING")


@pytest.mark.parametrize("name", ["unknown_kind", "store_deprovisioned", "orders_notification_of_another_store"])
def test_other_events_are_kept_and_ignored(message: Load, name: str) -> None:
    with pytest.raises(UnknownMessageError):
        read(message(name), Reading(STORE))


def test_an_event_that_names_no_order_is_parked(message: Load) -> None:
    nameless = json.loads(message("orders_cancel").body) | {"meta": {"user_id": STORE}}
    with pytest.raises(ProtocolError):
        read(replace(message("orders_cancel"), body=json.dumps(nameless).encode()), Reading(STORE))
