"""Webhook in, durable, acknowledged: our receiver and store beside the same server with one raw sqlite3 insert."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Connection

from app.db import accounts
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.engine.bell import Bell
from app.engine.guard import Limits
from app.engine.house import House
from app.engine.ingest import Ingest
from app.engine.webhooks import Hook, Receiver
from app.platforms.api import Message, Received, WebhookReply, WebhookRequest
from app.steady import now

Say = Callable[[str], None]
REQUESTS, AT_A_TIME, ROUNDS = 1200, 8, 5
LOAD = Path(__file__).with_name("load.py")
OPEN_DOORS = Limits(rate=10**9)


class Taker:
    """The cheapest platform there can be: no signature, so that the store is what is measured."""

    def __init__(self) -> None:
        self.round = 0

    def receive(self, request: WebhookRequest) -> Received:
        key = f"{self.round}:{json.loads(request.body)['id']}"
        return Received((Message(key, "push", request.body, 1, ""),), WebhookReply(200, b'{"message":"ok"}'))


async def test_webhook_rate_is_at_least_half_the_floor(tmp_path: Path, say: Say) -> None:
    ours, floor = [], []
    database = Database.open(tmp_path / "orders.db", os.urandom(32))
    await database.write(_account)
    ingest = Ingest(database, House(BusinessCalendar.of("UTC"), {}), Bell(), lambda _: None, lambda *_: None)
    raw = _RawStore(tmp_path / "floor.db")
    taker = Taker()
    for taker.round in range(ROUNDS):
        ours.append(await _rate(Hook(taker, lambda messages: ingest.receive(1, messages, "push"), lambda *_: None)))
        floor.append(await _rate(Hook(taker, raw.store, lambda *_: None)))
    raw.close()
    database.close()

    ratio = statistics.median(one / other for one, other in zip(ours, floor, strict=True))
    say(f"webhook rate {statistics.median(ours):.0f}/s, floor {statistics.median(floor):.0f}/s, ratio {ratio:.2f} (>= 0.5)")
    assert ratio >= 0.5


async def _rate(hook: Hook) -> float:
    receiver = Receiver(lambda *_: hook, OPEN_DOORS)
    port = (await receiver.start()).rpartition(":")[2]
    arguments = (str(LOAD), port, "/hooks/any/token", str(REQUESTS), str(AT_A_TIME))
    client = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    out, _ = await client.communicate()
    await receiver.stop()
    return float(out)


class _RawStore:
    """One table, one raw insert, one FULL commit a message, on one thread."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._connection = self._thread.submit(self._open, path).result()

    async def store(self, messages: tuple[Message, ...]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, messages)

    def close(self) -> None:
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()

    def _open(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB)")
        return connection

    def _insert(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            self._connection.execute("INSERT INTO inbox (key, body) VALUES (?, ?)", (message.key, message.body))


def _account(connection: Connection) -> None:
    accounts.add(
        connection,
        now(),
        platform="any",
        name="any",
        address="",
        settings={},
        hook_token="t" * 32,
        auto_accept=False,
    )
