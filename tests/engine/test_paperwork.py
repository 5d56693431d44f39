"""Which papers follow from a change, a cancellation and an urge: each station told once, and nobody told nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.db import audit, print_jobs, printers, stations
from app.db.print_jobs import PrintJob
from app.domain.changes import OrderUpdate, Urge
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.orders import Option, OptionKind
from app.domain.routing import Moment, Route
from app.domain.tickets import Difference, Mark, NoteKind, TicketKind
from app.engine import desk
from app.engine.apply import apply
from app.engine.desk import RefusalError
from app.engine.house import instant
from app.engine.limits import URGES
from app.engine.paperwork import UNROUTED, certain, on_paper, withdraw
from app.texts import say
from tests.engine.shop import NOON, Shop, at, dish, facts, open_printer, open_station, report, shop, step

HOT, BAR, BAGS = 1, 2, 3


@pytest.fixture
def street() -> Iterator[Shop]:
    """A hot kitchen at printer 1 (backup 2) that is the default, and a bar at printer 2 that makes what is called tea."""
    with shop(kitchens=0) as opened:
        for name in ("hot", "bar", "bags"):
            open_printer(opened.connection, name)
        open_station(opened.connection, "hot", 1, backup_id=2)
        open_station(opened.connection, "bar", 2)
        stations.save_rules(opened.connection, [Route(0, HOT, items=("beef", "rice")), Route(0, BAR, items=("*tea",))])
        yield opened


def wanted(seconds: float, *names: str, **fields: Any) -> OrderUpdate:
    """The order as the platform tells it; "2 tea" is two."""
    lines = []
    for name in names:
        number, _, rest = name.rpartition(" ")
        lines.append(dish(rest, int(number or 1)))
    return report(seconds, Kitchen.ACCEPTED, facts=facts(lines=tuple(lines), **fields))


def urge(seconds: float, key: str = "u1", kitchen: Kitchen | None = None) -> OrderUpdate:
    return step(seconds, kitchen, urge=Urge(key, instant(0, NOON), "快点"))


def at_station(opened: Shop, station: int) -> list[PrintJob]:
    return [job for job in opened.tickets if job.station_id == station]


def papers(opened: Shop, station: int) -> list[tuple[str, str]]:
    return [(job.kind, job.state) for job in at_station(opened, station)]


def dishes(job: PrintJob) -> list[str]:
    sign = {None: "", Difference.ADDED: "+", Difference.REMOVED: "-"}
    return [f"{sign[line.difference]}{line.quantity} {line.name}" for line in job.ticket.lines]


def give(opened: Shop, station: int, **columns: Any) -> None:
    """Change a station."""
    old = next(one for one in stations.every(opened.connection) if one.id == station)
    stations.save(opened.connection, replace(old, **columns))


# who gets what


def test_each_station_gets_its_own_dishes_and_is_told_who_else_cooks(street: Shop) -> None:
    street.hears(wanted(0, "beef", "2 tea"))
    (hot,), (bar,) = at_station(street, HOT), at_station(street, BAR)

    assert (dishes(hot), dishes(bar)) == (["1 beef"], ["2 tea"])
    assert (hot.ticket.also_at, bar.ticket.also_at) == (("bar",), ("hot",))
    assert (hot.ticket.station_total, hot.ticket.items_total) == ("1", "3")
    assert {hot.ticket.marks, bar.ticket.marks} == {()}


def test_a_dish_of_nobody_is_cooked_at_the_default_station_and_noted(street: Shop) -> None:
    street.hears(wanted(0, "pie", "tea"))

    assert dishes(at_station(street, HOT)[0]) == ["1 pie"]
    assert audit.details(street.connection, UNROUTED, NOON) == ["pie"]


def test_a_dish_whose_station_has_no_printer_comes_out_at_the_default_one(street: Shop) -> None:
    give(street, BAR, printer_id=None)
    street.hears(wanted(0, "tea"))

    (bar,) = at_station(street, BAR)
    assert (bar.printer_id, bar.ticket.from_printer, bar.ticket.station) == (1, "", "bar")
    assert audit.details(street.connection, UNROUTED, NOON) == []


def test_a_dish_that_comes_out_nowhere_is_noted(street: Shop) -> None:
    give(street, BAR, printer_id=None)
    give(street, HOT, printer_id=None, backup_id=None)
    street.hears(wanted(0, "tea", "beef"))

    assert street.tickets == []
    assert audit.details(street.connection, UNROUTED, NOON) == ["tea", "beef"]


def test_one_slip_a_dish_one_label_a_cup_and_copies_that_count_once(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH, copies=2)
    give(street, BAR, kind=TicketKind.LABEL)
    street.hears(wanted(0, "2 beef", "rice", "3 tea"))

    hot = [(dishes(job), job.ticket.sheet, job.ticket.sheets) for job in at_station(street, HOT)]
    assert hot == [(["2 beef"], 1, 2), (["1 rice"], 2, 2)] * 2
    bar = [(dishes(job), job.ticket.sheet, job.ticket.sheets) for job in at_station(street, BAR)]
    assert bar == [(["1 tea"], n, 3) for n in (1, 2, 3)]
    assert len({job.key for job in street.tickets}) == len({job.ticket.ticket_id for job in street.tickets}) == 7


def test_a_station_reads_its_own_language_and_names(street: Shop) -> None:
    give(street, BAR, language="en", names={"tea": "CHAI"})
    street.hears(wanted(0, "tea", "beef"))

    (line,) = at_station(street, BAR)[0].ticket.lines
    assert (line.name, line.original, at_station(street, BAR)[0].ticket.language) == ("CHAI", "tea", "en")
    assert at_station(street, HOT)[0].ticket.language == "zh"


def test_a_band_of_time_that_ends_carries_no_dish_to_another_cook(street: Shop) -> None:
    """Accepted at noon; changed when the bar's hours, by the clock on the wall, are over."""
    bands = [
        Route(0, BAR, items=("tea",), ends=at(60).astimezone(street.rules.calendar.zone).time()),
        Route(0, HOT, items=("beef",)),
    ]
    stations.save_rules(street.connection, bands)
    street.hears(wanted(0, "tea"))
    street.printed()
    apply(street.connection, street.rules, street.account, wanted(120, "2 tea"), at(120))

    assert [dishes(job) for job in at_station(street, BAR)] == [["1 tea"], ["+1 tea"]]
    assert at_station(street, HOT) == []


