"""A server that closes while somebody is at the door leaves nobody standing there."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
import warnings
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiohttp import web

from app.platforms.listening import Listener


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


def greeting() -> Listener:
    application = web.Application()
    application.router.add_get("/", hello)
    return Listener(application)


async def left_open(turns: int, gently: bool) -> list[str]:
    """What goes wrong where somebody connects so many turns of the loop before the server closes."""
    listener, wrong = greeting(), list[str]()
    asyncio.get_running_loop().set_exception_handler(lambda _, what: wrong.append(what["message"]))
    address = urlsplit(await listener.open())
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        # on loopback the kernel has let it in when this returns
        with socket.create_connection((address.hostname, address.port)):
            for _ in range(turns):
                await asyncio.sleep(0)
            await (listener.close() if gently else listener._runner.cleanup())
            await asyncio.sleep(0)
        gc.collect()
    return [*wrong, *(str(one.message) for one in said if issubclass(one.category, ResourceWarning))]


@pytest.mark.parametrize("turns", range(6))
async def test_nobody_is_left_at_a_closing_door(turns: int) -> None:
    assert await left_open(turns, gently=True) == []


@pytest.mark.skipif(sys.version_info >= (3, 12) or sys.platform == "win32", reason="what others do was not looked at")
async def test_a_door_that_is_slammed_leaves_somebody() -> None:
    wrong = [what for turns in range(6) for what in await left_open(turns, gently=False)]
    assert any("unclosed" in what for what in wrong)


@pytest.mark.parametrize("turns", range(6))
async def test_an_interrupted_opening_leaves_no_door(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    doors: list[socket.socket] = []

    def opened(*address: Any) -> socket.socket:
        doors.append(create(*address))
        return doors[-1]

    create = socket.create_server
    monkeypatch.setattr(socket, "create_server", opened)
    listener = greeting()
    opening = asyncio.create_task(listener.open())
    for _ in range(turns):
        await asyncio.sleep(0)
    opening.cancel()
    with suppress(asyncio.CancelledError):
        await opening  # the last ones are too late, and close like any other
    await listener.close()
    assert [door.fileno() for door in doors] == [-1] * bool(turns)


async def test_it_answers_until_it_is_closed_and_closing_twice_is_harmless() -> None:
    listener = greeting()
    address = await listener.open()
    async with httpx.AsyncClient(verify=False) as client:
        assert (await client.get(address)).text == "hello"
        await listener.close()
        await listener.close()
        with pytest.raises(httpx.ConnectError):
            await client.get(address)


async def test_a_taken_port_is_an_error() -> None:
    first, second = greeting(), greeting()
    address = await first.open()
    with pytest.raises(OSError, match=r"."):
        await second.open(urlsplit(address).port or 0)
    await second.close()
    await first.close()
