"""Takes pictures while a rush runs: the queue at its busiest, one order, the reports and one ticket, in every look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from app.domain.tickets import NoteKind, Ticket, TicketKind
from app.engine.facade import Facade
from app.engine.views import Card
from app.practice.staff import Staff
from app.printing import render_png
from app.texts import LANGUAGES
from app.ui.main_window import MainWindow
from app.ui.pictures import grab

THEMES = ("light", "dark")
MOMENT, FIGURES = 60, 900  # milliseconds until a page stands still; the reports read their figures first
BREATH = 1500  # milliseconds between two looks, in which staff catch up
PATIENCE = 5.0


class Photographer(QObject):
    """Works in short turns of a timer, one picture a turn, so that the window stays alive; `busy` until the last.

    `failure` ends a session early. Nobody touches the window while it poses: `staff` pause.
    """

    def __init__(self, window: MainWindow, facade: Facade, staff: Staff, folder: Path) -> None:
        super().__init__(window)
        self.busy = False
        self.failure: Exception | None = None
        self._staff = staff
        self._window, self._facade, self._folder = window, facade, folder
        self._turns: Iterator[int] = iter(())
        self._then: Callable[[], None] = lambda: None

    def queue_and_order(self, then: Callable[[], None]) -> None:
        """The queue, and the detail panel of its most telling order; `then` runs at the end."""
        self._begin(self._queue_turns(), then)

    def reports_and_ticket(self, then: Callable[[], None]) -> None:
        """The reports page, and a kitchen ticket as it came out; `then` runs at the end."""
        self._begin(self._report_turns(), then)

    def _begin(self, turns: Iterator[int], then: Callable[[], None]) -> None:
        self.busy = True
        self._turns, self._then = turns, then
        self._turn()

    @Slot()
    def _turn(self) -> None:
        try:
            pause = next(self._turns, None)
        except Exception as error:  # noqa: BLE001 - a slot has nobody to raise to
            self.failure, pause = error, None
        if pause is None:
            self._staff.paused = self.busy = False
            self._then()
        else:
            QTimer.singleShot(pause, self, self._turn)

    def _queue_turns(self) -> Iterator[int]:
        for look in self._looks():
            yield MOMENT
            grab(self._window, self._folder / f"queue-{look}.png")
            cards = list(self._window.orders.cards.values())
            if not cards:
                continue
            self._window.queue.open_order(_telling(cards).id)
            yield MOMENT
            grab(self._window, self._folder / f"detail-{look}.png")
            self._window.queue.close_detail()
            self._staff.paused = False
            yield BREATH

    def _report_turns(self) -> Iterator[int]:
        for look in self._looks():
            self._window.show_page("reports")
            yield FIGURES
            grab(self._window, self._folder / f"reports-{look}.png")
            self._window.show_page("queue")
        ticket = _telling_ticket([view.ticket for view in self._facade.tickets(1000)])
        for language in LANGUAGES:
            picture = self._folder / f"ticket-{language}.png"
            picture.write_bytes(render_png(replace(ticket, language=language)))

    def _looks(self) -> Iterator[str]:
        """Dress the window in every language and theme, and at the end as it was; staff keep their hands off."""
        before = {name: self._facade.preference(name, default) for name, default in (("language", "zh"), ("theme", "light"))}
        for language in LANGUAGES:
            for theme in THEMES:
                self._staff.paused = True
                self._wear(language, theme)
                yield f"{language}-{theme}"
        self._wear(before["language"], before["theme"])

    def _wear(self, language: str, theme: str) -> None:
        self._facade.set_preference("language", language).result(PATIENCE)
        self._facade.set_preference("theme", theme).result(PATIENCE)
        self._window.rebuild()


def _telling(cards: list[Card]) -> Card:
    """The card with most to say: a request, an urge, an allergy, a courier, many dishes."""
    return max(
        cards,
        key=lambda card: (
            bool(card.request) + bool(card.urges) + any(note.kind is NoteKind.ALLERGY for note in card.notes),
            bool(card.courier),
            len(card.items),
        ),
    )


def _telling_ticket(tickets: list[Ticket]) -> Ticket:
    """A kitchen ticket with an allergy if there is one, and many dishes; nothing too long to look at."""
    kitchen = [ticket for ticket in tickets if ticket.kind is TicketKind.KITCHEN]
    plain = [one for one in kitchen if not one.scheduled and sum(len(note.text) for note in one.notes) < 80] or kitchen
    return max(plain, key=lambda one: (any(note.kind is NoteKind.ALLERGY for note in one.notes), len(one.lines)))
