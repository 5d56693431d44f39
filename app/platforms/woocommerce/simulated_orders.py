"""Orders as a WooCommerce checkout makes them: net and tax apart, coupons within the lines, facts of add-ons."""

from __future__ import annotations

import html
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.domain.orders import Fulfilment, OptionKind
from app.platforms.simulation import PretendLine, PretendOption, PretendOrder
from app.platforms.woocommerce.simulated_books import Books, Order

TAX = Decimal("1.1")
CENT = Decimal("0.01")
PAYMENTS = (
    ("stripe", "Carte bancaire"),
    ("stripe", "Carte bancaire"),
    ("cod", "Paiement à la livraison"),
    ("bacs", "Virement"),
)
MENU = (
    PretendLine("Ramen shoyu & œuf", 1275, 2, (PretendOption("Œuf mariné", OptionKind.ADD, 150),)),
    PretendLine("Gyoza (6 pièces)", 690, 1, (PretendOption("Sans ail", OptionKind.REMOVE),)),
    PretendLine("Tantanmen", 1350, 1, (PretendOption("Très fort"),)),
    PretendLine("Thé glacé pêche", 333, 3),
    PretendLine(
        "Pizza Margherita", 990, 1, (PretendOption("Grande", price=250), PretendOption("Burrata", OptionKind.ADD, 300))
    ),
)
NOTES = ("", "", "Allergie: arachide", "Sonner deux fois\nmerci 🙏", "<b>Sans sel</b> & sans sucre")
WHEN, TYPE, TABLE = ("lpac_dps_delivery_date", "lpac_dps_delivery_time"), "exwfood_order_method", "table_number"


