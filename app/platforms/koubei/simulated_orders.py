"""Pretend orders in Koubei's own form: what a customer wants becomes an order object; its spellings drift on bad days."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.koubei.payloads import CHINA
from app.platforms.simulation import ImpossibleError, PretendLine, PretendOption, PretendOrder

SHOP_ID, SHOP_NAME, MERCHANT_ID = "2025050100077000000000000001", "川味小馆(望京店)", "2088000000000001"
DECIDE_WITHIN = 600.0  # simulated seconds, stated in each order; no fixed number is known

MENU: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("鱼香肉丝", 2800, ("小份", "大份")),
    ("宫保鸡丁", 3200, ("微辣", "中辣")),
    ("水煮牛肉", 5800, ("中辣", "特辣")),
    ("麻婆豆腐", 2200, ("微辣", "特辣")),
    ("酸辣土豆丝", 1600, ()),
    ("米饭", 200, ()),
    ("酸梅汤", 800, ("冰", "常温")),
)
NOTES = ("", "", "少放辣", "花生过敏!!千万不要放花生", "不要葱姜蒜", "孩子吃，少油少盐")


@dataclass(slots=True)
class Placed:
    """One order at the platform. `body` is the order object as queried; money beside it is in fen."""

    body: dict[str, Any]
    placed_at: float
    kitchen: Kitchen = Kitchen.NEW
    status: str = "PAID"  # our own word: Koubei's for an order's status were not found
    asked: str = ""  # the customer's reason for an open refund request
    refunded: int = 0
    heard_at: float | None = None
    commands: list[str] = field(default_factory=list)
    part_refunds: dict[str, str] = field(default_factory=dict)  # out_refund_no -> amount

    @property
    def id(self) -> str:
        """The platform's order id."""
        return str(self.body["order_id"])

    @property
    def number(self) -> str:
        """What the shop calls out."""
        take_no, at_table = str(self.body["take_no"]), str(self.body["take_style"]).startswith("TABLE")
        return f"桌{take_no}" if at_table else take_no

    @property
    def total(self) -> int:
        """What the customer paid, or has to pay, in fen."""
        return fen(self.body.get("pay_amount") or self.body["trade_amount"])

    @property
    def dishes(self) -> list[dict[str, Any]]:
        """All rows, additions too."""
        rows: list[dict[str, Any]] = self.body["dish_details"]
        return rows

    def mains(self) -> list[dict[str, Any]]:
        """The rows that are dishes."""
        return [row for row in self.dishes if row["main_flag"] == "Y"]

    def with_parts(self, main: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """A dish and its additions."""
        return (row for row in self.dishes if main["out_detail_no"] in (row["out_detail_no"], row["main_out_detail_no"]))

    def price(self, main: Mapping[str, Any]) -> int:
        """What a dish costs with its additions, in fen."""
        rows = self.with_parts(main)
        return sum((fen(row["sell_price"]) + fen(row["practice_price"])) * int(row["dish_num"]) for row in rows)


def fen(amount: str) -> int:
    """Fen of a text in yuan."""
    return int(Decimal(amount) * 100)


def yuan(amount: int) -> str:
    """A text in yuan of fen, with two decimals."""
    return f"{Decimal(amount) / 100:.2f}"


def local(instant: float) -> str:
    """Unix seconds as the gateway writes times."""
    return datetime.fromtimestamp(instant, CHINA).strftime("%Y-%m-%d %H:%M:%S")


def random_order(chance: random.Random) -> PretendOrder:
    """A plausible lunch: at a table, fetched, or ordered ahead."""
    lines = tuple(_random_line(chance) for _ in range(chance.randint(1, 4)))
    goods = sum(line.price * line.quantity for line in lines)
    here = chance.random() < 0.4
    return PretendOrder(
        lines,
        note=chance.choice(NOTES),
        fulfilment=Fulfilment.DINE_IN if here else Fulfilment.PICKUP,
        phone=f"170{chance.randint(10_000_000, 99_999_999)}",
        shop_discount=chance.choice((0, 500)) if goods > 4000 else 0,
        platform_discount=chance.choice((0, 300)) if goods > 3000 else 0,
        packaging_fee=0 if here else 100 * len(lines),
        due_in=chance.uniform(1800, 3600) if chance.random() < 0.1 else None,
    )


def order_body(wish: PretendOrder, order_id: str, number: int, now: float, speed: float) -> dict[str, Any]:
    """The order object of a wish, paid just now. A wish to be delivered is fetched instead: Koubei has no couriers."""
    if not wish.lines:
        raise ImpossibleError("an order has dishes")
    rows = [row for position, line in enumerate(wish.lines, 1) for row in _rows(position, line)]
    goods = sum((fen(row["sell_price"]) + fen(row["practice_price"])) * int(row["dish_num"]) for row in rows)
    bill = goods + wish.packaging_fee
    off = min(wish.shop_discount, bill - 1)
    off_platform = min(wish.platform_discount, bill - off - 1)
    here = wish.fulfilment is Fulfilment.DINE_IN
    booked = wish.due_in is not None
    return {
        "order_id": order_id,
        "merchant_id": MERCHANT_ID,
        "shop_id": SHOP_ID,
        "external_shop_id": "SHOP-001",
        "business_type": "SNACK",
        "biz_product": "PRE_ORDER",
        "channel": "KOUBEI",
        "order_style": "SCAN" if here else "PLATFORM",
        "dinner_type": "FOR_HERE" if here else "TO_GO",
        "take_style": ("TABLE" if here else "NO") + ("_BOOK" if booked else ""),
        "take_no": f"{number % 30 + 1:02d}" if here else str(5000 + number),
        "order_time": local(now),
        "table_time": local(now + (wish.due_in or 0.0) / speed),
        "people_num": str(min(len(wish.lines), 4)),
        "memo": wish.note,
        "user_mobile": _masked(wish.phone),
        "member_flag": "N",
        **_money(bill, wish.packaging_fee, off, off_platform),
        "pay_channels": [_paid(bill, off, off_platform, order_id, now)],
        "dish_details": rows,
        "ext_info": json.dumps({"settleMode": "RECEIPT", "receiptTimeout": local(now + DECIDE_WITHIN / speed)}),
    }


def drifted(body: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same order as another part of the platform might spell it: rows as JSON text, booleans, numbers."""
    drift = copy.deepcopy(dict(body))
    drift["people_num"] = int(drift["people_num"])
    for row in drift["dish_details"]:
        row |= {"main_flag": row["main_flag"] == "Y", "dish_num": int(row["dish_num"])}
    match chance.randrange(3):
        case 0:
            drift["dish_details"] = json.dumps(drift["dish_details"], ensure_ascii=False)
        case 1:
            drift["dish_details"] = {"kb_pos_order_dish_detail": drift["dish_details"]}
    return drift


def _random_line(chance: random.Random) -> PretendLine:
    name, price, choices = chance.choice(MENU)
    options = [PretendOption(chance.choice(choices))] if choices else []
    if chance.random() < 0.2:
        options.append(PretendOption("煎蛋", OptionKind.ADD, 300))
    return PretendLine(name, price, chance.choice((1, 1, 1, 2)), tuple(options))


def _rows(position: int, line: PretendLine) -> Iterator[dict[str, Any]]:
    """A dish, then what is added to it. The first choice stands as the spec, further wishes as ways of cooking."""
    added = [option for option in line.options if option.kind is OptionKind.ADD]
    chosen = [option for option in line.options if option not in added]
    words = [f"不要{one.name}" if one.kind is OptionKind.REMOVE else one.name for one in chosen]
    spec = words[0] if chosen and chosen[0].kind is OptionKind.CHOICE else ""
    main = _row(line.name, line.price, line.quantity, str(position))
    surcharge = sum(option.price for option in chosen)
    main |= {"spec_name": spec, "practice_info": ",".join(words[1:] if spec else words), "practice_price": yuan(surcharge)}
    yield main | {"memo": line.note}
    for number, option in enumerate(added, 1):
        row = _row(option.name, option.price, line.quantity, f"{position}-{number}")
        yield row | {"type": "SIDE", "main_flag": "N", "main_out_detail_no": str(position)}


def _row(name: str, price: int, quantity: int, detail_no: str) -> dict[str, Any]:
    return {
        "dish_id": f"D{detail_no}",
        "sku_id": f"S{detail_no}",
        "dish_name": name,
        "spec_name": "",
        "practice_info": "",
        "practice_price": "0.00",
        "dish_num": str(quantity),
        "dish_unit": "份",
        "sell_price": yuan(price),
        "memo": "",
        "type": "SINGLE",
        "main_flag": "Y",
        "main_out_detail_no": "",
        "out_detail_no": detail_no,
        "make_status": "INIT",
        "wake_status": "UP",
    }


def _money(bill: int, packing: int, off: int, off_platform: int) -> dict[str, str]:
    paid = bill - off - off_platform
    figures = {"trade_amount": bill, "bill_amount": bill, "pay_amount": paid, "receipt_amount": paid + off_platform}
    fees = {"packing_amount": packing, "service_amount": 0, "other_amount": 0}
    return {name: yuan(amount) for name, amount in (figures | fees).items()}


def _paid(bill: int, off: int, off_platform: int, order_id: str, now: float) -> dict[str, Any]:
    discount = {
        "discount_name": "在线立减",
        "discount_type": "CASH",
        "mrt_discount": yuan(off),
        "rt_discount": yuan(off_platform),
    }
    return {
        "channel_type": "ALIPAY",
        "pay_amount": yuan(bill - off - off_platform),
        "receipt_amount": yuan(bill - off),
        "pay_no": f"P{order_id}",
        "pay_time": local(now),
        "trade_no": f"T{order_id}",
        "discount_details": [discount] if off or off_platform else [],
        "user_identity": "208800****0001",
    }


def _masked(phone: str) -> str:
    digits = "".join(char for char in phone if char.isdigit())[-11:]
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) == 11 else ""
