"""A server on this machine: open on a free port at once, and closed without a connection that nobody closes."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Protocol

from aiohttp import web

HOST = "127.0.0.1"
TURNS = 3  # of the loop: a connection that was accepted becomes a transport, then known to its server


class Door(Protocol):
    """A socket that is listened on, whoever made it."""

    def fileno(self) -> int: ...


async def let_nobody_in(*doors: Door) -> None:
    """Call before a server closes, with the sockets that it listens on.

    Python 3.11 loses a connection, open, that was accepted in the very turn in which its server closes: so nobody new is let
    in first, and who came is waited for.
    """
    with suppress(NotImplementedError):  # a loop that lets in by other means has not this gap
        for door in doors:
            asyncio.get_running_loop().remove_reader(door.fileno())
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def open_door(runner: web.BaseRunner, door: socket.socket) -> None:
    """Let `runner` answer who comes to `door`. Whoever is interrupted in that, or fails, leaves no door open."""
    try:
        await runner.setup()
        await web.SockSite(runner, door).start()
    except BaseException:
        await let_nobody_in(door)  # a server that had begun is known to nobody who would close it
        await runner.cleanup()
        door.close()
        raise


class Listener:
    """Serves an application on 127.0.0.1, until it is closed."""

    def __init__(self, application: web.Application) -> None:
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self._socket: socket.socket | None = None

    async def open(self, port: int = 0) -> str:
        """Listen, on a free port where none is given; answers the base address. OSError where that port is taken."""
        door = socket.create_server((HOST, port))
        await open_door(self._runner, door)
        self._socket = door
        return f"http://{HOST}:{door.getsockname()[1]}"

    async def close(self) -> None:
        """Idempotent."""
        listening, self._socket = self._socket, None
        if listening:
            await let_nobody_in(listening)
        await self._runner.cleanup()
