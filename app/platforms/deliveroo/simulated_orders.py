"""Orders as Deliveroo keeps them: made from pretend wishes or given ones, priced, shown, and shown oddly on a bad day."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.orders import Fulfilment, OptionKind
from app.platforms.deliveroo.mapping import FULFILMENT, KITCHEN, order_of
from app.platforms.deliveroo.money import total_of
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

CURRENCY = "GBP"
BRAND, SITE = "practice-noodles-gb", "100200"
TYPES = {Fulfilment.DELIVERY: "deliveroo", Fulfilment.PICKUP: "customer", Fulfilment.DINE_IN: "table_service"}
RELAY = "+442000000000"  # everybody calls the relay, with a code each
COOKING = (480.0, 1080.0)  # simulated seconds until an order wanted at once shall be ready
ALLOWANCE = 720.0  # before that moment cooking should begin, where there is so much time
MONEY = ("subtotal", "total_price", "partner_order_subtotal", "partner_order_total", "offer_discount", "bag_fee")

MENU = (
    PretendLine("Tonkotsu ramen", 1290, 1, (PretendOption("Extra chashu", OptionKind.ADD, 350),)),
    PretendLine("Miso ramen", 1190, 2, (PretendOption("Large", price=250), PretendOption("No leek", OptionKind.REMOVE))),
    PretendLine("Chicken gyoza (6)", 690, 1, (PretendOption("Ponzu", OptionKind.ADD, 50),)),
    PretendLine("Karaage", 790),
    PretendLine("Iced peach tea", 320, 3),
)
NOTES = ("", "", "nut allergy", "No pickles please.", "Ring twice")


@dataclass(slots=True)
class Placed:
    """An order at the pretend Deliveroo. `stage` is the last preparation stage told; times are Unix seconds."""

    body: dict[str, Any]
    placed_at: float
    tabletless: bool
    stage: str = ""
    riders: list[dict[str, Any]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    accepted_at: float = 0.0
    injected: str = ""  # the sync status, once told
    heard_at: float | None = None

    @property
    def id(self) -> str:
        """`{market}:{uuid}`."""
        return str(self.body["id"])

    @property
    def status(self) -> str:
        """Its own word."""
        return str(self.body["status"])

    @property
    def total(self) -> int:
        """Minor units the customer pays."""
        return int(self.body["total_price"]["fractional"])

    @property
    def carried(self) -> str:
        """How far the last rider came, "" without one."""
        return str(self.riders[-1]["status_log"][-1]["status"]) if self.riders else ""

    @property
    def live(self) -> bool:
        """Not ended and not on its way: recalled from "not yet picked up and in certain statuses"."""
        under_way = self.status in ("placed", "accepted", "confirmed")
        return under_way and self.stage != "collected" and self.carried != "rider_in_transit"

    def move(self, status: str, at: datetime) -> None:
        """Enter a status, as field and log."""
        self.body["status"] = status
        self.body["status_log"].append({"at": moment(at), "status": status})


def moment(at: datetime) -> str:
    """With microseconds: some of the vendor's examples have them, some do not."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def pounds(minor: int) -> dict[str, Any]:
    """An amount on the wire."""
    return {"fractional": minor, "currency_code": CURRENCY}


def new_id(chance: random.Random) -> str:
    """A new order's id."""
    return f"gb:{UUID(int=chance.getrandbits(128), version=4)}"


def random_wish(chance: random.Random) -> PretendOrder:
    """What some customer wants."""
    kinds = (Fulfilment.DELIVERY, Fulfilment.DELIVERY, Fulfilment.PICKUP, Fulfilment.DINE_IN)
    return PretendOrder(
        tuple(chance.sample(MENU, chance.randint(1, 3))),
        note=chance.choice(NOTES),
        fulfilment=chance.choice(kinds),
        due_in=7200.0 if chance.random() < 0.15 else None,
        customer="Omid",
        shop_discount=chance.choice((0, 0, 200)),
        packaging_fee=chance.choice((0, 10)),
    )


