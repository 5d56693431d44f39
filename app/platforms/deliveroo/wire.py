"""The shapes Deliveroo sends (Orders API v2, order and rider events), read tolerantly.

Field names are those of a public client and of a captured message; whatever we do not name is ignored here, and kept in the
raw message. Numbers may stand for text and text for numbers, null for anything optional; a wrong amount is an error, since a
wrong figure must never pass for a right one.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from app.domain.money import Money
from app.platforms import shapes
from app.platforms.shapes import Many, Text

# Twelve digits hold any bill; more would not fit a database integer.
_MINOR = re.compile(r"-?\d{1,12}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


def money(value: Any) -> Money | None:
    """`{"fractional": 1150, "currency_code": "GBP"}` as an exact amount; None stays None. ValueError for any other form."""
    if value is None:
        return None
    parts = value if isinstance(value, dict) else {}
    minor, currency = str(parts.get("fractional")), str(parts.get("currency_code"))
    if not _MINOR.fullmatch(minor) or not _CURRENCY.fullmatch(currency):
        raise ValueError("not an amount of money")
    return Money(int(minor), currency)


def decimal(value: Any) -> Decimal:
    """`2` or `"2"` as an exact number; ValueError for anything below zero or absurd."""
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("not a quantity")
    return Decimal(str(value))


def instant(value: Any) -> datetime | None:
    """ISO 8601 with an offset, in UTC; "" and None are no time. ValueError without an offset: a guess could be far off."""
    return None if value is None or value == "" else shapes.instant(value)


def sometime(value: Any) -> datetime | None:
    """`instant`, for a time that nothing hangs on."""
    try:
        return instant(value)
    except shapes.UNREADABLE:
        return None


def degrees(value: Any, most: float) -> float | None:
    """A place is worth showing, never worth losing an event for: None for anything that is none."""
    try:
        found = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else most + 1
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= most else None


Amount = Annotated[Money | None, PlainValidator(money)]
Number = Annotated[Decimal, PlainValidator(decimal)]
Instant = Annotated[datetime | None, PlainValidator(instant)]
Sometime = Annotated[datetime | None, PlainValidator(sometime)]
Latitude = Annotated[float | None, PlainValidator(partial(degrees, most=90.0))]
Longitude = Annotated[float | None, PlainValidator(partial(degrees, most=180.0))]


class Wire(BaseModel):
    """What all shapes share."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Stamp(Wire):
    """One entry of a status log."""

    at: Instant = None
    status: Text = ""


class Item(Wire):
    """A dish or, within `modifiers`, what was chosen for it. `pos_item_id` may be null."""

    pos_item_id: Text = ""
    name: Text = ""
    operational_name: Text = ""
    quantity: Number = Decimal(1)
    unit_price: Amount = None
    total_price: Amount = None
    modifiers: Many[Item] = Field(default_factory=list)


class WireCustomer(Wire):
    """The customer; a number with an access code is Deliveroo's relay."""

    first_name: Text = ""
    contact_number: Text = ""
    contact_access_code: Text = ""
    order_frequency_at_site: Text = ""


class Address(Wire):
    """Where the shop's own rider goes."""

    street: Text = ""
    number: Text = ""
    address_line_1: Text = ""
    address_line_2: Text = ""
    postal_code: Text = ""
    city: Text = ""


class WireDelivery(Wire):
    """Present only when the shop delivers by itself."""

    delivery_fee: Amount = None
    address: Address | None = None


class Remake(Wire):
    """The order replaces an earlier one."""

    parent_order_id: Text = ""


class Order(Wire):
    """A whole order."""

    id: str = Field(min_length=1)
    order_number: Text = ""
    display_id: Text = ""
    status: Text = ""
    status_log: Many[Stamp] = Field(default_factory=list)
    fulfillment_type: Text = ""
    order_notes: Text = ""
    cutlery_notes: Text = ""
    asap: bool | None = True
    prepare_for: Instant = None
    start_preparing_at: Instant = None
    confirm_at: Instant = None
    table_number: Text = ""
    subtotal: Amount = None
    total_price: Amount = None
    partner_order_subtotal: Amount = None
    partner_order_total: Amount = None
    offer_discount: Amount = None
    cash_due: Amount = None
    bag_fee: Amount = None
    surcharge: Amount = None
    items: Many[Item]
    remake_details: Remake | None = None
    is_tabletless: bool | None = None
    customer: WireCustomer | None = None
    delivery: WireDelivery | None = None

    @property
    def statuses(self) -> set[str]:
        """Every status the order is said to have had; the log is the truth, and the field may lag behind it."""
        return {stamp.status for stamp in self.status_log} | {self.status}

    def reached(self, status: str) -> datetime | None:
        """When the log first shows `status`."""
        return min((stamp.at for stamp in self.status_log if stamp.status == status and stamp.at), default=None)


class Rider(Wire):
    """A rider of an order, `at` a time at `lat` and `lon` (degrees). `bridge_number` and `bridge_code` are a masked call."""

    at: Sometime = None
    lat: Latitude = None
    lon: Longitude = None
    estimated_arrival_time: Instant = None
    full_name: Text = ""
    contact_number: Text = ""
    bridge_code: Text = ""
    bridge_number: Text = ""
    status_log: Many[Stamp] = Field(default_factory=list)


class RiderReport(Wire):
    """The body of a rider event."""

    order_id: str = Field(min_length=1)
    riders: Many[Rider] = Field(default_factory=list)
