"""What may befall an order and the store at the pretend DoorDash: the shop's calls, Dashers, customers, time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app import steady
from app.domain.lifecycle import CLOSED, Kitchen
from app.platforms.doordash.simulated_orders import MENU, STORE, Placed, moment, recount
from app.platforms.simulation import Happening, ImpossibleError

DECIDE_WITHIN = (180.0, 480.0)  # simulated seconds, drawn for each order
PAUSES = {"STORE_CLOSED": timedelta(hours=12), "KITCHEN_BUSY": timedelta(minutes=15)}
DEACTIVATIONS = {
    "out_of_business",
    "operational_issues",
    "delete_store",
    "payment_issue",
    "store_self_disabled_in_their_POS_portal",
    "store_pos_connectivity_issues",
}
FOREVER = timedelta(days=14)
DASHERS = (("Jude", "D.", "Dodge", "Dakota"), ("Ana", "P.", "Honda", "Fit"))
RIDES = {
    Happening.COURIER_ASSIGNED: "dasher_confirmed",
    Happening.COURIER_CHANGED: "dasher_confirmed",
    Happening.COURIER_AT_STORE: "arrived_at_store",
    Happening.COURIER_PICKED_UP: "dasher_out_for_delivery",
    Happening.DELIVERED: "dropoff",
}
WAY = ("", "dasher_confirmed", "arriving_at_store", "arrived_at_store", "dasher_out_for_delivery", "dropoff")

Push = Callable[[Placed, dict[str, Any]], None]


class WireError(Exception):
    """A refusal. The words are ours: no document gives DoorDash's."""

    def __init__(self, status: int, words: str, code: str = "") -> None:
        super().__init__(words)
        self.status, self.code = status, code


