"""The step that tries a printer: one settings page, what the printer said of itself, and what only a person can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.engine.views import PrinterTest
from app.texts import N_, tr
from app.ui.dialogs.form import column, hint
from app.ui.papers import LABEL_DIALECT, abilities
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT, Button
from app.ui.widgets.panel import plain_label, tint
from app.ui.words import plain

OTHER_ROLL = {"80": "58", "58": "80"}


@dataclass(frozen=True, slots=True)
class _Question:
    """One thing to look for on the settings page, and what is told after a no."""

    name: str
    text: str
    yes: str
    no: str
    after_no: str


_QUESTIONS = (
    _Question(
        "rom",
        N_("Are the Chinese characters right?"),
        N_("Yes, all right"),
        N_("No, boxes or garbage"),
        N_("Then Chinese is drawn as a picture: a little slower, and always right."),
    ),
    _Question("buzzer", N_("Did it beep?"), N_("It beeped"), N_("No beep"), N_("Then nobody will count on a beep from it.")),
    _Question(
        "cuts", N_("Was the paper cut?"), N_("Cut"), N_("Not cut"), N_("Then tickets are torn off, with room to tear.")
    ),
    _Question(
        "ruler",
        N_("Does the ruler reach both edges?"),
        N_("Both edges"),
        N_("Not both"),
        N_("The paper was changed to the other width. Print the page once more to be sure."),
    ),
)


class TrialStep(QWidget):
    """`wanted` and `unwanted`: begin and give up a test. `other_width` when the ruler does not fit the paper."""

    wanted = Signal()
    unwanted = Signal()
    other_width = Signal()

    def __init__(self, theme: Theme, known: Mapping[str, object]) -> None:
        super().__init__()
        self._theme = theme
        self._found: dict[str, object] = dict(known)
        self._answers: dict[str, bool] = {}
        self._try = Button(
            theme,
            tr("Print the settings page"),
            "new",
            "printer",
            height=PRIMARY_HEIGHT,
            name="printer-try",
            action=self.wanted,
            auto_default=False,
        )
        self._cancel = Button(theme, tr("Stop waiting"), name="printer-cancel", action=self.unwanted, auto_default=False)
        self._bar = QProgressBar()
        self._bar.setObjectName("printer-progress")
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._said = plain_label(px=15, bold=True, name="printer-said")
        self._said.setWordWrap(True)
        self._abilities = hint(theme, "", "printer-abilities")
        self._rows = {question.name: self._row(question) for question in _QUESTIONS}
        self._after = hint(theme, "", "printer-after")
        self._lay_out()
        self._show_profile()
        self.rest()

    def _lay_out(self) -> None:
        lesson = tr("This asks the printer what it can do and prints one page. Stand beside it and look at the paper.")
        row = QHBoxLayout()
        row.addWidget(self._try)
        row.addWidget(self._cancel)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(hint(self._theme, lesson))
        layout.addLayout(row)
        layout.addLayout(column(self._bar, self._said, *self._rows.values(), self._after, self._abilities))

    @property
    def profile(self) -> dict[str, object]:
        """What the printer said, and what a person saw."""
        seen: dict[str, object] = {}
        if "rom" in self._answers:
            seen["rom"] = "gbk" if self._answers["rom"] else "none"
        if "buzzer" in self._answers:
            seen["buzzer"] = self._bell() if self._answers["buzzer"] else "none"
        if "cuts" in self._answers:
            seen["cuts"] = self._answers["cuts"]
        return {**self._found, **seen}

    def _bell(self) -> object:
        """How the page that was heard beeped."""
        found = self._found.get("buzzer", "none")
        return "esc_b" if found == "none" else found

    def forget(self) -> None:
        """What was found is of another connection."""
        self._found = {}
        self._answers = {}
        self._said.hide()
        self._show_profile()
        self.rest()

    def start(self) -> None:
        """Put the keyboard on what is done here."""
        self._try.setFocus()

    def run(self) -> None:
        """A test is under way."""
        self._answers = {}
        self._ask(())
        self._show_busy(True)
        self._cancel.setFocus()
        self.tell(tr("Asking the printer, then printing one page. This can take half a minute."), "muted")

    def rest(self) -> None:
        """No test is under way."""
        self._show_busy(False)
        self._ask(())

    def tell(self, text: str, tone: str) -> None:
        """What came of the test, in the colour of the token `tone`."""
        self._said.setText(text)
        self._said.setVisible(bool(text))
        tint(self._said, self._theme.color(tone))

    def show_answer(self, test: PrinterTest, dialect: str, paper: str) -> None:
        """What the printer said, and the questions that fit it."""
        self._found = dict(test.profile) or self._found
        self._show_busy(False)
        self._show_profile()
        self._try.setFocus()
        self.tell(tr("The printer says: {words}", words=plain(test.text)), "text" if test.printed else "late")
        self._ask(_fitting(dialect, paper) if test.printed else ())
        if not test.printed:
            self._tell_after(tr("Check paper, cover and network cable, and compare the address with the self-test page."))

    def _show_profile(self) -> None:
        lines = [f"• {words}" for words in abilities(self.profile)]
        self._abilities.setText("\n".join([tr("What is known of this printer:"), *lines]))

    def _show_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._cancel.setVisible(busy)
        self._try.setEnabled(not busy)

    def _tell_after(self, text: str) -> None:
        self._after.setText(text)
        self._after.setVisible(bool(text))

    def _ask(self, names: tuple[str, ...]) -> None:
        for name, row in self._rows.items():
            row.setVisible(name in names)
            for button in row.findChildren(Button):
                button.setChecked(False)
                button.show_as(button.words, "button")
        self._after.hide()

    def _row(self, question: _Question) -> QWidget:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        text = plain_label(tr(question.text), 15)
        text.setWordWrap(True)
        row.addWidget(text, 1)
        for word, words, yes in (("yes", question.yes, True), ("no", question.no, False)):
            button = Button(
                self._theme,
                tr(words),
                name=f"printer-{question.name}-{word}",
                action=partial(self._answer, question, yes),
                checkable=True,
                auto_default=False,
            )
            row.addWidget(button)
        return whole

    def _answer(self, question: _Question, yes: bool, *_: object) -> None:
        self._answers[question.name] = yes
        for button in self._rows[question.name].findChildren(Button):
            chosen = button.objectName().endswith("yes" if yes else "no")
            button.setChecked(chosen)
            button.show_as(button.words, "ready" if chosen and yes else "soon" if chosen else "button")
        self._tell_after("" if yes else tr(question.after_no))
        self._show_profile()
        if question.name == "ruler" and not yes:
            self.other_width.emit()


def _fitting(dialect: str, paper: str) -> tuple[str, ...]:
    """Which questions make sense: a cloud's printer draws its own letters, a label is neither cut nor rung for."""
    if dialect == LABEL_DIALECT:
        return ("rom",)
    if dialect != "escpos":
        return ()
    return ("rom", "buzzer", "cuts", "ruler") if paper in OTHER_ROLL else ("rom", "buzzer", "cuts")
