"""The shapes Meituan sends through either door, read tolerantly: snake_case or camelCase, numbers as text and back, JSON in
text that may be URL-encoded once more, null and "" as absent, extras kept.

Yuan stay Decimal here; only `poi_receive_detail` and the packing bag are in fen. Times are epoch seconds, 0 for "not known".
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

from pydantic import (
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from app.platforms.api import ProtocolError
from app.texts import tr

CHINA = ZoneInfo("Asia/Shanghai")
LATEST = 4_102_444_800  # the year 2100 in seconds: beyond it a number is no time
ENCODED_TIMES = 3  # pushes are URL-encoded up to twice inside a form

PART, WHOLE = "1", "2"  # `refund_type` as door B counts, and this program
OPEN_REFUND_TYPES = {"1": WHOLE, "2": PART, "3": PART}  # as door A does; 3 is a difference in price

M = TypeVar("M", bound="Wire")

_ALL_ENCODED = re.compile(r"[!-~]*%[0-9A-Fa-f]{2}[!-~]*")


def unfolded(value: Any) -> Any:
    """JSON in text, possibly URL-encoded (more than once) or quoted again; anything but text as it is. Raises ValueError."""
    for _ in range(ENCODED_TIMES + 1):
        if not isinstance(value, str):
            return value
        try:
            value = json.loads(value, parse_float=Decimal)
        except (ValueError, ArithmeticError, RecursionError):
            plain = unquote_plus(value)
            if plain == value:
                raise ValueError("not JSON") from None
            value = plain
    raise ValueError("not JSON")


def decoded(value: Any) -> Any:
    """Plain text that arrived URL-encoded once too often. Text with a blank or a Chinese character never did."""
    for _ in range(ENCODED_TIMES):
        if not isinstance(value, str) or not _ALL_ENCODED.fullmatch(value):
            return value
        try:
            value = unquote_plus(value, errors="strict")
        except UnicodeDecodeError:
            return value
    return value


Seconds = Annotated[int, Field(ge=0, le=LATEST)]
Yuan = Annotated[Decimal, Field(ge=-10_000_000, le=10_000_000)]
Fen = Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)]
Text = Annotated[str, BeforeValidator(decoded)]
FROM_TEXT = BeforeValidator(unfolded)


def _both(name: str) -> AliasChoices:
    return AliasChoices(name, to_camel(name))


class Wire(BaseModel):
    """What every shape shares."""

    model_config = ConfigDict(
        extra="allow", alias_generator=AliasGenerator(validation_alias=_both), coerce_numbers_to_str=True
    )

    @model_validator(mode="before")
    @classmethod
    def _absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: content for key, content in value.items() if content is not None and content != ""}


class Food(Wire):
    """One line of `detail`; `cart_id` separates diners' baskets. Whether `box_num` counts line or unit is not known."""

    food_name: Text
    app_food_code: str = ""
    sku_id: str = ""
    quantity: Yuan = Decimal(1)
    price: Yuan = Decimal(0)
    box_num: Yuan = Decimal(0)
    box_price: Yuan = Decimal(0)
    spec: Text = ""
    food_property: Text = ""
    cart_id: str = "0"


class Activity(Wire):
    """One discount of `extras`; all parts are positive numbers of what is taken off. Entries may be empty."""

    type: int = 0
    remark: Text = ""
    reduce_fee: Yuan = Decimal(0)
    mt_charge: Yuan | None = None
    poi_charge: Yuan | None = None


class ChargePart(Wire):
    """Somebody's share of the discounts, in fen."""

    money_cent: Fen = 0


class Receipt(Wire):
    """`poi_receive_detail`: what the shop gets, in fen."""

    act_order_charge_by_poi: list[ChargePart] = []
    food_share_fee_charge_by_poi: Fen = 0  # commission
    logistics_fee: Fen = 0
    wm_poi_receive_cent: Fen | None = None


class RefundFood(Wire):
    """A dish named in a partial refund."""

    food_name: Text = ""
    count: int = 1


class Refund(Wire):
    """A refund: a pushed one (`notify_type`), or a record of either door (`res_type`, `refund_type`: `PART` or `WHOLE`)."""

    order_id: str = ""
    refund_id: str = ""
    notify_type: str = ""
    refund_type: str = ""
    res_type: str = ""
    is_appeal: int = 0
    status: str = ""  # of the order
    money: Yuan | None = None
    reason: Text = Field("", validation_alias=AliasChoices("reason", "apply_reason", "applyReason"))
    ctime: Seconds = Field(0, validation_alias=AliasChoices("ctime", "refund_apply_time", "refundApplyTime"))
    utime: Seconds = 0
    food: Annotated[list[RefundFood], FROM_TEXT] = Field(
        [], validation_alias=AliasChoices("food", "wmAppRetailForOrderPartRefundList")
    )

    @model_validator(mode="before")
    @classmethod
    def _in_one_count(cls, value: Any) -> Any:
        """Door A's records, told by their `apply_reason`, count their types the other way round."""
        if not isinstance(value, dict) or "apply_reason" not in value:
            return value
        given = str(value.get("refund_type", ""))
        return value | {"refund_type": OPEN_REFUND_TYPES.get(given, given)}


