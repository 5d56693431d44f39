"""What screens show of a day's proof: every ticket on paper, explained, or named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class StationProof:
    """One station's day: `owed` = `confirmed` + `explained` + `open`.

    `confirmed`: the printer said that the paper carries it. `explained`: something else is known of it (the printer cannot
    say, a person found it, a copy was confirmed, the order was cancelled first). `open`: nobody knows yet.
    """

    station: str
    owed: int
    confirmed: int
    explained: int
    open: int


@dataclass(frozen=True, slots=True)
class Unproved:
    """One ticket of the day that no printer confirmed, and why; `ticket_id` is None where none was ever made."""

    order_id: int
    call_number: str
    station: str
    text: str
    open: bool
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True)
class DayProof:
    """Whether every ticket of a business day came out: orders x stations = confirmed + explained, or what is missing."""

    day: date
    orders: int
    stations: tuple[StationProof, ...]
    unproved: tuple[Unproved, ...]

    @property
    def complete(self) -> bool:
        """Every ticket owed is on paper or explained."""
        return not any(one.open for one in self.unproved)
