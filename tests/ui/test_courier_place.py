"""Where the courier is: asked by a person, told with its time as plain text, and never guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app import steady
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.orders import Fulfilment
from app.domain.shop import CourierPlace
from app.engine.facade import RefusalError
from app.engine.views import Ability, Lane
from app.ui.pictures import settle
from app.ui.widgets.button import Button
from tests.ui.conftest import Console, Opened
from tests.ui.fake_cards import card
from tests.ui.fakes import HOSTILE, FakeFacade

TRACKS = frozenset({Ability.TRACKS_COURIERS})


def shown(console: Opened, able: frozenset[Ability] = TRACKS, **changes: Any) -> Console:
    cards = [card(1, Lane.COOKING, delivery=Delivery.ASSIGNED), card(2, Lane.COOKING, delivery=Delivery.ASSIGNED)]
    facade = FakeFacade([card(1, Lane.COOKING, **{"delivery": Delivery.ASSIGNED, **changes}), cards[1]], able=able)
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    return opened


def words(opened: Console, name: str) -> str:
    label = opened.window.queue.detail.findChild(QLabel, name)
    return label.text() if label and not label.isHidden() else ""


def press(opened: Console, name: str) -> None:
    button = opened.window.queue.detail.findChild(QPushButton, name)
    assert button is not None
    button.click()
    settle()


def answer(opened: Console, place: CourierPlace | Exception | None) -> None:
    _, future = opened.facade.courier_asks[-1]
    if isinstance(place, Exception):
        future.set_exception(place)
    else:
        future.set_result(place)
    settle()


def test_the_place_is_told_with_its_time_and_can_be_copied(console: Opened) -> None:
    opened = shown(console)
    press(opened, "courier-ask")
    assert words(opened, "courier-place") == "Asking the platform…"
    answer(opened, CourierPlace(31.230411, 121.4737, steady.now() - timedelta(minutes=2, seconds=5)))
    assert words(opened, "courier-place") == "Latitude, longitude: 31.23041, 121.47370"
    assert "(2 min ago)" in words(opened, "courier-when")
    press(opened, "courier-copy")
    assert QGuiApplication.clipboard().text() == "31.23041, 121.47370"
    opened.facade.put(card(1, Lane.READY, delivery=Delivery.AT_STORE))
    settle()
    assert words(opened, "courier-place").startswith("Latitude"), "kept while the order moves on"


def test_no_place_yet(console: Opened) -> None:
    opened = shown(console)
    press(opened, "courier-ask")
    answer(opened, None)
    assert words(opened, "courier-place") == "The platform does not say yet"
    copy = opened.window.queue.detail.findChild(Button, "courier-copy")
    assert copy is not None
    assert copy.isHidden()


def test_a_refusal_is_the_platforms_own_and_plain(console: Opened) -> None:
    opened = shown(console)
    press(opened, "courier-ask")
    answer(opened, RefusalError(f"no courier {HOSTILE}"))
    assert "no courier <b>Robert</b>" in words(opened, "courier-place")
    assert "\u202e" not in words(opened, "courier-place")


def test_an_answer_about_another_order_is_not_shown(console: Opened) -> None:
    opened = shown(console)
    press(opened, "courier-ask")
    opened.window.queue.open_order(2)
    settle()
    answer(opened, CourierPlace(1, 2, steady.now()))
    assert words(opened, "courier-place") == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"able": frozenset()},
        {"fulfilment": Fulfilment.PICKUP},
        {"delivery": Delivery.DELIVERED},
        {"delivery": Delivery.NONE},
        {"kitchen": Kitchen.COMPLETED},
        {"kitchen": Kitchen.NEW},
    ],
)
def test_where_there_is_nobody_to_ask_for_nothing_is_shown(console: Opened, changes: dict[str, Any]) -> None:
    opened = shown(console, **changes)
    assert opened.window.queue.detail.findChild(QWidget, "courier-part") is None
