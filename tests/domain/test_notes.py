"""A cook reads the dangerous part of a note first, and no word of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.notes import triage
from app.domain.tickets import NoteKind


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("谢谢，不要香菜，我对花生过敏", ["allergy", "change", "courtesy"]),
        ("Thanks! No onions. I have a nut allergy", ["allergy", "change", "courtesy"]),
        ("少辣；放门口", ["change", "courtesy"]),
        ("no allergies", ["allergy"]),  # lifted on purpose: a wrong alarm costs a glance
        ("COELIAC", ["allergy"]),
        ("sans gluten, bien cuit", ["change", "change"]),
        ("Noodles for lunch", ["courtesy"]),  # "no" is a word, not a syllable
        ("", []),
        (" ，。\n ", []),
    ],
)
def test_a_note_is_read_like_a_cook_reads(text: str, kinds: list[str]) -> None:
    assert [note.kind.value for note in triage(text)] == kinds


@given(some.text(alphabet="不要辣过敏谢 ，。;!\n.abc", max_size=60))
def test_no_word_is_lost_or_invented(text: str) -> None:
    separators = str.maketrans("", "", " ，,。;；！!\n\r.")
    notes = triage(text)

    assert sorted("".join(note.text for note in notes).translate(separators)) == sorted(text.translate(separators))
    assert all(note.text == note.text.strip() and note.text for note in notes)
    ranks = [list(NoteKind).index(note.kind) for note in notes]
    assert ranks == sorted(ranks)
