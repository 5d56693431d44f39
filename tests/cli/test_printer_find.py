"""`order-console printer find`: asks before it scans, prints what it found, and says what to try when there is nothing."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator

import pytest

from app import texts
from app.__main__ import main
from app.printing import discovery
from app.printing.discovery import Found, Method, Network, enpc, own_networks

FIND = ("printer", "find", "--interface", "127.0.0.1")


@pytest.fixture
def printer() -> Iterator[int]:
    """Something at 127.0.0.9 that takes connections; answers its port."""
    with socket.create_server(("127.0.0.9", 0)) as server:
        yield server.getsockname()[1]


class Terminal(io.StringIO):
    """Somebody at the keyboard."""

    def isatty(self) -> bool:
        return True


def test_a_scan_agreed_to_in_advance_finds_a_printer(printer: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIND, "--scan", "127.0.0.2-20", "--port", str(printer), "--yes", "--json"]) == 0
    told = {"kind": "lan", "host": "127.0.0.9", "port": printer, "name": "", "model": "", "how": "scan"}
    assert json.loads(capsys.readouterr().out) == [told]


def test_without_json_it_is_a_line_a_printer(printer: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIND, "--scan", "127.0.0.2-20", "--port", str(printer), "--yes"]) == 0
    assert capsys.readouterr().out == f"127.0.0.9:{printer}\t\t\tscan\n"


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("是\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
def test_the_person_at_the_terminal_decides(
    printer: int, answer: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main([*FIND, "--scan", "127.0.0.2-20", "--port", str(printer)]) == code
    said = capsys.readouterr()
    assert f"This asks 19 addresses of 127.0.0.2-20 whether they answer at port {printer}." in said.err
    assert bool(said.out) is (code == 0)


def test_where_nobody_can_be_asked_nothing_is_scanned(
    printer: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert main([*FIND, "--scan", "127.0.0.2-20", "--port", str(printer)]) == 1
    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize("wish", [("--scan", "192.168.1.0/24"), ("--scan", "127.0.0.0/8"), ("--interface", "8.8.8.8")])
def test_a_search_outside_is_refused_in_one_line(wish: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIND, *wish, "--yes"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("order-console: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(("language", "words"), [("en", "hold FEED while switching it on"), ("zh", "按住走纸键")])
def test_when_nothing_is_found_it_says_what_to_try(language: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts.use(language)
    assert main([*FIND, "--scan", "127.0.0.2-5", "--port", "1", "--yes", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert words in said.err
    assert len(said.err.splitlines()) == 4


def test_the_broadcast_goes_to_the_interfaces_own_network(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[enpc.Broadcast] = []

    async def told(self: enpc.Broadcast, on_found: discovery.found.OnFound, _: object) -> None:
        asked.append(self)
        on_found(Found("lan", "127.0.0.9", 9100, "", "TM-T88V", "broadcast"))

    monkeypatch.setattr(enpc.Broadcast, "run", told)
    assert main([*FIND, "--broadcast"]) == 0
    assert capsys.readouterr().out == "127.0.0.9:9100\t\tTM-T88V\tbroadcast\n"
    assert asked == [enpc.Broadcast("127.0.0.1", "127.0.0.255")]


def test_without_a_wish_it_looks_in_every_way_that_needs_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    ways: list[Method] = []

    async def find(methods: list[Method], **_: object) -> list[Found]:
        ways.extend(methods)
        return []

    monkeypatch.setattr("app.cli.printers.find", find)
    monkeypatch.setattr("app.cli.printers.own_networks", lambda: own_networks(["10.0.0.2"]))
    assert main(["printer", "find"]) == 1
    assert ways == discovery.quiet_methods([Network("10.0.0.2")])
    assert len(ways) == 2


def test_a_computer_on_no_private_network_is_told_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.cli.printers.own_networks", lambda: own_networks(["127.0.0.1"]))
    assert main(["printer", "find"]) == 1
    assert "--interface" in capsys.readouterr().err


def test_a_scan_is_made_through_the_network_the_range_is_in(
    printer: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "app.cli.printers.own_networks", lambda: (Network("10.0.0.2"), Network("127.0.0.1"), Network("10.1.0.2"))
    )
    assert main(["printer", "find", "--scan", "127.0.0.8-9", "--port", str(printer), "--yes"]) == 0
    assert capsys.readouterr().out.startswith(f"127.0.0.9:{printer}\t")
