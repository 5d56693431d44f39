"""The language of the screen: our own texts and those of Qt's own dialogs, changed together while the program runs."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app import texts

_LOCALES = {"zh": "zh_CN", "en": "en"}


class Language:
    """Keeps the one translator of the program installed; lives as long as the window."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._translator: QTranslator | None = None

    def use(self, name: str) -> None:
        """Speak "zh" or "en" from now on; what is on screen already has to be built again. Unknown names mean zh."""
        known = name if name in texts.LANGUAGES else "zh"
        texts.use(known)
        QLocale.setDefault(QLocale(_LOCALES[known]))
        self.forget()
        translator = QTranslator(self._app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(f"qtbase_{_LOCALES[known]}", folder):
            self._app.installTranslator(translator)
            self._translator = translator

    def forget(self) -> None:
        """Take Qt's own texts out again."""
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
            self._translator.deleteLater()
            self._translator = None
