"""How far this computer's clock is ahead of a platform's, by the dates of its answers."""

from __future__ import annotations

from datetime import timedelta

import httpx

from app import steady
from app.platforms.http import server_time


class Ahead:
    """What the answers of one platform say of our clock, by their Date headers (RFC 9110, 6.6.1)."""

    def __init__(self) -> None:
        self.measured: timedelta | None = None

    async def heard(self, response: httpx.Response) -> None:
        """A hook of the client's; what a cache kept for a while (Age) tells nothing."""
        told = server_time(response.headers)
        if told is not None and "age" not in response.headers:
            self.measured = timedelta(seconds=steady.time() - told)
