"""The engine in its smallest form, for the suite: a counter that stores, acknowledges and reads, and its door for pushes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import OrderState, merge_all
from app.domain.orders import OrderFacts
from app.platforms.api import (
    AcknowledgesMessages,
    Connector,
    ForgedWebhookError,
    Message,
    Page,
    ProtocolError,
    RecallsMessages,
    Received,
    TakesWebhooks,
    TemporaryError,
    UnknownMessageError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.listening import Listener
from app.platforms.simulation import PretendOrder, Simulator, Truth

T = TypeVar("T")

PATIENCE = 60.0  # seconds for a push on a loaded machine; only a failing check waits so long
PAGES = 200  # of one poll: more is a poll without an end
REFUSED, UNREADABLE, DEAD_COUNTER = WebhookReply(401), WebhookReply(400), WebhookReply(503)


async def patiently(ask: Callable[[], Awaitable[T]], tries: int = 300) -> T:
    """Do as the engine does on TemporaryError: wait and ask again, here for a few moments at most."""
    for _ in range(tries):
        try:
            return await ask()
        except TemporaryError as error:
            await asyncio.sleep(min(error.retry_after or 0.0, 0.05))
    raise AssertionError(f"still no answer after {tries} tries")


async def until(true: Callable[[], Any]) -> None:
    """Wait for something another task does. TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is awaited lives in another object and has no event
            await asyncio.sleep(0.01)


@dataclass
class Counter:
    """Store, acknowledge, keep the cursor, read. `pushed_only`: a poll waits for what is on its way to the door."""

    simulator: Simulator
    connector: Connector
    connect: Callable[[Mapping[str, str]], Connector]
    cursor: str = ""
    stored: dict[str, Message] = field(default_factory=dict)
    proven: list[OrderUpdate] = field(default_factory=list)
    pushed_only: bool = False

    async def poll(self, pages: int = PAGES, deaths: int = 0) -> None:
        """Fetch until the platform has no more, as the engine does; the program dies after each of the first `deaths`
        pages that are followed by another."""
        await self.delivered()
        for turn in range(pages):
            page = await self.fetch()
            self.store(page.messages)
            self.cursor = page.cursor
            await self._acknowledge(page.messages)
            if not page.more:
                return
            if turn < deaths:
                await self.restart()
        raise AssertionError("a poll without an end")

    async def place(self, order: PretendOrder | None = None) -> str:
        """A customer orders, and the platform has told whom it can only tell by itself; answers the order's id."""
        order_id = self.simulator.place(order)
        await self.delivered()
        return order_id

    async def delivered(self) -> None:
        """Wait for what is on its way to the door, where there is no other way."""
        if self.pushed_only:
            await until(lambda: not self.simulator.undelivered())

    async def fetch(self) -> Page:
        """A page that nobody stores yet."""
        return await patiently(lambda: self.connector.fetch_orders(self.cursor))

    def store(self, messages: tuple[Message, ...]) -> None:
        """Commit to the inbox."""
        self.stored.update((message.key, message) for message in messages)

    async def restart(self) -> None:
        """A new process: a new connector that knows only the settings, the stored cursor and, where it wants, the inbox."""
        await self.connector.aclose()
        self.connector = self.connect({})
        if isinstance(self.connector, RecallsMessages):
            self.connector.recall(list(self.stored.values()))

    async def verify(self) -> None:
        """Sign in, and go on with what that learnt."""
        info = await patiently(self.connector.verify)
        await self.connector.aclose()
        self.connector = self.connect(info.values)

    async def send(self, kind: CommandKind, order_id: str, **more: Any) -> None:
        """Send a command until it is answered, and keep what the answer proves."""
        command = Command(kind, order_id, key=f"{kind}-{order_id}", **more)
        update = await patiently(lambda: self.connector.send(command))
        self.proven += [update] if update else []

    async def updates(self, order_id: str) -> list[OrderUpdate]:
        """All that is known of one order; an incomplete report is completed by a fetch."""
        found = self.heard(order_id)
        if any(update.incomplete for update in found) or not any(update.facts for update in found):
            found += self.connector.read(await patiently(lambda: self.connector.fetch_order(order_id)))
        return found

    def heard(self, order_id: str) -> list[OrderUpdate]:
        """What was stored about one order."""
        return [update for update in self.everything() if update.order_id == order_id]

    def everything(self) -> list[OrderUpdate]:
        """All stored messages, read."""
        found = list(self.proven)
        for message in self.stored.values():
            with suppress(UnknownMessageError):
                found += self.connector.read(message)
        return found

    async def facts(self, order_id: str) -> OrderFacts:
        """The newest facts."""
        known = [update for update in await self.updates(order_id) if update.facts]
        newest = max(known, key=lambda update: update.version).facts
        assert newest
        return newest

    async def state(self, order_id: str) -> OrderState:
        """Merged progress, the platform's present view included."""
        now = self.connector.read(await patiently(lambda: self.connector.fetch_order(order_id)))
        return merge_all(update.state for update in [*await self.updates(order_id), *now])

    def order_ids(self) -> set[str]:
        """Orders heard of."""
        return {update.order_id for update in self.everything()}

    def truth(self, order_id: str) -> Truth:
        """The same order at the platform."""
        return next(truth for truth in self.simulator.truth() if truth.order_id == order_id)

    def records(self, what: str) -> int:
        """How often the platform wrote this down."""
        return sum(record.what == what for record in self.simulator.records)

    async def _acknowledge(self, messages: tuple[Message, ...]) -> None:
        connector = self.connector
        if isinstance(connector, AcknowledgesMessages):
            await patiently(lambda: connector.acknowledge(messages))


@dataclass
class Door:
    """A webhook receiver that answers the platform exactly as the connector says, once the message is stored.

    `closed`: answers a fault before anything is stored, as a counter that dies does. `commit` holds the store up until it is
    set. `answer` is what goes out instead of the connector's reply (a relay's, a wrong one).
    """

    counter: Counter
    requests: list[tuple[WebhookRequest, Received]] = field(default_factory=list)
    closed: bool = False
    commit: asyncio.Event = field(default_factory=asyncio.Event)
    answer: Callable[[WebhookRequest, WebhookReply], WebhookReply] = lambda _, reply: reply
    replies: list[WebhookReply] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.commit.set()

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrived = WebhookRequest(request.method, request.path, dict(request.query), headers, await request.read())
        reply = DEAD_COUNTER if self.closed else await self._stored(arrived)
        self.replies.append(reply)
        return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)

    async def _stored(self, arrived: WebhookRequest) -> WebhookReply:
        try:
            received = self.connector.receive(arrived)
        except ForgedWebhookError:
            return REFUSED
        except ProtocolError:
            return UNREADABLE
        self.requests.append((arrived, received))
        await self.commit.wait()
        self.counter.store(received.messages)
        return self.answer(arrived, received.reply)

    @property
    def connector(self) -> TakesWebhooks:
        assert isinstance(self.counter.connector, TakesWebhooks)
        return self.counter.connector

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Door]:
        """Listen, and point the simulator here."""
        application = web.Application()
        application.router.add_route("*", "/webhook", self.take)
        listener = Listener(application)
        self.counter.simulator.push_to = f"{await listener.open()}/webhook"
        try:
            yield self
        finally:
            self.commit.set()
            self.counter.simulator.push_to = ""
            await listener.close()

    def genuine(self) -> WebhookRequest | None:
        """A request that carried an order."""
        return next((request for request, received in self.requests if received.messages), None)

    def stored(self) -> bool:
        """Whether a push was taken to the end."""
        return bool(self.counter.stored)
