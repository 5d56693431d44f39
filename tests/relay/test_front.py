"""The front over real loopback HTTP: nothing is answered before JetStream has it, and only who is known is written to."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from app.platforms.api import Platform, ProtocolError, Settings, WebhookReply, WebhookRequest
from app.platforms.eleme import platform as eleme
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.signing import sign_push
from app.relay.connection import RelayError
from app.relay.envelope import message_id, unpack
from app.relay.front import LIMITS, Front, read_shops
from app.relay.publisher import NotStoredError
from tests.architecture.source import ROOT

TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"
DOOR = f"/hooks/lee/eleme/{TOKEN}"


def minted(request: WebhookRequest) -> WebhookReply:
    """A platform that wants an id back, made of what it sent."""
    try:
        return WebhookReply(202, json.dumps({"ours": json.loads(request.body)["id"]}).encode(), "text/json")
    except (ValueError, KeyError) as error:
        raise ProtocolError("no id") from error


PLATFORMS: dict[str, Platform] = {
    "eleme": eleme,
    "plain": replace(eleme, name="plain", relay_reply=None),
    "minting": replace(eleme, name="minting", relay_reply=minted),
}


class Stream:
    """JetStream as the test wants it."""

    ready = True
    flushes = True

    def __init__(self) -> None:
        self.stored: list[tuple[str, WebhookRequest, str]] = []
        self.may_store = asyncio.Event()
        self.may_store.set()
        self.asked = asyncio.Event()
        self.full = False

    async def publish(self, subject: str, message: bytes, message_id: str) -> None:
        self.asked.set()
        await self.may_store.wait()
        if self.full:
            raise NotStoredError("maximum messages per subject exceeded")
        self.stored.append((subject, unpack(message), message_id))


@pytest.fixture
async def stream() -> Stream:
    return Stream()


@pytest.fixture
async def front(stream: Stream) -> Front:
    return Front(stream, PLATFORMS, limits=replace(LIMITS, body_seconds=60, head_seconds=60))


@pytest.fixture
async def public(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    server = front.server()
    address = await server.listen()
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:
        yield client
    await server.close()


async def test_the_answer_waits_for_jetstream_and_is_the_platforms_own(public: httpx.AsyncClient, stream: Stream) -> None:
    stream.may_store.clear()
    sending = asyncio.create_task(public.post(f"{DOOR}/new?v=1", content=b'{"id":"m1"}', headers={"X-Sign": "good"}))
    await stream.asked.wait()
    done, _ = await asyncio.wait({sending}, timeout=0.1)
    assert not done
    stream.may_store.set()
    answer = await sending
    assert (answer.status_code, answer.content) == (200, b'{"message":"ok"}')
    ((subject, request, known),) = stream.stored
    assert subject == "orders.lee.eleme"
    assert (request.method, request.path, request.query) == ("POST", f"{DOOR}/new", {"v": "1"})
    assert (request.headers["x-sign"], request.body) == ("good", b'{"id":"m1"}')
    assert request.headers["host"] == public.base_url.netloc.decode()
    assert known == message_id(request)


async def test_what_jetstream_does_not_take_is_not_claimed(
    public: httpx.AsyncClient, stream: Stream, caplog: pytest.LogCaptureFixture
) -> None:
    stream.full = True
    answer = await public.post(DOOR, content=b"x")
    assert (answer.status_code, answer.content, answer.headers["retry-after"]) == (503, b"", "5")
    assert stream.stored == []
    assert "relay_not_stored" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("platform", "status", "body"),
    [("plain", 200, b"{}"), ("minting", 202, b'{"ours": "m1"}'), ("eleme", 200, b'{"message":"ok"}')],
)
async def test_each_platform_hears_what_it_wants(
    public: httpx.AsyncClient, stream: Stream, platform: str, status: int, body: bytes
) -> None:
    answer = await public.post(DOOR.replace("eleme", platform), content=b'{"id":"m1"}')
    assert (answer.status_code, answer.content, len(stream.stored)) == (status, body, 1)


@pytest.mark.parametrize("body", [b"not JSON", b'{"no":"id"}', b"[" * 40])
async def test_what_is_not_the_platforms_form_is_told_so_and_not_kept(
    public: httpx.AsyncClient, stream: Stream, body: bytes
) -> None:
    answer = await public.post(DOOR.replace("eleme", "minting"), content=body)
    assert (answer.status_code, answer.content, stream.stored) == (400, b"", [])


def test_elemes_answer_is_what_its_connector_would_answer() -> None:
    async def keep(_: object) -> None:
        return

    envelope = {"appId": 1, "requestId": "r", "type": 10, "message": "{}", "shopId": 2, "timestamp": 3, "userId": 4}
    envelope["signature"] = sign_push(envelope, "secret")
    connector = ElemeConnector(Settings(1, {"secret": "secret", "shop_id": "2"}, keep), httpx.AsyncClient())
    for method, body in (("GET", b""), ("POST", json.dumps(envelope).encode())):
        request = WebhookRequest(method, DOOR, {}, {}, body)
        assert eleme.relay_reply
        assert eleme.relay_reply(request) == connector.receive(request).reply


async def test_a_probe_is_answered_and_nothing_is_kept(public: httpx.AsyncClient, stream: Stream) -> None:
    stream.full = True
    answer = await public.get(DOOR)
    assert (answer.status_code, answer.content) == (200, b'{"message":"ok"}')
    stream.full = False
    assert (await public.get(f"{DOOR}?ping=1")).status_code == 200
    assert [request.query for _, request, _ in stream.stored] == [{"ping": "1"}]


@pytest.mark.parametrize("path", ["/", "/hooks/lee/nobody/" + TOKEN, "/hooks/lee/eleme/short", "/hooks/*/eleme/" + TOKEN])
async def test_nothing_else_exists(public: httpx.AsyncClient, stream: Stream, path: str) -> None:
    assert (await public.post(path, content=b"x")).status_code == 404
    assert stream.stored == []


async def test_only_known_shops_are_written_to(public: httpx.AsyncClient, stream: Stream, front: Front) -> None:
    front._shops = {"lee": {"eleme": frozenset({hashlib.sha256(TOKEN.encode()).hexdigest()})}}
    paths = [DOOR, DOOR.replace("lee", "wu"), DOOR.replace("eleme", "plain"), DOOR + "0"]
    assert [(await public.post(path, content=b"x")).status_code for path in paths] == [200, 404, 404, 404]
    assert [subject for subject, _, _ in stream.stored] == ["orders.lee.eleme"]


async def test_size_and_rate_are_bounded(public: httpx.AsyncClient, stream: Stream, front: Front) -> None:
    assert (await public.post(DOOR, content=b"x" * (LIMITS.body_bytes + 1))).status_code == 413
    assert stream.stored == []
    front._rate._per_second = 0
    answer = await public.post(DOOR, content=b"x")
    assert (answer.status_code, answer.headers["retry-after"], stream.stored) == (503, "1", [])


async def test_a_body_that_comes_too_slowly_is_cut(public: httpx.AsyncClient, stream: Stream, front: Front) -> None:
    front._limits = replace(front._limits, body_seconds=0.2)
    reader, writer = await asyncio.open_connection(public.base_url.host, public.base_url.port)
    writer.write(f"POST {DOOR} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf".encode())
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    assert stream.stored == []


async def test_a_balancer_is_told_whether_a_publish_has_a_chance(public: httpx.AsyncClient, stream: Stream) -> None:
    assert (await public.get("/health")).status_code == 200
    stream.ready = False
    assert (await public.get("/health")).status_code == 503


def test_the_list_of_shops_is_read_or_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "shops.json"
    path.write_text('{"lee": {"eleme": ["5f"]}}', "utf-8")
    assert read_shops(path) == {"lee": {"eleme": frozenset({"5f"})}}
    for wrong in ("[", "[]", '{"lee": 1}', '{"Lee": {}}'):
        path.write_text(wrong, "utf-8")
        with pytest.raises(RelayError):
            read_shops(path)


def test_it_needs_neither_qt_nor_the_store_nor_the_engine() -> None:
    code = (
        "import sys, app.cli.receive; from app.platforms.registry import platforms; platforms();"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'sqlalchemy', 'sqlcipher3', 'keyring')"
        " or m.startswith(('app.db', 'app.ui', 'app.printing'))"
        " or (m.startswith('app.engine.') and m != 'app.engine.guard')])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert told.stdout.strip() == "[]"
