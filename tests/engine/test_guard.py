"""The connection guard over real loopback sockets: the attack of 350 stuck sockets in small, and every limit."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from app.engine.guard import BodyTooLargeError, GuardedServer, Limits, Rate, nested_deeper, read_body

LIMITS = Limits(head_seconds=60, body_seconds=60)  # a busy machine must not look like a slow sender
HASTY = Limits(head_seconds=0.5, body_seconds=0.5)
GOOD = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
HALF_HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\nX-Slow: "
STALLED_BODY = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this"

Sockets = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def serving(limits: Limits = LIMITS, answer: Callable[[bytes], Awaitable[None]] | None = None) -> AsyncIterator[int]:
    """A server that echoes the body, after `answer` if given; yields its port."""

    async def echo(request: web.BaseRequest) -> web.Response:
        try:
            body = await read_body(request, limits)
        except BodyTooLargeError:
            return web.Response(status=413)
        except TimeoutError:
            return web.Response(status=408)  # nobody hears it
        if answer:
            await answer(body)
        return web.Response(body=body)

    server = GuardedServer(echo, limits)
    address = await server.listen()
    try:
        yield int(address.rpartition(":")[2])
    finally:
        await server.close()


@pytest.mark.parametrize("turns", range(6))
async def test_nobody_is_left_at_a_closing_door(turns: int) -> None:
    """See tests/platforms/test_listening.py for a door that is slammed."""

    async def nothing(_: web.BaseRequest) -> web.Response:
        return web.Response()

    server = GuardedServer(nothing, LIMITS)
    port = int((await server.listen()).rpartition(":")[2])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with socket.create_connection(("127.0.0.1", port)):  # on loopback the kernel has let it in when this returns
            for _ in range(turns):
                await asyncio.sleep(0)
            await server.close()
            await asyncio.sleep(0)
        gc.collect()
    assert not [one for one in said if issubclass(one.category, ResourceWarning)]


async def connect(port: int, opening: bytes = b"") -> Sockets:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(opening)
    return reader, writer


async def rest(sockets: Sockets) -> bytes:
    """Everything up to the end of the connection, however it ends; b"" when it was cut."""
    reader, writer = sockets
    received = b""
    async with asyncio.timeout(60):
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                received += chunk
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return received


async def exchange(port: int, request: bytes) -> bytes:
    return await rest(await connect(port, request))


def status(answer: bytes) -> int:
    return int(answer.split()[1]) if answer else 0


async def test_a_good_request_is_answered_and_its_connection_closed() -> None:
    async with serving() as port:
        answer = await exchange(port, GOOD)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nbody")
    assert b"Connection: close" in answer


async def test_the_attack_leaves_no_stuck_socket_and_a_good_client_is_served_meanwhile() -> None:
    async with serving(Limits(head_seconds=1.5, body_seconds=1.5)) as port:
        stuck = [await connect(port, HALF_HEAD) for _ in range(120)] + [await connect(port, STALLED_BODY) for _ in range(50)]
        for _ in range(5):
            assert status(await exchange(port, GOOD)) == 200
        answers = await asyncio.gather(*(rest(sockets) for sockets in stuck))
    assert set(answers) == {b""}  # cut, every one of them, and none took it for an answer


async def test_without_a_deadline_the_same_sockets_stay() -> None:
    """The negative control: what closes them above is the guard."""
    async with serving() as port:
        stuck = [await connect(port, opening) for opening in (HALF_HEAD, STALLED_BODY)]
        ends = [asyncio.create_task(rest(sockets)) for sockets in stuck]
        done, _ = await asyncio.wait(ends, timeout=1.0)
        assert not done
    await asyncio.gather(*ends)


async def test_a_silent_and_a_dripping_connection_are_both_cut() -> None:
    async with serving(HASTY) as port:
        silent, dripping = await connect(port), await connect(port, b"POST /x HTTP/1.1\r\n")

        async def drip() -> None:
            for _ in range(200):
                dripping[1].write(b"X")
                await asyncio.sleep(0.05)

        dripper = asyncio.create_task(drip())
        assert await rest(silent) == b""
        assert await rest(dripping) == b""
        dripper.cancel()


async def test_a_full_house_cuts_the_oldest_undelivered_connection_for_a_newcomer() -> None:
    async with serving(replace(LIMITS, per_address=2)) as port:
        oldest, second = await connect(port, HALF_HEAD), await connect(port, HALF_HEAD)
        assert status(await exchange(port, GOOD)) == 200
        assert await rest(oldest) == b""
        second[1].write(b"now\r\nContent-Length: 0\r\n\r\n")
        assert status(await rest(second)) == 200


@pytest.mark.parametrize("limit", ["connections", "per_address"])
async def test_a_delivered_request_is_never_cut(limit: str) -> None:
    arrived, go = asyncio.Event(), asyncio.Event()

    async def answer(_: bytes) -> None:
        arrived.set()
        await go.wait()

    full: dict[str, Any] = {limit: 1}
    async with serving(replace(LIMITS, **full), answer) as port:
        waiting = await connect(port, GOOD)
        await arrived.wait()
        assert await exchange(port, GOOD) == b""  # the newcomer had to go
        go.set()
        assert status(await rest(waiting)) == 200


async def test_a_second_request_on_the_same_connection_is_not_served() -> None:
    served: list[bytes] = []

    async def answer(body: bytes) -> None:
        served.append(body)

    async with serving(answer=answer) as port:
        assert (await exchange(port, GOOD * 40)).count(b"HTTP/1.1 200") == 1
    assert served == [b"body"]


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (b"GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 262145\r\n\r\n", 413),  # says it is too large
        (b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"x" * 32768 + b"\r\n", 0),
        (
            b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"8000\r\n" + b"x" * 32768 + b"\r\n") * 9,
            413,
        ),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 70 + b"\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),  # TLS on a plain port
        (b"nonsense\r\n\r\n", 400),
    ],
    ids=["declared", "unfinished", "chunked", "long-field", "long-line", "many-fields", "tls", "nonsense"],
)
async def test_bad_requests_get_a_bare_status(request_: bytes, wanted: int, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(LIMITS if wanted else HASTY) as port:
        answer = await exchange(port, request_)
    assert status(answer) == wanted
    assert answer == b"" or answer.endswith(b"\r\n\r\n")
    assert b"aiohttp" not in answer
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_a_body_at_the_limit_passes() -> None:
    async with serving() as port:
        body = b"x" * LIMITS.body_bytes
        answer = await exchange(port, b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert answer.endswith(body)


async def test_a_compressed_body_stays_as_it_came() -> None:
    async with serving() as port:
        head = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n"
        assert (await exchange(port, head + b"\x1f\x8b\x08\x00")).endswith(b"\x1f\x8b\x08\x00")


async def test_a_sender_that_asks_first_is_told_to_go_on() -> None:
    async with serving() as port:
        reader, writer = await connect(
            port, GOOD.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue").removesuffix(b"body")
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"body")
        answer = await rest((reader, writer))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"body")


async def test_our_own_fault_is_a_bare_500_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_: bytes) -> None:
        raise RuntimeError("secret detail")

    async with serving(answer=fail) as port:
        answers = [await exchange(port, GOOD) for _ in range(3)]
    assert [status(each) for each in answers] == [500] * 3
    assert not any(b"secret" in each for each in answers)
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
async def test_only_loopback_is_listened_on(host: str) -> None:
    server = GuardedServer(lambda _: asyncio.sleep(0, web.Response()), LIMITS)
    with pytest.raises(ValueError, match="loopback"):
        await server.listen(host)


def test_the_rate_is_counted_per_source_and_second() -> None:
    rate = Rate(3)
    assert [rate.allows("a", 10.0 + step / 10) for step in range(5)] == [True, True, True, False, False]
    assert rate.allows("b", 10.9)
    assert rate.allows("a", 11.0)


JSON = st.recursive(
    st.none() | st.text('"\\[]{}a', max_size=6) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('"\\[{', max_size=2), inner, max_size=2),
    max_leaves=12,
)


def depth(value: object) -> int:
    match value:
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case list():
            return 1 + max(map(depth, value), default=0)
    return 0


@given(JSON)
def test_json_depth_is_told_without_parsing(value: object) -> None:
    body, levels = json.dumps(value).encode(), depth(value)
    assert not nested_deeper(body, levels)
    assert levels == 0 or nested_deeper(body, levels - 1)


@pytest.mark.parametrize(
    "body",
    [b"[" * 262144, b" \n{" + b'"a":{' * 40 + b"}" * 41, b"[]]", b'["' + b'\\"' * 131000, b'["\\'],
    ids=["open", "objects", "unbalanced", "unclosed-string", "unclosed-escape"],
)
def test_depth_of_hostile_bodies(body: bytes) -> None:
    assert nested_deeper(body, 32)


def test_what_is_not_json_is_not_measured() -> None:
    assert not nested_deeper(b"sig=a&order=" + b"[" * 100, 32)
    assert not nested_deeper(b"", 32)
