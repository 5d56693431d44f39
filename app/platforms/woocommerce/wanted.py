"""When and how the customer wants the food: WooCommerce has no place for it, so add-ons write it as facts of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from app.domain.orders import Fulfilment
from app.platforms.woocommerce.clean import flat
from app.platforms.woocommerce.wanted_names import speaks_of_it
from app.platforms.woocommerce.wire import Order
from app.platforms.woocommerce.written import WEEKDAY, Written, plain, read
from app.texts import N_, tr

# Facts of known add-ons (their public documentation or integrations; the reference names most): one key, or several joined
# by a plus, of which an order may have only some. The first of which both day and time can be read counts. Their Unix times
# are left out: those of WooFood and older Delivery Slots count the shop's wall time as if it were UTC, and Delivery Slots
# writes 10:00 where nobody chose a time (both read in their published code).
TIME_KEYS = (
    "lpac_dps_delivery_date+lpac_dps_delivery_time, exwfood_date_deli+exwfood_time_deli, "
    "jckwds_date_ymd+jckwds_timeslot, jckwds_date+jckwds_timeslot, "
    "pi_system_delivery_date+pi_delivery_time, delivery_date+delivery_time, pickup_date+pickup_time, "
    "Delivery Date+Time Slot+Delivery Time, Pickup Date+Pickup Time"
)
TYPE_KEYS = "lpac_dps_order_type, exwfood_order_method, pi_delivery_type, delivery_type, order_type"
TABLE_KEYS = "table_number, table"
DAY_FIRST, MONTH_FIRST = N_("day first"), N_("month first")
# Methods of WooCommerce itself: the classic one and that of the block checkout.
PICKUP_METHODS = frozenset({"local_pickup", "pickup_location"})
_WORDS = (
    (Fulfilment.DINE_IN, ("dine", "table", "eat_in", "eat-in", "eat in", "sur place", "堂食")),
    (
        Fulfilment.PICKUP,
        ("pick", "take", "collect", "carry", "emporter", "abhol", "recog", "asporto", "ritiro", "afha", "自取"),
    ),
    (Fulfilment.DELIVERY, ("deliver", "livraison", "liefer", "shipping", "entrega", "consegna", "bezorg", "外卖", "配送")),
)
LONGEST = 80  # characters of what is shown as it was written
LATER = timedelta(minutes=60)  # wanted later than this after it was placed: ordered for later


@dataclass(frozen=True, slots=True)
class Keys:
    """Where this shop's add-ons write, how they write a date, and in which time zone (None: nobody asked the shop)."""

    times: tuple[tuple[str, ...], ...]
    types: tuple[str, ...]
    tables: tuple[str, ...]
    day_first: bool
    zone: tzinfo | None = None

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Keys:
        """From the account form; the shop's own keys stand before the known ones."""
        return cls(
            tuple(tuple(map(str.strip, one.split("+"))) for one in _words(values.get("time_keys", ""), TIME_KEYS)),
            tuple(_words(values.get("type_keys", ""), TYPE_KEYS)),
            tuple(_words(values.get("table_keys", ""), TABLE_KEYS)),
            values.get("date_order") != MONTH_FIRST,
            zone_of(values.get("time_zone", "")),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the order says of its time. `due` is aware UTC; None: as soon as possible, or not read.

    `words` is what stands there where `due` does not tell it, and `check` what a person must know of that.
    """

    due: datetime | None = None
    scheduled: bool = False
    words: str = ""
    check: str = ""


def wanted(order: Order, keys: Keys) -> Wanted:
    """When the customer wants the food. What cannot be read is never taken for "as soon as possible"."""
    said = [words for names in keys.times if (words := " ".join(filter(None, (flat(order.meta(name)) for name in names))))]
    wall = _wall(order)
    today = wall.date() if wall else None
    if not any(one.day or one.at for one in (read(words, keys.day_first, today) for words in said)):
        row = " ".join(_guessed(order, keys.day_first, today))  # the day may stand in a field that nobody named
        said = [" ".join(filter(None, (row, *(words for words in said if words not in row))))] if row else said
    found = [(words, read(words, keys.day_first, today)) for words in said]
    alone = all(one.clock or one.soon for _, one in found)  # else the day stands elsewhere, in words that nobody could read
    for _, one in sorted(found, key=lambda pair: pair[1].day is None and pair[1].at is None):
        due = _due(one, order, keys, today) if one.day or one.at or alone else None
        if due:
            return Wanted(due, due - _placed(order, due) >= LATER)
    best = sorted(found, key=lambda pair: (pair[1].day is None, -len(pair[0])))
    return _unread(*best[0], today) if best else Wanted()


def _guessed(order: Order, day_first: bool, today: date | None) -> list[str]:
    """What fields say whose names speak of a wanted time, the days in front."""
    rows = [(one.key, flat(one.value)) for one in order.meta_data]
    wishes = [(key.casefold(), words) for key, words in rows if words and speaks_of_it(key, words, day_first, today)]
    first = sorted(wishes, key=lambda wish: re.search("dat|fecha|day|tag|jour|dia|giorno|日", wish[0]) is None)
    return list(dict.fromkeys(words for _, words in first))


def zone_of(name: str) -> tzinfo | None:
    """A site's time zone as WordPress tells it: a name, or for a fixed distance the hours from UTC ("5.5")."""
    try:
        return timezone(timedelta(hours=float(name))) if re.fullmatch(r"[+-]?\d{1,2}(\.\d+)?", name) else ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return None


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


def _due(found: Written, order: Order, keys: Keys, today: date | None) -> datetime | None:
    """Where day and time are known. What lies before the day of the order was read wrongly; a time alone means that day."""
    if found.at:
        return found.at if today is None or found.at >= _placed(order, found.at) - timedelta(days=1) else None
    day = found.day or today
    if day is None or found.clock is None or (today and day < today):
        return None
    wall = datetime.combine(day, found.clock)
    placed = _wall(order)
    if found.day is None and placed and wall < placed:
        return None  # 11:00, said at noon: tomorrow perhaps
    return wall.replace(tzinfo=UTC) - _offset(order, wall, keys.zone)


def _unread(words: str, found: Written, today: date | None) -> Wanted:
    if found.soon and found.day in (None, today) and not WEEKDAY.search(plain(words)):
        return Wanted()
    shown = "".join(one for one in words if one.isprintable())[:LONGEST]  # of a customer's words: none that command a screen
    if found.day and not found.rest and (today is None or found.day >= today):
        later = found.day != today
        return Wanted(None, later, shown, tr("wanted: {text} - without a time of day", text=shown) if later else "")
    return Wanted(None, True, shown, tr("wanted: {text} - not understood, see the order in the shop", text=shown))


def _placed(order: Order, otherwise: datetime) -> datetime:
    return order.date_created_gmt or order.date_modified_gmt or otherwise


def _wall(order: Order) -> datetime | None:
    """The shop's wall time when the order was placed."""
    return order.date_created or (order.date_created_gmt.replace(tzinfo=None) if order.date_created_gmt else None)


def _offset(order: Order, wall: datetime, zone: tzinfo | None) -> timedelta:
    """The shop's distance from UTC at a wall time of its own.

    An order's two times of birth tell the distance of its own day, which another day need not have. They also tell whether
    the zone that was asked for at the sign-in is still the shop's: changing it rewrites every local time (observed).
    """
    if order.date_created is None or order.date_created_gmt is None:
        return (zone.utcoffset(wall) if zone else None) or timedelta()
    own = order.date_created.replace(tzinfo=UTC) - order.date_created_gmt
    then = zone.utcoffset(order.date_created) if zone else None
    return (zone.utcoffset(wall) if zone and then == own else None) or own


def _words(own: str, known: str) -> list[str]:
    return [one.strip() for one in f"{own},{known}".split(",") if one.strip()]
