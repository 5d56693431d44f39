"""Money back from the detail of an order: only where the platform can, wrong amounts explained, never done too soon."""

from __future__ import annotations

import gc
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from app.domain.commands import CommandKind, Portions
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.domain.shop import RefundBy, RefundTerms
from app.engine.facade import RefusalError
from app.engine.views import Ability, CommandState, CommandView, Lane
from app.platforms.api import Platform
from app.ui.dialogs.refund import RefundDialog
from app.ui.pictures import settle
from tests.ui.conftest import Console, Opened
from tests.ui.fake_cards import card, cny
from tests.ui.fakes import ELEME, EVERY_WAY, HOSTILE, HUBRISE, FakeFacade

REFUNDS = frozenset({Ability.REFUNDS_ORDERS})
ALL = CommandKind.REFUND


class Till(FakeFacade):
    """One account that says where money is given back instead."""

    def platforms(self) -> list[Platform]:
        return [replace(ELEME, cannot=("Money is given back from here only when the customer asked",)), HUBRISE]


def shown(
    console: Opened,
    able: frozenset[Ability] = REFUNDS,
    left: Money | None = None,
    terms: RefundTerms = EVERY_WAY,
    **changes: Any,
) -> Console:
    facade = Till([card(1, Lane.COOKING, **changes)], able=able, terms=terms)
    if left is not None:
        facade.left[1] = left
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    return opened


def says(opened: Console) -> str:
    """Every word of the detail panel."""
    return "\n".join(one.text() for one in opened.window.queue.detail.findChildren(QLabel))


def asks(opened: Console) -> RefundDialog:
    button = opened.window.findChild(QPushButton, "detail-refund-1")
    assert button is not None
    button.click()
    settle()
    found = opened.window.findChild(RefundDialog)
    assert found is not None
    return found


def part(dialog: RefundDialog, name: str) -> Any:
    found = dialog.findChild(QWidget, name)
    assert found is not None, name
    return found


def press(dialog: RefundDialog, name: str) -> None:
    QTest.mouseClick(part(dialog, name), Qt.MouseButton.LeftButton)


# where and what


def test_where_the_platform_cannot_the_detail_says_where_instead(console: Opened) -> None:
    opened = shown(console, able=frozenset({Ability.OPENS_SHOP}))
    assert "Money is given back from here only when the customer asked" in says(opened)
    assert opened.window.findChild(QPushButton, "detail-refund-1") is None


@pytest.mark.parametrize("changes", [{"kitchen": Kitchen.NEW}, {"kitchen": Kitchen.CANCELLED}, {"paid": False}])
def test_of_an_order_without_money_nothing_is_said(console: Opened, changes: dict[str, Any]) -> None:
    opened = shown(console, **changes)
    assert "Money back" not in says(opened)


def test_when_nothing_is_left_there_is_no_button(console: Opened) -> None:
    facade = Till([card(1, Lane.COOKING, refunded=cny("48.00"))], able=REFUNDS)
    facade.left[1] = None
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    assert "There is nothing left to give back." in says(opened)
    assert "Refunded, says Ele.me\n¥48.00" in says(opened)
    assert opened.window.findChild(QPushButton, "detail-refund-1") is None


# the question


def test_a_dish_is_given_back(console: Opened) -> None:
    opened = shown(console)
    dialog = asks(opened)
    assert not dialog.confirm.isEnabled()
    tick = part(dialog, "refund-dish-1")
    assert tick.text() == "2 × 米饭   ¥5.50", "less its share of the discounts"
    press(dialog, "refund-dish-1")
    press(dialog, "refund-reason-0")
    assert dialog.confirm.words == "Give ¥5.50 back: Ele.me #1"
    assert part(dialog, "refund-result").text().startswith("The customer gets about ¥5.50 back")
    press(dialog, "refund-send")
    (asked, answer) = opened.facade.refunds[-1]
    assert asked == (1, None, (Portions("1"),), "Dish missing")
    assert not dialog.isEnabled(), "waits for the answer"
    answer.set_result(1)
    settle()
    assert opened.window.findChild(RefundDialog) is None, "closed and gone"


