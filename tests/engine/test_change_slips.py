"""What a change of the dishes brings: each station told once, in differences where it can, and nobody told nonsense."""

from __future__ import annotations

import pytest

from app.db import print_jobs
from app.domain.lifecycle import Delivery, Kitchen
from app.domain.orders import Option, OptionKind
from app.domain.tickets import Mark, NoteKind, Restated, TicketKind
from app.engine import desk, print_queue
from app.engine.desk import RefusalError
from app.engine.in_hand import certain, on_paper
from app.texts import say
from tests.engine.kitchen import BAGS, BAR, HOT, at_station, dishes, give, papers, urge, wanted
from tests.engine.shop import NOON, Shop, dish, facts, open_station, report, step


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


def test_a_paper_on_its_way_is_printed_after_all_when_the_change_was_taken_back(street: Shop) -> None:
    """It was overtaken by a change that never came out, and nobody cooked the order."""
    street.hears(wanted(0, "beef"))
    street.printed("sending")
    street.hears(wanted(1, "beef", "rice"))
    street.hears(wanted(2, "beef"))
    first, whole = at_station(street, HOT)
    assert (first.state, whole.state) == ("sending", "skipped")

    print_queue.not_sent(street.connection, first, "no line", NOON)
    assert papers(street, HOT) == [("kitchen", "pending"), ("kitchen", "skipped")]


def test_a_doubt_is_open_again_when_its_copy_and_a_change_were_withdrawn(street: Shop) -> None:
    street.hears(wanted(0, "beef"))
    street.printed("unknown")
    desk.again(street.connection, street.rules, at_station(street, HOT)[0], NOON)
    street.hears(wanted(1, "beef", "rice"))
    street.hears(wanted(2, "beef"))

    assert papers(street, HOT) == [("kitchen", "unknown"), ("kitchen", "skipped"), ("kitchen", "skipped")]
    assert [job.id for job in print_jobs.unresolved(street.connection, NOON)] == [at_station(street, HOT)[0].id]
    print_queue.settle_unknown(street.connection, street.rules, at_station(street, HOT)[0], NOON)
    assert papers(street, HOT)[-1] == ("kitchen", "pending")
    assert at_station(street, HOT)[-1].ticket.marks[0] is Mark.POSSIBLE_DUPLICATE


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
    assert added.restated == ()

    street.hears(wanted(2, "2 beef", note="花生过敏"))
    gone = at_station(street, HOT)[-1].ticket
    assert (gone.lines, gone.restated) == ((), (Restated("不再要求：放门口"),))
    assert [one.kind for one in gone.notes] == [NoteKind.ALLERGY]


def test_notes_that_stay_are_not_news_however_many_changes_there_were(street: Shop) -> None:
    street.hears(wanted(0, "beef", "tea", note="少辣"))
    street.printed()
    street.hears(wanted(1, "2 beef", "tea", note="少辣"))
    street.printed()
    street.hears(wanted(2, "2 beef", "2 tea", note="少辣"))
    assert [job.kind for job in at_station(street, HOT)] == ["kitchen", "changed"]
    street.hears(wanted(3, "2 beef", "2 tea"))

    assert at_station(street, HOT)[-1].ticket.restated == (Restated("不再要求：少辣"),)


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
    desk.print_again(street.connection, street.rules, [1])
    assert dishes(at_station(street, HOT)[-1]) == ["2 beef"], "never what is no longer wanted"


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
