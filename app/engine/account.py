"""One account at work: its connector, its polling loop, its health. Failures are logged once, and so is the recovery."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from app.db import accounts, orders
from app.db.accounts import Account
from app.db.database import Database
from app.engine.bell import Bell, rest
from app.engine.house import House, now
from app.engine.ingest import Ingest
from app.engine.secrets import Vault
from app.engine.vaulted import keep_secrets, settings_of
from app.platforms.api import (
    AcknowledgesMessages,
    AuthError,
    Connector,
    Platform,
    PlatformError,
    RejectedError,
    Settings,
    TemporaryError,
)
from app.platforms.http import new_client

log = structlog.get_logger(__name__)

SIGNED_OUT_PAUSE = 60.0  # seconds between two looks at an account whose sign-in is dead
REFETCH_PAUSE = 5.0


class AccountLoop:
    """Opens the connector, polls with a sleep after each answer, re-reads doubtful orders."""

    def __init__(self, database: Database, house: House, bell: Bell, vault: Vault, platform: Platform, account: Account):
        self.account_id = account.id
        self.platform = platform
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._client = new_client()
        self._cursor = account.cursor
        self._wanted: set[str] = set()
        self._waker = asyncio.Event()
        self._healthy = account.state == "ok"
        self.connector: Connector = platform.connect(self._settings(account), self._client)

    def want(self, order_id: str) -> None:
        """Ask the platform for this order at the next opportunity, which is now."""
        self._wanted.add(order_id)
        self._waker.set()

    async def run(self, ingest: Ingest) -> None:
        """Poll until cancelled; then let go of the connection."""
        try:
            while True:
                pause = await self._round(ingest)
                await self._rest(ingest, pause)
        finally:
            await self.connector.aclose()
            await self._client.aclose()

    async def _rest(self, ingest: Ingest, pause: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + pause
        while (left := until - loop.time()) > 0:
            await rest(self._waker, left)
            if self._wanted:
                await self._guarded(self._refetch_wanted(ingest))

    async def _round(self, ingest: Ingest) -> float:
        self._wanted.update(await self._database.write(orders.doubtful, self.account_id, now()))
        await self._guarded(self._refetch_wanted(ingest))
        return await self._guarded(self._poll(ingest))

    async def _poll(self, ingest: Ingest) -> float:
        page = await self.connector.fetch_orders(self._cursor)
        await ingest.receive(self.account_id, page.messages, "poll", page.cursor)
        self._cursor = page.cursor
        if isinstance(self.connector, AcknowledgesMessages) and page.messages:
            await self.connector.acknowledge(page.messages)
        return 0.0 if page.more else self._pace

    async def _refetch_wanted(self, ingest: Ingest) -> float:
        while self._wanted:
            order_id = self._wanted.pop()
            try:
                message = await self.connector.fetch_order(order_id)
            except RejectedError as error:
                log.warning("order_not_known_there", account=self.account_id, order=order_id, reason=str(error))
                continue
            except PlatformError:
                self._wanted.add(order_id)
                raise
            await ingest.receive(self.account_id, [message], "fetch")
        return self._pace

    async def _guarded(self, work: object) -> float:
        """Run one piece of work; answers the pause before the next one, and keeps the account's health."""
        try:
            pause: float = await work  # type: ignore[misc]  # a coroutine of float
        except AuthError as error:
            await self._unwell("signed_out", str(error))
            return SIGNED_OUT_PAUSE
        except TemporaryError as error:
            await self._unwell("degraded", str(error))
            return max(error.retry_after or 0.0, self._pace)
        except PlatformError as error:
            await self._unwell("degraded", str(error))
            return self._pace
        except Exception as error:
            log.exception("account_failed", account=self.account_id)
            await self._unwell("degraded", f"{type(error).__name__}: {error}")
            return self._pace
        await self._well()
        return pause

    @property
    def _pace(self) -> float:
        return self._house.poll_seconds or self.platform.poll_seconds

    async def _well(self) -> None:
        if not self._healthy:
            log.info("account_recovered", account=self.account_id, platform=self.platform.name)
            await self._record("ok", "")
        self._healthy = True

    async def _unwell(self, state: str, text: str) -> None:
        if self._healthy:
            log.warning("account_unwell", account=self.account_id, platform=self.platform.name, state=state, reason=text)
        self._healthy = False
        await self._record(state, text)

    async def _record(self, state: str, text: str) -> None:
        if await self._database.write(accounts.set_state, self.account_id, now(), state, text):
            self._bell.changed("accounts", self.account_id)

    def _settings(self, account: Account) -> Settings:
        return Settings(account.id, settings_of(self._vault, account), self._save, account.address)

    async def _save(self, values: Mapping[str, str]) -> None:
        await self._database.write(keep_secrets, self._vault, self.platform, self.account_id, dict(values))
