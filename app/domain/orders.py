"""The standard order: what any platform's order means to the counter, the kitchen and the till."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.commands import CommandKind
from app.domain.money import Money


class Fulfilment(StrEnum):
    """How the food leaves the shop."""

    DELIVERY = "delivery"
    PICKUP = "pickup"
    DINE_IN = "dine_in"


class Party(StrEnum):
    """Who bears a fee or a discount."""

    SHOP = "shop"
    PLATFORM = "platform"
    CUSTOMER = "customer"


class OptionKind(StrEnum):
    """What an option asks the kitchen to do: choose a variant, add something, leave something out."""

    CHOICE = "choice"
    ADD = "add"
    REMOVE = "remove"


class ChargeKind(StrEnum):
    """Named kinds of money beside the dishes."""

    DELIVERY = "delivery"
    PACKAGING = "packaging"
    SERVICE = "service"
    COMMISSION = "commission"
    DISCOUNT = "discount"
    TIP = "tip"
    TAX = "tax"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice, an addition or a removal on one order line."""

    name: str
    kind: OptionKind = OptionKind.CHOICE
    quantity: int = 1
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One dish. `total` is the platform's own figure for the line, options included."""

    key: str
    name: str
    quantity: Decimal
    unit_price: Money
    total: Money
    options: tuple[Option, ...] = ()
    note: str = ""
    sku: str = ""
    category: str = ""
    basket: str = ""  # Ele.me separates diners into baskets


@dataclass(frozen=True, slots=True)
class Charge:
    """A fee (positive) or a discount (negative), with who bears it. One discount shared by two parties is two charges."""

    kind: ChargeKind
    name: str
    amount: Money
    borne_by: Party


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer as far as the platform shows them; names and phones are already masked or virtual."""

    name: str = ""
    phone: str = ""
    address: str = ""
    orders_before: int | None = None


@dataclass(frozen=True, slots=True)
class Courier:
    """Who carries the order, once known."""

    name: str = ""
    phone: str = ""
    eta: datetime | None = None
    text: str = ""  # the platform's own words on a delivery problem


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything a platform said of an order except how far it has come (that is `lifecycle.OrderState`).

    `number` is the short number called out today ("7"); `reference` the long one printed small.
    `total` is what the customer pays; lines + charges must add up to it or `checks` names the difference.
    `deductions` are taken from the shop's income, not added to `total`. `provisional` money is not final yet:
    the connector wants to be asked again. `total_told`: whether the platform names the total; else it is our own sum.
    All datetimes are aware UTC.
    """

    number: str
    reference: str
    fulfilment: Fulfilment
    placed_at: datetime
    total: Money
    lines: tuple[OrderLine, ...]
    shop: str = ""
    source: str = ""  # the channel behind a middleware, such as "Uber Eats" behind HubRise
    due_at: datetime | None = None
    scheduled: bool = False
    decide_by: datetime | None = None
    charges: tuple[Charge, ...] = ()
    deductions: tuple[Charge, ...] = ()
    income: Money | None = None
    paid: bool = True
    provisional: bool = False
    total_told: bool = True
    customer: Customer = field(default_factory=Customer)
    note: str = ""
    tableware: int | None = None
    pickup_code: str = ""
    invoice: str = ""
    checks: tuple[str, ...] = ()
    not_offered: frozenset[CommandKind] = frozenset()  # commands of the platform that this very order does not take

    @property
    def currency(self) -> str:
        """ISO currency of every amount of the order."""
        return self.total.currency

    def difference(self) -> Money:
        """Platform total minus (lines + charges); not zero means the figures must be flagged."""
        parts = [line.total for line in self.lines] + [charge.amount for charge in self.charges]
        return self.total - Money.total(parts, self.currency)
