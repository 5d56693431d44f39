"""Paper of pretend cloud printers: the vendors' tags read back, written without knowledge of how the console makes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)>")


@dataclass(slots=True)
class Slip:
    """One printed piece: its lines as plain text, how often each tag took effect, and what the tags did.

    `enlarged` is the text that stood in a tag that makes letters larger, `doubled` lines of it where they are twice as wide;
    `errors` are tags left open or closed twice.
    """

    lines: list[str] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    codes: list[str] = field(default_factory=list)
    cuts: int = 0
    drawer_opened: int = 0
    enlarged: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


FEIE_SINGLE = ("BR", "CUT", "LOGO", "PLUGIN")
FEIE_PAIRS = ("CB", "B", "C", "L", "W", "QR", "RIGHT", "BOLD")
FEIE_LARGE = ("CB", "B", "L", "W")
YILIANYUN_PAIRS = (
    *("FH", "FH2", "FW", "FW2", "FS", "FS2", "FB", "BR", "BR2", "BR3", "QR", "center", "right", "LR", "table", "tr", "td"),
    *("MN", "MA", "MS", "MC", "ML", "MK", "MP", "RS", "PW", "audio", "JSON"),
)
YILIANYUN_LARGE = ("FH", "FH2", "FW", "FW2", "FS", "FS2")
YILIANYUN_MOST = 25
DOUBLE = ("CB", "B", "W", "FW2", "FS2")  # twice as wide


def feie(content: str) -> Slip:
    """What a Feie printer makes of `content`; a line ends at <BR> or a line feed. Unknown tags are printed (recalled)."""
    reader = _Reader(FEIE_SINGLE, FEIE_PAIRS, FEIE_LARGE, None)
    slip = reader.read(content)
    slip.cuts, slip.drawer_opened = slip.tags["CUT"], slip.tags["PLUGIN"]
    return slip


def yilianyun(content: str) -> Slip:
    """What a Yilianyun printer makes of `content`. Tags it does not know, or more than 25, are printed as they stand.

    `@@2` at a line's start enlarges the line and is counted as a tag.
    """
    slip = _Reader((), YILIANYUN_PAIRS, YILIANYUN_LARGE, YILIANYUN_MOST).read(content)
    for number, line in enumerate(slip.lines):
        if line.startswith("@@2"):
            slip.tags["@@2"] += 1
            slip.lines[number] = line[3:]
    slip.cuts = 1
    return slip


class _Reader:
    """Reads one content from left to right."""

    def __init__(self, single: Collection[str], pairs: Collection[str], large: Collection[str], most: int | None) -> None:
        self._single, self._pairs, self._large, self._most = single, pairs, large, most
        self._open: list[str] = []
        self._slip = Slip(lines=[""])

    def read(self, content: str) -> Slip:
        at = 0
        for found in _TAG.finditer(content):
            if found.start() >= at and self._known(found[2]):
                self._write(content[at : found.start()])
                self._obey(found[2], bool(found[1]))
                at = found.end()
        self._write(content[at:])
        self._slip.errors += [f"{name} left open" for name in self._open]
        return self._slip

    def _known(self, name: str) -> bool:
        if name in self._open:
            return True
        full = self._most is not None and sum(self._slip.tags.values()) >= self._most
        return not full and (name in self._single or name in self._pairs)

    def _write(self, text: str) -> None:
        if "QR" in self._open:
            self._slip.codes.append(text)
            return
        first, *others = re.split("\r\n|\r|\n", text)
        self._slip.lines[-1] += first
        self._slip.lines += others
        if text and any(name in self._large for name in self._open):
            self._slip.enlarged.append(text)
        if any(name in DOUBLE for name in self._open):
            self._slip.doubled += [first, *others]

    def _obey(self, name: str, closing: bool) -> None:
        if closing and name in self._open:
            self._open.remove(name)
        elif closing:
            self._slip.errors.append(f"{name} closed twice")
        else:
            self._slip.tags[name] += 1
            if name in self._single:
                self._slip.lines += [""] if name == "BR" else []
            else:
                self._open.append(name)
