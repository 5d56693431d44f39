"""The pretend Meituan's daily bills: an entry for every order that was completed on a day, and for every refund of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.simulated_orders import Placed, fen
from app.platforms.meituan.simulated_shop import RefusedError

FROM_HOUR = 10  # yesterday's bill can be asked for from this hour
SPAN, BACK = timedelta(days=7), timedelta(days=90)
MOST = 200
BAD = 705


def bill(orders: Iterable[Placed], words: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    """A page of the entries between two days, both included, each named by a second in it."""
    start, end = (datetime.fromtimestamp(int(words[name]), CHINA).date() for name in ("start_date", "end_date"))
    offset, limit = int(words["offset"]), int(words["limit"])
    if not 0 < limit <= MOST or offset < 0 or not timedelta(0) <= end - start <= SPAN:
        raise RefusedError("查询范围有误", BAD)
    here = now.astimezone(CHINA)
    if end > (here - timedelta(days=1, hours=FROM_HOUR)).date() or start < (here - BACK).date():
        raise RefusedError("该日账单暂不可查", 808)
    entries = [entry for order in orders for entry in _entries(order) if str(start) <= entry["daliyBillDate"] <= str(end)]
    return entries[offset : offset + limit]


def _entries(order: Placed) -> Iterator[dict[str, Any]]:
    """In fen. An order that was cancelled before its end is never booked."""
    completed = order.body.get("order_completed_time")
    if not completed:
        return
    receipt = order.body["poi_receive_detail"]
    subsidy = sum(part["moneyCent"] for part in receipt.get("actOrderChargeByMt", ()))
    yield _entry(order, completed, order.total, subsidy, receipt) | {
        "settleAmount": receipt["wmPoiReceiveCent"],
        "billChargeType": 1,
        "chargeFeeDesc": "外卖订单",
        "refundId": 0,
    }
    for record in order.refunds:
        if record["res_type"] in (2, 4, 5, 6) and record["ctime"] >= completed:
            back = fen(record["money"])
            yield _entry(order, record["ctime"], -back, 0, {}) | {
                "settleAmount": -back,
                "billChargeType": 2,
                "chargeFeeDesc": "部分退款" if record["refund_type"] == 1 else "全额退款",
                "refundId": record["refund_id"],
            }


def _entry(order: Placed, at: int, paid: int, subsidy: int, receipt: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "wmOrderViewId": order.body["wm_order_id_view"],
        "daliyBillDate": datetime.fromtimestamp(at, CHINA).strftime("%Y-%m-%d"),
        "userOnlinePayAmount": paid,
        "userOfflinePayAmount": 0,
        "activityMeituanAmount": subsidy,
        "platformChargeFee": -receipt.get("foodShareFeeChargeByPoi", 0),
        "performanceServiceFee": -receipt.get("logisticsFee", 0),
    }
