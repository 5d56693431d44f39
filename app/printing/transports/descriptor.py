"""Bytes through an open device file of a Unix system: USB printers and serial ports."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

from app.printing.conversation import ChannelClosedError
from app.texts import tr

SLICE = 0.1  # seconds of waiting at a time, so that hanging up from another thread is noticed
NO_HURRY = 0.001  # seconds between two looks at a signal that cannot be waited for


class DescriptorConnection:
    """An open descriptor, closed by `close`. `is_clear` says whether `most` more bytes may be handed over now."""

    def __init__(
        self, descriptor: int, close: Callable[[], None], is_clear: Callable[[], bool] = lambda: True, most: int = 4096
    ) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._close = close
        self._is_clear = is_clear
        self._most = most
        self._gone = False

    def write(self, payload: memoryview, timeout: float) -> int:
        if not self._waited(self._is_writable, timeout):
            return 0
        try:
            return os.write(self._descriptor, payload[: self._most])
        except BlockingIOError:
            return 0

    def read(self, timeout: float) -> bytes:
        until = time.monotonic() + timeout
        while self._waited(self._is_readable, until - time.monotonic()):
            try:
                if received := os.read(self._descriptor, 4096):
                    return received
            except BlockingIOError:
                pass
            if time.monotonic() > until:  # USB printers send empty packets
                break
            time.sleep(NO_HURRY)
        return b""

    def finish(self, timeout: float) -> None:
        """Wait until all was taken: closing the device drops what is still under way."""
        if not self._waited(self._is_writable, timeout):
            raise TimeoutError(tr("the printer takes no more data"))

    def hang_up(self) -> None:
        self._gone = True

    def close(self) -> None:
        self._close()

    def _is_readable(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def _is_writable(self, seconds: float) -> bool:
        if not select.select([], [self._descriptor], [], seconds)[1]:
            return False
        if self._is_clear():
            return True
        time.sleep(NO_HURRY)
        return False

    def _waited(self, happened: Callable[[float], bool], timeout: float) -> bool:
        """Wait for something, looking at least once; answers whether it happened. ChannelClosedError once hung up."""
        until = time.monotonic() + timeout
        while not self._gone:
            left = until - time.monotonic()
            if happened(max(0.0, min(left, SLICE))):
                return True
            if left <= 0:
                return False
        raise ChannelClosedError(tr("The console is closing"))
