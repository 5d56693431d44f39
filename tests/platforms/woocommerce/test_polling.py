"""Polling: no trap of the order list hides an order, and nothing that was never the counter's comes in."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from multidict import MultiDict

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.simulation import Faults, Happening
from app.platforms.woocommerce import polling
from app.platforms.woocommerce.cursor import OVERLAP, QUIET_POLLS, Cursor
from app.platforms.woocommerce.simulated_books import Books
from app.platforms.woocommerce.simulated_lists import page_of
from app.platforms.woocommerce.simulated_orders import MENU
from tests.platforms.lines import poll_all

from .conftest import Line

NOW = steady.now().replace(microsecond=0)


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def placed(line: Line, **payload: Any) -> str:
    wanted = {"line_items": [line.simulator.maker.line(MENU[0])], "date_paid_gmt": at(0), **payload}
    return line.simulator.place(payload=wanted)


async def heard(line: Line, cursor: str = "") -> tuple[set[str], str]:
    messages, cursor = await poll_all(line.connect(), cursor)
    return {message.order_id for message in messages}, cursor


# -- the first look


async def test_the_first_look_takes_what_waits_and_no_history(line: Line) -> None:
    waiting = placed(line), placed(line, status="on-hold")
    for status in ("completed", "cancelled", "refunded", "failed", "pending", "checkout-draft", "trash"):
        placed(line, status=status)
    long_ago = placed(line, date_modified_gmt=at(-30 * 86400))
    found, _ = await heard(line)
    assert found == set(waiting)
    assert long_ago not in found


async def test_the_shops_orders_are_the_clock_and_not_this_machine(line: Line) -> None:
    old = [placed(line, date_modified_gmt=at(-400 * 86400 + second)) for second in range(3)]
    assert (await heard(line))[0] == set(old)


async def test_a_shop_without_orders_is_no_trouble(line: Line) -> None:
    found, cursor = await heard(line)
    assert found == set()
    order_id = placed(line)
    assert (await heard(line, cursor))[0] == {order_id}


# -- what is the counter's business


async def test_an_order_comes_in_when_it_is_paid(line: Line) -> None:
    _, cursor = await heard(line)
    order_id = placed(line, status="pending", date_paid_gmt=None)
    found, cursor = await heard(line, cursor)
    assert found == set()
    line.simulator.books.set_status(line.order(order_id), "processing")
    line.simulator.books.touch(line.order(order_id))
    assert (await heard(line, cursor))[0] == {order_id}


async def test_one_cancelled_before_it_was_paid_may_still_live(line: Line) -> None:
    """Shops cancel unpaid orders by themselves; a payment that comes late revives them."""
    _, cursor = await heard(line)
    order_id = placed(line, status="cancelled", date_paid_gmt=None)
    found, cursor = await heard(line, cursor)
    assert found == set()
    line.simulator.books.set_status(line.order(order_id), "processing")
    line.simulator.books.touch(line.order(order_id))
    assert (await heard(line, cursor))[0] == {order_id}


@pytest.mark.parametrize("method", ["cod", "bacs", "cheque"])
async def test_one_that_was_to_be_paid_later_counts_although_it_was_cancelled_between_two_looks(
    line: Line, method: str
) -> None:
    """It stood in a new status at once: that nobody paid proves nothing of it."""
    _, cursor = await heard(line)
    order_id = placed(line, date_paid_gmt=None, payment_method=method, status="on-hold" if method != "cod" else "processing")
    line.simulator.happen(order_id, Happening.CANCEL)
    connector = line.connect()
    messages, _ = await poll_all(connector, cursor)
    assert [(one.order_id, one.kitchen) for one in connector.read(messages[-1])] == [(order_id, Kitchen.CANCELLED)]
    assert line.simulator.truth()[-1].delivered_to_console_at


@pytest.mark.parametrize(
    "facts",
    [
        {"payment_method": "stripe"},
        {"payment_method": "cod", "created_via": "rest-api"},
        {"payment_method": "cod", "status": "pending"},
        {"payment_method": "cod", "status": "failed"},
    ],
    ids=["to be paid at once", "not from the checkout", "waiting", "failed"],
)
async def test_what_may_have_waited_for_its_payment_is_nobodys_order(line: Line, facts: dict[str, str]) -> None:
    _, cursor = await heard(line)
    placed(line, **{"status": "cancelled", "date_paid_gmt": None} | facts)
    assert (await heard(line, cursor))[0] == set()


async def test_an_account_that_cooks_nothing_on_hold_has_no_order_cancelled_there(line: Line) -> None:
    _, cursor = await heard(line)
    placed(line, status="cancelled", date_paid_gmt=None, payment_method="bacs")
    connector = line.connect(new_statuses="processing")
    assert not (await poll_all(connector, cursor))[0]


async def test_an_open_order_is_followed_to_its_end(line: Line) -> None:
    order_id = placed(line, status="on-hold", date_paid_gmt=None)
    connector = line.connect()
    _, cursor = await poll_all(connector)
    line.simulator.books.set_status(line.order(order_id), "failed")
    line.simulator.books.touch(line.order(order_id))
    messages, cursor = await poll_all(connector, cursor)
    assert connector.read(messages[-1])[0].unmapped == "failed"
    line.simulator.books.set_status(line.order(order_id), "cancelled")
    line.simulator.books.touch(line.order(order_id))
    messages, cursor = await poll_all(connector, cursor)
    assert connector.read(messages[-1])[0].kitchen is Kitchen.CANCELLED
    assert Cursor.parse(cursor, "x").open == ()


async def test_one_that_was_sold_and_eaten_while_nobody_looked_still_counts(line: Line) -> None:
    _, cursor = await heard(line)
    order_id = placed(line, status="completed")
    assert (await heard(line, cursor))[0] == {order_id}


# -- the traps of the list


async def test_many_orders_of_one_second_across_pages(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "PAGE", 5)
    first = {placed(line, date_modified_gmt=at(-60)) for _ in range(17)}
    second = {placed(line, date_modified_gmt=at(-59)) for _ in range(5)}
    assert (await heard(line))[0] == first | second


async def test_one_second_that_filled_up_behind_us(line: Line) -> None:
    first = placed(line, date_modified_gmt=at(-60))
    _, cursor = await heard(line)
    late = placed(line, date_modified_gmt=at(-60)), placed(line, date_modified_gmt=at(-60 - OVERLAP + 1))
    assert (await heard(line, cursor))[0] == {first, *late}


async def test_rows_that_move_while_the_list_is_read(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page 1, touch its first row, page 2: walking pages loses an order (observed). Asking anew from its time does not."""
    monkeypatch.setattr(polling, "PAGE", 5)
    orders = [placed(line, date_modified_gmt=at(-60 + number)) for number in range(12)]
    connector, found, cursor = line.connect(), set[str](), ""
    for number in range(50):
        page = await connector.fetch_orders(cursor)
        found |= {message.order_id for message in page.messages}
        cursor = page.cursor
        line.order(orders[number % 6])["date_modified_gmt"] = at(number)
        if not page.more and number > 5:
            break
    assert found == set(orders)


