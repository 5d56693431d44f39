"""Pretend orders in Ele.me's own form: what a customer wants becomes an OOrder; random customers of a Sichuan shop."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.eleme.payloads import CHINA
from app.platforms.simulation import ImpossibleError, PretendLine, PretendOption, PretendOrder

SHOP_ID = 150894532
SHOP_NAME = "川味小馆(望京店)"
SERVICE_RATE = Decimal("0.18")
# Documented to be empty or 0 in a downgraded order.
DOWNGRADED = ("income", "serviceRate", "serviceFee", "hongbao", "packageFee", "activityTotal", "shopPart", "elemePart")
DOWNGRADED_EMPTY = ("vipDeliveryFeeDiscount", "originalPrice")

SPICE, SIZE = "辣度", "规格"
MENU: tuple[tuple[str, int, Mapping[str, tuple[str, ...]]], ...] = (
    ("鱼香肉丝", 2800, {SIZE: ("小份", "大份"), SPICE: ("不辣", "微辣", "特辣")}),
    ("宫保鸡丁", 3200, {SPICE: ("微辣", "中辣")}),
    ("水煮牛肉", 5800, {SIZE: ("小份", "大份"), SPICE: ("中辣", "特辣")}),
    ("麻婆豆腐", 2200, {SPICE: ("微辣", "中辣", "特辣")}),
    ("回锅肉盖饭", 2600, {"忌口": ("不要蒜苗", "不要香菜")}),
    ("酸辣土豆丝", 1600, {}),
    ("米饭", 200, {}),
    ("酸梅汤", 800, {"温度": ("冰", "常温", "去冰")}),
    ("红糖糍粑", 1800, {}),
)
ADDITIONS = (("加煎蛋", 300), ("加午餐肉", 600))
NOTES = (
    "",
    "",
    "少放辣,餐具2份",
    "花生过敏!!千万不要放花生",
    "无需餐具，谢谢",
    "对海鲜过敏，孩子吃，少油少盐",
    "不要葱姜蒜",
    "放门口就行，别打电话",
    "需要3套餐具，多放香菜",
)
CUSTOMERS = ("李(先生)", "王(女士)", "张(先生)", "赵(女士)", "欧阳(先生)")
PLACES = ("望京SOHO T1 1201室", "融科望京中心A座 803", "花家地西里 3号楼2单元501", "阜通东大街6号院 1层前台")
COURIERS = (("刘建国", "13911110001"), ("陈小东", "13911110002"), ("马强", "13911110003"))


@dataclass(slots=True)
class Placed:
    """One order at the platform. `body` is the OOrder with its final figures; money beside it is in fen."""

    body: dict[str, Any]
    placed_at: float
    kitchen: Kitchen = Kitchen.NEW
    final_at: float = 0.0  # until then the order is shown downgraded
    accepted_at: float = 0.0
    prepared_at: float = 0.0
    heard_at: float | None = None
    settled_at: float = 0.0
    refunded: int = 0
    paid_back: list[tuple[float, int]] = field(default_factory=list)  # Unix seconds and fen of each refund of a living order
    refund: dict[str, Any] | None = None  # ORefundOrder
    waybills: list[dict[str, Any]] = field(default_factory=list)  # every state of the delivery, oldest first
    reminders: dict[int, bool] = field(default_factory=dict)  # id -> answered
    commands: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The platform's order id."""
        return str(self.body["id"])

    @property
    def status(self) -> str:
        """OOrderStatus."""
        return str(self.body["status"])

    @property
    def carried(self) -> str:
        """The delivery's present OState; "" before there is one."""
        return str(self.waybills[-1]["state"]) if self.waybills else ""

    @property
    def carried_by_shop(self) -> bool:
        """Whether the shop delivers it itself."""
        return any(waybill["state"] == "selfDelivery" for waybill in self.waybills)

    @property
    def total(self) -> int:
        """What the customer paid, in fen."""
        return fen(self.body["totalPrice"])

    def shown(self, now: float) -> dict[str, Any]:
        """The OOrder as the platform gives it out at `now`."""
        shown = copy.deepcopy(self.body)
        if now < self.final_at:
            shown |= dict.fromkeys(DOWNGRADED, 0) | dict.fromkeys(DOWNGRADED_EMPTY)
            shown |= {"downgraded": True, "orderActivities": []}
        return shown


def fen(amount: float) -> int:
    """Fen of a yuan double."""
    return int((Decimal(str(amount)) * 100).to_integral_value())


def yuan(amount: int) -> float:
    """A yuan double of fen, as the wire writes it."""
    return float(Decimal(amount) / 100)