class Order(Wire):
    """The order object of either door. Only what the counter needs is named; the rest stays in the stored message."""

    order_id: str = Field(validation_alias=AliasChoices("order_id", "orderId"), min_length=1)
    view_id: str = Field("", validation_alias=AliasChoices("wm_order_id_view", "wmOrderIdView", "orderIdView"))
    shop_id: str = Field("", validation_alias=AliasChoices("app_poi_code", "appPoiCode", "ePoiId"))
    shop_name: Text = Field("", validation_alias=AliasChoices("wm_poi_name", "wmPoiName", "poiName"))
    day_seq: str = ""
    status: str
    ctime: Annotated[int, Field(gt=0, le=LATEST)]
    utime: Seconds = 0
    delivery_time: Seconds = 0  # 0: as soon as possible
    estimate_arrival_time: Seconds = 0
    order_send_time: Seconds = 0
    order_confirm_time: Seconds = 0
    order_cancel_time: Seconds = 0
    order_completed_time: Seconds = 0
    recipient_name: Text = ""
    recipient_address: Text = ""
    recipient_phone: Text = ""
    caution: Text = ""
    dinners_number: int = 0
    pay_type: int = 2
    pick_type: int = 0
    logistics_code: str = ""
    logistics_status: str = ""
    logistics_dispatcher_name: Text = ""
    logistics_dispatcher_mobile: Text = ""
    total: Yuan
    original_price: Yuan | None = None
    shipping_fee: Yuan = Decimal(0)
    package_bag_money: Fen = 0
    has_invoiced: int = 0
    invoice_title: Text = ""
    taxpayer_id: str = ""
    pickup_code: str = ""
    detail: Annotated[list[Food] | None, FROM_TEXT] = None
    extras: Annotated[list[Activity], FROM_TEXT] = []
    poi_receive_detail: Annotated[Receipt | None, FROM_TEXT] = None
    wm_poi_receive_cent: Fen | None = None
    incmp_code: int = 0  # -1: modules are missing, to be read again
    refunds: list[Refund] = []  # not Meituan's: our poll adds the refund records under this name
    real_phone_number: str = ""  # nor this: added while Meituan's virtual numbers do not work

    @property
    def downgraded(self) -> bool:
        """Whether parts are missing for now."""
        return self.incmp_code == -1

    @property
    def carried_by_meituan(self) -> bool:
        """Whether Meituan's own couriers come. Codes of 1, 2 and 3 thousand are its fleets; 0000 and its like the shop's."""
        return self.pick_type == 0 and self.logistics_code[:1] in ("1", "2", "3")


class Cancel(Wire):
    """A cancellation by customer, service desk or system."""

    order_id: str = Field(validation_alias=AliasChoices("order_id", "orderId"), min_length=1)
    reason_code: str = ""
    reason: Text = ""
    deal_op_type: str = ""


class Rider(Wire):
    """Where the courier stands."""

    order_id: str = Field(validation_alias=AliasChoices("order_id", "orderId"), min_length=1)
    status: str = Field("", validation_alias=AliasChoices("logistics_status", "logisticsStatus", "shippingStatus"))
    dispatcher_name: Text = ""
    dispatcher_mobile: Text = ""
    time: Seconds = 0


class Remind(Wire):
    """An urge (催单). The names of its fields are recalled, not found in a source."""

    order_id: str = Field(validation_alias=AliasChoices("order_id", "orderId"), min_length=1)
    remind_id: str = Field("", validation_alias=AliasChoices("remind_id", "remindId", "reminder_id", "id"))
    remind_time: Seconds = Field(0, validation_alias=AliasChoices("remind_time", "remindTime", "ctime", "time"))
    content: Text = Field("", validation_alias=AliasChoices("remind_content", "remindContent", "content"))


def parse(body: bytes | str) -> Any:
    """JSON with exact decimals. Raises ProtocolError for anything else."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):  # ArithmeticError: an exponent beyond Decimal
        raise ProtocolError(tr("Meituan sent something that is not JSON")) from None


def shape(model: type[M], value: Any) -> M:
    """`value` as `model`. Raises ProtocolError that names the fields (never their content) that do not fit."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, item["loc"])) or model.__name__ for item in error.errors()}))
        raise ProtocolError(tr("Meituan sent fields of an unknown form: {fields}", fields=fields)) from None
