"""Against a real server: the stream is made, or refused when it would lose orders; nobody reads another's; TLS only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, PersistMode, RetentionPolicy, StorageType

from app.relay.connection import RelayError, Server, keep
from app.relay.envelope import mailbox
from app.relay.publisher import NotStoredError, Publisher
from app.relay.stream import ensure_consumer, ensure_mailbox, flushes_always, require_flushes, wanted
from tests.relay.certificate import authority
from tests.relay.server import NatsServer, needs_server

pytestmark = [needs_server, pytest.mark.usefixtures("patience")]


@asynccontextmanager
async def signed_in(server: NatsServer, user: str, objections: list[str] | None = None) -> AsyncIterator[Client]:
    async def note(error: Exception) -> None:
        if objections is not None:
            objections.append(str(error).lower())

    client = Client()
    await client.connect(
        server.url, user=user, password=user[0], inbox_prefix=f"_INBOX_{user}", allow_reconnect=False, error_cb=note
    )
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def publishing(server: NatsServer, user: str = "front", monitor: str = "") -> AsyncIterator[Publisher]:
    publisher = Publisher(Server(server.url, server.credentials(user), "test", f"_INBOX_{user}"), monitor)
    running = asyncio.create_task(publisher.run())
    try:
        await ready(publisher, running)
        yield publisher
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, RelayError):
            await running


async def ready(publisher: Publisher, running: asyncio.Task[None]) -> None:
    async with asyncio.timeout(60):
        while not publisher.ready:
            if running.done():
                await running
            await asyncio.sleep(0.01)


async def test_the_stream_is_made_once_and_nothing_is_odd_about_it(nats_server: NatsServer) -> None:
    async with signed_in(nats_server, "front") as client:
        js = client.jetstream()
        assert await ensure_mailbox(js, "lee") == []
        assert await ensure_mailbox(js, "lee") == []
        found = (await js.stream_info(mailbox("lee"))).config
    assert (found.storage, found.retention, found.discard) == ("file", "workqueue", "new")
    assert (found.subjects, found.duplicate_window, found.discard_new_per_subject) == (["orders.lee.*"], 600.0, True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"storage": StorageType.MEMORY}, "storage"),
        ({"discard": DiscardPolicy.OLD, "discard_new_per_subject": False}, "discard"),
        ({"retention": RetentionPolicy.LIMITS}, "retention"),
        ({"subjects": ["orders.lee.eleme"]}, "subjects"),
        ({"persist_mode": PersistMode.ASYNC}, "persist_mode"),
        ({"no_ack": True}, "no_ack"),
        ({"max_age": 3600.0}, "max_age"),
    ],
)
async def test_a_stream_that_would_lose_orders_is_refused(
    nats_server: NatsServer, change: dict[str, Any], reason: str
) -> None:
    async with signed_in(nats_server, "admin") as client:
        await client.jetstream().add_stream(replace(wanted("lee"), **change))
        with pytest.raises(RelayError, match=reason):
            await ensure_mailbox(client.jetstream(), "lee")


async def test_a_stream_with_other_limits_is_used_and_said(nats_server: NatsServer) -> None:
    async with signed_in(nats_server, "admin") as client:
        await client.jetstream().add_stream(replace(wanted("lee"), duplicate_window=60.0, discard_new_per_subject=False))
        odd = await ensure_mailbox(client.jetstream(), "lee")
    assert len(odd) == 2
    assert "duplicate_window" in odd[0]


async def test_the_monitoring_address_tells_whether_the_server_flushes(nats_server: NatsServer, tmp_path: Path) -> None:
    assert await require_flushes(nats_server.monitor) == ""
    lazy = NatsServer(tmp_path, sync="2m").start()
    try:
        assert await flushes_always(lazy.monitor) is False
        with pytest.raises(RelayError, match="sync_interval"):
            async with publishing(lazy, monitor=lazy.monitor):
                pytest.fail("a server that forgets was used")
    finally:
        lazy.kill()
    assert await flushes_always(lazy.monitor) is None
    assert "sync_interval" in await require_flushes("")


async def test_a_repeat_is_acknowledged_and_kept_once(nats_server: NatsServer, caplog: pytest.LogCaptureFixture) -> None:
    async with publishing(nats_server) as publisher:
        for known in ("a", "a", "b"):
            await publisher.publish("orders.lee.eleme", known.encode(), known)
    assert "could not be checked" in caplog.text
    async with signed_in(nats_server, "admin") as client:
        assert (await client.jetstream().stream_info(mailbox("lee"))).state.messages == 2


async def test_without_a_server_nothing_is_stored_and_afterwards_everything_is(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publisher = Publisher(Server(nats_server.url, nats_server.credentials("front"), "test", "_INBOX_front"))
    running = asyncio.create_task(publisher.run())
    await ready(publisher, running)
    nats_server.kill()
    with monkeypatch.context() as hasty:
        hasty.setattr("app.relay.publisher.STORED_SECONDS", 0.5)
        with pytest.raises(NotStoredError):
            await publisher.publish("orders.lee.eleme", b"1", "1")
    async with asyncio.timeout(60):
        while publisher.ready:  # noqa: ASYNC110 - bounded, and nothing rings a bell here
            await asyncio.sleep(0.01)
    nats_server.start()
    await ready(publisher, running)
    await publisher.publish("orders.lee.eleme", b"1", "1")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert caplog.text.count("relay_lost") <= 3


async def test_a_shop_reads_its_own_and_nothing_else(nats_server: NatsServer) -> None:
    objections: list[str] = []
    async with signed_in(nats_server, "admin") as admin, signed_in(nats_server, "lee", objections) as lee:
        for shop in ("lee", "wu"):
            await ensure_mailbox(admin.jetstream(), shop)
        await ensure_consumer(admin.jetstream(), "wu")
        for subject in ("orders.lee.eleme", "orders.wu.eleme"):
            await admin.jetstream().publish(subject, subject.encode())
        js = lee.jetstream(timeout=15)
        await ensure_consumer(js, "lee")
        (message,) = await (await js.pull_subscribe_bind("lee", stream=mailbox("lee"))).fetch(1, 15)
        assert message.data == b"orders.lee.eleme"
        await message.ack_sync(15)

        for attempt in _break_in(lee.jetstream(timeout=0.5), lee):  # a refusal is silence
            with pytest.raises((NatsError, TimeoutError)):
                await attempt
        for subject in ("orders.>", "_INBOX_wu.>", "_INBOX.>"):
            await lee.subscribe(subject)
        await refused(objections, 10)
        assert (await admin.jetstream().stream_info(mailbox("wu"))).state.messages == 1  # untouched


async def refused(objections: list[str], times: int) -> None:
    """The server's objections are told by tasks of their own, some time after the answer to a flush."""
    async with asyncio.timeout(60):
        while len([one for one in objections if "permissions violation" in one]) < times:  # noqa: ASYNC110 - bounded, and nothing rings a bell here
            await asyncio.sleep(0.01)


