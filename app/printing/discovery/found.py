"""What a search for printers finds: cleaned of what strangers may send, each printer once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

LAN = "lan"  # the kind that opens every printer found here
MDNS, BROADCAST, SCAN = HOWS = ("mdns", "broadcast", "scan")  # those that tell most about a printer first
LONGEST_NAME = 60  # characters; a DNS label holds 63 bytes


@dataclass(frozen=True, slots=True)
class Found:
    """One printer on the network. `kind` names its PrinterKind; `name` and `model` are "" where nobody told them.

    `how` is the method that told most: "mdns", "broadcast" or "scan".
    """

    kind: str
    host: str  # IPv4, dotted
    port: int  # where it takes raw jobs
    name: str
    model: str
    how: str

    @property
    def title(self) -> str:
        """What to call it on screen."""
        return self.name or self.model or self.host


OnFound = Callable[[Found], None]
OnProgress = Callable[[int, int], None]  # addresses asked, addresses to ask


def clean(text: str | bytes, longest: int = LONGEST_NAME) -> str:
    """Words from the network on one printable line: blanks for control and direction marks, at most `longest` characters."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join("".join(c if c.isprintable() else " " for c in words[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def merge(found: Iterable[Found]) -> list[Found]:
    """Each host and port once, with the best name and model anybody told; printers with a name first, then by address."""
    best: dict[tuple[str, int], Found] = {}
    for one in sorted(found, key=lambda one: HOWS.index(one.how)):
        known = best.setdefault((one.host, one.port), one)
        best[one.host, one.port] = replace(known, name=known.name or one.name, model=known.model or one.model)
    return sorted(best.values(), key=_rank)


def _rank(one: Found) -> tuple[bool, bool, IPv4Address, int]:
    return not one.name, not one.model, IPv4Address(one.host), one.port


def unheard(*_: object) -> None:
    """What a caller gets who does not care."""
