"""What Square pays: the payouts of a day with every entry, and the orders behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field

from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.platforms.api import ProtocolError
from app.platforms.shapes import UNREADABLE, Many, Text, short
from app.platforms.square.client import Client, path_of
from app.platforms.square.wire import Amount, Figure, Instant, Wire
from app.texts import tr

# Documented activity types; what is not named here is an adjustment. A type of later days is kept in the line's text.
KINDS = {
    "CHARGE": SettlementKind.SALE,
    "REFUND": SettlementKind.REFUND,
    "DISPUTE": SettlementKind.REFUND,
    "TAX_ON_FEE": SettlementKind.TAX,
    **dict.fromkeys(
        (
            "FEE",
            "DEPOSIT_FEE",
            "DEPOSIT_FEE_REVERSED",
            "PROCESSING_FEE",
            "PROCESSING_FEE_REFUND",
            "PAID_SERVICE_FEE",
            "PAID_SERVICE_FEE_REFUND",
            "SUBSCRIPTION_FEE",
            "SUBSCRIPTION_FEE_REFUND",
            "FREE_PROCESSING",
            "THIRD_PARTY_FEE",
            "THIRD_PARTY_FEE_REFUND",
        ),
        SettlementKind.COMMISSION,
    ),
}
AROUND = timedelta(days=1)  # a payment counts for the balance some time after it was made


class Fee(Wire):
    """What Square takes for a quick transfer."""

    amount_money: Amount = None


class Payout(Wire):
    """A transfer to the shop's bank; negative where Square takes money back."""

    id: str = Field(min_length=1)
    status: Text = ""
    created_at: Instant = None
    amount_money: Figure
    payout_fee: Many[Fee] = Field(default_factory=list)


class Activity(Wire):
    """What an entry is about."""

    payment_id: Text = ""


class Entry(Wire):
    """One line of a payout. `net` is `gross` less the fee; a refund's fee is negative, given back (vendor's example)."""

    id: str = Field(min_length=1)
    type: Text = ""
    effective_at: Instant = None
    gross_amount_money: Figure
    net_amount_money: Figure
    type_charge_details: Activity | None = None
    type_refund_details: Activity | None = None
    type_dispute_details: Activity | None = None

    @property
    def payment(self) -> str:
        """The payment behind it, where there is one."""
        about = self.type_charge_details or self.type_refund_details or self.type_dispute_details
        return about.payment_id if about else ""


async def settlement(client: Client, location: str, day: date, zone: ZoneInfo) -> list[SettlementLine]:
    """Every line of the payouts made on a local day of the shop. ProtocolError for a figure that cannot be right."""
    begins = datetime(day.year, day.month, day.day, tzinfo=zone)
    ends = datetime.combine(day + timedelta(days=1), begins.timetz())
    span = {"location_id": location, "begin_time": begins.isoformat(), "end_time": ends.isoformat(), "sort_order": "ASC"}
    try:
        found = [Payout.model_validate(row) async for row in client.pages("/v2/payouts", span, "payouts")]
        made = [one for one in found if one.status != "FAILED" and one.created_at and begins <= one.created_at < ends]
        return [line for one in made for line in await _lines_of(client, location, one, day)]
    except UNREADABLE as error:
        raise ProtocolError(tr("Not a payout in Square's form: {what}", what=short(error))) from error


async def _lines_of(client: Client, location: str, payout: Payout, day: date) -> list[SettlementLine]:
    path = f"/v2/payouts/{path_of(payout.id)}/payout-entries"
    entries = [Entry.model_validate(row) async for row in client.pages(path, {}, "payout_entries")]
    orders = await _orders(client, location, entries)
    lines = [line for entry in entries for line in _entry_lines(entry, day, orders.get(entry.payment, ""))]
    return [*lines, *_payout_lines(payout, day)]


def _entry_lines(entry: Entry, day: date, order_id: str) -> Iterator[SettlementLine]:
    """The gross amount by its kind, and what Square kept of it."""
    gross, net = entry.gross_amount_money, entry.net_amount_money
    kind = KINDS.get(entry.type, SettlementKind.ADJUSTMENT)
    yield SettlementLine(entry.id, kind, gross, day, order_id, entry.type)
    if fee := net - gross:
        yield SettlementLine(f"{entry.id}:fee", SettlementKind.COMMISSION, fee, day, order_id, entry.type)


def _payout_lines(payout: Payout, day: date) -> Iterator[SettlementLine]:
    for number, one in enumerate(payout.payout_fee):
        if one.amount_money:
            amount = Money(-abs(one.amount_money.minor), one.amount_money.currency)
            yield SettlementLine(f"{payout.id}:fee{number}", SettlementKind.COMMISSION, amount, day, text="PAYOUT_FEE")
    yield SettlementLine(payout.id, SettlementKind.PAYOUT, payout.amount_money, day, text=payout.status)


async def _orders(client: Client, location: str, entries: Sequence[Entry]) -> Mapping[str, str]:
    """The order of each payment: entries name payments only, and one list is cheaper than a call for each."""
    times = [one.effective_at for one in entries if one.payment and one.effective_at]
    if not times:
        return {}
    span = {"begin_time": (min(times) - AROUND).isoformat(), "end_time": (max(times) + AROUND).isoformat()}
    rows = client.pages("/v2/payments", {"location_id": location, **span}, "payments")
    return {str(row.get("id")): str(row.get("order_id") or "") async for row in rows}
