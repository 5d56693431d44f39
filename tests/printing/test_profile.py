"""The profile: what asking finds out about printers of every sort, that it prints nothing, and that it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from app.practice.printer import VirtualPrinter
from app.printing import LanPrinter, OutcomeKind, Patience, UnreachableError
from app.printing.profile import Profile
from tests.printing.scripted import job

QUICK = Patience(connect=1.0, answer=0.25, settle=0.4, line=0.0, poll=0.05, longest=1.5)
TICKET = job("A")


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(seed=7).in_thread() as running:
        yield running


@pytest.mark.parametrize("ack", ["process_id", "status", "none"])
@pytest.mark.parametrize("clears", [True, False])
def test_asking_finds_what_the_printer_can_do(printer: VirtualPrinter, ack: str, clears: bool) -> None:
    printer.change(ack=ack, clear_supported=clears, answers=[1, 4])
    seen = Profile(rom="none", buzzer="epson", cuts=False)
    device = LanPrinter(printer.host, printer.port, patience=QUICK, profile=seen)
    found = device.examine()
    expected = replace(seen, acknowledges=ack, maker="Order Console", model="Practice 80", clears=clears, answers=(1, 4))
    assert found == expected
    assert (device.profile, device.acknowledges) == (expected, ack)
    assert printer.paper == []
    told = OutcomeKind.SENT if ack == "none" else OutcomeKind.CONFIRMED
    assert device.print_ticket(TICKET).kind is told


def test_a_printer_that_does_not_know_the_questions_prints_no_letters_of_them(printer: VirtualPrinter) -> None:
    printer.change(ack="none", clear_supported=False, maker=None, model=None, answers=[1])
    found = LanPrinter(printer.host, printer.port, patience=QUICK).examine()
    assert found == Profile("none", answers=(1,))
    assert "".join(piece.text for piece in printer.paper).strip() == ""


def test_a_mute_printer(printer: VirtualPrinter) -> None:
    printer.mute = True
    device = LanPrinter(printer.host, printer.port, patience=QUICK)
    assert device.examine() == Profile("none")
    assert device.print_ticket(TICKET).kind is OutcomeKind.SENT


def test_a_printer_without_paper_is_not_asked_what_it_can_do(printer: VirtualPrinter) -> None:
    printer.paper_out_after_lines = 0
    device = LanPrinter(printer.host, printer.port, patience=QUICK)
    for ask in (device.probe, device.examine):
        with pytest.raises(UnreachableError, match="缺纸"):
            ask()
    assert device.profile == Profile()


def test_a_profile_is_stored_as_json_and_read_again() -> None:
    adapter = TypeAdapter(Profile)
    profile = Profile("status", "HPRT", "TP80K", True, (1, 4), "none", "drawer", False)
    assert adapter.validate_json(adapter.dump_json(profile)) == profile
    assert adapter.validate_python({}) == Profile()
