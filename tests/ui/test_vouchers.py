"""Voucher check at the counter: a scan finds it, one press redeems it, and whatever is not sure says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from app import steady
from app.domain.money import Money
from app.domain.vouchers import RedemptionState, VoucherState
from app.engine.shop_views import Redemption, VoucherFound
from app.engine.views import Ability, ShopNotice
from app.engine.vouchers import PRACTICE_VOUCHERS
from app.platforms.api import RejectedError
from app.ui.dialogs.take_back import TakeBack
from app.ui.health import notices
from app.ui.pages.shop import ShopPage
from app.ui.vouchers import advice, asked, brief, facts, good, outcome, spoken
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.shop_vouchers import MOST, ShopVouchers
from tests.ui.conftest import Console
from tests.ui.fake_shops import front
from tests.ui.fake_vouchers import CODE, FakeVouchers, found, redemption, voucher
from tests.ui.fakes import HOSTILE, FakeFacade
from tests.ui.settings_desk import Desk, Opener, Shop

ABLE = frozenset({Ability.REDEEMS_VOUCHERS})
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ASKED, REDEEMED, REFUSED, TAKING_BACK, TAKEN_BACK = RedemptionState


@pytest.fixture
def desk(open_window: Opener) -> Desk:
    shop = Shop()
    shop.fronts = [front(1, "koubei", title="Koubei", abilities=ABLE)]
    opened = open_window(ShopPage, shop)
    assert isinstance(opened.window, ShopPage)
    opened.window.open_part("vouchers")
    opened.settle()
    return opened


def book(shop: Shop) -> FakeVouchers:
    assert isinstance(shop.vouchers, FakeVouchers)
    return shop.vouchers


def child(desk: Desk, name: str, kind: type[QWidget] = QWidget) -> Any:
    return desk.window.findChild(kind, name)


def shows(desk: Desk, name: str) -> str:
    """The words of a part that can be seen; "" for one that cannot."""
    label = child(desk, name)
    return label.text() if label is not None and label.isVisible() else ""


def offers(desk: Desk) -> set[str]:
    return {one.objectName() for one in desk.window.findChildren(Button) if one.isVisible() and one.isEnabled()}


def scan(desk: Desk, code: str = CODE) -> None:
    """As a scanner does: keys into whatever has the focus, and Enter."""
    QTest.keyClicks(desk.window.focusWidget(), code)
    QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    desk.settle()


def press(desk: Desk, name: str) -> None:
    QTest.mouseClick(child(desk, name, Button), Qt.MouseButton.LeftButton)
    desk.settle()


def tell(desk: Desk, answer: VoucherFound | Exception) -> None:
    future = book(desk.shop).looks[-1][1]
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
    desk.settle()


def settles(desk: Desk, row: Redemption) -> None:
    """What the engine does: the row first, then the answer."""
    book(desk.shop).rows = [row, *(one for one in book(desk.shop).rows if one.id != row.id)]
    (book(desk.shop).agains or book(desk.shop).backs or book(desk.shop).redeems)[-1][-1].set_result(row)
    desk.settle()


# finding it


def test_the_part_is_there_only_where_a_platform_sells_vouchers(open_window: Opener) -> None:
    shop = Shop()
    shop.fronts = [front(1)]
    desk = open_window(ShopPage, shop)
    assert not child(desk, "shop-part-vouchers").isVisible()
    shop.fronts = [front(1, abilities=ABLE)]
    desk.bridge.accounts_changed.emit(frozenset())
    assert child(desk, "shop-part-vouchers").isVisible()
    shop.fronts = [front(1, abilities=ABLE, enabled=False)]
    desk.bridge.shops_changed.emit(frozenset())
    assert not child(desk, "shop-part-vouchers").isVisible()
    book(shop).rows = [redemption(state=ASKED)]
    desk.bridge.shops_changed.emit(frozenset())
    assert child(desk, "shop-part-vouchers").isVisible(), "what nobody answered is asked again from here"


def test_an_empty_page_teaches_and_in_practice_names_codes(desk: Desk) -> None:
    assert "Scan the code" in shows(desk, "voucher-lesson")
    assert shows(desk, "voucher-practice") == ""
    assert shows(desk, "voucher-today") == ""
    desk.shop.preferences[PRACTICE_VOUCHERS] = "123456789012 210987654321"
    desk.bridge.vouchers_changed.emit(frozenset())
    assert "1234 5678 9012, 2109 8765 4321" in shows(desk, "voucher-practice")


def test_a_scan_shows_what_it_is_and_redeems_nothing(desk: Desk) -> None:
    scan(desk)
    assert [code for code, _ in book(desk.shop).looks] == [CODE]
    desk.bridge.vouchers_changed.emit(frozenset())
    assert "Asking about 1234 5678 9012" in shows(desk, "voucher-answer")
    assert shows(desk, "voucher-lesson") == ""
    tell(desk, found(left=4, total=5, worth=Money(1500, "CNY"), valid_until=steady.now() + timedelta(days=400)))
    assert shows(desk, "voucher-answer") == ""
    assert shows(desk, "voucher-title") == "双人套餐"
    assert shows(desk, "voucher-sign") == "Good: can be redeemed here"
    assert "4 of 5 uses left\n¥15.00 each\nvalid until" in shows(desk, "voucher-facts")
    assert book(desk.shop).redeems == []


def test_a_scan_finds_the_field_after_a_button_was_pressed(desk: Desk) -> None:
    child(desk, "voucher-check", Button).setFocus()
    scan(desk)
    assert [code for code, _ in book(desk.shop).looks] == [CODE]


def test_a_scan_finds_the_field_after_the_part_was_chosen_again(desk: Desk) -> None:
    press(desk, "shop-part-vouchers")
    scan(desk)
    assert [code for code, _ in book(desk.shop).looks] == [CODE]


def test_only_the_last_scan_is_shown(desk: Desk) -> None:
    scan(desk)
    scan(desk, "999999999999")
    book(desk.shop).looks[0][1].set_result(found(title="first"))
    desk.settle()
    assert shows(desk, "voucher-title") == ""
    tell(desk, found(title="second"))
    assert shows(desk, "voucher-title") == "second"


def test_nothing_typed_asks_nothing(desk: Desk) -> None:
    child(desk, "voucher-code", QLineEdit).setText("  ")
    press(desk, "voucher-check")
    assert book(desk.shop).looks == []


def test_a_code_that_nobody_knows_is_told_in_the_platforms_words(desk: Desk) -> None:
    scan(desk)
    tell(desk, RejectedError("券码不存在"))
    assert shows(desk, "voucher-answer") == "1234 5678 9012\n券码不存在"
    assert shows(desk, "voucher-title") == ""
    assert child(desk, "voucher-code").hasFocus()


@pytest.mark.parametrize("state", [one for one in VoucherState if one is not VoucherState.GOOD])
def test_one_that_is_not_good_has_no_button(desk: Desk, state: VoucherState) -> None:
    scan(desk)
    tell(desk, found(state=state, refusal="无法核销"))
    assert shows(desk, "voucher-says") == "Koubei says: 无法核销"
    assert "voucher-redeem" not in offers(desk)


# redeeming


def test_one_press_redeems_and_the_way_back_asks_first(desk: Desk) -> None:
    scan(desk)
    tell(desk, found())
    press(desk, "voucher-redeem")
    assert [(one, uses) for one, uses, _ in book(desk.shop).redeems] == [(found(), 1)]
    assert "voucher-redeem" not in offers(desk), "a second press must not redeem again"
    settles(desk, redemption())
    assert shows(desk, "voucher-sign") == "Redeemed"
    assert {"voucher-back", "voucher-1-back"} <= offers(desk)
    assert "voucher-redeem" not in offers(desk)
    assert child(desk, "voucher-code").hasFocus(), "the next customer"

    press(desk, "voucher-back")
    assert book(desk.shop).backs == []
    ask = child(desk, "voucher-take-back", TakeBack)
    assert "1234 5678 9012" in " ".join(one.text() for one in ask.findChildren(QLabel))
    press(desk, "voucher-take-back-confirm")
    assert [number for number, _ in book(desk.shop).backs] == [1]
    settles(desk, redemption(state=TAKEN_BACK, back_by="counter", back_at=steady.now()))
    assert shows(desk, "voucher-sign") == "Taken back: it can be used again"
    assert not {"voucher-back", "voucher-redeem", "voucher-1-back"} & offers(desk)


@pytest.mark.parametrize("width", [620, 1100])
def test_a_burst_of_presses_on_redeem_takes_nothing_back(desk: Desk, width: int) -> None:
    """Whatever comes under the finger that redeemed, it is not the way back; nor is Enter in the question a yes."""
    desk.window.resize(width, 700)
    scan(desk)
    tell(desk, found())
    redeem = child(desk, "voucher-redeem", Button)
    finger = QRect(redeem.mapTo(desk.window, QPoint(0, 0)), redeem.size())
    press(desk, "voucher-redeem")
    settles(desk, redemption())
    for name in ("voucher-back", "voucher-1-back"):
        back = child(desk, name, Button)
        assert not finger.intersects(QRect(back.mapTo(desk.window, QPoint(0, 0)), back.size())), name
        press(desk, name)
        QTest.keyClick(child(desk, "voucher-take-back", TakeBack), Qt.Key.Key_Return)
        desk.settle()
    assert book(desk.shop).backs == []


def test_some_uses_of_a_card_and_what_is_left(desk: Desk) -> None:
    scan(desk)
    tell(desk, found(left=3, total=5))
    assert "voucher-less" not in offers(desk)
    for _ in range(2):
        press(desk, "voucher-more")
    assert "voucher-more" not in offers(desk), "no more than are left"
    press(desk, "voucher-less")
    assert child(desk, "voucher-redeem", Button).words == "Redeem 2 uses"
    press(desk, "voucher-redeem")
    assert book(desk.shop).redeems[0][1] == 2
    settles(desk, redemption(uses=2))
    assert shows(desk, "voucher-sign") == "Redeemed · 2 uses"
    assert shows(desk, "voucher-facts").startswith("1 of 5 uses left")


def test_a_refusal_is_loud_and_the_platforms_own(desk: Desk) -> None:
    scan(desk)
    tell(desk, found())
    press(desk, "voucher-redeem")
    settles(desk, redemption(state=REFUSED, text="该券已经退款"))
    assert shows(desk, "voucher-sign") == "NOT redeemed"
    assert shows(desk, "voucher-says") == "Koubei says: 该券已经退款"
    assert not {"voucher-redeem", "voucher-back"} & offers(desk)


def test_a_refusal_of_ours_leaves_the_voucher_as_it_was(desk: Desk) -> None:
    scan(desk)
    tell(desk, found())
    press(desk, "voucher-redeem")
    book(desk.shop).redeems[-1][2].set_exception(RejectedError("switched off"))
    desk.settle()
    assert shows(desk, "voucher-answer") == "switched off"
    assert "voucher-redeem" in offers(desk)


def test_without_an_answer_it_says_so_and_the_answer_that_comes_later_is_shown(desk: Desk) -> None:
    scan(desk)
    tell(desk, found())
    press(desk, "voucher-redeem")
    open_row = redemption(state=ASKED, text="did not answer in time", due_at=steady.now())
    settles(desk, open_row)
    assert shows(desk, "voucher-sign") == "Asked, no answer yet"
    assert "did not answer in time\nServe nothing for it" in shows(desk, "voucher-says")
    assert "voucher-redeem" not in offers(desk)

    book(desk.shop).rows = [replace(open_row, state=REDEEMED, text="", due_at=None)]
    desk.bridge.vouchers_changed.emit(frozenset({1}))
    desk.settle()
    assert shows(desk, "voucher-sign") == "Redeemed"


def test_one_that_was_asked_for_before_is_asked_again_and_not_redeemed_anew(desk: Desk) -> None:
    book(desk.shop).rows = [redemption(state=ASKED)]
    scan(desk)
    tell(desk, found(left=4, total=5))
    assert shows(desk, "voucher-sign") == "Nobody knows whether it was redeemed"
    assert "voucher-redeem" not in offers(desk)
    press(desk, "voucher-again")
    assert [number for number, _ in book(desk.shop).agains] == [1]
    settles(desk, redemption())
    assert shows(desk, "voucher-sign") == "Redeemed"


def test_an_answer_about_the_last_customers_voucher_leaves_the_next_ones_alone(desk: Desk) -> None:
    scan(desk)
    tell(desk, found(title="first"))
    press(desk, "voucher-redeem")
    scan(desk, "999999999999")
    tell(desk, found(title="second", code="999999999999"))
    settles(desk, redemption(title="first"))
    assert (shows(desk, "voucher-title"), shows(desk, "voucher-sign")) == ("second", "Good: can be redeemed here")
    assert "voucher-redeem" in offers(desk)
    assert shows(desk, "voucher-1-what") == "first · ¥88.00"


# the day


def test_the_day_is_listed_and_one_of_it_taken_back(desk: Desk) -> None:
    book(desk.shop).rows = [redemption(2, REFUSED, text="no"), redemption(1)]
    desk.bridge.vouchers_changed.emit(frozenset())
    desk.settle()
    assert shows(desk, "voucher-today") == "Vouchers today"
    assert shows(desk, "voucher-2-says") == "Koubei says: no"
    assert CODE not in shows(desk, "voucher-1-when")
    assert "…9012" in shows(desk, "voucher-1-when")
    press(desk, "voucher-1-back")
    press(desk, "voucher-take-back-confirm")
    assert [number for number, _ in book(desk.shop).backs] == [1]
    assert "voucher-1-back" not in offers(desk)
    book(desk.shop).backs[-1][1].set_exception(RejectedError("too late"))
    desk.settle()
    assert shows(desk, "voucher-answer") == "too late"
    assert "voucher-1-back" in offers(desk)


def test_a_long_day_shows_its_last_ones_and_whatever_is_unanswered(desk: Desk) -> None:
    rows = [redemption(number, ASKED if number == 1 else REDEEMED) for number in range(MOST + 3, 0, -1)]
    book(desk.shop).rows = rows
    desk.bridge.vouchers_changed.emit(frozenset())
    desk.settle()
    assert {"voucher-1-again", f"voucher-{MOST + 3}-back"} <= offers(desk)
    assert "voucher-4-back" not in offers(desk)
    assert shows(desk, "voucher-more-rows") == "and 3 more before these"


@pytest.mark.parametrize(
    ("changes", "text", "tone"),
    [
        ({"state": REDEEMED}, "Redeemed", "ready"),
        ({"state": REDEEMED, "text": "too late"}, "Still redeemed: it could not be taken back", "late"),
        ({"state": REFUSED}, "NOT redeemed", "late"),
        ({"state": TAKEN_BACK}, "Taken back: it can be used again", "muted"),
        ({"state": ASKED, "due_at": NOON}, "Redeeming…", "soon"),
        ({"state": ASKED, "due_at": NOON, "text": "late"}, "Asked, no answer yet", "soon"),
        ({"state": ASKED}, "Nobody knows whether it was redeemed", "late"),
        ({"state": TAKING_BACK, "due_at": NOON}, "Taking it back…", "soon"),
        ({"state": TAKING_BACK, "due_at": NOON, "text": "late"}, "Asked to take it back, no answer yet", "soon"),
        ({"state": TAKING_BACK}, "Nobody knows whether it was taken back", "late"),
    ],
)
def test_what_became_of_it_is_said(changes: dict[str, Any], text: str, tone: str) -> None:
    how = outcome(redemption(**changes))
    assert (how.text, how.tone) == (text, tone)


def test_good_and_redeemed_do_not_look_alike() -> None:
    assert good(voucher()).tone != outcome(redemption()).tone


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, ["worth ¥88.00"]),
        ({"worth": None}, []),
        ({"valid_until": NOON + timedelta(hours=2)}, ["worth ¥88.00", "valid until 14:00"]),
        ({"valid_until": NOON - timedelta(hours=2)}, ["worth ¥88.00", "was valid until 10:00"]),
        ({"valid_from": NOON + timedelta(hours=1)}, ["worth ¥88.00", "valid from 13:00"]),
        ({"valid_from": NOON - timedelta(hours=1)}, ["worth ¥88.00"]),
    ],
)
def test_facts_are_told_one_a_line(changes: dict[str, Any], lines: list[str]) -> None:
    assert facts(voucher(**changes), NOON) == lines


def test_hostile_words_stay_words(desk: Desk) -> None:
    scan(desk)
    tell(desk, found(title=HOSTILE, refusal=HOSTILE, state=VoucherState.OTHER))
    row = redemption(title=HOSTILE, text=HOSTILE, code=f"{HOSTILE}123456", who=HOSTILE)
    for words in (brief(row), asked(row, HOSTILE, NOON), spoken(HOSTILE), shows(desk, "voucher-title")):
        assert words.isprintable()
    assert all(line.isprintable() for line in advice(row, HOSTILE).splitlines())


def test_every_button_is_as_big_as_a_finger(desk: Desk) -> None:
    book(desk.shop).rows = [redemption(2, ASKED, code="another"), redemption(1)]
    desk.bridge.vouchers_changed.emit(frozenset())
    scan(desk)
    tell(desk, found(left=3, total=5))
    assert {"voucher-redeem", "voucher-more", "voucher-2-again", "voucher-1-back"} <= offers(desk)
    assert min(one.height() for one in desk.window.findChildren(Button) if one.isVisible()) >= HEIGHT
    assert child(desk, "voucher-redeem").height() > HEIGHT


def test_a_notice_leads_here(console: Any) -> None:
    shop = FakeFacade()
    shop.fronts = [front(1, abilities=ABLE)]
    opened: Console = console(shop)
    overview = replace(shop.overview(), vouchers=(ShopNotice(1, "nobody knows"),))
    (notice,) = [one for one in notices(overview) if one.text == "nobody knows"]
    opened.window.open_page(notice.page, notice.group)
    (part,) = opened.window.findChildren(ShopVouchers)
    assert part.isVisible()
