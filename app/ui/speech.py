"""Speaks new orders beside the chime where this computer has a voice for the language, and says plainly when it has not."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Slot

from app.texts import N_

if TYPE_CHECKING:
    from PySide6.QtTextToSpeech import QTextToSpeech

PREFERENCE = "speak_new_orders"  # "yes" or "no"
_PRETENDS = "mock"  # Qt ships an engine that says nothing, for tests
_LANGUAGES = {"zh": QLocale.Language.Chinese, "en": QLocale.Language.English}


class Speakable(StrEnum):
    """Whether new orders can be spoken, as the Settings page says it."""

    YES = N_("Platform, number and how many items, right after the chime. Nothing of the customer is said.")
    NO_LIBRARY = N_("Cannot be spoken: the system's speech library is missing. The chime rings as before.")
    NO_ENGINE = N_("Cannot be spoken: this computer has no speech program. The chime rings as before.")
    NO_VOICE = N_("Cannot be spoken: this computer has no voice for this language. The chime rings as before.")


class Speech(QObject):
    """The computer's voice. `words` makes the sentence of some orders; `engine` is Qt's name of one ("" for any real one).

    What comes while it speaks is gathered and told in one sentence afterwards.
    """

    def __init__(self, words: Callable[[frozenset[int]], str], engine: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._wanted = engine
        self._language = ""
        self._waiting: set[int] = set()
        self._engine: QTextToSpeech | None = None
        self.speakable = Speakable.NO_ENGINE

    def tell(self, order_ids: frozenset[int], language: str) -> None:
        """Speak these orders, now or when the sentence before is over; in silence where nothing can be spoken."""
        if language != self._language:
            self.open(language)
        self._waiting |= order_ids
        self._speak()

    def open(self, language: str) -> Speakable:
        """Find a voice for the language; answers whether there is one. Takes a moment the first time."""
        self._language, self.speakable = language, Speakable.NO_ENGINE
        try:  # the import fails where the library, or one that it needs, is missing
            from PySide6.QtTextToSpeech import QTextToSpeech
        except ImportError:
            self.speakable = Speakable.NO_LIBRARY
            return self.speakable
        names = [self._wanted] if self._wanted else [one for one in QTextToSpeech.availableEngines() if one != _PRETENDS]
        for name in names:
            engine = QTextToSpeech(name, self)
            if engine.state() is not QTextToSpeech.State.Error and self._use(engine, language):
                break
            engine.deleteLater()
        return self.speakable

    def _use(self, engine: QTextToSpeech, language: str) -> bool:
        """Take the engine if it has a voice for the language."""
        self.speakable = Speakable.NO_VOICE
        spoken = next((one for one in engine.availableLocales() if one.language() == _LANGUAGES[language]), None)
        if spoken is None:
            return False
        engine.setLocale(spoken)
        if self._engine is not None:
            self._engine.deleteLater()
        self._engine, self.speakable = engine, Speakable.YES
        engine.stateChanged.connect(self._speak)
        return True

    @Slot()
    def _speak(self) -> None:
        if self.speakable is not Speakable.YES or self._engine is None:
            self._waiting.clear()
            return
        if not self._waiting or self._engine.state() != type(self._engine).State.Ready:
            return
        told = frozenset(self._waiting)
        self._waiting.clear()
        if words := self._words(told):
            self._engine.say(words)