def test_a_paper_due_when_the_food_is_ready_comes_then_and_once() -> None:
    with shop() as opened:
        open_station(opened.connection, "bags", 1, kind=TicketKind.PACKING, moment=Moment.READY)
        opened.hears(wanted(0, "beef"))
        assert [job.kind for job in opened.tickets] == ["kitchen"]
        opened.hears(step(1, Kitchen.READY), step(2, Kitchen.READY))

        assert [job.kind for job in opened.tickets] == ["kitchen", "packing"]


# a printer that is off


def test_a_backup_that_stands_in_from_the_start_says_for_whom(street: Shop) -> None:
    printers.change(street.connection, 1, enabled=False)
    street.hears(wanted(0, "beef"))
    (job,) = at_station(street, HOT)

    assert (job.printer_id, job.state, job.ticket.from_printer) == (2, "pending", "hot")
    assert Mark.BACKUP in job.ticket.marks


def test_changes_urges_and_voids_follow_the_paper_to_the_backup_and_say_so(street: Shop) -> None:
    printers.change(street.connection, 1, enabled=False)
    street.hears(wanted(0, "beef"))
    street.printed()
    printers.change(street.connection, 1, enabled=True)
    street.hears(urge(1))
    street.hears(wanted(2, "2 beef"))
    street.printed()
    street.hears(step(3, Kitchen.CANCELLED))

    slips = at_station(street, HOT)[1:]
    assert [job.kind for job in slips] == ["urge", "changed", "void"]
    assert [(job.printer_id, job.ticket.from_printer, Mark.BACKUP in job.ticket.marks) for job in slips] == [
        (2, "hot", True)
    ] * 3


