"""The sales figures of one moment, read off the UI thread and ready to be drawn, copied and exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from PySide6.QtCore import QDate, QLocale

from app.domain.money import Money
from app.engine.facade import Facade
from app.engine.views import DaySales, HourSales
from app.reports.export import Cell
from app.reports.sales import Totals, add_up
from app.texts import language, tr
from app.ui.words import money

DAYS = 30
_OPENING, _CLOSING = 10, 21  # local hours that the chart of a day always shows
_SHORT = {"zh": "M月d日", "en": "d MMM"}
_LONG = {"zh": "M月d日 dddd", "en": "dddd d MMMM"}


class _Priced(Protocol):
    @property
    def sales(self) -> Money: ...


_Row = TypeVar("_Row", bound=_Priced)


@dataclass(frozen=True)
class Figures:
    """Everything the Reports page shows. `titles` names the platforms, in the order that decides their colours."""

    day: date
    cutoff_hour: int
    hours: Sequence[HourSales]
    days: Sequence[DaySales]
    titles: Mapping[str, str]

    @classmethod
    def read(cls, facade: Facade) -> Figures:
        """Ask the store. Takes as long as the store takes: never on the UI thread."""
        day = facade.business_day()
        days = facade.sales_by_day(DAYS)
        titles = {platform.name: tr(platform.title) for platform in facade.platforms()}
        titles |= {row.platform: row.platform for row in days if row.platform not in titles}
        return cls(day, int(facade.preference("cutoff_hour", "4")), facade.sales_by_hour(day), days, titles)

    @property
    def currencies(self) -> list[str]:
        """Every currency that moved, the busiest first."""
        found = sorted(add_up(self.days), key=lambda total: -total.orders)
        return [total.sales.currency for total in found]

    @property
    def last_days(self) -> list[date]:
        """The business days of the chart, oldest first, quiet ones too."""
        return [self.day - timedelta(days=ago) for ago in reversed(range(DAYS))]

    @property
    def shown_hours(self) -> list[int]:
        """Local hours in the order of the business day: the usual opening hours and any other that sold something."""
        places = [self._place(hour) for hour in (_OPENING, _CLOSING, *(row.hour for row in self.hours))]
        return [(place + self.cutoff_hour) % 24 for place in range(min(places), max(places) + 1)]

    def today(self, currency: str) -> Totals:
        """The big figures; zeros when nothing moved in `currency`."""
        found = {total.sales.currency: total for total in add_up(row for row in self.days if row.day == self.day)}
        return found.get(currency, Totals(0, Money.zero(currency), Money.zero(currency)))

    def by_hour(self, currency: str) -> dict[int, HourSales]:
        """Today's sales of one currency by local hour."""
        return {row.hour: row for row in _only(self.hours, currency)}

    def by_day(self, currency: str) -> dict[tuple[date, str], DaySales]:
        """The sales of one currency by business day and platform."""
        return {(row.day, row.platform): row for row in _only(self.days, currency)}

    def hour_words(self, currency: str, hour: int) -> str:
        """What the chart says of one hour."""
        row = self.by_hour(currency).get(hour, HourSales(hour, 0, Money.zero(currency)))
        return "\n".join([f"{hour:02}:00 – {hour:02}:59", tr("{n} orders", n=row.orders), money(row.sales)])

    def day_words(self, currency: str, day: date) -> str:
        """What the chart says of one business day: each platform, what it sold, and what was given back that day."""
        rows = [row for row in _only(self.days, currency) if row.day == day]
        lines = [long_day(day)]
        for row in rows:
            sold = f"{tr('{n} orders', n=row.orders)}  {money(row.sales)}"
            lines.append(f"{self.titles[row.platform]}: {sold}")
            if row.refunds:
                lines.append(f"{self.titles[row.platform]}, {tr('refunds')}: {money(row.refunds)}")
        net = Money.total((row.net for row in rows), currency)
        return "\n".join([*lines, f"{tr('Net')}: {money(net)}"])

    def table(self) -> list[list[Cell]]:
        """The last days as rows for a spreadsheet, with a heading; amounts are numbers in major units."""
        heading: list[Cell] = [
            *(tr("Business day"), tr("Platform"), tr("Currency"), tr("Orders")),
            *(tr("Sales"), tr("Refunds"), tr("Net")),
        ]
        rows: list[list[Cell]] = [
            [row.day, self.titles[row.platform], row.sales.currency, row.orders, *_majors(row.sales, row.refunds, row.net)]
            for row in self.days
        ]
        return [heading, *rows]

    def summary(self) -> list[list[Cell]]:
        """Everything on the page as rows for the clipboard: today's totals, its hours, the last days."""
        totals: list[list[Cell]] = [
            [total.sales.currency, total.orders, *_majors(total.sales, total.average, total.refunds, total.net)]
            for total in (self.today(currency) for currency in self.currencies)
        ]
        hours: list[list[Cell]] = [
            [f"{row.hour:02}:00", row.sales.currency, row.orders, *_majors(row.sales)]
            for row in sorted(self.hours, key=lambda row: self._place(row.hour))
        ]
        return [
            [tr("Business day"), self.day],
            [tr("Currency"), tr("Orders"), tr("Sales"), tr("Average order"), tr("Refunds"), tr("Net")],
            *totals,
            [],
            [tr("Hour"), tr("Currency"), tr("Orders"), tr("Sales")],
            *hours,
            [],
            *self.table(),
        ]

    def _place(self, hour: int) -> int:
        """How many hours after the cut-off a local hour comes."""
        return (hour - self.cutoff_hour) % 24


def short_day(day: date) -> str:
    """A date for an axis: 11月22日, 22 Nov."""
    return _locale().toString(QDate(day.year, day.month, day.day), _SHORT[language()])


def long_day(day: date) -> str:
    """A date with its weekday."""
    return _locale().toString(QDate(day.year, day.month, day.day), _LONG[language()])


def _locale() -> QLocale:
    return QLocale("zh_CN" if language() == "zh" else "en_GB")


def _majors(*amounts: Money) -> list[Cell]:
    return [amount.major for amount in amounts]


def _only(rows: Sequence[_Row], currency: str) -> list[_Row]:
    return [row for row in rows if row.sales.currency == currency]
