"""The queue: lanes of cards, the detail panel beside them, search results in their place, and the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QListWidget, QListWidgetItem, QStackedLayout, QVBoxLayout, QWidget

from app.domain.commands import CommandKind
from app.engine.facade import Facade
from app.engine.views import Card, Lane
from app.texts import N_, tr
from app.ui import words
from app.ui.actions import Actions
from app.ui.bridge import Bridge
from app.ui.models.open_orders import OpenOrders
from app.ui.reading import quiet, standing
from app.ui.theme import Theme, font
from app.ui.widgets.board import Board
from app.ui.widgets.button import HEIGHT
from app.ui.widgets.card import CardWidget
from app.ui.widgets.detail import DetailPanel
from app.ui.widgets.panel import plain_label
from app.ui.words import plain

DENSE_ABOVE = 40  # open orders; beyond, quiet cards shrink to one row
_DENSE_LANE = 8  # and only in lanes that hold more than this
_ORDER_ID = Qt.ItemDataRole.UserRole

_NO_ORDERS = N_("No orders yet. New orders appear here and ring.")
_NO_ACCOUNTS = N_("No platform is connected yet. Open Settings and add an account; its orders will appear here and ring.")


class QueuePage(QWidget):
    """Shows `orders`; every press goes through `actions`. `clock` answers seconds since the epoch."""

    left_search = Signal()

    def __init__(
        self, facade: Facade, bridge: Bridge, theme: Theme, orders: OpenOrders, actions: Actions, clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._facade, self._theme, self._orders, self._actions, self._clock = facade, theme, orders, actions, clock
        self._cards: dict[int, CardWidget] = {}
        self._dense = dict.fromkeys(Lane, False)
        self._chosen: int | None = None
        self._lay_out()
        self._bind_keys()
        orders.updated.connect(self._updated)
        bridge.tickets_changed.connect(self._refresh_detail)
        bridge.accounts_changed.connect(self._say_if_empty)
        self._updated(frozenset(orders.cards))

    def tick(self, now: float) -> None:
        """One second passed."""
        for lane in self.board.lanes.values():
            lane.tick(now)

    def search(self, text: str) -> None:
        """Show orders that match, closed ones too; the lanes again for an empty text."""
        wanted = text.strip()
        self.results.clear()
        if not wanted:
            self._say_if_empty()
            return
        for card in self._facade.search(wanted):
            item = QListWidgetItem(self._result(card))
            item.setData(_ORDER_ID, card.id)
            item.setSizeHint(QSize(0, HEIGHT))
            self.results.addItem(item)
        if not self.results.count():
            self.results.addItem(QListWidgetItem(tr("Nothing found")))
        self._middle.setCurrentWidget(self.results)

    def open_order(self, order_id: int) -> None:
        """Show an order in the detail panel."""
        self._choose(order_id)
        self._refresh_detail()
        self.detail.show()

    @Slot()
    def close_detail(self) -> None:
        """Give the lanes the whole width again."""
        self.detail.hide()
        self._choose(None)

    def card(self, order_id: int) -> CardWidget | None:
        """The card of an order, if it is on the queue."""
        return self._cards.get(order_id)

    # making it

    def _lay_out(self) -> None:
        self.board = Board(self._theme)
        self.results = QListWidget()
        self.results.setObjectName("search-results")
        self.results.setFont(font(16))
        self.results.setSpacing(4)
        self.results.itemActivated.connect(self._open_result)
        self.results.itemClicked.connect(self._open_result)
        self.empty = plain_label("", 20, name="empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.detail = DetailPanel(self._theme, self._actions)
        self.detail.closed.connect(self.close_detail)
        self.detail.hide()
        middle = QWidget()
        self._middle = QStackedLayout(middle)
        for widget in (self.board, self.results, self._framed_empty()):
            self._middle.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(middle, 1)
        row.addWidget(self.detail, 2)

    def _framed_empty(self) -> QWidget:
        self._hint = QWidget()
        column = QVBoxLayout(self._hint)
        column.setContentsMargins(120, 0, 120, 0)
        column.addWidget(self.empty)
        return self._hint

    def _bind_keys(self) -> None:
        presses: dict[str, Callable[[], None]] = {
            "F2": self._focus_new,
            "A": self._key_accept,
            "R": self._key_ready,
            "H": self._key_hand_over,
            "P": self._key_print,
            "Up": self._go_up,
            "Down": self._go_down,
            "Left": self._go_left,
            "Right": self._go_right,
            "Esc": self._escape,
        }
        for key, press in presses.items():
            self._bind(key, press)
        for number in range(1, 10):
            shortcut = self._bind(str(number), self._pick_number)
            shortcut.setProperty("number", number)

    def _bind(self, key: str, press: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(press)
        return shortcut

    # what changed

    @Slot(frozenset)
    def _updated(self, ids: frozenset[int]) -> None:
        touched = {self._cards[id_].card.lane for id_ in ids if id_ in self._cards}
        for id_ in ids:
            card = self._orders.cards.get(id_)
            if card is None:
                self._remove(id_)
            else:
                touched.add(card.lane)
                self._show(card)
        self._hold(touched)
        self._say_if_empty()
        if self._chosen in ids:
            self._refresh_detail()

    def _show(self, card: Card) -> None:
        widget = self._cards.get(card.id)
        if widget is None:
            widget = CardWidget(
                self._theme, self._actions, card, self.board.lanes[card.lane].bed, self._crowded() and quiet(card)
            )
            widget.picked.connect(self.open_order)
            self._cards[card.id] = widget
        widget.show_card(card, widget.compact)
        widget.tick(self._clock())

    def _crowded(self) -> bool:
        return len(self._cards) > DENSE_ABOVE

    def _remove(self, order_id: int) -> None:
        widget = self._cards.pop(order_id, None)
        if widget is not None:
            widget.hide()
            widget.deleteLater()

    def _hold(self, lanes: set[Lane]) -> None:
        """Let each touched lane place its cards; crowding changes the look of all lanes."""
        crowded = self._crowded()
        shares: dict[Lane, list[CardWidget]] = {lane: [] for lane in self.board.lanes}
        for widget in self._cards.values():
            shares[widget.card.lane].append(widget)
        for lane, widgets in shares.items():
            dense = crowded and len(widgets) > _DENSE_LANE
            if lane not in lanes and dense == self._dense[lane]:
                continue
            self._dense[lane] = dense
            for widget in widgets:
                widget.show_card(widget.card, dense and quiet(widget.card))
            self.board.lanes[lane].hold(widgets)

    @Slot()
    @Slot(frozenset)
    def _say_if_empty(self, ids: frozenset[int] = frozenset()) -> None:
        del ids
        if self._middle.currentWidget() is self.results and self.results.count():
            return
        if not self._cards:
            self.empty.setText(tr(_NO_ORDERS) if self._facade.accounts() else tr(_NO_ACCOUNTS))
        self._middle.setCurrentWidget(self.board if self._cards else self._hint)

    @Slot()
    @Slot(frozenset)
    def _refresh_detail(self, ids: frozenset[int] = frozenset()) -> None:
        del ids
        if self._chosen is not None:
            self.detail.show_order(self._facade.order(self._chosen), self._clock())

    def _choose(self, order_id: int | None) -> None:
        for id_ in (self._chosen, order_id):
            if id_ is not None and (widget := self._cards.get(id_)):
                widget.choose(id_ == order_id)
        self._chosen = order_id
        if order_id is not None and (widget := self._cards.get(order_id)):
            self.board.want(widget.card.lane)

    def _result(self, card: Card) -> str:
        dishes = "，".join(plain(name) for _, name in card.items[:3])
        state = standing(card)
        parts = (plain(card.call_number), words.clock_time(card.placed_at), state, words.money(card.total), dishes)
        return "   ".join(parts)

    @Slot(QListWidgetItem)
    def _open_result(self, item: QListWidgetItem) -> None:
        order_id = item.data(_ORDER_ID)
        if order_id is not None:
            self.open_order(order_id)

    # the keyboard

    def _current(self) -> CardWidget | None:
        """The card the keys act on: the focused one, else the one the panel shows."""
        focused = QApplication.focusWidget()
        if isinstance(focused, CardWidget) and self._cards.get(focused.card.id) is focused:
            return focused
        return self._cards.get(self._chosen) if self._chosen is not None else None

    def _focus(self, card: CardWidget | None) -> None:
        if card is not None:
            card.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.board.lanes[card.card.lane].reveal(card)

    def _perform(self, kind: CommandKind) -> None:
        if card := self._current():
            card.perform(kind)

    @Slot()
    def _focus_new(self) -> None:
        lane = self.board.lanes[Lane.NEW]
        self._focus(lane.cards[0] if lane.cards else None)

    @Slot()
    def _key_accept(self) -> None:
        self._perform(CommandKind.ACCEPT)

    @Slot()
    def _key_ready(self) -> None:
        self._perform(CommandKind.READY)

    @Slot()
    def _key_hand_over(self) -> None:
        self._perform(CommandKind.HAND_OVER)

    @Slot()
    def _key_print(self) -> None:
        if card := self._current():
            self._actions.reprint_order(card.card)

    @Slot()
    def _go_up(self) -> None:
        self._walk(-1)

    @Slot()
    def _go_down(self) -> None:
        self._walk(1)

    @Slot()
    def _go_left(self) -> None:
        self._cross(-1)

    @Slot()
    def _go_right(self) -> None:
        self._cross(1)

    def _walk(self, step: int) -> None:
        current = self._current()
        if current is None:
            self._focus_new()
            return
        cards = self.board.lanes[current.card.lane].cards
        place = cards.index(current) + step
        self._focus(cards[place] if 0 <= place < len(cards) else None)

    def _cross(self, step: int) -> None:
        current = self._current()
        lane = self.board.neighbour(current.card.lane, step) if current else Lane.NEW
        if lane is not None and self.board.lanes[lane].cards:
            self._focus(self.board.lanes[lane].cards[0])

    @Slot()
    def _pick_number(self) -> None:
        sender = self.sender()
        current = self._current()
        lane = self.board.lanes[current.card.lane if current else Lane.NEW]
        seen = lane.visible_cards()
        number = sender.property("number")
        if 0 < number <= len(seen):
            self._focus(seen[number - 1])
            self.open_order(seen[number - 1].card.id)

    @Slot()
    def _escape(self) -> None:
        if self.detail.isVisible():
            self.close_detail()
        elif self._middle.currentWidget() is self.results:
            self.left_search.emit()
