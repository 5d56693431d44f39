"""Orders as the pretend Just Eat keeps and pushes them: from wishes or given ones, in either family, oddly on a bad day."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.just_eat.wire import Order
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

RESTAURANT, ZONE = "store-01", "Europe/London"
RELAY = "+441632960960"  # a number that Ofcom keeps for fiction; everybody calls it, with a code each
TYPES = {Fulfilment.DELIVERY: "delivery-by-delivery-partner", Fulfilment.PICKUP: "collection-by-customer"}
DRIVEN = "delivery-by-delivery-partner"
COOKING, RIDE = 1200.0, 1500.0  # simulated seconds until a driver comes for it, and on to the customer

MENU = (
    PretendLine("Cheeseburger", 1700, 1, (PretendOption("Extra sauce", OptionKind.ADD, 100),), "No onion"),
    PretendLine("Beef noodle soup", 1090, 2, (PretendOption("Large", price=150), PretendOption("No coriander"))),
    PretendLine("Fries", 360),
    PretendLine("Lemonade", 250, 3),
)
NOTES = ("", "", "Nut allergy - please check sauces", "Cut the burger in two, please.")


@dataclass(slots=True)
class Placed:
    """An order at the pretend Just Eat; `body` is JET Connect's form. Times are Unix seconds.

    `arrived`: "" until somebody answered, "later", "success", "failed", or "tablet" once the device asks for it.
    """

    body: dict[str, Any]
    placed_at: float
    arrived: str = ""
    driver: str = ""
    ended: Kitchen | None = None
    heard_at: float | None = None
    commands: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """A UUID."""
        return str(self.body["id"])

    @property
    def number(self) -> str:
        """What staff call."""
        return str(self.body["third_party_order_reference"])

    @property
    def total(self) -> int:
        """Minor units the customer pays."""
        return int(self.body["total"])

    def kitchen(self, now: float) -> Kitchen:
        """Just Eat knows accepted and over. That the food is ready is never told to it: from the moment at which a driver is
        sent for it (Unix seconds), it is taken for granted."""
        due = self.body.get("collect_at")
        ready = due and datetime.fromisoformat(str(due)).timestamp() <= now
        return self.ended or (Kitchen.READY if ready else Kitchen.ACCEPTED)


def moment(at: datetime) -> str:
    """ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def random_wish(chance: random.Random) -> PretendOrder:
    """What some customer wants."""
    kinds = (Fulfilment.DELIVERY, Fulfilment.DELIVERY, Fulfilment.PICKUP)
    return PretendOrder(
        tuple(chance.sample(MENU, chance.randint(1, 3))),
        note=chance.choice(NOTES),
        fulfilment=chance.choice(kinds),
        due_in=7200.0 if chance.random() < 0.15 else None,
        customer="Omid",
        address="1 Practice Street",
        shop_discount=chance.choice((0, 0, 300)),
        delivery_fee=chance.choice((0, 240)),
        packaging_fee=chance.choice((0, 10)),
    )


