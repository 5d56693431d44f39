"""A bar chart for figures: stacked columns, a legend in words, a tooltip for every column, by mouse, touch and arrow keys.

Imports pyqtgraph, which takes the best part of a second: import this module when the first chart is about to be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import pyqtgraph
from PySide6.QtCore import QLocale, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from app.ui.theme import Theme, font
from app.ui.widgets.panel import plain_label

_LABEL_PX = 13
_OVERHANG = 30  # pixels that the last label may stand out, half a date
_BAR_WIDTH = 0.72  # of a column
_HEADROOM = 1.12  # so that the highest bar does not touch the frame


@dataclass(frozen=True, slots=True)
class Bars:
    """One series: `heights` by column in major units; below zero they hang down. `hatched` tells money given back apart."""

    name: str
    color: QColor
    heights: tuple[float, ...]
    hatched: bool = False

    def brush(self) -> QBrush:
        """How the bars are filled."""
        return QBrush(self.color, Qt.BrushStyle.BDiagPattern if self.hatched else Qt.BrushStyle.SolidPattern)


class BarChart(QWidget):
    """Stacked columns. Give it the figures with `draw`; `words[i]` is what the tooltip of column `i` says."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._labels: Sequence[str] = ()
        self._words: Sequence[str] = ()
        self._column = -1
        self._legend = QHBoxLayout()
        self._legend.setSpacing(6)
        self._axis = _AmountAxis("left")
        self._plot = pyqtgraph.PlotWidget(background=theme.color("surface"), axisItems={"left": self._axis})
        self._lay_out()
        self._calm_down()
        self._plot.scene().sigMouseMoved.connect(self._point_at)
        self._plot.scene().sigMouseClicked.connect(self._touch)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def draw(self, labels: Sequence[str], series: Sequence[Bars], words: Sequence[str], unit: str) -> None:
        """Show `series` (in `unit`) over the columns `labels`, replacing what was there."""
        self._labels, self._words, self._column = labels, words, -1
        self._plot.clear()
        self._plot.addItem(pyqtgraph.InfiniteLine(0, angle=0, pen=self._theme.color("muted")))
        up, down = [0.0] * len(labels), [0.0] * len(labels)
        for bars in series:
            self._stack(bars, up, down)
        highest, lowest = max([*up, 0.0]), min([*down, 0.0])
        self._plot.setXRange(-0.5, max(len(labels), 1) - 0.5, padding=0)
        self._plot.setYRange(lowest * _HEADROOM, (highest or 1.0) * _HEADROOM, padding=0)
        self._label_columns()
        self._explain([bars for bars in series if any(bars.heights)], unit)

    def words(self, column: int) -> str:
        """What the tooltip of a column says; "" where there is none."""
        return self._words[column] if 0 <= column < len(self._words) else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk along the columns, so that no figure needs a mouse."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self._words:
            super().keyPressEvent(event)
            return
        self._column = min(max(self._column + step, 0), len(self._words) - 1)
        place = self._plot.getViewBox().mapViewToScene(QPointF(self._column, 0))
        self._tell(self._column, self._plot.mapToGlobal(self._plot.mapFromScene(place)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fewer labels on a narrow chart."""
        super().resizeEvent(event)
        self._label_columns()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._legend)
        layout.addWidget(self._plot, 1)

    def _calm_down(self) -> None:
        """No zoom by mouse, no menu, no "k" for a thousand; ink from the theme."""
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.showGrid(y=True, alpha=0.18)
        self._axis.enableAutoSIPrefix(False)
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setPen(self._theme.color("muted"))
            axis.setTextPen(self._theme.color("text"))
            axis.setStyle(
                tickFont=font(_LABEL_PX, tabular=True), tickLength=0, maxTickLevel=0, hideOverlappingLabels=_OVERHANG
            )
        item.layout.setContentsMargins(0, 0, _OVERHANG, 0)  # room for the second half of the last label

    def _stack(self, bars: Bars, up: list[float], down: list[float]) -> None:
        """Add one series on top of `up` or below `down`, which it moves."""
        starts = [down[at] if height < 0 else up[at] for at, height in enumerate(bars.heights)]
        shown = [at for at, height in enumerate(bars.heights) if height]
        pen = QPen(bars.color.darker(140) if not self._theme.dark else bars.color.lighter(115), 1)
        pen.setCosmetic(True)
        item = pyqtgraph.BarGraphItem(
            x=shown,
            y0=[starts[at] for at in shown],
            height=[bars.heights[at] for at in shown],
            width=_BAR_WIDTH,
            brush=bars.brush(),
            pen=pen,
        )
        self._plot.addItem(item)
        for at in shown:
            level = down if bars.heights[at] < 0 else up
            level[at] += bars.heights[at]

    def _label_columns(self) -> None:
        """Name every column that has room for its label, counted back from the newest."""
        if not self._labels:
            return
        widest = max(self.fontMetrics().horizontalAdvance(label) for label in self._labels) + 12
        room = max(self._plot.width() - 80, 1) / len(self._labels)
        every = int(-(-widest // room))
        last = len(self._labels) - 1
        ticks = [(at, label) for at, label in enumerate(self._labels) if (last - at) % every == 0]
        self._plot.getPlotItem().getAxis("bottom").setTicks([ticks])

    def _explain(self, series: Sequence[Bars], unit: str) -> None:
        """The legend: every colour with its word, then the unit."""
        while item := self._legend.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for bars in series:
            swatch, word = QLabel(), plain_label(bars.name, _LABEL_PX)
            swatch.setPixmap(_swatch(bars, self.devicePixelRatioF()))
            self._legend.addWidget(swatch)
            self._legend.addWidget(word)
            self._legend.addSpacing(12)
        self._legend.addStretch(1)
        self._legend.addWidget(plain_label(unit, _LABEL_PX, color=self._theme.color("muted")))

    def _point_at(self, place: QPointF) -> None:
        column = round(self._plot.getViewBox().mapSceneToView(place).x())
        self._tell(column, self._plot.mapToGlobal(self._plot.mapFromScene(place)))

    def _touch(self, event: pyqtgraph.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        self._point_at(event.scenePos())

    def _tell(self, column: int, place: QPoint) -> None:
        # A tooltip guesses whether it is rich text, and platform words must never be: it gets escaped text on purpose.
        words = escape(self.words(column)).replace("\n", "<br>")
        QToolTip.showText(place, f"<qt>{words}</qt>" if words else "", self)


class _AmountAxis(pyqtgraph.AxisItem):  # type: ignore[misc] # pyqtgraph ships no types
    """Amounts in the reader's own grouping, in full: 1,500 and never 1.5 k."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """See the class; pyqtgraph asks for the labels of `values`."""
        digits = 0 if spacing >= 1 else 2
        grouped = QLocale(QLocale.Language.English)  # as in `words.money`
        return [grouped.toString(value * scale, "f", digits) for value in values]


def _swatch(bars: Bars, ratio: float) -> QPixmap:
    """A small square filled like the bars, for the legend."""
    pixmap = QPixmap(QSize(16, 16) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(bars.color)
    painter.setBrush(bars.brush())
    painter.drawRect(1, 1, 13, 13)
    painter.end()
    return pixmap
