"""Inbox, outbox and print ledger as rows: unique for ever, claimed in order, never moved back by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, select

from app.db import accounts, audit, inbox, outbox, print_jobs
from app.db.inbox import NewMessage
from app.db.tables import inbox as messages
from app.domain.commands import Command, CommandKind
from app.domain.tickets import Ticket, TicketKind
from tests.engine.shop import NOON, facts, memory, of, open_account, open_printer, report, shop

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with memory() as opened:
        open_account(opened)
        yield opened


def said(key: str) -> NewMessage:
    return NewMessage(key, "order", b"\x00{}", 1, "P-1")


def ticket(number: str = "1") -> Ticket:
    return Ticket(TicketKind.KITCHEN, f"#{number}", "fake", f"T-{number}", NOON, "Asia/Shanghai", ())


def test_a_message_is_stored_once_with_every_byte(connection: Connection) -> None:
    assert inbox.add(connection, 1, [said("a"), said("b"), said("a")], "poll", NOON) == [1, 2]
    assert inbox.add(connection, 1, [said("b")], "push", NOON) == []

    assert [(one.key, one.body, one.source) for one in inbox.due(connection, NOON)] == [
        ("a", b"\x00{}", "poll"),
        ("b", b"\x00{}", "poll"),
    ]


def test_a_postponed_message_is_not_due_and_an_attempt_nobody_made_does_not_count(connection: Connection) -> None:
    inbox.add(connection, 1, [said("a"), said("b")], "poll", NOON)
    inbox.postpone(connection, 1, LATER, "why")
    inbox.postpone(connection, 2, LATER, "closed", attempts=0)

    assert inbox.due(connection, NOON) == []
    assert [one.attempts for one in inbox.due(connection, LATER)] == [1, 0]
    assert inbox.waiting(connection) == 2


def test_a_clock_that_is_set_back_makes_nothing_wait_for_it(connection: Connection) -> None:
    hour = timedelta(hours=1)
    inbox.add(connection, 1, [said("a")], "poll", NOON)
    inbox.postpone(connection, 1, LATER, "why")
    entry = outbox.add(connection, 1, 1, Command(CommandKind.READY, "P-1", "key"), LATER, None)

    assert (inbox.due(connection, NOON), outbox.claim(connection, NOON)) == ([], [])
    assert [one.id for one in inbox.due(connection, NOON - hour)] == [1]
    assert [one.id for one in outbox.claim(connection, NOON - hour)] == [entry]


@pytest.mark.parametrize("state", ["done", "ignored", "parked"])
def test_a_settled_message_is_never_due_again(connection: Connection, state: str) -> None:
    inbox.add(connection, 1, [said("a")], "poll", NOON)
    inbox.settle(connection, 1, state, "why")

    assert (inbox.due(connection, LATER), inbox.waiting(connection)) == ([], 0)
    assert len(inbox.parked(connection)) == (state == "parked")


def test_a_parked_message_is_shown_until_it_was_seen_and_keeps_its_reason(connection: Connection) -> None:
    inbox.add(connection, 1, [said("a"), said("b"), said("c")], "poll", NOON)
    for number, state in enumerate(["parked", "parked", "pending"], 1):
        inbox.settle(connection, number, state, f"why {number}")
    inbox.mark_seen(connection, [1, 3])

    assert [(one.id, one.reason, one.received_at) for one in inbox.parked(connection)] == [(2, "why 2", NOON)]
    assert [message.id for message in inbox.due(connection, LATER)] == [3], "only what a person could see is put away"
    assert connection.execute(select(messages.c.error).where(messages.c.id == 1)).scalar() == "why 1"


def test_refused_messages_make_room_once_seen(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "REFUSED_KEPT", 2)
    kept = [inbox.keep_refused(connection, 1, NewMessage(key, "refused", b"?", 0), "forged", NOON) for key in "abc"]
    inbox.mark_seen(connection, [1, 2])

    assert kept == [True, True, False]
    assert inbox.keep_refused(connection, 1, NewMessage("d", "refused", b"?", 0), "forged", NOON)


def test_health_is_news_only_when_it_changes(connection: Connection) -> None:
    assert not accounts.set_state(connection, 1, NOON, "ok")
    assert accounts.set_state(connection, 1, NOON, "degraded", "no answer")
    assert not accounts.set_state(connection, 1, LATER, "degraded", "HTTP 500")

    account = accounts.get(connection, 1)
    assert (account.state_text, account.state_since) == ("HTTP 500", NOON)
    assert accounts.set_state(connection, 1, LATER, "ok")
    with pytest.raises(LookupError, match="no account 9"):
        accounts.get(connection, 9)


def test_no_secret_of_an_account_is_shown_by_accident(connection: Connection) -> None:
    accounts.change(connection, 1, sealed=b"sealed secret", hook_token="token secret", cursor="a secret order")

    assert "secret" not in repr(accounts.get(connection, 1))
    assert "{}" not in repr(said("a"))


def test_preferences_and_audit(connection: Connection) -> None:
    assert audit.preference(connection, "zone", "Asia/Shanghai") == "Asia/Shanghai"
    for zone in ("Europe/London", "Europe/Paris"):
        audit.set_preference(connection, "zone", zone)
    assert audit.preference(connection, "zone") == "Europe/Paris"


def test_a_ticket_is_queued_once_for_ever(connection: Connection) -> None:
    printer = open_printer(connection)
    assert print_jobs.add(connection, printer, "k", ticket(), NOON) == 1
    assert print_jobs.add(connection, printer, "k", ticket("2"), NOON) is None

    print_jobs.settle(connection, 1, "confirmed", NOON)
    assert print_jobs.add(connection, printer, "k", ticket(), NOON) is None
    assert print_jobs.get(connection, 1).ticket == ticket()


def test_a_printer_claims_its_own_oldest_due_ticket_once(connection: Connection) -> None:
    one, other = open_printer(connection, "a"), open_printer(connection, "b")
    for key, printer in (("1", one), ("2", other), ("3", one)):
        print_jobs.add(connection, printer, key, ticket(key), NOON)
    print_jobs.change(connection, 1, due_at=NOON + timedelta(minutes=1))

    claimed = print_jobs.claim(connection, one, NOON)
    assert claimed is not None
    assert claimed.key == "3"
    assert print_jobs.claim(connection, one, NOON) is None
    assert print_jobs.get(connection, 3).state == "sending"
    assert print_jobs.mark_interrupted(connection, LATER) == [3]
    assert print_jobs.get(connection, 3).state == "unknown"


def test_only_tickets_that_want_attention_are_counted(connection: Connection) -> None:
    printer = open_printer(connection)
    for number, state in enumerate(["pending", "sending", "unknown", "unknown", "failed", "confirmed", "sent", "skipped"]):
        print_jobs.add(connection, printer, str(number), ticket(), NOON)
        print_jobs.change(connection, number + 1, state=state, settled_at=NOON)
    print_jobs.change(connection, 3, answer="came_out")

    assert print_jobs.counts(connection) == {
        (printer, "pending"): 1,
        (printer, "sending"): 1,
        (printer, "unknown"): 1,
        (printer, "failed"): 1,
    }
    assert [job.id for job in print_jobs.unresolved(connection, NOON)] == [4]


def test_superseding_keeps_what_it_is_told_to_and_what_has_left(connection: Connection) -> None:
    for number, kind in enumerate((CommandKind.READY, CommandKind.REPLY_URGE, CommandKind.CANCEL)):
        outbox.add(connection, 1, 1, Command(kind, "P-1", str(number)), NOON, None)
    outbox.claim(connection, NOON)
    outbox.supersede(connection, 1, NOON, "closed", [CommandKind.REPLY_URGE])

    assert [entry.state for entry in outbox.of_order(connection, 1)] == ["in_flight", "pending", "superseded"]


def test_what_nobody_holds_is_revived_under_its_key(connection: Connection) -> None:
    for order in (1, 2):
        outbox.add(connection, order, 1, Command(CommandKind.READY, "P", f"key {order}"), NOON, None)
    held, lost = outbox.claim(connection, NOON)
    outbox.revive(connection, [held.id])

    assert outbox.of_order(connection, 1)[0].state == "in_flight"
    assert [entry.command.key for entry in outbox.claim(connection, NOON)] == [lost.command.key]


def test_a_recovery_hurries_only_its_own_account(connection: Connection) -> None:
    for order, account in ((1, 1), (2, 2)):
        outbox.add(connection, order, account, Command(CommandKind.READY, "P", str(order)), LATER, None)
    outbox.hurry(connection, NOON, 1)

    assert [entry.order_id for entry in outbox.claim(connection, NOON)] == [1]


class OutboxMachine(RuleBasedStateMachine):
    """Whatever is asked, claimed, settled or put off: within an order nothing overtakes, and nothing is claimed twice."""

    orders = some.integers(1, 3)

    @initialize()
    def opens(self) -> None:
        self.opened = memory()
        self.connection = self.opened.__enter__()
        self.number, self.now = 0, NOON
        self.flying: list[outbox.Entry] = []
        self.left: list[tuple[int, int]] = []

    @rule(order=orders)
    def asks(self, order: int) -> None:
        self.number += 1
        outbox.add(self.connection, order, 1, Command(CommandKind.READY, "P", str(self.number)), self.now, None)

    @rule()
    def claims(self) -> None:
        for entry in outbox.claim(self.connection, self.now):
            assert entry.order_id not in {one.order_id for one in self.flying}
            self.flying.append(entry)
            self.left.append((entry.order_id, entry.id))

    @rule(state=some.sampled_from(["confirmed", "refused", "dead"]))
    def answers(self, state: str) -> None:
        if self.flying:
            outbox.settle(self.connection, self.flying.pop().id, state, self.now)

    @rule(seconds=some.integers(0, 30))
    def puts_off(self, seconds: int) -> None:
        if self.flying:
            due_at = self.now + timedelta(seconds=seconds)
            outbox.change(self.connection, self.flying.pop().id, state="pending", due_at=due_at)

    @rule(seconds=some.integers(1, 20))
    def waits(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def crashes(self) -> None:
        outbox.revive(self.connection)
        self.flying.clear()

    @invariant()
    def nothing_overtakes(self) -> None:
        for order in {order for order, _ in getattr(self, "left", [])}:
            ids = [entry for one, entry in self.left if one == order]
            assert ids == sorted(ids)

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)


TestOutboxOrder = OutboxMachine.TestCase
TestOutboxOrder.settings = settings(max_examples=40, stateful_step_count=30)


def test_every_state_of_a_ticket_is_answered_for_on_the_card() -> None:
    with shop() as opened:
        first = opened.hears(report(0))
        other = opened.hears(of("P-2", report(0, facts=facts("8"))))
        for order, key, answer in ((first.id, "1", ""), (first.id, "2", "came_out"), (other.id, "3", "")):
            job = print_jobs.add(opened.connection, 1, key, ticket(key), NOON, order_id=order)
            assert job is not None
            print_jobs.change(opened.connection, job, state="unknown", answer=answer)

        assert print_jobs.states(opened.connection, [first.id, other.id]) == {first.id: ["unknown"], other.id: ["unknown"]}


def test_versions_are_the_platforms_clock_not_ours() -> None:
    with shop() as opened:
        order = opened.hears(report(0))

        assert order.facts_version == int(datetime(2026, 11, 22, 4, tzinfo=UTC).timestamp() * 1000)
