"""What HubRise tells its clients: events into their queues, and signed active callbacks with the documented retries."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from app.platforms.http import trust
from app.platforms.hubrise.simulated_connections import Connection, Door
from app.platforms.simulation import Simulator

# Documentation "callbacks": six tries, these many minutes apart, then the event is deleted; an answer within 20 seconds.
RETRY_MINUTES = (1, 2, 4, 8, 16)
ANSWER_WITHIN = 20.0
LOCATION = "3r4s3-1"


class Herald:
    """Brings events to every connection that wants them, except the one that made the change."""

    def __init__(self, simulator: Simulator, door: Door, new_id: Callable[[], str], clock: Callable[[], datetime]) -> None:
        self._simulator, self._door, self._new_id, self._clock = simulator, door, new_id, clock
        self.heard: Callable[[str], None] = lambda order_id: None

    def announce(self, resource: str, kind: str, maker: Connection | None, about: dict[str, Any]) -> None:
        """Queue one event per connection; `about` holds order_id, new_state and the like."""
        for connection in self._door.connections.values():
            pushed = bool(self._simulator.push_to) and resource in ("order", "delivery")
            if connection is maker or not (pushed or connection.wants(resource, kind)):
                continue
            event = {
                "id": self._new_id(),
                "resource_type": resource,
                "event_type": kind,
                "created_at": self._clock().isoformat(timespec="seconds"),
                "location_id": LOCATION,
                **copy.deepcopy(about),
            }
            connection.queue[event["id"]] = event
            self._push(connection, event)

    def acknowledge(self, connection: Connection, event_id: str) -> None:
        """Take an event off the queue, or on a bad day forget to. KeyError when it is not there."""
        event = connection.queue[event_id]
        self._stored(event)
        if self._simulator.chance(self._simulator.faults.repeat_push):
            self._simulator.record("faulted", event.get("order_id", ""), fault="repeat", event_id=event_id)
        else:
            del connection.queue[event_id]

    def _stored(self, event: dict[str, Any], what: str = "acknowledged") -> None:
        self._simulator.record(what, event.get("order_id", ""), event_id=event["id"])
        self.heard(event.get("order_id", ""))

    def _push(self, connection: Connection, event: dict[str, Any]) -> None:
        url = (connection.callback or {}).get("url") or self._simulator.push_to
        if not url:
            return
        if self._simulator.chance(self._simulator.faults.lose_push):
            self._simulator.record("push_lost", event.get("order_id", ""), event_id=event["id"])
            return
        self._simulator.spawn(self._deliver(connection, event, url))

    async def _deliver(self, connection: Connection, event: dict[str, Any], url: str) -> None:
        minute = 60.0 / self._simulator.speed
        if self._simulator.chance(self._simulator.faults.reorder_push):
            await asyncio.sleep(0.2)
        for wait in (*RETRY_MINUTES, 0):
            if await self._post(event, url):
                break
            await asyncio.sleep(wait * minute)
            if event["id"] not in connection.queue:  # acknowledged by a poll meanwhile
                return
        connection.queue.pop(event["id"], None)
        if self._simulator.chance(self._simulator.faults.repeat_push):
            await self._post(event, url)

    async def _post(self, event: dict[str, Any], url: str) -> bool:
        """One try; True when the answer acknowledges (200 to 499)."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        signature = hmac.new(self._door.client_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-HubRise-Hmac-SHA256": signature, "Content-Type": "application/json"}
        self._simulator.record("pushed", event.get("order_id", ""), event_id=event["id"])
        try:
            timeout = max(1.0, ANSWER_WITHIN / self._simulator.speed)
            async with httpx.AsyncClient(timeout=timeout, verify=trust()) as client:
                status = (await client.post(url, content=body, headers=headers)).status_code
        except httpx.HTTPError as error:
            self._simulator.record("push_failed", event.get("order_id", ""), event_id=event["id"], error=repr(error))
            return False
        if status < 500:
            self._stored(event, "push_acknowledged")
            return True
        self._simulator.record("push_failed", event.get("order_id", ""), event_id=event["id"], status=status)
        return False
