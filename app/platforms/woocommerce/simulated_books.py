"""The pretend shop's own books: orders in WooCommerce's form, their statuses, notes, refunds and e-mails."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app import steady

Order = dict[str, Any]

CORE = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft", "auto-draft")
HIDDEN = ("trash", "checkout-draft", "auto-draft")  # what "any" leaves out
UNPAID = frozenset({"pending", "failed", "cancelled", "trash", "checkout-draft", "auto-draft"})
PAID_LATER = frozenset({"cod", "bacs", "cheque"})
MAILED = frozenset({"processing", "on-hold", "completed", "cancelled", "refunded", "failed"})
DATES = ("date_created", "date_modified", "date_paid", "date_completed")


class Books:
    """All orders by id. `custom` are statuses that a plug-in registers; `changed(order, topic)` hears of every event."""

    def __init__(self, chance: random.Random, currency: str, zone: str = "Europe/Paris") -> None:
        self.orders: dict[int, Order] = {}
        self.notes: dict[int, list[dict[str, Any]]] = {}
        self.returns: dict[int, list[dict[str, Any]]] = {}  # refunds with their lines, by order
        self.custom: set[str] = set()
        self.mails: list[tuple[int, str]] = []  # e-mails that real customers would have got
        self.zone = ZoneInfo(zone)
        self.currency = currency
        self.clock: Callable[[], float] = steady.time
        self.changed: Callable[[Order, str], None] = lambda order, topic: None
        self._chance = chance
        self._last_id = 700

    def new_id(self) -> int:
        """Ids are shared by everything WordPress keeps, so they jump."""
        self._last_id += self._chance.randint(1, 3)
        return self._last_id

    def now(self) -> str:
        """UTC without a zone, whole seconds."""
        return datetime.fromtimestamp(int(self.clock()), UTC).strftime("%Y-%m-%dT%H:%M:%S")

    def local(self, gmt: str | None) -> str | None:
        """The shop's wall time of a UTC time."""
        if not gmt:
            return None
        return datetime.fromisoformat(gmt).replace(tzinfo=UTC).astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def offset(self) -> timedelta:
        """The shop's distance from UTC now."""
        return steady.now(self.zone).utcoffset() or timedelta()

    def statuses(self) -> list[str]:
        """Every status an order may be given."""
        return [*CORE, *sorted(self.custom)]

    def add(self, order: Order) -> Order:
        """Take an order in."""
        if order["id"] in self.orders:
            raise ValueError(f"order {order['id']} exists")
        self.orders[order["id"]] = order
        self.notes[order["id"]] = []
        self.returns[order["id"]] = []
        if order["status"] in MAILED:
            self.mails.append((order["id"], order["status"]))
        self.changed(order, "order.created")
        return order

    def touch(self, order: Order, topic: str = "order.updated") -> None:
        """Any write moves the order to the end of the list of changes, also one that changes nothing (observed)."""
        order["date_modified_gmt"] = self.now()
        self.changed(order, topic)

    def set_status(self, order: Order, status: str) -> None:
        """Any status may follow any other, and each change costs a note and often an e-mail."""
        before = order["status"]
        if before == status:
            return
        order["status"] = status
        if status == "completed":
            order["date_completed_gmt"] = self.now()
        if status in ("processing", "completed") and not order["date_paid_gmt"] and self._pays_now(order, status):
            order["date_paid_gmt"] = self.now()
        if status in MAILED:
            self.mails.append((order["id"], status))
        self.note(order, f"Order status changed from {before} to {status}.")
        if status == "refunded" and self.left(order) > 0:
            self.give_back(order, self.left(order), "Order fully refunded.")

    def note(self, order: Order, text: str, customer: bool = False) -> dict[str, Any]:
        """A note changes neither the order's time nor fires a webhook (observed)."""
        gmt = self.now()
        note = {
            "id": self.new_id(),
            "author": "WooCommerce",
            "date_created": self.local(gmt),
            "date_created_gmt": gmt,
            "note": text,
            "customer_note": customer,
        }
        self.notes[order["id"]].insert(0, note)
        if customer:
            self.mails.append((order["id"], "note"))
        return note

    def matters(self, order: Order) -> bool:
        """Whether a counter loses anything with it: what was cancelled, or failed, while it waited to be paid is nobody's
        order; one to be paid later waited for nothing."""
        later = order["status"] == "cancelled" and order["payment_method"] in PAID_LATER
        return later or order["date_paid_gmt"] is not None or order["status"] not in UNPAID

    def set_meta(self, order: Order, facts: Iterable[dict[str, Any]]) -> None:
        """A fact of a known key is replaced."""
        for fact in facts:
            known = next((one for one in order["meta_data"] if one["key"] == fact["key"]), None)
            if known:
                known["value"] = fact["value"]
            else:
                order["meta_data"].append({"id": self.new_id(), "key": fact["key"], "value": fact["value"]})

    def meta(self, order: Order, key: str) -> Any:
        """The value of a fact; None without it."""
        return next((one["value"] for one in order["meta_data"] if one["key"] == key), None)

    def left(self, order: Order) -> Decimal:
        """What has not been given back yet."""
        return Decimal(order["total"]) + sum((Decimal(one["total"]) for one in order["refunds"]), Decimal(0))

    def returned(self, order: Order, line_id: int) -> int:
        """Portions of a line that went back."""
        lines = (line for refund in self.returns[order["id"]] for line in refund["line_items"])
        return sum(-line["quantity"] for line in lines if line["meta_data"][0]["value"] == str(line_id))

    def give_back(self, order: Order, amount: Decimal, reason: str, lines: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
        """Book a refund; the order's total stays what it was, and a full refund changes the status."""
        refund = {"id": self.new_id(), "reason": reason, "total": f"-{amount:.2f}"}
        self.returns[order["id"]].append({**refund, "amount": f"{amount:.2f}", "line_items": list(map(self._back, lines))})
        order["refunds"].append(refund)
        if amount and not self.left(order) and order["status"] != "refunded":
            self.set_status(order, "refunded")
        return refund

    def _back(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A line of a refund: an item of its own, with everything below zero, that names the order's line as a fact."""
        taxes = [{"id": one["id"], "total": f"-{one['refund_total']}"} for one in asked.get("refund_tax") or ()]
        return {
            "id": self.new_id(),
            "quantity": -int(asked.get("quantity", 0)),
            "total": f"-{asked.get('refund_total', '0')}",
            "total_tax": str(-sum((Decimal(one["refund_total"]) for one in asked.get("refund_tax") or ()), Decimal(0))),
            "taxes": taxes,
            "meta_data": [{"id": self.new_id(), "key": "_refunded_item_id", "value": str(asked["id"])}],
        }

    def trash(self, order: Order) -> None:
        """To the bin: out of every list that does not ask for it."""
        order["status"] = "trash"
        self.touch(order, "order.deleted")

    def shown(self, order: Order) -> Order:
        """The order as the interface shows it: local times worked out from those in UTC on every read (observed)."""
        made = copy.deepcopy(order)
        for name in DATES:
            made[name] = self.local(made[f"{name}_gmt"])
        made["currency_symbol"] = {"EUR": "€", "JPY": "¥", "USD": "$"}.get(made["currency"], made["currency"])
        made["_links"] = {"self": [{"href": f"/wp-json/wc/v3/orders/{made['id']}"}]}
        return made

    def _pays_now(self, order: Order, status: str) -> bool:
        return order["payment_method"] != "cod" or status == "completed"
