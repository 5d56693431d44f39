"""The relay that brings pushed orders to this counter: looked at before it can be saved, ended by one button."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.engine.facade import Facade
from app.engine.views import RelayCheck
from app.texts import tr
from app.ui.arrival import FINDINGS
from app.ui.bridge import Bridge
from app.ui.dialogs.form import Field, FormWindow, hint, text_edit
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.file_line import FileLine
from app.ui.words import plain


class RelayDialog(FormWindow):
    """Save is possible once the counter was seen to reach the relay with what stands in the form."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "relay-dialog", tr("Relay for pushed orders"), parent)
        self._facade, self._bridge = facade, bridge
        self._attempt = 0
        known = facade.overview().relay
        self._build_form(known.url, known.shop, known.credentials, known.public)
        self.add_way_back()
        self._test = self.add_button("relay-test", tr("Test"), glyph="cloud-up", action=self._look)
        self._save = self.add_button("relay-save", tr("Save"), "ready", "check", self._keep)
        self._doubt()
        self.resize(640, 680)

    def _build_form(self, url: str, shop: str, credentials: str, public: str) -> None:
        intro = tr(
            "Platforms cannot push to a computer behind a router. A relay is a machine on the internet that takes their "
            "pushes and keeps them until this console fetches them. Whoever runs it gives you these four answers."
        )
        self._url = self._field("relay-url", tr("Address of the relay"), url, tr("It begins with tls://"))
        self._shop = self._field(
            "relay-shop", tr("Name of this shop there"), shop, tr("Lower-case letters, digits, hyphens")
        )
        self._file = Field(
            self._theme,
            "relay-credentials",
            tr("Credentials file"),
            FileLine(self._theme, "relay-credentials", text_edit(credentials), tr("Credentials file")),
            tr("Only you may be able to read it."),
        )
        self._file.edited.connect(self._doubt)
        words = tr("It begins with https://. Platforms are told to push there; each account shows its own address below it.")
        self._public = self._field("relay-public", tr("Public address"), public, words)
        for part in (hint(self._theme, intro), self._url, self._shop, self._file, self._public):
            self.form.addWidget(part)
        end = Button(self._theme, tr("Use no relay"), name="relay-end", action=self._use_none, auto_default=False)
        end.setVisible(bool(url))
        self.form.addWidget(end)  # far from the buttons that are pressed without looking
        self.form.addStretch(1)

    def _field(self, name: str, label: str, text: str, explanation: str) -> Field:
        field = Field(self._theme, name, label, text_edit(text), explanation)
        field.edited.connect(self._doubt)
        return field

    @property
    def _answers(self) -> tuple[str, str, str, str]:
        return self._url.answer, self._shop.answer, self._file.answer, self._public.answer.rstrip("/")

    @Slot()
    def _doubt(self) -> None:
        self._attempt += 1
        self._save.setEnabled(False)
        self._test.setEnabled(True)
        self.tell(tr("Press Test. A relay that answers can then be saved."), "muted")

    @Slot()
    def _look(self) -> None:
        if not self._complete():
            return
        self._doubt()
        self._test.setEnabled(False)
        self.tell(tr("Asking the relay…"), "muted")
        asked = self._facade.check_relay(*self._answers)
        self._bridge.run(asked, partial(self._found, self._attempt), partial(self._refused, self._attempt), self)

    def _complete(self) -> bool:
        filled = [field.require() for field in (self._url, self._shop, self._file, self._public)]
        fine = not self._public.answer or self._public.answer.startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        )
        if not fine:
            self._public.complain(tr("This begins with https://: platforms send nothing in the clear."))
        return all(filled) and fine

    def _found(self, attempt: int, found: RelayCheck) -> None:
        self._test.setEnabled(True)
        if attempt == self._attempt:
            words, tone = FINDINGS[found.finding]
            self.tell(
                tr(words, why=plain(found.text) or "-") if "{why}" in words else tr(words),
                "text" if tone == "soon" else tone,
            )
            self._save.setEnabled(tone != "late")

    def _refused(self, attempt: int, why: str) -> None:
        self._test.setEnabled(True)
        if attempt == self._attempt:
            self.tell(plain(why), "late")

    @Slot()
    def _keep(self) -> None:
        self._save.setEnabled(False)
        self._bridge.run(self._facade.set_relay(*self._answers), lambda _: self.accept(), self._not_saved, self)

    @Slot()
    def _use_none(self) -> None:
        _, shop, credentials, public = self._answers
        self._bridge.run(
            self._facade.set_relay("", shop, credentials, public), lambda _: self.accept(), self._not_saved, self
        )

    def _not_saved(self, why: str) -> None:
        self.tell(tr("Not saved: {why}", why=plain(why)), "late")