def from_wish(wish: PretendOrder, number: int, now: datetime, chance: random.Random, speed: float) -> dict[str, Any]:
    """The order a customer's app makes. Deliveroo's own delivery fee and its own offers are not the restaurant's to see."""
    items = [_item(line) for line in wish.lines]
    goods = sum(item["total_price"]["fractional"] for item in items)
    offer = min(wish.shop_discount, goods)
    wait = chance.uniform(*COOKING) if wish.due_in is None else wish.due_in
    due, allowance = now + timedelta(seconds=wait / speed), timedelta(seconds=min(wait, ALLOWANCE) / speed)
    begin = due - allowance
    scheduled = {} if wish.due_in is None else {"confirm_at": moment(begin)}
    notes = [wish.note, *(f"{line.name}: {line.note}" for line in wish.lines if line.note)]
    return {
        "id": new_id(chance),
        "order_number": str(10_884_160_000 + number),
        "display_id": f"{(8101 + number) % 10_000:04d}",
        "location_id": SITE,
        "brand_id": BRAND,
        "status": "placed",
        "status_log": [{"at": moment(now), "status": "pending"}, {"at": moment(now), "status": "placed"}],
        "fulfillment_type": TYPES[wish.fulfilment],
        "order_notes": "\n".join(note for note in notes if note),
        "cutlery_notes": "NO CUTLERY",
        "asap": wish.due_in is None,
        "prepare_for": moment(due),
        "start_preparing_at": moment(begin),
        **scheduled,
        "table_number": str(chance.randint(1, 30)) if wish.fulfilment is Fulfilment.DINE_IN else "",
        "subtotal": pounds(goods),
        "total_price": pounds(goods + wish.packaging_fee - offer),
        "partner_order_subtotal": pounds(goods),
        "partner_order_total": pounds(goods - offer),
        "offer_discount": pounds(offer),
        "cash_due": pounds(0),
        "bag_fee": pounds(wish.packaging_fee),
        "surcharge": pounds(0),
        "fee_breakdown": [],
        "items": items,
        "promotions": [{"id": "1", "name": "Practice offer", "amount": pounds(offer)}] if offer else [],
        "meal_cards": [],
        "customer": _customer(wish, chance),
    }


def completed(given: Mapping[str, Any], number: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    """`given` at its word, with an id, a log and figures where it has none. ValueError when it is no order."""
    order = {
        "id": new_id(chance),
        "order_number": str(10_884_160_000 + number),
        "display_id": f"{(8101 + number) % 10_000:04d}",
        "status": "placed",
        "status_log": [{"at": moment(now), "status": "placed"}],
        "fulfillment_type": "deliveroo",
        "asap": True,
        **copy.deepcopy(dict(given)),
    }
    read = order_of(order)
    total = total_of(read)
    order.setdefault("total_price", {"fractional": total.minor, "currency_code": total.currency})
    if order["fulfillment_type"] not in FULFILMENT or read.statuses - KITCHEN.keys():
        raise ValueError("an unknown fulfilment type or status")
    return order


def shown(order: Placed) -> dict[str, Any]:
    """As the API answers and events carry it."""
    return copy.deepcopy({**order.body, "is_tabletless": order.tabletless})


def oddly(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same order as other clients have seen it: figures as text, fields left out or new, nulls, a log out of order."""
    for name in MONEY:
        if name in body:
            body[name]["fractional"] = str(body[name]["fractional"])
    for item in body["items"]:
        item["pos_item_id"] = None
        item["quantity"] = str(item["quantity"])
    for name in ("table_number", "meal_cards", "promotions", "fee_breakdown", "start_preparing_at"):
        body.pop(name, None)
    chance.shuffle(body["status_log"])
    return {**body, "order_number": int(body["order_number"]), "rewards": None, "cutlery_notes": None}


def _item(line: PretendLine) -> dict[str, Any]:
    each = line.price + sum(option.price for option in line.options)
    return {
        "pos_item_id": item_id(line.name),
        "name": line.name,
        "operational_name": line.name,
        "quantity": line.quantity,
        "unit_price": pounds(each),
        "menu_unit_price": pounds(line.price),
        "total_price": pounds(each * line.quantity),
        "discount_amount": pounds(0),
        "item_fees": [],
        "modifiers": [_modifier(option) for option in line.options],
    }


def _modifier(option: PretendOption) -> dict[str, Any]:
    price = pounds(option.price)
    named = {"pos_item_id": item_id(option.name), "name": option.name, "operational_name": option.name, "quantity": 1}
    return {**named, "unit_price": price, "menu_unit_price": price, "total_price": price, "modifiers": []}


def item_id(name: str) -> str:
    """The menu's id of a dish."""
    return "plu-" + "".join(letter if letter.isalnum() else "-" for letter in name.lower())[:40]


def _customer(wish: PretendOrder, chance: random.Random) -> dict[str, Any]:
    """Only the first name, and the relay's number with a code."""
    return {
        "first_name": wish.customer.split(" ")[0],
        "contact_number": RELAY,
        "contact_access_code": str(chance.randrange(10**8, 10**9)),
        "order_frequency_at_site": "NEW CUSTOMER",
        "loyalty": {"card_number": ""},
    }
