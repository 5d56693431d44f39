"""Reads a customer's note the way a cook must: allergies first and whole, then what else is asked, as it was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from app.domain.note_words import (
    ALLERGY,
    CHANGE,
    CONTRAST,
    COURTESY,
    DELIVERY,
    EMPTY,
    FOOD,
    GOES_ON,
    GRAVE,
    NO_ALLERGY,
    folded,
)
from app.domain.tickets import Note, NoteKind
from app.texts import LANGUAGES, say

_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SPACE = re.compile(r"[^\S\n]")
# A full stop ends a sentence, the one of "No. 5" and "Apt. 3" does not.
_SENTENCE = re.compile(
    r"(?:[。！!？?；;…\n]|(?<!\bno)(?<!\bnr)(?<!\bst)(?<!\bapt)(?<!\bmr)(?<!\bmrs)(?<!\bdr)\.(?=\s|$))+", re.IGNORECASE
)
_CLAUSE = re.compile(r"[，,،]+")
_EDGES = " \t\n，,،。.;；！!?？、…"
_ENDS = "。.！!？?；;：:，,、…"
_PHONE = re.compile(
    r"""(?P<day>(?<!\d)
        (?:\d\d?[-./]\d\d?[-./](?:19|20)\d\d | (?:19|20)\d\d[-./]\d\d?[-./]\d\d?) (?!\d)
        (?:[ T,]{1,2}\d\d?[.:]?\d\d(?!\d))?)                      # and its time
    | (?<![\d*＊]) (?:
        \+?\d{7,}
      | \d{3}[*＊]{2,}\d{3,4}                                # starred by a platform
      | (?:(?:\+\d{1,3}|00\d{2}|1)[\ .-]?)? \(?\d{2,8}\)? (?:[\ .－-]\(?\d{2,8}\)?){1,4}
      | [零〇一二三四五六七八九幺两]{7,}
    )(?!\d)""",
    re.VERBOSE,
)
# What platforms write into notes beside the customer's words.
_LENT = re.compile(
    r"(?:(?:收[餐货]人|顾客|客户|预留)?(?:隐私号码?|虚拟号码?|手机号码?)|备用隐私号)[:： ]*"
    r"(?:[+\d*＊][\d*＊ -]{5,}\d)(?:[_,#转]+\d{1,6})?[，,;；、 ]*"
)
FEWEST_DIGITS = 7


@lru_cache(1024)
def triage(text: str) -> tuple[Note, ...]:
    """A note in its parts, the dangerous one first, the others in the customer's order; "" gives no notes.

    Once anything in it is an allergy, all of it is one part, in its order; only sentences that speak of nothing but the
    delivery stay outside. A band that names half of a list is worse than none: the cook believes that it is complete.
    """
    own, asked = _apart(text)
    notes = _triaged(asked)
    loud = sum(note.kind is NoteKind.ALLERGY for note in notes)
    return (*notes[:loud], *(Note(NoteKind.CHANGE, one) for one in own), *notes[loud:])


def _triaged(text: str) -> tuple[Note, ...]:
    sentences = _sentences(text)
    if not _alarms(text, sentences):
        return tuple(note for sentence in sentences for note in _parts(sentence))
    quiet = [Note(NoteKind.COURTESY, _trimmed(one)) for one in sentences if _is_harmless(one)]
    return (Note(NoteKind.ALLERGY, _joined(one for one in sentences if not _is_harmless(one))), *quiet)


def _apart(text: str) -> tuple[list[str], str]:
    """The line that an order with an unread time begins with, which is the console's own, and the customer's words.

    One that speaks of a food is left among them: what an allergy beside it means is for nobody to tear apart.
    """
    first, _, asked = _bare(text).partition("\n")
    is_own = first.startswith(_wanted()) and not FOOD.search(folded(first)) and not _alarms(first, _sentences(first))
    return ([_trimmed(first)], asked) if is_own else ([], text)


@cache
def _wanted() -> tuple[str, ...]:
    """How that line begins; it was written in the language of that day."""
    return tuple(say(language, "Wanted: {text}", text="") for language in LANGUAGES)


def names_allergy(text: str) -> bool:
    """Whether any part of `text` must be read as an allergy; the sign before an option says nothing of it."""
    return _names_allergy(text.lstrip("+-"))


@lru_cache(1024)
def _names_allergy(text: str) -> bool:
    _, asked = _apart(text)
    return _alarms(asked, _sentences(asked))


def at_dishes(dishes: Iterable[tuple[str, Iterable[str]]]) -> tuple[Note, ...]:
    """The allergies written at dishes, each once with its dishes' names; `dishes`: name, what was written or chosen."""
    found: dict[str, dict[str, None]] = {}
    for name, texts in dishes:
        loud = filter(names_allergy, texts)
        for note in (note for text in loud for note in triage(text) if note.kind is NoteKind.ALLERGY):
            found.setdefault(note.text, {})[name] = None
    named = ((", ".join(filter(None, names)), text) for text, names in found.items())
    return tuple(Note(NoteKind.ALLERGY, f"{names}: {text}" if names else text) for names, text in named)