def local(instant: float) -> str:
    """Unix seconds as Ele.me's local time without zone."""
    return datetime.fromtimestamp(instant, CHINA).strftime("%Y-%m-%dT%H:%M:%S")


def random_order(chance: random.Random) -> PretendOrder:
    """A plausible lunch."""
    lines = tuple(_random_line(chance) for _ in range(chance.randint(1, 4)))
    goods = sum((line.price + sum(option.price for option in line.options)) * line.quantity for line in lines)
    return PretendOrder(
        lines,
        note=chance.choice(NOTES),
        customer=chance.choice(CUSTOMERS),
        phone=f"170{chance.randint(10_000_000, 99_999_999)}",
        address=chance.choice(PLACES),
        shop_discount=chance.choice((0, 500, 1000)) if goods > 4000 else 0,
        platform_discount=chance.choice((0, 300, 500)) if goods > 3000 else 0,
        delivery_fee=chance.choice((0, 300, 400, 550)),
        packaging_fee=100 * len(lines),
        due_in=chance.uniform(1800, 3600) if chance.random() < 0.1 else None,
    )


def order_body(wish: PretendOrder, order_id: str, day_number: int, now: float, speed: float) -> dict[str, Any]:
    """OOrder of a wish, paid just now. Raises ImpossibleError for what this wire has no form for."""
    if wish.fulfilment is not Fulfilment.DELIVERY or not wish.lines:
        raise ImpossibleError("Ele.me's orders are delivered, and have dishes")
    items = [_item(number, line) for number, line in enumerate(wish.lines)]
    goods = sum(fen(item["total"]) for item in items)
    original = goods + wish.packaging_fee + wish.delivery_fee
    off = min(wish.shop_discount, original - 1)
    off_platform = min(wish.platform_discount, original - off - 1)
    due = None if wish.due_in is None else local(now + wish.due_in / speed)
    return {
        "id": order_id,
        "orderId": order_id,
        "daySn": day_number,
        "shopId": SHOP_ID,
        "shopName": SHOP_NAME,
        "openId": "SHOP-001",
        "createdAt": local(now),
        "activeAt": local(now),
        "deliverTime": due,
        "book": due is not None,
        "status": "unprocessed",
        "refundStatus": "noRefund",
        "onlinePaid": True,
        "downgraded": False,
        "description": "；".join(filter(None, (wish.note, *_line_notes(wish)))),
        "groups": _groups(items, wish.packaging_fee),
        **_money(original, wish.delivery_fee, wish.packaging_fee, off, off_platform),
        **_person(wish, now),
        "invoiced": False,
        "invoice": "",
        "userId": 13524069,
        "userIdStr": "13524069",
        "coldBoxFee": 0.0,
        "baiduWaimai": False,
        "userExtraInfo": {"giverPhone": "", "greeting": "", "remark": "", "invoiceTitle": ""},
        "cancelOrderDescription": "",
        "cancelOrderCreatedAt": None,
        "orderCommissions": [],
        "railwayAddress": None,
    }


def completed_body(payload: Mapping[str, Any], order_id: str, day_number: int, now: float) -> dict[str, Any]:
    """A payload in Ele.me's own form as a fresh order: id, number, times and state are the platform's to give."""
    given = {
        "id": order_id,
        "orderId": order_id,
        "daySn": day_number,
        "shopId": SHOP_ID,
        "createdAt": local(now),
        "activeAt": local(now),
        "status": "unprocessed",
        "refundStatus": "noRefund",
    }
    return {"onlinePaid": True, "downgraded": False, **copy.deepcopy(dict(payload)), **given}


def day_of(order: Placed) -> str:
    """Local date of the order, `yyyy-MM-dd`."""
    return str(order.body["createdAt"])[:10]


