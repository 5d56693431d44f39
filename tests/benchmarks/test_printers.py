"""The spooler: from claimed to the first byte at an idle printer, and five printers at once beside one alone.

Asserted are ratios within one run. The floor of the first figure is what nobody can do without: one committed row, one
connection, one status question and its answer, in a row, without an engine. "Five at once" compares five printers of a
real one's pace with one such printer in the same run: the printer's pace is the floor, and a spooler that let one printer
wait for another would take several times as long.
"""

from __future__ import annotations

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, select

from app import steady
from app.bootstrap import open_engine
from app.config import DataFolder
from app.db import print_jobs
from app.db.database import Database
from app.db.tables import print_jobs as rows
from app.domain.tickets import Ticket
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import PrinterForm
from app.practice.printer import VirtualPrinter
from app.steady import now
from tests.benchmarks.conftest import Say
from tests.benchmarks.test_ticket_build import thirty_lines

KEY = bytes(32)
TICKETS, GOAL_MS, BOUND = 40, 20.0, 12.0
PRINTERS, EACH, LINES_PER_SECOND, SLOWER = 5, 4, 45.0, 1.05  # 190 mm a second: a quick kitchen printer


def test_claim_to_first_byte_on_an_idle_printer(tmp_path: Path, say: Say) -> None:
    with _printers(1) as (printer,), _engine(tmp_path / "shop", [printer]) as engine:
        ours = [_first_byte(engine, printer, number) for number in range(TICKETS)]
        with Database.open(tmp_path / "floor.db", KEY) as store:
            bare = [_bare(store, printer) for _ in range(TICKETS)]

    ratio = min(ours) / min(bare)
    say(f"claim to first byte: p50 {_ms(ours)} best {min(ours) * 1e3:.1f} ms (goal < {GOAL_MS:g} ms)")
    say(f"  floor, commit + connect + status: p50 {_ms(bare)} best {min(bare) * 1e3:.1f} ms; ratio of the best {ratio:.1f}")
    assert ratio <= BOUND


def test_five_printers_keep_their_own_speed(tmp_path: Path, say: Say) -> None:
    with _printers(PRINTERS) as printers, _engine(tmp_path / "shop", printers) as engine:
        _print_all(engine, printers, 1)  # examined, and its first ticket built
        for printer in printers:
            printer.lines_per_second = LINES_PER_SECOND
        alone = [_print_all(engine, printers[:1], EACH) for _ in range(2)]
        together = [_print_all(engine, printers, EACH) for _ in range(2)]

    ratio = min(together) / min(alone)
    pace = f"{EACH} tickets at {LINES_PER_SECOND:g} lines/s"
    say(f"{pace}: one printer {min(alone):.2f} s, {PRINTERS} at once {min(together):.2f} s")
    say(f"  ratio {ratio:.3f} (<= {SLOWER:g})")
    assert ratio <= SLOWER


def _first_byte(engine: Engine, printer: VirtualPrinter, number: int) -> float:
    """Seconds from the committed claim to the ticket's first byte at the printer, by both sides' own clocks."""
    before = len(printer.paper)
    _queue(engine, 1, f"first:{number}")
    _wait(lambda: len(printer.paper) > before and engine.idle())
    claimed = engine._database.read(_last_claim)
    return printer.paper[-1].started_at - claimed


def _last_claim(connection: Connection) -> float:
    moment = connection.execute(select(rows.c.sending_at).order_by(rows.c.id.desc()).limit(1)).scalar_one()
    return float(moment.timestamp())


def _bare(store: Database, printer: VirtualPrinter) -> float:
    started = steady.time()
    store.write_now(
        lambda connection: connection.exec_driver_sql("INSERT INTO audit VALUES (NULL, '2026-01-01', '', '', NULL, '')")
    )
    with socket.create_connection(("127.0.0.1", printer.port)) as connection:
        connection.sendall(b"\x10\x04\x01")
        connection.recv(16)
        return steady.time() - started


def _print_all(engine: Engine, printers: list[VirtualPrinter], each: int) -> float:
    """Seconds until every one of these printers printed `each` tickets."""
    before = {printer: len(printer.paper) for printer in printers}
    started = time.perf_counter()
    for number, _ in enumerate(printers, 1):
        for ticket in range(each):
            _queue(engine, number, f"{started}:{number}:{ticket}")
    _wait(lambda: all(len(printer.paper) >= before[printer] + each for printer in printers))
    took = time.perf_counter() - started
    _wait(engine.idle)
    return took


def _queue(engine: Engine, printer_id: int, key: str) -> None:
    engine._database.write_now(_add, printer_id, key, thirty_lines())
    engine._bell.changed("tickets")


def _add(connection: Connection, printer_id: int, key: str, ticket: Ticket) -> None:
    print_jobs.add(connection, printer_id, key, ticket, now())


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        time.sleep(0.001)


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e3:.1f} ms"


@contextmanager
def _printers(number: int) -> Iterator[list[VirtualPrinter]]:
    with ExitStack() as stack:
        yield [stack.enter_context(VirtualPrinter(seed).in_thread()) for seed in range(number)]


@contextmanager
def _engine(folder: Path, printers: list[VirtualPrinter]) -> Iterator[Engine]:
    engine = open_engine(DataFolder(folder), Vault(KEY, "benchmark"), practice=True)
    engine.start()
    try:
        for printer in printers:
            where = {"host": "127.0.0.1", "port": str(printer.port)}
            engine.facade.save_printer(
                PrinterForm(f"printer {printer.port}", settings=where), {}, station=str(printer.port)
            ).result()
        yield engine
    finally:
        engine.stop()
