"""One of three portions: counted with big buttons or by the keyboard, with its money shown before anybody presses."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.commands import CommandKind, Portions
from app.domain.money import Money
from app.domain.portions import dishes_of
from app.domain.shop import RefundBy, RefundTerms
from app.engine.views import CommandState, CommandView, Lane, OrderDetail
from app.ui.dialogs.refund import RefundDialog
from app.ui.pictures import settle
from app.ui.widgets.button import HEIGHT
from tests.ui.conftest import Console, Opened
from tests.ui.fake_cards import card, cny
from tests.ui.fakes import EVERY_WAY
from tests.ui.test_refund import REFUNDS, Till, asks, part, press, says

DUMPLINGS: Any = {"items": (("3", "锅贴"), ("1", "酸辣汤")), "total": cny("12.00")}  # 11.00 of it for dishes
RICE = "refund-dish-0"


def open_on(console: Opened, till: Till) -> Console:
    opened = console(till)
    opened.window.queue.open_order(1)
    settle()
    return opened


def shown(console: Opened, terms: RefundTerms = EVERY_WAY, *back: CommandView, left: Money | None = None) -> Console:
    till = Till([card(1, Lane.COOKING, **DUMPLINGS)], able=REFUNDS, terms=terms)
    till.commands[1] = back
    if left:
        till.left[1] = left
    return open_on(console, till)


def made(count: int, gone: int = 0, **said: Any) -> CommandView:
    """Dumplings that the platform gave back."""
    return CommandView(1, CommandKind.REFUND, CommandState.CONFIRMED, lines=(Portions("0", count, gone, 3),), **said)


def asked(opened: Console, dialog: RefundDialog) -> tuple[Any, ...]:
    """What the press of the button asks the engine for."""
    press(dialog, "refund-send")
    wish, answer = opened.facade.refunds[-1]
    answer.set_result(1)
    settle()
    return wish


def count(dialog: RefundDialog) -> str:
    words: QLabel = part(dialog, "refund-count-0")
    return words.text()


def test_one_portion_of_three_by_touch(console: Opened) -> None:
    opened = shown(console)
    dialog = asks(opened)
    for name in ("refund-less-0", "refund-more-0"):
        assert part(dialog, name).height() >= HEIGHT
        assert part(dialog, name).width() >= HEIGHT
    assert not part(dialog, "refund-less-0").isEnabled()
    assert count(dialog) == "0 / 3"
    press(dialog, "refund-more-0")
    assert count(dialog) == "1 / 3"
    assert part(dialog, RICE).isChecked()
    assert dialog.confirm.words == "Give ¥1.83 back: Ele.me #1"
    assert asked(opened, dialog) == (1, None, (Portions("0", 1, 0, 3),), "")


def test_up_to_all_of_them_and_down_to_none(console: Opened) -> None:
    dialog = asks(shown(console))
    for expected in ("1 / 3", "2 / 3", "3 / 3", "3 / 3"):
        press(dialog, "refund-more-0")
        assert count(dialog) == expected
    assert not part(dialog, "refund-more-0").isEnabled()
    assert dialog.wanted
    assert dialog.wanted.lines == (Portions("0"),), "all of them are the dish"
    for _ in range(3):
        press(dialog, "refund-less-0")
    assert count(dialog) == "0 / 3"
    assert not part(dialog, RICE).isChecked()
    assert not dialog.confirm.isEnabled()


def test_the_tick_takes_all_or_nothing(console: Opened) -> None:
    dialog = asks(shown(console))
    press(dialog, "refund-more-0")
    press(dialog, RICE)
    assert count(dialog) == "0 / 3"
    press(dialog, RICE)
    assert count(dialog) == "3 / 3"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [("+", "1 / 3"), ("=+", "2 / 3"), ("++++", "3 / 3"), ("++-", "1 / 3"), ("-", "0 / 3"), (" -", "2 / 3"), (" ", "3 / 3")],
)
def test_portions_by_the_keyboard_alone(console: Opened, keys: str, expected: str) -> None:
    dialog = asks(shown(console))
    assert part(dialog, RICE).hasFocus(), "where a person begins"
    QTest.keyClicks(part(dialog, RICE), keys)
    assert count(dialog) == expected
    assert part(dialog, RICE).hasFocus()


def test_the_arrows_count_too_and_enter_goes_on_to_the_button(console: Opened) -> None:
    opened = shown(console)
    dialog = asks(opened)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(part(dialog, RICE), key)
    assert count(dialog) == "1 / 3"
    assert dialog.confirm.hasFocus()
    assert opened.facade.refunds == []


def test_a_single_portion_has_nothing_to_count(console: Opened) -> None:
    dialog = asks(shown(console))
    assert dialog.findChild(QLabel, "refund-count-1") is None
    assert not part(dialog, "refund-more-1").isVisible()
    QTest.keyClicks(part(dialog, "refund-dish-1"), "+")
    assert not dialog.confirm.isEnabled()


def test_what_went_back_is_shown_and_not_offered_again(console: Opened) -> None:
    opened = shown(console, EVERY_WAY, made(1, given=cny("1.83")), left=cny("10.17"))
    assert "took the request" in says(opened)
    assert "· 1 × 锅贴\n¥1.83" in says(opened)
    dialog = asks(opened)
    assert part(dialog, RICE).text() == "2 × 锅贴   ¥3.67"
    assert part(dialog, "refund-gone-0").text() == "1 given back already"
    words = [one.text() for one in dialog.findChildren(QLabel)]
    assert words[words.index("Given back so far") + 1] == "¥1.83"
    assert count(dialog) == "0 / 2"
    press(dialog, RICE)
    assert dialog.confirm.words == "Give ¥3.67 back: Ele.me #1"
    assert asked(opened, dialog) == (1, None, (Portions("0", 2, 1, 3),), "")


def test_the_last_portion_is_a_tick(console: Opened) -> None:
    dialog = asks(shown(console, EVERY_WAY, made(1), made(1, 1)))
    assert part(dialog, RICE).text() == "1 × 锅贴   ¥1.83"
    assert part(dialog, "refund-gone-0").text() == "2 given back already"
    assert not part(dialog, "refund-more-0").isVisible()
    press(dialog, RICE)
    assert dialog.wanted
    assert dialog.wanted.lines == (Portions("0", 1, 2, 3),)


def test_where_the_platform_counts_no_portions_none_are_offered(console: Opened) -> None:
    dialog = asks(shown(console, replace(EVERY_WAY, under_way=EVERY_WAY.under_way - {RefundBy.PORTIONS})))
    assert dialog.findChild(QLabel, "refund-count-0") is None
    assert not part(dialog, "refund-more-0").isVisible()
    QTest.keyClicks(part(dialog, RICE), "+")
    assert dialog.wanted is None
    press(dialog, RICE)
    assert dialog.wanted
    assert dialog.wanted.lines == (Portions("0"),)


def test_every_last_portion_cancels_the_order_where_everything_does(console: Opened) -> None:
    dialog = asks(shown(console, replace(EVERY_WAY, cancels=True)))
    press(dialog, "refund-dish-1")
    for _ in range(2):
        press(dialog, "refund-more-0")
    assert not part(dialog, "refund-end").isVisible()
    press(dialog, "refund-more-0")
    assert part(dialog, "refund-end").isVisible()
    assert dialog.wanted
    assert (dialog.wanted.amount, dialog.wanted.lines) == (None, ())


def test_what_is_weighed_goes_back_whole(console: Opened) -> None:
    class Fishmonger(Till):
        def order(self, order_id: int) -> OrderDetail:
            found = super().order(order_id)
            lines = (replace(found.facts.lines[0], quantity=Decimal("0.500")), *found.facts.lines[1:])
            facts = replace(found.facts, lines=lines)
            return replace(found, facts=facts, dishes=tuple(dishes_of(facts).values()))

    opened = open_on(console, Fishmonger([card(1, Lane.COOKING, **DUMPLINGS)], able=REFUNDS))
    dialog = asks(opened)
    assert part(dialog, RICE).text().startswith("0.5 × 锅贴")
    assert dialog.findChild(QWidget, "refund-count-0") is None


def test_the_ways_name_the_dishes_once(console: Opened) -> None:
    """Single portions are no way of their own to choose."""
    dialog = asks(shown(console))
    ways = [one.objectName() for one in dialog.findChildren(QWidget) if one.objectName().startswith("refund-way-")]
    assert sorted(ways) == ["refund-way-amount", "refund-way-dishes", "refund-way-whole"]
