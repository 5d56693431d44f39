"""The pretend `orders/search`: filters, sorting by the very time that is filtered, cursors that belong to one question."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app import steady
from app.platforms.square.simulated_orders import LOCATION, Placed, moment
from app.platforms.square.simulated_shop import WireError

FIELDS = {"created_at": "CREATED_AT", "updated_at": "UPDATED_AT", "closed_at": "CLOSED_AT"}
KNOWN = {"location_ids", "cursor", "query", "limit", "return_entries"}


class Found(NamedTuple):
    """A page, and the token of the next ("" at the end)."""

    orders: list[Placed]
    cursor: str


def search(orders: Iterable[Placed], asked: Mapping[str, Any], hidden: Callable[[Placed], bool]) -> Found:
    """Answer one request; `hidden` orders are not in the index yet. WireError for what Square would refuse."""
    _require_form(asked)
    query = asked.get("query") or {}
    filters, sort = query.get("filter") or {}, query.get("sort") or {}
    name, span = _span(filters, sort)
    place = _opened(str(asked.get("cursor") or ""), query)
    # Without an end it is the moment of the first request of the same question (documented).
    end = place.get("end") or moment(_time(span.get("end_at")) or steady.now())
    start = moment(_time(span.get("start_at")) or datetime.fromtimestamp(0, UTC))
    rest = [one for one in orders if _matches(one, filters) and start <= _at(one, name) <= end and not hidden(one)]
    rest.sort(key=lambda one: (_at(one, name), one.id), reverse=sort.get("sort_order", "DESC") != "ASC")
    if place.get("after"):
        last = tuple(place["after"])
        rest = [one for one in rest if ((_at(one, name), one.id) > last) == (sort.get("sort_order") == "ASC")]
        rest = [one for one in rest if (_at(one, name), one.id) != last]
    page = rest[: asked.get("limit", 500)]
    if len(rest) == len(page):
        return Found(page, "")
    last_one = page[-1]
    return Found(page, _sealed({"end": end, "after": [_at(last_one, name), last_one.id], "query": _digest(query)}))


def _require_form(asked: Mapping[str, Any]) -> None:
    places, limit = asked.get("location_ids"), asked.get("limit", 500)
    if set(asked) - KNOWN:
        raise WireError("BAD_REQUEST", "Unexpected field.")
    if not isinstance(places, list) or not 1 <= len(places) <= 10:
        raise WireError("BAD_REQUEST", "location_ids must hold 1 to 10 ids.")
    if any(one != LOCATION for one in places):
        raise WireError("FORBIDDEN", "No access to this location.", 403, "AUTHENTICATION_ERROR")
    if not isinstance(limit, int) or not 1 <= limit <= 1000:
        raise WireError("BAD_REQUEST", "limit must be between 1 and 1000.")


def _span(filters: Mapping[str, Any], sort: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The one time that is filtered, and its span; the list must be sorted by the same."""
    spans = filters.get("date_time_filter") or {}
    if len(spans) > 1 or set(spans) - set(FIELDS):
        raise WireError("BAD_REQUEST", "Only one time range may be filtered.")
    name, span = next(iter(spans.items()), ("created_at", {}))
    if spans and sort.get("sort_field") != FIELDS[name]:
        raise WireError("BAD_REQUEST", f"sort_field must be {FIELDS[name]} for this filter.")
    return name, span


def _matches(order: Placed, filters: Mapping[str, Any]) -> bool:
    states = (filters.get("state_filter") or {}).get("states")
    wanted = filters.get("fulfillment_filter") or {}
    parts = order.body.get("fulfillments") or []
    kinds, steps = wanted.get("fulfillment_types"), wanted.get("fulfillment_states")
    return (
        (not states or order.body["state"] in states)
        and (not kinds or any(one["type"] in kinds for one in parts))
        and (not steps or any(one["state"] in steps for one in parts))
    )


def _at(order: Placed, name: str) -> str:
    found = _time(order.body.get(name))
    return moment(found) if found else ""


def _time(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise WireError("INVALID_TIME", "not a time") from None
    if found.tzinfo is None:
        raise WireError("INVALID_TIME", "not a time with an offset")
    return found


def _digest(query: Any) -> str:
    return hashlib.sha256(json.dumps(query, sort_keys=True).encode()).hexdigest()[:16]


def _sealed(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _opened(cursor: str, query: Any) -> dict[str, Any]:
    if not cursor:
        return {}
    try:
        found = dict(json.loads(base64.urlsafe_b64decode(cursor)))
    except (ValueError, TypeError):  # bad base64 and bad JSON alike
        raise WireError("INVALID_CURSOR", "The cursor is invalid.") from None
    if found.get("query") != _digest(query):
        raise WireError("INVALID_CURSOR", "The cursor belongs to another query.")
    return found
