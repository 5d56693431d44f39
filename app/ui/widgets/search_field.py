"""The field that orders, tickets and dishes are searched with: one line, a magnifier, and a cross that empties it."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from app.ui.icons import icon
from app.ui.theme import Theme, font
from app.ui.widgets.button import HEIGHT


def search_field(theme: Theme, name: str, hint: str, spoken: str, px: int = 15) -> QLineEdit:
    """An empty field: `hint` stands in it until somebody types, `spoken` is what it is called aloud."""
    field = QLineEdit()
    field.setObjectName(name)
    field.setFixedHeight(HEIGHT)
    field.setFont(font(px))
    field.setClearButtonEnabled(True)
    field.setPlaceholderText(hint)
    field.setAccessibleName(spoken)
    field.addAction(icon("search", theme.color("muted")), QLineEdit.ActionPosition.LeadingPosition)
    return field
