"""The shapes Koubei sends, read tolerantly: money and counts as text or number, flags in any spelling, three forms of lists.

Money stays Decimal yuan here; local times without zone are China time and become UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from app.platforms.api import ProtocolError
from app.texts import tr

CHINA = ZoneInfo("Asia/Shanghai")
ANSWER = "koubei_catering_order_info_query_response"
LATEST = 4_102_444_800_000  # the year 2100 in milliseconds: beyond it a number is no time

M = TypeVar("M", bound="Wire")


def _utc(value: datetime) -> datetime:
    if not 2000 < value.year < 2100:
        raise ValueError("not a time of an order")
    return (value if value.tzinfo else value.replace(tzinfo=CHINA)).astimezone(UTC)


def _flag(value: Any) -> Any:
    """The SDK says boolean, its examples say Y and N."""
    return value.strip().upper() in ("Y", "YES", "TRUE", "1") if isinstance(value, str) else value


def _rows(value: Any) -> Any:
    """A list, the same as JSON text (the SDK's comments tell to parse it), or wrapped in an object with one member (its
    declarations): which of them the gateway sends was not found."""
    if isinstance(value, str):
        value = _content(value)
    if isinstance(value, dict) and len(value) == 1 and isinstance(inner := next(iter(value.values())), list):
        return inner
    return value


def _texts(value: Any) -> Any:
    """`ext_info`: JSON text of an object of texts. One that cannot be read tells nothing, which is no reason to lose an
    order."""
    content = _content(value) if isinstance(value, str) else value
    if not isinstance(content, dict):
        return {}
    return {key: one if isinstance(one, str) else json.dumps(one) for key, one in content.items() if one is not None}


def _content(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


Yuan = Annotated[Decimal, Field(ge=-10_000_000, le=10_000_000)]
Time = Annotated[datetime, AfterValidator(_utc)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Texts = Annotated[dict[str, str], BeforeValidator(_texts)]


class Wire(BaseModel):
    """What every shape shares: unknown fields kept, null and "" the same as absent."""

    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: content for key, content in value.items() if content is not None and content != ""}


class Discount(Wire):
    """Who bears which part of a discount: `mrt_discount` the shop, `rt_discount` the platform."""

    discount_name: str = ""
    mrt_discount: Yuan = Decimal(0)
    rt_discount: Yuan = Decimal(0)


class PayChannel(Wire):
    """How the order was paid; so far there is one of them."""

    pay_amount: Yuan = Decimal(0)
    receipt_amount: Yuan | None = None
    discount_details: Annotated[list[Discount], BeforeValidator(_rows)] = []


class Dish(Wire):
    """KbPosOrderDishDetail. `type`: SINGLE, SIDE (an addition), COMBO; what a set holds has `main_flag` false."""

    dish_id: str = ""
    dish_name: str
    dish_num: Annotated[Decimal, Field(ge=0, le=100_000)] = Decimal(1)
    dish_unit: str = ""
    sku_id: str = ""
    outer_id: str = ""
    spec_name: str = ""
    practice_info: str = ""
    practice_price: Yuan = Decimal(0)
    sell_price: Yuan = Decimal(0)
    member_price: Yuan | None = None
    change_price: Yuan | None = None
    has_change: Flag = False
    memo: str = ""
    type: str = "SINGLE"
    main_flag: Flag = True
    main_out_detail_no: str = ""
    out_detail_no: str = ""
    make_status: str = "INIT"
    wake_status: str = ""
    remind_time: Annotated[int, Field(ge=0, le=10_000)] = 0
    refund_reason: str = ""
    ext_info: Texts = {}


class Order(Wire):
    """Answer of koubei.catering.order.info.query. Only what the counter needs is named; the rest stays in the message."""

    order_id: str = Field(min_length=1)
    shop_id: str = ""
    dinner_type: str = ""
    take_style: str = ""
    take_no: str = ""
    order_time: Time
    table_time: Time | None = None
    people_num: Annotated[int, Field(ge=0, le=10_000)] = 0
    memo: str = ""
    user_mobile: str = ""
    member_flag: Flag = False
    trade_amount: Yuan | None = None
    bill_amount: Yuan | None = None
    pay_amount: Yuan | None = None
    receipt_amount: Yuan | None = None
    packing_amount: Yuan = Decimal(0)
    service_amount: Yuan = Decimal(0)
    other_amount: Yuan = Decimal(0)
    pay_channels: Annotated[list[PayChannel], BeforeValidator(_rows)] = []
    dish_details: Annotated[list[Dish], BeforeValidator(_rows)] = []
    ext_info: Texts = {}

    def time(self, name: str) -> datetime | None:
        """A time of `ext_info`; None when it is absent or no time."""
        try:
            return _utc(datetime.fromisoformat(self.ext_info[name]))
        except (KeyError, ValueError):
            return None

    def mains(self) -> Iterator[Dish]:
        """The dishes that stand for themselves, in the order of the wire; what belongs to none of them counts as one."""
        numbers = {dish.out_detail_no for dish in self.dish_details if _leads(dish)}
        return (dish for dish in self.dish_details if _leads(dish) or dish.main_out_detail_no not in numbers)

    def parts_of(self, main: Dish) -> list[Dish]:
        """Additions and contents of a set."""
        mine = [dish for dish in self.dish_details if not _leads(dish) and dish.main_out_detail_no]
        return [dish for dish in mine if dish is not main and dish.main_out_detail_no == main.out_detail_no]


def _leads(dish: Dish) -> bool:
    return dish.main_flag and dish.type != "SIDE"


def shape(model: type[M], value: Any) -> M:
    """`value` as `model`. Raises ProtocolError that names the fields (never their content) that do not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, item["loc"])) or model.__name__ for item in error.errors()}))
        raise ProtocolError(tr("Koubei sent fields of an unknown form: {fields}", fields=fields)) from None


def order_in(body: bytes) -> Order:
    """An order alone, or in the wrapper of a gateway's answer, whose signature whoever asked has verified. ProtocolError."""
    content = parse(body)
    return shape(Order, content.get(ANSWER, content))


def parse(body: bytes) -> Mapping[str, Any]:
    """A JSON object with exact decimals. Raises ProtocolError for anything else."""
    try:
        content = json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):  # ArithmeticError: an exponent beyond Decimal
        raise ProtocolError(tr("Koubei sent something that is not JSON")) from None
    if not isinstance(content, dict):
        raise ProtocolError(tr("Koubei sent something that is not an object"))
    return content
