"""What a practice run proved: figures, promises kept and broken, and what is wrong in words. Pure.

Vocabulary of the definitions: an order was **accepted** when its platform carried out the acceptance; it is **dead** when
the platform calls it rejected, expired or cancelled; a **sheet** is one piece of paper of the virtual printer.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field

from app.domain.tickets import TicketKind
from app.practice.evidence import COOK_BY, Evidence, Life, Sheet, Side
from app.practice.rush import Moment

# An order that dies so soon (real seconds) after its acceptance, or is ready so soon after a change became known, may do so
# before its paper is out.
GRACE = 3.0
CLOCKS_APART = 0.5  # seconds: the street looks at its platforms so often


@dataclass(frozen=True, slots=True)
class Percentiles:
    """A latency in milliseconds; all zero when nothing was measured (`count` tells)."""

    p50: float
    p99: float
    max: float
    count: int

    @classmethod
    def of(cls, seconds: Iterable[float | None]) -> Percentiles:
        """Nearest-rank percentiles of durations in seconds; None is left out."""
        values = sorted(1000.0 * value for value in seconds if value is not None)
        if not values:
            return cls(0.0, 0.0, 0.0, 0)
        p50, p99 = (values[math.ceil(share * len(values)) - 1] for share in (0.50, 0.99))
        return cls(round(p50, 1), round(p99, 1), round(values[-1], 1), len(values))


@dataclass(slots=True)
class Report:
    """The figures that `--report` writes. Money is `{currency: minor units}`.

    orders_sent             orders that customers placed
    orders_stored           of those, the ones the console's store holds
    orders_missing          of those that were placed, the others, however short they lived: every platform of the street
                            tells of each by a push, an event or its list of the day
    orders                  what became of each order, by name: stored or not, how it ended at its platform, and of one that
                            is not stored whether its platform had told the console
    pushes_confirmed        commands of the console that the platforms carried out
    pushes_refused          commands that the platforms refused (a press that crossed a cancellation is no fault)
    tickets_expected        accepted orders x stations, without those that died and left no paper, if they died within GRACE
                            or the ledger took their tickets back afterwards: a paper that waited for a silent printer until
                            its order was dead is no loss; one that vanished, or was taken back before that, is
    tickets_confirmed       of those, the ones of which a whole sheet exists
    tickets_missing         of those, the ones of which none exists
    tickets_unknown         of the missing, the ones that left a torn sheet: a cook may or may not have read it
    duplicates_unmarked     whole sheets beyond the first of one order, station and kind (for changes: of one ticket id) that
                            do not say that they may be a copy
    cancellations_after_print  orders x stations that died after their ticket came out and before the food left
    void_slips              of those, the ones that have a VOID slip on paper
    changes_after_print     orders x stations whose ticket was out when they were changed, if the console acknowledged the
                            change while they were still cooking
    changed_tickets         of those, the ones that have a CHANGED ticket on paper
    sales_total_minor       net of the console's sales chart
    platform_total_minor    totals of accepted orders that are not dead, minus what the platform refunded
    arrival_to_ack_ms       customer placed -> the platform had the console's first acknowledgement
    arrival_to_card_ms      customer placed -> the window showed the card
    arrival_to_paper_ms     customer placed -> last byte of the kitchen ticket: **includes the time staff took to accept**
    accept_to_paper_ms      the platform carried out the acceptance -> last byte of the kitchen ticket
    """

    seed: int
    speed: float
    took_seconds: float
    orders_sent: int
    orders_stored: int
    orders_missing: int
    orders: dict[str, str]
    pushes_confirmed: int
    pushes_refused: int
    tickets_expected: int
    tickets_confirmed: int
    tickets_missing: int
    tickets_unknown: int
    duplicates_unmarked: int
    cancellations_after_print: int
    void_slips: int
    changes_after_print: int
    changed_tickets: int
    sales_total_minor: dict[str, int]
    platform_total_minor: dict[str, int]
    arrival_to_ack_ms: Percentiles
    arrival_to_card_ms: Percentiles
    arrival_to_paper_ms: Percentiles
    accept_to_paper_ms: Percentiles
    platforms: dict[str, dict[str, int]]
    promises: dict[str, bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 only if every promise held; a report without promises proves nothing."""
        return 0 if self.promises and all(self.promises.values()) else 1

    def as_json(self) -> dict[str, object]:
        """The report as JSON values."""
        return asdict(self)


