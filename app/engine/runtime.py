"""The engine: one I/O loop in one thread that runs every account, the inbox, the outbox, the printers and the receiver."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from app.config import DataFolder
from app.db import accounts, audit, inbox, outbox, print_jobs, redemptions
from app.db.accounts import Account
from app.db.database import Database
from app.engine.account import AccountLoop
from app.engine.announcer import Announcer
from app.engine.bell import Bell
from app.engine.completeness import Completeness
from app.engine.control import Control
from app.engine.controls import controls
from app.engine.desk import RefusalError
from app.engine.facade import Facade
from app.engine.guard import Rate
from app.engine.house import House
from app.engine.ingest import Ingest
from app.engine.inquiries import Inquiries
from app.engine.outbox import Outbox
from app.engine.overview import RECEIVER_PORT, hook_addresses
from app.engine.printer_setup import PrinterSetup
from app.engine.relayed import Relayed
from app.engine.rounds import Rounds
from app.engine.schedule import Schedule
from app.engine.secrets import Vault
from app.engine.setup import Setup
from app.engine.shop_controls import shop_controls
from app.engine.spooler import Spooler
from app.engine.storefronts import Storefronts
from app.engine.voice import Voice
from app.engine.voucher_facade import voucher_controls
from app.engine.vouchers import Vouchers
from app.engine.webhooks import Hook, Receiver
from app.platforms.api import Connector, Message, TakesWebhooks
from app.platforms.voice import HearsStaff
from app.steady import now
from app.texts import speaking, tr

log = structlog.get_logger(__name__)

STOP_SECONDS = 10.0
REFUSALS_LOGGED = 5  # lines a second of each account and reason: no stranger rolls over the logs of a whole day


class Engine:
    """Built by `bootstrap.open_engine`. `start` returns when the receiver listens; `stop` is bounded and idempotent."""

    facade: Facade
    receiver: str  # base URL of the webhook receiver
    has_window = True  # `serve` runs without one, and then cannot bring it to the front

    def __init__(self, folder: DataFolder, database: Database, vault: Vault, house: House, receiver_port: int = 0) -> None:
        self._folder = folder
        self._database = database
        self._vault = vault
        self._house = house
        self._receiver_port = receiver_port
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._accounts: dict[int, tuple[AccountLoop, asyncio.Task[None]]] = {}
        self._hooks: dict[tuple[str, str], Hook] = {}
        self._chores: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Bring everything up; raises what kept it from starting."""
        self._thread.start()
        self._ready.wait()
        if self._failure:
            self._thread.join()
            raise self._failure

    def stop(self) -> None:
        """Wind everything down and close the store."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(STOP_SECONDS)
        self._database.close()

    def hook_url(self, account_id: int) -> str:
        """Where the platform (or a relay on this machine) may push for this account."""
        return self._database.read(hook_addresses)[account_id]

    def idle(self) -> bool:
        """Nothing waits to be read, sent or printed."""
        waiting = self._database.read(inbox.waiting) + self._database.read(outbox.waiting)
        return waiting + self.facade.pending_tickets() == 0

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._failure = error
            log.exception("engine_failed")
        finally:
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        self._build()
        await self._recover()
        await self._spooler.start()
        for account in await self._database.write(accounts.every):
            await self._open(account)
        self.receiver = await self._listen()  # not before: an account that is not open yet would turn pushes away
        await self._control.start()
        steady = (self._outbox.run(), self._ingest.run(), self._schedule.run(), self._completeness.run())
        shop = (self._storefronts.run(), self._rounds.run(), self._announcer.run(), self._vouchers.run())
        loops = [self._task(one) for one in (*steady, self._relayed.run(), *shop)]
        self._ready.set()
        await self._stopping.wait()
        await self._wind_down(loops)

    def _build(self) -> None:
        self._bell = Bell()
        self._refusals = Rate(REFUSALS_LOGGED)
        self._restarting = asyncio.Lock()  # two at once would leave a loop that nobody can end
        self._ingest = Ingest(self._database, self._house, self._bell, self._connector, self._refetch)
        self._outbox = Outbox(self._database, self._house, self._bell, self._connector, self._refetch)
        self._spooler = Spooler(self._database, self._house, self._bell, self._vault)
        self._schedule = Schedule(self._folder, self._database)
        self._completeness = Completeness(self._database, self._house, self._bell, self._connector, self._refetch)
        setup = Setup(self._database, self._house, self._bell, self._vault, self._restart)
        printers = PrinterSetup(self._database, self._house, self._bell, self._vault, self._spooler.restart)
        self._storefronts = Storefronts(self._database, self._house, self._bell, self._connector)
        self._voice = Voice(self._database, self._house, self._bell, self._storefronts)
        self._announcer = Announcer(self._database, self._house, self._bell, self._connector)
        inquiries = Inquiries(self._database, self._bell, self._connector, self._house.calendar.zone)
        self._rounds = Rounds(self._database, self._house, inquiries, self._connector)
        self._vouchers = Vouchers(self._database, self._house, self._bell, self._connector)
        counter = (self._storefronts, inquiries, self._vouchers)
        self.facade = Facade(self._database, self._house, self._bell, setup, printers, *counter, self._loop)
        self._receiver = Receiver(self._find_hook)
        self._relayed = Relayed(self._database, self._bell, self._ingest, self._find_taker)
        shop = {**shop_controls(self._storefronts, self._database), **voucher_controls(self._vouchers)}
        self._control = Control(self._folder, {**controls(setup, printers, self._show), **shop})

    def _show(self) -> None:
        if not self.has_window:
            raise RefusalError(
                tr("The engine of this folder runs without a window. Stop it first: it was started with serve.")
            )
        self._bell.changed("window")

    async def _recover(self) -> None:
        """After a crash: commands and redemptions in flight are due again, tickets in flight are unknown, unread messages
        are read."""
        await self._database.write(outbox.revive)
        await self._database.write(outbox.hurry, now())
        await self._database.write(redemptions.revive, now())
        for job_id in await self._database.write(print_jobs.mark_interrupted, now()):
            log.warning("ticket_interrupted", ticket=job_id)

    async def _wind_down(self, loops: list[asyncio.Task[None]]) -> None:
        await self._control.stop()
        await self._receiver.stop()
        await self._voice.close()
        await asyncio.gather(self._spooler.stop(), self._end(loops))
        await self._end([task for _, task in self._accounts.values()])  # what was in flight needed their connections

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._chores, return_exceptions=True)

    async def _listen(self) -> str:
        """Keep the port of last time where possible: relays and tunnels have been told it."""
        wanted = self._receiver_port or int(await self._database.write(audit.preference, RECEIVER_PORT, 0))
        try:
            url = await self._receiver.start(port=wanted)
        except OSError as error:
            log.warning("receiver_port_taken", port=wanted, reason=str(error))
            url = await self._receiver.start(port=0)
        await self._database.write(audit.set_preference, RECEIVER_PORT, int(url.rpartition(":")[2]))
        return url

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._loop.create_task(work)

    def _aside(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self._loop.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _open(self, account: Account) -> None:
        hook = account.platform, account.hook_token
        self._hooks[hook] = self._hook(account.id, None)
        platform = self._house.platforms.get(account.platform)
        if not account.enabled:
            return
        if platform is None:
            text = tr("no connector for {platform} is installed: no orders arrive", platform=account.platform)
            await self._database.write(accounts.set_state, account.id, now(), "degraded", text)
            return
        try:
            loop = AccountLoop(self._database, self._house, self._bell, self._vault, platform, account)
        except Exception as error:  # one account that cannot be opened must not keep the shop closed
            log.exception("account_not_opened", account=account.id, platform=account.platform)
            text = f"{type(error).__name__}: {error}"
            await self._database.write(accounts.set_state, account.id, now(), "degraded", text)
            return
        self._accounts[account.id] = loop, self._task(loop.run(self._ingest))
        if isinstance(loop.connector, TakesWebhooks):
            self._hooks[hook] = self._hook(account.id, loop.connector)
        elif isinstance(loop.connector, HearsStaff):
            answer = partial(self._voice.answer, account.id, loop.connector)
            self._hooks[hook] = replace(self._hook(account.id, None), answer=answer)
        else:  # it never pushes: whoever does is no platform, and would push again for ever
            del self._hooks[hook]

    def _find_hook(self, platform: str, token: str) -> Hook | None:
        return self._hooks.get((platform, token))

    def _find_taker(self, platform: str, token: str) -> Hook | None:
        """For the relay, which answers later: no voice."""
        found = self._find_hook(platform, token)
        return found if found and not found.answer else None

    def _hook(self, account_id: int, taker: TakesWebhooks | None) -> Hook:
        async def store(messages: tuple[Message, ...]) -> None:
            await self._ingest.receive(account_id, messages, "push")

        def reject(reason: str, body: bytes) -> None:
            if self._refusals.allows(f"{account_id} {reason}", self._loop.time()):
                log.warning("webhook_refused", account=account_id, reason=reason)
            if body:
                self._aside(self._ingest.refuse(account_id, reason, body))

        return Hook(taker, store, reject)

    async def _restart(self, account_id: int) -> None:
        async with self._restarting:
            account = await self._database.write(accounts.get, account_id)
            self._hooks[account.platform, account.hook_token] = self._hook(account_id, None)
            if account_id in self._accounts:
                _, task = self._accounts.pop(account_id)
                await self._end([task])
            with speaking(""):  # its loop outlives the command that asked for it, perhaps in another language
                await self._open(account)

    def _connector(self, account_id: int) -> Connector | None:
        found = self._accounts.get(account_id)
        return found[0].connector if found else None

    def _refetch(self, account_id: int, order_id: str) -> None:
        found = self._accounts.get(account_id)
        if found:
            found[0].want(order_id)
