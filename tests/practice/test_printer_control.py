"""The control wire over HTTP, and `order-console simulate printer` as a process of its own."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.__main__ import main
from app.practice.printer import VirtualPrinter
from app.practice.printer_control import PrinterControl
from app.practice.printer_faults import PrinterFaults
from tests.practice.printer_guest import CUT, LIMIT, START, guest_of, job, proof


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(seed=7).in_thread() as running:
        yield running


@pytest.fixture
def control(printer: VirtualPrinter) -> Iterator[str]:
    wire = PrinterControl(printer)
    yield printer.call(wire.start())
    printer.call(wire.stop())


def call(address: str, method: str, path: str, body: Any = ...) -> tuple[int, bytes]:
    payload = None if body is ... else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/_practice/{path}", payload, method=method)
    try:
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def ask(address: str, method: str, path: str, body: Any = ...) -> Any:
    status, answer = call(address, method, path, body)
    assert status == 200, answer
    return json.loads(answer)


def print_on(printer: VirtualPrinter, payload: bytes, answers: int = 7) -> None:
    async def printed() -> None:
        async with guest_of(printer) as guest:
            await guest.ask(payload, answers)

    asyncio.run(printed())


def test_the_paper_is_shown_as_text_marks_errors_and_pictures(printer: VirtualPrinter, control: str) -> None:
    torn = START + b"half\n"
    marked = START + b"\x1dB\x01 VOID \x1dB\x00\n\x1bp\x00\x19\xfaT-2\n" + CUT
    print_on(printer, job("T-1") + torn + marked + START + b"hanging\n" + proof())
    paper = ask(control, "GET", "paper")
    assert [(piece["name"], piece["state"], piece["ticket_id"]) for piece in paper["pieces"]] == [
        ("1", "complete", "T-1"),
        ("2", "torn", ""),
        ("3", "glued", "T-2"),
    ]
    third = paper["pieces"][2]
    assert (third["marks"], third["errors"], third["text"]) == (["void"], ["the cash drawer was opened"], " VOID \nT-2")
    assert (paper["hanging"]["text"], paper["hanging"]["state"]) == ("hanging", "hanging")
    assert (paper["address"], paper["powered"], paper["idle"]) == (f"127.0.0.1:{printer.port}", True, True)
    for piece in (*paper["pieces"], paper["hanging"]):
        status, png = call(control, "GET", piece["png"].removeprefix("/_practice/"))
        assert status == 200
        assert Image.open(io.BytesIO(png)).size[0] == 576


@pytest.mark.parametrize("name", ["0", "1", "hanging", "nonsense"])
def test_paper_that_is_not_there_is_not_found(printer: VirtualPrinter, control: str, name: str) -> None:
    status, answer = call(control, "GET", f"paper/{name}.png")
    assert (status, "there is no piece" in answer.decode()) == (404, True)


def test_a_knob_is_turned_and_turned_back(printer: VirtualPrinter, control: str) -> None:
    assert ask(control, "GET", "faults") == PrinterFaults().to_json()
    assert ask(control, "PUT", "fault/cover_open", True) == {"cover_open": True}
    assert ask(control, "PUT", "fault/answers", [1, 4]) == {"answers": [1, 4]}
    assert ask(control, "PUT", "fault/paper_out_after_lines", 3) == {"paper_out_after_lines": 3}
    assert (printer.cover_open, printer.answers, printer.paper_out_after_lines) == (True, (1, 4), 3)
    assert ask(control, "DELETE", "fault/cover_open") == {"cover_open": False}
    assert printer.cover_open is False
    assert ask(control, "PUT", "fault/paper_out_after_lines", None) == {"paper_out_after_lines": None}


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", "fault/colour", True, "no such knob: colour; there are"),
        ("DELETE", "fault/colour", ..., "no such knob: colour; there are"),
        ("PUT", "fault/cover_open", "yes", "it takes true or false"),
        ("PUT", "fault/answers", [9], "a list of numbers from 1 to 4"),
        ("PUT", "fault/drop_replies", 2, "a number from 0 to 1"),
        ("PUT", "fault/mute", b"{nonsense", "one JSON value"),
        ("PUT", "fault/mute", b"", "one JSON value"),
        ("PUT", "fault/mute", b"\xff\xfe", "one JSON value"),
        ("POST", "refill", [], "a JSON object, or nothing"),
        ("POST", "refill", {"lines": "many"}, "a number of at least 0"),
        ("POST", "move", {"port": 70000}, "a number from 0 to 65535"),
    ],
)
def test_what_is_wrong_is_answered_in_words(
    printer: VirtualPrinter, control: str, method: str, path: str, body: Any, words: str
) -> None:
    status, answer = call(control, method, path, body)
    assert (status, words in json.loads(answer)["error"]) == (400, True)
    assert printer.faults == PrinterFaults()


def test_a_port_that_is_taken_is_refused_and_nothing_moves(printer: VirtualPrinter, control: str) -> None:
    taken = int(control.rpartition(":")[2])
    before = printer.port
    status, answer = call(control, "POST", "move", {"port": taken})
    assert (status, "error" in json.loads(answer), printer.port) == (400, True, before)
    print_on(printer, job("T-1") + proof())


def test_paper_power_and_address_by_wire(printer: VirtualPrinter, control: str) -> None:
    printer.paper_out_after_lines = 1
    print_on(printer, job("T-1") + b"\x10\x04\x01", 1)
    assert ask(control, "POST", "refill", {"lines": 2})["paper_out"] is True
    assert ask(control, "POST", "refill")["idle"] is True
    assert ask(control, "POST", "power_cut")["powered"] is False
    assert ask(control, "POST", "power_on")["powered"] is True
    before = printer.port
    assert ask(control, "POST", "move")["address"] == f"127.0.0.1:{printer.port}" != f"127.0.0.1:{before}"
    print_on(printer, job("T-2") + proof())
    assert [piece["ticket_id"] for piece in ask(control, "GET", "paper")["pieces"]] == ["T-1", "T-2"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"colour": 1}', "no such knob: colour"),
        ('{"mute": 1}', "mute: no such value 1"),
        ("{", "Expecting"),
        ("[]", "JSON object"),
        (None, "No such file"),
    ],
)
def test_a_bad_file_of_faults_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, words: str
) -> None:
    file = tmp_path / "faults.json"
    if content is not None:
        file.write_text(content, "utf-8")
    assert main(["simulate", "printer", "--faults", str(file)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("level", ["4", "-1", "many"])
def test_a_platform_still_takes_levels_only(capsys: pytest.CaptureFixture[str], level: str) -> None:
    assert main(["simulate", "eleme", f"--faults={level}"]) == 2
    assert "a level from 0 to 3" in capsys.readouterr().err


def test_an_unknown_simulator_is_refused_and_the_known_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "nothing"]) == 2
    assert "eleme" in (said := capsys.readouterr().err)
    assert "printer" in said


@pytest.mark.parametrize("dialect", ["escpos", "tspl"])
def test_it_runs_alone_until_interrupted(tmp_path: Path, dialect: str) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text('{"near_end_after_lines": 2}', "utf-8")
    command = [sys.executable, "-m", "app", "simulate", "printer", "--faults", str(faults), "--width", "58"]
    with subprocess.Popen(
        [*command, *(["--tspl"] if dialect == "tspl" else [])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            known = json.loads(process.stdout.readline())
            assert known["printer"] == dialect
            assert ask(known["control"], "GET", "faults")["near_end_after_lines"] == 2
            assert ask(known["control"], "GET", "paper")["address"] == known["address"]
            process.send_signal(signal.SIGINT)
            assert (process.wait(LIMIT), process.stderr.read() if process.stderr else "") == (130, "")
        finally:
            process.kill()
