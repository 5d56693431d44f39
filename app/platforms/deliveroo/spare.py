"""The list calls that polling leaves over: one budget for looks back and for the lists of whole days."""

from __future__ import annotations

POLL_SECONDS = 20.0
APART = 4  # polls from one spare call to the next


class Spare:
    """Counts in polls, not minutes, so that it follows the engine's interval; polls themselves never wait.

    Of the 5 list calls a minute polls take three, wherever the minute begins, a spare call one, and one is left for the
    first poll of a console that starts anew. That one knows nothing of the calls before it: its first spare call comes late.
    """

    def __init__(self) -> None:
        self._polls, self._spent = 0, 0

    def polled(self) -> None:
        """A poll is over."""
        self._polls += 1

    def wait(self) -> float:
        """Seconds until one may be taken, as far as polls can tell."""
        return max(0, APART - self._polls + self._spent) * POLL_SECONDS

    def take(self) -> bool:
        """Whether a spare call may be made now; it counts as made."""
        if self.wait():
            return False
        self._spent = self._polls
        return True

    @property
    def contested(self) -> bool:
        """Whether anybody polls beside: what asks for a day's list alone may take all there is."""
        return self._polls > 1
