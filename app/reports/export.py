"""Figures as files and clipboard text for a spreadsheet, in which no text can become a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

Cell = str | int | Decimal | date

# A cell that begins with one of these is read as a formula, or hides one, in common spreadsheet programs.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(cell: Cell) -> str:
    """The cell as text. Numbers and dates stay what they are; a text that could act as a formula gets a leading '."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
    return str(cell)


def write_csv(path: Path, rows: Iterable[Sequence[Cell]]) -> None:
    """Write `rows` as CSV that a spreadsheet opens with Chinese intact (UTF-8 with byte order mark). Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([guarded(cell) for cell in row] for row in rows)


def tabbed(rows: Iterable[Sequence[Cell]]) -> str:
    """`rows` as tab separated lines, to be pasted into a spreadsheet."""
    text = StringIO()
    csv.writer(text, dialect="excel-tab", lineterminator="\n").writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue()
