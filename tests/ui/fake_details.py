"""Everything else that the console knows of the order of a card: facts, history, commands and tickets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from app.domain.money import Money
from app.domain.orders import (
    Charge,
    ChargeKind,
    Customer,
    Option,
    OptionKind,
    OrderFacts,
    OrderLine,
    Party,
)
from app.domain.tickets import Ticket, TicketKind, TicketLine
from app.engine.views import (
    Card,
    HistoryEntry,
    OrderDetail,
    PrintState,
    TicketView,
)
from tests.ui.fake_ledger import NOON as NOON  # re-exported with the rest of the shop
from tests.ui.fake_ledger import Asked as Asked
from tests.ui.fake_ledger import actions_of


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