def in_hours(now: float, hours: float) -> str:
    """Local time some hours later."""
    return (datetime.fromtimestamp(now, CHINA) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")


def _random_line(chance: random.Random) -> PretendLine:
    name, price, choices = chance.choice(MENU)
    options = [_random_option(chance, wanted) for wanted in choices.values()]
    if choices and chance.random() < 0.2:
        options.append(PretendOption(*(added := chance.choice(ADDITIONS))[:1], OptionKind.ADD, added[1]))
    return PretendLine(name, price, chance.choice((1, 1, 1, 2, 3)), tuple(options))


def _random_option(chance: random.Random, wanted: tuple[str, ...]) -> PretendOption:
    value = chance.choice(wanted)
    leave_out = value.startswith("不要")
    return PretendOption(value.removeprefix("不要"), OptionKind.REMOVE) if leave_out else PretendOption(value)


def _item(number: int, line: PretendLine) -> dict[str, Any]:
    """The first choice stands as the spec, further ones as attributes, additions apart; `name` repeats them."""
    choices = [option.name for option in line.options if option.kind is OptionKind.CHOICE]
    left_out = [f"不要{option.name}" for option in line.options if option.kind is OptionKind.REMOVE]
    specs, attributes = choices[:1], choices[1:] + left_out
    unit = line.price + sum(option.price for option in line.options)
    return {
        "id": 1364161300 + number,
        "skuId": 200000168101182600 + number,
        "vfoodId": 1364161300 + number,
        "name": line.name + "".join(f"-{spec}" for spec in specs) + (f"[{'+'.join(attributes)}]" if attributes else ""),
        "categoryId": 1,
        "price": yuan(unit),
        "userPrice": yuan(unit),
        "shopPrice": yuan(unit),
        "quantity": line.quantity,
        "total": yuan(unit * line.quantity),
        "additions": [
            {"name": option.name, "quantity": 1, "price": yuan(option.price)}
            for option in line.options
            if option.kind is OptionKind.ADD
        ],
        "newSpecs": [{"name": SIZE, "value": value} for value in specs],
        "attributes": [{"name": "口味", "value": value} for value in attributes],
        "extendCode": f"DISH-{number}",
        "barCode": "",
        "weight": 300.0,
    }


def _groups(items: list[dict[str, Any]], packaging: int) -> list[dict[str, Any]]:
    """Many dishes are for two: the last ones go into a basket of their own."""
    baskets = [items] if len(items) < 4 else [items[:-1], items[-1:]]
    groups = [{"name": f"{n}号篮子", "type": "normal", "items": basket} for n, basket in enumerate(baskets, 1)]
    if packaging:
        box = {"id": -70000, "skuId": -1, "name": "餐盒", "categoryId": 102, "price": yuan(packaging), "quantity": 1}
        box |= {"total": yuan(packaging), "additions": [], "newSpecs": [], "attributes": []}
        groups.append({"name": "其它费用", "type": "extra", "items": [box]})
    return groups


def _money(original: int, delivery: int, packaging: int, shop_off: int, platform_off: int) -> dict[str, Any]:
    """The figures, by the rule seen in a real order: fee = rate x (original - delivery fee - shop's discounts)."""
    base = original - delivery - shop_off
    fee = int((max(base, 0) * SERVICE_RATE).to_integral_value())  # nobody is paid for taking an order
    off = shop_off + platform_off
    return {
        "deliverFee": yuan(delivery),
        "vipDeliveryFeeDiscount": 0.0,
        "packageFee": yuan(packaging),
        "originalPrice": yuan(original),
        "totalPrice": yuan(original - off),
        "activityTotal": yuan(-off),
        "shopPart": yuan(-shop_off),
        "elemePart": yuan(-platform_off),
        "hongbao": 0.0,
        "serviceRate": float(SERVICE_RATE),
        "serviceFee": yuan(-fee),
        "income": yuan(base - fee),
        "orderActivities": [_activity(shop_off, platform_off)] if off else [],
    }


def _activity(shop_off: int, platform_off: int) -> dict[str, Any]:
    parts = [("商家补贴", shop_off), ("平台补贴", platform_off)]
    return {
        "id": 880012,
        "categoryId": 12,
        "name": f"在线立减{yuan(shop_off + platform_off):g}",
        "amount": yuan(-shop_off - platform_off),
        "elemePart": yuan(-platform_off),
        "restaurantPart": yuan(-shop_off),
        "familyPart": 0.0,
        "orderAllPartiesPartList": [{"partName": name, "partAmount": str(yuan(part))} for name, part in parts],
    }


def _person(wish: PretendOrder, now: float) -> dict[str, Any]:
    """Ele.me shows a masked name and a virtual number with an extension that dies after some hours."""
    digits = "".join(char for char in wish.phone if char.isdigit())[-4:].rjust(4, "0")
    phones = [f"1701234{digits},{int(digits) % 9000 + 1000}"]
    return {
        "consignee": wish.customer or "顾客",
        "phoneList": phones,
        "consigneePhones": phones,
        "secretPhoneExpireTime": in_hours(now, 4),
        "address": wish.address or PLACES[0],
        "deliveryPoiAddress": (wish.address or PLACES[0]).split(" ")[0],
        "deliveryGeo": "116.480983,39.996176",
    }


def _line_notes(wish: PretendOrder) -> list[str]:
    return [f"{line.name}：{line.note}" for line in wish.lines if line.note]