@pytest.mark.parametrize("follows", [wanted(1, "2 beef"), urge(1), step(1, Kitchen.CANCELLED)])
def test_what_follows_goes_to_a_printer_that_is_on(street: Shop, follows: OrderUpdate) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    printers.change(street.connection, 1, enabled=False)
    street.hears(follows)

    job = at_station(street, HOT)[-1]
    assert (job.printer_id, job.state, job.ticket.from_printer) == (2, "pending", "hot")


# a change


def test_a_change_is_told_as_differences_where_the_paper_is_certain(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef", "2 rice", "tea"))
    _, slip = at_station(street, HOT)

    assert (slip.kind, dishes(slip), slip.printer_id) == (TicketKind.CHANGED, ["+2 rice"], 1)
    assert [line.name for line in slip.ticket.whole] == ["beef", "rice"]
    assert papers(street, BAR) == [("kitchen", "confirmed")], "the bar is not concerned"


@pytest.mark.parametrize("state", ["unknown", "sending"])
def test_a_change_brings_the_whole_anew_where_the_paper_is_in_doubt(street: Shop, state: str) -> None:
    street.hears(wanted(0, "beef"))
    street.printed(state)
    street.hears(wanted(1, "beef", "rice"))
    first, whole = at_station(street, HOT)

    assert (whole.kind, dishes(whole), whole.ticket.original_id) == (
        TicketKind.KITCHEN,
        ["1 beef", "1 rice"],
        first.ticket.ticket_id,
    )
    assert whole.ticket.marks[0] is Mark.CHANGED


def test_one_dish_slip_in_doubt_brings_them_all_anew(street: Shop) -> None:
    """A slip of differences would overtake the doubtful dish, which then nobody would ever cook."""
    give(street, HOT, kind=TicketKind.DISH)
    street.hears(wanted(0, "beef", "rice"))
    first, second = at_station(street, HOT)
    print_jobs.settle(street.connection, first.id, "unknown", NOON)
    print_jobs.settle(street.connection, second.id, "confirmed", NOON)
    street.hears(wanted(1, "beef", "2 rice"))

    assert [dishes(job) for job in at_station(street, HOT)[2:]] == [["1 beef"], ["2 rice"]]
    assert all(Mark.CHANGED in job.ticket.marks for job in at_station(street, HOT)[2:])


def test_a_paper_that_somebody_found_or_its_marked_copy_is_certain(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed("unknown")
    assert not certain(on_paper(street.tickets)[HOT])
    desk.again(street.connection, street.rules, at_station(street, HOT)[0], NOON)
    street.printed()
    assert certain(on_paper(street.tickets)[HOT])
    street.hears(wanted(1, "2 beef"))
    street.printed("unknown")
    assert not certain(on_paper(street.tickets)[HOT])
    desk.came_out(street.connection, at_station(street, HOT)[-1].id)

    assert certain(on_paper(street.tickets)[HOT])


@pytest.mark.parametrize("state", ["confirmed", "unknown", "sending"])
def test_a_station_that_loses_its_dishes_is_told_so_whether_or_not_its_paper_is_certain(street: Shop, state: str) -> None:
    street.hears(wanted(0, "beef", "2 tea"))
    street.printed(state)
    street.hears(wanted(1, "beef"))

    first, slip = at_station(street, BAR)
    assert (dishes(slip), slip.ticket.whole) == (["-2 tea"], ())
    assert slip.ticket.ticket_id != slip.ticket.original_id == first.ticket.ticket_id
    assert papers(street, HOT) == [("kitchen", state)]


def test_a_station_that_gets_its_first_dish_gets_a_paper_like_any_other(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "beef", "tea"))

    (bar,) = at_station(street, BAR)
    assert (bar.kind, dishes(bar), bar.ticket.marks) == (TicketKind.KITCHEN, ["1 tea"], ())


def test_a_later_change_counts_from_all_papers_together(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "beef", "rice"))
    street.printed()
    street.hears(wanted(2, "rice"))

    assert dishes(at_station(street, HOT)[-1]) == ["-1 beef"]


