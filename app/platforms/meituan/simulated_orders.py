"""Pretend orders in Meituan's own form: what a customer wants becomes an order object, shown in either door's words."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment, OptionKind
from app.platforms.meituan.payloads import CHINA, Order
from app.platforms.simulation import ImpossibleError, PretendLine, PretendOption, PretendOrder

SHOP_ID, SHOP_NAME = "t_shop01", "川味小馆"
COMMISSION = Decimal("0.18")
JSON_TEXTS = ("detail", "extras", "poi_receive_detail", "backup_recipient_phone")
# door B's words that are not simply camelCase
RENAMED = {
    "wm_order_id_view": "orderIdView",
    "app_poi_code": "ePoiId",
    "wm_poi_name": "poiName",
    "wm_poi_address": "poiAddress",
    "wm_poi_phone": "poiPhone",
}
SENTINELS = (0, 1, 2, 3, 10, -10, 88, 99)
MENU = (
    ("鱼香肉丝", 2800, ("小份", "大份"), ("微辣", "特辣")),
    ("宫保鸡丁", 3200, (), ("微辣", "中辣")),
    ("水煮牛肉", 5800, ("小份", "大份"), ("中辣", "特辣")),
    ("麻婆豆腐", 2200, (), ("微辣", "不要花椒")),
    ("米饭", 200, (), ()),
)
NOTES = ("", "", "少放辣", "花生过敏!!千万不要放花生", "放门口就行,别打电话", "不要葱姜蒜 100%不要")
CUSTOMERS = ("李(先生)", "王(女士)", "欧阳(先生)")
PLACES = ("望京SOHO T1 (1201室)@#北京市朝阳区望京SOHO", "花家地西里 3号楼2单元501")
# By the order's number: a fleet of the platform's, or the crowd, whose couriers are on the map.
CROWD = "1003"
FLEETS = ("1001", CROWD, "2002")
COURIERS = (("刘师傅", "17000001111"), ("陈师傅", "17000002222"), ("马师傅", "17000003333"))


@dataclass(slots=True)
class Placed:
    """One order at the platform. `body` is the order object of door A with its lists unfolded; money beside it is in fen."""

    body: dict[str, Any]
    placed_at: float
    kitchen: Kitchen = Kitchen.NEW
    whole_at: float = 0.0  # until then the order is shown downgraded
    accepted_at: float = 0.0
    ready: bool = False
    heard_at: float | None = None
    phone: str = ""  # the real one
    refunds: list[dict[str, Any]] = field(default_factory=list)
    reminders: dict[str, bool] = field(default_factory=dict)  # id -> answered
    commands: list[str] = field(default_factory=list)
    returned: dict[int, int] = field(default_factory=dict)  # portions that the shop gave back, by their dish's place

    @property
    def id(self) -> str:
        """The platform's order id."""
        return str(self.body["order_id"])

    @property
    def status(self) -> int:
        """1, 2, 3, 4, 6, 8 or 9."""
        return int(self.body["status"])

    @property
    def total(self) -> int:
        """What the customer paid, in fen."""
        return fen(self.body["total"])

    @property
    def refunded(self) -> int:
        """What went back, in fen."""
        if self.status == 9 or any(one["refund_type"] == 2 for one in self._granted()):
            return self.total
        return sum(fen(one["money"]) for one in self._granted())

    @property
    def open(self) -> dict[str, Any] | None:
        """The request that waits for the shop."""
        return next((one for one in self.refunds if one["res_type"] == 0), None)

    def carried(self) -> bool:
        """Whether Meituan's courier comes."""
        return str(self.body["logistics_code"])[:1] in ("1", "2", "3") and not self.body["pick_type"]

    def shown(self, now: float) -> dict[str, Any]:
        """The order object as given out at `now`."""
        shown = dict(self.body)  # its lists are written out, never changed
        if now < self.whole_at:
            del shown["poi_receive_detail"]
            shown |= {"incmp_code": -1, "incmp_modules": "[4]"}
        return shown

    def _granted(self) -> list[dict[str, Any]]:
        return [one for one in self.refunds if one["res_type"] in (2, 4, 5, 6)]


