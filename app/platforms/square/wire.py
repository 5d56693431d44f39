"""The shapes Square sends (its OpenAPI file of August 2025: orders, events, payouts), read tolerantly.

Whatever we do not name is ignored here, and kept in the raw message. Numbers may stand for text and text for numbers, null
for anything optional; a wrong amount is an error, since a wrong figure must never pass for a right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from app.domain.money import Money
from app.platforms import shapes
from app.platforms.shapes import Many, Text

# Twelve digits hold any bill; more would not fit a database integer.
_MINOR = re.compile(r"-?\d{1,12}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
_DURATION = re.compile(r"P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})(?:\.\d+)?S)?)?")


def money(value: Any) -> Money | None:
    """`{"amount": 1250, "currency": "USD"}` as an exact amount; None, and an amount of null, stay None.

    The vendor's own examples of payouts say `currency_code`. ValueError for any other form.
    """
    if value is None:
        return None
    parts = value if isinstance(value, dict) else {}
    if value and "amount" in parts and parts["amount"] is None:
        return None
    minor, currency = str(parts.get("amount")), str(parts.get("currency") or parts.get("currency_code"))
    if not _MINOR.fullmatch(minor) or not _CURRENCY.fullmatch(currency):
        raise ValueError("not an amount of money")
    return Money(int(minor), currency)


def figure(value: Any) -> Money:
    """An amount that must be there. ValueError without one."""
    found = money(value)
    if found is None:
        raise ValueError("not an amount of money")
    return found


def decimal(value: Any) -> Decimal:
    """`"2"`, `"2.25"` or `2` as an exact number; ValueError for anything below zero or absurd."""
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("not a quantity")
    return Decimal(str(value))


def instant(value: Any) -> datetime | None:
    """RFC 3339 in UTC; "" and None are no time. ValueError without an offset: a guess could be hours wrong."""
    return None if value is None or value == "" else shapes.instant(value)


def duration(value: Any) -> timedelta | None:
    """`PT20M`; None for nothing and for what is no duration: it only ever says how long the shop means to cook."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


Amount = Annotated[Money | None, PlainValidator(money)]
Figure = Annotated[Money, PlainValidator(figure)]
Number = Annotated[Decimal, PlainValidator(decimal)]
Instant = Annotated[datetime | None, PlainValidator(instant)]
Duration = Annotated[timedelta | None, PlainValidator(duration)]


class Wire(BaseModel):
    """What all shapes share."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class Modifier(Wire):
    """What was chosen for a dish; `total_price_money` counts all portions of the line."""

    name: Text = ""
    quantity: Number | None = None
    base_price_money: Amount = None
    total_price_money: Amount = None


class Line(Wire):
    """A dish. `gross_sales_money` is before discounts and additive taxes."""

    uid: Text = ""
    name: Text = ""
    variation_name: Text = ""
    quantity: Number
    note: Text = ""
    catalog_object_id: Text = ""
    modifiers: Many[Modifier] = Field(default_factory=list)
    base_price_money: Amount = None
    variation_total_price_money: Amount = None
    gross_sales_money: Amount = None
    total_money: Amount = None


class Applied(Wire):
    """A tax, a discount or a service charge of the order; `type` INCLUSIVE is a tax that prices contain already."""

    name: Text = ""
    type: Text = ""
    applied_money: Amount = None


class Rounding(Wire):
    """Cash rounding of the total."""

    amount_money: Amount = None


class Tender(Wire):
    """A payment of the order. `id` is the payment's id as well (documented)."""

    id: Text = ""
    payment_id: Text = ""
    type: Text = ""
    amount_money: Amount = None
    processing_fee_money: Amount = None

    @property
    def payment(self) -> str:
        """What a refund names."""
        return self.payment_id or self.id


class Refund(Wire):
    """Money given back; only APPROVED has left the shop."""

    id: Text = ""
    tender_id: Text = ""
    reason: Text = ""
    status: Text = ""
    created_at: Instant = None
    amount_money: Amount = None