class OrderMaker:
    """Makes order objects for the books. `speed` shortens pretend waits."""

    def __init__(self, chance: random.Random, books: Books, speed: float) -> None:
        self._chance, self._books, self._speed = chance, books, speed

    def random_wish(self) -> PretendOrder:
        """What some customer wants."""
        kinds = (Fulfilment.DELIVERY, Fulfilment.DELIVERY, Fulfilment.PICKUP, Fulfilment.DINE_IN)
        return PretendOrder(
            tuple(self._chance.sample(MENU, self._chance.randint(1, 3))),
            note=self._chance.choice(NOTES),
            fulfilment=self._chance.choice(kinds),
            due_in=7200.0 if self._chance.random() < 0.15 else None,
            customer="Lina Durand",
            phone="+33170000000",
            address="1 rue du Test",
            shop_discount=self._chance.choice((0, 0, 300)),
            platform_discount=self._chance.choice((0, 0, 150)),
            delivery_fee=self._chance.choice((0, 340)),
            packaging_fee=self._chance.choice((0, 50)),
        )

    def from_wish(self, wish: PretendOrder) -> Order:
        """What the checkout would write."""
        delivered = wish.fulfilment is Fulfilment.DELIVERY
        method, title = self._chance.choice(PAYMENTS)
        who = self._person(wish, delivered)
        lines = [self.line(line) for line in wish.lines]
        self._discount(lines, wish.shop_discount)
        status = "on-hold" if method == "bacs" else "processing"
        return self.completed(
            {
                "status": status,
                "customer_note": wish.note,
                "billing": {**who, "email": "lina@example.test"},
                "shipping": who if delivered else {**who, "address_1": "", "postcode": "", "city": ""},
                "payment_method": method,
                "payment_method_title": title,
                "date_paid_gmt": self._books.now() if method == "stripe" else None,
                "line_items": lines,
                "shipping_lines": [self._shipping(wish.delivery_fee, delivered)] if delivered or wish.delivery_fee else [],
                "fee_lines": list(self._fees(wish)),
                "coupon_lines": [self._coupon(wish.shop_discount)] if wish.shop_discount else [],
                "meta_data": list(self._facts(wish)),
            }
        )

    def completed(self, given: Mapping[str, Any]) -> Order:
        """`given` at its word, with ids, defaults and sums for all that is missing. ValueError when it is no order."""
        made = {**self._defaults(), **given}
        made["id"] = int(made["id"])
        made["number"] = str(made["number"] or made["id"])
        for name in ("line_items", "fee_lines", "shipping_lines", "meta_data", "refunds"):
            if not isinstance(made[name], list):
                raise ValueError(f"{name} is not a list")  # noqa: TRY004 - the practice wire answers 400 for it
        if "total" not in given:
            self.sum(made)
        Decimal(made["total"])
        return made

    def sum(self, order: Order) -> None:
        """Totals from the parts, as WooCommerce works them out on every save."""

        def over(name: str, figure: str) -> Decimal:
            return sum((Decimal(str(part[figure])) for part in order[name]), Decimal(0))

        order["shipping_total"] = f"{over('shipping_lines', 'total'):.2f}"
        order["shipping_tax"] = f"{over('shipping_lines', 'total_tax'):.2f}"
        order["cart_tax"] = f"{over('line_items', 'total_tax') + over('fee_lines', 'total_tax'):.2f}"
        order["total_tax"] = f"{Decimal(order['cart_tax']) + Decimal(order['shipping_tax']):.2f}"
        order["discount_total"] = f"{over('line_items', 'subtotal') - over('line_items', 'total'):.2f}"
        order["discount_tax"] = f"{over('line_items', 'subtotal_tax') - over('line_items', 'total_tax'):.2f}"
        net = over("line_items", "total") + over("shipping_lines", "total") + over("fee_lines", "total")
        order["total"] = f"{net + Decimal(order['total_tax']):.2f}"

    def line(self, wish: PretendLine) -> dict[str, Any]:
        """A line; what its options cost is in its price, for there is no other place."""
        unit = wish.price + sum(option.price for option in wish.options)
        net, tax = split(unit * wish.quantity)
        facts = [self._option(option) for option in wish.options]
        if wish.note:
            facts.append({"id": self._books.new_id(), "key": "Note", "value": wish.note})
        return {
            "id": self._books.new_id(),
            "name": html.escape(wish.name, quote=False),  # WordPress keeps titles with their entities
            "product_id": 93,
            "variation_id": 0,
            "quantity": wish.quantity,
            "tax_class": "",
            "subtotal": net,
            "subtotal_tax": tax,
            "total": net,
            "total_tax": tax,
            "taxes": [{"id": 75, "total": tax, "subtotal": tax}],
            "sku": "",
            "price": float(Decimal(net) / wish.quantity),
            "meta_data": [*facts, {"id": self._books.new_id(), "key": "_reduced_stock", "value": str(wish.quantity)}],
        }

    def _discount(self, lines: list[dict[str, Any]], amount: int) -> None:
        """A coupon lowers the totals of lines, one after the other here."""
        for line in lines:
            gross = int((Decimal(line["subtotal"]) + Decimal(line["subtotal_tax"])) * 100)
            off, amount = min(gross, amount), max(0, amount - gross)
            line["total"], line["total_tax"] = split(gross - off)
            line["taxes"] = [{"id": 75, "total": line["total_tax"], "subtotal": line["subtotal_tax"]}]

    def _option(self, option: PretendOption) -> dict[str, Any]:
        key = {OptionKind.CHOICE: "Choix", OptionKind.ADD: "Extras", OptionKind.REMOVE: "Retirer"}[option.kind]
        price = f" (+{option.price / 100:.2f} €)".replace(".", ",") if option.price else ""
        value = option.name + price
        return {"id": self._books.new_id(), "key": key, "value": value, "display_key": key, "display_value": value}

    def _fees(self, wish: PretendOrder) -> Iterator[dict[str, Any]]:
        for name, minor in (("Emballage", wish.packaging_fee), ("Remise fidélité", -wish.platform_discount)):
            if minor:
                net, tax = split(minor)
                yield {"id": self._books.new_id(), "name": name, "total": net, "total_tax": tax, "meta_data": []}

    def _shipping(self, fee: int, delivered: bool) -> dict[str, Any]:
        net, tax = split(fee)
        kind = ("flat_rate", "Livraison") if delivered else ("local_pickup", "Retrait")
        items = {"id": self._books.new_id(), "key": "Items", "value": "Ramen &times; 1"}
        return {
            "id": self._books.new_id(),
            "method_id": kind[0],
            "method_title": kind[1],
            "total": net,
            "total_tax": tax,
            "meta_data": [items],
        }

    def _coupon(self, amount: int) -> dict[str, Any]:
        net, tax = split(amount)
        return {"id": self._books.new_id(), "code": "midi", "discount": net, "discount_tax": tax, "meta_data": []}

    def _facts(self, wish: PretendOrder) -> Iterator[dict[str, Any]]:
        yield {"id": self._books.new_id(), "key": "_fees_hash", "value": {"a": [1, "b"], "nested": {"deep": None}}}
        if wish.fulfilment is Fulfilment.DINE_IN:
            yield {"id": self._books.new_id(), "key": TYPE, "value": "dinein"}
            yield {"id": self._books.new_id(), "key": TABLE, "value": self._chance.randint(1, 20)}
        if wish.due_in is not None:
            at = datetime.fromtimestamp(self._books.clock(), UTC) + timedelta(seconds=wish.due_in / self._speed)
            local = at.astimezone(self._books.zone)
            for key, value in zip(WHEN, (local.strftime("%Y-%m-%d"), local.strftime("%I:%M %p")), strict=True):
                yield {"id": self._books.new_id(), "key": key, "value": value}

    def _person(self, wish: PretendOrder, delivered: bool) -> dict[str, str]:
        first, _, last = wish.customer.partition(" ")
        place = {"address_1": wish.address, "city": "Paris", "postcode": "75003"} if delivered else {}
        empty = {"company": "", "address_1": "", "address_2": "", "city": "", "state": "", "postcode": "", "country": "FR"}
        return {"first_name": first, "last_name": last, **empty, **place, "phone": wish.phone}

    def _defaults(self) -> Order:
        number, now = self._books.new_id(), self._books.now()
        return {
            "id": number,
            "parent_id": 0,
            "number": "",
            "order_key": f"wc_order_{number:x}",
            "created_via": "checkout",
            "version": "11.0.1",
            "status": "processing",
            "currency": self._books.currency,
            "prices_include_tax": True,
            "date_created_gmt": now,
            "date_modified_gmt": now,
            "date_paid_gmt": None,
            "date_completed_gmt": None,
            "customer_id": 0,
            "customer_note": "",
            "billing": {},
            "shipping": {},
            "payment_method": "",
            "payment_method_title": "",
            "transaction_id": "",
            "meta_data": [],
            "line_items": [],
            "tax_lines": [{"id": self._books.new_id(), "rate_code": "FR-TVA-1", "label": "TVA", "compound": False}],
            "shipping_lines": [],
            "fee_lines": [],
            "coupon_lines": [],
            "refunds": [],
        }


def split(minor: int) -> tuple[str, str]:
    """Net and tax of a gross amount in minor units, as two texts with two decimals."""
    gross = Decimal(minor).scaleb(-2)
    net = (gross / TAX).quantize(CENT, ROUND_HALF_UP)
    return f"{net:.2f}", f"{gross - net:.2f}"
