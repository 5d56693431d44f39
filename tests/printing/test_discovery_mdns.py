"""Announced printers, heard over loopback multicast only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from app import texts
from app.printing.discovery import Announcements, Found, find

GROUP = ("224.0.0.251", 5353)
RAW, LPD, IPP = "_pdl-datastream._tcp.local.", "_printer._tcp.local.", "_ipp._tcp.local."


@pytest.fixture(autouse=True)
def _english(_words: None) -> None:
    texts.use("en")


@pytest.fixture(autouse=True)
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Lets mDNS out of sockets whose multicast stays on loopback; the house's guard judges everything else."""
    guarded = socket.socket.sendto
    packets: list[bytes] = []

    def sendto(self: socket.socket, packet: bytes, address: tuple[str, int]) -> int:
        way = self.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4)
        if address == GROUP and way == socket.inet_aton("127.0.0.1"):
            packets.append(packet)
            return super(socket.socket, self).sendto(packet, address)
        return guarded(self, packet, address)

    monkeypatch.setattr(socket.socket, "sendto", sendto)
    return packets


@contextlib.asynccontextmanager
async def announced(*services: tuple[str, str, int, str, dict[str, str | bytes]]) -> AsyncIterator[None]:
    """Services announced on loopback: type, name, port, address, properties."""
    async with AsyncZeroconf(["127.0.0.1"], ip_version=IPVersion.V4Only) as network:
        repeated = [
            await network.async_register_service(_info(*service), strict=False, cooperating_responders=True)
            for service in services
        ]
        yield
        await asyncio.gather(*repeated)


def _info(kind: str, name: str, port: int, address: str, properties: dict[str, str | bytes]) -> AsyncServiceInfo:
    server = f"at-{address.replace('.', '-')}.local."
    return AsyncServiceInfo(kind, f"{name}.{kind}", port, properties=properties, server=server, parsed_addresses=[address])


async def heard(seconds: float = 2.0) -> list[Found]:
    return await find([Announcements(("127.0.0.1",), seconds)])


async def test_an_announced_printer_is_found_with_its_port_name_and_model() -> None:
    async with announced((RAW, "厨房 printer", 9105, "127.0.0.4", {"ty": "EPSON TM-m30"})):
        assert await heard() == [Found("lan", "127.0.0.4", 9105, "厨房 printer", "EPSON TM-m30", "mdns")]


async def test_one_that_names_only_other_services_is_asked_at_the_usual_port() -> None:
    async with announced((IPP, "Bar", 631, "127.0.0.5", {"product": "(XP-80)"})):
        assert await heard() == [Found("lan", "127.0.0.5", 9100, "Bar", "XP-80", "mdns")]


async def test_a_printer_with_several_services_is_one_printer() -> None:
    async with announced(
        (IPP, "Kitchen", 631, "127.0.0.4", {}),
        (LPD, "Kitchen", 515, "127.0.0.4", {}),
        (RAW, "Kitchen", 9101, "127.0.0.4", {}),
    ):
        assert await heard() == [Found("lan", "127.0.0.4", 9101, "Kitchen", "", "mdns")]


async def test_hostile_words_are_cleaned_and_foreign_addresses_ignored() -> None:
    async with announced(
        (RAW, "A" * 63, 9100, "127.0.0.6", {"ty": b"EPSON\x1b[2J\xff\xfe TM\r\n" + b"x" * 180}),
        (RAW, "Outside", 9100, "8.8.8.8", {}),
        (RAW, "Elsewhere", 9100, "192.168.1.9", {}),
        (LPD, "Reserved name", 0, "127.0.0.7", {}),
    ):
        found = await heard()
    assert [(one.host, one.name) for one in found] == [("127.0.0.6", "A" * 59 + "…")]
    assert found[0].model.startswith("EPSON [2J")
    assert found[0].model.isprintable()
    assert len(found[0].model) == 60


async def test_nobody_announces_nobody_is_found(spoken: list[bytes]) -> None:
    assert await heard(seconds=0.3) == []
    assert spoken  # the question itself went out, and, by the fixture, on loopback alone


async def test_an_interface_of_another_computer_is_refused() -> None:
    troubles: list[str] = []
    assert await find([Announcements(("10.255.255.254",))], on_trouble=troubles.append) == []
    assert troubles == ["10.255.255.254 is not an address of this computer"]


async def test_listening_ends_at_once_when_cancelled() -> None:
    begun = asyncio.Event()
    async with announced((RAW, "Kitchen", 9100, "127.0.0.4", {})):
        search = asyncio.create_task(find([Announcements(("127.0.0.1",), seconds=3600)], lambda _: begun.set()))
        await asyncio.wait_for(begun.wait(), 10)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(search, 10)
