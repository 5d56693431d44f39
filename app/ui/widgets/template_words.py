"""Papers, blocks and their settings in the words of a kitchen, and what settings a block has, read from the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.domain.tickets import Mark, TicketKind
from app.printing import Template
from app.texts import N_, language, tr
from app.ui.papers import TITLES
from app.ui.words import plain

KINDS = {
    **TITLES,
    TicketKind.CHANGED: N_("Change slip"),
    TicketKind.VOID: N_("Void slip"),
    TicketKind.URGE: N_("Urge slip"),
    TicketKind.TOTALS: N_("Day totals"),
    TicketKind.TEST: N_("Test page"),
}
MARKS = {
    None: N_("Normal"),
    Mark.REPRINT: N_("Reprint"),
    Mark.POSSIBLE_DUPLICATE: N_("Possible duplicate"),
    Mark.VOID: N_("Void"),
    Mark.BACKUP: N_("From a backup printer"),
}
BLOCKS = {
    "call_number": N_("Call number"),
    "station": N_("Station and way out"),
    "due": N_("Due time"),
    "allergy": N_("Allergies"),
    "notes": N_("Customer's notes"),
    "dishes": N_("Dishes"),
    "totals": N_("Counts and cutlery"),
    "pickup_code": N_("Pickup code"),
    "customer": N_("Customer"),
    "address": N_("Address"),
    "courier": N_("Courier"),
    "payment": N_("Payment"),
    "reference": N_("Platform's order number"),
    "sums": N_("Amounts"),
    "origin": N_("Reason and earlier ticket"),
    "text": N_("Text"),
    "rule": N_("Line across"),
    "blank": N_("Empty lines"),
    "qr": N_("QR code"),
    "ruler": N_("Ruler"),
}
PLACES = {
    "call_number": N_("Call number"),
    "platform": N_("Platform"),
    "ticket_id": N_("Ticket number"),
    "station": N_("Station"),
    "also_at": N_("Other stations"),
    "fulfilment": N_("Delivery or pickup"),
    "date": N_("Date"),
    "time": N_("Time"),
    "due": N_("Due time"),
    "pickup_code": N_("Pickup code"),
    "items_total": N_("Number of dishes"),
    "station_total": N_("Number of dishes here"),
    "sheet": N_("Number of this paper"),
    "sheets": N_("Number of papers"),
    "bags": N_("Number of bags"),
    "shop": N_("Shop"),
    "reference": N_("Platform's order number"),
    "customer": N_("Customer"),
    "phone": N_("Phone"),
    "address": N_("Address"),
    "courier": N_("Courier"),
    "payment": N_("Payment"),
    "reason": N_("Reason"),
    "original_id": N_("Earlier ticket"),
    "was_printed": N_("Time of the earlier ticket"),
}
_VALUES = {
    **PLACES,
    "small": N_("small"),
    "tall": N_("tall"),
    "big": N_("big"),
    "huge": N_("huge"),
    "left": N_("left"),
    "center": N_("in the middle"),
    "right": N_("right"),
    "change": N_("changes to the food"),
    "courtesy": N_("courtesies"),
    "due_at": N_("Due time"),
    "scheduled": N_("Ordered for later"),
    "notes": N_("Customer's notes"),
    "tableware": N_("Cutlery"),
    "was_printed_at": N_("Time of the earlier ticket"),
    "sums": N_("Amounts"),
    "scan": N_("Code to scan at hand-over"),
}
_TITLES = {"zh": N_("Title in Chinese"), "en": N_("Title in English")}
_CONDITION = "only_if"
_UNSAID = frozenset({"left"})  # what everybody takes for granted


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be chosen: `kind` is "switch", "choice", "several", "number" or "text".

    `usual` is what holds when nothing is written; `choices` are values, None among them where there may be none.
    """

    name: str
    title: str
    help: str
    kind: str
    usual: Any
    choices: tuple[Any, ...] = ()
    required: bool = False


def kind_words(kind: str) -> str:
    """A paper's name; a kind that a later release added has at least its own."""
    found = {str(known): words for known, words in KINDS.items()}.get(kind)
    return tr(found) if found else plain(kind)


