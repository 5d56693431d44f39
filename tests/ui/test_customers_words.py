"""What a customer wrote is read whole on card and detail: an allergy of any length, emoji without a font, line breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtWidgets import QLabel

from app.domain.notes import triage
from app.domain.tickets import Note, NoteKind
from app.engine.views import Card
from app.printing import characters, fonts
from app.ui.theme import Theme
from app.ui.widgets.detail_parts import dishes, particulars
from app.ui.widgets.face import draw
from app.ui.widgets.head import Clock
from app.ui.widgets.panel import Panel
from app.ui.widgets.pen import Pen
from app.ui.words import plain, spelt
from tests.ui.fake_cards import NOON, card
from tests.ui.fake_details import detail

THEME = Theme.load("light")
LONG = "Allergic to " + ", ".join(f"nut of kind {n}" for n in range(200))


class Read(Pen):
    """What stands on a card, as far as it is not cut off."""

    def __init__(self, theme: Theme, width: float) -> None:
        super().__init__(theme, 0, 0, width)
        self.read: list[str] = []

    def _write(
        self, text: str, face: QFont, box: QRectF, ink: QColor, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter
    ) -> None:
        self.read.append(QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, box.width()))


@pytest.fixture(params=["without an emoji font", "with one"])
def drawable(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    has: bool = request.param == "with one"
    monkeypatch.setattr(fonts, "can_draw", lambda _character: has)
    return has


def on_card(theme: Theme, noted: Card, width: float = 300) -> str:
    pen = Read(theme, width)
    draw(pen, noted, Clock.at(None, NOON.timestamp()))
    return " ".join(pen.read)


def rows(panel: Panel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel))


@pytest.mark.parametrize("width", [180, 300, 520])
@pytest.mark.parametrize("text", [LONG, "对花生过敏，" + "、".join(["腰果核桃"] * 200)])
def test_the_band_grows_until_an_allergy_is_whole(qapp: object, width: float, text: str) -> None:
    said = on_card(THEME, card(1, notes=(Note(NoteKind.ALLERGY, text),)), width)

    assert "".join(text.split()) in "".join(said.split())


def test_what_the_screen_cannot_draw_is_spelt_as_on_paper(qapp: object, drawable: bool) -> None:
    wanted = "🥜🚫" if drawable else "[PEANUTS][NO ENTRY SIGN]"
    one = card(1, notes=triage("🥜🚫"))
    opened = detail(one)
    facts = replace(opened.facts, note="🥜🚫", lines=(replace(opened.facts.lines[0], note="🥜🚫"),))
    opened = replace(opened, facts=facts)

    assert spelt("🥜🚫") == characters.printable("🥜🚫") == wanted
    assert wanted in on_card(THEME, one)
    for panel in (particulars(THEME, opened, NOON), dishes(THEME, opened)):
        assert wanted in rows(panel)
        assert ("🥜" in rows(panel)) is drawable
        panel.deleteLater()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028"])
def test_a_note_keeps_its_lines_in_the_detail(qapp: object, end: str) -> None:
    opened = detail(card(1))
    opened = replace(opened, facts=replace(opened.facts, note=f"no onions{end}{end}ring\x00 twice{end}"))
    panel = particulars(THEME, opened, NOON)

    assert "no onions\nring twice" in rows(panel)
    panel.deleteLater()


@pytest.mark.parametrize("shown", [plain, lambda text: plain(spelt(text))])
def test_everywhere_else_a_text_stays_on_one_line(shown: Callable[[str], str]) -> None:
    assert shown("a\nb\u2028c\td") == "a b c d"
