"""The scan: it asks first, stays inside the own /24, sends nothing, and never opens more than 32 connections at once."""

from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import texts
from app.printing.discovery import Found, ScanPlan, SearchError, find
from app.printing.discovery.scan import AT_ONCE
from tests.printing.neighbours import listening

LAN = "192.168.1.7"


@pytest.fixture(autouse=True)
def _english(_words: None) -> None:
    texts.use("en")


def test_the_person_is_told_what_would_be_asked() -> None:
    text = "This asks 254 addresses of 192.168.1.0/24 whether they answer at port 9100. Nothing is sent to them."
    assert ScanPlan.of("192.168.1.0/24", LAN).text == text
    assert ScanPlan.of("192.168.1.9", LAN).text.startswith("This asks 1 address of 192.168.1.9 ")


@pytest.mark.parametrize(
    ("span", "first", "last", "count"),
    [
        ("192.168.1.0/24", "192.168.1.1", "192.168.1.254", 254),
        ("192.168.1.130/25", "192.168.1.128", "192.168.1.254", 127),
        ("192.168.1.0-255", "192.168.1.1", "192.168.1.254", 254),
        (" 192.168.1.20 - 192.168.1.40 ", "192.168.1.20", "192.168.1.40", 21),
        ("192.168.1.20-40", "192.168.1.20", "192.168.1.40", 21),
        ("192.168.1.8/32", "192.168.1.8", "192.168.1.8", 1),
        ("192.168.1.255", "", "", 0),
    ],
)
def test_a_span_is_written_in_any_usual_way(span: str, first: str, last: str, count: int) -> None:
    hosts = ScanPlan.of(span, LAN).hosts
    assert (*hosts[:1], *hosts[-1:], len(hosts)) == (*filter(None, (first, last)), count)


@pytest.mark.parametrize(
    ("span", "interface"),
    [
        ("192.168.0.0/23", "192.168.0.7"),
        ("192.168.1.0/23", LAN),
        ("192.168.1.0-192.168.2.9", LAN),
        ("192.168.1.40-20", LAN),
        ("192.168.2.0/24", LAN),  # private, but not this computer's
        ("127.0.0.2-9", LAN),
        ("192.168.1.0/24", "127.0.0.1"),
        ("8.8.8.0/24", "8.8.8.8"),
        ("192.0.2.0/24", "192.0.2.2"),
        ("0.0.0.0/0", LAN),
        ("224.0.0.0/24", LAN),
        ("192.168.1.1-999", LAN),
        ("192.168.1.1-", LAN),
        ("192.168.1.0/24/2", LAN),
        ("printer.local", LAN),
        ("fe80::/120", LAN),
        ("", LAN),
        (LAN, ""),
    ],
)
def test_any_other_span_is_refused(span: str, interface: str) -> None:
    with pytest.raises(SearchError) as refused:
        ScanPlan.of(span, interface)
    assert "{" not in str(refused.value)


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(SearchError, match="port"):
        ScanPlan.of("192.168.1.0/24", LAN, port)


@given(st.text("0123456789./- ", max_size=40))
def test_no_span_reaches_past_the_own_network(span: str) -> None:
    try:
        hosts = ScanPlan.of(span, LAN).hosts
    except SearchError:
        return
    assert all(host.startswith("192.168.1.") for host in hosts)
    assert len(hosts) == len(set(hosts)) <= 254


async def test_it_finds_who_listens_and_sends_nothing() -> None:
    steps: list[tuple[int, int]] = []
    async with listening("127.0.0.3", "127.0.0.77") as listener:
        plan = ScanPlan.of("127.0.0.2-127.0.0.100", "127.0.0.1", listener.port)
        found = await find([plan], on_progress=lambda done, total: steps.append((done, total)))
        await listener.until_all_ended(2)
    assert found == [Found("lan", host, listener.port, "", "", "scan") for host in ("127.0.0.3", "127.0.0.77")]
    assert listener.received == b""
    assert listener.peers == ["127.0.0.1"] * 2
    assert steps == [(done, 99) for done in range(1, 100)]


async def test_it_speaks_from_the_interface_it_is_given() -> None:
    async with listening("127.0.0.3") as listener:
        await find([ScanPlan.of("127.0.0.3", "127.0.0.200", listener.port)])
        await listener.until_all_ended(1)
    assert listener.peers == ["127.0.0.200"]


async def test_an_interface_of_another_computer_is_refused_before_anybody_is_asked() -> None:
    with pytest.raises(SearchError, match="not an address of this computer"):
        await ScanPlan.of("10.255.255.0/24", "10.255.255.254").run(lambda _: None)


class Gate:
    """Stands in for connecting: counts who waits, and opens, if ever, when as many wait as may."""

    def __init__(self, opens: bool) -> None:
        self.waiting = self.most = self.asked = 0
        self.crowded = asyncio.Event()
        self._opens = opens
        self._open = asyncio.Event()

    async def connect(self, plug: socket.socket, address: tuple[str, int]) -> None:
        self.asked += 1
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting == AT_ONCE:
            self.crowded.set()
            if self._opens:
                self._open.set()
        try:
            await self._open.wait()
            await asyncio.sleep(0)  # so that more could crowd in if anything let them
            raise ConnectionRefusedError
        finally:
            self.waiting -= 1


async def test_no_more_than_32_are_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(opens=True)
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", gate.connect)
    assert await find([ScanPlan.of("127.0.0.0/24", "127.0.0.1", seconds=60)]) == []
    assert (gate.most, gate.asked) == (32, 254)


async def test_an_address_that_never_answers_costs_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(opens=False)
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", gate.connect)
    assert await find([ScanPlan.of("127.0.0.2-9", "127.0.0.1", seconds=0.02)]) == []
    assert (gate.asked, gate.waiting) == (8, 0)


async def test_a_cancelled_scan_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(opens=False)
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", gate.connect)
    scan = asyncio.create_task(find([ScanPlan.of("127.0.0.0/24", "127.0.0.1", seconds=3600)]))
    await asyncio.wait_for(gate.crowded.wait(), 5)
    scan.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(scan, 5)
    assert (gate.asked, gate.waiting) == (32, 0)
