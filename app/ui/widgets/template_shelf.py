"""What papers there are: the program's own of every kind, those the shop changed, and the shop's additional ones."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.domain.tickets import TicketKind
from app.printing import Template, standard_templates
from app.texts import tr
from app.ui.widgets.template_draft import Draft, Problem, Version, written
from app.ui.widgets.template_lists import Row
from app.ui.widgets.template_words import kind_words
from app.ui.words import plain

_INDENT = "　"  # one hanzi


class Shelf:
    """Made from what is stored at one moment: `forms` is name -> JSON text."""

    def __init__(self, forms: Mapping[str, str]) -> None:
        self._forms = dict(forms)
        self._kinds = {kind.value: kind.value for kind in TicketKind}
        self._kinds |= {name: _kind_of(text) for name, text in forms.items() if name not in self._kinds}

    @property
    def names(self) -> list[str]:
        """Every template, the shop's own after the program's of the same kind; what nobody can read comes last."""
        own = sorted(name for name in self._kinds if self.is_own(name))
        placed = [[kind.value, *(name for name in own if self._kinds[name] == kind)] for kind in TicketKind]
        return [name for each in placed for name in each] + [name for name in own if not self._kinds[name]]

    def is_own(self, name: str) -> bool:
        """Whether it is an additional one, which has no shipped form to go back to."""
        return name not in standard_templates()

    def standard(self, name: str) -> Template:
        """The program's own."""
        return standard_templates()[name]

    def shipped(self, name: str) -> str:
        """The text of the program's own."""
        return self.standard(name).to_json()

    def text(self, name: str) -> str:
        """What holds now."""
        return self._forms.get(name) or self.shipped(name)

    def draft(self, name: str) -> Draft:
        """What holds now, to be changed."""
        return Draft(name, self._kinds[name], self.text(name))

    def copied(self, draft: Draft, name: str) -> Draft:
        """A copy under another name, not stored yet."""
        body = draft.now.body
        return Draft(name, draft.kind, written({**body, "name": name}) if body else draft.now.text, stored="")

    def body(self, draft: Draft) -> str:
        """What must be stored: "" where it says what the program's own says."""
        same = not self.is_own(draft.name) and draft.now.template == self.standard(draft.name)
        return "" if same else draft.now.text

    def free_name(self, name: str) -> str:
        """A name for a copy that nobody has."""
        title = self.title(name)
        return next(found for n in range(2, len(self._kinds) + 3) if (found := f"{title} {n}"[-60:]) not in self._kinds)

    def title(self, name: str) -> str:
        """What a template is called."""
        return plain(name) if self.is_own(name) else kind_words(name)

    def rows(self, draft: Draft) -> list[Row]:
        """The list, with the draft where it belongs although it may not be stored yet."""
        names = self.names
        if draft.name not in names:
            names.insert(names.index(draft.kind) + 1 if draft.kind in names else len(names), draft.name)
        return [Row(name, self._words(name, draft)) for name in names]

    def _words(self, name: str, draft: Draft) -> str:
        state = tr("not saved") if name == draft.name and draft.changed else self._state(name)
        indent = _INDENT if self.is_own(name) else ""
        return f"{indent}{self.title(name)}\n{indent}{state}"

    def _state(self, name: str) -> str:
        if name not in self._forms:
            return tr("as shipped")
        if isinstance(Version(self._forms[name]).template, Problem):
            return tr("cannot be read")
        return tr("your own") if self.is_own(name) else tr("changed by you")


def _kind_of(text: str) -> str:
    try:
        kind = json.loads(text)["kind"]
        return TicketKind(kind).value
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
