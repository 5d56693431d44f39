"""What follows from a report: the tickets a kitchen needs, none that it must not cook, and no command too many."""

from __future__ import annotations

import pytest

from app.db import outbox, printers
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.tickets import Mark, TicketKind
from app.engine import desk
from app.engine.consequences import command
from app.engine.in_hand import overtaken, withdraw
from tests.engine.shop import ALL, NOON, Shop, facts, report, shop, step

COOKING = [Kitchen.ACCEPTED, Kitchen.PREPARING]


def papers(opened: Shop) -> list[tuple[str, str]]:
    return [(job.kind, job.state) for job in opened.tickets]


def commands(opened: Shop) -> list[tuple[CommandKind, str]]:
    return [(entry.command.kind, entry.state) for entry in outbox.of_order(opened.connection, opened.order.id)]


@pytest.mark.parametrize("kitchen", COOKING)
def test_every_station_gets_one_ticket_however_often_it_is_heard(kitchen: Kitchen) -> None:
    with shop(kitchens=2) as opened:
        opened.hears(report(0), step(1, kitchen), step(1, kitchen), report(2, kitchen), step(3, Kitchen.PREPARING))

        assert papers(opened) == [("kitchen", "pending")] * 2
        assert len({job.printer_id for job in opened.tickets}) == 2


def test_an_order_first_seen_while_it_cooks_is_printed(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))

    assert papers(counter) == [("kitchen", "pending")]


def test_ready_heard_before_accepted_is_still_printed(counter: Shop) -> None:
    counter.hears(report(0), step(9, Kitchen.READY), step(5, Kitchen.ACCEPTED))

    assert papers(counter) == [("kitchen", "pending")]


@pytest.mark.parametrize("kitchen", [one for one in Kitchen if one not in COOKING])
def test_an_order_first_seen_otherwise_is_not_cooked(counter: Shop, kitchen: Kitchen) -> None:
    counter.hears(report(0, kitchen))

    assert papers(counter) == []


def test_a_printer_that_is_switched_off_gets_nothing_and_the_ledger_says_why(counter: Shop) -> None:
    printers.change(counter.connection, 1, enabled=False)
    counter.hears(report(0, Kitchen.ACCEPTED))

    assert papers(counter) == [("kitchen", "skipped")]
    assert "switched off" in counter.tickets[0].reason


def test_what_was_not_printed_yet_is_skipped_when_the_order_dies(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED), step(1, Kitchen.CANCELLED))

    assert papers(counter) == [("kitchen", "skipped")]


@pytest.mark.parametrize("state", ["confirmed", "sent", "unknown", "sending"])
def test_what_may_be_on_paper_is_taken_back(counter: Shop, state: str) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed(state)
    counter.hears(step(1, Kitchen.CANCELLED, reason="顾客取消"), step(1, Kitchen.CANCELLED))

    kitchen, void = counter.tickets
    assert papers(counter) == [("kitchen", state), ("void", "pending")]
    assert (void.ticket.original_id, void.ticket.reason) == (kitchen.ticket.ticket_id, "顾客取消")
    assert Mark.VOID in void.ticket.marks
    assert void.ticket.lines == kitchen.ticket.lines


