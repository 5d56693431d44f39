"""The template's own text, for those who want it: what is wrong stands under it and is marked in its line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QFont, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.theme import FAMILIES, Theme
from app.ui.widgets.panel import plain_label
from app.ui.widgets.template_draft import Problem
from app.ui.widgets.template_form import is_history

_MONO = ["Noto Sans Mono CJK SC", "Noto Sans Mono", "Consolas", "Menlo", "DejaVu Sans Mono"]


class TextTab(QWidget):
    """`written` with the whole text whenever a person changed it."""

    written = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._editor = _Editor()
        self._editor.setObjectName("template-text")
        self._editor.setAccessibleName(tr("Text of the template"))
        self._editor.textChanged.connect(self._tell)
        self._problem = plain_label(px=14, bold=True, name="template-text-problem", color=theme.color("late"))
        self._problem.setWordWrap(True)
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._editor, 1)
        layout.addWidget(self._problem)

    def show_text(self, text: str) -> None:
        """Put `text` there; the cursor stays where it was, as far as that goes."""
        if text == self._editor.toPlainText():
            return
        place = self._editor.textCursor().position()
        self._editor.blockSignals(True)
        self._editor.setPlainText(text)
        self._editor.blockSignals(False)
        cursor = self._editor.textCursor()
        cursor.setPosition(min(place, self._editor.document().characterCount() - 1))
        self._editor.setTextCursor(cursor)

    def show_problem(self, problem: Problem | None) -> None:
        """Mark the line and say what is wrong with it; None: nothing is."""
        self._problem.setText(str(problem) if problem else "")
        self._problem.setVisible(problem is not None)
        self._editor.setExtraSelections([self._mark(problem.line)] if problem else [])

    def _mark(self, line: int) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        block = self._editor.document().findBlockByNumber(max(0, line - 1))
        mark.cursor = QTextCursor(block if block.isValid() else self._editor.document().lastBlock())
        mark.format.setBackground(self._theme.color("late_soft"))
        mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        return mark

    @Slot()
    def _tell(self) -> None:
        self.written.emit(self._editor.toPlainText())


class _Editor(QPlainTextEdit):
    """Plain text with equally wide letters; its steps back are the template's, not its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        face = QFont()
        face.setFamilies([*_MONO, *FAMILIES])
        face.setStyleHint(QFont.StyleHint.Monospace)
        face.setPixelSize(14)
        self.setFont(face)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the page."""
        return False if is_history(event) else super().event(event)
