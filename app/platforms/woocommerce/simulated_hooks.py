"""The pretend shop's webhooks: late, coalesced, out of order, never sent again, switched off after seven failures."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from app.platforms.http import trust
from app.platforms.simulation import Simulator
from app.platforms.woocommerce.simulated_books import Books, Order

LATEST = 61.0  # seconds until the background queue runs, at the most (observed, with visitors)
FAILURES = 7
PORTS = (None, 80, 443, 8080)  # where WordPress delivers to


@dataclass
class Hook:
    """One webhook. `url` "" is the practice's own relay, wherever that is. `failures` is seen nowhere on the wire."""

    id: int
    topic: str
    secret: str = field(repr=False)
    url: str = ""
    name: str = ""
    status: str = "active"
    failures: int = 0
    changed: str = ""


class Hooks:
    """The shop's hooks by their id; those of the practice go to `simulator.push_to`."""

    def __init__(self, simulator: Simulator, books: Books, secret: str, heard: Callable[[str], None]) -> None:
        self.secret = secret
        self._simulator, self._books, self._heard = simulator, books, heard
        topics = ("order.created", "order.updated", "order.deleted")
        self.rows = {number: Hook(number, topic, secret, name="Comptoir") for number, topic in enumerate(topics, 1)}
        self._waiting: dict[tuple[int, int], None] = {}  # several updates before the queue runs are one delivery
        self._running = False

    def url(self, hook: Hook) -> str:
        """Where it delivers; "" while the practice has no relay."""
        return hook.url or self._simulator.push_to

    def announce(self, order: Order, topic: str) -> None:
        """Queue the deliveries. What happens while a hook is off, or nobody listens, is never sent later."""
        for hook in self.rows.values():
            if hook.topic == topic and hook.status == "active" and self.url(hook):
                self._queue(hook, order)

    def _queue(self, hook: Hook, order: Order) -> None:
        if self._simulator.chance(self._simulator.faults.lose_push):
            self._simulator.record("push_lost", str(order["id"]), topic=hook.topic)
            return
        self._waiting[hook.id, order["id"]] = None
        if not self._running:
            self._running = True
            self._simulator.spawn(self._run())

    async def ping(self, hook: Hook) -> None:
        """What a new hook sends at once: form-encoded, without signature. Nobody looks at what became of it."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(timeout=5.0, verify=trust()) as client:
            await self._post(client, hook, f"webhook_id={hook.id}".encode(), headers)

    def _reachable(self, url: str) -> bool:
        """Whether WordPress would deliver there: public addresses on few ports (observed). The practice's own relay stands
        on this machine and counts as public."""
        here, parts = urlsplit(self._simulator.push_to), urlsplit(url)
        if here.netloc and parts.netloc == here.netloc:
            return True
        try:
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.username or host in ("", "localhost") or ":" in host or port not in PORTS:
            return False
        numbers = re.fullmatch(r"[\d.]+", host)
        return numbers is None or _is_public(host)

    async def _run(self) -> None:
        try:
            await asyncio.sleep(self._simulator.random.uniform(0.1, LATEST) / self._simulator.speed)
            async with httpx.AsyncClient(timeout=5.0, verify=trust()) as client:
                while self._waiting:
                    await self._batch(client)
        finally:
            self._running = False

    async def _batch(self, client: httpx.AsyncClient) -> None:
        """One after the other, so a slow receiver holds up everybody (observed)."""
        waiting, self._waiting = list(self._waiting), {}
        if self._simulator.chance(self._simulator.faults.reorder_push):
            waiting.reverse()
        for hook_id, order_id in waiting:
            twice = self._simulator.chance(self._simulator.faults.repeat_push)
            for _ in range(1 + twice):
                if hook := self.rows.get(hook_id):
                    await self._deliver(client, hook, order_id)

    async def _deliver(self, client: httpx.AsyncClient, hook: Hook, order_id: int) -> None:
        """The body is built now, not when it happened; of a deleted order it is the signed error."""
        order = self._books.orders.get(order_id)
        body = json.dumps(self._body(hook.topic, order_id, order), separators=(",", ":")).encode()
        self._simulator.record("pushed", str(order_id), topic=hook.topic)
        status = await self._post(client, hook, body, self.headers(hook, body))
        taken = 200 <= status <= 302
        self._simulator.record("push_acknowledged" if taken else "push_failed", str(order_id), status=status)
        if taken and order and self._books.matters(order):
            self._heard(str(order_id))
        self._count(hook, taken)

    def _count(self, hook: Hook, taken: bool) -> None:
        """Only a success forgives: whoever switches a hook on again gives it one more try (observed)."""
        hook.failures = 0 if taken else hook.failures + 1
        if hook.failures >= FAILURES and hook.status == "active":
            hook.status, hook.changed = "disabled", self._books.now()

    async def _post(self, client: httpx.AsyncClient, hook: Hook, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer; 0 without one."""
        url = self.url(hook)
        if not self._reachable(url):
            return 0
        try:
            return (await client.post(url, content=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0

    def headers(self, hook: Hook, body: bytes) -> dict[str, str]:
        """As a real delivery has them; its id is made of the hook and the second, so it repeats."""
        resource, event = hook.topic.split(".")
        signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "User-Agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.1)",
            "X-WC-Webhook-Source": self._simulator.address + "/",
            "X-WC-Webhook-Topic": hook.topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-WC-Webhook-ID": str(hook.id),
            "X-WC-Webhook-Delivery-ID": hashlib.sha256(f"{hook.id} {self._books.now()}".encode()).hexdigest()[:32],
        }

    def _body(self, topic: str, order_id: int, order: Order | None) -> object:
        if topic == "order.deleted":
            return {"id": order_id}
        if order is None:
            code = "woocommerce_rest_shop_order_invalid_id"
            return {"code": code, "message": "Invalid ID.", "data": {"status": 404}}
        return self._books.shown(order)


def _is_public(address: str) -> bool:
    try:
        return ipaddress.IPv4Address(address).is_global
    except ValueError:
        return False
