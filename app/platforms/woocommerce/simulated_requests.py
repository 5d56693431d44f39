"""What a call to the pretend shop carries: JSON or a form, checked as WordPress does before any route runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from app.platforms.woocommerce.simulated_keys import WireError

FORM = "application/x-www-form-urlencoded"
TEXTS = ("status", "transaction_id", "payment_method", "payment_method_title", "note", "reason")
LISTS = ("meta_data", "line_items", "fee_lines", "shipping_lines", "coupon_lines", "create", "update")
OBJECTS = ("billing", "shipping")


def invalid(name: str) -> WireError:
    """A parameter in no form the interface knows."""
    details = {name: {"code": "rest_invalid_param", "message": f"{name} is not valid.", "data": None}}
    text = f"Invalid parameter(s): {name}"
    return WireError(400, "rest_invalid_param", text, params={name: f"{name} is not valid."}, details=details)


def missing(name: str) -> WireError:
    """A parameter without which there is no call."""
    return WireError(400, "rest_missing_callback_param", f"Missing parameter(s): {name}", params=[name])


async def form_of(request: web.Request) -> dict[str, str]:
    """The fields of a form-encoded body, which are signed like the query's (observed); nothing for any other body."""
    return dict(parse_qsl(await request.text(), keep_blank_values=True)) if request.content_type == FORM else {}


async def body_of(request: web.Request) -> dict[str, Any]:
    """The object of a write; nothing at all is an empty one."""
    if request.content_type == FORM:
        body = _nested(await form_of(request))
    else:
        body = await _json(request)
    _check(body)
    return body


async def _json(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    try:
        body = await request.json() if text.strip() else {}
    except (ValueError, RecursionError):
        raise WireError(400, "rest_invalid_json", "Invalid JSON body passed.") from None
    if not isinstance(body, dict):
        raise WireError(400, "rest_invalid_json", "Invalid JSON body passed.")
    return body


def _check(body: Mapping[str, Any]) -> None:
    for names, kind in ((TEXTS, str), (LISTS, list), (OBJECTS, dict)):
        for name in names:
            if name in body and not isinstance(body[name], kind):
                raise invalid(name)
    for name in LISTS:
        if not all(isinstance(one, dict) for one in body.get(name, ())):
            raise invalid(name)
    if not all(isinstance(one.get("key"), str) for one in body.get("meta_data", ())):
        raise invalid("meta_data")


def _nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """`meta_data[0][key]=x` as PHP reads it. The form itself is the query's signature; this is what it means."""
    made: dict[str, Any] = {}
    for name, value in fields.items():
        *way, last = re.findall(r"[^\[\]]+", name) or [name]
        place = made
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return {name: _listed(value) for name, value in made.items() if not name.startswith("oauth_")}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    return list(inner.values()) if all(name.isdigit() for name in inner) else inner


def picked(answer: Any, fields: str) -> Any:
    """An answer's rows with the `_fields` that were asked for, "id,billing.city", and nothing else."""
    if isinstance(answer, list):
        return [picked(one, fields) for one in answer]
    return _part(answer, [name.strip().split(".") for name in fields.split(",") if name.strip()])


def _part(row: Any, wanted: list[list[str]]) -> Any:
    if not isinstance(row, dict) or [] in wanted:
        return row
    names = {name for name, *_ in wanted}
    return {name: _part(row[name], [deeper for first, *deeper in wanted if first == name]) for name in row if name in names}
