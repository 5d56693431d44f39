"""Every word a person reads is in the catalogue, whole, and the catalogue holds nothing else."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from functools import cache

import pytest

from app.texts import catalogue
from tests.architecture.source import modules

# Function -> position of the English text among its arguments.
MARKERS = {"tr": 0, "N_": 0, "say": 1}


def marked(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """Line and text argument of every call of `tr`, `N_` and `say`; a method of such a name is something else."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS:
            place = MARKERS[node.func.id]
            if len(node.args) > place:
                yield node.lineno, node.args[place]


def literals(text: ast.expr) -> list[str]:
    """The texts an argument can be; none for a variable, whose value was marked where it was written."""
    if isinstance(text, ast.IfExp):
        return literals(text.body) + literals(text.orelse)
    return [text.value] if isinstance(text, ast.Constant) and isinstance(text.value, str) else []


def is_put_together(text: ast.expr) -> bool:
    """Whether the argument is an f-string, a sum, or formatted on the spot."""
    formatted = isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and text.func.attr in ("format", "join")
    return formatted or isinstance(text, ast.JoinedStr | ast.BinOp)


def places(text: str) -> set[str]:
    """Names of the `{places}` in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def forms(translation: str | dict[str, str]) -> list[str]:
    """The one translation, or its plural forms."""
    return list(translation.values()) if isinstance(translation, dict) else [translation]


def fits(text: str, translation: str | dict[str, str]) -> bool:
    """Whether every form has the places of `text`; a singular may leave out the number ("one order")."""
    if isinstance(translation, str):
        return places(translation) == places(text)
    one, other = (places(translation.get(form, "")) for form in ("one", "other"))
    return other == places(text) and one | {"n"} == other


@cache
def used() -> frozenset[str]:
    """Every text the program can ask for."""
    trees = [tree for name, tree in modules().items() if name.startswith("app/") and name != "app/texts.py"]
    return frozenset(each for tree in trees for _, text in marked(tree) for each in literals(text))


def test_the_program_speaks() -> None:
    assert len(used()) > 200


def test_a_text_is_not_put_together_before_it_is_looked_up() -> None:
    """An f-string never matches a catalogue; `tr("{n} orders", n=n)` does."""
    calls = [(name, *call) for name, tree in modules().items() if name.startswith("app/") for call in marked(tree)]
    assert [f"{name}:{line}" for name, line, text in calls if is_put_together(text)] == []


def test_every_text_is_translated() -> None:
    assert sorted(used() - catalogue("zh").keys()) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogue_holds_nothing_that_nobody_says(language: str) -> None:
    assert sorted(catalogue(language).keys() - used()) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_translation_fills_the_same_places(language: str) -> None:
    assert sorted(text for text, found in catalogue(language).items() if not fits(text, found)) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_plural_counts_something(language: str) -> None:
    plurals = {text: found for text, found in catalogue(language).items() if isinstance(found, dict)}
    assert all("n" in places(text) and set(found) == {"one", "other"} for text, found in plurals.items())


def test_chinese_is_written_in_chinese() -> None:
    """Only names and marks stay as they are."""
    plain = [
        text for text, found in catalogue("zh").items() if all(form.isascii() and form == text for form in forms(found))
    ]
    assert [text for text in plain if sum(letter.isalpha() for letter in text) > 12 and " " in text] == []
