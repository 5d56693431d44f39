"""The catch-up poll: nothing is skipped, what vanishes is looked up, an unchanged order is stored once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import steady
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import Delivery, Kitchen, merge_all
from app.domain.orders import Fulfilment
from app.platforms.api import Message, Page, RejectedError, TemporaryError
from app.platforms.conformance import Counter
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from app.platforms.uber_eats.connector import CurrentConnector, PreviousConnector
from app.platforms.uber_eats.polling import DAY_EVERY, Cursor, order_message
from tests.platforms.uber_eats.conftest import Line

FEW = settings(max_examples=30)


def counter_of(line: Line) -> Counter:
    return Counter(line.simulator, line.connect(), lambda changed: line.connect(**changed))


def merged(counter: Counter, order_id: str) -> Kitchen:
    return merge_all(update.state for update in counter.everything() if update.order_id == order_id).kitchen


def asked(line: Line, what: str = "fetched") -> list[str]:
    return [record.order_id for record in line.simulator.records if record.what == what]


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '{"polls":"x"}', '{"live":5}', '{"live":null}'])
def test_a_cursor_nobody_can_read_starts_afresh(text: str) -> None:
    assert Cursor.load(text) == Cursor()


@FEW
@given(st.builds(Cursor, st.integers(0), *[st.lists(st.text()).map(tuple)] * 3, *[st.text()] * 3))
def test_a_cursor_survives_being_stored(cursor: Cursor) -> None:
    assert Cursor.load(cursor.dump()) == cursor


def test_an_unchanged_order_has_one_key(message: Callable[[str], Message]) -> None:
    order = json.loads(message("current_order_scheduled_odd_shapes").body)
    key = order_message(order, 1).key
    moved = json.loads(json.dumps(order))
    moved["order"]["deliveries"][0]["delivery_partner"]["current_location"] = {"latitude": 0, "longitude": 0}
    assert order_message(moved, 2).key == key
    moved["order"]["state"] = "ACCEPTED"
    assert order_message(moved, 2).key != key


async def test_an_order_that_does_not_change_is_stored_once(line: Line) -> None:
    counter = counter_of(line)
    line.simulator.place()
    for _ in range(5):
        await counter.poll()
    assert len(counter.stored) == 1


async def test_a_whole_life_is_seen_without_any_push(line: Line) -> None:
    counter = counter_of(line)
    order_id = _delivered(line)
    await counter.poll()
    await counter.send(CommandKind.ACCEPT, order_id)
    for step in (Happening.COURIER_ASSIGNED, Happening.COURIER_AT_STORE, Happening.COURIER_PICKED_UP):
        line.simulator.happen(order_id, step)
        for _ in range(3):
            await counter.poll()
    known = [update for update in counter.everything() if update.order_id == order_id]
    assert merged(counter, order_id) is Kitchen.HANDED_OVER
    assert Delivery.PICKED_UP in {update.delivery for update in known}
    assert any(update.courier and update.courier.name for update in known)
    line.simulator.happen(order_id, Happening.DELIVERED)
    line.simulator.happen(order_id, Happening.COMPLETE)
    for _ in range(3):
        await counter.poll()
    assert merged(counter, order_id) is Kitchen.COMPLETED
    assert order_id not in Cursor.load(counter.cursor).live


async def test_an_edited_order_is_a_new_content(line: Line) -> None:
    counter = counter_of(line)
    order_id = line.simulator.place()
    await counter.poll()
    before = await counter.facts(order_id)
    await counter.send(CommandKind.ACCEPT, order_id)
    line.simulator.happen(order_id, Happening.CHANGE)
    after = await counter.connector.fetch_order(order_id)
    facts = counter.connector.read(after)[0].facts
    assert facts
    assert len(facts.lines) != len(before.lines)
    assert facts.total.minor == counter.truth(order_id).total_minor
    assert facts.checks == ()


async def test_an_order_accepted_before_any_poll_is_followed_to_its_end(line: Line) -> None:
    """It came by push: in the previous generation no list ever shows it."""
    counter = counter_of(line)
    order_id = line.simulator.place(PretendOrder((PretendLine("Ramen", 1300),), fulfilment=Fulfilment.PICKUP))
    await counter.connector.fetch_order(order_id)
    await counter.send(CommandKind.ACCEPT, order_id)
    await counter.poll()
    await counter.restart()
    line.simulator.happen(order_id, Happening.COMPLETE)  # no event tells this
    for _ in range(3):
        await counter.poll()
    assert merged(counter, order_id) is Kitchen.COMPLETED


async def test_a_cancellation_is_heard_long_after(line: Line) -> None:
    """The console was off while an accepted order died."""
    counter = counter_of(line)
    order_id = line.simulator.place()
    await counter.poll()
    await counter.send(CommandKind.ACCEPT, order_id)
    await counter.restart()
    line.simulator.happen(order_id, Happening.CANCEL)
    await counter.poll()
    assert merged(counter, order_id) is Kitchen.CANCELLED


async def test_a_dead_page_token_begins_the_round_again(current: Line) -> None:
    placed = {current.simulator.place() for _ in range(55)}
    counter = counter_of(current)
    page = await counter.connector.fetch_orders("")
    assert page.more
    at = Cursor.load(page.cursor)
    counter.stored.update((message.key, message) for message in page.messages)
    counter.cursor = replace(at, page="bm9uZQ==").dump()
    await counter.poll()
    assert counter.order_ids() == placed


async def test_the_last_day_is_read_again_every_ten_minutes(current: Line) -> None:
    """An order that was taken and ended between two polls is never open in a list."""
    counter = counter_of(current)
    await counter.poll()
    order_id = current.simulator.place()
    current.simulator.happen(order_id, Happening.CANCEL)
    await counter.poll()
    assert counter.order_ids() == set()
    counter.cursor = replace(Cursor.load(counter.cursor), polls=DAY_EVERY).dump()
    await counter.poll()
    assert merged(counter, order_id) is Kitchen.CANCELLED


async def test_work_that_was_over_before_is_not_imported(current: Line) -> None:
    current.simulator.happen(current.simulator.place(), Happening.CANCEL)
    counter = counter_of(current)
    await counter.poll()
    assert counter.stored == {}


async def test_orders_alive_are_read_one_by_one_only_every_minute(previous: Line) -> None:
    counter = counter_of(previous)
    order_id = previous.simulator.place()
    for _ in range(7):
        await counter.poll()
    assert asked(previous) == [order_id] * 3  # the new one, and then the fourth and the seventh poll


async def test_new_orders_do_not_wait_for_a_broken_line(previous: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is given out; what was not is new again next time."""
    placed = [previous.simulator.place() for _ in range(3)]
    connector = previous.connect()
    await connector.verify()
    _break_after(monkeypatch, connector, reads=2)
    first = await connector.fetch_orders("")
    assert [message.order_id for message in first.messages] == placed[:2]
    monkeypatch.undo()
    second = await connector.fetch_orders(first.cursor)
    assert placed[2] in [message.order_id for message in second.messages]


