"""The Shop page: open, busy or paused on every platform; dishes that are sold out; vouchers at the counter."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.engine.facade import Facade
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.shops import shops
from app.ui.theme import Theme
from app.ui.vouchers import able_to_redeem
from app.ui.widgets.parted_page import Part, PartedPage
from app.ui.widgets.shop_dishes import ShopDishes
from app.ui.widgets.shop_states import ShopStates
from app.ui.widgets.shop_vouchers import ShopVouchers


class ShopPage(PartedPage):
    """Its parts: "states", "dishes", and "vouchers" where a platform sells any."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        shared = (facade, bridge, theme)
        parts = {
            "states": Part(tr("Open and pause"), partial(ShopStates, *shared)),
            "dishes": Part(tr("Sold-out dishes"), partial(ShopDishes, *shared)),
            "vouchers": Part(tr("Vouchers"), partial(ShopVouchers, *shared)),
        }
        super().__init__(theme, "shop", tr("My shop"), parts, parent)
        self._facade = facade
        self._offer_vouchers()
        bridge.shops_changed.connect(self._offer_vouchers)
        bridge.accounts_changed.connect(self._offer_vouchers)

    def showEvent(self, event: QShowEvent) -> None:
        """An account may have been opened meanwhile."""
        super().showEvent(event)
        self._offer_vouchers()

    def open_part(self, name: str) -> QWidget:
        """Show a part; what is typed or scanned goes there, if it takes that."""
        part = super().open_part(name)
        if part.focusProxy() is not None:
            part.setFocus()
        return part

    @Slot()
    def _offer_vouchers(self, *_: object) -> None:
        """One that nobody answered yet is asked again from here, whether or not its account is open now."""
        able = any(able_to_redeem(front) for front in shops(self._facade))
        self.offer("vouchers", able or bool(self._facade.vouchers.today()))
