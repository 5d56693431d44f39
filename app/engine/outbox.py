"""Sends commands to platforms: in order within an order, side by side across orders, retried until told or too late.

The platform's answer decides: yes - confirmed, and the order read again; a passing fault, or a page that is no answer -
backed off, never past the deadline; no - refused in the platform's own words, and the order read again; sign-in dead - kept
until a person signed in.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.db import accounts, orders, outbox
from app.db.database import Database, StoreError
from app.db.outbox import Entry
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import DEAD
from app.domain.money import Money
from app.engine.apply import apply
from app.engine.bell import FAULT_PAUSE, Bell, rest
from app.engine.house import House
from app.platforms.abilities import RefundsOrders
from app.platforms.api import AuthError, Connector, ProtocolError, RejectedError, TemporaryError
from app.steady import now
from app.texts import N_, tr

log = structlog.get_logger(__name__)

# Seconds before the next try, by tries made; the last one repeats. A fifth of chance keeps consoles from marching in step.
BACK_OFF = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
PATIENCE = timedelta(hours=2)  # a command without a deadline of its platform is given up after this
LATE = timedelta(minutes=1)  # past its end, as after a night: somebody may have given the money back elsewhere
IDLE = 1.0
GRACE = 2.0

_WAITED = N_("It waited for too long. See on the platform whether the money was given back there, then ask again.")


class Outbox:
    """The pump. `connector` finds the open connector of an account; `refetch` asks the platform for an order, soon."""

    def __init__(
        self,
        database: Database,
        house: House,
        bell: Bell,
        connector: Callable[[int], Connector | None],
        refetch: Callable[[int, str], None],
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._connector = connector
        self._refetch = refetch
        self._waker = bell.waker()
        self._sending: dict[asyncio.Task[None], int] = {}
        self._lost = False
        self._chance = random.Random()  # noqa: S311 - jitter, not a secret

    async def run(self) -> None:
        """Send whatever is due, for ever; cancelled by the engine, which waits for what is in flight."""
        try:
            while True:
                try:
                    await self._pump()
                except Exception:  # the store failed, not a command
                    log.exception("outbox_failed")
                    await asyncio.sleep(FAULT_PAUSE)
                await rest(self._waker, IDLE)
        finally:
            await _wind_up(set(self._sending))

    async def _pump(self) -> None:
        if self._lost:
            await self._database.write(outbox.revive, frozenset(self._sending.values()))
            self._lost = False
        for entry in await self._database.write(outbox.claim, now()):
            self._start(entry)

    def _start(self, entry: Entry) -> None:
        task = asyncio.get_running_loop().create_task(self._send(entry))
        self._sending[task] = entry.id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A command whose outcome could not be written down is due again, once the store answers."""
        entry_id = self._sending.pop(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("command_not_recorded", command=entry_id, exc_info=error)
            self._lost = True

    async def _send(self, entry: Entry) -> None:
        if entry.command.kind is CommandKind.REFUND and now() > _limit(entry) + LATE:
            await self._settle(entry, "dead", entry.text or tr(_WAITED))
            return
        connector = self._connector(entry.account_id)
        try:
            update, given = await _ask(connector, entry)
        except TemporaryError as error:
            await self._again(entry, str(error), error.retry_after)
        except AuthError as error:
            await self._again(entry, str(error), 30.0)
        except ProtocolError as error:
            await self._unread(entry, error)
        except RejectedError as error:
            await self._settle(entry, "refused", str(error))
        except Exception as error:  # noqa: BLE001 - told and logged there, whatever it is
            await self._failed(entry, connector, error)
        else:
            await self._confirm(entry, update, given)

    async def _unread(self, entry: Entry, error: ProtocolError) -> None:
        """The page of a proxy, a captive portal: steps look before they repeat; what became of money a person must see."""
        if entry.command.kind is not CommandKind.REFUND:
            await self._again(entry, str(error), None)
            return
        log.warning("command_failed", command=entry.id, kind=entry.command.kind.value, reason=str(error))
        await self._settle(entry, "dead", str(error))

    async def _failed(self, entry: Entry, connector: Connector | None, error: Exception) -> None:
        if self._connector(entry.account_id) is not connector:
            await self._again(entry, tr("the account was closed meanwhile"), None)
            return
        log.error("command_failed", command=entry.id, kind=entry.command.kind.value, exc_info=error)
        await self._settle(entry, "dead", f"{type(error).__name__}: {error}")

    async def _confirm(self, entry: Entry, update: OrderUpdate | None, given: Money | None) -> None:
        try:
            await self._database.write(_confirmed, self._house, entry, update, given)
        except StoreError:
            raise
        except Exception:  # the platform said yes; what it told beside that must not make us ask again
            log.exception("answer_not_applied", command=entry.id, kind=entry.command.kind.value)
            update = None
            await self._database.write(_confirmed, self._house, entry, None, given)
        self._bell.changed("orders", entry.order_id)
        if update is None or update.facts is None:
            self._refetch(entry.account_id, entry.command.order_id)

    async def _again(self, entry: Entry, text: str, retry_after: float | None) -> None:
        if _too_late(entry):
            await self._settle(entry, "dead", text)
            return
        pause = max(BACK_OFF[min(entry.attempts, len(BACK_OFF) - 1)] * self._chance.uniform(0.8, 1.2), retry_after or 0.0)
        wait = min(timedelta(seconds=pause), outbox.LONGEST_REST)
        due_at = min(now() + wait, _limit(entry))  # a last try at the deadline, none after it
        await self._database.write(_postponed, entry, text, due_at)
        self._bell.changed("orders", entry.order_id)

    async def _settle(self, entry: Entry, state: str, text: str) -> None:
        """It ended without a yes; how the order stands only the platform knows."""
        await self._database.write(_settled, entry, state, text)
        self._bell.changed("orders", entry.order_id)
        self._refetch(entry.account_id, entry.command.order_id)


async def _wind_up(tasks: set[asyncio.Task[None]]) -> None:
    """Let what is in flight finish for a moment; what does not is due again at the next start."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=GRACE)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


async def _ask(connector: Connector | None, entry: Entry) -> tuple[OrderUpdate | None, Money | None]:
    """What the platform's yes tells of the order, and of money that it gives back."""
    if connector is None:
        raise TemporaryError(tr("the account is switched off"))
    if entry.command.kind is CommandKind.REFUND:
        return None, await _give_back(connector, entry.command)
    return await connector.send(entry.command), None


async def _give_back(connector: Connector, wanted: Command) -> Money | None:
    """How the order then stands is read from the platform."""
    if not isinstance(connector, RefundsOrders):
        raise RejectedError(tr("This platform takes no refunds from here."))
    return await connector.refund(wanted.order_id, wanted.amount, wanted.lines, wanted.text, wanted.key)


def _too_late(entry: Entry) -> bool:
    return now() >= _limit(entry)


def _limit(entry: Entry) -> datetime:
    return entry.deadline or entry.created_at + PATIENCE


def _confirmed(connection: Connection, house: House, entry: Entry, update: OrderUpdate | None, given: Money | None) -> None:
    at = now()
    outbox.settle(connection, entry.id, "confirmed", at)
    if given:
        outbox.note_given(connection, entry.id, entry.command, given)
    orders.add_history(connection, entry.order_id, at, "platform", f"{entry.command.kind.value}_confirmed")
    if entry.command.kind is CommandKind.REPLY_URGE:
        _urge_answered(connection, entry)
    if update is not None:
        apply(connection, house, accounts.get(connection, entry.account_id), update, at)


def _urge_answered(connection: Connection, entry: Entry) -> None:
    order = orders.get(connection, entry.order_id)
    urges = tuple(replace(one, replied=one.replied or one.key == entry.command.urge_key) for one in order.urges)
    orders.save(connection, replace(order, urges=urges))


def _postponed(connection: Connection, entry: Entry, text: str, due_at: datetime) -> None:
    if orders.get(connection, entry.order_id).state.kitchen in DEAD:
        outbox.settle(connection, entry.id, "superseded", now(), text)
    else:
        outbox.change(connection, entry.id, state="pending", due_at=due_at, text=text)


def _settled(connection: Connection, entry: Entry, state: str, text: str) -> None:
    at = now()
    outbox.settle(connection, entry.id, state, at, text)
    orders.add_history(connection, entry.order_id, at, "platform", f"{entry.command.kind.value}_{state}", text)
