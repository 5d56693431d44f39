"""How a job goes through a vendor's cloud so that its outcome is the truth: status before, questions after, no repeat."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, auto
from typing import Protocol

from app.printing.cloud.markup import PART
from app.printing.cloud.wire import Clock, CloudError, CloudPatience, LostError, RefusedError, Wire, checked
from app.printing.device import Capabilities, Outcome, OutcomeKind
from app.printing.kinds import Field
from app.printing.profile import Acknowledges, Profile
from app.printing.status import PrinterStatus
from app.printing.transports.wired import UnreachableError
from app.texts import N_, tr


class Progress(Enum):
    """What a vendor says of a job it took."""

    WAITING = auto()
    PRINTED = auto()
    CANCELLED = auto()  # by somebody at the vendor's own console


class Vendor(Protocol):
    """One vendor's wire for one printer. Every call raises CloudError.

    `most` is the largest job in bytes.
    """

    own_address: str
    most: int

    @property
    def learned(self) -> dict[str, str]:
        """What the caller should store with the printer's settings."""

    @property
    def title(self) -> str:
        """The vendor's name for staff."""

    def join(self, wire: Wire) -> None:
        """Add the printer to the owner's account there, when the settings hold the printer's own key."""

    def status(self, wire: Wire) -> PrinterStatus | None:
        """How the printer is; None when the vendor's words are unknown."""

    def send(self, wire: Wire, content: str, key: str) -> str:
        """Hand over a job; answers the vendor's number for it. LostError when it may have been taken without one."""

    def progress(self, wire: Wire, order: str) -> Progress:
        """What became of a job."""

    def left_behind(self) -> str:
        """What happens to a job that was not printed in time, for staff."""


