"""Open, busy and paused on every platform: each answers for itself, and what none can do is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from app import steady
from app.domain.shop import ShopState, ShopStatus
from app.engine.views import Ability, Storefront
from app.platforms import registry
from app.platforms.abilities import abilities_of
from app.platforms.api import Arrival, Settings
from app.platforms.http import new_client
from app.ui.pages.shop import ShopPage
from app.ui.shops import _GENERAL, shop_sign, standing, where_instead
from tests.ui.fake_cards import ahead
from tests.ui.fake_ledger import NOON
from tests.ui.fake_shops import PAUSED, STATES, ShopWish, front
from tests.ui.fakes import ELEME, HOSTILE, HUBRISE
from tests.ui.settings_desk import Desk, Opener, Shop
from tests.ui.shop_desk import Street, answer, page


def last(desk: Desk) -> ShopWish:
    return desk.shop.shop_wishes[-1]


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


def test_all_at_once_says_whom_it_reaches_before_the_press_and_leaves_no_hole(open_window: Opener) -> None:
    shop, plain_ones = Shop(), STATES - {ShopState.BUSY}
    only_shut = replace(front(3, "koubei", title="Koubei"), abilities=frozenset())
    shop.fronts = [front(1, states=plain_ones), front(2, "hubrise", states=plain_ones), only_shut]
    desk = open_window(ShopPage, shop)
    desk.settle()
    assert desk.words("shop-all-reach") == "A press reaches Ele.me, HubRise\nNot reached, see below: Koubei"
    places = [desk.part(f"shop-all-{name}").geometry() for name in ("open", "pause-15", "pause-30", "pause-60", "pause")]
    assert not desk.part("shop-all-busy").isVisible()
    assert [one.top() == places[0].top() for one in places] == [True, True, True, False, False]
    assert (places[3].left(), places[1].left() - places[0].right()) == (places[0].left(), 9)

    shop.fronts = [front(1, states=plain_ones), front(2, "hubrise"), only_shut]
    desk.bridge.shops_changed.emit(frozenset())
    desk.settle()
    assert "Busy reaches HubRise only" in desk.words("shop-all-reach")
    assert desk.part("shop-all-busy").isVisible()
    assert desk.part("shop-all-busy").geometry().left() == places[1].left()


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
    before = steady.now()
    desk.press(f"shop-1-{button}")
    wish = last(desk)
    assert (wish.accounts, wish.state) == ((1,), state)
    if minutes is None:
        assert wish.until is None
    else:
        assert wish.until is not None
        assert before <= wish.until - timedelta(minutes=minutes) <= steady.now()
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
    desk = page(open_window, front(1, checked_at=steady.now() - timedelta(minutes=3, seconds=1)))
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
    old = front(1, checked_at=steady.now() - timedelta(minutes=5))
    assert len(page(open_window, old).shop.shop_looks) == 1


def test_a_shop_without_an_account_is_taught_what_the_page_is_for(open_window: Opener) -> None:
    desk = page(open_window)
    assert desk.words("shop-empty").startswith("No account yet.")
    assert not desk.part("shop-look").isVisible()
    desk.press("shop-part-dishes")
    assert desk.words("dishes-lesson").startswith("No account yet.")
