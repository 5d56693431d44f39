"""The shapes that Just Eat sends, read tolerantly: JET Connect's order, and the events of both families (see `older`).

JET Connect's names are those of public clients and of notes that cite the vendor's pages; the older API's are the vendor's
published ones. Whatever is not named here is ignored, and kept in the raw message. Numbers may stand for text and text for
numbers, null for anything optional; a wrong amount is an error, since a wrong figure must never pass for a right one.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from app.platforms.shapes import Many, Text

# Twelve digits hold any bill; more would not fit a database integer.
_MINOR = re.compile(r"-?\d{1,12}")
_DECIMAL = re.compile(r"-?\d{1,10}(?:\.\d{1,6})?")
_QUANTITY = re.compile(r"\d{1,6}(?:\.\d{1,3})?")
_NUMBER = re.compile(r"\d{9,14}")
_MILLISECONDS = 10**11  # a larger number of seconds would be a date after the year 5000


def minor(value: Any) -> int | None:
    """An amount in minor units, bare or as `{"inc_tax": 2160, "tax": 360}`; None stays None."""
    if isinstance(value, dict):
        value = value.get("inc_tax")
    if value is None:
        return None
    if isinstance(value, bool) or not _MINOR.fullmatch(str(value)):
        raise ValueError("not an amount in minor units")
    return int(value)


def major(value: Any) -> Decimal | None:
    """An amount in major units, as the older API has it; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("not an amount in major units")
    return Decimal(str(value))


def quantity(value: Any) -> Decimal:
    """How many; one where nothing is said. ValueError for anything below zero or absurd."""
    if value is None:
        return Decimal(1)
    if isinstance(value, bool) or not _QUANTITY.fullmatch(str(value)):
        raise ValueError("not a quantity")
    return Decimal(str(value))


def instant(value: Any) -> datetime | None:
    """Unix seconds or milliseconds, as number or text, or ISO 8601. Without an offset it is the restaurant's local time,
    and stays naive. None and "" are no time."""
    if value is None or value == "":
        return None
    text = str(value)
    if not isinstance(value, bool) and _NUMBER.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if int(text) > _MILLISECONDS else 1), UTC)
    return datetime.fromisoformat(text)


Minor = Annotated[int | None, PlainValidator(minor)]
Major = Annotated[Decimal | None, PlainValidator(major)]
Quantity = Annotated[Decimal, PlainValidator(quantity)]
Instant = Annotated[datetime | None, PlainValidator(instant)]


class Wire(BaseModel):
    """What all shapes share."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, populate_by_name=True)


class Item(Wire):
    """A dish or, within `children`, what was chosen for it. Some payloads say reference, unitPrice, totalPrice and items."""

    name: Text = ""
    plu: Text = Field("", validation_alias=AliasChoices("plu", "reference"))
    price: Minor = Field(None, validation_alias=AliasChoices("price", "unitPrice"))
    total: Minor = Field(None, validation_alias="totalPrice")
    quantity: Quantity = Decimal(1)
    notes: Text = ""
    children: Many[Item] = Field(default_factory=list, validation_alias=AliasChoices("children", "items"))


class Adjustment(Wire):
    """Money beside the dishes; a discount is negative."""

    name: Text = ""
    price: Minor = None


class Payment(Wire):
    """The order's figures."""

    items_in_cart: Minor = None
    adjustments: Many[Adjustment] = Field(default_factory=list)
    final: Minor = None
    deposit: Minor = None


class Person(Wire):
    """Who receives the food, who fetches it, or who carries it; `****` where Just Eat hides something."""

    first_name: Text = ""
    last_name: Text = ""
    phone_number: Text = ""
    phone_masking_code: Text = ""
    company_name: Text = ""
    street_number: Text = ""
    street: Text = ""
    line_one: Text = ""
    line_two: Text = ""
    postcode: Text = ""
    city: Text = ""


class Location(Wire):
    """Where the restaurant stands."""

    timezone: Text = ""


class Channel(Wire):
    """Which of the group's names took the order."""

    name: Text = ""


class Extras(Wire):
    """Beside the order."""

    order_reference: Text = Field("", validation_alias="justEatOrderReference")
    asap: bool | None = None


class Order(Wire):
    """What is pushed to the Receive Order endpoint, once the order was accepted."""

    id: str = Field(min_length=1)
    third_party_order_reference: Text = ""
    type: Text = ""
    pos_location_id: Text = Field("", validation_alias="posLocationId")
    location: Location | None = None
    created_at: Instant = None
    channel: Channel | None = None
    collect_at: Instant = None
    deliver_at: Instant = None
    kitchen_notes: Text = ""
    collection_notes: Text = ""
    delivery_notes: Text = ""
    payment_method: Text = ""
    items: list[Item]
    payment: Payment | None = None
    delivery: Person | None = None
    collector: Person | None = None
    driver: Person | None = None
    extras: Extras | None = None
    total: Minor = None


# events of either family


class Reason(Wire):
    """Why an order was cancelled."""

    code: Text = ""


# One family sends an object, the other the code alone.
Said = Annotated[Reason, BeforeValidator(lambda value: value if isinstance(value, dict) else {"code": value})]


class Cancelled(Wire):
    """An order is over before its time."""

    order_id: str = Field(min_length=1, validation_alias=AliasChoices("orderID", "OrderId"))
    reason: Said = Field(validation_alias=AliasChoices("reason", "Reason"))
    happened_at: Instant = Field(None, validation_alias=AliasChoices("happenedAt", "TimeStamp"))


class DriverStatus(Wire):
    """Where the platform's driver is on the way; only the older family names the driver."""

    order_id: str = Field(min_length=1, validation_alias=AliasChoices("orderID", "OrderId"))
    status: Said = Field(validation_alias=AliasChoices("driverStatus", "Event"))
    happened_at: Instant = Field(None, validation_alias=AliasChoices("happenedAt", "TimeStamp"))
    name: Text = Field("", validation_alias="DriverName")
    phone: Text = Field("", validation_alias="DriverContactNumber")
    pickup_at: Instant = Field(None, validation_alias="EstimatedPickupTime")
    delivery_at: Instant = Field(None, validation_alias="EstimatedDeliveryTime")


class Offline(Wire):
    """Just Eat, or somebody in its portal, closed or opened the restaurant."""

    restaurant: Text = Field("", validation_alias=AliasChoices("restaurantId", "RestaurantId"))
    is_offline: bool = Field(validation_alias=AliasChoices("IsOffline", "isOffline"))

    @classmethod
    def of(cls, found: dict[str, Any]) -> Offline:
        """JET Connect says it of each service: one that still takes orders keeps the restaurant open."""
        services = [value for value in found.values() if isinstance(value, dict) and "isOffline" in value]
        told = {"IsOffline": all(service["isOffline"] for service in services)} if services else {}
        return cls.model_validate({**found, **told})
