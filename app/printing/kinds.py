"""The ways a printer can be connected: what the form asks for each, and how to open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from app.printing.device import Capabilities, Outcome
from app.printing.profile import Profile
from app.printing.status import PrinterStatus
from app.texts import tr


class Device(Protocol):
    """One connected printer. Calls block and take turns; keep one object per printer.

    `profile` is what it can do, as far as known. `status` is the last one heard, by any call.
    """

    profile: Profile
    status: PrinterStatus | None

    @property
    def acknowledges(self) -> str:
        """The profile's: a value of `Acknowledges`, "" before the first probe."""

    def print_ticket(
        self, payload: bytes, on_status: Callable[[PrinterStatus], None] | None = None, key: str = ""
    ) -> Outcome:
        """Print one job and wait for the truth about it. `key` names the job for ever (idempotency, where there is any)."""

    def probe(self) -> Capabilities:
        """Find out what the printer can acknowledge and use that from now on. Raises UnreachableError."""

    def examine(self) -> Profile:
        """Find out all that can be found by asking, and use that from now on. Raises UnreachableError.

        For set-up only: a settings page must follow, since an odd clone may take a question for something else.
        What only a person can see (`rom`, `buzzer`, `cuts`) stays as it was.
        """

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

    `open(settings, dialect, profile, torn)` opens nothing yet: it makes the Device. `torn`: a broken job may hang on
    the paper. It raises ValueError, in words for staff, for settings that make no sense. `address(settings)` is how staff
    recognise the printer ("10.0.0.5:9100", "COM3").
    """

    name: str
    title: str
    fields: tuple[Field, ...]
    dialects: tuple[str, ...]
    open: Callable[[Mapping[str, str], str, Profile, bool], Device] = field(repr=False)
    address: Callable[[Mapping[str, str]], str] = field(repr=False)
    note: str = ""  # what such a printer cannot do, for the form


def number(settings: Mapping[str, str], name: str, default: int, most: int) -> int:
    """The whole number from 1 to `most` of a form's field; `default` when it is blank. Raises ValueError for staff."""
    text = settings.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise ValueError(tr("{value} is no number from 1 to {most}", value=text, most=most))
    return int(text)


def required(settings: Mapping[str, str], name: str) -> str:
    """A form's field that must not be blank. Raises ValueError for staff."""
    if not (text := settings.get(name, "").strip()):
        raise ValueError(tr("The printer's address is missing"))
    return text


class _Kinds(Mapping[str, PrinterKind]):
    """Every kind by name, read when first asked for: each lives with its transport, which imports this module."""

    @cached_property
    def _all(self) -> dict[str, PrinterKind]:
        from app.printing.cloud import feie, yilianyun
        from app.printing.transports import cups, lan, serial_port, usb, windows_spooler

        wired = (lan.KIND, usb.KIND, serial_port.KIND, windows_spooler.KIND, cups.KIND)
        every = (*wired, feie.KIND, yilianyun.KIND)
        return {kind.name: kind for kind in every}

    def __getitem__(self, name: str) -> PrinterKind:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


KINDS: Mapping[str, PrinterKind] = _Kinds()
