"""The console's own line about the wanted time: never part of an allergy's band, and never in front of one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.notes import for_courier, triage
from app.domain.tickets import Note, NoteKind
from app.texts import LANGUAGES, say

TIMES = [
    "2026-11-22 half past ten",
    "Samstag 28.11. gegen halb acht",
    "2026-11-28",
    "Slot 4; evening, late",
    "周六晚上七点半左右",
]


def line(language: str, words: str) -> str:
    return say(language, "Wanted: {text}", text=words)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", TIMES)
@pytest.mark.parametrize("allergy", ["Nut allergy", "花生过敏"])
def test_the_band_names_the_allergy_alone(language: str, words: str, allergy: str) -> None:
    own = line(language, words)
    assert triage(f"{own}\n{allergy}") == (Note(NoteKind.ALLERGY, allergy), Note(NoteKind.CHANGE, own))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", TIMES)
def test_it_is_one_note_of_its_own_before_what_the_customer_asks(language: str, words: str) -> None:
    own = line(language, words)
    assert triage(own) == (Note(NoteKind.CHANGE, own),)
    assert triage(f"{own}\nno onions") == (Note(NoteKind.CHANGE, own), Note(NoteKind.CHANGE, "no onions"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", ["28.11. - nut allergy!", "evening, no peanuts", "周六，花生过敏", "Sat; sesame and milk"])
def test_a_food_or_an_allergy_in_the_wanted_words_is_read_with_the_rest(language: str, words: str) -> None:
    (first, *_) = triage(f"{line(language, words)}\nI am allergic")
    assert first.kind is NoteKind.ALLERGY
    assert words in first.text


@given(st.sampled_from(LANGUAGES), st.sampled_from(TIMES), st.text(max_size=60))
def test_what_the_customer_asks_reads_as_without_it(language: str, words: str, asked: str) -> None:
    own = Note(NoteKind.CHANGE, line(language, words))
    found = triage(f"{own.text}\n{asked}")

    assert own in found
    assert [note for note in found if note is not own and note != own] == list(triage(asked))


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_first_line_is_the_consoles(language: str) -> None:
    (only,) = triage(f"no nuts\n{line(language, 'marzipan')}\nallergic")
    assert only.kind is NoteKind.ALLERGY
    assert "marzipan" in only.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_courier_reads_it_too(language: str) -> None:
    own = line(language, "2026-11-22 half past ten")
    assert for_courier(f"{own}\nNut allergy, ring the bell") == (
        Note(NoteKind.COURTESY, own),
        Note(NoteKind.COURTESY, "ring the bell"),
    )
