"""The words staff read: English in the code, Chinese (and plurals) in resources/i18n/<language>.json.

Used everywhere a person reads something: screens, tickets, the command line. `N_` marks a text that is translated
later (data such as form labels). The catalogue is one JSON object: English text -> translation, or for plurals
-> {"one": ..., "other": ...} chosen by the value `n`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from app.config import resources

LANGUAGES = ("zh", "en")

_current = [""]  # until somebody chooses
_asked_in: ContextVar[str] = ContextVar("asked_in", default="")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name, known to every translation tool
    """Mark `text` for the catalogue without translating it now."""
    return text


def use(language: str) -> None:
    """Make `language` ("zh" or "en") the one `tr` answers in, for the whole program."""
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language}")
    _current[0] = language


def language() -> str:
    """The language `tr` answers in."""
    return chosen() or LANGUAGES[0]


def chosen() -> str:
    """The language that somebody chose here, "" where nobody did."""
    return _asked_in.get() or _current[0]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have `tr` answer in `language` here and in what is started here; "" is the whole program's own again.

    For whoever asks a running program in another language than its screen's.
    """
    before = _asked_in.set(language)
    try:
        yield
    finally:
        _asked_in.reset(before)


def tr(text: str, /, **values: Any) -> str:
    """`text` in the current language, with `{name}` places filled from `values`."""
    return say(language(), text, **values)


def say(language: str, text: str, /, **values: Any) -> str:
    """`text` in `language`: for paper, whose language is the kitchen's and not the screen's."""
    found = catalogue(language).get(text, text)
    if isinstance(found, dict):
        found = found["one" if values.get("n") == 1 else "other"]
    return found.format(**values) if values else found


@cache
def catalogue(language: str) -> dict[str, str | dict[str, str]]:
    """The translations of one language; empty when there is no file (English needs one for plurals only)."""
    path = resources() / "i18n" / f"{language}.json"
    if not path.exists():
        return {}
    loaded: dict[str, str | dict[str, str]] = json.loads(path.read_text("utf-8"))
    return loaded