def build(evidence: Evidence) -> Report:
    """Count, compare and judge."""
    lives = evidence.lives()
    paper = _Paper(lives, evidence)
    broken = _broken(evidence, lives, paper)
    return Report(
        seed=evidence.seed,
        speed=evidence.speed,
        took_seconds=round(evidence.took_seconds, 1),
        orders_sent=len(lives),
        orders_stored=sum(life.key in evidence.stored for life in lives),
        orders_missing=len(broken["no_order_lost"]),
        orders={f"{life.platform} {life.name}": _became(life, evidence) for life in lives},
        pushes_confirmed=sum(side.count("commanded") for side in evidence.sides),
        pushes_refused=sum(side.count("refused") for side in evidence.sides),
        tickets_expected=len(paper.expected),
        tickets_confirmed=len(paper.expected) - len(paper.missing),
        tickets_missing=len(paper.missing),
        tickets_unknown=len(paper.torn),
        duplicates_unmarked=len(broken["no_unmarked_duplicate"]),
        cancellations_after_print=len(paper.to_void),
        void_slips=len(paper.to_void) - len(paper.not_voided),
        changes_after_print=len(paper.to_change),
        changed_tickets=len(paper.to_change) - len(paper.not_changed),
        sales_total_minor=_money(evidence.sales),
        platform_total_minor=_money(_platform_total(lives)),
        arrival_to_ack_ms=Percentiles.of(life.since(Moment.PLACED, life.truth.delivered_to_console_at) for life in lives),
        arrival_to_card_ms=Percentiles.of(life.since(Moment.PLACED, evidence.shown.get(life.call_number)) for life in lives),
        arrival_to_paper_ms=Percentiles.of(life.since(Moment.PLACED, life.first_paper()) for life in lives),
        accept_to_paper_ms=Percentiles.of(life.since(Moment.ACCEPTED, life.first_paper()) for life in lives),
        platforms={side.name: _breakdown(evidence, lives, side) for side in evidence.sides},
        promises={promise: not words for promise, words in broken.items()},
        problems=[word for words in broken.values() for word in words],
    )


def _broken(evidence: Evidence, lives: list[Life], paper: _Paper) -> dict[str, list[str]]:
    """Every promise with what breaks it, in words: an empty list means that it held."""
    sales, truth = _money(evidence.sales), _money(_platform_total(lives))
    lost = [life for life in lives if life.key not in evidence.stored]
    copies = [f"{sheet.call_number} at {sheet.station} ({sheet.ticket_id})" for sheet in _unmarked_copies(lives)]
    stray = [life.name for life in lives if not life.dead and any(sheet.kind is TicketKind.VOID for sheet in life.sheets)]
    garbled = [f"{sheet.call_number}: {error}" for sheet in evidence.sheets for error in sheet.errors]
    earnest = [sheet.call_number for sheet in evidence.sheets if not sheet.practice]
    return {
        "everything_finished": [] if evidence.finished else _unfinished(evidence),
        "no_order_lost": [f"order {life.name} of {life.platform}: {_became(life, evidence)}" for life in lost],
        "every_ticket_on_paper": [f"no whole ticket of {name} at {station}" for name, station in paper.missing],
        "no_unmarked_duplicate": [f"{name} came out again without saying so" for name in copies],
        "every_cancellation_on_paper": [f"no void slip for {name} at {station}" for name, station in paper.not_voided],
        "every_paper_has_an_order": [f"nobody ordered {sheet.call_number}" for sheet in evidence.strays()],
        "no_living_order_voided": [f"a void slip for {name}, which lives" for name in stray],
        "every_change_on_paper": [f"no CHANGED ticket for {name} at {station}" for name, station in paper.not_changed],
        "paper_marked_as_practice": [f"a sheet of {name} does not say PRACTICE" for name in earnest],
        "paper_as_meant": [f"on the ticket of {words}" for words in garbled],
        "totals_equal": [] if sales == truth else [f"the chart says {sales}, the platforms say {truth}"],
    }


class _Paper:
    """What ought to be on paper, order by order and station by station, and what is not. Entries are (order, station)."""

    def __init__(self, lives: Iterable[Life], evidence: Evidence) -> None:
        pairs = [(life, station) for life in lives for station in evidence.stations]
        withdrawn = evidence.withdrawn
        expected = [(life, one) for life, one in pairs if _ticket_expected(life, one, withdrawn.get((life.key, one)))]
        to_void = [(life, station) for life, station in pairs if _void_expected(life, station)]
        to_change = [(life, station) for life, station in pairs if _change_expected(life, station)]
        self.expected = _names(expected)
        missing = [pair for pair in expected if not _cooked_by(*pair)]
        self.missing = _names(missing)
        self.torn = _names(pair for pair in missing if pair[0].sheets)
        self.to_void = _names(to_void)
        self.not_voided = _names(pair for pair in to_void if not pair[0].paper(pair[1], TicketKind.VOID))
        self.to_change = _names(to_change)
        self.not_changed = _names(pair for pair in to_change if not pair[0].paper(pair[1], TicketKind.CHANGED))


