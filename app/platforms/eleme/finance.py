"""What Ele.me pays: the orders that are booked on a day, and the bill that they make up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.platforms.api import ProtocolError
from app.platforms.eleme.client import Client
from app.platforms.eleme.money import yuan
from app.platforms.eleme.payloads import CHINA, Time, Wire, Yuan, shape
from app.platforms.eleme.polling import as_list, as_map
from app.texts import tr

PAGE = 50
PAGES = 200
NOTHING = Decimal(0)


class Booked(Wire):
    """What bills and orders share: the day on which the money is booked to the shop (入账日期)."""

    checkout_date: Time | None = None
    bill_date: Time | None = None
    checkout_amount: Yuan

    @property
    def day(self) -> date | None:
        """When it is booked, as China's date."""
        return self.checkout_date.astimezone(CHINA).date() if self.checkout_date else None

    @property
    def billed(self) -> str:
        """The day of the bill, as China's date."""
        return str(self.bill_date.astimezone(CHINA).date()) if self.bill_date else ""


class Bill(Booked):
    """Bill. `deduct_amount` pays back what the shop owed."""

    deduct_amount: Yuan = NOTHING


class FinanceOrder(Booked):
    """FinanceOrder. The names are documented, the signs of what is taken away are not: they are read without theirs."""

    order_id: str = ""
    trans_no: str = ""
    food_amount: Yuan = NOTHING
    packing_fee: Yuan = NOTHING
    user_paid_delivery_fee: Yuan = NOTHING
    merchant_subsidy_amount: Yuan = NOTHING
    merchant_cash_coupon: Yuan = NOTHING
    eleme_subsidy_amount: Yuan = NOTHING
    eleme_cash_coupon: Yuan = NOTHING
    commission_fee: Yuan = NOTHING
    refund_amount: Yuan = NOTHING

    @property
    def key(self) -> str:
        """The statement's number for it; of an order without one its own, with the day of the bill."""
        return self.trans_no or f"{self.order_id}@{self.billed}"


B = TypeVar("B", bound=Booked)


async def settlement(client: Client, shop_id: int, day: date) -> list[SettlementLine]:
    """Every line booked on a day of China, for a single shop or a branch; a chain's head has calls of its own.

    The newer calls' answers are taken to be those of the older ones, which the official Java SDK describes.
    """
    orders = await _booked(client, "eleme.finance.queryBranchOrdersNew", "orders", FinanceOrder, shop_id, day)
    bills = await _booked(client, "eleme.finance.queryBranchBillsNew", "bills", Bill, shop_id, day)
    lines = [line for order in orders for line in order_lines(order, day)]
    return list(_distinct([*lines, *(line for bill in bills for line in _bill_lines(bill, day))]))


async def _booked(client: Client, action: str, name: str, model: type[B], shop_id: int, day: date) -> list[B]:
    # a closed range of days, or of moments: this one is right either way
    span = {"start": f"{day}T00:00:00", "end": f"{day}T23:59:59"}
    found: list[B] = []
    for page in range(PAGES):
        query = {"range": span, "paging": {"offset": page * PAGE, "limit": PAGE}}
        answer = as_map((await client.call(action, {"shopId": shop_id, "query": query})).value)
        some = [shape(model, one) for one in as_list(answer.get(name))]
        found += some
        if len(some) < PAGE:
            return [one for one in found if one.day in (None, day)]
    raise ProtocolError(tr("Ele.me's statement of {day} has no end", day=day))


def order_lines(order: FinanceOrder, day: date) -> Iterator[SettlementLine]:
    """Lines that make up exactly what is booked (checkoutAmount): what no named figure explains is one more line.

    What the customer paid is derived: dishes, packaging and delivery, less everybody's discounts.
    """
    parts = _refund_parts(order) if order.refund_amount else _sale_parts(order)
    rest = order.checkout_amount - sum(amount for _, amount in parts)
    if not order.refund_amount and rest and rest == -order.user_paid_delivery_fee:
        parts.append((SettlementKind.DELIVERY, rest))  # the platform delivers and keeps the fee
    else:
        parts.append((SettlementKind.ADJUSTMENT, rest))
    for number, (kind, amount) in enumerate(parts):
        if number == 0 or amount:
            yield SettlementLine(f"{order.key}:{kind}", kind, yuan(amount), day, order.order_id)


def _sale_parts(order: FinanceOrder) -> list[tuple[SettlementKind, Decimal]]:
    by_platform = abs(order.eleme_subsidy_amount) + abs(order.eleme_cash_coupon)
    by_shop = abs(order.merchant_subsidy_amount) + abs(order.merchant_cash_coupon)
    goods = order.food_amount + order.packing_fee + order.user_paid_delivery_fee
    return [
        (SettlementKind.SALE, goods - by_shop - by_platform),
        (SettlementKind.PROMOTION, by_platform),
        (SettlementKind.COMMISSION, -abs(order.commission_fee)),
    ]


def _refund_parts(order: FinanceOrder) -> list[tuple[SettlementKind, Decimal]]:
    return [(SettlementKind.REFUND, -abs(order.refund_amount))]


def _bill_lines(bill: Bill, day: date) -> Iterator[SettlementLine]:
    key = f"bill:{bill.billed}:{day}"
    if bill.deduct_amount:
        owed: Money = yuan(-abs(bill.deduct_amount))
        yield SettlementLine(f"{key}:deduct", SettlementKind.ADJUSTMENT, owed, day, text="抵扣欠款")
    yield SettlementLine(key, SettlementKind.PAYOUT, yuan(bill.checkout_amount), day)


def _distinct(lines: Iterable[SettlementLine]) -> Iterator[SettlementLine]:
    """Two lines of one name are two lines."""
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line.line_id] += 1
        yield line if seen[line.line_id] == 1 else replace(line, line_id=f"{line.line_id}#{seen[line.line_id]}")
