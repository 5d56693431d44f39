"""Printers on the network: raw TCP (port 9100), a fresh connection for every job."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from app.printing.conversation import ChannelClosedError, Patience
from app.printing.kinds import Device, Field, PrinterKind, number, required
from app.printing.profile import Acknowledges, Profile
from app.printing.transports.wired import UnreachableError, WiredPrinter
from app.texts import N_, tr

__all__ = ["KIND", "PORT", "LanPrinter", "UnreachableError"]

PORT = 9100
FAREWELL = 0.5  # seconds a printer that cannot acknowledge gets to take the last bytes before the connection closes
RESET_SHOWS = 0.05  # seconds in which a board that refuses a second connection breaks it


class LanPrinter(WiredPrinter):
    """One printer at `host`:`port`. Without a profile, `acknowledges` is what a probe found, "" if none was made."""

    def __init__(
        self,
        host: str,
        port: int = PORT,
        acknowledges: str = "",
        patience: Patience | None = None,
        *,
        profile: Profile | None = None,
        dialect: str = "escpos",
        torn: bool = False,
    ) -> None:
        answers = () if acknowledges in ("", Acknowledges.NONE) else (1,)
        known = profile or Profile(acknowledges=acknowledges, answers=answers)
        super().__init__(
            lambda timeout: SocketConnection(host, port, timeout), f"{host}:{port}", known, dialect, torn, patience
        )
        self.host = host
        self.port = port


class SocketConnection:
    """A TCP connection."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._connection = socket.create_connection((host, port), timeout)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

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

    def finish(self, timeout: float) -> None:
        """Half-close and wait for the other side: closing with unread replies would reset what is still on its way."""
        self.read(RESET_SHOWS)
        _shut(self._connection, socket.SHUT_WR)
        self._connection.settimeout(FAREWELL)
        try:
            while self._connection.recv(1024):
                pass
        except OSError:  # the bytes were accepted long ago; how the printer says goodbye changes nothing
            return

    def hang_up(self) -> None:
        _shut(self._connection, socket.SHUT_RDWR)

    def close(self) -> None:
        self._connection.close()


def _shut(connection: socket.socket, how: int) -> None:
    try:
        connection.shutdown(how)
    except OSError:  # already gone, which is what was wanted
        return


def _open(settings: Mapping[str, str], dialect: str, profile: Profile, torn: bool) -> Device:
    host, port = required(settings, "host"), number(settings, "port", PORT, 65535)
    return LanPrinter(host, port, profile=profile, dialect=dialect, torn=torn)


def _address(settings: Mapping[str, str]) -> str:
    return f"{settings.get('host', '').strip()}:{settings.get('port', '').strip() or PORT}"


KIND = PrinterKind(
    name="lan",
    title=N_("Network printer"),
    fields=(
        Field("host", N_("Address"), N_("The printer prints it when it is switched on with the feed button held down")),
        Field("port", N_("Port"), N_("Almost every printer listens at 9100"), default=str(PORT), required=False),
    ),
    dialects=("escpos", "tspl"),
    open=_open,
    address=_address,
)