async def test_a_line_that_is_down_is_an_error(line: Line) -> None:
    connector = line.connect()
    await connector.verify()
    line.simulator.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.fetch_orders("")


async def test_a_days_orders_are_listed_with_their_numbers(current: Line) -> None:
    connector = current.connect(timezone="Europe/Paris")
    assert isinstance(connector, CurrentConnector)
    for _ in range(55):
        current.simulator.place()
    current.simulator.happen(asked(current, "placed")[0], Happening.CANCEL)
    today = steady.now().astimezone(tz=None).date()
    days = [today + timedelta(days=one) for one in (-1, 0, 1)]
    listed = [entry for day in days for entry in await connector.list_day(day)]
    assert [(one.order_id, one.number) for one in listed] == [(t.order_id, t.number) for t in current.simulator.truth()]


async def test_a_day_needs_the_stores_time_zone(current: Line) -> None:
    info = await current.connect().verify()
    assert info.values == {"timezone": "Europe/Paris"}
    for zone in ("", "Nowhere/At all", "Europe"):
        connector = current.connect(timezone=zone)
        assert isinstance(connector, CurrentConnector)
        with pytest.raises(RejectedError, match="time zone"):
            await connector.list_day(datetime(2026, 1, 1, tzinfo=UTC).date())


async def test_where_the_courier_is(current: Line) -> None:
    connector = current.connect()
    assert isinstance(connector, CurrentConnector)
    order_id = _delivered(current)
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    assert await connector.locate_courier(order_id) is None
    current.simulator.happen(order_id, Happening.COURIER_ASSIGNED)
    place = await connector.locate_courier(order_id)
    assert place
    assert (place.latitude, place.longitude) == (48.86, 2.35)


class NeverLooksUp(PreviousConnector):
    """A control: forgets what vanished from the lists."""

    async def fetch_orders(self, cursor: str) -> Page:
        page = await super().fetch_orders(replace(Cursor.load(cursor), waiting=(), polls=1).dump())
        ended = [one for one in page.messages if b'"CREATED"' not in one.body]
        return replace(page, messages=tuple(one for one in page.messages if one not in ended))


async def test_a_poll_that_looks_nothing_up_is_caught(previous: Line) -> None:
    counter = Counter(previous.simulator, NeverLooksUp(previous.settings(), previous.client), lambda _: previous.connect())
    order_id = previous.simulator.place()
    await counter.poll()
    previous.simulator.happen(order_id, Happening.CANCEL)
    await counter.poll()
    with pytest.raises(AssertionError):
        assert merged(counter, order_id) is Kitchen.CANCELLED


def _delivered(line: Line) -> str:
    """An order that a courier will fetch."""
    while True:
        order_id = line.simulator.place()
        if line.simulator.shop.orders[order_id].fulfilment == "delivery":
            return order_id


def _break_after(monkeypatch: pytest.MonkeyPatch, connector: Any, reads: int) -> None:
    genuine, done = connector._client.get, []

    async def get(path: str, params: Any = None) -> Any:
        if "/order/" in path:
            done.append(path)
            if len(done) > reads:
                raise TemporaryError("the line broke")
        return await genuine(path, params)

    monkeypatch.setattr(connector._client, "get", get)
