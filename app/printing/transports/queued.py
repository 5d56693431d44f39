"""Printers behind a queue of the operating system: it takes whole jobs, answers no question, and knows nothing of paper."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace

from app.printing.conversation import Patience
from app.printing.device import Capabilities, Outcome, OutcomeKind
from app.printing.profile import Acknowledges, Profile
from app.printing.status import PrinterStatus
from app.printing.transports.wired import UnreachableError
from app.texts import tr


class QueuedPrinter(ABC):
    """One queue. A job can at best be SENT: that a queue is done does not say that paper came out.

    Calls block and take turns. `stop` may be called from any thread.
    """

    def __init__(self, queue: str, profile: Profile, patience: Patience | None = None) -> None:
        self.profile = _known(profile)
        self.status: PrinterStatus | None = None
        self.patience = patience or Patience()
        self.queue = queue
        self._turn = threading.Lock()
        self._stopping = threading.Event()

    @property
    def acknowledges(self) -> str:
        """Nothing."""
        return self.profile.acknowledges

    def print_ticket(
        self, payload: bytes, on_status: Callable[[PrinterStatus], None] | None = None, key: str = ""
    ) -> Outcome:
        """Hand one job to the queue and see that it leaves; `key` stands in the job's title."""

        def heard(status: PrinterStatus) -> None:
            if status != self.status:
                self.status = status
                if on_status:
                    on_status(status)

        with self._turn:
            if self._stopping.is_set():
                return Outcome(OutcomeKind.NOT_SENT, tr("The console is closing"))
            return self._hand_over(payload, f"Order Console {key}".strip(), heard)

    def probe(self) -> Capabilities:
        """Whether the queue is there. Raises UnreachableError."""
        try:
            with self._turn:
                self._look()
        except OSError as error:
            words = tr("No connection to the printer at {host}: {error}", host=self.queue, error=error)
            raise UnreachableError(words) from error
        return Capabilities(Acknowledges.NONE, None)

    def examine(self) -> Profile:
        """As `probe`: there is nothing to find out."""
        self.probe()
        return self.profile

    def query_status(self) -> PrinterStatus | None:
        """Nothing: what a queue says of an idle printer is a guess."""
        return None

    def stop(self) -> None:
        """End a call under way at once (a job then has the outcome it deserves) and refuse further ones."""
        self._stopping.set()

    @abstractmethod
    def _hand_over(self, payload: bytes, title: str, heard: Callable[[PrinterStatus], None]) -> Outcome:
        """Print one job."""

    @abstractmethod
    def _look(self) -> None:
        """Raise OSError when there is no such queue."""


def _known(profile: Profile) -> Profile:
    return replace(profile, acknowledges=Acknowledges.NONE, clears=False, answers=())
