"""The shapes DoorDash sends (order, Dasher status), read tolerantly.

Field names are those of the vendor's reference, of integration guides that transcribe it, and of public clients. Whatever
is not named is ignored here and kept in the raw message. Numbers may stand for text and text for numbers, null for anything
optional; a wrong amount is an error, since a wrong figure must never pass for a right one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, PlainValidator

from app.platforms.shapes import Many, Text

# Twelve digits hold any bill; more would not fit a database integer.
_CENTS = re.compile(r"-?\d{1,12}")
_DECIMAL = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


def cents(value: Any) -> int:
    """`1200`, `"1200"` or `1200.0` as cents. ValueError for any other form, `"12.00"` among them: that could be dollars."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(plain, bool) or not _CENTS.fullmatch(str(plain)):
        raise ValueError("not an amount in cents")
    return int(plain)


def few_cents(value: Any) -> int:
    """The same, None as zero."""
    return 0 if value is None else cents(value)


def quantity(value: Any) -> Decimal:
    """`2` or `"2"`, None as one; ValueError for anything below zero or absurd."""
    if value is None:
        return Decimal(1)
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("not a quantity")
    return Decimal(str(value))


def instant(value: Any) -> datetime | None:
    """ISO 8601 in UTC; "" and None are no time. DoorDash states UTC, so a missing offset means that."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("not a time")  # noqa: TRY004 - pydantic turns only this into a ValidationError
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


Cents = Annotated[int, PlainValidator(few_cents)]
Quantity = Annotated[Decimal, PlainValidator(quantity)]
Instant = Annotated[datetime | None, PlainValidator(instant)]


class Wire(BaseModel):
    """What all shapes share."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, populate_by_name=True)


class WireOption(Wire):
    """What was chosen; it may have choices of its own, which one page of the vendor calls `extra`."""

    name: Text = ""
    merchant_supplied_id: Text = ""
    price: Cents = 0
    quantity: Quantity = Decimal(1)
    line_option_id: Text = ""
    extras: Many[Extra] = Field(default_factory=list, validation_alias=AliasChoices("extras", "extra"))


class Extra(Wire):
    """A group of choices."""

    name: Text = ""
    options: Many[WireOption] = Field(default_factory=list)


class Discount(Wire):
    """A promotion by who pays for it; one that DoorDash pays alone is never sent."""

    promo_code: Text = ""
    merchant_funded_discount_amount: Cents = 0
    doordash_funded_discount_amount: Cents = 0


class Item(Wire):
    """A dish. Choices directly beside it, without a group, are seen in the wild."""

    name: Text = ""
    merchant_supplied_id: Text = ""
    price: Cents = 0
    quantity: Quantity = Decimal(1)
    extras: Many[Extra] = Field(default_factory=list)
    options: Many[WireOption] = Field(default_factory=list)
    consumer_name: Text = ""
    special_instructions: Text = ""
    line_item_id: Text = ""
    applied_item_discount_details: Many[Discount] = Field(default_factory=list)

    def chosen(self) -> list[WireOption]:
        """Every option, those of options behind their own."""
        return flat([*chain.from_iterable(extra.options for extra in self.extras), *self.options])


class Category(Wire):
    """A section of the menu."""

    name: Text = ""
    items: Many[Item] = Field(default_factory=list)


class Consumer(Wire):
    """Who ordered. The number is DoorDash's support, or a masked one where the shop has asked for that."""

    first_name: Text = ""
    last_name: Text = ""
    phone: Text = ""


class WireStore(Wire):
    """Which restaurant."""

    merchant_supplied_id: Text = ""


class Fee(Wire):
    """A fee the law asks for; `BAG_FEE` is the only known type."""

    type: Text = ""
    price: Cents = 0
    tax: Cents = 0


class Address(Wire):
    """Only for the shop's own couriers."""

    street: Text = ""
    subpremise: Text = ""
    city: Text = ""
    state: Text = ""
    zip_code: Text = ""
    address_instructions: Text = ""


class Order(Wire):
    """A whole order. It has no total, no currency and no time of its own."""

    id: str = Field(min_length=1)
    consumer: Consumer | None = None
    store: WireStore | None = None
    subtotal: Annotated[int, PlainValidator(cents)]
    tax: Cents = 0
    estimated_pickup_time: Instant = None
    is_pickup: bool | None = None
    is_scheduled: bool | None = None  # seen in a public client only
    order_special_instructions: Text = ""
    categories: Many[Category]
    is_tax_remitted_by_doordash: bool | None = None
    tax_amount_remitted_by_doordash: Cents = 0
    delivery_short_code: Text = ""
    fulfillment_type: Text = ""
    merchant_tip_amount: Cents = 0
    tip_amount: Cents = 0
    delivery_fee: Cents = 0
    custom_fee: Many[Fee] = Field(default_factory=list)
    experience: Text = ""
    is_plastic_ware_option_selected: bool | None = None
    delivery_address: Address | None = None
    address_instructions: Text = ""
    applied_discounts_details: Many[Discount] = Field(default_factory=list)

    def dishes(self) -> list[tuple[str, Item]]:
        """Every dish with its category's name."""
        return [(category.name, item) for category in self.categories for item in category.items]


class Vehicle(Wire):
    """What a Dasher drives."""

    color: Text = ""
    make: Text = ""
    model: Text = ""


class Dasher(Wire):
    """Who carries the order; the number is masked and answers only the store's own telephone."""

    first_name: Text = ""
    last_name: Text = ""
    phone_number: Text = ""
    vehicle: Vehicle | None = None


def flat(options: list[WireOption], depth: int = 8) -> list[WireOption]:
    """Options and what was chosen for them, in order; what is nested deeper than any menu is left out."""
    if not depth:
        return []
    return [
        found
        for option in options
        for found in (option, *flat([one for extra in option.extras for one in extra.options], depth - 1))
    ]
