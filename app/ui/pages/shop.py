"""The Shop page: open, busy or paused on every platform; and dishes that are sold out."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import plain_label
from app.ui.widgets.shop_dishes import ShopDishes
from app.ui.widgets.shop_states import ShopStates

_PARTS = {"states": N_("Open and pause"), "dishes": N_("Sold-out dishes")}


class ShopPage(QWidget):
    """Two parts behind two buttons; the second is made when it is first wanted, for it asks for menus."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shop")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._parts: dict[str, QWidget] = {}
        self._stack = QStackedWidget()
        self._tabs = {name: self._tab(name, tr(title)) for name, title in _PARTS.items()}
        head = QHBoxLayout()
        head.setContentsMargins(20, 12, 20, 4)
        head.setSpacing(8)
        head.addWidget(plain_label(tr("My shop"), 24, bold=True))
        head.addSpacing(16)
        for tab in self._tabs.values():
            head.addWidget(tab)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        self.open_part("states")

    def open_part(self, name: str, *_: object) -> QWidget:
        """Show "states" or "dishes"."""
        if name not in self._parts:
            make = ShopStates if name == "states" else ShopDishes
            self._parts[name] = make(self._facade, self._bridge, self._theme)
            self._stack.addWidget(self._parts[name])
        self._stack.setCurrentWidget(self._parts[name])
        for other, tab in self._tabs.items():
            tab.setChecked(other == name)
            tab.show_as(tab.words, "new" if other == name else "button")
        return self._parts[name]

    def _tab(self, name: str, title: str) -> Button:
        tab = Button(self._theme, title)
        tab.setObjectName(f"shop-part-{name}")
        tab.setCheckable(True)
        tab.clicked.connect(partial(self.open_part, name))
        return tab
