"""The shape of an order of the current generation (`GET /v1/delivery/order/{id}`, Order Fulfillment suite).

Sources: the vendor's example as two open-source clients keep it, and one recorded order.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from app.domain.lifecycle import Kitchen
from app.domain.orders import Courier
from app.platforms.shapes import Text
from app.platforms.uber_eats import money
from app.platforms.uber_eats.people import phone
from app.platforms.uber_eats.wire import Instant, Maybe, Quantity, Rows, TaxedMoney, Wire

KITCHEN = {
    "CREATED": Kitchen.NEW,
    "OFFERED": Kitchen.NEW,
    "ACCEPTED": Kitchen.ACCEPTED,
    "HANDED_OFF": Kitchen.HANDED_OVER,
    "SUCCEEDED": Kitchen.COMPLETED,
    "FAILED": Kitchen.CANCELLED,
}
READY = ("READY_FOR_HANDOFF", "READY_TO_HANDOFF")  # one page spells it the second way
DENIED = "POS_DENIED"


def _named(value: Any) -> Any:
    """A person's name: an object on most pages, plain text in the vendor's example of a courier."""
    if isinstance(value, dict):
        full = " ".join(str(value[part]) for part in ("first_name", "last_name") if value.get(part))
        return str(value.get("display_name") or full)
    return value or ""


Name = Annotated[str, BeforeValidator(_named)]


class Phone(Wire):
    """A relay number and the code to dial after it."""

    number: Text = ""
    pin_code: Text = ""


class Contact(Wire):
    """Only a phone so far."""

    phone: Annotated[Phone | None, Maybe] = None

    @property
    def shown(self) -> str:
        """The number as the counter may show it."""
        return phone(self.phone.number, self.phone.pin_code) if self.phone else ""


class Allergy(Wire):
    """Only for stores that Uber configured for it."""

    allergens: Annotated[list[str | dict[str, Any] | None], Rows] = Field(default_factory=list)
    instructions: Text = ""


class Request(Wire):
    """What a customer asks of a dish."""

    special_instructions: Text = ""
    allergy: Annotated[Allergy | None, Maybe] = None


class Group(Wire):
    """A group of options."""

    title: Text = ""
    selected_items: Annotated[list[Item], Rows] = Field(default_factory=list)
    removed_items: Annotated[list[Item], Rows] = Field(default_factory=list)


class Item(Wire):
    """A dish or an option; its price stands elsewhere, under its `cart_item_id`."""

    id: Text = ""
    cart_item_id: Text = ""
    customer_id: Text = ""
    title: Text = ""
    external_data: Text = ""
    quantity: Quantity = Decimal(1)
    customer_request: Annotated[Request | None, Maybe] = Field(
        None, validation_alias=AliasChoices("customer_request", "customer_requests")
    )
    selected_modifier_groups: Annotated[list[Group], Rows] = Field(default_factory=list)


class Cart(Wire):
    """What was ordered."""

    items: Annotated[list[Item], Rows] = Field(default_factory=list)
    special_instructions: Text = ""
    include_single_use_items: bool | None = None


class Breakdown(Wire):
    """The money of one item; a dish's total contains its options' (seen in a recorded order)."""

    cart_item_id: Text = ""
    unit: TaxedMoney | None = None
    total: TaxedMoney | None = None


class Items(Wire):
    """The money of all items."""

    price_breakdown: Annotated[list[Breakdown], Rows] = Field(default_factory=list)


class Fee(Wire):
    """One named fee."""

    id: Text = ""
    amount: TaxedMoney | None = None


class Fees(Wire):
    """All fees."""

    total: TaxedMoney | None = None
    details: Annotated[list[Fee], Rows] = Field(default_factory=list)


class PromotionKind(Wire):
    """One promotion; what it took off is only in the total."""

    type: Text = ""


class Promotions(Wire):
    """Money off."""

    total: TaxedMoney | None = None
    details: Annotated[list[PromotionKind], Rows] = Field(default_factory=list)


class Sum(Wire):
    """Tips, or the shop's later change of the price."""

    total: TaxedMoney | None = None


class Detail(Wire):
    """The bill. `order_total` is kept whole too, for the tax inside it."""

    order_total: TaxedMoney
    tax: TaxedMoney | None = Field(None, validation_alias=AliasChoices("order_tax"))
    item_charges: Annotated[Items | None, Maybe] = None
    fees: Annotated[Fees | None, Maybe] = None
    promotions: Annotated[Promotions | None, Maybe] = None
    tips: Annotated[Sum | None, Maybe] = None
    adjustment: Annotated[Sum | None, Maybe] = None
    cash_amount_due: Annotated[TaxedMoney | None, Maybe] = None


