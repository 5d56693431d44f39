"""The store as its customers see it: open, busy, paused with an end, and what is sold out until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app import steady
from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.platforms.api import RejectedError, Settings
from app.platforms.shapes import instant
from app.platforms.uber_eats import generation as api
from app.platforms.uber_eats.client import Client
from app.platforms.uber_eats.generation import CURRENT, Generation
from app.platforms.uber_eats.wire import whole
from app.texts import N_, tr

# Uber wants an end for every pause and every item off sale; this one stands for "until somebody changes it".
NO_END = timedelta(days=365)
OPEN_ENDED = timedelta(days=300)  # an end as far away as this is none
MAX_PREP = 10_800  # seconds, documented
BUSY_MORE = 900  # seconds added to the usual preparation time where the account says nothing else
PAUSED_BY_SHOP = ("PAUSED_BY_RESTAURANT", "PAUSED")
WORDS = {  # for staff; a code that is not here is shown as it is
    "PAUSED_BY_RESTAURANT": N_("paused by the shop"),
    "PAUSED": N_("paused by the shop"),
    "OFFLINE": N_("closed"),
}
USUAL = "usual_prep_seconds"
REASON = "Paused at the counter"  # for Uber, whatever the screen speaks


class Storefront:
    """One store's status and menu. "Busy" is a longer preparation time: the usual one is saved before it is raised."""

    def __init__(self, client: Client, generation: Generation, store_id: str, settings: Settings) -> None:
        self._client = client
        self._generation = generation
        self._store_id = store_id
        self._save = settings.save
        self._values = dict(settings.values)

    async def status(self) -> ShopStatus:
        """How Uber shows the store."""
        answer = await self._client.get(self._path(self._generation.status))
        body, now = answer.body, datetime.fromtimestamp(answer.version / 1000, UTC)
        word, reason = str(body.get("status") or ""), str(body.get("offlineReason") or body.get("offline_reason") or "")
        until = _moment(body.get("is_offline_until") or body.get("paused_until"))
        until = until if until and until - now < OPEN_ENDED else None
        if word == "ONLINE":
            busy = self._generation is CURRENT and await self._is_busy()
            return ShopStatus(ShopState.BUSY if busy else ShopState.OPEN)
        paused = word in PAUSED_BY_SHOP or reason in PAUSED_BY_SHOP
        said = reason or word
        return ShopStatus(ShopState.PAUSED if paused else ShopState.CLOSED, until, tr(WORDS.get(said, said)))

    async def change(self, state: ShopState, until: datetime | None) -> ShopStatus:
        """Change it, and read what became of it."""
        if state is ShopState.PAUSED:
            await self._client.post(self._path(self._generation.set_status), self._pause(until))
        elif state is ShopState.BUSY and self._generation is CURRENT:
            await self._open()
            await self._raise_prep()
        elif state is ShopState.OPEN:
            await self._open()
            await self._restore_prep()
        else:
            raise RejectedError(tr("Uber has no such state for a store"), "unsupported")
        return await self.status()

    async def items(self) -> Sequence[MenuItem]:
        """The delivery menu. Options are items too, and can be sold out alone."""
        answer = await self._client.get(self._path(api.MENU))
        categories = _categories(answer.body)
        now = answer.version / 1000
        return [_menu_item(item, categories, now) for item in _objects(answer.body.get("items")) if item.get("id")]

    async def set_available(self, item_ids: Iterable[str], available: bool, until: datetime | None) -> None:
        """One call per item; 0 puts it back on sale."""
        ends = 0 if available else int((until or steady.now() + NO_END).timestamp())
        suspension = {"suspend_until": ends} | ({} if available else {"reason": "Sold out"})
        for item_id in item_ids:
            path = self._generation.path(api.ITEM, item_id, self._store_id)
            await self._client.post(path, {"suspension_info": {"suspension": suspension}})

    def _path(self, template: str) -> str:
        return self._generation.path(template, store_id=self._store_id)

    def _pause(self, until: datetime | None) -> Mapping[str, str]:
        moment = (until or steady.now() + NO_END).astimezone(UTC).isoformat(timespec="seconds")
        if self._generation is CURRENT:
            return {"status": "OFFLINE", "is_offline_until": moment, "reason": REASON}
        return {"status": "PAUSED", "paused_until": moment, "reason": REASON}

    async def _open(self) -> None:
        await self._client.post(self._path(self._generation.set_status), {"status": "ONLINE"})

    async def _is_busy(self) -> bool:
        usual = self._usual()
        return usual > 0 and await self._prep() > usual

    async def _raise_prep(self) -> None:
        if not self._usual():
            await self._keep(str(await self._prep()))
        more = int(_number(self._values.get("busy_minutes", "")) * 60) or BUSY_MORE
        await self._set_prep(self._usual() + more)

    async def _restore_prep(self) -> None:
        if self._generation is CURRENT and self._usual():
            await self._set_prep(self._usual())
            await self._keep("")

    async def _prep(self) -> int:
        """The store's present preparation time in seconds. RejectedError where Uber does not tell it."""
        body = (await self._client.get(self._path(CURRENT.store))).body
        try:
            return whole(body["prep_times"]["default_value"])
        except (KeyError, TypeError, ValueError):
            raise RejectedError(tr("Uber does not tell the store's preparation time"), "prep_time") from None

    async def _set_prep(self, seconds: int) -> None:
        await self._client.post(self._path(api.PREP_TIME), {"default_prep_time": min(seconds, MAX_PREP)})

    async def _keep(self, usual: str) -> None:
        await self._save({USUAL: usual})
        self._values[USUAL] = usual

    def _usual(self) -> int:
        return int(_number(self._values.get(USUAL, "")))


def _menu_item(item: Mapping[str, Any], categories: Mapping[str, str], now: float) -> MenuItem:
    ends = _suspended_until(item)
    off = ends > now
    until = datetime.fromtimestamp(ends, UTC) if off and ends - now < OPEN_ENDED.total_seconds() else None
    item_id = str(item["id"])
    return MenuItem(item_id, _title(item) or item_id, not off, until, categories.get(item_id, ""))


def _suspended_until(item: Mapping[str, Any]) -> int:
    """Unix seconds; 0 for an item on sale, and for a figure that cannot be read."""
    info = item.get("suspension_info")
    suspension = info.get("suspension") if isinstance(info, dict) else None
    try:
        return min(whole(suspension.get("suspend_until") or 0), 253_402_300_799) if isinstance(suspension, dict) else 0
    except ValueError:
        return 0


def _categories(body: Mapping[str, Any]) -> dict[str, str]:
    """Item id to the title of the category that lists it."""
    return {
        str(entity.get("id")): _title(category)
        for category in _objects(body.get("categories"))
        for entity in _objects(category.get("entities"))
    }


def _title(thing: Mapping[str, Any]) -> str:
    """The first of its translations."""
    title = thing.get("title")
    texts = title.get("translations") if isinstance(title, dict) else None
    return str(next(iter(texts.values()), "")) if isinstance(texts, dict) else str(title or "")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _moment(value: Any) -> datetime | None:
    try:
        return instant(value) if value else None
    except ValueError:
        return None


def _number(text: str) -> float:
    """A positive number a person typed; 0 for anything else."""
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if 0 < number < 1e6 else 0.0
