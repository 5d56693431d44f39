"""Where the poll stands in the shop's list of changes; opaque to the engine, which only keeps it.

`modified_after` is strictly greater and counts whole seconds, rows move to the end of the list while it is read, and slow
shops write a row some seconds after its time (all observed). So every walk begins some seconds before the last one began,
and after a full page the list is asked anew from its last row's time instead of page by page; only within one single second
does it count rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

OVERLAP = 10  # seconds; the observed churn lost nothing with three
QUIET_POLLS = 12  # polls without anything new, a minute at the usual pace: nothing can be late any more
FIRST_LOOK = 7 * 86400  # seconds before the newest change: pre-orders wait in the shop for days
SWEEP_EVERY = 120.0  # seconds of the shop's clock
HOOKS_EVERY = 600.0  # the same; they are a convenience, and orders come without them
MOST_OPEN = 400  # a shop that never completes an order must not grow the cursor for ever


@dataclass(frozen=True, slots=True)
class Cursor:
    """Times are Unix seconds of the shop. `newest` is the latest change seen, and `since` what it was when this walk began;
    `after` is the walk's lower bound.

    Within one second, the one after `after`, the walk stands at row `offset`, where `anchor` is the order that should be
    found again, unchanged. `begun` is false until there was a first look, `first` while it lasts; `open` are the orders that
    still wait for something; `swept` is when they were last looked at one by one. `run` names who polled last. `hooked` is
    when the webhooks were looked at, and `armed` when each was switched on again (see `rearming`).
    """

    run: str = ""
    begun: bool = False
    first: bool = False
    newest: int = 0
    since: int = 0
    after: int = 0
    offset: int = 0
    anchor: int = 0
    quiet: int = 0
    swept: float = 0.0
    open: tuple[int, ...] = field(default=())
    hooked: float = 0.0
    armed: tuple[tuple[int, float], ...] = field(default=())

    @classmethod
    def parse(cls, text: str, run: str) -> Cursor:
        """The stored cursor; a first one for "" and for whatever an older release wrote.

        For a new run the places of an old walk mean nothing, and whatever was lost meanwhile is looked for.
        """
        try:
            known = cls(**json.loads(text))
            armed = tuple((int(hook), float(at)) for hook, at in known.armed)
            known = replace(known, open=tuple(map(int, known.open)), armed=armed)
        except (ValueError, TypeError):
            known = cls()
        return known if known.run == run else _rewound(replace(known, run=run, offset=0, anchor=0, quiet=0, swept=0.0))

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def begin(self, newest: int) -> Cursor:
        """The first look of an account, at a shop whose latest change was at `newest` (0: it has no orders)."""
        return replace(self, begun=True, first=True, since=newest, after=max(0, newest - FIRST_LOOK))

    def query(self, per_page: int) -> dict[str, str]:
        """The list to ask for. The time is UTC without a zone: with a "Z" beside the flag it would be shifted twice, and
        without either it would be the shop's local time (observed)."""
        further = {"offset": str(self.offset)} if self.offset else {}
        return {
            "status": "any",
            "orderby": "modified",
            "order": "asc",
            "modified_after": datetime.fromtimestamp(self.after, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "dates_are_gmt": "true",
            "per_page": str(per_page),
            **further,
        }

    def advanced(self, rows: Sequence[tuple[int, int] | None], more: bool) -> tuple[Cursor, bool]:
        """The cursor after a page, and whether to go on at once. `rows` are the page's ids and times; None: unreadable."""
        known = [row for row in rows if row]
        latest = max([self.newest, *(at for _, at in known)])
        moved = replace(self, newest=latest, quiet=0 if latest > self.newest else min(QUIET_POLLS, self.quiet + (not more)))
        if self.anchor and known[:1] != [(self.anchor, self.after + 1)]:  # moved itself, it may stand in its old place again
            return replace(moved, offset=0, anchor=0), False  # a row before it moved on, and all behind it one place forward
        if not more:
            return _rewound(replace(moved, first=False, offset=0, anchor=0)), False
        if known and known[-1][1] - 1 > self.after:
            return replace(moved, after=known[-1][1] - 1, offset=0, anchor=0), True
        return _within_a_second(moved, rows), True

    def with_order(self, order_id: int, is_open: bool) -> Cursor:
        """Remember an order while it is open."""
        if is_open == (order_id in self.open):
            return self
        others = tuple(one for one in self.open if one != order_id)
        return replace(self, open=(*others, order_id)[-MOST_OPEN:] if is_open else others)

    def sweep_due(self, now: float) -> bool:
        """Whether the open orders should be looked at (`now`: the shop's clock)."""
        return bool(self.open) and not self.first and not self.offset and abs(now - self.swept) >= SWEEP_EVERY

    def hooks_due(self, now: float) -> bool:
        """Whether the webhooks should be looked at."""
        return not self.first and not self.offset and abs(now - self.hooked) >= HOOKS_EVERY


def _rewound(at: Cursor) -> Cursor:
    """Where the next walk begins: before whatever changed during this one, as rows that come and go may hide one.

    A first look that was interrupted goes on where it was.
    """
    overlap = 0 if at.quiet >= QUIET_POLLS else OVERLAP
    began = at.since or at.newest  # an older release knew none
    return at if at.first else replace(at, after=max(0, began - overlap), since=at.newest)


def _within_a_second(at: Cursor, rows: Sequence[tuple[int, int] | None]) -> Cursor:
    """The page after one that is all of one second: it begins with that one's last row, which tells whether any moved."""
    last = max((place for place, row in enumerate(rows) if row), default=0)
    anchor = rows[last] if last else None
    found = anchor is not None and anchor[1] == at.after + 1  # else a row from a cache, which is no place to stand on
    return replace(at, offset=at.offset + (last or len(rows)), anchor=anchor[0] if anchor and found else 0)
