"""Tickets over real TCP to the virtual printer: what its paper shows decides, not what the console believes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from app import printing
from app.db import orders, print_jobs, printers
from app.db.database import Database
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import Kitchen
from app.engine import desk, print_queue
from app.engine import spooler as module
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.house import Limits
from app.engine.secrets import Vault
from app.engine.spooler import Spooler
from app.practice.printer import VirtualPrinter
from app.printing.transports.wired import WiredPrinter
from app.steady import now
from tests.engine.shop import facts, house, of, open_account, open_kitchen, report, step, until

LIMIT = timedelta(seconds=0.4)


class Kitchens:
    """A spooler over a real store and as many virtual printers as a test plugs in."""

    def __init__(self, store: Database) -> None:
        self.store, self.bell, self.rules = store, Bell(), house(limits=Limits(unknown=LIMIT))
        self.account = store.write_now(open_account)
        self.spooler = Spooler(store, self.rules, self.bell, Vault(bytes(32), "test"))
        self.printers: list[VirtualPrinter] = []

    async def plug_in(self, **settings: Any) -> VirtualPrinter:
        printer = VirtualPrinter(**settings)
        port = await printer.start()
        self.printers.append(printer)
        self.store.write_now(open_kitchen, f"kitchen {port}", port)
        return printer

    def hears(
        self, order_id: str = "P-1", kitchen: Kitchen | None = Kitchen.ACCEPTED, *, known: bool = False, **told: Any
    ) -> int:
        heard = step(9, kitchen) if known else report(0, kitchen, facts=facts(order_id[-1], **({"placed_at": now()} | told)))
        found = self.store.write_now(apply, self.rules, self.account, of(order_id, heard), now())
        self.bell.changed("orders", found)
        return found

    def jobs(self, order_id: int = 1) -> list[PrintJob]:
        return self.store.read(print_jobs.of_order, order_id)

    def states(self, order_id: int = 1) -> list[str]:
        return [job.state for job in self.jobs(order_id)]


@pytest.fixture
async def kitchens(store: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kitchens]:
    monkeypatch.setattr(print_queue, "BACK_OFF", (0.2,))
    monkeypatch.setattr(module, "IDLE", 0.1)
    made = Kitchens(store)
    yield made
    await made.spooler.stop()
    for printer in made.printers:
        await printer.stop()


def words(printer: VirtualPrinter) -> list[str]:
    return [ticket.text for ticket in printer.paper]


async def test_a_ticket_is_confirmed_when_the_paper_carries_it(kitchens: Kitchens) -> None:
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    kitchens.hears()

    await until(lambda: kitchens.states() == ["confirmed"])
    (paper,) = words(printer)
    assert "#1" in paper
    assert "宫保鸡丁" in paper
    profile = kitchens.store.read(printers.every)[0].profile
    assert profile
    assert profile["acknowledges"] == "process_id"


async def test_between_the_committed_claim_and_the_printer_nothing_is_waited_for(
    kitchens: Kitchens, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look at the store would stand in line behind every other write of a busy minute."""
    happened: list[str] = []
    write, deliver = kitchens.store.write, WiredPrinter.print_ticket

    async def noted(fn: Any, *how: Any, **also: Any) -> Any:
        answer = await write(fn, *how, **also)  # given once it is on the disk
        happened.append(kitchens.jobs()[-1].state if kitchens.jobs() else "")
        return answer

    def printing_now(printer: WiredPrinter, *how: Any) -> Any:
        happened.append("printer")
        return deliver(printer, *how)

    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    await until(lambda: bool(kitchens.store.read(printers.every)[0].profile))  # examined
    monkeypatch.setattr(kitchens.store, "write", noted)
    monkeypatch.setattr(WiredPrinter, "print_ticket", printing_now)
    kitchens.hears()
    await until(lambda: kitchens.states() == ["confirmed"])
    assert len(words(printer)) == 1
    assert happened[happened.index("sending") :][:2] == ["sending", "printer"]


async def test_a_printer_that_is_off_gets_its_ticket_once_when_it_is_back(
    kitchens: Kitchens, caplog: pytest.LogCaptureFixture
) -> None:
    printer = await kitchens.plug_in()
    printer.power_cut()
    await kitchens.spooler.start()
    kitchens.hears()
    await until(lambda: kitchens.jobs()[0].attempts >= 2)
    assert kitchens.store.read(printers.every)[0].state == "degraded"
    assert words(printer) == []

    printer.power_on()
    await until(lambda: kitchens.states() == ["confirmed"])
    assert len(words(printer)) == 1
    await until(lambda: kitchens.store.read(printers.every)[0].state == "ok")


