"""An order in the counter's words: money that adds up, statuses, texts, times, whatever plug-ins make of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import ChargeKind, Fulfilment, OrderFacts, Party
from app.platforms.api import Message, ProtocolError
from app.platforms.woocommerce import clean
from app.platforms.woocommerce.statuses import MARK, REASON
from app.platforms.woocommerce.wire import amount, moment

from .conftest import offline

Load = Callable[..., Message]


def read(message: Message, **settings: str) -> OrderUpdate:
    (update,) = offline(shop_name="Comptoir", **settings).read(message)
    return update


def facts(message: Message, **settings: str) -> OrderFacts:
    found = read(message, **settings).facts
    assert found is not None
    return found


def charges(found: OrderFacts) -> list[tuple[ChargeKind, str, int]]:
    return [(one.kind, one.name, one.amount.minor) for one in found.charges]


def test_an_order_as_the_documentation_has_it(message: Load) -> None:
    update = read(message("order_placed"))
    found = facts(message("order_placed"))
    assert (update.order_id, update.version, update.kitchen, update.payment) == (
        "727",
        1767265240000,
        Kitchen.NEW,
        Payment.PAID,
    )
    assert (found.number, found.reference, found.fulfilment, found.shop) == ("727", "727", Fulfilment.DELIVERY, "Comptoir")
    assert found.placed_at == datetime(2026, 1, 1, 11, 0, 5, tzinfo=UTC)
    assert (found.due_at, found.scheduled) == (datetime(2026, 1, 1, 11, 45, tzinfo=UTC), False)
    assert found.total == Money(3135, "EUR")
    assert found.note == "Allergie: arachide"
    assert found.paid
    assert (found.customer.name, found.customer.phone) == ("Lina D.", "+331****0000")
    assert found.customer.address == "1 rue du Test, 2e étage, 75003 Paris"


def test_a_state_belongs_to_the_address(message: Load) -> None:
    place = {"first_name": "Ann", "address_1": "1 Main St", "city": "Springfield", "state": "IL", "postcode": "62701"}
    assert facts(message("order_placed", shipping=place)).customer.address == "1 Main St, 62701 Springfield, IL"


def test_a_line_shows_what_was_chosen_and_not_what_plugins_keep(message: Load) -> None:
    (line,) = facts(message("order_placed")).lines
    assert (line.name, line.quantity, line.sku) == ("Ramen shoyu & œuf", Decimal(2), "RAMEN")
    assert (line.unit_price.minor, line.total.minor) == (1275, 2550)
    assert [option.name for option in line.options] == [
        "Extras: Œuf mariné (+1,50 €)",
        "Taille: Grande",
        "Sans: ail, oignon",
    ]


def test_prices_without_tax_get_it_as_a_charge(message: Load) -> None:
    found = facts(message("order_placed"))
    assert charges(found) == [(ChargeKind.DELIVERY, "Livraison", 300), (ChargeKind.TAX, "TVA", 285)]
    assert not found.difference()
    assert found.checks == ()


def test_coupons_negative_fees_and_lost_cents_add_up(message: Load) -> None:
    found = facts(message("order_with_discounts"))
    assert charges(found) == [
        (ChargeKind.DISCOUNT, "Remise fidélité", -300),
        (ChargeKind.PACKAGING, "Emballage", 50),
        (ChargeKind.DISCOUNT, "midi", -200),
        (ChargeKind.OTHER, "Rounding", -1),
    ]
    assert {one.borne_by for one in found.charges if one.kind is ChargeKind.DISCOUNT} == {Party.SHOP}
    assert not found.difference()
    assert [(line.name, line.unit_price.minor) for line in found.lines] == [('Gyoza "6"', 333), ("Thé", 500)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Tip for the kitchen", ChargeKind.TIP),
        ("Pourboire (10 %)", ChargeKind.TIP),
        ("Multiple dishes", ChargeKind.OTHER),
        ("Baguette", ChargeKind.OTHER),
        ("Paper bag", ChargeKind.PACKAGING),
        ("Packaging", ChargeKind.PACKAGING),
        ("2 sacs", ChargeKind.PACKAGING),
        ("外卖打包费", ChargeKind.PACKAGING),
        ("Frais de livraison", ChargeKind.DELIVERY),
        ("Zustelltrinkgeld", ChargeKind.TIP),
    ],
)
def test_a_fee_is_known_by_its_words(message: Load, name: str, kind: ChargeKind) -> None:
    fee = {"name": name, "total": "2.00", "total_tax": "0.00"}
    found = facts(message("order_placed", fee_lines=[fee], total="33.35"))
    assert (kind, name, 200) in charges(found)


def test_a_lost_cent_is_rounding_where_tax_comes_on_top_too(message: Load) -> None:
    """Every figure is rounded for itself when it is shown; a shop keeps more decimals of each."""
    found = facts(message("order_placed", total="31.36"))
    assert (ChargeKind.OTHER, "Rounding", 1) in charges(found)
    assert found.checks == ()


def test_a_sum_that_is_wrong_is_flagged(message: Load) -> None:
    found = facts(message("order_placed", total="29.35"))
    assert found.total.minor == 2935
    assert found.checks == ("total differs from dishes, fees and discounts by -2.00 EUR",)


def test_a_long_number_is_cut_and_kept(message: Load) -> None:
    found = facts(message("order_with_discounts"))
    assert (found.number, found.reference, read(message("order_with_discounts")).order_id) == (
        "0731",
        "ORD-2026-000731",
        "731",
    )


def test_collected_by_the_customer_and_paid_at_the_door(message: Load) -> None:
    update, found = read(message("order_with_discounts")), facts(message("order_with_discounts"))
    assert (found.fulfilment, found.paid, update.payment) == (Fulfilment.PICKUP, False, Payment.UNPAID)
    assert (found.customer.name, found.customer.address) == ("Zoë", "")


def test_refunds_add_up_and_leave_the_total(message: Load) -> None:
    """The shop writes yen with two decimals (observed); the currency has none."""
    update, found = read(message("order_part_refunded")), facts(message("order_part_refunded"))
    assert (update.kitchen, update.payment, update.refunded) == (
        Kitchen.COMPLETED,
        Payment.PART_REFUNDED,
        Money(150, "JPY"),
    )
    assert found.total == Money(1200, "JPY")
    assert (found.fulfilment, found.customer.address) == (Fulfilment.DINE_IN, "Table 7")


def test_a_refund_of_nothing_is_none(message: Load) -> None:
    assert read(message("order_with_discounts")).refunded is None


DAY = "2026-01-01T11:30:00"


@pytest.mark.parametrize(
    ("status", "changed", "kitchen"),
    [
        ("processing", {}, Kitchen.NEW),
        ("on-hold", {}, Kitchen.NEW),
        ("completed", {}, Kitchen.COMPLETED),
        ("cancelled", {}, Kitchen.CANCELLED),
        ("cancelled", {"meta_data": [{"key": MARK, "value": "rejected"}]}, Kitchen.REJECTED),
        ("refunded", {}, Kitchen.CANCELLED),
        ("refunded", {"date_completed_gmt": DAY}, Kitchen.COMPLETED),
        ("trash", {}, Kitchen.CANCELLED),
        ("trash", {"date_completed_gmt": DAY}, Kitchen.COMPLETED),
        ("processing", {"date_completed_gmt": DAY}, Kitchen.NEW),
        ("processing", {"meta_data": [{"key": MARK, "value": "accepted"}]}, Kitchen.ACCEPTED),
        ("processing", {"meta_data": [{"key": MARK, "value": "completed"}]}, Kitchen.NEW),
        ("processing", {"meta_data": [{"key": MARK, "value": ["odd"]}]}, Kitchen.NEW),
        ("preparing", {}, Kitchen.PREPARING),
        ("preparing", {"meta_data": [{"key": MARK, "value": "accepted"}]}, Kitchen.PREPARING),
        ("out-for-delivery", {}, Kitchen.HANDED_OVER),
    ],
)
def test_statuses(message: Load, status: str, changed: dict[str, Any], kitchen: Kitchen) -> None:
    update = read(message("order_placed", status=status, **changed))
    assert (update.kitchen, update.unmapped) == (kitchen, "")


@pytest.mark.parametrize("status", ["pending", "failed", "wc-odd", "quote-request"])
def test_a_status_that_says_nothing_of_food_is_shown_and_not_guessed(message: Load, status: str) -> None:
    """A payment that failed may be tried again: it is no cancellation, and here the dead stay dead."""
    update = read(message("order_placed", status=status))
    assert (update.kitchen, update.unmapped) == (None, status)


def test_the_accounts_own_map_goes_first(message: Load) -> None:
    own = {"new_statuses": "wc-received , Preparing", "ready_status": "wc-emballe"}
    assert read(message("order_placed", status="received"), **own).kitchen is Kitchen.NEW
    assert read(message("order_placed", status="preparing"), **own).kitchen is Kitchen.NEW
    assert read(message("order_placed", status="emballe"), **own).kitchen is Kitchen.READY
    assert read(message("order_placed", status="processing"), **own).unmapped == "processing"


def test_a_day_of_payment_outlives_the_payment(message: Load) -> None:
    assert read(message("order_placed", status="pending")).payment is Payment.UNPAID
    assert read(message("order_placed", status="refunded")).payment is Payment.REFUNDED


def test_a_refusal_keeps_its_reason(message: Load) -> None:
    dead = message("order_placed", status="cancelled", meta_data=[{"key": REASON, "value": "Sold out: no eggs"}])
    assert read(dead).reason == "Sold out: no eggs"
    assert read(message("order_placed", status="trash")).reason == "put in the trash in the shop"


@pytest.mark.parametrize(
    "changed",
    [
        {"total": "31,35"},
        {"total": ""},
        {"total": "1e5"},
        {"total": True},
        {"currency": "euro"},
        {"id": 0},
        {"id": None},
        {"status": ""},
        {"date_created_gmt": None, "date_modified_gmt": None},
        {"date_created_gmt": "yesterday"},
        {"line_items": [{"id": 1, "quantity": 1}]},
        {"line_items": "none"},
    ],
)
def test_what_cannot_be_read_is_never_guessed(message: Load, changed: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="Not an order"):
        read(message("order_placed", **changed))


def test_empty_lists_and_maps_may_be_either(message: Load) -> None:
    found = facts(message("order_placed", refunds={}, fee_lines=None, meta_data={}, shipping=[], tax_lines=""))
    assert found.customer.address == "1 rue du Test, 75003 Paris"


def test_a_list_with_holes_is_a_map_to_php(message: Load) -> None:
    """A plug-in that filters a list leaves its numbers: {"1": ...} for a list whose first was taken out."""
    line = {"id": 1, "quantity": 1, "subtotal": "5.00", "total": "5.00", "meta_data": {"2": {"key": "Extras", "value": "x"}}}
    meta = {"1": {"key": "delivery_date", "value": "2026-01-01 12:45"}, "7": {"key": "table", "value": 4}}
    found = facts(message("order_placed", line_items={"3": line}, meta_data=meta))
    assert [option.name for option in found.lines[0].options] == ["Extras: x"]
    assert (found.due_at, found.customer.address) == (datetime(2026, 1, 1, 11, 45, tzinfo=UTC), "Table 4")


def test_an_order_of_nothing_is_an_order(message: Load) -> None:
    """The shop takes one (observed)."""
    empty: dict[str, Any] = {"line_items": [], "shipping_lines": [], "shipping_total": "0.00"}
    found = facts(message("order_placed", total="0.00", total_tax="0.00", **empty))
    assert (found.lines, found.charges, found.difference()) == ((), (), Money(0, "EUR"))


def test_a_negative_quantity_keeps_its_price(message: Load) -> None:
    line = {"id": 1, "name": "Return", "quantity": -1, "subtotal": "-5.00", "total": "-5.00"}
    (found,) = facts(message("order_placed", line_items=[line])).lines
    assert (found.quantity, found.unit_price.minor, found.total.minor) == (Decimal(-1), 500, -500)


# -- figures, times, texts


@given(st.decimals(-999999, 999999, places=2))
def test_money_as_text_and_as_number(value: Decimal) -> None:
    assert amount(str(value)) == value
    assert Money.parse(amount(float(value)), "EUR") == Money.parse(value, "EUR")


def test_times_have_no_zone_and_mean_utc() -> None:
    assert moment("2026-01-01T11:00:05") == datetime(2026, 1, 1, 11, 0, 5, tzinfo=UTC)
    assert moment("2026-01-01T11:00:05Z") == moment("2026-01-01T12:00:05+01:00") == moment("2026-01-01T11:00:05")
    assert moment(None) is moment("") is None


def test_an_addons_word_beats_the_shipping_method(message: Load) -> None:
    def kind(key: str, value: Any) -> Fulfilment:
        return facts(message("order_placed", meta_data=[{"key": key, "value": value}])).fulfilment

    assert kind("exwfood_order_method", "takeaway") is Fulfilment.PICKUP
    assert kind("lpac_dps_order_type", "delivery") is Fulfilment.DELIVERY
    assert kind("exwfood_order_method", "dinein") is Fulfilment.DINE_IN
    assert kind("exwfood_order_method", ["?"]) is Fulfilment.DELIVERY
    assert facts(message("order_placed", shipping_lines=[])).fulfilment is Fulfilment.PICKUP


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("<b>Hot</b> &#8211; &times;", "Hot – ×"),
        ('<script>alert("x")</script>', 'alert("x")'),
        ("no <peanuts> please, I <3 you", "no <peanuts> please, I <3 you"),
        ("&lt;b&gt;", "<b>"),
        ("one<br />two\r\nthree 🙏", "one\ntwo\nthree 🙏"),
    ],
)
def test_texts_lose_wordpress_and_nothing_else(raw: str, shown: str) -> None:
    assert clean.text(raw) == shown


@pytest.mark.parametrize("begin", ["<!--", "<a ", "<", "<br", "</p", "&", "&#", "<!-- <b>"])
def test_a_note_of_nothing_but_begins_is_read_like_any_other(begin: str) -> None:
    assert "begin" in clean.text(begin * 100_000 + "begin")


def test_comments_are_wordpresses_own() -> None:
    assert clean.text("<!-- wp:paragraph --><p>no\negg</p><!-- /wp -->") == "no\negg"


@given(st.text())
def test_a_name_is_one_line(text: str) -> None:
    assert "\n" not in clean.line(text)
