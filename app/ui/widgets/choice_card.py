"""A big button that says in two lines what choosing it means: a title and a sentence that may wrap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.icons import pixmap
from app.ui.theme import Theme
from app.ui.widgets.button import PRIMARY_HEIGHT
from app.ui.widgets.panel import plain_label, tint
from app.ui.words import plain

_ICON = 24
_RADIUS = 8


class ChoiceCard(QPushButton):
    """`glyph` is an icon name or "". The chosen one is checked, where the cards are checkable."""

    def __init__(
        self, theme: Theme, name: str, title: str, sentence: str, glyph: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._theme = theme
        self._title, self._sentence = plain_label(px=16, bold=True), plain_label(px=14)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew under the pointer and after it
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._lay_out(glyph)
        self.describe(title, sentence)

    def describe(self, title: str, sentence: str) -> None:
        """Change what it says."""
        self._title.setText(plain(title))
        self._sentence.setText(plain(sentence))
        self._sentence.setVisible(bool(sentence))
        self.setAccessibleName(". ".join(filter(None, (plain(title), plain(sentence)))))
        self.updateGeometry()

    @property
    def words(self) -> str:
        """Both lines."""
        return self.accessibleName()

    def hasHeightForWidth(self) -> bool:
        """The sentence wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """What the words need, never less than a finger."""
        layout = self.layout()
        return max(PRIMARY_HEIGHT, layout.heightForWidth(width) if layout else 0)

    def sizeHint(self) -> QSize:
        """Wide; the column it stands in decides."""
        return QSize(320, PRIMARY_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A finger."""
        return QSize(160, PRIMARY_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A sheet; a thick frame when chosen, pointed at or reached by the keyboard."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.isChecked() or self.hasFocus()
        token = "focus" if strong else "muted" if self.underMouse() else "line"
        painter.setPen(QPen(self._theme.color(token), 2 if strong else 1))
        painter.setBrush(self._theme.color("new_soft" if self.isChecked() or self.isDown() else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        painter.end()

    def _lay_out(self, glyph: str) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        for label in (self._title, self._sentence):
            label.setWordWrap(True)
            label.setForegroundRole(QPalette.ColorRole.WindowText)  # else a button's own
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(label)
        tint(self._sentence, self._theme.color("muted"))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 14, 8)
        row.setSpacing(12)
        if glyph:
            picture = QLabel()
            picture.setPixmap(pixmap(glyph, self._theme.color("text").name(), _ICON))
            picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(picture)
        row.addLayout(words, 1)
