"""Printers on the network: raw TCP (port 9100), a fresh connection for every job."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.printing import device
from app.printing.conversation import ChannelClosedError, Conversation, Patience
from app.printing.device import Capabilities, Outcome, OutcomeKind
from app.printing.status import PrinterStatus
from app.texts import tr

PORT = 9100
FAREWELL = 0.5  # seconds a printer that cannot acknowledge gets to take the last bytes before the connection closes


class UnreachableError(ConnectionError):
    """No connection to the printer; the message is for staff."""


class LanPrinter:
    """One printer at `host`:`port`. Keep one object per printer: it remembers torn paper and ignored questions.

    Calls block; they take turns, because many boards accept a single connection. `acknowledges` is what a probe found
    ("" if none was made). `stop` may be called from any thread.
    """

    def __init__(self, host: str, port: int = PORT, acknowledges: str = "", patience: Patience | None = None) -> None:
        self.host = host
        self.port = port
        self.acknowledges = acknowledges
        self.patience = patience or Patience()
        self.status: PrinterStatus | None = None  # the last one heard, by any call
        self._torn = False
        self._silent_on: set[int] = set()
        self._turn = threading.Lock()
        self._socket: socket.socket | None = None
        self._stopped = False

    def print_ticket(self, payload: bytes, on_status: Callable[[PrinterStatus], None] | None = None) -> Outcome:
        """Print one job and wait for the truth about it. `on_status` hears every change of status meanwhile.

        The caller commits "sending" before this call. NOT_SENT means that the claim can be undone; UNKNOWN that
        something left. Waits up to `patience.longest`, for instance while paper is out.
        """
        try:
            with self._conversation(on_status) as talk:
                outcome = device.deliver(talk, payload, self.acknowledges, self._torn)
                if outcome.kind is OutcomeKind.SENT:
                    _bid_farewell(self._socket)
        except UnreachableError as error:
            return Outcome(OutcomeKind.NOT_SENT, str(error))
        if outcome.kind is not OutcomeKind.NOT_SENT:
            self._torn = outcome.kind is OutcomeKind.UNKNOWN
        return outcome

    def probe(self) -> Capabilities:
        """Find out what the printer can acknowledge, and use that from now on. Raises UnreachableError."""
        try:
            with self._conversation() as talk:
                found = device.probe(talk)
        except OSError as error:
            raise self._unreachable(error) from error
        self.acknowledges = found.acknowledges
        return found

    def query_status(self) -> PrinterStatus | None:
        """How the printer is now; None when it does not answer the question. Raises UnreachableError.

        While a job is under way the answer is the last status heard, so as not to disturb it.
        """
        if self._turn.locked():
            return self.status
        try:
            with self._conversation() as talk:
                return talk.ask_status()
        except OSError as error:
            raise self._unreachable(error) from error

    def stop(self) -> None:
        """End a call under way at once (a job then has the outcome it deserves) and refuse further ones."""
        self._stopped = True
        if connection := self._socket:
            _hang_up(connection)

    @contextmanager
    def _conversation(self, on_status: Callable[[PrinterStatus], None] | None = None) -> Iterator[Conversation]:
        def heard(status: PrinterStatus) -> None:
            self.status = status
            if on_status:
                on_status(status)

        with self._turn, self._connected() as connection:
            self._socket = connection
            try:
                yield Conversation(_SocketChannel(connection), self.patience, self._silent_on, heard)
            finally:
                self._socket = None

    def _connected(self) -> socket.socket:
        if self._stopped:
            raise UnreachableError(tr("The console is closing"))
        try:
            connection = socket.create_connection((self.host, self.port), self.patience.connect)
        except OSError as error:
            raise self._unreachable(error) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _unreachable(self, error: OSError) -> UnreachableError:
        if isinstance(error, UnreachableError):
            return error
        return UnreachableError(tr("No connection to the printer at {host}: {error}", host=self.host, error=error))


class _SocketChannel:
    """A connected socket as a channel."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, payload: memoryview, timeout: float) -> int:
        self._connection.settimeout(timeout)
        try:
            return self._connection.send(payload)
        except TimeoutError:
            return 0

    def read(self, timeout: float) -> bytes:
        self._connection.settimeout(max(timeout, 0.0))
        try:
            received = self._connection.recv(4096)
        except (TimeoutError, BlockingIOError):
            return b""
        if not received:
            raise ChannelClosedError(tr("the printer hung up"))
        return received


def _bid_farewell(connection: socket.socket | None) -> None:
    """Half-close and wait for the other side: closing with unread replies would reset what is still on its way."""
    if connection is None:
        return
    _hang_up(connection, socket.SHUT_WR)
    connection.settimeout(FAREWELL)
    try:
        while connection.recv(1024):
            pass
    except OSError:  # the bytes were accepted long ago; how the printer says goodbye changes nothing
        return


def _hang_up(connection: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    try:
        connection.shutdown(how)
    except OSError:  # already gone, which is what was wanted
        return
