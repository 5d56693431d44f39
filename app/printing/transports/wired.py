"""A printer at the other end of a channel of bytes: one connection a call, calls in turn, and what is kept between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from app.printing.conversation import Channel, Memory, Patience
from app.printing.device import ESC_POS, Capabilities, Dialect, Outcome, OutcomeKind
from app.printing.label_device import TSPL
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.texts import tr

DIALECTS: dict[str, Dialect[Any]] = {"escpos": ESC_POS, "tspl": TSPL}  # Any: each brings its own kind of Talk


class UnreachableError(ConnectionError):
    """No connection to the printer, or it is in no state to answer; the message is for staff."""


class Connection(Channel, Protocol):
    """An open connection."""

    def finish(self, timeout: float) -> None:
        """Let what was handed over leave, as well as can be told. Raises OSError if it certainly did not."""

    def hang_up(self) -> None:
        """Make the call under way end at once; callable from any thread."""

    def close(self) -> None:
        """Give it up."""


class WiredPrinter:
    """One printer reached by `connect(timeout)`, which raises OSError. Keep one object per printer.

    Calls block; they take turns, because many boards accept a single connection. `address` names it for staff.
    `stop` may be called from any thread.
    """

    def __init__(
        self,
        connect: Callable[[float], Connection],
        address: str,
        profile: Profile,
        dialect: str = "escpos",
        torn: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self.profile = profile
        self.patience = patience or Patience()
        self.status: PrinterStatus | None = None  # the last one heard, by any call
        self._connect = connect
        self._address = address
        self._dialect = DIALECTS[dialect]
        self._memory = Memory.after_unknown() if torn else Memory()
        self._turn = threading.Lock()
        self._connection: Connection | None = None
        self._stopped = False

    @property
    def acknowledges(self) -> str:
        """The profile's: the best proof of printing it can give, "" before the first probe."""
        return self.profile.acknowledges

    @property
    def torn(self) -> bool:
        """Whether a broken job may hang on the paper."""
        return self._memory.torn

    def print_ticket(
        self,
        payload: bytes,
        on_status: Callable[[PrinterStatus], None] | None = None,
        key: str = "",
    ) -> Outcome:
        """Print one job and wait for the truth about it. `on_status` hears every change of status meanwhile.

        The caller commits "sending" before this call. NOT_SENT means that the claim can be undone; UNKNOWN that
        something left. Waits up to `patience.longest`, for instance while paper is out.
        """
        try:
            with self._talk(on_status) as talk:
                outcome: Outcome = self._dialect.deliver(talk, payload, self.profile)
                return self._finished(outcome)
        except UnreachableError as error:
            return Outcome(OutcomeKind.NOT_SENT, str(error))

    def probe(self) -> Capabilities:
        """Find out what the printer can acknowledge, and use that from now on. Raises UnreachableError.

        So it does when the printer is not ready: what has no paper answers no question about printing.
        """
        with self._question() as talk:
            status = self._ready(talk.ask_status())
            level = self._dialect.acknowledgement(talk)
        self.profile = replace(self.profile, acknowledges=level, answers=() if status is None else (1,))
        return Capabilities(level, status)

    def examine(self) -> Profile:
        """Find out all that can be found by asking, and use that from now on. Raises UnreachableError, as `probe`."""
        with self._question() as talk:
            self._ready(talk.ask_status())
            self.profile = self._dialect.examine(talk, self.profile)
        return self.profile

    def query_status(self) -> PrinterStatus | None:
        """How the printer is now; None when it does not answer the question. Raises UnreachableError.

        While a job is under way the answer is the last status heard, so as not to disturb it.
        """
        if self._turn.locked():
            return self.status
        with self._question() as talk:
            status: PrinterStatus | None = talk.ask_status()
            return status

    def stop(self) -> None:
        """End a call under way at once (a job then has the outcome it deserves) and refuse further ones."""
        self._stopped = True
        if connection := self._connection:
            connection.hang_up()

    def _finished(self, outcome: Outcome) -> Outcome:
        """A job that nobody confirms must at least have left this computer."""
        if outcome.kind is OutcomeKind.SENT and self._connection:
            try:
                self._connection.finish(self.patience.longest)
            except OSError as error:
                words = tr("The connection to the printer broke: {error}", error=error)
                return replace(outcome, kind=OutcomeKind.UNKNOWN, reason=words)
        return outcome

    def _ready(self, status: PrinterStatus | None) -> PrinterStatus | None:
        if status is not None and not status.ready:
            raise UnreachableError(status.text)
        return status

    @contextmanager
    def _question(self) -> Iterator[Any]:
        """A conversation without a job. Raises UnreachableError for all that may go wrong."""
        try:
            with self._talk() as talk:
                yield talk
        except OSError as error:
            raise self._unreachable(error) from error

    @contextmanager
    def _talk(self, on_status: Callable[[PrinterStatus], None] | None = None) -> Iterator[Any]:
        """Take a turn with a fresh connection. UnreachableError when there is none to be had."""

        def heard(status: PrinterStatus) -> None:
            self.status = status
            if on_status:
                on_status(status)

        with self._turn:
            self._connection = connection = self._connected()
            try:
                if self._stopped:  # in the meantime: hanging up found no connection yet
                    raise UnreachableError(tr("The console is closing"))
                self._memory.answers = self.profile.answers
                yield self._dialect.converse(connection, self.patience, self._memory, heard)
            finally:
                self._connection = None
                connection.close()

    def _connected(self) -> Connection:
        if self._stopped:
            raise UnreachableError(tr("The console is closing"))
        try:
            return self._connect(self.patience.connect)
        except OSError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: OSError) -> UnreachableError:
        if isinstance(error, UnreachableError):
            return error
        return UnreachableError(tr("No connection to the printer at {host}: {error}", host=self._address, error=error))
