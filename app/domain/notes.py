"""Reads a customer's note the way a cook must: allergies first, changes to the food next, courtesies last."""

from __future__ import annotations

import re

from app.domain.tickets import Note, NoteKind

# A wrong alarm costs a glance, a missed one a hospital: "no allergies" is therefore lifted too.
_ALLERGY = re.compile(
    r"过敏|不耐受|千万|严禁|不能吃|忌口|吃不了|allerg|intoleran|anaphyla|c(o|oe)eliac|cœliaque|epipen", re.IGNORECASE
)
_CHANGE = re.compile(
    r"不要|不放|不加|别放|别加|免|少|多放|多加|多点|加辣|微辣|中辣|特辣|去|走葱|另放|分开|全熟|生熟"
    r"|\b(no|without|sans|extra|less|more|light|well done|rare|bien cuite?|on the side|à part|spicy|mild)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[，,。;；！!\n\r]+|\.(?=\s|$)")


def triage(text: str) -> tuple[Note, ...]:
    """Split a note into its parts, the dangerous ones first; "" gives no notes."""
    parts = [part.strip() for part in _PARTS.split(text)]
    notes = [Note(_kind(part), part) for part in parts if part]
    return tuple(sorted(notes, key=lambda note: list(NoteKind).index(note.kind)))


def _kind(part: str) -> NoteKind:
    if _ALLERGY.search(part):
        return NoteKind.ALLERGY
    return NoteKind.CHANGE if _CHANGE.search(part) else NoteKind.COURTESY