def block_words(kind: str) -> str:
    """A block's name."""
    return tr(BLOCKS[kind]) if kind in BLOCKS else plain(kind.replace("_", " "))


def value_words(value: Any) -> str:
    """A choice."""
    if value is None:
        return tr("Always")
    return tr(_VALUES[value]) if value in _VALUES else plain(str(value))


def in_words(block: Mapping[str, Any]) -> str:
    """The block as one would tell it: "Call number, huge, bold"."""
    kind = str(block.get("type", ""))
    settings = block_settings(kind)
    said = [_said(setting, block.get(setting.name, setting.usual)) for setting in settings]
    comma = "，" if language() == "zh" else ", "
    return comma.join([block_words(kind), *filter(None, said)])


def block_kinds() -> tuple[str, ...]:
    """Every type of block, as it comes on paper."""
    order = list(BLOCKS)
    return tuple(sorted(_definitions(), key=lambda kind: order.index(kind) if kind in order else len(order)))


def fresh_block(kind: str) -> dict[str, Any]:
    """A new block of a type, with what it must have."""
    return {"type": kind} | {each.name: each.usual for each in block_settings(kind) if each.required}


@cache
def block_settings(kind: str) -> tuple[Setting, ...]:
    """What can be chosen for a block, words first and the condition last; nothing for a type that does not exist."""
    known = _definitions().get(kind, {})
    required = known.get("required", [])
    found = [_setting(name, each, name in required) for name, each in known.get("properties", {}).items() if name != "type"]
    return tuple(sorted(found, key=lambda each: (each.name == _CONDITION, each.kind != "text")))


@cache
def head_settings() -> tuple[Setting, ...]:
    """What can be chosen for the whole paper, beside its name and kind: its title in each language, its beeps."""
    schema = Template.model_json_schema()
    words = schema["$defs"]["Words"]["properties"]
    titles = [_setting(name, each | {"title": _TITLES[name]}, True) for name, each in words.items()]
    others = [_setting(name, each, False) for name, each in schema["properties"].items() if each.get("type") == "integer"]
    return (*titles, *others)


@cache
def _definitions() -> dict[str, dict[str, Any]]:
    """Type of block -> its part of the schema."""
    schema = Template.model_json_schema()
    mapping = schema["properties"]["blocks"]["items"]["discriminator"]["mapping"]
    return {kind: schema["$defs"][place.rpartition("/")[2]] for kind, place in mapping.items()}


def _setting(name: str, known: Mapping[str, Any], required: bool) -> Setting:
    kind, choices = _kind_of(known)
    usual = known.get("default", "" if kind == "text" else next(iter(choices), None))
    usual = tuple(usual) if isinstance(usual, list) else usual
    return Setting(name, known.get("title", name), known.get("description", ""), kind, usual, choices, required)


def _kind_of(known: Mapping[str, Any]) -> tuple[str, tuple[Any, ...]]:
    if "anyOf" in known:  # something or nothing
        kind, choices = next(_kind_of(each) for each in known["anyOf"] if each.get("type") != "null")
        return kind, (None, *choices)
    if "enum" in known:
        return "choice", tuple(known["enum"])
    match known.get("type"):
        case "boolean":
            return "switch", ()
        case "integer":
            return "number", tuple(range(known["minimum"], known["maximum"] + 1))
        case "array":
            return "several", tuple(known["items"]["enum"])
    return "text", ()


def _said(setting: Setting, value: Any) -> str:
    """What of a block's settings is worth saying in its row."""
    match setting.kind:
        case "switch":
            return tr(setting.title).lower() if value is True else ""
        case "text":
            return f"“{plain(str(value))}”" if value and setting.name == language() else ""
        case "several":
            return "" if value in (setting.usual, list(setting.usual)) else " ".join(map(value_words, value))
        case "choice" if setting.name == _CONDITION:
            return tr("only with: {what}", what=value_words(value)) if value else ""
        case "number":
            return "" if value == setting.usual else f"{tr(setting.title)} {value_words(value)}"
    return "" if value in _UNSAID else value_words(value)
