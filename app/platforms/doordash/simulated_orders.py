"""Orders of the pretend DoorDash: what customers want, in DoorDash's form, and how such an order stands."""

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
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

STORE, PROVIDER, CURRENCY = "store-01", "acme_console_sandbox", "USD"
TAX = 8  # per cent
COOKING = (900.0, 1800.0)  # simulated seconds until DoorDash expects its Dasher
SUPPORT = "+1 555 0100"  # stands for DoorDash's support number, which orders carry in place of the customer's

MENU = (
    PretendLine("Classic Burger", 1200, 2, (PretendOption("Cheese", OptionKind.ADD, 100),), "No onions, peanut allergy"),
    PretendLine("Chicken Bowl", 1350, 1, (PretendOption("Spicy"), PretendOption("Avocado", OptionKind.ADD, 250))),
    PretendLine("Fries", 400),
    PretendLine("Iced Tea", 350, 2, (PretendOption("No ice", OptionKind.REMOVE),)),
)
NOTES = ("", "", "Leave at the door", "Extra napkins")


@dataclass(slots=True)
class Placed:
    """One order at DoorDash. `body` is the order object; `dasher` the last one's report, {} without one."""

    body: dict[str, Any]
    placed_at: float
    status: str = "NEW"
    kitchen: Kitchen = Kitchen.NEW
    client_id: str | None = None  # what the shop confirmed with
    heard_at: float | None = None
    commands: list[str] = field(default_factory=list)
    dasher: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """DoorDash's number of the order."""
        return str(self.body["id"])

    @property
    def number(self) -> str:
        """What the Dasher says at the counter."""
        return str(self.body.get("delivery_short_code") or self.id[-4:].upper())

    @property
    def total(self) -> int:
        """What the customer pays the shop, in cents; DoorDash tells nobody."""
        fees = sum(fee["price"] + fee["tax"] for fee in self.body.get("custom_fee", ()))
        named = ("subtotal", "tax", "delivery_fee", "merchant_tip_amount", "tip_amount")
        return int(fees + sum(self.body.get(name) or 0 for name in named))

    @property
    def items(self) -> list[dict[str, Any]]:
        """Every dish."""
        return [item for category in self.body["categories"] for item in category["items"]]

    @property
    def is_delivery(self) -> bool:
        """Whether a Dasher comes."""
        return not self.body.get("is_pickup")


