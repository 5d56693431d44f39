"""A due time, a way out, an address, a phone or a note that changes: told at the stations whose paper shows it, and once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import audit, orders, print_jobs, stations
from app.domain.changes import OrderUpdate
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.orders import Courier, Customer, Fulfilment
from app.domain.routing import Route
from app.domain.tickets import Mark, TicketKind
from app.engine import desk
from app.engine.limits import DUE_MINUTES
from app.engine.stations import save_form
from app.texts import tr
from tests.engine.kitchen import BAGS, BAR, HOT, at_station, dishes, give, papers, urge, wanted
from tests.engine.shop import Shop, at, cny, facts, open_printer, open_station, report, shop, step

DOOR = 4
LI = Customer("Li", "13800000042", "1 High St")


@pytest.fixture
def pass_(street: Shop) -> Shop:
    """The street with a packing table and a station for couriers."""
    open_station(street.connection, "bags", 3, kind=TicketKind.PACKING)
    open_station(street.connection, "door", 3, kind=TicketKind.COURIER)
    return street


def told(opened: Shop, station: int) -> list[str]:
    """What the newest paper of a station says is new."""
    return [one.text for one in at_station(opened, station)[-1].ticket.restated]


def kinds(opened: Shop, station: int) -> list[str]:
    return [job.kind for job in at_station(opened, station)]


def in_minutes(minutes: float) -> datetime:
    return at(60 * minutes)


def test_a_due_time_that_moved_far_enough_is_told_wherever_it_stands(pass_: Shop) -> None:
    open_station(pass_.connection, "till", 3, kind=TicketKind.RECEIPT)
    open_station(pass_.connection, "cups", 3, kind=TicketKind.LABEL)
    pass_.hears(wanted(0, "beef", "tea", due_at=in_minutes(30)))
    pass_.printed()
    pass_.hears(wanted(1, "beef", "tea", due_at=in_minutes(45)))

    for station in (HOT, BAR, BAGS, DOOR):
        assert kinds(pass_, station)[1:] == ["changed"]
        slip = at_station(pass_, station)[-1]
        assert (told(pass_, station), dishes(slip), slip.ticket.marks) == (["出餐 12:45"], [], (Mark.CHANGED,))
        assert slip.ticket.original_id == at_station(pass_, station)[0].ticket.ticket_id
    assert (kinds(pass_, 5), kinds(pass_, 6)) == (["receipt"], ["label"] * 2)
    assert [row[2:] for row in orders.timeline(pass_.connection, pass_.order.id) if row[2] == "changed"] == [
        ("changed", tr("version {n}", n=2))
    ]


def test_small_moves_print_nothing_until_they_add_up(street: Shop) -> None:
    street.hears(wanted(0, "beef", due_at=in_minutes(30)))
    street.printed()
    for second, minutes in enumerate((34, 38, 31, 39), 1):
        street.hears(wanted(second, "beef", due_at=in_minutes(minutes)))
        assert papers(street, HOT) == [("kitchen", "confirmed")]
    assert street.order.revision == 1
    street.hears(wanted(9, "beef", due_at=in_minutes(41)))

    assert told(street, HOT) == ["出餐 12:41"]
    assert street.order.revision == 2


def test_the_shop_says_what_a_small_move_is(street: Shop) -> None:
    audit.set_preference(street.connection, DUE_MINUTES, "30")
    street.hears(wanted(0, "beef", due_at=in_minutes(30)))
    street.printed()
    street.hears(wanted(1, "beef", due_at=in_minutes(59)))
    assert kinds(street, HOT) == ["kitchen"]
    street.hears(wanted(2, "beef", due_at=in_minutes(60)))

    assert kinds(street, HOT) == ["kitchen", "changed"]


def test_another_way_out_is_told_to_who_cooks_packs_and_waits_for_couriers(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef", customer=LI))
    pass_.printed()
    pass_.hears(wanted(1, "beef", customer=LI, fulfilment=Fulfilment.PICKUP))

    assert [told(pass_, one) for one in (HOT, BAGS, DOOR)] == [["自取"]] * 3
    assert [at_station(pass_, one)[-1].kind for one in (HOT, BAGS, DOOR)] == ["changed"] * 3


def test_another_way_out_that_another_station_cooks_for_moves_the_dishes(street: Shop) -> None:
    rules = [Route(0, HOT, fulfilments=(Fulfilment.DELIVERY,)), Route(0, BAR, fulfilments=(Fulfilment.PICKUP,))]
    stations.save_rules(street.connection, rules)
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "beef", fulfilment=Fulfilment.PICKUP))
    assert dishes(at_station(street, HOT)[-1]) == ["-1 beef"]
    assert papers(street, BAR) == [("kitchen", "pending")]
    street.hears(wanted(2, "beef"))

    assert papers(street, HOT) == [("kitchen", "confirmed"), ("changed", "skipped")]
    assert papers(street, BAR) == [("kitchen", "skipped")]


def test_address_and_phone_are_told_to_who_hands_over_and_to_nobody_who_cooks(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef", customer=LI))
    pass_.printed()
    pass_.hears(wanted(1, "beef", customer=replace(LI, phone="13900007788", address="2 High St")))

    assert told(pass_, DOOR) == ["地址 2 High St", "电话 13900007788"]
    assert told(pass_, BAGS) == ["电话 ****7788"]
    assert kinds(pass_, HOT) == ["kitchen"]
    slips = [job.ticket for job in at_station(pass_, BAGS)]
    assert all("High St" not in json.dumps(repr(one)) for one in slips), "no address on the bag's paper"


@pytest.mark.parametrize(
    "noise",
    [
        {"customer": replace(LI, phone="13900007788,1234")},
        {"customer": replace(LI, phone="139****7788")},
        {"customer": Customer()},
        {"customer": replace(LI, address="1 HIGH ST.")},
        {"customer": replace(LI, name="Wang", orders_before=3)},
        {"due_at": in_minutes(39)},
        {"due_at": None},
        {"pickup_code": "8842"},
        {"total": cny(1900)},
        {"invoice": "yes"},
        {"decide_by": in_minutes(3)},
    ],
)
def test_noise_prints_nothing_anywhere(pass_: Shop, noise: dict[str, Any]) -> None:
    known: dict[str, Any] = {"customer": LI, "due_at": in_minutes(30)}
    pass_.hears(wanted(0, "beef", "tea", **known))
    pass_.printed()
    before = [job.id for job in pass_.tickets]
    pass_.hears(wanted(1, "beef", "tea", **(known | noise)))

    assert [job.id for job in pass_.tickets] == before
    assert pass_.order.revision == 1


def test_a_couriers_name_that_arrives_prints_nothing(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef"))
    pass_.printed()
    pass_.hears(step(1, courier=Courier("李师傅", "13900000000")), wanted(2, "beef", invoice="yes"))

    assert {job.state for job in pass_.tickets} == {"confirmed"}


def test_only_notes_that_a_paper_shows_are_told_there(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef"))
    pass_.printed()
    pass_.hears(wanted(1, "beef", note="少辣。放门口"))

    assert told(pass_, HOT) == ["新增：少辣", "新增：放门口"]
    assert told(pass_, DOOR) == ["新增：放门口"]


def test_a_form_of_the_shops_decides_what_stands_on_the_paper(street: Shop) -> None:
    bare = {"name": "bare", "kind": "kitchen", "title": {"zh": "单", "en": "Slip"}, "blocks": [{"type": "dishes"}]}
    save_form(street.connection, "bare", json.dumps(bare))
    give(street, HOT, template="bare")
    street.hears(wanted(0, "beef", "tea", due_at=in_minutes(30)))
    street.printed()
    street.hears(wanted(1, "beef", "tea", due_at=in_minutes(60), note="花生过敏", fulfilment=Fulfilment.PICKUP))

    assert told(street, HOT) == ["过敏（以此为准）：花生过敏"], "an allergy is on every paper that is cooked from"
    assert told(street, BAR) == ["过敏（以此为准）：花生过敏", "出餐 13:00", "自取"]


def test_dishes_and_facts_that_change_at_once_are_one_paper(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef", due_at=in_minutes(30)))
    pass_.printed()
    pass_.hears(wanted(1, "2 beef", due_at=in_minutes(60)))
    hot, bags = at_station(pass_, HOT)[1:], at_station(pass_, BAGS)[1:]

    assert [(job.kind, dishes(job)) for job in hot] == [("changed", ["+1 beef"])]
    assert [(job.kind, dishes(job)) for job in bags] == [("packing", ["2 beef"])]
    assert told(pass_, HOT) == told(pass_, BAGS) == ["出餐 13:00"]


@pytest.mark.parametrize("state", ["unknown", "sending"])
def test_a_paper_in_doubt_comes_whole_with_what_is_new(pass_: Shop, state: str) -> None:
    pass_.hears(wanted(0, "beef", due_at=in_minutes(30)))
    pass_.printed(state)
    pass_.hears(wanted(1, "beef", due_at=in_minutes(60)))

    for station, kind in ((HOT, "kitchen"), (BAGS, "packing")):
        assert kinds(pass_, station) == [kind, kind]
        assert (told(pass_, station), dishes(at_station(pass_, station)[-1])) == (["出餐 13:00"], ["1 beef"])


def test_news_of_a_paper_that_still_waits_are_in_it_and_noise_leaves_it_in_line(street: Shop) -> None:
    street.hears(wanted(0, "beef", due_at=in_minutes(30)), wanted(1, "beef", due_at=in_minutes(33)))
    assert papers(street, HOT) == [("kitchen", "pending")]
    street.hears(wanted(2, "beef", due_at=in_minutes(60)))

    assert papers(street, HOT) == [("kitchen", "skipped"), ("kitchen", "pending")]
    assert at_station(street, HOT)[-1].ticket.due_at == in_minutes(60)
    assert at_station(street, HOT)[-1].ticket.marks == ()


def test_news_do_not_print_what_waits_for_a_person(street: Shop) -> None:
    """It asks because it is old; a new due time does not make it younger."""
    street.hears(wanted(0, "beef", due_at=in_minutes(30)))
    (job,) = at_station(street, HOT)
    print_jobs.change(street.connection, job.id, fresh_until=at(-1))
    print_jobs.step(street.connection, job.id, "held", at(0))
    street.hears(wanted(1, "beef", due_at=in_minutes(60)))

    assert papers(street, HOT) == [("kitchen", "skipped"), ("kitchen", "held")]


def test_what_a_person_skipped_is_not_printed_for_a_due_time(street: Shop) -> None:
    street.hears(wanted(0, "beef", due_at=in_minutes(30)))
    desk.skip(street.connection, [1])
    street.hears(wanted(1, "beef", due_at=in_minutes(60)))

    assert papers(street, HOT) == [("kitchen", "skipped")]


def test_cooks_need_no_time_for_what_is_cooked_but_who_packs_does(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef", due_at=in_minutes(30)))
    pass_.printed()
    pass_.hears(step(1, Kitchen.READY), wanted(2, "beef", due_at=in_minutes(60)))

    assert kinds(pass_, HOT) == ["kitchen"]
    assert kinds(pass_, BAGS) == ["packing", "changed"]


def test_nobody_is_told_of_food_that_left(pass_: Shop) -> None:
    pass_.hears(wanted(0, "beef", due_at=in_minutes(30)))
    pass_.printed()
    pass_.hears(step(1, delivery=Delivery.PICKED_UP), wanted(2, "beef", due_at=in_minutes(60)))

    assert {job.state for job in pass_.tickets} == {"confirmed"}


def test_voids_and_urges_after_news_do_not_repeat_them(street: Shop) -> None:
    street.hears(wanted(0, "beef", due_at=in_minutes(30)))
    street.printed()
    street.hears(wanted(1, "beef", due_at=in_minutes(60)))
    street.printed()
    street.hears(urge(2))
    street.printed()
    street.hears(step(3, Kitchen.CANCELLED))
    slips = at_station(street, HOT)[2:]

    assert [(job.kind, dishes(job), job.ticket.restated) for job in slips] == [
        ("urge", ["1 beef"], ()),
        ("void", ["1 beef"], ()),
    ]


STEPS = st.lists(
    st.tuples(
        st.integers(0, 90),  # due, in minutes
        st.sampled_from(Fulfilment),
        st.sampled_from(("", "1 High St", "2 High St")),
        st.sampled_from(("", "少辣", "少辣。花生过敏")),
        st.sampled_from(("1 beef", "2 beef", "1 tea")),
        st.sampled_from(("confirmed", "unknown", "pending")),
    ),
    max_size=8,
)


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_whatever_changes_the_newest_paper_in_line_is_right(steps: list[tuple[Any, ...]]) -> None:
    """And no paper comes unless something on it changed: applying the last report once more adds nothing."""
    with shop(kitchens=0) as opened:
        for name in ("hot", "bags", "door"):
            open_printer(opened.connection, name)
        open_station(opened.connection, "hot", 1)
        open_station(opened.connection, "bags", 2, kind=TicketKind.PACKING)
        open_station(opened.connection, "door", 3, kind=TicketKind.COURIER)
        opened.hears(_told(0, *steps[0][:5]) if steps else wanted(0, "beef"))
        for second, (*facts_, state) in enumerate(steps, 1):
            opened.hears(_told(second, *facts_))
            if state != "pending":
                opened.printed(state)
            _right(opened, at(60 * facts_[0]), facts_[1])
            count = len(opened.tickets)
            opened.hears(_told(second, *facts_))
            assert len(opened.tickets) == count


def _told(second: int, due: int, way: Fulfilment, address: str, note: str, dish: str) -> OrderUpdate:
    return wanted(second, dish, due_at=in_minutes(due), fulfilment=way, customer=Customer(address=address), note=note)


def _right(opened: Shop, due: datetime, way: Fulfilment) -> None:
    """Of each station the newest paper that counts says what is wanted, but for a due time within the limit."""
    assert len({job.key for job in opened.tickets}) == len(opened.tickets)
    for station in (1, 2, 3):
        alive = [job for job in at_station(opened, station) if job.state != "skipped"]
        newest = alive[-1].ticket
        assert newest.due_at
        assert abs(newest.due_at - due) < timedelta(minutes=10)
        assert newest.fulfilment is way


def test_a_report_that_changes_nothing_costs_no_paper(pass_: Shop) -> None:
    same = report(0, Kitchen.ACCEPTED, facts=facts(customer=LI))
    pass_.hears(same)
    pass_.printed()
    pass_.hears(replace(same, version=same.version + 1), replace(same, version=same.version + 2))

    assert {job.state for job in pass_.tickets} == {"confirmed"}
