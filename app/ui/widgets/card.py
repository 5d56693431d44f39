"""One order on the queue: a painted face with real buttons, updated in place and ticked without any new layout."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QMoveEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.commands import CommandKind
from app.engine.views import Card
from app.texts import N_, tr
from app.ui import names, words
from app.ui.actions import Actions
from app.ui.countdown import countdown
from app.ui.reading import answer_left, open_request, sending, spoken, waiting_urge
from app.ui.theme import Theme
from app.ui.widgets import face, head
from app.ui.widgets.button import HEIGHT, PRIMARY_HEIGHT, Button
from app.ui.widgets.card_commands import GLYPHS, TONES, card_menu, command_label, secondary
from app.ui.widgets.pen import Pen
from app.ui.words import plain

ROW_BUTTON = 92
STILL = 0.35  # seconds a card has to stand still before a finger is believed
_LEFT = face.BAR + face.PADDING
_SPOKEN = {names.HEAR: N_("I hear it"), names.MORE: N_("More")}


class CardWidget(QWidget):
    """Shows one `Card`. `picked` carries the order's id when someone opens it."""

    picked = Signal(int)

    def __init__(
        self, theme: Theme, actions: Actions, card: Card, parent: QWidget | None = None, compact: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self.card = card
        self.compact = compact
        self.chosen = False
        self._countdown = countdown(card)
        self._clock = head.Clock.at(self._countdown, 0)
        self._pulse = False
        self.moved_at = time.monotonic()
        self._asked = False
        self._answer = ""
        self._buttons: dict[str, Button] = {}
        self._spaces: face.Spaces | None = None
        self._clock_box, self._clock_rect = QRectF(), QRect()
        self.setObjectName(names.of_order("card", card.id))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._dress()

    @property
    def level(self) -> int:
        """How urgent it is now."""
        return self._clock.level

    @property
    def clock_text(self) -> str:
        """The digits on the card."""
        return self._clock.text

    def left(self, now: float) -> float:
        """Seconds until it is late; infinite when no clock runs."""
        return self._countdown.left(now) if self._countdown else float("inf")

    def show_card(self, card: Card, compact: bool) -> None:
        """Show another state of the same order."""
        if compact == self.compact and (card is self.card or card == self.card):
            return
        self._asked = self._asked and card == self.card
        self.card, self.compact = card, compact
        self._countdown = countdown(card)
        self._spaces = None
        self._dress()
        self.update()

    def choose(self, chosen: bool) -> None:
        """Mark it as the one the detail panel shows."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def tick(self, now: float) -> None:
        """One second passed: repaint the clock when its digits changed, all of it only when its urgency did."""
        before, self._clock = self._clock, head.Clock.at(self._countdown, now)
        self._tick_answer(now)
        if self.card.rung:
            self._pulse = not self._pulse
        if self.card.rung or before.level != self._clock.level:
            self.update()
        elif before.text != self._clock.text:
            self.update(self._clock_rect)

    def needed_height(self, width: int) -> int:
        """Pixels it needs at `width`."""
        if self.compact:
            return face.ROW_HEIGHT
        if self._spaces is None or width != self.width():
            self._spaces = face.draw(self._pen(width, None), self.card, self._clock)
        return self._spaces.height

    def perform(self, kind: CommandKind) -> None:
        """Do `kind`, as the keyboard, the menu or a button asks, if the card offers it."""
        if kind == self.card.primary:
            self._press_primary()
        elif kind in self.card.actions:
            self._actions.perform(self.card, kind)

    @Slot()
    def hear(self) -> None:
        """Stop this order's bell."""
        if self.card.rung:
            self._actions.acknowledge(frozenset({self.card.id}))

    @Slot()
    def _acknowledge(self) -> None:
        self._actions.acknowledge(frozenset({self.card.id}))

    @Slot()
    def _press_primary(self) -> None:
        if self.card.primary and not self._asked and not self._under_way():
            self._asked = True
            self._dress()
            self._actions.perform(self.card, self.card.primary, self._answered, self)

    def _answered(self) -> None:
        self._asked = False
        self._dress()

    @Slot()
    def _agree(self) -> None:
        self._actions.perform(self.card, CommandKind.AGREE_REQUEST)

    @Slot()
    def _refuse(self) -> None:
        self._actions.perform(self.card, CommandKind.REFUSE_REQUEST)

    @Slot()
    def _reply(self) -> None:
        self._actions.perform(self.card, CommandKind.REPLY_URGE)

    @Slot()
    def open_menu(self) -> None:
        """The other actions, the destructive ones last and apart."""
        menu = self.menu()
        menu.popup(self.mapToGlobal(QPoint(self.width() - 240, self.height() - PRIMARY_HEIGHT)))

    def menu(self) -> QMenu:
        """The menu behind the "more" button; it deletes itself when closed."""
        menu = card_menu(self, self.card)
        menu.triggered.connect(self._menu_chosen)
        return menu

    @Slot(QAction)
    def _menu_chosen(self, action: QAction) -> None:
        self._actions.perform(self.card, CommandKind(action.data()))

    # look

    def _dress(self) -> None:
        """Make exactly the buttons this state needs, and say everything to a screen reader."""
        card = self.card
        self.setAccessibleName(spoken(card))
        wanted: dict[str, tuple[str, str, str, Callable[[], None]]] = {}
        if card.closed_attention:
            wanted[names.ACKNOWLEDGE] = (tr("Seen, remove it"), "cancelled", "check", self._acknowledge)
        elif card.primary:
            wanted[names.PRIMARY] = (*self._primary_look(card.primary), self._press_primary)
        if not self.compact:
            wanted |= self._extra_buttons()
        for name in self._buttons.keys() - wanted.keys():
            gone = self._buttons.pop(name)
            gone.hide()
            gone.deleteLater()
        for name, (text, tone, glyph, press) in wanted.items():
            self._button(name, text, tone, glyph, press)
        if primary := self._buttons.get(names.PRIMARY):
            primary.setEnabled(not self._asked and not self._under_way())
        self._place()

    def _extra_buttons(self) -> dict[str, tuple[str, str, str, Callable[[], None]]]:
        card, extra = self.card, dict[str, tuple[str, str, str, Callable[[], None]]]()
        if open_request(card) and card.request:
            extra[names.AGREE] = (words.agree_label(card.request), "button", "check", self._agree)
            extra[names.REFUSE] = (tr("Refuse"), "button", "cross", self._refuse)
        if waiting_urge(card):
            extra[names.URGE] = (tr("Reply to customer"), "button", "note", self._reply)
        if card.rung and not card.closed_attention:
            extra[names.HEAR] = ("", "soon", "bell", self.hear)
        if secondary(self.card) and not card.closed_attention:
            extra[names.MORE] = ("", "button", "more", self.open_menu)
        return extra

    def _button(self, name: str, text: str, tone: str, glyph: str, press: Callable[[], None]) -> None:
        said = f"{text or tr(_SPOKEN.get(name, name))} {plain(self.card.call_number)}"
        button = self._buttons.get(name)
        if button is None:
            tall = name in (names.PRIMARY, names.ACKNOWLEDGE, names.HEAR, names.MORE) and not self.compact
            button = CardButton(self._theme, text, tone, glyph, said, PRIMARY_HEIGHT if tall else HEIGHT, self)
            button.setObjectName(names.of_order(name, self.card.id))
            button.clicked.connect(press)
            button.show()
            self._buttons[name] = button
        button.show_as(text, tone, glyph, said)

    def _primary_look(self, kind: CommandKind) -> tuple[str, str, str]:
        if self._asked or self._under_way():
            return tr(words.SENDING.get(kind, words.COMMANDS[kind])), "cooking", "cloud-up"
        if self.compact:
            return tr(words.COMMANDS[kind]), TONES.get(kind, "cooking"), ""
        return command_label(self.card, kind), TONES.get(kind, "cooking"), GLYPHS.get(kind, "check")

    def _under_way(self) -> bool:
        command = self.card.command
        return bool(command and sending(self.card) and command.kind == self.card.primary)

    def _place(self) -> None:
        """Put the buttons where the face left room, and remember where the clock is."""
        box = face.row_clock_box(self.card, self._row_right()) if self.compact else head.timer_box(self.width())
        self._clock_box, self._clock_rect = box, box.toAlignedRect()
        if self.compact:
            for button in self._buttons.values():
                button.set_height(HEIGHT)
                button.setGeometry(self.width() - ROW_BUTTON - 4, 4, ROW_BUTTON, HEIGHT)
            return
        self.needed_height(self.width())
        if self._spaces is None:
            return
        width = self.width() - _LEFT - face.PADDING
        if self._spaces.answers is not None:
            self._place_answers(self._spaces.answers, width)
        if self._spaces.urge is not None:
            self._set(names.URGE, 0, self._spaces.urge, width, HEIGHT)
        if self._spaces.buttons is not None:
            self._place_row(self._spaces.buttons, width)

    def _place_answers(self, y: int, width: int) -> None:
        if width >= face.SIDE_BY_SIDE:
            half = (width - face.APART) // 2
            self._set(names.AGREE, 0, y, half, HEIGHT)
            self._set(names.REFUSE, half + face.APART, y, half, HEIGHT)
        else:
            self._set(names.AGREE, 0, y, width, HEIGHT)
            self._set(names.REFUSE, 0, y + HEIGHT + face.APART, width, HEIGHT)

    def _place_row(self, y: int, width: int) -> None:
        right = width
        for name in (names.MORE, names.HEAR):
            if name in self._buttons:
                right -= PRIMARY_HEIGHT
                self._set(name, right, y, PRIMARY_HEIGHT, PRIMARY_HEIGHT)
                right -= 8
        for name in (names.PRIMARY, names.ACKNOWLEDGE):
            self._set(name, 0, y, right, PRIMARY_HEIGHT)

    def _set(self, name: str, x: int, y: int, width: int, height: int) -> None:
        if button := self._buttons.get(name):
            button.set_height(height)
            button.setGeometry(_LEFT + x, y, width, height)

    def _tick_answer(self, now: float) -> None:
        left = answer_left(self.card, now) if names.REFUSE in self._buttons else ""
        if left != self._answer:
            self._answer = left
            self._button(names.REFUSE, f"{tr('Refuse')} {left}", "button", "cross", self._refuse)

    def _pen(self, width: int, painter: QPainter | None) -> Pen:
        return Pen(self._theme, _LEFT, face.PADDING, width - _LEFT - face.PADDING, painter)

    def _row_right(self) -> int:
        return self.width() - ROW_BUTTON - 8

    # Qt

    def moveEvent(self, event: QMoveEvent) -> None:
        """Remember when it last slid to another place."""
        super().moveEvent(event)
        self.moved_at = time.monotonic()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width is a new layout of the face."""
        if event.size().width() != event.oldSize().width():
            self._spaces = None
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything; or, once a second, the clock alone."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._clock_rect.contains(event.rect()):
            self._paint_clock(painter, event.rect())
        else:
            self._paint_all(painter)
        painter.end()

    def _paint_clock(self, painter: QPainter, dirty: QRect) -> None:
        painter.fillRect(dirty, self._theme.color("surface"))
        if self.compact:
            face.draw_row_clock(self._pen(self.width(), painter), self._clock, self._clock_box)
        else:
            head.draw_head_text(self._pen(self.width(), painter), self.card, self._clock)

    def _paint_all(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), self._theme.color("sunken"))  # the corners: the card promised to be opaque
        marked = self.hasFocus() or self.chosen
        ringing = self.card.rung and self._pulse
        face.frame(painter, self._theme, self.card, self._clock.level, QRectF(self.rect()), ringing, marked)
        if self.compact:
            face.draw_row(self._pen(self.width(), painter), self.card, self._clock, self._row_right())
        else:
            face.draw(self._pen(self.width(), painter), self.card, self._clock)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press anywhere on the face opens the order."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.card.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit(self.card.id)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        super().focusOutEvent(event)
        self.update()


class CardButton(Button):
    """A button that ignores a finger for a moment after its card slid under it: that tap was meant for another order."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, unless the card has only just come here."""
        card = self.parent()
        if isinstance(card, CardWidget) and time.monotonic() - card.moved_at < STILL:
            return
        super().mousePressEvent(event)
