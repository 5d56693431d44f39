"""The Reports page: today's big figures, sales by hour, the last business days by platform; copied, exported, pictured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.domain.money import Money
from app.engine.facade import Facade
from app.reports.export import tabbed, write_csv
from app.texts import N_, tr
from app.ui.background import in_background
from app.ui.bridge import Bridge
from app.ui.dialogs.saving import ask_where
from app.ui.models.figures import DAYS, Figures, long_day, short_day
from app.ui.theme import CHART_COLORS, Theme
from app.ui.widgets.button import Button
from app.ui.widgets.chart_panel import ChartPanel
from app.ui.widgets.page_head import report_head
from app.ui.widgets.panel import Panel, plain_label
from app.ui.words import money

if TYPE_CHECKING:  # it imports pyqtgraph, for which only the first look at this page should wait
    from app.ui.widgets.chart import Bars

_REFRESH_MS = 1000  # at most one read of the store in this time, however many orders change
_TILES = {
    "orders": N_("Orders today"),
    "sales": N_("Sales today"),
    "average": N_("Average order"),
    "refunds": N_("Refunds made today"),
    "net": N_("Net"),
}
_NO_SALES_TODAY = N_("No sales yet today.\nAn order appears here as soon as its platform confirms that it is accepted.")
_NO_SALES = N_("No sales in the last {days} business days.\nEvery day will show here by platform, with refunds below zero.")


class ReportsPage(QWidget):
    """Reads the store when it is shown and when orders change, never on the UI thread. `part_wanted`: another page."""

    part_wanted = Signal(str)

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reports")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        self._figures: Figures | None = None
        self._currency = ""
        self._stale = True
        self._reading = False
        self._pause = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._pause.timeout.connect(self._refresh)
        self._lay_out()
        QShortcut(QKeySequence.StandardKey.Copy, self, self.copy, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        bridge.orders_changed.connect(self._note_change)

    @property
    def figures(self) -> Figures | None:
        """What is on the page now; None until the first answer."""
        return self._figures

    def showEvent(self, event: QShowEvent) -> None:
        """A page that comes to the front is up to date."""
        super().showEvent(event)
        self._note_change()

    @Slot()
    def copy(self) -> None:
        """Put every figure of the page on the clipboard, as rows for a spreadsheet."""
        if self._figures:
            QGuiApplication.clipboard().setText(tabbed(self._figures.summary()))
            self._say(tr("Copied. Paste it into a spreadsheet."))

    @Slot(str)
    def save_csv(self, path: str) -> None:
        """Write the last business days to a CSV file."""
        if self._figures:
            self._save(path, partial(write_csv, Path(path), self._figures.table()))

    @Slot(str)
    def save_png(self, path: str) -> None:
        """Write a picture of figures and charts."""
        self._save(path, partial(self._draw_picture, path))

    # building

    def _lay_out(self) -> None:
        self._paper = QWidget()
        inner = QVBoxLayout(self._paper)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addLayout(self._build_heading())
        inner.addLayout(self._build_tiles())
        self._charts = QGridLayout()
        self._charts.setSpacing(12)
        inner.addLayout(self._charts, 1)
        self._today = self._add_panel(0, tr("Today by hour"), "reports-hours")
        self._month = self._add_panel(1, tr("Last {days} business days by platform", days=DAYS), "reports-days")
        self._charts.setColumnStretch(0, 2)
        self._charts.setColumnStretch(1, 3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 16)
        outer.setSpacing(12)
        outer.addLayout(self._build_tools())
        outer.addWidget(self._paper, 1)

    def _build_tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._note = plain_label(px=14, name="reports-note")
        head = report_head(self._theme, "reports")
        head.wanted.connect(self.part_wanted)
        row.addWidget(head)
        row.addWidget(self._note, 1)
        for name, text, glyph, action in (
            ("copy", tr("Copy figures"), "copy", self.copy),
            ("csv", tr("Save as CSV…"), "sheet", self._ask_csv),
            ("png", tr("Save as picture…"), "chart", self._ask_png),
        ):
            button = Button(self._theme, text, glyph=glyph, name=f"reports-{name}", action=action)
            row.addWidget(button)
        return row

    def _build_heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._day = plain_label(px=18, bold=True, name="reports-day")
        row.addWidget(self._day)
        row.addStretch(1)
        self._choices = QHBoxLayout()
        self._choice: list[Button] = []
        row.addLayout(self._choices)
        return row

    def _build_tiles(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        self._values: dict[str, QLabel] = {}
        for name, title in _TILES.items():
            tile = Panel(self._theme)
            self._values[name] = plain_label("…", 30, bold=True, name=f"reports-{name}")
            tile.inner.addWidget(plain_label(tr(title), 14, color=self._theme.color("muted")))
            tile.inner.addWidget(self._values[name])
            row.addWidget(tile, 1)
        return row

    def _add_panel(self, column: int, title: str, name: str) -> ChartPanel:
        panel = ChartPanel(self._theme, title, name)
        self._charts.addWidget(panel, 0, column)
        return panel

    # reading

    @Slot()
    def _note_change(self) -> None:
        self._stale = True
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        if not self._stale or self._reading or self._pause.isActive() or not self.isVisible():
            return
        self._stale, self._reading = False, True
        self._pause.start()
        self._bridge.run(in_background(partial(Figures.read, self._facade), "reports"), self._arrived, self._missed, self)

    def _arrived(self, figures: Figures) -> None:
        self._reading = False
        self.show_figures(figures)
        self._refresh()

    def _missed(self, why: str) -> None:
        self._reading = False
        self._say(tr("The figures could not be read: {why}", why=why))

    # showing

    def show_figures(self, figures: Figures) -> None:
        """Put `figures` on the page."""
        if self._figures is None:
            self._say("")
        self._figures = figures
        self._day.setText(long_day(figures.day))
        currencies = figures.currencies or ["CNY"]
        if self._currency not in currencies:
            self._currency = currencies[0]
        self._offer(currencies)
        self._fill_tiles(figures)
        self._draw_hours(figures)
        self._draw_days(figures)

    def _offer(self, currencies: list[str]) -> None:
        """One button for each currency, when there are several: they are never added together."""
        if [button.words for button in self._choice] != currencies:
            for button in self._choice:
                button.deleteLater()
            self._choice = [self._build_choice(currency) for currency in currencies]
        for button in self._choice:
            button.setVisible(len(currencies) > 1)
            button.mark(button.words == self._currency)

    def _build_choice(self, currency: str) -> Button:
        button = Button(
            self._theme,
            currency,
            name=f"reports-currency-{currency}",
            action=partial(self._choose, currency),
            checkable=True,
        )
        self._choices.addWidget(button)
        return button

    def _choose(self, currency: str, *_: object) -> None:
        self._currency = currency
        if self._figures:
            self.show_figures(self._figures)

    def _fill_tiles(self, figures: Figures) -> None:
        total = figures.today(self._currency)
        self._values["orders"].setText(str(total.orders))
        for name in ("sales", "average", "refunds", "net"):
            amount: Money = getattr(total, name)
            self._values[name].setText(money(amount))

    def _draw_hours(self, figures: Figures) -> None:
        sold = figures.by_hour(self._currency)
        if not sold:
            self._today.teach(tr(_NO_SALES_TODAY))
            return
        from app.ui.widgets.chart import Bars

        hours = figures.shown_hours
        heights = tuple(float(sold[hour].sales.major) if hour in sold else 0.0 for hour in hours)
        series = [Bars(tr("Sales"), QColor(CHART_COLORS[1 if self._theme.dark else 4]), heights)]
        words = [figures.hour_words(self._currency, hour) for hour in hours]
        self._today.chart().draw([f"{hour:02}:00" for hour in hours], series, words, self._currency)

    def _draw_days(self, figures: Figures) -> None:
        if not figures.by_day(self._currency):
            self._month.teach(tr(_NO_SALES, days=DAYS))
            return
        days = figures.last_days
        words = [figures.day_words(self._currency, day) for day in days]
        self._month.chart().draw([short_day(day) for day in days], self._platform_bars(figures), words, self._currency)

    def _platform_bars(self, figures: Figures) -> list[Bars]:
        """A series of sales for each platform, then one of its refunds: the same colour, hatched, below the line."""
        from app.ui.widgets.chart import Bars

        found = figures.by_day(self._currency)
        sales, refunds = [], []
        for place, (platform, title) in enumerate(figures.titles.items()):
            color = QColor(CHART_COLORS[place % len(CHART_COLORS)])
            rows = [found.get((day, platform)) for day in figures.last_days]
            sales.append(Bars(title, color, tuple(float(row.sales.major) if row else 0.0 for row in rows)))
            given_back = tuple(float(row.refunds.major) if row else 0.0 for row in rows)
            refunds.append(Bars(tr("{platform}, refunds", platform=title), color, given_back, hatched=True))
        return sales + refunds

    # files

    @Slot()
    def _ask_csv(self) -> None:
        self._ask("csv", tr("CSV file"), self.save_csv)

    @Slot()
    def _ask_png(self) -> None:
        self._ask("png", tr("Picture"), self.save_png)

    def _ask(self, suffix: str, kind: str, save: Callable[[str], None]) -> None:
        if self._figures:
            ask_where(self, f"sales-{self._figures.day}.{suffix}", kind, save)

    def _save(self, path: str, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self._say(tr("Not saved: {why}", why=error.strerror or str(error)))
        else:
            self._say(tr("Saved: {path}", path=path))

    def _draw_picture(self, path: str) -> None:
        if not self._paper.grab().save(path, "PNG"):
            raise OSError(tr("the file cannot be written"))

    def _say(self, text: str) -> None:
        self._note.setText(text)
