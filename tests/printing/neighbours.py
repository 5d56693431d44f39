"""Pretend neighbours on 127.0.0.0/8 for the search: they record what they are sent and answer as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

# What a TM-T88V answered to the identify query (mike42/escpos-php issue 923): model from byte 19, padded with NUL.
TM_T88V = b"EPSONq\x03\x00\x00\x00\x00\x00\x00\x85" + b"\x00\x05\x20\x02\x64" + b"TM-T88V".ljust(128, b"\0")


def named(name: bytes) -> bytes:
    """The 184 bytes of a Chinese maker's board that tells its name: its MAC address first, the name 42 bytes on."""
    return b"EPSONq\x03\x00\x00\x01\x00\x00\x00\xaa" + b"\x02\x00\x00\x00\x00\x01".ljust(42, b"\0") + name.ljust(128, b"\0")


@dataclass
class Responder(asyncio.DatagramProtocol):
    """Answers every packet with all of `replies`."""

    replies: tuple[bytes, ...]
    received: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # create_datagram_endpoint makes no other kind

    def datagram_received(self, packet: bytes, sender: tuple[str, int]) -> None:
        self.received.append(packet)
        self.asked.set()
        assert self._transport is not None
        for reply in self.replies:
            self._transport.sendto(reply, sender)


@asynccontextmanager
async def responder(*replies: bytes, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Responder]:
    """A board at `host` that answers every packet with all of `replies`."""
    loop = asyncio.get_running_loop()
    transport, board = await loop.create_datagram_endpoint(lambda: Responder(replies), local_addr=(host, port))
    board.port = transport.get_extra_info("sockname")[1]
    try:
        yield board
    finally:
        transport.close()
        await asyncio.sleep(0)  # the loop closes the socket in its next turn


@dataclass
class Listener:
    """Takes connections on one port of several addresses; `ended` is released for each that the caller closed properly."""

    port: int = 0
    peers: list[str] = field(default_factory=list)
    received: bytes = b""
    ended: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read to the end of one connection."""
        self.peers.append(writer.get_extra_info("peername")[0])
        self.received += await reader.read()
        self.ended.release()
        writer.close()

    async def until_all_ended(self, connections: int) -> None:
        """Wait, a minute at most, until so many connections came and went."""
        async with asyncio.timeout(60):
            for _ in range(connections):
                await self.ended.acquire()


@asynccontextmanager
async def listening(*hosts: str) -> AsyncIterator[Listener]:
    """Something that takes connections at one free port of every host."""
    listener = Listener()
    servers: list[asyncio.Server] = []
    try:
        for host in hosts:
            servers.append(await asyncio.start_server(listener.serve, host, listener.port))
            listener.port = servers[0].sockets[0].getsockname()[1]
        yield listener
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()
