"""The shapes WooCommerce sends (REST API v3), read as tolerantly as plug-ins make necessary."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from app.platforms.shapes import Text

# Twelve digits hold any bill; a refused figure is shown, a wrong one would not be.
_DECIMAL = re.compile(r"[+-]?\d{1,12}(?:\.\d{0,20})?")


def amount(value: Any) -> Decimal:
    """Money as text ("38.50", "-0.00"), or as the number that it is on some shops. Nothing at all counts as none."""
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("not an amount of money")
    return Decimal(str(value))


def needed(value: Any) -> Decimal:
    """The same, where nothing is an error."""
    if value is None or value == "":
        raise ValueError("an amount is missing")
    return amount(value)


def moment(value: Any) -> datetime | None:
    """A `*_gmt` time: without any zone, and meant as UTC (observed). Empty until it has come."""
    if not value:
        return None
    found = datetime.fromisoformat(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not a time")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _wall(value: Any) -> datetime | None:
    """A local time of the shop, without zone."""
    found = moment(value)
    return found.replace(tzinfo=None) if found else None


def _list(value: Any) -> Any:
    """PHP writes an empty map or list as either, and a list with holes as a map of its numbers."""
    if isinstance(value, dict) and all(name.isdigit() for name in value):
        return list(value.values())
    return [] if value in (None, "") else value


def _map(value: Any) -> Any:
    return {} if value in (None, "", []) else value


Amount = Annotated[Decimal, PlainValidator(amount)]
NeededAmount = Annotated[Decimal, PlainValidator(needed)]
Moment = Annotated[datetime | None, PlainValidator(moment)]
Wall = Annotated[datetime | None, PlainValidator(_wall)]


class Wire(BaseModel):
    """What all shapes share: unknown fields are kept, numbers may stand for text."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)


class Meta(Wire):
    """One of a plug-in's own facts; values may be anything (observed)."""

    key: Text = ""
    value: Any = None
    display_key: Any = None
    display_value: Any = None


class Line(Wire):
    """A dish. `subtotal` is before and `total` after discounts, both without tax; `price` is a rounded float: not read."""

    id: Text = ""
    name: Text = ""
    quantity: NeededAmount
    sku: Text = ""
    subtotal: Amount = Decimal(0)
    subtotal_tax: Amount = Decimal(0)
    total: NeededAmount
    total_tax: Amount = Decimal(0)
    taxes: Annotated[list[dict[str, Any]], BeforeValidator(_list)] = Field(default_factory=list)
    meta_data: Annotated[list[Meta], BeforeValidator(_list)] = Field(default_factory=list)


class Shipping(Wire):
    """How the order leaves the shop."""

    method_id: Text = ""
    method_title: Text = ""


class Fee(Wire):
    """A fee, or with a minus a discount (observed)."""

    name: Text = ""
    total: NeededAmount
    total_tax: Amount = Decimal(0)


class Coupon(Wire):
    """A discount code that was used; its money is in the lines."""

    code: Text = ""


class TaxLine(Wire):
    """A tax by name."""

    label: Text = ""


class RefundedLine(Wire):
    """Portions of a dish that went back: quantity and money are negative; the dish is named by a fact of its own."""

    quantity: Amount = Decimal(0)
    total: Amount = Decimal(0)
    total_tax: Amount = Decimal(0)
    taxes: Annotated[list[dict[str, Any]], BeforeValidator(_list)] = Field(default_factory=list)
    meta_data: Annotated[list[Meta], BeforeValidator(_list)] = Field(default_factory=list)

    @property
    def line(self) -> str:
        """The id of the order's line."""
        return next((str(one.value) for one in self.meta_data if one.key == "_refunded_item_id"), "")


class Refund(Wire):
    """Money given back; `total` is negative in the order, and stands as `amount` in the refund itself, with its lines."""

    reason: Text = ""
    total: Amount = Decimal(0)
    line_items: Annotated[list[RefundedLine], BeforeValidator(_list)] = Field(default_factory=list)


class Person(Wire):
    """A billing or shipping address."""

    first_name: Text = ""
    last_name: Text = ""
    company: Text = ""
    address_1: Text = ""
    address_2: Text = ""
    city: Text = ""
    state: Text = ""  # a name, or WooCommerce's short one ("IL")
    postcode: Text = ""
    phone: Text = ""


Metas = Annotated[list[Meta], BeforeValidator(_list)]
Address = Annotated[Person, BeforeValidator(_map)]


class Order(Wire):
    """A whole order."""

    id: int = Field(gt=0)
    number: Text = ""
    created_via: Text = ""
    status: str = Field(min_length=1)
    currency: str = Field(pattern="^[A-Z]{3}$")
    date_created: Wall = None
    date_created_gmt: Moment = None
    date_modified_gmt: Moment = None
    date_paid_gmt: Moment = None
    date_completed_gmt: Moment = None
    shipping_total: Amount = Decimal(0)
    shipping_tax: Amount = Decimal(0)
    total: NeededAmount
    total_tax: Amount = Decimal(0)
    prices_include_tax: bool = False
    customer_note: Text = ""
    billing: Address = Field(default_factory=Person)
    shipping: Address = Field(default_factory=Person)
    payment_method: Text = ""
    meta_data: Metas = Field(default_factory=list)
    line_items: Annotated[list[Line], BeforeValidator(_list)] = Field(default_factory=list)
    tax_lines: Annotated[list[TaxLine], BeforeValidator(_list)] = Field(default_factory=list)
    shipping_lines: Annotated[list[Shipping], BeforeValidator(_list)] = Field(default_factory=list)
    fee_lines: Annotated[list[Fee], BeforeValidator(_list)] = Field(default_factory=list)
    coupon_lines: Annotated[list[Coupon], BeforeValidator(_list)] = Field(default_factory=list)
    refunds: Annotated[list[Refund], BeforeValidator(_list)] = Field(default_factory=list)

    def meta(self, key: str) -> Any:
        """The value of the order's own fact `key`; None when it has none."""
        return next((one.value for one in self.meta_data if one.key == key), None)
