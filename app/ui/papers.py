"""Papers, stations and printers in plain words: what each kind of paper is for, what a printer can do and cannot say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from app.domain.routing import Moment, Station
from app.domain.tickets import TicketKind
from app.engine.views import PrinterView
from app.texts import N_, tr
from app.ui import words
from app.ui.words import headed, plain

# Papers that a station can print; the others follow from them (changes, voids, urges) or from a button.
PURPOSES = {
    TicketKind.KITCHEN: N_("one ticket for what this station cooks"),
    TicketKind.DISH: N_("one slip a dish"),
    TicketKind.EXPEDITER: N_("the whole order for the pass"),
    TicketKind.PACKING: N_("goes on the bag, with boxes to tick"),
    TicketKind.COURIER: N_("the pickup code, large"),
    TicketKind.RECEIPT: N_("the only paper with prices"),
    TicketKind.LABEL: N_("one sticker a cup"),
}
TITLES = {kind: words.PAPERS[kind] for kind in PURPOSES}
MOMENTS = {
    Moment.ACCEPTED: N_("when the order is accepted"),
    Moment.READY: N_("when the order is ready"),
}
LANGUAGES = {"zh": "中文", "en": "English"}  # each in its own language
PAPERS = {
    "80": N_("80 mm paper"),
    "58": N_("58 mm paper"),
    "40x30": N_("labels 40 x 30 mm"),
    "50x30": N_("labels 50 x 30 mm"),
    "60x40": N_("labels 60 x 40 mm"),
}
ROLLS, LABELS = ("80", "58"), ("40x30", "50x30", "60x40")
LABEL_DIALECT = "tspl"
DIALECTS = {
    "escpos": N_("Receipt printer"),
    LABEL_DIALECT: N_("Label printer"),
}
_ACKNOWLEDGES = {
    "process_id": N_("confirms every ticket"),
    "status": N_("confirms tickets by its state"),
    "none": N_("cannot say whether a ticket came out"),
}
_PAPER_SENSOR = 4  # DLE EOT 4: paper near its end, and out


def papers_of(dialect: str) -> tuple[str, ...]:
    """What may be in a printer of this dialect."""
    return LABELS if dialect == LABEL_DIALECT else ROLLS


def kind_words(kind: TicketKind) -> str:
    """A kind of paper and what it is for."""
    return headed(tr(TITLES[kind]), tr(PURPOSES[kind]))


def paper_words(paper: str) -> str:
    """A paper by its usual name; one nobody knows by its own."""
    return tr(PAPERS[paper]) if paper in PAPERS else plain(paper)


def dialect_words(dialect: str) -> str:
    """What kind of printer speaks so."""
    return tr(DIALECTS[dialect]) if dialect in DIALECTS else plain(dialect)


def abilities(profile: Mapping[str, object], acknowledges: str = "") -> tuple[str, ...]:
    """What is known of a printer, the most important first; says so when nobody asked it yet."""
    level = str(profile.get("acknowledges") or acknowledges)
    if level not in _ACKNOWLEDGES:
        return (tr("not examined yet: it will be, as soon as it can be reached"),)
    return (tr(_ACKNOWLEDGES[level]), *_details(profile))


def _details(profile: Mapping[str, object]) -> Iterator[str]:
    answers = profile.get("answers")
    if isinstance(answers, Iterable) and _PAPER_SENSOR in answers:
        yield tr("tells when paper runs low or out")
    if profile.get("clears"):
        yield tr("drops an unfinished ticket when told to")
    if profile.get("rom") == "none":
        yield tr("Chinese is drawn")
    if profile.get("buzzer") == "none":
        yield tr("no beeper")
    if profile.get("cuts") is False:
        yield tr("does not cut")


def served(printer: PrinterView) -> str:
    """Which stations a printer works for."""
    return tr("prints for {stations}", stations=plain(printer.station)) if printer.station else tr("no station prints here")


def station_words(station: Station, printers: Mapping[int, str]) -> str:
    """Paper, printer, backup and the rest of a station on one line; `printers` are names by id."""
    parts = [
        tr(words.PAPERS[station.kind]),
        LANGUAGES.get(station.language, station.language),
        tr(MOMENTS[station.moment]),
    ]
    if station.default:
        parts.append(tr("default station"))
    if station.copies > 1:
        parts.append(tr("{n} copies", n=station.copies))
    if station.names:
        parts.append(tr("{n} dishes under another name", n=len(station.names)))
    return " · ".join([printer_words(station, printers), *parts])


def printer_words(station: Station, printers: Mapping[int, str]) -> str:
    """Where a station's paper comes out."""
    if station.printer_id is None:
        return tr("no printer")
    name = printers.get(station.printer_id, "?")
    if station.backup_id is None:
        return plain(name)
    return tr("{printer}, else {backup}", printer=plain(name), backup=plain(printers.get(station.backup_id, "?")))


def templates_of(kind: TicketKind, forms: Mapping[str, str]) -> list[tuple[str, str]]:
    """The templates a station with this paper may use, as (value, words): the usual one, then the shop's own."""
    own = [name for name, body in forms.items() if name != kind.value and _kind_of(body) == kind.value]
    return [("", tr("The usual form")), *((name, plain(name)) for name in sorted(own))]


def _kind_of(body: str) -> str:
    try:
        read = json.loads(body)
    except ValueError:
        return ""
    return str(read.get("kind", "")) if isinstance(read, dict) else ""
