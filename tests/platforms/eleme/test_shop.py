"""Ele.me's shop and menu from the counter: open and resting, dishes that run out, are refilled at night, and come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import steady
from app.domain.shop import ShopState, ShopStatus
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.eleme.menu import next_refill
from app.platforms.eleme.payloads import CHINA, shape
from app.platforms.eleme.shop import Shop, status_of
from app.platforms.eleme.simulated_menu import FULL, Spec
from app.platforms.eleme.simulator import ElemeSimulator
from tests.platforms.eleme.conftest import Connect

PORK, TOFU = 1364170000, 1364170003
CLEAR, FILL, TIMED, SHELVE = (
    f"eleme.product.item.{name}" for name in ("batchClearStock", "batchFillStock", "clearAndTimingMaxStock", "batchOnShelf")
)
FREE, CLOSED, HOLIDAY = "busyLevelFree", "busyLevelClosed", "busyLevelHoliday"


def done(eleme: ElemeSimulator) -> list[str]:
    """What was carried out, by name."""
    return [record.detail["action"] for record in eleme.records if record.what == "commanded"]


def sizes(eleme: ElemeSimulator, dish: int = PORK) -> list[Spec]:
    """A dish's sizes."""
    return list(eleme.menu.dishes[dish].values())


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"isOpen": 1, "busyLevel": FREE}, ShopStatus(ShopState.OPEN)),
        ({"isOpen": "1"}, ShopStatus(ShopState.OPEN)),
        ({"isOpen": True, "busyLevel": "others"}, ShopStatus(ShopState.OPEN)),
        ({"isOpen": 0, "busyLevel": FREE}, ShopStatus(ShopState.PAUSED)),
        ({"isOpen": 0, "busyLevel": CLOSED}, ShopStatus(ShopState.PAUSED, text="休息中")),
        ({"isOpen": 1, "busyLevel": CLOSED}, ShopStatus(ShopState.CLOSED, text="休息中")),
        ({"isOpen": 0, "busyLevel": HOLIDAY, "closeDescription": "春节"}, ShopStatus(ShopState.CLOSED, text="休假中 春节")),
        ({"isOpen": 0, "busyLevel": "busyLevelNetworkUnstable"}, ShopStatus(ShopState.CLOSED, text="网络不稳定")),
    ],
)
def test_how_the_shop_stands(fields: dict[str, object], status: ShopStatus) -> None:
    assert status_of(shape(Shop, fields)) == status


def test_a_shop_that_does_not_say_is_no_shop() -> None:
    with pytest.raises(ProtocolError, match="isOpen"):
        shape(Shop, {"busyLevel": FREE})


async def test_opening_within_a_holiday_says_that_the_shop_stays_shut(eleme: ElemeSimulator, connect: Connect) -> None:
    eleme.front.level = HOLIDAY
    assert (await connect().set_shop(ShopState.OPEN, None)).state is ShopState.CLOSED


async def test_nobody_can_be_busy_and_nobody_speaks_for_another_shop(eleme: ElemeSimulator, connect: Connect) -> None:
    with pytest.raises(RejectedError, match="no such state"):
        await connect().set_shop(ShopState.BUSY, None)
    stranger = connect(shop_id="1")
    for ask in (stranger.shop(), stranger.set_shop(ShopState.PAUSED, None), stranger.items()):
        with pytest.raises(RejectedError, match="未授权"):
            await ask
    assert eleme.front.is_open == 1


async def test_the_menu_has_its_categories_and_nothing_that_was_deleted(connect: Connect) -> None:
    items = {item.name: item for item in await connect().items()}
    assert len(items) == 9
    assert (items["酸梅汤"].category, items["米饭"].category, items["鱼香肉丝"].item_id) == ("酒水", "主食小吃", str(PORK))


async def test_a_dish_runs_out_in_every_size_and_comes_back_in_all(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    await connector.set_available([str(PORK), str(TOFU)], False, None)
    assert [spec.stock for spec in sizes(eleme) + sizes(eleme, TOFU)] == [0, 0, 0]
    await connector.set_available([str(PORK)], True, None)
    assert [spec.stock for spec in sizes(eleme) + sizes(eleme, TOFU)] == [FULL, FULL, 0]
    assert done(eleme) == [CLEAR, FILL]


async def test_one_size_left_is_a_dish_on_sale(eleme: ElemeSimulator, connect: Connect) -> None:
    sizes(eleme)[0].clear()
    assert next(item for item in await connect().items() if item.item_id == str(PORK)).available


async def test_a_dish_off_the_shelf_comes_back_to_it_but_no_size_the_shop_took_away(
    eleme: ElemeSimulator, connect: Connect
) -> None:
    small, large = sizes(eleme)
    small.shelve(0)
    await connect().set_available([str(PORK)], True, None)
    assert (small.on_shelf, large.on_shelf) == (0, 1)
    large.shelve(0)
    assert not next(item for item in await connect().items() if item.item_id == str(PORK)).available
    await connect().set_available([str(PORK)], True, None)
    assert (small.on_shelf, large.on_shelf) == (1, 1)
    assert done(eleme) == [FILL, SHELVE, FILL]


async def test_a_dish_back_before_the_refill_is_cleared_until_it(eleme: ElemeSimulator, connect: Connect) -> None:
    connector, now = connect(), steady.now()
    eleme.menu.chosen = True
    await connector.set_available([str(PORK)], False, min(now + timedelta(hours=1), next_refill(now)))
    assert done(eleme) == [TIMED]
    assert all(spec.refill_at > now.timestamp() for spec in sizes(eleme))
    assert not next(item for item in await connector.items() if item.item_id == str(PORK)).available
    for spec in sizes(eleme):
        spec.refill_at = now.timestamp()  # the night came
    assert next(item for item in await connector.items() if item.item_id == str(PORK)).available


async def test_what_few_merchants_may_do_everybody_else_does_without(eleme: ElemeSimulator, connect: Connect) -> None:
    now = steady.now()
    await connect().set_available([str(PORK)], False, next_refill(now))
    assert done(eleme) == [CLEAR]
    assert [spec.refill_at for spec in sizes(eleme)] == [0.0, 0.0]


async def test_a_dish_wanted_away_beyond_the_refill_is_not_refilled(eleme: ElemeSimulator, connect: Connect) -> None:
    eleme.menu.chosen = True
    await connect().set_available([str(PORK)], False, next_refill(steady.now()) + timedelta(hours=30))
    assert done(eleme) == [CLEAR]


async def test_unknown_dishes_are_named_and_nothing_is_changed(eleme: ElemeSimulator, connect: Connect) -> None:
    with pytest.raises(RejectedError, match=r"77, rice$"):
        await connect().set_available([str(PORK), "77", "rice"], False, None)
    assert done(eleme) == []


async def test_a_chains_sign_in_sees_more_dishes_than_this_shops(
    eleme: ElemeSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = eleme.menu._item
    monkeypatch.setattr(
        eleme.menu, "_item", lambda item_id: shown(item_id) | {"shopId": 1 if item_id == TOFU else 150894532}
    )
    with pytest.raises(RejectedError, match=rf": {TOFU}$"):
        await connect().set_available([str(PORK), str(TOFU)], False, None)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive
def test_the_refill_is_the_next_two_o_clock_of_china(now: datetime) -> None:
    refill = next_refill(now)
    assert timedelta(0) < refill - now <= timedelta(days=1)
    assert (refill.astimezone(CHINA).hour, refill.astimezone(CHINA).minute) == (2, 0)