def from_wish(wish: PretendOrder, number: int, now: datetime, chance: random.Random, speed: float) -> dict[str, Any]:
    """The order as it is pushed once it was accepted. Just Eat's own discounts are not the restaurant's to see."""
    items = [_item(line) for line in wish.lines]
    goods = sum(item["quantity"] * (item["price"] + _extras(item)) for item in items)
    fees = {"deliveryFee": wish.delivery_fee, "bagfee": wish.packaging_fee, "discount": -min(wish.shop_discount, goods)}
    total = goods + sum(fees.values())
    ready = now + timedelta(seconds=(COOKING if wish.due_in is None else wish.due_in) / speed)
    kind = TYPES.get(wish.fulfilment, "dine-in")
    return {
        "id": str(UUID(int=chance.getrandbits(128), version=4)),
        "third_party_order_reference": f"J-{48213 + number}",
        "type": kind,
        "posLocationId": RESTAURANT,
        "location": {"id": 8812, "timezone": ZONE},
        "menu_reference": "menu-7",
        "created_at": str(int(now.timestamp())),
        "channel": {"name": "Just Eat", "id": 8},
        "collect_at": moment(ready),
        "deliver_at": moment(ready + timedelta(seconds=RIDE / speed)),
        "kitchen_notes": wish.note,
        "collection_notes": "",
        "delivery_notes": "",
        "payment_method": "CARD",
        "tender_type": "JUSTEAT",
        "items": items,
        "payment": {
            "items_in_cart": {"inc_tax": goods, "tax": goods // 6},
            "adjustments": [{"name": name, "price": {"inc_tax": fee, "tax": 0}} for name, fee in fees.items() if fee],
            "final": {"inc_tax": total, "tax": total // 6},
        },
        **_people(wish, kind, chance),
        "extras": {"justEatOrderReference": str(48213 + number), "asap": wish.due_in is None},
        "promotions": [],
        "total": total,
    }


def completed(given: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """`given` at its word, with what a pushed order cannot lack. ValueError when it is no order."""
    lacking = ("id", "third_party_order_reference", "created_at", "posLocationId", "extras")
    order = {**{name: plain[name] for name in lacking}, "type": DRIVEN, **copy.deepcopy(dict(given))}
    read = Order.model_validate(order)
    total = read.total if read.total is not None else read.payment.final if read.payment else None
    if total is None:
        raise ValueError("an order without a total")
    return {**order, "total": total}


def oddly(body: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same order as other clients have seen it: other names of the same fields, figures as text, nulls, other times."""
    odd = copy.deepcopy(dict(body))
    seconds = int(odd["created_at"])
    odd["created_at"] = chance.choice((seconds, seconds * 1000, moment(datetime.fromtimestamp(seconds, UTC))))
    if chance.random() < 0.5:
        odd["items"] = [_renamed(item) for item in odd["items"]]
    if chance.random() < 0.5:
        odd["total"] = str(odd["total"])
    return {**odd, "promotions": None, "driver": None, "collection_notes": None, "menu_reference": None, "rewards": []}


def older(order: Placed, currency: str) -> dict[str, Any]:
    """The same order in the older API's form, as `order-ready-for-preparation`."""
    body = order.body
    fees = {one["name"]: one["price"]["inc_tax"] for one in body["payment"]["adjustments"]}
    shown = (body.get("delivery") or body.get("collector") or {}) | {}
    return {
        "OrderId": order.id,
        "FriendlyOrderReference": order.number,
        "PlacedDate": moment(datetime.fromtimestamp(int(body["created_at"]), UTC)),
        "Currency": currency,
        "IsTest": True,
        "TotalPrice": _major(order.total),
        "Customer": {"Id": "1", "Name": shown.get("first_name", "")},
        "CustomerNotes": {"note": body["kitchen_notes"]},
        "Fulfilment": {
            "Method": "Collection" if body["type"].startswith("collection") else "Delivery",
            "CustomerDueAsap": body["extras"]["asap"],
            "CustomerDueDate": body["collect_at"],
            "PhoneNumber": shown.get("phone_number", ""),
            "PhoneMaskingCode": shown.get("phone_masking_code", ""),
        },
        "Items": [_older_item(item) for item in body["items"]],
        "Payment": {"Lines": [{"Type": "card", "Value": _major(order.total), "Paid": True}]},
        "PriceBreakdown": {
            "Items": _major(body["payment"]["items_in_cart"]["inc_tax"]),
            "Discount": _major(-fees.get("discount", 0)),
            "Taxes": 0,
            "Tips": 0,
            "Fees": {"Delivery": _major(fees.get("deliveryFee", 0)), "Other": _major(fees.get("bagfee", 0))},
        },
        "Restaurant": {"Id": RESTAURANT, "Name": "Practice Kitchen", "TimeZone": ZONE},
    }


def failed(order: Placed, error: str) -> dict[str, Any]:
    """What is pushed when an order counts as not arrived."""
    body = order.body
    return {
        "validationError": error,
        "unknownReference": "",
        "order": {
            "orderId": order.id,
            "friendlyOrderReference": order.number,
            "items": body["items"],
            "totalPrice": order.total,
            "placedDate": moment(datetime.fromtimestamp(order.placed_at, UTC)),
            "fulfilment": {"type": body["type"], "customerDueDate": body.get("collect_at")},
            "customer": {},
            "customerNotes": body.get("kitchen_notes", ""),
            "restaurant": {"id": body.get("posLocationId", RESTAURANT)},
        },
    }


def number_of(name: str) -> str:
    """The menu's number of a dish."""
    return "plu-" + "".join(letter if letter.isalnum() else "-" for letter in name.lower())[:40]


def _item(line: PretendLine) -> dict[str, Any]:
    options = [{"name": one.name, "plu": number_of(one.name), "price": one.price, "children": []} for one in line.options]
    named = {"name": line.name, "description": "", "plu": number_of(line.name), "price": line.price}
    return {**named, "quantity": line.quantity, "notes": line.note, "children": options}


def _extras(item: Mapping[str, Any]) -> int:
    return sum(int(child["price"]) for child in item["children"])


def _renamed(item: Mapping[str, Any]) -> dict[str, Any]:
    """The other payload: the total of a dish holds its options."""
    inner = [
        {"name": one["name"], "reference": one["plu"], "unitPrice": one["price"], "quantity": 1} for one in item["children"]
    ]
    named = {"name": item["name"], "reference": item["plu"], "notes": item["notes"], "quantity": str(item["quantity"])}
    total = item["quantity"] * (item["price"] + _extras(item))
    return {**named, "unitPrice": item["price"], "totalPrice": total, "items": inner}


def _older_item(item: Mapping[str, Any]) -> dict[str, Any]:
    each = item["price"] + _extras(item)
    inner = [
        {"Name": one["name"], "Reference": one["plu"], "Quantity": 1, "UnitPrice": 0, "Items": []}
        for one in item["children"]
    ]
    named = {"Name": item["name"], "Reference": item["plu"], "Synonym": "", "Quantity": item["quantity"], "Items": inner}
    return {**named, "UnitPrice": _major(each), "TotalPrice": _major(each * item["quantity"])}


def _people(wish: PretendOrder, kind: str, chance: random.Random) -> dict[str, Any]:
    """Masked where Just Eat delivers; the relay's number with a code either way."""
    hidden = kind == DRIVEN
    person = {
        "first_name": f"{wish.customer[:1]}****" if hidden else wish.customer,
        "last_name": "****" if hidden else "",
        "phone_number": RELAY,
        "phone_masking_code": str(chance.randrange(10**8, 10**9)),
        "line_one": "****" if hidden else wish.address,
        "line_two": "",
        "city": "London",
        "postcode": "N1",
        "email": "",
    }
    nobody = {"first_name": "", "last_name": "", "phone_number": ""}
    return {"collector" if kind.startswith("collection") else "delivery": person, "driver": nobody}


def _major(minor: int) -> float:
    return minor / 100