def test_an_amount_by_the_keyboard_alone(console: Opened) -> None:
    opened = shown(console)
    dialog = asks(opened)
    QTest.keyClick(part(dialog, "refund-way-amount"), Qt.Key.Key_Space)
    line: QLineEdit = part(dialog, "refund-amount")
    assert line.hasFocus()
    QTest.keyClicks(line, "5.50")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert dialog.confirm.hasFocus()
    assert opened.facade.refunds == [], "Enter in a field sends no money"
    QTest.keyPress(dialog.confirm, Qt.Key.Key_Return)
    assert [asked for asked, _ in opened.facade.refunds] == [(1, cny("5.50"), (), "")]
    opened.facade.refunds[0][1].set_result(1)
    settle()


def test_everything_that_is_left(console: Opened) -> None:
    opened = shown(console, left=cny("43.00"))
    dialog = asks(opened)
    press(dialog, "refund-way-whole")
    assert dialog.confirm.words == "Give ¥43.00 back: Ele.me #1"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    settle()
    assert opened.facade.refunds == []
    assert opened.window.findChild(RefundDialog) is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ""),
        ("five", "Write an amount such as 5.00."),
        ("-5", "Write an amount such as 5.00."),
        ("1e5", "Write an amount such as 5.00."),
        ("0", "The amount must be more than nothing."),
        ("1.005", "CNY has 2 digits after the point."),
        ("48.01", "Only ¥48.00 can still be given back."),
    ],
)
def test_a_wrong_amount_is_explained_and_cannot_be_sent(console: Opened, typed: str, words: str) -> None:
    dialog = asks(shown(console))
    press(dialog, "refund-way-amount")
    part(dialog, "refund-amount").setText(typed)
    assert part(dialog, "refund-problem").text() == words
    assert not dialog.confirm.isEnabled()


def test_dishes_worth_more_than_is_left_are_explained(console: Opened) -> None:
    dialog = asks(shown(console, left=cny("5.00")))
    press(dialog, "refund-dish-1")
    assert part(dialog, "refund-problem").text().startswith("These dishes cost ¥5.50, only ¥5.00")
    assert not dialog.confirm.isEnabled()


def test_a_refusal_keeps_the_question_open_in_plain_words(console: Opened) -> None:
    opened = shown(console)
    dialog = asks(opened)
    press(dialog, "refund-way-whole")
    press(dialog, "refund-send")
    opened.facade.refunds[-1][1].set_exception(RefusalError(f"A refund is on its way {HOSTILE}"))
    settle()
    said: QLabel = part(dialog, "refund-problem")
    assert "A refund is on its way <b>Robert</b>" in said.text()
    assert said.textFormat() is Qt.TextFormat.PlainText
    assert "\u202e" not in said.text()
    assert dialog.confirm.isEnabled()


def test_hostile_names_are_words(console: Opened) -> None:
    opened = shown(console, items=(("1", HOSTILE),), call_number=f"饿#{HOSTILE}")
    dialog = asks(opened)
    press(dialog, "refund-dish-0")
    for text in (part(dialog, "refund-dish-0").text(), dialog.confirm.words, dialog.windowTitle()):
        assert "<b>Robert</b>" in text
        assert "\u202e" not in text
        assert "\n" not in text


def test_a_dish_goes_back_once(console: Opened) -> None:
    facade = Till([card(1, Lane.COOKING)], able=REFUNDS)
    facade.commands[1] = (CommandView(1, ALL, CommandState.CONFIRMED, lines=(Portions("0"),)),)
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    dialog = asks(opened)
    gone, left = part(dialog, "refund-dish-0"), part(dialog, "refund-dish-1")
    assert part(dialog, "refund-gone-0").text() == "given back already"
    assert not gone.isEnabled()
    assert left.isEnabled()
    assert left.hasFocus()


# the ways that there are

NONE: frozenset[RefundBy] = frozenset()
WHOLE, DISHES, AMOUNT = (frozenset({way}) for way in (RefundBy.WHOLE, RefundBy.DISHES, RefundBy.AMOUNT))
OVER: dict[str, Any] = {"kitchen": Kitchen.COMPLETED}
CANCELS = "Ele.me then cancels the order. Do not cook it any more."


