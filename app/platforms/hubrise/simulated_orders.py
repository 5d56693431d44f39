"""Orders as HubRise keeps them: made from pretend wishes or posted bodies, priced, changed element by element, strictly."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.orders import Fulfilment, OptionKind
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder

STATUSES = [
    "new",
    "received",
    "accepted",
    "in_preparation",
    "awaiting_shipment",
    "awaiting_collection",
    "in_delivery",
    "completed",
    "rejected",
    "cancelled",
    "delivery_failed",
]
SERVICE_TYPES = {Fulfilment.DELIVERY: "delivery", Fulfilment.PICKUP: "collection", Fulfilment.DINE_IN: "eat_in"}
CHANNELS = {"Uber Eats": "UBER", "Deliveroo": "DLVRO", "Just Eat": "JE", "Boutique en ligne": "SHOP"}
PATCHABLE = {"status", "confirmed_time", "seller_notes", "collection_code", "private_ref", "custom_fields"}
# The lists whose elements can be added and struck, and the field that makes an element's money.
ELEMENTS = {"items": "price", "charges": "price", "discounts": "price_off", "payments": "amount"}
PROMPT = (600.0, 1200.0)  # a prompt order is wanted this many simulated seconds after it was placed

MONEY = re.compile(r"-?\d+\.\d\d [A-Z]{3}")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

MENU = (
    PretendLine("Margherita", 990, 1, (PretendOption("Burrata", price=300), PretendOption("Basilic", OptionKind.REMOVE))),
    PretendLine("Quattro Formaggi", 1250, 2, (PretendOption("Grande", price=400),), "bien cuite"),
    PretendLine("Tiramisù", 550),
    PretendLine("Thé glacé pêche", 320, 3),
    PretendLine("Salade César", 950, 1, (PretendOption("Croûtons", OptionKind.REMOVE),), "sauce à part"),
)
NOTES = ("", "", "Allergie arachide", "Pas de couverts", "Allergique au gluten, merci de faire attention")


class InvalidError(ValueError):
    """A body HubRise refuses with 422: `field` and `text` as it words them."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field} {text}")
        self.field, self.text = field, text


