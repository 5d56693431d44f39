"""Orders as Square keeps them: made from pretend wishes or given ones, priced, and shown oddly on a bad day."""

from __future__ import annotations

import copy
import random
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.orders import Fulfilment, OptionKind
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder
from app.platforms.square.mapping import order_of

CURRENCY = "USD"
LOCATION = "LPRACTICE01"
TAX = 8  # percent, on top
COOKING = 20  # simulated minutes
LETTERS = string.ascii_letters + string.digits
DETAILS = {"PICKUP": "pickup_details", "DELIVERY": "delivery_details"}

MENU = (
    PretendLine("Tonkotsu ramen", 1490, 1, (PretendOption("Extra chashu", OptionKind.ADD, 400),)),
    PretendLine("Miso ramen", 1390, 2, (PretendOption("Large", price=250), PretendOption("No leek", OptionKind.REMOVE))),
    PretendLine("Chicken gyoza (6)", 790, 1, (PretendOption("Ponzu", OptionKind.ADD, 75),)),
    PretendLine("Karaage", 890, note="Lemon apart"),
    PretendLine("Iced peach tea", 425, 3),
)
NOTES = ("", "", "nut allergy", "No pickles please.", "Ring twice")


@dataclass(slots=True)
class Placed:
    """An order at the pretend Square. `keys` are the changes made, by idempotency key; times are Unix seconds."""

    body: dict[str, Any]
    placed_at: float
    commands: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    heard_at: float | None = None

    @property
    def id(self) -> str:
        """Its own."""
        return str(self.body["id"])

    @property
    def updated(self) -> str:
        """RFC 3339 with milliseconds: sorts as text."""
        return str(self.body["updated_at"])

    @property
    def refunded(self) -> int:
        """Minor units that went back, or are on their way."""
        return sum(int(one["amount_money"]["amount"]) for one in self.body["refunds"] if one["status"] != "FAILED")


def moment(at: datetime) -> str:
    """As Square writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usd(minor: int) -> dict[str, Any]:
    """An amount on the wire."""
    return {"amount": minor, "currency": CURRENCY}


def new_id(chance: random.Random, length: int = 27) -> str:
    """As long as Square's, with their common end."""
    return "".join(chance.choice(LETTERS) for _ in range(length)) + "ZY"


def random_wish(chance: random.Random) -> PretendOrder:
    """What some customer wants."""
    return PretendOrder(
        tuple(chance.sample(MENU, chance.randint(1, 3))),
        note=chance.choice(NOTES),
        fulfilment=chance.choice((Fulfilment.PICKUP, Fulfilment.PICKUP, Fulfilment.DELIVERY)),
        due_in=7200.0 if chance.random() < 0.15 else None,
        customer="Dana Whitfield",
        phone="+15555550100",
        address="8 Sample Street",
        shop_discount=chance.choice((0, 0, 200)),
        delivery_fee=chance.choice((0, 399)),
        packaging_fee=chance.choice((0, 25)),
    )


def from_wish(wish: PretendOrder, number: int, now: datetime, chance: random.Random, speed: float) -> dict[str, Any]:
    """The order that Square Online makes: paid by card, tip included."""
    kind = "DELIVERY" if wish.fulfilment is Fulfilment.DELIVERY else "PICKUP"
    fees = (("Delivery fee", wish.delivery_fee), ("Packaging", wish.packaging_fee))
    discounts = (("Shop offer", wish.shop_discount), ("Reward", wish.platform_discount))
    body = {
        "id": new_id(chance),
        "location_id": LOCATION,
        "reference_id": f"S{101 + number}",
        "source": {"name": "Square Online"},
        "ticket_name": wish.customer,
        "state": "OPEN",
        "version": 1,
        "created_at": moment(now),
        "updated_at": moment(now),
        "line_items": [_line(line, chance) for line in wish.lines],
        "taxes": [{"uid": "tax", "name": "Sales tax", "percentage": str(TAX), "type": "ADDITIVE", "scope": "ORDER"}],
        "discounts": [{"uid": name, "name": name, "amount_money": usd(minor)} for name, minor in discounts if minor],
        "service_charges": [_fee(name, minor) for name, minor in fees if minor],
        "refunds": [],
        "fulfillments": [_fulfilment(wish, kind, now, chance, speed)],
        "total_tip_money": usd(chance.choice((0, 0, 200, 300))),
    }
    return paid(priced(body), chance)


