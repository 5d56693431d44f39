"""The restaurant on Just Eat: off line and back with an end, dishes off sale with an end. Nothing of it can be read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.platforms.api import RejectedError
from app.platforms.just_eat.client import Client
from app.platforms.just_eat.known import Known, moment
from app.texts import N_, tr

STATES = frozenset({ShopState.OPEN, ShopState.PAUSED})
# Where a restaurant comes back at 07:00 Amsterdam time of the next day, whatever is asked for.
FIXED_MARKETS = frozenset({"AT", "BE", "BG", "CH", "DE", "LU", "NL", "PL", "SK"})
AMSTERDAM, BACK_AT = ZoneInfo("Europe/Amsterdam"), time(7)
BELIEVED = N_("as last set from here or heard: Just Eat does not tell")


@dataclass(frozen=True, slots=True)
class Place:
    """Which restaurant, and where its clocks are. `values` is the account form."""

    restaurant: str
    zone: ZoneInfo
    values: Mapping[str, str]

    @property
    def fixed(self) -> bool:
        """Whether the market decides when a pause ends."""
        return self.values.get("country", "").strip().upper() in FIXED_MARKETS


def status(known: Known, now: float) -> ShopStatus:
    """What we believe."""
    known.expire(now)
    if known.paused_until is None:
        return ShopStatus(ShopState.OPEN, text=tr(BELIEVED))
    return ShopStatus(ShopState.PAUSED, moment(known.paused_until), tr(BELIEVED))


async def change(client: Client, place: Place, known: Known, state: ShopState, until: datetime | None, now: float) -> None:
    """Off line or on line; both are safe to repeat. RejectedError for what Just Eat has no word for."""
    if state is ShopState.OPEN:
        await client.set_online(place.restaurant)
        known.paused_until = None
    elif state is ShopState.PAUSED:
        end = next_morning(now) if place.fixed else until
        local = end.astimezone(place.zone).replace(tzinfo=None).isoformat(timespec="seconds") if end else ""
        await client.set_offline(place.restaurant, "" if place.fixed else local)
        known.paused_until = end.timestamp() if end else 0.0
    else:
        raise RejectedError(tr("Just Eat knows open and off line only"), "unsupported")


def next_morning(now: float) -> datetime:
    """07:00 in Amsterdam on the day after."""
    day = datetime.fromtimestamp(now, AMSTERDAM).date() + timedelta(days=1)
    return datetime.combine(day, BACK_AT, AMSTERDAM).astimezone(UTC)


def items(known: Known, now: float) -> list[MenuItem]:
    """Dishes that orders have shown, and what is off sale."""
    known.expire(now)
    names = {**{number: number for number in known.off}, **known.dishes}
    return [MenuItem(number, name, number not in known.off, moment(known.off.get(number))) for number, name in names.items()]


async def change_items(
    client: Client, place: Place, known: Known, numbers: Sequence[str], available: bool, until: datetime | None, at: str
) -> None:
    """Off sale, with an end where one is wanted, or back."""
    if not numbers:
        return
    event, end = ("AVAILABLE", None) if available else ("UNAVAILABLE", until)
    back = end.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if end else ""
    await client.change_items(place.restaurant, numbers, event, at, back)
    for number in numbers:
        known.off.pop(number, None)
        if not available:
            known.off[number] = end.timestamp() if end else 0.0
