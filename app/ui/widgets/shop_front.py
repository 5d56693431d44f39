"""The shop on one platform: how it stands there, and big buttons to open it, slow it and pause it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import steady
from app.domain.shop import ShopState
from app.engine.facade import Facade
from app.engine.views import Ability, Storefront
from app.platforms.api import Platform
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.icons import pixmap
from app.ui.shops import after, seen, standing, where_instead
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.mark import NO_COLOR, mark_tile
from app.ui.widgets.panel import Panel, plain_label, tint
from app.ui.words import clock_time, headed, plain

_WIDE = 1020  # logical pixels from which words and buttons stand side by side
_ICON = 22
# Name, state, minutes (0: no end), words. Busy ends by itself: a counter forgets it.
CHANGES = (
    ("open", ShopState.OPEN, 0, N_("Open now")),
    ("busy", ShopState.BUSY, 30, N_("Busy {n} min")),
    ("pause-15", ShopState.PAUSED, 15, N_("Pause {n} min")),
    ("pause-30", ShopState.PAUSED, 30, N_("Pause {n} min")),
    ("pause-60", ShopState.PAUSED, 60, N_("Pause {n} min")),
    ("pause", ShopState.PAUSED, 0, N_("Pause until I open")),
)
_ROW = 3  # buttons beside one another


def wish_words(state: ShopState, minutes: int) -> str:
    """What the button of a change says."""
    text = next(text for _, other, n, text in CHANGES if (other, n) == (state, minutes))
    return tr(text, n=minutes) if minutes else tr(text)


class ChangeButtons(QWidget):
    """The six changes; `wanted` carries the state and its minutes (0: no end)."""

    wanted = Signal(object, int)

    def __init__(self, theme: Theme, name: str, spoken: str) -> None:
        super().__init__()
        self._buttons: dict[ShopState, list[Button]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        for place, (word, state, minutes, _) in enumerate(CHANGES):
            words = wish_words(state, minutes)
            glyph = {ShopState.OPEN: "check", ShopState.BUSY: "clock"}.get(state, "pause")
            button = Button(
                theme,
                words,
                "button",
                glyph,
                headed(spoken, words),
                PRIMARY_HEIGHT,
                name=f"{name}-{word}",
                action=partial(self._want, state, minutes),
            )
            self._buttons.setdefault(state, []).append(button)
            self._grid.addWidget(button, place // _ROW, place % _ROW)

    def offer(self, states: frozenset[ShopState], shut: bool) -> None:
        """Show what can be done; opening stands out while it is what the shop needs."""
        for state, buttons in self._buttons.items():
            for button in buttons:
                button.setVisible(state in states)
        self._close_ranks(states)
        for button in self._buttons[ShopState.OPEN]:
            button.show_as(button.words, "ready" if shut else "button", "check", button.accessibleName())

    def _close_ranks(self, states: frozenset[ShopState]) -> None:
        """What is not offered leaves no hole."""
        shown = [button for state, buttons in self._buttons.items() if state in states for button in buttons]
        for place, button in enumerate(shown):
            self._grid.addWidget(button, place // _ROW, place % _ROW)  # moves it: a layout holds a widget once

    def _want(self, state: ShopState, minutes: int, *_: object) -> None:
        self.wanted.emit(state, minutes)


class ShopFront(Panel):
    """One account. `answered` carries its id and why it did not change ("" when it did)."""

    answered = Signal(int, str)

    def __init__(
        self, facade: Facade, bridge: Bridge, theme: Theme, front: Storefront, platforms: Mapping[str, Platform]
    ) -> None:
        self._name = f"shop-{front.account_id}"
        super().__init__(theme, name=self._name)
        self._facade, self._bridge, self._theme, self._front = facade, bridge, theme, front
        self._platform = platforms.get(front.platform)
        self._wish = ""  # what was asked for last
        self._title = plain_label(px=17, bold=True, name=f"{self._name}-title")
        self._icon = QLabel()
        self._icon.setFixedSize(QSize(_ICON, _ICON))
        self._state = plain_label(px=19, bold=True, name=f"{self._name}-state")
        self._seen = plain_label(px=14, name=f"{self._name}-seen", color=theme.color("muted"))
        self._error = plain_label(px=14, name=f"{self._name}-error", color=theme.color("late"))
        self._answer = plain_label(px=15, bold=True, name=f"{self._name}-answer")
        self._elsewhere = plain_label(px=15, name=f"{self._name}-elsewhere")
        self._buttons = ChangeButtons(theme, self._name, front.title)
        self._buttons.wanted.connect(self.change)
        self._lay_out()
        self._answer.hide()
        self.show_front(front)

    @property
    def front(self) -> Storefront:
        """What is shown."""
        return self._front

    @property
    def busy(self) -> bool:
        """Whether an answer is waited for."""
        return not self._buttons.isEnabled()

    def show_front(self, front: Storefront) -> None:
        """What is known now."""
        self._front, now = front, steady.now()
        how = standing(front, now)
        name = plain(front.name)
        self._title.setText(plain(front.title) if name in ("", plain(front.title)) else f"{plain(front.title)} · {name}")
        self._state.setText(how.text)
        tint(self._state, self._theme.color("text" if how.tone == "soon" else how.tone))
        ink = self._theme.color(how.tone)
        self._icon.setPixmap(pixmap(how.glyph, ink.name(), _ICON))
        self._say(self._seen, seen(front, now) if front.enabled else "")
        error = headed(tr("The last look did not work"), front.error) if front.error and front.enabled else ""
        self._say(self._error, error)
        can = front.enabled and Ability.OPENS_SHOP in front.abilities
        self._buttons.setVisible(can)
        self._elsewhere.setVisible(not can)
        if can:
            self._buttons.offer(front.states, front.status is not None and front.status.state is not ShopState.OPEN)
        else:
            why = where_instead(self._platform, Ability.OPENS_SHOP)
            self._elsewhere.setText(why if front.enabled else tr("Switch it on under Settings to see and change it."))
            if front.enabled:
                self._state.setText(tr("Not known here"))

    def change(self, state: ShopState, minutes: int) -> None:
        """Ask for it; the buttons wait for the answer, nothing else does."""
        until = after(minutes) if minutes else None
        self._wish = wish_words(state, minutes)
        self._buttons.setEnabled(False)
        self._tell(tr("Asking {platform}…", platform=self._front.title), "muted")
        asked = self._facade.set_shop([self._front.account_id], state, until)
        self._bridge.run(asked, self._done, self._failed, self)

    def _done(self, refusals: Mapping[int, str]) -> None:
        self._settled(refusals.get(self._front.account_id, ""))

    def _failed(self, why: str) -> None:
        self._settled(why)

    def _settled(self, why: str) -> None:
        self._buttons.setEnabled(True)
        title = self._front.title
        if why:
            self._tell(tr("{platform} says: {why}", platform=title, why=plain(why)), "late")
        else:
            at = clock_time(steady.now())
            self._tell(tr("{platform} took it at {time}: {what}", platform=title, time=at, what=self._wish), "ready")
        self.answered.emit(self._front.account_id, why)

    def _tell(self, text: str, tone: str) -> None:
        tint(self._answer, self._theme.color(tone))
        self._say(self._answer, plain(text))

    @staticmethod
    def _say(label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a narrow screen the buttons stand under the words."""
        super().resizeEvent(event)
        wide = event.size().width() >= _WIDE
        self._halves.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        state = QHBoxLayout()
        state.setSpacing(8)
        state.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._state, 1)
        words.addWidget(self._title)
        words.addLayout(state)
        for label in (self._seen, self._error, self._elsewhere, self._answer):
            words.addWidget(label)
        for label in (self._title, self._state, self._seen, self._error, self._elsewhere, self._answer):
            label.setWordWrap(True)
        words.addStretch(1)
        color = self._platform.color if self._platform else NO_COLOR
        left = QHBoxLayout()
        left.setSpacing(12)
        left.addWidget(mark_tile(self._front.mark, color), 0, Qt.AlignmentFlag.AlignTop)
        left.addLayout(words, 1)
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._halves.setSpacing(12)
        self._halves.addLayout(left, 1)
        self._halves.addWidget(self._buttons)
        self.inner.addLayout(self._halves)
