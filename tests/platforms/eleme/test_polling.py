"""Polling finds everything that pushes may lose, repeats rather than skips, and survives restarts at any moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import steady
from app.domain.changes import OrderUpdate, RequestState
from app.domain.lifecycle import Delivery, Kitchen, Payment, merge_all
from app.platforms.api import Message, ProtocolError, TemporaryError
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.events import FAILED_PUSH
from app.platforms.eleme.polling import Cursor, certain, content_hash, missed_message
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError

Connect = Callable[..., ElemeConnector]


@dataclass
class Counter:
    """The engine in small: committed messages and the cursor that covers them."""

    connector: ElemeConnector
    cursor: str = ""
    stored: dict[str, Message] = field(default_factory=dict)

    async def poll(self, times: int = 1) -> list[Message]:
        """`times` whole rounds; answers what was new to the store."""
        new: list[Message] = []
        for _ in range(times):
            more = True
            while more:
                page = await self.connector.fetch_orders(self.cursor)
                new += [message for message in page.messages if message.key not in self.stored]
                self.stored.update((message.key, message) for message in page.messages)
                self.cursor, more = page.cursor, page.more
                await self.connector.acknowledge(page.messages)
        return new

    def told(self, order_id: str) -> list[OrderUpdate]:
        messages = [message for message in self.stored.values() if message.order_id == order_id]
        return [update for message in messages for update in self.connector.read(message)]

    def kitchen(self, order_id: str) -> Kitchen:
        return merge_all(update.state for update in self.told(order_id)).kitchen


@pytest.fixture
def counter(connect: Connect) -> Counter:
    """Polls only: nothing is pushed."""
    return Counter(connect())


async def test_an_order_is_found_once_and_an_unchanged_one_is_not_stored_again(
    eleme: ElemeSimulator, counter: Counter
) -> None:
    order_id = eleme.place()
    assert [message.order_id for message in await counter.poll()] == [order_id]
    assert await counter.poll(4) == []


async def test_an_order_taken_by_another_till_is_seen_at_the_next_poll(eleme: ElemeSimulator, counter: Counter) -> None:
    order_id = eleme.place()
    await counter.poll()
    eleme.shop.accept(eleme.shop.orders[order_id])
    await counter.poll()
    assert counter.kitchen(order_id) is Kitchen.ACCEPTED


async def test_progress_nobody_pushed_is_found_within_three_polls(eleme: ElemeSimulator, counter: Counter) -> None:
    order_id = eleme.place()
    order = eleme.shop.orders[order_id]
    await counter.poll(2)
    eleme.shop.accept(order)
    for step, delivery in (
        ("assigned", Delivery.ASSIGNED),
        ("picked_up", Delivery.PICKED_UP),
        ("delivered", Delivery.DELIVERED),
    ):
        eleme.shop.courier(order, step)
        await counter.poll(3)
        latest = [update for update in counter.told(order_id) if update.delivery][-1]
        assert (latest.delivery, bool(latest.courier and latest.courier.phone)) == (delivery, True)
    eleme.shop.complete(order)
    await counter.poll(3)
    assert counter.kitchen(order_id) is Kitchen.COMPLETED
    assert order_id not in Cursor.load(counter.cursor).live


async def test_a_request_is_found_and_so_is_its_end(eleme: ElemeSimulator, counter: Counter) -> None:
    order_id = eleme.place()
    eleme.shop.accept(eleme.shop.orders[order_id])
    await counter.poll()
    for _ in range(2):  # asking again after withdrawing is a new request
        eleme.happen(order_id, Happening.ASK_CANCEL, reason="等太久了")
        await counter.poll()
        assert requests(counter, order_id)[-1] is RequestState.OPEN
        eleme.happen(order_id, Happening.WITHDRAW)
        await counter.poll()
        assert requests(counter, order_id)[-1] is RequestState.WITHDRAWN
        await asyncio.sleep(1.05 - steady.time() % 1.0)  # Ele.me's own time of asking has whole seconds
    assert requests(counter, order_id) == [RequestState.OPEN, RequestState.WITHDRAWN] * 2


def requests(counter: Counter, order_id: str) -> list[RequestState]:
    return [update.request.state for update in counter.told(order_id) if update.request]


async def test_part_refunds_add_up_even_when_only_polled(eleme: ElemeSimulator, counter: Counter) -> None:
    order_id = finished(eleme)
    await counter.poll()
    for amount in (150, 250):
        eleme.happen(order_id, Happening.REFUND_PART, amount=amount)
    counter.cursor = ""  # the day is read again, as every ten minutes
    await counter.poll()
    latest = counter.told(order_id)[-1]
    assert latest.refunded
    assert (latest.refunded.minor, latest.payment) == (400, Payment.PART_REFUNDED)


def finished(eleme: ElemeSimulator) -> str:
    """An order that was delivered and completed."""
    order_id = eleme.place()
    order = eleme.shop.orders[order_id]
    eleme.shop.accept(order)
    for step in ("assigned", "picked_up", "delivered"):
        eleme.shop.courier(order, step)
    eleme.shop.complete(order)
    return order_id


async def test_a_downgraded_order_is_read_again_until_its_money_is_final(eleme: ElemeSimulator, counter: Counter) -> None:
    eleme.faults = Faults(odd=1.0)
    order_id = eleme.place()
    await counter.poll()
    assert [update.facts.provisional for update in counter.told(order_id) if update.facts] == [True]
    eleme.shop.orders[order_id].final_at = 0.0
    await counter.poll(3)
    last = counter.told(order_id)[-1]
    assert last.facts
    assert (last.facts.provisional, last.payment, last.facts.checks) == (False, Payment.PAID, ())


async def test_urges_are_found_by_polling(eleme: ElemeSimulator, counter: Counter) -> None:
    order_id = eleme.place()
    eleme.shop.accept(eleme.shop.orders[order_id])
    eleme.happen(order_id, Happening.URGE)
    await counter.poll(2)
    assert [update.urge.key for update in counter.told(order_id) if update.urge] == ["43"]


async def test_failed_pushes_are_fetched_stored_and_then_confirmed(eleme: ElemeSimulator, counter: Counter) -> None:
    eleme.push_to = "http://127.0.0.1:9/nobody"
    order_id = eleme.place()
    eleme.shop.accept(eleme.shop.orders[order_id])
    eleme.happen(order_id, Happening.URGE)
    async with asyncio.timeout(60):
        while not (len(eleme.pushes.failed) == 2 and len(eleme.pushes.missed) == 2):  # noqa: ASYNC110 - another task's doing
            await asyncio.sleep(0.02)
    page = await counter.connector.fetch_orders("")
    assert sum(message.kind == FAILED_PUSH for message in page.messages) == 2
    assert len(eleme.pushes.failed) == 2  # still there: nobody has stored them yet
    await counter.connector.acknowledge(page.messages)
    assert not eleme.pushes.failed
    told = [update for message in page.messages for update in counter.connector.read(message)]
    assert {update.order_id for update in told} == {order_id}
    assert sum(record.what == "push_failed" for record in eleme.records) == 12  # four messages, three tries each


async def test_an_app_without_the_message_packages_polls_on(eleme: ElemeSimulator, connect: Connect) -> None:
    order_id = eleme.place()
    page = await connect(app_id="1").fetch_orders("")  # the app number of somebody else: PERMISSION_DENIED
    assert order_id in {message.order_id for message in page.messages}


async def test_new_orders_do_not_wait_for_a_broken_rest(
    eleme: ElemeSimulator, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = eleme.place()
    client = counter.connector._client
    genuine = client.call

    async def failing(action: str, *arguments: Any, **options: Any) -> Any:
        if "Cancel" in action:
            raise TemporaryError("down")
        return await genuine(action, *arguments, **options)

    monkeypatch.setattr(client, "call", failing)
    page = await counter.connector.fetch_orders("")
    assert [message.order_id for message in page.messages] == [order_id]
    assert Cursor.load(page.cursor).polls == 0  # the rest stays due
    with pytest.raises(TemporaryError):  # and its failure is not hidden once there is nothing else to tell
        await counter.connector.fetch_orders(page.cursor)


async def test_nothing_is_skipped_when_the_program_dies_before_or_after_every_commit(
    eleme: ElemeSimulator, connect: Connect
) -> None:
    counter, placed = Counter(connect()), set()
    for turn in range(12):
        placed.add(eleme.place())
        page = await counter.connector.fetch_orders(counter.cursor)
        if turn % 3:  # every third page dies with the program
            counter.stored.update((message.key, message) for message in page.messages)
            counter.cursor = page.cursor
        counter.connector = connect()
    await counter.poll()
    assert {message.order_id for message in counter.stored.values()} == placed


async def test_a_terrible_day_hides_no_order_and_no_ending(eleme: ElemeSimulator, connect: Connect) -> None:
    counter = Counter(connect())
    eleme.faults = replace(Faults.level(3), latency=0.0)
    placed = [eleme.place() for _ in range(8)]
    for turn, order_id in enumerate(placed):
        await patiently(counter)
        if turn % 4 == 0:
            with suppress(ImpossibleError):  # it expired meanwhile, which is an ending too
                eleme.happen(order_id, Happening.CANCEL)
    eleme.faults = Faults()
    await counter.poll(3)
    for truth in eleme.truth():
        dead = counter.kitchen(truth.order_id) in (Kitchen.CANCELLED, Kitchen.REJECTED, Kitchen.EXPIRED)
        assert dead == (truth.status == "invalid")


async def patiently(counter: Counter) -> None:
    for _ in range(100):
        try:
            await counter.poll()
        except TemporaryError:
            continue
        return
    raise AssertionError("no poll came through")


async def test_an_order_the_platform_withholds_this_time_is_asked_for_again(
    eleme: ElemeSimulator, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = eleme.place()
    orders, eleme.shop.orders[order_id].body["status"] = eleme.shop.orders, "unprocessed"
    client, genuine = counter.connector._client, counter.connector._client.call

    async def lagging(action: str, *arguments: Any, **options: Any) -> Any:
        result = await genuine(action, *arguments, **options)
        return result._replace(value={}) if action in ("eleme.order.mgetOrders", "eleme.order.getAllOrders") else result

    with monkeypatch.context() as patch:
        patch.setattr(client, "call", lagging)
        assert await counter.poll() == []
    assert [message.order_id for message in await counter.poll()] == [order_id]
    assert list(orders) == [order_id]


@pytest.mark.parametrize("push", ["not json", "[]", "{}", '{"requestId":"1"}', {"requestId": "1"}, None, 5])
def test_an_unreadable_missed_message_is_kept_and_blocks_nothing(push: Any, connect: Connect) -> None:
    message = missed_message(push, FAILED_PUSH, 1)
    assert message.body
    with pytest.raises(ProtocolError):
        connect().read(message)


@given(held=st.none() | st.text() | st.integers() | st.dictionaries(st.sampled_from(["polls", "live", "days"]), st.text()))
def test_an_unreadable_cursor_starts_afresh(held: Any) -> None:
    assert isinstance(Cursor.load(json.dumps(held)), Cursor)
    assert Cursor.load("{broken") == Cursor()


@given(
    st.builds(
        Cursor,
        st.integers(0, 10**6),
        st.lists(st.text()).map(tuple),
        st.lists(st.text()).map(tuple),
        st.lists(st.text()).map(tuple),
        st.lists(st.tuples(st.text(), st.integers(1, 100))).map(tuple),
    )
)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert Cursor.load(cursor.dump()) == cursor


def test_the_key_of_an_order_ignores_what_changes_by_itself() -> None:
    order = {"id": "1", "status": "valid", "secretPhoneExpireTime": "2025-06-01T15:42:31"}
    assert content_hash(order) == content_hash({**order, "secretPhoneExpireTime": "2025-06-01T15:43:00"})
    assert content_hash(order) != content_hash({**order, "status": "settled"})


async def test_a_re_read_of_a_request_does_not_hide_the_next_poll(eleme: ElemeSimulator, counter: Counter) -> None:
    order_id = eleme.place()
    eleme.shop.accept(eleme.shop.orders[order_id])
    plain = await counter.connector.fetch_order(order_id)
    eleme.happen(order_id, Happening.ASK_CANCEL)
    reread = await counter.connector.fetch_order(order_id)
    polled = {message.key: message for message in await counter.poll()}
    assert plain.key.count(":") == 2
    assert reread.key not in polled
    assert reread.body in {message.body for message in polled.values()}


@pytest.mark.parametrize(
    ("times", "version"),
    [
        ((), 1_748_749_400_000),
        ((None, "", 5, "yesterday"), 1_748_749_400_000),
        (("2025-06-01T11:43:21",), 1_748_749_401_000),  # placed after the clock of the answer's second
        (("2025-06-01T11:43:19", "2099-01-01T00:00:00"), 1_748_749_400_000),  # older, and a wrong clock
    ],
)
def test_content_is_never_older_than_the_times_it_states(times: tuple[Any, ...], version: int) -> None:
    assert certain(1_748_749_400_000, *times) == version