class Address(Wire):
    """Where a courier goes."""

    address_line_1: Text = ""
    address_line_2: Text = ""
    address_line_3: Text = ""
    locality: Text = ""
    postal_code: Text = ""


class Recipient(Wire):
    """Who gets the food, as the customer wrote it."""

    display_name: Text = ""
    phone_number: Text = ""
    address: Address | None = None


class Details(Wire):
    """Of a pick-up or a delivery: both, as far as we use them, in one shape."""

    recipient: Recipient | None = None
    schedule_type: Text = ""
    pickup_at: Instant = None
    deliver_at: Instant = None
    prep_time_duration: Duration = None
    note: Text = ""
    dropoff_notes: Text = ""
    accepted_at: Instant = None  # of a pick-up
    in_progress_at: Instant = None  # of a delivery
    ready_at: Instant = None
    expires_at: Instant = None
    expired_at: Instant = None
    rejected_at: Instant = None
    cancel_reason: Text = ""
    is_curbside_pickup: bool | None = None
    is_no_contact_delivery: bool | None = None
    courier_pickup_at: Instant = None
    courier_provider_name: Text = ""
    courier_support_phone_number: Text = ""
    managed_delivery: bool | None = None

    @property
    def was_accepted(self) -> bool:
        """Whether somebody began to cook."""
        return bool(self.accepted_at or self.in_progress_at or self.ready_at)


class Fulfillment(Wire):
    """How an order, or a part of it, leaves the shop. One an order through the API; more are documented to exist."""

    uid: Text = ""
    type: Text = ""
    state: Text = ""
    pickup_details: Details | None = None
    delivery_details: Details | None = None
    shipment_details: Details | None = None

    @property
    def details(self) -> Details:
        """Those of its type, empty where there are none."""
        return self.pickup_details or self.delivery_details or self.shipment_details or Details()


class Source(Wire):
    """The program that made the order."""

    name: Text = ""


class Order(Wire):
    """A whole order. Without a `version` (made at a till, documented) no program may change it."""

    id: str = Field(min_length=1)
    location_id: Text = ""
    reference_id: Text = ""
    ticket_name: Text = ""
    source: Source | None = None
    state: Text = ""
    version: Annotated[int | None, Field(ge=0, le=10**9)] = None
    created_at: Instant
    updated_at: Instant = None
    line_items: Many[Line] = Field(default_factory=list)
    taxes: Many[Applied] = Field(default_factory=list)
    discounts: Many[Applied] = Field(default_factory=list)
    service_charges: Many[Applied] = Field(default_factory=list)
    rounding_adjustment: Rounding | None = None
    tenders: Many[Tender] = Field(default_factory=list)
    refunds: Many[Refund] = Field(default_factory=list)
    fulfillments: Many[Fulfillment] = Field(default_factory=list)
    total_money: Figure
    total_tax_money: Amount = None
    total_discount_money: Amount = None
    total_tip_money: Amount = None
    total_service_charge_money: Amount = None
    net_amount_due_money: Amount = None


class ChangedOrder(Wire):
    """The little that an event tells of its order."""

    order_id: Text = ""
    location_id: Text = ""
    state: Text = ""
    updated_at: Instant = None
    created_at: Instant = None


class EventData(Wire):
    """`object` holds one entry, named like `type`."""

    id: Text = ""
    object: dict[str, Any] | None = None


class Event(Wire):
    """A webhook. Its order must be fetched."""

    type: str = Field(min_length=1)
    event_id: Text = ""
    merchant_id: Text = ""
    created_at: Instant = None
    data: EventData | None = None

    @property
    def order(self) -> ChangedOrder:
        """What it tells of its order; empty for what concerns none. ValueError for an absurd one."""
        parts = self.data.object if self.data and self.data.object else {}
        found = next((one for one in _objects(parts) if "order_id" in one), {})
        return ChangedOrder.model_validate(found)


def _objects(parts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (one for one in parts.values() if isinstance(one, dict))
