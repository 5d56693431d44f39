"""What the folders' tests share: a line with a pretend platform and connectors at its ends, and a door for its pushes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx
from aiohttp import web

from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.platforms.api import Connector, Message, Settings
from app.platforms.http import new_client
from app.platforms.listening import Listener
from app.platforms.simulation import Simulator

S = TypeVar("S", bound=Simulator)
C = TypeVar("C", bound=Connector)
L = TypeVar("L", bound="Line[Any, Any]")


async def forget(_: Mapping[str, str]) -> None:
    """Saves nothing."""


@dataclass
class Line(Generic[S, C]):
    """Both ends of the wire. `saved` is what connectors stored, and the next ones open with."""

    simulator: S
    make: Callable[..., C]
    client: httpx.AsyncClient = field(default_factory=new_client)
    saved: dict[str, str] = field(default_factory=dict)

    async def save(self, values: Mapping[str, str]) -> None:
        self.saved.update(values)

    def settings(self, **changed: str) -> Settings:
        return Settings(1, {**self.simulator.credentials, **self.saved, **changed}, self.save, self.simulator.address)

    def connect(self, clock: Any = None, **changed: str) -> C:
        """Sign in with the simulator's credentials, what was saved, and `changed`; at the time of `clock`, where given."""
        return self.make(self.settings(**changed), self.client, *([clock] if clock else []))


@asynccontextmanager
async def opened(line: L) -> AsyncIterator[L]:
    """The platform listens meanwhile."""
    await line.simulator.start()
    try:
        async with line.client:
            yield line
    finally:
        await line.simulator.stop()


@asynccontextmanager
async def listening(
    simulator: Simulator, take: Callable[[web.Request], Awaitable[web.Response]], path: str = "/", method: str = "POST"
) -> AsyncIterator[None]:
    """A door for what the platform pushes meanwhile."""
    application = web.Application()
    application.router.add_route(method, "/{path:.*}", take)
    listener = Listener(application)
    simulator.push_to = await listener.open() + path
    try:
        yield
    finally:
        simulator.push_to = ""
        await listener.close()


async def poll_all(connector: Connector, cursor: str = "") -> tuple[list[Message], str]:
    """Poll until there is no more, as the engine does, without storing or acknowledging; the last cursor too."""
    messages: list[Message] = []
    for _ in range(50):
        page = await connector.fetch_orders(cursor)
        messages += page.messages
        cursor = page.cursor
        if not page.more:
            return messages, cursor
    raise AssertionError("a poll without an end")


async def send(connector: Connector, kind: CommandKind, order_id: str, **more: Any) -> OrderUpdate:
    """Send a command where the answer is always a report."""
    update = await connector.send(Command(kind, order_id, key=f"{kind}-{order_id}", **more))
    assert update
    return update
