"""The pretend Square's catalogue with its counts, and its money: payments, refunds, payouts and their entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app import steady
from app.platforms.square.simulated_orders import LOCATION, MENU, Placed, moment, usd, variation_id
from app.platforms.square.simulated_shop import WireError

CATEGORY = "CATRAMEN"


@dataclass(slots=True)
class Variation:
    """Something sold. `tracked`: sold out by itself when `count` is zero; `by_hand` is set on Square's own device."""

    name: str
    tracked: bool = True
    count: int = 20
    by_hand: bool = False
    until: str = ""

    @property
    def sold_out(self) -> bool:
        """What customers see."""
        return self.by_hand or (self.tracked and self.count == 0)


@dataclass
class Catalogue:
    """The menu. Programs may set counts of tracked variations, nothing else."""

    variations: dict[str, Variation] = field(
        default_factory=lambda: {variation_id(line.name): Variation(line.name) for line in MENU}
    )
    _keys: dict[str, Any] = field(default_factory=dict)

    def objects(self) -> list[dict[str, Any]]:
        """Every item with its only variation."""
        return [self._item(one, variation) for one, variation in self.variations.items()]

    def related(self) -> list[dict[str, Any]]:
        """The categories."""
        return [{"type": "CATEGORY", "id": CATEGORY, "category_data": {"name": "Ramen and more"}}]

    def counts(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Of the variations asked for; what is not counted has none."""
        wanted = asked.get("catalog_object_ids") or []
        known = ((one, self.variations[one]) for one in wanted if one in self.variations)
        return [
            {"catalog_object_id": one, "location_id": LOCATION, "state": "IN_STOCK", "quantity": str(variation.count)}
            for one, variation in known
            if variation.tracked
        ]

    def change(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Physical counts, all or none; the same key does it once."""
        key, changes = asked.get("idempotency_key"), asked.get("changes")
        if not key or not isinstance(changes, list):
            raise WireError("MISSING_REQUIRED_PARAMETER", "idempotency_key and changes are required")
        if self._keys.setdefault(key, changes) != changes:
            raise WireError("IDEMPOTENCY_KEY_REUSED", "The key was used for another request.")
        counted = [_physical(one) for one in changes]
        if unknown := [one for one, _ in counted if one not in self.variations or not self.variations[one].tracked]:
            raise WireError("BAD_REQUEST", f"{unknown[0]} is not counted here.")
        for one, quantity in counted:
            self.variations[one].count = quantity
        return self.counts({"catalog_object_ids": [one for one, _ in counted]})

    def _item(self, one: str, variation: Variation) -> dict[str, Any]:
        here = {"location_id": LOCATION, "track_inventory": variation.tracked}
        if variation.sold_out:
            here |= {"sold_out": True, **({"sold_out_valid_until": variation.until} if variation.until else {})}
        data = {"item_id": f"ITEM{one}", "name": "Regular", "location_overrides": [here], "sellable": True}
        inner = {"type": "ITEM_VARIATION", "id": one, "present_at_all_locations": True, "item_variation_data": data}
        shown = {"name": variation.name, "categories": [{"id": CATEGORY}], "variations": [inner]}
        return {"type": "ITEM", "id": f"ITEM{one}", "present_at_all_locations": True, "item_data": shown}


@dataclass
class Books:
    """Payments follow the orders; a payout gathers all that none has paid yet."""

    payouts: list[dict[str, Any]] = field(default_factory=list)
    entries: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _paid: set[str] = field(default_factory=set)
    refund_keys: dict[str, tuple[Any, dict[str, Any]]] = field(default_factory=dict)

    def pay_out(self, orders: Iterable[Placed], fee: int = 0) -> str:
        """The bank gets everything so far; answers the payout's id."""
        now, payout_id = moment(steady.now()), f"po_{len(self.payouts) + 1:04d}"
        found = [entry for order in orders for entry in self._due(order, payout_id, now)]
        amount = sum(entry["net_amount_money"]["amount"] for entry in found) - fee
        fees = [{"amount_money": usd(fee), "effective_at": now, "type": "TRANSFER_FEE"}] if fee else []
        kept = {"id": payout_id, "status": "PAID", "location_id": LOCATION, "created_at": now, "updated_at": now}
        self.payouts.append({**kept, "amount_money": usd(amount), "type": "BATCH", "payout_fee": fees})
        self.entries[payout_id] = found
        return payout_id

    def _due(self, order: Placed, payout_id: str, now: str) -> list[dict[str, Any]]:
        about = [("CHARGE", one["id"], one["id"], one["amount_money"]["amount"]) for one in order.body.get("tenders", [])]
        back = [one for one in order.body["refunds"] if one["status"] == "APPROVED"]
        about += [("REFUND", one["id"], one["tender_id"], -one["amount_money"]["amount"]) for one in back]
        fresh = [row for row in about if row[1] not in self._paid]
        self._paid |= {row[1] for row in fresh}
        return [_entry(kind, entry, payment, gross, payout_id, now) for kind, entry, payment, gross in fresh]


def payments_of(orders: Iterable[Placed]) -> list[dict[str, Any]]:
    """Every payment, with its order."""
    return [
        {"id": one["id"], "order_id": order.id, "created_at": order.body["created_at"], "amount_money": one["amount_money"]}
        for order in orders
        for one in order.body.get("tenders", [])
    ]


def _entry(kind: str, entry: str, payment: str, gross: int, payout_id: str, now: str) -> dict[str, Any]:
    """Some of the vendor's own examples write `currency_code` here."""
    fee = round(gross * 0.029) + (30 if kind == "CHARGE" else 0)
    amounts = {"gross_amount_money": gross, "fee_amount_money": fee, "net_amount_money": gross - fee}
    return {
        "id": f"poe_{entry}",
        "payout_id": payout_id,
        "effective_at": now,
        "type": kind,
        **{name: {"amount": minor, "currency_code": "USD"} for name, minor in amounts.items()},
        f"type_{kind.lower()}_details": {"payment_id": payment},
    }


def _physical(change: Any) -> tuple[str, int]:
    count = change.get("physical_count") if isinstance(change, dict) and change.get("type") == "PHYSICAL_COUNT" else None
    if not isinstance(count, dict) or count.get("location_id") != LOCATION or count.get("state") != "IN_STOCK":
        raise WireError("BAD_REQUEST", "physical_count is invalid")
    if not str(count.get("quantity", "")).isdigit() or not count.get("occurred_at"):
        raise WireError("BAD_REQUEST", "quantity or occurred_at is invalid")
    return str(count.get("catalog_object_id")), int(count["quantity"])
