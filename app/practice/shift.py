"""One shift at the real window: opens it, lets staff or a person work, and knows when everybody is served."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QObject, QTimer, QtMsgType, Slot, qInstallMessageHandler

from app.engine.facade import Facade
from app.practice.paper_window import PaperWindow
from app.practice.pictures import Photographer
from app.practice.printer import VirtualPrinter
from app.practice.report import Report
from app.practice.staff import Staff
from app.practice.street import STATION_NAMES, Street
from app.practice.terminal import Bar
from app.practice.world import World
from app.texts import tr
from app.ui.run import application, open_console

LOOK = 200  # milliseconds between two looks at how far it has come
BUSY = 0.55  # the queue is fullest when this share of the orders has come
# After the last order is over the console may still have to learn of it: the slowest catch-up poll (simulated seconds), and
# real ones for a slow machine.
CATCH_UP, SLACK = 1800.0, 20.0
WINDOW = (1600, 940)


class Shift(QObject):
    """`work` returns the report when the rush is over (headless, served by `Staff`) or when a person closes the window."""

    def __init__(self, facade: Facade, street: Street, world: World, pictures: Path | None, headless: bool) -> None:
        application()
        super().__init__()
        self._street, self._world, self._headless = street, world, headless
        self._window = open_console(facade, muted=headless)
        self._window.resize(*WINDOW)
        self._staff = Staff(self._window, world.rush.seed, world.speed)
        self._photographer = Photographer(self._window, facade, self._staff, pictures) if pictures else None
        self._bar = Bar()
        self._paper = None if headless else PaperWindow(_named(world), self._window.theme)
        self._look_of_paper = self._window.theme
        self._queue_taken = False
        self._finished = False
        self._over_since: float | None = None
        self._failure: BaseException | None = None
        self._deadline = time.monotonic() + world.time_limit
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def work(self) -> Report:
        """Run Qt's loop until the end of the shift. Raises what went wrong, KeyboardInterrupt included."""
        interrupt = signal.signal(signal.SIGINT, self._interrupted)
        before = qInstallMessageHandler(_tell_unless_known)
        self._window.show()
        self._street.open_doors()
        self._timer.start(LOOK)
        if self._headless:
            self._staff.start()
        elif self._paper:
            self._window.closing.connect(application().quit)
            self._paper.show()
            self._window.raise_()
        application().exec()
        self._timer.stop()
        self._staff.stop()
        report = self._street.report(self._staff.shown, finished=self._finished)
        for window in filter(None, (self._paper, self._window)):
            window.close()
            window.deleteLater()
        qInstallMessageHandler(before)
        signal.signal(signal.SIGINT, interrupt)
        failure = self._failure or (self._photographer and self._photographer.failure)
        if failure:
            raise failure
        return report

    def _interrupted(self, *_: object) -> None:
        self._failure = KeyboardInterrupt()
        application().quit()

    @Slot()
    def _look(self) -> None:
        """How far is it? An error here ends the shift instead of being printed for ever."""
        try:
            self._judge()
        except Exception as error:  # noqa: BLE001 - raised again by `work`
            self._failure = error
            application().quit()

    def _judge(self) -> None:
        progress = self._world.progress()
        if not self._headless:
            self._follow_look()
            return
        self._bar.show(progress)
        if self._photographer and not self._queue_taken and progress.placed >= BUSY * progress.planned:
            self._queue_taken = True
            self._photographer.queue_and_order(lambda: None)
        if self._photographer and self._photographer.busy:
            return
        if time.monotonic() > self._deadline:
            self._end(finished=False)
        elif progress.finished:
            self._over_since = self._over_since or time.monotonic()
            late = time.monotonic() - self._over_since > CATCH_UP / self._world.speed + SLACK
            if late or self._street.settled:
                self._end(finished=not late)

    def _follow_look(self) -> None:
        """The paper's window speaks the console's language and wears its look."""
        if self._paper and self._window.theme is not self._look_of_paper:
            self._look_of_paper = self._window.theme
            self._paper.speak(self._window.theme)

    def _end(self, *, finished: bool) -> None:
        self._finished = finished
        self._timer.stop()
        self._bar.end()
        if self._photographer:
            self._photographer.reports_and_ticket(application().quit)
        else:
            application().quit()


def _named(world: World) -> dict[str, VirtualPrinter]:
    return {tr(STATION_NAMES[station]): printer for station, printer in world.printers.items()}


def _tell_unless_known(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Qt's off-screen plug-in says of every window that it has no use for size hints."""
    del kind, context
    if "propagateSizeHints" not in text:
        sys.stderr.write(f"{text}\n")
