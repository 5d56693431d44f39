"""What the rules need to know of the shop: its calendar, its platforms, and whether this is practice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.domain.business_day import BusinessCalendar
from app.domain.commands import CommandKind
from app.domain.orders import OrderFacts
from app.platforms.api import Platform
from app.texts import say

LEAD = timedelta(minutes=40)
USUAL_POLL = 20.0  # seconds: what most platforms are polled at


@dataclass(frozen=True, slots=True)
class Limits:
    """The shop's patience with its printers and its platforms.

    `stale`: a ticket that waited longer asks before it prints. `unknown`: an unknown ticket that nobody answers for is
    printed again, marked. `backup`: a printer away for so long is relieved. `urges`: a customer's urge is printed.
    `pause`: a shop paused without an end for longer is told. `due`: a due time that moves by less is no news for a kitchen.
    """

    stale: timedelta = timedelta(minutes=10)
    unknown: timedelta = timedelta(minutes=2)
    backup: timedelta = timedelta(seconds=20)
    urges: bool = True
    pause: timedelta = timedelta(minutes=30)
    due: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class House:
    """Settings that every step reads and none changes."""

    calendar: BusinessCalendar
    platforms: Mapping[str, Platform] = field(repr=False)
    practice: bool = False
    poll_seconds: float | None = None  # practice runs faster than a real platform would allow
    limits: Limits = field(default_factory=Limits)  # where the shop has set none of its own
    lead: timedelta = LEAD  # a scheduled order starts to cook so long before it is due

    @property
    def zone(self) -> str:
        """IANA name of the shop's time zone."""
        return self.calendar.zone.key

    @property
    def pace(self) -> float:
        """What pauses of the engine are multiplied with: practice looks as much more often as it polls."""
        return min(1.0, self.poll_seconds / USUAL_POLL) if self.practice and self.poll_seconds else 1.0

    def supports(self, platform: str, kind: CommandKind) -> bool:
        """Whether the platform has a word for this command."""
        found = self.platforms.get(platform)
        return found is not None and kind in found.commands

    def offers(self, platform: str, facts: OrderFacts, kind: CommandKind) -> bool:
        """Whether the platform takes this command for this very order."""
        return self.supports(platform, kind) and kind not in facts.not_offered

    def tells_end(self, platform: str) -> bool:
        """Whether the platform says by itself when an accepted order is over."""
        found = self.platforms.get(platform)
        return found is not None and found.tells_end

    def mark(self, platform: str) -> str:
        """The characters before the daily number."""
        found = self.platforms.get(platform)
        return found.mark if found else "?"

    def title(self, platform: str, language: str) -> str:
        """The platform's name in a language."""
        found = self.platforms.get(platform)
        return say(language, found.title) if found else platform


def instant(version: int, fallback: datetime) -> datetime:
    """The platform's clock (ms) as a datetime; `fallback` where the platform gave none.

    Versions are a second or two early by design (see `http.Answer`), so callers never let one precede the order itself.
    """
    return datetime.fromtimestamp(version / 1000, UTC) if version > 0 else fallback
