"""Delivery against the virtual printer: for every fault, what the caller is told and what is really on the paper."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.tickets import Mark, Ticket, TicketKind, TicketLine
from app.practice.printer import VirtualPrinter
from app.printing import Acknowledges, LanPrinter, Outcome, OutcomeKind, Patience, PrinterStatus, UnreachableError, build
from app.printing.conversation import CLEAR
from app.printing.profile import Profile

AT = datetime(2026, 11, 22, 4, 3, 10, tzinfo=UTC)
QUICK = Patience(connect=1.0, answer=0.4, settle=0.3, line=0.0, poll=0.05, longest=1.5)
HASTY = replace(QUICK, answer=0.05)
DISHES = tuple(TicketLine("1", f"宫保鸡丁 {number}") for number in range(10))
TICKET = Ticket(TicketKind.KITCHEN, "饿#27", "饿了么", "T-8F21", AT, "Asia/Shanghai", DISHES)
PAYLOAD = build(TICKET)


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(seed=7).in_thread() as running:
        yield running


def lan(printer: VirtualPrinter, acknowledges: str = "process_id", patience: Patience = QUICK) -> LanPrinter:
    return LanPrinter(printer.host, printer.port, acknowledges, patience)


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.002)


def in_background(job: Callable[[], Outcome]) -> Callable[[], Outcome]:
    """Start `job`; the answer waits for its outcome."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(job()))
    thread.start()

    def finished() -> Outcome:
        thread.join()
        return outcomes[0]

    return finished


def whole_tickets(printer: VirtualPrinter) -> int:
    until(lambda: printer.idle or printer.paper_out)
    assert all(piece.errors == [] for piece in printer.paper)
    return sum(piece.complete and piece.ticket_id == "T-8F21" for piece in printer.paper)


@pytest.mark.parametrize("level", ["process_id", "status"])
def test_a_printer_that_acknowledges_confirms(printer: VirtualPrinter, level: str) -> None:
    printer.ack = level
    outcome = lan(printer, level).print_ticket(PAYLOAD)
    assert outcome == Outcome(OutcomeKind.CONFIRMED, "", PrinterStatus())
    assert whole_tickets(printer) == 1
    assert printer.connections_made == 1


@pytest.mark.parametrize("mute", [False, True])
@pytest.mark.parametrize("level", ["none", ""])
def test_a_printer_that_cannot_say_is_only_sent_to(printer: VirtualPrinter, level: str, mute: bool) -> None:
    printer.ack = "none"
    printer.mute = mute
    device = lan(printer, level)
    assert [device.print_ticket(PAYLOAD).kind for _ in range(2)] == [OutcomeKind.SENT] * 2
    until(lambda: whole_tickets(printer) == 2)


def test_an_unprobed_printer_that_answers_is_confirmed_by_status(printer: VirtualPrinter) -> None:
    assert lan(printer, "").print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED


def test_silence_of_a_printer_known_to_answer_sends_nothing(printer: VirtualPrinter) -> None:
    printer.mute = True
    assert lan(printer).print_ticket(PAYLOAD).kind is OutcomeKind.NOT_SENT
    assert printer.paper == []
    assert printer.hanging is None


def test_paper_out_before_sends_nothing_however_often_it_is_tried(printer: VirtualPrinter) -> None:
    printer.paper_out_after_lines = 0
    device = lan(printer)
    for _ in range(3):
        outcome = device.print_ticket(PAYLOAD)
        assert outcome.kind is OutcomeKind.NOT_SENT
        assert outcome.status is not None
        assert outcome.status.paper_out
        assert outcome.reason == outcome.status.text
    printer.refill()
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED
    assert whole_tickets(printer) == 1


