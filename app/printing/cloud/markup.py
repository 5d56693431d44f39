"""Styled lines to the tags of cloud printers: what both vendors share. No tag can come from data, and no text is lost.

Nothing can be drawn there, so what the printers' ROM lacks is spelt out. What is longer than one job goes as several; so
does a line that is longer than one, parted between words or letters, never in a tag.

Neither vendor documents an escape, and whether they decode entities is not known. So `<`, `>` and `&` become their full
width forms, which every Chinese printer has. Neither has reverse type. Bands that were white on black from edge to edge
stand between bars of ■: at their sides where all of them have padding enough, else above and below. A word in reverse gives
its padding for 【 】 or [ ], so that lines do not grow.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, NamedTuple, TypeVar

from app.printing.characters import cells, pieces_of, rom_only
from app.printing.lines import Code, Line, Span, Style

T = TypeVar("T")
Frame = Callable[[int, int, bool], tuple[Sequence[Line], Sequence[Line]]]
"""What stands above and below part 1 of 2; told to be brief, no longer than what a few fixed words take."""

BAR = "■"
PART = "\x1e"  # between two jobs of one ticket; no control character comes from a ticket's text
SHORT = 64  # letters that every job has room for, each in a style of its own
_WIDE = {"<": "＜", ">": "＞", "&": "＆", "@": "＠"}
_ENTITY = re.compile(r"&#?\w+;")


class Run(NamedTuple):
    """Text in one style; `tags` are the names of its tags from outside in, () for plain text."""

    tags: tuple[str, ...]
    text: str


def jobs(lines: Sequence[Line], job: Callable[[Sequence[Line]], str], most: int, frame: Frame) -> bytes:
    """`lines` as one job; as several of at most `most` bytes each, PART between them, where one is not enough.

    `job` makes one of lines; each of several stands in its `frame`.
    """
    whole = job(lines)
    if len(whole.encode()) <= most:
        return whole.encode()
    brief = _length(job, _framed((), frame(*_MANY, False))) > most // 2
    above, below = frame(*_MANY, brief)

    def fits(part: Sequence[Line]) -> bool:
        return _length(job, (*above, *part, *below)) <= most

    parts = _taken([piece for line in lines for piece in _divided(line, fits)], fits)
    framed = (_framed(part, frame(number, len(parts), brief)) for number, part in enumerate(parts, 1))
    return PART.join(map(job, framed)).encode()


_MANY = (998, 999)  # a part with another on both sides, of more than there are: no frame is longer


def _length(job: Callable[[Sequence[Line]], str], lines: Sequence[Line]) -> int:
    return len(job(lines).encode())


def _framed(part: Sequence[Line], frame: tuple[Sequence[Line], Sequence[Line]]) -> Sequence[Line]:
    above, below = frame
    return (*above, *part, *below)


def _taken(pieces: Sequence[T], fits: Callable[[Sequence[T]], bool]) -> list[Sequence[T]]:
    """`pieces` in portions, each as many as fit, one at least."""
    portions: list[Sequence[T]] = []
    while pieces:
        some = 1
        while some < len(pieces) and fits(pieces[: 2 * some]):  # looking at all of a long rest each time would take minutes
            some *= 2
        more = range(some + 1, min(2 * some, len(pieces)) + 1)
        end = some + bisect.bisect_left(more, True, key=lambda n: not fits(pieces[:n]))
        portions.append(pieces[:end])
        pieces = pieces[end:]
    return portions


def _divided(line: Line, fits: Callable[[Sequence[Line]], bool]) -> list[Line]:
    """`line`; where it does not fit alone, as many as it takes, parted between words, or letters of a word too long.

    Parted are its words as they will be printed, so that nothing that is spelt out later grows or breaks.
    """
    if len(_text(line)) <= SHORT or fits([line]):
        return [line]
    spans = _clean((Span(line.text),) if isinstance(line, Code) else line)
    words = (Span(piece, span.style) for span in spans for piece in pieces_of(span.text))
    atoms = [part for word in words for part in ([word] if len(word.text) <= SHORT else _letters(word))]
    return [_together(portion) for portion in _taken(atoms, lambda some: fits([_together(some)]))]


def _letters(word: Span) -> list[Span]:
    return [Span(letter, word.style) for letter in word.text]


def _together(spans: Iterable[Span]) -> tuple[Span, ...]:
    styles = itertools.groupby(spans, lambda span: span.style)
    return tuple(Span("".join(span.text for span in some), style) for style, some in styles)


def spelt_out(said: T) -> T:
    """A ticket, or a part of one, whose texts are in the characters of a printer's ROM: measured as they will be printed."""
    known: Any = said
    if type(known) is str:  # not the words of an enumeration
        known = rom_only(known)
    elif isinstance(known, tuple):
        known = tuple(map(spelt_out, known))
    elif is_dataclass(known) and not isinstance(known, type):
        known = replace(known, **{one.name: spelt_out(getattr(known, one.name)) for one in fields(known)})
    return known  # type: ignore[no-any-return] # of the type that came in


