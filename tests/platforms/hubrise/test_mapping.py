"""HubRise's payloads in the counter's words, one fixture per event."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import ChargeKind, Courier, Customer, Fulfilment, Option, OptionKind, OrderFacts, Party
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.hubrise import mapping, wire
from app.platforms.hubrise.mapping import Reading, read
from app.platforms.hubrise.simulated_connections import ALLOWED_EVENTS
from app.platforms.hubrise.simulated_orders import STATUSES
from app.platforms.hubrise.simulated_wire import DELIVERY_STATUSES

Load = Callable[[str], Message]
EUR = "EUR"


def only(message: Message, reading: Reading | None = None) -> OrderUpdate:
    (update,) = read(message, reading or Reading())
    return update


def facts_of(message: Message, reading: Reading | None = None) -> OrderFacts:
    facts = only(message, reading).facts
    assert facts
    return facts


def changed(message: Message, **fields: Any) -> Message:
    """The fetched order with other fields."""
    return replace(message, body=json.dumps({**json.loads(message.body), **fields}).encode())


def test_a_created_order_is_told_whole(message: Load) -> None:
    update = only(message("order_create"))
    assert (update.order_id, update.kitchen, update.payment) == ("5dpm9", Kitchen.NEW, Payment.PAID)
    assert update.version == datetime(2026, 1, 1, 11, 0, 5, tzinfo=UTC).timestamp() * 1000
    facts = facts_of(message("order_create"))
    assert (facts.number, facts.reference, facts.pickup_code) == ("BC953", "17654321", "BC953")
    assert (facts.source, facts.fulfilment, facts.paid) == ("Uber Eats", Fulfilment.DELIVERY, True)
    assert facts.placed_at == datetime(2026, 1, 1, 11, 0, 5, tzinfo=UTC)
    assert facts.due_at == datetime(2026, 1, 1, 11, 45, tzinfo=UTC)
    assert facts.note == "Allergie arachide"
    assert facts.total == Money(2740, EUR)
    assert (facts.checks, facts.decide_by, facts.scheduled) == ((), None, False)


def test_dishes_keep_quantity_options_and_removals(message: Load) -> None:
    margarita, coke = facts_of(message("order_create")).lines
    assert (margarita.name, margarita.sku, margarita.note) == ("Margarita (Small)", "MAR-SM", "bien cuite")
    assert (margarita.quantity, margarita.unit_price, margarita.total) == (Decimal(2), Money(900, EUR), Money(2000, EUR))
    assert margarita.options == (
        Option("Barbecue", OptionKind.CHOICE, 1, Money(100, EUR)),
        Option("Olives", OptionKind.REMOVE, 1, Money(0, EUR)),
    )
    assert (coke.name, coke.quantity, coke.options) == ("Coke", Decimal(3), ())


def test_fees_and_discounts_say_who_bears_them(message: Load) -> None:
    delivery, discount = facts_of(message("order_create")).charges
    assert (delivery.kind, delivery.amount, delivery.borne_by) == (ChargeKind.DELIVERY, Money(340, EUR), Party.CUSTOMER)
    assert (discount.kind, discount.amount, discount.borne_by) == (ChargeKind.DISCOUNT, Money(-500, EUR), Party.SHOP)


def test_the_courier_comes_with_the_order(message: Load) -> None:
    update = only(message("order_create"))
    assert update.delivery is Delivery.ASSIGNED
    assert update.courier == Courier("John", "+33612345678 #1234", datetime(2026, 1, 1, 11, 25, tzinfo=UTC))


def test_a_relay_number_is_shown_and_a_customers_own_is_masked(message: Load) -> None:
    relay = facts_of(message("order_create")).customer
    assert relay == Customer("Lina D.", "+33170000000 #55555555", "1 rue du Test, 75003 Paris (2e étage)", 8)
    own = facts_of(message("order_create_unpaid_later")).customer
    assert (own.name, own.phone) == ("Lina D.", "+336****5678")


def test_a_cancelled_order_gives_the_reason(message: Load) -> None:
    update = only(message("order_update_cancelled"))
    assert (update.kitchen, update.reason) == (Kitchen.CANCELLED, "Client injoignable")


def test_a_struck_dish_is_gone_and_the_money_adds_up(message: Load) -> None:
    facts = facts_of(message("order_update_struck_item"))
    assert [line.name for line in facts.lines] == ["Margarita (Small)"]
    assert facts.total == Money(1840, EUR)
    assert not facts.difference()
    assert facts.due_at == datetime(2026, 1, 1, 11, 50, tzinfo=UTC)  # what the shop confirmed, not what was wished


def test_an_unpaid_order_for_the_evening(message: Load) -> None:
    update = only(message("order_create_unpaid_later"))
    facts = facts_of(message("order_create_unpaid_later"))
    assert (update.payment, facts.paid) == (Payment.UNPAID, False)
    assert (facts.scheduled, facts.fulfilment) == (True, Fulfilment.PICKUP)
    assert (facts.number, facts.reference) == ("4711", "A-4711")
    assert [line.category for line in facts.lines] == ["", "Menu midi"]


def test_a_part_payment_leaves_the_order_unpaid_and_says_so(message: Load) -> None:
    facts = facts_of(changed(message("order_fetched"), payments=[{"name": "Card", "amount": "10.00 EUR"}]))
    assert not facts.paid
    assert facts.checks == ("paid 10.00 EUR of 27.40 EUR",)


def test_a_wrong_total_is_flagged_and_not_corrected(message: Load) -> None:
    facts = facts_of(message("order_fetched_wrong_total"))
    assert facts.total == Money(9900, EUR)
    assert facts.checks == ("total differs from dishes, fees and discounts by 71.60 EUR", "paid 27.40 EUR of 99.00 EUR")


def test_a_dish_without_its_total_is_flagged(message: Load) -> None:
    order = json.loads(message("order_fetched").body)
    for item in order["items"]:
        del item["subtotal"]
    facts = facts_of(replace(message("order_fetched"), body=json.dumps(order).encode()))
    assert [line.total.minor for line in facts.lines] == [2000, 900]
    assert facts.checks == ("a dish came without its total",)


def test_the_accounts_settings_decide_deadline_and_schedule(message: Load) -> None:
    reading = Reading("Chez Test", timedelta(minutes=8), timedelta(minutes=30))
    facts = facts_of(message("order_create"), reading)
    assert facts.shop == "Chez Test"
    assert facts.decide_by == datetime(2026, 1, 1, 11, 8, 5, tzinfo=UTC)
    assert facts.scheduled


@pytest.mark.parametrize("name", ["order_create_bare", "order_create_status_only"])
def test_an_event_without_the_order_asks_to_be_completed(message: Load, name: str) -> None:
    update = only(message(name))
    assert (update.order_id, update.facts, update.incomplete) == ("5dpm9", None, True)


def test_an_unknown_status_is_kept_and_not_guessed(message: Load) -> None:
    update = only(message("order_update_unknown_status"))
    assert (update.kitchen, update.unmapped) == (None, "teleported")
    assert update.facts


def test_an_unknown_service_type_is_flagged(message: Load) -> None:
    assert facts_of(changed(message("order_fetched"), service_type="drone")).checks == ("unknown service type: drone",)


def test_a_delivery_event_tells_the_couriers_progress_only(message: Load) -> None:
    update = only(message("delivery_update"))
    assert (update.order_id, update.facts, update.kitchen) == ("5dpm9", None, None)
    assert update.delivery is Delivery.PICKED_UP
    assert update.courier == Courier("John", "+33612345678 #1234", datetime(2026, 1, 1, 11, 40, tzinfo=UTC))


def test_an_unknown_delivery_status_is_kept(message: Load) -> None:
    delivery = {"status": "beaming", "driver_name": "John"}
    update = only(changed(message("order_fetched"), delivery=delivery))
    assert (update.delivery, update.unmapped) == (None, "delivery beaming")


@pytest.mark.parametrize(
    ("status", "kitchen", "delivery"),
    [
        ("received", Kitchen.NEW, None),
        ("in_preparation", Kitchen.PREPARING, None),
        ("awaiting_shipment", Kitchen.READY, None),
        ("awaiting_collection", Kitchen.READY, None),
        ("in_delivery", Kitchen.HANDED_OVER, Delivery.PICKED_UP),
        ("completed", Kitchen.COMPLETED, None),
        ("rejected", Kitchen.REJECTED, None),
        ("delivery_failed", Kitchen.HANDED_OVER, Delivery.FAILED),
    ],
)
def test_every_status_has_its_place(message: Load, status: str, kitchen: Kitchen, delivery: Delivery | None) -> None:
    update = only(changed(message("order_fetched"), status=status, delivery=None))
    assert (update.kitchen, update.delivery, update.unmapped) == (kitchen, delivery, "")


def test_no_documented_status_is_forgotten() -> None:
    assert set(mapping.KITCHEN) == set(STATUSES)
    assert set(mapping.DELIVERY) == set(DELIVERY_STATUSES)


def test_other_kinds_of_events_are_not_ours(message: Load) -> None:
    with pytest.raises(UnknownMessageError):
        read(message("customer_update"), Reading())
    event = json.loads(message("order_create").body)
    for resource in set(ALLOWED_EVENTS) - {"order", "delivery"}:
        body = json.dumps({**event, "resource_type": resource}).encode()
        with pytest.raises(UnknownMessageError):
            read(replace(message("order_create"), body=body), Reading())


def test_an_event_that_carries_another_order_is_refused(message: Load) -> None:
    event = json.loads(message("order_create").body)
    with pytest.raises(ProtocolError):
        read(replace(message("order_create"), body=json.dumps({**event, "order_id": "zzzzz"}).encode()), Reading())


@pytest.mark.parametrize(
    ("field", "value"),
    [("total", "12.00"), ("total", 12.0), ("created_at", "2026-01-01T12:00:05"), ("items", "none"), ("created_at", "9999")],
)
def test_a_damaged_order_is_a_protocol_error_that_quotes_no_value(message: Load, field: str, value: object) -> None:
    with pytest.raises(ProtocolError, match=field) as caught:
        read(changed(message("order_fetched"), **{field: value}), Reading())
    assert "rue du Test" not in str(caught.value)


@given(minor=st.integers(-(10**13), 10**13), currency=st.sampled_from(["EUR", "GBP", "PLN"]))
def test_money_text_is_exact(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert wire.money(str(amount)) == amount


@pytest.mark.parametrize(
    "text", ["8,90 EUR", "8.90", "EUR 8.90", "8.90 eur", "NaN EUR", "1e3 EUR", "", None, 8.9, "9" * 30 + " EUR"]
)
def test_whatever_is_not_money_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        wire.money(text)


def test_numbers_may_stand_for_text(message: Load) -> None:
    order = json.loads(message("order_fetched").body)
    order["ref"], order["items"][0]["quantity"], order["items"][0]["options"] = 17654321, 2, None
    facts = facts_of(replace(message("order_fetched"), body=json.dumps(order).encode()))
    assert (facts.reference, facts.lines[0].quantity, facts.lines[0].options) == ("17654321", Decimal(2), ())
