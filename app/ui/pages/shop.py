"""The Shop page: open, busy or paused on every platform; and dishes that are sold out."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from app.engine.facade import Facade
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.theme import Theme
from app.ui.widgets.parted_page import Part, PartedPage
from app.ui.widgets.shop_dishes import ShopDishes
from app.ui.widgets.shop_states import ShopStates


class ShopPage(PartedPage):
    """Its parts: "states" and "dishes"."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        shared = (facade, bridge, theme)
        parts = {
            "states": Part(tr("Open and pause"), partial(ShopStates, *shared)),
            "dishes": Part(tr("Sold-out dishes"), partial(ShopDishes, *shared)),
        }
        super().__init__(theme, "shop", tr("My shop"), parts, parent)
