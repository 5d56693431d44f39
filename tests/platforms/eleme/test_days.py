"""Ele.me's list of a day, page by page, with the numbers of the day."""

from __future__ import annotations

from datetime import timedelta

from app import steady
from app.domain.shop import DayEntry
from app.platforms.abilities import ListsDays
from app.platforms.eleme.payloads import CHINA
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.simulation import Happening
from tests.platforms.eleme.conftest import Connect


async def test_a_long_day_has_pages_and_keeps_what_was_cancelled(eleme: ElemeSimulator, connect: Connect) -> None:
    placed = [eleme.place() for _ in range(101)]
    eleme.happen(placed[3], Happening.CANCEL)
    connector = connect()
    assert isinstance(connector, ListsDays)
    today = steady.now(CHINA).date()
    listed = [entry for back in (-1, 0, 1) for entry in await connector.list_day(today + timedelta(days=back))]
    wanted = [DayEntry(order_id, str(number)) for number, order_id in enumerate(placed, 1)]
    assert sorted(listed, key=lambda entry: int(entry.number)) == wanted


async def test_another_day_is_another_list(eleme: ElemeSimulator, connect: Connect) -> None:
    eleme.place()
    assert await connect().list_day(steady.now(CHINA).date() - timedelta(days=9)) == []
