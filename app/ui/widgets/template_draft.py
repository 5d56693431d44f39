"""A template while somebody writes it: its text, what is wrong with it and where, and every step there and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from app.printing import Template, TemplateError, read_template
from app.texts import N_, tr

_LONGEST_RUN = 20  # keystrokes that one undo takes back
_MOST_STEPS = 500
_BLOCKS = re.compile(r'"blocks"\s*:\s*\[')
_MISTAKES = {
    "Expecting ',' delimiter": N_("a comma is missing before this place"),
    "Expecting ':' delimiter": N_("a colon is missing here"),
    "Expecting property name enclosed in double quotes": N_("a name in double quotes is missing, or a comma is too many"),
    "Illegal trailing comma before end of object": N_("a name in double quotes is missing, or a comma is too many"),
    "Illegal trailing comma before end of array": N_("a comma is too many"),
    "Expecting value": N_("a value is missing here"),
    "Unterminated string starting at": N_("a quotation mark is not closed"),
    "Invalid control character at": N_("a line break stands inside quotation marks"),
    "Extra data": N_("something stands after the end"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is no template, for staff, and in which line (from 1)."""

    words: str
    line: int

    def __str__(self) -> str:
        return tr("Line {line}: {words}", line=self.line, words=self.words)


class Version:
    """One state of the text; what it means is found out once."""

    def __init__(self, text: str, run: str = "") -> None:
        self.text, self.run, self.strokes = text, run, 1

    @cached_property
    def body(self) -> dict[str, Any] | None:
        """The JSON object, whether or not it is a template; None when the text is no such thing."""
        try:
            body = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) and _are_blocks(body.get("blocks")) else None

    @cached_property
    def template(self) -> Template | Problem:
        """What the text says, or what is wrong with it."""
        try:
            json.loads(self.text)
            return read_template(self.text)
        except json.JSONDecodeError as error:
            return Problem(tr(_MISTAKES.get(error.msg, error.msg)), error.lineno)
        except TemplateError as error:
            return Problem(str(error), _line(self.text, error))
        except (ValueError, RecursionError) as error:  # half a surrogate pair, a thousand brackets
            return Problem(str(error), 1)


class Draft:
    """The versions of one template since it was opened. `name` is what it is stored under; `stored` what is, "" nothing."""

    def __init__(self, name: str, kind: str, text: str, stored: str | None = None) -> None:
        self.name, self.kind = name, kind
        self._versions = [Version(text)]
        self._at = 0
        self._stored = Version(text if stored is None else stored)

    @property
    def now(self) -> Version:
        """The version on screen."""
        return self._versions[self._at]

    @property
    def template(self) -> Template | Problem:
        """What is on screen, or why it cannot be stored under this name."""
        found = self.now.template
        if isinstance(found, Problem) or (found.name, found.kind) == (self.name, self.kind):
            return found
        key = "name" if found.name != self.name else "kind"
        words = tr("name and kind stay {name}, {kind}; make a copy to have another", name=self.name, kind=self.kind)
        return Problem(words, self.now.text.count("\n", 0, max(self.now.text.find(f'"{key}"'), 0)) + 1)

    @property
    def changed(self) -> bool:
        """Whether it says something else than what is stored."""
        if self.now.text == self._stored.text:
            return False
        problem = isinstance(self.now.template, Problem)
        return problem or self.now.template != self._stored.template

    @property
    def may_undo(self) -> bool:
        """Whether there is a step back."""
        return self._at > 0

    @property
    def may_redo(self) -> bool:
        """Whether there is a step forth."""
        return self._at + 1 < len(self._versions)

    def undo(self) -> None:
        """One step back, if there is one."""
        self._at = max(0, self._at - 1)

    def redo(self) -> None:
        """One step forth, if there is one."""
        self._at = min(len(self._versions) - 1, self._at + 1)

    def keep(self, body: str) -> None:
        """`body` is what is stored now; "" where that is the program's own."""
        self._stored = Version(body or self.now.text)

    def lose(self) -> None:
        """Nothing of it is stored any more."""
        self._stored = Version("")

    def write(self, text: str, run: str = "") -> None:
        """A new version. Strokes of the same `run` (typing in one field) are taken back together."""
        now = self.now
        if text == now.text:
            return
        version = Version(text, run)
        del self._versions[self._at + 1 :]
        if run and run == now.run and now.strokes < _LONGEST_RUN and self._at:
            version.strokes = now.strokes + 1
            self._versions.pop()
        self._versions = [*self._versions, version][-_MOST_STEPS:]
        self._at = len(self._versions) - 1

    # by blocks

    @property
    def title(self) -> dict[str, Any]:
        """The title in each language, {} while the text cannot be read."""
        found = (self.now.body or {}).get("title")
        return dict(found) if isinstance(found, dict) else {}

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks as they are written, [] while the text cannot be read."""
        return list(self.now.body["blocks"]) if self.now.body else []

    def set_values(self, number: int, values: Mapping[str, Any], run: str = "") -> None:
        """Change keys of a block; None takes a key out."""
        blocks = self.blocks
        blocks[number] = _merged(blocks[number], values)
        self._write_body({"blocks": blocks}, run)

    def set_head(self, values: Mapping[str, Any], run: str = "") -> None:
        """Change keys beside the blocks; None takes a key out."""
        self._write_body(values, run)

    def insert(self, number: int, block: Mapping[str, Any]) -> None:
        """Put a block before the one that is `number` now."""
        blocks = self.blocks
        self._write_body({"blocks": [*blocks[:number], dict(block), *blocks[number:]]})

    def remove(self, number: int) -> None:
        """Take a block out."""
        blocks = self.blocks
        self._write_body({"blocks": blocks[:number] + blocks[number + 1 :]})

    def move(self, number: int, to: int) -> None:
        """Put a block where it is `to` afterwards."""
        blocks = self.blocks
        moved = blocks.pop(number)
        self._write_body({"blocks": [*blocks[:to], moved, *blocks[to:]]})

    def _write_body(self, values: Mapping[str, Any], run: str = "") -> None:
        if self.now.body is not None:
            self.write(written(_merged(self.now.body, values)), run)


def written(body: Mapping[str, Any]) -> str:
    """A template's JSON as it is stored."""
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def _merged(known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**known, **values}.items() if value is not None}


def _are_blocks(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(each, dict) for each in found)


def _line(text: str, error: TemplateError) -> int:
    """Where the first mistake stands."""
    cause = error.__cause__
    place = cause.errors()[0]["loc"] if isinstance(cause, ValidationError) else ()
    start, end = 0, len(text)
    if place[:1] == ("blocks",) and len(place) > 1:
        start, end = _span(text, int(place[1]))
        place = place[2:]
    names = [f'"{name}"' for name in place if isinstance(name, str)]
    found = next((at for name in reversed(names) if (at := text.find(name, start, end)) >= 0), start)
    return text.count("\n", 0, found) + 1


def _span(text: str, number: int) -> tuple[int, int]:
    """Where block `number` begins and ends in a text that is JSON."""
    head = _BLOCKS.search(text)
    end = head.end() if head else 0
    start = end
    for _ in range(number + 1):
        start = end + len(text[end:]) - len(text[end:].lstrip(" \t\r\n,"))
        _, end = json.JSONDecoder().raw_decode(text, start)
    return start, end
