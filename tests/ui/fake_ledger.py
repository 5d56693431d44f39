"""A day's print ledger from memory: every state and kind of paper, marks, a backup, an outage, what cannot be proved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.domain.commands import CommandKind, RejectReason
from app.domain.routing import Station
from app.domain.tickets import Mark, Note, NoteKind, Ticket, TicketKind, TicketLine
from app.engine.facade import Facade
from app.engine.views import (
    DayProof,
    LedgerFilter,
    PrintState,
    StationProof,
    Step,
    TicketAction,
    TicketView,
    Unproved,
)

NOON = datetime(2026, 11, 22, 4, 15, 30, tzinfo=UTC)  # 12:15:30 in Shanghai
TODAY = date(2026, 11, 22)

HOT, DRINKS, PACK = (
    Station(1, "热菜", printer_id=1, backup_id=2, default=True),
    Station(2, "饮品", TicketKind.LABEL, printer_id=3),
    Station(3, "打包", TicketKind.PACKING, printer_id=2),
)
STATIONS = (HOT, DRINKS, PACK)
PRINTERS = {1: "后厨热敏", 2: "前台", 3: "标签机"}
_PRINT, _OUT, _SKIP = TicketAction.PRINT, TicketAction.CAME_OUT, TicketAction.SKIP
_ACTIONS = {
    PrintState.PENDING: (_SKIP,),
    PrintState.SENDING: (),
    PrintState.UNKNOWN: (_PRINT, _OUT),
    PrintState.FAILED: (_PRINT, _SKIP),
    PrintState.HELD: (_PRINT, _SKIP),
}


def actions_of(state: PrintState, answer: str = "") -> tuple[TicketAction, ...]:
    """What a person may do with a ticket as it stands."""
    return (_PRINT,) if answer else _ACTIONS.get(state, (_PRINT,))


def ticket(
    id_: int,
    state: PrintState = PrintState.CONFIRMED,
    station: Station = HOT,
    kind: TicketKind | None = None,
    minutes: float = 5,
    number: str = "",
    reason: str = "",
    answer: str = "",
    printer_id: int | None = None,
    **paper: Any,
) -> TicketView:
    """One row; `minutes` before noon, `paper` are fields of its `Ticket`."""
    at, call = NOON - timedelta(minutes=minutes), number or f"饿#{id_}"
    printed_by = printer_id or station.printer_id or 0
    made = Ticket(
        kind or station.kind,
        call,
        "Ele.me",
        f"T-{id_:04X}",
        at,
        "Asia/Shanghai",
        (TicketLine("1", "宫保鸡丁 (微辣)"), TicketLine("2", "米饭")),
        station=station.name,
        notes=(Note(NoteKind.CHANGE, "少放盐"),),
        items_total="3",
        station_total="3",
        **paper,
    )
    return TicketView(
        id=id_,
        order_id=id_ // 2,
        call_number=call,
        printer=PRINTERS[printed_by],
        station=station.name,
        state=state,
        ticket=made,
        created_at=at,
        settled_at=None if state in (PrintState.PENDING, PrintState.SENDING) else at + timedelta(seconds=2),
        attempts=1,
        marked=bool(made.marks),
        reason=reason,
        printer_id=printed_by,
        station_id=station.id,
        answer=answer,
        actions=actions_of(state, answer),
    )


def quiet_day(count: int = 40) -> list[TicketView]:
    """Everything confirmed, by three stations, ids from 1 up."""
    found = []
    for id_ in range(1, count + 1):
        station = STATIONS[id_ % 3]
        state = PrintState.SENT if station is DRINKS else PrintState.CONFIRMED
        found.append(ticket(id_, state, station, minutes=12 + (count - id_) * 3, number=f"饿#{1 + id_ // 3}"))
    return found


def busy_day() -> list[TicketView]:
    """A lunch hour in which everything happened once."""
    reprint, doubt = (Mark.REPRINT,), (Mark.POSSIBLE_DUPLICATE,)
    told = "打印机确认前断线"
    return [
        *quiet_day(),
        ticket(101, PrintState.CONFIRMED, HOT, minutes=11, number="饿#20", copy=2, marks=reprint),
        ticket(102, PrintState.CONFIRMED, HOT, minutes=10.5, number="饿#21", copy=2, marks=doubt),
        ticket(
            103,
            PrintState.CONFIRMED,
            HOT,
            minutes=10,
            number="饿#22",
            printer_id=2,
            marks=(Mark.BACKUP,),
            from_printer="后厨热敏",
        ),
        ticket(104, PrintState.CONFIRMED, HOT, TicketKind.CHANGED, minutes=9.5, number="饿#20", marks=(Mark.CHANGED,)),
        ticket(
            105, PrintState.CONFIRMED, HOT, TicketKind.VOID, minutes=9, number="H#7", marks=(Mark.VOID,), reason="顾客取消"
        ),
        ticket(106, PrintState.SENT, PACK, TicketKind.COURIER, minutes=8.5, number="饿#23"),
        ticket(107, PrintState.CONFIRMED, PACK, TicketKind.RECEIPT, minutes=8, number="饿#23"),
        ticket(108, PrintState.CONFIRMED, PACK, minutes=7.5, number="饿#24", sheet=1, sheets=2),
        ticket(109, PrintState.SKIPPED, HOT, TicketKind.URGE, minutes=7, number="饿#18", reason="订单已出餐，不用再打"),
        ticket(110, PrintState.UNKNOWN, HOT, minutes=6.5, number="饿#19", reason=told, answer="有人在打印机上找到了"),
        ticket(111, PrintState.CONFIRMED, PACK, TicketKind.EXPEDITER, minutes=6, number="饿#25", scheduled=True),
        ticket(112, PrintState.CONFIRMED, HOT, TicketKind.DISH, minutes=5, number="饿#26", sheet=2, sheets=3),
        ticket(113, PrintState.FAILED, HOT, minutes=4, number="饿#27", reason="打印机缺纸，试了 3 次"),
        ticket(114, PrintState.UNKNOWN, HOT, minutes=3, number="饿#28", reason=told),
        ticket(115, PrintState.PENDING, HOT, minutes=1, number="饿#29"),
        ticket(116, PrintState.SENDING, DRINKS, minutes=0.3, number="饿#30"),
        ticket(117, PrintState.CONFIRMED, PACK, TicketKind.TOTALS, minutes=0.2, number="合计"),
    ]


def after_outage(count: int = 12) -> list[TicketView]:
    """The printer was away for half an hour: its tickets wait for a person."""
    waited = "打印机离线 31 分钟"
    held = [
        ticket(200 + each, PrintState.HELD, HOT, minutes=31 - each, number=f"饿#{40 + each}", reason=waited)
        for each in range(count)
    ]
    return [*quiet_day(), *held]


def many_tickets(count: int) -> list[TicketView]:
    """So many rows of one day, for speed; each with its own number and one of every state in turn."""
    states = tuple(PrintState)
    return [
        ticket(
            id_,
            states[id_ % len(states)],
            STATIONS[id_ % 3],
            minutes=(count - id_) / count * 480,
            reason="" if id_ % 4 else "缺纸",
        )
        for id_ in range(1, count + 1)
    ]


def let_through(rows: Iterable[TicketView], wanted: LedgerFilter) -> list[int]:
    """Ids that a filter lets through, newest first."""
    found = [
        one
        for one in rows
        if (wanted.printer_id is None or one.printer_id == wanted.printer_id)
        and (wanted.station_id is None or one.station_id == wanted.station_id)
        and (not wanted.states or one.state.value in wanted.states)
        and (wanted.since is None or one.created_at >= wanted.since)
        and (wanted.until is None or one.created_at < wanted.until)
        and wanted.text.casefold() in one.call_number.casefold()
    ]
    return [one.id for one in sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)]


def steps_of(one: TicketView) -> list[Step]:
    """What happened to a ticket that ended as this one did."""
    at = one.created_at
    steps = [Step(at, "pending", one.printer, "")]
    if one.state not in (PrintState.PENDING, PrintState.HELD):
        steps.append(Step(at + timedelta(seconds=1), "sending", one.printer, ""))
    if one.state not in (PrintState.PENDING, PrintState.SENDING):
        steps.append(Step(at + timedelta(seconds=3), one.state.value, one.printer, one.reason))
    if one.answer:
        steps.append(Step(at + timedelta(seconds=90), "came_out", one.printer, ""))
    return steps


_WORDS = {PrintState.PENDING: "还没打印", PrintState.SENDING: "正在打印", PrintState.SENT: "这台打印机无法确认"}


def proof_of(rows: Collection[TicketView], day: date) -> DayProof:
    """Station by station: confirmed, explained, open."""
    rows = [one for one in rows if one.ticket.kind is not TicketKind.TOTALS]
    unproved = tuple(
        Unproved(
            one.order_id or 0,
            one.call_number,
            one.station,
            one.answer or one.reason or _WORDS.get(one.state, ""),
            _open(one),
            one.id,
        )
        for one in rows
        if one.state not in (PrintState.CONFIRMED, PrintState.SENT) or one.answer
    )
    stations = tuple(
        _station_proof(station.name, [one for one in rows if one.station == station.name]) for station in STATIONS
    )
    return DayProof(day, len({one.order_id for one in rows}), stations if rows else (), unproved)


def never_made(proof: DayProof) -> DayProof:
    """The same day with an order for which no ticket was ever made."""
    missing = Unproved(77, "饿#31", "热菜", "没有出过小票：接单时没有启用打印机", True)
    hot, *rest = proof.stations
    return replace(
        proof, stations=(replace(hot, owed=hot.owed + 1, open=hot.open + 1), *rest), unproved=(missing, *proof.unproved)
    )


def _open(one: TicketView) -> bool:
    known = (PrintState.CONFIRMED, PrintState.SENT, PrintState.SKIPPED)
    return one.state not in known and not one.answer


def _station_proof(name: str, rows: list[TicketView]) -> StationProof:
    confirmed = sum(one.state is PrintState.CONFIRMED for one in rows)
    missing = sum(_open(one) for one in rows)
    return StationProof(name, len(rows), confirmed, len(rows) - confirmed - missing, missing)


@dataclass
class Asked:
    """One request the screen made."""

    what: str
    order_id: int
    kind: CommandKind | None = None
    reason: RejectReason | None = None
    text: str = ""
    urge_key: str = ""


class FakeLedger(Facade):
    """The ledger's part of a facade: answers from `rows` and changes them as the engine would."""

    rows: dict[int, TicketView]
    refuse_with: str

    def tell(self, topic: str, *ids: int) -> None:
        raise NotImplementedError

    def _answer(self, *asked: Asked) -> Future[None]:
        raise NotImplementedError

    def came_out(self, ticket_id: int) -> Future[None]:
        self._settle(frozenset({ticket_id}), lambda one: replace(one, answer="有人看到了"))
        return self._answer(Asked("came_out", ticket_id))

    def ledger(self, wanted: LedgerFilter) -> list[int]:
        return let_through(self.rows.values(), wanted)

    def tickets_of(self, ids: Collection[int]) -> list[TicketView]:
        return [self.rows[id_] for id_ in sorted(ids, reverse=True) if id_ in self.rows]

    def ticket_steps(self, ticket_id: int) -> list[Step]:
        return steps_of(self.rows[ticket_id])

    def day_proof(self, day: date | None = None) -> DayProof:
        rows = [one for one in self.rows.values() if day in (None, TODAY)]
        return proof_of(rows, day or self.business_day())

    def print_totals(self, day: date | None = None) -> Future[None]:
        return self._answer(Asked("print_totals", 0, text=str(day)))

    def stations(self) -> list[Station]:
        return list(STATIONS)

    def print_again(self, ticket_ids: frozenset[int]) -> Future[None]:
        self._settle(ticket_ids, lambda one: replace(one, state=PrintState.PENDING, reason="", answer=""))
        return self._answer(*(Asked("print_again", id_) for id_ in sorted(ticket_ids)))

    def skip(self, ticket_ids: frozenset[int]) -> Future[None]:
        self._settle(ticket_ids, lambda one: replace(one, state=PrintState.SKIPPED, reason="不用打了"))
        return self._answer(*(Asked("skip", id_) for id_ in sorted(ticket_ids)))

    def write(self, *tickets: TicketView) -> None:
        """Change or add rows of the ledger and tell the listeners."""
        self.rows.update({one.id: one for one in tickets})
        self.tell("tickets", *(one.id for one in tickets))

    def _settle(self, ids: frozenset[int], change: Callable[[TicketView], TicketView]) -> None:
        if not self.refuse_with:
            changed = [change(self.rows[id_]) for id_ in ids if id_ in self.rows]
            self.write(*(replace(one, actions=actions_of(one.state, one.answer)) for one in changed))
