"""The right side of the template page: a sample order in what is being written, on the paper and in the language chosen."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain.tickets import Mark, Ticket, TicketKind
from app.printing import Template, render_png, sample_ticket
from app.texts import language, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import choice_edit
from app.ui.papers import LABELS, LANGUAGES, ROLLS, paper_words
from app.ui.theme import Theme
from app.ui.widgets.inputs import Choice
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.preview import Preview
from app.ui.widgets.template_draft import Problem
from app.ui.widgets.template_words import MARKS


class Sample(Panel):
    """Draws again whenever the template or a choice changes."""

    def __init__(self, theme: Theme, bridge: Bridge, zone: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, tr("Preview"), "template-sample", parent)
        self._theme, self._zone = theme, zone
        self._template: Template | None = None
        self._broken = False  # what is written now is no template
        self._labels = False
        self._paper = self._choice("template-paper", tr("Paper"), _papers(False), "80")
        self._language = self._choice("template-language", tr("Language of the paper"), tuple(LANGUAGES.items()), language())
        marks = [(mark or "", tr(words)) for mark, words in MARKS.items()]
        self._mark = self._choice("template-mark", tr("Shown as"), marks, "")
        row = QGridLayout()
        for column, (box, words) in enumerate(
            ((self._paper, tr("Paper")), (self._language, tr("Language")), (self._mark, tr("Shown as")))
        ):
            row.addWidget(plain_label(words, 13, color=theme.color("muted")), 0, column)
            row.addWidget(box, 1, column)
            row.setColumnStretch(column, 4 if column else 5)
        self.preview = Preview(theme, bridge, "template-preview")
        self.inner.addLayout(row)
        self.inner.addWidget(self.preview, 1)

    def show_template(self, found: Template | Problem) -> None:
        """Draw this; a problem lets the last picture fade and says why."""
        self._broken = isinstance(found, Problem)
        if isinstance(found, Problem):
            self.preview.note(tr("What is written cannot be printed, so this is how it was before."))
            return
        self._template = found
        self._offer(found.kind is TicketKind.LABEL)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        if self._template:
            if not self._broken:
                self.preview.note("")
            tongue, mark = str(self._language.currentData()), str(self._mark.currentData())
            wanted = partial(draw, self._template, str(self._paper.currentData()), tongue, self._zone, mark)
            self.preview.ask(wanted)

    def _offer(self, labels: bool) -> None:
        """Labels are for drinks, rolls for everything else; a label can be tried on a roll."""
        if labels == self._labels:
            return
        self._labels = labels
        self._paper.clear()
        for value, words in _papers(labels):
            self._paper.addItem(words, value)

    def _choice(
        self, name: str, title: str, choices: list[tuple[str, str]] | tuple[tuple[str, str], ...], at: str
    ) -> Choice:
        box = choice_edit(self._theme, choices, at)
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setMinimumContentsLength(6)
        box.activated.connect(self._draw)
        return box


def draw(template: Template, paper: str, tongue: str, zone: str, mark: str) -> bytes:
    """PNG of the sample order in `template`, marked as told; called off the UI thread."""
    return render_png(_marked(sample_ticket(template.kind, tongue, zone), mark), template, paper)


def _marked(ticket: Ticket, mark: str) -> Ticket:
    if not mark:
        return ticket
    marks = (*ticket.marks, *((Mark(mark),) if mark not in ticket.marks else ()))
    source = ("热菜" if ticket.language == "zh" else "Hot line") if mark == Mark.BACKUP else ""
    return replace(ticket, marks=marks, copy=2 if mark == Mark.REPRINT else 1, from_printer=source)


def _papers(labels: bool) -> list[tuple[str, str]]:
    """(value, words) of what can be chosen; labels first where they are usual."""
    return [(name, paper_words(name)) for name in ((*LABELS, *ROLLS) if labels else ROLLS)]
