"""A facade without an engine, seeded with a lunch hour that shows every state a card can be in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.changes import CustomerRequest, RequestKind, RequestState, Urge
from app.domain.commands import CommandKind, RejectReason
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import (
    Charge,
    ChargeKind,
    Courier,
    Customer,
    Fulfilment,
    Option,
    OptionKind,
    OrderFacts,
    OrderLine,
    Party,
)
from app.domain.shop import CourierPlace, RefundBy, RefundTerms
from app.domain.tickets import Note, NoteKind, Ticket, TicketKind, TicketLine
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
    HistoryEntry,
    HourSales,
    Lane,
    MessageView,
    OrderDetail,
    Overview,
    PrinterView,
    PrintState,
    TicketView,
)
from app.platforms.api import FieldKind, Platform, SettingField, ShopInfo
from tests.ui.fake_ledger import NOON as NOON  # re-exported with the rest of the shop
from tests.ui.fake_ledger import Asked as Asked
from tests.ui.fake_ledger import actions_of
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


def cny(text: str) -> Money:
    return Money.parse(text, "CNY")


def gbp(text: str) -> Money:
    return Money.parse(text, "GBP")


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def ahead(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def card(id_: int, lane: Lane = Lane.NEW, **changes: Any) -> Card:
    """A quiet Ele.me delivery order, changed as told."""
    made = Card(
        id=id_,
        platform="eleme",
        mark="饿",
        color="#0085FF",
        call_number=f"饿#{id_}",
        source="",
        lane=lane,
        kitchen=_KITCHENS[lane],
        delivery=Delivery.PENDING,
        payment=Payment.PAID,
        fulfilment=Fulfilment.DELIVERY,
        placed_at=ago(2),
        total=cny("48.00"),
        items=(("1", "宫保鸡丁 (微辣)"), ("2", "米饭")),
        due_at=ahead(28),
        decide_by=ahead(3),
        stored_at=ago(2),
        primary=_PRIMARIES[lane],
        actions=(CommandKind.REJECT,) if lane is Lane.NEW else (CommandKind.CANCEL,),
        accepted_at=None if lane is Lane.NEW else ago(1),
    )
    return replace(made, **changes)


_KITCHENS = {
    Lane.NEW: Kitchen.NEW,
    Lane.SCHEDULED: Kitchen.ACCEPTED,
    Lane.COOKING: Kitchen.ACCEPTED,
    Lane.READY: Kitchen.READY,
    Lane.ON_THE_WAY: Kitchen.HANDED_OVER,
}
_PRIMARIES = {
    Lane.NEW: CommandKind.ACCEPT,
    Lane.SCHEDULED: CommandKind.READY,
    Lane.COOKING: CommandKind.READY,
    Lane.READY: CommandKind.HAND_OVER,
    Lane.ON_THE_WAY: CommandKind.COMPLETE,
}


def lunch() -> list[Card]:
    """Twenty orders of a busy quarter of an hour."""
    confirmed = CommandView(1, CommandKind.ACCEPT, CommandState.CONFIRMED)
    return [
        card(
            41,
            rung=True,
            placed_at=ago(0.4),
            decide_by=ahead(4.6),
            items=(("1", "宫保鸡丁 (微辣, 去花生)"), ("2", "米饭"), ("1", "酸辣汤")),
            notes=(Note(NoteKind.ALLERGY, "对花生过敏，请千万不要放花生"), Note(NoteKind.COURTESY, "谢谢老板")),
        ),
        card(
            40,
            rung=True,
            placed_at=ago(3.4),
            decide_by=ahead(1.6),
            total=cny("136.50"),
            items=(
                ("2", "水煮鱼 (大份)"),
                ("3", "蒜蓉西兰花"),
                ("1", "夫妻肺片"),
                ("6", "米饭"),
                ("2", "冰镇酸梅汤"),
                ("1", "锅贴"),
            ),
        ),
        card(
            39,
            rung=True,
            placed_at=ago(4.3),
            decide_by=ahead(0.7),
            fulfilment=Fulfilment.PICKUP,
            delivery=Delivery.NONE,
            pickup_code="7731",
            provisional=True,
            total=cny("22.00"),
            items=(("1", "牛肉拉面 (加面)"),),
        ),
        card(
            12,
            platform="hubrise",
            mark="H",
            color="#5B3FD6",
            call_number="H#12",
            source="Uber Eats",
            placed_at=ago(1),
            decide_by=None,
            total=gbp("31.40"),
            items=(("2", "Crispy duck pancakes"), ("1", "Kung pao chicken (mild, no peanuts)")),
            notes=(Note(NoteKind.ALLERGY, "Severe nut allergy - please use a clean wok"),),
            due_at=ahead(35),
            command=CommandView(2, CommandKind.ACCEPT, CommandState.IN_FLIGHT, attempts=1),
        ),
        card(30, Lane.SCHEDULED, scheduled=True, due_at=ahead(75), command=confirmed, print_state=PrintState.PENDING),
        card(
            31,
            Lane.SCHEDULED,
            scheduled=True,
            due_at=ahead(135),
            command=confirmed,
            items=(("12", "商务套餐 A"), ("12", "例汤")),
        ),
        card(
            33,
            Lane.COOKING,
            due_at=ago(3.4),
            accepted_at=ago(30),
            command=confirmed,
            print_state=PrintState.CONFIRMED,
            delivery=Delivery.AT_STORE,
            courier=Courier("王师傅", "***4471", ago(2)),
            urges=(Urge("u1", ago(5), "怎么还没好？", True), Urge("u2", ago(1), "都等了四十分钟了，能不能快一点", False)),
            rung=True,
            actions=(CommandKind.REPLY_URGE, CommandKind.CANCEL),
        ),
        card(
            35,
            Lane.COOKING,
            due_at=ahead(3.2),
            accepted_at=ago(17),
            command=confirmed,
            print_state=PrintState.FAILED,
            delivery=Delivery.ASSIGNED,
            courier=Courier("李强", "***0912", ahead(4)),
            notes=(Note(NoteKind.CHANGE, "不要香菜，少放盐"),),
        ),
        card(
            36,
            Lane.COOKING,
            due_at=ahead(16),
            command=confirmed,
            print_state=PrintState.CONFIRMED,
            request=CustomerRequest(RequestKind.CANCEL, RequestState.OPEN, "点错了，想换一家", deadline=ahead(4.2)),
            rung=True,
            actions=(CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST, CommandKind.CANCEL),
        ),
        card(
            37,
            Lane.COOKING,
            due_at=ahead(21),
            command=CommandView(7, CommandKind.READY, CommandState.REFUSED, "出餐上报过早：接单后60秒内不可上报"),
            print_state=PrintState.CONFIRMED,
        ),
        card(
            38,
            Lane.COOKING,
            due_at=ahead(24),
            print_state=PrintState.UNKNOWN,
            paid=False,
            payment=Payment.UNPAID,
            fulfilment=Fulfilment.DINE_IN,
            delivery=Delivery.NONE,
            command=confirmed,
            problems=("Lines and charges differ from the total by ¥0.50",),
        ),
        card(
            9,
            Lane.COOKING,
            platform="hubrise",
            mark="H",
            color="#5B3FD6",
            call_number="H#9",
            source="Deliveroo",
            due_at=ahead(11),
            total=gbp("18.90"),
            items=(("1", "Ma po tofu"), ("2", "Egg fried rice")),
            command=confirmed,
            local_only=frozenset({CommandKind.READY}),
            print_state=PrintState.SENT,
        ),
        card(
            34,
            Lane.COOKING,
            kitchen=Kitchen.CANCELLED,
            closed_attention=True,
            reason="顾客取消：等待时间太长",
            rung=True,
            primary=None,
            actions=(),
            print_state=PrintState.CONFIRMED,
            refunded=cny("48.00"),
            payment=Payment.REFUNDED,
        ),
        card(
            28,
            Lane.READY,
            ready_at=ago(22),
            due_at=ahead(2),
            command=CommandView(8, CommandKind.READY, CommandState.CONFIRMED),
            delivery=Delivery.ASSIGNED,
            courier=Courier("赵敏", "***3320", ahead(1)),
            print_state=PrintState.CONFIRMED,
        ),
        card(
            32,
            Lane.READY,
            ready_at=ago(3),
            due_at=ahead(9),
            delivery=Delivery.AT_STORE,
            courier=Courier("孙鹏", "***8006"),
            command=CommandView(9, CommandKind.READY, CommandState.PENDING, attempts=3),
            print_state=PrintState.CONFIRMED,
            pickup_code="2209",
        ),
        card(
            7,
            Lane.READY,
            platform="hubrise",
            mark="H",
            color="#5B3FD6",
            call_number="H#7",
            source="Just Eat",
            fulfilment=Fulfilment.PICKUP,
            delivery=Delivery.NONE,
            ready_at=ago(11),
            total=gbp("12.50"),
            command=confirmed,
            items=(("1", "Sweet and sour pork"), ("1", "Prawn crackers")),
            local_only=frozenset({CommandKind.HAND_OVER}),
        ),
        card(
            25,
            Lane.ON_THE_WAY,
            delivery=Delivery.PICKED_UP,
            due_at=ahead(12),
            courier=Courier("周凯", "***5518", ahead(9)),
            command=confirmed,
            print_state=PrintState.CONFIRMED,
            primary=None,
        ),
        card(
            23,
            Lane.ON_THE_WAY,
            delivery=Delivery.FAILED,
            due_at=ago(6),
            courier=Courier("吴迪", "***7740", None, "联系不上顾客"),
            command=CommandView(12, CommandKind.COMPLETE, CommandState.DEAD, "connection timed out"),
            print_state=PrintState.CONFIRMED,
        ),
    ]


def many(count: int, start: int = 1000) -> list[Card]:
    """`count` open orders over all lanes, for speed."""
    lanes = itertools.cycle((Lane.NEW, Lane.COOKING, Lane.COOKING, Lane.READY, Lane.ON_THE_WAY))
    return [
        card(start + i, lane, due_at=ahead(i % 60 - 5), decide_by=ahead(i % 5 + 0.2), ready_at=ago(i % 25))
        for i, lane in zip(range(count), lanes, strict=False)
    ]


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
        self.left: dict[int, Money | None] = {}  # to give back of an order, where it is not all of it
        self.refunds: list[tuple[tuple[int, Money | None, tuple[str, ...], str], Future[int]]] = []
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
        return replace(made, account_id=1, abilities=self.able, refundable=left, refunds=self.terms, commands=commands)

    def refund(
        self, order_id: int, amount: Money | None = None, line_keys: Sequence[str] = (), reason: str = ""
    ) -> Future[int]:
        self.refunds.append(((order_id, amount, tuple(line_keys), reason), Future()))
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
        return Overview(tuple(self.accounts()), tuple(self.printers()), 57, 2 if self.broken else 0, self.practice,
                        unrouted=self.unrouted, relay=self.relay)  # fmt: skip

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


def detail(card: Card) -> OrderDetail:
    """Facts, timeline and tickets that go with a card."""
    price = Money(1200, card.total.currency)
    lines = tuple(
        OrderLine(
            str(i),
            name.partition(" (")[0],
            Decimal(quantity),
            price,
            price,
            (Option("去花生", OptionKind.REMOVE), Option("加饭", OptionKind.ADD, 1, Money(200, price.currency)))
            if i == 0
            else (),
            "少放点油" if i == 0 else "",
        )
        for i, (quantity, name) in enumerate(card.items)
    )
    zero = Money.zero(card.total.currency)
    facts = OrderFacts(
        number=card.call_number[2:],
        reference="1200897812792015983",
        fulfilment=card.fulfilment,
        placed_at=card.placed_at,
        total=card.total,
        lines=lines,
        shop="川味小馆 (徐汇店)",
        source=card.source,
        due_at=card.due_at,
        charges=(
            Charge(ChargeKind.PACKAGING, "餐盒费", zero + Money(300, zero.currency), Party.CUSTOMER),
            Charge(ChargeKind.DISCOUNT, "满减优惠", Money(-800, zero.currency), Party.SHOP),
            Charge(ChargeKind.DISCOUNT, "平台红包", Money(-500, zero.currency), Party.PLATFORM),
        ),
        deductions=(Charge(ChargeKind.COMMISSION, "技术服务费", Money(-290, zero.currency), Party.SHOP),),
        income=Money(card.total.minor - 790, zero.currency),
        paid=card.paid,
        provisional=card.provisional,
        customer=Customer("陈**", "138****4471", "漕溪北路 *** 号 *** 室", 3),
        note="；".join(note.text for note in card.notes),
        tableware=2,
        pickup_code=card.pickup_code,
        invoice="上海某某有限公司",
    )
    state = card.print_state or PrintState.PENDING
    ticket = Ticket(
        TicketKind.KITCHEN,
        card.call_number,
        "Ele.me",
        "T-8F21",
        card.placed_at,
        "Asia/Shanghai",
        tuple(TicketLine(quantity, name) for quantity, name in card.items),
        station="hot",
    )
    return OrderDetail(
        card,
        facts,
        (
            HistoryEntry(card.placed_at, "platform", "order placed"),
            HistoryEntry(card.placed_at + timedelta(seconds=1), "console", "order stored"),
            HistoryEntry(card.placed_at + timedelta(seconds=2), "printer", "ticket T-8F21", "热菜"),
            HistoryEntry(card.placed_at + timedelta(seconds=20), "counter", "accept"),
        ),
        (card.command,) if card.command else (),
        (
            TicketView(
                card.id * 10,
                card.id,
                card.call_number,
                "热菜",
                "hot",
                state,
                ticket,
                card.placed_at,
                attempts=1,
                reason="paper out" if state is PrintState.FAILED else "",
                actions=actions_of(state),
            ),
        ),
    )
