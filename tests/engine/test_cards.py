"""A card says what must be done next, what the platform knows, and what went wrong: nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.db import accounts, outbox, print_jobs
from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState, Urge
from app.domain.commands import CommandKind, Portions
from app.domain.lifecycle import Delivery, Kitchen
from app.engine import desk
from app.engine.cards import cards, detail, search
from app.engine.consequences import command
from app.engine.views import Card, CommandState, Lane, PrintState
from tests.engine.shop import ALL, NOON, WORDS, Shop, at, cny, facts, of, report, shop, step

LATER = facts(scheduled=True, due_at=NOON + timedelta(hours=2))
REFUND = CustomerRequest(RequestKind.REFUND, RequestState.OPEN)


def card(opened: Shop, after: timedelta = timedelta(0)) -> Card:
    (found,) = cards(opened.connection, opened.rules, NOON + after)
    return found


@pytest.mark.parametrize(
    ("reports", "lane", "primary"),
    [
        ([report(0)], Lane.NEW, CommandKind.ACCEPT),
        ([report(0, facts=LATER)], Lane.NEW, CommandKind.ACCEPT),
        ([report(0, Kitchen.ACCEPTED)], Lane.COOKING, CommandKind.READY),
        ([report(0, Kitchen.PREPARING)], Lane.COOKING, CommandKind.READY),
        ([report(0, Kitchen.ACCEPTED, facts=LATER)], Lane.SCHEDULED, CommandKind.READY),
        ([report(0, Kitchen.READY)], Lane.READY, CommandKind.HAND_OVER),
        ([report(0, Kitchen.ACCEPTED, delivery=Delivery.AT_STORE)], Lane.COOKING, CommandKind.READY),
        ([report(0, Kitchen.READY, delivery=Delivery.PICKED_UP)], Lane.ON_THE_WAY, CommandKind.COMPLETE),
        ([report(0, Kitchen.HANDED_OVER)], Lane.ON_THE_WAY, CommandKind.COMPLETE),
        ([report(0), step(1, Kitchen.CANCELLED)], Lane.NEW, None),
        ([report(0, Kitchen.ACCEPTED), step(1, Kitchen.CANCELLED)], Lane.COOKING, None),
        ([report(0, Kitchen.READY), step(1, Kitchen.CANCELLED)], Lane.READY, None),
        ([report(0, Kitchen.HANDED_OVER), step(1, Kitchen.CANCELLED)], Lane.ON_THE_WAY, None),
        ([report(0, Kitchen.COMPLETED, request=REFUND)], Lane.ON_THE_WAY, None),
    ],
)
def test_a_card_stands_where_the_next_step_is(reports: list[OrderUpdate], lane: Lane, primary: CommandKind | None) -> None:
    with shop(ALL) as opened:
        opened.hears(*reports)

        assert (card(opened).lane, card(opened).primary) == (lane, primary)


def test_a_scheduled_order_starts_to_cook_in_time(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED, facts=LATER))

    assert card(counter, timedelta(minutes=79)).lane is Lane.SCHEDULED
    assert card(counter, timedelta(minutes=80)).lane is Lane.COOKING


def test_a_platform_without_a_last_step_needs_no_button_for_it(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.READY))
    assert card(counter).primary is CommandKind.HAND_OVER
    assert set(card(counter).local_only) == {CommandKind.HAND_OVER}

    counter.hears(step(1, delivery=Delivery.PICKED_UP))
    assert card(counter).primary is None


def test_an_order_of_whose_end_its_platform_never_tells_is_closed_here(counter: Shop) -> None:
    silent = replace(counter.rules.platforms["fake"], tells_end=False)
    counter.rules = replace(counter.rules, platforms={**counter.rules.platforms, "fake": silent})
    counter.hears(report(0, Kitchen.READY), step(1, delivery=Delivery.PICKED_UP))
    assert (card(counter).primary, CommandKind.COMPLETE in card(counter).local_only) == (CommandKind.COMPLETE, True)


def test_an_order_that_is_accepted_elsewhere_says_where_instead_of_offering_a_button() -> None:
    with shop(frozenset()) as opened:
        opened.hears(report(0))
        new = card(opened)
        assert (new.lane, new.primary, new.actions, new.elsewhere) == (Lane.NEW, None, (), "Accept on Fake's own device")
        with pytest.raises(desk.RefusalError):
            desk.request(opened.connection, opened.rules, desk.Wish(new.id, CommandKind.ACCEPT))

        opened.hears(step(1, Kitchen.ACCEPTED))
        assert (card(opened).lane, card(opened).primary) == (Lane.COOKING, CommandKind.READY)
        assert "refuse or cancel it there" in card(opened).elsewhere
        assert opened.tickets


def test_an_order_handed_over_accepted_prints_and_its_steps_are_kept_here() -> None:
    with shop(frozenset()) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        assert opened.tickets
        for kind, lane in (
            (CommandKind.READY, Lane.COOKING),
            (CommandKind.HAND_OVER, Lane.READY),
            (CommandKind.COMPLETE, Lane.ON_THE_WAY),
        ):
            assert (card(opened).primary, card(opened).lane) == (kind, lane)
            assert kind in card(opened).local_only
            desk.request(opened.connection, opened.rules, desk.Wish(opened.order.id, kind))
        assert cards(opened.connection, opened.rules, NOON) == []
        assert outbox.of_order(opened.connection, opened.order.id) == []


def test_nobody_is_asked_for_a_step_of_food_that_left_when_the_platform_would_not_hear_of_it() -> None:
    with shop(frozenset()) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, delivery=Delivery.PICKED_UP))
        assert card(opened).primary is CommandKind.COMPLETE
        opened.hears(step(1, delivery=Delivery.DELIVERED))
        assert cards(opened.connection, opened.rules, NOON) == []


def test_accepting_by_itself_asks_nothing_of_a_platform_that_cannot_be_asked() -> None:
    with shop(frozenset()) as opened:
        accounts.change(opened.connection, opened.account.id, auto_accept=True)
        willing = replace(opened, account=accounts.get(opened.connection, opened.account.id))
        willing.hears(report(0))
        assert outbox.of_order(opened.connection, willing.order.id) == []


@pytest.mark.parametrize("end", [step(1, Kitchen.COMPLETED), step(1, delivery=Delivery.DELIVERED)])
def test_a_closed_order_leaves_the_queue(counter: Shop, end: OrderUpdate) -> None:
    counter.hears(report(0, Kitchen.READY), end)

    assert cards(counter.connection, counter.rules, NOON) == []


@pytest.mark.parametrize(
    ("reports", "actions"),
    [
        ([report(0)], [CommandKind.REJECT]),
        ([report(0, Kitchen.ACCEPTED)], [CommandKind.CANCEL]),
        (
            [report(0, Kitchen.ACCEPTED, request=REFUND, urge=Urge("u", NOON))],
            [CommandKind.CANCEL, CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST, CommandKind.REPLY_URGE],
        ),
        ([report(0, Kitchen.ACCEPTED, urge=Urge("u", NOON, replied=True))], [CommandKind.CANCEL]),
        ([report(0, Kitchen.COMPLETED, request=REFUND)], [CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST]),
        ([report(0), step(1, Kitchen.CANCELLED)], []),
    ],
)
def test_only_what_makes_sense_can_be_pressed(counter: Shop, reports: list[OrderUpdate], actions: list[CommandKind]) -> None:
    counter.hears(*reports)

    assert list(card(counter).actions) == actions


def test_no_button_promises_what_the_platform_cannot(counter: Shop) -> None:
    with shop(WORDS - {CommandKind.REJECT}) as opened:
        opened.hears(report(0))
        assert card(opened).actions == ()


def told(opened: Shop, *states: tuple[CommandKind, str]) -> tuple[CommandKind, CommandState, str] | None:
    for kind, state in states:
        entry = command(opened.connection, opened.account, opened.order, kind, NOON)
        outbox.change(opened.connection, entry, state=state, text=f"{kind} {state}")
    shown = card(opened).command
    return (shown.kind, shown.state, shown.text) if shown else None


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ([], None),
        ([(CommandKind.RECEIVED, "dead")], None),
        ([(CommandKind.ACCEPT, "confirmed")], 0),
        ([(CommandKind.ACCEPT, "confirmed"), (CommandKind.READY, "refused")], 1),
        ([(CommandKind.ACCEPT, "in_flight"), (CommandKind.READY, "pending")], 0),
        ([(CommandKind.ACCEPT, "refused"), (CommandKind.CANCEL, "pending")], 1),
    ],
)
def test_the_card_speaks_of_the_command_that_matters(
    counter: Shop, states: list[tuple[CommandKind, str]], shown: int | None
) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))

    found = told(counter, *states)
    kind, state = states[shown] if shown is not None else (None, "")
    assert found == (None if shown is None else (kind, CommandState(state), f"{kind} {state}"))


def test_an_accept_the_platform_overruled_stays_visible_with_a_way_out(counter: Shop) -> None:
    """We rejected, the platform shows accepted: its word counts, and staff may still cancel."""
    counter.hears(report(0))
    told(counter, (CommandKind.REJECT, "refused"))
    counter.hears(step(5, Kitchen.ACCEPTED))

    assert (card(counter).kitchen, card(counter).actions) == (Kitchen.ACCEPTED, (CommandKind.CANCEL,))
    shown = card(counter).command
    assert shown is not None
    assert shown.state is CommandState.REFUSED


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (["pending"], PrintState.PENDING),
        (["confirmed", "unknown"], PrintState.UNKNOWN),
        (["sent", "confirmed"], PrintState.SENT),
        (["confirmed", "failed"], PrintState.FAILED),
        (["skipped"], None),
        (["skipped", "confirmed"], PrintState.CONFIRMED),
    ],
)
def test_of_several_tickets_the_worst_is_shown(states: list[str], shown: PrintState | None) -> None:
    with shop(kitchens=len(states)) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        for job, state in zip(opened.tickets, states, strict=True):
            print_jobs.change(opened.connection, job.id, state=state)

        assert card(opened).print_state is shown
        assert detail(opened.connection, opened.rules, NOON, opened.order.id).card.print_state is shown


def test_an_unknown_ticket_that_was_answered_for_is_unknown_no_more(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    counter.printed("unknown")
    assert card(counter).print_state is PrintState.UNKNOWN

    desk.print_again(counter.connection, counter.rules, [1])
    assert card(counter).print_state is PrintState.PENDING
    counter.printed()
    assert card(counter).print_state is PrintState.CONFIRMED


@pytest.mark.parametrize(
    ("reports", "problem"),
    [
        ([report(0, facts=facts(checks=("Σ ≠",)))], "Σ ≠"),
        ([report(0, unmapped="teleported")], "Unknown status: teleported"),
        ([report(0, Kitchen.COMPLETED, request=REFUND)], "A refund was asked for after the order was closed"),
        ([report(0, Kitchen.READY), step(1, Kitchen.CANCELLED)], "The food was made before it was cancelled: claim it"),
        ([report(0, refunded=cny(1900))], "More was refunded than was paid"),
    ],
)
def test_what_is_wrong_is_said(counter: Shop, reports: list[OrderUpdate], problem: str) -> None:
    counter.hears(*reports)

    (found,) = card(counter).problems
    assert found.startswith(problem)


@pytest.mark.parametrize(
    "reports",
    [
        [report(0, Kitchen.ACCEPTED, request=REFUND)],
        [report(0), step(1, Kitchen.CANCELLED)],
        [report(0, refunded=cny(1800))],
        [report(0, facts=facts(total=cny(0), provisional=True), refunded=cny(100))],
    ],
)
def test_what_is_not_wrong_is_not_said(counter: Shop, reports: list[OrderUpdate]) -> None:
    counter.hears(*reports)

    assert card(counter).problems == ()


def test_the_bell_rings_until_somebody_saw_it(counter: Shop) -> None:
    order = counter.hears(report(0))
    assert card(counter).rung

    desk.acknowledge(counter.connection, [order.id])
    assert not card(counter).rung


def test_an_order_seen_late_does_not_ring(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.READY))

    assert not card(counter).rung


def test_a_request_and_an_urge_wait_for_an_answer(counter: Shop) -> None:
    asked = CustomerRequest(RequestKind.CANCEL, RequestState.OPEN, deadline=at(900))
    counter.hears(report(0, Kitchen.READY, request=asked, urge=Urge("u", NOON, "快点")))

    assert (card(counter).request, len(card(counter).urges)) == (asked, 1)
    counter.hears(step(1, request=CustomerRequest(RequestKind.CANCEL, RequestState.WITHDRAWN)))
    assert card(counter).request is None


def test_only_what_was_asked_for_is_read(counter: Shop) -> None:
    first = counter.hears(report(0))
    counter.hears(of("P-2", report(0, facts=facts("8"))))

    assert [one.id for one in cards(counter.connection, counter.rules, NOON, {first.id, 99})] == [first.id]


@pytest.mark.parametrize(
    ("text", "found"), [("宫保", 1), ("P-1", 1), ("P_1", 0), ("R7", 1), ("100%", 0), ("鱼香", 0), ("\\", 0)]
)
def test_closed_orders_are_found_by_what_stands_on_them(counter: Shop, text: str, found: int) -> None:
    counter.hears(report(0, Kitchen.COMPLETED))

    assert len(search(counter.connection, counter.rules, NOON, text, 10)) == found


def test_the_detail_tells_the_whole_story(counter: Shop) -> None:
    counter.hears(report(0), step(1, Kitchen.ACCEPTED))
    counter.printed()

    story = detail(counter.connection, counter.rules, NOON, counter.order.id)
    assert [entry.kind for entry in story.history] == ["placed", "stored", "accepted"]
    assert [(ticket.state, ticket.printer) for ticket in story.tickets] == [(PrintState.CONFIRMED, "kitchen 0")]
    with pytest.raises(LookupError):
        detail(counter.connection, counter.rules, NOON, 99)


@pytest.mark.parametrize(("state", "gone"), [("confirmed", (1,)), ("refused", ()), ("dead", ()), ("pending", ())])
def test_a_card_counts_what_its_platform_agreed_to_give_back(counter: Shop, state: str, gone: tuple[int, ...]) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    dish = counter.order.facts.lines[0]
    entry = command(
        counter.connection, counter.account, counter.order, CommandKind.REFUND, NOON, lines=(Portions(dish.key),)
    )
    outbox.change(counter.connection, entry, state=state)
    assert card(counter).given_back[:1] == gone
    assert len(card(counter).given_back) in (0, len(card(counter).items))
