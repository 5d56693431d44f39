"""Ele.me's order object to the standard order: facts, regions, an open request, what was refunded. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from app.domain.changes import CustomerRequest, OrderUpdate, RequestKind, RequestState
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Customer, Fulfilment, Option, OptionKind, OrderFacts, OrderLine
from app.platforms.api import UnknownMessageError
from app.platforms.eleme.money import charges_of, checks_of, deductions_of, line_total, yuan
from app.platforms.eleme.payloads import Addition, Item, Order, Refund
from app.platforms.shapes import guarded
from app.texts import tr

DECISION_WINDOW = timedelta(minutes=5)  # recalled, not found in any source; an account setting may change it
ANSWER_WITHIN = {
    RequestKind.CANCEL: timedelta(minutes=15),  # documented: silence counts as agreement
    RequestKind.REFUND: timedelta(hours=24),  # recalled
}

BY_SHOP = frozenset({CommandKind.HAND_OVER, CommandKind.COMPLETE})  # told by who delivers: couriers of Ele.me tell theirs

KITCHEN = {
    "unprocessed": Kitchen.NEW,
    "valid": Kitchen.ACCEPTED,
    "refunding": Kitchen.ACCEPTED,  # a request on an accepted order; the queue hangs on refundStatus
    "settled": Kitchen.COMPLETED,
    "invalid": Kitchen.CANCELLED,
}
REQUEST = {
    "applied": RequestState.OPEN,
    "rejected": RequestState.REFUSED,
    "arbitrating": RequestState.ARBITRATION,
    "failed": RequestState.DISMISSED,
    "successful": RequestState.AGREED,
}
NO_REFUND = "noRefund"

_NO_TABLEWARE = re.compile(r"(?:无需|不需要|不要|不用|免)餐具")
_TABLEWARE = re.compile(r"餐具(?:数量)?\s*[:：]?\s*(\d{1,2})|(\d{1,2})\s*[份套双副]餐具")
_LEAVE_OUT = re.compile(r"^(?:不要|不加|不放|免|走)(?=.)")


def order_update(
    order: Order, version: int, window: timedelta = DECISION_WINDOW, withdrawn: bool = False, delivers: bool = False
) -> OrderUpdate:
    """One order as the platform sees it. `withdrawn`: a request that was open is no longer listed; `delivers`: the shop does
    so itself, which an order does not tell.

    Raises UnknownMessageError for an order that is not paid yet: it is nobody's business before it takes effect.
    """
    if order.status == "pending":
        raise UnknownMessageError(tr("order {id} is not paid yet", id=order.id))
    refunded = _refunded(order)
    return OrderUpdate(
        order.id,
        version,
        facts=order_facts(order, window, delivers),
        kitchen=KITCHEN.get(order.status),
        payment=_payment(order, refunded),
        request=_request(order, withdrawn),
        refunded=refunded,
        refunded_at=moment(version) if refunded else None,
        reason=order.cancel_order_description if order.status == "invalid" else "",
        unmapped=_unmapped(order),
    )


def order_facts(order: Order, window: timedelta = DECISION_WINDOW, delivers: bool = False) -> OrderFacts:
    """Everything but how far the order has come."""
    lines = tuple(_lines(order))
    charges = charges_of(order, lines)
    active_at = order.active_at or order.created_at
    return OrderFacts(
        number=order.day_sn or order.id[-4:],
        reference=order.id,
        fulfilment=Fulfilment.DELIVERY,
        placed_at=order.created_at,
        total=yuan(order.total_price),
        lines=lines,
        shop=order.shop_name,
        due_at=order.deliver_time,
        scheduled=order.book,
        decide_by=active_at + window,
        charges=charges,
        deductions=deductions_of(order),
        income=None if order.downgraded or order.income is None else yuan(order.income),
        paid=order.online_paid,
        provisional=order.downgraded,
        customer=_customer(order),
        note=_note(order),
        tableware=tableware(order.description),
        invoice=" ".join(filter(None, (order.invoice, order.taxpayer_id))) if order.invoiced else "",
        checks=checks_of(order, lines, charges),
        not_offered=frozenset() if delivers else BY_SHOP,
    )


def tableware(note: str) -> int | None:
    """How many sets of tableware the note asks for (the wire has no field for it); None when it does not say."""
    if _NO_TABLEWARE.search(note):
        return 0
    found = _TABLEWARE.search(note)
    return int(found[1] or found[2]) if found else None


def request_of(kind: RequestKind, state: RequestState, refund: Refund | None, asked_at: datetime | None) -> CustomerRequest:
    """A cancel or refund request; the amount is None when the whole order is meant."""
    part = refund is not None and refund.refund_type == "part" and refund.total_price is not None
    return CustomerRequest(
        kind,
        state,
        reason=refund.reason if refund else "",
        amount=yuan(refund.total_price) if refund and part and refund.total_price is not None else None,
        items=tuple(f"{goods.name} ×{goods.quantity}" for goods in refund.goods_list) if refund else (),
        deadline=asked_at + ANSWER_WITHIN[kind] if asked_at and state is RequestState.OPEN else None,
    )


def _lines(order: Order) -> Iterator[OrderLine]:
    seen: dict[str, int] = {}
    for group in order.groups:
        for item in group.items if group.type == "normal" else ():
            chosen = "+".join(named.value for named in (*item.new_specs, *item.attributes))
            key = f"{group.name}/{item.sku_id or item.id}/{chosen}"
            seen[key] = seen.get(key, 0) + 1
            yield _line(item, group.name, key if seen[key] == 1 else f"{key}#{seen[key]}")


def _line(item: Item, basket: str, key: str) -> OrderLine:
    name, shown = _dish(item)
    return OrderLine(
        key=key,
        name=name,
        quantity=item.quantity,
        unit_price=yuan(item.price),
        total=line_total(item),
        options=(*shown, *(_addition(addition) for addition in item.additions)),
        sku=item.extend_code or item.sku_id,
        basket=basket,
    )


def _dish(item: Item) -> tuple[str, tuple[Option, ...]]:
    """The dish alone, and its options: `name` repeats them as `dish-spec[attribute+attribute]`.

    Where the repetition has another form, the name stays whole and only options it does not show are listed.
    """
    specs = [named.value for named in item.new_specs if named.value]
    attributes = [named.value for named in item.attributes if named.value]
    tail = ("-" + "-".join(specs) if specs else "") + (f"[{'+'.join(attributes)}]" if attributes else "")
    if item.name.endswith(tail) and len(item.name) > len(tail):
        return item.name.removesuffix(tail), tuple(_option(value) for value in specs + attributes)
    return item.name, tuple(_option(value) for value in specs + attributes if value not in item.name)


def _option(value: str) -> Option:
    left_out = _LEAVE_OUT.sub("", value)
    return Option(value) if left_out == value else Option(left_out, OptionKind.REMOVE)


def _addition(addition: Addition) -> Option:
    price = None if addition.price is None else yuan(addition.price)
    return Option(addition.name, OptionKind.ADD, addition.quantity, price)


def _customer(order: Order) -> Customer:
    phones = order.consignee_phones or order.phone_list
    return Customer(order.consignee, guarded(phones[0]) if phones else "", order.address)


def _note(order: Order) -> str:
    gift = (order.user_extra_info.greeting, order.user_extra_info.remark)
    return "；".join(filter(None, (order.description, *gift)))


def _refunded(order: Order) -> Money | None:
    """What went back to the customer so far: all of a dead order, the refund order's sum of a living one."""
    if order.status == "invalid":
        return yuan(order.total_price) if order.online_paid else None
    if order.refund_status != "successful" or order.refund_order is None or order.refund_order.total_price is None:
        return None
    return yuan(order.refund_order.total_price)


