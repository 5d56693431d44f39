"""CUPS by its commands, against pretend ones as strict as the real: sent at best, and nothing stays to flood out later."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.printing import OutcomeKind, Patience, PrinterStatus, UnreachableError
from app.printing.profile import Profile
from app.printing.transports import cups
from app.printing.transports.cups import CupsPrinter, status_of
from tests.printing.scripted import job

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no CUPS and runs no scripts as programs")

A = job("A")
QUICK = Patience(poll=0.02, longest=0.3)
LONG = Patience(poll=0.02, longest=60.0)
# The commands as their sources have them: options act in the order in which they stand, a job's line starts with
# queue-number, what is told of it is moved in, and a job that has ended cannot be cancelled.
COMMANDS = """#!{python}
import json, os, pathlib, sys, time
here = pathlib.Path({folder!r})
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
world = json.loads((here / "world").read_text())
with open(here / "calls", "a") as calls:
    calls.write(json.dumps([name, *words]) + "\\n")
def told(number, one):
    print(f"{{world['queue']}}-{{number}}              shop              1024   Sun Nov 22 12:00:00 2026")
    print("\\tStatus: Sending data to printer-7.")
    print("\\tAlerts: " + one)
    print("\\tqueued for " + world["queue"])
if os.environ.get("LC_ALL") != "C":
    sys.exit("the words depend on the shop's language")
if world["broken"] == name:
    sys.exit(name + ": Scheduler is not running.")
if world["slow"] == name:
    time.sleep(60)
if name == "lp":
    options = dict(zip(words[::2], words[1::2]))
    if options["-d"] != world["queue"]:
        sys.exit("lp: The printer or class does not exist.")
    (here / "job").write_bytes(sys.stdin.buffer.read())
    world["jobs"]["12"] = "job-printing"
    print(world["answer"])
elif name == "lpstat":
    which, long = "not-completed", False
    while words:
        option = words.pop(0)
        if option == "-W":
            which = words.pop(0)
            assert which in ("not-completed", "completed", "all")
        elif option == "-l":
            long = True
        elif option in ("-p", "-o"):
            if words.pop(0) != world["queue"]:
                sys.exit('lpstat: Invalid destination name in list "' + world["queue"] + '".')
            if option == "-p":
                state = "is idle.  enabled" if world["enabled"] else "disabled"
                print(f"printer {{world['queue']}} {{state}} since Sun Nov 22 12:00:00 2026")
                if long:
                    print("\\tDescription: The offline paused printer\\n\\tAlerts: " + world["alerts"])
            else:
                assert long
                if which == "not-completed" and world["looks"] is not None:
                    world["looks"] -= 1
                    if world["looks"] < 0:
                        world["jobs"].pop("12", None)
                        world["ended"]["12"] = world["end"]
                for number, one in (world["jobs"] if which == "not-completed" else world["ended"]).items():
                    told(number, one)
        else:
            sys.exit("lpstat: Unknown option " + option)
elif name == "cancel":
    number = words[0].rpartition("-")[2]
    if world["jobs"].pop(number, None) is None:
        sys.exit(f"cancel: cancel-job failed: Job #{{number}} is already completed - can't cancel.")
    world["ended"][number] = "job-canceled-by-user"
(here / "world").write_text(json.dumps(world))
"""


class Cups:
    """A queue called kitchen, in which a job of ours gets number 12. `looks`: how often it is still seen; None for ever."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_now(
            queue="kitchen",
            answer="request id is kitchen-12 (1 file(s))",
            jobs={"7": "job-printing"},
            ended={"3": "job-completed-successfully"},
            end="job-completed-successfully",
            looks=0,
            enabled=True,
            alerts="none",
            broken="",
            slow="",
        )

    @property
    def world(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "world").read_text())
        return found

    def is_now(self, **changes: Any) -> None:
        known = self.world if (self.folder / "world").exists() else {}
        (self.folder / "world").write_text(json.dumps(known | changes))

    @property
    def calls(self) -> list[list[str]]:
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def called(self, name: str) -> list[list[str]]:
        return [words for program, *words in self.calls if program == name]


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cups:
    for name in ("lp", "lpstat", "cancel"):
        program = tmp_path / name
        program.write_text(COMMANDS.format(python=sys.executable, folder=str(tmp_path)))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return Cups(tmp_path)