def _break_in(js: JetStreamContext, lee: Client) -> list[Any]:
    """Every way for lee to get at what is wu's."""
    wus = ConsumerConfig(name="lee", durable_name="lee", filter_subject="orders.wu.>", ack_policy=AckPolicy.EXPLICIT)
    both = replace(wus, filter_subject=None, filter_subjects=["orders.lee.>", "orders.wu.>"])
    cheating = b'{"stream_name":"%s","config":{"name":"lee","durable_name":"lee","ack_policy":"explicit",%s}}'

    async def made(stream: bytes, body: bytes) -> None:
        """The subject is permitted; the server must compare it with what the request asks for."""
        answer = await lee.request(
            "$JS.API.CONSUMER.CREATE.ORDERS_lee.lee.orders.lee.>", cheating % (stream, body), timeout=15
        )
        assert b'"error"' in answer.data
        raise NatsError

    return [
        js.add_consumer(mailbox("wu"), wus),
        js.add_consumer(mailbox("lee"), wus),
        js.add_consumer(mailbox("lee"), both),
        made(b"ORDERS_lee", b'"filter_subject":"orders.wu.>"'),
        made(b"ORDERS_lee", b'"filter_subjects":["orders.wu.>"]'),
        made(b"ORDERS_wu", b'"filter_subject":"orders.lee.>"'),
        js.stream_info(mailbox("wu")),
        js.get_msg(mailbox("wu"), 1),
        js.publish("orders.wu.eleme", b"forged"),
        lee.request("$JS.API.CONSUMER.MSG.NEXT.ORDERS_wu.wu", b"1", timeout=0.5),
    ]


@pytest.mark.parametrize(
    "url",
    ["nats://relay.example:4222", "http://127.0.0.1", "relay.example", "tls://lee:secret@relay.example", "ws://127.0.0.1"],
)
def test_nothing_leaves_this_computer_in_the_clear(url: str) -> None:
    with pytest.raises(RelayError):
        Server(url, None, "test", "_INBOX_lee")


async def test_over_tls_with_a_certificate_that_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, key = authority(tmp_path)
    tls = f'tls {{ cert_file: "{certificate.as_posix()}", key_file: "{key.as_posix()}", handshake_first: true }}'
    server = NatsServer(tmp_path, more=tls).start()
    server.url = server.url.replace("nats://", "tls://")
    try:
        assert "certificate verify failed" in await _reason_for_losing(server)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with publishing(server) as publisher:
            await publisher.publish("orders.lee.eleme", b"1", "1")
    finally:
        server.kill()


@asynccontextmanager
async def somebody_on_the_way(heard: bytearray) -> AsyncIterator[str]:
    """Says in the server's name that it wants no TLS, and listens."""

    async def man_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b'INFO {"server_id":"x","version":"2.15.1","headers":true,"auth_required":true,"max_payload":1048576}\r\n'
        )
        with suppress(ConnectionError):
            heard.extend(await reader.read(4096))
        writer.close()

    middle = await asyncio.start_server(man_in_the_middle, "127.0.0.1", 0)
    try:
        yield f"tls://127.0.0.1:{middle.sockets[0].getsockname()[1]}"
    finally:
        middle.close()
        await middle.wait_closed()


async def test_a_server_that_says_it_wants_no_tls_learns_no_password(nats_server: NatsServer) -> None:
    heard = bytearray()
    async with somebody_on_the_way(heard) as nats_server.url:
        assert await _reason_for_losing(nats_server)
    assert not heard or heard[0] == 0x16  # nothing, or the first byte of a handshake
    assert b"front" not in heard


async def test_nats_py_by_itself_would_have_told_it() -> None:
    async def silent(_: Exception) -> None:
        return

    heard, client = bytearray(), Client()
    async with somebody_on_the_way(heard) as url:
        with suppress(NatsError, OSError, TimeoutError):
            await client.connect(url, user="front", password="f", allow_reconnect=False, connect_timeout=2, error_cb=silent)
        await client.close()
    assert b'"user": "front"' in heard


async def _reason_for_losing(server: NatsServer) -> str:
    """Why a first try to connect ends."""
    reasons: asyncio.Queue[str] = asyncio.Queue()

    async def nothing(_: Client) -> None:
        pytest.fail("connected")

    running = asyncio.create_task(
        keep(Server(server.url, server.credentials("front"), "test", "_INBOX_front"), nothing, reasons.put)
    )
    async with asyncio.timeout(60):
        reason = await reasons.get()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return reason
