"""Printers that announce themselves by multicast DNS. Many Chinese models do not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from zeroconf import BadTypeInNameException, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from app.printing.discovery.found import LAN, MDNS, Found, OnFound, OnProgress, clean, unheard
from app.printing.discovery.networks import check_interface, is_believable
from app.printing.transports.lan import PORT

RAW = "_pdl-datastream._tcp.local."
TYPES = (RAW, "_printer._tcp.local.", "_ipp._tcp.local.")
MODEL_KEYS = (b"ty", b"product")  # Bonjour Printing Specification 1.2, part 9: "EPSON TM-m30", "(TM-m30)"
ANSWER_MS = 1500
MOST = 64  # announcements looked into; a network of tricksters has no end of them


@dataclass(frozen=True, slots=True)
class Announcements:
    """Listens for `seconds` on `interfaces`, addresses of this computer, and on no others."""

    interfaces: tuple[str, ...]
    seconds: float = 3.0

    async def run(self, on_found: OnFound, on_progress: OnProgress = unheard) -> None:
        """Report printers as they are heard. Raises OSError (SearchError when an interface is not ours)."""
        for interface in self.interfaces:
            check_interface(interface)
        hearing = _Hearing(self.interfaces, on_found)
        async with AsyncZeroconf(list(self.interfaces), ip_version=IPVersion.V4Only) as network:
            async with asyncio.TaskGroup() as questions:
                await self._browse(network.zeroconf, hearing, questions)
            hearing.tell_assumed()

    async def _browse(self, network: Zeroconf, hearing: _Hearing, questions: asyncio.TaskGroup) -> None:
        def announced(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
            if state_change is ServiceStateChange.Added and hearing.is_new(service_type, name):
                questions.create_task(hearing.ask(zeroconf, service_type, name))

        browser = AsyncServiceBrowser(network, list(TYPES), handlers=[announced])
        try:
            await asyncio.sleep(self.seconds)
        finally:
            await browser.async_cancel()


@dataclass(slots=True)
class _Hearing:
    """What was announced: raw ports are told at once, a printer that names only other services when all was heard."""

    interfaces: tuple[str, ...]
    on_found: OnFound
    _asked: set[tuple[str, str]] = field(default_factory=set)
    _raw: set[str] = field(default_factory=set)  # hosts
    _assumed: dict[str, Found] = field(default_factory=dict)

    def is_new(self, service_type: str, name: str) -> bool:
        if len(self._asked) >= MOST or (service_type, name) in self._asked:
            return False
        self._asked.add((service_type, name))
        return True

    async def ask(self, network: Zeroconf, service_type: str, name: str) -> None:
        """Learn where an announced service is."""
        try:
            info = AsyncServiceInfo(service_type, name)
        except BadTypeInNameException:  # control characters in a name are against the rules (RFC 6763, 4.1.1)
            return
        if await info.async_request(network, ANSWER_MS) and info.port:  # port 0: reserves a name, offers nothing
            for host in info.parsed_addresses(IPVersion.V4Only):
                if any(is_believable(host, interface) for interface in self.interfaces):
                    self._heard(host, info, clean(name[: -len(service_type) - 1]))

    def tell_assumed(self) -> None:
        """Printers that announced no raw port take raw jobs at the usual one, if at all: set-up asks them."""
        for host, found in self._assumed.items():
            if host not in self._raw:
                self.on_found(found)

    def _heard(self, host: str, info: AsyncServiceInfo, name: str) -> None:
        if info.type == RAW:
            self._raw.add(host)
            self.on_found(Found(LAN, host, info.port or PORT, name, _model(info), MDNS))
        else:
            self._assumed.setdefault(host, Found(LAN, host, PORT, name, _model(info), MDNS))


def _model(info: AsyncServiceInfo) -> str:
    told = next((value for key in MODEL_KEYS if (value := info.properties.get(key))), b"")
    return clean(told).strip("()")
