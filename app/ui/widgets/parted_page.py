"""A page of several parts behind the buttons of its head, of which one is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.ui.theme import Theme
from app.ui.widgets.page_head import PageHead


@dataclass(frozen=True, slots=True)
class Part:
    """What its button says, and what makes it."""

    title: str
    make: Callable[[], QWidget]


@runtime_checkable
class AsksBeforeLeft(Protocol):
    """A part with something to lose."""

    def may_leave(self, go: Callable[[], None]) -> bool:
        """Whether nothing would be lost. Otherwise asks a person, and calls `go` once that is settled."""


class PartedPage(QWidget):
    """Opens the first part at once; every other one is made when it is first wanted, for it may ask or load much."""

    def __init__(
        self, theme: Theme, name: str, title: str, parts: Mapping[str, Part], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._parts = parts
        self._made: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        first = next(iter(parts))
        self._head = PageHead(theme, name, title, {part: each.title for part, each in parts.items()}, first)
        self._head.wanted.connect(self._leave_for)
        row = QHBoxLayout()
        row.setContentsMargins(20, 12, 20, 4)
        row.addWidget(self._head)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self._stack, 1)
        self.open_part(first)

    def open_part(self, name: str) -> QWidget:
        """Show the part of that name, whatever is open."""
        if name not in self._made:
            self._made[name] = self._parts[name].make()
            self._stack.addWidget(self._made[name])
        self._stack.setCurrentWidget(self._made[name])
        self._head.mark(name)
        return self._made[name]

    def offer(self, name: str, wanted: bool) -> None:
        """Show the button of a part, or hide it where the part is of no use."""
        self._head.offer(name, wanted)

    @Slot(str)
    def _leave_for(self, name: str) -> None:
        here, go = self._stack.currentWidget(), partial(self._leave_for, name)
        if here is self._made.get(name) or not isinstance(here, AsksBeforeLeft) or here.may_leave(go):
            self.open_part(name)
