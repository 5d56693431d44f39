"""Where the slow sweep over the order list stands; opaque to the engine, which only keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

SWEEP_EVERY = 900.0  # seconds; one heavy call each
FIRST_LOOK = 7 * 86400.0
LOOK_BACK = 86400.0


@dataclass(frozen=True, slots=True)
class Cursor:
    """Times are the platform's clock in Unix seconds. `run` names the connector instance that swept last: a new instance
    comes after a time in which events may have been lost, so it sweeps at once."""

    since: float = 0.0  # the first poll ever
    swept: float = 0.0  # begin of the last complete sweep
    run: str = ""
    after: float = 0.0  # the sweep under way: its lower bound, when it began, its next page
    began: float = 0.0
    page: str = ""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The stored cursor; a first one for "" and for whatever an older release wrote."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def due(self, run: str, now: float) -> bool:
        """Whether a page of the sweep should be read now."""
        return bool(self.page) or self.run != run or now - self.swept >= SWEEP_EVERY

    def query(self, now: float) -> dict[str, str]:
        """The list to ask for.

        The first look takes only orders still "new": nobody has stored those, while older work of other tills is not
        ours to import. Later sweeps take every status since then, because an event can be lost too (an active callback
        gives up after six tries), and look a day behind the last complete sweep, however long ago that was.
        """
        if self.page:
            begin, page = self.after, {"cursor": self.page}
        else:
            begin, page = self.begin(now), {}
        status = {} if self.swept else {"status": "new"}
        return {"after": datetime.fromtimestamp(begin, UTC).isoformat(timespec="seconds"), **status, **page}

    def begin(self, now: float) -> float:
        """Lower bound of a sweep that starts now."""
        return max(self.since, self.swept - LOOK_BACK) if self.swept else now - FIRST_LOOK

    def advanced(self, run: str, now: float, page: str) -> Cursor:
        """The cursor after one page, with the token of the next ("" at the end)."""
        began = self.began if self.page else now
        after = self.after if self.page else self.begin(now)
        known = replace(self, since=self.since or now, run=run)
        if page:
            return replace(known, after=after, began=began, page=page)
        return replace(known, swept=began, after=0.0, began=0.0, page="")
