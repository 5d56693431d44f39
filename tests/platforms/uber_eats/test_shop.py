"""Open, busy, paused until; sold out until."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from app import steady, texts
from app.domain.shop import ShopState, ShopStatus
from app.platforms.abilities import ListsDays, OpensShop, SellsItems, TracksCouriers
from app.platforms.api import Connector, RejectedError, Settings, TakesWebhooks
from app.platforms.uber_eats.connector import CurrentConnector
from tests.platforms.lines import forget
from tests.platforms.uber_eats.conftest import Line


def soon(**span: float) -> datetime:
    return steady.now().replace(microsecond=0) + timedelta(**span)


def test_abilities_are_those_of_the_generation(current: Line, previous: Line) -> None:
    now, before = current.connect(), previous.connect()
    for ability in (Connector, TakesWebhooks, OpensShop, SellsItems):
        assert isinstance(now, ability)
        assert isinstance(before, ability)
    assert isinstance(now, ListsDays)
    assert isinstance(now, TracksCouriers)
    assert not isinstance(before, ListsDays)
    assert not isinstance(before, TracksCouriers)
    assert ShopState.BUSY in now.shop_states
    assert ShopState.BUSY not in before.shop_states


async def test_a_pause_with_an_end(current: Line) -> None:
    connector, until = current.connect(), soon(minutes=30)
    assert (await connector.shop()).state is ShopState.OPEN
    for _ in range(2):
        status = await connector.set_shop(ShopState.PAUSED, until)
        assert status == ShopStatus(ShopState.PAUSED, until, "paused by the shop")
    assert (await connector.set_shop(ShopState.OPEN, None)).state is ShopState.OPEN


async def test_the_previous_generation_does_not_tell_when_a_pause_ends(previous: Line) -> None:
    connector, until = previous.connect(), soon(minutes=30)
    status = await connector.set_shop(ShopState.PAUSED, until)
    assert status == ShopStatus(ShopState.PAUSED, None, "paused by the shop")
    assert previous.simulator.shop.paused_until == until.timestamp()
    assert (await connector.set_shop(ShopState.OPEN, None)).state is ShopState.OPEN


async def test_a_pause_ends_by_itself(line: Line) -> None:
    connector = line.connect()
    assert (await connector.set_shop(ShopState.PAUSED, soon(seconds=-5))).state is ShopState.OPEN


async def test_a_pause_without_an_end_shows_none(line: Line) -> None:
    """Uber wants one; the far end that stands in for it is not shown."""
    status = await line.connect().set_shop(ShopState.PAUSED, None)
    assert (status.state, status.until) == (ShopState.PAUSED, None)
    assert line.simulator.shop.paused_until > soon(days=300).timestamp()


async def test_busy_is_a_longer_preparation_time(current: Line) -> None:
    connector = current.connect(busy_minutes="20")
    for _ in range(2):
        assert (await connector.set_shop(ShopState.BUSY, soon(minutes=30))).state is ShopState.BUSY
        assert current.simulator.shop.prep_seconds == 900 + 1200  # not raised twice
    again = current.connect(busy_minutes="20")  # another start of the program
    assert (await again.shop()).state is ShopState.BUSY
    assert (await again.set_shop(ShopState.OPEN, None)).state is ShopState.OPEN
    assert current.simulator.shop.prep_seconds == 900
    assert current.saved["usual_prep_seconds"] == ""


async def test_busy_is_never_longer_than_uber_allows(current: Line) -> None:
    await current.connect(busy_minutes="999").set_shop(ShopState.BUSY, None)
    assert current.simulator.shop.prep_seconds == 10_800


async def test_states_uber_does_not_have_are_refused(current: Line, previous: Line) -> None:
    with pytest.raises(RejectedError):
        await previous.connect().set_shop(ShopState.BUSY, None)
    with pytest.raises(RejectedError):
        await current.connect().set_shop(ShopState.CLOSED, None)


async def test_a_store_uber_closed_is_not_paused_by_us(current: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    connector = current.connect()
    await connector.verify()
    current.simulator.shop.online, current.simulator.shop.paused_until = False, soon(hours=9).timestamp()
    assert (await connector.shop()).state is ShopState.PAUSED
    monkeypatch.setattr("app.platforms.uber_eats.shop.PAUSED_BY_SHOP", ())  # any other reason reads as closed
    status = await connector.shop()
    assert (status.state, status.text) == (ShopState.CLOSED, "paused by the shop")


@pytest.mark.parametrize(("code", "said"), [("PAUSED_BY_RESTAURANT", "本店已暂停接单"), ("OUT_OF_AREA", "OUT_OF_AREA")])
async def test_a_known_code_is_put_in_words_and_another_is_shown_as_it_is(code: str, said: str) -> None:
    texts.use("zh")
    body = {"access_token": "t", "expires_in": 2_592_000, "status": "OFFLINE", "offlineReason": code}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    settings = Settings(1, {"store_id": "s", "client_id": "a", "client_secret": "b"}, forget)
    async with httpx.AsyncClient(transport=transport) as nobody:
        connector = CurrentConnector(settings, nobody)
        assert (await connector.shop()).text == said


async def test_an_item_is_sold_out_until(line: Line) -> None:
    connector, until = line.connect(), soon(hours=2)
    assert all(item.available for item in await connector.items())
    for _ in range(2):
        await connector.set_available(["ITEM-1", "ITEM-4"], False, until)
    off = {item.item_id: item for item in await connector.items() if not item.available}
    assert set(off) == {"ITEM-1", "ITEM-4"}
    assert (off["ITEM-1"].until, off["ITEM-1"].name, off["ITEM-1"].category) == (until, "Ramen shoyu", "Plats")
    await connector.set_available(["ITEM-1"], True, None)
    assert [item.item_id for item in await connector.items() if not item.available] == ["ITEM-4"]


async def test_an_item_without_an_end_and_one_whose_end_has_come(line: Line) -> None:
    connector = line.connect()
    await connector.set_available(["ITEM-1"], False, None)
    await connector.set_available(["ITEM-2"], False, soon(seconds=-5))
    items = {item.item_id: item for item in await connector.items()}
    assert (items["ITEM-1"].available, items["ITEM-1"].until) == (False, None)
    assert items["ITEM-2"].available


async def test_an_unknown_item_is_refused(line: Line) -> None:
    with pytest.raises(RejectedError, match="Item"):
        await line.connect().set_available(["NOTHING"], False, None)


async def test_a_missing_scope_stops_only_what_needs_it(line: Line) -> None:
    connector = line.connect(scopes="eats.order eats.store eats.store.orders.read")
    assert (await connector.verify()).title == "Maison Ramen"
    with pytest.raises(RejectedError, match="status"):
        await connector.set_shop(ShopState.OPEN, None)
