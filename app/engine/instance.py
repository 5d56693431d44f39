"""One engine per data folder: two would print and push everything twice."""

from __future__ import annotations

from filelock import FileLock, Timeout

from app.config import DataFolder


class Instance:
    """Proof of being the folder's only engine, until `release` or the end of this program, however it ends.

    The operating system holds the lock, so a killed engine frees it at once and no stale file can bar the next start.
    A network drive that cannot lock raises OSError or NotImplementedError here; one that pretends to lock cannot be told
    apart, so a shop's folder belongs on a local disk (SQLite's write-ahead log needs that too).
    """

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    @classmethod
    def take(cls, folder: DataFolder) -> Instance | None:
        """Become the folder's engine, or None when another one is running; never waits. The folder must exist."""
        # thread_local=False: taken on one thread, released on another. No soft lock: a mere file would outlive a kill.
        lock = FileLock(folder.lock, thread_local=False, fallback_to_soft=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        return cls(lock)

    def release(self) -> None:
        """Let the next engine in; idempotent."""
        self._lock.release()
