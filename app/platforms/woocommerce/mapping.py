"""WooCommerce's orders in the counter's words: pure functions, the most tested file of this platform."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.domain.changes import OrderUpdate
from app.domain.lifecycle import CLOSED, Kitchen, Payment
from app.domain.money import Money
from app.domain.orders import Customer, Fulfilment, Option, OrderFacts, OrderLine
from app.platforms.api import Message, ProtocolError, UnknownMessageError
from app.platforms.shapes import UNREADABLE, masked, short
from app.platforms.woocommerce import clean, money, wanted
from app.platforms.woocommerce.answers import NO_SUCH_ORDER, refusal
from app.platforms.woocommerce.rearming import HOOK, complaint
from app.platforms.woocommerce.statuses import REASON, TRASH, StatusMap, concerns_the_counter
from app.platforms.woocommerce.wanted import Keys, Wanted
from app.platforms.woocommerce.wire import Line, Meta, Order, Person
from app.texts import tr

ORDER, PUSH, GONE = "order", "push", "gone"


@dataclass(frozen=True, slots=True)
class Reading:
    """The account's settings that decide how an order reads."""

    shop: str
    statuses: StatusMap
    keys: Keys


def read(message: Message, reading: Reading) -> tuple[OrderUpdate, ...]:
    """Map a stored message. Raises ProtocolError or UnknownMessageError."""
    try:
        found = json.loads(message.body)
        if message.kind == HOOK:
            raise complaint(found)
        if message.kind == GONE:
            return (_gone(message, found),)
        if message.kind == PUSH:
            _require_business(found, reading.statuses)
        return (order_update(Order.model_validate(found), message.version, reading),)
    except UNREADABLE as error:
        raise ProtocolError(tr("Not an order in WooCommerce's form: {what}", what=short(error))) from error


def version_of(order: Order, otherwise: int) -> int:
    """Milliseconds of the last change, the only clock that a poll and a push share (whole seconds)."""
    return int(order.date_modified_gmt.timestamp() * 1000) if order.date_modified_gmt else otherwise


def order_update(order: Order, version: int, reading: Reading) -> OrderUpdate:
    """An order as a report, whatever its status: whether it is the counter's business was decided before."""
    kitchen = reading.statuses.kitchen(order)
    given_back = money.refunded(order)
    return OrderUpdate(
        str(order.id),
        version_of(order, version),
        facts=_facts(order, reading),
        kitchen=kitchen,
        payment=_payment(order, given_back),
        refunded=given_back if given_back else None,
        reason=_reason(order) if kitchen in CLOSED else "",
        unmapped="" if kitchen else order.status,
    )


def call_number(order: Order) -> str:
    """The short number called out: the shop's own, which the customer has in the mail. Numbering plug-ins make long ones."""
    number = order.number or str(order.id)
    return number if len(number) <= 6 else number[-4:]


def _require_business(found: Any, statuses: StatusMap) -> None:
    """A push is a whole order, or the id of a trashed one, or an error that the shop has signed (observed).

    What is not certainly the counter's business is left to the poll, which knows the orders that are.
    """
    code, text = refusal(found)
    if code == NO_SUCH_ORDER:
        raise UnknownMessageError(tr("about an order deleted meanwhile"))
    if code:
        raise ProtocolError(tr("The shop's webhook has lost its rights: create it anew ({reason})", reason=text or code))
    if isinstance(found, dict) and set(found) == {"id"}:
        raise UnknownMessageError(tr("an order was put in the trash: the next look at open orders tells"))
    order = Order.model_validate(found)
    if not concerns_the_counter(order, statuses) or statuses.kitchen(order) in CLOSED - {Kitchen.COMPLETED}:
        raise UnknownMessageError(tr("not the counter's business as it stands: {status}", status=order.status))


def _gone(message: Message, found: Any) -> OrderUpdate:
    """Deleted for good: the shop has nothing left to show of it."""
    if not isinstance(found, dict) or not isinstance(found.get("id"), int):
        raise TypeError("no id")
    return OrderUpdate(str(found["id"]), message.version, kitchen=Kitchen.CANCELLED, reason=tr("deleted in the shop"))


