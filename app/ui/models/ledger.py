"""The print ledger for the screen: what a person asked to see, read off the UI thread, and its rows in pages when seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal, Slot

from app.domain.business_day import BusinessCalendar
from app.domain.routing import Station
from app.engine.facade import Facade
from app.engine.views import DayProof, HealthState, LedgerFilter, PrinterView, PrintState, TicketView, Unproved
from app.texts import N_, tr
from app.ui import words
from app.ui.background import in_background
from app.ui.bridge import Bridge
from app.ui.shop_clock import local
from app.ui.words import plain

PAGE = 64  # rows read at once
_PAGES_WANTED = 4  # what was passed while scrolling need not be read
_MOST_RUNS = 64  # a list that changed in more places is told as a new one

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_SPOKEN = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)


class Group(StrEnum):
    """What the buttons over the ledger let through."""

    NEEDS = "needs"
    WAITING = "waiting"
    ON_PAPER = "on_paper"
    NOT_PRINTED = "not_printed"
    ALL = "all"


NEEDS = frozenset({PrintState.HELD, PrintState.FAILED, PrintState.UNKNOWN})
STATES: Mapping[Group, frozenset[PrintState]] = {
    Group.NEEDS: NEEDS,
    Group.WAITING: frozenset({PrintState.PENDING, PrintState.SENDING}),
    Group.ON_PAPER: frozenset({PrintState.CONFIRMED, PrintState.SENT}),
    Group.NOT_PRINTED: frozenset({PrintState.FAILED, PrintState.SKIPPED, PrintState.HELD}),
    Group.ALL: frozenset(),
}
GROUPS = {
    Group.ALL: N_("All"),
    Group.NEEDS: N_("Needs a person"),
    Group.WAITING: N_("Waiting"),
    Group.ON_PAPER: N_("On paper"),
    Group.NOT_PRINTED: N_("Not printed"),
}


class Column(StrEnum):
    """What stands beside one another; two facts share a column where they are read together."""

    TICK = ""
    TIME = N_("When")
    NUMBER = N_("Number")
    PAPER = N_("Which paper")
    PLACE = N_("Station, printer")
    STATE = N_("What became of it")
    ACTIONS = " "


COLUMNS = tuple(Column)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked to see. `day` None is today, whatever day that is."""

    day: date | None = None
    group: Group = Group.ALL
    station_id: int | None = None
    printer_id: int | None = None
    text: str = ""

    def filtered(self, calendar: BusinessCalendar, today: date, group: Group) -> LedgerFilter:
        """The same for the store."""
        since, until = calendar.bounds(self.day or today)
        states = frozenset(state.value for state in STATES[group])
        return LedgerFilter(self.printer_id, self.station_id, states, since, until, self.text.strip())


@dataclass(frozen=True)
class Found:
    """The answer. `held` are those of them that wait for "print or skip"; `lost` of the proof want a person."""

    wanted: Wanted
    today: date
    ids: Sequence[int]
    counts: Mapping[Group, int]
    held: frozenset[int]
    proof: DayProof
    lost: tuple[Unproved, ...]
    stations: Sequence[Station]
    printers: Sequence[PrinterView]


def read(facade: Facade, wanted: Wanted) -> Found:
    """Ask the store. Takes as long as the store takes: never on the UI thread."""
    calendar = BusinessCalendar.of(facade.preference("zone", "Asia/Shanghai"), int(facade.preference("cutoff_hour", "4")))
    today = facade.business_day()
    ids = {group: facade.ledger(wanted.filtered(calendar, today, group)) for group in Group}
    open_ones = facade.tickets_of(ids[Group.NEEDS])
    answered = {ticket.id for ticket in open_ones if ticket.answer}
    ids[Group.NEEDS] = [id_ for id_ in ids[Group.NEEDS] if id_ not in answered]
    held = frozenset(ticket.id for ticket in open_ones if ticket.state is PrintState.HELD) - answered
    proof = facade.day_proof(wanted.day or today)
    counts = {group: len(found) for group, found in ids.items()}
    lost = _lost(facade, proof, facade.ledger(Wanted(wanted.day).filtered(calendar, today, Group.NEEDS)))
    return Found(wanted, today, ids[wanted.group], counts, held, proof, lost, facade.stations(), facade.printers())


