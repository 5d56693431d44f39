"""The Shop page of two platforms, and the answers that the tests give in their place."""

from __future__ import annotations

from dataclasses import replace

from app.engine.views import Storefront
from app.platforms.api import Platform
from app.ui.pages.shop import ShopPage
from tests.ui.fake_shops import DishWish, ShopWish
from tests.ui.fakes import ELEME, HUBRISE
from tests.ui.settings_desk import Desk, Opener, Shop


class Street(Shop):
    """Two platforms, the first of which says what cannot be done from here."""

    def platforms(self) -> list[Platform]:
        return [replace(ELEME, cannot=("Refunds: by phone", "Opening hours from here: use Ele.me's own program")), HUBRISE]


def page(open_window: Opener, *fronts: Storefront) -> Desk:
    shop = Street()
    shop.fronts = list(fronts)
    desk = open_window(ShopPage, shop)
    desk.settle()
    return desk


def answer(desk: Desk, wish: ShopWish | DishWish, refusals: dict[int, str] | Exception) -> None:
    if isinstance(refusals, Exception):
        wish.answer.set_exception(refusals)
    else:
        wish.answer.set_result(refusals)
    desk.settle()
