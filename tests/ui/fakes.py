"""A facade without an engine: answers from memory, and remembers what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.domain.commands import CommandKind, Portions, RejectReason
from app.domain.money import Money
from app.domain.portions import dishes_of
from app.domain.shop import CourierPlace, RefundBy, RefundTerms
from app.engine.facade import RefusalError
from app.engine.views import (
    Ability,
    AccountView,
    Card,
    Change,
    CommandState,
    CommandView,
    DaySales,
    HealthState,
    HourSales,
    MessageView,
    OrderDetail,
    Overview,
    PrinterView,
    PrintState,
    TicketView,
)
from app.platforms.api import FieldKind, Platform, SettingField, ShopInfo
from tests.ui.fake_cards import ago, cny
from tests.ui.fake_details import detail
from tests.ui.fake_ledger import NOON, Asked
from tests.ui.fake_shops import FakeShops

HOSTILE = '<b>Robert</b><img src="http://127.0.0.1/x.png">\u202e=1+1\n\x1b@'


def _connect(*_: object) -> Any:
    raise NotImplementedError


ELEME = Platform(
    "eleme",
    "Ele.me",
    "饿",
    "#0085FF",
    (SettingField("app_key", "App key"), SettingField("app_secret", "App secret", kind=FieldKind.SECRET)),
    frozenset(CommandKind) - {CommandKind.HAND_OVER, CommandKind.REFUND},
    _connect,
    {
        RejectReason.SOLD_OUT: "1",
        RejectReason.TOO_BUSY: "2",
        RejectReason.CLOSED: "3",
        RejectReason.TOO_FAR: "4",
        RejectReason.CUSTOMER_UNREACHABLE: "5",
        RejectReason.OTHER: "9",
    },
    decision_window=timedelta(minutes=5),
)
HUBRISE = Platform(
    "hubrise",
    "HubRise",
    "H",
    "#5B3FD6",
    (SettingField("code", "Code", kind=FieldKind.CODE),),
    frozenset({CommandKind.ACCEPT, CommandKind.REJECT, CommandKind.READY, CommandKind.COMPLETE}),
    _connect,
)
EVERY_WAY = RefundTerms(frozenset(RefundBy), frozenset(RefundBy))


@dataclass
class FakeFacade(FakeShops):
    """Answers from memory and remembers what was asked. `refuse_with` makes the next request fail with those words."""

    seeded: list[Card] = field(default_factory=list)
    practice: bool = False
    broken: bool = False
    language: str = "zh"
    theme: str = "light"
    asked: list[Asked] = field(default_factory=list)
    refuse_with: str = ""
    paper: list[TicketView] = field(default_factory=list)
    unrouted: tuple[str, ...] = ()
    able: frozenset[Ability] = frozenset()  # of every account
    terms: RefundTerms = EVERY_WAY  # of every account

    def __post_init__(self) -> None:
        self.open = {card.id: card for card in self.seeded}
        self.known = dict(self.open)
        self.listeners: list[Callable[[Change], None]] = []
        self.forget_shops()
        self.unread: list[MessageView] = []
        self.commands: dict[int, tuple[CommandView, ...]] = {}  # of an order, in the place of its card's one
        self.bags: int | None = None  # no station's paper counts them
        self.left: dict[int, Money | None] = {}  # to give back of an order, where it is not all of it
        self.refunds: list[tuple[tuple[int, Money | None, tuple[Portions, ...], str], Future[int]]] = []
        self.courier_asks: list[tuple[int, Future[CourierPlace | None]]] = []
        self.rows = {one.id: one for one in self.paper}
        self.preferences = {"language": self.language, "theme": self.theme}

    def put(self, *cards: Card) -> None:
        """Change or add orders and tell the listeners."""
        self.open.update({card.id: card for card in cards})
        self.known.update(self.open)
        self.tell("orders", *(card.id for card in cards))

    def announcement(self, order_ids: frozenset[int]) -> str:
        return ", ".join(self.known[id_].call_number for id_ in sorted(order_ids))

    def drop(self, *ids: int) -> None:
        for id_ in ids:
            self.open.pop(id_, None)
        self.tell("orders", *ids)

    def tell(self, topic: str, *ids: int) -> None:
        for listener in self.listeners:
            listener(Change(topic, frozenset(ids)))

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        self.listeners.append(listener)

    def cards(self, ids: frozenset[int] | None = None) -> list[Card]:
        return [card for card in self.open.values() if ids is None or card.id in ids]

    def order(self, order_id: int) -> OrderDetail:
        known = self.known[order_id]
        made = detail(known)
        left = self.left.get(order_id, known.total) if Ability.REFUNDS_ORDERS in self.able else None
        commands = self.commands.get(order_id, made.commands)
        made = replace(made, account_id=1, abilities=self.able, refundable=left, refunds=self.terms, commands=commands)
        back = [part for one in commands if one.state is CommandState.CONFIRMED for part in one.lines]
        return replace(made, dishes=tuple(dishes_of(made.facts, back).values()), bags=self.bags)

    def refund(
        self, order_id: int, amount: Money | None = None, lines: Sequence[Portions] = (), reason: str = ""
    ) -> Future[int]:
        self.refunds.append(((order_id, amount, tuple(lines), reason), Future()))
        return self.refunds[-1][1]

    def locate_courier(self, order_id: int) -> Future[CourierPlace | None]:
        self.courier_asks.append((order_id, Future()))
        return self.courier_asks[-1][1]

    def search(self, text: str, limit: int = 50) -> list[Card]:
        wanted = text.casefold()
        found = [
            card
            for card in self.open.values()
            if wanted in card.call_number.casefold() or any(wanted in name.casefold() for _, name in card.items)
        ]
        return found[:limit]

    def overview(self) -> Overview:
        return Overview(
            tuple(self.accounts()),
            tuple(self.printers()),
            57,
            2 if self.broken else 0,
            self.practice,
            unrouted=self.unrouted,
            relay=self.relay,
        )

    def messages(self) -> list[MessageView]:
        return list(self.unread)

    def put_away(self, message_ids: frozenset[int]) -> Future[None]:
        self.unread = [one for one in self.unread if one.id not in message_ids]
        self.tell("problems")
        return self._answer(*(Asked("put_away", id_) for id_ in sorted(message_ids)))

    def tickets(self, limit: int = 200) -> list[TicketView]:
        return [ticket for card in self.open.values() for ticket in detail(card).tickets][:limit]

    def platforms(self) -> list[Platform]:
        return [ELEME, HUBRISE]

    def business_day(self) -> date:
        return date(2026, 11, 22)

    def sales_by_hour(self, day: date) -> list[HourSales]:
        return [HourSales(hour, hour, cny(str(hour * 90))) for hour in range(10, 14)]

    def sales_by_day(self, days: int = 30) -> list[DaySales]:
        today = self.business_day()
        return [
            DaySales(today - timedelta(days=back), "eleme", 60 + back, cny(str(3000 + back * 17)), cny(str(-back)))
            for back in reversed(range(days))
        ]

    def request(
        self, order_id: int, kind: CommandKind, reason: RejectReason | None = None, text: str = "", urge_key: str = ""
    ) -> Future[None]:
        return self._answer(Asked("request", order_id, kind, reason, text, urge_key))

    def acknowledge(self, order_ids: frozenset[int]) -> Future[None]:
        for id_ in order_ids & self.open.keys():
            card = self.open[id_]
            if card.closed_attention:
                self.drop(id_)
            else:
                self.put(replace(card, rung=False))
        return self._answer(*(Asked("acknowledge", id_) for id_ in sorted(order_ids)))

    def print_bags(self, order_id: int, number: int) -> Future[None]:
        return self._answer(Asked("print_bags", order_id, text=str(number)))

    def print_order(self, order_id: int) -> Future[None]:
        return self._answer(Asked("print_order", order_id))

    def accounts(self) -> list[AccountView]:
        state = HealthState.DEGRADED if self.broken else HealthState.OK
        return [
            AccountView(
                1,
                "eleme",
                "Ele.me",
                "川味小馆 (徐汇店)",
                "饿",
                "#0085FF",
                True,
                False,
                state,
                "connection timed out" if self.broken else "",
                ago(12) if self.broken else None,
                ago(0.1),
            ),
            AccountView(
                2, "hubrise", "HubRise", "Sichuan House", "H", "#5B3FD6", True, True, HealthState.OK, last_contact=NOON
            ),
        ]

    def printers(self) -> list[PrinterView]:
        state = HealthState.DEGRADED if self.broken else HealthState.OK
        return [
            PrinterView(
                1,
                "热菜",
                "192.0.2.31:9100",
                "hot",
                80,
                True,
                state,
                "paper out" if self.broken else "",
                "process_id",
                waiting=4 if self.broken else 0,
                unknown=1 if self.broken else 0,
                held=sum(one.state is PrintState.HELD for one in self.rows.values()),
                failed=sum(one.state is PrintState.FAILED for one in self.rows.values()),
            ),
            PrinterView(2, "打包", "192.0.2.32:9100", "pack", 80, True, HealthState.OK, acknowledges="status"),
        ]

    def sign_in_page(self, platform: str, values: Mapping[str, str], address: str = "") -> str:
        return ""

    def test_account(
        self, platform: str, values: Mapping[str, str], address: str = "", account_id: int | None = None
    ) -> Future[ShopInfo]:
        future: Future[ShopInfo] = Future()
        future.set_result(ShopInfo("川味小馆"))
        return future

    def preference(self, name: str, default: str) -> str:
        return self.preferences.get(name, default)

    def set_preference(self, name: str, value: str) -> Future[None]:
        self.preferences[name] = value
        return self._answer()

    def _answer(self, *asked: Asked) -> Future[None]:
        self.asked.extend(asked)
        future: Future[None] = Future()
        if self.refuse_with:
            future.set_exception(RefusalError(self.refuse_with))
            self.refuse_with = ""
        else:
            future.set_result(None)
        return future