def _lost(facade: Facade, proof: DayProof, needs: Sequence[int]) -> tuple[Unproved, ...]:
    """What is open and will not settle by itself: no ticket was made, or it or the copy made of it needs a person."""
    missing = [one for one in proof.unproved if one.open]
    doubts = [ticket for ticket in facade.tickets_of(needs) if not ticket.answer]
    copied = {ticket.ticket.original_id for ticket in doubts if ticket.ticket.copy > 1}
    firsts = facade.tickets_of([one.ticket_id for one in missing if one.ticket_id is not None])
    lost = {None, *(one.id for one in doubts), *(one.id for one in firsts if one.ticket.ticket_id in copied)}
    return tuple(one for one in missing if one.ticket_id in lost)


def troubles(printers: Sequence[PrinterView]) -> dict[int, str]:
    """Why the printers that bring nothing out do not, by id."""
    found = {}
    for printer in printers:
        if printer.state is not HealthState.OK or not printer.enabled:
            off = not printer.enabled or printer.state is HealthState.OFF
            why_not = tr("Its printer is switched off: tickets wait.") if off else printer.text
            found[printer.id] = plain(why_not or tr(words.PRINTER_HEALTH[printer.state]))
    return found


def marks(ticket: TicketView) -> list[str]:
    """What the paper says of itself in reverse type, in the words of the screen."""
    paper = ticket.ticket
    found = [tr("copy {n}", n=paper.copy)] if paper.copy > 1 else []
    found += [tr(words.MARKS[mark]) for mark in paper.marks if mark in words.MARKS]
    if paper.from_printer:
        found.append(tr("instead of {printer}", printer=plain(paper.from_printer)))
    if paper.sheets > 1:
        found.append(tr("{n} of {m}", n=paper.sheet, m=paper.sheets))
    return found


def why(ticket: TicketView, trouble: str = "") -> str:
    """The reason of its state and what a person said to it; `trouble` is what keeps its printer from printing."""
    return plain(" · ".join(dict.fromkeys(part for part in (trouble, ticket.reason, ticket.answer) if part)))


def cells(ticket: TicketView) -> list[str]:
    """One row for the clipboard, under `heading`."""
    at = local(ticket.created_at).strftime("%Y-%m-%d %H:%M:%S")
    paper = (ticket.ticket.ticket_id, tr(words.PAPERS[ticket.ticket.kind]))
    outcome = (tr(words.PRINTS[ticket.state]), ", ".join(marks(ticket)), why(ticket))
    return [at, plain(ticket.call_number), *paper, plain(ticket.station), plain(ticket.printer), *outcome]


def heading() -> list[str]:
    """What the columns of `cells` are called."""
    return [
        *(tr("When"), tr("Number"), tr("Ticket"), tr("Which paper")),
        *(tr("Station"), tr("Printer"), tr("State"), tr("Marks"), tr("Reason")),
    ]


