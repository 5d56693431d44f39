"""One shop never stops another, on a real server: a full mailbox refuses its own shop only, forgets nothing, and heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from nats.js import JetStreamContext
from nats.js.errors import FetchTimeoutError

from app.platforms.eleme import platform as eleme
from app.relay import publisher as publishers
from app.relay import stream as streams
from app.relay.connection import RelayError, Server
from app.relay.envelope import mailbox, unpack
from app.relay.front import Front
from app.relay.publisher import MailboxFullError, NotStoredError, Publisher
from app.relay.stream import ensure_consumer, ensure_mailbox, fill, wanted
from tests.relay.server import NatsServer, needs_server
from tests.relay.test_stream import publishing, ready, signed_in

pytestmark = [needs_server, pytest.mark.usefixtures("patience")]

TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"
ROOM = 512 * 1024
BODY = b"x" * 50_000


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAILBOX_BYTES", ROOM)


class Door:
    """The platforms' side of a front on a real server."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.acknowledged: list[str] = []

    async def push(self, shop: str, number: int, platform: str = "eleme") -> httpx.Response:
        """One push as a platform sends it, the same bytes each time."""
        answer = await self._client.post(f"/hooks/{shop}/{platform}/{TOKEN}", params={"m": f"{shop}{number}"}, content=BODY)
        if answer.status_code == 200:
            self.acknowledged.append(f"{shop}{number}")
        return answer

    async def flood(self, shop: str) -> int:
        """Push until it is refused; the number of the first that was."""
        for number in range(200):
            if (await self.push(shop, number)).status_code != 200:
                return number
        raise AssertionError("never full")


@asynccontextmanager
async def door(server: NatsServer, shops: Sequence[str] = ("lee", "wu")) -> AsyncIterator[Door]:
    publisher = Publisher(Server(server.url, server.credentials("front"), "test", "_INBOX_front"), server.monitor, shops)
    running = asyncio.create_task(publisher.run())
    web = Front(publisher, {"eleme": eleme, "other": replace(eleme, name="other")}).server()
    try:
        await ready(publisher, running)
        async with httpx.AsyncClient(base_url=await web.listen(), trust_env=False, timeout=60) as client:
            yield Door(client)
    finally:
        await web.close()
        running.cancel()
        with suppress(asyncio.CancelledError, RelayError):
            await running


async def drained(js: JetStreamContext, shop: str) -> list[str]:
    """What the shop's counter takes out until nothing is left."""
    await ensure_consumer(js, shop)
    place = await js.pull_subscribe_bind(shop, stream=mailbox(shop))
    taken: list[str] = []
    while (await js.stream_info(mailbox(shop))).state.messages:
        with suppress(FetchTimeoutError):
            for message in await place.fetch(20, 5):
                taken.append(unpack(message.data).query["m"])
                await message.ack_sync(15)
    return taken


async def test_a_full_shop_is_told_to_try_again_and_no_other_shop_notices(
    nats_server: NatsServer, small: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with door(nats_server) as platforms, signed_in(nats_server, "lee") as lee, signed_in(nats_server, "wu") as wu:
        refused = await platforms.flood("lee")
        again = [await platforms.push("lee", refused) for _ in range(3)]
        assert [(one.status_code, one.headers["retry-after"], one.content) for one in again] == [(503, "60", b"")] * 3
        assert caplog.text.count("relay_mailbox_full") == 1, "a flood is one line of the log"
        assert [(await platforms.push("wu", number)).status_code for number in range(3)] == [200] * 3
        assert (await fill(lee.jetstream(), "lee")).share == 1

        taken = await drained(lee.jetstream(timeout=15), "lee")
        assert (await fill(lee.jetstream(), "lee")).share == 0
        assert (await platforms.push("lee", refused)).status_code == 200, "the very push that was refused"
        taken += await drained(lee.jetstream(timeout=15), "lee") + await drained(wu.jetstream(timeout=15), "wu")
    assert sorted(taken) == sorted(platforms.acknowledged)
    assert taken.count(f"lee{refused}") == 1


async def test_in_one_stream_for_all_the_first_full_shop_stops_the_others(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The control: the same flood on one shared stream with the same bounds for each platform of each shop."""

    async def as_it_is(_: JetStreamContext, __: str) -> list[str]:
        return []

    monkeypatch.setattr(publishers, "ensure_mailbox", as_it_is)
    monkeypatch.setattr(publishers, "mailbox", lambda _: "ORDERS")
    async with signed_in(nats_server, "admin") as admin:
        shared = replace(wanted("lee"), name="ORDERS", subjects=["orders.*.*"], max_bytes=ROOM)
        await admin.jetstream().add_stream(shared)
        async with door(nats_server) as platforms:
            await platforms.flood("lee")
            assert (await platforms.push("wu", 0)).status_code == 503


async def test_a_shop_has_room_for_its_other_platforms_after_one_sent_its_share(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 3)
    async with door(nats_server) as platforms, signed_in(nats_server, "lee") as lee:
        assert await platforms.flood("lee") == 3
        found = await fill(lee.jetstream(), "lee")
        assert (found.messages, found.share, found.fullest) == (3, 1.0, "eleme")
        assert (await platforms.push("lee", 9, "other")).status_code == 200


async def test_a_mailbox_that_the_server_has_no_room_for_stops_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(streams, "MAILBOX_BYTES", 1024**2)
    server = NatsServer(tmp_path, room="2500KB").start()
    try:
        async with door(server, ("lee", "wu", "zhao")) as platforms:
            told = [(await platforms.push(shop, 1)).status_code for shop in ("lee", "wu", "zhao", "lee")]
        assert told == [200, 200, 503, 200]
    finally:
        server.kill()
    assert caplog.text.count("relay_no_mailbox") == 1


async def test_a_shop_that_was_not_listed_gets_its_mailbox_with_its_first_push(nats_server: NatsServer) -> None:
    async with door(nats_server, ()) as platforms, signed_in(nats_server, "lee") as lee:
        assert (await platforms.push("lee", 1)).status_code == 200
        assert await drained(lee.jetstream(timeout=15), "lee") == ["lee1"]


async def test_a_mailbox_that_was_taken_away_is_made_again(
    nats_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with publishing(nats_server) as publisher, signed_in(nats_server, "admin") as admin:
        await publisher.publish("orders.lee.eleme", b"1", "1")
        await admin.jetstream().delete_stream(mailbox("lee"))
        with pytest.raises(NotStoredError) as refused:
            await publisher.publish("orders.lee.eleme", b"2", "2")
        assert not isinstance(refused.value, MailboxFullError)
        await publisher.publish("orders.lee.eleme", b"2", "2")


async def test_the_stream_for_all_of_an_earlier_release_is_not_written_past(nats_server: NatsServer) -> None:
    async with signed_in(nats_server, "admin") as admin:
        await admin.jetstream().add_stream(replace(wanted("lee"), name="ORDERS", subjects=["orders.*.*"]))
        with pytest.raises(RelayError, match="README"):
            await ensure_mailbox(admin.jetstream(), "lee")
