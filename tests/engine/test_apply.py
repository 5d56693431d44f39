"""Whatever the order, delay or repetition of reports: the same order is stored, and every refund is counted once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from app.db import orders
from app.db.orders import StoredOrder
from app.db.tables import refunds
from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState, Urge
from app.domain.lifecycle import DEAD, Delivery, Kitchen, Payment
from app.domain.money import CurrencyMismatchError, Money
from app.domain.orders import Courier, Option
from app.engine.apply import UnknownOrderError
from tests.engine.shop import ORDER, Shop, at, cny, dish, facts, of, report, shop, step

# Of one moment a platform tells one thing: whatever has no rank of its own is a function of the version.
MOMENTS = some.integers(1, 6)


def told(moment: int, provisional: bool) -> Any:
    return facts(note=f"note {moment}", provisional=provisional)


FIELDS = some.fixed_dictionaries(
    {
        "kitchen": some.none() | some.sampled_from(Kitchen),
        "delivery": some.none() | some.sampled_from(Delivery),
        "payment": some.none() | some.sampled_from(Payment),
        "courier": some.booleans(),
        "request": some.none() | some.sampled_from(RequestState),
        "urge": some.none() | some.tuples(some.sampled_from("ab"), some.booleans()),
        "refunded": some.none() | some.integers(1, 900),
        "facts": some.none() | some.booleans(),
    }
)


def built(moment: int, fields: dict[str, Any]) -> OrderUpdate:
    urge = fields["urge"]
    return (
        step(
            moment,
            fields["kitchen"],
            delivery=fields["delivery"],
            payment=fields["payment"],
            courier=Courier(f"courier {moment}") if fields["courier"] else None,
            request=CustomerRequest(RequestKind.REFUND, fields["request"]) if fields["request"] else None,
            urge=Urge(urge[0], at(moment), f"text {moment}", urge[1]) if urge else None,
            refunded=cny(fields["refunded"]) if fields["refunded"] else None,
        )
        if fields["facts"] is None
        else replace(built(moment, {**fields, "facts": None}), facts=told(moment, fields["facts"]))
    )


REPORTS = some.lists(some.builds(built, MOMENTS, FIELDS), max_size=5)


@pytest.fixture(scope="module")
def shared() -> Iterator[Shop]:
    with shop(kitchens=2, auto_accept=True) as opened:
        opened.connection.commit()
        yield opened


def outcome(opened: Shop, updates: list[OrderUpdate]) -> tuple[object, ...]:
    order = opened.hears(*updates)
    amounts = select(func.coalesce(func.sum(refunds.c.amount_minor), 0)).where(refunds.c.order_id == order.id)
    assert opened.connection.execute(amounts).scalar_one() == order.refunded_minor
    people = order.courier, order.request, order.urges
    return order.state, order.facts, order.facts_version, people, order.refunded, order.attention


@settings(max_examples=60)
@given(REPORTS, some.randoms(use_true_random=False), some.integers(0, 3))
def test_any_order_of_reports_is_stored_alike(
    shared: Shop, reports: list[OrderUpdate], chance: random.Random, extra: int
) -> None:
    first = report(0, Kitchen.NEW, facts=told(0, provisional=True))
    expected = outcome(shared, [first, *reports])
    shared.connection.rollback()

    shuffled = [*reports, *(chance.choice(reports) for _ in range(extra if reports else 0))]
    chance.shuffle(shuffled)
    found = outcome(shared, [first, *shuffled])
    shared.connection.rollback()
    assert found == expected


@settings(max_examples=40)
@given(REPORTS, some.randoms(use_true_random=False))
def test_no_order_of_reports_leaves_two_tickets_of_a_revision(
    shared: Shop, reports: list[OrderUpdate], chance: random.Random
) -> None:
    chance.shuffle(reports)
    order = shared.hears(report(0), *reports, *reports)

    printed = [(job.printer_id, job.kind, job.revision) for job in shared.tickets]
    assert len(printed) == len(set(printed))
    if order.state.kitchen in DEAD:
        assert not [job for job in shared.tickets if job.state == "pending" and job.kind != "void"]
    shared.connection.rollback()


def test_an_unknown_order_must_be_fetched_first(counter: Shop) -> None:
    with pytest.raises(UnknownOrderError, match=ORDER):
        counter.hears(step(1, Kitchen.READY))


def test_the_same_order_from_two_channels_is_one(counter: Shop) -> None:
    first, second = counter.hears(report(1)), counter.hears(report(1))

    assert first.id == second.id
    assert len(orders.queue(counter.connection)) == 1


def test_final_money_is_never_made_provisional_again(counter: Shop) -> None:
    counter.hears(report(1, facts=facts(total=cny(0), provisional=True)))
    counter.hears(report(2, facts=facts(total=cny(1800))))
    order = counter.hears(report(9, facts=facts(total=cny(0), provisional=True)))

    assert (order.facts.total, order.facts.provisional) == (cny(1800), False)


def test_final_money_beats_newer_provisional_money_even_when_it_comes_last(counter: Shop) -> None:
    counter.hears(report(9, facts=facts(total=cny(0), provisional=True)))

    assert counter.hears(report(2, facts=facts(total=cny(1800)))).facts.total == cny(1800)


def test_prices_learned_late_are_no_change_for_the_kitchen(counter: Shop) -> None:
    def with_price(minor: int | None) -> Any:
        spicy = Option("加辣", price=cny(minor) if minor is not None else None)
        return facts(total=cny(minor or 0), lines=(dish(options=(spicy,)),), provisional=minor is None)

    counter.hears(report(1, Kitchen.ACCEPTED, facts=with_price(None)))
    counter.printed()
    order = counter.hears(report(2, Kitchen.ACCEPTED, facts=with_price(200)))

    assert order.revision == 1
    assert [job.kind for job in counter.tickets] == ["kitchen"]


@pytest.mark.parametrize(
    "changed",
    [{"note": "不要葱"}, {"lines": (dish(quantity=2),)}, {"lines": (dish(note="少饭"),)}, {"tableware": 3}],
    ids=["note", "quantity", "line note", "tableware"],
)
def test_what_a_cook_must_know_makes_a_revision(counter: Shop, changed: dict[str, Any]) -> None:
    counter.hears(report(1, Kitchen.ACCEPTED))

    assert counter.hears(report(2, Kitchen.ACCEPTED, facts=facts(**changed))).revision == 2


def test_refunds_add_up_to_the_cumulative_figure_each_on_its_own_day(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.COMPLETED))
    for hours, minor in ((1, 500), (1, 500), (30, 800), (20, 700)):
        moment = at(hours * 3600)
        counter.hears(step(hours * 3600, refunded=cny(minor), refunded_at=moment))

    rows = counter.connection.execute(select(refunds.c.amount_minor, refunds.c.business_day).order_by(refunds.c.id)).all()
    assert [tuple(row) for row in rows] == [(500, date(2026, 11, 22)), (300, date(2026, 11, 23))]
    assert counter.order.refunded == cny(800)


def test_a_refund_in_another_currency_is_an_error_not_a_figure(counter: Shop) -> None:
    counter.hears(report(0))

    with pytest.raises(CurrencyMismatchError):
        counter.hears(step(1, refunded=Money(100, "GBP")))
    assert counter.order.refunded_minor == 0


def test_our_reply_does_not_replace_the_words_of_an_urge(counter: Shop) -> None:
    urge = Urge("u1", at(10), "快一点")
    counter.hears(report(0), step(10, urge=urge))
    order = counter.hears(step(20, urge=Urge("u1", at(20), "马上好", replied=True)))

    assert order.urges == (replace(urge, replied=True),)


def test_an_unknown_status_is_kept_and_guesses_nothing(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    order = counter.hears(step(1, unmapped="teleported"), step(2, unmapped="teleported"))

    assert (order.state.kitchen, order.unmapped) == (Kitchen.ACCEPTED, "teleported")
    assert [kind for _, _, kind, _ in orders.timeline(counter.connection, order.id)].count("unmapped") == 1


def test_a_completed_order_can_still_be_cancelled_and_keeps_its_time(counter: Shop) -> None:
    done = counter.hears(report(0, Kitchen.ACCEPTED), step(60, Kitchen.COMPLETED))
    order = counter.hears(step(9000, Kitchen.CANCELLED, reason="after-sale"))

    assert (order.state.kitchen, order.closed_at, order.reason) == (Kitchen.CANCELLED, done.closed_at, "after-sale")
    assert order.attention


def test_a_cancellation_keeps_how_far_the_courier_was(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED), step(5, Kitchen.READY, delivery=Delivery.PICKED_UP))
    order = counter.hears(step(9, Kitchen.CANCELLED))

    assert (order.state.kitchen, order.state.delivery) == (Kitchen.CANCELLED, Delivery.PICKED_UP)


def test_a_request_to_cancel_and_our_ready_may_cross(counter: Shop) -> None:
    asked = CustomerRequest(RequestKind.CANCEL, RequestState.OPEN, "等太久", deadline=at(900))
    order = counter.hears(report(0, Kitchen.ACCEPTED), step(5, request=asked), step(5, Kitchen.READY))

    assert (order.state.kitchen, order.request, order.attention) == (Kitchen.READY, asked, True)


def test_an_order_that_died_before_it_reached_the_counter_disturbs_nobody(counter: Shop) -> None:
    order = counter.hears(report(0, Kitchen.CANCELLED))
    late = counter.hears(report(-5, Kitchen.NEW))

    assert not order.attention
    assert (late.state.kitchen, orders.queue(counter.connection)) == (Kitchen.CANCELLED, [])


def test_two_orders_do_not_mix(counter: Shop) -> None:
    counter.hears(report(0, Kitchen.ACCEPTED))
    other: StoredOrder = counter.hears(of("P-2", report(0, facts=facts("8"))))

    assert (other.state.kitchen, counter.order.state.kitchen) == (Kitchen.NEW, Kitchen.ACCEPTED)


def test_times_come_from_the_platform_and_are_set_once(counter: Shop) -> None:
    order = counter.hears(report(0), step(10, Kitchen.ACCEPTED), step(20, Kitchen.READY), step(30, Kitchen.READY))

    assert (order.accepted_at, order.ready_at, order.closed_at) == (at(10), at(20), None)
    gone = counter.hears(step(40, delivery=Delivery.PICKED_UP), step(50, delivery=Delivery.DELIVERED))
    assert (gone.handed_over_at, gone.closed_at) == (at(40), at(40) + timedelta(seconds=10))