def _names(pairs: Iterable[tuple[Life, str]]) -> list[tuple[str, str]]:
    return [(life.name, station) for life, station in pairs]


def _cooked_by(life: Life, station: str) -> list[Sheet]:
    return life.paper(station, *COOK_BY)


def _ticket_expected(life: Life, station: str, withdrawn: float | None) -> bool:
    if Moment.ACCEPTED not in life.moments:
        return False
    died = life.moments.get(Moment.DIED)
    lived = life.since(Moment.ACCEPTED, died)
    if lived is None or _cooked_by(life, station):
        return True
    known = withdrawn is not None and died is not None and withdrawn > died - CLOCKS_APART
    return lived > GRACE and not known


def _void_expected(life: Life, station: str) -> bool:
    return life.dead and not life.left_the_shop and bool(_cooked_by(life, station))


def _change_expected(life: Life, station: str) -> bool:
    """The ticket was out, and the console knew of the change while the order was still cooking."""
    changed = life.moments.get(Moment.CHANGED)
    if changed is None or not any(sheet.at < changed for sheet in life.paper(station, TicketKind.KITCHEN)):
        return False
    known = next((at for at in life.heard if at > changed), None)
    ends = (life.moments.get(end) for end in (Moment.READY, Moment.PICKED_UP, Moment.COMPLETED, Moment.DIED))
    return known is not None and all(end is None or end > known + GRACE for end in ends)


def _became(life: Life, evidence: Evidence) -> str:
    if life.key in evidence.stored:
        return f"stored, {life.truth.kitchen}"
    died = life.since(Moment.PLACED, life.moments.get(Moment.DIED))
    ended = life.truth.kitchen if died is None else f"{life.truth.kitchen} after {died:.2f} s"
    told = life.since(Moment.PLACED, life.truth.delivered_to_console_at)
    return f"NOT STORED, {ended}, {'told to nobody' if told is None else f'told to the console after {told:.2f} s'}"


def _unfinished(evidence: Evidence) -> list[str]:
    return ["the rush did not finish in time", *(f"it waited for {what}" for what in evidence.waited_for)]


def _unmarked_copies(lives: Iterable[Life]) -> Iterator[Sheet]:
    for life in lives:
        groups: dict[tuple[str, ...], list[Sheet]] = defaultdict(list)
        for sheet in life.sheets:
            if sheet.complete:
                change = sheet.ticket_id if sheet.kind is TicketKind.CHANGED else ""
                groups[sheet.station, sheet.kind, change].append(sheet)
        for group in groups.values():
            yield from (sheet for sheet in group[1:] if not sheet.marked)


def _platform_total(lives: Iterable[Life]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for life in lives:
        if life.sold:
            total[life.truth.currency] += life.truth.total_minor - life.truth.refunded_minor
    return total


def _money(amounts: Mapping[str, int]) -> dict[str, int]:
    return {currency: minor for currency, minor in sorted(amounts.items()) if minor}


def _breakdown(evidence: Evidence, lives: Iterable[Life], side: Side) -> dict[str, int]:
    """One platform: how its orders ended, what befell them, what the console asked for, and how fast cards and acks were."""
    mine = [life for life in lives if life.platform == side.name]
    cards = Percentiles.of(life.since(Moment.PLACED, evidence.shown.get(life.call_number)) for life in mine)
    acks = Percentiles.of(life.since(Moment.PLACED, life.truth.delivered_to_console_at) for life in mine)
    counts = Counter(record.what for record in side.records)
    counts.update(f"ended_{life.truth.kitchen}" for life in mine)
    counts.update(f"happened_{record.detail['happening']}" for record in side.records if "happening" in record.detail)
    counts.update(f"command_{command}" for life in mine for command in life.truth.commands)
    return {
        "orders": len(mine),
        "stored": sum(life.key in evidence.stored for life in mine),
        "card_p50_ms": round(cards.p50),
        "card_p99_ms": round(cards.p99),
        "ack_p50_ms": round(acks.p50),
        "ack_p99_ms": round(acks.p99),
        **dict(sorted(counts.items())),
    }