@pytest.mark.parametrize("looks", [0, 2])
def test_what_left_the_queue_is_sent_byte_for_byte_and_no_more_than_sent(queue: Cups, looks: int) -> None:
    queue.is_now(looks=looks)
    printer = CupsPrinter("kitchen", Profile("process_id", clears=True), LONG)
    assert printer.acknowledges == "none"
    assert printer.print_ticket(A, key="T-8F21").kind is OutcomeKind.SENT
    assert (queue.folder / "job").read_bytes() == A
    assert queue.called("lp") == [["-d", "kitchen", "-o", "raw", "-t", "Order Console T-8F21"]]
    assert queue.called("cancel") == []
    assert (printer.examine().acknowledges, printer.profile.clears) == ("none", False)


@pytest.mark.parametrize(
    "answer",
    [
        "request id is tm-88-12 (1 file(s))",
        "请求ID为tm-88-12（1 个文件）",
        "La requete porte l'identificateur tm-88-12 (1 fichier(s))",
    ],
)
def test_the_number_is_read_in_every_language_also_of_a_queue_with_numbers(queue: Cups, answer: str) -> None:
    queue.is_now(queue="tm-88", answer=answer, looks=None)
    CupsPrinter("tm-88", Profile(), QUICK).print_ticket(A)
    assert queue.called("cancel") == [["tm-88-12"]]


def test_a_stopped_queue_gets_nothing_that_it_could_print_later(queue: Cups) -> None:
    queue.is_now(enabled=False)
    printer = CupsPrinter("kitchen", Profile(), LONG)
    outcome = printer.print_ticket(A)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert outcome.status == PrinterStatus(online=False)
    assert queue.called("lp") == []
    assert printer.query_status() == PrinterStatus(online=False)


def test_what_the_queue_keeps_is_told_of_and_cancelled_and_a_job_of_others_is_not(queue: Cups) -> None:
    queue.is_now(looks=None)
    heard: list[PrinterStatus] = []

    def trouble(status: PrinterStatus) -> None:
        heard.append(status)
        queue.is_now(alerts="media-empty-error")

    outcome = CupsPrinter("kitchen", Profile(), QUICK).print_ticket(A, trouble)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert outcome.reason.startswith("打印机缺纸；")
    assert heard == [PrinterStatus(), PrinterStatus(paper_out=True)]
    assert queue.called("cancel") == [["kitchen-12"]]
    assert "7" in queue.world["jobs"]
    assert "12" not in queue.world["jobs"]


def test_nothing_of_an_outage_is_left_in_the_queue(queue: Cups) -> None:
    queue.is_now(looks=None)
    kinds = [CupsPrinter("kitchen", Profile(), QUICK).print_ticket(A).kind for _ in range(2)]
    assert kinds == [OutcomeKind.UNKNOWN] * 2
    assert queue.called("cancel") == [["kitchen-12"]] * 2
    assert list(queue.world["jobs"]) == ["7"]


def test_a_job_that_cups_will_not_delete_is_said_to_be_left(queue: Cups) -> None:
    queue.is_now(looks=None, broken="cancel")
    outcome = CupsPrinter("kitchen", Profile(), QUICK).print_ticket(A)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert "可能" in outcome.reason


@pytest.mark.parametrize("end", ["job-canceled-by-user", "aborted-by-system", "job-canceled-at-device"])
def test_a_job_somebody_cancelled_is_unknown(queue: Cups, end: str) -> None:
    queue.is_now(end=end)
    assert CupsPrinter("kitchen", Profile(), LONG).print_ticket(A).kind is OutcomeKind.UNKNOWN


def test_a_cups_that_forgets_its_jobs_is_believed(queue: Cups) -> None:
    queue.is_now(end="none")
    assert CupsPrinter("kitchen", Profile(), LONG).print_ticket(A).kind is OutcomeKind.SENT


