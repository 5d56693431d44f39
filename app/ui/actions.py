"""What a person can do to an order or a ticket, from a card, a panel, the keyboard or an alarm: one way for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import date

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.domain.commands import CommandKind, RejectReason
from app.domain.shop import CourierPlace
from app.engine.facade import Facade
from app.engine.views import Card, OrderDetail
from app.platforms.api import Platform
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.reason import ReasonDialog
from app.ui.dialogs.refund import RefundDialog
from app.ui.dialogs.refund_sum import RefundAsked
from app.ui.dialogs.words import refusal, urge_reply
from app.ui.reading import waiting_urge
from app.ui.theme import Theme

_WITH_REASON = frozenset({CommandKind.REJECT, CommandKind.CANCEL})


class Actions(QObject):
    """Asks the engine; opens the question first where a reason or words are needed. `window` carries the dialogs.

    `skipped` carries the tickets that will not be printed, once the engine took it: a person may think again.
    """

    skipped = Signal(frozenset)

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._facade, self._bridge, self._theme, self._window = facade, bridge, theme, window

    def perform(
        self, card: Card, kind: CommandKind, then: Callable[[], None] | None = None, owner: QObject | None = None
    ) -> None:
        """Do `kind` to the order of `card`; `then` runs once the engine took it or said no, if `owner` still lives."""
        if kind in _WITH_REASON:
            self._ask_reason(card, kind)
        elif kind is CommandKind.REFUSE_REQUEST:
            refusal(self._theme, card, self._window).taken.connect(self._refuse)
        elif kind is CommandKind.REPLY_URGE:
            urge_reply(self._theme, card, self._window).taken.connect(self._reply)
        else:
            self._send(card, kind, then=then, owner=owner)
        if card.rung and kind is CommandKind.ACCEPT:
            self.acknowledge(frozenset({card.id}))

    def acknowledge(self, order_ids: frozenset[int]) -> None:
        """Stop the bell for these; cancelled ones leave the queue."""
        if order_ids:
            self._bridge.run(self._facade.acknowledge(order_ids), owner=self)

    def print_again(self, ticket_ids: frozenset[int], then: Callable[[], None] | None = None) -> None:
        """Print these, or print them once more; marked wherever the first may be on paper."""
        if ticket_ids:
            self._about_tickets(self._facade.print_again(ticket_ids), then)

    @Slot(int)
    def print_ticket(self, ticket_id: int) -> None:
        """Print one, or print it once more."""
        self.print_again(frozenset({ticket_id}))

    @Slot(int)
    def skip_ticket(self, ticket_id: int) -> None:
        """This one need not be printed any more."""
        self.skip(frozenset({ticket_id}))

    def came_out(self, ticket_id: int, then: Callable[[], None] | None = None) -> None:
        """A person saw the paper."""
        self._about_tickets(self._facade.came_out(ticket_id), then)

    def skip(self, ticket_ids: frozenset[int], then: Callable[[], None] | None = None) -> None:
        """These need not be printed any more."""

        def told() -> None:
            self.skipped.emit(ticket_ids)
            if then:
                then()

        if ticket_ids:
            self._about_tickets(self._facade.skip(ticket_ids), told, then)

    def reprint_order(self, card: Card) -> None:
        """Print the newest ticket of an order again."""
        tickets = self._facade.order(card.id).tickets
        if tickets:
            self.print_again(frozenset({max(tickets, key=lambda ticket: ticket.created_at).id}))
        else:
            self.print_order(card.id)

    def print_order(self, order_id: int) -> None:
        """Print an order that has no ticket yet: no printer was on when it was accepted."""
        self._bridge.run(self._facade.print_order(order_id), owner=self)

    def print_bags(self, order_id: int, number: int) -> None:
        """Say how many bags an order has, and print their slips."""
        self._bridge.run(self._facade.print_bags(order_id, number), owner=self)

    @Slot(object)
    def print_totals(self, day: date) -> None:
        """What was sold on a business day, on paper."""
        self._bridge.run(self._facade.print_totals(day), owner=self)

    def refund(self, detail: OrderDetail) -> None:
        """Ask what to give back, then ask the engine; the question stays open until that took it."""
        dialog = RefundDialog(self._theme, detail, self.title(detail.card.platform), self._window)

        def send(asked: RefundAsked) -> None:
            future = self._facade.refund(asked.order_id, asked.amount, asked.lines, asked.reason)
            self._bridge.run(future, lambda _: dialog.accept(), dialog.refuse, dialog)

        dialog.taken.connect(send)
        dialog.open()

    def locate_courier(
        self, order_id: int, found: Callable[[CourierPlace | None], None], failed: Callable[[str], None], owner: QObject
    ) -> None:
        """Ask where the courier is."""
        self._bridge.run(self._facade.locate_courier(order_id), found, failed, owner)

    def platform(self, name: str) -> Platform | None:
        """A platform by its name."""
        return next((known for known in self._facade.platforms() if known.name == name), None)

    def title(self, platform: str) -> str:
        """What staff call a platform."""
        known = self.platform(platform)
        return tr(known.title) if known else platform

    def is_on(self, account_id: int) -> bool:
        """Whether this account takes orders now."""
        return any(account.id == account_id and account.enabled for account in self._facade.accounts())

    def reasons(self, platform: str) -> Mapping[RejectReason, str]:
        """The neutral reasons a platform accepts; all of them when it does not say."""
        found = next((known.reject_reasons for known in self._facade.platforms() if known.name == platform), {})
        return found or dict.fromkeys(RejectReason, "")

    def _about_tickets(
        self, future: Future[None], done: Callable[[], None] | None, failed: Callable[[], None] | None = None
    ) -> None:
        self._bridge.run(future, lambda _: done and done(), self._failed(failed or done), self)

    def _ask_reason(self, card: Card, kind: CommandKind) -> None:
        dialog = ReasonDialog(self._theme, card, kind, tuple(self.reasons(card.platform)), self._window)
        dialog.taken.connect(self._end)
        dialog.open()

    def _end(self, card: Card, kind: CommandKind, reason: RejectReason, text: str) -> None:
        self._send(card, kind, reason, text)

    def _refuse(self, card: Card, text: str) -> None:
        self._send(card, CommandKind.REFUSE_REQUEST, RejectReason.OTHER, text)

    def _reply(self, card: Card, text: str) -> None:
        urge = waiting_urge(card)
        self._send(card, CommandKind.REPLY_URGE, text=text, urge_key=urge.key if urge else "")

    def _send(
        self,
        card: Card,
        kind: CommandKind,
        reason: RejectReason | None = None,
        text: str = "",
        urge_key: str = "",
        then: Callable[[], None] | None = None,
        owner: QObject | None = None,
    ) -> None:
        future = self._facade.request(card.id, kind, reason, text, urge_key)
        self._bridge.run(future, lambda _: then and then(), self._failed(then), owner or self)

    def _failed(self, then: Callable[[], None] | None) -> Callable[[str], None]:
        def tell(text: str) -> None:
            if then:
                then()
            self._bridge.failed.emit(text)

        return tell
