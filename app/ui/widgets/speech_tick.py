"""The switch "Speak new orders" on the Settings page, with one sentence on whether this computer can."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.engine.facade import Facade
from app.texts import language, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import hint
from app.ui.speech import PREFERENCE, Speakable, Speech
from app.ui.theme import Theme
from app.ui.widgets.inputs import TickBox


def _look(spoken: str) -> Speakable:
    """Whether this computer can speak a language; asked only when somebody wants it."""
    speech = Speech(lambda _: "")
    found = speech.open(spoken)
    speech.deleteLater()
    return found


class SpeechTick(QWidget):
    """Stored as soon as it is pressed. `look` answers whether a language can be spoken."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, look: Callable[[str], Speakable] = _look) -> None:
        super().__init__()
        self._facade, self._bridge, self._look = facade, bridge, look
        self._box = TickBox(theme, tr("Speak new orders"))
        self._box.setObjectName(f"settings-{PREFERENCE}")
        self._box.setChecked(self._wanted)
        self._box.clicked.connect(self._prefer)
        self._answer = hint(theme, "", "settings-speech-answer")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        layout.addWidget(self._answer)
        self._show()

    @property
    def _wanted(self) -> bool:
        return self._facade.preference(PREFERENCE, "no") == "yes"

    @Slot()
    def _prefer(self) -> None:
        wanted = "yes" if self._box.isChecked() else "no"
        self._bridge.run(self._facade.set_preference(PREFERENCE, wanted), None, self._refuse, self)
        self._show()

    def _show(self) -> None:
        """Without the wish nobody pays for looking."""
        found = self._look(language()) if self._box.isChecked() else Speakable.YES
        self._answer.setText(tr(found.value))

    def _refuse(self, why: str) -> None:
        self._box.setChecked(self._wanted)
        self._answer.setText(why)
