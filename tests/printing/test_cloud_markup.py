"""The tags of cloud printers: sizes and loud bands come out, and whatever a customer writes stays text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.tickets import Mark, Note, NoteKind, Ticket, TicketKind, TicketLine
from app.practice import cloud_paper
from app.practice.cloud_paper import Slip
from app.printing import build, sample_ticket
from app.printing.characters import cells, rom, rom_only
from app.printing.cloud import feie, yilianyun
from app.printing.cloud.markup import PART
from app.printing.lines import Code, Line, Span, Style

READERS: dict[str, tuple[Callable[[list[Line]], bytes], Callable[[str], Slip]]] = {
    "feie": (feie.markup, cloud_paper.feie),
    "yilianyun": (yilianyun.markup, cloud_paper.yilianyun),
}
OURS = {"feie": {"BR", "CUT", "L", "W", "B", "BOLD", "QR"}, "yilianyun": {"FH2", "FW2", "FS2", "FB", "QR"}}
LONGEST = {"feie": feie.LONGEST_JOB, "yilianyun": yilianyun.LONGEST_JOB}
CELLS = {"80": 48, "58": 32}
WIDENED = str.maketrans("<>&@", "＜＞＆＠")
FRAME = str.maketrans("", "", "■【】[] \u3000\n")

styles = st.builds(Style, st.integers(1, 3), st.integers(1, 3), st.booleans(), st.booleans(), st.booleans())
hostile = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<",
                ">",
                "&",
                "</",
                "<PLUGIN>",
                "<CUT>",
                "<BR>",
                "</B>",
                "<QR>",
                "<MN>9</MN>",
                "<audio>",
                "&lt;CUT&gt;",
                "@@2",
                "@",
            ]
        ),
        st.text(max_size=6),
        st.sampled_from([" ", "  ", "    ", "宫保鸡丁", "■", "【", "𩽾", "😀", "\x1b@", "\r\n"]),
    ),
    max_size=8,
).map("".join)
spans = st.builds(Span, hostile, styles)
codes = st.builds(Code, hostile, st.just(4), st.just(120))
papers: st.SearchStrategy[list[Line]] = st.lists(st.one_of(st.lists(spans, max_size=4).map(tuple), codes), max_size=40)


def read(vendor: str, lines: list[Line]) -> Slip:
    markup, reader = READERS[vendor]
    return reader(markup(lines).decode())


def said(lines: list[Line], codes: list[str]) -> str:
    """All letters of the data that are not in `codes`, in order."""
    left = list(codes)
    texts: list[str] = []
    for line in lines:
        if not isinstance(line, Code):
            texts += [span.text for span in line]
        elif line.text in left:
            left.remove(line.text)
        else:
            texts.append(line.text)
    assert left == []
    return "".join(map(rom_only, texts))


def letters(text: str) -> str:
    """Without padding and what frames a band."""
    return text.translate(WIDENED).translate(FRAME)


@pytest.mark.parametrize("vendor", READERS)
@given(lines=papers)
def test_no_tag_comes_from_data_and_no_text_is_lost(vendor: str, lines: list[Line]) -> None:
    slip = read(vendor, lines)
    assert set(slip.tags) <= OURS[vendor]
    assert slip.errors == []
    assert (slip.cuts, slip.drawer_opened) == (1, 0)
    assert slip.tags["QR"] <= 1
    assert letters(slip.text) == letters(said(lines, slip.codes))
    assert rom(slip.text) is not None, "no character is sent that the printer lacks"


@pytest.mark.parametrize("vendor", READERS)
@given(lines=papers)
def test_brackets_on_the_wire_are_those_of_whole_tags(vendor: str, lines: list[Line]) -> None:
    content = READERS[vendor][0](lines).decode()
    slip = READERS[vendor][1](content)
    paired = sum(count for name, count in slip.tags.items() if name not in ("BR", "CUT"))
    assert content.count("<") == content.count(">") == sum(slip.tags.values()) + paired


@settings(max_examples=25)
@given(lines=st.lists(st.lists(spans, min_size=1, max_size=3).map(tuple), min_size=20, max_size=60))
def test_yilianyun_never_uses_more_than_25_tags(lines: list[Line]) -> None:
    assert sum(read("yilianyun", lines).tags.values()) <= yilianyun.MOST_TAGS


def test_beyond_25_tags_bold_goes_first_and_heights_stay() -> None:
    lines: list[Line] = []
    for number in range(20):
        lines += [(Span(f"菜{number}", Style(height=2)),), (Span("加辣", Style(bold=True)),), (Span("普通"),)]
    slip = read("yilianyun", lines)
    assert slip.tags == {"FH2": 20, "FB": 5}
    assert len(slip.enlarged) == 20
    assert slip.lines[-4:] == ["菜19", "加辣", "普通", ""]


def test_neighbours_in_one_style_share_a_tag_over_lines() -> None:
    tall = Style(height=2, bold=True)
    lines: list[Line] = [(Span("1 宫保", tall), Span("鸡丁", tall)), (Span("2 米饭", tall),), (Span("谢谢"),)]
    assert yilianyun.markup(lines).decode() == "<FH2>1 宫保鸡丁\n2 米饭</FH2>\n谢谢\n"
    assert feie.markup(lines).decode() == ("<L><BOLD>1 宫保鸡丁</BOLD></L><BR><L><BOLD>2 米饭</BOLD></L><BR>谢谢<BR><CUT>")


@pytest.mark.parametrize(
    ("style", "tag", "other"),
    [
        (Style(2, 2), "B", "FS2"),
        (Style(3, 3, bold=True), "B", "FS2"),
        (Style(1, 2), "L", "FH2"),
        (Style(2, 1), "W", "FW2"),
        (Style(bold=True), "BOLD", "FB"),
    ],
)
def test_sizes(style: Style, tag: str, other: str) -> None:
    line: Line = (Span("大", style),)
    assert read("feie", [line]).tags[tag] == 1
    assert read("yilianyun", [line]).tags[other] == 1


@pytest.mark.parametrize("vendor", READERS)
def test_a_band_keeps_its_width_and_is_loud(vendor: str) -> None:
    band = Span("     作废 VOID     ", Style(2, 2, bold=True, reverse=True))
    [line] = [line for line in read(vendor, [(band,)]).lines if line]
    assert line == "■■ 作废 VOID ■■"
    assert cells(line) == cells(band.text)


@pytest.mark.parametrize("vendor", READERS)
def test_bands_too_full_for_bars_at_their_sides_get_them_above_and_below(vendor: str) -> None:
    loud = Style(2, 2, bold=True, reverse=True)
    lines: list[Line] = [(Span("-"),), (Span("过敏 花生过敏谢", loud),), (Span("     谢     ", loud),), (Span("-"),)]
    shown = [line for line in read(vendor, lines).lines if line]
    assert shown == ["-", "■" * 7, "过敏 花生过敏谢", "     谢", "■" * 6, "-"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("过敏", "【过敏】"),
        (" 2x ", "[2x]"),
        ("  2x  ", "【2x】"),
        ("   2x  ", " 【2x】"),
        ("    ", ""),
        ("12x ", "12x"),
        ("  2x", "[2x]"),
        ("   2x ", "  [2x]"),
    ],
)
def test_a_word_in_reverse_is_framed(text: str, shown: str) -> None:
    line: Line = (Span(text, Style(reverse=True)), Span("|"))
    assert read("feie", [line]).lines[0].replace("|", "").rstrip() == shown


@pytest.mark.parametrize("paper", ["80", "58"])
@pytest.mark.parametrize("vendor", READERS)
@pytest.mark.parametrize("kind", [kind for kind in TicketKind if kind is not TicketKind.TEST])
def test_no_line_of_any_template_outgrows_its_paper(kind: TicketKind, vendor: str, paper: str) -> None:
    """But for the test page, whose ruler ends in < and >."""
    slip = READERS[vendor][1](build(sample_ticket(kind, "zh"), None, paper, dialect=vendor).decode())
    assert [line for line in slip.lines if cells(line) > CELLS[paper]] == []
    assert [text for text in slip.doubled if cells(text) * 2 > CELLS[paper]] == []
    assert slip.errors == []


def test_a_wide_sign_takes_the_space_behind_it() -> None:
    line: Line = (Span("Fish & Chips       x2"),)
    [shown, *_] = read("feie", [line]).lines
    assert shown == "Fish ＆Chips       x2"
    assert cells(shown) == cells("Fish & Chips       x2")


@pytest.mark.parametrize("vendor", READERS)
def test_one_code_is_a_code_and_the_next_is_text(vendor: str) -> None:
    url = "https://example.test/?a=1&b=2"
    slip = read(vendor, [Code(url, 4, 120), (Span("-"),), Code("pickup-8899", 4, 120)])
    assert slip.codes == [url]
    assert "pickup-8899" in slip.text


@pytest.mark.parametrize("text", ["a</QR><PLUGIN>", "&lt;/QR&gt;", "a\nb", ""])
def test_a_text_that_could_break_out_of_its_code_is_printed_as_text(text: str) -> None:
    for vendor in READERS:
        slip = read(vendor, [Code(text, 4, 120)])
        assert slip.codes == []
        assert slip.drawer_opened == 0
        assert letters(slip.text) == letters(rom_only(text))


def test_a_code_too_long_for_yilianyun_is_printed_as_text() -> None:
    text = "x" * (yilianyun.LONGEST_CODE + 1)
    assert read("yilianyun", [Code(text, 4, 120)]).text.strip() == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("jalapeño", "jalapeno"),
        ("½ 份", "1/2 份"),
        ("🥜 过敏", "[PEANUTS] 过敏"),
        ("𩽾𩾌鱼", "[U+29F7E][U+29F8C]鱼"),
        ("café ① ￥38", "café ① ￥38"),
    ],
)
@pytest.mark.parametrize("vendor", READERS)
def test_what_the_printer_lacks_is_spelt_out_and_what_it_has_is_not(vendor: str, text: str, shown: str) -> None:
    ticket = replace(sample_ticket(TicketKind.KITCHEN, "zh"), lines=(TicketLine("1", text),))
    slip = READERS[vendor][1](build(ticket, None, "80", dialect=vendor).decode())
    assert shown in slip.text


@pytest.mark.parametrize("paper", ["80", "58"])
@pytest.mark.parametrize("vendor", READERS)
def test_what_is_spelt_out_is_measured_as_it_is_printed(vendor: str, paper: str) -> None:
    rare = replace(
        sample_ticket(TicketKind.KITCHEN, "zh"), lines=(TicketLine("12", "𩽾𩾌 🥜 ñ½ 宫保鸡丁 " * 6, note="𩽾𩾌" * 12),)
    )
    slip = READERS[vendor][1](build(rare, None, paper, dialect=vendor).decode())
    assert [line for line in slip.lines if cells(line) > CELLS[paper]] == []
    assert [text for text in slip.doubled if cells(text) * 2 > CELLS[paper]] == []


def banquet(dishes: int, **changes: Any) -> Ticket:
    ticket = sample_ticket(TicketKind.KITCHEN, "zh")
    return replace(
        ticket, lines=tuple(TicketLine("2", f"第{n}道 宫保鸡丁", note="少放辣") for n in range(dishes)), **changes
    )


@pytest.mark.parametrize("paper", ["80", "58"])
def test_a_ticket_too_long_for_one_job_comes_in_parts_that_say_so(paper: str) -> None:
    ticket = banquet(90, marks=(Mark.REPRINT,))
    parts = build(ticket, None, paper, dialect="feie").decode().split(PART)
    slips = [cloud_paper.feie(part) for part in parts]
    assert len(parts) > 1
    assert max(len(part.encode()) for part in parts) <= feie.LONGEST_JOB
    for number, slip in enumerate(slips, 1):
        assert slip.text.count(f"第 {number}/{len(parts)} 张") == 2
        assert slip.text.count(ticket.call_number) >= 2
        assert slip.text.count("REPRINT") == 2
        assert (slip.cuts, slip.errors) == (1, [])
        assert [line for line in slip.lines if cells(line) > CELLS[paper]] == []
        assert all(note.text in slip.text for note in ticket.notes if note.kind is NoteKind.ALLERGY)
    names = [found for slip in slips for found in re.findall(r"第\d+道", slip.text)]
    assert names == [f"第{number}道" for number in range(90)]


def parts_of(vendor: str, content: bytes) -> list[Slip]:
    jobs = content.decode().split(PART)
    assert max(len(job.encode()) for job in jobs) <= LONGEST[vendor]
    return [READERS[vendor][1](job) for job in jobs]


LONG = {
    "hanzi": "椒" * 14000,
    "tags": "<PLUGIN></B>&lt;CUT&gt; @@2" * 1500,
    "words": "salt and pepper, " * 2500,
    "one word": "x" * 40000,
    "spelt out": "𩽾🥜é" * 4000,
    "combining": "e\u0301x\u0302" * 8000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("vendor", READERS)
def test_a_line_longer_than_a_job_goes_on_in_the_next_part(vendor: str, text: str) -> None:
    """Between letters: no tag and nothing that is spelt out is torn, and no letter is lost."""
    for style in (Style(), Style(2, 2, bold=True), Style(reverse=True)):
        lines: list[Line] = [(Span("上"),), (Span(text, style),), (Span("下"),)]
        slips = parts_of(vendor, READERS[vendor][0](lines))
        assert len(slips) > 1
        assert [slip.errors for slip in slips] == [[]] * len(slips)
        assert all(set(slip.tags) <= OURS[vendor] and slip.cuts == 1 and not slip.drawer_opened for slip in slips)
        assert letters("".join(slip.text for slip in slips)) == letters(said(lines, []))


def test_a_line_longer_than_a_job_is_parted_between_words_where_it_has_some() -> None:
    slips = parts_of("feie", feie.markup([(Span("salt and pepper, " * 900),)]))
    assert len(slips) > 2
    assert {word for slip in slips for word in slip.text.split()} == {"salt", "and", "pepper,"}


@pytest.mark.parametrize("paper", ["80", "58"])
@pytest.mark.parametrize("vendor", READERS)
def test_warnings_longer_than_a_job_are_said_once_and_named_on_every_part(vendor: str, paper: str) -> None:
    """They stood above and below each part, so that no part fitted into a job, and the ticket was refused for ever."""
    told = "".join(f"花生{number:05}" for number in range(200 if vendor == "feie" else 3600))
    ticket = banquet(3, notes=(Note(NoteKind.ALLERGY, told),), marks=(Mark.REPRINT,), call_number="饿#27" * 300)
    slips = parts_of(vendor, build(ticket, None, paper, dialect=vendor))
    assert len(slips) > 1
    for number, slip in enumerate(slips, 1):
        assert slip.text.count(f"第 {number}/{len(slips)} 张") == 2
        assert slip.text.count("REPRINT") == 2
        assert "ALLERGY" in slip.text
        assert slip.errors == []
    assert told in letters("".join(_own(slip) for slip in slips))


def _own(slip: Slip) -> str:
    """What stands on a part without what is said on each."""
    repeated = re.compile("第 ?[0-9]+/[0-9]+|ALLERGY|REPRINT")
    return "".join(line for line in slip.lines if not repeated.search(line))


def test_an_ordinary_ticket_is_one_job_without_parts() -> None:
    content = build(banquet(10), None, "80", dialect="feie").decode()
    assert PART not in content
    assert "1/1" not in content


def test_no_part_begins_in_what_a_customer_writes() -> None:
    content = build(banquet(1, reference=f"a{PART}b"), None, "80", dialect="feie").decode()
    assert PART not in content


def test_the_reader_itself_sees_hostile_tags() -> None:
    """A negative control: written without our escape, the drawer would open and copies multiply."""
    assert cloud_paper.feie("<PLUGIN>a<CUT>").drawer_opened == 1
    assert cloud_paper.yilianyun("<MN>9</MN>@@2a").tags["MN"] == 1
    assert cloud_paper.yilianyun("@@2a").tags["@@2"] == 1
    assert cloud_paper.feie("<B>a").errors == ["B left open"]
    assert len(cloud_paper.yilianyun("<FB>a</FB>b" * 30).text) > 60