def switch(dialog: RefundDialog) -> list[str]:
    """The ways offered, in order."""
    ways = [f"refund-way-{way}" for way in ("dishes", "amount", "whole")]
    return [name.removeprefix("refund-way-") for name in ways if dialog.findChild(QWidget, name)]


def test_where_only_everything_goes_back_there_is_nothing_to_choose(console: Opened) -> None:
    opened = shown(console, terms=RefundTerms(NONE, WHOLE), **OVER)
    dialog = asks(opened)
    assert switch(dialog) == []
    assert part(dialog, "refund-only").text() == "Ele.me gives this order back as a whole only: all that is left."
    assert not part(dialog, "refund-end").isVisible()
    press(dialog, "refund-send")
    assert [asked for asked, _ in opened.facade.refunds] == [(1, None, (), "")]
    opened.facade.refunds[0][1].set_result(1)
    settle()


@pytest.mark.parametrize(
    ("ways", "shows", "name"),
    [
        (DISHES, [], "refund-dish-0"),
        (AMOUNT, [], "refund-amount"),
        (DISHES | WHOLE, ["dishes", "whole"], "refund-dish-0"),
        (AMOUNT | WHOLE, ["amount", "whole"], "refund-amount"),
        (DISHES | AMOUNT | WHOLE, ["dishes", "amount", "whole"], "refund-dish-0"),
    ],
)
def test_only_the_ways_that_there_are_are_shown_and_the_first_is_open(
    console: Opened, ways: frozenset[RefundBy], shows: list[str], name: str
) -> None:
    dialog = asks(shown(console, terms=RefundTerms(ways, NONE)))
    assert switch(dialog) == shows
    assert part(dialog, name).isVisible()
    assert (dialog.findChild(QWidget, "refund-only") is None) is bool(shows)
    advice = [one.text() for one in dialog.findChildren(QLabel) if one.text().startswith("A dish goes back")]
    assert ["give an amount" in text for text in advice] == ([RefundBy.AMOUNT in ways] if RefundBy.DISHES in ways else [])


@pytest.mark.parametrize(
    ("terms", "changes", "words"),
    [
        (RefundTerms(NONE, WHOLE), {}, "Ele.me gives money back only when the order is completed"),
        (RefundTerms(DISHES | WHOLE, NONE), OVER, "Once an order is completed, Ele.me takes no refunds from here."),
    ],
)
def test_where_there_is_no_way_now_the_detail_says_so(
    console: Opened, terms: RefundTerms, changes: dict[str, Any], words: str
) -> None:
    opened = shown(console, terms=terms, **changes)
    assert words in says(opened)
    assert opened.window.findChild(QPushButton, "detail-refund-1") is None


@pytest.mark.parametrize("how", ["whole", "dishes", "amount"])
def test_that_everything_cancels_the_order_is_said_before_the_press(console: Opened, how: str) -> None:
    opened = shown(console, terms=replace(EVERY_WAY, cancels=True))
    dialog = asks(opened)
    press(dialog, f"refund-way-{how}")
    end: QLabel = part(dialog, "refund-end")
    if how == "dishes":
        press(dialog, "refund-dish-0")
        assert not end.isVisible()
        for tick in (one for one in dialog.findChildren(QWidget) if one.objectName().startswith("refund-dish-")):
            tick.setChecked(True)  # type: ignore[attr-defined]  # of a TickBox
    if how == "amount":
        part(dialog, "refund-amount").setText("47.99")
        assert not end.isVisible()
        part(dialog, "refund-amount").setText("48")
    assert end.isVisible()
    assert end.text() == CANCELS
    assert dialog.confirm.words == "Give ¥48.00 back and cancel: Ele.me #1"
    press(dialog, "refund-send")
    assert [asked for asked, _ in opened.facade.refunds] == [(1, None, (), "")]
    opened.facade.refunds[0][1].set_result(1)
    settle()


@pytest.mark.parametrize("changes", [{}, OVER])
def test_where_nothing_is_cancelled_nothing_is_said_of_it(console: Opened, changes: dict[str, Any]) -> None:
    dialog = asks(shown(console, terms=replace(EVERY_WAY, cancels=bool(changes)), **changes))
    press(dialog, "refund-way-whole")
    assert not part(dialog, "refund-end").isVisible()
    assert dialog.confirm.words == "Give ¥48.00 back: Ele.me #1"


