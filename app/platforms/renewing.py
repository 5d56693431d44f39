"""The life of a token: renewed at half of it, saved before it is used, and used on while it lives when renewing fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.platforms.api import PlatformError, ProtocolError, TemporaryError
from app.platforms.http import RETRY_STATUSES, Answer, retry_after
from app.texts import tr

TRY_AGAIN_AFTER = 3_600.0  # seconds after a renewal that failed while the token in hand still works
LAST_DAY = 86_400.0  # seconds: what is left when a token is renewed of which nobody noted the middle of its life
CLOSING = 5.0  # seconds that a closing account waits for a renewal under way; its engine gives up after ten
PASSING = frozenset({"server_error", "temporarily_unavailable", "exceed_limit", "slow_down"})  # of OAuth, and Ele.me's own

Values = dict[str, str]


class Renewal:
    """Asks for new values and saves them, in a task of its own: whoever waits may be cancelled, and what the platform
    granted still reaches the disk. Where a refresh token works once, its successor would be lost for good.
    """

    def __init__(
        self,
        values: Values,
        save: Callable[[Mapping[str, str]], Awaitable[None]],
        ask: Callable[[], Awaitable[Values]],
    ) -> None:
        self._values, self._save, self._ask = values, save, ask
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.unsaved: Values = {}

    async def done(self) -> None:
        """Begin one, or wait for the one that is under way; raises what went wrong with it."""
        task = self._task if self._task and not self._task.done() else self._begun()
        await asyncio.wait({task})  # unlike an await of the task, this one may be cancelled without ending it
        if task.cancelled():
            raise TemporaryError(tr("the account was closed meanwhile"))
        task.result()

    async def aclose(self) -> None:
        """Let one that is under way come to its end, for a moment; what could not be saved is tried again. Idempotent."""
        if self.unsaved and not self._closing and self._task and self._task.done():
            self._begun()
        self._closing = True
        if task := self._task:
            try:
                await asyncio.wait({task}, timeout=CLOSING)
            finally:
                task.cancel()
            await asyncio.wait({task})

    def _begun(self) -> asyncio.Task[None]:
        if self._closing:
            raise TemporaryError(tr("the account was closed meanwhile"))
        self._task = asyncio.get_running_loop().create_task(self._renew())
        self._task.add_done_callback(_heard)
        return self._task

    async def _renew(self) -> None:
        """What was granted is on disk before it is used, and kept in hand until it is: it may be granted only once."""
        if not self.unsaved:
            self.unsaved = await self._ask()
        await self._save(self.unsaved)
        self._values.update(self.unsaved)
        self.unsaved = {}


class Token:
    """One account's token among its `values`, which are changed when it is renewed; `renew` asks for those to keep.

    A crash between the platform's answer and the disk loses a refresh token that works once, and only the token in hand
    goes on: long enough for a person to sign in again. So what goes wrong ahead of its end stops nobody, and a dead token
    says so itself.
    """

    def __init__(
        self,
        values: Values,
        save: Callable[[Mapping[str, str]], Awaitable[None]],
        renew: Callable[[], Awaitable[Values]],
        clock: Callable[[], float],
        name: str = "access_token",
    ) -> None:
        self._values, self._clock, self._name = values, clock, name
        self._renewal = Renewal(values, save, renew)
        self._rest_until = 0.0

    async def living(self, dead: str = "") -> str:
        """The token. `dead` names one that the platform refused; whoever comes second finds it already renewed."""
        held = self._values.get(self._name, "")
        if not held or held == dead:
            await self._renewal.done()
        elif not dead and self._ageing():
            await self._renew_in_time()
        return self._values[self._name]

    async def aclose(self) -> None:
        """See `Renewal.aclose`: to be awaited by the connector before its HTTP client goes."""
        await self._renewal.aclose()

    def _ageing(self) -> bool:
        ends = _seconds(self._values.get("expires_at", ""))
        due = _seconds(self._values.get("renew_at", "")) or ends - LAST_DAY
        return bool(ends) and self._clock() >= max(due, self._rest_until)

    async def _renew_in_time(self) -> None:
        try:
            await self._renewal.done()
        except PlatformError:
            self._rest_until = self._clock() + TRY_AGAIN_AFTER


def lifetime(seconds: Any, now: float) -> Values:
    """The values that tell a token's end, and when to renew it; empty ones for a life that nobody told. Raises ValueError,
    TypeError or OverflowError."""
    lives = float(seconds or 0)
    if not lives:
        return {"expires_at": "", "renew_at": ""}
    return {"expires_at": str(int(now + lives)), "renew_at": str(int(now + lives / 2))}


async def asked(call: Awaitable[Answer]) -> Answer:
    """What a platform answers about a token, if it is about the token. TemporaryError when it is overloaded or broken, or
    when a page stands in the place of the answer: none of that is a reason to sign in again.
    """
    try:
        answer = await call
    except ProtocolError as error:
        raise TemporaryError(str(error)) from error
    body = answer.body if isinstance(answer.body, dict) else {}
    said = body.get("error")
    passing = isinstance(said, str) and said.lower() in PASSING
    if passing or 300 <= answer.status < 400 or answer.status >= 500 or answer.status in RETRY_STATUSES:
        words = body.get("error_description") or (said if isinstance(said, str) else "") or f"HTTP {answer.status}"
        raise TemporaryError(str(words), retry_after(answer.headers))
    return answer


def _heard(task: asyncio.Task[None]) -> None:
    """A failure counts as told even where everybody who waited was cancelled: the next caller asks again."""
    if not task.cancelled():
        task.exception()


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
