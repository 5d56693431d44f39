"""Pushes in the counter's words: facts, money that DoorDash does not add up, Dashers, ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen, Payment, merge_all
from app.domain.money import Money
from app.domain.orders import ChargeKind, Courier, Fulfilment, OrderFacts, Party
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.doordash.connector import DoorDashConnector, reading_of
from app.platforms.doordash.mapping import LONGEST, Reading, read

from .conftest import AT, push

Update = Callable[..., OrderUpdate]
ORDER_ID = "3f1c8e2a-0d01-4b7e-9a51-6f0c2d9e8a10"
NOW = datetime.fromtimestamp(AT, UTC)


def facts_of(update: OrderUpdate) -> OrderFacts:
    assert update.facts
    return update.facts


def usd(cents: int) -> Money:
    return Money(cents, "USD")


def test_a_new_order(update: Update) -> None:
    found = update("order_create")
    facts = facts_of(found)
    assert (found.order_id, found.kitchen, found.payment, found.unmapped) == (ORDER_ID, Kitchen.NEW, Payment.PAID, "")
    assert (facts.number, facts.reference, facts.pickup_code) == ("A1B2C3", ORDER_ID, "A1B2C3")
    assert facts.fulfilment is Fulfilment.DELIVERY
    assert (facts.customer.name, facts.customer.phone, facts.tableware) == ("Jamie R", "+1 555 0100", 0)
    assert facts.due_at == datetime(2026, 1, 1, 18, 20, tzinfo=UTC)
    burger, fries = facts.lines
    assert (burger.key, burger.name, burger.quantity, burger.total) == ("li-1", "Classic Burger", Decimal(2), usd(2600))
    assert (burger.unit_price, burger.sku, burger.category, burger.basket) == (usd(1200), "BRG-1", "Burgers", "")
    assert burger.note == "No onions, peanut allergy"
    assert [(one.name, one.quantity, one.price) for one in burger.options] == [("Cheese", 1, usd(100))]
    assert fries.total == usd(400)


def test_what_the_wire_does_not_tell(update: Update) -> None:
    """Arrival stands for creation, the shortest known time for the deadline, our own sum for the total, and it says so."""
    facts = facts_of(update("order_create"))
    assert facts.placed_at == NOW
    assert facts.decide_by == NOW + timedelta(minutes=3)
    assert (facts.total, facts.total_told) == (usd(3240), False)
    assert not facts.difference()
    assert not facts.checks
    assert [(one.kind, one.amount) for one in facts.charges] == [(ChargeKind.TAX, usd(240))]
    assert [(one.kind, one.amount, one.borne_by) for one in facts.deductions] == [(ChargeKind.TAX, usd(240), Party.SHOP)]


def test_dishes_are_never_summed_for_the_total(update: Update) -> None:
    facts = facts_of(update("order_create_dish_for_nothing"))
    assert facts.total == usd(2300)
    assert facts.checks == ("total differs from dishes, fees and discounts by 20.00 USD",)
    assert [option.name for option in facts.lines[0].options] == ["Ketchup", "Salt"]
    assert (facts.fulfilment, facts.source, facts.number, facts.tableware) == (Fulfilment.PICKUP, "Caviar", "2345", None)
    assert (facts.customer.phone, facts.deductions) == ("", ())


def test_own_couriers_fees_tips_and_promotions(update: Update) -> None:
    facts = facts_of(update("order_create_own_couriers_promoted"))
    assert facts.total == usd(2400 + 192 + 35 + 499 + 300)
    assert not facts.difference()
    assert not facts.checks
    assert {(one.kind, one.amount.minor, one.borne_by) for one in facts.charges} == {
        (ChargeKind.TAX, 197, Party.CUSTOMER),
        (ChargeKind.PACKAGING, 30, Party.CUSTOMER),
        (ChargeKind.DELIVERY, 499, Party.CUSTOMER),
        (ChargeKind.TIP, 300, Party.CUSTOMER),
        (ChargeKind.DISCOUNT, -200, Party.SHOP),
        (ChargeKind.DISCOUNT, -300, Party.PLATFORM),
        (ChargeKind.DISCOUNT, -100, Party.SHOP),
    }
    assert facts.customer.address == "1 Sample Street, 2B, Springfield, IL 00000, Gate code 0000"
    assert [line.basket for line in facts.lines] == ["Jamie R", "Alex P"]


def test_a_promotion_counts_only_where_the_dishes_do_not_make_the_subtotal(update: Update) -> None:
    promoted = [{"merchant_funded_discount_amount": 400, "doordash_funded_discount_amount": 0}]
    facts = facts_of(update("order_create", applied_discounts_details=promoted))
    assert not facts.difference()
    assert ChargeKind.DISCOUNT not in {charge.kind for charge in facts.charges}


@pytest.mark.parametrize("currency", ["CAD", "AUD", "NZD"])
def test_the_currency_is_the_accounts(payload: Callable[[str], Any], currency: str) -> None:
    body = json.dumps(payload("order_create")).encode()
    (found,) = read(Message("k", "order", body, 1), reading_of({"currency": currency}))
    assert facts_of(found).total == Money(3240, currency)


def test_nonsense_in_the_form_counts_as_empty() -> None:
    assert reading_of({"currency": "XXX", "decision_minutes": "soon"}) == Reading()
    assert reading_of({"decision_minutes": "-1"}) == Reading()
    assert reading_of({"decision_minutes": "7.5"}).decision == timedelta(minutes=7, seconds=30)


def test_an_adjusted_order_is_not_placed_anew(deaf: DoorDashConnector, payload: Callable[[str], Any]) -> None:
    first = deaf.receive(push(payload("order_create"))).messages[0]
    later = deaf.receive(push(payload("order_adjusted"))).messages[0]
    (before,), (after,) = deaf.read(first), deaf.read(later)
    assert later.version > first.version
    assert facts_of(after).placed_at == facts_of(before).placed_at
    assert (after.kitchen, after.unmapped, facts_of(after).total) == (None, "", usd(2808))
    assert [line.key for line in facts_of(after).lines] == ["li-1"]


def test_an_adjusted_order_nobody_heard_of_is_placed_when_it_comes(update: Update) -> None:
    assert facts_of(update("order_adjusted")).placed_at == NOW


@pytest.mark.parametrize("name", ["order_cancelled", "order_cancelled_in_envelope"])
def test_a_cancellation_has_no_reason(update: Update, name: str) -> None:
    found = update(name)
    assert (found.order_id, found.kitchen, found.reason, found.facts) == (ORDER_ID, Kitchen.CANCELLED, "", None)


def test_a_released_order_is_to_be_cooked(update: Update) -> None:
    assert (update("order_released").kitchen, update("order_released").order_id) == (Kitchen.PREPARING, ORDER_ID)


def test_a_dasher_at_the_counter(update: Update) -> None:
    found = update("dasher_arrived_at_store")
    assert (found.order_id, found.delivery, found.kitchen) == (ORDER_ID, Delivery.AT_STORE, None)
    assert found.courier == Courier("Jude D. (Dodge Dakota)", "(555) 555-0123")
    assert found.version == int(datetime(2026, 1, 1, 18, 15, 29, 996321, UTC).timestamp() * 1000)


def test_an_older_report_has_everything_in_one_place(update: Update) -> None:
    found = update("dasher_confirmed_flat")
    assert (found.order_id, found.delivery, found.courier) == (ORDER_ID, Delivery.ASSIGNED, Courier("", "(555) 555-0123"))


@pytest.mark.parametrize(
    ("status", "delivery", "kitchen"),
    [
        ("arriving_at_store", Delivery.ASSIGNED, None),
        ("dasher_out_for_delivery", Delivery.PICKED_UP, None),
        ("dropoff", Delivery.DELIVERED, Kitchen.COMPLETED),
        ("teleported", None, None),
    ],
)
def test_every_dasher_status(
    deaf: DoorDashConnector,
    payload: Callable[[str], Any],
    status: str,
    delivery: Delivery | None,
    kitchen: Kitchen | None,
) -> None:
    content = payload("dasher_arrived_at_store")
    content["delivery"]["dasher_status"] = status
    (found,) = deaf.read(deaf.receive(push(content)).messages[0])
    assert (found.delivery, found.kitchen, found.unmapped) == (delivery, kitchen, "" if delivery else status)


@given(st.permutations(["order_create", "dasher_arrived_at_store", "order_released", "order_cancelled"]), st.data())
def test_no_order_of_arrival_matters(names: list[str], chance: st.DataObject) -> None:
    from .conftest import FIXTURES

    reading, repeated = Reading(), [*names, chance.draw(st.sampled_from(names))]
    bodies = {name: (FIXTURES / f"{name}.json").read_bytes() for name in names}
    kinds = {name: "order" if name == "order_create" else "push" for name in names}
    updates = [read(Message(name, kinds[name], bodies[name], 1_000), reading)[0] for name in repeated]
    state = merge_all(update.state for update in updates)
    assert (state.kitchen, state.delivery) == (Kitchen.CANCELLED, Delivery.AT_STORE)


def test_another_restaurants_messages_are_not_ours(deaf: DoorDashConnector, payload: Callable[[str], Any]) -> None:
    order, dasher = payload("order_create"), payload("dasher_arrived_at_store")
    order["order"]["store"]["merchant_supplied_id"] = dasher["delivery"]["location_id"] = "store-02"
    for content in (order, dasher):
        (message,) = deaf.receive(push(content)).messages
        with pytest.raises(UnknownMessageError, match="store-02"):
            deaf.read(message)


def test_a_menus_status_is_kept_and_ignored(deaf: DoorDashConnector, payload: Callable[[str], Any]) -> None:
    received = deaf.receive(push(payload("menu_status")))
    assert received.reply.status == 200
    with pytest.raises(UnknownMessageError, match="no order"):
        deaf.read(received.messages[0])


def test_an_event_that_names_no_order(deaf: DoorDashConnector) -> None:
    (message,) = deaf.receive(push({"event": {"type": "OrderCancel"}})).messages
    with pytest.raises(ProtocolError, match="names no order"):
        deaf.read(message)


@pytest.mark.parametrize(
    "changed",
    [{"subtotal": "30.00"}, {"subtotal": None}, {"tax": 1.5}, {"tax": True}, {"categories": 7}, {"subtotal": "9" * 20}],
)
def test_a_wrong_figure_never_passes_for_a_right_one(update: Update, changed: dict[str, object]) -> None:
    with pytest.raises(ProtocolError, match="DoorDash's form"):
        update("order_create", **changed)


def test_an_error_tells_where_and_not_what(update: Update) -> None:
    with pytest.raises(ProtocolError) as caught:
        update("order_create", tax="secret words")
    assert "tax" in str(caught.value)
    assert "secret words" not in str(caught.value)


def test_numbers_may_come_as_text_and_unknown_types_are_told(update: Update) -> None:
    plain, drifted = (
        update("order_create"),
        update("order_create", id="another", subtotal="3000", tax=240.0, fulfillment_type="drone"),
    )
    assert facts_of(drifted).total == facts_of(plain).total
    assert facts_of(drifted).checks[-1] == "unknown service type: drone"
    assert timedelta(minutes=8) == LONGEST
