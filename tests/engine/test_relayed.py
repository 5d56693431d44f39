"""The counter's end of a relay: acknowledged only what is committed, nothing blocked by a bad message, health on a row."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app import steady
from app.db import audit, inbox
from app.db.database import Database
from app.engine import relayed
from app.engine.bell import Bell
from app.engine.ingest import Ingest
from app.engine.relayed import RELAY_CREDENTIALS, RELAY_SHOP, RELAY_STATE, RELAY_URL, Relayed
from app.engine.webhooks import FAILED, FORGED, MALFORMED, Hook
from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest
from app.relay import stream as streams
from app.relay.connection import Server
from app.relay.envelope import message_id, pack
from app.relay.publisher import MailboxFullError, Publisher
from tests.engine.shop import house, open_account
from tests.relay.server import NatsServer, needs_server

TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def push(key: str, sign: str = "good", token: str = TOKEN, shop: str = "lee") -> WebhookRequest:
    body = json.dumps({"id": key}).encode()
    return WebhookRequest("POST", f"/hooks/{shop}/fake/{token}", {}, {"x-sign": sign}, body)


class Taker:
    """A platform that signs with the header `x-sign: good`; its connector has a bug for some messages."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    def receive(self, request: WebhookRequest) -> Received:
        self.asked.append(request.body)
        if request.headers.get("x-sign") != "good":
            raise ForgedWebhookError("signature")
        if b"bug" in request.body:
            raise KeyError("a mistake of ours")
        if b"strange" in request.body:
            raise ProtocolError("not the documented form")
        if b"probe" in request.body:
            return Received((), WebhookReply())
        return Received((Message(json.loads(request.body)["id"], "order", request.body, 1),), WebhookReply())


@dataclass
class Delivered:
    """One delivery of JetStream, and what became of it."""

    data: bytes
    times: int = 1
    subject: str = "orders.lee.fake"
    said: list[Any] = field(default_factory=list)

    @property
    def metadata(self) -> SimpleNamespace:
        return SimpleNamespace(num_delivered=self.times)

    async def ack(self) -> None:
        self.said.append("ack")

    async def nak(self, delay: float | None = None) -> None:
        self.said.append(("nak", delay))


class Counter:
    """A store, an account of the fake platform, and the counter's end on them."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.account = store.write_now(open_account, hook_token=TOKEN).id
        self.taker: Taker | None = Taker()
        self.full = False
        self.bell = Bell()
        self.ingest = Ingest(store, house(), self.bell, lambda _: None, lambda *_: None)
        self.relayed = Relayed(store, self.bell, self.ingest, self.find)

    def find(self, platform: str, token: str) -> Hook | None:
        known = (platform, token) == ("fake", TOKEN)
        return Hook(self.taker, self._store, lambda *_: None) if known else None

    async def _store(self, messages: tuple[Message, ...]) -> None:
        if self.full:
            raise OSError("no space left on device")
        await self.ingest.receive(self.account, messages, "push")

    async def takes(self, request: WebhookRequest | bytes, times: int = 1) -> list[Any]:
        """What a delivery is answered with."""
        data = request if isinstance(request, bytes) else pack(replace(request, received=NOON))
        delivered = Delivered(data, times)
        await self.relayed._safely(cast("Any", delivered), "lee")
        return delivered.said

    @property
    def stored(self) -> list[str]:
        due = self.store.read(inbox.due, steady.now())
        return [message.key for message in due]

    @property
    def refused(self) -> list[str]:
        return [message.reason for message in self.store.read(inbox.parked)]


@pytest.fixture
async def counter(store: Database, monkeypatch: pytest.MonkeyPatch) -> Counter:
    monkeypatch.setattr(relayed, "FAULT_PAUSE", 0.01)
    return Counter(store)


async def test_what_is_committed_is_acknowledged_and_a_redelivery_changes_nothing(counter: Counter) -> None:
    assert await counter.takes(push("m1")) == ["ack"]
    assert await counter.takes(push("m1"), times=2) == ["ack"]
    assert await counter.takes(push("probe")) == ["ack"]
    assert counter.stored == ["m1"]


async def test_what_cannot_be_stored_comes_again(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    counter.full = True
    assert await counter.takes(push("m1")) == [("nak", None)]
    counter.full = False
    assert await counter.takes(push("m1"), times=2) == ["ack"]
    assert counter.stored == ["m1"]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (push("m1", sign="bad"), FORGED),
        (push("strange"), MALFORMED),
        (WebhookRequest("POST", f"/hooks/lee/fake/{TOKEN}", {}, {"x-sign": "good"}, b"[" * 40), MALFORMED),
    ],
)
async def test_what_is_refused_is_kept_as_evidence_and_acknowledged(
    counter: Counter, request_: WebhookRequest, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert await counter.takes(request_) == ["ack"]
    assert counter.refused == [reason]
    assert counter.stored == []


async def test_a_mistake_of_ours_is_tried_again_and_then_kept_for_a_person(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    said = [await counter.takes(push("bug"), times) for times in range(1, 6)]
    assert said == [[("nak", 5.0)], [("nak", 10.0)], [("nak", 20.0)], [("nak", 40.0)], ["ack"]]
    assert counter.refused == [FAILED]


async def test_what_our_mistake_kept_from_being_read_waits_where_there_is_room_for_it(
    counter: Counter, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger with the address fills the evidence; a genuine order that we fail on must not be let go for that."""
    monkeypatch.setattr(inbox, "REFUSED_KEPT", 2)
    for number in range(3):
        assert await counter.takes(push(f"m{number}", sign="bad")) == ["ack"]
    assert await counter.takes(push("bug"), times=5) == [("nak", 80.0)]
    await counter.store.write(inbox.mark_seen, [one.id for one in counter.store.read(inbox.parked)])
    assert await counter.takes(push("bug"), times=6) == ["ack"]
    assert counter.refused == [FAILED]


