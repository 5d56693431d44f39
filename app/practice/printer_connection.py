"""One TCP connection of the virtual printer: what arrived and was not taken yet, and ways to end badly."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Protocol, cast


class Owner(Protocol):
    """Whoever takes the bytes."""

    def joined(self, connection: Connection) -> None: ...
    def left(self, connection: Connection) -> None: ...
    def make_room(self) -> None: ...


class Connection(asyncio.Protocol):
    """`backlog` has arrived but was not taken: while it is there nothing more is read, and TCP holds the sender back.

    `dead`: the printer forgot this connection without a FIN; it stays open and silent.
    """

    def __init__(self, owner: Owner, number: int) -> None:
        self.number = number
        self.backlog = bytearray()
        self.dead = False
        self._owner = owner
        self._transport: asyncio.Transport | None = None

    @property
    def open(self) -> bool:
        """Whether the printer still knows it."""
        return self._transport is not None and not self._transport.is_closing() and not self.dead

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # create_server makes no other kind
        self._owner.joined(self)

    def data_received(self, chunk: bytes) -> None:
        self.backlog += chunk
        self._owner.make_room()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._owner.left(self)

    def read_when(self, wanted: bool) -> None:
        """Read on, or leave what comes to TCP."""
        if self._transport and not self._transport.is_closing() and wanted != self._transport.is_reading():
            (self._transport.resume_reading if wanted else self._transport.pause_reading)()

    def send(self, reply: bytes) -> None:
        """Answer, unless the other side has left."""
        if self._transport and self.open:
            self._transport.write(reply)

    def reset(self) -> None:
        """Break the connection the hard way: TCP RST."""
        transport, self._transport = self._transport, None
        self.backlog.clear()
        if transport and not transport.is_closing():
            raw: socket.socket = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
