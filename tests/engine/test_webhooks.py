"""The webhook receiver over real loopback HTTP: nothing is acknowledged before it is stored, nothing bad gets further."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import pytest

from app.engine import webhooks
from app.engine.guard import Limits
from app.engine.webhooks import Hook, Receiver
from app.platforms.api import ForgedWebhookError, Message, ProtocolError, Received, WebhookReply, WebhookRequest

TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"
# A whole request arrives at once and is never cut by these, however busy the machine; slow heads are tested with the guard.
LIMITS = Limits(head_seconds=60, body_seconds=0.5, rate=1000)
REPLY = WebhookReply(200, b'{"message":"ok"}', "application/json; charset=utf-8")


class Shop:
    """A platform that signs with the header `X-Sign: good`, and an inbox."""

    def __init__(self) -> None:
        self.requests: list[WebhookRequest] = []
        self.stored: list[Message] = []
        self.rejected: list[str] = []
        self.evidence: list[bytes] = []
        self.may_store = asyncio.Event()
        self.may_store.set()
        self.storing = asyncio.Event()
        self.committed = asyncio.Event()
        self.fault: Exception | None = None

    def receive(self, request: WebhookRequest) -> Received:
        self.requests.append(request)
        if request.method == "GET":
            return Received((), REPLY)
        if request.headers.get("x-sign") != "good":
            raise ForgedWebhookError("signature")
        if request.method != "POST":
            raise ProtocolError("method")
        if request.body == b"bug":
            raise KeyError("a private detail")
        try:
            key = json.loads(request.body)["id"]
        except ValueError as error:
            raise ProtocolError("not JSON") from error
        return Received((Message(key, "order", request.body, 1),), REPLY)

    def reject(self, reason: str, body: bytes) -> None:
        self.rejected.append(reason)
        self.evidence.append(body)

    async def store(self, messages: tuple[Message, ...]) -> None:
        self.storing.set()
        await self.may_store.wait()
        if self.fault:
            raise self.fault
        self.stored.extend(messages)
        self.committed.set()

    async def answer(self, request: WebhookRequest) -> WebhookReply:
        self.requests.append(request)
        if self.fault:
            raise self.fault
        return WebhookReply(200, request.path.rpartition(TOKEN)[2].encode(), "text/plain")

    def find(self, platform: str, token: str) -> Hook | None:
        order, voice = Hook(self, self.store, self.reject), Hook(None, self.store, self.reject, self.answer)
        return {("eleme", TOKEN): order, ("voice", TOKEN): voice}.get((platform, token))


@pytest.fixture
async def shop() -> Shop:
    return Shop()


@pytest.fixture
async def receiver(shop: Shop) -> AsyncIterator[Receiver]:
    receiver = Receiver(shop.find, LIMITS)
    yield receiver
    await receiver.stop()


@pytest.fixture
async def port(receiver: Receiver) -> int:
    return int((await receiver.start()).rpartition(":")[2])


def post(
    body: bytes = b'{"id":"m1"}',
    *,
    sign: str = "good",
    method: str = "POST",
    path: str = f"/hooks/eleme/{TOKEN}",
    fields: str = "",
) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Sign: {sign}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
    return head.encode() + body


async def send(port: int, request: bytes, later: bytes = b"") -> bytes:
    """The whole answer up to the end of the connection; b"" when it was cut. `later` follows in a packet of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    if later:
        await asyncio.sleep(0.1)
        writer.write(later)
    received = b""
    async with asyncio.timeout(60):
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                received += chunk
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return received


