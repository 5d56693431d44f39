"""Deliveroo's messages in the counter's words."""

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
from app.platforms.deliveroo import mapping
from app.platforms.deliveroo.mapping import Reading, event_version, read
from app.platforms.deliveroo.simulated_orders import from_wish, oddly, random_wish

Update = Callable[..., OrderUpdate]
ORDER_ID = "gb:6f9d7c1e-0000-4000-8000-000000000001"
NOON = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)


def gbp(minor: int) -> dict[str, Any]:
    return {"fractional": minor, "currency_code": "GBP"}


def dish(unit: int, total: int | None, quantity: int, *modifiers: int) -> dict[str, Any]:
    extras = [{"name": "extra", "quantity": 1, "unit_price": gbp(price), "total_price": gbp(price)} for price in modifiers]
    named = {"name": "Dish", "quantity": quantity, "unit_price": gbp(unit), "modifiers": extras}
    return {**named, "total_price": gbp(total)} if total is not None else named


def order(**changed: Any) -> bytes:
    kind = {"id": "gb:1", "status": "placed", "fulfillment_type": "customer"}
    return json.dumps({**kind, "items": [dish(1000, 1000, 1)], "total_price": gbp(1000), **changed}).encode()


def fetched(**changed: Any) -> OrderUpdate:
    (found,) = read(Message("k", "order", order(**changed), 1_767_268_800_000), Reading())
    return found


def facts(found: OrderUpdate) -> Any:
    assert found.facts
    return found.facts


def test_a_new_order(update: Update) -> None:
    found = update("order.new")
    assert (found.order_id, found.version) == (ORDER_ID, int(NOON.timestamp() * 1000))
    assert (found.kitchen, found.payment, found.unmapped) == (Kitchen.NEW, Payment.PAID, "")
    told = facts(found)
    assert (told.number, told.reference, told.fulfilment) == ("8102", "10884168102", Fulfilment.DELIVERY)
    assert (told.placed_at, told.due_at) == (NOON, datetime(2026, 1, 1, 12, 18, tzinfo=UTC))
    assert (told.decide_by, told.scheduled) == (NOON + timedelta(minutes=10), False)
    assert (told.total, told.note, told.tableware) == (Money(2300, "GBP"), "nut allergy", 0)
    (line,) = told.lines
    assert (line.name, line.quantity, line.unit_price, line.total, line.sku) == (
        "CB",
        2,
        Money(1150, "GBP"),
        Money(2300, "GBP"),
        "PLU-1",
    )
    assert [(one.name, one.quantity, one.price) for one in line.options] == [("X-CH", 1, Money(50, "GBP"))]
    assert (told.customer.name, told.customer.phone, told.customer.orders_before) == ("Omid", "+442000000000 #242666143", 0)


def test_a_discount_the_total_knows_nothing_of_is_taken_from_the_income(update: Update) -> None:
    told = facts(update("order.new"))
    assert told.charges == ()
    assert [(one.kind, one.amount, one.borne_by) for one in told.deductions] == [
        (ChargeKind.DISCOUNT, Money(200, "GBP"), Party.SHOP)
    ]
    assert not told.checks


def test_fees_and_discount_within_the_total(update: Update) -> None:
    told = facts(update("order.new.table_service"))
    assert [(one.kind, one.amount.minor) for one in told.charges] == [
        (ChargeKind.PACKAGING, 10),
        (ChargeKind.DISCOUNT, -200),
    ]
    assert told.deductions == ()
    assert not told.difference()
    assert not told.checks


def test_an_offer_that_leaves_the_restaurant_untouched_is_the_platforms(update: Update) -> None:
    told = facts(update("order.new", partner_order_total=gbp(2300), total_price=gbp(2100)))
    assert [(one.amount.minor, one.borne_by) for one in told.charges] == [(-200, Party.PLATFORM)]


