"""The only door: durable before it is acknowledged, once for ever, and no message that holds up the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.db import accounts, inbox, orders
from app.db.database import Database
from app.db.tables import inbox as table
from app.domain.lifecycle import Kitchen
from app.engine import ingest as module
from app.engine.bell import Bell
from app.engine.ingest import ATTEMPTS, Ingest
from app.engine.views import Change
from app.platforms.api import Connector, Message, Settings
from app.steady import now
from tests.engine.shop import ORDER, FakeConnector, house, message, open_account, until


class Door:
    """An ingest whose connector and refetches the test holds in its hand."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.account = store.write_now(open_account)
        self.connector: Connector | None = FakeConnector(Settings(self.account.id, {}, _nothing), None)  # type: ignore[arg-type]  # makes no call
        self.refetched: list[tuple[int, str]] = []
        self.changes: list[Change] = []
        bell = Bell()
        bell.subscribe(self.changes.append)
        self.ingest = Ingest(store, house(), bell, lambda _: self.connector, lambda *wanted: self.refetched.append(wanted))

    async def hears(self, *messages: Message, source: str = "poll") -> None:
        await self.ingest.receive(self.account.id, messages, source)

    async def reads(self) -> None:
        """Read everything that waits, due or not, once."""
        self.store.write_now(lambda connection: connection.execute(update(table).values(due_at=now())))
        for one in self.store.write_now(inbox.due, now()):
            await self.ingest.read(one)

    def states(self) -> list[tuple[str, str]]:
        query = select(table.c.state, table.c.error).order_by(table.c.id)
        return [tuple(row) for row in self.store.read(lambda connection: connection.execute(query).all())]

    def order(self, order_id: str = ORDER) -> Kitchen | None:
        found = self.store.read(orders.find, self.account.id, order_id)
        return found.state.kitchen if found else None


async def _nothing(_: Any) -> None:
    return None


@pytest.fixture
def door(store: Database, wire: object) -> Door:
    return Door(store)


async def test_a_message_is_on_disk_before_anyone_may_acknowledge_it(door: Door) -> None:
    await door.hears(message("m1", kitchen="new"))

    assert door.store.read(inbox.waiting) == 1  # read through another connection: committed
    assert door.order() is None


async def test_acknowledging_first_would_be_caught(door: Door) -> None:
    """Negative control: a store that cannot commit must not let `receive` return."""
    foreign = Message("m1", "order", None, 1, ORDER)  # type: ignore[arg-type]  # no body: the row is refused

    with pytest.raises(IntegrityError):
        await door.hears(foreign)
    assert door.store.read(inbox.waiting) == 0


async def test_the_cursor_moves_with_its_messages_or_not_at_all(door: Door) -> None:
    await door.ingest.receive(door.account.id, [message("m1")], "poll", "c1")
    with pytest.raises(IntegrityError):
        await door.ingest.receive(door.account.id, [Message("m2", "order", None, 1)], "poll", "c2")  # type: ignore[arg-type]  # as above

    assert door.store.read(accounts.get, door.account.id).cursor == "c1"


async def test_a_message_heard_twice_is_one_for_ever(door: Door) -> None:
    await door.hears(message("m1", kitchen="new"))
    await door.hears(message("m1", kitchen="new"), message("m1", kitchen="new"), source="push")
    await door.reads()
    await door.hears(message("m1", kitchen="new"))

    assert door.states() == [("done", "")]


async def test_two_accounts_may_use_the_same_key(door: Door) -> None:
    other = door.store.write_now(lambda connection: open_account(connection, hook_token="other"))
    await door.hears(message("m1"))
    await door.ingest.receive(other.id, [message("m1")], "poll")

    assert door.store.read(inbox.waiting) == 2


async def test_what_cannot_be_read_is_kept_and_shown_and_holds_up_nothing(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await door.hears(message("m1", "poison"), message("m2", "strange"), message("m3", "bug"), message("m4", kitchen="new"))
    await door.reads()

    assert door.states() == [
        ("parked", "this is not an order"),
        ("ignored", "a kind nobody uses"),
        ("pending", "KeyError: 'missing'"),
        ("done", ""),
    ]
    assert door.order() is Kitchen.NEW
    assert [change.topic for change in door.changes] == ["problems", "orders"]
    assert [one.reason for one in door.store.read(inbox.parked)] == ["this is not an order"]


async def test_a_message_we_fail_on_is_tried_with_growing_pauses_then_parked(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    await door.hears(message("m1", "bug"))
    pauses = []
    for _ in range(ATTEMPTS - 1):
        await door.reads()
        due = door.store.read(lambda connection: connection.execute(select(table.c.due_at)).scalar_one())
        pauses.append((due - now()) / timedelta(seconds=1))
    await door.reads()

    assert door.states() == [("parked", "KeyError: 'missing'")]
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0] > 0


async def test_a_step_of_an_unknown_order_fetches_it_and_waits(door: Door) -> None:
    await door.hears(message("m1", kitchen="ready", step=True, at=9))
    await door.reads()
    assert (door.refetched, door.states()[0][0]) == ([(door.account.id, ORDER)], "pending")

    await door.hears(message("f1", kitchen="new", at=5), source="fetch")
    await door.reads()
    await door.reads()
    assert [state for state, _ in door.states()] == ["done", "done"]
    assert door.order() is Kitchen.READY


async def test_an_order_the_platform_does_not_know_either_is_parked(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    await door.hears(message("m1", kitchen="ready", step=True))
    for _ in range(ATTEMPTS):
        await door.reads()

    assert door.states() == [("parked", "waits for its order")]
    assert len(door.refetched) == ATTEMPTS, "asked a bounded number of times"

    await door.hears(message("f1", kitchen="new", at=0), source="fetch")  # it comes after all
    await door.reads()
    await door.reads()
    assert [state for state, _ in door.states()] == ["done", "done"]
    assert door.order() is Kitchen.READY


async def test_half_a_report_asks_for_the_whole_order_but_a_fetched_half_does_not(door: Door) -> None:
    await door.hears(message("m1", incomplete=True))
    await door.hears(message("m2", incomplete=True), source="fetch")
    await door.reads()

    assert door.refetched == [(door.account.id, ORDER)]


async def test_messages_of_a_closed_account_wait_however_long_it_takes(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    open_one, door.connector = door.connector, None
    await door.hears(message("m1", kitchen="new"), message("m2", "bug"))
    for _ in range(3 * ATTEMPTS):
        await door.reads()
    assert door.states() == [("pending", "the account is switched off")] * 2

    door.connector = open_one
    await door.reads()
    assert door.order() is Kitchen.NEW
    assert [state for state, _ in door.states()] == ["done", "pending"], "waiting was no failed attempt"


@pytest.fixture
async def running(door: Door) -> AsyncIterator[Door]:
    task = asyncio.create_task(door.ingest.run())
    yield door
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_reads_by_itself(running: Door) -> None:
    await running.hears(message("m1", kitchen="new"))
    await until(lambda: running.order() is Kitchen.NEW)


async def test_a_fault_of_the_store_does_not_end_the_reading(
    running: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([OSError("disk"), OSError("disk")])
    due: Callable[..., Any] = inbox.due

    def failing(*arguments: Any) -> Any:
        if (error := next(failures, None)) is not None:
            raise error
        return due(*arguments)

    monkeypatch.setattr(module, "FAULT_PAUSE", 0.01)
    monkeypatch.setattr(inbox, "due", failing)
    await running.hears(message("m1", kitchen="new"))
    await until(lambda: running.order() is Kitchen.NEW)
    assert "inbox_failed" in caplog.text
