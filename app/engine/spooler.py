"""Puts tickets on paper: one worker a printer, each step committed before the bytes it describes.

"Sending" is committed before the first byte. What the printer then says decides: confirmed, sent (it cannot say), back to
pending (nothing left this computer), or unknown - which is never sent again without a mark on the paper.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from app.db import print_jobs, printers, stations
from app.db.database import Database
from app.db.print_jobs import PrintJob
from app.db.printers import Printer
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.devices import keep_learned, open_device, packed
from app.engine.forms import form_among
from app.engine.house import House
from app.engine.print_queue import BackOff, next_job, not_sent, settle_unknown
from app.engine.secrets import Vault
from app.printing import Outcome, OutcomeKind, PrinterStatus, UnreachableError, build
from app.steady import now
from app.texts import speaking, tr

log = structlog.get_logger(__name__)

LOOK_SECONDS = 3.0  # between two looks at an idle printer: a person is told within five
IDLE = 1.0
GRACE = 3.0


class Spooler:
    """Owns the workers. A dead printer delays no other one."""

    def __init__(self, database: Database, house: House, bell: Bell, vault: Vault) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._workers: dict[int, _Worker] = {}
        self._restarting = asyncio.Lock()  # two at once would leave two workers for one printer

    async def start(self) -> None:
        """Start a worker for every printer that is switched on."""
        for printer in await self._database.write(printers.every):
            await self._open(printer)

    async def restart(self, printer_id: int) -> None:
        """Start anew after the printer's row changed."""
        async with self._restarting:
            worker = self._workers.pop(printer_id, None)
            if worker:
                await worker.stop()
            with speaking(""):  # the worker outlives the command that asked for it, perhaps in another language
                await self._open(await self._database.write(printers.get, printer_id))

    async def stop(self) -> None:
        """End every worker; a ticket under way becomes unknown at the next start."""
        await asyncio.gather(*(worker.stop() for worker in self._workers.values()))

    async def _open(self, printer: Printer) -> None:
        if not printer.enabled:
            return
        torn = await self._database.write(print_jobs.torn, printer.id)
        try:
            worker = _Worker(self._database, self._house, self._bell, self._vault, printer, torn)
        except Exception as error:  # one printer that cannot be opened must not keep the others closed
            log.exception("printer_not_opened", printer=printer.name)
            text = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
            await self._database.write(printers.set_state, printer.id, now(), "degraded", text)
        else:
            self._workers[printer.id] = worker


