"""The shapes Ele.me sends, read tolerantly: numbers as text and back, null and "" as absent, extras kept.

Money stays Decimal yuan here (the wire says JSON double); local times without zone are China time and become UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from app.platforms.api import ProtocolError
from app.texts import tr

CHINA = ZoneInfo("Asia/Shanghai")

M = TypeVar("M", bound="Wire")


def _utc(value: datetime) -> datetime:
    if not 2000 < value.year < 2100:
        raise ValueError("not a time of an order")
    return (value if value.tzinfo else value.replace(tzinfo=CHINA)).astimezone(UTC)


LATEST = 4_102_444_800_000  # the year 2100 in milliseconds: beyond it a number is no time

Seconds = Annotated[int, Field(ge=0, le=LATEST // 1000)]
Milliseconds = Annotated[int, Field(ge=0, le=LATEST)]
Yuan = Annotated[Decimal, Field(ge=-10_000_000, le=10_000_000)]
Time = Annotated[datetime, AfterValidator(_utc)]


class Wire(BaseModel):
    """What every shape shares: camelCase on the wire, unknown fields kept, null and "" the same as absent."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: content for key, content in value.items() if content is not None and content != ""}


class Named(Wire):
    """A spec or attribute: `{name: 辣度, value: 微辣}`."""

    name: str = ""
    value: str = ""


class Addition(Wire):
    """Something added to a dish (加料); the inner fields are recalled, so everything but the name may be missing."""

    name: str = ""
    quantity: int = 1
    price: Yuan | None = None


class Item(Wire):
    """One line of a basket, or one fee of the extra group. `name` is already `dish-spec[attribute+attribute]`."""

    id: str = ""
    sku_id: str = ""
    name: str
    category_id: int = 0
    price: Yuan = Decimal(0)
    quantity: Yuan = Decimal(1)
    total: Yuan | None = None
    new_specs: list[Named] = []
    attributes: list[Named] = []
    additions: list[Addition] = []
    extend_code: str = ""


class Group(Wire):
    """A basket (`normal`), the fees (`extra`) or discounts (`discount`)."""

    name: str = ""
    type: str = "normal"
    items: list[Item] = []


class Activity(Wire):
    """A discount and who bears which part; all parts are negative."""

    name: str = ""
    amount: Yuan = Decimal(0)
    eleme_part: Yuan = Decimal(0)
    restaurant_part: Yuan = Decimal(0)
    family_part: Yuan = Decimal(0)


class Goods(Wire):
    """A dish named in a cancel or refund request."""

    name: str = ""
    quantity: int = 1


class Refund(Wire):
    """ORefundOrder, and the message of types 20-26 and 30-36. `total_price`: the order's refund so far (退款总额)."""

    order_id: str = ""
    refund_status: str = ""
    refund_type: str = ""  # normal: the whole order; part
    total_price: Yuan | None = None
    goods_list: list[Goods] = []
    reason: str = Field("", validation_alias=AliasChoices("reason", "applyRefundReason"))
    update_time: Seconds = 0


class ExtraInfo(Wire):
    """Gift orders: what the giver wants to say."""

    greeting: str = ""
    remark: str = ""


class Order(Wire):
    """OOrder. Only what the counter needs is named; the rest stays in the stored message."""

    id: str = Field(validation_alias=AliasChoices("id", "orderId"), min_length=1)
    status: str
    refund_status: str = "noRefund"
    day_sn: str = ""
    shop_id: str = ""
    shop_name: str = ""
    created_at: Time
    active_at: Time | None = None
    deliver_time: Time | None = None
    book: bool = False
    description: str = ""
    groups: list[Group] = []
    deliver_fee: Yuan = Decimal(0)
    vip_delivery_fee_discount: Yuan = Decimal(0)
    package_fee: Yuan = Decimal(0)
    cold_box_fee: Yuan = Decimal(0)
    total_price: Yuan
    original_price: Yuan | None = None
    activity_total: Yuan = Decimal(0)
    shop_part: Yuan = Decimal(0)
    eleme_part: Yuan = Decimal(0)
    hongbao: Yuan = Decimal(0)
    service_rate: Decimal | None = None
    service_fee: Yuan = Decimal(0)
    income: Yuan | None = None
    order_activities: list[Activity] = []
    online_paid: bool = True
    consignee: str = ""
    phone_list: list[str] = []
    consignee_phones: list[str] = []
    address: str = ""
    invoiced: bool = False
    invoice: str = ""
    taxpayer_id: str = ""
    downgraded: bool = False
    cancel_order_description: str = ""
    cancel_order_created_at: Time | None = None
    user_extra_info: ExtraInfo = ExtraInfo()
    refund_order: Refund | None = None  # not Ele.me's: our poll adds getRefundOrder's answer under this name


class StateChange(Wire):
    """The message of types 12, 14, 15, 17 and 18."""

    order_id: str = Field(min_length=1)
    state: str = ""
    role: int = 0
    update_time: Seconds = 0


class Waybill(Wire):
    """The message of types 51 to 76 (`name`, `phone`) and a record of batchGetDeliveryStates (`deliverName`, ...)."""

    order_id: str = Field(min_length=1)
    state: str = ""
    sub_state: str = ""
    name: str = Field("", validation_alias=AliasChoices("name", "deliverName"))
    phone: str = Field("", validation_alias=AliasChoices("phone", "deliverPhone"))
    remark: str = ""
    update_at: Milliseconds = 0


class Reminder(Wire):
    """A 催单: OReminder, and the message of type 45; only the two ids are certain."""

    reminder_id: str = Field(validation_alias=AliasChoices("reminderId", "remindId", "id"), min_length=1)
    order_id: str = Field(min_length=1)
    created_at: Time | None = None
    content: str = ""


class Envelope(Wire):
    """What wraps a push. Verified before this is read; `message` is JSON text once more."""

    request_id: str = Field(min_length=1)
    type: int
    shop_id: str = ""
    message: str
    timestamp: Milliseconds


def parse(body: bytes | str) -> Any:
    """JSON with exact decimals. Raises ProtocolError for anything else."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):  # ArithmeticError: an exponent beyond Decimal
        raise ProtocolError(tr("Ele.me sent something that is not JSON")) from None


def shape(model: type[M], value: Any) -> M:
    """`value` as `model`. Raises ProtocolError that names the fields (never their content) that do not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, item["loc"])) or model.__name__ for item in error.errors()}))
        raise ProtocolError(tr("Ele.me sent fields of an unknown form: {fields}", fields=fields)) from None