async def test_after_an_outage_tickets_come_in_their_order_as_soon_as_the_printer_is_well(
    kitchens: Kitchens, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest was tried most often, so a pause of its own would be the longest."""
    monkeypatch.setattr(print_queue, "BACK_OFF", (0.1, 600.0))
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.1)
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    await until(lambda: kitchens.store.read(printers.every)[0].state == "ok")
    printer.change(paper_out_after_lines=0)
    await until(lambda: kitchens.store.read(printers.every)[0].state == "degraded")
    kitchens.hears("P-1")
    await until(lambda: kitchens.jobs()[0].attempts >= 2)
    waiting = [kitchens.hears(f"P-{number}") for number in range(2, 6)]
    printer.refill()

    await until(lambda: [kitchens.states(number) for number in waiting] == [["confirmed"]] * 4)
    assert [number for text in words(printer) for number in "12345" if f"#{number}" in text] == [*"12345"]


async def test_a_cut_line_is_unknown_and_a_marked_copy_follows(kitchens: Kitchens, caplog: pytest.LogCaptureFixture) -> None:
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    await until(lambda: kitchens.store.read(printers.every)[0].profile)
    printer.reset_after_bytes = 200
    kitchens.hears()

    await until(lambda: kitchens.states() == ["unknown", "confirmed"])
    first, copy = kitchens.jobs()
    assert (first.answer, copy.marked, copy.ticket.copy) == ("reprinted", True, 2)
    assert "可能重复" in words(printer)[-1]


async def test_a_ticket_that_was_interrupted_is_unknown_at_the_next_start(kitchens: Kitchens) -> None:
    await kitchens.plug_in()
    kitchens.hears()
    kitchens.store.write_now(print_jobs.claim, 1, now())

    assert kitchens.store.write_now(print_jobs.mark_interrupted, now()) == [1]
    assert kitchens.states() == ["unknown"]
    await kitchens.spooler.start()
    await until(lambda: kitchens.states() == ["unknown", "confirmed"])
    assert len(words(kitchens.printers[0])) == 1


async def test_a_dead_printer_delays_no_other(kitchens: Kitchens, caplog: pytest.LogCaptureFixture) -> None:
    dead, living = await kitchens.plug_in(), await kitchens.plug_in()
    dead.power_cut()
    await kitchens.spooler.start()
    for number in range(3):
        kitchens.hears(f"P-{number}")

    await until(lambda: len(words(living)) == 3)
    assert {job.state for job in kitchens.jobs() if job.printer_id == 1} <= {"pending", "sending"}


async def test_a_cancelled_order_is_not_printed_when_the_printer_comes_back(
    kitchens: Kitchens, caplog: pytest.LogCaptureFixture
) -> None:
    """Also not when it died while the console was trying to reach the printer."""
    printer = await kitchens.plug_in()
    printer.power_cut()
    await kitchens.spooler.start()
    kitchens.hears()
    await until(lambda: "sending" in kitchens.states())
    kitchens.hears(kitchen=Kitchen.CANCELLED, known=True)
    await until(lambda: set(kitchens.states()) == {"skipped"})

    printer.power_on()
    kitchens.hears("P-2")
    await until(lambda: len(words(printer)) == 1)
    assert "#2" in words(printer)[0]


async def test_no_copy_of_an_unknown_ticket_follows_its_void_slip(
    kitchens: Kitchens, caplog: pytest.LogCaptureFixture
) -> None:
    printer = await kitchens.plug_in()
    kitchens.hears()
    kitchens.store.write_now(print_jobs.settle, 1, "unknown", now())
    kitchens.hears(kitchen=Kitchen.CANCELLED, known=True)
    await kitchens.spooler.start()

    await until(lambda: [job.answer for job in kitchens.jobs()] == ["overtaken", ""])
    await until(lambda: kitchens.states() == ["unknown", "confirmed"])
    assert len(words(printer)) == 1
    assert "作废" in words(printer)[0]


async def test_copies_of_copies_come_ever_later(kitchens: Kitchens) -> None:
    kitchens.store.write_now(open_kitchen)
    kitchens.hears()
    waits = []
    for copy in range(1, 4):
        job = kitchens.jobs()[-1]
        kitchens.store.write_now(
            print_jobs.settle, job.id, "unknown", now() - LIMIT * 2 ** (copy - 1) + timedelta(seconds=5)
        )
        kitchens.store.write_now(print_queue._ask_no_longer, kitchens.rules, kitchens.rules.limits, 1, now())
        waits.append(len(kitchens.jobs()))
        kitchens.store.write_now(print_jobs.settle, job.id, "unknown", now() - LIMIT * 2 ** (copy - 1))
        kitchens.store.write_now(print_queue._ask_no_longer, kitchens.rules, kitchens.rules.limits, 1, now())
        waits.append(len(kitchens.jobs()))

    assert waits == [1, 2, 2, 3, 3, 4]


async def test_a_ticket_nobody_can_lay_out_fails_in_sight_and_holds_up_nothing(
    kitchens: Kitchens, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build = printing.build

    def picky(ticket: Any, *how: Any) -> bytes:
        if ticket.call_number.endswith("#1"):
            raise ValueError("no such width")
        return build(ticket, *how)

    monkeypatch.setattr(module, "build", picky)
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    first, second = kitchens.hears("P-1"), kitchens.hears("P-2")

    await until(lambda: kitchens.states(second) == ["confirmed"])
    assert (kitchens.states(first), kitchens.jobs(first)[0].reason) == (["failed"], "ValueError: no such width")
    assert len(words(printer)) == 1


async def test_an_outcome_is_written_down_however_long_the_store_takes(
    kitchens: Kitchens, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record, failures = module._record, iter([OSError("disk full")] * 3)

    def failing(*arguments: Any) -> None:
        if (error := next(failures, None)) is not None:
            raise error
        record(*arguments)

    monkeypatch.setattr(module, "FAULT_PAUSE", 0.01)
    monkeypatch.setattr(module, "_record", failing)
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    kitchens.hears()

    await until(lambda: kitchens.states() == ["confirmed"])
    assert len(words(printer)) == 1


async def test_stopping_is_bounded_even_in_the_middle_of_a_ticket(
    kitchens: Kitchens, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.1)
    printer = await kitchens.plug_in(paper_out_after_lines=3)
    await kitchens.spooler.start()
    kitchens.hears()
    await until(lambda: printer.paper_out)
    begun = time.monotonic()
    await kitchens.spooler.stop()

    assert time.monotonic() - begun < 10, "not the two minutes a printer may take to get its paper"
    assert kitchens.states() == ["unknown"]


async def test_two_restarts_at_once_leave_one_worker(kitchens: Kitchens) -> None:
    await kitchens.plug_in()
    await kitchens.spooler.start()
    await asyncio.gather(*(kitchens.spooler.restart(1) for _ in range(3)))
    names = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]  # type: ignore[union-attr]  # coroutines all

    assert names.count("_Worker._run") == 1


async def test_a_printer_that_is_switched_off_keeps_its_tickets(kitchens: Kitchens) -> None:
    printer = await kitchens.plug_in()
    kitchens.hears()
    kitchens.store.write_now(printers.change, 1, enabled=False)
    await kitchens.spooler.start()
    kitchens.store.write_now(printers.change, 1, enabled=True)
    assert kitchens.states() == ["pending"]

    await kitchens.spooler.restart(1)
    await until(lambda: kitchens.states() == ["confirmed"])
    assert len(words(printer)) == 1


async def test_a_reprint_is_on_paper_as_one(kitchens: Kitchens) -> None:
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    order = kitchens.hears()
    await until(lambda: kitchens.states() == ["confirmed"])
    kitchens.store.write_now(desk.print_again, kitchens.rules, [1])
    kitchens.bell.changed("tickets", 1)

    await until(lambda: kitchens.states() == ["confirmed", "confirmed"])
    plain, marked = words(printer)
    assert "补打" in marked
    assert "补打" not in plain
    assert kitchens.store.read(orders.get, order).state.kitchen is Kitchen.ACCEPTED


async def test_paper_that_runs_low_is_told_while_it_still_prints(kitchens: Kitchens) -> None:
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    printer.near_end_after_lines = 0
    kitchens.hears()

    await until(lambda: kitchens.states() == ["confirmed"])
    await until(lambda: kitchens.store.read(printers.every)[0].state_text)
    stored = kitchens.store.read(printers.every)[0]
    assert (stored.state, "nearly" in stored.state_text) == ("ok", True)


async def test_a_lunch_of_orders_accepted_elsewhere_and_heard_of_hours_late_waits_for_a_person(kitchens: Kitchens) -> None:
    """The console was off; the tablet was not. What was cooked from it hours ago must not flood the kitchen now."""
    printer = await kitchens.plug_in()
    await kitchens.spooler.start()
    lunch = now() - timedelta(hours=3)
    old = [kitchens.hears(f"P-{n}", placed_at=lunch) for n in range(1, 6)]
    fresh = kitchens.hears("P-6", placed_at=now() - timedelta(minutes=3))
    tonight: dict[str, Any] = {"placed_at": lunch, "scheduled": True, "due_at": now() + timedelta(hours=6)}
    preorder = kitchens.hears("P-7", **tonight)

    await until(lambda: kitchens.states(fresh) == kitchens.states(preorder) == ["confirmed"])
    assert [kitchens.states(one) for one in old] == [["held"]] * 5
    assert sorted(paper.split("#")[1][0] for paper in words(printer)) == ["6", "7"]

    first, second = kitchens.jobs(old[0])[0], kitchens.jobs(old[1])[0]
    kitchens.store.write_now(desk.skip, [second.id])
    kitchens.store.write_now(desk.print_again, kitchens.rules, [first.id])
    kitchens.bell.changed("tickets", first.id)
    await until(lambda: kitchens.states(old[0]) == ["confirmed"])
    assert [kitchens.states(one) for one in old[1:]] == [["skipped"], *[["held"]] * 3]
    assert len(words(printer)) == 3