def moment(at: datetime) -> str:
    """As DoorDash writes times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def price_of(item: Mapping[str, Any]) -> int:
    """A dish with its options, all of it."""
    options = (option for extra in item["extras"] for option in extra["options"])
    return int((item["price"] + sum(option["price"] * option["quantity"] for option in options)) * item["quantity"])


def recount(body: dict[str, Any]) -> None:
    """Subtotal and tax of the dishes as they stand, promotions taken off."""
    goods = sum(price_of(item) for category in body["categories"] for item in category["items"])
    off = sum(
        one["merchant_funded_discount_amount"] + one["doordash_funded_discount_amount"]
        for one in body.get("applied_discounts_details", ())
    )
    body["subtotal"] = max(goods - off, 0)
    body["tax"] = body["tax_amount_remitted_by_doordash"] = body["subtotal"] * TAX // 100


def random_wish(chance: random.Random) -> PretendOrder:
    """What some customer wants."""
    return PretendOrder(
        tuple(chance.sample(MENU, chance.randint(1, 3))),
        note=chance.choice(NOTES),
        fulfilment=chance.choice((Fulfilment.DELIVERY, Fulfilment.DELIVERY, Fulfilment.PICKUP)),
        customer="Jamie R",
        shop_discount=chance.choice((0, 0, 200)),
        platform_discount=chance.choice((0, 100)),
        packaging_fee=chance.choice((0, 10)),
    )


def from_wish(wish: PretendOrder, now: datetime, chance: random.Random, speed: float) -> dict[str, Any]:
    """The order a customer's app makes. DoorDash's own fees and its own promotions are not the restaurant's to see."""
    pickup = wish.fulfilment is not Fulfilment.DELIVERY
    wait = chance.uniform(*COOKING) if wish.due_in is None else wish.due_in
    first, _, last = wish.customer.partition(" ")
    goods = sum(_price(line) for line in wish.lines)
    off = min(wish.shop_discount, goods)
    theirs = min(wish.platform_discount, goods - off) if off else 0
    body: dict[str, Any] = {
        "id": new_id(chance),
        "consumer": {"id": 2**53 + 1, "email": "", "first_name": first, "last_name": last, "phone": SUPPORT},
        "store": {"merchant_supplied_id": STORE, "provider_type": PROVIDER},
        "estimated_pickup_time": moment(now + timedelta(seconds=wait / speed)),
        "is_pickup": pickup,
        "is_scheduled": wish.due_in is not None,
        "order_special_instructions": wish.note,
        "categories": [
            {"name": "Menu", "merchant_supplied_id": "CAT-1", "items": [_item(one, chance) for one in wish.lines]}
        ],
        "is_tax_remitted_by_doordash": True,
        "commission_type": "regular",
        "delivery_short_code": f"{chance.getrandbits(24):06X}",
        "fulfillment_type": "pickup" if pickup else "dx_delivery",
        "merchant_tip_amount": 0,
        "experience": "DOORDASH",
        "is_plastic_ware_option_selected": False,
        "tip_amount": 0,
    }
    if wish.packaging_fee:
        body["custom_fee"] = [{"type": "BAG_FEE", "price": wish.packaging_fee, "tax": wish.packaging_fee * TAX // 100}]
    if off:
        body["applied_discounts_details"] = [_promotion(off, theirs)]
    recount(body)
    return body


def new_id(chance: random.Random) -> str:
    """A new order's number."""
    return str(UUID(int=chance.getrandbits(128), version=4))


def drifted(body: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same order as another part of the platform might spell it: text for numbers, null for nothing, `extra`."""
    drift = copy.deepcopy(dict(body))
    drift["subtotal"] = str(drift["subtotal"])
    drift["order_special_instructions"] = drift["order_special_instructions"] or None
    for item in (item for category in drift["categories"] for item in category["items"]):
        item["quantity"] = str(item["quantity"])
        for option in (option for extra in item["extras"] for option in extra["options"]):
            option["extra"] = option.pop("extras", [])
    if chance.random() < 0.5:
        drift["consumer"]["id"] = str(drift["consumer"]["id"])
    return drift


def _price(line: PretendLine) -> int:
    return (line.price + sum(option.price for option in line.options)) * line.quantity


def _item(line: PretendLine, chance: random.Random) -> dict[str, Any]:
    groups = [("Choices", OptionKind.CHOICE), ("Add-ons", OptionKind.ADD), ("Leave out", OptionKind.REMOVE)]
    extras = [(name, [option for option in line.options if option.kind is kind]) for name, kind in groups]
    return {
        "name": line.name,
        "merchant_supplied_id": f"ITM-{line.name}",
        "price": line.price,
        "quantity": line.quantity,
        "line_item_id": new_id(chance),
        "special_instructions": line.note,
        "consumer_name": "",
        "extras": [
            {"name": name, "merchant_supplied_id": f"EX-{name}", "options": [_option(one, chance) for one in options]}
            for name, options in extras
            if options
        ],
    }


def _option(option: PretendOption, chance: random.Random) -> dict[str, Any]:
    return {
        "name": option.name,
        "merchant_supplied_id": f"OPT-{option.name}",
        "price": option.price,
        "quantity": 1,
        "line_option_id": new_id(chance),
        "extras": [],
    }


def _promotion(shop: int, platform: int) -> dict[str, Any]:
    return {
        "total_discount_amount": shop + platform,
        "promo_id": "promo-1",
        "promo_code": "LUNCH",
        "external_campaign_id": "campaign-1",
        "merchant_funded_discount_amount": shop,
        "doordash_funded_discount_amount": platform,
    }