async def test_after_a_restart_an_old_page_number_means_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "PAGE", 5)
    orders = {placed(line, date_modified_gmt=at(-60)) for _ in range(12)}
    connector = line.connect()
    page = await connector.fetch_orders("")
    page = await connector.fetch_orders(page.cursor)
    assert Cursor.parse(page.cursor, "elsewhere").offset == 0
    assert {message.order_id for message in (await poll_all(line.connect(), page.cursor))[0]} == orders


class Churn:
    """A shop whose clock stands still unless it is told, polled by the rule of the cursor."""

    def __init__(self, seed: int, per_page: int) -> None:
        self.chance, self.time, self.per_page = random.Random(seed), 1_000_000.0, per_page
        self.books = Books(self.chance, "EUR")
        self.books.clock = lambda: self.time
        self.cursor = Cursor(run="r", begun=True)
        self.seen: dict[int, str] = {}

    def write(self) -> None:
        if self.books.orders and self.chance.random() < 0.6:
            self.books.touch(self.chance.choice(list(self.books.orders.values())))
        else:
            now = self.books.now()
            number = len(self.books.orders) + 1
            base = {"id": number, "status": "processing", "date_created_gmt": now, "date_modified_gmt": now}
            self.books.add({**base, "refunds": [], "meta_data": []})
        self.time += self.chance.choice((0, 0, 0.3, 1.2))

    def poll(self) -> bool:
        query = self.cursor.query(self.per_page)
        found = page_of(self.books, MultiDict(query))
        places = [(row["id"], int(datetime.fromisoformat(f"{row['date_modified_gmt']}Z").timestamp())) for row in found.rows]
        self.seen.update((row["id"], row["date_modified_gmt"]) for row in found.rows)
        behind = found.total > self.cursor.offset + len(found.rows)
        self.cursor, more = self.cursor.advanced(places, behind and bool(found.rows))
        return more


