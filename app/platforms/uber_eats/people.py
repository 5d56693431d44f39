"""What both generations say of people in other words: names, relay numbers, allergies, couriers, addresses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.lifecycle import Delivery
from app.platforms.shapes import masked

# Documentation of the delivery events; ARRIVED_AT_DROPOFF stands in Uber Direct's list only.
DELIVERY = {
    "SCHEDULED": Delivery.PENDING,
    "EN_ROUTE_TO_PICKUP": Delivery.ASSIGNED,
    "ARRIVED_AT_PICKUP": Delivery.AT_STORE,
    "EN_ROUTE_TO_DROPOFF": Delivery.PICKED_UP,
    "ARRIVED_AT_DROPOFF": Delivery.PICKED_UP,
    "COMPLETED": Delivery.DELIVERED,
    "FAILED": Delivery.FAILED,
}
_BREAKS = re.compile(r"[，,。;；！!\n\r]+|\.(?=\s|$)")  # where the counter splits a note into parts


def phone(number: str, code: str) -> str:
    """Uber's relay number with the code to dial after it; a number without a code may be somebody's own and is masked."""
    return f"{number} #{code}" if number and code else masked(number)


def note_of(instructions: str, allergens: Iterable[str], allergy: str) -> str:
    """A dish's note. The allergy stays one part, however it is punctuated, so that all of it is printed as an allergy."""
    parts = [*allergens, *(part.strip() for part in _BREAKS.split(allergy))]
    warning = " / ".join(part for part in parts if part)
    return "; ".join(filter(None, (f"Allergy: {warning}" if warning else "", instructions)))


def address_of(*parts: str) -> str:
    """Lines of an address, without the empty ones."""
    return ", ".join(part for part in parts if part)
