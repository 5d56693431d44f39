"""Just Eat's pushes in the counter's words."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen, Payment, merge_all
from app.domain.money import Money
from app.domain.orders import ChargeKind, Fulfilment, Party
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.just_eat.mapping import REASONS, read, reason_text, version_of
from app.platforms.just_eat.orders import Reading
from app.platforms.just_eat.simulated_orders import from_wish, oddly, random_wish

Update = Callable[..., OrderUpdate]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


def facts(found: OrderUpdate) -> Any:
    assert found.facts
    return found.facts


def order(items: list[dict[str, Any]], total: int, **payment: Any) -> Any:
    body = {"id": "a1", "type": "collection-by-customer", "items": items, "total": total, "payment": payment or None}
    (found,) = read(Message("k", "order", json.dumps(body).encode(), 1_767_268_800_000), Reading())
    return facts(found)


def dish(price: int, quantity: int, *extras: int, **more: Any) -> dict[str, Any]:
    children = [{"name": "extra", "plu": "x", "price": one} for one in extras]
    return {"name": "Dish", "plu": "d", "price": price, "quantity": quantity, "children": children, **more}


def test_an_order_arrives_accepted(update: Update) -> None:
    found = update("receive_order")
    assert (found.kitchen, found.payment, found.delivery, found.unmapped) == (Kitchen.ACCEPTED, Payment.PAID, None, "")
    assert (found.version, found.courier, found.incomplete) == (1_767_268_800_000, None, False)
    told = facts(found)
    assert (told.number, told.reference, told.fulfilment) == ("J-48213", found.order_id, Fulfilment.DELIVERY)
    assert (told.placed_at, told.due_at, told.scheduled) == (NOON, NOON + timedelta(minutes=20), False)
    assert (told.total, told.paid, told.source, told.decide_by) == (gbp(2100), True, "", None)
    assert [(line.name, line.quantity, line.total.minor, line.sku, line.note) for line in told.lines] == [
        ("Cheeseburger", 1, 1800, "BRG-1", "No onion"),
        ("Fries", 1, 360, "FRY-1", ""),
    ]
    assert [(one.name, one.price) for one in told.lines[0].options] == [("Extra Sauce", gbp(100))]
    assert [(one.kind, one.amount.minor, one.borne_by) for one in told.charges] == [
        (ChargeKind.DELIVERY, 240, Party.CUSTOMER),
        (ChargeKind.DISCOUNT, -300, Party.SHOP),
    ]
    assert told.checks == ()
    assert told.note == "Nut allergy - please check sauces\nRing twice"


def test_what_just_eat_hides_is_not_shown(update: Update) -> None:
    customer = facts(update("receive_order")).customer
    assert (customer.name, customer.phone, customer.address) == ("S****", "+441632960960 #123456789", "")


def test_a_collection_in_the_other_form_paid_in_cash(update: Update) -> None:
    found = update("receive_order.collection")
    told = facts(found)
    assert (found.payment, told.paid, told.fulfilment, told.scheduled) == (Payment.UNPAID, False, Fulfilment.PICKUP, True)
    (line,) = told.lines
    assert (line.sku, line.quantity, line.unit_price, line.total) == ("NDL-1", 2, gbp(900), gbp(2100))
    assert (told.checks, told.customer.phone) == ((), "+4416****0111")


def test_own_delivery_shows_where_to(update: Update) -> None:
    told = facts(update("receive_order.own_delivery"))
    assert told.customer.address == "1 Practice Street, Flat 2, N1 London"
    assert (told.customer.name, told.customer.phone) == ("Ana B.", "+4416****0222")
    assert told.due_at == NOON + timedelta(minutes=45)


def test_the_driver_of_an_order_is_told_where_known(update: Update) -> None:
    found = update("receive_order", driver={"first_name": "Sam", "last_name": "R.", "phone_number": "+441632960555"})
    assert found.courier
    assert (found.courier.name, found.courier.phone) == ("Sam R.", "+4416****0555")


@pytest.mark.parametrize(
    ("items", "cart", "lines"),
    [
        ([dish(900, 2, 150)], 2100, [2100]),  # an option for each piece
        ([dish(900, 2, 150)], 1950, [1950]),  # once
        ([dish(900, 2, 150)], 1800, [1800]),  # within the price
        ([dish(900, 2, 150, totalPrice=2100)], 2100, [2100]),
        ([{"name": "Dish", "price": 900}, {"name": "Dish", "price": 900}], 1800, [900, 900]),  # no quantity: a line each
    ],
)
def test_a_dish_costs_what_adds_up(items: list[dict[str, Any]], cart: int, lines: list[int]) -> None:
    for told in (order(items, cart, items_in_cart={"inc_tax": cart}), order(items, cart)):
        assert [line.total.minor for line in told.lines] == lines
        assert (told.difference(), told.checks) == (gbp(0), ())


def test_what_does_not_add_up_is_said() -> None:
    told = order([dish(900, 1)], 1000, items_in_cart=900)
    assert told.checks == ("total differs from dishes, fees and discounts by 1.00 GBP",)


def test_a_deposit_that_closes_the_sum_is_part_of_it() -> None:
    told = order([dish(900, 1)], 925, items_in_cart=900, deposit=25)
    assert [(one.name, one.amount) for one in told.charges] == [("Deposit", gbp(25))]
    assert order([dish(900, 1)], 900, items_in_cart=900, deposit=25).charges == ()


def test_a_charge_of_an_unknown_name_keeps_it() -> None:
    named = [{"name": "bagFee", "price": 10}, {"name": "moonTax", "price": 5}]
    told = order([dish(900, 1)], 915, items_in_cart=900, adjustments=named)
    assert [(one.kind, one.name) for one in told.charges] == [
        (ChargeKind.PACKAGING, "Bag fee"),
        (ChargeKind.OTHER, "moonTax"),
    ]
    assert told.checks == ()


def test_a_discount_is_taken_off_whatever_its_sign() -> None:
    for sign in (1, -1):
        told = order([dish(900, 1)], 800, items_in_cart=900, adjustments=[{"name": "discount", "price": sign * 100}])
        assert (told.charges[0].amount, told.checks) == (gbp(-100), ())


@pytest.mark.parametrize("created", ["1767268800", 1767268800, 1767268800000, "2026-01-01T12:00:00Z", "2026-01-01T12:00:00"])
def test_the_time_of_an_order_in_every_form(update: Update, created: Any) -> None:
    found = update("receive_order", created_at=created)
    assert (facts(found).placed_at, found.version) == (NOON, 1_767_268_800_000)


def test_a_time_without_an_offset_is_the_restaurants(update: Update) -> None:
    told = facts(update("receive_order", collect_at="2026-07-01T13:00:00"))
    assert told.due_at == NOON.replace(month=7)


@pytest.mark.parametrize(
    ("kind", "fulfilment", "checks"),
    [
        ("dine-in-by-customer", Fulfilment.DINE_IN, ()),
        ("by-balloon", Fulfilment.DELIVERY, ("unknown service type: by-balloon",)),
        ("", Fulfilment.DELIVERY, ("unknown service type: -",)),
    ],
)
def test_other_ways_out_of_the_shop(update: Update, kind: str, fulfilment: Fulfilment, checks: tuple[str, ...]) -> None:
    told = facts(update("receive_order", type=kind))
    assert (told.fulfilment, told.checks) == (fulfilment, checks)


def test_another_name_of_the_group_is_shown(update: Update) -> None:
    assert facts(update("receive_order", channel={"name": "SkipTheDishes"})).source == "SkipTheDishes"


def test_another_restaurants_order_is_not_ours(update: Update) -> None:
    for event in ("receive_order", "order_ready_for_preparation", "failed_order"):
        assert update(event, Reading("store-01")).facts
        with pytest.raises(UnknownMessageError, match="another shop"):
            update(event, Reading("store-02"))


def test_the_older_apis_order(update: Update) -> None:
    found = update("order_ready_for_preparation")
    told = facts(found)
    assert (found.order_id, found.kitchen, found.payment) == ("XYZ123456", Kitchen.ACCEPTED, Payment.PAID)
    assert (told.number, told.total, told.checks, told.shop) == ("123456", gbp(1925), (), "Practice Kitchen")
    assert [(line.name, line.quantity, line.total.minor) for line in told.lines] == [
        ("Box meal", 2, 1000),
        ("Milkshake", 1, 725),
    ]
    assert [(one.name, one.quantity) for one in told.lines[0].options] == [("Fries (Regular)", 1), ("Lemonade (330ml)", 2)]
    assert {(one.kind, one.amount.minor) for one in told.charges} == {
        (ChargeKind.DELIVERY, 100),
        (ChargeKind.SERVICE, 50),
        (ChargeKind.TIP, 50),
    }
    assert (told.note, told.scheduled, told.due_at) == ("Floor: 5th floor", True, datetime(2026, 1, 1, 14, 20, tzinfo=UTC))
    assert (told.customer.address, told.customer.phone) == ("1 Practice Street, Flat 2, N1 London", "+4416****0333")


def test_the_older_api_names_its_currency_and_cash(update: Update) -> None:
    found = update("order_ready_for_preparation", Currency="EUR", Payment={"Lines": [{"Type": "Cash", "Paid": False}]})
    assert (facts(found).currency, facts(found).paid, found.payment) == ("EUR", False, Payment.UNPAID)


@pytest.mark.parametrize(
    ("code", "state"),
    [("driverAtRestaurant", Delivery.AT_STORE), ("onItsWay", Delivery.PICKED_UP), ("delivered", Delivery.DELIVERED)],
)
def test_a_driver_on_the_way(update: Update, code: str, state: Delivery) -> None:
    found = update(f"driver_status.{code}")
    assert (found.delivery, found.kitchen, found.facts, found.courier, found.unmapped) == (state, None, None, None, "")


def test_the_older_api_names_the_driver(update: Update) -> None:
    found = update("older.driver_assigned")
    assert found.courier
    assert (found.delivery, found.courier.name, found.courier.phone) == (Delivery.ASSIGNED, "Sam R.", "+4416****0444")
    assert found.courier.eta == datetime(2026, 1, 1, 14, 20, tzinfo=UTC)
    assert found.version == int(datetime(2026, 1, 1, 14, 0, 0, 544429, tzinfo=UTC).timestamp() * 1000)


def test_an_unknown_driver_code_is_kept(update: Update) -> None:
    found = update("driver_status.onItsWay", driverStatus={"code": "driverLost"})
    assert (found.delivery, found.unmapped) == (None, "driverLost")


def test_a_cancellation_in_words(update: Update) -> None:
    found = update("order_cancelled")
    assert (found.kitchen, found.reason) == (Kitchen.CANCELLED, "The customer ordered by mistake")
    assert update("older.order_cancelled").reason == "Cancelled by Just Eat"
    assert update("order_cancelled", reason={"code": "aliensLanded"}).reason == "aliensLanded"


def test_both_families_write_the_same_reasons() -> None:
    for snake in REASONS:
        first, *rest = snake.split("_")
        assert reason_text(first + "".join(word.capitalize() for word in rest)) == reason_text(snake) != snake


def test_reports_in_any_order_of_arrival_end_alike(update: Update) -> None:
    codes = ("driverAtRestaurant", "onItsWay", "delivered")
    reports = [update("receive_order"), update("failed_order"), *(update(f"driver_status.{code}") for code in codes)]
    ends = {merge_all(one.state for one in some) for some in permutations(reports)}
    assert len(ends) == 1
    assert ends.pop().delivery is Delivery.DELIVERED


def test_an_order_that_counts_as_failed_is_an_order_and_says_so(update: Update) -> None:
    found = update("failed_order")
    assert (found.kitchen, found.unmapped, facts(found).total) == (Kitchen.ACCEPTED, "backup flow: MENU_ERROR", gbp(1700))
    assert found.version < update("receive_order").version  # so that it never stands for what was pushed as an order


@pytest.mark.parametrize(
    "body", [{"restaurantId": "store-01", "delivery": {"isOffline": True}}, {"OrderId": "1"}, {}, {"status": "LIVE"}]
)
def test_what_is_no_orders_business_is_kept_and_ignored(body: dict[str, Any]) -> None:
    with pytest.raises(UnknownMessageError):
        read(Message("k", "event", json.dumps(body).encode(), 0), Reading())


@pytest.mark.parametrize(
    "changed",
    [
        {"total": None, "payment": None},
        {"total": "12.50"},
        {"total": True},
        {"id": ""},
        {"collect_at": "soon"},
        {"location": {"timezone": "Mars/Base"}},
        {"items": [{"name": "x", "quantity": -1}]},
        {"items": [{"name": "x", "price": 1.5}]},
    ],
)
def test_a_figure_or_time_that_cannot_be_right_is_not_taken(update: Update, changed: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"Not a message in Just Eat's form"):
        update("receive_order", **changed)


def test_what_is_wrong_is_said_without_anybodys_words(update: Update) -> None:
    with pytest.raises(ProtocolError) as caught:
        update("receive_order", total="my secret")
    assert "total" in str(caught.value)
    assert "my secret" not in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_odd_order_says_the_same(seed: int) -> None:
    chance = random.Random(seed)
    body = from_wish(random_wish(chance), seed, NOON, chance, 1.0)
    plain, odd = (json.dumps(one).encode() for one in (body, oddly(body, chance)))
    (one,), (other,) = (read(Message("k", "order", raw, version_of(json.loads(raw))), Reading()) for raw in (plain, odd))
    assert one == other
    assert (facts(one).difference(), facts(one).checks) == (gbp(0), ())