def _with_tax(value: Any) -> Any:
    """Lift the tax out of the total, where it cannot be told from the other two amounts any more."""
    total = value.get("order_total") if isinstance(value, dict) else None
    return {**value, "order_tax": total.get("tax")} if isinstance(total, dict) else value


class PaymentPart(Wire):
    """The bill."""

    payment_detail: Annotated[Detail, BeforeValidator(_with_tax)]


class Person(Wire):
    """A customer."""

    id: Text = ""
    name: Name = ""
    contact: Annotated[Contact | None, Maybe] = None
    is_primary_customer: bool | None = False


class Place(Wire):
    """Where to; only restaurants that deliver themselves need it."""

    street_address_line_one: Text = ""
    street_address_line_two: Text = ""
    unit_number: Text = ""
    business_name: Text = ""
    postal_code: Text = ""
    city: Text = ""


class Spot(Wire):
    """Degrees, as numbers or as text."""

    latitude: float
    longitude: float


class Partner(Wire):
    """A courier."""

    name: Name = ""
    contact: Annotated[Contact | None, Maybe] = None
    current_location: Annotated[Spot | None, Maybe] = None


class CourierTrip(Wire):
    """One courier's way."""

    status: Text = ""
    delivery_partner: Annotated[Partner | None, Maybe] = None
    estimated_pick_up_time: Instant | None = None
    estimated_dropoff_time: Instant | None = None
    location: Annotated[Place | None, Maybe] = None
    instructions: Text = ""

    @property
    def courier(self) -> Courier:
        """As the counter shows it."""
        partner = self.delivery_partner or Partner()
        eta = self.estimated_dropoff_time if self.status == "EN_ROUTE_TO_DROPOFF" else self.estimated_pick_up_time
        text = self.status if self.status == "FAILED" else ""
        return Courier(partner.name, partner.contact.shown if partner.contact else "", eta, text)

    @property
    def state(self) -> str:
        """Uber's word."""
        return self.status


class Store(Wire):
    """The outlet."""

    id: Text = ""
    name: Text = ""


class PreparationTime(Wire):
    """When Uber thinks, or the shop said, that the food is ready."""

    ready_for_pickup_time: Instant | None = None


class Span(Wire):
    """When a scheduled order is to be delivered."""

    start_time: Instant | None = Field(None, validation_alias=AliasChoices("start_time", "start"))


class Failure(Wire):
    """Why an order failed; only POS_DENIED is known of the reasons."""

    reason: Text = ""
    description: Text = ""


class Order(Wire):
    """The whole order, expanded with carts, deliveries and payment."""

    id: str = Field(min_length=1)
    display_id: Text = ""
    state: Text = ""
    status: Text = ""
    preparation_status: Text = ""
    fulfillment_type: Text = ""
    store: Annotated[Store, Maybe] | None = None
    store_instructions: Text = ""
    created_time: Instant
    preparation_time: Annotated[PreparationTime | None, Maybe] = None
    scheduled_order_target_delivery_time_range: Annotated[Span | None, Maybe] = None
    customers: Annotated[list[Person], Rows] = Field(default_factory=list)
    carts: Annotated[list[Cart], Rows] = Field(min_length=1)
    payment: PaymentPart
    deliveries: Annotated[list[CourierTrip], Rows] = Field(default_factory=list)
    failure_info: Annotated[Failure | None, Maybe] = None

    @property
    def kitchen(self) -> Kitchen | None:
        """None for a state no document names."""
        if self.state == "FAILED" and self.failure_info and self.failure_info.reason == DENIED:
            return Kitchen.REJECTED
        if self.state == "ACCEPTED" and self.preparation_status in READY:
            return Kitchen.READY
        return KITCHEN.get(self.state)

    @property
    def placed(self) -> datetime:
        """When the customer ordered."""
        return self.created_time

    @property
    def reason(self) -> str:
        """Why it failed, in Uber's words."""
        found = self.failure_info
        return (found.description or money.words(found.reason)) if found else ""

    @property
    def paid(self) -> bool:
        """Cash is possible in some countries."""
        return not self.payment.payment_detail.cash_amount_due
