"""What a pretend customer wants, written down in the form of each generation of Uber's order API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.money import Money, exponent
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.simulation import ImpossibleError, PretendLine, PretendOption, PretendOrder
from app.platforms.uber_eats.simulated_orders import TYPES, iso

STORE_ID = "c7f1dc2f-fabe-4997-845c-cad26fdcb894"
STORE_NAME = "Maison Ramen"
RELAY = "+33 1 70 00 00 00"
PREPARATION = 900.0  # simulated seconds
TAX_PERCENT = 10


@dataclass(frozen=True, slots=True)
class Bill:
    """The sums of a wish in minor units; `tax_on_top` is how prices are written in the United States."""

    goods: int
    packaging: int
    promotion: int
    tax: int
    total: int

    @classmethod
    def of(cls, wish: PretendOrder, tax_on_top: bool) -> Bill:
        """Uber keeps its own delivery fee to itself. ImpossibleError for what this wire has no form for."""
        if not wish.lines:
            raise ImpossibleError("an order has dishes")
        goods = sum(line_total(line) for line in wish.lines)
        promotion = min(wish.shop_discount + wish.platform_discount, goods)
        payable = goods + wish.packaging_fee - promotion
        on_top = payable * TAX_PERCENT // 100
        tax = on_top if tax_on_top else payable - payable * 100 // (100 + TAX_PERCENT)
        return cls(goods, wish.packaging_fee, promotion, tax, payable + (tax if tax_on_top else 0))


def line_total(line: PretendLine) -> int:
    """A dish with its options, times its number."""
    return unit_price(line) * line.quantity


def unit_price(line: PretendLine) -> int:
    """One of it with its options."""
    return line.price + sum(option.price for option in line.options if option.kind is not OptionKind.REMOVE)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes wishes down. `speed` shortens the times that stand in an order."""

    currency: str
    speed: float

    def previous(self, wish: PretendOrder, order_id: str, now: float, bill: Bill) -> dict[str, Any]:
        """An order of `GET /v2/eats/order/{id}` without its progress."""
        wait = (PREPARATION if wish.due_in is None else wish.due_in) / self.speed
        first, _, last = wish.customer.partition(" ")
        return {
            "id": order_id,
            "display_id": display_id(order_id),
            "external_reference_id": "",
            "type": TYPES[wish.fulfilment],
            "brand": "UBER_EATS",
            "store": {"id": STORE_ID, "name": STORE_NAME, "integrator_store_id": "store-01"},
            "eater": {"id": "e-1", "first_name": first, "last_name": last, "phone": RELAY, "phone_code": "555 55 555"},
            "eaters": [{"id": "e-1", "first_name": first}],
            "cart": {"special_instructions": wish.note, "items": self._previous_items(wish)},
            "payment": {"charges": self._previous_charges(bill), "promotions": self._promotions(bill)},
            "packaging": {"disposable_items": {"should_include": False if "couvert" in wish.note else None}},
            "placed_at": iso(now),
            "estimated_ready_for_pickup_at": iso(now + wait),
        }

    def current(self, wish: PretendOrder, order_id: str, now: float, bill: Bill) -> dict[str, Any]:
        """An order of `GET /v1/delivery/order/{id}` without its progress."""
        wait = (PREPARATION if wish.due_in is None else wish.due_in) / self.speed
        phone = {"phone": {"number": RELAY, "pin_code": "555 55 555", "country_iso2": "FR"}}
        person = {"id": "c-1", "name": {"display_name": wish.customer}, "contact": phone, "is_primary_customer": True}
        body = {
            "id": order_id,
            "display_id": display_id(order_id),
            "fulfillment_type": "PICKUP" if wish.fulfilment is Fulfilment.PICKUP else TYPES[wish.fulfilment],
            "ordering_platform": "UBER_EATS",
            "store": {"id": STORE_ID, "name": STORE_NAME},
            "created_time": iso(now),
            "preparation_time": {"source": "PREDICTED_BY_UBER", "ready_for_pickup_time": iso(now + wait)},
            "customers": [person],
            "carts": [{"id": "cart-1", "special_instructions": wish.note, "items": self._current_items(wish)}],
            "payment": {"payment_detail": self._detail(wish, bill)},
        }
        if wish.due_in is not None:
            span = {"start_time": iso(now + wait), "end_time": iso(now + wait + 900 / self.speed)}
            body["scheduled_order_target_delivery_time_range"] = span
        return body

    # previous

    def _previous_items(self, wish: PretendOrder) -> list[dict[str, Any]]:
        return [
            {
                "id": f"ITEM-{number}",
                "instance_id": f"line-{number}",
                "title": line.name,
                "external_data": f"PLU-{number}",
                "quantity": line.quantity,
                "price": {
                    "unit_price": self._minor(unit_price(line)),
                    "total_price": self._minor(line_total(line)),
                    "base_unit_price": self._minor(line.price),
                    "base_total_price": self._minor(line.price * line.quantity),
                },
                "selected_modifier_groups": self._groups(line, number, priced=True),
                "special_instructions": line.note,
                "special_requests": None,
                "eater_id": "e-1",
            }
            for number, line in enumerate(wish.lines, 1)
        ]

    def _previous_charges(self, bill: Bill) -> dict[str, Any]:
        charges = {"total": bill.total, "sub_total": bill.goods, "tax": bill.tax, "total_fee": bill.packaging}
        charges |= {"bag_fee": bill.packaging} if bill.packaging else {}
        charges |= {"total_promo_applied": -bill.promotion} if bill.promotion else {}
        return {name: self._minor(amount) for name, amount in charges.items()}

    def _promotions(self, bill: Bill) -> dict[str, Any] | None:
        return {"promotions": [{"promo_type": "FLATOFF"}]} if bill.promotion else None

    def _groups(self, line: PretendLine, number: int, priced: bool) -> list[dict[str, Any]]:
        chosen = [option for option in line.options if option.kind is not OptionKind.REMOVE]
        removed = [option for option in line.options if option.kind is OptionKind.REMOVE]
        if not line.options:
            return []
        group: dict[str, Any] = {"id": f"GROUP-{number}", "title": "Options", "external_data": ""}
        group["selected_items"] = [self._option(option, number, place, priced) for place, option in enumerate(chosen, 1)]
        group["removed_items"] = [
            {"id": f"R-{place}", "title": option.name} for place, option in enumerate(removed, 1)
        ] or None
        return [group]

    def _option(self, option: PretendOption, number: int, place: int, priced: bool) -> dict[str, Any]:
        wire: dict[str, Any] = {"id": f"OPT-{number}-{place}", "title": option.name, "external_data": ""}
        if priced:
            price = {"unit_price": self._minor(option.price), "total_price": self._minor(option.price)}
            return wire | {"quantity": 1, "price": price}
        return wire | {"quantity": {"amount": 1}, "cart_item_id": f"ci-{number}-{place}"}

    # current

    def _current_items(self, wish: PretendOrder) -> list[dict[str, Any]]:
        return [
            {
                "id": f"ITEM-{number}",
                "cart_item_id": f"ci-{number}",
                "title": line.name,
                "external_data": f"PLU-{number}",
                "customer_id": "c-1",
                "quantity": {"amount": line.quantity, "unit": "PIECE"},
                "customer_request": {"special_instructions": line.note, "allergy": None},
                "selected_modifier_groups": self._groups(line, number, priced=False),
            }
            for number, line in enumerate(wish.lines, 1)
        ]

    def _detail(self, wish: PretendOrder, bill: Bill) -> dict[str, Any]:
        prices = [entry for number, line in enumerate(wish.lines, 1) for entry in self._prices(line, number)]
        tax = {"tax": self._e5(bill.tax), "is_tax_inclusive": True}
        detail: dict[str, Any] = {
            "order_total": self._taxed(bill.total) | tax,
            "item_charges": {"total": self._taxed(bill.goods), "price_breakdown": prices},
            "fees": {"total": self._taxed(bill.packaging), "details": []},
            "currency_code": self.currency,
        }
        if bill.packaging:
            detail["fees"]["details"] = [{"id": "BAG_FEE", "amount": self._taxed(bill.packaging)}]
        if bill.promotion:
            detail["promotions"] = {"total": self._taxed(-bill.promotion), "details": [{"type": "FLATOFF"}]}
        return detail

    def _prices(self, line: PretendLine, number: int) -> list[Mapping[str, Any]]:
        """A dish's total contains its options', which are listed once more."""
        dish = {"cart_item_id": f"ci-{number}", "price_type": "ITEM", "quantity": {"amount": line.quantity}}
        entries: list[Mapping[str, Any]] = [dish | {"unit": self._taxed(line.price), "total": self._taxed(line_total(line))}]
        for place, option in enumerate((one for one in line.options if one.kind is not OptionKind.REMOVE), 1):
            entry = {"cart_item_id": f"ci-{number}-{place}", "price_type": "OPTION", "quantity": {"amount": 1}}
            entries.append(entry | {"unit": self._taxed(option.price), "total": self._taxed(option.price * line.quantity)})
        return entries

    def _minor(self, amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency_code": self.currency, "formatted_amount": str(Money(amount, self.currency))}

    def _taxed(self, amount: int) -> dict[str, Any]:
        return {"gross": self._e5(amount)}

    def _e5(self, amount: int) -> dict[str, Any]:
        return {"amount_e5": amount * 10 ** (5 - exponent(self.currency)), "currency_code": self.currency}


def display_id(order_id: str) -> str:
    """The last five characters, what staff see."""
    return order_id[-5:].upper()
