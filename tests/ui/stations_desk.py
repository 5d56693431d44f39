"""The page of stations open on a shop with two rules: for the tests of stations, rules and the tester."""

from __future__ import annotations

from datetime import time

from app.domain.routing import Route
from app.ui.pages.stations import StationsPage
from tests.ui.fake_cards import lunch
from tests.ui.settings_desk import Desk, Opener, Shop

TEA = Route(7, 2, categories=("Drinks*",), begins=time(11), ends=time(14))
DUCK = Route(8, 1, items=("Duck",), platforms=("eleme",))


def stations_page(open_window: Opener) -> Desk:
    shop = Shop(lunch())
    shop.route_list = [TEA, DUCK]
    return open_window(StationsPage, shop)
