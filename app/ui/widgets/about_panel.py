"""What this program is made of, for whoever helps from afar."""

from __future__ import annotations

import platform as machine
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, Slot, qVersion
from PySide6.QtGui import QGuiApplication

import app
from app.texts import tr
from app.ui.theme import Theme
from app.ui.widgets.button import Button
from app.ui.widgets.panel import Panel, plain_label

_PARTS = ("PySide6-Essentials", "SQLAlchemy", "sqlcipher3", "httpx", "aiohttp", "pyqtgraph", "python-escpos")


class AboutPanel(Panel):
    """Versions, to read and to copy."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, tr("About"), "settings-about")
        words = plain_label(versions(), 14, name="settings-versions", color=theme.color("muted"))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = Button(theme, tr("Copy versions"), glyph="copy", name="settings-copy-versions", action=self._copy)
        self.inner.addWidget(words)
        self.inner.addWidget(copy)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(versions())


def versions() -> str:
    """Everything a person who helps from afar will ask for."""
    lines = [
        f"Order Console {app.__version__}",
        f"Python {machine.python_version()}, {machine.system()} {machine.machine()}",
    ]
    lines += [f"Qt {qVersion()}"]
    for part in _PARTS:
        try:
            lines.append(f"{part} {version(part)}")
        except PackageNotFoundError:  # a frozen program carries the modules without their metadata
            continue
    return "\n".join(lines)
