"""What we ask of Meituan, and under which path either door takes it.

Methods of door A are those of published clients: GET changes orders too, POST goes with long texts. Door B is all POST.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Ask(StrEnum):
    """Every call, by the word used in the simulator's records."""

    RECEIVED = "received"
    CONFIRM = "confirm"
    CANCEL = "cancel"
    READY = "ready"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    AGREE = "agree"
    REFUSE = "refuse"
    REPLY = "reply"
    ORDER = "order"
    LAST_NUMBER = "last_number"
    NUMBER = "number"
    WAITING = "waiting"
    REFUNDS = "refunds"
    PHONES = "phones"
    SHOP = "shop"
    OPEN = "open"
    CLOSE = "close"
    DISHES = "dishes"
    SHELF = "shelf"
    STOCK = "stock"
    REFUNDABLE = "refundable"
    GIVE_BACK = "give_back"
    PATH = "path"
    BILLS = "bills"
    REVIEWS = "reviews"
    REPLY_REVIEW = "reply_review"


class Route(NamedTuple):
    """Method and path; no path: this door has no such call."""

    method: str
    path: str


class Routes(NamedTuple):
    """One question at both doors."""

    open: Route
    partner: Route


def routes_of(ask: Ask) -> Routes:
    """Both paths."""
    method, open_path, partner_path = _ROUTES[ask]
    return Routes(Route(method, open_path), Route("POST", partner_path))


_ROUTES = {
    Ask.RECEIVED: ("GET", "order/poi_received", ""),
    Ask.CONFIRM: ("GET", "order/confirm", "/waimai/order/confirm"),
    Ask.CANCEL: ("GET", "order/cancel", "/waimai/order/cancel"),
    Ask.READY: ("GET", "order/preparationMealComplete", "/waimai/order/preparationMealComplete"),
    Ask.DELIVERING: ("GET", "order/delivering", "/waimai/order/delivering"),
    Ask.DELIVERED: ("GET", "order/arrived", "/waimai/order/delivered"),
    Ask.AGREE: ("GET", "order/refund/agree", "/waimai/order/agreeRefund"),
    Ask.REFUSE: ("GET", "order/refund/reject", "/waimai/order/rejectRefund"),
    Ask.REPLY: ("POST", "order/remindReply", "/waimai/ng/order/remindReply"),
    Ask.ORDER: ("GET", "order/getOrderDetail", "/waimai/order/queryById"),
    Ask.LAST_NUMBER: ("GET", "order/getOrderDaySeq", ""),
    Ask.NUMBER: ("GET", "order/getOrderIdByDaySeq", "/waimai/order/queryByDaySeq"),
    Ask.WAITING: ("GET", "", "/waimai/order/queryByEpoids"),
    Ask.REFUNDS: ("GET", "ecommerce/order/getOrderRefundDetail", "/waimai/ng/order/getBatchOrderRefundInfo"),
    Ask.PHONES: ("POST", "order/batchPullPhoneNumber", "/waimai/order/batchPullPhoneNumber"),
    Ask.SHOP: ("GET", "poi/mget", "/waimai/poi/queryPoiInfo"),
    Ask.OPEN: ("GET", "poi/open", "/waimai/poi/open"),
    Ask.CLOSE: ("GET", "poi/close", "/waimai/poi/close"),
    Ask.DISHES: ("GET", "food/list", "/waimai/dish/queryListByEPoiId"),
    Ask.SHELF: ("POST", "food/sku/sellStatus", "/waimai/ng/dish/sku/sellStatus"),
    Ask.STOCK: ("POST", "food/sku/stock", "/waimai/dish/updateStock"),
    Ask.REFUNDABLE: ("GET", "order/getPartRefundFoods", "/waimai/order/queryPartRefundFoods"),
    Ask.GIVE_BACK: ("POST", "order/applyPartRefund", "/waimai/order/applyPartRefund"),
    Ask.PATH: ("GET", "order/getDeliveryPath", "/waimai/ng/order/getDeliveryPath"),
    Ask.BILLS: ("GET", "wm/bill/list", ""),
    Ask.REVIEWS: ("GET", "comment/query", ""),
    Ask.REPLY_REVIEW: ("POST", "poi/comment/add_reply", ""),
}
