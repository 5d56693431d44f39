"""Exact bodies of the pretend Uber's calls: what the vendor's pages allow, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import steady

DENY_CODES = frozenset(
    (
        "STORE_CLOSED",
        "POS_NOT_READY",
        "POS_OFFLINE",
        "ITEM_AVAILABILITY",
        "MISSING_ITEM",
        "MISSING_INFO",
        "PRICING",
        "CAPACITY",
        "ADDRESS",
        "SPECIAL_INSTRUCTIONS",
        "OTHER",
    )
)
CANCEL_REASONS = frozenset(
    (
        "OUT_OF_ITEMS",
        "KITCHEN_CLOSED",
        "CUSTOMER_CALLED_TO_CANCEL",
        "RESTAURANT_TOO_BUSY",
        "CANNOT_COMPLETE_CUSTOMER_NOTE",
        "OTHER",
    )
)
TYPES = frozenset(
    (
        "ITEM_ISSUE",
        "KITCHEN_CLOSED",
        "CUSTOMER_CALLED_TO_CANCEL",
        "RESTAURANT_TOO_BUSY",
        "ORDER_VALIDATION",
        "STORE_CLOSED",
        "TECHNICAL_FAILURE",
        "POS_NOT_READY",
        "POS_OFFLINE",
        "CAPACITY",
        "ADDRESS",
        "SPECIAL_INSTRUCTIONS",
        "PRICING",
        "UNKNOWN",
        "OTHER",
    )
)
RELAYED = frozenset(("order_special_instructions", "item_special_instructions", "item_special_requests", "promotions"))
PAST = 60.0  # seconds a promised time may lie back
MAX_PREP = 10_800


class BodyError(ValueError):
    """A body Uber would answer with 400."""


def previous_accept(body: Mapping[str, Any]) -> float | None:
    """Answers the promised time as Unix seconds."""
    _only(body, "reason", "pickup_time", "external_reference_id", "fields_relayed", "order_pickup_instructions")
    _need(isinstance(body.get("reason"), str) and body["reason"], "reason")
    relayed = body.get("fields_relayed", {})
    _need(isinstance(relayed, dict) and set(relayed) <= RELAYED, "fields_relayed")
    promised = body.get("pickup_time")
    if promised is None:
        return None
    _need(type(promised) is int and promised > steady.time() - PAST, "pickup_time")
    return float(promised)


def previous_deny(body: Mapping[str, Any]) -> None:
    """`{"reason": {"code": ..., "explanation": ...}}`."""
    _only(body, "reason")
    reason = body.get("reason")
    _need(isinstance(reason, dict), "reason")
    assert isinstance(reason, dict)
    _only(reason, "code", "explanation", "out_of_stock_items", "invalid_items")
    _need(reason.get("code") in DENY_CODES, "reason.code")
    _need(isinstance(reason.get("explanation"), str), "reason.explanation")


def previous_cancel(body: Mapping[str, Any]) -> None:
    """OTHER needs words."""
    _only(body, "reason", "details")
    _need(body.get("reason") in CANCEL_REASONS, "reason")
    _need(body["reason"] != "OTHER" or bool(body.get("details")), "details")


def current_accept(body: Mapping[str, Any]) -> float | None:
    """Answers the promised time as Unix seconds."""
    _only(body, "ready_for_pickup_time")
    if "ready_for_pickup_time" not in body:
        return None
    promised = moment(body["ready_for_pickup_time"], "ready_for_pickup_time")
    _need(promised > steady.time() - PAST, "ready_for_pickup_time")
    return promised


def current_deny(body: Mapping[str, Any]) -> None:
    """`{"deny_reason": {"type": ..., "info": ...}}`."""
    _typed(body, "deny_reason")


def current_cancel(body: Mapping[str, Any]) -> None:
    """`{"cancellation_reason": {"type": ..., "info": ...}}`."""
    _typed(body, "cancellation_reason")


def nothing(body: Mapping[str, Any]) -> None:
    """`{}`."""
    _only(body)


def previous_status(body: Mapping[str, Any]) -> tuple[bool, float]:
    """Whether it opens, and until when it is paused."""
    _only(body, "status", "paused_until", "reason")
    _need(body.get("status") in ("ONLINE", "PAUSED"), "status")
    online = body["status"] == "ONLINE"
    return online, 0.0 if online else moment(body.get("paused_until"), "paused_until")


def current_status(body: Mapping[str, Any]) -> tuple[bool, float]:
    """Whether it opens, and until when it is offline."""
    _only(body, "status", "is_offline_until", "reason")
    _need(body.get("status") in ("ONLINE", "OFFLINE"), "status")
    online = body["status"] == "ONLINE"
    return online, 0.0 if online else moment(body.get("is_offline_until"), "is_offline_until")


def prep_time(body: Mapping[str, Any]) -> int:
    """Seconds."""
    _only(body, "default_prep_time")
    seconds = body.get("default_prep_time")
    _need(type(seconds) is int and 0 < seconds <= MAX_PREP, "default_prep_time")
    assert isinstance(seconds, int)
    return seconds


def suspension(body: Mapping[str, Any]) -> float:
    """Unix seconds until which an item is off sale."""
    _only(body, "suspension_info")
    info = body.get("suspension_info")
    inner = info.get("suspension") if isinstance(info, dict) else None
    _need(isinstance(inner, dict) and type(inner.get("suspend_until")) is int, "suspension_info.suspension.suspend_until")
    assert isinstance(inner, dict)
    _only(inner, "suspend_until", "reason")
    return float(inner["suspend_until"])


def moment(value: Any, name: str) -> float:
    """RFC 3339 with an offset, as Unix seconds."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BodyError(f"{name} is not valid")
    return found.timestamp()


def _typed(body: Mapping[str, Any], name: str) -> None:
    _only(body, name)
    reason = body.get(name)
    _need(isinstance(reason, dict) and reason.get("type") in TYPES, f"{name}.type")
    assert isinstance(reason, dict)
    _only(reason, "type", "info", "client_error_code", "item_metadata")
    _need(isinstance(reason.get("info", ""), str), f"{name}.info")


def _only(body: Mapping[str, Any], *names: str) -> None:
    if extra := set(body) - set(names):
        raise BodyError(f"unknown: {sorted(extra)}")


def _need(right: object, name: str) -> None:
    if not right:
        raise BodyError(f"{name} is not valid")
