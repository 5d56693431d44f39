"""The cards of a lunch hour that shows every state an order can be in."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.changes import CustomerRequest, RequestKind, RequestState, Urge
from app.domain.commands import CommandKind
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import (
    Courier,
    Fulfilment,
)
from app.domain.tickets import Note, NoteKind
from app.engine.views import (
    Card,
    CommandState,
    CommandView,
    Lane,
    PrintState,
)
from tests.ui.fake_ledger import NOON as NOON  # re-exported with the rest of the shop
from tests.ui.fake_ledger import Asked as Asked


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
