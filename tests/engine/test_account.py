"""One account's loop: it polls, acknowledges after storing, asks again without pestering, and says once how it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.db import accounts, inbox, orders, outbox, shops
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.domain.commands import CommandKind
from app.engine import account as module
from app.engine.account import AccountLoop
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.consequences import command
from app.engine.ingest import Ingest
from app.engine.secrets import Vault
from app.platforms.api import AuthError, Message, Page, ProtocolError, Settings, TemporaryError
from app.steady import now
from tests.engine.shop import FakeWire, facts, house, message, of, open_account, report, until

PACE = 0.05


class Desk:
    """A running account loop whose inbox nobody reads."""

    def __init__(self, store: Database, vault: Vault) -> None:
        self.store, self.bell, self.rules = store, Bell(), house(poll_seconds=PACE)
        self.account = store.write_now(open_account)
        self.ingest = Ingest(store, self.rules, self.bell, lambda _: None, lambda *_: None)
        self.loop = AccountLoop(store, self.rules, self.bell, vault, self.rules.platforms["fake"], self.account)
        self.task = asyncio.get_running_loop().create_task(self.loop.run(self.ingest))

    @property
    def state(self) -> tuple[str, str]:
        row = self.store.read(accounts.get, self.account.id)
        return row.state, row.state_text


@pytest.fixture
async def desk(store: Database, vault: Vault, wire: FakeWire) -> AsyncIterator[Desk]:
    made = Desk(store, vault)
    yield made
    made.task.cancel()
    await asyncio.gather(made.task, return_exceptions=True)
    assert wire.closed == 1


async def rounds(wire: FakeWire, number: int) -> None:
    seen = len(wire.polls)
    await until(lambda: len(wire.polls) >= seen + number)


async def test_messages_are_stored_then_acknowledged_and_the_cursor_goes_on(desk: Desk, wire: FakeWire) -> None:
    wire.pages = [Page((message("m1"),), "c1", more=True), Page((message("m2"),), "c2")]
    await until(lambda: wire.acknowledged == ["m1", "m2"])

    assert desk.store.read(inbox.waiting) == 2
    await until(lambda: "c2" in wire.polls)
    assert wire.polls[:2] == ["", "c1"]
    assert desk.store.read(accounts.get, desk.account.id).cursor == "c2"


async def test_a_platform_that_tells_no_zone_goes_by_the_shops(desk: Desk, wire: FakeWire, vault: Vault) -> None:
    opened: list[Settings] = []

    def connect(settings: Settings, _: httpx.AsyncClient) -> Any:
        opened.append(settings)
        return wire

    calendar = BusinessCalendar.of("America/New_York")
    platform = replace(desk.rules.platforms["fake"], connect=connect)
    loop = AccountLoop(desk.store, replace(desk.rules, calendar=calendar), desk.bell, vault, platform, desk.account)
    await loop._client.aclose()
    assert [one.zone for one in opened] == [calendar.zone]


async def test_nothing_is_acknowledged_that_is_not_on_disk(
    desk: Desk, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Negative control of the order of the two."""

    async def full(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(desk.ingest, "receive", full)
    wire.pages = [Page((message("m1"),), "c1")]
    await rounds(wire, 3)

    assert wire.acknowledged == []
    assert set(wire.polls) == {""}, "the cursor stays where it was"


async def test_a_platform_that_cannot_be_asked_hears_what_is_stored_before_the_first_poll(
    store: Database, vault: Vault, wire: FakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was pushed a moment before a crash is in the inbox; older, refused and other accounts' messages are not told."""
    desk, told = Desk(store, vault), list[tuple[str, int]]()
    monkeypatch.setattr(type(desk.loop.connector), "recall", _noting(told, wire), raising=False)
    other = store.write_now(open_account, platform="other", hook_token="theirs").id
    for account, key, kind, ago in ((desk.account.id, "old", "order", 25), (other, "theirs", "order", 0),
                                    (desk.account.id, "bad", inbox.REFUSED, 0), (desk.account.id, "m1", "order", 1),
                                    (desk.account.id, "m2", "dasher", 0)):  # fmt: skip
        at = now() - timedelta(hours=ago)
        store.write_now(inbox.add, account, [inbox.NewMessage(key, kind, b"{}", 7, "P-1")], "push", at)
    await rounds(wire, 2)
    desk.task.cancel()
    await asyncio.gather(desk.task, return_exceptions=True)
    assert told == [("m1", 0), ("m2", 0)]


async def test_a_stored_message_that_spoils_the_reminder_keeps_no_shop_deaf(
    store: Database, vault: Vault, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It would be there for a day: what comes now matters more than what came before."""

    def spoilt(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(module, "FAULT_PAUSE", PACE)
    desk = Desk(store, vault)
    monkeypatch.setattr(type(desk.loop.connector), "recall", spoilt, raising=False)
    try:
        await rounds(wire, 2)
    finally:
        desk.task.cancel()
        await asyncio.gather(desk.task, return_exceptions=True)
    assert caplog.text.count("account_not_recorded") == 1


def _noting(told: list[tuple[str, int]], wire: FakeWire) -> Any:
    def recall(_: object, messages: Sequence[Message]) -> None:
        told.extend((message.key, len(wire.polls)) for message in messages)

    return recall


async def test_a_failure_is_said_once_and_so_is_the_recovery(
    desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    wire.on_poll = lambda: TemporaryError("no connection")
    await rounds(wire, 6)
    assert desk.state == ("degraded", "no connection")
    assert (caplog.text.count("account_unwell"), caplog.text.count("account_recovered")) == (1, 0)

    wire.on_poll = lambda: None
    await until(lambda: desk.state == ("ok", ""))
    await rounds(wire, 3)
    assert (caplog.text.count("account_unwell"), caplog.text.count("account_recovered")) == (1, 1)


async def test_no_answer_keeps_a_shop_deaf_for_long(
    desk: Desk, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", PACE)
    wire.on_poll = lambda: TemporaryError("come again tomorrow", retry_after=86_400)
    await rounds(wire, 3)
    assert desk.state == ("degraded", "come again tomorrow")


async def test_a_dead_sign_in_is_shown_and_not_hammered(
    desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.on_poll = lambda: AuthError("token expired")
    await until(lambda: desk.state == ("signed_out", "token expired"))
    polls = len(wire.polls)
    await asyncio.sleep(5 * PACE)

    assert len(wire.polls) == polls


@pytest.mark.parametrize("fault", [ProtocolError("HTML"), KeyError("ours")])
async def test_no_fault_ends_the_polling(
    desk: Desk, wire: FakeWire, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    wire.on_poll = lambda: fault
    await rounds(wire, 3)
    assert desk.state[0] == "degraded"


async def test_a_fault_of_the_store_ends_it_neither(
    desk: Desk, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    doubtful, failures = orders.doubtful, iter([OSError("disk"), OSError("disk")])

    def failing(*arguments: Any) -> Any:
        if (error := next(failures, None)) is not None:
            raise error
        return doubtful(*arguments)

    monkeypatch.setattr(module, "FAULT_PAUSE", 0.01)
    monkeypatch.setattr(orders, "doubtful", failing)
    await until(lambda: caplog.text.count("account_not_recorded") == 2)
    await rounds(wire, 2)


async def test_what_is_wanted_is_fetched_at_once(desk: Desk, wire: FakeWire) -> None:
    wire.known["P-1"] = {"kitchen": "ready"}
    await rounds(wire, 1)
    desk.loop.want("P-1")

    await until(lambda: desk.store.read(inbox.waiting) == 1)
    assert wire.asked == ["P-1"]


async def test_an_order_the_platform_does_not_know_is_asked_for_once(
    desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    desk.loop.want("P-9")
    await until(lambda: wire.asked)
    await rounds(wire, 4)

    assert wire.asked == ["P-9"]


async def test_a_poison_order_neither_hides_the_next_nor_fakes_an_outage(
    desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.known["P-2"] = {"kitchen": "new"}
    wire.on_fetch = lambda order: ProtocolError("HTML") if order == "P-1" else None
    desk.loop.want("P-1")
    desk.loop.want("P-2")

    await until(lambda: desk.store.read(inbox.waiting) == 1)
    await rounds(wire, 4)
    assert wire.asked.count("P-1") == 1, "it waits out its back-off"
    assert desk.state == ("ok", "")


async def test_a_line_that_is_down_keeps_what_is_wanted(
    desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.known["P-1"] = {"kitchen": "new"}
    failures = iter([TemporaryError("down")])
    wire.on_fetch = lambda _: next(failures, None)
    desk.loop.want("P-1")

    await until(lambda: desk.store.read(inbox.waiting) == 1)
    assert wire.asked == ["P-1", "P-1"]


async def test_a_doubtful_order_is_asked_for_but_not_at_every_poll(desk: Desk, wire: FakeWire) -> None:
    late = facts(decide_by=now() - timedelta(minutes=1))
    desk.store.write_now(apply, desk.rules, desk.account, of("silent", report(0, facts=late)), now())
    rough = facts(provisional=True)
    desk.store.write_now(apply, desk.rules, desk.account, of("rough", report(0, facts=rough)), now())
    wire.known = {"silent": {"kitchen": "new"}, "rough": {"kitchen": "new", "provisional": True}}
    await rounds(wire, 20)

    for order in ("silent", "rough"):
        assert 2 <= wire.asked.count(order) <= 8, "each pause is twice the last"


async def test_a_recovery_lets_commands_go_at_once(desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture) -> None:
    wire.on_poll = lambda: TemporaryError("down")
    await until(lambda: desk.state[0] == "degraded")
    order = desk.store.write_now(apply, desk.rules, desk.account, report(0), now())

    def late(connection: Any) -> None:
        stored = orders.get(connection, order)
        entry = command(connection, desk.account, stored, CommandKind.ACCEPT, now())
        outbox.change(connection, entry, due_at=now() + timedelta(minutes=1))

    desk.store.write_now(late)
    wire.on_poll = lambda: None
    await until(lambda: desk.state[0] == "ok")
    await until(lambda: desk.store.read(outbox.of_order, order)[0].due_at <= now())


async def test_a_recovery_lets_a_shop_left_closed_open_at_once(
    desk: Desk, wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.on_poll = lambda: TemporaryError("down")
    await until(lambda: desk.state[0] == "degraded")
    later = now() + timedelta(minutes=5)

    def failed(connection: Any) -> None:
        for item in ("tried", "not yet due"):
            shops.promise(connection, desk.account.id, {item: item}, later)
        shops.postponed(connection, shops.promises(connection)[0], "down", later)

    desk.store.write_now(failed)
    wire.on_poll = lambda: None
    await until(lambda: {one.name: one.due_at < later for one in desk.store.read(shops.promises)}["tried"])
    assert [one.name for one in desk.store.read(shops.promises) if one.due_at == later] == ["not yet due"]