def test_own_delivery_and_cash(update: Update) -> None:
    found = update("order.new.own_delivery")
    told = facts(found)
    assert (found.payment, told.paid, told.currency) == (Payment.UNPAID, False, "HKD")
    assert [line.total.minor for line in told.lines] == [6850]  # the modifier stands beside the dish here
    assert [(one.kind, one.amount.minor) for one in told.charges] == [(ChargeKind.DELIVERY, 2000)]
    assert not told.checks
    assert told.customer.address == "Sample Street 8, Flat 12B, Hong Kong"
    assert told.customer.phone == "+852****1234"
    assert told.note == "Made again for an earlier order\n2 x 餐具"
    assert (told.tableware, told.lines[0].name, told.lines[0].options[0].name) == (None, "叉燒飯", "加蛋")
    assert told.customer.orders_before is None


def test_a_table(update: Update) -> None:
    told = facts(update("order.new.table_service"))
    assert (told.fulfilment, told.customer.address) == (Fulfilment.DINE_IN, "Table 12")
    assert told.decide_by == NOON + timedelta(minutes=7)  # the Emirates are quicker


def test_the_account_may_know_better_how_long_there_is_to_decide(update: Update) -> None:
    told = facts(update("order.new", Reading("Noodle bar", timedelta(minutes=3))))
    assert (told.decide_by, told.shop) == (NOON + timedelta(minutes=3), "Noodle bar")


def test_a_scheduled_order(update: Update) -> None:
    told = facts(update("order.new.scheduled"))
    assert (told.scheduled, told.decide_by) == (True, None)
    assert told.due_at == datetime(2026, 1, 1, 18, 30, tzinfo=UTC)
    assert update("order.status_update.confirmed").kitchen is Kitchen.PREPARING


@pytest.mark.parametrize(
    ("event", "kitchen"),
    [("accepted", Kitchen.ACCEPTED), ("rejected", Kitchen.REJECTED), ("canceled", Kitchen.CANCELLED)],
)
def test_status_events(update: Update, event: str, kitchen: Kitchen) -> None:
    found = update(f"order.status_update.{event}")
    assert found.kitchen is kitchen
    assert found.facts == update("order.new").facts


def test_an_event_is_as_old_as_its_log(update: Update) -> None:
    at = datetime(2026, 1, 1, 12, 3, 34, 865695, tzinfo=UTC)
    assert update("order.status_update.canceled").version == int(at.timestamp() * 1000)


def test_the_log_is_the_truth_and_the_field_may_lag(update: Update) -> None:
    assert update("order.status_update.accepted", status="placed").kitchen is Kitchen.ACCEPTED


def test_an_order_without_a_log_goes_by_its_field() -> None:
    found = fetched(status="accepted")
    assert found.kitchen is Kitchen.ACCEPTED
    assert facts(found).placed_at == datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("changed", [{"status": "teleported"}, {"status_log": [{"at": None, "status": "teleported"}]}])
def test_an_unknown_status_is_kept(changed: dict[str, Any]) -> None:
    found = fetched(**changed)
    assert (found.kitchen, found.unmapped) == (None, "teleported")


def test_delivered_is_known_to_other_clients() -> None:
    assert fetched(status="delivered").kitchen is Kitchen.COMPLETED


@pytest.mark.parametrize(
    ("items", "figures", "lines", "rest"),
    [
        ([dish(500, 1000, 2, 50)], {"subtotal": gbp(1000)}, [1000], 0),
        ([dish(475, 950, 2, 50)], {"subtotal": gbp(1000)}, [1000], 0),  # modifiers beside, once
        ([dish(450, 900, 2, 50)], {"subtotal": gbp(1000)}, [1000], 0),  # modifiers beside, each
        ([dish(500, None, 2)], {"subtotal": gbp(1000)}, [1000], 0),
        ([dish(500, 1000, 2, 50)], {}, [1000], 0),
        ([dish(450, 900, 2)], {"subtotal": gbp(900)}, [900], 100),
        ([dish(450, 900, 2)], {"subtotal": gbp(900), "surcharge": gbp(100), "bag_fee": gbp(10)}, [900], 0),
        ([dish(450, 900, 2)], {"subtotal": gbp(900), "surcharge": gbp(30)}, [900], 70),
    ],
)
def test_dishes_and_fees_that_close_the_sum(
    items: list[dict[str, Any]], figures: dict[str, Any], lines: list[int], rest: int
) -> None:
    told = facts(fetched(items=items, **figures))
    assert [line.total.minor for line in told.lines] == lines
    assert told.difference() == Money(rest, "GBP")
    assert any("differs" in check for check in told.checks) == bool(rest)