class Store:
    """The one store. `push(order, content)` and `later(seconds, do)` are given; `listed`: it is one of those that may cancel
    and adjust."""

    def __init__(self, chance: random.Random, push: Push, later: Callable[[float, Callable[[], None]], None]) -> None:
        self.orders: dict[str, Placed] = {}
        self.listed = True
        self.deactivations: list[dict[str, Any]] = []
        self.menu = menu()
        self._chance, self._push, self._later = chance, push, later

    # -- orders

    def take(self, order: Placed) -> None:
        """An order begins to wait for its answer."""
        self.orders[order.id] = order
        self._push(order, {"event": {"type": "OrderCreate", "status": "NEW"}, "order": order.body})
        self._later(self._chance.uniform(*DECIDE_WITHIN), lambda: self.expire(order))

    def expire(self, order: Placed) -> None:
        """Nobody decided in time. DoorDash tells nobody either."""
        if order.status == "NEW":
            order.status, order.kitchen = "FAILED", Kitchen.EXPIRED

    def answered(self, order: Placed, status: int) -> None:
        """The answer to the push of a new order: 200 accepts, 202 promises a decision, anything else fails it."""
        if order.status != "NEW" or status == 202:
            return
        accepted = status == 200
        order.status, order.kitchen = ("ACCEPTED", Kitchen.ACCEPTED) if accepted else ("FAILED", Kitchen.REJECTED)

    def confirm(self, order: Placed, body: Mapping[str, Any]) -> str:
        """`order_status` success or fail."""
        decision = body.get("order_status")
        if decision not in ("success", "fail") or (decision == "fail") != bool(body.get("failure_reason")):
            raise WireError(400, "order_status or failure_reason is invalid", "validation_error")
        _must(order.status != "FAILED", "Order has expired: confirmation timeout")
        _must(order.status != "CANCELLED", "Order has been cancelled")
        _must(order.status == "NEW", "Order has already been confirmed")
        accepted = decision == "success"
        order.client_id = body.get("merchant_supplied_id")
        order.status, order.kitchen = ("ACCEPTED", Kitchen.ACCEPTED) if accepted else ("DECLINED", Kitchen.REJECTED)
        return str(decision)

    def ready(self, order: Placed, body: Mapping[str, Any]) -> str:
        """The food stands ready; "" when it did before."""
        self._alive(order)
        _must(body.get("merchant_supplied_id") == order.client_id, "merchant_supplied_id does not match")
        again = order.kitchen is Kitchen.READY  # what DoorDash says to a second signal is not known: nothing, here
        order.kitchen = Kitchen.READY
        return "" if again else "order_ready_for_pickup"

    def cancellation(self, order: Placed, body: Mapping[str, Any]) -> str:
        """The shop takes its acceptance back; two reasons pause it."""
        self._allowed()
        reason = body.get("cancel_reason")
        if reason not in {"ITEM_OUT_OF_STOCK", "STORE_CLOSED", "KITCHEN_BUSY", "OTHER"}:
            raise WireError(400, "cancel_reason is invalid", "validation_error")
        _must(order.status != "CANCELLED", "Order is already cancelled")
        self._alive(order)
        order.status, order.kitchen = "CANCELLED", Kitchen.CANCELLED
        if pause := PAUSES.get(str(reason)):
            self._deactivate(str(reason), "cancelled an order", steady.now() + pause)
        return "cancellation"

    def adjustment(self, order: Placed, body: Mapping[str, Any]) -> str:
        """Lines taken out, changed or replaced; the order is pushed anew."""
        self._allowed()
        self._alive(order)
        wanted = body.get("items")
        lines = {item["line_item_id"]: item for item in order.items}
        if not isinstance(wanted, list) or not {one.get("line_item_id") for one in wanted} <= set(lines):
            raise WireError(500, "line_item_id does not match the order")
        left = set(lines) - {one["line_item_id"] for one in wanted if one.get("adjustment_type") == "ITEM_REMOVE"}
        if left:  # an order of nothing is answered with yes, and not changed
            self._adjust(order, wanted, lines)
        return "adjustment"

    def _adjust(self, order: Placed, wanted: list[dict[str, Any]], lines: dict[str, dict[str, Any]]) -> None:
        for change in wanted:
            line = lines[change["line_item_id"]]
            match change.get("adjustment_type"):
                case "ITEM_REMOVE":
                    for category in order.body["categories"]:
                        category["items"] = [item for item in category["items"] if item is not line]
                case "ITEM_UPDATE":
                    if type(change["quantity"]) is not int or change["quantity"] < 1:
                        raise WireError(400, "quantity is invalid", "validation_error")
                    line["quantity"] = change["quantity"]
                case "ITEM_SUBSTITUTE":
                    line |= {name: change["substituted_item"][name] for name in ("name", "price", "quantity")} | {
                        "extras": []
                    }
                case _:
                    raise WireError(400, "adjustment_type is invalid", "validation_error")
        recount(order.body)
        self._push(order, {"event": {"type": "OrderAdjustment", "status": "SUCCESS"}, "order": order.body})

    def cancel(self, order: Placed) -> None:
        """A customer or DoorDash cancels. Only a shop that had accepted is told, and never why."""
        if order.kitchen in CLOSED:
            raise ImpossibleError("the order is over")
        known = order.status == "ACCEPTED"
        order.status, order.kitchen = "CANCELLED", Kitchen.CANCELLED
        if known:
            store = {"provider_type": order.body["store"]["provider_type"], "merchant_supplied_id": STORE}
            self._push(order, {**_names(order), "store": store, "is_asap": not order.body.get("is_scheduled")})

    def release(self, order: Placed) -> None:
        """The Dasher is near: a held order is to be cooked now. The form is a guess."""
        _possible(order.status == "ACCEPTED", "only an accepted order is released")
        self._push(order, {"event": {"type": "OrderRelease", "status": "SUCCESS"}, **_names(order)})

    def ride(self, order: Placed, happening: Happening) -> None:
        """A Dasher reaches the next point. Whoever is unassigned is not reported, only who comes instead."""
        status, before = RIDES[happening], str(order.dasher.get("dasher_status", ""))
        _possible(order.status == "ACCEPTED" and order.is_delivery, "no Dasher carries this order")
        changed = happening is Happening.COURIER_CHANGED
        _possible(
            changed == bool(before) if status == "dasher_confirmed" else bool(before), f"not from {before or 'nothing'}"
        )
        late = WAY.index(before) >= WAY.index("dasher_out_for_delivery")
        _possible(not late if changed else WAY.index(status) > WAY.index(before), f"not from {before}")
        first, last, make, model = DASHERS[changed]
        vehicle = {"color": "", "make": make, "model": model}
        who = {"phone_number": "(555) 555-0123", "first_name": first, "last_name": last, "vehicle": vehicle}
        who = who if changed or not before else order.dasher["dasher"]
        order.dasher = {**_names(order), "location_id": STORE, "dasher_status": status, "dasher": who}
        if status == "dropoff":
            order.kitchen = Kitchen.COMPLETED
        event = {"type": "dasher_status_update", "status": "SUCCESS", "reference": order.id}
        self._push(order, {"event": event, "created_at": moment(steady.now()), "delivery": order.dasher})

    def complete(self, order: Placed) -> None:
        """A customer has fetched the food, of which nobody is told; a delivery ends at the door by itself."""
        delivered = order.dasher.get("dasher_status") == "dropoff"
        _possible(delivered or (order.status == "ACCEPTED" and not order.is_delivery), "still on its way")
        order.kitchen = Kitchen.COMPLETED

    # -- the store

    def details(self) -> dict[str, Any]:
        """store_details."""
        self.deactivations = [one for one in self.deactivations if one["end_time"] > moment(steady.now())]
        found = {"merchant_supplied_id": STORE, "provider_name": "acme", "is_active": not self.deactivations}
        return {**found, "auto_release": {"enabled": False}, "current_deactivations": self.deactivations}

    def set_status(self, body: Mapping[str, Any]) -> None:
        """Pause with a reason and a note, or open."""
        active = body.get("is_active")
        if active is True:
            self.deactivations = []
            return
        if active is not False or body.get("reason") not in DEACTIVATIONS or not body.get("notes"):
            raise WireError(400, "is_active, reason and notes are required", "validation_error")
        end = datetime.fromisoformat(body["end_time"]) if "end_time" in body else steady.now() + FOREVER
        self._deactivate(str(body["reason"]), str(body["notes"]), end)

    def set_active(self, kind: str, entries: Any) -> None:
        """86 items or options; one unknown entry fails the call."""
        if not isinstance(entries, list) or len(entries) > 40:
            raise WireError(413 if isinstance(entries, list) else 400, "too many or no entries", "validation_error")
        known = {one["merchant_supplied_id"]: one for one in self.sold(kind)}
        if not all(one.get("merchant_supplied_id") in known and isinstance(one.get("is_active"), bool) for one in entries):
            raise WireError(400, "an entry is not on the menu", "validation_error")
        for one in entries:
            known[one["merchant_supplied_id"]]["active"] = one["is_active"]

    def sold(self, kind: str) -> list[dict[str, Any]]:
        """All `items`, or all `item_options`."""
        items = [item for category in self.menu["menus"][0]["menu"]["categories"] for item in category["items"]]
        return items if kind == "items" else [one for item in items for extra in item["extras"] for one in extra["options"]]

    def _deactivate(self, reason: str, notes: str, end: datetime) -> None:
        self.deactivations.append({"reason": reason, "notes": notes, "end_time": moment(end)})

    def _allowed(self) -> None:
        if not self.listed:
            raise WireError(403, "not on the allow-list", "authorization_error")

    def _alive(self, order: Placed) -> None:
        _must(order.status != "CANCELLED", "Order is already cancelled")
        _must(order.status != "FAILED", "Order has expired")
        _must(order.kitchen is not Kitchen.COMPLETED, "Order is already delivered")
        _must(order.status == "ACCEPTED", "Order is not confirmed")


def menu() -> dict[str, Any]:
    """store_menu, of the dishes that pretend customers like."""
    items = []
    for line in MENU:
        options = [
            {"merchant_supplied_id": f"OPT-{one.name}", "name": one.name, "active": True, "price": one.price, "extras": []}
            for one in line.options
        ]
        extras = [{"name": "Options", "options": options}] if options else []
        own = {"merchant_supplied_id": f"ITM-{line.name}", "name": line.name, "active": True, "price": line.price}
        items.append({**own, "is_suspended": False, "extras": extras})
    categories = [{"merchant_supplied_id": "CAT-1", "name": "Menu", "items": items}]
    store = {"merchant_supplied_id": STORE, "provider_type": "acme"}
    return {"menus": [{"id": "menu-1", "store": store, "menu": {"name": "Menu", "active": True, "categories": categories}}]}


def _names(order: Placed) -> dict[str, Any]:
    return {"external_order_id": order.id, "client_order_id": order.client_id}


def _must(true: bool, words: str) -> None:
    if not true:
        raise WireError(400, words, "validation_error")


def _possible(true: bool, words: str) -> None:
    if not true:
        raise ImpossibleError(words)
