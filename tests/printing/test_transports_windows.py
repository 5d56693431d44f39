"""The Windows spooler's rules against a pretend spooler: sent at best, and nothing stays in the queue to flood out later."""

from __future__ import annotations

import sys

import pytest

from app.printing import OutcomeKind, Patience, PrinterStatus, UnreachableError
from app.printing.profile import Profile
from app.printing.transports.windows_spooler import WindowsPrinter

QUICK = Patience(poll=0.02, longest=0.1)
JOB = b"\x1b@ticket\n" * 1000


class FakeSpooler:
    """A queue whose job goes through `course`, one value a look; the last one stays."""

    def __init__(self, *course: int | None, xps: bool = False) -> None:
        self.course = list(course) or [None]
        self.xps = xps
        self.fails_at = ""
        self.calls: list[str] = []
        self.started: list[tuple[str, str]] = []
        self.taken = b""

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name == self.fails_at:
            raise OSError(f"{name} failed")

    def open(self, name: str) -> int:
        self._called("open")
        return 7

    def is_xps(self, printer: int) -> bool:
        self._called("is_xps")
        return self.xps

    def start(self, printer: int, title: str, datatype: str) -> int:
        self._called("start")
        self.started.append((title, datatype))
        return 42

    def write(self, printer: int, payload: bytes) -> int:
        self._called("write")
        self.taken += payload[:1000]
        return len(payload[:1000])

    def end(self, printer: int) -> None:
        self._called("end")

    def status(self, printer: int, job: int) -> int | None:
        self._called("status")
        return self.course.pop(0) if len(self.course) > 1 else self.course[0]

    def delete(self, printer: int, job: int) -> None:
        self._called("delete")

    def close(self, printer: int) -> None:
        self._called("close")


def printer(fake: FakeSpooler, datatype: str = "auto") -> WindowsPrinter:
    return WindowsPrinter("Kitchen", Profile("process_id"), datatype, QUICK, lambda: fake)


@pytest.mark.parametrize("course", [(None,), (0x8, 0x10, None), (0x10, 0x80), (0x1000,)])
def test_what_the_queue_got_rid_of_is_sent(course: tuple[int | None, ...]) -> None:
    fake = FakeSpooler(*course)
    assert printer(fake).print_ticket(JOB, key="T-8F21").kind is OutcomeKind.SENT
    assert fake.taken == JOB
    assert fake.started == [("Order Console T-8F21", "RAW")]
    assert "delete" not in fake.calls
    assert fake.calls[-1] == "close"


@pytest.mark.parametrize(("chosen", "used"), [("auto", "XPS_PASS"), ("RAW", "RAW"), ("XPS_PASS", "XPS_PASS")])
def test_xps_drivers_pass_bytes_on_only_when_told_to(chosen: str, used: str) -> None:
    fake = FakeSpooler(xps=True)
    printer(fake, chosen).print_ticket(JOB)
    assert fake.started[0][1] == used


@pytest.mark.parametrize("step", ["open", "is_xps", "start"])
def test_what_never_began_is_not_sent(step: str) -> None:
    fake = FakeSpooler()
    fake.fails_at = step
    outcome = printer(fake).print_ticket(JOB)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert step in outcome.reason


@pytest.mark.parametrize("step", ["write", "end", "status"])
def test_what_broke_on_the_way_is_unknown_and_leaves_the_queue(step: str) -> None:
    fake = FakeSpooler()
    fake.fails_at = step
    assert printer(fake).print_ticket(JOB).kind is OutcomeKind.UNKNOWN
    assert fake.calls[-2:] == ["delete", "close"]


def test_a_stuck_job_is_told_of_and_taken_out_of_the_queue() -> None:
    fake = FakeSpooler(0x10, 0x50)
    heard: list[PrinterStatus] = []
    outcome = printer(fake).print_ticket(JOB, heard.append)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.reason.startswith("打印机缺纸；")
    assert heard == [PrinterStatus(), PrinterStatus(paper_out=True)]
    assert fake.calls[-2:] == ["delete", "close"]


def test_paper_loaded_in_time_is_sent() -> None:
    assert printer(FakeSpooler(0x50, 0x50, 0x10, None)).print_ticket(JOB).kind is OutcomeKind.SENT


def test_a_job_deleted_by_hand_is_unknown() -> None:
    assert printer(FakeSpooler(0x10, 0x4)).print_ticket(JOB).kind is OutcomeKind.UNKNOWN


def test_stop_refuses_the_next() -> None:
    device = printer(FakeSpooler())
    device.stop()
    assert device.print_ticket(JOB).kind is OutcomeKind.NOT_SENT


def test_the_probe_looks_whether_the_queue_is_there() -> None:
    fake = FakeSpooler()
    assert printer(fake).probe().acknowledges == "none"
    assert fake.calls == ["open", "close"]
    fake.fails_at = "open"
    with pytest.raises(UnreachableError):
        printer(fake).examine()


@pytest.mark.skipif(sys.platform == "win32", reason="there is a spooler here")
def test_elsewhere_there_is_none() -> None:
    device = WindowsPrinter("Kitchen", Profile())
    outcome = device.print_ticket(JOB)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert "只有 Windows 系统才有 Windows 打印机" in outcome.reason
