"""The Templates page: every paper of the shop, what stands on it in which order, and how that will look meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label
from app.ui.widgets.template_bar import Answer, AskBar
from app.ui.widgets.template_draft import Draft, Problem
from app.ui.widgets.template_form import BlockForm
from app.ui.widgets.template_lists import BlockList, PaperList, Row
from app.ui.widgets.template_sample import Sample
from app.ui.widgets.template_shelf import Shelf
from app.ui.widgets.template_text import TextTab
from app.ui.widgets.template_words import block_kinds, block_settings, block_words, fresh_block, head_settings, in_words
from app.ui.words import plain

_HEAD = "head"  # the row above the blocks: title and beeps


class TemplatesPage(QWidget):
    """One template is open at a time, with every step back and forth. `may_leave` asks about what is not saved."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("templates")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._shelf = Shelf(facade.forms())
        self._block = 0  # row of the block list: 0 is the head
        self._lay_out()
        for standard, act in (
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, self.redo),
            (QKeySequence.StandardKey.Save, self.save),
        ):
            QShortcut(standard, self, act, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._open(self._shelf.names[0])

    @property
    def draft(self) -> Draft:
        """The template being written."""
        return self._draft

    def showEvent(self, event: QShowEvent) -> None:
        """What was stored elsewhere meanwhile shows, unless somebody is writing here."""
        super().showEvent(event)
        self._blocks.setFocus()
        if not self._draft.changed:
            self._shelf = Shelf(self._facade.forms())
            name = self._draft.name if self._draft.name in self._shelf.names else self._shelf.names[0]
            if self._shelf.text(name) != self._draft.now.text:
                self._open(name)
            self._show_papers()

    def may_leave(self, go: Callable[[], None]) -> bool:
        """Whether nothing would be lost. Otherwise asks, and calls `go` once it was saved or given up."""
        if not self._draft.changed:
            return True
        words = tr("“{name}” was changed and is not saved.", name=self._shelf.title(self._draft.name))
        problem = isinstance(self._draft.template, Problem)
        save = [] if problem else [Answer("save", tr("Save"), partial(self._save, go), "new")]
        give_up = Answer("discard", tr("Give up the changes"), partial(self._give_up, go))
        self._bar.ask(words, [*save, give_up, Answer("stay", tr("Stay here"), self._show_papers)])
        return False

    # building

    def _lay_out(self) -> None:
        self._bar = AskBar(self._theme)
        columns = QHBoxLayout()
        columns.setSpacing(12)
        self._papers = PaperList(self._theme, "template-papers", tr("Ticket forms"))
        self._papers.setMinimumWidth(200)
        self._papers.setMaximumWidth(260)
        self._papers.chosen.connect(self._choose)
        columns.addWidget(self._papers, 2)
        columns.addWidget(self._build_middle(), 6)
        self._sample = Sample(self._theme, self._bridge, self._facade.preference("zone", "Asia/Shanghai"))
        self._sample.setMinimumWidth(380)
        columns.addWidget(self._sample, 4)
        body = QVBoxLayout(self)
        body.setContentsMargins(20, 16, 20, 16)
        body.setSpacing(10)
        body.addLayout(self._build_heading())
        body.addWidget(self._bar)
        body.addLayout(columns, 1)

    def _build_heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(plain_label(tr("Ticket forms"), 24, bold=True))
        row.addStretch(1)
        self._undo = self._button(row, "template-undo", tr("Undo"), self.undo)
        self._redo = self._button(row, "template-redo", tr("Redo"), self.redo)
        self._shipped = self._button(row, "template-shipped", tr("Back to the shipped one"), self.back_to_shipped)
        self._delete = self._button(row, "template-delete", tr("Delete"), self.delete)
        self._button(row, "template-copy", tr("Copy…"), self.copy)
        self._save_button = self._button(row, "template-save", tr("Save"), self.save, "new")
        return row

    def _build_middle(self) -> QWidget:
        panel = Panel(self._theme)
        self._title = plain_label("", 17, bold=True, name="template-title")
        tabs = QHBoxLayout()
        tabs.addWidget(self._title, 1)
        self._tabs = QButtonGroup(self)
        self._stack = QStackedWidget()
        self._text = TextTab(self._theme)
        self._text.written.connect(self._write)
        for number, (name, words, page) in enumerate(
            (("blocks", tr("Blocks"), self._build_blocks()), ("text", tr("Text"), self._text))
        ):
            button = self._button(tabs, f"template-tab-{name}", words, partial(self._stack.setCurrentIndex, number))
            button.setCheckable(True)
            button.toggled.connect(button.mark)
            button.setChecked(number == 0)
            self._tabs.addButton(button)
            self._stack.addWidget(page)
        fixed = tr(
            "Always there: warnings such as “reprint” in white on black at the top and the bottom, "
            "and the allergy band on every paper that is cooked from."
        )
        panel.inner.addLayout(tabs)
        panel.inner.addWidget(self._stack, 1)
        always = plain_label(fixed, 13, name="template-fixed", color=self._theme.color("muted"))
        always.setWordWrap(True)
        panel.inner.addWidget(always)
        return panel

    def _build_blocks(self) -> QWidget:
        page = QWidget()
        self._blocks = BlockList(self._theme, "template-blocks", tr("Blocks"))
        self._blocks.picked.connect(self._pick)
        self._blocks.moved.connect(self._drag)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        add = self._button(buttons, "template-add", tr("Add"), None)
        add.setMenu(self._build_add_menu(add))
        self._remove_button = self._button(buttons, "template-remove", tr("Remove"), self._remove)
        self._up = self._button(buttons, "template-up", "↑", partial(self._shift, -1), spoken=tr("Move up"))
        self._down = self._button(buttons, "template-down", "↓", partial(self._shift, 1), spoken=tr("Move down"))
        left = QVBoxLayout()
        left.addWidget(self._blocks, 1)
        left.addLayout(buttons)
        self._form = BlockForm(self._theme)
        self._form.chosen.connect(self._set)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(self._form, 1)
        self._problem = plain_label("", 14, bold=True, name="template-problem", color=self._theme.color("late"))
        self._problem.setWordWrap(True)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row, 1)
        column.addWidget(self._problem)
        return page

    def _build_add_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        for kind in block_kinds():
            menu.addAction(block_words(kind), partial(self._add, kind)).setObjectName(f"add-{kind}")
        return menu

    def _button(
        self,
        row: QHBoxLayout,
        name: str,
        text: str,
        action: Callable[[], None] | None,
        tone: str = "button",
        spoken: str = "",
    ) -> Button:
        press = partial(_call, action) if action else None
        button = Button(self._theme, text, tone, spoken=spoken, name=name, action=press)
        row.addWidget(button)
        return button

    # opening, saving

    def _choose(self, name: str) -> None:
        """Another paper; the row goes back while the question is open."""
        if name == self._draft.name or self.may_leave(partial(self._open, name)):
            self._open(name)
        else:
            self._show_papers()

    def _open(self, name: str) -> None:
        self._draft = self._shelf.draft(name)
        self._block = 1 if self._draft.blocks else 0
        self._bar.close_bar()
        self._show()

    @Slot()
    def save(self) -> None:
        """Store the template, if it is one."""
        if self._draft.changed and not isinstance(self._draft.template, Problem):
            self._save(None)

    def _save(self, then: Callable[[], None] | None) -> None:
        draft = self._draft
        body = self._shelf.body(draft)
        self._bridge.run(
            self._facade.save_form(draft.name, body),
            partial(self._saved, draft, body, then),
            partial(self._bar.ask, answers=(Answer("close", tr("Close"), self._show_papers),), tone="late_soft"),
            self,
        )

    def _saved(self, draft: Draft, body: str, then: Callable[[], None] | None, *_: object) -> None:
        draft.keep(body)
        self._shelf = Shelf(self._facade.forms())
        self._bar.close_bar()
        if then:
            then()
        else:
            self._show()

    def _give_up(self, then: Callable[[], None]) -> None:
        name = self._draft.name if self._draft.name in self._shelf.names else self._shelf.names[0]
        self._open(name)
        then()

    @Slot()
    def back_to_shipped(self) -> None:
        """Write the program's own again; a step that can be taken back, and is stored by saving."""
        self._draft.write(self._shelf.shipped(self._draft.name))
        self._show()

    @Slot()
    def copy(self) -> None:
        """Ask for a name and open a copy under it; it is stored by saving."""
        if self.may_leave(self._ask_name):
            self._ask_name()

    def _ask_name(self, words: str = "") -> None:
        name = self._bar.line.text() if words else self._shelf.free_name(self._draft.name)
        answers = [Answer("copy", tr("Copy"), self._copied, "new"), Answer("cancel", tr("Back"), self._show_papers)]
        self._bar.ask(words or tr("Name of the copy:"), answers, name)

    def _copied(self) -> None:
        name = plain(self._bar.line.text())
        if not name or name in self._shelf.names:
            self._ask_name(tr("There is one of that name.") if name else tr("A copy needs a name."))
            return
        self._draft = self._shelf.copied(self._draft, name)
        self._show()

    @Slot()
    def delete(self) -> None:
        """Take one of the shop's own away; the bar offers it back."""
        gone = self._draft
        saved = self._facade.save_form(gone.name, "")
        self._bridge.run(saved, partial(self._deleted, gone), None, self)

    def _deleted(self, gone: Draft, *_: object) -> None:
        self._shelf = Shelf(self._facade.forms())
        self._open(gone.kind if gone.kind in self._shelf.names else self._shelf.names[0])
        undo = Answer("undo", tr("Undo"), partial(self._bring_back, gone))
        self._bar.ask(tr("“{name}” was deleted.", name=plain(gone.name)), [undo, Answer("close", tr("Close"), self._show)])

    def _bring_back(self, gone: Draft) -> None:
        self._draft = gone
        gone.lose()
        self._save(None)

    # writing

    @Slot()
    def undo(self) -> None:
        """One step back."""
        self._draft.undo()
        self._show()

    @Slot()
    def redo(self) -> None:
        """One step forth."""
        self._draft.redo()
        self._show()

    @Slot(str)
    def _write(self, text: str) -> None:
        self._draft.write(text, "text")
        self._show()

    def _set(self, name: str, value: Any) -> None:
        """A setting of the chosen block, or of the head."""
        run = f"{self._block} {name}" if isinstance(value, str) else ""
        if self._block:
            self._draft.set_values(self._block - 1, {name: value}, run)
        elif name in ("zh", "en"):
            self._draft.set_head({"title": {**self._draft.title, name: value}}, run)
        else:
            self._draft.set_head({name: value}, run)
        self._show()

    def _add(self, kind: str) -> None:
        self._draft.insert(self._block, fresh_block(kind))  # after the chosen one: the head's row is not a block
        self._block += 1
        self._show()

    def _remove(self) -> None:
        if self._block:
            self._draft.remove(self._block - 1)
            self._show()

    def _shift(self, by: int) -> None:
        to = self._block + by
        if self._block and 1 <= to <= len(self._draft.blocks):
            self._drag(self._block, to)

    def _drag(self, row: int, to: int) -> None:
        """From one row of the list to another; nothing goes above the head."""
        if row:
            to = max(1, to)
            self._draft.move(row - 1, to - 1)
            self._block = to
            self._show()

    @Slot(int)
    def _pick(self, row: int) -> None:
        if row >= 0:
            self._block = row
            self._show_blocks()

    # showing

    def _show(self) -> None:
        """Everything anew from the draft."""
        found = self._draft.template
        problem = found if isinstance(found, Problem) else None
        self._title.setText(self._shelf.title(self._draft.name))
        self._text.show_text(self._draft.now.text)
        self._text.show_problem(problem)
        self._problem.setText(
            "" if problem is None else tr("It cannot be saved like this. {problem}", problem=problem.words)
        )
        self._problem.setVisible(problem is not None)
        self._sample.show_template(found)
        self._show_papers()
        self._show_blocks()
        self._show_buttons()

    def _show_papers(self) -> None:
        rows = self._shelf.rows(self._draft)
        current = next((number for number, row in enumerate(rows) if row.name == self._draft.name), -1)
        self._papers.show_rows(rows, current)

    def _show_blocks(self) -> None:
        blocks = self._draft.blocks
        self._block = min(self._block, len(blocks))
        head = [Row(_HEAD, tr("Title and beeps"))] if self._draft.now.body else []
        self._blocks.show_rows([*head, *(Row(str(n), in_words(block)) for n, block in enumerate(blocks))], self._block)
        self._remove_button.setEnabled(self._block > 0)
        self._up.setEnabled(self._block > 1)
        self._down.setEnabled(0 < self._block < len(blocks))
        if not head:
            self._form.clear()
        elif self._block:
            self._show_form(blocks[self._block - 1])
        else:
            values = {**self._draft.title, **(self._draft.now.body or {})}
            self._form.show_block(tr("Title and beeps"), head_settings(), values, places=False)

    def _show_form(self, block: Mapping[str, Any]) -> None:
        kind = str(block.get("type", ""))
        self._form.show_block(block_words(kind), block_settings(kind), block, places=True)

    def _show_buttons(self) -> None:
        draft = self._draft
        self._undo.setEnabled(draft.may_undo)
        self._redo.setEnabled(draft.may_redo)
        self._save_button.setEnabled(draft.changed and not isinstance(draft.template, Problem))
        own = self._shelf.is_own(draft.name)
        self._shipped.setVisible(not own)
        self._shipped.setEnabled(not own and draft.now.template != self._shelf.standard(draft.name))
        self._delete.setVisible(own and draft.name in self._shelf.names)


def _call(action: Callable[[], None], *_: object) -> None:
    """A button's `clicked` brings whether it is checked, which nobody here wants."""
    action()