def test_an_answer_without_a_number_is_unknown(queue: Cups) -> None:
    queue.is_now(answer="thank you")
    assert CupsPrinter("kitchen", Profile(), LONG).print_ticket(A).kind is OutcomeKind.UNKNOWN


def test_stop_takes_the_job_out(queue: Cups) -> None:
    queue.is_now(looks=None)
    printer = CupsPrinter("kitchen", Profile(), LONG)
    outcomes: list[OutcomeKind] = []
    thread = threading.Thread(target=lambda: outcomes.append(printer.print_ticket(A).kind))
    thread.start()
    log = queue.folder / "calls"
    until(lambda: log.exists() and '"not-completed"' in log.read_text())
    printer.stop()
    thread.join()
    assert outcomes == [OutcomeKind.UNKNOWN]
    assert queue.called("cancel") == [["kitchen-12"]]
    assert printer.print_ticket(A).kind is OutcomeKind.NOT_SENT


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.002)


def test_cups_refuses_in_its_own_words(queue: Cups) -> None:
    queue.is_now(broken="lp")
    outcome = CupsPrinter("kitchen", Profile(), LONG).print_ticket(A)
    assert outcome.kind is OutcomeKind.NOT_SENT
    assert "Scheduler is not running" in outcome.reason


def test_a_queue_that_does_not_exist_gets_nothing(queue: Cups) -> None:
    printer = CupsPrinter("bar", Profile(), LONG)
    assert printer.print_ticket(A).kind is OutcomeKind.NOT_SENT
    assert queue.called("lp") == []
    for asks in (printer.probe, printer.query_status):
        with pytest.raises(UnreachableError):
            asks()


def test_a_cups_that_hangs_is_unknown(queue: Cups) -> None:
    queue.is_now(slow="lp")
    assert CupsPrinter("kitchen", Profile(), QUICK).print_ticket(A).kind is OutcomeKind.UNKNOWN


def test_a_cups_that_does_not_answer_gets_nothing(queue: Cups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cups, "ANSWER", 0.3)
    queue.is_now(slow="lpstat")
    printer = CupsPrinter("kitchen", Profile(), LONG)
    assert printer.print_ticket(A).kind is OutcomeKind.NOT_SENT
    assert queue.called("lp") == []


def test_without_lpstat_a_ticket_is_sent_and_that_nobody_watches_it_is_said(queue: Cups) -> None:
    (queue.folder / "lpstat").unlink()
    printer = CupsPrinter("kitchen", Profile(), LONG)
    outcome = printer.print_ticket(A)
    assert outcome.kind is OutcomeKind.SENT
    assert "lpstat" in outcome.reason
    assert printer.query_status() is None


def test_no_cups_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    printer = CupsPrinter("kitchen", Profile())
    outcome = printer.print_ticket(A)
    assert (outcome.kind, outcome.reason) == (OutcomeKind.NOT_SENT, "这台电脑没有安装 CUPS：找不到 lp 命令")
    with pytest.raises(UnreachableError):
        printer.probe()


@pytest.mark.parametrize(
    ("reasons", "status"),
    [
        ("none", PrinterStatus()),
        ("media-low-warning", PrinterStatus(paper_near_end=True)),
        ("media-empty-error media-needed-error", PrinterStatus(paper_out=True)),
        ("cover-open", PrinterStatus(cover_open=True)),
        ("media-jam-error", PrinterStatus(error=True)),
        ("paused", PrinterStatus(online=False)),
        ("offline-report", PrinterStatus(online=False)),
        ("connecting-to-device", PrinterStatus()),
    ],
)
def test_reasons_are_read_in_every_language_and_a_description_is_no_reason(reasons: str, status: PrinterStatus) -> None:
    english = f"printer k is idle.  enabled since Sun\n\tDescription: Is offline, paused\n\tAlerts: {reasons}\n"
    chinese = f"打印机 k 处于空闲状态。\n\t描述：热菜 offline\n\t警告：{reasons}\n"
    assert status_of(english) == status_of(chinese) == status


def test_a_printer_that_cups_connects_to_for_long_is_off_line() -> None:
    assert not status_of("printer k\n\tAlerts: connecting-to-device", waited=True).online