def test_paper_out_in_the_middle_waits_tells_and_confirms_after_the_new_roll(printer: VirtualPrinter) -> None:
    printer.paper_out_after_lines = 6
    heard: list[PrinterStatus] = []
    device = lan(printer, patience=replace(QUICK, longest=20.0))
    finished = in_background(lambda: device.print_ticket(PAYLOAD, heard.append))
    until(lambda: bool(heard) and heard[-1].paper_out)
    assert device.query_status() == heard[-1]  # no second connection while a job is under way
    printer.refill()
    assert finished().kind is OutcomeKind.CONFIRMED
    assert whole_tickets(printer) == 1
    assert printer.connections_made == 1


def test_paper_out_never_mended_is_unknown_and_the_rest_comes_out_later(printer: VirtualPrinter) -> None:
    printer.paper_out_after_lines = 6
    outcome = lan(printer).print_ticket(PAYLOAD)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.status is not None
    assert outcome.status.paper_out
    assert whole_tickets(printer) == 0
    printer.refill()
    assert whole_tickets(printer) == 1


def test_a_reset_in_the_middle_is_unknown_and_the_torn_half_is_cut_off_before_the_next(printer: VirtualPrinter) -> None:
    device = lan(printer)
    printer.reset_after_bytes = 6 + len(PAYLOAD) // 2  # two status questions come first
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.UNKNOWN
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED
    torn, whole = printer.paper
    assert (torn.complete, whole.complete, whole.glued) == (False, True, False)
    assert whole.errors == []  # the torn end may have swallowed a question


def test_a_reset_before_the_job_sends_nothing(printer: VirtualPrinter) -> None:
    printer.reset_after_bytes = 3
    assert lan(printer).print_ticket(PAYLOAD).kind is OutcomeKind.NOT_SENT
    assert printer.paper == []


@pytest.mark.parametrize(("level", "ack"), [("process_id", "status"), ("process_id", "none"), ("status", "none")])
def test_an_acknowledgement_that_never_comes_is_unknown(printer: VirtualPrinter, level: str, ack: str) -> None:
    printer.ack = ack
    assert lan(printer, level).print_ticket(PAYLOAD).kind is OutcomeKind.UNKNOWN
    assert whole_tickets(printer) == 1


def test_power_cut_in_the_middle_is_unknown(printer: VirtualPrinter) -> None:
    printer.lines_per_second = 50
    device = lan(printer, patience=replace(QUICK, settle=5.0, longest=20.0))
    finished = in_background(lambda: device.print_ticket(PAYLOAD))
    until(lambda: printer.hanging is not None and len(printer.hanging.lines) > 5)
    printer.power_cut()
    assert finished().kind is OutcomeKind.UNKNOWN
    assert [piece.complete for piece in printer.paper] == [False]
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.NOT_SENT
    printer.power_on()
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED
    assert whole_tickets(printer) == 1


def test_a_slow_printer_that_says_it_works_is_waited_for(printer: VirtualPrinter) -> None:
    printer.lines_per_second = 25  # about 1 s for this ticket: more than it deserves, less than three times that
    patience = replace(QUICK, settle=0.7, longest=20.0)
    assert lan(printer, patience=patience).print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED
    assert whole_tickets(printer) == 1


def test_lost_replies_never_turn_into_a_false_confirmation(printer: VirtualPrinter) -> None:
    printer.drop_replies = 0.5
    device = lan(printer, patience=HASTY)
    kinds = [device.print_ticket(PAYLOAD).kind for _ in range(12)]
    assert set(kinds) <= {OutcomeKind.CONFIRMED, OutcomeKind.NOT_SENT, OutcomeKind.UNKNOWN}
    left = sum(kind is not OutcomeKind.NOT_SENT for kind in kinds)
    assert 0 < left < 12
    assert whole_tickets(printer) == left


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    device = LanPrinter("127.0.0.1", port, "process_id", QUICK)
    outcome = device.print_ticket(PAYLOAD)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert "127.0.0.1" in outcome.reason
    with pytest.raises(UnreachableError):
        device.query_status()
    with pytest.raises(UnreachableError):
        device.probe()


