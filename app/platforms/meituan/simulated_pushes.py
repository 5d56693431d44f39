"""The pretend Meituan's pushes: a probe first, then signed forms in the words of the door, three tries each."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from app.platforms.http import trust
from app.platforms.meituan.events import CARRIERS
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.simulated_orders import SHOP_ID, camel, compact, flat
from app.platforms.simulation import Faults

OPEN_OK, PARTNER_OK = b'{"data":"ok"}', b'{"data":"OK"}'
TRIES = 3  # the real number is not known
TIMEOUT = 3.0
PAUSE = 0.1  # seconds before the next try, growing
IN_ADDRESS = ("urge", "privacy")  # kinds whose content does not tell them: registered with ?kind=


@dataclass(slots=True)
class Pushes:
    """`note(what, order_id, detail)` writes records; `spawn` runs a coroutine; `taken(order_id)` hears of a stored order."""

    partner: bool
    app_id: str
    secret: str
    chance: random.Random
    faults: Callable[[], Faults]
    target: Callable[[], str]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[..., None]
    taken: Callable[[str], None]
    probes: list[str] = field(default_factory=list)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _client: httpx.AsyncClient | None = None

    def push(self, order_id: str, kind: str, fields: Mapping[str, Any]) -> None:
        """Send one message, unless there is no address to send it to, or a fault loses it."""
        if not self.target():
            return
        if self._chance(self.faults().lose_push):
            self.note("push_lost", order_id, kind=kind)
            return
        encoded = self.chance.choice((1, 2)) if self._chance(self.faults().odd) else 0
        message = self._partner_form(kind, fields, encoded) if self.partner else self._open_form(kind, fields, encoded)
        self.spawn(self._deliver(order_id, kind, message))
        if self._chance(self.faults().repeat_push):
            self.spawn(self._deliver(order_id, kind, message))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _address(self, kind: str) -> str:
        return f"{self.target()}?kind={kind}" if kind in IN_ADDRESS else self.target()

    def _open_form(self, kind: str, fields: Mapping[str, Any], encoded: int) -> dict[str, str]:
        form = {"app_id": self.app_id, "app_poi_code": SHOP_ID, "timestamp": str(int(time.time()))}
        form |= flat(fields, encoded)
        return form | {"sig": sign_open(self._address(kind), form, self.secret)}

    def _partner_form(self, kind: str, fields: Mapping[str, Any], encoded: int) -> dict[str, str]:
        """One field with JSON text; the privacy downgrade has none."""
        form = {"developerId": self.app_id, "ePoiId": SHOP_ID, "timestamp": str(int(time.time()))}
        names = {said: name for name, said in CARRIERS.items()}
        if kind in names:
            inner = camel(fields, encoded) if kind == "pushed" else _camel_flat(kind, fields)
            text = compact(inner)
            form[names[kind]] = quote(text, safe="") if encoded == 2 else text
        elif kind == "privacy":
            form["privacy"] = "1"
        return form | {"sign": sign_partner(form, self.secret)}

    async def _deliver(self, order_id: str, kind: str, form: Mapping[str, str]) -> None:
        if self._chance(self.faults().reorder_push):
            await asyncio.sleep(self.chance.uniform(0.05, 0.4))
            return await self._try(order_id, kind, form)
        async with self._turns.setdefault(order_id, asyncio.Lock()):  # otherwise the messages of an order keep their order
            return await self._try(order_id, kind, form)

    async def _try(self, order_id: str, kind: str, form: Mapping[str, str]) -> None:
        for attempt in range(1, TRIES + 1):
            self.note("pushed", order_id, kind=kind, attempt=attempt)
            if await self._acknowledged(self._address(kind), form):
                self.note("push_acknowledged", order_id, kind=kind, attempt=attempt)
                if kind == "pushed":
                    self.taken(order_id)
                return
            self.note("push_failed", order_id, kind=kind, attempt=attempt)
            await asyncio.sleep(PAUSE * attempt)

    async def _acknowledged(self, address: str, form: Mapping[str, str]) -> bool:
        """Only HTTP 200 with exactly the documented body counts; before the first push an address is probed."""
        client = self._client = self._client or httpx.AsyncClient(timeout=TIMEOUT, verify=trust())
        wanted = (200, PARTNER_OK if self.partner else OPEN_OK)
        try:
            if address not in self.probes:
                probe = await (client.post(address) if self.partner else client.get(address))
                if (probe.status_code, probe.content) != wanted:
                    return False
                self.probes.append(address)
            answer = await client.post(address, data=dict(form))
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return (answer.status_code, answer.content) == wanted

    def _chance(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share


def _camel_flat(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Door B's words for everything but orders; refunds of the whole carry little more than what happened."""
    renamed = {"logistics_status": "shippingStatus"}
    kept = {"refund": ("order_id", "notify_type", "reason"), "cancelled": ("order_id", "reason", "reason_code")}
    part = ("order_id", "notify_type", "reason", "money", "food")
    names = {**kept, "part_refund": part}.get(kind, tuple(fields))
    return {_camel(renamed.get(name, name)): fields[name] for name in names}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
