"""When and how the customer wants the food: WooCommerce has no place for it, so add-ons write it as facts of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from app.domain.orders import Fulfilment
from app.platforms.woocommerce.clean import flat
from app.platforms.woocommerce.wire import Order
from app.texts import N_

# Facts of known add-ons (their public documentation or integrations; the reference names each): one key with date and time,
# or the date's key and the time's key joined by a plus. The first that can be read counts.
TIME_KEYS = (
    "exwfood_datetime_deli_unix, jckwds_timestamp, lpac_dps_delivery_date+lpac_dps_delivery_time, "
    "exwfood_date_deli+exwfood_time_deli, jckwds_date+jckwds_timeslot, delivery_date+delivery_time"
)
TYPE_KEYS = "lpac_dps_order_type, exwfood_order_method, order_type"
TABLE_KEYS = "table_number, table"
DAY_FIRST, MONTH_FIRST = N_("day first"), N_("month first")
# Methods of WooCommerce itself: the classic one and that of the block checkout.
PICKUP_METHODS = frozenset({"local_pickup", "pickup_location"})
_WORDS = (
    (Fulfilment.DINE_IN, ("dine", "table", "eat_in", "eat-in", "eat in", "sur place", "堂食")),
    (Fulfilment.PICKUP, ("pick", "take", "collect", "carry", "emporter", "abhol", "自取")),
    (Fulfilment.DELIVERY, ("deliver", "livraison", "liefer", "shipping", "外卖", "配送")),
)
_CLOCK = re.compile(r"(\d{1,2})(?:[:h.](\d{2}))(?::\d{2})?\s*([ap])?\.?m?", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})")
_WRITTEN = ("%B %d, %Y", "%d %B, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y")


@dataclass(frozen=True, slots=True)
class Keys:
    """Where this shop's add-ons write, and how they write a date."""

    times: tuple[tuple[str, ...], ...]
    types: tuple[str, ...]
    tables: tuple[str, ...]
    day_first: bool

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Keys:
        """From the account form; the shop's own keys stand before the known ones."""
        return cls(
            tuple(tuple(map(str.strip, one.split("+"))) for one in _words(values.get("time_keys", ""), TIME_KEYS)),
            tuple(_words(values.get("type_keys", ""), TYPE_KEYS)),
            tuple(_words(values.get("table_keys", ""), TABLE_KEYS)),
            values.get("date_order") != MONTH_FIRST,
        )


def due_at(order: Order, keys: Keys) -> datetime | None:
    """When the food is wanted (aware UTC); None: as soon as possible, or in no form known here."""
    for names in keys.times:
        texts = [flat(order.meta(name)) for name in names]
        found = read_time(" ".join(texts), keys.day_first, _offset(order)) if all(texts) else None
        if found:
            return found
    return None


def read_time(text: str, day_first: bool, offset: timedelta) -> datetime | None:
    """A date with a time of day, or Unix seconds. `offset` is the shop's own from UTC; of a slot, its begin counts."""
    if re.fullmatch(r"\d{10}", text):
        return datetime.fromtimestamp(int(text), UTC)
    day = _day(text, day_first)
    clock = _clock(_NUMBERS.sub(" ", text))
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock, UTC) - offset


def fulfilment(order: Order, keys: Keys) -> Fulfilment:
    """How the food leaves the shop: an add-on's word for it, else the shipping method. Without one, nobody carries it."""
    for name in keys.types:
        said = flat(order.meta(name)).lower()
        found = next((kind for kind, words in _WORDS if any(word in said for word in words)), None)
        if said and found:
            return found
    if table(order, keys):
        return Fulfilment.DINE_IN
    carried = [one for one in order.shipping_lines if one.method_id.split(":")[0] not in PICKUP_METHODS]
    return Fulfilment.DELIVERY if carried else Fulfilment.PICKUP


def table(order: Order, keys: Keys) -> str:
    """The guest's table."""
    return next((said for said in (flat(order.meta(name)) for name in keys.tables) if said), "")


def _offset(order: Order) -> timedelta:
    """The shop's distance from UTC, from an order's two times of birth: the wire has no other place for it."""
    if order.date_created is None or order.date_created_gmt is None:
        return timedelta()
    return order.date_created.replace(tzinfo=UTC) - order.date_created_gmt


def _day(text: str, day_first: bool) -> datetime | None:
    numbers = _NUMBERS.search(text)
    try:
        if numbers is None:
            return _written(text)
        first, middle, last = map(int, numbers.groups())
        if len(numbers[1]) == 4:
            return datetime(first, middle, last, tzinfo=UTC)
        day, month = (first, middle) if day_first else (middle, first)
        return datetime(last + (2000 if last < 100 else 0), month, day, tzinfo=UTC)
    except ValueError:
        return None


def _written(text: str) -> datetime | None:
    """A date with its month in English letters."""
    words = re.search(r"[A-Za-z]{3,9} \d{1,2}, \d{4}|\d{1,2} [A-Za-z]{3,9},? \d{4}", text)
    for form in _WRITTEN if words else ():
        try:
            return datetime.strptime(words[0] if words else "", form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _clock(text: str) -> time | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _words(own: str, known: str) -> list[str]:
    return [one.strip() for one in f"{own},{known}".split(",") if one.strip()]
