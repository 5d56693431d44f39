"""An explicit scan of the own /24: asks addresses whether they answer at a port, and sends them nothing.

Many boards take a single connection, and an office laser prints stray bytes: each is left as soon as it answered.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from app.printing.discovery.found import LAN, SCAN, Found, OnFound, OnProgress, unheard
from app.printing.discovery.networks import SearchError, address_of, around, check_interface
from app.printing.transports.lan import PORT
from app.texts import tr

AT_ONCE = 32  # connections being made at any moment
SECONDS = 0.4  # to wait for one address


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """Which addresses a scan would ask, to be shown to a person before it runs. Make one with `of`."""

    span: str
    hosts: tuple[str, ...]
    interface: str
    port: int = PORT
    seconds: float = SECONDS

    @classmethod
    def of(cls, span: str, interface: str, port: int = PORT, seconds: float = SECONDS) -> ScanPlan:
        """Plan for `span` as seen from `interface`, one of this computer's addresses in the same /24.

        `span` is "192.168.1.0/24" or smaller, "192.168.1.20-40", "192.168.1.20-192.168.1.40" or one address. Raises
        SearchError for anything that is not private (or loopback), not in one /24, or not the interface's.
        """
        first, last = _ends(span.strip())
        if around(first) != around(address_of(interface)):
            raise SearchError(tr("{address} is not in the network of {span}", address=interface, span=span))
        if not 0 < port < 65536:
            raise SearchError(tr("A port is a number from 1 to 65535"))
        # .0 and .255 are nobody's own address in a /24.
        hosts = [str(IPv4Address(number)) for number in range(int(first), int(last) + 1) if 0 < number % 256 < 255]
        return cls(span.strip(), tuple(hosts), interface, port, seconds)

    @property
    def text(self) -> str:
        """What the scan would do, for the person who is asked."""
        return tr(
            "This asks {n} addresses of {span} whether they answer at port {port}. Nothing is sent to them.",
            n=len(self.hosts),
            span=self.span,
            port=self.port,
        )

    async def run(self, on_found: OnFound, on_progress: OnProgress = unheard) -> None:
        """Ask every address, at most `AT_ONCE` side by side. Raises SearchError when the interface is not ours."""
        check_interface(self.interface)
        waiting = iter(self.hosts)
        done = 0

        async def ask_in_turn() -> None:
            nonlocal done
            for host in waiting:
                if await self._answers(host):
                    on_found(Found(LAN, host, self.port, "", "", SCAN))
                done += 1
                on_progress(done, len(self.hosts))

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(AT_ONCE, len(self.hosts))):
                workers.create_task(ask_in_turn())

    async def _answers(self, host: str) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as plug:
            plug.setblocking(False)
            try:
                plug.bind((self.interface, 0))
                async with asyncio.timeout(self.seconds):
                    await asyncio.get_running_loop().sock_connect(plug, (host, self.port))
            except OSError:  # refused, no such machine, or the time is up (TimeoutError)
                return False
        return True


def _ends(span: str) -> tuple[IPv4Address, IPv4Address]:
    """The first and last address of a span inside one private /24."""
    first, last = _block_ends(span) if "/" in span else _dash_ends(span)
    if first > last or around(first) != around(last):
        raise SearchError(tr("{span} is not inside one /24 such as 192.168.1.0/24", span=span))
    return first, last


def _block_ends(span: str) -> tuple[IPv4Address, IPv4Address]:
    try:
        block = IPv4Network(span, strict=False)
    except ValueError as error:
        raise SearchError(tr("{text} is not an IPv4 address", text=span)) from error
    return address_of(str(block[0])), block[-1]


def _dash_ends(span: str) -> tuple[IPv4Address, IPv4Address]:
    start, dash, end = (part.strip() for part in span.partition("-"))
    first = address_of(start)
    return first, address_of(start.rpartition(".")[0] + "." + end if end.isdecimal() else end) if dash else first
