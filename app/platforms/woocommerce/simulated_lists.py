"""The pretend shop's order list, with every trap that a real one sets: times, statuses, pages, unknown filters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from app.platforms.woocommerce.simulated_books import HIDDEN, Books, Order
from app.platforms.woocommerce.simulated_requests import invalid

ORDERBY = {
    "date": "date_created_gmt",
    "modified": "date_modified_gmt",
    "id": "id",
    "include": "id",
    "title": "id",
    "slug": "id",
}
BOUNDS = {  # parameter: the time it bounds; the value is whether later ones are meant
    "modified_after": ("date_modified_gmt", True),
    "modified_before": ("date_modified_gmt", False),
    "after": ("date_created_gmt", True),
    "before": ("date_created_gmt", False),
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
# What OPTIONS says the list takes; whatever else is asked for is ignored without a word (observed).
ARGUMENTS = ("page", "per_page", "search", *BOUNDS, "dates_are_gmt", "exclude", "include", "offset", "order", "orderby")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list. Past its end everything counts zero (observed)."""

    rows: list[dict[str, Any]]
    total: int
    pages: int


def page_of(books: Books, query: MultiMapping[str]) -> Found:
    """The rows of a page. WireError for what the interface refuses."""
    given = dict(query)  # of a repeated name PHP keeps the last
    size, number = _sizes(given)
    wanted = _statuses(books, query)
    found = [order for order in books.orders.values() if order["status"] in wanted]
    for name, (figure, later) in BOUNDS.items():
        if name in given:
            bound = cutoff(books, name, given[name], given.get("dates_are_gmt") in ("true", "1"))
            found = [order for order in found if (order[figure] > bound if later else order[figure] < bound)]
    found = _chosen(found, given)
    return _page(found, _start(given, size, number), size)


def cutoff(books: Books, name: str, text: str, as_gmt: bool) -> str:
    """A bound as UTC text in whole seconds. A zone beside the flag is shifted a second time, as the real one does."""
    if not _TIME.fullmatch(text):
        raise invalid(name)
    try:
        found = datetime.fromisoformat(text).replace(microsecond=0)
    except ValueError:
        raise invalid(name) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC if as_gmt else books.zone)
    elif as_gmt:
        found += books.offset()
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def arguments(books: Books) -> dict[str, Any]:
    """What OPTIONS answers."""
    known = {"type": "string", "enum": ["any", "trash", *books.statuses()]}
    args: dict[str, Any] = {name: {"required": False} for name in ARGUMENTS}
    args["status"] = {"default": "any", "type": "array", "items": known, "required": False}
    return {"namespace": "wc/v3", "methods": ["GET", "POST"], "endpoints": [{"methods": ["GET"], "args": args}]}


def paged(request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
    """A page of a list that takes no filters."""
    given = dict(request.query)
    size, number = _sizes(given)
    return listed(request, _page(rows, _start(given, size, number), size), request.url.origin().human_repr())


def listed(request: web.Request, found: Found, home: str) -> web.Response:
    """The answer, with the addresses of its neighbours: absolute, and with whatever else the call asked for (WooCommerce's
    source)."""
    number = _sizes(dict(request.query))[1]
    near = {
        "prev": min(number - 1, found.pages) if number > 1 else None,
        "next": number + 1 if number < found.pages else None,
    }
    links = [
        f'<{home}{request.path}?{urlencode({**dict(request.query), "page": page})}>; rel="{rel}"'
        for rel, page in near.items()
        if page is not None
    ]
    headers = {"X-WP-Total": str(found.total), "X-WP-TotalPages": str(found.pages)}
    return web.json_response(found.rows, headers={**headers, **({"Link": ", ".join(links)} if links else {})})


def _page(rows: list[dict[str, Any]], start: int, size: int) -> Found:
    shown = rows[start : start + size]
    total = len(rows) if shown else 0
    return Found(shown, total, -(-total // size))


def _start(given: Mapping[str, str], size: int, number: int) -> int:
    """An `offset` beats the page; below zero it counts as if above (the interface's `absint`)."""
    text = given.get("offset", "")
    if text and not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        raise invalid("offset")
    return abs(int(text)) if text and int(text) else (number - 1) * size


def _sizes(given: Mapping[str, str]) -> tuple[int, int]:
    """Rows of a page, and which page."""
    return _whole(given, "per_page", 10, 100), _whole(given, "page", 1, 10**9)


def _statuses(books: Books, query: MultiMapping[str]) -> set[str]:
    """A comma list or `status[]`; "any" swallows whatever stands beside it, and leaves out the bin and drafts (observed)."""
    asked = [one for name in query for one in ([query[name]] if name.startswith("status[") else [])]
    if not asked and "status" in query:
        asked = list(query.getall("status")[-1].split(","))
    known = {*books.statuses(), "trash"}
    if set(asked) - known - {"any"}:
        raise invalid("status")
    if not asked or "any" in asked:
        return set(books.statuses()) - set(HIDDEN)
    return set(asked)


def _chosen(found: list[Order], given: Mapping[str, str]) -> list[Order]:
    include, exclude = _ids(given, "include"), _ids(given, "exclude")
    if include:
        found = [order for order in found if order["id"] in include]
    found = [order for order in found if order["id"] not in exclude]
    by, order = given.get("orderby", "date"), given.get("order", "desc")
    if by not in ORDERBY or order not in ("asc", "desc"):
        raise invalid("orderby" if by not in ORDERBY else "order")
    return sorted(found, key=lambda one: (one[ORDERBY[by]], one["id"]), reverse=order == "desc")


def _ids(given: Mapping[str, str], name: str) -> set[int]:
    texts = [one for one in given.get(name, "").split(",") if one]
    if not all(re.fullmatch(r"\d{1,18}", text, re.ASCII) for text in texts):
        raise invalid(name)
    return set(map(int, texts))


def _whole(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, str(default))
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise invalid(name)
    return int(text)
