"""Where the two passes over the shop's orders stand; opaque to the engine, which only keeps it.

The quick pass lists open orders that wait for something; every third poll the slow one lists whatever changed, so that the
end of an order is heard too. Both follow `updated_at`, the platform's own clock, and look two minutes behind the newest
change they saw: an order may appear in the list later than its time says. Everything may come again, nothing is skipped.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

OPEN, ALL = "open", "all"
SLOW_EVERY = 3  # polls: a minute at the usual pace
OVERLAP = 120_000  # ms
FIRST_LOOK = 7 * 86_400_000  # ms: pre-orders wait for days; what was open before that and never touched is no work for today
PAGE = 100
WAITING = ["PROPOSED", "RESERVED", "PREPARED"]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Times are `updated_at` in ms. `open` and `all` are the newest change that each pass has seen; `polls` counts them.

    Of the pass under way `walk` is the name, `since` the lower bound, `top` the newest change, `page` Square's token.
    """

    polls: int = 0
    open: int = 0
    all: int = 0
    walk: str = ""
    since: int = 0
    top: int = 0
    page: str = ""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The stored cursor; a first one for "" and for whatever an older release wrote."""
        try:
            found = cls(**json.loads(text))
            numbers: tuple[object, ...] = (found.polls, found.open, found.all, found.since, found.top)
            return found if all(isinstance(one, int) and 0 <= one < 10**14 for one in numbers) else cls()
        except (ValueError, TypeError):
            return cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def begun(self, now: int) -> Cursor:
        """The pass to go on with, or the next one (`now`: our clock in ms, which only bounds the first look).

        The first look takes open orders only: work that was over before is not ours to import.
        """
        if self.walk:
            return self
        if not self.open:
            return replace(self, walk=OPEN, since=now - FIRST_LOOK, top=0, page="")
        slow = self.polls % SLOW_EVERY == 1
        return replace(self, walk=ALL if slow else OPEN, since=(self.all if slow else self.open) - OVERLAP, top=0, page="")

    def query(self, location: str) -> dict[str, Any]:
        """What to ask `orders/search` for; every page of a pass must be asked for with the same words (documented)."""
        since = datetime.fromtimestamp(max(self.since, 0) / 1000, UTC).isoformat(timespec="milliseconds")
        wanted: dict[str, Any] = {"date_time_filter": {"updated_at": {"start_at": since.replace("+00:00", "Z")}}}
        if self.walk == OPEN:
            wanted["state_filter"] = {"states": ["OPEN"]}
            wanted["fulfillment_filter"] = {"fulfillment_states": WAITING}
        sort = {"sort_field": "UPDATED_AT", "sort_order": "ASC"}
        query = {
            "location_ids": [location],
            "limit": PAGE,
            "return_entries": False,
            "query": {"filter": wanted, "sort": sort},
        }
        return {**query, "cursor": self.page} if self.page else query

    def again(self) -> Cursor:
        """The same pass from its first page: Square's token died with time."""
        return replace(self, page="", top=0)

    def advanced(self, newest: int, page: str, clock: int) -> Cursor:
        """After one page whose latest change was at `newest` (0: it was empty), with the token of the next ("" at the end).

        `clock` is Square's time in ms, from which the slow pass begins after a first look; until an order was seen it is all
        there is to go by.
        """
        top = max(self.top, newest)
        if page:
            return replace(self, top=top, page=page)
        done = Cursor(self.polls + 1, max(self.open, top), self.all)
        if self.walk == ALL:
            return replace(done, all=max(self.all, top))
        return done if self.all else replace(done, open=done.open or clock, all=clock)
