"""The ways a printer can be connected: what the form asks for each, and how to open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.printing.device import Capabilities, Outcome
from app.printing.status import PrinterStatus


class Device(Protocol):
    """One connected printer. Calls block and take turns; keep one object per printer.

    `acknowledges` is a value of `Acknowledges`, "" before the first probe. `status` is the last one heard, by any call.
    """

    acknowledges: str
    status: PrinterStatus | None

    def print_ticket(
        self, payload: bytes, on_status: Callable[[PrinterStatus], None] | None = None, key: str = ""
    ) -> Outcome:
        """Print one job and wait for the truth about it. `key` names the job for ever (idempotency, where there is any)."""

    def probe(self) -> Capabilities:
        """Find out what the printer can acknowledge and use that from now on. Raises UnreachableError."""

    def query_status(self) -> PrinterStatus | None:
        """How the printer is now; None when it does not answer the question. Raises UnreachableError."""

    def stop(self) -> None:
        """End a call under way at once and refuse further ones; callable from any thread."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a printer's form; every value is text. `choices` are (value, title) pairs."""

    name: str
    title: str
    help: str = ""
    default: str = ""
    required: bool = True
    secret: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PrinterKind:
    """How printers of one kind are connected. `dialects`: the languages such a printer may speak, the usual one first.

    `open(settings, dialect, acknowledges, torn)` opens nothing yet: it makes the Device. `torn`: a broken job may hang on
    the paper. `address(settings)` is how staff recognise the printer ("10.0.0.5:9100", "COM3").
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    dialects: tuple[str, ...]
    open: Callable[[Mapping[str, str], str, str, bool], Device] = field(repr=False)
    address: Callable[[Mapping[str, str]], str] = field(repr=False)
    note: str = ""  # what such a printer cannot do, for the form
