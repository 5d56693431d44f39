"""Where a file goes: asked with the system's own dialog, which nothing waits for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.texts import tr


def ask_where(parent: QWidget, name: str, kind: str, save: Callable[[str], None]) -> None:
    """Propose `name`, with its ending; `kind` says in words what such a file is. `save` takes the path that was chosen."""
    ending = PurePath(name).suffix
    dialog = QFileDialog(parent, tr("Save"), name, f"{kind} (*{ending})")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(ending.removeprefix("."))
    dialog.fileSelected.connect(save)
    dialog.open()
