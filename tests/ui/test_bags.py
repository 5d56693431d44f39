"""Bags are counted with two big buttons beside the order, and printed with one press; nobody is asked without need."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from app.domain.lifecycle import Kitchen
from app.domain.tickets import MOST_BAGS
from app.engine.views import Lane
from app.ui.pictures import settle
from tests.ui.conftest import Console, Opened
from tests.ui.fake_cards import Asked, card
from tests.ui.fakes import FakeFacade

FINGER = 44  # pixels


def shown(console: Opened, bags: int | None, kitchen: Kitchen = Kitchen.PREPARING, lane: Lane = Lane.COOKING) -> Console:
    facade = FakeFacade([card(1, lane, kitchen=kitchen), card(2, Lane.COOKING)])
    facade.bags = bags
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    return opened


def button(opened: Console, name: str) -> QPushButton | None:
    found: QPushButton | None = opened.window.queue.detail.findChild(QPushButton, name)
    return found


def press(opened: Console, name: str) -> None:
    found = button(opened, name)
    assert found is not None
    found.click()
    settle()


def count(opened: Console) -> str:
    label = opened.window.queue.detail.findChild(QLabel, "bags")
    assert label is not None
    return str(label.text())


@pytest.mark.parametrize(("said", "first"), [(0, "1"), (3, "3")])
def test_the_number_starts_at_what_was_said_else_at_one_and_is_printed_with_one_press(
    console: Opened, said: int, first: str
) -> None:
    opened = shown(console, said)
    assert count(opened) == first
    press(opened, "bags-more")
    press(opened, "bags-more")
    press(opened, "bags-fewer")
    press(opened, "bags-print")
    assert opened.facade.asked[-1] == Asked("print_bags", 1, text=str(int(first) + 1))


def test_there_is_never_less_than_one_bag_nor_a_roll_of_them(console: Opened) -> None:
    opened = shown(console, MOST_BAGS - 1)
    press(opened, "bags-more")
    more = button(opened, "bags-more")
    assert more is not None
    assert (count(opened), more.isEnabled()) == (str(MOST_BAGS), False)
    for _ in range(MOST_BAGS):
        press(opened, "bags-fewer")
    fewer = button(opened, "bags-fewer")
    assert fewer is not None
    assert (count(opened), fewer.isEnabled()) == ("1", False)


def test_a_number_being_counted_survives_news_of_the_order_but_not_another_order(console: Opened) -> None:
    opened = shown(console, 0)
    press(opened, "bags-more")
    opened.facade.put(card(1, Lane.COOKING, kitchen=Kitchen.PREPARING, pickup_code="9"))
    settle()
    assert count(opened) == "2"
    opened.window.queue.open_order(2)
    settle()
    assert count(opened) == "1"


def test_the_buttons_are_as_big_as_a_finger(console: Opened) -> None:
    opened = shown(console, 0)
    for name in ("bags-fewer", "bags-more", "bags-print"):
        found = button(opened, name)
        assert found is not None
        assert min(found.width(), found.height()) >= FINGER
        assert found.accessibleName() or found.text()


@pytest.mark.parametrize(("bags", "kitchen", "lane"), [(None, Kitchen.PREPARING, Lane.COOKING), (0, Kitchen.NEW, Lane.NEW)])
def test_nobody_is_asked_where_no_paper_counts_bags_or_before_the_order_is_taken(
    console: Opened, bags: int | None, kitchen: Kitchen, lane: Lane
) -> None:
    assert button(shown(console, bags, kitchen, lane), "bags-print") is None
