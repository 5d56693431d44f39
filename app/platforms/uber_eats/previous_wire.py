"""The shape of an order of the previous generation (`GET /v2/eats/order/{id}`).

Sources: the vendor's reference page, and the models and recorded orders of two open-source clients.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, Field

from app.domain.lifecycle import Kitchen
from app.domain.orders import Courier
from app.platforms.shapes import Text
from app.platforms.uber_eats.people import phone
from app.platforms.uber_eats.wire import Instant, Maybe, MinorMoney, Quantity, Rows, Wire

KITCHEN = {
    "CREATED": Kitchen.NEW,
    "ACCEPTED": Kitchen.ACCEPTED,
    "DENIED": Kitchen.REJECTED,
    "FINISHED": Kitchen.COMPLETED,
    "CANCELED": Kitchen.CANCELLED,
}


class Price(Wire):
    """`unit_price` includes the options, `base_unit_price` does not."""

    unit_price: MinorMoney | None = None
    total_price: MinorMoney | None = None
    base_unit_price: MinorMoney | None = None


class Allergen(Wire):
    """`type` is OTHER where the customer wrote it."""

    type: Text = ""
    freeform_text: Text = ""


class Allergy(Wire):
    """Only for stores that Uber configured for it."""

    allergens_to_exclude: Annotated[list[Allergen], Rows] = Field(default_factory=list)
    allergy_instructions: Text = ""


class Requests(Wire):
    """What a customer asks of a dish in a structured way."""

    allergy: Annotated[Allergy | None, Maybe] = None


class Group(Wire):
    """A group of options."""

    title: Text = ""
    selected_items: Annotated[list[Item], Rows] = Field(default_factory=list)
    removed_items: Annotated[list[Item], Rows] = Field(default_factory=list)


class Item(Wire):
    """A dish, or an option (whose options may have options)."""

    id: Text = ""
    instance_id: Text = ""
    title: Text = ""
    external_data: Text = ""
    quantity: Quantity = Decimal(1)
    price: Annotated[Price, Maybe] | None = None
    selected_modifier_groups: Annotated[list[Group], Rows] = Field(default_factory=list)
    special_instructions: Text = ""
    special_requests: Annotated[Requests | None, Maybe] = None
    eater_id: Text = ""


class Cart(Wire):
    """What was ordered."""

    items: Annotated[list[Item], Rows] = Field(default_factory=list)
    special_instructions: Text = ""


class Charges(Wire):
    """The last six only where the restaurant delivers."""

    total: MinorMoney
    tax: MinorMoney | None = None
    total_fee: MinorMoney | None = None
    total_fee_tax: MinorMoney | None = None
    bag_fee: MinorMoney | None = None
    pick_and_pack_fee: MinorMoney | None = None
    total_promo_applied: MinorMoney | None = None
    delivery_fee: MinorMoney | None = None
    small_order_fee: MinorMoney | None = None
    tip: MinorMoney | None = None
    cash_amount_due: MinorMoney | None = None


class Promotion(Wire):
    """Its kind; the amount stands in `charges`."""

    promo_type: Text = ""


class Promotions(Wire):
    """A list inside an object."""

    promotions: Annotated[list[Promotion], Rows] = Field(default_factory=list)


class PaymentPart(Wire):
    """Charges and what explains them."""

    charges: Charges
    promotions: Annotated[Promotions | None, Maybe] = None


class EaterDelivery(Wire):
    """Where to, for restaurants that deliver; the location's members differ by place, so all are optional."""

    location: dict[str, Any] | str | None = None
    notes: Text = ""


class Eater(Wire):
    """The customer; the number is Uber's relay, `phone_code` must be dialled after it."""

    id: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    phone: Text = ""
    phone_code: Text = ""
    delivery: Annotated[EaterDelivery | None, Maybe] = None


class Store(Wire):
    """The outlet."""

    id: Text = ""
    name: Text = ""


class Disposables(Wire):
    """None: the restaurant decides."""

    should_include: bool | None = None


class Packaging(Wire):
    """Cutlery."""

    disposable_items: Annotated[Disposables | None, Maybe] = None


class CourierTrip(Wire):
    """One courier's way; name and phone only while a courier is on it."""

    current_state: Text = Field("", validation_alias=AliasChoices("current_state", "status"))
    name: Text = Field("", validation_alias=AliasChoices("name", "first_name"))
    phone: Text = ""
    phone_code: Text = ""
    estimated_pickup_time: Instant | None = Field(
        None, validation_alias=AliasChoices("estimated_pickup_time", "estimated_pick_up_time")
    )

    @property
    def courier(self) -> Courier:
        """As the counter shows it."""
        text = self.current_state if self.current_state == "FAILED" else ""
        return Courier(self.name, phone(self.phone, self.phone_code), self.estimated_pickup_time, text)

    @property
    def state(self) -> str:
        """Uber's word."""
        return self.current_state


class Order(Wire):
    """The whole order."""

    id: str = Field(min_length=1)
    display_id: Text = ""
    current_state: Text = ""
    type: Text = ""
    brand: Text = ""
    store: Annotated[Store, Maybe] | None = None
    eater: Annotated[Eater | None, Maybe] = None
    eaters: Annotated[list[Eater], Rows] = Field(default_factory=list)
    cart: Cart
    payment: PaymentPart
    packaging: Annotated[Packaging | None, Maybe] = None
    placed_at: Instant
    estimated_ready_for_pickup_at: Instant | None = None
    deliveries: Annotated[list[CourierTrip], Rows] = Field(default_factory=list)

    @property
    def kitchen(self) -> Kitchen | None:
        """None for a state no document names."""
        return KITCHEN.get(self.current_state)

    @property
    def state(self) -> str:
        """Uber's word."""
        return self.current_state

    @property
    def placed(self) -> datetime:
        """When the customer ordered."""
        return self.placed_at

    @property
    def reason(self) -> str:
        """This generation never says why an order was cancelled."""
        return ""

    @property
    def paid(self) -> bool:
        """Cash is possible where the restaurant delivers."""
        return not self.payment.charges.cash_amount_due
