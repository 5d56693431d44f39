"""A platform, a public front, a NATS server and a counter, each a process that can be killed; and the judge of them all."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import httpx
from nats.aio.client import Client
from sqlalchemy import Connection, select

from app.config import DataFolder
from app.db import audit
from app.db.database import Database
from app.db.inbox import waiting
from app.db.tables import inbox, orders
from app.engine.relayed import RELAY_CREDENTIALS, RELAY_SHOP, RELAY_URL
from app.engine.secrets import Vault
from app.relay.envelope import mailbox
from tests.architecture.source import ROOT
from tests.engine.shop import open_account
from tests.relay.counter import MASTER
from tests.relay.server import NatsServer, free_ports

TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"
REPLY = b'{"message":"ok"}'  # Ele.me's


class Process:
    """One command that is started, killed and started again; it says on standard output when it is up."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = [sys.executable, *command]
        self._log = log
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it has said its first line."""
        quick = {name: value for name, value in os.environ.items() if name != "PYTHONASYNCIODEBUG"}
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=quick
            )
        assert self._running.stdout
        assert self._running.stdout.readline(), self._log.read_text("utf-8")[-3000:]

    def kill(self) -> None:
        """At once; idempotent."""
        running, self._running = self._running, None
        if running is not None:
            running.kill()
            running.communicate(timeout=10)


class Street:
    """Everything between a platform and the store of one counter."""

    def __init__(self, folder: Path) -> None:
        self.server = NatsServer(folder)
        self.folder = DataFolder(folder / "shop")
        (port,) = free_ports(1)
        self.door = f"http://127.0.0.1:{port}/hooks/lee/eleme/{TOKEN}"
        credentials = str(self.server.credentials("front"))
        front = ["-m", "app", "receive", "--nats", self.server.url, "--listen", f"127.0.0.1:{port}"]
        self.front = Process([*front, "--credentials", credentials, "--monitor", self.server.monitor], folder / "front.log")
        self.counter = Process(["-m", "tests.relay.counter", str(self.folder.root)], folder / "counter.log")

    def open(self) -> None:
        """A shop with one account that uses the relay; nothing runs yet."""
        with self._store() as store:
            store.write_now(open_account, platform="eleme", hook_token=TOKEN)
            wanted = {RELAY_URL: self.server.url, RELAY_SHOP: "lee", RELAY_CREDENTIALS: str(self.server.credentials("lee"))}
            for name, value in wanted.items():
                store.write_now(audit.set_preference, name, value)

    def close(self) -> None:
        """Kill what runs."""
        for one in (self.front, self.counter, self.server):
            one.kill()

    def messages(self) -> Counter[str]:
        """Keys in the counter's inbox."""
        with self._store() as store:
            return Counter(store.read(_column, inbox.c.key))

    def orders(self) -> Counter[str]:
        """The platform's numbers of the counter's orders."""
        with self._store() as store:
            return Counter(store.read(_column, orders.c.platform_order_id))

    def unread(self) -> int:
        """Messages that the running counter has stored and not looked at yet."""
        store = Database.attach(self.folder.database, Vault(MASTER, "a test").database_key)
        try:
            return store.read(waiting)
        finally:
            store.close()

    def _store(self) -> Database:
        return Database.open(self.folder.create().database, Vault(MASTER, "a test").database_key)


def _column(connection: Connection, column: object) -> list[str]:
    return [str(one) for one in connection.execute(select(column)).scalars()]  # type: ignore[call-overload]  # any column


class PretendPlatform:
    """Pushes each order until it is told `REPLY`, and now and then once more; remembers what was acknowledged."""

    def __init__(self, door: str, seed: int) -> None:
        self.acknowledged: set[str] = set()
        self.refusals = 0
        self._door = door
        self._chance = random.Random(seed)

    async def push(self, number: int, tries: int = 200) -> None:
        """One order, acknowledged in the end."""
        key = f"m{number}"
        for _ in range(tries):
            if await self._told(number):
                self.acknowledged.add(key)
                if self._chance.random() < 0.2:
                    await self._told(number)
                return
            self.refusals += 1
            await asyncio.sleep(0.1)
        raise AssertionError(f"{key} was never acknowledged")

    async def _told(self, number: int) -> bool:
        body = json.dumps({"key": f"m{number}", "order_id": f"P-{number}", "kitchen": "new", "at": number}).encode()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
                answer = await client.post(self._door, content=body, headers={"x-signed": "yes"})
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and answer.content == REPLY


async def drained(street: Street) -> None:
    """Returns when the counter has taken everything from the stream and read it."""
    client = Client()
    await client.connect(street.server.url, user="admin", password="a", allow_reconnect=False)
    try:
        async with asyncio.timeout(80):
            while (await client.jetstream().stream_info(mailbox("lee"))).state.messages:  # noqa: ASYNC110 - no bell here either
                await asyncio.sleep(0.05)
            while street.unread():  # noqa: ASYNC110 - nor here
                await asyncio.sleep(0.05)
    finally:
        await client.close()


def judge(platform: PretendPlatform, street: Street) -> tuple[set[str], list[str]]:
    """(acknowledged but not in the store, in the store twice)."""
    messages, orders = street.messages(), street.orders()
    lost = {key for key in platform.acknowledged if not messages[key] or not orders[f"P-{key[1:]}"]}
    return lost, [key for key, times in [*messages.items(), *orders.items()] if times > 1]