def _facts(order: Order, reading: Reading) -> OrderFacts:
    placed = order.date_created_gmt or order.date_modified_gmt
    if placed is None:
        raise ValueError("no time of creation")
    wish = wanted.wanted(order, reading.keys)
    kind = wanted.fulfilment(order, reading.keys)
    charges = money.charges(order)
    return OrderFacts(
        number=call_number(order),
        reference=order.number or str(order.id),
        fulfilment=kind,
        placed_at=placed,
        total=money.money(order.total, order),
        lines=tuple(_line(line, order) for line in order.line_items),
        shop=reading.shop,
        due_at=wish.due,
        scheduled=wish.scheduled,
        charges=tuple(charges),
        paid=_paid(order),
        customer=_customer(order, kind, wanted.table(order, reading.keys)),
        note="\n".join(filter(None, (_wish(wish), clean.text(order.customer_note)))),
        checks=tuple(filter(None, (wish.check, *money.checks(order, charges)))),
    )


def _wish(wish: Wanted) -> str:
    return tr("Wanted: {text}", text=wish.words) if wish.words else ""


def _line(line: Line, order: Order) -> OrderLine:
    return OrderLine(
        key=line.id,
        name=clean.line(line.name),
        quantity=line.quantity,
        unit_price=money.unit_price(line, order),
        total=money.line_total(line, order),
        options=tuple(_option(meta) for meta in line.meta_data if _is_option(meta)),
        sku=line.sku,
    )


def _is_option(meta: Meta) -> bool:
    """Add-ons write what the customer chose as facts of the line; their own book-keeping begins with an underscore."""
    return bool(meta.key) and not meta.key.startswith("_") and bool(_words(meta)[1])


def _option(meta: Meta) -> Option:
    """The wire does not tell a variant from an addition or a removal: the words do, so they are kept whole."""
    name, value = _words(meta)
    return Option(f"{name}: {value}" if name else value)


def _words(meta: Meta) -> tuple[str, str]:
    """The readable pair where there is one (it need not be text, observed)."""
    return clean.flat(meta.display_key) or meta.key, clean.flat(meta.display_value) or clean.flat(meta.value)


def _paid(order: Order) -> bool:
    """`date_paid` stays when an order goes back to waiting for its money (observed); cash at the door comes with the end."""
    return order.date_paid_gmt is not None and order.status not in ("pending", "failed")


def _payment(order: Order, given_back: Money) -> Payment:
    if order.status == "refunded" or (given_back and not given_back < money.money(order.total, order)):
        return Payment.REFUNDED
    if given_back:
        return Payment.PART_REFUNDED
    return Payment.PAID if _paid(order) else Payment.UNPAID


def _reason(order: Order) -> str:
    if order.status == TRASH:
        return tr("put in the trash in the shop")
    if order.status == "refunded":
        return clean.line(" · ".join(one.reason for one in order.refunds if one.reason))
    return clean.line(clean.flat(order.meta(REASON)))


def _customer(order: Order, kind: Fulfilment, table: str) -> Customer:
    delivered = kind is Fulfilment.DELIVERY
    who = order.shipping if delivered and order.shipping.address_1 else order.billing
    place = _address(who) if delivered else tr("Table {table}", table=table) if table else ""
    phone = order.shipping.phone if delivered and order.shipping.phone else order.billing.phone
    return Customer(_name(who) or _name(order.billing), masked(phone), place)


def _name(who: Person) -> str:
    """First name and an initial, as the platforms with couriers of their own show it."""
    last = clean.line(who.last_name)
    return f"{clean.line(who.first_name)}{f' {last[0]}.' if last else ''}".strip()


def _address(who: Person) -> str:
    parts = [who.company, who.address_1, who.address_2, f"{who.postcode} {who.city}", who.state]
    return ", ".join(filter(None, map(clean.line, parts)))
