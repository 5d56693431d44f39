"""Puts tickets on paper: one worker a printer, each step committed before the bytes it describes.

"Sending" is committed before the first byte. What the printer then says decides: confirmed, sent (it cannot say), back to
pending (nothing left this computer), or unknown - which is never sent again without a mark on the paper.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.db import print_jobs
from app.db.database import Database
from app.db.print_jobs import Printer, PrintJob
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.consequences import overtaken, withdraw
from app.engine.desk import again
from app.engine.house import House, now
from app.printing import LanPrinter, Outcome, OutcomeKind, PrinterStatus, UnreachableError, build

log = structlog.get_logger(__name__)

BACK_OFF = (1.0, 2.0, 5.0, 10.0, 20.0)  # seconds before a ticket that never left is tried again
LOOK_SECONDS = 5.0  # between two looks at an idle printer
IDLE = 1.0
GRACE = 3.0


class Spooler:
    """Owns the workers. A dead printer delays no other one."""

    def __init__(self, database: Database, house: House, bell: Bell) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._workers: dict[int, _Worker] = {}
        self._restarting = asyncio.Lock()  # two at once would leave two workers for one printer

    async def start(self) -> None:
        """Start a worker for every printer that is switched on."""
        for printer in await self._database.write(print_jobs.every_printer):
            self._open(printer)

    async def restart(self, printer_id: int) -> None:
        """Start anew after the printer's row changed."""
        async with self._restarting:
            worker = self._workers.pop(printer_id, None)
            if worker:
                await worker.stop()
            for printer in await self._database.write(print_jobs.every_printer):
                if printer.id == printer_id:
                    self._open(printer)

    async def stop(self) -> None:
        """End every worker; a ticket under way becomes unknown at the next start."""
        await asyncio.gather(*(worker.stop() for worker in self._workers.values()))

    def _open(self, printer: Printer) -> None:
        if printer.enabled:
            self._workers[printer.id] = _Worker(self._database, self._house, self._bell, printer)


class _Worker:
    """One printer's queue."""

    def __init__(self, database: Database, house: House, bell: Bell, printer: Printer) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._printer = printer
        self._waker = bell.waker()
        self._stopping = False
        self._known: tuple[str, str] | None = (printer.state, printer.state_text)
        self._device = LanPrinter(printer.host, printer.port, printer.acknowledges)
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())

    async def stop(self) -> None:
        """Let the ticket under way finish for a moment; then hang up, which makes it unknown."""
        self._stopping = True
        self._waker.set()
        await asyncio.wait([self._task], timeout=GRACE)
        self._device.stop()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        clock = self._loop.time
        looked = -LOOK_SECONDS
        while not self._stopping:
            try:
                job = await self._next()
                if job:
                    await self._print(job)
                    continue
                if clock() - looked > LOOK_SECONDS:
                    looked = clock()
                    await self._look()
            except Exception:
                log.exception("printer_worker_failed", printer=self._printer.name)
            await rest(self._waker, IDLE)

    async def _next(self) -> PrintJob | None:
        """The next ticket; one nobody answered for in time is queued again first, marked."""
        return await self._database.write(_claim, self._printer.id, self._house.unknown_limit)

    async def _print(self, job: PrintJob) -> None:
        try:
            payload = await asyncio.to_thread(build, job.ticket, self._printer.width)
        except Exception as error:
            log.exception("ticket_not_built", ticket=job.id)
            await self._database.write(print_jobs.settle, job.id, "failed", now(), f"{type(error).__name__}: {error}")
            self._tell(job)
            return
        if not self._device.acknowledges:
            await self._probe()
        outcome = await asyncio.to_thread(self._device.print_ticket, payload, self._heard)
        await self._note(job, outcome)
        await self._health("ok" if outcome.kind in _WELL else "degraded", outcome.reason)
        self._tell(job)

    async def _note(self, job: PrintJob, outcome: Outcome) -> None:
        """Write down what the printer said, however long the store takes: nobody else knows it."""
        while True:
            try:
                await self._database.write(_record, job, outcome)
            except Exception:
                log.exception("outcome_not_recorded", ticket=job.id, outcome=outcome.kind.value)
                if self._stopping:
                    return  # still "sending", therefore unknown at the next start
                await asyncio.sleep(FAULT_PAUSE)
            else:
                return

    def _tell(self, job: PrintJob) -> None:
        self._bell.changed("tickets", job.id)
        if job.order_id:
            self._bell.changed("orders", job.order_id)

    def _heard(self, status: PrinterStatus) -> None:
        """On the printing thread: the roll ran out in the middle of a ticket, and somebody must know now."""
        state = "ok" if status.ready else "degraded"
        asyncio.run_coroutine_threadsafe(self._health(state, status.text), self._loop)

    async def _look(self) -> None:
        """Ask an idle printer how it is; the first time, also what it can acknowledge."""
        if not self._device.acknowledges and not await self._probe():
            return
        try:
            status = await asyncio.to_thread(self._device.query_status)
        except UnreachableError as error:
            await self._health("degraded", str(error))
            return
        # A printer that answers no question at all is as well as anyone can tell.
        await self._health("degraded" if status and not status.ready else "ok", status.text if status else "")

    async def _probe(self) -> bool:
        try:
            found = await asyncio.to_thread(self._device.probe)
        except UnreachableError as error:
            await self._health("degraded", str(error))
            return False
        if not self._stopping:  # else the row may already speak of another printer
            await self._database.write(print_jobs.change_printer, self._printer.id, acknowledges=found.acknowledges.value)
        return True

    async def _health(self, state: str, text: str) -> None:
        text = "" if state == "ok" else text
        if (state, text) == self._known:
            return
        self._known = state, text
        try:
            changed = await self._database.write(print_jobs.set_printer_state, self._printer.id, now(), state, text)
        except Exception:
            self._known = None
            raise
        if changed:
            level = log.info if state == "ok" else log.warning
            level("printer_state", printer=self._printer.name, state=state, reason=text)
            self._bell.changed("printers", self._printer.id)


_WELL = frozenset({OutcomeKind.CONFIRMED, OutcomeKind.SENT})


def _record(connection: Connection, job: PrintJob, outcome: Outcome) -> None:
    if outcome.kind is OutcomeKind.NOT_SENT and overtaken(connection, job):
        withdraw(connection, job, now())
    elif outcome.kind is OutcomeKind.NOT_SENT:
        pause = BACK_OFF[min(job.attempts, len(BACK_OFF) - 1)]
        due_at = now() + timedelta(seconds=pause)
        print_jobs.change(connection, job.id, state="pending", due_at=due_at, reason=outcome.reason)
    else:
        print_jobs.settle(connection, job.id, outcome.kind.value, now(), outcome.reason)


def _claim(connection: Connection, printer_id: int, limit: timedelta) -> PrintJob | None:
    _ask_no_longer(connection, printer_id, limit)
    return print_jobs.claim(connection, printer_id, now())


def _ask_no_longer(connection: Connection, printer_id: int, limit: timedelta) -> None:
    at = now()
    for job in print_jobs.unresolved(connection, at - limit):
        if job.printer_id != printer_id or not _waited(job, limit, at):
            continue
        if overtaken(connection, job):
            print_jobs.change(connection, job.id, answer="overtaken")
        else:
            again(connection, job, at)


def _waited(job: PrintJob, limit: timedelta, at: datetime) -> bool:
    """A printer that never confirms must not use up its roll on copies: each one waits twice as long as the one before."""
    return job.settled_at is not None and job.settled_at + limit * 2 ** min(job.ticket.copy - 1, 5) <= at
