"""The parts of the detail panel: rows of plain text, dishes, money with who pays it, timeline, tickets."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from app.domain.money import Money
from app.domain.notes import names_allergy
from app.domain.orders import Charge, OptionKind, OrderFacts, OrderLine
from app.domain.tickets import NoteKind, TicketKind
from app.engine.views import CommandState, OrderDetail, PrintState, TicketAction, TicketView
from app.texts import tr
from app.ui import shop_clock, words
from app.ui.actions import Actions
from app.ui.happenings import happening
from app.ui.reading import given_back
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.widgets.rows import Rows
from app.ui.words import plain, spelt

_SIGNS = {OptionKind.ADD: "+", OptionKind.REMOVE: "−", OptionKind.CHOICE: "·"}
_LOUD_PRINTS = (PrintState.FAILED, PrintState.UNKNOWN, PrintState.HELD)
_MAYBE_ON_PAPER = (PrintState.CONFIRMED, PrintState.SENT, PrintState.UNKNOWN)
_LOUD_COMMANDS = (CommandState.REFUSED, CommandState.DEAD)


def local(now: float) -> datetime:
    """An aware moment from seconds since the epoch."""
    return datetime.fromtimestamp(now, UTC)


def dishes(theme: Theme, detail: OrderDetail) -> Panel:
    """All lines with their options and notes, and what of them went back."""
    rows = Rows(theme, tr("Dishes"))
    for place, line in enumerate(detail.facts.lines):
        _dish(rows, line, given_back(detail.card, place))
    return rows.panel


def _dish(rows: Rows, line: OrderLine, back: str) -> None:
    basket = f"[{line.basket}] " if line.basket else ""
    rows.add(f"{line.quantity.normalize():f} × {basket}{line.name}", words.money(line.total), px=16, bold=True)
    rows.add(back, bold=True, indent=18)
    for option in line.options:
        many = f" ×{option.quantity}" if option.quantity > 1 else ""
        price = words.money(option.price) if option.price else ""
        text = f"{_SIGNS[option.kind]} {spelt(option.name)}{many}"
        if names_allergy(option.name):
            _warn(rows, text, price)
        else:
            rows.add(text, price, ink="text", indent=18)
    if names_allergy(line.note):
        _warn(rows, f"＊ {spelt(line.note)}")
    elif line.note:
        rows.add(f"＊ {spelt(line.note)}", bold=True, indent=18)


def _warn(rows: Rows, text: str, price: str = "") -> None:
    rows.add(f"{tr('ALLERGY')}: {text}", price, px=16, bold=True, ink="late", indent=18)


def particulars(theme: Theme, detail: OrderDetail, now: datetime) -> Panel:
    """Times, notes, table ware, customer, courier, invoice; what is not known takes no room."""
    facts, rows = detail.facts, Rows(theme, tr("Order"))
    for note in detail.card.notes:
        if note.kind is NoteKind.ALLERGY:
            rows.add(f"{tr('ALLERGY')}: {spelt(note.text)}", px=16, bold=True, ink="late")
    rows.add(tr("Placed"), words.moment(facts.placed_at, now))
    if facts.due_at:
        rows.add(tr("Wanted for"), words.moment(facts.due_at, now), bold=True)
    if facts.note:
        rows.add(f"{tr('Note')}: {spelt(facts.note)}", px=15, bold=True)
    if facts.tableware is not None:
        rows.add(tr("Tableware"), str(facts.tableware))
    _people(rows, detail)
    return rows.panel


def _people(rows: Rows, detail: OrderDetail) -> None:
    facts, courier = detail.facts, detail.card.courier
    customer = facts.customer
    if facts.pickup_code:
        rows.add(tr("Pickup code"), facts.pickup_code, bold=True)
    rows.add(customer.name, customer.phone)
    rows.add(customer.address)
    if customer.orders_before is not None:
        rows.add(tr("Orders before"), str(customer.orders_before))
    if courier and (courier.name or courier.text):
        rows.add(f"{tr('Courier')}: {courier.name} {courier.text}", courier.phone)
    if facts.invoice:
        rows.add(f"{tr('Invoice')}: {facts.invoice}")


def money(theme: Theme, facts: OrderFacts) -> Panel:
    """What the customer pays, who bears each discount, what stays for the shop."""
    rows = Rows(theme, tr("Money"))
    rows.add(tr("Dishes"), words.money(Money.total((line.total for line in facts.lines), facts.currency)))
    for charge in facts.charges:
        _charge(rows, charge)
    rows.add(tr("Customer pays"), words.money(facts.total), px=16, bold=True)
    for charge in facts.deductions:
        _charge(rows, charge)
    if facts.income is not None:
        rows.add(tr("Expected income"), words.money(facts.income), bold=True)
    if not facts.total_told:
        rows.add(tr("The platform names no total: this one was added up here."))
    if facts.provisional:
        rows.add(tr("The platform has not fixed these figures yet."), bold=True, ink="late")
    if not facts.paid:
        rows.add(tr("NOT PAID: collect the money"), bold=True, ink="late")
    for check in facts.checks:
        rows.add(check, ink="late")
    return rows.panel


def _charge(rows: Rows, charge: Charge) -> None:
    name = charge.name or tr(words.CHARGES[charge.kind])
    rows.add(f"{name} ({tr(words.PARTIES[charge.borne_by])})", words.money(charge.amount))


def timeline(theme: Theme, detail: OrderDetail) -> Panel:
    """What happened, by whose clock, and what became of every command."""
    rows = Rows(theme, tr("Timeline"))
    for entry in detail.history:
        text = " · ".join(
            part for part in (tr(words.WHO.get(entry.who, entry.who)), happening(entry.kind), entry.text) if part
        )
        rows.add(text, shop_clock.local(entry.at).strftime("%H:%M:%S"), px=13)
    for command in detail.commands:
        loud = command.state in _LOUD_COMMANDS
        text = f"{tr(words.COMMANDS[command.kind])}: {tr(words.COMMAND_STATES[command.state])}"
        if command.kind in detail.card.local_only:
            text = f"{tr(words.COMMANDS[command.kind])}: {tr('kept here only')}"
        at = shop_clock.local(command.created_at).strftime("%H:%M:%S") if command.created_at else ""
        rows.add(f"{text} {command.text}", at, px=13, bold=loud, ink="late" if loud else "text")
    return rows.panel


def tickets(theme: Theme, detail: OrderDetail, actions: Actions) -> Panel:
    """The papers of this order; a person settles the unknown ones, and prints what no printer was there for."""
    panel = Panel(theme, tr("Kitchen tickets"))
    if not detail.tickets:
        panel.inner.addWidget(plain_label(tr("No ticket was made for this order."), 14, color=theme.color("muted")))
        first = TicketButton(theme, tr("Print"), "printer", f"print-{detail.card.id}", detail.card.id)
        first.asked.connect(actions.print_order)
        panel.inner.addWidget(first)
    for ticket in detail.tickets:
        panel.inner.addLayout(_ticket(theme, ticket, actions))
    return panel


def _ticket(theme: Theme, ticket: TicketView, actions: Actions) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    loud = ticket.state in _LOUD_PRINTS and not ticket.answer
    paper, state = tr(words.PAPERS[ticket.ticket.kind]), tr(words.PRINTS[ticket.state])
    column.addWidget(plain_label(plain(f"{paper} · {ticket.ticket.ticket_id}"), 14, bold=True))
    line = plain_label(plain(" · ".join(part for part in (ticket.station, ticket.printer, state) if part)), 14, bold=loud)
    tint(line, theme.color("late" if loud else "text"))
    column.addWidget(line)
    for text in (ticket.reason, ticket.answer):
        if text:
            said = plain_label(plain(text), 13, color=theme.color("late" if loud else "muted"))
            said.setWordWrap(True)
            column.addWidget(said)
    column.addLayout(_ticket_buttons(theme, ticket, actions))
    return column


def _ticket_buttons(theme: Theme, ticket: TicketView, actions: Actions) -> QHBoxLayout:
    row = QHBoxLayout()
    again = _again(ticket) if ticket.state in _MAYBE_ON_PAPER else tr("Print")
    if TicketAction.PRINT in ticket.actions:
        wanted = ticket.state in _LOUD_PRINTS and not ticket.answer
        button = TicketButton(theme, again, "printer", f"reprint-{ticket.id}", ticket.id, wanted)
        button.asked.connect(actions.print_ticket)
        row.addWidget(button)
    if TicketAction.CAME_OUT in ticket.actions:
        button = TicketButton(theme, tr("It came out"), "check", f"came-out-{ticket.id}", ticket.id)
        button.asked.connect(actions.came_out)
        row.addWidget(button)
    if TicketAction.SKIP in ticket.actions:
        button = TicketButton(theme, tr("Skip"), "cross", f"skip-{ticket.id}", ticket.id)
        button.asked.connect(actions.skip_ticket)
        row.addWidget(button)
    row.addStretch(1)
    return row


def _again(ticket: TicketView) -> str:
    """A change alone tells nobody what to cook who lost the paper before it."""
    return tr("Print the whole ticket") if ticket.ticket.kind is TicketKind.CHANGED else tr("Print again")


class TicketButton(Button):
    """A button that says which ticket it is about, and whether that ticket waits for a person."""

    asked = Signal(int)

    def __init__(self, theme: Theme, text: str, glyph: str, name: str, ticket_id: int, wanted: bool = False) -> None:
        super().__init__(theme, text, "new" if wanted else "button", glyph, name=name, action=self._ask)
        self.wanted = wanted
        self._ticket_id = ticket_id

    @Slot()
    def _ask(self) -> None:
        self.asked.emit(self._ticket_id)
