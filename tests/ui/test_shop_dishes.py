"""Dishes sold out by one press on every platform; found, undone, and back at their time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app import steady
from app.domain.shop import MenuItem
from app.engine.views import Storefront
from app.ui.shops import merged
from app.ui.widgets.shop_dishes import MOST, ShopDishes
from app.ui.widgets.shop_states import ShopStates
from tests.ui.fake_cards import ahead
from tests.ui.fake_ledger import NOON
from tests.ui.fake_shops import front
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import Desk, Opener
from tests.ui.shop_desk import answer, page


def dish(item_id: str, name: str, available: bool = True, until: datetime | None = None, category: str = "") -> MenuItem:
    return MenuItem(item_id, name, available, until, category)


DUCK = {1: [dish("a", "Duck"), dish("b", "Tea")], 2: [dish("x", "duck", category="Mains")]}


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


def test_the_same_name_is_one_line_whatever_its_case_and_a_menu_may_list_it_twice() -> None:
    menus = {1: [dish("a", "Duck"), dish("b", "duck", False), dish("c", "Ale")], 2: [dish("x", "DUCK ")]}
    found = merged(menus)
    assert [one.name for one in found] == ["Ale", "Duck"]
    assert found[1].ids(True) == {1: ["b"]}
    assert found[1].ids(False) == {1: ["a"], 2: ["x"]}


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
    before = steady.now()
    desk.press("dish-1-out")
    until = desk.shop.dish_wishes[0].until
    if hours == 0:
        assert until is None
    elif hours:
        assert until is not None
        assert before <= until - timedelta(hours=hours) <= steady.now()
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
