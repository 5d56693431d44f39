"""The state of the pretend Square location: orders with versions, what may follow what, refunds and how an order ends."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from app import steady
from app.platforms.simulation import ImpossibleError
from app.platforms.square.simulated_orders import DETAILS, LOCATION, Placed, moment, struck, usd

RANK = {"PROPOSED": 0, "RESERVED": 1, "PREPARED": 2, "COMPLETED": 3, "CANCELED": 3, "FAILED": 3}
TERMINAL = frozenset({"COMPLETED", "CANCELED", "FAILED"})
DEAD = frozenset({"CANCELED", "FAILED"})
STAMPS = {
    "PICKUP": {"RESERVED": "accepted_at", "PREPARED": "ready_at", "COMPLETED": "picked_up_at", "CANCELED": "canceled_at"},
    "DELIVERY": {
        "RESERVED": "in_progress_at",
        "PREPARED": "ready_at",
        "COMPLETED": "delivered_at",
        "CANCELED": "canceled_at",
    },
}
CHANGEABLE = frozenset({"prep_time_duration", "cancel_reason", "note", "pickup_at", "deliver_at"})
APPROVED_AFTER = 5.0  # simulated seconds until a refund has gone through
Tell = Callable[[str, Placed, list[dict[str, str]]], None]


class WireError(Exception):
    """A refusal on the wire."""

    def __init__(self, code: str, text: str, status: int = 400, category: str = "INVALID_REQUEST_ERROR") -> None:
        super().__init__(text)
        self.code, self.status, self.category = code, status, category


class Shop:
    """`tell(event type, order, fulfilment changes)` is called after every change; `later` waits simulated seconds."""

    def __init__(self, tell: Tell, later: Callable[[float, Callable[[], None]], None]) -> None:
        self._tell, self._later = tell, later
        self.orders: dict[str, Placed] = {}
        self._last = 0  # ms

    def take(self, order: Placed) -> None:
        """A customer ordered. Only changes make a fulfilment event (recalled)."""
        self.orders[order.id] = order
        self._tell("order.created", order, [])

    def found(self, order_id: str) -> Placed:
        """The order. WireError when there is none."""
        if order_id not in self.orders:
            raise WireError("NOT_FOUND", f"Order not found for id {order_id}.", 404)
        return self.orders[order_id]

    def update(self, order: Placed, asked: Mapping[str, Any]) -> list[str]:
        """Carry out a sparse update; answers the new states, none when the key was used for the same change already."""
        key, sparse = str(asked.get("idempotency_key") or ""), asked.get("order")
        said = json.dumps(asked, sort_keys=True)
        if not isinstance(sparse, dict):
            raise WireError("BAD_REQUEST", "Missing required parameter.")
        if key and key in order.keys:
            if order.keys[key] != said:
                raise WireError("IDEMPOTENCY_KEY_REUSED", "The key was used for another request.")
            return []
        self._require_changeable(order, sparse)
        steps = [self._step(order, one) for one in sparse.get("fulfillments") or []]
        for one, wanted in steps:
            self._enter(one, wanted)
        if key:
            order.keys[key] = said
        self._changed(order, steps)
        return [wanted["state"] for _, wanted in steps if "state" in wanted]

    def end(self, order: Placed, state: str, reason: str = "") -> None:
        """A customer, the platform or somebody at the till ends every fulfilment that is alive."""
        alive = [one for one in order.body["fulfillments"] if one["state"] not in TERMINAL]
        if not alive:
            raise ImpossibleError(f"the order has ended already: {order.body['state']}")
        details = {"cancel_reason": reason} if reason else {}
        steps = [(one, {"state": state, DETAILS.get(one["type"], "details"): details}) for one in alive]
        for one, wanted in steps:
            self._enter(one, wanted)
        self._changed(order, steps)

    def strike(self, order: Placed) -> None:
        """A line is taken off the order."""
        if len(order.body["line_items"]) < 2 or order.body["state"] != "OPEN":
            raise ImpossibleError("only an open order of several lines can lose one")
        order.body = struck(order.body)
        self._changed(order, [])

    def refund(self, order: Placed, payment: str, minor: int, reason: str, refund_id: str, status: str = "PENDING") -> None:
        """Money goes back; a pending refund is approved a moment later."""
        tender = next((one for one in order.body.get("tenders", []) if one["id"] == payment), None)
        if tender is None:
            raise WireError("NOT_FOUND", "The payment was not found.", 404)
        gone = sum(one["amount_money"]["amount"] for one in order.body["refunds"] if one["tender_id"] == payment)
        if not 0 < minor <= tender["amount_money"]["amount"] - gone:
            raise WireError("REFUND_AMOUNT_INVALID", "The refund amount is invalid.", category="REFUND_ERROR")
        known = {"id": refund_id, "tender_id": payment, "reason": reason, "location_id": LOCATION}
        entry = {**known, "created_at": moment(steady.now()), "amount_money": usd(minor), "status": status}
        order.body["refunds"].append(entry)
        self._changed(order, [])
        if status == "PENDING":
            self._later(APPROVED_AFTER, lambda: self._approve(order, refund_id))

    def touch(self, order: Placed) -> None:
        """Something of no interest to anybody changes."""
        self._changed(order, [])

    def _approve(self, order: Placed, refund_id: str) -> None:
        """By its id: the body may be another one since."""
        next(one for one in order.body["refunds"] if one["id"] == refund_id)["status"] = "APPROVED"
        self._changed(order, [])

    def _require_changeable(self, order: Placed, sparse: Mapping[str, Any]) -> None:
        if "version" not in order.body:
            raise WireError("BAD_REQUEST", "Orders not created through the API cannot be updated.")
        if sparse.get("location_id", LOCATION) != LOCATION or set(sparse) - {"location_id", "version", "fulfillments"}:
            raise WireError("BAD_REQUEST", "Unexpected field in order.")
        if "version" not in sparse:
            raise WireError("BAD_REQUEST", "Missing required parameter.")
        if sparse["version"] != order.body["version"]:
            text = f"Supplied version {sparse['version']} does not match the current version {order.body['version']}"
            raise WireError("VERSION_MISMATCH", f"{text} of order {order.id}.")
        if order.body["state"] in TERMINAL:
            raise WireError("BAD_REQUEST", f"Orders in state {order.body['state']} cannot be updated.")

    def _step(self, order: Placed, wanted: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The fulfilment meant and what shall become of it: forward only, and details only of its own type."""
        uid = wanted.get("uid") if isinstance(wanted, dict) else None
        one = next((each for each in order.body["fulfillments"] if each["uid"] == uid), None)
        if one is None:
            raise WireError("BAD_REQUEST", "No such fulfillment.")
        state, details = wanted.get("state", one["state"]), wanted.get(DETAILS.get(one["type"], ""), {})
        if set(wanted) - {"uid", "state", DETAILS.get(one["type"], "")} or set(details) - CHANGEABLE:
            raise WireError("BAD_REQUEST", "Unexpected field in fulfillment.")
        if len(details.get("cancel_reason", "")) > 100:
            raise WireError("VALUE_TOO_LONG", "cancel_reason must not be longer than 100 characters.")
        if state not in RANK or one["state"] in TERMINAL or RANK[state] < RANK[one["state"]]:
            raise WireError("BAD_REQUEST", f"Fulfillment cannot go from {one['state']} to {state}.")
        return one, wanted

    def _enter(self, one: dict[str, Any], wanted: Mapping[str, Any]) -> None:
        name = DETAILS.get(one["type"], "details")
        one.setdefault(name, {}).update(wanted.get(name, {}))
        state = wanted.get("state", one["state"])
        if state != one["state"]:
            one[name][STAMPS.get(one["type"], {}).get(state, "changed_at")] = moment(steady.now())
        one["state"], one["_before"] = state, one["state"]

    def _changed(self, order: Placed, steps: list[tuple[dict[str, Any], Any]]) -> None:
        """A new version with a later time than any before, and the events about it."""
        changes = [
            {"fulfillment_uid": one["uid"], "old_state": one.pop("_before"), "new_state": one["state"]} for one, _ in steps
        ]
        self._settle(order)
        self._last = max(int(steady.time() * 1000), self._last + 1)
        order.body["updated_at"] = moment(datetime.fromtimestamp(self._last / 1000, UTC))
        if "version" in order.body:
            order.body["version"] += 1
        self._tell("order.updated", order, [])
        if changes:
            self._tell("order.fulfillment.updated", order, changes)

    def _settle(self, order: Placed) -> None:
        """Documented: completed orders are fully paid, cancelled ones are not. What else ends an order is recalled."""
        body = order.body
        states = {one["state"] for one in body.get("fulfillments", [])}
        if body["state"] != "OPEN" or not states <= TERMINAL:
            return
        if body.get("net_amount_due_money", usd(0))["amount"] <= 0:
            body |= {"state": "COMPLETED", "closed_at": moment(steady.now())}
        elif states <= DEAD:
            body |= {"state": "CANCELED", "closed_at": moment(steady.now())}


def shown(order: Placed) -> dict[str, Any]:
    """As the API answers it."""
    return copy.deepcopy(order.body)