def completed(given: Mapping[str, Any], number: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    """`given` at its word, with an id, times and lists where it has none. ValueError when it is no order of this shop."""
    order = {
        "id": new_id(chance),
        "location_id": LOCATION,
        "reference_id": f"S{101 + number}",
        "state": "OPEN",
        "created_at": moment(now),
        "updated_at": moment(now),
        "refunds": [],
        **copy.deepcopy(dict(given)),
    }
    order_of(order)
    return order


def priced(body: dict[str, Any]) -> dict[str, Any]:
    """The same order with every figure worked out anew from its lines, discounts, fees and tip."""
    lines = body["line_items"]
    gross = [line["gross_sales_money"]["amount"] for line in lines]
    left = sum(gross)
    for discount in body["discounts"]:
        applied = min(discount["amount_money"]["amount"], left)
        discount["applied_money"] = usd(applied)
        left -= applied
    off = sum(gross) - left
    shares = _shares(off, gross)
    for line, minor, share in zip(lines, gross, shares, strict=True):
        tax = round((minor - share) * TAX / 100)
        line |= {"total_discount_money": usd(share), "total_tax_money": usd(tax), "total_money": usd(minor - share + tax)}
    tax = sum(line["total_tax_money"]["amount"] for line in lines)
    fees = sum(one["applied_money"]["amount"] for one in body["service_charges"])
    body["taxes"][0]["applied_money"] = usd(tax)
    body |= {"total_tax_money": usd(tax), "total_discount_money": usd(off), "total_service_charge_money": usd(fees)}
    total = left + tax + fees + body["total_tip_money"]["amount"]
    return body | {"total_money": usd(total), "net_amount_due_money": usd(total)}


def paid(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Paid by card in full; Square's fee stands beside it."""
    total = body["total_money"]["amount"]
    payment = new_id(chance, 20)
    fee = round(total * 0.029) + 30
    tender = {"id": payment, "payment_id": payment, "type": "CARD", "amount_money": usd(total)}
    body["tenders"] = [{**tender, "tip_money": body["total_tip_money"], "processing_fee_money": usd(fee)}]
    return body | {"net_amount_due_money": usd(0)}


def struck(body: dict[str, Any]) -> dict[str, Any]:
    """The same order without its last line; what was paid too much is for the shop to give back."""
    shorter = copy.deepcopy(body)
    shorter["line_items"] = shorter["line_items"][:-1]
    return priced(shorter) | {"net_amount_due_money": usd(0)}


def oddly(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same order as clients may meet it: figures as text or left out, nulls, other offsets, fields of later days."""
    odd = copy.deepcopy(body)
    for line in odd["line_items"]:
        line.pop("variation_total_price_money", None)
        line["note"] = line.get("note")
        line["gross_sales_money"] = {**line["gross_sales_money"], "amount": str(line["gross_sales_money"]["amount"])}
    for name in ("ticket_name", "net_amount_due_money", "source", "taxes"):
        if chance.random() < 0.5:
            odd.pop(name, None)
    if "ticket_name" in odd:
        odd["ticket_name"] = None
    odd["created_at"] = odd["created_at"].replace("Z", "+00:00")
    return {**odd, "returns": None, "later_days": {"unknown": [1]}}


def _shares(off: int, gross: list[int]) -> list[int]:
    """A discount spread over the lines by their worth; the last one takes what rounding left."""
    whole = sum(gross)
    shares = [off * one // whole if whole else 0 for one in gross]
    return [*shares[:-1], off - sum(shares[:-1])]


def _line(line: PretendLine, chance: random.Random) -> dict[str, Any]:
    chosen = [_modifier(option, line.quantity, chance) for option in line.options]
    base = line.price * line.quantity
    return {
        "uid": new_id(chance, 6),
        "name": line.name,
        "variation_name": "Regular",
        "quantity": str(line.quantity),
        **({"note": line.note} if line.note else {}),
        "catalog_object_id": variation_id(line.name),
        "item_type": "ITEM",
        "modifiers": chosen,
        "base_price_money": usd(line.price),
        "variation_total_price_money": usd(base),
        "gross_sales_money": usd(base + sum(one["total_price_money"]["amount"] for one in chosen)),
    }


def _modifier(option: PretendOption, quantity: int, chance: random.Random) -> dict[str, Any]:
    price = {"base_price_money": usd(option.price), "total_price_money": usd(option.price * quantity)}
    return {"uid": new_id(chance, 6), "name": option.name, "quantity": "1", **price}


def variation_id(name: str) -> str:
    """The catalogue's id of a dish's only variation."""
    return "VAR" + "".join(letter for letter in name.upper() if letter.isalnum())[:20]


def _fee(name: str, minor: int) -> dict[str, Any]:
    amounts = {"amount_money": usd(minor), "applied_money": usd(minor), "total_money": usd(minor)}
    return {"uid": name, "name": name, **amounts, "calculation_phase": "TOTAL_PHASE", "type": "CUSTOM"}


def _fulfilment(wish: PretendOrder, kind: str, now: datetime, chance: random.Random, speed: float) -> dict[str, Any]:
    wait = COOKING * 60.0 if wish.due_in is None else wish.due_in
    due = moment(now + timedelta(seconds=wait / speed))
    details: dict[str, Any] = {
        "recipient": {"display_name": wish.customer, "phone_number": wish.phone},
        "schedule_type": "ASAP" if wish.due_in is None else "SCHEDULED",
        "prep_time_duration": f"PT{COOKING}M",
        "placed_at": moment(now),
        **({"note": wish.note} if wish.note else {}),
    }
    if kind == "DELIVERY":
        details["recipient"]["address"] = {"address_line_1": wish.address, "locality": "Springfield", "postal_code": "00000"}
        details |= {"deliver_at": due, "courier_provider_name": "DoorDash", "managed_delivery": True}
    else:
        details["pickup_at"] = due
    return {"uid": new_id(chance, 6), "type": kind, "state": "PROPOSED", DETAILS[kind]: details}