def tagged(
    lines: Iterable[Line], tags_of: Callable[[Style], tuple[str, ...]], special: str = "<>&", longest_code: int = 1000
) -> list[list[Run]]:
    """Each line's runs, neighbours of equal tags joined; `special` characters made harmless. Spaces at a line's end go.

    The first QR code of at most `longest_code` bytes is a run tagged QR; any other is printed as text.
    """
    hostile = re.compile(f"[{re.escape(special)}] ?")
    rows, coded = [], False
    for line in _loud(lines):
        if isinstance(line, Code):
            if not coded and fits_code(line.text, longest_code):
                rows.append([Run(("QR",), line.text)])
                coded = True
                continue
            line = (Span(rom_only(line.text)),)
        runs = joined(Run(tags_of(span.style), span.text) for span in line)
        rows.append([Run(run.tags, harmless(run.text, hostile)) for run in _trimmed(runs)])
    return rows


def fits_code(text: str, longest: int) -> bool:
    """Whether `text` may stand in a QR tag as it is: a code must not be altered, so nothing in it may close the tag."""
    safe = text.isprintable() and "<" not in text and ">" not in text and not _ENTITY.search(text)
    return bool(text) and safe and len(text.encode(errors="replace")) <= longest


def harmless(text: str, hostile: re.Pattern[str]) -> str:
    """`text` with full width forms for special characters; one takes the cell of a space that follows it, if one does."""
    return hostile.sub(lambda found: _WIDE[found[0][0]], text)


def joined(runs: Iterable[Run]) -> list[Run]:
    """Neighbours of equal tags as one run; empty ones left out."""
    together: list[Run] = []
    for run in runs:
        if together and together[-1].tags == run.tags:
            together[-1] = Run(run.tags, together[-1].text + run.text)
        elif run.text:
            together.append(run)
    return together


def wrapped(run: Run) -> str:
    """`run` between its tags."""
    before = "".join(f"<{tag}>" for tag in run.tags)
    after = "".join(f"</{tag}>" for tag in reversed(run.tags))
    return f"{before}{run.text}{after}"


def _loud(lines: Iterable[Line]) -> Iterator[Line]:
    """`lines` with clean text and without reverse type, which becomes characters."""
    clean = (line if isinstance(line, Code) else _clean(line) for line in lines)
    for is_band, group in itertools.groupby(clean, _is_band):
        texts = [line for line in group if not isinstance(line, Code)] if is_band else []
        if not is_band:
            yield from (line if isinstance(line, Code) else tuple(map(_marked, line)) for line in group)
        elif all(min(_padding(_text(line))) >= 3 for line in texts):
            yield from ((Span(_between_bars(_text(line)), _plain(line[0].style)),) for line in texts)
        else:
            yield _bar(texts[0])
            yield from (tuple(Span(span.text, _plain(span.style)) for span in line) for line in texts)
            yield _bar(texts[-1])


def _is_band(line: Line) -> bool:
    """Whether a line is reverse all over, and says something."""
    return not isinstance(line, Code) and bool(_text(line).strip()) and all(span.style.reverse for span in line)


def _bar(line: tuple[Span, ...]) -> Line:
    """A bar as wide as `line`."""
    width = sum(cells(span.text) * span.style.width for span in line)
    return (Span(BAR * max(width // 2 // line[0].style.width, 1), _plain(line[0].style)),)


def _between_bars(text: str) -> str:
    """`text` with ■ for its padding, but for a space or two beside the words."""
    left, right = _padding(text)
    before, after = (left - 1) // 2, (right - 1) // 2
    return BAR * before + text[2 * before : len(text) - 2 * after] + BAR * after


def _marked(span: Span) -> Span:
    """A word in reverse between brackets, which take the place of its padding; only a word without any grows."""
    core = span.text.strip(" ")
    if not (span.style.reverse and core):
        return Span(span.text, _plain(span.style))
    left, right = _padding(span.text)
    if left + right == 1:  # "12x " in a column: its place counts for more
        return Span(span.text, _plain(span.style))
    size, brackets = (1, "[]") if left + right and min(left, right) < 2 else (2, "【】")
    spare = max(left + right - 2 * size, 0)
    before = min(max(left - size, 0), spare)
    text = " " * before + brackets[0] + core + brackets[1] + " " * (spare - before)
    return Span(text, _plain(span.style))


def _padding(text: str) -> tuple[int, int]:
    """Spaces before and behind the words of `text`."""
    return len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))


def _clean(line: tuple[Span, ...]) -> tuple[Span, ...]:
    return tuple(Span(rom_only(span.text), span.style) for span in line)


def _text(line: tuple[Span, ...] | Code) -> str:
    return line.text if isinstance(line, Code) else "".join(span.text for span in line)


def _plain(style: Style) -> Style:
    return style._replace(reverse=False)


def _trimmed(runs: list[Run]) -> list[Run]:
    while runs:
        last = Run(runs[-1].tags, runs[-1].text.rstrip(" "))
        runs = runs[:-1]
        if last.text:
            return [*runs, last]
    return runs
