"""The pretend Ele.me's books: what each completed order and each refund brings, and the bill of the day it is booked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.platforms.eleme.payloads import CHINA
from app.platforms.eleme.simulated_calls import Action, ApiError, Call
from app.platforms.eleme.simulated_orders import SERVICE_RATE, SHOP_ID, Placed, fen, local, yuan

BOOKED_AFTER = timedelta(days=1)  # recalled
LIMIT = 100


class Books:
    """Rows made of the orders as they stand: a row never changes once it is there."""

    def __init__(self, orders: Mapping[str, Placed]) -> None:
        self._orders = orders
        asked = {"shopId": int, "query": dict}
        self.table: Mapping[str, Action] = {
            "eleme.finance.queryBranchOrdersNew": Action(asked, lambda call: _page(call, "orders", self._rows())),
            "eleme.finance.queryBranchBillsNew": Action(asked, lambda call: _page(call, "bills", self._bills())),
        }

    def _rows(self) -> Iterator[dict[str, Any]]:
        for order in self._orders.values():
            if order.status == "settled":
                yield _sale(order)
                yield from (_refund(order, number) for number in range(len(order.paid_back)))

    def _bills(self) -> Iterator[dict[str, Any]]:
        amounts: dict[str, list[int]] = defaultdict(list)
        for row in self._rows():
            amounts[row["billDate"]].append(fen(row["checkoutAmount"]))
        for day, some in amounts.items():
            came, went = sum(one for one in some if one > 0), -sum(one for one in some if one < 0)
            rest = {"income": yuan(came), "expense": yuan(went), "deductAmount": 0.0, "dueAmount": yuan(max(went - came, 0))}
            booked = local(datetime.fromisoformat(day).replace(tzinfo=CHINA).timestamp() + BOOKED_AFTER.total_seconds())
            head = {"shopId": SHOP_ID, "billDate": day, "checkoutDate": booked}
            yield head | rest | {"checkoutAmount": yuan(max(came - went, 0))}


def _sale(order: Placed) -> dict[str, Any]:
    body = order.body
    items = [item for group in body.get("groups", ()) if group["type"] == "normal" for item in group["items"]]
    return _dated(order, order.settled_at, "") | {
        "checkoutAmount": body.get("income") or 0.0,
        "foodAmount": yuan(sum(fen(item.get("total") or 0) for item in items)),
        "packingFee": body.get("packageFee") or 0.0,
        "merchantSubsidyAmount": body.get("shopPart") or 0.0,
        "elemeSubsidyAmount": body.get("elemePart") or 0.0,
        "userPaidDeliveryFee": body.get("deliverFee") or 0.0,
        "commissionRate": float(SERVICE_RATE),
        "commissionFee": body.get("serviceFee") or 0.0,
        "refundAmount": 0.0,
    }


def _refund(order: Placed, number: int) -> dict[str, Any]:
    """What goes back to the customer, less the commission that Ele.me gives back for it."""
    at, amount = order.paid_back[number]
    kept = int((amount * SERVICE_RATE).to_integral_value())
    dated = _dated(order, max(at, order.settled_at), f"R{number}")
    return dated | {"checkoutAmount": yuan(kept - amount), "refundAmount": yuan(amount)}


def _dated(order: Placed, at: float, suffix: str) -> dict[str, Any]:
    day = datetime.fromtimestamp(at, CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "shopId": SHOP_ID,
        "orderId": order.id,
        "transNo": f"T{order.id}{suffix}",
        "daySn": order.body["daySn"],
        "billDate": local(day.timestamp()),
        "checkoutDate": local((day + BOOKED_AFTER).timestamp()),
    }


def _page(call: Call, name: str, rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    match call.params["query"]:
        case {"range": {"start": str(start), "end": str(end)}, "paging": {"offset": int(offset), "limit": int(limit)}}:
            first, last = _day(start), _day(end)
        case other:
            raise ApiError("VALIDATION_FAILED", f"query: {json.dumps(other)[:80]}")
    if last < first or offset < 0 or not 0 < limit <= LIMIT:
        raise ApiError("VALIDATION_FAILED", "range or paging")
    found = [row for row in rows if first <= _day(row["checkoutDate"]) <= last]
    return {"count": len(found), name: found[offset : offset + limit]}


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=CHINA).date()
    except ValueError:
        raise ApiError("VALIDATION_FAILED", "yyyy-MM-dd'T'HH:mm:ss") from None