def fen(amount: Any) -> int:
    """Fen of yuan."""
    return int((Decimal(str(amount)) * 100).to_integral_value())


def yuan(amount: int) -> float:
    """Yuan of fen, as the wire writes it."""
    return float(Decimal(amount) / 100)


def compact(value: Any) -> str:
    """JSON as the wire writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def flat(shown: Mapping[str, Any], encoded: int = 0) -> dict[str, str]:
    """Door A's push: every value text, lists as JSON text, URL-encoded `encoded` times more."""
    texts = {}
    for name, value in shown.items():
        text = value if isinstance(value, str) else compact(value)
        for _ in range(encoded if name in JSON_TEXTS or name == "recipient_address" else 0):
            text = quote(text, safe="")
        texts[name] = text
    return texts


def camel(shown: Mapping[str, Any], encoded: int = 0) -> dict[str, Any]:
    """Door B's order object: camelCase, lists as JSON text (their inner keys stay snake_case), the number as text."""
    renamed: dict[str, Any] = {}
    for name, value in shown.items():
        content = compact(value) if name in JSON_TEXTS else value
        for _ in range(encoded if name == "detail" else 0):
            content = quote(content, safe="")
        renamed[RENAMED.get(name, _camel(name))] = content
    if "poi_receive_detail" in shown:
        renamed["wmPoiReceiveCent"] = shown["poi_receive_detail"]["wmPoiReceiveCent"]
    return renamed | {"daySeq": str(shown["day_seq"]), "orderTagList": "[]", "sqtOrder": 0}


