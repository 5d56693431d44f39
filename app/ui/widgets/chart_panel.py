"""A panel with a chart, or with the words that stand for it while there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.ui.theme import Theme
from app.ui.widgets.panel import Panel, plain_label

if TYPE_CHECKING:  # it imports pyqtgraph, for which only the first chart should wait
    from app.ui.widgets.chart import BarChart


class ChartPanel(Panel):
    """Empty until `teach` or `chart` is called."""

    def __init__(self, theme: Theme, title: str, name: str) -> None:
        super().__init__(theme, title, name)
        self._theme, self._name = theme, name
        self._chart: BarChart | None = None
        self._lesson = plain_label(px=16, name=f"{name}-empty", color=theme.color("muted"))
        self._lesson.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lesson.setWordWrap(True)
        self.inner.addWidget(self._lesson, 1)

    def teach(self, text: str) -> None:
        """Say what will stand here, and when."""
        self._lesson.setText(text)
        self._lesson.show()
        if self._chart:
            self._chart.hide()

    def chart(self) -> BarChart:
        """The chart, made at the first use and shown."""
        if not self._chart:
            from app.ui.widgets.chart import BarChart

            self._chart = BarChart(self._theme)
            self._chart.setObjectName(f"{self._name}-chart")
            self.inner.addWidget(self._chart, 1)
        self._lesson.hide()
        self._chart.show()
        return self._chart
