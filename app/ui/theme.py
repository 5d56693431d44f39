"""Colours, fonts and the palette of the screen: tokens in resources/themes/<name>.json, the same names in both themes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from app.config import resources

THEMES = ("light", "dark")

# The first of these that is installed and knows the character draws it; Latin text comes from the same face.
FAMILIES = ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", "sans-serif"]

# Okabe and Ito's colours, told apart by every kind of colour vision; a line style or marker goes with each.
CHART_COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999")

BODY_PX = 15


@dataclass(frozen=True)
class Theme:
    """One look. `tokens` maps a token ("late", "on_late", "surface" ...) to "#rrggbb"."""

    name: str
    tokens: Mapping[str, str]

    @classmethod
    def load(cls, name: str) -> Theme:
        """The theme "light" or "dark"; any other name means light."""
        known = name if name in THEMES else "light"
        path = resources() / "themes" / f"{known}.json"
        return cls(known, json.loads(path.read_text("utf-8")))

    @property
    def dark(self) -> bool:
        """Whether text is lighter than its ground."""
        return self.name == "dark"

    def color(self, token: str) -> QColor:
        """The colour of a token. KeyError for a name no theme has."""
        return _color(self.tokens[token])

    def apply(self, app: QApplication) -> None:
        """Put this look on the whole program. The palette is set by hand: `setColorScheme` does nothing off screen."""
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(self.palette())
        app.setFont(font(BODY_PX))
        app.setStyleSheet(self._sheet())

    def palette(self) -> QPalette:
        """A full QPalette, which Fusion, dialogs and pyqtgraph follow."""
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(role, self.color(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("muted"))
        return palette

    def _sheet(self) -> str:
        return _SHEET.format(**self.tokens)


@cache
def _color(name: str) -> QColor:
    return QColor(name)


def font(px: int, bold: bool = False, tabular: bool = False) -> QFont:
    """The screen's typeface at `px` pixels. `tabular` digits keep a countdown from trembling."""
    made = QFont()
    made.setFamilies(FAMILIES)
    made.setPixelSize(px)
    made.setBold(bold)
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def styled(px: int, bold: bool = False, strike: bool = False) -> QFont:
    """A font made once, for painting: making one costs more than drawing with it. Never change what it answers."""
    made = font(px, bold, tabular=True)
    made.setStrikeOut(strike)
    return made


_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Button: "button",
    QPalette.ColorRole.ButtonText: "on_button",
    QPalette.ColorRole.BrightText: "late",
    QPalette.ColorRole.Highlight: "new",
    QPalette.ColorRole.HighlightedText: "on_new",
    QPalette.ColorRole.Link: "new",
    QPalette.ColorRole.ToolTipBase: "inverse",
    QPalette.ColorRole.ToolTipText: "on_inverse",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Accent: "new",
}

# Kept short on purpose: cards and buttons paint themselves, because a style sheet costs time on every widget it touches.
_SHEET = """
QToolTip {{ color: {on_inverse}; background: {inverse}; border: 0; padding: 6px; }}
QLineEdit, QPlainTextEdit {{ background: {surface}; border: 1px solid {line}; border-radius: 6px; padding: 8px; }}
QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {focus}; padding: 7px; }}
QMenu {{ background: {surface}; border: 1px solid {line}; padding: 6px; }}
QMenu::item {{ padding: 12px 28px 12px 16px; min-width: 200px; border-radius: 4px; }}
QMenu::item:selected {{ background: {new}; color: {on_new}; }}
QMenu::item:disabled {{ color: {muted}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 10px 4px; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 5px; min-height: 44px; margin: 1px; }}
QScrollBar::handle:vertical:hover {{ background: {muted}; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
"""
