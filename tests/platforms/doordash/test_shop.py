"""Open or paused with an end, sold out or back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app import steady, texts
from app.domain.shop import ShopState
from app.platforms.api import ProtocolError, RejectedError, Settings
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.shop import OPTION
from app.platforms.doordash.simulator import DoorDashSimulator
from tests.platforms.lines import forget

from .conftest import Line

TOMORROW = steady.now().replace(microsecond=0) + timedelta(days=1)


def told(answer: Any) -> DoorDashConnector:
    """A connector whose every question is answered so."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    settings = Settings(1, DoorDashSimulator().credentials, forget)
    return DoorDashConnector(settings, httpx.AsyncClient(transport=transport))


async def test_a_pause_has_the_wanted_end(line: Line) -> None:
    connector = line.connect()
    status = await connector.set_shop(ShopState.PAUSED, TOMORROW)
    assert (status.state, status.until) == (ShopState.PAUSED, TOMORROW)
    assert status.text == "trouble in the shop - Paused at the counter"
    assert (await connector.set_shop(ShopState.OPEN, None)).state is ShopState.OPEN


@pytest.mark.parametrize(("reason", "said"), [("payment_issue", "付款有问题"), ("flood", "flood")])
async def test_a_known_reason_is_put_in_words_and_another_is_shown_as_it_is(reason: str, said: str) -> None:
    texts.use("zh")
    assert (await told({"current_deactivations": [{"reason": reason}]}).shop()).text == said


async def test_a_pause_without_an_end_lasts_a_fortnight(line: Line) -> None:
    status = await line.connect().set_shop(ShopState.PAUSED, None)
    assert status.until
    assert timedelta(days=13) < status.until - steady.now() <= timedelta(days=14)


async def test_other_states_have_no_word_there(line: Line) -> None:
    for state in (ShopState.BUSY, ShopState.CLOSED):
        with pytest.raises(RejectedError, match="no such command"):
            await line.connect().set_shop(state, None)


@pytest.mark.parametrize(
    ("details", "state", "until"),
    [
        ({}, ShopState.OPEN, None),
        ({"is_active": False}, ShopState.CLOSED, None),
        ({"current_deactivations": [{"reason": "payment_issue"}]}, ShopState.CLOSED, None),
        ({"current_deactivations": [{"reason": "x", "end_time": "soon"}, "?"]}, ShopState.PAUSED, None),
        (
            {
                "current_deactivations": [
                    {"reason": "a", "end_time": "2026-10-01T20:00:00Z"},
                    {"notes": "b", "end_time": "2026-10-01T21:00:00Z"},
                ]
            },
            ShopState.PAUSED,
            datetime(2026, 10, 1, 21, tzinfo=UTC),
        ),
    ],
)
async def test_what_keeps_a_store_closed(details: dict[str, Any], state: ShopState, until: datetime | None) -> None:
    status = await told(details).shop()
    assert (status.state, status.until) == (state, until)


async def test_dishes_and_options_run_out_and_come_back(line: Line) -> None:
    connector = line.connect()
    items = {item.name: item for item in await connector.items()}
    assert items["Cheese"].item_id.startswith(OPTION)
    wanted = [items["Fries"].item_id, items["Cheese"].item_id]
    for _ in range(2):
        await connector.set_available(wanted, False, TOMORROW)
        assert {item.name for item in await connector.items() if not item.available} == {"Fries", "Cheese"}
    await connector.set_available(wanted, True, None)
    assert all(item.available for item in await connector.items())


async def test_one_unknown_dish_changes_nothing(line: Line) -> None:
    connector = line.connect()
    with pytest.raises(RejectedError, match="not on the menu"):
        await connector.set_available(["ITM-Fries", "nothing"], False, None)
    assert all(item.available for item in await connector.items())


async def test_a_suspended_dish_and_one_in_two_places() -> None:
    item = {"merchant_supplied_id": "i1", "name": "Soup", "is_suspended": True}
    categories = [{"name": "A", "items": [item]}, {"name": "B", "items": [item]}, {"name": None, "items": None}]
    (found,) = await told({"menu": {"categories": categories}}).items()
    assert (found.name, found.available, found.category) == ("Soup", False, "A")


@pytest.mark.parametrize(
    "menu", [{}, {"menus": None}, {"menus": [{}]}, {"menu": {"categories": [{"items": [{}]}]}}, {"menus": [1]}]
)
async def test_a_menu_that_is_none(menu: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError, match="documentation"):
        await told(menu).items()
