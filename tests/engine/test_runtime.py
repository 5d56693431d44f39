"""The engine as a whole: it starts, recovers, takes pushes end to end, survives its accounts, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import DataFolder
from app.db import accounts, inbox, orders, outbox, print_jobs, printers
from app.db.database import Database
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.engine.apply import apply
from app.engine.consequences import command
from app.engine.facade import RefusalError
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import CommandState, HealthState, Lane, PrinterForm, PrintState
from app.platforms.api import TemporaryError
from app.practice.printer import VirtualPrinter
from app.steady import now
from tests.engine.shop import (
    FakeConnector,
    FakeWire,
    facts,
    house,
    message,
    open_account,
    open_kitchen,
    platform,
    report,
    step,
)

Starter = Callable[..., Engine]
RULES = house(poll_seconds=0.05)


class Polled(FakeConnector):
    """One that takes no webhooks."""

    receive = None  # type: ignore[assignment]  # how a class says that it has not what its base has


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "shop")


@pytest.fixture
def seed(folder: DataFolder, vault: Vault) -> Callable[..., Any]:
    """Write into the store while no engine runs."""

    def write(fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with Database.open(folder.create().database, vault.database_key) as store:
            return store.write_now(fn, *arguments, **named)

    return write


@pytest.fixture
def start(folder: DataFolder, vault: Vault, wire: FakeWire) -> Iterator[Starter]:
    """Start an engine on the folder; whatever runs is stopped at the end."""
    with ExitStack() as stack:

        def begin(port: int = 0, rules: Any = RULES) -> Engine:
            store = Database.open(folder.create().database, vault.database_key)
            engine = Engine(folder, store, vault, rules, port)
            stack.callback(engine.stop)
            engine.start()
            return engine

        yield begin


def wait(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "nothing came of it"
        time.sleep(0.01)


def push(engine: Engine, account: int, signed: str = "yes", **content: Any) -> httpx.Response:
    body = json.dumps({"key": "m1", **content}).encode()
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(engine.hook_url(account), content=body, headers={"x-signed": signed})


def engine_threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "engine" or one.name.startswith("store-")]


def test_it_starts_and_stops_and_leaves_no_thread_and_no_open_port(start: Starter) -> None:
    engine = start()
    port = int(engine.receiver.rpartition(":")[2])
    assert engine_threads()

    engine.stop()
    engine.stop()
    assert engine_threads() == []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


def test_the_receiver_keeps_its_port_over_a_restart(start: Starter) -> None:
    first = start()
    address = first.receiver
    first.stop()

    assert start().receiver == address


def test_a_port_that_is_taken_is_replaced_and_said(start: Starter, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        assert start(taken).receiver != f"http://127.0.0.1:{taken}"
    assert "receiver_port_taken" in caplog.text


def test_an_account_added_while_it_runs_starts_to_poll(start: Starter, wire: FakeWire) -> None:
    engine = start()
    info = engine.facade.test_account("fake", {"shop": "1"}).result(60)
    account = engine.facade.add_account("fake", info.title, info.values).result(60)

    wait(lambda: len(wire.polls) >= 2)
    (shown,) = engine.facade.accounts()
    assert (shown.id, shown.name, shown.state) == (account, "Fake shop", HealthState.OK)


def test_an_account_that_is_switched_off_is_left_alone_and_comes_back(start: Starter, wire: FakeWire) -> None:
    engine = start()
    account = engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    wait(lambda: wire.polls)
    engine.facade.set_account(account, enabled=False).result(60)
    polls = len(wire.polls)
    assert push(engine, account).status_code == 503
    time.sleep(0.3)
    assert len(wire.polls) == polls
    assert engine.facade.accounts()[0].state is HealthState.OFF

    engine.facade.set_account(account, enabled=True).result(60)
    wait(lambda: len(wire.polls) > polls)


def test_a_flood_of_refusals_leaves_the_logs_readable(start: Starter, caplog: pytest.LogCaptureFixture) -> None:
    engine = start()
    hook = engine._hook(1, None)
    for _ in range(1000):
        hook.reject("too many", b"")
    hook.reject("forged", b"")
    assert "forged" in caplog.text
    assert caplog.text.count("webhook_refused") < 1000


def test_who_pushes_to_an_account_that_is_only_asked_is_not_told_to_try_again(start: Starter, wire: FakeWire) -> None:
    """503 here and "later" at the relay would be for ever: ten thousand of a stranger's messages, round and round."""
    engine = start(rules=house(platforms={"fake": platform(connect=Polled)}, poll_seconds=0.05))
    account = engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    assert push(engine, account).status_code == 404
    token = engine.hook_url(account).rpartition("/")[2]
    assert engine._find_taker("fake", token) is None
    engine.facade.set_account(account, enabled=False).result(60)
    assert push(engine, account).status_code == 503, "nobody knows of a closed account whether it pushes"


