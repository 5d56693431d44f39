"""Labels: one picture a sticker, the very dots of the preview, nothing cut off, and nothing a printer obeys by mistake."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.domain.orders import OptionKind
from app.domain.tickets import Mark, Ticket, TicketKind, TicketLine, TicketOption
from app.printing import Paper, build, lay_out, render_png, sample_ticket, standard_templates, tspl
from app.printing.label import COUNT, height, room
from app.printing.layout import MARKS, label_pages, marks_of
from app.printing.lines import Line, line_cells
from app.texts import say
from tests.printing.strategies import tickets
from tests.printing.words import lost, readable, squashed

LABELS = ("40x30", "50x30", "60x40")
HEAD = re.compile(
    rb"SIZE (\d+) mm,(\d+) mm\r\nGAP (\d) mm,0 mm\r\nDIRECTION 1\r\nCLS\r\nBITMAP 0,0,(\d+),(\d+),0,", re.DOTALL
)
BAR = re.compile(r"(label|标签) \d+/\d+ *$|^ →|^ (goes on: next label|未完，接下一张) *$")
IMMEDIATE = re.compile(rb"[\x1b~]!")


UNMARKED = tickets(st.just(TicketKind.LABEL)).map(lambda ticket: replace(ticket, marks=(), scheduled=False))


def printed(job: bytes) -> list[Image.Image]:
    """What a TSPL printer prints of a job, black on white: a reader of its own."""
    found = []
    while job:
        head = HEAD.match(job)
        assert head, job[:60]
        width, rows = int(head[4]), int(head[5])
        end = head.end() + width * rows
        found.append(Image.frombytes("1", (width * 8, rows), job[head.end() : end]))
        assert job[end:].startswith(b"\r\nPRINT 1\r\n")
        job = job[end + len(b"\r\nPRINT 1\r\n") :]
    return found


def cup(**changes: object) -> Ticket:
    ticket = Ticket(
        kind=TicketKind.LABEL,
        call_number="饿#27",
        platform="饿了么",
        ticket_id="T-8F21",
        created_at=sample_ticket(TicketKind.LABEL, "zh").created_at,
        zone="Asia/Shanghai",
        lines=(TicketLine("1", "奶茶", (TicketOption("去冰", OptionKind.REMOVE), TicketOption("大杯"))),),
        sheet=2,
        sheets=3,
    )
    return replace(ticket, **changes)  # type: ignore[arg-type] # the tests name real fields


@given(tickets(st.sampled_from(TicketKind)), st.sampled_from(LABELS))
@settings(max_examples=60, deadline=None)
def test_the_preview_is_what_is_sent_whatever_is_on_it(ticket: Ticket, paper: str) -> None:
    job = build(replace(ticket, marks=()), None, paper, dialect="tspl").removeprefix(b"SOUND 5,200\r\n" * 3)
    job = job[job.index(b"SIZE") :]
    stickers = printed(job)
    preview = Image.open(io.BytesIO(render_png(replace(ticket, marks=()), None, paper)))
    assert preview.height == sum(sticker.height for sticker in stickers)
    top = 0
    for sticker in stickers:
        assert preview.crop((0, top, preview.width, top + sticker.height)).tobytes() == sticker.tobytes()
        top += sticker.height


@given(UNMARKED | tickets(st.sampled_from(TicketKind)), st.sampled_from(LABELS))
@settings(max_examples=100, deadline=None)
def test_everything_is_on_some_sticker_and_nothing_beyond_its_edge(ticket: Ticket, paper: str) -> None:
    form, sheet = standard_templates()["label"], Paper.of(paper)
    pages = label_pages(ticket, None, sheet)
    assert all(line_cells(line) <= sheet.cells for page in pages for line in page)
    assert all(height(page) <= room(sheet) for page in pages)
    assert all(squashed(say(ticket.language, "goes on: next label")) in readable(page) for page in pages[:-1])
    if not marks_of(ticket) and ticket.kind is not TicketKind.TEST:
        words = [line for page in pages for line in page if not _is_count(line)]  # a word may go on on the next sticker
        assert lost(replace(ticket, notes=()), form, words) == []


def _is_count(line: Line) -> bool:
    """The bar with "label 1/2", and that with the cup it belongs to."""
    return isinstance(line, tuple) and len(line) == 1 and line[0].style == COUNT and bool(BAR.search(line[0].text))


@pytest.mark.parametrize("paper", LABELS)
def test_an_ordinary_cup_is_one_sticker_that_says_what_a_barista_needs(paper: str) -> None:
    (page,) = label_pages(cup(), None, Paper.of(paper))
    text = readable(page)
    for word in ("饿#27", "2/3", "奶茶", "-去冰/大杯", "12:03", "饿了么", "T-8F21"):
        assert word in text


def test_small_type_comes_before_a_second_sticker() -> None:
    options = tuple(TicketOption(f"第{number}种加料") for number in range(4))
    small = cup(lines=(TicketLine("1", "杨枝甘露" * 4, options),))
    (page,) = label_pages(small, None, Paper.of("40x30"))
    tallest = {span.style.height for line in page if isinstance(line, tuple) for span in line if "杨枝" in span.text}
    assert tallest == {1}


def test_too_much_goes_on_on_further_stickers_that_say_so() -> None:
    options = tuple(TicketOption(f"第{number}种加料，多一点") for number in range(8))
    pages = label_pages(cup(lines=(TicketLine("1", "奶茶", options),)), None, Paper.of("40x30"))
    assert len(pages) == 2
    assert [readable(page)[: len("饿#27标签1/2")] for page in pages] == ["饿#27标签1/2", "饿#27标签2/2"]
    assert "第7种加料" in readable(pages[-1])
    assert readable(pages[-1]).startswith("饿#27标签2/2→2/3奶茶")


def test_a_name_too_long_for_the_bar_of_a_further_sticker_is_seen_to_go_on() -> None:
    options = tuple(TicketOption(f"第{number}种加料，多一点") for number in range(10))
    pages = label_pages(cup(lines=(TicketLine("1", "超大杯" * 12, options),)), None, Paper.of("40x30"))
    for page in pages[1:]:
        (belongs,) = next(line for line in page if isinstance(line, tuple) and line[0].text.startswith(" →"))
        assert belongs.text.startswith(" → 2/3 超大杯")
        assert belongs.text.rstrip().endswith("…")


GOES_ON = {"zh": "未完，接下一张", "en": "goes on: next label"}
LONG_NAME = "超大杯多肉葡萄冻" * 40


@pytest.mark.parametrize("paper", LABELS)
@pytest.mark.parametrize("language", GOES_ON)
@pytest.mark.parametrize("marks", [(), (Mark.REPRINT,)])
def test_a_name_longer_than_a_label_goes_on_and_says_so(paper: str, language: str, marks: tuple[Mark, ...]) -> None:
    """Torn over two stickers without a word, the first looked whole: a cup was made of half a name."""
    long = cup(lines=(TicketLine("2", LONG_NAME),), language=language, marks=marks)
    pages = label_pages(long, None, Paper.of(paper))
    assert len(pages) > 2
    assert [squashed(GOES_ON[language]) in readable(page) for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all("→2/3超大杯多肉" in readable(page) for page in pages[1:])
    assert LONG_NAME in readable([line for page in pages for line in page if not _is_bar(line)])
    assert all(height(page) <= room(Paper.of(paper)) for page in pages)


@pytest.mark.parametrize("paper", LABELS)
def test_of_several_dishes_the_one_that_goes_on_is_named_again(paper: str) -> None:
    dishes = (TicketLine("2", LONG_NAME), TicketLine("12", "小杯绿茶", note="少糖" * 150))
    pages = label_pages(cup(lines=dishes, sheets=1), None, Paper.of(paper))
    bars = [[readable([line]) for line in page if _is_bar(line)] for page in pages]
    torn = [next((bar for bar in page if bar.startswith("→")), "") for page in bars]
    assert {bar[:6] for bar in torn} == {"", "→2x超大杯", "→12x小杯"}
    for before, page, named in zip(pages, pages[1:], torn[1:], strict=False):
        own = next(line for line in page if not _is_bar(line))
        assert bool(named) is readable([own]).startswith(("超", "大", "杯", "多", "肉", "葡", "萄", "冻", "少", "糖", "*"))
        assert squashed(GOES_ON["zh"]) in readable(before)


def test_a_sticker_on_which_all_has_room_says_nothing_of_a_next_one() -> None:
    for paper in LABELS:
        (page,) = label_pages(cup(), None, Paper.of(paper))
        assert squashed(GOES_ON["zh"]) not in readable(page)


def _is_bar(line: Line) -> bool:
    return _is_count(line) or (isinstance(line, tuple) and all(span.style.reverse for span in line))  # or a warning


@pytest.mark.parametrize("paper", LABELS)
@pytest.mark.parametrize("mark", [Mark.POSSIBLE_DUPLICATE, Mark.REPRINT, Mark.VOID, Mark.BACKUP])
def test_a_warning_stands_at_the_top_and_at_the_bottom_of_every_sticker(mark: Mark, paper: str) -> None:
    many = tuple(TicketOption(f"第{number}种加料，多一点") for number in range(10))
    for options in ((), many):
        marked = cup(marks=(mark,), lines=(TicketLine("1", "奶茶", options),), from_printer="一号")
        for page in label_pages(marked, None, Paper.of(paper)):
            end = readable(page[-1:])
            assert squashed(say("zh", MARKS[mark])) in end
            assert all(span.style.reverse for span in page[-1])  # type: ignore[union-attr] # no code stands on a label
            assert squashed(mark.value.upper().replace("_", "")) in readable(page[:4])


@pytest.mark.parametrize("kind", [TicketKind.VOID, TicketKind.CHANGED])
@pytest.mark.parametrize("paper", LABELS)
def test_what_takes_a_sticker_back_is_a_sticker_with_a_black_bar_on_each(kind: TicketKind, paper: str) -> None:
    pages = label_pages(sample_ticket(kind, "zh"), standard_templates()[kind.value], Paper.of(paper))
    for page in pages:
        bars = [span for line in page if isinstance(line, tuple) for span in line if span.style.reverse]
        assert kind.value.upper() in "".join(span.text for span in bars)


@pytest.mark.parametrize("mark", Mark)
def test_a_sticker_carries_every_mark(mark: Mark) -> None:
    text = readable(lay_out(cup(marks=(mark,), from_printer="一号"), None, Paper.of("50x30")))
    assert squashed(mark.value.upper().replace("_", "")) in text


def test_a_job_says_the_size_of_its_labels() -> None:
    head = HEAD.match(build(cup(), None, "60x40", dialect="tspl"))
    assert head
    assert [int(part) for part in head.groups()] == [60, 40, 2, 60, 320]


def test_on_a_roll_a_label_is_as_long_as_its_ticket() -> None:
    (picture,) = printed(build(cup(), None, "58", dialect="tspl"))
    shown = Image.open(io.BytesIO(render_png(cup(), None, "58")))
    assert (picture.size, picture.tobytes()) == (shown.size, shown.tobytes())


@given(st.binary(min_size=1, max_size=40 * 60))
@settings(deadline=None)
def test_dots_never_spell_a_command_obeyed_at_once(dots: bytes) -> None:
    evil = (dots + b"\x1b!?~!T" * 400)[: 40 * 60]
    ink = ImageOps.invert(Image.frombytes("1", (320, 60), evil))
    job = tspl.encode([tspl.harmless(ink)], Paper.of("40x30"))
    assert not IMMEDIATE.search(job)
    (picture,) = printed(job)
    assert all(after & ~before == 0 for before, after in zip(evil, picture.tobytes(), strict=True))  # only ink is added
