"""A shop for tests: a store in memory, orders in one line, and a platform whose every answer the test decides."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any

import httpx
from sqlalchemy import Connection, Engine, NullPool, StaticPool, create_engine

from app.db import accounts, orders, print_jobs, printers, stations
from app.db.accounts import Account
from app.db.orders import StoredOrder
from app.db.tables import metadata
from app.domain.business_day import BusinessCalendar
from app.domain.changes import OrderUpdate
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Fulfilment, OrderFacts, OrderLine
from app.domain.routing import Station
from app.engine.apply import apply
from app.engine.house import House
from app.platforms.api import (
    ForgedWebhookError,
    Message,
    Page,
    Platform,
    ProtocolError,
    Received,
    RejectedError,
    SettingField,
    Settings,
    ShopInfo,
    UnknownMessageError,
    WebhookReply,
    WebhookRequest,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
ORDER = "P-1"
ALL = frozenset(CommandKind) - {CommandKind.REFUND}
# A platform without words for these two: the shop keeps the steps for itself.
WORDS = ALL - {CommandKind.HAND_OVER, CommandKind.COMPLETE, CommandKind.RECEIVED}


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def dish(name: str = "宫保鸡丁", quantity: int = 1, **fields: Any) -> OrderLine:
    return OrderLine(name, name, Decimal(quantity), cny(1800), cny(1800 * quantity), **fields)


def facts(number: str = "7", **fields: Any) -> OrderFacts:
    known: dict[str, Any] = {
        "number": number,
        "reference": f"R{number}",
        "fulfilment": Fulfilment.DELIVERY,
        "placed_at": NOON,
        "total": cny(1800),
        "lines": (dish(),),
    }
    return OrderFacts(**(known | fields))


def version(seconds: float) -> int:
    """The platform's clock, so many seconds after noon."""
    return int((NOON + timedelta(seconds=seconds)).timestamp() * 1000)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def report(seconds: float = 0, kitchen: Kitchen | None = Kitchen.NEW, **fields: Any) -> OrderUpdate:
    """A whole order as a platform shows it; `facts=None` for a report that tells a step only."""
    known: dict[str, Any] = {"facts": facts()}
    return OrderUpdate(ORDER, version(seconds), kitchen=kitchen, **(known | fields))


def step(seconds: float, kitchen: Kitchen | None = None, **fields: Any) -> OrderUpdate:
    return report(seconds, kitchen, facts=None, **fields)


def platform(commands: frozenset[CommandKind] = WORDS, **fields: Any) -> Platform:
    known: dict[str, Any] = {
        "name": "fake",
        "title": "Fake",
        "mark": "假",
        "color": "#123456",
        "fields": (SettingField("shop", "Shop"),),
        "commands": commands,
        "connect": lambda settings, client: FakeConnector(settings, client),
        "poll_seconds": 30.0,
    }
    return Platform(**(known | fields))


def house(commands: frozenset[CommandKind] = WORDS, **fields: Any) -> House:
    known: dict[str, Any] = {
        "calendar": BusinessCalendar.of("Asia/Shanghai"),
        "platforms": {"fake": platform(commands)},
    }
    return House(**(known | fields))


@contextmanager
def memory() -> Iterator[Connection]:
    """A store that is plain SQLite in memory: nothing but `app.db.database` may know more of it."""
    with _engine().connect() as connection:
        yield connection


@cache
def _engine() -> Engine:
    """One for all stores, because it keeps every statement that it compiled; each connection is a store of its own."""
    to_text = partial(json.dumps, ensure_ascii=False)
    return create_engine("sqlite://", creator=_empty_store, poolclass=NullPool, json_serializer=to_text)


def _empty_store() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.executescript(_schema())
    return made


@cache
def _schema() -> str:
    """Every table and index as SQL, written by SQLAlchemy once."""
    writer = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(writer)
    asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    with writer.connect() as connection:
        made = connection.exec_driver_sql(asked).scalars().all()
    writer.dispose()
    return ";".join(made)


def open_account(connection: Connection, /, **columns: Any) -> Account:
    known: dict[str, Any] = {
        "platform": "fake",
        "name": "Shop",
        "address": "",
        "settings": {},
        "hook_token": "token",
        "auto_accept": False,
    }
    return accounts.get(connection, accounts.add(connection, NOON, **(known | columns)))


def open_printer(connection: Connection, /, name: str = "kitchen", port: int = 9100, **columns: Any) -> int:
    """A LAN printer without a station."""
    return printers.add(connection, name=name, settings={"host": "127.0.0.1", "port": str(port)}, **columns)


def open_station(connection: Connection, /, name: str = "kitchen", printer_id: int | None = 1, **fields: Any) -> int:
    """A station; the first one is the default unless told otherwise."""
    known: dict[str, Any] = {"default": not stations.every(connection)}
    return stations.save(connection, Station(0, name, printer_id=printer_id, **(known | fields)))


def open_kitchen(connection: Connection, /, name: str = "kitchen", port: int = 9100, **columns: Any) -> int:
    """A printer with a station of the same name that takes whole orders; answers the printer's id."""
    printer_id = open_printer(connection, name, port, **columns)
    open_station(connection, name, printer_id)
    return printer_id


