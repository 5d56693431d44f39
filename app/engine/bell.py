"""Tells whoever listens what changed, and wakes the loops that have work: signals carry ids, rows carry the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from app.engine.views import Change

log = structlog.get_logger(__name__)

FAULT_PAUSE = 2.0  # seconds before a loop goes on after a fault of the store, such as a full disk

Listener = Callable[[Change], None]


class Bell:
    """One per engine; lives on the I/O loop."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._wakers: list[asyncio.Event] = []

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` on the I/O thread after every committed change."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Call it no more."""
        self._listeners.remove(listener)

    def waker(self) -> asyncio.Event:
        """An event that is set after every committed change; the owner clears it."""
        event = asyncio.Event()
        self._wakers.append(event)
        return event

    def changed(self, topic: str, *ids: int) -> None:
        """Something was committed."""
        for listener in tuple(self._listeners):
            try:
                listener(Change(topic, frozenset(ids)))
            except Exception:  # a screen that fails must not stop the kitchen
                log.exception("listener_failed", topic=topic)
        for event in self._wakers:
            event.set()


async def rest(waker: asyncio.Event, seconds: float) -> None:
    """Sleep until woken, `seconds` at most."""
    try:
        async with asyncio.timeout(seconds):
            await waker.wait()
    except TimeoutError:
        pass
    waker.clear()
