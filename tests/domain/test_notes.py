"""A cook reads the dangerous part of a note first and whole, no word of it is lost, and the way to the door is no recipe."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as some

from app.domain.note_words import folded
from app.domain.notes import at_dishes, for_courier, names_allergy, triage, without_phones
from app.domain.tickets import Note, NoteKind
from tests.domain.note_table import NOTES

SIGNS = {NoteKind.ALLERGY: "!", NoteKind.CHANGE: "*", NoteKind.COURTESY: "."}
HANZI = "花生 坚果 腰果 虾 蟹 海鲜 牛奶 鸡蛋 小麦 芝麻 芒果 猕猴桃 荞麦 香菜 酒精 奇亚籽 羽扇豆 某某粉 E621 味精"
LATIN = "peanuts, tree nuts, shrimp, dairy, egg, sesame, lupin, buckwheat, quinoa, red dye 40, Erdnüsse, noix"
ALLERGENS = some.sampled_from([*HANZI.split(), *LATIN.split(", ")])
BETWEEN = some.sampled_from(
    ["，", "、", ",", ", ", "；", "; ", "\n", "。", ". ", "！", " and ", " ", "和", " / ", "\r\n", "?", ", no "]
)
SHAPES = some.sampled_from(
    [
        "对{}过敏",
        "對{}過敏",
        "我对{}都会过敏，麻烦注意",
        "过敏：{}",
        "過敏原：{}",
        "有人过敏。{}",
        "{}。孩子过敏！",
        "忌{}",
        "不能吃{}",
        "{}不耐受",
        "{}都不要放，会过敏的",
        "千万不要放{}",
        "对{}敏感",
        "Allergic to {}",
        "ALLERGY: {}",
        "Severe allergies!\n{}",
        "No {}. Life-threatening allergy.",
        "I can't eat {}",
        "{} allergy",
        "Allergies - {} - thank you",
        "Allergie: {}",
        "Alergia a {}",
        "Allergia: {}",
        "No allergies except {}",
        "Ｎｏ ａｌｌｅｒｇｙ ｂｕｔ {}",
    ]
)
TO_THE_DOOR = [
    "少年宫门口",
    "请去前台",
    "去三号门",
    "免接触配送",
    "不要打电话",
    "请勿敲门",
    "放門口",
    "麻烦送到5号楼2单元",
    "不用送上楼",
    "交给保安",
    "放在外卖柜",
    "别按门铃",
    "Leave at the door",
    "Please don't ring the bell",
    "no contact delivery",
    "No need to call",
    "call me when you arrive",
    "Drop it off at the reception",
    "Ne pas sonner",
    "bitte nicht klingeln",
    "no llamar al timbre",
    "non suonare",
]
HOSTILE = some.text(
    alphabet="\u202e\u202c\u200b\u2066\x00\x1b\x07\u0300\ufeff\ud800🥜过敏对花生，。. \nallergy nut free不要送到门口１１",
    max_size=80,
)


def letters(text: str) -> list[str]:
    """Everything of `text` that carries meaning, in no order."""
    return sorted(in_order(text))


def in_order(text: str) -> list[str]:
    """The same as it was written."""
    hidden = ("Cc", "Cf", "Zs", "Zl", "Zp")
    return [one for one in text if unicodedata.category(one) not in hidden and one not in "，,、،。.;；:：！!?？…"]


def loud(text: str) -> str:
    return " ".join(note.text for note in triage(text) if note.kind is NoteKind.ALLERGY)


@pytest.mark.parametrize(("text", "wanted"), NOTES)
def test_a_note_is_read_like_a_cook_reads(text: str, wanted: str) -> None:
    read = [SIGNS[note.kind] + note.text for note in triage(text)]

    assert "/".join(read) == wanted
    assert names_allergy(text) == names_allergy(f"-{text}") == names_allergy(f"+{text}") == wanted.startswith("!")
    for sign in ("", "+", "-"):
        assert bool(at_dishes([("Dish", [sign + text])])) == wanted.startswith("!")


def test_the_table_is_long_enough_to_be_worth_reading() -> None:
    assert len({text for text, _ in NOTES}) == len(NOTES) > 120
    assert {wanted[:1] for _, wanted in NOTES} == {"!", "*", ".", ""}


@given(some.lists(ALLERGENS, min_size=1, max_size=6), BETWEEN, SHAPES, some.sampled_from(TO_THE_DOOR), some.integers(0, 2))
@example(["花生", "海鲜"], "，", "对{}过敏", "放门口", 0)
@example(["nuts", "shrimp", "milk"], ", ", "Allergic to {}", "Leave at the door", 1)
def test_everything_named_in_a_list_of_allergens_is_inside_the_band(
    allergens: list[str], between: str, shape: str, way: str, place: int
) -> None:
    sentence = shape.format(between.join(allergens))
    text = (sentence, f"{way}。{sentence}", f"{sentence}。\n{way}")[place]
    band = loud(text)

    assert all(folded(one) in folded(band) for one in allergens), band
    assert letters("".join(note.text for note in triage(text))) == letters(text)


@given(SHAPES, some.sampled_from([str.upper, str.lower, str.title]), ALLERGENS)
def test_an_allergy_is_read_in_any_case_and_width(shape: str, case: object, allergen: str) -> None:
    text = case(shape.format(allergen))  # type: ignore[operator]  # one of three methods of str
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)

    assert names_allergy(text)
    assert names_allergy(wide)
    assert names_allergy("\u202e" + "\u200b".join(text))


@given(
    some.lists(some.sampled_from(TO_THE_DOOR), min_size=1, max_size=5),
    some.sampled_from(["，", "。", ", ", ". ", "\n", "；", "！"]),
)
def test_the_way_to_the_door_is_never_a_change_to_the_food(ways: list[str], between: str) -> None:
    notes = triage(between.join(ways))

    assert {note.kind for note in notes} == {NoteKind.COURTESY}
    assert for_courier(between.join(ways)) == notes


@given(some.sampled_from(TO_THE_DOOR), some.sampled_from(["不要香菜", "少辣", "no onions", "extra spicy"]), some.booleans())
def test_a_wish_beside_the_way_to_the_door_is_still_a_change(way: str, wish: str, first: bool) -> None:
    notes = triage(f"{wish} {way}" if first else f"{way} {wish}")

    assert NoteKind.CHANGE in {note.kind for note in notes}


@example("\xa0")
@given(some.text(alphabet="不要辣过敏谢葱，。;!\n.abc 门口", max_size=60) | HOSTILE | some.text(max_size=60))
def test_no_word_is_lost_or_invented(text: str) -> None:
    notes = triage(text)

    assert letters("".join(note.text for note in notes)) == letters(text)
    assert all(note.text == note.text.strip() and note.text for note in notes)
    kinds = [note.kind for note in notes]
    assert NoteKind.ALLERGY not in kinds[1:], "one band, and first"


@given(some.text(alphabet="不要辣葱香菜谢放，。;!\n.abc 门口", max_size=60))
def test_parts_of_a_note_without_an_allergy_keep_the_customers_order(text: str) -> None:
    notes = triage(text)

    assume(NoteKind.ALLERGY not in {note.kind for note in notes})
    assert in_order("".join(note.text for note in notes)) == in_order(text)


@pytest.mark.parametrize("note", ["不要打" + "我的" * 60, "放" + "我" * 4000, "放" + "请先" * 2000])
def test_a_note_is_read_in_no_more_time_than_its_length_deserves(note: str) -> None:
    """It is read where orders are stored: one that took 2**60 steps would be the last that this shop heard of."""
    assert letters("".join(part.text for part in triage(note))) == letters(note)


@pytest.mark.parametrize("piece", ["送", "无过敏，", "no ", "1 2", "去a号", "\u202e", "leave it ", "vertrag", "谢谢."])
def test_a_note_of_any_length_is_read_whole(piece: str) -> None:
    text = f"{piece * 2000} 对花生过敏"

    assert "花生过敏" in loud(text)
    assert letters("".join(note.text for note in triage(text))) == letters(text)


@pytest.mark.parametrize(
    ("text", "courier"),
    [
        ("我对花生过敏，请放门口", ["请放门口"]),
        ("Nut allergy, thanks. Leave at the door", ["Leave at the door"]),
        ("不要香菜，放前台", ["放前台"]),
        ("不要香菜放前台", ["不要香菜放前台"]),
        ("不要香菜", []),
        ("生日快乐", ["生日快乐"]),
        ("", []),
    ],
)
def test_a_courier_keeps_the_way_whatever_else_stands_in_its_sentence(text: str, courier: list[str]) -> None:
    assert for_courier(text) == tuple(Note(NoteKind.COURTESY, one) for one in courier)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("到了打13800001111", "到了打****1111"),
        ("call 138-0000-1111", "call ****1111"),
        ("+44 20 7946 0958, no nuts", "****0958, no nuts"),
        ("(555) 123-4567", "****4567"),
        ("06 12 34 56 78", "****5678"),
        ("１３８００００１１１１", "****１１１１"),
        ("138\u200b0000\u202e1111", "****1111"),
        ("一三八零零零零一一一一", "****一一一一"),
        ("186****1111 少放辣", "****1111 少放辣"),
        ("收餐人隐私号 18600001111_1234，手机号 186****1111 少放辣", "少放辣"),
        ("收餐人隐私号 18600001111_1234", ""),
        ("2026-11-22 12:30, room 1203, 2 x 10", "2026-11-22 12:30, room 1203, 2 x 10"),
        ("22-11-2026", "22-11-2026"),
        ("28.11.2026 19.30", "28.11.2026 19.30"),
        ("28/11/2026 1930", "28/11/2026 1930"),
        ("28.11.2026 13800001111", "28.11.2026 ****1111"),
        ("2026-11-28-13800001111", "2026-11-28-****1111"),
        ("ring 5555", "ring 5555"),
    ],
)
def test_a_phone_number_keeps_its_last_digits_only(text: str, masked: str) -> None:
    assert without_phones(text) == masked
    assert without_phones(masked) == masked


@given(
    SHAPES,
    some.lists(ALLERGENS, min_size=1, max_size=3),
    some.sampled_from(["13800001111", "+44 7700 900123", "186****1111"]),
)
def test_a_phone_number_neither_hides_an_allergy_nor_goes_with_it(shape: str, allergens: list[str], phone: str) -> None:
    text = without_phones(f"手机号 {phone} {shape.format('、'.join(allergens))} 电话{phone}")

    assert all(folded(one) in folded(loud(text)) for one in allergens)
    assert sum(one.isdigit() for one in text) <= 4 + sum(one.isdigit() for one in "".join(allergens))


def _kinds(notes: Iterable[Note]) -> set[NoteKind]:
    return {note.kind for note in notes}


def test_what_only_looks_like_an_allergy_stays_quiet() -> None:
    """Negative controls: words that begin, end or are spelt like one of a pattern."""
    for text in (
        "忌廉汤",
        "忌廉多一点",
        "等得不耐烦了",
        "time-sensitive",
        "free of charge",
        "archives office",
        "送医院",
        "请进医院大门",
        "医院门口会停车",
        "打电话没有反应",
        "请送到ICU门口",
        "进ICU楼右转",
        "肿瘤医院住院部",
        "急诊抢救室门口",
        "救护车停车场旁边",
        "等得要命",
        "ambulance station, side door",
        "that would be swell",
        "face the gate and close the door",
    ):
        assert NoteKind.ALLERGY not in _kinds(triage(text)), text


def test_ligatures_that_swell_are_not_unfolded_and_hide_no_allergy() -> None:
    """One character that stands for eighteen: 200,000 of them took half a minute in the one thread that writes."""
    note = "peanut allergy " + "\ufdfa" * 2000
    assert len(folded(note)) <= 2 * len(note)
    assert [one.kind for one in triage(note)] == [NoteKind.ALLERGY]
