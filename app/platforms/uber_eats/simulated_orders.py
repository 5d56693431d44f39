"""Pretend orders at Uber: what a customer wants, how far it has come, and how each generation of the API shows it."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

MENU = (
    PretendLine("Ramen shoyu", 1300, 1, (PretendOption("Œuf mariné", OptionKind.ADD, 150),), "sans ciboule"),
    PretendLine("Ramen miso", 1390, 2, (PretendOption("Épicé"), PretendOption("Ail", OptionKind.REMOVE))),
    PretendLine("Udon végétarien", 1150, 1, (), "allergie arachide, noix"),
    PretendLine("Gyoza (6)", 690),
    PretendLine("Thé glacé", 350, 3),
)
NOTES = ("", "", "Sonner deux fois", "Sans couverts, merci")
NAMES = ("Lina D.", "Omar B.", "Chloé M.", "Jules")
COURIERS = ("Jason", "Aïcha", "Marek")

PREVIOUS_STATES = {
    Kitchen.NEW: "CREATED",
    Kitchen.ACCEPTED: "ACCEPTED",
    Kitchen.HANDED_OVER: "ACCEPTED",
    Kitchen.COMPLETED: "FINISHED",
    Kitchen.REJECTED: "DENIED",
    Kitchen.CANCELLED: "CANCELED",
}
CURRENT_STATES = {
    Kitchen.NEW: "OFFERED",
    Kitchen.ACCEPTED: "ACCEPTED",
    Kitchen.READY: "ACCEPTED",
    Kitchen.HANDED_OVER: "HANDED_OFF",
    Kitchen.COMPLETED: "SUCCEEDED",
    Kitchen.REJECTED: "FAILED",
    Kitchen.CANCELLED: "FAILED",
}
TYPES = {Fulfilment.PICKUP: "PICK_UP", Fulfilment.DINE_IN: "DINE_IN", Fulfilment.DELIVERY: "DELIVERY_BY_UBER"}


@dataclass(slots=True)
class Placed:
    """One order at Uber. `body` is its content in the store's generation, without what changes on the way."""

    id: str
    body: dict[str, Any]
    placed_at: float
    total: int  # minor units
    currency: str
    fulfilment: Fulfilment
    wish: PretendOrder | None = None
    kitchen: Kitchen = Kitchen.NEW
    failure: str = ""
    courier: str = ""  # Uber's word
    courier_name: str = ""
    ready_at: float | None = None
    heard_at: float | None = None
    commands: list[str] = field(default_factory=list)

    @property
    def number(self) -> str:
        """What staff see."""
        return str(self.body["display_id"])

    @property
    def scheduled(self) -> bool:
        """Whether it was ordered for later."""
        return bool(self.wish and self.wish.due_in is not None)

    def state(self, current: bool) -> str:
        """Uber's word."""
        return (CURRENT_STATES if current else PREVIOUS_STATES)[self.kitchen]

    def shown(self, current: bool) -> dict[str, Any]:
        """The order as the API gives it out."""
        body = copy.deepcopy(self.body)
        if not current:
            trips = [self._trip("current_state", "estimated_pickup_time")] if self.courier else []
            return body | {"current_state": self.state(False), "deliveries": trips}
        body |= {"state": self.state(True), "status": self._status()}
        body["preparation_status"] = "READY_FOR_HANDOFF" if self.kitchen is Kitchen.READY else "PREPARING"
        body["deliveries"] = [self._trip("status", "estimated_pick_up_time")] if self.courier else []
        if self.failure:
            body["failure_info"] = {"reason": self.failure, "failure_attributed_to_party": "UNKNOWN", "description": ""}
        if self.ready_at:
            body["preparation_time"] = {"ready_for_pickup_time": iso(self.ready_at), "source": "PROVIDED_BY_STORE"}
        return {"order": body}

    def _status(self) -> str:
        if self.kitchen in (Kitchen.COMPLETED, Kitchen.REJECTED, Kitchen.CANCELLED):
            return "COMPLETED"
        return "SCHEDULED" if self.scheduled and self.kitchen is Kitchen.NEW else "ACTIVE"

    def _trip(self, state: str, eta: str) -> dict[str, Any]:
        """Who it is stays untold until somebody is on the way."""
        trip: dict[str, Any] = {"id": f"trip-{self.id[:8]}", state: self.courier, eta: iso(self.placed_at + 960)}
        if not self.courier_name:
            return trip
        if state == "current_state":
            return trip | {"name": self.courier_name, "phone": "+33 1 70 00 00 01", "phone_code": "222 33 444"}
        contact = {"phone": {"number": "+33170000001", "pin_code": "222 33 444"}}
        place = {"latitude": 48.86, "longitude": 2.35}
        partner = {"name": {"display_name": self.courier_name}, "contact": contact, "current_location": place}
        return trip | {"delivery_partner": partner | {"vehicle": {"type": "BICYCLE"}}}


def random_wish(chance: random.Random) -> PretendOrder:
    """What some customer wants."""
    return PretendOrder(
        tuple(chance.sample(MENU, chance.randint(1, 3))),
        note=chance.choice(NOTES),
        fulfilment=chance.choice((Fulfilment.DELIVERY, Fulfilment.DELIVERY, Fulfilment.PICKUP)),
        due_in=7200.0 if chance.random() < 0.1 else None,
        customer=chance.choice(NAMES),
        shop_discount=chance.choice((0, 0, 200)),
        packaging_fee=chance.choice((0, 50)),
    )


def iso(moment: float) -> str:
    """Unix seconds as Uber writes times."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def drifted(value: Any, name: str = "") -> Any:
    """The same, as sloppily as it has been seen: figures as text, null for an empty list, one object for a list of one."""
    if isinstance(value, Mapping):
        return {key: drifted(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        if name == "price_breakdown" and len(value) == 1:
            return drifted(value[0])
        return [drifted(inner) for inner in value] or None
    return str(value) if name in ("amount", "amount_e5", "quantity") and isinstance(value, int) else value
