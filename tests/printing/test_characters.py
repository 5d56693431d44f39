"""Text for the printer: what is dropped, what is kept, how wide it is, where it wraps."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.printing import characters, fonts
from app.printing.characters import cells, normalise, printable, rom, wrap

ANY = st.text(max_size=60) | st.text(
    "aé 饭，。（）·“”¥㐂𠮷😀🥜½ñ\u200d\u202e\ufe0f\x1bp\x00\x10\x04\n\t\u00a0\u3000", max_size=60
)

CODES = bytes(byte for high in range(0x81, 0xFF) for low in range(0x40, 0xFF) for byte in (high, low))
IN_ROM = "".join(map(chr, range(128))) + "".join(sorted(set(CODES.decode(characters.ROM, "ignore"))))


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("¥38", "￥38"),
        ("a\u00a0b", "a b"),
        ("no nuts\nplease", "no nuts please"),
        ("\x1bp\x00\x19\xfa", "p\N{LATIN SMALL LETTER U WITH ACUTE}"),
        ("abc\u202edef\u2069", "abcdef"),
        ("☺\ufe0f", "☺"),
        ("e\u0301", "é"),
        ("e\u200d\u0301", "é"),
        ("宫保鸡丁", "宫保鸡丁"),
        ("\ud800", "\ufffd"),
    ],
)
def test_normalise(said: str, printed: str) -> None:
    assert normalise(said) == printed


def test_the_short_way_for_text_in_the_rom_changes_no_character() -> None:
    assert len(IN_ROM) > 20_000
    assert [character for character in IN_ROM if normalise(character) != _the_long_way(character)] == []


@given(st.text(st.sampled_from(IN_ROM)) | ANY)
def test_the_short_way_for_text_in_the_rom_changes_no_text(text: str) -> None:
    assert normalise(text) == _the_long_way(text)


def _the_long_way(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(map(characters._clean, text)))


@given(ANY)
def test_normalise_is_idempotent_and_leaves_no_control(text: str) -> None:
    clean = normalise(text)
    assert normalise(clean) == clean
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in clean)


@given(ANY)
def test_what_is_sent_as_text_decodes_to_what_was_normalised(text: str) -> None:
    clean = normalise(text)
    code = rom(clean)
    if code is not None:
        assert code.decode("gb18030") == clean
        assert not any(byte < 0x20 or byte == 0x7F for byte in code)


def test_every_character_called_safe_takes_one_or_two_bytes_that_a_gb18030_printer_reads_the_same() -> None:
    safe = [chr(number) for number in range(0x20, 0x10000) if rom(chr(number)) is not None and number != 0x7F]
    assert len(safe) > 20_000
    assert all(character.encode("gb18030") == rom(character) and len(rom(character) or b"") <= 2 for character in safe)


@pytest.mark.parametrize(
    ("text", "width"), [("é", 2), ("·", 2), ("“”", 4), ("饭", 2), ("abc", 3), ("𠮷", 2), ("½", 1), ("😀", 2)]
)
def test_cells_are_those_of_the_printer_not_of_unicode(text: str, width: int) -> None:
    assert cells(text) == width


@given(ANY, st.integers(2, 48))
def test_wrapping_loses_nothing_but_spaces_and_no_row_is_too_wide(text: str, width: int) -> None:
    clean = printable(text)
    rows = wrap(clean, width)
    assert all(cells(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == clean.replace(" ", "")


def test_words_stay_whole_and_punctuation_never_starts_a_row() -> None:
    assert wrap("sweet chilli sauce", 12) == ("sweet chilli", "sauce")
    assert wrap("加饭加面，不辣", 8) == ("加饭加", "面，不辣")
    assert wrap("supercalifragilistic", 8) == ("supercal", "ifragili", "stic")


def test_what_nothing_can_draw_is_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "can_draw", lambda character: False)
    assert printable("过敏🥜") == "过敏[PEANUTS]"
    assert printable("𠮷") == "[U+20BB7]"
