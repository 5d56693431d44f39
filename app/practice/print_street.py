"""The print torture's printers: each of its own nature, and every fault of a bad day coming and going by a seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from app.practice.printer import VirtualPrinter
from app.practice.printer_faults import PrinterFaults

Weather = Mapping[str, Any]

# What printers are born as: what they acknowledge, whether they clear, which questions they answer.
NATURES: tuple[Weather, ...] = (
    {"ack": "process_id"},
    {"ack": "status"},
    {"ack": "none", "answers": (1, 4), "clear_supported": False},
    {"ack": "process_id", "clear_supported": False},
    {"ack": "status", "clear_supported": False, "answers": (1,)},
)
LINES_PER_SECOND = 300.0
PAUSE = (0.03, 0.2)  # seconds between two changes of the weather somewhere
LASTS = (0.2, 1.2)  # seconds until a fault is mended

_FAULTS: tuple[Callable[[random.Random], Weather], ...] = (
    lambda chance: {"lines_per_second": chance.uniform(20, 80)},
    lambda chance: {"buffer_bytes": chance.choice((64, 256, 1024))},
    lambda chance: {"paper_out_after_lines": chance.uniform(0, 40)},
    lambda chance: {"near_end_after_lines": chance.uniform(0, 20)},
    lambda _: {"cover_open": True},
    lambda _: {"cutter_jam": True},
    lambda _: {"offline": True},
    lambda chance: {"power_cut_after_lines": chance.uniform(0, 40)},
    lambda chance: {"power_cut_after_lines": chance.uniform(0, 20)},
    lambda chance: {"reset_after_bytes": chance.randrange(3000)},
    lambda chance: {"reset_after_bytes": chance.randrange(800)},
    lambda _: {"mute": True},
    lambda chance: {"half_open": chance.choice(("hangs", "vanishes"))},
    lambda chance: {"second_connection": chance.choice(("refused", "waits"))},
    lambda chance: {"ack_fault": chance.choice(("never", "twice", "wrong_id"))},
    lambda chance: {"ack_late_seconds": chance.uniform(0.05, 1.0)},
    lambda _: {"status_amid_replies": True},
    lambda chance: {"drop_replies": chance.uniform(0.1, 0.6)},
    lambda _: {"stray_replies": True},
)


@dataclass(slots=True)
class Till:
    """One printer where it stands: its nature, its home port, and whether the weather has moved it."""

    printer: VirtualPrinter
    nature: PrinterFaults
    home: int

    def mend(self) -> None:
        """Somebody loads paper, closes the cover, plugs it in and puts it back."""
        if self.printer.port != self.home:
            self.printer.move(self.home)
        self.printer.change(**self.nature.to_json())
        self.printer.power_on()  # last: a power cut that was set to come must not come after it
        self.printer.refill()

    def suffer(self, chance: random.Random) -> None:
        """One fault more, whatever is wrong already."""
        which = chance.randrange(len(_FAULTS) + 2)
        if which == len(_FAULTS):
            self.printer.power_cut()
        elif which > len(_FAULTS):
            self.printer.move()
        else:
            self.printer.change(**_FAULTS[which](chance))


class PrinterStreet:
    """`number` printers; the last of several is a label printer. Faults come and go between `roughen` and `calm`."""

    def __init__(self, number: int, seed: int) -> None:
        self.tills: list[Till] = []
        self._chance = random.Random(seed)
        self._stack = ExitStack()
        self._calm = threading.Event()
        self._weather: threading.Thread | None = None
        for place in range(number):
            self.tills.append(self._open(place, "tspl" if place and place == number - 1 else "escpos"))

    def roughen(self) -> None:
        """Begin a bad day."""
        self._calm.clear()
        self._weather = threading.Thread(target=self._blow, name="torture-weather")
        self._weather.start()

    def calm(self) -> None:
        """No more faults: everything is mended and fast."""
        self._calm.set()
        if self._weather:
            self._weather.join()
            self._weather = None
        for till in self.tills:
            till.mend()
            till.printer.lines_per_second = 0.0

    def close(self) -> None:
        """End every printer."""
        self._calm.set()
        if self._weather:
            self._weather.join()
        self._stack.close()

    def _open(self, place: int, dialect: str) -> Till:
        nature = PrinterFaults.from_json({**NATURES[place % len(NATURES)], "lines_per_second": LINES_PER_SECOND})
        printer = VirtualPrinter(place, faults=replace(nature, lines_per_second=0.0), dialect=dialect)
        self._stack.enter_context(printer.in_thread())
        return Till(printer, nature, printer.port)

    def _blow(self) -> None:
        chance, clock = self._chance, 0.0
        mending: list[tuple[float, int]] = []
        while not self._calm.is_set():
            due = [one for one in mending if one[0] <= clock]
            mending = [one for one in mending if one[0] > clock]
            for _, place in due:
                self.tills[place].mend()
            place = chance.randrange(len(self.tills))
            self.tills[place].suffer(chance)
            mending.append((clock + chance.uniform(*LASTS), place))
            pause = chance.uniform(*PAUSE)
            self._calm.wait(pause)
            clock += pause
