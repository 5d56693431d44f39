"""The pretend shop's webhooks: late, coalesced, out of order, never sent again, switched off after seven failures."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import httpx

from app.platforms.http import trust
from app.platforms.simulation import Simulator
from app.platforms.woocommerce.simulated_books import Books, Order

LATEST = 61.0  # seconds until the background queue runs, at the most (observed, with visitors)
FAILURES = 7


class Hooks:
    """One hook for each topic, to `simulator.push_to`. `secret` is write-only on the real wire."""

    def __init__(self, simulator: Simulator, books: Books, secret: str, heard: Callable[[str], None]) -> None:
        self.secret, self.active, self.failures = secret, True, 0
        self._simulator, self._books, self._heard = simulator, books, heard
        self._waiting: dict[tuple[str, int], None] = {}  # several updates before the queue runs are one delivery
        self._running = False

    def announce(self, order: Order, topic: str) -> None:
        """Queue a delivery. What happens while nobody listens is never sent later."""
        if not self._simulator.push_to or not self.active:
            return
        if self._simulator.chance(self._simulator.faults.lose_push):
            self._simulator.record("push_lost", str(order["id"]), topic=topic)
            return
        self._waiting[topic, order["id"]] = None
        if not self._running:
            self._running = True
            self._simulator.spawn(self._run())

    async def ping(self) -> None:
        """What a new hook sends at once: form-encoded, without signature."""
        async with httpx.AsyncClient(verify=trust()) as client:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            await client.post(self._simulator.push_to, content=b"webhook_id=1", headers=headers)

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
        for topic, order_id in waiting:
            twice = self._simulator.chance(self._simulator.faults.repeat_push)
            for _ in range(1 + twice):
                await self._deliver(client, topic, order_id)

    async def _deliver(self, client: httpx.AsyncClient, topic: str, order_id: int) -> None:
        """The body is built now, not when it happened; of a deleted order it is the signed error."""
        order = self._books.orders.get(order_id)
        body = json.dumps(self._body(topic, order_id, order), separators=(",", ":")).encode()
        self._simulator.record("pushed", str(order_id), topic=topic)
        try:
            answer = await client.post(self._simulator.push_to, content=body, headers=self.headers(topic, body))
            status = answer.status_code
        except httpx.HTTPError:
            status = 0
        taken = 200 <= status <= 302
        self._simulator.record("push_acknowledged" if taken else "push_failed", str(order_id), status=status)
        if taken and order and self._books.matters(order):
            self._heard(str(order_id))
        self.failures = 0 if taken else self.failures + 1
        self.active = self.failures < FAILURES

    def headers(self, topic: str, body: bytes) -> dict[str, str]:
        """As a real delivery has them; its id is made of the hook and the second, so it repeats."""
        resource, event = topic.split(".")
        return {
            "Content-Type": "application/json",
            "User-Agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.1)",
            "X-WC-Webhook-Source": self._simulator.address + "/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": resource,
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-Signature": base64.b64encode(
                hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
            ).decode(),
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": hashlib.sha256(f"1 {self._books.now()}".encode()).hexdigest()[:32],
        }

    def _body(self, topic: str, order_id: int, order: Order | None) -> object:
        if topic == "order.deleted":
            return {"id": order_id}
        if order is None:
            code = "woocommerce_rest_shop_order_invalid_id"
            return {"code": code, "message": "Invalid ID.", "data": {"status": 404}}
        return self._books.shown(order)