def test_where_only_parts_go_back_everything_is_explained(console: Opened) -> None:
    dialog = asks(shown(console, terms=RefundTerms(NONE, DISHES | AMOUNT), **OVER))
    press(dialog, "refund-way-amount")
    part(dialog, "refund-amount").setText("48")
    assert part(dialog, "refund-problem").text() == "That is everything: Ele.me gives back only a part of this order."
    assert not dialog.confirm.isEnabled()
    part(dialog, "refund-amount").setText("47.99")
    assert dialog.confirm.isEnabled()


def test_dishes_beyond_what_is_left_name_no_way_that_is_not_there(console: Opened) -> None:
    dialog = asks(shown(console, left=cny("5.00"), terms=RefundTerms(DISHES | WHOLE, NONE)))
    press(dialog, "refund-dish-1")
    text = part(dialog, "refund-problem").text()
    assert text == "These dishes cost ¥5.50, only ¥5.00 can still be given back."


# what became of it


@pytest.mark.parametrize(
    ("state", "text", "said"),
    [
        (CommandState.PENDING, "", "Asked; Ele.me has not answered yet"),
        (CommandState.IN_FLIGHT, "", "Asked; Ele.me has not answered yet"),
        (CommandState.CONFIRMED, "", "Ele.me took the request"),
        (CommandState.REFUSED, f"退款金额有误 {HOSTILE}", "Refused. Ele.me says: 退款金额有误 <b>Robert</b>"),
        (CommandState.DEAD, "timeout", "No answer from Ele.me: the money may have gone back."),
    ],
)
def test_what_became_of_it_is_told_and_nothing_more(console: Opened, state: CommandState, text: str, said: str) -> None:
    facade = Till([card(1, Lane.COOKING)], able=REFUNDS)
    facade.commands[1] = (CommandView(1, ALL, state, text, amount=cny("5.00")),)
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    words = says(opened)
    assert said in words
    assert "¥5.00" in words
    assert "Refunded, says" not in words
    waits = state in (CommandState.PENDING, CommandState.IN_FLIGHT)
    button = opened.window.findChild(QPushButton, "detail-refund-1")
    assert button is not None
    assert button.isEnabled() is not waits


@pytest.mark.parametrize(("lines", "words"), [(("0",), " · 宫保鸡丁"), ((), "\nall that was left")])
def test_what_was_asked_is_named(console: Opened, lines: tuple[str, ...], words: str) -> None:
    facade = Till([card(1, Lane.COOKING)], able=REFUNDS)
    facade.commands[1] = (CommandView(1, ALL, CommandState.CONFIRMED, lines=tuple(map(Portions, lines))),)
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    assert f"it has not said yet that the money went back{words}" in says(opened)


def test_many_openings_leave_nothing(console: Opened) -> None:
    opened = shown(console)
    asks(opened).reject()
    settle()
    gc.collect()
    before = len(opened.window.findChildren(QWidget))
    for _ in range(5):
        asks(opened).reject()
        settle()
    assert len(opened.window.findChildren(QWidget)) == before


def test_on_a_low_screen_no_line_is_clipped_and_three_dishes_show(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RefundDialog, "screen", lambda _: SimpleNamespace(availableGeometry=lambda: QRect(0, 0, 1024, 640)))
    dishes = tuple((str(1 + place % 3), f"Dish number {place}") for place in range(8))
    dialog = asks(shown(console, items=dishes))
    assert dialog.height() <= 600
    lines = [one for one in dialog.findChildren(QLabel) if one.isVisible() and one.wordWrap()]
    assert any("paid a part of this order itself" in one.text() for one in lines)
    assert [one.text() for one in lines if one.height() < one.heightForWidth(one.width())] == []
    third = part(dialog, "refund-dish-2")
    assert not third.visibleRegion().isEmpty()
    assert third.visibleRegion().boundingRect().height() == third.height()
    press(dialog, "refund-way-whole")
    assert [one.text() for one in lines if one.isVisible() and one.height() < one.heightForWidth(one.width())] == []