def for_courier(text: str) -> tuple[Note, ...]:
    """The parts that a courier acts on, even out of a sentence that is a cook's too."""
    own, asked = _apart(text)
    sentences = _sentences(asked)
    if not _alarms(asked, sentences):
        quiet = [note.text for sentence in sentences for note in _parts(sentence) if _is_theirs(note)]
    else:
        clauses = (clause for sentence in sentences for clause in _clauses(sentence))
        quiet = [clause for clause in clauses if DELIVERY.search(folded(clause))]
    return tuple(Note(NoteKind.COURTESY, part) for part in (*own, *quiet))


def without_phones(text: str) -> str:
    """`text` with each phone number masked to its last four digits; what a platform says of lent numbers goes entirely."""
    return _PHONE.sub(_masked, _LENT.sub("", _bare(text)))


def _masked(found: re.Match[str]) -> str:
    if found["day"]:
        return found[0]
    digits = [one for one in found[0] if one.isdecimal() or one.isalpha()]
    starred = "*" in found[0] or "＊" in found[0]
    return f"****{''.join(digits[-4:])}" if starred or len(digits) >= FEWEST_DIGITS else found[0]


def _bare(text: str) -> str:
    """Without controls and format characters, which hide words and numbers; line breaks as newlines, one kind of space."""
    if text.isprintable():
        return text
    lines = _SPACE.sub(" ", _BREAK.sub("\n", text))
    return "".join(one for one in lines if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf"))


def _sentences(text: str) -> list[str]:
    """With the marks that end them, so that they can stand one after the other again."""
    bare, found, start = _bare(text), [], 0
    for mark in _SENTENCE.finditer(bare):
        found.append(bare[start : mark.end()])
        start = mark.end()
    return [one for one in (*found, bare[start:]) if one.strip(_EDGES)]


def _clauses(sentence: str) -> list[str]:
    return [part for part in map(_trimmed, _CLAUSE.split(sentence)) if part]


def _trimmed(text: str) -> str:
    return text.strip(_EDGES)


def _joined(sentences: Iterable[str]) -> str:
    """One after the other, each ended by a mark; line breaks become one."""
    return _trimmed("".join(map(_ended, sentences)))


def _ended(sentence: str) -> str:
    part = " ".join(sentence.split())
    wide = not part[-1].isascii()
    if part[-1] not in _ENDS:
        part += "；" if wide else ";"
    return part if wide else f"{part} "


def _alarms(text: str, sentences: list[str]) -> bool:
    whole = folded(_bare(text))
    if not _is_allergy(whole) and not any(_is_allergy(clause) for one in sentences for clause in _folded_clauses(one)):
        return False
    lines = ";".join(map(folded, sentences))
    rest, denials = NO_ALLERGY.subn("", lines)
    return not denials or bool(CONTRAST.search(rest)) or not all(map(_is_clear, _CLAUSE.split(rest.replace(";", ","))))


def _is_clear(clause: str) -> bool:
    """Whether beside "no allergies" a clause can be nothing but a wish or a courtesy."""
    known = any(words.search(clause) for words in (DELIVERY, COURTESY, CHANGE))
    return not _trimmed(clause) or (known and not _is_allergy(clause))


def _folded_clauses(sentence: str) -> list[str]:
    return [folded(clause) for clause in _clauses(sentence)]


@lru_cache(256)
def _is_allergy(clause: str) -> bool:
    return bool(ALLERGY.search(clause)) or bool(GRAVE.search(DELIVERY.sub(" ", clause)))


def _is_harmless(sentence: str) -> bool:
    """Whether every clause of it is known, and has to do with the way to the door or with manners only."""
    return not _is_allergy(folded(sentence)) and all(map(_is_quiet, _folded_clauses(sentence)))


def _is_quiet(clause: str) -> bool:
    """Nothing is left of it that might be the name of a food."""
    rest = DELIVERY.sub(" ", clause)
    return not (_is_allergy(clause) or CHANGE.search(rest) or FOOD.search(rest)) and not EMPTY.sub(
        "", COURTESY.sub(" ", rest)
    )


def _parts(sentence: str) -> list[Note]:
    """Clauses of a sentence without an allergy; the further things of a list stay with the change that began it."""
    notes: list[Note] = []
    for clause in _clauses(sentence):
        plain = folded(clause)
        rest = DELIVERY.sub(" ", plain)
        goes_on = rest == plain and (FOOD.search(plain) or GOES_ON.search(plain)) and not COURTESY.search(plain)
        if NO_ALLERGY.search(plain):
            notes.append(Note(NoteKind.COURTESY, clause))
        elif CHANGE.search(rest):
            notes.append(Note(NoteKind.CHANGE, clause))
        elif goes_on and notes and notes[-1].kind is NoteKind.CHANGE:
            notes[-1] = Note(NoteKind.CHANGE, f"{notes[-1].text}{_comma(clause)}{clause}")
        else:
            notes.append(Note(NoteKind.COURTESY, clause))
    return notes


def _comma(clause: str) -> str:
    return ", " if clause[0].isascii() else "，"


def _is_theirs(note: Note) -> bool:
    return note.kind is NoteKind.COURTESY or bool(DELIVERY.search(folded(note.text)))