async def test_a_closed_account_keeps_its_messages_at_the_relay(counter: Counter) -> None:
    counter.taker = None
    assert await counter.takes(push("m1")) == [("nak", 5.0)]
    assert await counter.takes(push("m1"), times=50) == [("nak", 300.0)]
    counter.taker = Taker()
    assert await counter.takes(push("m1"), times=51) == ["ack"]
    assert counter.stored == ["m1"]


async def test_what_is_for_nobody_here_is_let_go_and_said(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    for stray in (push("m1", token="A" * 22), push("m1", shop="wu"), b"garbage"):
        assert await counter.takes(stray) == ["ack"]
    assert counter.stored == []
    assert caplog.text.count("relay_address_unknown") == 2
    assert TOKEN not in caplog.text


async def test_a_message_of_a_later_release_waits_for_it(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    assert await counter.takes(b'{"v":2}\nx') == [("nak", 300.0)]


# With a real server


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the store rings no bell of ours
            await asyncio.sleep(0.01)


@pytest.fixture
async def nats_server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path).start()
    yield server
    server.kill()


@pytest.fixture
async def front(nats_server: NatsServer, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Publisher]:
    publisher = Publisher(Server(nats_server.url, nats_server.credentials("front"), "test", "_INBOX_front"), shops=("lee",))
    async with running(publisher.run()):
        await until(lambda: publisher.ready)
        yield publisher


async def send(front: Publisher, *requests: WebhookRequest) -> None:
    for one in requests:
        await front.publish("orders.lee.fake", pack(replace(one, received=NOON)), message_id(one))


def wish(counter: Counter, **values: str) -> None:
    """Store preferences as the screen does."""
    for name, value in values.items():
        counter.store.write_now(audit.set_preference, name, value)
    counter.bell.changed("problems")


def state(counter: Counter) -> tuple[str, str]:
    told = json.loads(counter.store.read(audit.preference, RELAY_STATE) or "{}")
    return told.get("state", ""), told.get("text", "")


@needs_server
async def test_messages_come_in_order_and_a_poisoned_one_stops_nobody(
    counter: Counter, nats_server: NatsServer, front: Publisher
) -> None:
    keys = [f"m{number}" for number in range(20)]
    await send(front, push("forged", "bad"), *(push(key) for key in keys[:10]), push("bug"))
    async with running(counter.relayed.run()):
        use(counter, nats_server)
        await until(lambda: len(counter.stored) == 10)
        await send(front, *(push(key) for key in keys[10:]))
        await until(lambda: len(counter.stored) == 20)
    assert counter.stored == keys
    assert counter.refused == [FORGED]
    assert state(counter) == ("ok", "")


def use(counter: Counter, server: NatsServer) -> None:
    wish(counter, relay_url=server.url, relay_shop="lee", relay_credentials=str(server.credentials("lee")))


@needs_server
async def test_a_full_mailbox_is_told_until_there_is_room(
    counter: Counter, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages of an account that is switched off fill it; switched on again, it empties and nothing is lost."""
    monkeypatch.setattr(streams, "MOST_WAITING", 5)
    monkeypatch.setattr(relayed, "FILL_SECONDS", 0.05)
    monkeypatch.setattr(relayed, "CLOSED_PAUSE", 0.05)
    taker, counter.taker = counter.taker, None
    publisher = Publisher(Server(nats_server.url, nats_server.credentials("front"), "test", "_INBOX_front"))
    async with running(publisher.run()), running(counter.relayed.run()):
        use(counter, nats_server)
        await until(lambda: "has no mailbox for lee" in state(counter)[1])
        await until(lambda: publisher.ready)
        await send(publisher, *(push(f"m{number}") for number in range(4)))
        await until(
            lambda: state(counter)[0] == "ok" and "nearly full, most of it with messages of fake" in state(counter)[1]
        )
        await send(publisher, push("m4"))
        with pytest.raises(MailboxFullError):
            await send(publisher, push("m5"))
        await until(lambda: "is full, most of it with messages of fake" in state(counter)[1])
        counter.taker = taker
        await until(lambda: state(counter) == ("ok", ""))
        await send(publisher, push("m5"))
        await until(lambda: len(counter.stored) == 6)
    assert sorted(counter.stored) == [f"m{number}" for number in range(6)]


@needs_server
async def test_it_comes_back_by_itself_and_says_how_it_is(
    counter: Counter, nats_server: NatsServer, front: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(counter.relayed.run()):
        use(counter, nats_server)
        await until(lambda: state(counter)[0] == "ok")
        nats_server.kill()
        await until(lambda: state(counter)[0] == "degraded")
        assert state(counter)[1]
        nats_server.start()
        await until(lambda: state(counter)[0] == "ok" and front.ready)
        await send(front, push("m1"))
        await until(lambda: counter.stored == ["m1"])
        wish(counter, relay_url="")
        await until(lambda: state(counter)[0] == "off")


@needs_server
async def test_a_wrong_password_is_said_in_the_servers_words_and_can_be_mended(
    counter: Counter, nats_server: NatsServer, tmp_path: Path, front: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("lee:wrong", "utf-8")
    async with running(counter.relayed.run()):
        wish(counter, relay_url=nats_server.url, relay_shop="lee", relay_credentials=str(wrong))
        await until(lambda: "authorization" in state(counter)[1].lower())
        assert state(counter)[0] == "degraded"
        use(counter, nats_server)
        await until(lambda: state(counter)[0] == "ok")


@needs_server
async def test_another_shops_name_is_not_enough_to_get_its_orders(
    counter: Counter, nats_server: NatsServer, front: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    await send(front, push("m1"))
    async with running(counter.relayed.run()):
        wish(counter, relay_url=nats_server.url, relay_shop="lee", relay_credentials=str(nats_server.credentials("wu")))
        await until(lambda: "permissions violation" in state(counter)[1])
        assert state(counter)[0] == "degraded"
    assert counter.stored == []


@pytest.mark.parametrize(
    "values",
    [
        {RELAY_URL: "nats://relay.example:4222", RELAY_SHOP: "lee"},
        {RELAY_URL: "tls://relay.example:4222", RELAY_SHOP: "Lee's"},
        {RELAY_URL: "tls://relay.example:4222", RELAY_SHOP: ""},
        {RELAY_URL: "tls://[", RELAY_SHOP: "lee"},
        {RELAY_URL: "nats://127.0.0.1:1", RELAY_SHOP: "lee", RELAY_CREDENTIALS: "/nowhere/lee.txt"},
        {RELAY_URL: "nats://127.0.0.1:1", RELAY_SHOP: "lee", RELAY_CREDENTIALS: sys.executable},
    ],
)
async def test_what_is_set_up_wrongly_is_said(
    counter: Counter, values: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with running(counter.relayed.run()):
        wish(counter, **values)
        await until(lambda: state(counter)[0] == "degraded")
    assert state(counter)[1]


async def test_a_shop_without_a_relay_stores_and_says_nothing(counter: Counter) -> None:
    rung: list[str] = []
    counter.bell.subscribe(lambda change: rung.append(change.topic))
    async with running(counter.relayed.run()):
        await asyncio.sleep(0.05)
    assert (rung, state(counter)) == ([], ("", ""))


async def test_a_fault_of_the_store_does_not_end_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([OSError("disk"), OSError("disk")])
    honest = relayed._wish

    def sometimes(connection: Any) -> relayed.Wish:
        for failure in failures:
            raise failure
        return honest(connection)

    monkeypatch.setattr(relayed, "_wish", sometimes)
    async with running(counter.relayed.run()):
        wish(counter, relay_url="nats://127.0.0.1:1", relay_shop="lee")
        await until(lambda: state(counter)[0] == "degraded")
    assert caplog.text.count("relay_failed") == 2
