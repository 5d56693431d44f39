"""What is new beside the dishes stands on every paper that says so, loud, once, and in the kitchen's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.differences import restated
from app.domain.orders import Fulfilment
from app.domain.tickets import Restated, Ticket, TicketKind
from app.printing import PAPERS, Paper, Template, lay_out, read_template, sample_ticket, standard_templates
from app.printing.lines import Line, Span
from tests.printing.test_templates import bare, rows, written
from tests.printing.words import readable, squashed

TEN = timedelta(minutes=10)


def slip(language: str = "zh", **fields: object) -> Ticket:
    """A change that touches no dish: half an hour later, and now fetched."""
    before = sample_ticket(TicketKind.KITCHEN, language)
    assert before.due_at
    now = replace(before, due_at=before.due_at + 3 * TEN, fulfilment=Fulfilment.PICKUP, **fields)  # type: ignore[arg-type]  # named by tests
    facts = restated(before, now, ("due_at", "fulfilment"), TEN)
    return replace(now, kind=TicketKind.CHANGED, lines=(), restated=facts)


def spans(lines: tuple[Line, ...]) -> list[Span]:
    return [span for line in lines if isinstance(line, tuple) for span in line]


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (TicketKind.KITCHEN, {"due_at", "fulfilment", "pickup_code", "allergy", "change", "courtesy", "tableware"}),
        (TicketKind.DISH, {"due_at", "fulfilment", "allergy", "change", "courtesy"}),
        (TicketKind.LABEL, {"allergy", "change"}),
        (TicketKind.COURIER, {"due_at", "address", "phone", "customer", "courier", "pickup_code", "courtesy", "tableware"}),
    ],
)
def test_a_form_knows_the_facts_that_stand_on_it(kind: TicketKind, facts: set[str]) -> None:
    assert standard_templates()[kind.value].facts - {"platform", "reference", "sheets", "bags"} == facts


def test_facts_in_the_shops_own_words_count_and_allergies_always_do() -> None:
    form = read_template(written('{"type": "dishes"}', '{"type": "text", "zh": "{due}", "en": "{phone}"}'))
    assert {"due_at", "phone", "allergy"} <= form.facts
    assert bare(TicketKind.RECEIPT).facts == frozenset()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("form", [None, bare(TicketKind.CHANGED)], ids=["ours", "bare"])
def test_no_form_can_leave_out_what_is_new(form: Template | None, paper: str) -> None:
    text = readable(lay_out(slip(), form, Paper.of(paper)))
    for words in ("出餐 12:55", "（原 12:25）", "自取", "（原 外卖）"):
        assert squashed(words) in text


@pytest.mark.parametrize("paper", ["80", "58"])
def test_it_is_the_loudest_after_the_call_number_and_what_it_replaces_is_small(paper: str) -> None:
    found = spans(lay_out(slip(), None, Paper.of(paper)))
    (new,) = [span for span in found if span.text.strip() == "出餐 12:55"]
    (old,) = [span for span in found if "12:25" in span.text]
    assert (new.style.width, new.style.height, old.style.width, old.style.height) == (2, 2, 1, 1)
    assert sum(span.text.strip() == "!" and span.style.reverse for span in found) == 2


def test_a_new_time_is_said_once_and_the_usual_one_as_usual() -> None:
    assert sum("12:55" in row for row in rows(slip())) == 1
    assert sum("12:25" in row for row in rows(sample_ticket(TicketKind.KITCHEN, "zh"))) == 1


@pytest.mark.parametrize(("language", "words"), [("zh", "菜品不变 Dishes as before"), ("en", "Dishes as before")])
def test_a_change_without_dishes_says_that_nothing_is_to_be_cooked_again(language: str, words: str) -> None:
    assert words in rows(slip(language))
    assert not [row for row in rows(sample_ticket(TicketKind.CHANGED, language)) if "Dishes as before" in row]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_banners_at_both_ends_say_that_it_is_a_change(language: str) -> None:
    text = [row.strip() for row in rows(slip(language)) if row.strip()]
    assert "CHANGED" in text[0]
    assert "CHANGED" in text[-1]


def test_words_too_long_for_a_line_wrap_and_none_is_lost() -> None:
    long = Restated("地址 " + "人民路二百八十八号世纪广场乙座十二楼" * 3, "老街一号" * 12)
    text = readable(lay_out(replace(slip(), restated=(long,)), None, Paper.of("58")))
    assert squashed(long.text) in text
    assert squashed(long.was) in text