def test_a_form_half_filled_is_refused_in_words(start: Starter) -> None:
    engine = start()

    with pytest.raises(RefusalError, match="Shop"):
        engine.facade.test_account("fake", {"shop": " "}).result(60)
    with pytest.raises(RefusalError, match="nowhere"):
        engine.facade.test_account("nowhere", {}).result(60)


def test_many_changes_at_once_leave_one_loop_for_an_account(start: Starter, wire: FakeWire) -> None:
    engine = start()
    account = engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    changes = [engine.facade.set_account(account, enabled=on) for on in (True, False, True, True)]
    for change in changes:
        change.result(60)
    engine.facade.set_account(account, enabled=False).result(60)
    polls = len(wire.polls)
    time.sleep(0.3)

    assert len(wire.polls) == polls, "no loop was left behind"


def test_one_account_that_cannot_be_opened_does_not_keep_the_shop_closed(
    start: Starter, seed: Callable[..., Any], wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    seed(open_account, settings={"shop": "broken"}, hook_token="a")
    seed(open_account, platform="gone", hook_token="b")
    seed(open_account, hook_token="c")
    engine = start()

    wait(lambda: wire.polls)
    broken, gone, _ = engine.facade.accounts()
    assert (broken.state, "app_key" in broken.text) == (HealthState.DEGRADED, True)
    assert (gone.state, gone.text) == (HealthState.DEGRADED, "no connector for gone is installed: no orders arrive")


def test_a_push_becomes_an_order_a_ticket_and_a_command(start: Starter, wire: FakeWire) -> None:
    with VirtualPrinter().in_thread() as printer:
        engine = start()
        heard: list[str] = []
        engine.facade.subscribe(lambda change: heard.append(change.topic))
        where = {"host": "127.0.0.1", "port": str(printer.port)}
        engine.facade.save_printer(PrinterForm("kitchen", settings=where), {}).result(60)
        account = engine.facade.add_account("fake", "Shop", {"shop": "1"}, auto_accept=False).result(60)
        wire.answer = lambda one: step(5, Kitchen.ACCEPTED if one.kind is CommandKind.ACCEPT else Kitchen.READY)
        wire.known["P-1"] = {"kitchen": "accepted", "at": 5}

        reply = push(engine, account, kitchen="new")
        assert (reply.status_code, reply.json()) == (200, {"message": "ok"})
        wait(engine.facade.cards)
        assert (engine.facade.cards()[0].lane, engine.facade.cards()[0].rung) == (Lane.NEW, True)

        engine.facade.request(engine.facade.cards()[0].id, CommandKind.ACCEPT).result(60)
        wait(lambda: engine.facade.cards()[0].print_state is PrintState.CONFIRMED)
        (card,) = engine.facade.cards()
        shown = card.command
        assert shown is not None
        assert (card.lane, shown.state) == (Lane.COOKING, CommandState.CONFIRMED)
        assert len(printer.paper) == 1
        wait(engine.idle)
        assert {"orders", "tickets"} <= set(heard)
        engine.stop()


def test_a_push_is_on_disk_when_it_is_acknowledged(
    start: Starter, folder: DataFolder, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    engine = start()
    account = engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    assert push(engine, account, "no", kitchen="new").status_code == 401
    assert push(engine, account, kitchen="new").status_code == 200

    with Database.attach(folder.database, vault.database_key) as other:
        # One view of the store: between two, the message may be read.
        found, waiting = other.read(lambda connection: (orders.find(connection, account, "P-1"), inbox.waiting(connection)))
        assert waiting == (0 if found else 1)
    wait(lambda: len(engine.facade.cards()) == 1)


def test_what_a_crash_left_is_taken_up_again(
    start: Starter, seed: Callable[..., Any], wire: FakeWire, caplog: pytest.LogCaptureFixture
) -> None:
    """A message unread, a command in flight, a ticket half sent: read, sent again under its key, unknown."""
    account = seed(open_account)
    printer = seed(open_kitchen, "kitchen", 1)
    fresh = report(0, Kitchen.ACCEPTED, facts=facts(placed_at=now()))
    order = seed(apply, RULES, account, fresh, now())
    seed(lambda connection: command(connection, account, orders.get(connection, order), CommandKind.READY, now()))
    key = seed(outbox.claim, now())[0].command.key
    seed(print_jobs.claim, printer, now())
    seed(printers.change, printer, enabled=False)
    wire.known["P-1"] = {"kitchen": "ready", "at": 9}
    unread = message("m1", order_id="P-2", kitchen="new")
    seed(inbox.add, account.id, [inbox.NewMessage("m1", "order", unread.body, unread.version, "P-2")], "push", now())
    engine = start()

    wait(lambda: [one.key for one in wire.sent] == [key])
    wait(lambda: len(engine.facade.cards()) == 2)
    assert engine.facade.tickets()[0].state is PrintState.UNKNOWN
    assert "ticket_interrupted" in caplog.text


def test_what_is_in_flight_when_it_stops_is_not_given_up(start: Starter, seed: Callable[..., Any], wire: FakeWire) -> None:
    account = seed(open_account)
    order = seed(apply, RULES, account, report(0), now())
    sending = threading.Event()

    async def slow(_: Any) -> Exception:
        sending.set()
        await asyncio.sleep(0.3)
        return RuntimeError("the client has been closed") if wire.closed else TemporaryError("stopping")

    wire.answer = slow
    engine = start()
    engine.facade.request(order, CommandKind.ACCEPT).result(60)
    assert sending.wait(60)
    engine.stop()

    assert [entry.state for entry in seed(outbox.of_order, order)] == ["pending"]


def test_a_screen_that_fails_stops_nothing(start: Starter, wire: FakeWire, caplog: pytest.LogCaptureFixture) -> None:
    engine = start()

    def broken(_: object) -> None:
        raise RuntimeError("the window is gone")

    engine.facade.subscribe(broken)
    account = engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    push(engine, account, kitchen="new")

    wait(lambda: len(engine.facade.cards()) == 1)
    wait(engine.idle)


def test_auto_accept_can_be_switched_without_disturbing_the_account(start: Starter, wire: FakeWire) -> None:
    engine = start()
    wire.known["P-1"] = {"kitchen": "accepted", "at": 5}
    account = engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    engine.facade.set_account(account, auto_accept=True).result(60)
    push(engine, account, kitchen="new")

    wait(lambda: [one.kind for one in wire.sent] == [CommandKind.ACCEPT])
    assert wire.closed == 0


def test_an_hourly_backup_can_be_opened_with_the_same_key(start: Starter, folder: DataFolder, vault: Vault) -> None:
    engine = start()
    engine.facade.add_account("fake", "Shop", {"shop": "1"}).result(60)
    wait(lambda: list(folder.backups.glob("orders-*.db")))
    engine.stop()
    assert len(list(folder.backups.glob("orders-*.db"))) == 1
    start().stop()

    (copy,) = folder.backups.glob("orders-*.db")
    with Database.open(copy, vault.database_key) as store:
        assert len(store.read(accounts.every)) <= 1