@pytest.mark.parametrize("ack", list(Acknowledges))
def test_probe_finds_the_level_and_prints_nothing(printer: VirtualPrinter, ack: Acknowledges) -> None:
    printer.ack = ack.value
    device = lan(printer, "")
    found = device.probe()
    assert (found.acknowledges, found.status) == (ack, PrinterStatus())
    assert device.acknowledges == ack
    assert device.print_ticket(PAYLOAD).kind is (OutcomeKind.SENT if ack is Acknowledges.NONE else OutcomeKind.CONFIRMED)
    until(lambda: whole_tickets(printer) == 1)
    assert len(printer.paper) == 1


def test_a_probe_without_any_answer(printer: VirtualPrinter) -> None:
    printer.mute = True
    found = lan(printer, "").probe()
    assert (found.acknowledges, found.status) == (Acknowledges.NONE, None)
    assert found.text


def test_status_on_request(printer: VirtualPrinter) -> None:
    device = lan(printer)
    assert device.query_status() == PrinterStatus()
    printer.paper_out_after_lines = 0
    status = device.query_status()
    assert status is not None
    assert not status.ready
    assert status.paper_out
    printer.mute = True
    assert device.query_status() is None


def test_stop_ends_a_waiting_job_and_refuses_the_next(printer: VirtualPrinter) -> None:
    printer.paper_out_after_lines = 4
    device = lan(printer, patience=replace(QUICK, longest=60.0))
    finished = in_background(lambda: device.print_ticket(PAYLOAD))
    until(lambda: printer.paper_out)
    device.stop()
    assert finished().kind is OutcomeKind.UNKNOWN
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.NOT_SENT


def test_two_callers_take_turns(printer: VirtualPrinter) -> None:
    printer.lines_per_second = 400
    device = lan(printer, patience=replace(QUICK, settle=5.0, longest=20.0))
    jobs = [in_background(lambda: device.print_ticket(PAYLOAD)) for _ in range(3)]
    assert [finished().kind for finished in jobs] == [OutcomeKind.CONFIRMED] * 3
    assert whole_tickets(printer) == 3


def test_a_marked_copy_after_a_torn_job_cuts_once(printer: VirtualPrinter) -> None:
    device = lan(printer)
    printer.reset_after_bytes = 6 + len(PAYLOAD) // 2
    device.print_ticket(PAYLOAD)
    copy = build(replace(TICKET, marks=(Mark.POSSIBLE_DUPLICATE,), copy=2))
    assert device.print_ticket(copy).kind is OutcomeKind.CONFIRMED
    torn, whole = printer.paper
    assert (torn.complete, whole.complete, whole.glued) == (False, True, False)
    assert "possible_duplicate" in whole.marks


@pytest.mark.parametrize("level", ["process_id", "status", "none"])
@pytest.mark.parametrize("knob", ["refused", "waits"])
def test_a_board_that_serves_one_connection_at_a_time(printer: VirtualPrinter, level: str, knob: str) -> None:
    printer.change(second_connection=knob, ack=level)
    device = lan(printer, level)
    with socket.create_connection((printer.host, printer.port)):
        until(lambda: printer.connections_made == 1)
        outcome = device.print_ticket(PAYLOAD)
        assert outcome.kind is not OutcomeKind.CONFIRMED
        assert outcome.kind is OutcomeKind.NOT_SENT or level == "none"
        assert printer.paper == []
    if outcome.kind is OutcomeKind.NOT_SENT:
        until(lambda: printer.idle)
        until(lambda: device.print_ticket(PAYLOAD).kind is not OutcomeKind.NOT_SENT)
    until(lambda: whole_tickets(printer) == 1)


@pytest.mark.parametrize("knob", ["hangs", "vanishes"])
def test_a_half_open_connection(printer: VirtualPrinter, knob: str) -> None:
    printer.half_open = knob
    device = lan(printer)
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.NOT_SENT
    printer.half_open = "none"
    printer.lines_per_second = 30
    finished = in_background(lambda: device.print_ticket(PAYLOAD))
    until(lambda: printer.hanging is not None and len(printer.hanging.lines) > 3)
    printer.half_open = knob
    assert finished().kind is OutcomeKind.UNKNOWN
    printer.change(half_open="none", lines_per_second=0)
    until(lambda: device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED)
    assert whole_tickets(printer) == 2