class LedgerModel(QAbstractTableModel):
    """Holds ids and reads the rows of those that are looked at. `loaded` after each page."""

    loaded = Signal()

    def __init__(self, facade: Facade, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facade, self._bridge = facade, bridge
        self.ids: list[int] = []
        self.asked: set[int] = set()  # pressed, and the engine has not answered yet
        self._troubles: dict[int, str] = {}
        self._place: dict[int, int] = {}
        self._rows: dict[int, TicketView | None] = {}
        self._stale: set[int] = set()
        self._wanted: list[int] = []
        self._loading = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._load)
        bridge.tickets_changed.connect(self._forget)

    # what a view asks

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Tickets that passed the filter."""
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """See `Column`."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words over the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(COLUMNS[section].value) if COLUMNS[section].value.strip() else ""
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a screen reader says; the table paints `ticket(row)`."""
        if role not in _SPOKEN:
            return None
        ticket = self.ticket(index.row())
        return "…" if ticket is None else _spoken(ticket, COLUMNS[index.column()], self.trouble(ticket))

    def ticket(self, row: int) -> TicketView | None:
        """One row, if it was read already; else it soon will be."""
        id_ = self.ids[row]
        known = self._rows.get(id_)
        if id_ in self._stale or id_ not in self._rows:
            self._want(row // PAGE)
        return known

    def trouble(self, ticket: TicketView) -> str:
        """What keeps the printer of a waiting ticket from printing, "" when nothing does."""
        return self._troubles.get(ticket.printer_id, "") if ticket.state is PrintState.PENDING else ""

    def row_of(self, ticket_id: int) -> int | None:
        """Where a ticket stands."""
        return self._place.get(ticket_id)

    def known(self, rows: Sequence[int]) -> list[TicketView]:
        """Those of `rows` that were read already."""
        found = (self._rows.get(self.ids[row]) for row in rows)
        return [ticket for ticket in found if ticket is not None]

    # what changes

    def hold(self, ids: Sequence[int]) -> None:
        """Show these, newest first; what stays keeps its place, its selection and its row."""
        if list(ids) == self.ids:
            return
        gone, new = set(self.ids).difference(ids), set(ids).difference(self.ids)
        leaving, arriving = _runs(self.ids, gone), _runs(ids, new)
        stays = [id_ for id_ in self.ids if id_ not in gone] == [id_ for id_ in ids if id_ not in new]
        if stays and len(leaving) + len(arriving) <= _MOST_RUNS and len(new) < len(ids):
            self._change(list(ids), leaving, arriving)
        else:
            self.beginResetModel()
            self._put(list(ids))
            self.endResetModel()

    def note_printers(self, printers: Sequence[PrinterView]) -> None:
        """How the printers are now: what waits for one says why."""
        if (now := troubles(printers)) != self._troubles:
            self._troubles = now
            self._tell(frozenset(self._rows))

    def ask(self, ids: frozenset[int]) -> None:
        """A button was pressed for these: none of theirs takes another press until the engine answered."""
        self.asked |= ids
        self._tell(ids)

    def answered(self, ids: frozenset[int]) -> None:
        """The engine took it, or said no."""
        self.asked -= ids
        self._tell(ids)

    @Slot(frozenset)
    def _forget(self, ids: frozenset[int]) -> None:
        changed = frozenset(ids & self._rows.keys()) if ids else frozenset(self._rows)
        self._stale |= changed
        self._tell(changed)

    def _change(self, ids: list[int], leaving: list[tuple[int, int]], arriving: list[tuple[int, int]]) -> None:
        for first, last in reversed(leaving):
            self.beginRemoveRows(_ROOT, first, last)
            self._put(self.ids[:first] + self.ids[last + 1 :])
            self.endRemoveRows()
        for first, last in arriving:
            self.beginInsertRows(_ROOT, first, last)
            self._put(self.ids[:first] + ids[first : last + 1] + self.ids[first:])
            self.endInsertRows()

    def _put(self, ids: list[int]) -> None:
        self.ids = ids
        self._place = {id_: row for row, id_ in enumerate(ids)}
        self._rows = {id_: ticket for id_, ticket in self._rows.items() if id_ in self._place}
        self._stale &= self._rows.keys()

    def _tell(self, ids: frozenset[int]) -> None:
        rows = [self._place[id_] for id_ in ids if id_ in self._place]
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(COLUMNS) - 1))

    # reading

    def _want(self, page: int) -> None:
        if not self._wanted or self._wanted[-1] != page:
            self._wanted = [*(one for one in self._wanted if one != page), page][-_PAGES_WANTED:]
        if not self._loading and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _load(self) -> None:
        """Read the page that was looked at last."""
        ids: list[int] = []
        while self._wanted and not ids:
            first = self._wanted.pop() * PAGE
            ids = [id_ for id_ in self.ids[first : first + PAGE] if id_ in self._stale or id_ not in self._rows]
        if ids:
            self._loading = True
            self._stale -= set(ids)
            read_page = in_background(partial(self._facade.tickets_of, ids), "ledger-page")
            self._bridge.run(read_page, partial(self._arrived, ids), self._missed, self)

    def _arrived(self, ids: list[int], tickets: list[TicketView]) -> None:
        self._loading = False
        found = {ticket.id: ticket for ticket in tickets}
        self._rows.update({id_: found.get(id_) for id_ in ids if id_ in self._place})
        self._tell(frozenset(ids))
        self.loaded.emit()
        if self._wanted:
            self._soon.start()

    def _missed(self, why_not: str) -> None:
        self._loading = False
        self._bridge.failed.emit(why_not)


def _runs(ids: Sequence[int], some: set[int]) -> list[tuple[int, int]]:
    """First and last place of each run of neighbours in `ids` that belong to `some`."""
    found: list[tuple[int, int]] = []
    for place, id_ in enumerate(ids):
        if id_ not in some:
            continue
        if found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found


def _spoken(ticket: TicketView, column: Column, trouble: str) -> str:
    at, paper = local(ticket.created_at), tr(words.PAPERS[ticket.ticket.kind])
    said = {
        Column.TIME: at.strftime("%H:%M:%S"),
        Column.NUMBER: plain(ticket.call_number),
        Column.PAPER: ", ".join([paper, *marks(ticket)]),
        Column.PLACE: ", ".join(plain(part) for part in (ticket.station, ticket.printer) if part),
        Column.STATE: words.headed(tr(words.PRINTS[ticket.state]), why(ticket, trouble)),
    }
    return said.get(column, "")