def test_two_changes_while_the_printer_is_down_are_one(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "beef", "rice"), wanted(2, "2 beef"))

    assert papers(street, HOT) == [("kitchen", "confirmed"), ("changed", "skipped"), ("changed", "pending")]
    assert dishes(at_station(street, HOT)[-1]) == ["+1 beef"]


def test_a_change_that_was_taken_back_before_it_printed_prints_nothing(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "beef", "rice"), wanted(2, "beef"))

    assert papers(street, HOT) == [("kitchen", "confirmed"), ("changed", "skipped")]


def test_a_change_elsewhere_leaves_copies_and_urges_alone(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed("unknown")
    desk.again(street.connection, street.rules, at_station(street, HOT)[0], NOON)
    street.hears(urge(1))
    street.hears(wanted(2, "beef", "2 tea"))

    assert papers(street, HOT) == [("kitchen", "unknown"), ("kitchen", "pending"), ("urge", "pending")]


def test_dish_slips_that_still_wait_are_not_news(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH)
    street.hears(wanted(0, "beef", "rice", "tea"))
    print_jobs.settle(street.connection, at_station(street, HOT)[0].id, "confirmed", NOON)
    street.hears(wanted(1, "beef", "rice", "2 tea"))

    assert papers(street, HOT) == [("dish", "confirmed"), ("dish", "pending")]


@pytest.mark.parametrize("kind", [TicketKind.DISH, TicketKind.LABEL, TicketKind.KITCHEN])
def test_copies_do_not_multiply_a_change_or_a_void(street: Shop, kind: TicketKind) -> None:
    give(street, HOT, kind=kind, copies=2)
    street.hears(wanted(0, "beef", "rice"))
    street.printed()
    street.hears(wanted(1, "2 beef", "rice"))
    slips = [job for job in at_station(street, HOT) if job.kind == TicketKind.CHANGED]
    assert [dishes(job) for job in slips] == [["+1 beef"]] * 2, "each of two cooks"
    assert slips[0].ticket.lines[0].note == say("zh", "{n} in all", n=2)
    street.printed()
    street.hears(step(2, Kitchen.CANCELLED))

    voids = [job for job in at_station(street, HOT) if job.kind == TicketKind.VOID]
    assert sorted(sum((int(line.quantity) for line in job.ticket.lines), 0) for job in voids) == [3, 3]


def test_a_held_ticket_gives_way_to_the_changed_order(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    print_jobs.step(street.connection, 1, "held", NOON)
    street.hears(wanted(1, "2 beef"))

    assert papers(street, HOT) == [("kitchen", "skipped"), ("kitchen", "pending")]
    with pytest.raises(RefusalError, match="cancelled or changed"):
        desk.print_again(street.connection, street.rules, [1])


def test_a_waiting_ticket_of_dishes_that_were_dropped_is_not_printed_after_all(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"), wanted(1, "beef"))
    (tea,) = at_station(street, BAR)
    assert tea.state == "skipped"
    with pytest.raises(RefusalError, match="cancelled or changed"):
        desk.print_again(street.connection, street.rules, [tea.id])


def test_papers_of_the_whole_order_come_anew(street: Shop) -> None:
    open_station(street.connection, "bags", 3, kind=TicketKind.PACKING)
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "beef", "tea"))
    first, whole = at_station(street, BAGS)

    assert (whole.kind, dishes(whole), whole.ticket.marks) == (TicketKind.PACKING, ["1 beef", "1 tea"], (Mark.CHANGED,))
    assert whole.ticket.original_id == first.ticket.ticket_id


def test_an_allergy_stands_on_every_change_and_what_changed_of_the_note_is_said(street: Shop) -> None:
    street.hears(wanted(0, "beef", note="花生过敏。放门口"))
    street.printed()
    street.hears(wanted(1, "2 beef", note="花生过敏。放门口"))
    street.printed()
    added = at_station(street, HOT)[-1].ticket
    assert [one.text for one in added.notes] == ["花生过敏", "放门口"]
    assert added.reason == ""

    street.hears(wanted(2, "2 beef", note="花生过敏"))
    gone = at_station(street, HOT)[-1].ticket
    assert (gone.lines, gone.reason) == ((), "不再要求：放门口")
    assert [one.kind for one in gone.notes] == [NoteKind.ALLERGY]


def test_notes_that_stay_are_not_news_however_many_changes_there_were(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea", note="少辣"))
    street.printed()
    street.hears(wanted(1, "2 beef", "tea", note="少辣"))
    street.printed()
    street.hears(wanted(2, "2 beef", "2 tea", note="少辣"))
    assert [job.kind for job in at_station(street, HOT)] == ["kitchen", "changed"]
    street.hears(wanted(3, "2 beef", "2 tea"))

    assert at_station(street, HOT)[-1].ticket.reason == "不再要求：少辣"


def test_ready_food_can_still_change_and_food_that_left_cannot(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(step(1, Kitchen.READY), wanted(2, "2 beef"))
    street.printed()
    street.hears(step(3, delivery=Delivery.PICKED_UP), wanted(4, "3 beef"))

    assert [dishes(job) for job in at_station(street, HOT)] == [["1 beef"], ["+1 beef"]]


def test_a_changed_order_is_not_printed_as_a_second_first_paper(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "2 beef", "tea"))
    street.printed()
    desk.print_order(street.connection, street.rules, street.order.id)

    assert [job.kind for job in street.tickets] == ["kitchen", "kitchen", "changed"]


def test_a_reprint_of_a_change_says_both(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(wanted(1, "2 beef"))
    street.printed()
    desk.print_again(street.connection, street.rules, [2])
    assert at_station(street, HOT)[-1].ticket.marks == (Mark.REPRINT, Mark.CHANGED)
    street.printed()
    with pytest.raises(RefusalError, match="cancelled or changed"):  # what it says is no longer wanted
        desk.print_again(street.connection, street.rules, [1])


# a cancellation


def test_a_void_names_all_dish_slips(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH)
    street.hears(wanted(0, "beef", "2 rice"))
    street.printed()
    street.hears(step(1, Kitchen.CANCELLED))

    assert dishes(at_station(street, HOT)[-1]) == ["1 beef", "2 rice"]


def test_nothing_is_taken_back_where_nothing_is_left(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed()
    street.hears(step(2, Kitchen.CANCELLED))

    assert papers(street, BAR) == [("kitchen", "confirmed"), ("changed", "confirmed")]
    assert papers(street, HOT)[-1] == ("void", "pending")


def test_what_a_doubtful_slip_took_off_is_taken_back_all_the_same(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed("unknown")
    street.hears(step(2, Kitchen.CANCELLED))

    assert dishes(at_station(street, BAR)[-1]) == ["1 tea"]


def test_a_receipt_is_not_taken_back_and_a_courier_slips_void_tells_nothing_of_the_customer(street: Shop) -> None:
    open_station(street.connection, "till", 3, kind=TicketKind.RECEIPT)
    open_station(street.connection, "door", 3, kind=TicketKind.COURIER)
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(step(1, Kitchen.CANCELLED))

    assert [job.kind for job in at_station(street, BAGS)] == ["receipt"]
    void = at_station(street, 4)[-1].ticket
    assert (void.kind, void.customer, void.phone, void.address, void.payment, void.sums) == (
        TicketKind.VOID,
        "",
        "",
        "",
        "",
        (),
    )


def test_a_change_that_would_take_nothing_back_goes_with_the_ticket_that_never_left(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed("sending")
    street.hears(wanted(1, "beef"))
    withdraw(street.connection, at_station(street, BAR)[0], NOON)

    assert papers(street, BAR) == [("kitchen", "skipped"), ("changed", "skipped")]


# an urge


def test_an_urge_is_one_slip_a_station_that_names_all_it_has(street: Shop) -> None:
    give(street, HOT, kind=TicketKind.DISH)
    open_station(street.connection, "bags", 3, kind=TicketKind.PACKING)
    street.hears(wanted(0, "beef", "rice"))
    street.printed()
    street.hears(urge(1), urge(1), urge(2, "u2"))

    slips = [job for job in street.tickets if job.kind == TicketKind.URGE]
    assert [(job.station_id, dishes(job), job.ticket.reason) for job in slips] == [(HOT, ["1 beef", "1 rice"], "快点")] * 2


def test_nobody_is_urged_for_dishes_that_were_dropped(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    street.hears(wanted(1, "beef"))
    street.printed()
    street.hears(urge(2))

    assert [job.station_id for job in street.tickets if job.kind == TicketKind.URGE] == [HOT]


@pytest.mark.parametrize("first", [step(1, Kitchen.READY), step(1, Kitchen.CANCELLED), step(1, Kitchen.HANDED_OVER)])
def test_nobody_is_urged_for_food_that_is_ready_or_dead(street: Shop, first: OrderUpdate) -> None:
    street.hears(wanted(0, "beef"))
    street.printed()
    street.hears(first, urge(2))

    assert TicketKind.URGE not in {job.kind for job in street.tickets}


def test_urges_need_paper_and_can_be_switched_off(street: Shop) -> None:
    street.hears(wanted(0, "beef"), urge(1))
    assert papers(street, HOT) == [("kitchen", "pending")]
    street.printed()
    audit.set_preference(street.connection, URGES, "no")
    street.hears(urge(2, "u2"))

    assert papers(street, HOT) == [("kitchen", "confirmed")]


# food that has left


@pytest.mark.parametrize("gone", [step(1, Kitchen.HANDED_OVER), step(1, delivery=Delivery.PICKED_UP)])
def test_what_the_kitchen_has_not_read_asks_once_the_food_has_left(street: Shop, gone: OrderUpdate) -> None:
    open_station(street.connection, "bags", 3, kind=TicketKind.PACKING)
    street.hears(wanted(0, "beef"), gone)
    assert papers(street, HOT) == [("kitchen", "held")]
    assert papers(street, BAGS) == [("packing", "pending")]
    desk.print_again(street.connection, street.rules, [1])
    street.hears(step(2, Kitchen.COMPLETED))

    assert papers(street, HOT) == [("kitchen", "pending")], "a person released it"


def test_an_order_heard_of_when_it_had_left_asks_too(street: Shop) -> None:
    street.hears(
        report(0, Kitchen.NEW, facts=facts(lines=(dish("beef"),))),
        step(1, delivery=Delivery.PICKED_UP),
        step(2, Kitchen.ACCEPTED),
    )

    assert papers(street, HOT) == [("kitchen", "held")]


def test_an_option_added_later_is_a_difference(street: Shop) -> None:
    street.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=(dish("tea"),))))
    street.printed()
    ice = dish("tea", options=(Option("ice", OptionKind.REMOVE),))
    street.hears(report(1, Kitchen.ACCEPTED, facts=facts(lines=(ice,))))

    assert dishes(at_station(street, BAR)[-1]) == ["-1 tea", "+1 tea"]


def test_a_station_that_was_closed_meanwhile_hands_its_dishes_over(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea"))
    street.printed()
    give(street, BAR, enabled=False)
    street.hears(wanted(1, "beef", "2 tea"))

    assert dishes(at_station(street, BAR)[-1]) == ["-1 tea"]
    assert dishes(at_station(street, HOT)[-1]) == ["+2 tea"]


def test_an_order_whose_first_tickets_were_skipped_for_a_printer_that_is_off_can_be_printed(street: Shop) -> None:
    for printer in (1, 2):
        printers.change(street.connection, printer, enabled=False)
    street.hears(wanted(0, "beef"))
    assert papers(street, HOT) == [("kitchen", "skipped")]
    printers.change(street.connection, 1, enabled=True)
    desk.print_order(street.connection, street.rules, street.order.id)

    assert papers(street, HOT) == [("kitchen", "pending")]


def test_papers_due_when_ready_are_made_up_for_by_hand_too(street: Shop) -> None:
    bags = open_station(street.connection, "bags", None, kind=TicketKind.PACKING, moment=Moment.READY)
    give(street, HOT, printer_id=None, backup_id=None)
    street.hears(wanted(0, "beef"), step(1, Kitchen.READY))
    assert at_station(street, bags) == []
    give(street, bags, printer_id=3)
    desk.print_order(street.connection, street.rules, street.order.id)

    assert papers(street, bags) == [("packing", "pending")]
