"""The only door into the store: a raw message is committed to the inbox, then read, mapped and applied.

`receive` returns when the messages are durable, so its callers may acknowledge them. Reading happens afterwards, one
transaction a message; a message that cannot be read is parked with its reason and never holds up the next one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from app.db import accounts, inbox
from app.db.database import Database
from app.db.inbox import NewMessage, StoredMessage
from app.domain.changes import OrderUpdate
from app.engine.apply import WAITS, UnknownOrderError, apply
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.house import House
from app.platforms.api import Connector, Message, ProtocolError, UnknownMessageError
from app.steady import now
from app.texts import tr

log = structlog.get_logger(__name__)

ATTEMPTS = 5
CLOSED_PAUSE = 5.0  # seconds between two looks for the connector of a message's account
Refetch = Callable[[int, str], None]


class Ingest:
    """`connector` finds the open connector of an account; `refetch` asks the platform for an order, soon."""

    def __init__(
        self, database: Database, house: House, bell: Bell, connector: Callable[[int], Connector | None], refetch: Refetch
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._connector = connector
        self._refetch = refetch
        self._waker = asyncio.Event()

    async def receive(self, account_id: int, messages: Iterable[Message], source: str, cursor: str | None = None) -> None:
        """Commit messages (and the cursor that covers them). After this returns they may be acknowledged."""
        rows = [NewMessage(one.key, one.kind, one.body, one.version, one.order_id) for one in messages]
        fresh = await self._database.write(_receive, account_id, rows, source, cursor)
        if fresh:
            self._waker.set()

    async def refuse(self, account_id: int, reason: str, body: bytes) -> bool:
        """Keep a push that was turned away, for a person to look at; it never becomes an order. False: full."""
        key = f"refused:{hashlib.sha256(body).hexdigest()}"
        evidence = NewMessage(key, "refused", body, 0)
        kept: bool = await self._database.write(inbox.keep_refused, account_id, evidence, reason, now())
        if kept:
            self._bell.changed("problems", account_id)
        return kept

    async def run(self) -> None:
        """Read whatever is due, for ever; cancelled by the engine."""
        while True:
            await rest(self._waker, 1.0)
            try:
                while due := await self._database.write(inbox.due, now()):
                    await asyncio.gather(*(self.read(message) for message in due))  # in order, sharing flushes of the disk
            except Exception:  # the store failed, not a message: what is unread stays so
                log.exception("inbox_failed")
                await asyncio.sleep(FAULT_PAUSE)

    async def read(self, message: StoredMessage) -> None:
        """Map and apply one stored message, whatever is wrong with it."""
        connector = self._connector(message.account_id)
        if connector is None:  # switched off, or just being opened: the message waits, and that is no failed attempt
            due_at = now() + timedelta(seconds=CLOSED_PAUSE)
            await self._database.write(inbox.postpone, message.id, due_at, tr("the account is switched off"), attempts=0)
            return
        try:
            updates = _map(connector, message)
            order_ids = await self._database.write(_apply, self._house, message, updates)
        except UnknownMessageError as reason:
            await self._settle(message, "ignored", str(reason))
        except ProtocolError as reason:
            await self._park(message, str(reason))
        except UnknownOrderError as reason:
            self._refetch(message.account_id, str(reason.args[0]))
            await self._later(message, tr(WAITS))
        except Exception as error:
            log.exception("message_not_read", message=message.id, kind=message.kind)
            await self._later(message, f"{type(error).__name__}: {error}")
        else:
            self._bell.changed("orders", *order_ids)
            self._ask_again(message, updates)

    def _ask_again(self, message: StoredMessage, updates: tuple[OrderUpdate, ...]) -> None:
        for update in updates:
            if update.incomplete and message.source != "fetch":
                self._refetch(message.account_id, update.order_id)

    async def _later(self, message: StoredMessage, reason: str) -> None:
        if message.attempts + 1 >= ATTEMPTS:
            await self._park(message, reason)
            return
        due_at = now() + timedelta(seconds=2**message.attempts)
        await self._database.write(inbox.postpone, message.id, due_at, reason)

    async def _park(self, message: StoredMessage, reason: str) -> None:
        log.error("message_parked", message=message.id, kind=message.kind, reason=reason)
        await self._settle(message, "parked", reason)
        self._bell.changed("problems", message.account_id)

    async def _settle(self, message: StoredMessage, state: str, reason: str) -> None:
        await self._database.write(inbox.settle, message.id, state, reason)


def _receive(
    connection: Connection, account_id: int, messages: list[NewMessage], source: str, cursor: str | None
) -> list[int]:
    at = now()
    fresh = inbox.add(connection, account_id, messages, source, at)
    if cursor is not None:
        accounts.change(connection, account_id, cursor=cursor, last_contact=at)
    return fresh


def _map(connector: Connector, message: StoredMessage) -> tuple[OrderUpdate, ...]:
    return connector.read(Message(message.key, message.kind, message.body, message.version, message.order_ref))


def _apply(connection: Connection, house: House, message: StoredMessage, updates: tuple[OrderUpdate, ...]) -> list[int]:
    account = accounts.get(connection, message.account_id)
    order_ids = [apply(connection, house, account, update, now()) for update in updates]
    inbox.settle(connection, message.id, "done")
    return order_ids
