"""Label printers: sent at best, unknown when something happens on the way, and nothing sent to one in trouble."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.practice.printer import VirtualPrinter
from app.printing import OutcomeKind, Patience
from app.printing.conversation import Memory
from app.printing.kinds import KINDS
from app.printing.label_device import ASK, END_LINE, LabelTalk, acknowledgement, deliver, examine
from app.printing.profile import Profile
from app.printing.transports.lan import LanPrinter
from tests.printing.scripted import Clock, still

PATIENCE = Patience(answer=0.5, settle=2.0, line=0.1, poll=1.0, longest=20.0)
LABEL = b"SIZE 40 mm,30 mm\r\nCLS\r\nPRINT 1\r\n"
ANSWERING = Profile("none", answers=(1,))


@dataclass
class Script:
    """A label printer that answers the status question with one byte after the other, the last one for ever."""

    clock: Clock
    answers: list[int]
    received: list[bytes] = field(default_factory=list)
    replies: bytes = b""

    def write(self, payload: memoryview, timeout: float) -> int:
        self.received.append(bytes(payload))
        if payload == ASK and self.answers:
            self.replies += bytes((self.answers.pop(0) if len(self.answers) > 1 else self.answers[0],))
        return len(payload)

    def read(self, timeout: float) -> bytes:
        if not self.replies:
            self.clock.now += timeout
        said, self.replies = self.replies, b""
        return said

    @property
    def labels(self) -> int:
        return sum(written.endswith(LABEL) for written in self.received)


@pytest.fixture
def clock() -> Iterator[Clock]:
    with still() as clock:
        yield clock


def talk(script: Script, memory: Memory | None = None) -> LabelTalk:
    return LabelTalk(script, PATIENCE, memory or Memory())


@pytest.mark.parametrize("course", [[0, 0], [0, 0x20, 0x20, 0], [0x20, 0x20, 0]])
def test_a_label_is_sent_once_the_printer_is_ready_again(clock: Clock, course: list[int]) -> None:
    script = Script(clock, course)
    assert deliver(talk(script), LABEL, ANSWERING).kind is OutcomeKind.SENT
    assert script.labels == 1
    assert script.answers == [0]


@pytest.mark.parametrize("trouble", [0x01, 0x02, 0x04, 0x08, 0x10, 0x80])
def test_trouble_before_sends_nothing_and_on_the_way_is_unknown(clock: Clock, trouble: int) -> None:
    before = Script(clock, [trouble])
    outcome = deliver(talk(before), LABEL, ANSWERING)
    assert (outcome.kind, before.labels) == (OutcomeKind.NOT_SENT, 0)
    assert outcome.reason
    on_the_way = Script(clock, [0, 0x20, trouble])
    outcome = deliver(talk(on_the_way), LABEL, ANSWERING)
    assert (outcome.kind, on_the_way.labels) == (OutcomeKind.UNKNOWN, 1)
    assert outcome.reason


def test_one_that_never_ends_and_one_that_falls_silent_are_unknown(clock: Clock) -> None:
    assert deliver(talk(Script(clock, [0, 0x20])), LABEL, ANSWERING).kind is OutcomeKind.UNKNOWN
    memory = Memory(answers=(1,))
    assert deliver(talk(Silenced(clock, [0, 0x20]), memory), LABEL, ANSWERING).kind is OutcomeKind.UNKNOWN


class Silenced(Script):
    """It answers until it has a label."""

    def read(self, timeout: float) -> bytes:
        if self.labels:
            self.replies = b""
        return super().read(timeout)


def test_silence_matters_only_where_answers_are_known(clock: Clock) -> None:
    script = Script(clock, [])
    assert deliver(talk(script), LABEL, ANSWERING).kind is OutcomeKind.NOT_SENT
    assert deliver(talk(script), LABEL, Profile("none")).kind is OutcomeKind.SENT
    assert script.labels == 1


def test_after_an_unknown_end_a_line_end_comes_first(clock: Clock) -> None:
    memory = Memory(torn=True)
    script = Script(clock, [0])
    assert deliver(talk(script, memory), LABEL, ANSWERING).kind is OutcomeKind.SENT
    assert END_LINE + LABEL in script.received
    assert not memory.torn


def test_no_label_printer_acknowledges(clock: Clock) -> None:
    assert acknowledgement(talk(Script(clock, [0]))) == "none"
    assert examine(talk(Script(clock, [0])), Profile("process_id", clears=True)) == ANSWERING
    assert examine(talk(Script(clock, [])), Profile()) == Profile("none")


def test_over_the_network() -> None:
    quick = Patience(connect=1.0, answer=0.4, settle=0.3, line=0.0, poll=0.05, longest=1.5)
    with VirtualPrinter(dialect="tspl").in_thread() as printer:
        device = LanPrinter(printer.host, printer.port, patience=quick, dialect="tspl")
        assert device.examine() == ANSWERING
        assert device.print_ticket(LABEL).kind is OutcomeKind.SENT
        printer.paper_out_after_lines = 0
        outcome = device.print_ticket(LABEL)
        assert (outcome.kind, outcome.reason) == (OutcomeKind.NOT_SENT, "打印机缺纸")
        printer.refill()
        printer.mute = True
        assert device.print_ticket(LABEL).kind is OutcomeKind.NOT_SENT
    assert threading.active_count() == 1
    assert "tspl" in KINDS["lan"].dialects
