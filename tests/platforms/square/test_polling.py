"""The two passes over the shop's orders: nothing skipped, whatever lists and processes do; and the list of one day."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import steady
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.platforms.api import ProtocolError, RejectedError, UnknownMessageError
from app.platforms.simulation import Happening
from app.platforms.square.cursor import ALL, FIRST_LOOK, OPEN, OVERLAP, SLOW_EVERY, Cursor
from app.platforms.square.simulated_orders import moment, usd
from tests.platforms.lines import poll_all, send

from .conftest import Line

NOW = 1_767_290_400_000


def till_sale(**changed: Any) -> dict[str, Any]:
    """What somebody bought at the counter: no fulfilment, no version."""
    now = moment(steady.now())
    lines = [{"uid": "a", "name": "Coffee", "quantity": "1", "gross_sales_money": usd(300)}]
    times = {"created_at": now, "updated_at": now, "closed_at": now}
    return {"state": "COMPLETED", **times, "line_items": lines, "total_money": usd(300), **changed}


def test_the_first_look_takes_open_orders_of_a_week() -> None:
    at = Cursor.parse("").begun(NOW)
    asked = at.query("L1")
    assert (at.walk, at.since) == (OPEN, NOW - FIRST_LOOK)
    assert asked["query"]["filter"]["state_filter"] == {"states": ["OPEN"]}
    assert asked["query"]["filter"]["date_time_filter"] == {"updated_at": {"start_at": "2025-12-25T18:00:00.000Z"}}
    assert asked["query"]["sort"] == {"sort_field": "UPDATED_AT", "sort_order": "ASC"}
    assert "cursor" not in asked


def test_every_third_poll_takes_all_states_and_looks_behind_its_own_mark() -> None:
    at, walks = Cursor(), []
    for turn in range(7):
        at = at.begun(NOW)
        walks.append(at.walk)
        at = at.advanced(NOW + 1000 * turn, "", NOW)
    assert walks == [OPEN, ALL, OPEN, OPEN, ALL, OPEN, OPEN]
    assert SLOW_EVERY == 3
    slow = Cursor(polls=1, open=NOW + 5000, all=NOW).begun(NOW)
    assert (slow.walk, slow.since) == (ALL, NOW - OVERLAP)
    assert set(slow.query("L1")["query"]["filter"]) == {"date_time_filter"}


def test_pages_of_a_pass_ask_with_the_same_words() -> None:
    first = Cursor(polls=2, open=NOW, all=NOW).begun(NOW)
    second = first.advanced(NOW + 50, "token", NOW).begun(NOW + 10**6)
    assert second.query("L1") == {**first.query("L1"), "cursor": "token"}
    assert second.again().query("L1") == first.query("L1")
    done = second.advanced(0, "", NOW)
    assert (done.open, done.page, done.walk, done.polls) == (NOW + 50, "", "", 3)


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_marks_never_go_back_and_never_past_what_was_seen(times: list[int]) -> None:
    at = Cursor()
    for newest in times:
        before = at
        at = at.begun(NOW).advanced(NOW + newest, "", NOW)
        assert (at.open >= before.open, at.all >= before.all) == (True, True)
        assert max(at.open, at.all) <= NOW + max(times)


@given(
    st.text()
    | st.sampled_from(
        ['{"open": "x"}', "[]", '{"polls": null}', '{"walk": 1}', '{"open": 1e99}', '{"all": 9999999999999999}', "null"]
    )
)
def test_a_cursor_that_cannot_be_read_begins_anew(text: str) -> None:
    assert Cursor.parse(text).begun(NOW).query("L1")


def test_a_cursor_survives_being_stored() -> None:
    at = Cursor(3, NOW, NOW - 1, OPEN, NOW - OVERLAP, NOW, "token")
    assert Cursor.parse(str(at)) == at


async def test_an_unchanged_order_is_one_message(line: Line) -> None:
    line.simulator.place()
    connector, keys, cursor = line.connect(), set[str](), ""
    for _ in range(4):
        messages, cursor = await poll_all(connector, cursor)
        keys |= {message.key for message in messages}
    assert len(keys) == 1


async def test_sales_at_the_till_are_nobodys_order(line: Line) -> None:
    line.simulator.place(payload=till_sale())
    connector, cursor = line.connect(), ""
    for _ in range(3):
        messages, cursor = await poll_all(connector, cursor)
        assert messages == []


async def test_an_end_is_heard_within_three_polls_whatever_the_quick_pass_sees(line: Line) -> None:
    connector = line.connect()
    _, cursor = await poll_all(connector)
    _, cursor = await poll_all(connector, cursor)
    order_id = line.simulator.place()
    _, cursor = await poll_all(connector, cursor)
    line.simulator.happen(order_id, Happening.CANCEL, reason="ordered by mistake")
    heard = []
    for _ in range(SLOW_EVERY):
        messages, cursor = await poll_all(connector, cursor)
        heard += [update for message in messages for update in connector.read(message)]
    assert [(one.kitchen, one.reason) for one in heard][-1:] == [(Kitchen.CANCELLED, "ordered by mistake")]


async def test_an_order_that_appears_late_is_found(line: Line) -> None:
    """The list lags: a newer order was seen already when an older one comes to light."""
    connector, now = line.connect(), steady.now()
    line.simulator.place()
    _, cursor = await poll_all(connector)
    late = moment(now - timedelta(seconds=90))
    part = {"uid": "f", "type": "PICKUP", "state": "PROPOSED"}
    order_id = line.simulator.place(
        payload=till_sale(state="OPEN", created_at=late, updated_at=late, version=1, fulfillments=[part])
    )
    messages, _ = await poll_all(connector, cursor)
    assert order_id in {message.order_id for message in messages}


async def test_a_dead_page_token_begins_the_pass_anew(line: Line) -> None:
    placed = {line.simulator.place() for _ in range(130)}
    connector = line.connect()
    first = await connector.fetch_orders("")
    assert first.more
    broken = json.dumps({**json.loads(first.cursor), "page": "dead"})
    messages, _ = await poll_all(connector, broken)
    assert {message.order_id for message in messages} == placed


async def test_an_unreadable_order_is_kept_for_a_person(line: Line) -> None:
    order_id = line.simulator.place()
    line.order(order_id).body["total_money"] = {"amount": "much", "currency": "USD"}
    connector = line.connect()
    (message,), _ = await poll_all(connector)
    with pytest.raises(ProtocolError, match=r"total_money"):
        connector.read(message)


async def test_a_notice_about_nobodys_order_waits_for_nothing(line: Line) -> None:
    connector, order_id = line.connect(), line.simulator.place(payload=till_sale())
    message = await connector.fetch_order(order_id)
    with pytest.raises(UnknownMessageError, match=r"business"):
        connector.read(message)
    notice = line.simulator.pushes._event("order.created", line.order(order_id), [])
    pushed = type(message)("event:e", "event", json.dumps(notice).encode(), 1, order_id)
    with pytest.raises(UnknownMessageError, match=r"nobody waits"):
        connector.read(pushed)
    assert line.connect().read(pushed)[0].incomplete  # another process has to ask once more
    line.order(order_id).body |= {"state": "OPEN", "fulfillments": [{"uid": "f", "type": "PICKUP", "state": "PROPOSED"}]}
    assert connector.read(await connector.fetch_order(order_id))[0].kitchen is Kitchen.NEW
    assert connector.read(pushed)[0].incomplete


async def test_a_day_has_every_order_but_the_tills(line: Line) -> None:
    connector = line.connect()
    placed = [line.simulator.place() for _ in range(3)]
    line.simulator.place(payload=till_sale())
    line.simulator.happen(placed[0], Happening.CANCEL)
    await send(connector, CommandKind.ACCEPT, placed[1])
    late = moment(datetime(2026, 3, 8, 4, 59, 59, 999_000, tzinfo=UTC))  # the day New York's clocks are put forward
    part = {"uid": "f", "type": "PICKUP", "state": "PROPOSED"}
    before = line.simulator.place(payload=till_sale(state="OPEN", created_at=late, fulfillments=[part]))
    for day, expected in ((date(2026, 3, 7), [before]), (date(2026, 3, 8), [])):
        assert [entry.order_id for entry in await connector.list_day(day)] == expected
    days = {(steady.now() + timedelta(days=days)).date() for days in (-1, 0, 1)}
    listed = [entry.order_id for day in sorted(days) for entry in await connector.list_day(day)]
    assert sorted(listed) == sorted(placed)


async def test_without_a_time_zone_no_day_can_be_told(line: Line) -> None:
    with pytest.raises(RejectedError, match=r"time zone"):
        await line.connect(timezone="").list_day(date(2026, 1, 1))


async def test_the_only_location_is_found_and_several_are_named(line: Line) -> None:
    found = await line.connect(location_id="").verify()
    assert found.values == {"location_id": "LPRACTICE01", "shop_name": "Practice Noodles", "timezone": "America/New_York"}
    line.simulator.wire.places = [*line.simulator.wire.places, {"id": "L2", "name": "Second", "status": "ACTIVE"}]
    with pytest.raises(RejectedError, match=r"Practice Noodles: LPRACTICE01, Second: L2"):
        await line.connect(location_id="").verify()
    with pytest.raises(RejectedError, match=r"not known yet"):
        await line.connect(location_id="").fetch_orders("")
    with pytest.raises(RejectedError, match=r"not found"):
        await line.connect(location_id="L3").verify()
