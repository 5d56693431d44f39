"""A place in a form for an authority's certificate: pasted, or read from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot

from app.texts import tr
from app.ui.dialogs.form import text_edit
from app.ui.theme import Theme
from app.ui.widgets.file_line import FileLine

_LONGEST = 20_000  # characters: a chain of a few certificates


class CertificateEdit(FileLine):
    """Holds the text of certificates, not where they lie."""

    def __init__(self, theme: Theme, name: str) -> None:
        line = text_edit(hint="-----BEGIN CERTIFICATE----- …")
        line.setMaxLength(_LONGEST)
        super().__init__(theme, name, line, tr("Certificate file"))

    def _folder(self) -> Path:
        return Path.home()

    @Slot(str)
    def read(self, path: str) -> None:
        """Fill in what the file holds. One that is no text leaves its name, which the test then refuses."""
        try:
            self._line.setText(Path(path).read_text("ascii")[:_LONGEST])
        except (OSError, UnicodeError):
            self._line.setText(Path(path).name)
