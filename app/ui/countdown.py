"""What the clock on a card says: which moment it counts to, when it turns amber and red. Pure rules, no Qt.

Defaults after the counter's experience: New counts down to the platform's own cancel moment (amber at 40 % of the window
left, red at 20 %); Cooking to the promised time (amber at 5 minutes or a quarter of the preparation time, whichever is
longer, red at 0); Ready counts the food getting cold (amber 10 minutes, red 20).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from app.engine.views import Card, Lane
from app.texts import N_


class Level(IntEnum):
    """How urgent; the word and the icon on the card say it too, never the colour alone."""

    CALM = 0
    SOON = 1
    LATE = 2


@dataclass(frozen=True, slots=True)
class Countdown:
    """One card's clock. Seconds since the epoch; `down` counts to `target`, otherwise up from it."""

    target: float
    soon: float
    late: float
    down: bool
    caption: str

    def level(self, now: float) -> Level:
        """Urgency at `now`."""
        if now >= self.late:
            return Level.LATE
        return Level.SOON if now >= self.soon else Level.CALM

    def left(self, now: float) -> float:
        """Seconds until it is late; negative when it already is."""
        return self.late - now

    def text(self, now: float) -> str:
        """The digits: 08:12 counting, +03:20 overdue."""
        seconds = int(self.target - now) if self.down else int(now - self.target)
        if self.down and now > self.target:
            return "+" + digits(int(now - self.target))
        return digits(max(0, seconds))


def digits(seconds: int) -> str:
    """mm:ss under an hour, h:mm'ss beyond would be misread, so hours carry their letter: 1h05."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:02}:{rest:02}" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}"


def countdown(card: Card) -> Countdown | None:
    """The clock of a card in its lane; None when nothing is running."""
    if card.closed_attention:
        return None
    return _RULES[card.lane](card)


def _new(card: Card) -> Countdown:
    placed = card.placed_at.timestamp()
    if card.decide_by is None:
        return _up(placed, 3, 5, N_("waiting"))
    end = card.decide_by.timestamp()
    window = max(end - placed, 1.0)
    return Countdown(end, end - 0.4 * window, end - 0.2 * window, True, N_("to accept"))


def _cooking(card: Card) -> Countdown:
    start = _seconds(card.accepted_at) or card.placed_at.timestamp()
    if card.due_at is None:
        return _up(start, 15, 25, N_("cooking"))
    due = card.due_at.timestamp()
    return Countdown(due, due - max(300.0, (due - start) / 4), due, True, N_("to due time"))


def _ready(card: Card) -> Countdown | None:
    start = _seconds(card.ready_at)
    return _up(start, 10, 20, N_("waiting")) if start else None


def _due(card: Card) -> Countdown | None:
    due = _seconds(card.due_at)
    return Countdown(due, due - 300, due, True, N_("to due time")) if due else None


def _up(start: float, soon: float, late: float, caption: str) -> Countdown:
    return Countdown(start, start + soon * 60, start + late * 60, False, caption)


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


_RULES = {
    Lane.NEW: _new,
    Lane.SCHEDULED: _due,
    Lane.COOKING: _cooking,
    Lane.READY: _ready,
    Lane.ON_THE_WAY: _due,
}
