"""The pretend Ele.me's pushes: a probe first, then signed messages, three tries each, and a list of those nobody took."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from app import steady
from app.platforms.eleme.signing import compact, sign_push
from app.platforms.simulated_pushes import Bell, Push
from app.platforms.simulation import Simulator

ACKNOWLEDGED = b'{"message":"ok"}'
# Real seconds. Three tries are a lower bound taken from a printing platform that copies the protocol; pauses are not known.
PAUSES = (0.1, 0.2, 0.3)
CONFIRMABLE = frozenset({10, 12, 14, 15, 17, 217, 218})  # what getPushFailMsg keeps until it is confirmed


Envelope = dict[str, Any]


class Pushes(Bell[Envelope]):
    """`failed` are kept until they are confirmed, `missed` until they were handed out once; both by requestId."""

    pauses = PAUSES

    def __init__(self, simulator: Simulator, app_id: int, secret: str, heard: Callable[[str], None]) -> None:
        super().__init__(simulator, heard)
        self.app_id, self.secret = app_id, secret
        self.failed: dict[str, Envelope] = {}
        self.missed: dict[str, Envelope] = {}
        self._probed = ""

    def push(self, order_id: str, shop_id: int, type_: int, message: dict[str, Any]) -> None:
        """Send one message, unless there is no address to send it to, or a fault loses it."""
        if self.lost(order_id, type=type_):
            return
        envelope = self._envelope(shop_id, type_, message)
        detail = {"type": type_, "request_id": envelope["requestId"]}
        self.ring(Push(order_id, envelope, detail, brings=type_ == 10))

    def hand_out(self) -> list[str]:
        """Up to 50 missed messages as JSON text, each once: the careful reading of an undocumented list."""
        ids = list(self.missed)[:50]
        return [compact(self.missed.pop(request_id)) for request_id in ids]

    async def acknowledged(self, client: httpx.AsyncClient, content: Envelope) -> bool:
        """Only HTTP 200 with exactly the documented body counts; before the first push the address is probed with GET."""
        address = self.simulator.push_to
        if self._probed != address:
            if not _is_ok(await client.get(address)):
                return False
            self._probed = address
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return _is_ok(await client.post(address, content=compact(content).encode(), headers=headers))

    def given_up(self, content: Envelope) -> None:
        """What the platform's two lists of failed pushes hold."""
        kept = self.failed if int(content["type"]) in CONFIRMABLE else self.missed
        kept[content["requestId"]] = content

    def _envelope(self, shop_id: int, type_: int, message: dict[str, Any]) -> Envelope:
        text = self.simulator.chance(self.simulator.faults.odd)  # numbers sometimes come as text
        user = 283166468060386111
        envelope: Envelope = {
            "requestId": str(self.simulator.random.randrange(10**17, 10**18)),
            "type": str(type_) if text else type_,
            "appId": self.app_id,
            "message": json.dumps(message, ensure_ascii=False),
            "shopId": shop_id,
            "timestamp": int(steady.time() * 1000),
            "userId": str(user) if text else user,
        }
        return envelope | {"signature": sign_push(envelope, self.secret)}


def _is_ok(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.content) == (200, ACKNOWLEDGED)
