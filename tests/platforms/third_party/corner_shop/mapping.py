"""The corner shop's JSON, and what it means to the counter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Customer, Fulfilment, OrderFacts, OrderLine
from app.platforms.api import Message, ProtocolError
from app.platforms.shapes import guarded

KITCHEN = {
    "new": Kitchen.NEW,
    "accepted": Kitchen.ACCEPTED,
    "ready": Kitchen.READY,
    "fetched": Kitchen.COMPLETED,
    "refused": Kitchen.REJECTED,
    "cancelled": Kitchen.CANCELLED,
}


class Item(BaseModel):
    """`price` of one, in cents."""

    name: str
    price: int
    count: int = 1


class Order(BaseModel):
    """An order as `GET /orders/{id}` gives it; `changed` are Unix milliseconds, `total` cents."""

    id: str = Field(min_length=1)
    number: str
    state: str
    placed: AwareDatetime
    changed: int
    total: int
    items: list[Item]
    phone: str = ""


def read(message: Message) -> tuple[OrderUpdate, ...]:
    """One order, one update. A state that nobody knows is kept and shown."""
    try:
        order = Order.model_validate_json(message.body)
        update = OrderUpdate(order.id, order.changed, _facts(order), KITCHEN.get(order.state), payment=Payment.PAID)
    except (ValidationError, OverflowError) as error:  # a moment at the end of time has no UTC
        raise ProtocolError("not an order of the corner shop") from error
    return (update if update.kitchen else OrderUpdate(order.id, order.changed, update.facts, unmapped=order.state),)


def _facts(order: Order) -> OrderFacts:
    def euros(cents: int) -> Money:
        return Money(cents, "EUR")

    lines = tuple(
        OrderLine(str(place), item.name, Decimal(item.count), euros(item.price), euros(item.price * item.count))
        for place, item in enumerate(order.items)
    )
    facts = OrderFacts(
        number=order.number,
        reference=order.id,
        fulfilment=Fulfilment.PICKUP,
        placed_at=order.placed.astimezone(UTC),
        total=euros(order.total),
        lines=lines,
        customer=Customer(phone=guarded(order.phone)),
    )
    return replace(facts, checks=(f"the lines differ from the total by {off}",)) if (off := facts.difference()) else facts
