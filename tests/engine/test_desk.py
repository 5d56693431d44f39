"""What a person may ask, in which state, and who wins when two press at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.db import orders, outbox, print_jobs
from app.db.tables import audit
from app.domain.changes import CustomerRequest, RequestKind, RequestState
from app.domain.commands import CommandKind, RejectReason
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.tickets import Mark
from app.engine import desk
from app.engine.cards import cards
from app.engine.desk import RefusalError, Wish
from tests.engine.shop import NOON, Shop, open_kitchen, report, shop, step

ASKED = CustomerRequest(RequestKind.REFUND, RequestState.OPEN)


def press(opened: Shop, kind: CommandKind, **fields: Any) -> None:
    desk.request(opened.connection, opened.rules, Wish(opened.order.id, kind, **fields))


def pending(opened: Shop) -> list[CommandKind]:
    return [entry.command.kind for entry in outbox.of_order(opened.connection, opened.order.id)]


@pytest.mark.parametrize(
    ("kitchen", "kind", "words"),
    [
        *((one, CommandKind.ACCEPT, "closed") for one in [*sorted(DEAD), Kitchen.COMPLETED]),
        *((one, CommandKind.CANCEL, "closed") for one in [*sorted(DEAD), Kitchen.COMPLETED]),
        (Kitchen.ACCEPTED, CommandKind.ACCEPT, "already been accepted"),
        (Kitchen.READY, CommandKind.REJECT, "already been accepted"),
        (Kitchen.NEW, CommandKind.READY, "not been accepted"),
        (Kitchen.NEW, CommandKind.CANCEL, "not been accepted"),
        (Kitchen.NEW, CommandKind.HAND_OVER, "not been accepted"),
        (Kitchen.ACCEPTED, CommandKind.AGREE_REQUEST, "no longer open"),
        (Kitchen.COMPLETED, CommandKind.REFUSE_REQUEST, "no longer open"),
        (Kitchen.READY, CommandKind.READY, "already been done"),
        (Kitchen.HANDED_OVER, CommandKind.HAND_OVER, "already been done"),
        (Kitchen.NEW, CommandKind.RECEIVED, "no such step"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(counter: Shop, kitchen: Kitchen, kind: CommandKind, words: str) -> None:
    counter.hears(report(0, kitchen))

    with pytest.raises(RefusalError, match=words):
        press(counter, kind)
    assert pending(counter) == []


@pytest.mark.parametrize(
    ("kitchen", "kind"),
    [
        (Kitchen.NEW, CommandKind.ACCEPT),
        (Kitchen.NEW, CommandKind.REJECT),
        (Kitchen.ACCEPTED, CommandKind.READY),
        (Kitchen.HANDED_OVER, CommandKind.CANCEL),
        (Kitchen.COMPLETED, CommandKind.AGREE_REQUEST),
        (Kitchen.PREPARING, CommandKind.REPLY_URGE),
    ],
)
def test_a_press_becomes_one_command_and_stops_the_bell(counter: Shop, kitchen: Kitchen, kind: CommandKind) -> None:
    counter.hears(report(0, kitchen, request=ASKED))
    press(counter, kind, reason=RejectReason.TOO_BUSY, text="马上", urge_key="u1")

    (entry,) = outbox.of_order(counter.connection, counter.order.id)
    command = entry.command
    assert (command.kind, command.order_id, command.text, command.urge_key) == (kind, "P-1", "马上", "u1")
    assert counter.order.seen_at is not None
    assert counter.connection.execute(select(audit.c.what, audit.c.detail)).all() == [(kind.value, "too_busy")]
    assert counter.order.state.kitchen is kitchen, "only the platform moves an order"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CommandKind.ACCEPT, CommandKind.ACCEPT),
        (CommandKind.ACCEPT, CommandKind.REJECT),
        (CommandKind.REJECT, CommandKind.ACCEPT),
    ],
)
def test_of_two_who_press_at_once_the_first_wins(counter: Shop, first: CommandKind, second: CommandKind) -> None:
    counter.hears(report(0))
    press(counter, first)

    with pytest.raises(RefusalError, match="already asked"):
        press(counter, second)
    assert pending(counter) == [first]


def test_the_two_answers_to_a_request_exclude_each_other(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED, request=ASKED))
    press(counter, CommandKind.AGREE_REQUEST)

    with pytest.raises(RefusalError, match="already asked"):
        press(counter, CommandKind.REFUSE_REQUEST)


def test_two_urges_are_answered_each(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    press(counter, CommandKind.REPLY_URGE, urge_key="u1")
    press(counter, CommandKind.REPLY_URGE, urge_key="u2")

    with pytest.raises(RefusalError, match="already asked"):
        press(counter, CommandKind.REPLY_URGE, urge_key="u2")


def test_a_refused_command_may_be_asked_again_under_a_new_key(counter: Shop) -> None:
    counter.hears(report(0))
    press(counter, CommandKind.ACCEPT)
    outbox.settle(counter.connection, 1, "refused", NOON, "too late")
    press(counter, CommandKind.ACCEPT)

    keys = [entry.command.key for entry in outbox.of_order(counter.connection, counter.order.id)]
    assert len(set(keys)) == 2


def test_a_step_without_a_word_is_kept_here_once(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.READY))
    press(counter, CommandKind.HAND_OVER)

    assert counter.order.handed_over_at is not None
    assert (pending(counter), counter.order.state.kitchen) == ([], Kitchen.READY)
    with pytest.raises(RefusalError, match="already been done"):
        press(counter, CommandKind.HAND_OVER)
    press(counter, CommandKind.COMPLETE)
    assert counter.order.closed_at is not None
    kinds = [kind for _, who, kind, _ in orders.timeline(counter.connection, counter.order.id) if who == "counter"]
    assert kinds == ["hand_over_kept_here", "complete_kept_here"]


def test_acknowledging_stops_the_bell_and_lets_a_dead_order_go(counter: Shop) -> None:
    order = counter.hears(report(0), step(1, Kitchen.CANCELLED))
    assert [card.closed_attention for card in cards(counter.connection, counter.rules, NOON)] == [True]

    desk.acknowledge(counter.connection, [order.id])
    assert cards(counter.connection, counter.rules, NOON) == []


def test_acknowledging_a_living_order_does_not_hide_its_death(counter: Shop) -> None:
    order = counter.hears(report(0))
    desk.acknowledge(counter.connection, [order.id])
    assert counter.hears(step(1, Kitchen.CANCELLED)).attention


@pytest.mark.parametrize(
    ("state", "mark"),
    [("confirmed", Mark.REPRINT), ("sent", Mark.REPRINT), ("unknown", Mark.POSSIBLE_DUPLICATE)],
)
def test_a_reprint_says_what_it_is(counter: Shop, state: str, mark: Mark) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed(state)
    desk.print_again(counter.connection, counter.rules, [counter.tickets[0].id])

    first, copy = counter.tickets
    assert (copy.ticket.marks[0], copy.ticket.copy, copy.marked) == (mark, 2, True)
    assert (copy.ticket.original_id, copy.ticket.ticket_id) == (first.ticket.ticket_id,) * 2
    assert first.answer == "reprinted"


def test_a_ticket_that_waits_is_not_queued_twice(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    with pytest.raises(RefusalError, match="still waiting"):
        desk.print_again(counter.connection, counter.rules, [1])

    counter.printed("unknown")
    desk.print_again(counter.connection, counter.rules, [1])
    with pytest.raises(RefusalError, match="still waiting"):  # its copy
        desk.print_again(counter.connection, counter.rules, [1])
    counter.printed()
    desk.print_again(counter.connection, counter.rules, [2])
    assert [job.ticket.copy for job in counter.tickets] == [1, 2, 3]
    assert len({job.key for job in counter.tickets}) == 3


def test_a_ticket_that_somebody_found_is_not_asked_about_again(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed("unknown")
    desk.came_out(counter.connection, 1)

    assert counter.tickets[0].answer == "came_out"
    assert print_jobs.unresolved(counter.connection, NOON) == []
    assert cards(counter.connection, counter.rules, NOON)[0].print_state is None


def test_an_order_accepted_without_a_printer_is_printed_once_there_is_one() -> None:
    with shop(kitchens=0) as opened:
        opened.hears(report(0), step(1, Kitchen.ACCEPTED))
        with pytest.raises(RefusalError, match="No printer"):
            desk.print_order(opened.connection, opened.rules, opened.order.id)
        open_kitchen(opened.connection)
        for _ in range(2):
            desk.print_order(opened.connection, opened.rules, opened.order.id)

        assert [(job.kind, job.state) for job in opened.tickets] == [("kitchen", "pending")]


@pytest.mark.parametrize("kitchen", [Kitchen.NEW, Kitchen.CANCELLED, Kitchen.COMPLETED])
def test_nothing_is_printed_for_an_order_that_nobody_cooks(kitchen: Kitchen) -> None:
    with shop() as opened:
        opened.hears(report(0, kitchen))
        with pytest.raises(RefusalError):
            desk.print_order(opened.connection, opened.rules, opened.order.id)

        assert opened.tickets == []


@pytest.mark.parametrize("state", ["confirmed", "sent"])
def test_what_came_out_before_many_were_wanted_is_not_copied(state: str) -> None:
    """The list that was pressed on is a moment old."""
    with shop(kitchens=3) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        out, held, doubted = opened.tickets
        for ticket, now in ((out, state), (held, "held"), (doubted, "unknown")):
            print_jobs.step(opened.connection, ticket.id, now, NOON)
        desk.print_again(opened.connection, opened.rules, [one.id for one in opened.tickets])
        assert [job.state for job in opened.tickets] == [state, "pending", "unknown", "pending"]
        assert [job.first_id for job in opened.tickets if job.marked] == [doubted.id]

        print_jobs.step(opened.connection, held.id, state, NOON)
        with pytest.raises(RefusalError, match="moved on"):
            desk.print_again(opened.connection, opened.rules, [out.id, held.id])
        desk.print_again(opened.connection, opened.rules, [out.id])  # alone it is a wish for a copy
        assert [job.first_id for job in opened.tickets if job.marked] == [doubted.id, out.id]


@pytest.mark.parametrize("answer", ["came_out", "reprinted", "overtaken"])
def test_what_somebody_answered_for_before_many_were_wanted_is_not_copied(answer: str) -> None:
    with shop(kitchens=2) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        doubted, held = opened.tickets
        for ticket, now in ((doubted, "unknown"), (held, "held")):
            print_jobs.step(opened.connection, ticket.id, now, NOON)
        print_jobs.answer(opened.connection, doubted.id, answer, NOON)
        desk.print_again(opened.connection, opened.rules, [one.id for one in opened.tickets])
        assert [(job.state, job.marked) for job in opened.tickets] == [("unknown", False), ("pending", False)]
        desk.print_again(opened.connection, opened.rules, [doubted.id])  # alone it is a wish for a copy
        assert [job.first_id for job in opened.tickets if job.marked] == [doubted.id]


def test_one_ticket_that_cannot_be_helped_keeps_no_other_from_the_kitchen() -> None:
    with shop(kitchens=2) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        first, second = opened.tickets
        print_jobs.step(opened.connection, first.id, "held", NOON)
        desk.print_again(opened.connection, opened.rules, [first.id, second.id])  # the second one waits for its printer
        assert [job.state for job in opened.tickets] == ["pending", "pending"]

        print_jobs.step(opened.connection, second.id, "sending", NOON)
        desk.skip(opened.connection, [first.id, second.id])
        assert [job.state for job in opened.tickets] == ["skipped", "sending"]
        with pytest.raises(RefusalError):
            desk.skip(opened.connection, [second.id])