class OrderMaker:
    """Makes and changes order objects. `clock` answers the location's local time, `speed` shortens pretend waits."""

    def __init__(self, chance: random.Random, clock: Callable[[], datetime], currency: str, speed: float) -> None:
        self._chance, self._clock, self._currency, self._speed = chance, clock, currency, speed
        self._used: set[str] = set()

    def new_id(self) -> str:
        """Five characters, never used twice."""
        while True:
            made = "".join(self._chance.choices("0123456789abcdefghjkmnpqrstvwxyz", k=5))
            if made not in self._used:
                self._used.add(made)
                return made

    def random_wish(self) -> PretendOrder:
        """What some customer wants."""
        kinds = (Fulfilment.DELIVERY, Fulfilment.DELIVERY, Fulfilment.PICKUP, Fulfilment.DINE_IN)
        return PretendOrder(
            tuple(self._chance.sample(MENU, self._chance.randint(1, 3))),
            note=self._chance.choice(NOTES),
            fulfilment=self._chance.choice(kinds),
            due_in=7200.0 if self._chance.random() < 0.15 else None,
            customer="Lina D.",
            phone="+33170000000",
            address="1 rue du Test",
            shop_discount=self._chance.choice((0, 0, 300)),
            delivery_fee=self._chance.choice((0, 340)),
        )

    def from_wish(self, wish: PretendOrder) -> dict[str, Any]:
        """The order object a sending app's bridge would create."""
        channel = self._chance.choice(list(CHANNELS))
        wait = self._chance.uniform(*PROMPT) if wish.due_in is None else wish.due_in
        delivered = wish.fulfilment is Fulfilment.DELIVERY
        order = self.completed(
            {
                "ref": str(self._chance.randint(10_000_000, 99_999_999)),
                "service_type": SERVICE_TYPES[wish.fulfilment],
                "service_type_ref": f"{CHANNELS[channel]}-{wish.fulfilment[:3].upper()}",
                "created_by": channel,
                "expected_time": self._in(wait / self._speed),
                "customer_notes": wish.note or None,
                "collection_code": self._code() if channel in ("Uber Eats", "Deliveroo") else None,
                "items": [self._item(line) for line in wish.lines],
                "charges": list(self._charges(wish)),
                "discounts": list(self._discounts(wish, channel)),
                "customer": self._customer(wish, delivered),
            }
        )
        if self._chance.random() < 0.8:  # the others pay at the door
            order["payments"] = [self._payment(channel, order["total"])]
        return order

    def completed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """`given` at its word, with ids, defaults and sums for all that is missing. ValueError when it is no order."""
        order = self._defaults() | dict(given)
        for name in ELEMENTS:
            if not isinstance(order[name], list) or not all(isinstance(part, dict) for part in order[name]):
                raise ValueError(f"{name} is not a list of objects")
            order[name] = [self._element(name, part) for part in order[name]]
        self._used.add(str(order["id"]))
        order.setdefault("total", self._sum(order))
        cents(order["total"])
        aware_time("created_at", order["created_at"])
        return order

    def created(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An order posted over the API: only `status` is required, sums are HubRise's own. Raises InvalidError."""
        _known_status(body.get("status"))
        for name in ELEMENTS:
            for part in body.get(name) or []:
                _valid_element(name, part)
        computed = {"id", "total", "created_at", "location_id"}
        return self.completed({name: value for name, value in body.items() if name not in computed})

    def change(self, order: dict[str, Any], body: Mapping[str, Any]) -> None:
        """Carry out a PATCH, all or nothing. Raises InvalidError."""
        unknown = set(body) - PATCHABLE - set(ELEMENTS)
        if unknown:
            raise InvalidError(sorted(unknown)[0], "cannot be changed")
        if "status" in body:
            _known_status(body["status"])
        if body.get("confirmed_time") is not None:
            aware_time("confirmed_time", body["confirmed_time"])
        lists = {name: list(self._changed(name, order[name], body[name])) for name in ELEMENTS if name in body}
        order.update({name: value for name, value in body.items() if name in PATCHABLE})
        order.update(lists)
        if lists:
            order["total"] = self._sum(order)

    def dish(self, chance: random.Random) -> dict[str, Any]:
        """An item some customer adds."""
        return self._item(chance.choice(MENU))

    def _defaults(self) -> dict[str, Any]:
        return {
            "id": self.new_id(),
            "private_ref": None,
            "ref": None,
            "status": "new",
            "service_type": "delivery",
            "service_type_ref": None,
            "created_at": self._in(0.0),
            "created_by": "Boutique en ligne",
            "expected_time": None,
            "confirmed_time": None,
            "customer_notes": None,
            "seller_notes": None,
            "collection_code": None,
            "coupon_codes": [],
            "items": [],
            "deals": {},
            "discounts": [],
            "charges": [],
            "payments": [],
            "customer": None,
            "delivery": None,
            "loyalty_operations": [],
            "custom_fields": {},
        }

    def _changed(self, name: str, present: list[dict[str, Any]], asked: Any) -> Iterator[dict[str, Any]]:
        """Elements are never edited in place: one with an id can only be struck, for good; one without is added."""
        if not isinstance(asked, list) or not all(isinstance(part, dict) for part in asked):
            raise InvalidError(name, "is not a list")
        known = {part["id"] for part in present}
        struck = {part["id"] for part in asked if "id" in part}
        if struck - known:
            raise InvalidError(name, f"has no element {sorted(map(str, struck - known))[0]}")
        if any("id" in part and part != {"id": part["id"], "deleted": True} for part in asked):
            raise InvalidError(name, "can only be marked as deleted")
        for part in present:
            yield {**part, "deleted": True} if part["id"] in struck else part
        for part in asked:
            if "id" not in part:
                _valid_element(name, part)
                yield self._element(name, part)

    def _element(self, name: str, part: Mapping[str, Any]) -> dict[str, Any]:
        element = {"id": self.new_id(), "private_ref": None, **part}
        element.setdefault("deleted", False)
        if name == "items":
            element.setdefault("options", [])
            element.setdefault("subtotal", self._subtotal(element))
        return element

    def _subtotal(self, item: Mapping[str, Any]) -> str:
        options = sum(cents(o["price"]) * int(o.get("quantity", 1)) for o in item["options"] if o.get("price"))
        return in_currency(int((cents(item["price"]) + options) * Decimal(str(item["quantity"]))), item["price"])

    def _sum(self, order: Mapping[str, Any]) -> str:
        def live(name: str, field: str) -> int:
            return sum(cents(part[field]) for part in order[name] if not part.get("deleted"))

        minor = live("items", "subtotal") + live("charges", "price") - live("discounts", "price_off")
        return in_currency(minor, order["items"][0]["price"] if order["items"] else self._money(0))

    def _money(self, minor: int) -> str:
        return in_currency(minor, self._currency)

    def _in(self, seconds: float) -> str:
        return (self._clock() + timedelta(seconds=seconds)).isoformat(timespec="seconds")

    def _code(self) -> str:
        return "".join(self._chance.choices(CODE_LETTERS, k=2)) + f"{self._chance.randrange(1000):03}"

    def _item(self, line: PretendLine) -> dict[str, Any]:
        return {
            "product_name": line.name,
            "sku_name": None,
            "sku_ref": ref_of(line.name),
            "price": self._money(line.price),
            "quantity": f"{line.quantity}.0",
            "tax_rate": "10.0",
            "customer_notes": line.note or None,
            "options": [self._option(option) for option in line.options],
        }

    def _option(self, option: PretendOption) -> dict[str, Any]:
        removed = option.kind is OptionKind.REMOVE
        made = {
            "option_list_name": "Retirer" if removed else "Options",
            "name": option.name,
            "ref": ref_of(option.name),
            "price": self._money(option.price),
            "quantity": 1,
        }
        return {**made, "removed": True} if removed else made

    def _charges(self, wish: PretendOrder) -> Iterator[dict[str, Any]]:
        if wish.delivery_fee:
            yield {"name": "Livraison", "ref": "DEL", "price": self._money(wish.delivery_fee), "tax_rate": None}
        if wish.packaging_fee:
            yield {"name": "Emballage", "ref": "BAG", "price": self._money(wish.packaging_fee), "tax_rate": None}

    def _discounts(self, wish: PretendOrder, channel: str) -> Iterator[dict[str, Any]]:
        if wish.shop_discount:
            yield {"name": "Remise maison", "ref": "SHOP", "price_off": self._money(wish.shop_discount)}
        if wish.platform_discount:
            yield {"name": f"Remise {channel}", "ref": "APP", "price_off": self._money(wish.platform_discount)}

    def _payment(self, channel: str, amount: str) -> dict[str, Any]:
        return self._element("payments", {"name": channel, "ref": CHANNELS[channel], "amount": amount, "info": None})

    def _customer(self, wish: PretendOrder, delivered: bool) -> dict[str, Any]:
        """A guest: no id."""
        first, _, last = wish.customer.partition(" ")
        return {
            "id": None,
            "first_name": first or None,
            "last_name": last or None,
            "phone": wish.phone or None,
            "phone_access_code": None,
            "address_1": wish.address if delivered else None,
            "address_2": None,
            "postal_code": "75003" if delivered else None,
            "city": "Paris" if delivered else None,
            "country": "FR",
            "latitude": "48.858951" if delivered else None,
            "longitude": "2.277021" if delivered else None,
            "delivery_notes": None,
            "nb_orders": self._chance.randint(0, 20),
            "order_total": "151.20 EUR",
        }


def in_currency(minor: int, like: str) -> str:
    """The money text of an amount, in the currency that `like` ("EUR", "8.90 EUR") ends with."""
    return f"{Decimal(minor).scaleb(-2)} {like[-3:]}"


def cents(text: Any) -> int:
    """Minor units of a money text. Raises InvalidError."""
    if not isinstance(text, str) or not MONEY.fullmatch(text):
        raise InvalidError("price", "is not a valid amount")
    return int(Decimal(text.split(" ", maxsplit=1)[0]).scaleb(2))


def aware_time(field: str, text: Any) -> datetime:
    """An ISO 8601 time with an offset. Raises InvalidError."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidError(field, "is not a valid time") from None
    if found.tzinfo is None:
        raise InvalidError(field, "has no offset")
    return found


def _known_status(status: Any) -> None:
    if status not in STATUSES:
        raise InvalidError("status", "is not included in the list")


def _valid_element(name: str, part: Any) -> None:
    """Strings for money and decimals, integers for option quantities: the wire's own rule, broken by most clients once."""
    if not isinstance(part, dict):
        raise InvalidError(name, "is not an object")
    cents(part.get(ELEMENTS[name]))
    if name != "items":
        return
    if not isinstance(part.get("quantity"), str) or not DECIMAL.fullmatch(part["quantity"]):
        raise InvalidError("quantity", "is not a decimal in a string")
    for option in part.get("options") or []:
        cents(option.get("price"))
        if type(option.get("quantity", 1)) is not int:
            raise InvalidError("options.quantity", "is not an integer")


def ref_of(name: str) -> str:
    """What the catalogue calls a dish or an option."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())[:8]
