"""The order of the older order API, as the vendor's published file has it: PascalCase, amounts in major units."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from app.platforms.just_eat.wire import Instant, Major, Quantity, Wire
from app.platforms.shapes import Many, Text


class Dish(Wire):
    """A dish or what belongs to it, to any depth."""

    name: Text = Field("", validation_alias="Name")
    synonym: Text = Field("", validation_alias="Synonym")
    reference: Text = Field("", validation_alias="Reference")
    unit_price: Major = Field(None, validation_alias="UnitPrice")
    total_price: Major = Field(None, validation_alias="TotalPrice")
    quantity: Quantity = Field(Decimal(1), validation_alias="Quantity")
    items: Many[Dish] = Field(default_factory=list, validation_alias="Items")


class Fees(Wire):
    """What comes on top."""

    delivery: Major = Field(None, validation_alias="Delivery")
    other: Major = Field(None, validation_alias="Other")
    service_charge: Major = Field(None, validation_alias="ServiceCharge")


class Breakdown(Wire):
    """What the total is made of; `Taxes` are within the prices."""

    items: Major = Field(None, validation_alias="Items")
    discount: Major = Field(None, validation_alias="Discount")
    tips: Major = Field(None, validation_alias="Tips")
    fees: Fees | None = Field(None, validation_alias="Fees")


class PaymentLine(Wire):
    """One way of paying."""

    type: Text = Field("", validation_alias="Type")
    paid: bool | None = Field(None, validation_alias="Paid")


class PaymentLines(Wire):
    """How it is paid."""

    lines: Many[PaymentLine] = Field(default_factory=list, validation_alias="Lines")


class Address(Wire):
    """Where it goes."""

    lines: Many[Text] = Field(default_factory=list, validation_alias="Lines")
    city: Text = Field("", validation_alias="City")
    postal_code: Text = Field("", validation_alias="PostalCode")


class Fulfilment(Wire):
    """How and when it reaches the customer; `PrepareFor` is the kitchen's own moment."""

    method: Text = Field("", validation_alias="Method")
    address: Address | None = Field(None, validation_alias="Address")
    due_asap: bool | None = Field(None, validation_alias="CustomerDueAsap")
    due: Instant = Field(None, validation_alias="CustomerDueDate")
    prepare_for: Instant = Field(None, validation_alias="PrepareFor")
    phone: Text = Field("", validation_alias="PhoneNumber")
    masking_code: Text = Field("", validation_alias="PhoneMaskingCode")


class Customer(Wire):
    """Who ordered."""

    name: Text = Field("", validation_alias="Name")
    orders_before: int | None = Field(None, ge=0, validation_alias="PreviousRestaurantOrderCount")


class Restaurant(Wire):
    """Where."""

    id: Text = Field("", validation_alias="Id")
    name: Text = Field("", validation_alias="Name")
    reference: Text = Field("", validation_alias=AliasChoices("Reference", "Refererence"))  # the vendor's own example errs
    timezone: Text = Field("", validation_alias="TimeZone")


def _notes(value: Any) -> list[str]:
    """An object by the vendor's schema, a list of Key and Value by the vendor's example."""
    pairs = value.items() if isinstance(value, dict) else [(one.get("Key"), one.get("Value")) for one in value or ()]
    return [f"{key}: {text}" for key, text in pairs if text and isinstance(text, str)]


class Prepare(Wire):
    """`order-ready-for-preparation`: an accepted order that the kitchen shall begin."""

    order_id: str = Field(min_length=1, validation_alias="OrderId")
    friendly_reference: Text = Field("", validation_alias="FriendlyOrderReference")
    placed: Instant = Field(None, validation_alias="PlacedDate")
    currency: Text = Field("", validation_alias="Currency")
    total: Major = Field(None, validation_alias="TotalPrice")
    items: list[Dish] = Field(validation_alias="Items")
    payment: PaymentLines | None = Field(None, validation_alias="Payment")
    breakdown: Breakdown | None = Field(None, validation_alias="PriceBreakdown")
    fulfilment: Fulfilment | None = Field(None, validation_alias="Fulfilment")
    customer: Customer | None = Field(None, validation_alias="Customer")
    notes: Annotated[list[str], BeforeValidator(_notes)] = Field(default_factory=list, validation_alias="CustomerNotes")
    restaurant: Restaurant | None = Field(None, validation_alias="Restaurant")
