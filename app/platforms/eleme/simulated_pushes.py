"""The pretend Ele.me's pushes: a probe first, then signed messages, three tries each, and a list of those nobody took."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.platforms.eleme.signing import compact, sign_push
from app.platforms.http import trust
from app.platforms.simulation import Faults

ACKNOWLEDGED = b'{"message":"ok"}'
TRIES = 3  # a lower bound taken from a printing platform that copies the protocol
TIMEOUT = 3.0
PAUSE = 0.1  # seconds before the next try, growing; the real ones are not known
CONFIRMABLE = frozenset({10, 12, 14, 15, 17, 217, 218})  # what getPushFailMsg keeps until it is confirmed


@dataclass(slots=True)
class Pushes:
    """`note(what, order_id, detail)` writes records; `spawn` runs a coroutine; `taken(order_id)` hears of a stored order."""

    app_id: int
    secret: str
    chance: random.Random
    faults: Callable[[], Faults]
    target: Callable[[], str]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    note: Callable[..., None]
    taken: Callable[[str], None]
    failed: dict[str, dict[str, Any]] = field(default_factory=dict)  # by requestId, until confirmed
    missed: dict[str, dict[str, Any]] = field(default_factory=dict)  # by requestId, until handed out once
    _probed: str = ""
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _client: httpx.AsyncClient | None = None

    def push(self, order_id: str, shop_id: int, type_: int, message: dict[str, Any]) -> None:
        """Send one message, unless there is no address to send it to, or a fault loses it."""
        if not self.target():
            return
        envelope = self._envelope(shop_id, type_, message)
        if self._chance(self.faults().lose_push):
            self.note("push_lost", order_id, type=type_)
            return
        self.spawn(self._deliver(order_id, type_, envelope))
        if self._chance(self.faults().repeat_push):
            self.spawn(self._deliver(order_id, type_, envelope))

    def hand_out(self) -> list[str]:
        """Up to 50 missed messages as JSON text, each once: the careful reading of an undocumented list."""
        ids = list(self.missed)[:50]
        return [compact(self.missed.pop(request_id)) for request_id in ids]

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _envelope(self, shop_id: int, type_: int, message: dict[str, Any]) -> dict[str, Any]:
        text = self._chance(self.faults().odd)  # numbers sometimes come as text
        user = 283166468060386111
        envelope: dict[str, Any] = {
            "requestId": str(self.chance.randrange(10**17, 10**18)),
            "type": str(type_) if text else type_,
            "appId": self.app_id,
            "message": json.dumps(message, ensure_ascii=False),
            "shopId": shop_id,
            "timestamp": int(time.time() * 1000),
            "userId": str(user) if text else user,
        }
        return envelope | {"signature": sign_push(envelope, self.secret)}

    async def _deliver(self, order_id: str, type_: int, envelope: dict[str, Any]) -> None:
        if self._chance(self.faults().reorder_push):
            await asyncio.sleep(self.chance.uniform(0.05, 0.4))
            return await self._try(order_id, type_, envelope)
        async with self._turns.setdefault(order_id, asyncio.Lock()):  # otherwise the messages of an order keep their order
            return await self._try(order_id, type_, envelope)

    async def _try(self, order_id: str, type_: int, envelope: dict[str, Any]) -> None:
        for attempt in range(1, TRIES + 1):
            detail = {"type": type_, "request_id": envelope["requestId"], "attempt": attempt}
            self.note("pushed", order_id, **detail)
            if await self._acknowledged(envelope):
                self.note("push_acknowledged", order_id, **detail)
                if type_ == 10:
                    self.taken(order_id)
                return
            self.note("push_failed", order_id, **detail)
            await asyncio.sleep(PAUSE * attempt)
        kept = self.failed if type_ in CONFIRMABLE else self.missed
        kept[envelope["requestId"]] = envelope

    async def _acknowledged(self, envelope: dict[str, Any]) -> bool:
        """Only HTTP 200 with exactly the documented body counts; before the first push the address is probed with GET."""
        address = self.target()
        client = self._client = self._client or httpx.AsyncClient(timeout=TIMEOUT, verify=trust())
        try:
            if self._probed != address:
                probe = await client.get(address)
                if (probe.status_code, probe.content) != (200, ACKNOWLEDGED):
                    return False
                self._probed = address
            headers = {"Content-Type": "application/json; charset=utf-8"}
            answer = await client.post(address, content=compact(envelope).encode(), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return (answer.status_code, answer.content) == (200, ACKNOWLEDGED)

    def _chance(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share
