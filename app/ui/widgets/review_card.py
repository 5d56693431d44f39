"""One review: stars and words for the score, what was said as plain text, its order, and the shop's answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout

from app import steady
from app.engine.bad_reviews import is_bad
from app.engine.facade import Facade
from app.engine.views import Ability
from app.platforms.api import Platform
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.reviews import Heard, drawn, said
from app.ui.theme import Theme
from app.ui.widgets.button import Action, Button
from app.ui.widgets.mark import NO_COLOR, mark_tile
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.words import ago, clock_time, headed, plain

_BOX = 84  # pixels: three lines
LONGEST = 500  # characters of an answer


class ReviewCard(Panel):
    """`order_wanted` carries the order's id here. What somebody types stays while the review is told anew."""

    order_wanted = Signal(int)

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, heard: Heard, platform: Platform | None) -> None:
        self._name = f"review-{heard.key[0]}-{heard.key[1]}"
        super().__init__(theme, name=self._name)
        self._facade, self._bridge, self._theme, self._platform = facade, bridge, theme, platform
        self.heard = heard
        self._stars = self._label(22, "stars")
        self._score = self._label(17, "score", bold=True)
        self._when = self._label(14, "when", tone="muted")
        self._from = self._label(14, "from", tone="muted")
        self._text = self._label(17, "text")
        self._reply = self._label(15, "reply")
        self._answer = self._label(15, "answer", bold=True)
        self._order = self._button("order", tr("Show the order"), "search", self._want_order)
        self._begin = self._button("begin", tr("Answer…"), "note", self._write)
        self._box = self._words_box()
        self._send = self._button("send", tr("Send answer"), "check", self.send)
        self._lay_out(heard)
        for part in (self._box, self._send, self._answer):
            part.hide()
        self.show_review(heard)

    def show_review(self, heard: Heard) -> None:
        """What is known now."""
        self.heard, review, now = heard, heard.review, steady.now()
        tone = self._theme.color("late" if is_bad(review) else "text")
        for label, text in ((self._stars, drawn(review.score)), (self._score, said(review.score))):
            label.setText(text)
            tint(label, tone)
        self._stars.setVisible(bool(self._stars.text()))
        self._when.setText(ago(review.at, now))
        parts = (heard.front.title, heard.front.name, review.customer)
        self._from.setText(" · ".join(dict.fromkeys(plain(part) for part in parts if part)))
        self._text.setText(plain(review.text) or tr("Wrote nothing."))
        self._reply.setText(headed(tr("Your answer"), review.reply))
        self._reply.setVisible(bool(review.reply))
        self._order.setVisible(heard.order is not None)
        if heard.order:
            number = f"{heard.front.mark}#{plain(heard.order.number)}"
            self._order.show_as(tr("Show order {number}", number=number), "button", "search")
        able = heard.front.enabled and Ability.HEARS_REVIEWS in heard.front.abilities
        open_box = not self._box.isHidden()
        self._begin.setVisible(able and not review.reply and not open_box)
        if review.reply:
            self._close()

    @Slot()
    def send(self) -> None:
        """Ask the platform to take the answer; what was typed stays until it did."""
        text = " ".join(self._box.toPlainText().split())
        if not text:
            self._tell(tr("Write an answer first."), "late")
        elif len(text) > LONGEST:
            self._tell(tr("{n} characters are too many; {most} at most.", n=len(text), most=LONGEST), "late")
        else:
            self._wait(True)
            self._tell(tr("Asking {platform}…", platform=plain(self.heard.front.title)), "muted")
            self._bridge.run(self._facade.reply_review(*self.heard.key, text), self._taken, self._refused, self)

    def _taken(self, _: object) -> None:
        self._wait(False)
        self._close()
        title = plain(self.heard.front.title)
        self._tell(tr("{platform} took the answer at {time}", platform=title, time=clock_time(steady.now())), "ready")

    def _refused(self, why: str) -> None:
        self._wait(False)
        self._tell(tr("{platform} says: {why}", platform=plain(self.heard.front.title), why=plain(why)), "late")

    def _wait(self, waiting: bool) -> None:
        self._send.setEnabled(not waiting)
        self._box.setReadOnly(waiting)

    @Slot()
    def _write(self) -> None:
        for part in (self._box, self._send):
            part.show()
        self._begin.hide()
        self._answer.hide()
        self._box.setFocus()

    def _close(self) -> None:
        for part in (self._box, self._send, self._begin):
            part.hide()

    @Slot()
    def _want_order(self) -> None:
        if self.heard.order:
            self.order_wanted.emit(self.heard.order.order_id)

    def _tell(self, text: str, tone: str) -> None:
        tint(self._answer, self._theme.color(tone))
        self._answer.setText(text)
        self._answer.show()

    # making it

    def _label(self, px: int, name: str, bold: bool = False, tone: str = "text") -> QLabel:
        label = plain_label(px=px, bold=bold, name=f"{self._name}-{name}", color=self._theme.color(tone))
        label.setWordWrap(name not in ("stars", "score", "when"))
        return label

    def _button(self, name: str, text: str, glyph: str, action: Action) -> Button:
        spoken = f"{text} {plain(self.heard.front.title)}"
        return Button(self._theme, text, "button", glyph, spoken, name=f"{self._name}-{name}", action=action)

    def _words_box(self) -> QPlainTextEdit:
        box = QPlainTextEdit()
        box.setObjectName(f"{self._name}-words")
        box.setAccessibleName(tr("Answer…"))
        box.setPlaceholderText(tr("Everybody can read your answer. Ctrl+Enter sends it."))
        box.setTabChangesFocus(True)
        box.setFixedHeight(_BOX)
        keys = QShortcut(QKeySequence("Ctrl+Return"), box, context=Qt.ShortcutContext.WidgetShortcut)
        keys.activated.connect(self.send)
        return box

    def _lay_out(self, heard: Heard) -> None:
        head, words, row = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._stars)
        head.addWidget(self._score)
        head.addStretch(1)
        head.addWidget(self._when)
        row.setSpacing(8)
        for button in (self._begin, self._send, self._order):
            row.addWidget(button)
        row.addStretch(1)
        words.setSpacing(4)
        words.addLayout(head)
        for part in (self._from, self._text, self._reply, self._box):
            words.addWidget(part)
        words.addLayout(row)
        words.addWidget(self._answer)
        color = self._platform.color if self._platform else NO_COLOR
        whole = QHBoxLayout()
        whole.setSpacing(12)
        whole.addWidget(mark_tile(heard.front.mark, color), 0, Qt.AlignmentFlag.AlignTop)
        whole.addLayout(words, 1)
        self.inner.addLayout(whole)
