"""Epson's search by UDP broadcast (ENPC, port 3289), which other makers' boards answer too.

Only packets of type Q (query) are sent; type C would reset a printer or throw its data away. A packet is "EPSON", type,
device type 3 (printer), device number 0, then two bytes each, big-endian: function, result, length (UB-E02 Technical
Reference Guide 4.7.1).
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from app.printing.discovery.found import BROADCAST, LAN, Found, OnFound, OnProgress, clean, merge, unheard
from app.printing.discovery.networks import address_of, check_interface, is_believable
from app.printing.transports.lan import PORT

ENPC_PORT = 3289
IDENTIFY, NAME, STATUS = 0x0000, 0x0001, 0x0010
# Where a text starts in the reply: a TM-T88V's model (mike42/escpos-php issue 923); the name that boards of some Chinese
# makers tell when asked as their own tools ask.
TEXT_AT = {IDENTIFY: 5, NAME: 42}
HEADER = 14  # bytes
ROUNDS = 2  # broadcasts get lost
POLL = 0.05  # seconds
MOST = 256  # packets read in one go, and printers believed: a /24 holds no more


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Asks everybody at `address` (a broadcast address) from `interface`, and listens for `seconds`."""

    interface: str
    address: str
    port: int = ENPC_PORT
    seconds: float = 1.6

    async def run(self, on_found: OnFound, on_progress: OnProgress = unheard) -> None:
        """Report printers as they answer. Raises OSError (SearchError when the interface is not ours)."""
        check_interface(self.interface)
        address_of(self.address)
        heard: dict[str, Found] = {}
        with self._plug() as plug:
            for _ in range(ROUNDS):
                for function in (IDENTIFY, NAME, STATUS):
                    plug.sendto(query(function), (self.address, self.port))
                await self._listen(plug, heard, on_found)

    async def _listen(self, plug: socket.socket, heard: dict[str, Found], on_found: OnFound) -> None:
        """Read without blocking every `POLL`: the same on every kind of event loop, and ended at once by cancelling."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.seconds / ROUNDS
        while loop.time() < until:
            for host, packet in _arrived(plug):
                found = self._read(host, packet)
                if found and (host in heard or len(heard) < MOST):
                    _tell_news(found, heard, on_found)
            await asyncio.sleep(POLL)

    def _read(self, host: str, packet: bytes) -> Found | None:
        told = text_of(packet)
        return None if told is None or not is_believable(host, self.interface) else Found(LAN, host, PORT, *told, BROADCAST)

    def _plug(self) -> socket.socket:
        plug = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        plug.setblocking(False)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        plug.bind((self.interface, 0))
        return plug


def query(function: int) -> bytes:
    """The packet that asks for `function`."""
    return b"EPSONQ\x03\x00" + struct.pack(">HHH", function, 0, 0)


def text_of(packet: bytes) -> tuple[str, str] | None:
    """The name and model a reply tells, each perhaps ""; None when it is no good reply of a printer.

    The length field is not needed, and so not believed: a datagram knows its own end.
    """
    if len(packet) < HEADER or not packet.startswith(b"EPSONq\x03"):
        return None
    function, result = struct.unpack_from(">HH", packet, 8)
    if result:  # FFFE: no printer behind this board, FFFF: it does not know the question
        return None
    text = clean(packet[HEADER + TEXT_AT[function] :].partition(b"\0")[0]) if function in TEXT_AT else ""
    return (text, "") if function == NAME else ("", text)


def _tell_news(found: Found, heard: dict[str, Found], on_found: OnFound) -> None:
    """Report a printer once, and again when another reply tells more of it."""
    known = heard.get(found.host)
    (heard[found.host],) = merge([known, found] if known else [found])
    if heard[found.host] != known:
        on_found(heard[found.host])


def _arrived(plug: socket.socket) -> Iterator[tuple[str, bytes]]:
    for _ in range(MOST):
        try:
            packet, (host, _port) = plug.recvfrom(2048)
        except BlockingIOError:
            return
        except ConnectionError:  # Windows tells here that somebody refused an earlier packet
            continue
        yield host, packet