@given(st.integers(0, 10_000), st.integers(3, 9))
@example(2093, 3)  # the anchor changed, and came to stand in its old place: an order was hidden for good
@example(559, 4)  # one row left a second and another came into it, in a walk that took longer than the overlap
@hypothesis_settings(max_examples=40, database=None)
def test_no_churn_hides_an_order(seed: int, per_page: int) -> None:
    churn = Churn(seed, per_page)
    for _ in range(60):
        churn.write()
        if churn.chance.random() < 0.5:
            churn.poll()
    for _ in range(3):  # the walk under way, once more where a row moved, and one over all that may have changed meanwhile
        while churn.poll():
            assert churn.cursor.offset < 60
    assert churn.seen == {number: order["date_modified_gmt"] for number, order in churn.books.orders.items()}


def ended(cursor: Cursor, *times: int) -> Cursor:
    after, more = cursor.advanced([(number, at) for number, at in enumerate(times, 1)], more=False)
    assert not more
    return after


def test_a_page_nobody_can_read_is_passed() -> None:
    cursor, more = Cursor(run="r", begun=True).advanced([None] * 4, more=True)
    assert (cursor.offset, cursor.anchor, more) == (4, 0, True)
    cursor, more = cursor.advanced([(1, 1), None, (2, 1), None], more=True)
    assert (cursor.offset, cursor.anchor, more) == (6, 2, True)
    cursor, more = cursor.advanced([(2, 1), None, None, None], more=True)
    assert (cursor.offset, cursor.anchor, more) == (10, 0, True)


def test_a_quiet_shop_is_asked_for_nothing_it_said_before() -> None:
    cursor = ended(Cursor(run="r", begun=True), 500)
    assert cursor.after == 500 - OVERLAP
    for _ in range(QUIET_POLLS):
        cursor = ended(cursor, 500)
    assert cursor.after == 500
    assert ended(cursor) == cursor
    changed = ended(cursor, 501)
    assert changed.after == 500 - OVERLAP, "what changed during a walk is walked over again"
    assert ended(changed, 501).after == 501 - OVERLAP
    assert Cursor.parse(str(cursor), "other").after == 500 - OVERLAP


def test_the_time_is_sent_without_a_zone() -> None:
    """With a "Z" beside the flag the shop would answer nothing, for ever and without a word (observed)."""
    query = Cursor(run="r", begun=True, after=1767225600).query(100)
    assert (query["modified_after"], query["dates_are_gmt"], query["status"]) == ("2026-01-01T00:00:00", "true", "any")


@pytest.mark.parametrize("text", ["", "7", "[]", "{", '{"offset":1,"odd":2}', '{"open":["x"]}', "null"])
def test_a_cursor_nobody_can_read_begins_anew(text: str) -> None:
    assert Cursor.parse(text, "r") == Cursor(run="r")