class CloudPrinter:
    """One printer behind a vendor's cloud. Keep one object per printer.

    Calls block and take turns. `address` replaces the vendor's own; ValueError for an unsafe one. `stop` may be called
    from any thread.
    """

    def __init__(
        self, vendor: Vendor, address: str = "", profile: Profile | None = None, patience: CloudPatience | None = None
    ) -> None:
        # The vendor says when a job is printed, so there is nothing to probe for.
        self.profile = replace(profile or Profile(), acknowledges=Acknowledges.STATUS)
        self.status: PrinterStatus | None = None
        self.vendor = vendor
        self.patience = patience or CloudPatience()
        self._base = checked(address, vendor.own_address)
        self._clock = Clock()
        self._turn = threading.Lock()
        self._stopped = threading.Event()
        self._wire: Wire | None = None

    @property
    def acknowledges(self) -> str:
        """Always by status."""
        return self.profile.acknowledges

    @property
    def learned(self) -> dict[str, str]:
        """Values that the caller should store and give back as settings, so that a restart need not ask for them again."""
        return self.vendor.learned

    def print_ticket(
        self, payload: bytes, on_status: Callable[[PrinterStatus], None] | None = None, key: str = ""
    ) -> Outcome:
        """Print one ticket (this vendor's markup) and wait for the truth about it, up to `patience.longest` for each part.

        What vendors and networks do is an outcome, never an exception. NOT_SENT: the vendor certainly did not take it.
        UNKNOWN: it took it or may have, and did not say that it is printed; so is a ticket of which a part is.
        """
        title, parts = self.vendor.title, payload.decode().split(PART)
        longest = max(len(part.encode()) for part in parts)
        if longest > self.vendor.most:
            words = tr("The ticket is too long for {vendor}: {n} bytes", vendor=title, n=longest)
            return Outcome(OutcomeKind.NOT_SENT, words, self.status, refused=True)
        try:
            with self._call() as wire:
                return self._in_parts(wire, parts, key, on_status)
        except CloudError as error:
            return Outcome(OutcomeKind.NOT_SENT, str(error), self.status)

    def probe(self) -> Capabilities:
        """Look whether vendor and printer answer; a printer the account lacks is added to it. Raises UnreachableError."""
        return Capabilities(Acknowledges.STATUS, self._asked(self._joined))

    def examine(self) -> Profile:
        """The profile, once vendor and printer answered. Raises UnreachableError."""
        self.probe()
        self.profile = replace(self.profile, maker=self.vendor.title)
        return self.profile

    def query_status(self) -> PrinterStatus | None:
        """How the printer is now, as the vendor knows it (offline shows after minutes). Raises UnreachableError.

        While a job is under way the answer is the last status heard.
        """
        return self.status if self._turn.locked() else self._asked(self._status)

    def stop(self) -> None:
        """End a call under way at once (a job then has the outcome it deserves) and refuse further ones."""
        self._stopped.set()
        if wire := self._wire:
            wire.hang_up()

    def _in_parts(
        self, wire: Wire, parts: list[str], key: str, on_status: Callable[[PrinterStatus], None] | None
    ) -> Outcome:
        """One after the other, for none may come out before the one above it."""
        for number, part in enumerate(parts, 1):
            try:
                outcome = self._delivered(wire, part, key, on_status)
            except CloudError as error:
                outcome = Outcome(OutcomeKind.NOT_SENT, str(error), self.status)
            if outcome.kind is not OutcomeKind.CONFIRMED:
                return outcome if len(parts) == 1 else _broken_off(outcome, number, len(parts))
        return outcome

    def _delivered(self, wire: Wire, content: str, key: str, on_status: Callable[[PrinterStatus], None] | None) -> Outcome:
        status = self._status(wire, on_status)
        if status is not None and not status.ready:
            return Outcome(OutcomeKind.NOT_SENT, status.text, status)
        try:
            order = self.vendor.send(wire, content, key)
        except LostError as error:
            words = tr("{why}, so it may have taken the ticket. {then}", why=error, then=self.vendor.left_behind())
            return Outcome(OutcomeKind.UNKNOWN, words, status)
        except RefusedError as error:  # of a printer that was well a moment ago
            return Outcome(OutcomeKind.NOT_SENT, str(error), status, refused=status is not None)
        return self._followed(wire, order, on_status)

    def _followed(self, wire: Wire, order: str, on_status: Callable[[PrinterStatus], None] | None) -> Outcome:
        """Ask after the job, ever more slowly, until the vendor says printed or patience ends."""
        give_up = time.monotonic() + self.patience.longest
        pause, trouble = self.patience.first, ""
        while True:
            try:
                progress = self.vendor.progress(wire, order)
                if progress is not Progress.WAITING:
                    return self._ended(progress)
                status = self._status(wire, on_status)
                trouble = status.text if status else ""
            except CloudError as error:
                trouble = str(error)
            if time.monotonic() + pause > give_up or not wire.pause(pause):
                return self._given_up(trouble)
            pause = min(pause * 1.5, self.patience.most)

    def _ended(self, progress: Progress) -> Outcome:
        if progress is Progress.PRINTED:
            return Outcome(OutcomeKind.CONFIRMED, "", self.status)
        words = tr("The ticket was cancelled at {vendor} before it was printed", vendor=self.vendor.title)
        return Outcome(OutcomeKind.UNKNOWN, words, self.status)

    def _given_up(self, trouble: str) -> Outcome:
        title, then = self.vendor.title, self.vendor.left_behind()
        if trouble:
            text = N_("{vendor} took the ticket but has not reported it printed ({trouble}). {then}")
            return Outcome(OutcomeKind.UNKNOWN, tr(text, vendor=title, trouble=trouble, then=then), self.status)
        words = tr("{vendor} took the ticket but has not reported it printed. {then}", vendor=title, then=then)
        return Outcome(OutcomeKind.UNKNOWN, words, self.status)

    def _joined(self, wire: Wire) -> PrinterStatus | None:
        try:
            return self._status(wire)
        except CloudError:
            self.vendor.join(wire)
        return self._status(wire)

    def _status(self, wire: Wire, on_status: Callable[[PrinterStatus], None] | None = None) -> PrinterStatus | None:
        status = self.vendor.status(wire)
        if status is not None and status != self.status:
            self.status = status
            if on_status:
                on_status(status)
        return status

    def _asked(self, question: Callable[[Wire], PrinterStatus | None]) -> PrinterStatus | None:
        try:
            with self._call() as wire:
                return question(wire)
        except CloudError as error:
            raise UnreachableError(str(error)) from error

    @contextmanager
    def _call(self) -> Iterator[Wire]:
        """Take a turn with a fresh connection."""
        with self._turn, Wire(self.vendor.title, self._base, self.patience, self._clock, self._stopped) as wire:
            self._wire = wire
            try:
                yield wire
            finally:
                self._wire = None


def _broken_off(outcome: Outcome, number: int, total: int) -> Outcome:
    words = tr("Part {n} of {total}: {why}", n=number, total=total, why=outcome.reason)
    return replace(outcome, reason=words, kind=outcome.kind if number == 1 else OutcomeKind.UNKNOWN)


def filled(settings: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, str]:
    """The form's values without spaces around them. ValueError, in words for staff, when a required one is missing."""
    values = {field.name: settings.get(field.name, "").strip() for field in fields}
    for field in fields:
        if field.required and not values[field.name]:
            raise ValueError(tr("{field} is missing", field=tr(field.title)))
    return values
