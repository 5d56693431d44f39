"""A place in a form for an authority's certificate: pasted, or read from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from app.texts import tr
from app.ui.dialogs.form import text_edit
from app.ui.theme import Theme
from app.ui.widgets.button import HEIGHT, Button

_LONGEST = 20_000  # characters: a chain of a few certificates


class CertificateEdit(QWidget):
    """A line that holds the text of certificates, and a button that fills it from a file."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._line = text_edit(hint="-----BEGIN CERTIFICATE----- …")
        self._line.setMaxLength(_LONGEST)
        self._line.setMinimumHeight(HEIGHT)
        choose = Button(theme, tr("Choose…"))
        choose.setObjectName(f"{name}-choose")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._line, 1)
        layout.addWidget(choose)
        self.setFocusProxy(self._line)

    @Slot()
    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Certificate file"), str(Path.home()))
        dialog.fileSelected.connect(self.read)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def read(self, path: str) -> None:
        """Fill in what the file holds. One that is no text leaves its name, which the test then refuses."""
        try:
            self._line.setText(Path(path).read_text("ascii")[:_LONGEST])
        except (OSError, UnicodeError):
            self._line.setText(Path(path).name)
