"""Webhooks that the shop switched off after failures: switched on again, and told to a person where that does not help.

Nothing tells of it but the webhook's own status, and switching it on forgives it nothing: one more failure ends it, only a
success counts as a new begin (observed).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.platforms.api import AuthError, Message, PlatformError, ProtocolError, RejectedError, TemporaryError
from app.platforms.woocommerce import clean
from app.platforms.woocommerce.client import Client
from app.texts import tr

HOOK = "webhook"
DAY = 86400.0  # switched off again within one: the address does not answer
# The door of a console, behind a relay or not. Others' webhooks are theirs to switch on.
_OURS = re.compile(r"/hooks/(?:[^/]+/)?woocommerce/[^/]+/?")
Armed = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at the webhooks left: what to tell, and when each was last switched on again, by its id."""

    messages: tuple[Message, ...]
    armed: Armed


async def look(client: Client, armed: Armed, now: float) -> Looked:
    """Switch on what is off (`now`: the shop's clock). A key that may not see webhooks leaves all as it was."""
    known = {hook: at for hook, at in armed if now - at < DAY}
    try:
        rows = await client.all_rows("/webhooks", {"status": "disabled"})
    except PlatformError:
        return Looked((), tuple(known.items()))
    told = []
    for row in filter(_is_ours, rows):
        helped = await _switched_on(client, row["id"])
        if helped is False or row["id"] in known:
            told.append(_message(row, now))
        if helped:
            known[row["id"]] = now
    return Looked(tuple(told), tuple(known.items()))


def complaint(found: Any) -> ProtocolError:
    """What a person reads of a webhook that does not stay on."""
    if not isinstance(found, dict):
        raise TypeError("no webhook")
    text = tr(
        "The shop switched its webhook {name} off: {host} does not answer it. Orders come all the same, as the console asks "
        "for them. See to the relay, or delete the webhook (WooCommerce, Settings, Advanced, Webhooks).",
        name=found.get("name"),
        host=found.get("host"),
    )
    return ProtocolError(text)


def _is_ours(row: Mapping[str, Any]) -> bool:
    return row.get("status") == "disabled" and isinstance(row["id"], int) and _OURS.search(_address(row).path) is not None


async def _switched_on(client: Client, hook: int) -> bool | None:
    """False where the shop refuses; None when nobody knows."""
    try:
        return bool((await client.change(f"/webhooks/{hook}", {"status": "active"})).body.get("status") == "active")
    except (RejectedError, AuthError):
        return False
    except (TemporaryError, ProtocolError):
        return None


def _message(row: Mapping[str, Any], now: float) -> Message:
    """Once a day for each webhook. Its address holds the account's token: only the host is kept."""
    about = {"id": row["id"], "name": clean.line(str(row.get("name") or ""))[:80], "host": _address(row).hostname or "?"}
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    return Message(f"webhook:{row['id']}:{day}", HOOK, json.dumps(about).encode(), int(now * 1000))


def _address(row: Mapping[str, Any]) -> SplitResult:
    """Where it sends; an empty one for what is no address, which must not stand in the way of orders."""
    try:
        return urlsplit(str(row.get("delivery_url") or ""))
    except ValueError:
        return urlsplit("")