@dataclass
class Shop:
    """One account of the fake platform in a store in memory."""

    connection: Connection
    rules: House
    account: Account

    def hears(self, *updates: OrderUpdate) -> StoredOrder:
        """Apply reports in this order; answers the order as stored."""
        for one in updates:
            order_id = apply(self.connection, self.rules, self.account, one, NOON)
        return orders.get(self.connection, order_id)

    @property
    def order(self) -> StoredOrder:
        found = orders.find(self.connection, self.account.id, ORDER)
        assert found
        return found

    @property
    def tickets(self) -> list[print_jobs.PrintJob]:
        return print_jobs.of_order(self.connection, self.order.id)

    def printed(self, state: str = "confirmed") -> None:
        """Everything that waits for a printer has got this far."""
        for job in self.tickets:
            if job.state == "pending":
                if state == "sending":
                    print_jobs.step(self.connection, job.id, "sending", NOON, sending_at=NOON)
                else:
                    print_jobs.settle(self.connection, job.id, state, NOON)


@contextmanager
def shop(commands: frozenset[CommandKind] = WORDS, kitchens: int = 1, **columns: Any) -> Iterator[Shop]:
    with memory() as connection:
        account = open_account(connection, **columns)
        for number in range(kitchens):
            open_kitchen(connection, f"kitchen {number}", 9100 + number)
        yield Shop(connection, house(commands), account)


@dataclass
class FakeWire:
    """What the fake platform says: filled by the test, shared by all its connectors."""

    pages: list[Page] = field(default_factory=list)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[Command] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    answer: Callable[[Command], Any] = lambda _: None  # an OrderUpdate, None, an exception to raise, or an awaitable
    on_fetch: Callable[[str], Any] = lambda _: None
    on_poll: Callable[[], Any] = lambda: None
    closed: int = 0


wire = FakeWire()


def message(key: str, kind: str = "order", order_id: str = ORDER, **content: Any) -> Message:
    """A raw message of the fake wire: `kitchen`, `at` (seconds after noon), `step` for one without facts."""
    body = {"order": order_id, **content}
    return Message(key, kind, json.dumps(body).encode(), version(content.get("at", 0)), order_id)


class FakeConnector:
    """Speaks the fake wire; a `Connector` that also takes webhooks and acknowledges."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self.settings = settings
        if settings.values.get("shop") == "broken":
            raise KeyError("app_key")

    async def verify(self) -> ShopInfo:
        return ShopInfo("Fake shop", {"shop": "1"})

    async def fetch_orders(self, cursor: str) -> Page:
        wire.polls.append(cursor)
        await _say(wire.on_poll())
        return wire.pages.pop(0) if wire.pages else Page((), cursor)

    async def fetch_order(self, order_id: str) -> Message:
        wire.asked.append(order_id)
        await _say(wire.on_fetch(order_id))
        if order_id not in wire.known:
            raise RejectedError("no such order")
        return message(f"fetch:{order_id}:{len(wire.asked)}", order_id=order_id, **wire.known[order_id])

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return read(message)

    async def send(self, command: Command) -> OrderUpdate | None:
        wire.sent.append(command)
        said = await _say(wire.answer(command))
        return said if isinstance(said, OrderUpdate) else None

    async def acknowledge(self, messages: tuple[Message, ...]) -> None:
        wire.acknowledged += [one.key for one in messages]

    def receive(self, request: WebhookRequest) -> Received:
        if request.headers.get("x-signed") != "yes":
            raise ForgedWebhookError("not signed")
        content = json.loads(request.body)
        return Received((message(**content),), WebhookReply(200, b'{"message":"ok"}'))

    async def aclose(self) -> None:
        wire.closed += 1


def read(message: Message) -> tuple[OrderUpdate, ...]:
    match message.kind:
        case "poison":
            raise ProtocolError("this is not an order")
        case "strange":
            raise UnknownMessageError("a kind nobody uses")
        case "bug":
            raise KeyError("missing")
    content = json.loads(message.body)
    told = None if content.get("step") else facts(content.get("number", "7"), provisional=content.get("provisional", False))
    return (
        OrderUpdate(
            content["order"],
            message.version,
            facts=told,
            kitchen=Kitchen(content["kitchen"]) if "kitchen" in content else None,
            delivery=Delivery(content["delivery"]) if "delivery" in content else None,
            payment=Payment(content["payment"]) if "payment" in content else None,
            incomplete=content.get("incomplete", False),
        ),
    )


async def _say(said: Any) -> Any:
    if asyncio.iscoroutine(said):
        said = await said
    if isinstance(said, BaseException):
        raise said
    return said


def of(order_id: str, update: OrderUpdate) -> OrderUpdate:
    """The same report about another order."""
    return replace(update, order_id=order_id)


async def until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Wait for something the engine does by itself; the bound only ends a test that has failed."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is awaited is a row of the store, which sets no event
            await asyncio.sleep(0.01)
