"""What the screens show of a command: how far it came, and what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.commands import CommandKind, Portions
from app.domain.money import Money


class CommandState(StrEnum):
    """Region S: what became of a request to the platform."""

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # the platform said no; `text` is its own words
    SUPERSEDED = "superseded"
    DEAD = "dead"  # given up: a person must look


@dataclass(frozen=True, slots=True)
class CommandView:
    """The last command of an order that the screen must speak of."""

    id: int
    kind: CommandKind
    state: CommandState
    text: str = ""
    attempts: int = 0
    created_at: datetime | None = None
    amount: Money | None = None  # of a refund; neither this nor `lines`: all that was left
    lines: tuple[Portions, ...] = ()
    given: Money | None = None  # what the platform said that it gives back
