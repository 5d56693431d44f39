"""Templates: read strictly and refused in words for staff; whatever one leaves out, warnings and allergies are printed.

With PICTURES=FOLDER in the environment, a picture of every paper in every width and language is left there to be looked at.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import texts
from app.config import resources
from app.domain.orders import OptionKind
from app.domain.tickets import Difference, Mark, Note, NoteKind, Ticket, TicketKind, TicketLine, TicketOption
from app.printing import (
    PAPERS,
    Paper,
    Template,
    TemplateError,
    build,
    lay_out,
    read_template,
    render_png,
    sample_ticket,
    standard_templates,
    template_for,
)
from app.printing.blocks import PLACES
from app.printing.characters import printable
from app.printing.lines import Line, line_cells
from app.printing.looks import Presence
from app.printing.template import COOKED_BY
from tests.printing.strategies import tickets
from tests.printing.words import lost, readable, squashed

ROLLS = ("80", "58")
LOOKS: dict[str, st.SearchStrategy[Any]] = {
    "size": st.sampled_from(("small", "tall", "big", "huge")),
    "bold": st.booleans(),
    "reverse": st.booleans(),
    "only_if": st.none() | st.sampled_from(Presence.__args__),  # type: ignore[attr-defined] # the values of a Literal
}
PLACED = {**LOOKS, "align": st.sampled_from(("left", "center", "right")), "boxed": st.booleans()}
WORDS = st.text(max_size=20).map(lambda text: text.replace("{", "{{").replace("}", "}}"))
PATTERNS = st.lists(WORDS | st.sampled_from([f"{{{name}}}" for name in PLACES]), max_size=4).map("".join)
SWITCHES = ("options", "original", "prices", "ticks", "numbered", "loud", "inline")
FACTS = ("pickup_code", "customer", "address", "courier", "payment", "reference")


def blocks_of(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=fields)


BLOCKS = st.one_of(
    blocks_of("call_number", **LOOKS, sheets=st.booleans()),
    blocks_of("due", **LOOKS),
    blocks_of("sums", **LOOKS),
    blocks_of("allergy"),
    blocks_of("ruler"),
    blocks_of("notes", **LOOKS, kinds=st.lists(st.sampled_from(("change", "courtesy")), max_size=2)),
    blocks_of("dishes", **LOOKS, **dict.fromkeys(SWITCHES, st.booleans())),
    blocks_of("totals", **PLACED, items=st.booleans(), also_at=st.booleans(), cutlery=st.booleans()),
    st.sampled_from(("station", "origin", *FACTS)).flatmap(lambda kind: blocks_of(kind, **PLACED)),
    st.fixed_dictionaries({"type": st.just("text"), "zh": PATTERNS, "en": PATTERNS}, optional=PLACED),
    blocks_of("rule", mark=st.sampled_from("-=*")),
    blocks_of("blank", lines=st.integers(1, 10)),
    blocks_of("qr", what=st.sampled_from(("scan", "reference")), module=st.integers(3, 12)),
)


TEMPLATES = st.fixed_dictionaries(
    {
        "name": st.text("abc 单", min_size=1, max_size=9),
        "kind": st.sampled_from([kind.value for kind in TicketKind]),
        "title": st.fixed_dictionaries({"zh": WORDS, "en": WORDS}),
        "blocks": st.lists(BLOCKS, max_size=5).map(lambda blocks: [*blocks, {"type": "dishes"}]),
        "beeps": st.integers(0, 9),
    }
).map(lambda whole: read_template(json.dumps(whole)))


def written(*blocks: str, kind: str = "kitchen") -> str:
    return f'{{"name": "a", "kind": "{kind}", "title": {{"zh": "单", "en": "Slip"}}, "blocks": [{", ".join(blocks)}]}}'


DISHES = '{"type": "dishes"}'


def bare(kind: TicketKind = TicketKind.KITCHEN) -> Template:
    """The least a template can say."""
    return read_template(written(DISHES, kind=kind.value))


def rows(ticket: Ticket, template: Template | None = None, paper: str = "80") -> list[str]:
    return [
        "".join(span.text for span in line) for line in lay_out(ticket, template, Paper.of(paper)) if isinstance(line, tuple)
    ]


@given(TEMPLATES)
@settings(deadline=None)
def test_a_template_survives_being_written_and_read(template: Template) -> None:
    again = read_template(template.to_json())
    assert again == template
    assert again.to_json() == template.to_json()


@pytest.mark.parametrize("kind", TicketKind)
def test_every_kind_has_a_template_of_ours_in_its_own_file(kind: TicketKind) -> None:
    template = standard_templates()[kind.value]
    assert (template.name, template.kind) == (kind.value, kind)
    file = resources() / "templates" / f"{kind.value}.json"
    assert file.read_text("utf-8") == template.to_json()
    assert template.title.zh != template.title.en


@given(TEMPLATES, st.data(), st.sampled_from(ROLLS))
@settings(max_examples=120, deadline=None)
def test_any_template_prints_any_ticket_within_the_paper_and_loses_nothing(
    template: Template, data: st.DataObject, paper: str
) -> None:
    ticket = data.draw(tickets(st.just(template.kind)))
    lines = lay_out(ticket, template, Paper.of(paper))
    assert all(line_cells(line) <= Paper.of(paper).cells for line in lines)
    assert lost(ticket, template, lines) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "不是有效的 JSON"),
        (written('{"type": "dishs"}'), "第 1 块: 没有 dishs 这种块"),
        (written(DISHES, '{"type": "text", "zh": "a"}'), "第 2 块 (text), en: 缺少内容"),
        (written(DISHES, '{"type": "due", "colour": "red"}'), "第 2 块 (due), colour: 不认识这一项"),
        (written('{"type": "dishes", "size": "enormous"}'), "第 1 块 (dishes), size: 只能是：'small', 'tall'"),
        (written(DISHES, '{"type": "text", "zh": "{price}", "en": ""}'), "第 2 块 (text), zh: {price} 不是占位符"),
        (written(DISHES, '{"type": "text", "zh": "", "en": "{shop!r}"}'), "en: {shop} 不是占位符"),
        (written(DISHES, '{"type": "text", "zh": "{", "en": ""}'), "第 2 块 (text), zh"),
        (written('{"type": "due"}'), "照着做菜的单据必须列出菜品"),
        (written('{"type": "dishes", "only_if": "notes"}'), "照着做菜的单据必须列出菜品"),
        (written(DISHES, '{"type": "qr", "module": 40}'), "第 2 块 (qr), module"),
        (written(DISHES, '{"type": "blank", "lines": "2"}'), "第 2 块 (blank), lines"),
        (written(DISHES, kind="menu"), "kind: 只能是"),
        (written(DISHES, '{"type": "allergy", "size": "small"}'), "size: 不认识这一项"),
        (written(), "blocks"),
        ('{"name": "a"}', "kind: 缺少内容"),
    ],
)
def test_a_slip_of_the_pen_is_refused_saying_where_and_what(text: str, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_template(text)
    assert said in str(caught.value)


def test_the_schema_is_good_enough_for_a_form() -> None:
    schema = Template.model_json_schema()
    fields = [
        field for model in schema["$defs"].values() for name, field in model.get("properties", {}).items() if name != "type"
    ]
    assert len(fields) > 40
    assert [field for field in fields if not field.get("title")] == []
    titles = {field["title"] for field in fields} | {field["description"] for field in fields if "description" in field}
    assert titles <= texts.catalogue("zh").keys()


def test_the_shops_own_template_comes_first_and_a_wrong_one_never_stops_a_ticket() -> None:
    own, noodles, wrong = bare(), bare().changed(name="noodles"), bare(TicketKind.VOID)
    ticket = sample_ticket(TicketKind.KITCHEN, "zh")
    ours = standard_templates()["kitchen"]
    assert template_for(ticket, {}) is ours
    assert template_for(ticket, {"kitchen": own}) is own
    assert template_for(replace(ticket, template="noodles"), {"kitchen": own, "noodles": noodles}) is noodles
    assert template_for(replace(ticket, template="noodles"), {"kitchen": own}) is own
    assert template_for(replace(ticket, template="noodles"), {"noodles": wrong}) is ours
    assert template_for(replace(ticket, template="void"), {}) is ours


@pytest.mark.parametrize("paper", ROLLS)
@pytest.mark.parametrize("mark", Mark)
@pytest.mark.parametrize("kind", TicketKind)
def test_no_template_can_leave_out_a_mark(kind: TicketKind, mark: Mark, paper: str) -> None:
    ticket = replace(sample_ticket(kind, "zh"), marks=(mark,), copy=3, from_printer="热菜一号")
    lines = lay_out(ticket, bare(kind), Paper.of(paper))
    banner = _reversed(lines)
    word = mark.value.upper().replace("_", "")
    assert banner.count(word) >= 2
    shown = [line for line in lines if line]
    assert word[:4] in _reversed(shown[:4])
    assert word[-4:] in _reversed(shown[-4:])
    if mark is Mark.BACKUP:
        assert banner.count(squashed("代打 BACKUP 来自 热菜一号")) == 2
    if mark is Mark.REPRINT:
        assert "补打REPRINT3" in banner


def _reversed(lines: list[Line] | tuple[Line, ...]) -> str:
    texts = (span.text for line in lines if isinstance(line, tuple) for span in line if span.style.reverse)
    return squashed("".join(texts))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("kind", sorted(COOKED_BY))
def test_no_template_can_leave_out_an_allergy(kind: TicketKind, paper: str) -> None:
    ticket = replace(sample_ticket(kind, "zh"), notes=(Note(NoteKind.ALLERGY, "腰果过敏"),))
    lines = lay_out(ticket, bare(kind), Paper.of(paper))
    (band,) = [line for line in lines if isinstance(line, tuple) and line and "腰果过敏" in line[0].text]
    assert (band[0].style.reverse, band[0].style.height) == (True, 2)
    begins = squashed(printable(ticket.lines[0].name))[:4]  # a long name may go on on the next label
    assert readable(lines).index("腰果过敏") < readable(lines).index(begins)


def test_nobody_cooks_from_a_void_slip() -> None:
    ticket = replace(sample_ticket(TicketKind.VOID, "zh"), notes=(Note(NoteKind.ALLERGY, "腰果过敏"),))
    assert "腰果过敏" not in readable(lay_out(ticket, None, Paper.of("50x30")))


def test_a_change_tells_plus_from_minus_twice() -> None:
    ticket = replace(
        sample_ticket(TicketKind.CHANGED, "zh"),
        lines=(TicketLine("2", "米饭", difference=Difference.ADDED), TicketLine("1", "可乐", difference=Difference.REMOVED)),
    )
    text = rows(ticket)
    assert [row for row in text if "x  米饭" in row] == ["+加  2x  米饭"]
    assert [row for row in text if "可乐" in row] == ["-退  1x  可乐"]
    assert "原单 12:03 已打印" in text
    black = _reversed(lay_out(ticket))
    assert "可乐" in black
    assert "米饭" not in black


@pytest.mark.parametrize("kind", [TicketKind.PACKING, TicketKind.EXPEDITER])
def test_bags_are_packed_against_tick_boxes(kind: TicketKind) -> None:
    ticket = sample_ticket(kind, "zh")
    assert sum(row.startswith("[ ] ") for row in rows(ticket)) == len(ticket.lines)


def test_a_packing_slip_hides_the_income_and_a_receipt_does_not() -> None:
    priced = replace(sample_ticket(TicketKind.RECEIPT, "zh"), sheets=1)
    assert "180.00" in readable(lay_out(priced))
    assert "180.00" not in readable(lay_out(replace(priced, kind=TicketKind.PACKING)))
    assert [row[-5:] for row in rows(priced) if "水煮牛肉" in row] == ["58.00"]


def test_a_packing_slip_says_which_bag() -> None:
    text = "".join(rows(sample_ticket(TicketKind.PACKING, "en")))
    assert "Bag 1 of 2" in text
    assert "Bag" not in "".join(rows(replace(sample_ticket(TicketKind.PACKING, "en"), sheets=1)))


def test_a_kitchen_ticket_counts_here_and_in_all_and_names_the_other_stations() -> None:
    text = "".join(rows(sample_ticket(TicketKind.KITCHEN, "zh")))
    assert "本档 7 / 全单 11" in text
    assert "另见: 面点、凉菜" in text


@pytest.mark.parametrize("paper", ROLLS)
def test_the_settings_page_measures_the_paper_from_edge_to_edge(paper: str) -> None:
    width = Paper.of(paper).cells
    ruler = [row for row in rows(sample_ticket(TicketKind.TEST, "zh"), paper=paper) if row.startswith(("<", "123"))]
    assert [len(row) for row in ruler] == [width, width]


def test_a_word_is_not_torn_to_be_large() -> None:
    ticket = replace(sample_ticket(TicketKind.DISH, "en"), lines=(TicketLine("1", "Margherita"),))
    assert "Margherita" in "\n".join(rows(ticket, paper="58"))


def test_a_minus_is_as_large_as_what_it_takes_away() -> None:
    ticket = replace(
        sample_ticket(TicketKind.DISH, "zh"), lines=(TicketLine("1", "面", (TicketOption("葱", OptionKind.REMOVE),)),)
    )
    (line,) = [line for line in lay_out(ticket) if isinstance(line, tuple) and any("葱" in span.text for span in line)]
    sizes = {span.text.strip(): span.style[:2] for span in line if span.text.strip()}
    assert sizes["-"] == sizes["葱"] == (2, 2)


def test_a_line_of_words_without_values_is_left_out() -> None:
    template = bare().changed(blocks=read_template(written('{"type": "text", "zh": "店 {shop}", "en": ""}', DISHES)).blocks)
    ticket = sample_ticket(TicketKind.KITCHEN, "zh")
    assert not [row for row in rows(ticket, template) if row.startswith("店")]
    assert "店 老街" in rows(replace(ticket, shop="老街"), template)


def test_what_no_code_can_hold_is_printed_in_letters() -> None:
    ticket = replace(sample_ticket(TicketKind.PACKING, "zh"), scan="x" * 3000)
    assert "x" * 3000 in readable(lay_out(ticket))
    assert all(isinstance(line, tuple) for line in lay_out(ticket))


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("kind", TicketKind)
def test_every_paper_can_be_seen_and_printed_on_every_paper(kind: TicketKind, language: str) -> None:
    ticket = sample_ticket(kind, language, "Europe/London")
    assert (ticket.kind, ticket.language, ticket.zone) == (kind, language, "Europe/London")
    for paper in PAPERS:
        picture = render_png(ticket, None, paper)
        assert picture.startswith(b"\x89PNG")
        assert build(ticket, None, paper, dialect="tspl" if "x" in paper else "escpos")
        if folder := os.environ.get("PICTURES"):
            Path(folder, f"{kind.value}-{language}-{paper}.png").write_bytes(picture)


def test_a_lost_word_would_be_noticed() -> None:
    """The check that the properties above rest on."""
    ticket = sample_ticket(TicketKind.KITCHEN, "zh")
    lines = lay_out(ticket)
    template = standard_templates()["kitchen"]
    assert lost(ticket, template, lines) == []
    short = [line for line in lines if not (isinstance(line, tuple) and any("米饭" in span.text for span in line))]
    assert "3x米饭" in lost(ticket, template, short)
