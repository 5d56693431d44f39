"""Styled lines to the tags of cloud printers: what both vendors share. No tag can come from data, and no text is lost.

Neither vendor documents an escape, and whether they decode entities is not known. So `<`, `>` and `&` become their full
width forms, which every Chinese printer has. Neither has reverse type: a band that was white on black from edge to edge
gets bars of ■ where its padding was, shorter reverse text stands in 【 】.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from app.printing.characters import normalise
from app.printing.lines import Code, Line, Span, Style

BAR, OPEN, CLOSE = "■", "【", "】"
_WIDE = {"<": "＜", ">": "＞", "&": "＆", "@": "＠"}
_ENTITY = re.compile(r"&#?\w+;")


class Run(NamedTuple):
    """Text in one style; `tags` are the names of its tags from outside in, () for plain text."""

    tags: tuple[str, ...]
    text: str


def tagged(
    lines: Iterable[Line], tags_of: Callable[[Style], tuple[str, ...]], special: str = "<>&", longest_code: int = 1000
) -> list[list[Run]]:
    """Each line's runs, neighbours of equal tags joined; `special` characters made harmless. Spaces at a line's end go.

    The first QR code of at most `longest_code` bytes is a run tagged QR; any other is printed as text.
    """
    hostile = re.compile(f"[{re.escape(special)}] ?")
    rows, coded = [], False
    for line in lines:
        if isinstance(line, Code):
            if not coded and fits_code(line.text, longest_code):
                rows.append([Run(("QR",), line.text)])
                coded = True
                continue
            line = (Span(line.text),)
        runs = joined(Run(tags_of(span.style), _shown(normalise(span.text), span.style.reverse)) for span in line)
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


def _shown(text: str, reverse: bool) -> str:
    """`text`, or where it was reverse, `text` made loud by characters, as wide as before if it had padding."""
    core = text.strip(" ")
    if not reverse or not text:
        return text
    if not core:
        return BAR * (len(text) // 2) + " " * (len(text) % 2)
    left, right = text.index(core), len(text) - text.index(core) - len(core)
    if min(left, right) >= 3:
        before, after = (left - 1) // 2, (right - 1) // 2
        return BAR * before + " " * (left - 2 * before) + core + " " * (right - 2 * after) + BAR * after
    return " " * (left - 2) + OPEN + core + CLOSE + " " * (right - 2)


def _trimmed(runs: list[Run]) -> list[Run]:
    while runs:
        last = Run(runs[-1].tags, runs[-1].text.rstrip(" "))
        runs = runs[:-1]
        if last.text:
            return [*runs, last]
    return runs
