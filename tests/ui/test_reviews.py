"""The Reviews page: what customers said stays words, answers stay until taken, and empty pages say where to look."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app import steady
from app.domain.shop import Review
from app.engine.views import Ability, ShopNotice, Storefront
from app.platforms.api import Platform
from app.reports.statements import OurOrder
from app.ui.pages.reviews import MOST, ReviewsPage
from app.ui.pictures import settle
from app.ui.reviews import drawn, said
from app.ui.widgets.review_card import LONGEST
from tests.ui.conftest import Console, notices
from tests.ui.fake_cards import card, cny
from tests.ui.fake_shops import front
from tests.ui.fakes import ELEME, HOSTILE, HUBRISE, FakeFacade
from tests.ui.settings_desk import Desk, Opener, Shop

HEARS = frozenset({Ability.HEARS_REVIEWS})


class Street(Shop):
    def platforms(self) -> list[Platform]:
        return [ELEME, replace(HUBRISE, cannot=("Customer reviews are only in the other program",))]


def review(number: int, score: float | None = 5, hours: float = 1, **fields: Any) -> Review:
    return Review(f"r{number}", steady.now() - timedelta(hours=hours, seconds=5), score, f"text {number}", **fields)


def page(open_window: Opener, *reviews: Review, fronts: tuple[Storefront, ...] = (), answer: bool = True) -> Desk:
    shop = Street()
    shop.fronts = list(fronts) or [front(1, abilities=HEARS)]
    shop.heard = {1: list(reviews)}
    desk = open_window(ReviewsPage, shop)
    if answer:
        for _, _, future in shop.review_asks:
            future.set_result([])
    desk.settle()
    return desk


def shown(desk: Desk) -> list[str]:
    """Ids of the reviews from top to bottom."""
    assert isinstance(desk.window, ReviewsPage)
    cards = sorted(desk.window.cards.values(), key=lambda one: one.y())
    return [one.heard.review.review_id for one in cards]


# what is shown


def test_those_that_nobody_answered_come_first_and_the_newest_of_them(open_window: Opener) -> None:
    desk = page(open_window, review(1, hours=9), review(2, hours=5, reply="thanks"), review(3, hours=7), review(4, hours=20))
    assert shown(desk) == ["r3", "r1", "r4", "r2"]
    assert desk.words("reviews-count") == "3 not answered"
    desk.part("reviews-first").click()
    desk.settle()
    assert shown(desk) == ["r2", "r3", "r1", "r4"]


@pytest.mark.parametrize(
    ("score", "stars", "words"),
    [
        (None, "", "No stars given"),
        (1, "★☆☆☆☆", "1 of 5: very bad"),
        (2.4, "★★☆☆☆", "2.4 of 5: bad"),
        (2.5, "★★★☆☆", "2.5 of 5: so-so"),
        (4, "★★★★☆", "4 of 5: good"),
        (5, "★★★★★", "5 of 5: very good"),
        (0, "★☆☆☆☆", "0 of 5: very bad"),
        (99, "★★★★★", "99 of 5: very good"),
    ],
)
def test_a_score_is_stars_and_words(score: float | None, stars: str, words: str) -> None:
    assert (drawn(score), said(score)) == (stars, words)


def test_what_people_typed_is_plain_text(open_window: Opener) -> None:
    hostile = replace(review(1), text=HOSTILE, customer=HOSTILE, reply=HOSTILE)
    desk = page(open_window, hostile, fronts=(front(1, abilities=HEARS, title=f"Ele {HOSTILE}"),))
    for name in ("text", "from", "reply"):
        words = desk.words(f"review-1-r1-{name}")  # `words` looks at the text format too
        assert "<b>Robert</b>" in words
        assert "\u202e" not in words
        assert "\n" not in words


def test_only_so_many_are_shown_and_the_rest_is_counted(open_window: Opener) -> None:
    desk = page(open_window, *(review(number, hours=number) for number in range(1, MOST + 6)))
    assert len(shown(desk)) == MOST
    assert desk.words("reviews-more") == "5 older reviews are not shown."


def test_new_ones_come_in_on_top_and_nothing_else_moves(open_window: Opener) -> None:
    desk = page(open_window, review(1, hours=9), review(2, hours=5))
    desk.press("review-1-r1-begin")
    desk.part("review-1-r1-words").setPlainText("half a")
    desk.shop.heard[1] = [review(1, hours=9), replace(review(2, hours=5), reply="on the phone"), review(3)]
    desk.shop.tell("reviews", 1)
    desk.settle()
    assert shown(desk) == ["r3", "r2", "r1"]
    assert desk.part("review-1-r1-words").toPlainText() == "half a"
    desk.window.hide()
    desk.window.show()
    desk.settle()
    assert shown(desk) == ["r3", "r1", "r2"]


def test_its_order_is_one_press_away(open_window: Opener) -> None:
    desk = page(open_window, review(1, order_id="P1"), review(2, order_id="P2"))
    desk.shop.orders_here = {"P1": OurOrder(41, "7", cny("48"), cny("0"))}
    desk.shop.tell("reviews", 1)
    desk.settle()
    assert desk.part("review-1-r1-order").words == "Show order 饿#7"
    assert desk.part("review-1-r2-order").isHidden()
    assert isinstance(desk.window, ReviewsPage)
    with desk.bot.waitSignal(desk.window.order_wanted) as wanted:
        desk.press("review-1-r1-order")
    assert wanted.args == [41]


# answers


def test_an_answer_goes_to_the_platform_and_is_shown_when_it_took_it(open_window: Opener) -> None:
    desk = page(open_window, review(1))
    desk.press("review-1-r1-begin")
    box: QPlainTextEdit = desk.part("review-1-r1-words")
    assert box.hasFocus()
    QTest.keyClicks(box, "Thank you,")
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClicks(box, "come again!")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    ((account, number, text, answer),) = desk.shop.replies
    assert (account, number, text) == (1, "r1", "Thank you, come again!")
    assert desk.words("review-1-r1-answer") == "Asking Ele.me…"
    assert not desk.part("review-1-r1-send").isEnabled(), "not sent twice"
    desk.shop.heard[1] = [replace(review(1), reply=text)]
    answer.set_result(None)
    desk.shop.tell("reviews", 1)
    desk.settle()
    assert desk.words("review-1-r1-answer").startswith("Ele.me took the answer at ")
    assert desk.words("review-1-r1-reply") == "Your answer: Thank you, come again!"
    assert desk.part("review-1-r1-words").isHidden()
    assert desk.part("review-1-r1-begin").isHidden()


def test_a_refusal_is_the_platforms_own_and_the_words_stay(open_window: Opener) -> None:
    desk = page(open_window, review(1))
    desk.press("review-1-r1-begin")
    desk.part("review-1-r1-words").setPlainText("谢谢")
    desk.press("review-1-r1-send")
    desk.shop.replies[0][3].set_exception(RuntimeError(f"该评价已回复 {HOSTILE}"))
    desk.settle()
    said = desk.words("review-1-r1-answer")
    assert said.startswith("Ele.me says: ")
    assert "该评价已回复 <b>Robert</b>" in said
    assert desk.part("review-1-r1-words").toPlainText() == "谢谢"
    assert desk.part("review-1-r1-send").isEnabled()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  \n ", "Write an answer first."),
        ("x" * (LONGEST + 1), f"{LONGEST + 1} characters are too many; {LONGEST} at most."),
    ],
)
def test_what_cannot_be_sent_is_explained(open_window: Opener, typed: str, words: str) -> None:
    desk = page(open_window, review(1))
    desk.press("review-1-r1-begin")
    desk.part("review-1-r1-words").setPlainText(typed)
    desk.press("review-1-r1-send")
    assert desk.shop.replies == []
    assert desk.words("review-1-r1-answer") == words


def test_of_an_account_that_is_off_reviews_are_shown_but_not_answered(open_window: Opener) -> None:
    desk = page(open_window, review(1), fronts=(front(1, abilities=frozenset(), enabled=False),))
    assert desk.words("review-1-r1-text") == "text 1"
    assert desk.part("review-1-r1-begin").isHidden()


# asking


def test_opening_asks_those_that_tell_and_says_who_did_not_answer(open_window: Opener) -> None:
    fronts = (
        front(1, abilities=HEARS),
        front(2, "hubrise", abilities=frozenset()),
        front(3, abilities=HEARS, enabled=False),
    )
    desk = page(open_window, fronts=fronts, answer=False)
    ((account, since, future),) = desk.shop.review_asks
    assert account == 1
    assert timedelta(days=29) <= steady.now().date() - since <= timedelta(days=31)
    assert not desk.part("reviews-ask").isEnabled()
    future.set_exception(RuntimeError(f"no {HOSTILE}"))
    desk.settle()
    assert desk.words("reviews-problem").startswith("Ele.me says: ")
    assert "no <b>Robert</b>" in desk.words("reviews-problem")
    desk.window.hide()
    desk.window.show()
    assert len(desk.shop.review_asks) == 1, "asked a moment ago"
    desk.press("reviews-ask")
    assert len(desk.shop.review_asks) == 2


def test_a_bad_review_in_front_of_somebody_is_told_no_more(open_window: Opener) -> None:
    bad, answered = review(1, 1), review(3, 1, reply="sorry")
    desk = page(open_window, bad, review(2, 5), answered, answer=False)
    assert desk.shop.seen == [{1: ["r1"]}]
    desk.shop.heard[1] = [bad, review(4, 2)]
    desk.shop.tell("reviews", 1)
    desk.settle()
    assert len(desk.shop.seen) == 1, "nobody may be looking when it comes in by itself"
    desk.shop.review_asks[0][2].set_result([])
    desk.settle()
    assert desk.shop.seen[-1] == {1: ["r1", "r4"]}


@pytest.mark.parametrize(
    ("fronts", "lesson"),
    [
        ((), "No account yet."),
        ((front(2, "hubrise", abilities=frozenset()),), "None of your platforms lets a program read its reviews."),
        ((front(1, abilities=HEARS),), "No review in the last 30 days."),
    ],
)
def test_an_empty_page_teaches(open_window: Opener, fronts: tuple[Storefront, ...], lesson: str) -> None:
    shop = Street()
    shop.fronts = list(fronts)
    desk = open_window(ReviewsPage, shop)
    desk.settle()
    assert desk.words("reviews-empty").startswith(lesson)
    assert desk.part("reviews-first").isHidden()


def test_who_cannot_be_heard_here_says_where_instead(open_window: Opener) -> None:
    fronts = (front(1, abilities=HEARS), front(2, "hubrise", abilities=frozenset()), front(3, enabled=False))
    desk = page(open_window, review(1), fronts=fronts)
    assert desk.words("reviews-elsewhere").splitlines() == [
        "HubRise: Customer reviews are only in the other program",
        "Ele.me: switched off here",
    ]


# in the window


def test_a_notice_leads_to_the_page_and_the_page_to_the_order(
    console: Callable[[FakeFacade], Console], monkeypatch: pytest.MonkeyPatch
) -> None:
    facade = FakeFacade([card(41)])
    facade.fronts = [front(1, abilities=HEARS)]
    facade.heard = {1: [review(1, 1, order_id="P1")]}
    facade.orders_here = {"P1": OurOrder(41, "41", cny("48"), cny("0"))}
    overview = facade.overview
    told = (ShopNotice(1, f"Bad review {HOSTILE}", urgent=False),)
    monkeypatch.setattr(facade, "overview", lambda: replace(overview(), reviews=told))
    opened = console(facade)
    assert any("Bad review <b>Robert</b>" in text for text in notices(opened))
    place = next(number for number, text in enumerate(notices(opened)) if "Bad review" in text)
    button = opened.window.findChild(QWidget, f"notice-{place}-button")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()
    link = opened.window.findChild(QWidget, "review-1-r1-order")
    assert link is not None
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    settle()
    detail = opened.window.queue.detail
    assert detail.isVisible()
    assert detail.shown is not None
    assert detail.shown.card.id == 41


def test_the_keyboard_opens_it(console: Callable[[FakeFacade], Console]) -> None:
    opened = console(FakeFacade([card(1)]))
    opened.window.activateWindow()
    settle()
    QTest.keyClick(opened.window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert opened.window.findChild(ReviewsPage) is not None


def test_reviews_that_come_and_go_leave_nothing(open_window: Opener) -> None:
    desk = page(open_window)
    gc.collect()
    before = len(desk.window.findChildren(QWidget))
    for _ in range(3):
        desk.shop.heard[1] = [review(number) for number in range(5)]
        desk.shop.tell("reviews", 1)
        desk.settle()
        desk.shop.heard[1] = []
        desk.shop.tell("reviews", 1)
        desk.settle()
    assert len(desk.window.findChildren(QWidget)) == before
