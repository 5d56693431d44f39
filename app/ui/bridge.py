"""The one border between the engine's threads and the screen: changes come in as ids, results as plain values."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from threading import Lock
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.engine.facade import Facade, RefusalError
from app.engine.views import Change
from app.platforms.api import PlatformError
from app.texts import tr

SHOWN = ("orders", "tickets", "accounts", "printers", "shops", "reviews", "statements", "vouchers", "problems")
TOPICS = (*SHOWN, "window")  # the last asks for the window itself: somebody started the program a second time


class Bridge(QObject):
    """Signals on the UI thread, each carrying a `frozenset[int]` of ids; empty means "any of them: read all again".

    However many changes the I/O thread reports, at most one drain is queued, so that a burst costs one pass.
    `look_changed` (name, value) follows `prefer`; `failed` carries a sentence for staff that nobody else took.
    """

    orders_changed = Signal(frozenset)
    tickets_changed = Signal(frozenset)
    accounts_changed = Signal(frozenset)
    printers_changed = Signal(frozenset)
    shops_changed = Signal(frozenset)
    reviews_changed = Signal(frozenset)
    statements_changed = Signal(frozenset)
    vouchers_changed = Signal(frozenset)
    problems_changed = Signal(frozenset)
    window_changed = Signal(frozenset)
    look_changed = Signal(str, str)
    failed = Signal(str)
    _wake = Signal()

    def __init__(self, facade: Facade, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facade = facade
        self._lock = Lock()
        self._open = True
        self._queued = False
        self._waiting: dict[str, set[int] | None] = {}
        self._settled: deque[Callable[[], None]] = deque()
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        facade.subscribe(self._note)

    def run(
        self,
        future: Future[Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[str], None] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Deliver the future's result to `done`, or its error as a sentence to `failed`, on the UI thread.

        Dropped when `owner` was destroyed meanwhile. Without `failed` the sentence goes to the `failed` signal.
        """

        def settle(settled: Future[Any]) -> None:
            self._queue(lambda: self._deliver(settled, done, failed or self.failed.emit, owner))

        future.add_done_callback(settle)

    def prefer(self, name: str, value: str) -> None:
        """Store a preference ("language", "theme"); the window, which reads it again, follows once it is stored."""
        self.run(self._facade.set_preference(name, value), lambda _: self.look_changed.emit(name, value), owner=self)

    def close(self) -> None:
        """Hear nothing more; late results are dropped."""
        with self._lock:
            self._open = False

    def _note(self, change: Change) -> None:
        with self._lock:
            known = self._waiting.setdefault(change.topic, set())
            if not change.ids:
                self._waiting[change.topic] = None
            elif known is not None:
                known.update(change.ids)
        self._queue(None)

    def _queue(self, delivery: Callable[[], None] | None) -> None:
        with self._lock:
            if delivery:
                self._settled.append(delivery)
            wake, self._queued = self._open and not self._queued, True
            if wake:  # emitted under the lock, so that `close` cannot come between the test and the emit
                self._wake.emit()

    @Slot()
    def _drain(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            settled, self._settled = self._settled, deque()
            self._queued = False
        for topic, ids in waiting.items():
            if self._open and topic in TOPICS:
                getattr(self, f"{topic}_changed").emit(frozenset(ids or ()))
        for delivery in settled:
            if self._open:
                delivery()

    @staticmethod
    def _deliver(
        future: Future[Any], done: Callable[[Any], None] | None, failed: Callable[[str], None], owner: QObject | None
    ) -> None:
        if owner is not None and not shiboken6.isValid(owner):
            return
        try:
            result = future.result()
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - whatever went wrong, a person is waiting for an answer
            failed(sentence(error))
        else:
            if done:
                done(result)


def sentence(error: Exception) -> str:
    """An error in words for staff: refusals and platform errors carry their own."""
    if isinstance(error, RefusalError | PlatformError):
        return str(error)
    return tr("This went wrong in the console itself: {error}", error=f"{type(error).__name__} {error}".strip())
