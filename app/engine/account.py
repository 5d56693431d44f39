"""One account at work: its connector, its polling loop, its health. Failures are logged once, and so is the recovery."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import structlog

from app.db import accounts, inbox, orders, outbox, shops
from app.db.accounts import Account
from app.db.database import Database
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.clock import keep_ahead
from app.engine.house import House
from app.engine.ingest import Ingest
from app.engine.secrets import Vault
from app.engine.vaulted import keep_secrets, settings_of
from app.engine.wanted import Wanted
from app.platforms.api import (
    AcknowledgesMessages,
    Arrival,
    AuthError,
    Connector,
    Message,
    Platform,
    PlatformError,
    ProtocolError,
    RecallsMessages,
    RejectedError,
    Settings,
    TemporaryError,
)
from app.platforms.clock import Ahead
from app.platforms.http import account_client
from app.steady import now

log = structlog.get_logger(__name__)

SECOND_LOOK = 2.0  # seconds after a first failure
LONGEST_PAUSE = 600.0  # seconds, whatever an answer asks for: a word of a proxy's must not keep a shop deaf for a day
RECALLED = timedelta(days=1)
SIGNED_OUT_PAUSE = 60.0  # seconds between two looks at an account whose sign-in is dead


class AccountLoop:
    """Opens the connector, polls with a sleep after each answer, re-reads doubtful orders."""

    def __init__(self, database: Database, house: House, bell: Bell, vault: Vault, platform: Platform, account: Account):
        self.account_id = account.id
        self.platform = platform
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._client = account_client(platform, account.settings)
        self._ahead = Ahead()
        self._client.event_hooks["response"].append(self._ahead.heard)
        self._cursor = account.cursor
        self._wanted = Wanted(asyncio.get_running_loop().time)
        self._waker = asyncio.Event()
        self._recalled = False
        self._healthy = account.state == "ok"
        self._stumbles = 0
        self.connector: Connector = platform.connect(self._settings(account), self._client)

    def want(self, order_id: str) -> None:
        """Ask the platform for this order at the next opportunity, which is now."""
        self._wanted.want(order_id)
        self._waker.set()

    async def run(self, ingest: Ingest) -> None:
        """Poll until cancelled; then let go of the connection."""
        try:
            while True:
                try:
                    await self._rest(ingest, await self._round(ingest))
                except Exception:  # the store failed, not the platform
                    log.exception("account_not_recorded", account=self.account_id)
                    await asyncio.sleep(FAULT_PAUSE)
        finally:
            await self.connector.aclose()
            await self._client.aclose()

    async def _recall(self) -> None:
        """Once, even where it fails: what spoils it is stored, and would keep the shop deaf."""
        if isinstance(self.connector, RecallsMessages):
            stored = await self._database.write(inbox.since, self.account_id, now() - RECALLED)
            self._recalled = True
            self.connector.recall([Message(one.key, one.kind, one.body, one.version, one.order_ref) for one in stored])
        self._recalled = True

    async def _rest(self, ingest: Ingest, pause: float) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + pause
        while (left := until - loop.time()) > 0:
            await rest(self._waker, min(left, self._wanted.wait()))
            await self._look_again(ingest)

    async def _round(self, ingest: Ingest) -> float:
        if not self._recalled:
            await self._recall()
        self._wanted.doubt(await self._database.write(orders.doubtful, self.account_id, now()), self._pace)
        await self._look_again(ingest)
        return await self._guarded(self._poll(ingest))

    async def _look_again(self, ingest: Ingest) -> None:
        if due := self._wanted.due():
            self._wanted.hold(await self._guarded(self._refetch(ingest, due)))

    async def _poll(self, ingest: Ingest) -> float:
        if self.platform.arrival is Arrival.NONE:
            return self._pace
        page = await self.connector.fetch_orders(self._cursor)
        await self._keep_clock()
        await ingest.receive(self.account_id, page.messages, "poll", page.cursor)
        self._cursor = page.cursor
        if isinstance(self.connector, AcknowledgesMessages) and page.messages:
            await self.connector.acknowledge(page.messages)
        return 0.0 if page.more else self._pace

    async def _refetch(self, ingest: Ingest, order_ids: list[str]) -> float:
        for order_id in order_ids:
            try:
                message = await self.connector.fetch_order(order_id)
            except RejectedError as error:
                log.warning("order_not_known_there", account=self.account_id, order=order_id, reason=str(error))
                self._wanted.got(order_id)
            except ProtocolError as error:  # one order nobody can read must not hide the others
                if self._wanted.failed(order_id, final=True):
                    log.warning("order_unreadable", account=self.account_id, order=order_id, reason=str(error))
            except Exception:
                self._wanted.failed(order_id)
                raise
            else:
                await self._keep_clock()
                await ingest.receive(self.account_id, [message], "fetch")
                self._wanted.got(order_id)
        return 0.0

    async def _keep_clock(self) -> None:
        """Before the orders of the same answer are stored, which are as old as it says."""
        measured = self._ahead.measured
        if measured is not None and await self._database.write(keep_ahead, self.account_id, measured):
            log.warning("clock_apart", account=self.account_id, seconds=round(measured.total_seconds()))

    async def _guarded(self, work: object) -> float:
        """Run one piece of work; answers the pause before the next one, and keeps the account's health."""
        try:
            pause: float = await work  # type: ignore[misc]  # a coroutine of float
        except AuthError as error:
            await self._unwell("signed_out", str(error))
            return SIGNED_OUT_PAUSE
        except TemporaryError as error:
            return await self._stumbled(error)
        except PlatformError as error:
            await self._unwell("degraded", str(error))
            return self._pace
        except Exception as error:
            log.exception("account_failed", account=self.account_id)
            await self._unwell("degraded", f"{type(error).__name__}: {error}")
            return self._pace
        await self._well()
        return pause

    async def _stumbled(self, error: TemporaryError) -> float:
        """One lost answer is no outage: it is asked again at once, and only a second one in a row alarms anybody."""
        self._stumbles += 1
        if self._stumbles > 1:
            await self._unwell("degraded", str(error))
        pause = self._pace if self._stumbles > 1 else min(SECOND_LOOK, self._pace)
        return max(min(error.retry_after or 0.0, LONGEST_PAUSE), pause)

    @property
    def _pace(self) -> float:
        return self._house.poll_seconds or self.platform.poll_seconds

    async def _well(self) -> None:
        self._stumbles = 0
        if not self._healthy:
            log.info("account_recovered", account=self.account_id, platform=self.platform.name)
            await self._record("ok", "")
            await self._database.write(outbox.hurry, now(), self.account_id)
            await self._database.write(shops.hurry, now(), self.account_id)
            self._bell.changed("accounts", self.account_id)
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
        values, zone = settings_of(self._vault, account), self._house.calendar.zone
        return Settings(account.id, values, self._save, account.address, zone)

    async def _save(self, values: Mapping[str, str]) -> None:
        await self._database.write(keep_secrets, self._vault, self.platform, self.account_id, dict(values))