def test_ready_food_is_taken_back_too(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed()
    counter.hears(step(1, Kitchen.READY), step(2, Kitchen.CANCELLED))

    assert papers(counter) == [("kitchen", "confirmed"), ("void", "pending")]


@pytest.mark.parametrize(
    "gone", [step(1, delivery=Delivery.PICKED_UP), step(1, Kitchen.HANDED_OVER), step(1, Kitchen.COMPLETED)]
)
def test_nobody_looks_for_food_that_has_left(counter: Shop, gone: object) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed()
    counter.hears(gone, step(2, Kitchen.CANCELLED))  # type: ignore[arg-type]  # an OrderUpdate

    assert papers(counter) == [("kitchen", "confirmed")]


def test_a_change_after_printing_names_the_paper_it_replaces(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed()
    counter.hears(report(1, Kitchen.ACCEPTED, facts=facts(note="不要葱")))

    old, new = counter.tickets
    assert (new.kind, new.revision, new.state) == (TicketKind.CHANGED, 2, "pending")
    assert (new.ticket.original_id, new.ticket.was_printed_at) == (old.ticket.ticket_id, NOON)
    assert Mark.CHANGED in new.ticket.marks


def test_a_change_before_printing_is_an_ordinary_ticket(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED), report(1, Kitchen.ACCEPTED, facts=facts(note="不要葱")))

    assert papers(counter) == [("kitchen", "skipped"), ("kitchen", "pending")]


def test_a_change_before_acceptance_prints_nothing(counter: Shop) -> None:
    counter.hears(report(0), report(1, facts=facts(note="不要葱")))

    assert papers(counter) == []


def test_an_order_that_dies_while_its_ticket_is_being_sent_is_not_printed_after_all(counter: Shop) -> None:
    """The printer refused the bytes: without this the dead order's ticket would be tried again, after its void slip."""
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed("sending")
    counter.hears(step(1, Kitchen.CANCELLED))
    job = counter.tickets[0]

    assert overtaken(counter.connection, job)
    withdraw(counter.connection, job, NOON)
    assert papers(counter) == [("kitchen", "skipped"), ("void", "skipped")]


def test_a_void_slip_stays_while_an_earlier_copy_may_be_on_paper(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed("unknown")
    first = counter.tickets[0]
    desk.again(counter.connection, counter.rules, first, NOON)
    counter.printed("sending")
    counter.hears(step(1, Kitchen.CANCELLED))

    withdraw(counter.connection, counter.tickets[1], NOON)
    assert papers(counter) == [("kitchen", "unknown"), ("kitchen", "skipped"), ("void", "pending")]


def test_an_older_revision_is_overtaken_but_a_void_slip_never_is(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed("unknown")
    assert not overtaken(counter.connection, counter.tickets[0])

    counter.hears(report(1, Kitchen.ACCEPTED, facts=facts(note="不要葱")), step(2, Kitchen.CANCELLED))
    kitchen, _, void = counter.tickets
    assert overtaken(counter.connection, kitchen)
    assert not overtaken(counter.connection, void)


def test_an_account_may_accept_by_itself() -> None:
    with shop(auto_accept=True) as opened:
        opened.hears(report(0), report(0))

        assert commands(opened) == [(CommandKind.ACCEPT, "pending")]


def test_the_sender_is_told_only_where_the_platform_wants_it() -> None:
    with shop(ALL) as opened:
        opened.hears(report(0))

        assert commands(opened) == [(CommandKind.RECEIVED, "pending")]


def test_a_decision_does_not_wait_until_the_sender_was_told() -> None:
    with shop(ALL) as opened:
        opened.hears(report(0))
        desk.request(opened.connection, opened.rules, desk.Wish(opened.order.id, CommandKind.ACCEPT))

        assert commands(opened) == [(CommandKind.RECEIVED, "superseded"), (CommandKind.ACCEPT, "pending")]


@pytest.mark.parametrize("kitchen", [one for one in Kitchen if one is not Kitchen.NEW])
def test_nothing_is_asked_for_an_order_that_went_on_without_us(kitchen: Kitchen) -> None:
    with shop(ALL, auto_accept=True) as opened:
        opened.hears(report(0, kitchen))

        assert commands(opened) == []


def test_a_dead_order_wants_no_command_any_more(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    for kind in (CommandKind.READY, CommandKind.AGREE_REQUEST):
        command(counter.connection, counter.account, counter.order, kind, NOON)
    counter.hears(step(1, Kitchen.CANCELLED))

    assert [state for _, state in commands(counter)] == ["superseded", "superseded"]


def test_a_completed_order_still_gets_its_answers(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    for kind in (CommandKind.READY, CommandKind.REFUSE_REQUEST, CommandKind.REPLY_URGE):
        command(counter.connection, counter.account, counter.order, kind, NOON)
    counter.hears(step(1, Kitchen.COMPLETED))

    assert [state for _, state in commands(counter)] == ["superseded", "pending", "pending"]


def test_what_is_on_its_way_is_left_to_the_platforms_answer(counter: Shop) -> None:
    counter.hears(report(0))
    command(counter.connection, counter.account, counter.order, CommandKind.ACCEPT, NOON)
    outbox.claim(counter.connection, NOON)
    counter.hears(step(1, Kitchen.CANCELLED))

    assert commands(counter) == [(CommandKind.ACCEPT, "in_flight")]


def test_a_command_never_outlives_the_platforms_patience_and_no_two_share_a_key(counter: Shop) -> None:
    counter.hears(report(0, facts=facts(decide_by=NOON)))
    for kind in (CommandKind.ACCEPT, CommandKind.ACCEPT, CommandKind.REPLY_URGE):
        command(counter.connection, counter.account, counter.order, kind, NOON)

    entries = outbox.of_order(counter.connection, counter.order.id)
    assert [entry.deadline for entry in entries] == [NOON, NOON, None]
    assert len({entry.command.key for entry in entries}) == 3


def test_no_price_phone_or_address_is_on_a_ticket(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))

    ticket = counter.tickets[0].ticket
    assert (ticket.call_number, ticket.items_total) == ("假#7", "1")
    assert (ticket.customer, ticket.phone, ticket.address, ticket.payment, ticket.sums) == ("", "", "", "", ())
    assert [line.amount for line in ticket.lines] == [""]
