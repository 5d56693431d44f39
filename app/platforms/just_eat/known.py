"""What Just Eat does not tell when asked: whether the restaurant is open, and what it sells. Remembered as it was last set
from here or heard in a push, and saved with the account."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

FIELD = "known"
MOST_DISHES = 400
LONGEST_NAME = 80


@dataclass
class Known:
    """`paused_until`: Unix seconds, 0 for without an end, None while open. `off`: dishes off sale, by number, likewise.

    `dishes`: names by number, as orders showed them.
    """

    paused_until: float | None = None
    off: dict[str, float] = field(default_factory=dict)
    dishes: dict[str, str] = field(default_factory=dict)
    _saved: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Known:
        """From the saved setting; what cannot be read is forgotten."""
        try:
            found = json.loads(values.get(FIELD) or "{}")
            paused, off, dishes = found.get("paused_until"), found.get("off") or {}, found.get("dishes") or {}
            known = cls(
                None if paused is None else float(paused),
                {str(number): float(until) for number, until in off.items()},
                {str(number): str(name) for number, name in dishes.items()},
            )
        except (ValueError, TypeError, AttributeError):
            known = cls()
        known._saved = known.text()
        return known

    def text(self) -> str:
        """The setting to save."""
        told = {name: value for name, value in asdict(self).items() if not name.startswith("_")}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    async def save(self, keep: Callable[[Mapping[str, str]], Awaitable[None]]) -> None:
        """Keep what is new; nothing is written when nothing is."""
        text = self.text()
        if text != self._saved:
            await keep({FIELD: text})
            self._saved = text

    def see(self, dishes: Iterable[tuple[str, str]]) -> None:
        """Dishes (number, name) of an order; the longest unseen ones are forgotten when there are too many."""
        for number, name in dishes:
            if number and name and self.dishes.get(number) != name[:LONGEST_NAME]:
                self.dishes[number] = name[:LONGEST_NAME]
        while len(self.dishes) > MOST_DISHES:
            del self.dishes[next(iter(self.dishes))]

    def expire(self, now: float) -> None:
        """Forget ends that have passed."""
        if self.paused_until and self.paused_until <= now:
            self.paused_until = None
        self.off = {number: until for number, until in self.off.items() if not until or until > now}


def moment(seconds: float | None) -> datetime | None:
    """Unix seconds as aware UTC; None and 0 are no moment."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