class _Worker:
    """One printer's queue."""

    def __init__(self, database: Database, house: House, bell: Bell, vault: Vault, printer: Printer, torn: bool) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._printer = printer
        self._device = open_device(vault, printer, torn)
        self._learned: dict[str, str] = {}
        self._waker = bell.waker()
        self._stopping = False
        self._back_off = BackOff()
        self._known: tuple[str, str] | None = (printer.state, printer.state_text)
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
                claim = await self._next()
                if claim:
                    await self._print(*claim)
                    continue
                if clock() - looked > LOOK_SECONDS:
                    looked = clock()
                    rested = self._back_off.rests(looked)
                    await self._look()
                    if rested and not self._back_off.rests(looked):
                        continue
            except Exception:
                log.exception("printer_worker_failed", printer=self._printer.name)
            await rest(self._waker, IDLE)

    async def _next(self) -> _Claim | None:
        """The next ticket; one nobody answered for in time is queued again first, marked."""
        rests = self._back_off.rests(self._loop.time())
        return await self._database.write(_claimed, self._house, self._printer.id, rests)

    async def _print(self, job: PrintJob, forms: Mapping[str, str]) -> None:
        if not self._device.acknowledges:
            await self._probe()
        try:
            outcome = await asyncio.to_thread(self._delivered, job, forms)
        except _NotBuiltError as error:
            log.exception("ticket_not_built", ticket=job.id)
            await self._database.write(print_jobs.settle, job.id, "failed", now(), str(error))
            self._tell(job)
            return
        if self._stopping and outcome.kind is OutcomeKind.UNKNOWN:  # it was we who hung up
            outcome = replace(outcome, reason=tr("the console stopped while it was printing"))
        await self._keep_learned()
        await self._note(job, outcome)
        if outcome.kind is OutcomeKind.NOT_SENT and not outcome.refused:
            self._back_off.failed(self._loop.time())
        else:
            self._back_off.worked()
        if outcome.kind in _WELL:  # what a well printer still says: its paper runs low
            await self._health("ok", outcome.status.text if outcome.status and outcome.status.ready else "")
        else:
            await self._health("degraded", outcome.reason)
        self._tell(job)

    def _delivered(self, job: PrintJob, forms: Mapping[str, str]) -> Outcome:
        """Build and print, on the printing thread: from the claim to the first byte a busy loop is waited for only once."""
        try:
            form, printer = form_among(job.ticket, forms), self._printer
            payload = build(job.ticket, form, printer.paper, self._device.profile, printer.dialect)
        except Exception as error:
            raise _NotBuiltError(f"{type(error).__name__}: {error}") from error
        return self._device.print_ticket(payload, self._heard, job.key)

    async def _keep_learned(self) -> None:
        """A token that a vendor's cloud gave is as good as a password, and may be fetched only so often a day."""
        learned = getattr(self._device, "learned", None)
        if learned and learned != self._learned:
            self._learned = dict(learned)
            await self._database.write(keep_learned, self._vault, self._printer.id, self._learned)

    async def _note(self, job: PrintJob, outcome: Outcome) -> None:
        """Write down what the printer said, however long the store takes: nobody else knows it."""
        while True:
            try:
                await self._database.write(_record, self._house, job, outcome)
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
        if status.ready if status else not self._device.profile.answers:
            self._back_off.mended()
        # A printer that answers no question at all is as well as anyone can tell.
        await self._health("degraded" if status and not status.ready else "ok", status.text if status else "")

    async def _probe(self) -> bool:
        try:
            profile = await asyncio.to_thread(self._device.examine)
        except UnreachableError as error:
            await self._health("degraded", str(error))
            return False
        await self._keep_learned()
        if not self._stopping:  # else the row may already speak of another printer
            await self._database.write(printers.change, self._printer.id, profile=packed(profile))
            self._bell.changed("printers", self._printer.id)
        return True

    async def _health(self, state: str, text: str) -> None:
        if self._stopping or (state, text) == self._known:  # our own hanging up is no fault of the printer
            return
        self._known = state, text
        try:
            changed = await self._database.write(printers.set_state, self._printer.id, now(), state, text)
        except Exception:
            self._known = None
            raise
        if changed:
            level = log.info if state == "ok" else log.warning
            level("printer_state", printer=self._printer.name, state=state, reason=text)
        self._bell.changed("printers", self._printer.id)


class _NotBuiltError(Exception):
    """No byte of the ticket could be made; in words."""


class _Claim(NamedTuple):
    """A claimed ticket and, by name, the shop's own templates at that moment: a second look would wait for other writes."""

    job: PrintJob
    forms: Mapping[str, str]


def _claimed(connection: Connection, house: House, printer_id: int, rests: bool) -> _Claim | None:
    job = next_job(connection, house, printer_id, rests)
    return _Claim(job, stations.forms(connection)) if job else None


_WELL = frozenset({OutcomeKind.CONFIRMED, OutcomeKind.SENT})


def _record(connection: Connection, house: House, job: PrintJob, outcome: Outcome) -> None:
    at = now()
    if outcome.kind is OutcomeKind.NOT_SENT:
        not_sent(connection, job, outcome.reason, at, outcome.refused)
        return
    print_jobs.settle(connection, job.id, outcome.kind.value, at, outcome.reason)
    if outcome.kind is OutcomeKind.UNKNOWN and outcome.cleared:  # the rest of it will never come: no need to ask anybody
        settle_unknown(connection, house, print_jobs.get(connection, job.id), at)
