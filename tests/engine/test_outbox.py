"""Commands leave in order within an order, side by side across orders, and none is lost without a word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.db import orders, outbox
from app.db.database import Database
from app.db.outbox import Entry
from app.db.tables import outbox as table
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.engine import outbox as module
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.consequences import command
from app.engine.outbox import Outbox
from app.platforms.api import AuthError, Connector, ProtocolError, RejectedError, Settings, TemporaryError
from app.steady import now
from tests.engine.shop import FakeConnector, FakeWire, facts, house, of, open_account, report, step, until

ACCEPT, READY = CommandKind.ACCEPT, CommandKind.READY


class Pump:
    """A running outbox over a real store and the fake wire."""

    def __init__(self, store: Database) -> None:
        self.store = store
        self.account = store.write_now(open_account)
        self.connector: Connector | None = connector()
        self.refetched: list[str] = []
        self.bell = Bell()
        self.rules = house()
        self.outbox = Outbox(
            store, self.rules, self.bell, lambda _: self.connector, lambda _, order: self.refetched.append(order)
        )
        self.task = asyncio.get_running_loop().create_task(self.outbox.run())

    def hears(self, order_id: str = "P-1", kitchen: Kitchen = Kitchen.NEW, **known: Any) -> int:
        heard = of(order_id, report(0, kitchen, facts=facts(**known)))
        return self.store.write_now(apply, self.rules, self.account, heard, now())

    def asks(self, order_id: int, kind: CommandKind = ACCEPT) -> int:
        entry = self.store.write_now(
            lambda connection: command(connection, self.account, orders.get(connection, order_id), kind, now())
        )
        self.bell.changed("orders", order_id)
        return entry

    def entries(self, order_id: int = 1) -> list[Entry]:
        return self.store.read(outbox.of_order, order_id)

    def states(self, order_id: int = 1) -> list[str]:
        return [entry.state for entry in self.entries(order_id)]

    def hurry(self) -> None:
        """Nothing waits out its back-off."""
        self.store.write_now(lambda connection: connection.execute(update(table).values(due_at=now())))
        self.bell.changed("orders")

    def age(self, hours: float) -> None:
        """Everything was asked so long ago."""
        then = now() - timedelta(hours=hours)
        self.store.write_now(lambda connection: connection.execute(update(table).values(created_at=then, due_at=then)))


def connector() -> Connector:
    async def save(_: Any) -> None:
        return None

    return FakeConnector(Settings(1, {}, save), None)  # type: ignore[arg-type]  # makes no HTTP call


@pytest.fixture
async def pump(store: Database, wire: FakeWire) -> AsyncIterator[Pump]:
    made = Pump(store)
    yield made
    made.task.cancel()
    await asyncio.gather(made.task, return_exceptions=True)


async def test_a_yes_is_confirmed_applied_and_read_again(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: step(5, Kitchen.ACCEPTED)
    order = pump.hears()
    pump.asks(order)

    await until(lambda: pump.states() == ["confirmed"])
    await until(lambda: pump.refetched == ["P-1"])
    assert pump.store.read(orders.get, order).state.kitchen is Kitchen.ACCEPTED


async def test_a_yes_that_shows_the_whole_order_needs_no_second_look(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: report(5, Kitchen.ACCEPTED)
    pump.asks(pump.hears())

    await until(lambda: pump.states() == ["confirmed"])
    assert pump.refetched == []


async def test_one_order_is_strictly_in_order_and_another_does_not_wait(pump: Pump, wire: FakeWire) -> None:
    gate = asyncio.Event()

    async def slow(command: Any) -> None:
        if command.order_id == "P-1" and command.kind is ACCEPT:
            await gate.wait()

    wire.answer = slow
    first, second = pump.hears("P-1"), pump.hears("P-2")
    for order in (first, second):
        pump.asks(order, ACCEPT)
        pump.asks(order, READY)

    await until(lambda: pump.states(second) == ["confirmed", "confirmed"])
    assert [one.kind for one in wire.sent if one.order_id == "P-1"] == [ACCEPT]
    gate.set()
    await until(lambda: pump.states(first) == ["confirmed", "confirmed"])
    assert [one.kind for one in wire.sent if one.order_id == "P-1"] == [ACCEPT, READY]


async def test_a_passing_fault_is_retried_under_the_same_key_and_holds_its_order_back(pump: Pump, wire: FakeWire) -> None:
    answers: list[Any] = [TemporaryError("busy"), TemporaryError("busy"), None]
    wire.answer = lambda _: answers.pop(0)
    order = pump.hears()
    pump.asks(order, ACCEPT)
    await until(lambda: pump.entries()[0].text == "busy")
    pump.asks(order, READY)
    wire.answer = lambda command: answers.pop(0) if command.kind is ACCEPT else None
    await until(lambda: len(answers) == 1 and pump.entries()[0].due_at > now())
    assert pump.states() == ["pending", "pending"]
    pump.hurry()

    await until(lambda: pump.states() == ["confirmed", "confirmed"])
    assert [one.kind for one in wire.sent] == [ACCEPT, ACCEPT, ACCEPT, READY]
    assert len({one.key for one in wire.sent}) == 2


async def test_a_platform_that_wants_a_pause_gets_it(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: TemporaryError("too many calls", retry_after=600)
    pump.asks(pump.hears())

    await until(lambda: pump.entries()[0].text)
    assert pump.entries()[0].due_at > now() + timedelta(minutes=9)


async def test_a_pause_of_a_day_is_a_word_of_some_proxy_and_cut_short(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: TemporaryError("too many calls", retry_after=86_400)
    pump.asks(pump.hears())

    await until(lambda: pump.entries()[0].text)
    assert pump.entries()[0].due_at <= now() + timedelta(minutes=10)


async def test_no_pause_reaches_past_the_deadline_and_after_it_a_person_must_look(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: TemporaryError("no answer in time", retry_after=60)
    deadline = now() + timedelta(seconds=2)  # far enough for a busy machine to try before it
    pump.asks(pump.hears(decide_by=deadline))

    await until(lambda: pump.entries()[0].text)
    assert pump.entries()[0].due_at <= deadline
    await until(lambda: pump.states() == ["dead"] and pump.refetched)
    assert (pump.entries()[0].text, pump.refetched) == ("no answer in time", ["P-1"])
    assert len(wire.sent) == 2, "one last try at the deadline, none after it"


async def test_without_a_deadline_patience_ends_too(pump: Pump, wire: FakeWire) -> None:
    pump.connector = None
    pump.asks(pump.hears())
    await until(lambda: pump.entries()[0].text == "the account is switched off")
    pump.age(3)
    pump.hurry()

    await until(lambda: pump.states() == ["dead"])


async def test_a_refusal_is_kept_in_the_platforms_words_and_the_order_read_again(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: RejectedError("订单已取消")
    order = pump.hears()
    pump.asks(order)

    await until(lambda: pump.refetched == ["P-1"])
    entry = pump.entries()[0]
    assert (entry.state, entry.text, len(wire.sent)) == ("refused", "订单已取消", 1)
    assert ("platform", "accept_refused", "订单已取消") in [row[1:] for row in pump.store.read(orders.timeline, order)]


async def test_a_dead_sign_in_keeps_the_command(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: AuthError("sign in again")
    pump.asks(pump.hears())

    await until(lambda: pump.entries()[0].text == "sign in again")
    assert pump.states() == ["pending"]


async def test_a_fault_of_ours_is_shown_and_stops_nothing(
    pump: Pump, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.answer = lambda command: KeyError("ours") if command.order_id == "P-1" else None
    first, second = pump.hears("P-1"), pump.hears("P-2")
    pump.asks(first)
    pump.asks(second)

    await until(lambda: pump.states(first) + pump.states(second) == ["dead", "confirmed"])
    assert "KeyError" in pump.entries(first)[0].text


async def test_a_page_that_is_no_answer_leaves_the_command_to_be_asked_again(pump: Pump, wire: FakeWire) -> None:
    wire.answer = lambda _: ProtocolError("HTML") if len(wire.sent) == 1 else None
    pump.asks(pump.hears())

    await until(lambda: pump.states() == ["confirmed"])
    assert [command.key for command in wire.sent] == [pump.entries()[0].command.key] * 2


async def test_a_command_whose_connection_was_taken_away_is_not_given_up(pump: Pump, wire: FakeWire) -> None:
    """Changing an account closes its HTTP client under whatever is in flight."""

    def taken_away(_: Any) -> Exception:
        pump.connector, wire.answer = connector(), lambda _: None
        return RuntimeError("the client has been closed")

    wire.answer = taken_away
    pump.asks(pump.hears())

    await until(lambda: pump.states() == ["confirmed"])
    assert len(wire.sent) == 2


async def test_a_yes_with_nonsense_beside_it_is_still_a_yes(
    pump: Pump, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.answer = lambda _: of("somebody else's", step(1, Kitchen.READY))
    pump.asks(pump.hears())

    await until(lambda: pump.states() == ["confirmed"])
    await until(lambda: pump.refetched)
    assert len(wire.sent) == 1


async def test_a_command_of_an_order_that_died_is_not_repeated(pump: Pump, wire: FakeWire) -> None:
    order = pump.hears()

    def died(_: Any) -> Exception:
        pump.store.write_now(apply, pump.rules, pump.account, step(9, Kitchen.CANCELLED), now())
        return TemporaryError("busy")

    wire.answer = lambda command: asyncio.to_thread(died, command)
    pump.asks(order)
    await until(lambda: pump.states() == ["superseded"])


async def test_an_answer_that_could_not_be_written_down_is_asked_for_again(
    pump: Pump, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    confirmed = module._confirmed
    failures = iter([OSError("disk full"), OSError("disk full")])

    def failing(*arguments: Any) -> None:
        if (error := next(failures, None)) is not None:
            raise error
        confirmed(*arguments)

    monkeypatch.setattr(module, "_confirmed", failing)
    pump.asks(pump.hears())

    await until(lambda: pump.states() == ["confirmed"])
    assert len({one.key for one in wire.sent}) == 1
    assert "command_not_recorded" in caplog.text


async def test_a_fault_of_the_store_does_not_end_the_pump(
    pump: Pump, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    claim = outbox.claim
    failures = iter([OSError("disk full")])

    def failing(*arguments: Any) -> Any:
        if (error := next(failures, None)) is not None:
            raise error
        return claim(*arguments)

    monkeypatch.setattr(module, "FAULT_PAUSE", 0.01)
    monkeypatch.setattr(outbox, "claim", failing)
    pump.asks(pump.hears())

    await until(lambda: pump.states() == ["confirmed"])


async def test_stopping_waits_for_what_is_on_its_way(pump: Pump, wire: FakeWire) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> None:
        begun.set()
        await go_on.wait()

    wire.answer = slow
    pump.asks(pump.hears())
    await begun.wait()
    pump.task.cancel()
    asyncio.get_running_loop().call_later(0.1, go_on.set)
    await asyncio.gather(pump.task, return_exceptions=True)

    assert pump.states() == ["confirmed"]


async def test_stopping_does_not_wait_for_ever_and_the_next_start_asks_again(
    pump: Pump, wire: FakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def stuck(_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "GRACE", 0.05)
    wire.answer = stuck
    pump.asks(pump.hears())
    await begun.wait()
    key = pump.entries()[0].command.key
    pump.task.cancel()
    await asyncio.gather(pump.task, return_exceptions=True)
    assert pump.states() == ["in_flight"]

    pump.store.write_now(outbox.revive)
    assert (pump.states(), pump.entries()[0].command.key) == (["pending"], key)
