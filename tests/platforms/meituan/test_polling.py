"""Every order of Meituan is found by its number of the day, read until it is over, and let go then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app import steady
from app.domain.lifecycle import Payment
from app.domain.shop import DayEntry
from app.platforms.abilities import ListsDays
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.meituan import polling
from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.polling import CLOSED_EVERY, HOLE_TRIES, Cursor
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.simulation import Happening

from .conftest import DOORS, Connect, Start, drained


@DOORS
async def test_every_number_is_read_once_and_a_new_one_found(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(5)]
    connector = connect(simulator)
    ids, cursor = await drained(connector)
    assert ids == placed
    assert Cursor.load(cursor).last == 5
    late = simulator.place()
    ids, cursor = await drained(connect(simulator), cursor)
    assert late in ids
    assert Cursor.load(cursor).last == 6


@DOORS
async def test_an_old_order_that_no_list_shows_is_found_by_its_number(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(3)]
    for order in simulator.shop.orders.values():
        order.placed_at -= 400  # beyond the five minutes that the gateway looks back
    assert sorted((await drained(connect(simulator)))[0]) == sorted(placed)


@DOORS
async def test_a_number_that_is_not_there_yet_stays_a_hole_and_is_asked_for_again(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(4)]
    hidden = simulator.shop.orders.pop(placed[1])
    ids, cursor = await drained(connect(simulator))
    assert placed[1] not in ids
    assert Cursor.load(cursor).holes == ((2, HOLE_TRIES - 1),)
    simulator.shop.orders[placed[1]] = hidden
    ids, cursor = await drained(connect(simulator), cursor)
    assert placed[1] in ids
    assert Cursor.load(cursor).holes == ()


async def test_a_hole_is_given_up_in_the_end(start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "HOLE_TRIES", 3)
    simulator = await start()
    placed = [simulator.place() for _ in range(2)]
    simulator.shop.orders.pop(placed[0])
    connector, cursor, left = connect(simulator), "", []
    for _ in range(4):
        cursor = (await connector.fetch_orders(cursor)).cursor
        left.append(Cursor.load(cursor).holes)
    assert left == [((1, 2),), ((1, 1),), (), ()]
    assert Cursor.load(cursor).last == 2


@DOORS
async def test_the_next_day_begins_at_one_after_the_old_days_last_orders(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    first = simulator.place()
    _, cursor = await drained(connect(simulator))
    missed = simulator.place()
    tomorrow = simulator.place()
    order = simulator.shop.orders[tomorrow]
    order.placed_at += 86_400
    order.body |= {"day_seq": 1, "ctime": order.body["ctime"] + 86_400}
    later = connect(simulator, clock=lambda: steady.time() + 86_400)
    later._door.client._skew = -86_400.0  # the calls themselves go out on the right day
    ids, cursor = await drained(later, cursor)
    assert {missed, tomorrow} <= set(ids)
    assert Cursor.load(cursor).last == 1
    assert first


@DOORS
async def test_a_day_is_proved_by_its_numbers(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(4)]
    simulator.happen(placed[2], Happening.CANCEL)
    connector = connect(simulator)
    assert isinstance(connector, ListsDays)
    today = steady.now(CHINA).date()
    wanted = [DayEntry(order_id, str(number)) for number, order_id in enumerate(placed, 1)]
    assert await connector.list_day(today) == wanted
    simulator.records.clear()
    assert await connector.list_day(today) == wanted
    assert not [record for record in simulator.records if record.what == "fetched"]  # a number never changes hands
    assert await connector.list_day(today - timedelta(days=1)) == []


@pytest.mark.parametrize("text", ["", "x", "[]", '{"polls":"x"}', '{"holes":[1]}', "null"])
def test_an_unreadable_cursor_starts_afresh(text: str) -> None:
    assert Cursor.load(text) == Cursor()


async def test_a_refund_after_completion_whose_push_was_lost_is_found(start: Start, connect: Connect) -> None:
    simulator = await start()
    order_id = simulator.place()
    connector = connect(simulator)
    order = simulator.shop.orders[order_id]
    simulator.shop.accept(order)
    order.body["logistics_status"] = 40
    simulator.happen(order_id, Happening.COMPLETE)
    _, cursor = await drained(connector)
    simulator.happen(order_id, Happening.ASK_REFUND)
    late = replace(Cursor.load(cursor), polls=CLOSED_EVERY - 1).dump()
    page = await connector.fetch_orders(late)
    updates = [update for message in page.messages for update in connector.read(message)]
    assert [update.payment for update in updates] == [Payment.REFUND_ASKED]
    assert Cursor.load(page.cursor).again == ()


@DOORS
async def test_an_order_meituan_forgot_is_let_go(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    _, cursor = await drained(connector)
    del simulator.shop.orders[order_id]
    _, cursor = await drained(connector, cursor)
    assert Cursor.load(cursor).waiting == ()


@pytest.mark.parametrize(
    ("code", "kept"), [("806", False), ("OP_ORDER_NOT_EXIST", False), ("808", True), ("OP_BIZ_1", True)]
)
async def test_a_no_about_the_moment_makes_nobody_forget_an_order(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch, code: str, kept: bool
) -> None:
    simulator = await start()
    order_id = simulator.place()
    connector = connect(simulator)
    _, cursor = await drained(connector)

    async def refused(_: str) -> None:
        raise RejectedError("not now", code)

    monkeypatch.setattr(connector._door, "order", refused)
    _, cursor = await drained(connector, cursor)
    assert (order_id in Cursor.load(cursor).waiting) == kept


async def test_an_order_whose_refunds_could_not_be_told_is_read_again(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = await start()
    order_id = simulator.place()
    order = simulator.shop.orders[order_id]
    simulator.shop.accept(order)
    order.body["logistics_status"] = 40
    simulator.happen(order_id, Happening.COMPLETE)
    simulator.happen(order_id, Happening.REFUND_PART, amount=100)
    connector = connect(simulator)

    async def silent(_: Any) -> None:
        raise TemporaryError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(connector._door, "refunds", silent)
        page = await connector.fetch_orders("")
    assert [message.order_id for message in page.messages] == [order_id]  # the order itself does not wait
    assert Cursor.load(page.cursor).live == (order_id,)
    page = await connector.fetch_orders(page.cursor)
    (update,) = connector.read(page.messages[0])
    assert update.refunded
    assert update.refunded.minor == 100
    assert Cursor.load(page.cursor).closed == (order_id,)