def drifted(shown: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Numbers as text, absent things as null or "": what really comes now and then."""
    changed = {name: str(value) if type(value) in (int, float) else value for name, value in shown.items()}
    return changed | {"invoice_title": None, "has_invoiced": ""} if chance.random() < 0.5 else changed


def random_order(chance: random.Random) -> PretendOrder:
    """A plausible lunch."""
    lines = tuple(_random_line(chance) for _ in range(chance.randint(1, 4)))
    goods = sum(line.price * line.quantity for line in lines)
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


def order_body(wish: PretendOrder, order_id: int, number: int, now: float, speed: float, dinners: int) -> dict[str, Any]:
    """The order object of a wish, paid just now. Raises ImpossibleError for what this wire has no form for."""
    if wish.fulfilment is Fulfilment.DINE_IN or not wish.lines:
        raise ImpossibleError("Meituan's takeaway orders have dishes and leave the shop")
    foods = [_food(at, line) for at, line in enumerate(wish.lines)]
    if wish.packaging_fee:
        foods[0] |= {"box_num": 1, "box_price": yuan(wish.packaging_fee)}
    goods = sum(fen(food["price"]) * int(food["quantity"]) for food in foods)
    original = goods + wish.packaging_fee + wish.delivery_fee
    off = min(wish.shop_discount, original - 1)
    off_platform = min(wish.platform_discount, original - off - 1)
    notes = [wish.note, *(f"{line.name}：{line.note}" for line in wish.lines if line.note)]
    return {
        **_envelope(order_id, number, now),
        **_person(wish),
        "delivery_time": 0 if wish.due_in is None else int(now + wish.due_in / speed),
        "estimate_arrival_time": int(now + (wish.due_in or 2400.0) / speed),
        "caution": "；".join(filter(None, notes)),
        "dinners_number": dinners,
        "pick_type": int(wish.fulfilment is Fulfilment.PICKUP),
        "logistics_code": FLEETS[number % len(FLEETS)],
        "detail": foods,
        **_money(original, wish.delivery_fee, off, off_platform),
    }


def completed_body(payload: Mapping[str, Any], order_id: int, number: int, now: float) -> dict[str, Any]:
    """A payload in door A's form as a fresh order; id, number, times and state are the platform's to give. ValueError."""
    given = {**copy.deepcopy(dict(payload)), **_envelope(order_id, number, now)}
    for name in JSON_TEXTS:
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    Order.model_validate(given)
    return {"pick_type": 0, "logistics_code": "1001", "extras": [], "poi_receive_detail": {"wmPoiReceiveCent": 0}} | given


def day_of(order: Placed) -> str:
    """Local date of the order, `yyyyMMdd`."""
    return datetime.fromtimestamp(order.placed_at, CHINA).strftime("%Y%m%d")


def _envelope(order_id: int, number: int, now: float) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "wm_order_id_view": order_id,
        "app_poi_code": SHOP_ID,
        "wm_poi_name": SHOP_NAME,
        "wm_poi_address": "望京街10号",
        "wm_poi_phone": "010-60000000",
        "day_seq": number,
        "status": 2,
        "city_id": 110100,
        "ctime": int(now),
        "utime": int(now),
        "pay_type": 2,
        "is_third_shipping": 1,
        "has_invoiced": 0,
        "invoice_title": "",
        "taxpayer_id": "",
        "incmp_code": 0,
        "incmp_modules": "",
    }


def _person(wish: PretendOrder) -> dict[str, Any]:
    """A masked name, and virtual numbers with an extension."""
    digits = "".join(char for char in wish.phone if char in "0123456789")[-4:].rjust(4, "0")
    return {
        "recipient_name": wish.customer or "顾客",
        "recipient_phone": f"1701234{digits}_{int(digits) % 9000 + 1000}",
        "backup_recipient_phone": [f"1711234{digits}_{int(digits) % 9000 + 1001}"],
        "recipient_address": wish.address or PLACES[0],
        "latitude": 39.996176,
        "longitude": 116.480983,
        "shipper_phone": "",
    }


def _money(original: int, delivery: int, off: int, off_platform: int) -> dict[str, Any]:
    """Income = price before discounts - delivery fee - the shop's discounts - commission."""
    commission = int(((original - delivery - off) * COMMISSION).to_integral_value())
    activity = {
        "act_detail_id": 771,
        "type": 2,
        "remark": f"满减{yuan(off + off_platform):g}元",
        "reduce_fee": yuan(off + off_platform),
        "mt_charge": yuan(off_platform),
        "poi_charge": yuan(off),
    }
    return {
        "total": yuan(original - off - off_platform),
        "original_price": yuan(original),
        "shipping_fee": yuan(delivery),
        "package_bag_money": 0,
        "extras": [activity] if off + off_platform else [{}],
        "poi_receive_detail": {
            "actOrderChargeByMt": [{"comment": "活动款", "feeTypeId": 10019, "moneyCent": off_platform}],
            "actOrderChargeByPoi": [{"comment": "活动款", "feeTypeId": 10019, "moneyCent": off}],
            "foodShareFeeChargeByPoi": commission,
            "logisticsFee": delivery,
            "onlinePayment": original - off - off_platform,
            "wmPoiReceiveCent": original - delivery - off - commission,
        },
    }


def _food(at: int, line: PretendLine) -> dict[str, Any]:
    """The first choice stands as the spec, everything else as properties."""
    choices = [option.name for option in line.options if option.kind is not OptionKind.REMOVE]
    left_out = [f"不要{option.name}" for option in line.options if option.kind is OptionKind.REMOVE]
    unit = line.price + sum(option.price for option in line.options)
    return {
        "app_food_code": f"DISH-{at}",
        "food_name": line.name,
        "sku_id": f"SKU-{at}",
        "quantity": line.quantity,
        "price": yuan(unit),
        "box_num": 0,
        "box_price": 0,
        "unit": "份",
        "spec": choices[0] if choices else "",
        "food_property": ",".join(choices[1:] + left_out),
        "food_discount": 1,
        "cart_id": 0,
    }


def _random_line(chance: random.Random) -> PretendLine:
    name, price, sizes, tastes = chance.choice(MENU)
    options = [PretendOption(chance.choice(wanted)) for wanted in (sizes, tastes) if wanted]
    marked = [_option(option.name) for option in options]
    return PretendLine(name, price, chance.choice((1, 1, 1, 2, 3)), tuple(marked))


def _option(name: str) -> PretendOption:
    return PretendOption(name.removeprefix("不要"), OptionKind.REMOVE) if name.startswith("不要") else PretendOption(name)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
