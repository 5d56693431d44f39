"""One pretend order on its way: what it has reached at its platform, and which of its happenings are due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.lifecycle import CLOSED, DEAD, Kitchen
from app.platforms.simulation import Happening, ImpossibleError, Record, Simulator, Truth
from app.practice.rush import Arrival, Moment, Step

# What a platform's neutral kitchen word proves; a completed order may have skipped the steps before.
PROVES: Mapping[Kitchen, tuple[Moment, ...]] = {
    Kitchen.ACCEPTED: (Moment.ACCEPTED,),
    Kitchen.PREPARING: (Moment.ACCEPTED,),
    Kitchen.READY: (Moment.ACCEPTED, Moment.READY),
    Kitchen.HANDED_OVER: (Moment.ACCEPTED, Moment.READY, Moment.PICKED_UP),
    Kitchen.COMPLETED: (Moment.ACCEPTED, Moment.COMPLETED),
    **dict.fromkeys(DEAD, (Moment.DIED,)),
}
BRINGS = {
    Happening.COURIER_PICKED_UP: Moment.PICKED_UP,
    Happening.DELIVERED: Moment.DELIVERED,
    Happening.CHANGE: Moment.CHANGED,
}
TELLING = frozenset({"placed", "commanded", "happened"})  # records that can be the reason of a change
FRESH = 1.0  # seconds; an older record is not the reason of what is seen now
GIVE_UP = 120.0  # simulated seconds during which a happening that the platform does not allow is tried again


@dataclass(slots=True)
class Course:
    """`moments` are Unix seconds; `waiting` what has not befallen the order yet; `speed` simulated seconds per real one."""

    arrival: Arrival
    order_id: str
    speed: float
    moments: dict[Moment, float]
    waiting: list[Step] = field(default_factory=list)
    kitchen: Kitchen = Kitchen.NEW

    @classmethod
    def begin(cls, arrival: Arrival, simulator: Simulator, speed: float, now: float) -> Course:
        """The customer orders."""
        return cls(arrival, simulator.place(arrival.order), speed, {Moment.PLACED: now}, list(arrival.steps))

    @property
    def over(self) -> bool:
        """Closed at its platform, and nothing more will befall it."""
        return self.kitchen in CLOSED and not self.waiting

    @property
    def dishes(self) -> tuple[str, ...]:
        """What was ordered, by name."""
        return tuple(line.name for line in self.arrival.order.lines)

    def observe(self, truth: Truth, at: float) -> None:
        """Note what the platform's word proves, as of `at` (Unix seconds)."""
        self.kitchen = Kitchen(truth.kitchen)
        for moment in PROVES.get(self.kitchen, ()):
            self.moments.setdefault(moment, at)
        if self.kitchen in DEAD:
            self.waiting.clear()
        elif self.kitchen is Kitchen.COMPLETED:
            self.waiting = [step for step in self.waiting if step.after is Moment.COMPLETED]

    def befall(self, simulator: Simulator, now: float) -> None:
        """Make happen what is due at `now` (Unix seconds), as far as the platform allows it."""
        for step in list(self.waiting):
            due = self._due(step)
            if due is not None and now >= due and self._happened(step, simulator, now, late=(now - due) * self.speed):
                self.waiting.remove(step)

    def _due(self, step: Step) -> float | None:
        """Unix seconds: the plan's simulated seconds count from the order's own first moment."""
        start = self.moments[Moment.PLACED]
        due = step.due_at({moment: (at - start) * self.speed for moment, at in self.moments.items()})
        return None if due is None else start + due / self.speed

    def _happened(self, step: Step, simulator: Simulator, now: float, late: float) -> bool:
        """True when it is done or never will be."""
        try:
            simulator.happen(self.order_id, step.happening, **step.detail)
        except ImpossibleError:
            return late > GIVE_UP and not step.essential
        if step.happening in BRINGS:
            self.moments.setdefault(BRINGS[step.happening], now)
        return True


class Chronicle:
    """Reads a simulator's growing record once, to tell when an order last changed."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._read = 0
        self._last: dict[str, float] = {}

    def catch_up(self) -> None:
        """Read what was written since the last call."""
        fresh, self._read = self._records[self._read :], len(self._records)
        self._last.update({record.order_id: record.at for record in fresh if record.what in TELLING})

    def at(self, order_id: str, now: float) -> float:
        """When what is new about the order was written down (Unix seconds); `now` for what came about in silence."""
        written = self._last.get(order_id, 0.0)
        return written if now - written < FRESH else now