async def test_a_shop_that_ignores_the_filter_is_found_out(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    placed(line, date_modified_gmt=at(-60)), placed(line)
    _, cursor = await heard(line)
    for day in range(3):
        placed(line, date_modified_gmt=at(-90 * 86400 + day))
    query = Cursor.query

    def misspelt(cursor: Cursor, size: int) -> dict[str, str]:
        return {name.replace("modified_after", "modified-after"): value for name, value in query(cursor, size).items()}

    monkeypatch.setattr(Cursor, "query", misspelt)
    with pytest.raises(ProtocolError, match=r"5\.8"):
        await line.connect().fetch_orders(cursor)


async def test_an_order_nobody_can_read_hides_no_other(line: Line) -> None:
    odd, good = placed(line, currency="euros"), placed(line)
    messages, _ = await poll_all(line.connect())
    assert {message.order_id for message in messages} == {odd, good}
    with pytest.raises(ProtocolError):
        line.connect().read(next(message for message in messages if message.order_id == odd))


# -- looking back


async def swept(line: Line, cursor: str) -> list[Any]:
    """What a new run finds, since it looks at every open order at once."""
    connector = line.connect()
    messages, _ = await poll_all(connector, cursor)
    return [update for message in messages for update in connector.read(message)]


async def test_an_order_in_the_trash_is_missed_and_found(line: Line) -> None:
    order_id, other = placed(line), placed(line)
    _, cursor = await heard(line)
    line.simulator.books.trash(line.order(order_id))
    updates = [update for update in await swept(line, cursor) if update.order_id == order_id]
    assert [update.kitchen for update in updates] == [Kitchen.CANCELLED]
    assert other


async def test_one_deleted_for_good_is_told_as_gone(line: Line) -> None:
    order_id, _ = placed(line), placed(line)
    _, cursor = await heard(line)
    del line.simulator.books.orders[int(order_id)]
    (update,) = [update for update in await swept(line, cursor) if update.order_id == order_id]
    assert (update.kitchen, update.facts, update.reason) == (Kitchen.CANCELLED, None, "deleted in the shop")


async def test_many_open_orders_are_looked_at_page_by_page(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [placed(line, date_modified_gmt=at(-60)) for _ in range(11)]
    _, cursor = await heard(line)
    monkeypatch.setattr(polling, "PAGE", 3)
    for order_id in orders:
        line.order(order_id)["status"] = "completed"  # and nobody told the list
    assert {update.order_id for update in await swept(line, cursor) if update.kitchen is Kitchen.COMPLETED} == set(orders)


async def test_one_in_a_status_whose_plugin_was_switched_off_is_still_ours(line: Line) -> None:
    line.simulator.books.custom = {"preparing"}
    order_id = placed(line, status="preparing")
    placed(line)
    _, cursor = await heard(line)
    line.simulator.books.custom = set()
    (update,) = [update for update in await swept(line, cursor) if update.order_id == order_id]
    assert update.kitchen is Kitchen.PREPARING


async def test_an_empty_shop_is_a_switched_storage_and_no_deletion(line: Line) -> None:
    placed(line), placed(line)
    _, cursor = await heard(line)
    line.simulator.books.orders.clear()
    assert await swept(line, cursor) == []


async def test_a_look_back_that_fails_holds_up_no_new_order(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    placed(line)
    _, cursor = await heard(line)
    new = placed(line)

    async def fail(*_: Any) -> Any:
        raise RejectedError("no")

    monkeypatch.setattr(polling.Poll, "_sweep", fail)
    assert new in (await heard(line, cursor))[0]


async def test_odd_days_change_nothing(line: Line) -> None:
    line.simulator.faults = Faults(odd=1.0)
    orders = {placed(line) for _ in range(3)}
    assert (await heard(line))[0] == orders
