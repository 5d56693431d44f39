"""What Meituan pays for a day: its bill, entry by entry. Amounts are in fen here, unlike in orders.

Fields, units and limits are those of published clients; how the wire signs deductions is not documented, so each figure is
taken by its size and goes the way that its meaning says. What the named figures leave of the settled amount is one line too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic import Field

from app.domain.shop import SettlementKind, SettlementLine
from app.platforms.api import ProtocolError, TemporaryError
from app.platforms.meituan.client import Client
from app.platforms.meituan.money import fen
from app.platforms.meituan.payloads import CHINA, Fen, Text, Wire, shape
from app.platforms.meituan.routes import Ask
from app.texts import tr

FROM_HOUR = 10  # documented: a day's bill can be asked for from ten o'clock of the next day
PAGE = 200  # documented maximum
MAX_PAGES = 50
WORDS = 40  # characters of a charge's description that are part of a line's name


class Entry(Wire):
    """One entry: an order's settlement, a refund's (`refund_id`), or a charge of no order. Meituan misspells the date."""

    order_id: str = Field("", validation_alias="wmOrderViewId")  # documented for retail as the order's id too
    charge_type: str = Field("", validation_alias="billChargeType")
    charge_fee_desc: Text = ""
    refund_id: str = "0"
    bill_date: str = Field("", validation_alias="daliyBillDate")
    settle_amount: Fen
    user_online_pay_amount: Fen = 0
    user_offline_pay_amount: Fen = 0
    activity_meituan_amount: Fen = 0  # Meituan's part of the discounts
    platform_charge_fee: Fen = 0
    performance_service_fee: Fen = 0  # for its couriers


async def read_bill(client: Client, shop_id: str, day: date, now: datetime) -> list[SettlementLine]:
    """Every line of a day; none for a day that is not over. TemporaryError until Meituan has made up the bill."""
    if day >= now.astimezone(CHINA).date():
        return []
    ready = datetime.combine(day + timedelta(days=1), time(FROM_HOUR), CHINA)
    if now < ready:
        text = tr("Meituan makes up a day's bill by {hour} o'clock of the next day", hour=FROM_HOUR)
        raise TemporaryError(text, (ready - now).total_seconds())
    return list(_named(line for entry in await _entries(client, shop_id, day) for line in _lines(entry, day)))


async def _entries(client: Client, shop_id: str, day: date) -> list[Entry]:
    start = int(datetime.combine(day, time(), CHINA).timestamp())
    found: list[Entry] = []
    for page in range(MAX_PAGES):
        words = {"start_date": start, "end_date": start, "offset": page * PAGE, "limit": PAGE}
        some: Any = (await client.call(Ask.BILLS, app_poi_code=shop_id, **words)).value
        if not isinstance(some, list):
            raise ProtocolError(tr("Meituan answered something else than a list"))
        found += [shape(Entry, one) for one in some]
        if len(some) < PAGE:
            break
    return found


def _lines(entry: Entry, day: date) -> Iterator[SettlementLine]:
    """One line a figure. No entry has an id of its own: a line is named by all that it says, never by its place, which
    moves as soon as something is booked late."""
    about = (entry.bill_date or str(day), entry.order_id, entry.charge_type, entry.refund_id, entry.charge_fee_desc[:WORDS])
    for kind, amount in _figures(entry):
        if amount:
            name = ":".join((*about, kind, str(amount)))
            yield SettlementLine(name, kind, fen(amount), day, entry.order_id, entry.charge_fee_desc)


def _named(lines: Iterable[SettlementLine]) -> Iterator[SettlementLine]:
    """Lines that say the same are two lines, and counted: which of them is which matters to nobody."""
    seen: Counter[str] = Counter()
    for line in lines:
        seen[line.line_id] += 1
        yield line if seen[line.line_id] == 1 else replace(line, line_id=f"{line.line_id}#{seen[line.line_id]}")


def _figures(entry: Entry) -> Iterator[tuple[SettlementKind, int]]:
    """In fen; they add up to the settled amount. A refund turns every figure round."""
    refund = entry.refund_id != "0"
    way = -1 if refund else 1
    named = {
        SettlementKind.REFUND if refund else SettlementKind.SALE: way
        * (abs(entry.user_online_pay_amount) + abs(entry.user_offline_pay_amount)),
        SettlementKind.PROMOTION: way * abs(entry.activity_meituan_amount),
        SettlementKind.COMMISSION: -way * abs(entry.platform_charge_fee),
        SettlementKind.DELIVERY: -way * abs(entry.performance_service_fee),
    }
    yield from named.items()
    yield SettlementKind.ADJUSTMENT, entry.settle_amount - sum(named.values())
