"""The paper as it would come out: drawn off the UI thread, newest wish first, never an older picture over a newer one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.texts import tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import scrolling
from app.ui.theme import Theme
from app.ui.widgets.panel import plain_label

_PAUSE_MS = 120  # so long a wish waits for a newer one
_EDGE = 12

Draw = Callable[[], bytes]


class Preview(QWidget):
    """`ask` for a picture; `note` says why there is none. One picture at a time is drawn, on a thread that ends with it."""

    def __init__(self, theme: Theme, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._bridge = bridge
        self._wish: Draw | None = None
        self._busy = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._begin)
        self._note = plain_label(px=14, bold=True, name=f"{name}-note", color=theme.color("late"))
        self._note.setWordWrap(True)
        self._note.hide()
        self.paper = PaperPicture(theme)
        self.paper.setObjectName(f"{name}-paper")
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.paper)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._note)
        layout.addWidget(steady(scrolling(column)), 1)

    @property
    def settled(self) -> bool:
        """Whether the newest wish was answered."""
        return self._wish is None and not self._busy

    def ask(self, draw: Draw) -> None:
        """Show the PNG that `draw` answers (called on another thread), soon, unless something newer is asked for."""
        self._wish = draw
        if not self._busy and not self._pause.isActive():
            self._pause.start()

    def note(self, text: str) -> None:
        """Say why what is shown is not what stands in the editor; "" takes it back. The picture fades meanwhile."""
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self.paper.fade(bool(text))

    @Slot()
    def _begin(self) -> None:
        if self._wish and not self._busy:
            draw, self._wish, self._busy = self._wish, None, True
            self._bridge.run(in_background(draw), self._drawn, self._failed, self)

    def _drawn(self, png: bytes) -> None:
        self._busy = False
        if self._wish:
            self._begin()
        else:
            self.paper.show_png(png)

    def _failed(self, why: str) -> None:
        self._busy = False
        if self._wish:
            self._begin()
        else:
            self.note(tr("No picture: {why}", why=why))


class PaperPicture(QWidget):
    """A ticket on a sheet of paper, as wide as there is room but never larger than life; white in the dark, too."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._faded = False
        self.image = QImage()
        self.png = b""
        self.setAccessibleName(tr("Preview"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_png(self, png: bytes) -> None:
        """Replace the picture."""
        self.png = png
        self.image = QImage.fromData(png)
        self._fit()

    def fade(self, faded: bool) -> None:
        """Whether it looks like something that is no longer true."""
        self._faded = faded
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the whole length."""
        return QSize(300, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As long as the new width makes it."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """White paper, the ticket on it."""
        del event
        if self.image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF((self.width() - self._wide) / 2, 0, self._wide, self.height())
        painter.fillRect(area, Qt.GlobalColor.white)
        painter.setPen(self._theme.color("line"))
        painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.setOpacity(0.35 if self._faded else 1.0)
        painter.drawImage(area.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE), self.image)
        painter.end()

    @property
    def _wide(self) -> int:
        return min(self.width(), self.image.width() + 2 * _EDGE)

    def _fit(self) -> None:
        if not self.image.isNull():
            inner = self._wide - 2 * _EDGE
            self.setFixedHeight(round(self.image.height() * inner / self.image.width()) + 2 * _EDGE)
        self.update()


def steady(area: QScrollArea) -> QScrollArea:
    """For paper, which is longer the wider it is: with a bar that came and went, width and length would chase each other.

    What is behind the area shows through.
    """
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    return clear(area)


def clear(area: QScrollArea) -> QScrollArea:
    """Let what is behind `area` show through."""
    for part in filter(None, (area.viewport(), area.widget())):
        part.setAutoFillBackground(False)
    return area


def in_background(draw: Draw) -> Future[bytes]:
    """Run `draw` on a thread of its own that ends with it."""
    future: Future[bytes] = Future()

    def work() -> None:
        try:
            future.set_result(draw())
        except Exception as error:  # noqa: BLE001 - the bridge turns it into a sentence for staff
            future.set_exception(error)

    Thread(target=work, name="preview", daemon=True).start()
    return future
