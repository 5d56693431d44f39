"""The Shop page: opened and paused on every platform, dishes sold out on all of them; each platform answers for itself."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.engine.views import Ability, ShopNotice, Storefront
from app.platforms import registry
from app.platforms.abilities import abilities_of
from app.platforms.api import Arrival, Platform, Settings
from app.platforms.http import new_client
from app.ui.names import of_order
from app.ui.pages.shop import ShopPage
from app.ui.pictures import settle
from app.ui.shops import _GENERAL, merged, shop_sign, standing, where_instead
from app.ui.widgets.button import HEIGHT, Button
from app.ui.widgets.shop_dishes import MOST, ShopDishes
from app.ui.widgets.shop_states import ShopStates
from app.ui.words import headed
from tests.ui.conftest import Console
from tests.ui.fake_cards import ahead, card
from tests.ui.fake_ledger import NOON
from tests.ui.fake_shops import DishWish, ShopWish
from tests.ui.fakes import ELEME, HOSTILE, HUBRISE, FakeFacade
from tests.ui.settings_desk import Desk, Opener, Shop, opening
from tests.ui.test_window import Opened, notices

BOTH = frozenset({Ability.OPENS_SHOP, Ability.SELLS_ITEMS})
STATES = frozenset({ShopState.OPEN, ShopState.BUSY, ShopState.PAUSED})
OPEN = ShopStatus(ShopState.OPEN)
PAUSED = ShopStatus(ShopState.PAUSED)


def front(number: int, platform: str = "eleme", **changes: Any) -> Storefront:
    usual: dict[str, Any] = {
        "title": "Ele.me" if platform == "eleme" else "HubRise",
        "name": f"shop {number}",
        "abilities": BOTH,
        "states": STATES,
        "status": OPEN,
        "checked_at": datetime.now(UTC),
        "mark": "饿",
    }
    return Storefront(number, platform, **(usual | changes))


class Street(Shop):
    """Two platforms, the first of which says what cannot be done from here."""

    def platforms(self) -> list[Platform]:
        return [replace(ELEME, cannot=("Refunds: by phone", "Opening hours from here: use Ele.me's own program")), HUBRISE]


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Opener]:
    with opening(qtbot) as opener:
        yield opener


def page(open_window: Opener, *fronts: Storefront) -> Desk:
    shop = Street()
    shop.fronts = list(fronts)
    desk = open_window(ShopPage, shop)
    desk.settle()
    return desk


def last(desk: Desk) -> ShopWish:
    return desk.shop.shop_wishes[-1]


def answer(desk: Desk, wish: ShopWish | DishWish, refusals: dict[int, str] | Exception) -> None:
    if isinstance(refusals, Exception):
        wish.answer.set_exception(refusals)
    else:
        wish.answer.set_result(refusals)
    desk.settle()


# how a shop stands


@pytest.mark.parametrize(
    ("changes", "text", "tone"),
    [
        ({}, "Open for orders", "ready"),
        ({"status": replace(PAUSED, until=ahead(15))}, "PAUSED until 12:30: no orders", "soon"),
        ({"status": PAUSED}, "PAUSED until you open it: no orders", "late"),
        ({"status": ShopStatus(ShopState.BUSY, ahead(15))}, "Busy until 12:30: customers wait longer", "soon"),
        ({"status": ShopStatus(ShopState.BUSY)}, "Busy: customers wait longer", "soon"),
        ({"status": ShopStatus(ShopState.CLOSED)}, "Closed: outside its hours, or by the platform", "muted"),
        ({"status": ShopStatus(ShopState.CLOSED, ahead(60))}, "Closed until 13:15", "muted"),
        ({"status": None}, "Not known yet", "muted"),
        ({"enabled": False, "status": PAUSED}, "Switched off here: no orders are taken", "muted"),
    ],
)
def test_a_state_is_said_with_its_end(changes: dict[str, Any], text: str, tone: str) -> None:
    how = standing(front(1, **changes), NOON)
    assert (how.text, how.tone) == (text, tone)


@pytest.mark.parametrize(
    ("fronts", "text", "tone"),
    [
        ([front(1)], None, None),
        ([front(1, status=ShopStatus(ShopState.CLOSED))], None, None),
        ([front(1, status=PAUSED, enabled=False)], None, None),
        ([front(1, status=PAUSED)], "PAUSED: Ele.me", "late"),
        ([front(1, status=replace(PAUSED, until=ahead(15)))], "PAUSED: Ele.me until 12:30", "soon"),
        ([front(1, status=PAUSED), front(2, status=replace(PAUSED, until=ahead(15)))], "PAUSED: 2 platforms", "late"),
        ([front(1, status=ShopStatus(ShopState.BUSY)), front(2)], "Busy: Ele.me", "soon"),
        ([front(1, status=ShopStatus(ShopState.BUSY)), front(2, status=PAUSED)], "PAUSED: Ele.me", "late"),
    ],
)
def test_the_top_bar_tells_of_what_is_not_simply_open(fronts: list[Storefront], text: str | None, tone: str | None) -> None:
    sign = shop_sign(fronts, NOON)
    assert (sign and sign.text, sign and sign.tone) == (text, tone)


async def _forget(_: object) -> None:
    return


@pytest.mark.parametrize("ability", [Ability.OPENS_SHOP, Ability.SELLS_ITEMS])
async def test_every_installed_platform_says_itself_where_it_is_done_instead(ability: Ability) -> None:
    async with new_client() as client:
        silent = []
        for platform in registry.platforms().values():
            values = {field.name: field.default for field in platform.fields}
            connector = platform.connect(Settings(0, values, _forget), client)
            lacks = platform.arrival is not Arrival.NONE and ability not in abilities_of(connector)
            if lacks and where_instead(platform, ability) == _GENERAL[ability]:
                silent.append(platform.name)
            await connector.aclose()
    assert silent == []
    assert where_instead(None, ability) == _GENERAL[ability]


# open and pause


@pytest.mark.parametrize(
    ("button", "state", "minutes"),
    [
        ("open", ShopState.OPEN, None),
        ("busy", ShopState.BUSY, 30),
        ("pause-15", ShopState.PAUSED, 15),
        ("pause-30", ShopState.PAUSED, 30),
        ("pause-60", ShopState.PAUSED, 60),
        ("pause", ShopState.PAUSED, None),
    ],
)
def test_a_button_asks_one_platform(open_window: Opener, button: str, state: ShopState, minutes: int | None) -> None:
    desk = page(open_window, front(1), front(2, "hubrise"))
    before = datetime.now(UTC)
    desk.press(f"shop-1-{button}")
    wish = last(desk)
    assert (wish.accounts, wish.state) == ((1,), state)
    if minutes is None:
        assert wish.until is None
    else:
        assert wish.until is not None
        assert before <= wish.until - timedelta(minutes=minutes) <= datetime.now(UTC)
    assert desk.words("shop-1-answer") == "Asking Ele.me…"
    assert not desk.part("shop-1-open").isEnabled()
    assert desk.part("shop-2-open").isEnabled(), "nobody else waits"
    answer(desk, wish, {})
    assert desk.words("shop-1-answer").startswith("Ele.me took it at ")
    assert desk.words("shop-1-answer").endswith(f": {desk.part(f'shop-1-{button}').words}")
    assert desk.part("shop-1-open").isEnabled()


@pytest.mark.parametrize("refusal", [{1: f"不能暂停 {HOSTILE}"}, RuntimeError(f"不能暂停 {HOSTILE}")])
def test_a_refusal_is_shown_in_the_platforms_words_as_plain_text(open_window: Opener, refusal: Any) -> None:
    desk = page(open_window, front(1))
    desk.press("shop-1-pause")
    answer(desk, last(desk), refusal)
    said = desk.words("shop-1-answer")
    assert said.startswith("Ele.me says: ")
    assert "不能暂停 <b>Robert</b>" in said
    assert "\u202e" not in said
    assert desk.part("shop-1-pause").isEnabled()


def test_what_is_known_follows_the_engine_with_its_age_and_the_platforms_words(open_window: Opener) -> None:
    desk = page(open_window, front(1, checked_at=datetime.now(UTC) - timedelta(minutes=3, seconds=1)))
    assert desk.words("shop-1-state") == "Open for orders"
    assert desk.words("shop-1-seen") == "seen 3 min ago"
    status = ShopStatus(ShopState.PAUSED, None, f"closed by staff {HOSTILE}")
    desk.shop.fronts = [front(1, status=status, error="no answer"), front(3)]
    desk.shop.tell("shops", 1)
    desk.settle()
    assert desk.words("shop-1-state") == "PAUSED until you open it: no orders"
    assert desk.words("shop-1-seen").startswith("seen just now · closed by staff <b>Robert</b>")
    assert desk.words("shop-1-error") == "The last look did not work: no answer"
    assert desk.words("shop-3-title") == "Ele.me · shop 3"
    desk.shop.fronts = [front(3)]
    desk.shop.tell("shops", 1)
    desk.settle()
    assert desk.window.findChild(QWidget, "shop-1") is None


def test_only_what_a_platform_can_do_is_offered_and_else_where_to_do_it(open_window: Opener) -> None:
    simple = front(1, states=frozenset({ShopState.OPEN, ShopState.PAUSED}))
    desk = page(open_window, simple, front(2, abilities=frozenset(), status=None), front(3, enabled=False))
    assert not desk.part("shop-1-busy").isVisible()
    assert desk.part("shop-1-pause").isVisible()
    assert not desk.part("shop-2-open").isVisible()
    assert desk.words("shop-2-elsewhere") == "Opening hours from here: use Ele.me's own program"
    assert desk.words("shop-3-elsewhere").startswith("Switch it on under Settings")
    assert not desk.part("shop-all").isVisible(), "all of one is that one"


def test_all_at_once_tells_the_result_of_each(open_window: Opener) -> None:
    able, other, cannot = front(1), front(2, "hubrise"), front(3, "elsewhere", title="Third", abilities=frozenset())
    slow = front(4, "slow", title="Slow", states=frozenset({ShopState.OPEN}))
    desk = page(open_window, able, other, cannot, slow)
    desk.press("shop-all-pause-30")
    assert [wish.accounts for wish in desk.shop.shop_wishes] == [(1,), (2,)], "each for itself: the slow delay nobody"
    assert desk.words("shop-all-answer") == "Still asking: Ele.me, HubRise\nNOT changed, see below: Third, Slow"
    answer(desk, desk.shop.shop_wishes[1], {})
    assert desk.words("shop-all-answer").startswith("Done: HubRise\nStill asking: Ele.me\n")
    answer(desk, desk.shop.shop_wishes[0], {1: HOSTILE})
    assert desk.words("shop-all-answer") == "Done: HubRise\nNOT changed, see below: Third, Slow"
    assert desk.words("shop-all-refusals").startswith("Ele.me says: <b>Robert</b>")


def test_a_voice_for_the_staff_is_no_shop(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Street, "platforms", lambda _: [replace(ELEME, arrival=Arrival.NONE), HUBRISE])
    desk = page(open_window, front(1), front(2, "hubrise"))
    assert desk.window.findChild(QWidget, "shop-1") is None
    assert desk.words("shop-2-state") == "Open for orders"


def test_old_knowledge_is_asked_for_when_the_page_opens_and_by_its_button(open_window: Opener) -> None:
    desk = page(open_window, front(1))
    assert desk.shop.shop_looks == [], "it is a few seconds old"
    desk.press("shop-look")
    assert not desk.part("shop-look").isEnabled()
    desk.shop.shop_looks[0].set_result(None)
    desk.settle()
    assert desk.part("shop-look").isEnabled()
    old = front(1, checked_at=datetime.now(UTC) - timedelta(minutes=5))
    assert len(page(open_window, old).shop.shop_looks) == 1


def test_a_shop_without_an_account_is_taught_what_the_page_is_for(open_window: Opener) -> None:
    desk = page(open_window)
    assert desk.words("shop-empty").startswith("No account yet.")
    assert not desk.part("shop-look").isVisible()
    desk.press("shop-part-dishes")
    assert desk.words("dishes-lesson").startswith("No account yet.")


# dishes


def dish(item_id: str, name: str, available: bool = True, until: datetime | None = None, category: str = "") -> MenuItem:
    return MenuItem(item_id, name, available, until, category)


def test_the_same_name_is_one_line_whatever_its_case_and_a_menu_may_list_it_twice() -> None:
    menus = {1: [dish("a", "Duck"), dish("b", "duck", False), dish("c", "Ale")], 2: [dish("x", "DUCK ")]}
    found = merged(menus)
    assert [one.name for one in found] == ["Ale", "Duck"]
    assert found[1].ids(True) == {1: ["b"]}
    assert found[1].ids(False) == {1: ["a"], 2: ["x"]}


def kitchen(open_window: Opener, menus: dict[int, list[MenuItem]], *fronts: Storefront) -> Desk:
    """The dishes part, once these menus have come."""
    desk = page(open_window, *fronts or (front(1), front(2, "hubrise", mark="H")))
    desk.press("shop-part-dishes")
    serve(desk, menus)
    return desk


def serve(desk: Desk, menus: dict[int, list[MenuItem]]) -> None:
    for account_id, asked in desk.shop.menu_asks:
        if account_id in menus and not asked.done():
            asked.set_result(menus[account_id])
    desk.settle()


def sign(desk: Desk, name: str) -> str:
    return str(desk.part(name).sign.text)


DUCK = {1: [dish("a", "Duck"), dish("b", "Tea")], 2: [dish("x", "duck", category="Mains")]}


def test_a_dish_is_sold_out_everywhere_by_one_press_and_each_platform_answers(open_window: Opener) -> None:
    desk = kitchen(open_window, DUCK)
    assert desk.words("dish-0-name") == "Duck"
    desk.press("dish-0-out")
    wishes = desk.shop.dish_wishes
    assert [(wish.items, wish.available) for wish in wishes] == [({1: ("a",)}, False), ({2: ("x",)}, False)]
    assert not desk.part("dish-0-out").isEnabled()
    assert desk.part("dish-1-out").isEnabled()
    answer(desk, wishes[0], {})
    assert sign(desk, "dish-0-at-1") == "looking…", "the menu read before is no longer true"
    answer(desk, wishes[1], {2: f"locked {HOSTILE}"})
    assert desk.words("dish-0-answer") == "Sold out: Ele.me"
    assert desk.words("dish-0-refusals").startswith("HubRise says: locked <b>Robert</b>")
    desk.bot.waitUntil(lambda: len(desk.shop.menu_asks) == 4)
    serve(desk, {1: [dish("a", "Duck", False, NOON), dish("b", "Tea")], 2: DUCK[2]})
    assert sign(desk, "dish-0-at-1").startswith("sold out until ")
    assert sign(desk, "dish-0-at-2") == "on sale"
    assert desk.words("dish-0-name") == "Duck", "it stays where the finger is"


def test_undo_puts_back_only_what_was_taken(open_window: Opener) -> None:
    desk = kitchen(open_window, DUCK)
    desk.press("dish-0-out")
    first, second = desk.shop.dish_wishes
    assert not desk.part("dish-0-undo").isVisible()
    answer(desk, first, {})
    answer(desk, second, {2: "no"})
    desk.press("dish-0-undo")
    wish = desk.shop.dish_wishes[-1]
    assert (wish.items, wish.available, wish.until) == ({1: ("a",)}, True, None)
    answer(desk, wish, {})
    assert desk.words("dish-0-answer") == "On sale again: Ele.me"


def test_undoing_a_way_back_keeps_the_end_it_had(open_window: Opener) -> None:
    desk = kitchen(open_window, {1: [dish("a", "Duck", False, ahead(90))]}, front(1))
    desk.press("dish-0-back")
    assert not desk.part("dish-0-out").isVisible()
    wish = desk.shop.dish_wishes[0]
    assert (wish.items, wish.available) == ({1: ("a",)}, True)
    answer(desk, wish, {})
    desk.press("dish-0-undo")
    assert (desk.shop.dish_wishes[1].available, desk.shop.dish_wishes[1].until) == (False, ahead(90))


@pytest.mark.parametrize(("word", "hours"), [("day", None), ("hour", 1), ("never", 0)])
def test_a_dish_stays_sold_out_until_the_chosen_end(open_window: Opener, word: str, hours: int | None) -> None:
    desk = kitchen(open_window, DUCK)
    desk.press(f"dishes-end-{word}")
    before = datetime.now(UTC)
    desk.press("dish-1-out")
    until = desk.shop.dish_wishes[0].until
    if hours == 0:
        assert until is None
    elif hours:
        assert until is not None
        assert before <= until - timedelta(hours=hours) <= datetime.now(UTC)
    else:
        assert until is not None
        assert until.astimezone().strftime("%H:%M") == "04:00"
        assert timedelta(0) < until - before <= timedelta(hours=24)


def test_dishes_are_found_by_typing_and_by_what_is_sold_out(open_window: Opener) -> None:
    menu = [dish(str(number), f"Dish {number:02}", number % 10 != 0) for number in range(MOST + 7)]
    desk = kitchen(open_window, {1: menu}, front(1))
    assert desk.words("dishes-lesson") == "7 more: type a part of the name."
    desk.type("dishes-search", "dish 3")
    shown = [desk.words(f"dish-{n}-name") for n in range(MOST) if desk.part(f"dish-{n}").isVisible()]
    assert shown == [f"Dish 3{digit}" for digit in range(10)]
    desk.type("dishes-search", "")
    desk.press("dishes-only")
    shown = [desk.words(f"dish-{n}-name") for n in range(MOST) if desk.part(f"dish-{n}").isVisible()]
    assert shown == ["Dish 00", "Dish 10", "Dish 20", "Dish 30", "Dish 40"]
    desk.type("dishes-search", "lobster")
    assert desk.words("dishes-lesson") == "No dish matches."


def test_a_slow_and_a_failing_platform_delay_nobody_and_say_so(open_window: Opener) -> None:
    desk = kitchen(open_window, {})
    assert desk.words("dishes-lesson") == "Reading the menu of Ele.me, HubRise…"
    serve(desk, {1: DUCK[1]})
    assert desk.words("dish-0-name") == "Duck"
    assert desk.words("dishes-lesson") == "Reading the menu of HubRise…"
    desk.shop.menu_asks[1][1].set_exception(RuntimeError(HOSTILE))
    desk.settle()
    assert "The menu of HubRise could not be read: " in desk.words("dishes-lesson")
    desk.press("dishes-again")
    assert len(desk.shop.menu_asks) == 4


def test_platforms_whose_dishes_cannot_be_touched_say_so(open_window: Opener) -> None:
    desk = kitchen(open_window, {}, front(1, abilities=frozenset()))
    assert desk.words("dishes-lesson").startswith("None of the platforms connected here")
    assert desk.words("dishes-elsewhere") == (
        "Ele.me: Dishes cannot be taken off sale from here: do it in the platform's own program."
    )
    assert not desk.part("dishes-search").isVisible()
    empty = kitchen(open_window, {1: []}, front(1))
    assert empty.words("dishes-lesson").startswith("The menus are empty")


def test_an_answer_after_the_page_is_gone_is_dropped(open_window: Opener) -> None:
    desk = kitchen(open_window, DUCK)
    desk.press("dish-0-out")
    parts = [*desk.window.findChildren(ShopStates), *desk.window.findChildren(ShopDishes)]
    assert len(parts) == 2
    for part in parts:  # as a rebuilt window lets go of its pages
        part.setParent(None)
        part.deleteLater()
    desk.settle()
    desk.shop.dish_wishes[0].answer.set_result({})
    desk.settle()


# in the window


def find(shown: Console, kind: type[QWidget], name: str = "") -> Any:
    found = shown.window.findChild(kind, name) if name else shown.window.findChild(kind)
    assert found is not None, name or kind
    return found


def in_window(console: Opened, *fronts: Storefront) -> Console:
    facade = FakeFacade([card(1)])
    facade.fronts = list(fronts)
    return console(facade)


def test_a_paused_shop_stands_in_the_top_bar_until_it_is_open_again(console: Opened) -> None:
    shown = in_window(console, front(1, status=PAUSED))
    chip = find(shown, Button, "shops-paused")
    assert chip.isVisible()
    assert chip.words == "PAUSED: Ele.me"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert find(shown, ShopPage).isVisible()
    shown.facade.fronts = [front(1)]
    shown.facade.tell("shops", 1)
    settle()
    assert not chip.isVisible()


def test_a_shop_left_closed_leads_to_the_page(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = in_window(console, front(1))
    real = shown.facade.overview
    monkeypatch.setattr(
        shown.facade, "overview", lambda: replace(real(), shops=(ShopNotice(1, "Ele.me is paused since 09:00."),))
    )
    shown.facade.tell("shops", 1)
    settle()
    assert notices(shown) == ["Ele.me is paused since 09:00."]
    QTest.mouseClick(find(shown, QWidget, "notice-0-button"), Qt.MouseButton.LeftButton)
    assert find(shown, ShopPage).isVisible()


def test_every_page_has_its_number_on_the_keyboard(console: Opened) -> None:
    shown = in_window(console, front(1))
    shown.window.activateWindow()
    settle()
    for number, name in enumerate(("queue", "ledger", "shop", "reviews", "reports", "settings"), 1):
        QTest.keyClick(shown.window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
        settle()
        assert find(shown, QWidget, f"rail-{name}").isChecked(), name


def test_the_page_is_worked_by_keyboard_and_has_room_for_fingers(console: Opened) -> None:
    shown = in_window(console, front(1), front(2, "hubrise"))
    shown.window.show_page("shop")
    settle()
    buttons = [one for one in find(shown, ShopPage).findChildren(Button) if one.isVisible()]
    assert min(button.height() for button in buttons) >= HEIGHT
    assert all(button.accessibleName() for button in buttons)
    pause = find(shown, Button, "shop-1-pause")
    pause.setFocus()
    assert pause.hasFocus()
    QTest.keyClick(pause, Qt.Key.Key_Space)
    assert shown.facade.shop_wishes[0].state is ShopState.PAUSED
    assert pause.accessibleName() == headed("Ele.me", "Pause until I open")


def test_rebuilding_the_open_page_leaves_no_widget_and_no_timer_behind(console: Opened) -> None:
    shown = in_window(console, front(1), front(2, "hubrise"))
    shown.window.show_page("shop")

    def count() -> tuple[int, int]:
        settle()
        gc.collect()
        return len(QApplication.allWidgets()), len(shown.window.findChildren(QTimer))

    shown.window.rebuild()
    before = count()
    for _ in range(3):
        find(shown, Button, "shop-part-dishes").click()
        for _account, asked in shown.facade.menu_asks:
            if not asked.done():
                asked.set_result([dish("a", "Duck")])
        settle()
        shown.window.rebuild()
    assert count() == before


def test_while_a_platform_is_slow_the_queue_goes_on(console: Opened) -> None:
    shown = in_window(console, front(1))
    shown.window.show_page("shop")
    settle()
    QTest.mouseClick(find(shown, Button, "shop-1-pause"), Qt.MouseButton.LeftButton)
    slow: Future[dict[int, str]] = shown.facade.shop_wishes[0].answer
    shown.window.show_page("queue")
    settle()
    find(shown, Button, of_order("primary", 1)).click()
    settle()
    assert "request" in [one.what for one in shown.facade.asked]
    assert not slow.done()


def test_the_words_of_a_paused_shop_cover_nothing_in_a_narrow_window(console: Opened) -> None:
    facade = FakeFacade([card(1, rung=True)])
    facade.fronts = [front(n, status=PAUSED) for n in (1, 2)]
    shown = console(facade)
    for width in (1366, 1000, 860):
        shown.window.resize(width, 600)
        settle()
        chip = find(shown, Button, "shops-paused")
        clock, bell = find(shown, QWidget, "clock"), find(shown, QWidget, "hear-all")
        assert not (bell.isVisible() and bell.geometry().intersects(clock.geometry())), width
        others = [one for one in shown.window.bar.findChildren(QWidget) if one.parent() is chip.parent() and one.isVisible()]
        overlapping = [one.objectName() for one in others if one is not chip and one.geometry().intersects(chip.geometry())]
        assert overlapping == [], width