def test_a_dish_without_a_total_is_said() -> None:
    assert facts(fetched(items=[dish(1000, None, 1)])).checks == ("a dish came without its total",)


@pytest.mark.parametrize("total", ["partner_order_total", "partner_order_subtotal", "subtotal"])
def test_the_next_best_total(total: str) -> None:
    assert facts(fetched(**{"total_price": None, total: gbp(1000)})).total == Money(1000, "GBP")


@pytest.mark.parametrize(
    "changed",
    [
        {"total_price": None},
        {"total_price": 1000},
        {"total_price": {"fractional": 10.5, "currency_code": "GBP"}},
        {"total_price": {"fractional": True, "currency_code": "GBP"}},
        {"total_price": {"fractional": 1000, "currency_code": "pounds"}},
        {"bag_fee": {"fractional": 1000, "currency_code": "EUR"}},
        {"items": {}},
        {"items": [{"name": "x", "quantity": -1}]},
        {"id": ""},
        {"prepare_for": "2026-01-01T12:00:00"},
    ],
)
def test_a_figure_or_time_that_cannot_be_right_is_not_taken(changed: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match=r"Not an order or event in Deliveroo's form"):
        fetched(**changed)


def test_what_is_wrong_is_said_without_anybodys_words() -> None:
    with pytest.raises(ProtocolError) as caught:
        fetched(total_price="my secret")
    assert "total_price" in str(caught.value)
    assert "my secret" not in str(caught.value)


def test_an_unknown_way_to_the_customer_is_said() -> None:
    assert facts(fetched(fulfillment_type="catapult")).checks == ("unknown service type: catapult",)


def test_a_wrapped_order_reads_like_a_bare_one() -> None:
    wrapped = b'{"order": %s}' % order()
    assert read(Message("k", "order", wrapped, 5), Reading()) == read(Message("k", "order", order(), 5), Reading())


def test_options_of_options_follow() -> None:
    inner = {"name": "rare", "quantity": "1", "modifiers": None}
    item = {**dish(1000, 1000, 1), "modifiers": [{"name": "steak", "modifiers": [inner]}]}
    assert [one.name for one in facts(fetched(items=[item])).lines[0].options] == ["steak", "rare"]


def test_riders(update: Update) -> None:
    found = update("rider.status_update.assigned")
    assert (found.order_id, found.delivery, found.kitchen, found.facts) == (ORDER_ID, Delivery.ASSIGNED, None, None)
    assert found.courier
    assert (found.courier.name, found.courier.phone) == ("Sam R.", "+442000000000 #7781")
    assert found.courier.eta == datetime(2026, 1, 1, 12, 16, tzinfo=UTC)


def test_the_rider_who_moved_last_counts(update: Update) -> None:
    found = update("rider.status_update.changed")
    assert found.courier
    assert (found.delivery, found.courier.name) == (Delivery.ASSIGNED, "Priya K.")


def test_a_rider_who_left_is_nobodys_courier(update: Update) -> None:
    found = update("rider.status_update.unassigned")
    assert found.courier
    assert (found.delivery, found.courier.name) == (Delivery.PENDING, "")


def test_a_rider_on_the_way_has_no_time_of_arrival_here(update: Update) -> None:
    found = update("rider.status_update.in_transit")
    assert found.courier
    assert (found.delivery, found.courier.eta) == (Delivery.PICKED_UP, None)


