"""Open or not, what is sold, and the list of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from app import steady, texts
from app.domain.shop import ShopState
from app.platforms.abilities import ListsDays, OpensShop, SellsItems
from app.platforms.api import ProtocolError, RejectedError, Settings
from app.platforms.deliveroo.connector import DeliverooConnector
from app.platforms.simulation import Happening
from tests.platforms.lines import forget

from .conftest import Line

TOMORROW = steady.now() + timedelta(days=1)


@pytest.mark.asyncio
async def test_abilities(line: Line) -> None:
    connector = line.connect()
    assert isinstance(connector, OpensShop)
    assert isinstance(connector, SellsItems)
    assert isinstance(connector, ListsDays)
    assert ShopState.CLOSED not in connector.shop_states


@pytest.mark.asyncio
async def test_the_shop_changes_as_asked_and_twice_is_harmless(line: Line) -> None:
    connector = line.connect()
    for state in (ShopState.BUSY, ShopState.PAUSED, ShopState.OPEN):
        for _ in range(2):
            assert (await connector.set_shop(state, None)).state is state
            assert (await connector.shop()).state is state
    assert (line.simulator.site.status, line.simulator.site.workload) == ("OPEN", "QUIET")


@pytest.mark.asyncio
async def test_a_pause_has_no_end_there(line: Line) -> None:
    status = await line.connect().set_shop(ShopState.PAUSED, TOMORROW)
    assert (status.until, status.text) == (None, "closed")


@pytest.mark.asyncio
async def test_opening_outside_the_hours_is_refused_in_deliveroos_words(line: Line) -> None:
    line.simulator.site.open_hours = False
    with pytest.raises(RejectedError, match=r"OPENING_HOURS"):
        await line.connect().set_shop(ShopState.OPEN, None)


@pytest.mark.asyncio
async def test_a_state_deliveroo_sets_by_itself(line: Line) -> None:
    with pytest.raises(RejectedError, match=r"no such command"):
        await line.connect().set_shop(ShopState.CLOSED, None)
    line.simulator.site.status = "READY_TO_OPEN"
    assert (await line.connect().shop()).state is ShopState.PAUSED
    line.simulator.site.status = "ON_FIRE"
    with pytest.raises(ProtocolError, match=r"documentation"):
        await line.connect().shop()


@pytest.mark.asyncio
async def test_items_run_out_and_come_back(line: Line) -> None:
    connector = line.connect()
    items = await connector.items()
    assert ("Karaage", True) in [(item.name, item.available) for item in items]
    karaage, ramen = (next(item.item_id for item in items if item.name == name) for name in ("Karaage", "Miso ramen"))
    for _ in range(2):
        await connector.set_available([karaage], False, TOMORROW)
        await connector.set_available([ramen], False, None)
    assert line.simulator.site.off == {karaage: "unavailable", ramen: "hidden"}
    assert {item.item_id for item in await connector.items() if not item.available} == {karaage, ramen}
    line.simulator.site.wake_up()
    assert [item.item_id for item in await connector.items() if not item.available] == [ramen]
    await connector.set_available([ramen], True, None)
    assert line.simulator.site.off == {}


@pytest.mark.asyncio
async def test_one_unknown_item_changes_nothing(line: Line) -> None:
    connector = line.connect()
    known = (await connector.items())[0].item_id
    with pytest.raises(RejectedError, match=r"not on the menu"):
        await connector.set_available([known, "plu-nothing"], False, None)
    assert line.simulator.site.off == {}
    await connector.set_available([], False, None)


@pytest.mark.parametrize("menu", [{}, {"menu": {}}, {"items": {}}])
@pytest.mark.asyncio
async def test_a_menu_that_is_none(menu: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"access_token": "t", **menu}))
    settings = Settings(1, {"site_id": "1", "brand_id": "b"}, forget)
    with pytest.raises(ProtocolError, match=r"documentation"):
        await DeliverooConnector(settings, httpx.AsyncClient(transport=transport)).items()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": "OPEN", "mode": "QUIET"}, "不忙"),
        ({"status": "OPEN", "mode": "FRANTIC"}, "FRANTIC"),
        ({"status": "READY_TO_OPEN"}, "营业时间内，还没开店"),
    ],
)
async def test_a_known_code_is_put_in_words_and_another_is_shown_as_it_is(answer: dict[str, str], said: str) -> None:
    texts.use("zh")
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"access_token": "t", **answer}))
    settings = Settings(1, {"site_id": "1", "brand_id": "b"}, forget)
    assert (await DeliverooConnector(settings, httpx.AsyncClient(transport=transport)).shop()).text == said


@pytest.mark.asyncio
async def test_the_list_of_a_day_holds_every_order_of_it(line: Line) -> None:
    placed = [line.simulator.place() for _ in range(105)]
    line.simulator.happen(placed[0], Happening.CANCEL)
    other = line.simulator.place()
    day = (steady.now() - timedelta(days=1)).date()
    noon = datetime.combine(day, time(12), UTC).timestamp()
    for order_id in placed:
        line.order(order_id).placed_at = noon
    line.order(other).placed_at = noon - 2 * 86_400.0
    entries = await line.connect().list_day(day)
    assert [entry.order_id for entry in entries] == placed
    assert {entry.number for entry in entries} == {""}
    assert [entry.order_id for entry in await line.connect().list_day(day - timedelta(days=2))] == [other]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.asyncio
async def test_a_day_is_the_shops_whatever_zone_the_computer_is_set_to(line: Line, zone: str) -> None:
    day = (steady.now() - timedelta(days=3)).date()
    midnights = [datetime.combine(day + timedelta(days=days), time(), ZoneInfo(zone)).timestamp() for days in (0, 1)]
    placed = [line.simulator.place() for _ in range(4)]
    for order_id, at in zip(placed, (midnights[0] - 1, midnights[0], midnights[1] - 1, midnights[1]), strict=True):
        line.order(order_id).placed_at = at
    connector = DeliverooConnector(replace(line.settings(), zone=ZoneInfo(zone)), line.client)
    assert [entry.order_id for entry in await connector.list_day(day)] == placed[1:3]


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("Asia/Shanghai", date(2026, 11, 20), "2026-11-19T16:00:00+00:00", "2026-11-20T15:59:59+00:00"),
        ("Europe/London", date(2026, 10, 25), "2026-10-24T23:00:00+00:00", "2026-10-25T23:59:59+00:00"),
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17T02:00:00+00:00", "2018-02-18T02:59:59+00:00"),
    ],
)
@pytest.mark.asyncio
async def test_a_day_of_25_hours_is_asked_for_whole(zone: str, day: date, start: str, end: str) -> None:
    """In Sao Paulo it was the last hour before midnight that came twice."""
    asked: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "start_date" in request.url.params:
            asked.append((request.url.params["start_date"], request.url.params["end_date"]))
        return httpx.Response(200, json={"access_token": "t", "orders": []})

    settings = Settings(1, {"site_id": "1", "brand_id": "b"}, forget, zone=ZoneInfo(zone))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as wire:
        assert list(await DeliverooConnector(settings, wire).list_day(day)) == []
    assert asked == [(start, end)]


@pytest.mark.asyncio
async def test_a_list_without_an_end_is_given_up() -> None:
    answer = {"access_token": "t", "orders": [], "next": "again"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    settings = Settings(1, {"site_id": "1", "brand_id": "b"}, forget)
    with pytest.raises(ProtocolError, match=r"documentation"):
        await DeliverooConnector(settings, httpx.AsyncClient(transport=transport)).list_day(steady.now().date())
