"""What is new beside the dishes: told where somebody acts on it, never for noise, never twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.differences import is_masked, restated
from app.domain.notes import names_allergy, triage
from app.domain.orders import Fulfilment, OptionKind
from app.domain.tickets import Note, NoteKind, Restated, Ticket, TicketKind, TicketLine, TicketOption
from app.texts import say
from tests.printing.strategies import AT, tickets

TEN = timedelta(minutes=10)
FACTS = ("due_at", "fulfilment", "address", "phone", "pickup_code", "tableware", "allergy", "change", "courtesy")
SHOWN = st.frozensets(st.sampled_from(FACTS))
TICKETS = tickets(st.sampled_from(TicketKind))
MINUTES = st.integers(-600, 600).map(lambda minutes: timedelta(minutes=minutes))


def paper(**fields: object) -> Ticket:
    base = Ticket(TicketKind.PACKING, "饿#7", "饿了么", "T-1", AT, "Asia/Shanghai", (), language="en")
    return replace(base, **fields)  # type: ignore[arg-type]  # the test names the fields


def told(before: Ticket, now: Ticket, shown: Collection[str] = FACTS) -> list[tuple[str, str]]:
    return [(one.text, one.was) for one in restated(before, now, shown, TEN)]


@given(TICKETS, SHOWN)
def test_what_did_not_change_is_never_news(ticket: Ticket, shown: frozenset[str]) -> None:
    assert restated(ticket, ticket, shown, TEN) == ()


def distinct(ticket: Ticket) -> Ticket:
    """The same words under two kinds of notes are no news where both stand, and are where one does: not asked here."""
    return replace(ticket, notes=tuple(replace(note, text=f"{note.kind} {note.text}") for note in ticket.notes))


@given(TICKETS.map(distinct), TICKETS.map(distinct), SHOWN)
def test_only_what_stands_on_the_paper_is_told(before: Ticket, now: Ticket, shown: frozenset[str]) -> None:
    now = replace(now, zone="Asia/Shanghai")
    every = restated(before, now, FACTS, TEN)
    some = restated(before, now, shown, TEN)

    assert [one for one in every if one in some] == list(some)
    assert restated(before, now, (), TEN) == ()
    assert {*every} == {one for name in FACTS for one in restated(before, now, (name,), TEN)}


@given(MINUTES, st.booleans())
def test_a_due_time_is_news_once_it_moved_by_the_shops_limit_either_way(move: timedelta, scheduled: bool) -> None:
    before, now = (paper(due_at=at, scheduled=scheduled) for at in (AT, AT + move))

    assert bool(told(before, now)) == (abs(move) >= TEN)


@given(st.lists(st.integers(-9, 9), max_size=30))
def test_a_due_time_that_creeps_is_never_further_off_than_the_limit(moves: list[int]) -> None:
    """Each move is noise by itself; whoever holds the paper must not be wrong by an hour in the end."""
    in_hand = now = paper(due_at=AT)
    for minutes in moves:
        assert now.due_at
        now = replace(now, due_at=now.due_at + timedelta(minutes=minutes))
        in_hand = now if restated(in_hand, now, FACTS, TEN) else in_hand
        assert in_hand.due_at
        assert now.due_at is not None
        assert abs(now.due_at - in_hand.due_at) < TEN


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        ({"due_at": AT}, {"due_at": AT + TEN}, ("DUE 12:13", "12:03")),
        ({"due_at": AT, "scheduled": True}, {"due_at": AT + TEN, "scheduled": True}, ("DUE 11-22 12:13", "11-22 12:03")),
        ({"due_at": AT}, {"due_at": AT + timedelta(days=1)}, ("DUE 11-23 12:03", "11-22 12:03")),
        ({}, {"due_at": AT, "scheduled": True}, ("DUE 11-22 12:03", "")),
        ({"due_at": AT, "scheduled": True}, {}, ("As soon as possible", "12:03")),
        ({"due_at": AT, "scheduled": True}, {"scheduled": True}, ("Time changed - see the note", "11-22 12:03")),
        ({"due_at": AT}, {"scheduled": True}, ("Time changed - see the note", "11-22 12:03")),
        ({}, {"scheduled": True}, ("Time changed - see the note", "")),
        ({"scheduled": True}, {}, ("As soon as possible", "")),
        ({"scheduled": True}, {"due_at": AT, "scheduled": True}, ("DUE 11-22 12:03", "")),
        ({}, {"fulfilment": Fulfilment.PICKUP}, ("PICKUP", "DELIVERY")),
        ({"address": "1 High St"}, {"address": "2 High St"}, ("Address 2 High St", "1 High St")),
        ({}, {"address": "2 High St"}, ("Address 2 High St", "")),
        ({"phone": "13800000000"}, {"phone": "13900000000"}, ("Phone 13900000000", "13800000000")),
        ({"phone": "****0042"}, {"phone": "****7788"}, ("Phone ****7788", "****0042")),
        ({"pickup_code": "88"}, {"pickup_code": "89"}, ("Pickup code 89", "88")),
        ({"tableware": 1}, {"tableware": 0}, ("NO CUTLERY", "")),
        ({}, {"tableware": 3}, ("Cutlery 3", "")),
        ({"notes": triage("no onions")}, {}, ("No longer asked: no onions", "")),
        ({}, {"notes": triage("no onions")}, ("New: no onions", "")),
        ({}, {"notes": triage("Nut allergy")}, ("ALLERGY now: Nut allergy", "")),
        (
            {"notes": triage("Nut allergy")},
            {"notes": triage("Nut allergy and egg allergy")},
            ("ALLERGY now: Nut allergy and egg allergy", ""),
        ),
        (
            {"notes": triage("Nut allergy")},
            {"lines": (TicketLine("1", "beef", note="egg allergy"),)},
            ("ALLERGY now: beef: egg allergy", ""),
        ),
        (
            {"notes": triage("Nut allergy")},
            {"lines": (TicketLine("1", "tea", (TicketOption("lactose free", OptionKind.CHOICE),)),)},
            ("ALLERGY now: tea: lactose free", ""),
        ),
        ({"notes": triage("Nut allergy")}, {}, ("The customer took it back: NO allergy now", "Nut allergy")),
    ],
)
def test_what_somebody_must_do_differently_is_told(
    before: dict[str, object], now: dict[str, object], news: tuple[str, str]
) -> None:
    assert told(paper(**before), paper(**now)) == [news]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"due_at": AT}, {"due_at": AT + TEN - timedelta(seconds=1)}),
        ({}, {"due_at": AT}),
        ({"due_at": AT}, {}),
        ({"scheduled": True}, {"scheduled": True}),
        ({"due_at": AT}, {"due_at": AT, "scheduled": True}),
        ({"address": "1 High St."}, {"address": "1  high st"}),
        ({"address": "1 High St"}, {"address": ""}),
        ({"address": "人民路 188 号"}, {"address": "人民路 *** 号"}),
        ({}, {"phone": "13800000000"}),
        ({"phone": "13800000000"}, {}),
        ({"phone": "13800000000"}, {"phone": "138 0000 0000"}),
        ({"phone": "13800000000,1234"}, {"phone": "13900000000"}),
        ({"phone": "138****0000"}, {"phone": "13900000000"}),
        ({}, {"pickup_code": "89"}),
        ({"tableware": 2}, {}),
        ({"courier": ""}, {"courier": "李师傅"}),
        ({"customer": "张**"}, {"customer": "李**"}),
        ({"platform": "a", "payment": "1"}, {"platform": "b", "payment": "2"}),
    ],
)
def test_what_nobody_acts_on_is_no_news(before: dict[str, object], now: dict[str, object]) -> None:
    assert told(paper(**before), paper(**now)) == []


@given(TICKETS, TICKETS)
def test_an_order_for_later_is_never_said_to_be_wanted_at_once(before: Ticket, now: Ticket) -> None:
    now = replace(now, zone="Asia/Shanghai", language="en", scheduled=True)
    assert "As soon as possible" not in [one.text for one in restated(before, now, ("due_at",), TEN)]


ASKED = ["Nut allergy", "花生过敏", "no onions", "放门口", "egg allergy. No onions", "no allergies", "吃虾会死", "thanks"]
NOTED = st.lists(st.sampled_from(ASKED), max_size=4).map(lambda said: triage("\n".join(said)))
ALLERGIC = st.sampled_from([(), (TicketLine("1", "rice", note="少辣"),), (TicketLine("1", "beef", note="对虾过敏"),)])


@given(NOTED, NOTED, ALLERGIC, st.sampled_from(["en", "zh"]))
def test_an_allergy_is_never_called_off_while_there_is_one(
    old: tuple[Note, ...], new: tuple[Note, ...], lines: tuple[TicketLine, ...], language: str
) -> None:
    before = paper(notes=old, lines=lines, language=language)
    now = replace(before, notes=new)
    facts = [one.text for one in restated(before, now, FACTS, TEN)]
    was, holds = ([one.text for one in notes if one.kind is NoteKind.ALLERGY] for notes in (old, new))
    at_a_dish = any(names_allergy(line.note) for line in lines)
    gone = say(language, "The customer took it back: NO allergy now")
    still = say(language, "ALLERGY now: {note}", note="")

    assert not any(names_allergy(one) for one in facts if one.startswith(say(language, "No longer asked: {note}", note="")))
    assert (gone in facts) == bool(was and not holds and not at_a_dish)
    assert any(one.startswith(still) for one in facts) == bool(was != holds and (holds or at_a_dish))
    if was != holds:
        assert facts[0] == gone or all(text in facts[0] for text in (still, *holds))
        assert not any(one in fact for one in was for fact in facts[1:])


@given(NOTED)
def test_what_denies_an_allergy_is_not_called_off(notes: tuple[Note, ...]) -> None:
    """ "No longer asked: no allergies" says the contrary of what it means to say, or nothing."""
    before = paper(notes=(Note(NoteKind.COURTESY, "No known allergies"), *notes))

    assert told(before, paper(notes=notes)) == []


def test_an_allergy_is_said_before_anything_else() -> None:
    now = paper(due_at=AT, scheduled=True, fulfilment=Fulfilment.PICKUP, notes=triage("no onions\nnut allergy"))

    assert told(paper(), now)[0] == ("ALLERGY now: no onions; nut allergy", "")


def test_news_speak_the_kitchens_language() -> None:
    before, now = (replace(paper(due_at=at), language="zh") for at in (AT, AT + TEN))

    assert restated(before, now, FACTS, TEN) == (Restated("出餐 12:13", "12:03"),)


@pytest.mark.parametrize("lent", ["138****0042", "13800000000,1234", "13800000000_12", "13800000000转12", "020 1 #345"])
def test_a_number_that_the_platform_lends_is_told_from_ones_own(lent: str) -> None:
    assert is_masked(lent)
    assert not is_masked("+86 138-0000-0000")
