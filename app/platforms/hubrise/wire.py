"""The shapes HubRise sends (its API documentation, "orders", "deliveries", "callbacks"), read tolerantly.

Whatever we do not name is kept and ignored. Money is text "8.90 EUR", decimals are text, option quantities are integers;
numbers in place of text are taken, anything else is an error: a wrong figure must never pass for a right one.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PlainValidator

from app.domain.money import Money
from app.platforms.shapes import Many, Text, instant

# Twelve digits hold any bill; more would not fit a database integer once in minor units.
_MONEY = re.compile(r"(-?\d{1,12}(?:\.\d{1,3})?) ([A-Z]{3})")
_DECIMAL = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")


def money(text: Any) -> Money:
    """`"8.90 EUR"` as an exact amount. ValueError for any other form."""
    found = _MONEY.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError("not an amount of money")
    return Money.parse(found[1], found[2])


def decimal(text: Any) -> Decimal:
    """`"2.0"` as an exact number."""
    if not _DECIMAL.fullmatch(str(text)):
        raise ValueError("not a decimal number")
    return Decimal(str(text))


Amount = Annotated[Money, PlainValidator(money)]
Number = Annotated[Decimal, PlainValidator(decimal)]
Instant = Annotated[datetime, PlainValidator(instant)]


class Wire(BaseModel):
    """What all shapes share: unknown fields are kept, numbers may stand for text."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)


class WireOption(Wire):
    """A chosen option; `removed` means an ingredient taken out."""

    name: Text = ""
    price: Amount | None = None
    quantity: Number = Decimal(1)
    removed: bool | None = False


class DealLine(Wire):
    """The place of an item within a deal (a set menu)."""

    deal_key: Text = ""
    label: Text = ""


class Item(Wire):
    """A dish. `price` is the unit price without options, `subtotal` = (price + options) x quantity."""

    id: Text = ""
    product_name: Text = ""
    sku_name: Text = ""
    sku_ref: Text = ""
    price: Amount
    quantity: Number
    subtotal: Amount | None = None
    customer_notes: Text = ""
    options: Many[WireOption] = Field(default_factory=list)
    deal_line: DealLine | None = None
    deleted: bool | None = False


class WireCharge(Wire):
    """A fee the customer pays."""

    name: Text = ""
    ref: Text = ""
    price: Amount
    deleted: bool | None = False


class Discount(Wire):
    """Money off; the wire does not say at whose cost."""

    name: Text = ""
    price_off: Amount
    deleted: bool | None = False


class WirePayment(Wire):
    """A payment made; an order without any is unpaid."""

    name: Text = ""
    amount: Amount
    deleted: bool | None = False


class WireCustomer(Wire):
    """The customer; `phone_access_code` stands beside relay numbers only."""

    first_name: Text = ""
    last_name: Text = ""
    phone: Text = ""
    phone_access_code: Text = ""
    address_1: Text = ""
    address_2: Text = ""
    postal_code: Text = ""
    city: Text = ""
    delivery_notes: Text = ""
    nb_orders: int | None = None


class WireDelivery(Wire):
    """The carrier's side of an order."""

    status: Text = ""
    carrier: Text = ""
    driver_name: Text = ""
    driver_phone: Text = ""
    driver_phone_access_code: Text = ""
    estimated_pickup_at: Instant | None = None
    estimated_dropoff_at: Instant | None = None


class Order(Wire):
    """A whole order."""

    id: str = Field(min_length=1)
    status: Text
    ref: Text = ""
    service_type: Text = ""
    created_at: Instant
    created_by: Text = ""
    expected_time: Instant | None = None
    confirmed_time: Instant | None = None
    customer_notes: Text = ""
    seller_notes: Text = ""
    collection_code: Text = ""
    total: Amount
    items: Many[Item]
    deals: dict[str, dict[str, Any]] | None = None
    discounts: Many[Discount] = Field(default_factory=list)
    charges: Many[WireCharge] = Field(default_factory=list)
    payments: Many[WirePayment] = Field(default_factory=list)
    customer: WireCustomer | None = None
    delivery: WireDelivery | None = None


class OrderStatus(Wire):
    """What is left of an order when a callback carries only its status."""

    id: Text = ""
    status: Text = ""
    seller_notes: Text = ""


class Event(Wire):
    """A callback event; lists and minimal callbacks carry no states."""

    id: str = Field(min_length=1)
    resource_type: str
    event_type: str
    created_at: Instant
    order_id: Text = ""
    new_state: dict[str, Any] | None = None


class Acceptance(Wire):
    """Whether the location takes orders; `resume_at` is when it does so again by itself."""

    mode: Text = ""
    resume_at: Instant | None = None
    reason: Text = ""


class Location(Wire):
    """The location we are signed in to."""

    order_acceptance: Acceptance


class Sku(Wire):
    """A variant of a dish, or an option. Its `ref` is what inventories and orders call it."""

    ref: Text = ""
    name: Text = ""


class Product(Wire):
    """A dish. It is written with the ref of its category and read with the id."""

    name: Text = ""
    category_id: Text = ""
    category_ref: Text = ""
    skus: Many[Sku]


class OptionList(Wire):
    """Options to choose from."""

    name: Text = ""
    options: Many[Sku]


class Category(Wire):
    """A heading of the menu."""

    id: Text = ""
    ref: Text = ""
    name: Text = ""


class Catalog(Wire):
    """What a catalogue holds. The documentation spells the option lists in two ways."""

    categories: Many[Category] = Field(default_factory=list)
    products: Many[Product]
    option_lists: Many[OptionList] = Field(
        default_factory=list, validation_alias=AliasChoices("option_lists", "options_lists")
    )


class Stock(Wire):
    """An entry of the inventory: how many of a variant or an option are left; none until `expires_at`."""

    sku_ref: Text = ""
    option_ref: Text = ""
    stock: Number | None = None
    expires_at: Instant | None = None


class Driver(Wire):
    """Where the courier of a delivery is."""

    driver_latitude: Annotated[Number, Field(ge=-90, le=90)] | None = None
    driver_longitude: Annotated[Number, Field(ge=-180, le=180)] | None = None