def test_riders_in_any_order_of_arrival_end_alike(update: Update) -> None:
    names = ("rider.status_update.assigned", "rider.status_update.changed", "order.new", "order.status_update.accepted")
    reports = [update(name) for name in (*names, "rider.status_update.in_transit", "rider.status_update.unassigned")]
    ends = {merge_all(one.state for one in some) for some in permutations(reports)}
    assert len(ends) == 1
    assert ends.pop().delivery is Delivery.PICKED_UP


def test_no_rider_yet() -> None:
    body = json.dumps({"event": "rider.status_update", "body": {"order_id": "gb:1", "riders": []}}).encode()
    (found,) = read(Message("k", "event", body, 7), Reading())
    assert (found.delivery, found.courier) == (None, None)


def test_of_two_moves_at_one_moment_the_later_entry_counts() -> None:
    log = [{"at": "2026-01-01T12:03:00Z", "status": status} for status in ("rider_assigned", "rider_in_transit")]
    body = json.dumps({"event": "rider.status_update", "body": {"order_id": "gb:1", "riders": [{"status_log": log}]}})
    (found,) = read(Message("k", "event", body.encode(), 7), Reading())
    assert found.delivery is Delivery.PICKED_UP


def test_an_unknown_rider_status_is_kept() -> None:
    rider = {"full_name": "Sam", "contact_number": "+442012345678", "status_log": [{"status": "rider_lost"}]}
    body = json.dumps({"event": "rider.status_update", "body": {"order_id": "gb:1", "riders": [rider]}}).encode()
    (found,) = read(Message("k", "event", body, 7), Reading())
    assert found.courier
    assert (found.delivery, found.unmapped, found.courier.phone) == (None, "rider_lost", "+4420****5678")


@pytest.mark.parametrize(
    ("event", "kitchen", "second"), [("new_order", Kitchen.ACCEPTED, 153), ("cancel_order", Kitchen.CANCELLED, 214)]
)
def test_deprecated_events_are_worth_a_fetch(update: Update, event: str, kitchen: Kitchen, second: int) -> None:
    found = update(event)
    assert (found.order_id, found.kitchen, found.facts, found.incomplete) == (ORDER_ID, kitchen, None, True)
    assert found.version == int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp() + second) * 1000


def test_a_deprecated_event_about_nothing() -> None:
    with pytest.raises(ProtocolError, match=r"names no order"):
        read(Message("k", "event", b'{"event": "new_order"}', 0), Reading())


def test_a_menu_event_is_not_ours(update: Update) -> None:
    with pytest.raises(UnknownMessageError, match=r"menu\.upload_result"):
        update("menu.upload_result")


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_drifting_types_and_lost_fields_change_nothing_that_matters(seed: int) -> None:
    chance = random.Random(seed)
    plain = from_wish(random_wish(chance), seed, NOON, chance, 1.0)
    odd = oddly(json.loads(json.dumps(plain)), chance)
    (one,), (other,) = (read(Message("k", "order", json.dumps(body).encode(), 5), Reading()) for body in (plain, odd))
    left, right = facts(one), facts(other)
    assert (left.total, left.charges, left.placed_at, left.due_at, left.note) == (
        right.total,
        right.charges,
        right.placed_at,
        right.due_at,
        right.note,
    )
    assert [(line.name, line.total, line.options) for line in left.lines] == [
        (line.name, line.total, line.options) for line in right.lines
    ]
    assert (one.kitchen, one.payment, left.checks) == (other.kitchen, other.payment, right.checks)
    assert not left.difference()


def test_times_are_looked_for_where_they_stand_only() -> None:
    note = {
        "event": "order.new",
        "body": {"order": {"customer": {"at": "2030-01-01T00:00:00Z"}, "prepare_for": "2031-01-01"}},
    }
    assert event_version(note) == 0
    assert event_version({"event": "x", "sent_at": "not a time"}) == 0
    assert mapping.event_order_id({"event": "x", "body": {"order": 3}}) == ""