@pytest.mark.parametrize("level", ["process_id", "status"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [("never", OutcomeKind.UNKNOWN), ("twice", OutcomeKind.CONFIRMED), ("wrong_id", OutcomeKind.UNKNOWN)],
)
def test_acknowledgements_that_are_odd(printer: VirtualPrinter, level: str, fault: str, kind: OutcomeKind) -> None:
    printer.change(ack=level, ack_fault=fault, status_amid_replies=True)
    device = lan(printer, level)
    if (level, fault) == ("status", "wrong_id"):  # a GS r has no id to be wrong
        kind = OutcomeKind.CONFIRMED
    assert device.print_ticket(PAYLOAD).kind is kind
    assert whole_tickets(printer) == 1
    printer.change(ack_fault="none")
    until(lambda: device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED)
    assert whole_tickets(printer) == 2


@pytest.mark.parametrize("level", ["process_id", "status"])
def test_the_late_answer_to_a_stuck_job_reaches_the_next_and_confirms_nothing(printer: VirtualPrinter, level: str) -> None:
    """The rest of the first job is printed, and acknowledged, while the second one is being delivered."""
    printer.change(ack=level, stray_replies=True, paper_out_after_lines=6, clear_supported=False)
    device = lan(printer, level, replace(QUICK, settle=1.0))
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.UNKNOWN
    lines = PAYLOAD.count(b"\n")
    printer.lines_per_second = 100
    printer.refill(lines + 4)
    outcome = device.print_ticket(build(replace(TICKET, ticket_id="T-9999")))
    assert outcome.kind is not OutcomeKind.CONFIRMED
    assert not any(piece.complete and piece.ticket_id == "T-9999" for piece in printer.paper)


def test_a_printer_that_clears_prints_nothing_later(printer: VirtualPrinter) -> None:
    printer.paper_out_after_lines = 6
    known = Profile("process_id", clears=True, answers=(1, 4))
    device = LanPrinter(printer.host, printer.port, patience=QUICK, profile=known)
    outcome = device.print_ticket(PAYLOAD)
    assert (outcome.kind, outcome.cleared) == (OutcomeKind.UNKNOWN, True)
    printer.refill()
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED
    assert whole_tickets(printer) == 1


@pytest.mark.parametrize("ack", ["status", "none"])
def test_clearing_is_never_tried_on_a_printer_not_known_to_do_it(printer: VirtualPrinter, ack: str) -> None:
    printer.change(ack=ack, clear_supported=False, paper_out_after_lines=6)
    device = lan(printer, ack)
    assert device.print_ticket(PAYLOAD).kind is (OutcomeKind.SENT if ack == "none" else OutcomeKind.UNKNOWN)
    printer.refill()
    until(lambda: device.print_ticket(PAYLOAD).kind in (OutcomeKind.CONFIRMED, OutcomeKind.SENT))
    until(lambda: whole_tickets(printer) == 2)
    assert not any(CLEAR in piece.raw for piece in printer.paper)


def test_staff_are_told_when_a_full_printer_takes_no_more(printer: VirtualPrinter) -> None:
    printer.change(buffer_bytes=256, paper_out_after_lines=2)
    heard: list[PrinterStatus] = []
    huge = PAYLOAD * 4000
    assert lan(printer).print_ticket(huge, heard.append).kind is OutcomeKind.UNKNOWN
    assert heard[-1].ready is False


def test_a_printer_known_to_be_torn_from_before_a_restart_cuts_first(printer: VirtualPrinter) -> None:
    device = LanPrinter(printer.host, printer.port, "process_id", QUICK, torn=True)
    assert device.torn
    assert device.print_ticket(PAYLOAD).kind is OutcomeKind.CONFIRMED
    assert not device.torn
    assert whole_tickets(printer) == 1
