"""Reads of the store that take as long as they take: on a thread of their own, never on the screen's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def in_background(read: Callable[[], T], name: str) -> Future[T]:
    """Run `read` on a thread called `name` that ends with it; hand the answer to `Bridge.run`."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            future.set_result(read())
        except Exception as error:  # noqa: BLE001 - the bridge turns it into a sentence for staff
            future.set_exception(error)

    Thread(target=work, name=name, daemon=True).start()
    return future
