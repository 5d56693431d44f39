"""The print ledger: which tickets really came out, by day, station and printer; and one touch for those that did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.engine.views import TicketAction, TicketView
from app.reports.export import tabbed
from app.texts import N_, tr
from app.ui.actions import Actions
from app.ui.background import in_background
from app.ui.bridge import Bridge
from app.ui.models.ledger import Found, Group, LedgerModel, Wanted, cells, heading, read
from app.ui.theme import Theme
from app.ui.widgets.panel import plain_label
from app.ui.widgets.ticket_cells import needs_person
from app.ui.widgets.ticket_filters import BulkBar, Filters
from app.ui.widgets.ticket_proof import ProofSide
from app.ui.widgets.ticket_side import NARROWEST, WIDTH, Opened, TicketSide, open_ticket
from app.ui.widgets.ticket_table import TicketTable

_REFRESH_MS = 400  # at most one read of the store in this time, however many tickets change
_GLANCE_MS = 60  # so long a row has to stay chosen before its paper is drawn
_NO_TICKETS = N_("No tickets on this day.\nEvery paper a printer should bring out stands here, with what became of it.")
_NOTHING_NEEDED = N_("Nothing needs you.\nTickets that were not printed, or that nobody is sure of, would wait here.")
_NOTHING_FITS = N_("No ticket fits these filters.")


class LedgerPage(QWidget):
    """Reads the store when it is shown, when tickets change and when a person chooses; never on the UI thread."""

    def __init__(
        self, facade: Facade, bridge: Bridge, theme: Theme, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("ledger")
        self._facade, self._bridge, self._theme, self._actions = facade, bridge, theme, actions
        self.found: Found | None = None
        self._wanted = Wanted()
        self._pick: int | None = None
        self._opened: int | None = None
        self._stale = True
        self._reading = False
        self._pause = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._pause.timeout.connect(self._refresh)
        self._glance = QTimer(self, singleShot=True, interval=_GLANCE_MS)
        self._glance.timeout.connect(self._read_side)
        self.model = LedgerModel(facade, bridge, self)
        self._lay_out()
        self._bind_keys()
        self.model.loaded.connect(self._offer_bulk)
        bridge.tickets_changed.connect(self._note_tickets)
        bridge.printers_changed.connect(self._note_printers)

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self.table.setFocus()
        self._note_change()

    def show_group(self, group: str, printer_id: int | None = None) -> None:
        """Today's tickets of a `Group`, of one printer or of all, whatever was chosen before."""
        self._choose(Wanted(group=Group(group), printer_id=printer_id))

    # building

    def _lay_out(self) -> None:
        self.filters = Filters(self._theme, self._wanted)
        self.filters.changed.connect(self._choose)
        self.filters.proof.clicked.connect(self._toggle_proof)
        self.bulk = BulkBar(self._theme)
        self.bulk.print_pressed.connect(self._print)
        self.bulk.skip_pressed.connect(self._skip)
        self.bulk.hide()
        self.table = TicketTable(self._theme, self.model)
        keys = tr("P prints again · S skips · C it came out · Ctrl+C copies rows · / searches · Esc closes the side")
        self.table.horizontalHeader().setToolTip(keys)
        self.table.asked.connect(self._ask)
        self.table.chosen.connect(self._follow_choice)
        self._lesson = plain_label("…", 18, name="ledger-empty", color=self._theme.color("muted"))
        self._lesson.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lesson.setWordWrap(True)
        self._middle = QStackedWidget()
        for widget in (self._lesson, self.table):
            self._middle.addWidget(widget)
        main = QVBoxLayout()
        main.setSpacing(8)
        for piece in (self.filters, self.bulk):
            main.addWidget(piece)
        main.addLayout(self._below(), 1)
        main.setContentsMargins(12, 10, 12, 8)
        self.setLayout(main)

    def _below(self) -> QHBoxLayout:
        self.side = TicketSide(self._theme)
        self.side.asked.connect(self._ask)
        self.side.closed.connect(self.close_side)
        self.proof = ProofSide(self._theme)
        self.proof.picked.connect(self._show_unproved)
        self.proof.wanted.connect(self._actions.print_order)
        self.proof.totals.connect(self._actions.print_totals)
        self.proof.closed.connect(self.close_side)
        self._beside = QStackedWidget()
        for widget in (self.side, self.proof):
            self._beside.addWidget(widget)
        self._beside.setMinimumWidth(NARROWEST)
        self._beside.setMaximumWidth(WIDTH)
        self._beside.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._middle, 3)
        row.addWidget(self._beside, 2)
        return row

    def _bind_keys(self) -> None:
        presses: dict[str, Callable[[], None]] = {
            "P": self._key_print,
            "S": self._key_skip,
            "C": self._key_came_out,
            "/": self._key_search,
            "Esc": self._escape,
        }
        for key, press in presses.items():
            self._bind(QKeySequence(key), press)
        self._bind(QKeySequence(QKeySequence.StandardKey.Copy), self.copy)

    def _bind(self, key: QKeySequence, press: Callable[[], None]) -> None:
        QShortcut(key, self, press, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # reading

    @Slot(object)
    def _choose(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.filters.put(wanted)
        self._stale = True
        self._pause.stop()
        self._refresh()

    @Slot(frozenset)
    def _note_tickets(self, ids: frozenset[int]) -> None:
        if self._opened is not None and (not ids or self._opened in ids):
            self._glance.start()
        self._note_change()

    @Slot()
    def _note_printers(self) -> None:
        self._note_tickets(frozenset())  # a ticket that waits says how its printer is

    @Slot()
    def _note_change(self) -> None:
        self._stale = True
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        if not self._stale or self._reading or self._pause.isActive() or not self.isVisible():
            return
        self._stale, self._reading = False, True
        self._pause.start()
        reading = in_background(partial(read, self._facade, self._wanted), "ledger")
        self._bridge.run(reading, self._arrived, self._missed, self)

    def _arrived(self, found: Found) -> None:
        self._reading = False
        if found.wanted == self._wanted:
            self.show_found(found)
        self._refresh()

    def _missed(self, why: str) -> None:
        self._reading = False
        self._teach(tr("The ledger could not be read: {why}", why=why))

    # showing

    def show_found(self, found: Found) -> None:
        """Put the answer on the page; what is selected stays selected."""
        self.found = found
        self.model.hold(found.ids)
        self.model.note_printers(found.printers)
        self.filters.show_found(found)
        if self._beside.currentWidget() is self.proof:
            self.proof.show_found(found)
        if found.ids:
            self._middle.setCurrentWidget(self.table)
        else:
            self._teach(self._empty_words(found))
        self._offer_bulk()
        if self._pick is not None and (row := self.model.row_of(self._pick)) is not None:
            self._pick = None
            self.table.pick(row)

    def _empty_words(self, found: Found) -> str:
        if not found.counts[Group.ALL]:
            plain_day = found.wanted == Wanted(found.wanted.day, found.wanted.group)
            return tr(_NO_TICKETS if plain_day else _NOTHING_FITS)
        return tr(_NOTHING_NEEDED if found.wanted.group is Group.NEEDS else _NOTHING_FITS)

    def _teach(self, text: str) -> None:
        self._lesson.setText(text)
        self._middle.setCurrentWidget(self._lesson)

    @Slot()
    def _offer_bulk(self) -> None:
        """Many ticked: those; else all that wait for "print or skip", where they are looked for."""
        ticked = self.model.known(self.table.rows)
        if len(ticked) > 1:
            offered = [ticket for ticket in ticked if needs_person(ticket) or TicketAction.SKIP in ticket.actions]
            text = tr("{n} tickets chosen", n=len(self.table.rows))
            self.bulk.offer(text, _allowing(offered, TicketAction.PRINT), _allowing(offered, TicketAction.SKIP), False)
            return
        held = self.found.held - self.model.asked if self.found else frozenset[int]()
        held = held if self._wanted.group in (Group.NEEDS, Group.NOT_PRINTED) else frozenset()
        text = tr("{n} tickets are late: the printer was away, or the order was heard of late", n=len(held))
        self.bulk.offer(text, sorted(held), sorted(held), True)

    # the side

    @Slot()
    def _follow_choice(self) -> None:
        rows = self.table.rows
        self._offer_bulk()
        if len(rows) == 1:
            self._opened = self.model.ids[rows[0]]
            self._glance.start()

    @Slot()
    def _read_side(self) -> None:
        if self._opened is not None:
            reading = in_background(partial(open_ticket, self._facade, self._opened, self.side.shown), "ledger-side")
            self._bridge.run(reading, self._show_opened, owner=self)

    def _show_opened(self, opened: Opened | None) -> None:
        if opened is None or opened.ticket.id != self._opened:
            return
        self.side.show_ticket(opened, opened.ticket.id in self.model.asked)
        self._beside.setCurrentWidget(self.side)
        self._beside.show()

    @Slot()
    def _toggle_proof(self) -> None:
        if self._beside.isVisible() and self._beside.currentWidget() is self.proof:
            self.close_side()
        elif self.found:
            self._opened = None
            self.proof.show_found(self.found)
            self._beside.setCurrentWidget(self.proof)
            self._beside.show()

    @Slot()
    def close_side(self) -> None:
        """Give the table the whole width again."""
        self._opened = None
        self._beside.hide()
        self.table.clearSelection()

    @Slot(int)
    def _show_unproved(self, ticket_id: int) -> None:
        row = self.model.row_of(ticket_id)
        if row is not None:
            self.table.pick(row)
        else:
            self._pick = ticket_id
            self._choose(Wanted(self._wanted.day))

    # what a person does

    @Slot(object, int)
    def _ask(self, action: TicketAction, ticket_id: int) -> None:
        one = frozenset({ticket_id})
        if action is TicketAction.PRINT:
            self._print(one)
        elif action is TicketAction.SKIP:
            self._skip(one)
        else:
            self._start(one)
            self._actions.came_out(ticket_id, partial(self._answered, one))

    @Slot(frozenset)
    def _print(self, ids: frozenset[int]) -> None:
        self._start(ids)
        self._actions.print_again(ids, partial(self._answered, ids))

    @Slot(frozenset)
    def _skip(self, ids: frozenset[int]) -> None:
        self._start(ids)
        self._actions.skip(ids, partial(self._answered, ids))

    def _start(self, ids: frozenset[int]) -> None:
        self.model.ask(ids)
        self._note_side(ids)

    def _answered(self, ids: frozenset[int]) -> None:
        self.model.answered(ids)
        self._note_side(ids)
        self._note_change()

    def _note_side(self, ids: frozenset[int]) -> None:
        opened = self.side.shown
        if opened and opened.ticket.id in ids:
            self.side.show_ticket(opened, opened.ticket.id in self.model.asked)
        self._offer_bulk()

    def _key(self, action: TicketAction) -> list[int]:
        """The chosen tickets that take `action` and were not just pressed; of many, only those that need a person."""
        chosen = [ticket for ticket in self.model.known(self.table.rows) if ticket.id not in self.model.asked]
        if len(chosen) > 1:
            chosen = [ticket for ticket in chosen if needs_person(ticket) or TicketAction.SKIP in ticket.actions]
        return _allowing(chosen, action)

    @Slot()
    def _key_print(self) -> None:
        if ids := self._key(TicketAction.PRINT):
            self._print(frozenset(ids))

    @Slot()
    def _key_skip(self) -> None:
        if ids := self._key(TicketAction.SKIP):
            self._skip(frozenset(ids))

    @Slot()
    def _key_came_out(self) -> None:
        for id_ in self._key(TicketAction.CAME_OUT):
            self._ask(TicketAction.CAME_OUT, id_)

    @Slot()
    def _key_search(self) -> None:
        self.filters.unfold()
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    @Slot()
    def _escape(self) -> None:
        if self.filters.search.hasFocus():
            self.table.setFocus()
        else:
            self.close_side()

    @Slot()
    def copy(self) -> None:
        """Put the chosen rows on the clipboard, as rows for a spreadsheet; all of them, read or not."""
        ids = [self.model.ids[row] for row in self.table.rows]
        if ids:
            self._bridge.run(in_background(partial(self._facade.tickets_of, ids), "ledger-copy"), _to_clipboard, owner=self)


def _allowing(tickets: Sequence[TicketView], action: TicketAction) -> list[int]:
    return [ticket.id for ticket in tickets if action in ticket.actions]


def _to_clipboard(tickets: Sequence[TicketView]) -> None:
    QGuiApplication.clipboard().setText(tabbed([heading(), *map(cells, tickets)]))