def _payment(order: Order, refunded: Money | None) -> Payment | None:
    match order.refund_status:
        case _ if not order.online_paid:
            return Payment.UNPAID
        case _ if order.status == "invalid" or order.refund_status == "successful":
            return _repaid(order, refunded)
        case "applied" | "arbitrating":
            return Payment.REFUND_ASKED
        case "rejected" | "failed":
            return Payment.REFUND_REFUSED
        case "noRefund":
            return Payment.PAID_PROVISIONAL if order.downgraded else Payment.PAID
    return None


def _repaid(order: Order, refunded: Money | None) -> Payment | None:
    if refunded is None:  # the order alone does not say how much
        return None
    return Payment.PART_REFUNDED if refunded < yuan(order.total_price) else Payment.REFUNDED


def _request(order: Order, withdrawn: bool) -> CustomerRequest | None:
    kind = RequestKind.REFUND if order.status == "settled" else RequestKind.CANCEL
    if withdrawn and order.refund_status == NO_REFUND:
        return CustomerRequest(kind, RequestState.WITHDRAWN)
    state = REQUEST.get(order.refund_status)
    if state is RequestState.OPEN and order.status == "invalid":  # nobody waits for an answer about a dead order
        return None
    return request_of(kind, state, order.refund_order, order.cancel_order_created_at) if state else None


def _unmapped(order: Order) -> str:
    unknown = [] if order.status in KITCHEN else [f"status={order.status}"]
    if order.refund_status != NO_REFUND and order.refund_status not in REQUEST:
        unknown.append(f"refundStatus={order.refund_status}")
    return " ".join(unknown)


def moment(version: int) -> datetime:
    """A version as an aware time."""
    return datetime.fromtimestamp(version / 1000, UTC)
