"""Nobody is served what he said he is allergic to, wherever he said it: on every paper with that dish, and on the card."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.domain.lifecycle import Kitchen
from app.domain.orders import Option, OptionKind, OrderFacts
from app.domain.routing import Destination, Station
from app.domain.tickets import Difference, Note, NoteKind, Ticket, TicketKind
from app.engine import tickets
from app.engine.cards import cards, detail
from app.practice.paper import CommandReader, Paper, PaperTicket
from app.printing import build
from app.printing.blocks import allergies_of
from tests.engine.kitchen import BAR, HOT, at_station, urge
from tests.engine.shop import NOON, Shop, dish, facts, report, shop

SAID = (
    dish("beef", 2, note="少油，对虾、蟹过敏"),
    dish("rice", options=(Option("微辣"), Option("乳糖不耐受，换豆奶"))),
    dish("green tea", note="less ice"),
)
ALLERGIES = ["beef: 少油，对虾、蟹过敏", "rice: 乳糖不耐受，换豆奶"]
NOT_FROM_AN_ORDER_ALONE = {TicketKind.COURIER, TicketKind.CHANGED, TicketKind.VOID, TicketKind.URGE}
READ_WITH_DISHES = [TicketKind.KITCHEN, TicketKind.EXPEDITER, TicketKind.PACKING]


def paper(wanted: OrderFacts, kind: TicketKind = TicketKind.KITCHEN, **fields: object) -> tuple[Ticket, ...]:
    with shop() as opened:
        order = opened.hears(report(0, Kitchen.ACCEPTED, facts=wanted))
        station = Station(1, "hot", kind, **fields)  # type: ignore[arg-type]  # the test names the fields
        return tickets.papers(opened.rules, order, Destination(station, tuple(range(len(wanted.lines)))), (), NOON)


def printed(ticket: Ticket, width: int = 58) -> PaperTicket:
    roll = Paper(width)
    for command in CommandReader().feed(build(ticket, None, str(width))):
        roll.execute(command)
    (piece,) = roll.pieces
    return piece


def squashed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", READ_WITH_DISHES)
@pytest.mark.parametrize("width", [58, 80])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_allergy_at_a_dish_stands_first_with_its_dish_and_again_beside_it(
    kind: TicketKind, width: int, language: str
) -> None:
    (ticket,) = paper(facts(lines=SAID), kind, language=language)
    piece = printed(ticket, width)
    loud, whole = squashed(piece.reversed_text), squashed(piece.text)

    for said in ALLERGIES:
        assert squashed(said) in loud
        words = squashed(said.partition(": ")[2])
        assert loud.count(words) == 2
        assert whole.index(squashed(said)) < whole.index("2xbeef") < whole.rindex(words)
    assert "lessice" not in loud


@pytest.mark.parametrize("kind", [TicketKind.DISH, TicketKind.LABEL])
def test_a_paper_of_one_dish_carries_the_allergy_of_that_dish_only(kind: TicketKind) -> None:
    texts = [[note.text for note in allergies_of(one)] for one in paper(facts(lines=SAID), kind)]
    beef, rice = ALLERGIES if kind is TicketKind.DISH else [one.partition(": ")[2] for one in ALLERGIES]

    assert texts == ([[beef], [rice], []] if kind is TicketKind.DISH else [[beef], [beef], [rice], []])


def test_a_station_without_the_dish_is_not_warned_of_it_but_of_the_orders_note(street: Shop) -> None:
    street.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=SAID, note="花生过敏")))
    hot, bar = (at_station(street, station)[0].ticket for station in (HOT, BAR))

    assert [one.text for one in allergies_of(hot)] == ["花生过敏", *ALLERGIES]
    assert [one.text for one in allergies_of(bar)] == ["花生过敏"]


def test_one_allergy_at_several_dishes_is_said_once_with_all_of_them() -> None:
    lines = (dish("beef", note="nut allergy"), dish("rice", note="nut allergy"), dish("beef", note="Nut allergy."))
    (ticket,) = paper(facts(lines=lines))

    assert [one.text for one in allergies_of(ticket)] == ["beef, rice: nut allergy", "beef: Nut allergy"]


def test_slips_warn_of_what_is_made_and_not_of_what_is_taken_back(street: Shop) -> None:
    street.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=SAID)))
    street.printed()
    street.hears(report(1, Kitchen.ACCEPTED, facts=facts(lines=(SAID[0], dish("rice", note="egg allergy"), SAID[2]))))
    change = at_station(street, HOT)[-1].ticket
    assert [line.difference for line in change.lines] == [Difference.REMOVED, Difference.ADDED]
    assert [one.text for one in allergies_of(change)] == ["rice: egg allergy"]
    assert "乳糖" not in printed(change).reversed_text.split("rice: egg allergy")[0]

    street.printed()
    street.hears(urge(2))
    assert [one.text for one in allergies_of(at_station(street, HOT)[-1].ticket)] == [ALLERGIES[0], "rice: egg allergy"]
    street.hears(report(3, Kitchen.CANCELLED, facts=None))
    void = at_station(street, HOT)[-1].ticket
    assert void.kind is TicketKind.VOID
    assert allergies_of(void) == ()


def test_the_kitchens_name_of_an_option_hides_no_allergy() -> None:
    lines = (dish("beef", options=(Option("GF please, coeliac"), Option("mild"), Option("nuts", OptionKind.REMOVE))),)
    (ticket,) = paper(facts(lines=lines), names={"GF please, coeliac": "面包二号", "mild": "微辣", "beef": "牛肉"})

    assert [one.text for one in ticket.lines[0].options] == ["面包二号 (GF please, coeliac)", "微辣", "nuts"]
    assert [one.text for one in allergies_of(ticket)] == ["牛肉: 面包二号 (GF please, coeliac)"]


def test_the_kitchens_name_of_a_dish_hides_no_allergy() -> None:
    names = {"gluten-free pizza": "披萨", "beef": "牛肉"}
    (ticket,) = paper(facts(lines=(dish("gluten-free pizza"), dish("beef"))), names=names)

    assert [one.name for one in ticket.lines] == ["披萨 (gluten-free pizza)", "牛肉"]


def test_a_card_shows_the_allergies_of_dishes_like_the_orders() -> None:
    note = "花生过敏。放门口。不要辣，电话13800001111"
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(lines=SAID, note=note)))
        (card,) = cards(opened.connection, opened.rules, NOON)

        assert [one.text for one in card.notes if one.kind is NoteKind.ALLERGY] == [
            "花生过敏。不要辣，电话****1111",
            *ALLERGIES,
        ]
        assert card.notes[-1] == Note(NoteKind.COURTESY, "放门口")
        assert detail(opened.connection, opened.rules, NOON, card.id).card.notes == card.notes


def test_a_card_is_quiet_where_nobody_is_allergic() -> None:
    """Negative control."""
    with shop() as opened:
        opened.hears(report(0, facts=facts(lines=(dish("beef", note="no allergies"), SAID[2]), note="无过敏，谢谢")))
        (card,) = cards(opened.connection, opened.rules, NOON)

        assert {one.kind for one in card.notes} == {NoteKind.COURTESY}


@pytest.mark.parametrize("kind", [one for one in TicketKind if one not in NOT_FROM_AN_ORDER_ALONE])
def test_no_phone_number_in_a_note_comes_onto_paper_for_the_house(kind: TicketKind) -> None:
    noted = facts(
        note="打13800001111，不要辣", lines=(dish("beef", note="call 138-0000-1111", options=(Option("138 0000 1111"),)),)
    )
    for ticket in paper(noted, kind):
        read = squashed(printed(ticket).text).replace("-", "")
        assert "13800001111" not in read
        assert "1380000" not in read


def test_a_courier_reads_the_way_and_the_number_but_not_the_allergy_in_another_sentence() -> None:
    (ticket,) = paper(facts(note="花生过敏。放门口，打13800001111"), TicketKind.COURIER)

    assert [one.text for one in ticket.notes] == ["放门口"]
    (ticket,) = paper(facts(note="放门口，到了打电话13800001111"), TicketKind.COURIER)
    assert [one.text for one in ticket.notes] == ["放门口", "到了打电话13800001111"]


HOSTILE = some.text("\u202e\u200b\x00\x1b\n🥜过敏花生，。nut allergy:;!{}<b>１", max_size=300)


@settings(max_examples=25)  # each is an order in a store of its own
@given(HOSTILE)
def test_whatever_is_written_at_a_dish_is_read_whole(text: str) -> None:
    (ticket,) = paper(facts(lines=(dish("beef", note=f"{text} 花生过敏"),)))
    (note,) = allergies_of(ticket)

    assert "花生过敏" in note.text
    assert printed(ticket).errors == []
    controls = set("\u202e\u200b\x00\x1b\n")
    assert not controls & set(note.text)
