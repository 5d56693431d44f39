"""The pretend gateway's notifications: signed forms, sent again until somebody answers exactly `success`."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from app.platforms.http import trust
from app.platforms.koubei.signing import notice_texts, sign
from app.platforms.simulation import Faults

SUCCESS = b"success"
TIMEOUT = 3.0
LIMITS = httpx.Limits(max_connections=8)
# Real seconds between tries, the last one repeated: 4, 10, 10 minutes, 1, 2, 6 and 15 hours are recalled of the platform.
PAUSES = (0.02, 0.05, 0.1, 0.2)
TRIES = 1500


@dataclass(slots=True)
class Notices:
    """`note(what, order_id, detail)` writes records; `spawn` runs a coroutine; `taken(order_id)` hears of a stored order."""

    app_id: str
    key: RSAPrivateKey
    chance: random.Random
    faults: Callable[[], Faults]
    target: Callable[[], str]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[..., None]
    taken: Callable[[str], None]
    waiting: set[str] = field(default_factory=set)  # numbers of notifications that nobody took yet
    _client: httpx.AsyncClient | None = None

    def send(self, order_id: str, name: str, content: dict[str, Any]) -> None:
        """Send one message. There is no list to find an order in, so it waits for an address for as long as it takes; a
        push that a fault loses is lost once, not for ever."""
        form = self._form(name, {"order_id": order_id} | content)
        self.waiting.add(form["notify_id"])
        self.spawn(self._deliver(order_id, form))
        if self._chance(self.faults().repeat_push):
            self.spawn(self._deliver(order_id, form))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _form(self, name: str, content: dict[str, Any]) -> dict[str, str]:
        form = {
            "notify_id": f"{self.chance.getrandbits(128):032x}",
            "utc_timestamp": str(int(time.time() * 1000)),
            "msg_method": name,
            "app_id": self.app_id,
            "version": "1.1",
            "charset": "UTF-8" if self._chance(self.faults().odd) else "utf-8",
            "biz_content": json.dumps(content, ensure_ascii=False),
        }
        form["sign_type"] = "RSA2"
        texts = notice_texts(form)
        # which of the two the platform signs is not certain for this kind: both must be understood
        return form | {"sign": sign(texts[self._chance(self.faults().odd)], self.key)}

    async def _deliver(self, order_id: str, form: dict[str, str]) -> None:
        if self._chance(self.faults().reorder_push):
            await asyncio.sleep(self.chance.uniform(0.05, 0.4))
        for attempt in range(TRIES):
            while not self.target():  # noqa: ASYNC110 - somebody sets the address some day, and there is no event
                await asyncio.sleep(PAUSES[0])
            if await self._try(order_id, form, attempt + 1):
                self.waiting.discard(form["notify_id"])
                return
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])

    async def _try(self, order_id: str, form: dict[str, str], attempt: int) -> bool:
        detail = {"name": form["msg_method"], "notify_id": form["notify_id"], "attempt": attempt}
        if self._chance(self.faults().lose_push):
            self.note("push_lost", order_id, **detail)
            return False
        self.note("pushed", order_id, **detail)
        if not await self._acknowledged(form):
            self.note("push_failed", order_id, **detail)
            return False
        self.note("push_acknowledged", order_id, **detail)
        self.taken(order_id)
        return True

    async def _acknowledged(self, form: dict[str, str]) -> bool:
        """Seven characters and nothing else; everything else is asked again."""
        client = self._client = self._client or httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, verify=trust())
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
        try:
            answer = await client.post(self.target(), content=urlencode(form).encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return (answer.status_code, answer.content) == (200, SUCCESS)

    def _chance(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share
