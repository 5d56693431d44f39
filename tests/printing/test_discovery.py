"""All ways of finding printers together: what is told once, what is told first, and that no failure hides another's find."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import texts
from app.printing.discovery import (
    Announcements,
    Broadcast,
    Found,
    Method,
    Network,
    ScanPlan,
    SearchError,
    clean,
    find,
    merge,
    own_networks,
    quiet_methods,
)
from app.printing.discovery.found import OnFound, OnProgress
from app.printing.discovery.networks import is_believable, routed_from
from tests.printing.neighbours import TM_T88V, listening, responder

SCANNED = Found("lan", "10.0.0.5", 9100, "", "", "scan")
ANSWERED = Found("lan", "10.0.0.5", 9100, "", "TM-T88V", "broadcast")
ANNOUNCED = Found("lan", "10.0.0.5", 9100, "Kitchen", "", "mdns")
ELSEWHERE = Found("lan", "10.0.0.40", 9100, "", "", "scan")


@pytest.fixture(autouse=True)
def _english(_words: None) -> None:
    texts.use("en")


@dataclass
class Told:
    """A way that finds what it is told to, then fails if it must."""

    finds: tuple[Found, ...] = ()
    asks: int = 0
    fails: OSError | None = None

    async def run(self, on_found: OnFound, on_progress: OnProgress) -> None:
        for one in self.finds:
            on_found(one)
            await asyncio.sleep(0)
        for done in range(self.asks):
            on_progress(done + 1, self.asks)
        if self.fails:
            raise self.fails


@given(st.permutations([SCANNED, ANSWERED, ANNOUNCED, ELSEWHERE]))
def test_each_printer_once_with_the_best_name_whatever_came_first(found: list[Found]) -> None:
    assert merge(found) == [Found("lan", "10.0.0.5", 9100, "Kitchen", "TM-T88V", "mdns"), ELSEWHERE]


def test_addresses_are_in_the_order_of_numbers_and_ports_are_printers_of_their_own() -> None:
    hosts = [("10.0.0.40", 9100), ("10.0.0.5", 9101), ("10.0.0.5", 9100)]
    found = merge(Found("lan", host, port, "", "", "scan") for host, port in hosts)
    assert [(one.host, one.port) for one in found] == sorted(hosts, key=lambda at: (len(at[0]), at[1]))


@given(st.text() | st.binary())
def test_no_word_of_a_stranger_breaks_a_line_or_a_terminal(words: str | bytes) -> None:
    assert clean(words).isprintable()
    assert len(clean(words)) <= 60
    assert clean(clean(words)) == clean(words)


def test_what_is_honest_in_a_name_stays() -> None:
    assert clean("  厨房\x1b[2J 打印机\u202e\r\n ") == "厨房 [2J 打印机"
    assert clean("x" * 61) == "x" * 59 + "…"


async def test_a_printer_is_told_again_only_when_more_is_known() -> None:
    told: list[Found] = []
    found = await find([Told((SCANNED, SCANNED)), Told((ANNOUNCED, SCANNED)), Told((ELSEWHERE,))], told.append)
    assert told == [SCANNED, ANNOUNCED, ELSEWHERE]
    assert found == [ANNOUNCED, ELSEWHERE]


async def test_progress_counts_all_scans_together() -> None:
    steps: list[tuple[int, int]] = []
    await find([Told(asks=2), Told(), Told(asks=3)], on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 2), (2, 2), (3, 5), (4, 5), (5, 5)]


async def test_a_way_that_fails_says_so_and_hides_nothing() -> None:
    troubles: list[str] = []
    ways = [Told(fails=OSError("unplugged")), Told((SCANNED,), fails=SearchError("not ours")), Told((ELSEWHERE,))]
    assert await find(ways, on_trouble=troubles.append) == [SCANNED, ELSEWHERE]
    assert troubles == ["A search of the network failed: unplugged", "not ours"]


async def test_a_trouble_nobody_asked_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert await find([Told(fails=OSError("unplugged"))]) == []
    assert "unplugged" in caplog.text


async def test_nothing_found_is_an_empty_list() -> None:
    assert await find([]) == []
    assert await find([Told()]) == []


async def test_a_real_broadcast_and_a_real_scan_know_one_printer() -> None:
    async with responder(TM_T88V, host="127.0.0.2") as board, listening("127.0.0.2") as listener:
        scan = ScanPlan.of("127.0.0.2-3", "127.0.0.1", listener.port)
        found = await find([Broadcast("127.0.0.1", "127.0.0.2", board.port, seconds=1.5), scan])
        await listener.until_all_ended(1)
    assert found == [
        Found("lan", "127.0.0.2", 9100, "", "TM-T88V", "broadcast"),
        Found("lan", "127.0.0.2", listener.port, "", "", "scan"),
    ]


async def test_a_search_ends_at_once_when_cancelled() -> None:
    ways: list[Method] = [Broadcast("127.0.0.1", "127.0.0.1", port=1, seconds=3600), Told((SCANNED,))]
    begun = asyncio.Event()
    search = asyncio.create_task(find(ways, lambda _: begun.set()))
    await asyncio.wait_for(begun.wait(), 5)
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(search, 5)


def test_own_networks_are_the_private_ones_each_once() -> None:
    networks = own_networks(
        ["127.0.0.1", "192.168.1.20", "8.8.8.8", "10.1.2.3", "192.168.1.21", "169.254.3.4", "172.32.0.1"]
    )
    assert networks == (Network("192.168.1.20"), Network("10.1.2.3"))
    assert (networks[0].range, networks[0].broadcast) == ("192.168.1.0/24", "192.168.1.255")


def test_the_system_names_an_own_address_without_a_packet() -> None:
    assert routed_from("127.0.0.9") == "127.0.0.1"


@pytest.mark.parametrize("address", ["8.8.8.8", "192.0.2.2", "0.0.0.0", "255.255.255.255", "224.0.0.251", "::1", "printer"])
def test_no_network_outside_is_one_to_search(address: str) -> None:
    with pytest.raises(SearchError, match="address"):
        Network(address)


def test_the_quiet_ways_touch_the_given_networks_only() -> None:
    ways = quiet_methods([Network("10.0.0.2"), Network("192.168.1.20")])
    assert ways == [
        Announcements(("10.0.0.2", "192.168.1.20")),
        Broadcast("10.0.0.2", "10.0.0.255"),
        Broadcast("192.168.1.20", "192.168.1.255"),
    ]
    assert quiet_methods([]) == []


@pytest.mark.parametrize(
    ("host", "interface", "believed"),
    [
        ("10.0.0.9", "10.0.0.2", True),
        ("192.168.9.9", "10.0.0.2", True),  # another private network that is routed here
        ("127.0.0.1", "10.0.0.2", False),
        ("10.0.0.9", "127.0.0.1", False),
        ("8.8.8.8", "10.0.0.2", False),
        ("fe80::1", "10.0.0.2", False),
    ],
)
def test_nobody_outside_can_point_at_the_internet_or_at_this_computer(host: str, interface: str, believed: bool) -> None:
    assert is_believable(host, interface) is believed
