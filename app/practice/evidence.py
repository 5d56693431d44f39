"""What the other sides of a practice run wrote down: the platforms about their orders, the printers about their paper."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.lifecycle import DEAD
from app.domain.tickets import TicketKind
from app.platforms.simulation import Record, Truth
from app.practice.paper import PaperTicket
from app.practice.rush import Moment

# The first of these marks that a paper carries tells what it is.
KINDS = {"void": TicketKind.VOID, "changed": TicketKind.CHANGED}
URGED = re.compile(r"^\s*(催单 )?URGE\s*$", re.MULTILINE)
COPIES = frozenset({"reprint", "possible_duplicate"})
DEAD_WORDS = frozenset(state.value for state in DEAD)
COOK_BY = frozenset({TicketKind.KITCHEN, TicketKind.CHANGED})

OrderKey = tuple[str, str]  # platform, platform's order id


@dataclass(frozen=True, slots=True)
class Sheet:
    """One piece of paper: `at` is when its last byte was printed (Unix seconds), `station` the printer's.

    `complete` is false for paper torn off by a fault; `marked` tells that it says REPRINT or POSSIBLE DUPLICATE; `practice`
    that it says PRACTICE; `errors` is what the printer could not make sense of; `text` its text without any space.
    """

    at: float
    station: str
    kind: TicketKind
    call_number: str
    ticket_id: str
    marked: bool = False
    complete: bool = True
    practice: bool = True
    errors: tuple[str, ...] = ()
    text: str = field(default="", repr=False)


def sheet_of(piece: PaperTicket, station: str, platform_marks: Iterable[str]) -> Sheet | None:
    """What a piece of paper says by its own text; None for one that carries no order's number, such as a test ticket."""
    alternatives = "|".join(re.escape(mark) for mark in platform_marks)
    called = re.search(rf"^\s*((?:{alternatives})#\S+)", piece.text, re.MULTILINE)
    if called is None:
        return None
    found = next((kind for mark, kind in KINDS.items() if mark in piece.marks), TicketKind.KITCHEN)
    return Sheet(
        at=piece.last_byte_at,
        station=station,
        kind=TicketKind.URGE if URGED.search(piece.text) else found,
        call_number=called[1],
        ticket_id=piece.ticket_id,
        marked=bool(piece.marks & COPIES),
        complete=piece.complete,
        practice="practice" in piece.marks,
        errors=tuple(piece.errors),
        text="".join(piece.text.split()),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One platform's side of the story. By order id: `moments` when it reached what (Unix seconds), `dishes` its dishes."""

    name: str
    mark: str
    truth: tuple[Truth, ...]
    records: tuple[Record, ...]
    moments: Mapping[str, Mapping[Moment, float]]
    dishes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def count(self, what: str) -> int:
        """Number of records of one sort."""
        return sum(record.what == what for record in self.records)

    def heard(self) -> Mapping[str, Sequence[float]]:
        """When the console acknowledged something about an order, by order id, oldest first."""
        found: dict[str, list[float]] = {}
        for record in self.records:
            if record.what in ("acknowledged", "push_acknowledged"):
                found.setdefault(record.order_id, []).append(record.at)
        return found

    def lives(self) -> Iterator[Life]:
        """Its orders, without any paper yet."""
        heard = self.heard()
        for truth in self.truth:
            known = self.moments.get(truth.order_id, {}), heard.get(truth.order_id, ()), self.dishes.get(truth.order_id, ())
            yield Life(self.name, f"{self.mark}#{truth.number}", truth, *known)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All records of one run.

    `stored`, `sales`, `shown` and `withdrawn` are the console's: the orders in its store, the net of its sales chart in
    minor units by currency, when its window first showed the card of a call number (Unix seconds), and by (order, station)
    when its ledger took the tickets back that had not been printed (Unix seconds). `waited_for` is what was not done yet.
    """

    seed: int
    speed: float
    sides: tuple[Side, ...]
    sheets: tuple[Sheet, ...]
    stations: tuple[str, ...]
    stored: frozenset[OrderKey]
    sales: Mapping[str, int]
    shown: Mapping[str, float]
    finished: bool
    took_seconds: float
    withdrawn: Mapping[tuple[OrderKey, str], float] = field(default_factory=dict)
    waited_for: tuple[str, ...] = ()

    def lives(self) -> list[Life]:
        """Every order with its paper. Where two share a number, the dishes on a sheet tell whose it is."""
        lives = [life for side in self.sides for life in side.lives()]
        sharing: dict[str, list[Life]] = {}
        for life in lives:
            sharing.setdefault(life.call_number, []).append(life)
        for sheet in sorted(self.sheets, key=lambda sheet: sheet.at):
            owners = sharing.get(sheet.call_number, [])
            if owners:
                max(owners, key=lambda life: life.likeness(sheet)).sheets.append(sheet)
        return lives

    def strays(self) -> list[Sheet]:
        """Sheets that carry the number of no order."""
        known = {f"{side.mark}#{truth.number}" for side in self.sides for truth in side.truth}
        return [sheet for sheet in self.sheets if sheet.call_number not in known]


@dataclass(frozen=True, slots=True)
class Life:
    """One order as its platform and the paper tell it; `sheets` and `heard` (acknowledgements) oldest first."""

    platform: str
    call_number: str
    truth: Truth
    moments: Mapping[Moment, float]
    heard: Sequence[float] = ()
    dishes: tuple[str, ...] = ()
    sheets: list[Sheet] = field(default_factory=list)

    @property
    def key(self) -> OrderKey:
        """Platform and platform's order id."""
        return self.platform, self.truth.order_id

    @property
    def name(self) -> str:
        """How people call it, and the id that finds it again."""
        return f"{self.call_number} ({self.truth.order_id})"

    @property
    def dead(self) -> bool:
        """Rejected, expired or cancelled at the platform."""
        return self.truth.kitchen in DEAD_WORDS

    @property
    def sold(self) -> bool:
        """Accepted and not dead: its money is the shop's."""
        return not self.dead and self.truth.kitchen != "new"

    @property
    def left_the_shop(self) -> bool:
        """The food was gone: nothing can be taken back in the kitchen."""
        return Moment.PICKED_UP in self.moments or Moment.COMPLETED in self.moments

    def since(self, start: Moment, end: float | None) -> float | None:
        """Seconds from a moment to an instant; None when either is unknown."""
        return end - self.moments[start] if end is not None and start in self.moments else None

    def likeness(self, sheet: Sheet) -> int:
        """How many of the order's dishes a sheet names."""
        return sum("".join(dish.split()) in sheet.text for dish in self.dishes)

    def paper(self, station: str, *kinds: TicketKind) -> list[Sheet]:
        """The order's whole sheets of these kinds at one station, oldest first."""
        return [sheet for sheet in self.sheets if sheet.station == station and sheet.kind in kinds and sheet.complete]

    def first_paper(self) -> float | None:
        """When the kitchen first held a whole ticket."""
        return next((sheet.at for sheet in self.sheets if sheet.kind in COOK_BY and sheet.complete), None)