def parts(answer: bytes) -> tuple[int, bytes]:
    """Status and body; (0, b"") when the connection was cut."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return (int(head.split()[1]), body) if head else (0, b"")


async def test_the_reply_waits_for_the_commit_and_is_the_platforms_own(shop: Shop, port: int) -> None:
    shop.may_store.clear()
    sending = asyncio.create_task(send(port, post()))
    await shop.storing.wait()
    done, _ = await asyncio.wait({sending}, timeout=0.1)
    assert not done
    assert not shop.stored
    shop.may_store.set()
    answer = await sending
    assert [message.key for message in shop.stored] == ["m1"]
    assert parts(answer) == (200, REPLY.body)
    assert b"Content-Type: application/json; charset=utf-8\r\n" in answer


async def test_the_taker_sees_the_request_as_it_came(shop: Shop, port: int) -> None:
    body = '{"id": "m1",  "note":"少辣"}'.encode()
    await send(port, post(body, path=f"/hooks/eleme/{TOKEN}?v=1&w=%E5%A5%BD", fields="X-Twice: a\r\nX-Twice: b\r\n"))
    (request,) = shop.requests
    assert request.body == body
    assert (request.method, request.path) == ("POST", f"/hooks/eleme/{TOKEN}")
    assert request.query == {"v": "1", "w": "好"}
    assert request.headers["x-twice"] == "a, b"


async def test_a_probe_is_answered_without_storing(shop: Shop, port: int) -> None:
    shop.may_store.clear()
    assert parts(await send(port, post(b"", method="GET"))) == (200, REPLY.body)
    assert not shop.storing.is_set()


@pytest.mark.parametrize("fault", [OSError("database or disk is full"), TimeoutError(), ConnectionError("no database")])
async def test_what_cannot_be_stored_is_not_acknowledged(
    shop: Shop, port: int, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    shop.fault = fault
    assert [parts(await send(port, post())) for _ in range(2)] == [(503, b"")] * 2
    assert shop.rejected == [webhooks.NOT_STORED] * 2
    assert len(caplog.records) == 1
    shop.fault = None
    assert parts(await send(port, post())) == (200, REPLY.body)


@pytest.mark.parametrize(
    ("request_", "wanted", "reason"),
    [
        (post(sign="bad"), 401, webhooks.FORGED),
        (post(b"not json"), 400, webhooks.MALFORMED),
        (post(method="DELETE"), 400, webhooks.MALFORMED),
        (post(b'{"id":' * 33 + b"1" + b"}" * 33), 400, webhooks.MALFORMED),
        (post(("[" * 5000).encode("utf-16-le")), 400, webhooks.MALFORMED),
        (post(("[" * 5000).encode("utf-16-be")), 400, webhooks.MALFORMED),
        (post(b"x" * (LIMITS.body_bytes + 1)), 413, webhooks.TOO_LARGE),
        (post()[:-1], 0, webhooks.TOO_SLOW),
        (post(b'"\xff\xfe"'), 400, webhooks.MALFORMED),
        (post(b"bug"), 500, webhooks.FAILED),
    ],
    ids=["forged", "not-json", "method", "deep", "deep-16le", "deep-16be", "oversize", "slow", "not-text", "bug"],
)
async def test_a_refused_request_is_counted_and_told_nothing(
    shop: Shop, port: int, request_: bytes, wanted: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await send(port, request_)
    assert parts(answer) == (wanted, b"")
    assert b"detail" not in answer
    assert b"Python" not in answer
    logged = [record for record in caplog.records if record.name != "asyncio"]  # which tells how slow a busy machine is
    assert bool(logged) == (wanted == 500)  # our own fault is logged, a stranger's is only counted
    assert shop.rejected == [reason]
    assert shop.evidence[0] in (b"", request_.partition(b"\r\n\r\n")[2])
    if wanted in (400, 401) and request_.partition(b"\r\n\r\n")[2]:
        assert shop.evidence[0], "a whole body that was refused is evidence"
    assert not shop.stored
    assert parts(await send(port, post())) == (200, REPLY.body)  # and the next one is not held up


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hooks",
        "/hooks/eleme",
        f"/hooks/eleme/{TOKEN}x",
        f"/hooks/eleme/{TOKEN}/",
        f"/hooks/meituan/{TOKEN}",
        f"/hooks//eleme/{TOKEN}",
    ],
)
async def test_any_other_path_does_not_exist(shop: Shop, port: int, path: str) -> None:
    assert parts(await send(port, post(path=path))) == (404, b"")
    assert not shop.requests
    assert not shop.rejected


async def test_a_repeat_is_handed_on_for_the_store_to_know(shop: Shop, port: int) -> None:
    assert [parts(await send(port, post())) for _ in range(2)] == [(200, REPLY.body)] * 2
    assert [message.key for message in shop.stored] == ["m1", "m1"]


async def test_a_closed_account_asks_to_try_again_because_a_4xx_would_acknowledge(shop: Shop) -> None:
    hook = Hook(None, shop.store, shop.reject)
    receiver = Receiver(lambda *_: hook, LIMITS)
    port = int((await receiver.start()).rpartition(":")[2])
    assert parts(await send(port, post())) == (503, b"")
    await receiver.stop()
    assert not shop.stored


async def test_over_the_rate_a_sender_is_told_to_wait_and_others_are_not_held_up(shop: Shop) -> None:
    other = Shop()
    hooks = {TOKEN: Hook(shop, shop.store, shop.reject), "other": Hook(other, other.store, other.reject)}
    receiver = Receiver(lambda _, token: hooks.get(token), replace(LIMITS, rate=2))
    port = int((await receiver.start()).rpartition(":")[2])
    answers = await asyncio.gather(*(send(port, post(path=f"/hooks/eleme/{TOKEN}")) for _ in range(12)))
    assert {parts(each)[0] for each in answers} == {200, 503}
    assert all(b"Retry-After: 1\r\n" in each for each in answers if parts(each)[0] == 503)
    assert shop.rejected == [webhooks.TOO_MANY] * (12 - len(shop.stored))
    assert parts(await send(port, post(path="/hooks/eleme/other"))) == (200, REPLY.body)
    await receiver.stop()


async def test_broken_chunks_after_a_good_head_are_refused(shop: Shop, port: int) -> None:
    head = post(b"", fields="Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
    answer = parts(await send(port, head, b"zz\r\n"))
    # aiohttp's C parser leaves the body waiting (we cut it), its Python parser reports it
    assert (answer, shop.rejected) in [((0, b""), [webhooks.TOO_SLOW]), ((400, b""), [webhooks.MALFORMED])]
    assert not shop.requests


async def test_a_sender_that_hangs_up_does_not_undo_its_commit(shop: Shop, port: int) -> None:
    shop.may_store.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post())
    await shop.storing.wait()
    writer.close()
    await writer.wait_closed()
    shop.may_store.set()
    async with asyncio.timeout(60):
        await shop.committed.wait()
    assert [message.key for message in shop.stored] == ["m1"]


async def test_a_sender_that_hangs_up_half_way_is_nobodys_fault(
    shop: Shop, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(post()[:-1])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert parts(await send(port, post())) == (200, REPLY.body)
    assert not shop.rejected
    assert not caplog.records


async def test_stop_waits_for_a_commit_under_way_and_its_reply(shop: Shop, receiver: Receiver, port: int) -> None:
    shop.may_store.clear()
    sending = asyncio.create_task(send(port, post()))
    await shop.storing.wait()
    half, half_writer = await asyncio.open_connection("127.0.0.1", port)
    half_writer.write(post()[:40])
    stopping = asyncio.create_task(receiver.stop())
    with suppress(ConnectionError):
        assert await half.read() == b""  # what had not delivered its request is cut at once
    half_writer.close()
    assert not stopping.done()
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", port)
    shop.may_store.set()
    await stopping
    assert parts(await sending) == (200, REPLY.body)


async def test_stop_does_not_wait_for_ever(shop: Shop, receiver: Receiver, port: int) -> None:
    shop.may_store.clear()
    sending = asyncio.create_task(send(port, post()))
    await shop.storing.wait()
    async with asyncio.timeout(60):
        await receiver.stop()
    assert await sending == b""  # not acknowledged
    assert not shop.stored


async def test_stop_twice_or_without_start_is_harmless(shop: Shop) -> None:
    receiver = Receiver(shop.find)
    await receiver.stop()
    await receiver.start()
    await receiver.stop()
    await receiver.stop()


async def test_no_token_and_no_message_reaches_a_log(shop: Shop, port: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for request in (post(), post(sign="bad"), post(b"not json")):
            await send(port, request)
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("below", ["", "/", "/aligenie/9f8e.txt"])
async def test_a_voice_answers_by_itself_and_below_its_address(shop: Shop, port: int, below: str) -> None:
    answer = await send(port, post(b"a question", path=f"/hooks/voice/{TOKEN}{below}"))
    assert parts(answer) == (200, below.encode())
    assert shop.requests[0].body == b"a question"
    assert not shop.stored


@pytest.mark.parametrize("below", ["/", "/aligenie/9f8e.txt"])
async def test_there_is_nothing_below_an_order_platforms_address(shop: Shop, port: int, below: str) -> None:
    assert parts(await send(port, post(path=f"/hooks/eleme/{TOKEN}{below}"))) == (404, b"")
    assert parts(await send(port, post(path=f"/hooks/voice/{TOKEN[1:]}{below}"))) == (404, b"")
    assert not shop.requests


@pytest.mark.parametrize(
    ("fault", "status"), [(ForgedWebhookError("another skill"), 401), (ProtocolError("no question"), 400)]
)
async def test_what_a_voice_turns_away_leaves_no_body_behind(shop: Shop, port: int, fault: Exception, status: int) -> None:
    shop.fault = fault
    assert parts(await send(port, post(b"with a token", path=f"/hooks/voice/{TOKEN}"))) == (status, b"")
    assert shop.rejected == [webhooks.FORGED if status == 401 else webhooks.MALFORMED]
    assert shop.evidence == [b""]


async def test_paths_below_share_the_rate_of_their_address(
    shop: Shop, receiver: Receiver, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources: set[str] = set()

    def allows(source: str, _: float) -> bool:
        sources.add(source)
        return True

    monkeypatch.setattr(receiver._rate, "allows", allows)
    for number in range(3):
        await send(port, post(path=f"/hooks/voice/{TOKEN}/{number}"))
    assert sources == {f"127.0.0.1 /hooks/voice/{TOKEN}"}
