"""Off line with an end, dishes off sale with an end; remembered, since Just Eat does not tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from app import steady
from app.domain.shop import ShopState
from app.platforms.api import AuthError, RejectedError
from app.platforms.conformance import until
from app.platforms.just_eat.known import MOST_DISHES, Known
from app.platforms.just_eat.shop import next_morning

from .conftest import Line

SUMMER = datetime(2026, 7, 1, 18, 30, tzinfo=UTC)


async def test_a_pause_is_told_in_local_time(line: Line) -> None:
    connector = line.connect(clock=lambda: SUMMER.timestamp())
    end = SUMMER + timedelta(minutes=30)
    status = await connector.set_shop(ShopState.PAUSED, end)
    assert (status.state, status.until, line.simulator.wire.offline) == (ShopState.PAUSED, end, True)
    assert line.simulator.wire.online_at == "2026-07-01T20:00:00"  # an hour ahead of UTC in London's summer
    assert "does not tell" in status.text


async def test_a_pause_ends_by_itself_or_never(line: Line) -> None:
    now = [SUMMER.timestamp()]
    connector = line.connect(clock=lambda: now[0])
    await connector.set_shop(ShopState.PAUSED, SUMMER + timedelta(minutes=30))
    now[0] += 1801
    assert (await connector.shop()).state is ShopState.OPEN
    status = await connector.set_shop(ShopState.PAUSED, None)
    assert (status.state, status.until, line.simulator.wire.online_at) == (ShopState.PAUSED, None, "")
    now[0] += 10**7
    assert (await connector.shop()).state is ShopState.PAUSED


async def test_in_some_markets_the_next_morning_ends_every_pause(line: Line) -> None:
    connector = line.connect(clock=lambda: SUMMER.timestamp(), country=" de ")
    status = await connector.set_shop(ShopState.PAUSED, SUMMER + timedelta(minutes=30))
    assert status.until == datetime(2026, 7, 2, 5, tzinfo=UTC)
    assert line.simulator.wire.online_at == ""
    assert next_morning(datetime(2026, 12, 31, 23, 30, tzinfo=UTC).timestamp()) == datetime(2027, 1, 2, 6, tzinfo=UTC)


async def test_what_was_set_outlives_the_program(line: Line) -> None:
    connector = line.connect()
    await connector.set_shop(ShopState.PAUSED, None)
    await connector.set_available(["FRY-1"], False, None)
    again = line.connect()
    assert (await again.shop()).state is ShopState.PAUSED
    assert [(item.item_id, item.available) for item in await again.items()] == [("FRY-1", False)]


async def test_a_change_made_elsewhere_is_heard(line: Line) -> None:
    connector = line.connect()
    async with line.door(connector).opened():
        line.simulator.go_offline(True)
        await until(lambda: not line.simulator.undelivered())
        assert (await connector.shop()).state is ShopState.PAUSED
        await connector.fetch_orders("")
        assert (await line.connect().shop()).state is ShopState.PAUSED
        line.simulator.go_offline(False)
        await until(lambda: not line.simulator.undelivered())
        assert (await connector.shop()).state is ShopState.OPEN


@pytest.mark.parametrize("state", [ShopState.BUSY, ShopState.CLOSED])
async def test_other_states_do_not_exist(line: Line, state: ShopState) -> None:
    with pytest.raises(RejectedError, match="off line only"):
        await line.connect().set_shop(state, None)


async def test_the_menu_key_may_be_another(line: Line) -> None:
    with pytest.raises(AuthError):
        await line.connect(menu_key="").set_shop(ShopState.PAUSED, None)
    with pytest.raises(RejectedError, match="Restaurant not found"):
        await line.connect(restaurant="store-99").set_shop(ShopState.PAUSED, None)
    assert not line.simulator.wire.offline


async def test_dishes_run_out_with_an_end_and_come_back(line: Line) -> None:
    connector = line.connect()
    async with line.door(connector).opened():
        line.simulator.place()
        await until(lambda: not line.simulator.undelivered())
    first = (await connector.items())[0]
    end = steady.now().replace(microsecond=0) + timedelta(hours=2)
    await connector.set_available([first.item_id], False, end)
    (shown,) = [item for item in await connector.items() if item.item_id == first.item_id]
    assert (shown.name, shown.available, shown.until) == (first.name, False, end)
    assert line.simulator.wire.off == {first.item_id: end.isoformat().replace("+00:00", "Z")}
    await connector.set_available([first.item_id], True, None)
    await connector.set_available([], False, None)  # nothing is nothing to ask for
    assert line.simulator.wire.off == {}
    assert all(item.available for item in await connector.items())


async def test_nothing_is_saved_when_nothing_is_new(line: Line) -> None:
    connector = line.connect()
    await connector.fetch_orders("")
    assert line.saved == {}
    async with line.door(connector).opened():
        line.simulator.place()
        await until(lambda: not line.simulator.undelivered())
    await connector.fetch_orders("")
    assert json.loads(line.saved["known"])["dishes"]


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"off": 3}', '{"paused_until": "x"}', '{"dishes": [1]}'])
def test_a_damaged_memory_is_forgotten(text: str) -> None:
    known = Known.of({"known": text})
    assert (known.paused_until, known.off, known.dishes) == (None, {}, {})


def test_the_memory_has_an_end() -> None:
    known = Known()
    known.see((str(number), "x" * 500) for number in range(MOST_DISHES + 5))
    known.see([("", "nameless"), ("n", "")])
    assert len(known.dishes) == MOST_DISHES
    assert max(map(len, known.dishes.values())) < 100
