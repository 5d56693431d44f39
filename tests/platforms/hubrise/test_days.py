"""HubRise's list of a day: complete over pages, by the location's own midnight."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.platforms.abilities import ListsDays
from app.platforms.api import ProtocolError, Settings
from app.platforms.conformance import patiently
from app.platforms.hubrise import days
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.simulation import Happening
from tests.platforms.hubrise.conftest import Line
from tests.platforms.lines import forget

DAY = date(2026, 1, 1)


def answering(*pages: list[dict[str, Any]], endless: bool = False) -> tuple[HubRiseConnector, list[httpx.Request]]:
    """A connector to whom the list of orders is these pages."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        more = endless or len(asked) < len(pages)
        headers = {"X-Cursor-Next": f"page{len(asked)}"} if more else {}
        return httpx.Response(200, json=pages[min(len(asked), len(pages)) - 1], headers=headers)

    values = {"access_token": "t"}
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return HubRiseConnector(Settings(1, values, forget), client), asked


async def test_a_long_day_has_pages_and_keeps_what_was_cancelled(line: Line) -> None:
    placed = [line.simulator.place() for _ in range(130)]
    line.simulator.happen(placed[0], Happening.CANCEL)
    connector = line.connect()
    assert isinstance(connector, ListsDays)
    today = datetime.fromisoformat((await line.call("GET", f"/location/orders/{placed[0]}")).json()["created_at"]).date()
    listed = [await patiently(lambda back=back: connector.list_day(today + timedelta(back))) for back in (-1, 0, 1)]  # type: ignore[misc]
    assert sorted(entry.order_id for day in listed for entry in day) == sorted(placed)
    assert {entry.number for day in listed for entry in day} == {""}


async def test_a_day_is_the_locations_own() -> None:
    created = [
        "2025-12-31T23:59:59+01:00",
        "2026-01-01T00:00:00+01:00",
        "2026-01-01T23:59:59-10:00",
        "2026-01-02T00:00:00+13:00",
    ]
    connector, (*_,) = answering([{"id": str(place), "created_at": at} for place, at in enumerate(created)])
    assert [entry.order_id for entry in await connector.list_day(DAY)] == ["1", "2"]


async def test_the_question_leaves_no_zone_out() -> None:
    connector, asked = answering([])
    assert await connector.list_day(DAY) == []
    assert dict(asked[0].url.params) == {"after": "2026-01-01T00:00:00+14:00", "before": "2026-01-02T00:00:00-12:00"}


@pytest.mark.parametrize("order", [{"id": "1"}, {"id": "1", "created_at": None}, {"id": "1", "created_at": "noon"}])
async def test_an_order_without_a_time_leaves_the_day_unproved(order: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="documentation"):
        await answering([order])[0].list_day(DAY)


async def test_a_list_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "MAX_PAGES", 3)  # before the minute's heavy calls are spent
    with pytest.raises(ProtocolError, match="documentation"):
        await answering([], endless=True)[0].list_day(DAY)
