"""Just Eat's pushes in the counter's words: pure functions, the most tested file of this platform.

An order is pushed once it was accepted, so every order is accepted here from the beginning. A message says what it is by its
form only: none of the pushes carries a name of its kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.orders import Courier
from app.platforms import shapes
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.just_eat.older import Prepare
from app.platforms.just_eat.orders import Reading, aware, failed_update, order_update, prepare_update
from app.platforms.just_eat.wire import Cancelled, DriverStatus, Order, instant
from app.texts import N_, tr

# Both families' codes, compared without regard to case; the lists that were found are not complete.
DELIVERY = {
    "driverassigned": Delivery.ASSIGNED,
    "driverunassigned": Delivery.PENDING,
    "driveratrestaurant": Delivery.AT_STORE,
    "onitsway": Delivery.PICKED_UP,
    "atdeliveryaddress": Delivery.PICKED_UP,
    "delivered": Delivery.DELIVERED,
}
REASONS = {  # the older API's published list; JET Connect writes the same in one word
    "cust_cancelled_changed_mind": N_("The customer changed their mind"),
    "cust_cancelled_delivery_too_long": N_("Delivery would have taken too long for the customer"),
    "cust_cancelled_made_mistake": N_("The customer ordered by mistake"),
    "cust_cancelled_other": N_("Cancelled by the customer"),
    "delivery_partner_cancelled": N_("Cancelled by the delivery partner"),
    "rest_cancelled_customer_absent": N_("The customer was not there"),
    "rest_cancelled_customer_requested": N_("The restaurant cancelled at the customer's wish"),
    "rest_cancelled_declined": N_("The restaurant declined"),
    "rest_cancelled_drivers_unavailable": N_("The restaurant had no driver"),
    "rest_cancelled_fake_order": N_("The restaurant took it for a fake order"),
    "rest_cancelled_other": N_("Cancelled by the restaurant"),
    "rest_cancelled_out_of_stock": N_("A dish was sold out"),
    "rest_cancelled_too_busy": N_("The restaurant was too busy"),
    "system_cancelled_other": N_("Cancelled by Just Eat"),
    "system_cancelled_test_order": N_("A test order of Just Eat"),
}
ORDER, EVENT = "order", "event"
# Besides pydantic's errors (ValueError): absurd numbers, absurd years, absurd nesting, an unknown time zone (KeyError).
UNREADABLE = (*shapes.UNREADABLE, LookupError, AttributeError)


def is_order(found: Mapping[str, Any]) -> bool:
    """JET Connect's order."""
    return "id" in found and isinstance(found.get("items"), list)


def is_prepare(found: Mapping[str, Any]) -> bool:
    """The older API's order, ready to be prepared. The same form with no decision taken yet is not subscribed to."""
    return "OrderId" in found and isinstance(found.get("Items"), list)


def order_id_of(found: Mapping[str, Any]) -> str:
    """The order that a push is about, "" for those about none."""
    inner = found.get("order") if isinstance(found.get("order"), dict) else {}
    named = (found.get("orderID"), found.get("OrderId"), found.get("id"), (inner or {}).get("orderId"))
    return next((str(one) for one in named if isinstance(one, str | int) and one), "")


def version_of(found: Mapping[str, Any]) -> int:
    """Milliseconds of the moment a push tells of, 0 where it tells of none. An order's is when it was placed: a repeat
    says nothing newer."""
    names = ("happenedAt", "TimeStamp", "created_at", "PlacedDate")
    try:
        at = aware(instant(next((found[name] for name in names if found.get(name)), None)), UTC)
        return max(0, int(at.timestamp() * 1000)) if at else 0
    except UNREADABLE:
        return 0


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored push. Raises ProtocolError, or UnknownMessageError for what is no order's business or not ours."""
    try:
        return (_update(json.loads(message.body), message.version, reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not a message in Just Eat's form: {what}", what=shapes.short(error))) from error


def _update(found: Any, version: int, reading: Reading) -> OrderUpdate:
    if not isinstance(found, dict):
        raise TypeError("not an object")
    if is_order(found):
        return order_update(Order.model_validate(found), version, reading)
    if is_prepare(found):
        return prepare_update(Prepare.model_validate(found), version, reading)
    if "driverStatus" in found or str(found.get("Event", "")).lower() in DELIVERY:
        return _driver_update(DriverStatus.model_validate(found), version)
    if "reason" in found or found.get("Event") == "OrderCancelled":
        return _cancelled_update(Cancelled.model_validate(found), version)
    if isinstance(found.get("order"), dict) and "orderId" in found["order"]:
        return failed_update(found, version, reading)
    raise UnknownMessageError(tr("{kind} is not used here", kind=", ".join(sorted(found))[:60]))


def _driver_update(status: DriverStatus, version: int) -> OrderUpdate:
    state = DELIVERY.get(status.status.code.replace("_", "").lower())
    eta = status.pickup_at if state in (Delivery.ASSIGNED, Delivery.AT_STORE) else status.delivery_at
    courier = Courier(status.name, shapes.masked(status.phone), aware(eta, UTC)) if status.name else None
    return OrderUpdate(
        status.order_id, version, delivery=state, courier=courier, unmapped="" if state else status.status.code or "-"
    )


def _cancelled_update(event: Cancelled, version: int) -> OrderUpdate:
    return OrderUpdate(event.order_id, version, kitchen=Kitchen.CANCELLED, reason=reason_text(event.reason.code))


def reason_text(code: str) -> str:
    """The reason in words; one that no list names stays as it is."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).lower()
    return tr(REASONS[snake]) if snake in REASONS else code
