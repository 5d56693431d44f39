"""Nothing is skipped: orders under way, orders that left, and the look back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime

import httpx
import pytest

from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.platforms.api import Message, RejectedError, Settings, TemporaryError
from app.platforms.deliveroo.client import Client
from app.platforms.deliveroo.connector import DeliverooConnector
from app.platforms.deliveroo.polling import LEFT_PER_POLL, LOOK_BACK, OLDEST, SWEEP_EVERY, Cursor, poll
from app.platforms.deliveroo.spare import APART, Spare
from app.platforms.simulation import Faults, Happening
from tests.platforms.lines import forget, poll_all, send

from .conftest import Line


class Plenty(Spare):
    """A platform that throttles nobody."""

    def wait(self) -> float:
        return 0.0


PLENTY = Plenty()
DATE = {"Date": "Thu, 01 Jan 2026 12:00:00 GMT"}


def states(connector: DeliverooConnector, messages: list[Message]) -> dict[str, Kitchen | None]:
    return {update.order_id: update.kitchen for message in messages for update in connector.read(message)}


@pytest.mark.asyncio
async def test_an_order_that_ended_between_two_polls_is_fetched_once_more(line: Line) -> None:
    connector = line.connect()
    ids = [line.simulator.place() for _ in range(3)]
    _, cursor = await poll_all(connector)
    line.simulator.happen(ids[0], Happening.CANCEL)
    found, cursor = await poll_all(connector, cursor)
    assert states(connector, found)[ids[0]] is Kitchen.CANCELLED
    found, _ = await poll_all(connector, cursor)
    assert set(states(connector, found)) == set(ids[1:])


@pytest.mark.asyncio
async def test_an_order_that_came_and_went_unseen_is_found_looking_back(line: Line) -> None:
    connector = line.connect()
    _, cursor = await poll_all(connector)
    order_id = line.simulator.place()
    line.simulator.happen(order_id, Happening.CANCEL)
    found, cursor = await poll_all(connector, cursor)
    assert not found
    later = line.connect()  # a new run
    for _ in range(APART):
        assert not found
        line.simulator.wire.forget_calls()  # as if 20 seconds had passed
        found, cursor = await poll_all(later, cursor)
    assert states(later, found) == {order_id: Kitchen.CANCELLED}


@pytest.mark.asyncio
async def test_work_finished_before_the_first_poll_is_not_imported(line: Line) -> None:
    order_id = line.simulator.place()
    line.order(order_id).placed_at -= 3600.0
    line.simulator.happen(order_id, Happening.CANCEL)
    assert (await poll_all(line.connect()))[0] == []


@pytest.mark.asyncio
async def test_an_unchanged_order_has_the_same_key(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place()
    first, cursor = await poll_all(connector)
    second, cursor = await poll_all(connector, cursor)
    assert {one.key for one in first} == {one.key for one in second} == {(await connector.fetch_order(order_id)).key}
    await send(connector, CommandKind.ACCEPT, order_id)
    third, _ = await poll_all(connector, cursor)
    assert {one.key for one in third}.isdisjoint({one.key for one in second})


@pytest.mark.asyncio
async def test_orders_that_left_are_asked_for_until_they_answer(line: Line) -> None:
    connector = line.connect()
    ids = [line.simulator.place() for _ in range(3)]
    _, cursor = await poll_all(connector)
    for order_id in ids:
        line.simulator.happen(order_id, Happening.CANCEL)

    class Broken(Client):
        async def order(self, order_id: str) -> object:  # type: ignore[override]  # it never answers
            raise TemporaryError("not now")

    broken = line.connect()
    broken._client.__class__ = Broken
    page = await broken.fetch_orders(cursor)
    assert (page.messages, set(Cursor.parse(page.cursor).live)) == ((), set(ids))
    found, _ = await poll_all(connector, page.cursor)
    assert states(connector, found) == dict.fromkeys(ids, Kitchen.CANCELLED)


def listing(*answers: httpx.Response) -> tuple[Client, list[httpx.URL]]:
    """A client whose list calls are answered in this order; single orders are unknown."""
    left, asked = list(answers), []

    def handler(request: httpx.Request) -> httpx.Response:
        if "oauth2" in request.url.path:
            return httpx.Response(200, json={"access_token": "t"})
        asked.append(request.url)
        return left.pop(0) if request.url.path.endswith("/orders") else httpx.Response(404, json={})

    values = {"client_id": "a", "client_secret": "b", "brand_id": "br", "site_id": "1"}
    wire = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return Client(Settings(1, values, forget), wire), asked


def page_of(*order_ids: str, following: str | None = None) -> httpx.Response:
    return httpx.Response(200, json={"orders": [{"id": one} for one in order_ids], "next": following}, headers=DATE)


@pytest.mark.asyncio
async def test_pages_are_read_to_the_end_before_anything_counts_as_gone() -> None:
    client, asked = listing(page_of("a", "b", following="p2"), page_of("c"))
    at = Cursor(since=1.0, swept=2e9, run="r", live=("c",))
    first = await poll(client, at, "r", PLENTY)
    assert (first.more, Cursor.parse(first.cursor).page) == (True, "p2")
    second = await poll(client, Cursor.parse(first.cursor), "r", PLENTY)
    assert asked[-1].params["cursor"] == "p2"
    assert (second.more, Cursor.parse(second.cursor).live) == (False, ("a", "b", "c"))


@pytest.mark.asyncio
async def test_a_page_whose_token_died_begins_again() -> None:
    client, asked = listing(httpx.Response(400, json={}), page_of("a"))
    page = await poll(client, Cursor(since=1.0, swept=2e9, run="r", page="old", seen=("z",)), "r", PLENTY)
    assert (page.messages, page.more) == ((), True)
    page = await poll(client, Cursor.parse(page.cursor), "r", PLENTY)
    assert "cursor" not in asked[-1].params
    assert Cursor.parse(page.cursor).live == ("a",)


@pytest.mark.asyncio
async def test_a_look_back_whose_page_died_begins_again() -> None:
    client, asked = listing(httpx.Response(400, json={}), page_of("a", following="p2"), page_of("b"))
    at = Cursor(since=1.0, swept=1.8e9, run="r", sweeping=True, began=1.8e9, back="old")
    start, found = datetime.fromtimestamp(at.start(), UTC).isoformat(), []
    for _ in range(3):
        page = await poll(client, at, "now", PLENTY)
        found += [one.order_id for one in page.messages]
        at = Cursor.parse(page.cursor)
    assert found == ["a", "b"]
    assert (at.sweeping, at.swept, at.run, page.more) == (False, 1.8e9, "now", False)
    assert [dict(url.params) for url in asked] == [{"cursor": "old"}, {"start_date": start}, {"cursor": "p2"}]


@pytest.mark.asyncio
async def test_a_refused_list_is_told() -> None:
    for sweeping in (False, True):
        client, _ = listing(httpx.Response(400, json={"message": "no"}))
        with pytest.raises(RejectedError, match=r"no"):
            await poll(client, Cursor(since=1.0, swept=1.0, sweeping=sweeping), "r", PLENTY)


@pytest.mark.asyncio
async def test_a_crowd_that_left_is_fetched_in_parts() -> None:
    crowd = tuple(f"o{number}" for number in range(LEFT_PER_POLL + 5))
    client, asked = listing(page_of(), page_of())
    at = Cursor(since=1.0, swept=2e9, run="r", live=crowd)
    page = await poll(client, at, "r", PLENTY)
    assert len(asked) == 1 + LEFT_PER_POLL
    assert Cursor.parse(page.cursor).live == crowd[LEFT_PER_POLL:]
    page = await poll(client, Cursor.parse(page.cursor), "r", PLENTY)
    assert Cursor.parse(page.cursor).live == ()


def test_the_look_back_reaches_a_day_behind_the_last_one_and_never_before_the_first_poll() -> None:
    now = 1.8e9
    assert Cursor(since=5.0, swept=now - 100, began=now).start() == now - 100 - LOOK_BACK
    assert Cursor(since=now - 50, swept=now - 10, began=now).start() == now - 50
    assert Cursor(since=5.0, swept=10.0, began=now).start() == now - OLDEST


def test_when_to_look_back() -> None:
    assert Cursor(run="a", polls=1).due("b")
    assert not Cursor(run="a", polls=SWEEP_EVERY - 1).due("a")
    assert Cursor(run="a", polls=SWEEP_EVERY).due("a")


@pytest.mark.asyncio
async def test_the_look_back_comes_round(line: Line) -> None:
    connector = line.connect()
    _, cursor = await poll_all(connector)
    begins = []
    for _ in range(2 * SWEEP_EVERY):
        line.simulator.wire.forget_calls()  # as if 20 seconds had passed
        page = await connector.fetch_orders(cursor)
        begins.append(page.more)
        cursor = (await poll_all(connector, page.cursor))[1] if page.more else page.cursor
    assert [place for place, more in enumerate(begins, 1) if more] == [APART - 1, APART - 1 + SWEEP_EVERY]


@pytest.mark.parametrize("text", ["", "null", "[]", "7", '{"old": 1}', '{"live": 3}', "{"])
def test_a_cursor_of_another_release_begins_afresh(text: str) -> None:
    assert Cursor.parse(text) == Cursor()


def test_a_cursor_survives_being_stored() -> None:
    at = Cursor(1.0, 2.0, 4, "r", ("a",), ("b",), "p", True, 3.0, "q")
    assert Cursor.parse(str(at)) == at
    assert json.loads(str(at))["live"] == list(asdict(at)["live"])


@pytest.mark.asyncio
async def test_the_list_is_throttled_as_documented(line: Line) -> None:
    connector = line.connect()
    calls = (connector.fetch_orders("") for _ in range(8))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, TemporaryError)]
    assert [(str(one), one.retry_after) for one in refused] == [("Too many requests", 1.0)] * 3


@pytest.mark.asyncio
async def test_odd_orders_are_read_all_the_same(line: Line) -> None:
    connector = line.connect()
    ids = {line.simulator.place() for _ in range(12)}
    line.simulator.faults = Faults(odd=1.0)
    found, _ = await poll_all(connector)
    assert set(states(connector, found)) == ids
    assert set(states(connector, found).values()) == {Kitchen.NEW}
