"""What can be in a printer: rolls of 80 and 58 mm, and labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from app.printing.lines import CELL_DOTS

DOTS_PER_MM = 8  # 203 dpi
MARGIN_DOTS = 12  # a label is never quite where the printer thinks

_ROLLS = {"80": 576, "58": 384}  # the head is narrower than the paper
_LABELS = ("40x30", "50x30", "60x40")
PAPERS: tuple[str, ...] = (*_ROLLS, *_LABELS)


@dataclass(frozen=True, slots=True)
class Paper:
    """A roll (`height_mm` is None) or a label. `dots` is the width printed on, `cells` the letters that fit."""

    width_mm: int
    height_mm: int | None
    dots: int

    @staticmethod
    @cache
    def of(name: str) -> Paper:
        """The paper called `name`, one of PAPERS. Raises ValueError."""
        if name not in PAPERS:
            raise ValueError(f"no such paper: {name}")
        if name in _ROLLS:
            return Paper(int(name), None, _ROLLS[name])
        width, height = map(int, name.split("x"))
        return Paper(width, height, width * DOTS_PER_MM)

    @property
    def name(self) -> str:
        """One of PAPERS."""
        return str(self.width_mm) if self.height_mm is None else f"{self.width_mm}x{self.height_mm}"

    @property
    def cells(self) -> int:
        """Half-width cells of a line at ordinary size."""
        return (self.dots - (0 if self.height_mm is None else 2 * MARGIN_DOTS)) // CELL_DOTS

    @property
    def height_dots(self) -> int:
        """Height of a label; 0 for a roll, which has none."""
        return (self.height_mm or 0) * DOTS_PER_MM
