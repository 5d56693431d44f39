"""The envelope: one platform's HTTP request, raw, as one message of the stream; and the names it travels under.

Format 1, the only one: a line of JSON, a line feed, then the body's own bytes.

    {"v": 1, "method": "POST", "path": "/hooks/lee/eleme/TOKEN", "query": {...}, "headers": {...}, "received": "ISO 8601"}

Stream: `mailbox` of the shop. Subject: `orders.<shop>.<platform>`. Header `Nats-Msg-Id`: `message_id`.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

from app.platforms.api import WebhookRequest

FORMAT = 1
MOST_BYTES = 768 * 1024  # a body at its limit (256 KiB) and far more header than any platform sends

TRIAL = "order-console-test"  # part of an address after the token; no platform is told it

_TRIAL = re.compile(rf"/{TRIAL}/([0-9]{{1,18}})$")
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")  # also the name of its consumer, so no dots, stars or spaces
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")


class EnvelopeError(ValueError):
    """A message of the stream that is no envelope."""


class LaterFormatError(EnvelopeError):
    """An envelope of a later release: to be kept until this console is of that release too."""


def is_shop(name: str) -> bool:
    """Whether this can be a shop's name: lower-case letters, digits and hyphens, 32 at most."""
    return _SHOP.fullmatch(name) is not None


def mailbox(shop: str) -> str:
    """The shop's stream. Each shop has its own: only a stream's bounds are told in bytes, so in a shared one whoever has one
    shop's address can fill the space of all."""
    return f"ORDERS_{shop}"


def subject(shop: str, platform: str) -> str:
    """Where this shop's requests of this platform are published."""
    return f"orders.{shop}.{platform}"


def address(path: str) -> tuple[str, str, str] | None:
    """Shop, platform and token of `/hooks/<shop>/<platform>/<token>[/anything]`; None for any other path."""
    match path.split("/", 5):
        case ["", "hooks", shop, platform, token, *_] if is_shop(shop) and _TOKEN.fullmatch(token):
            return shop, platform, token
    return None


def trial_number(path: str) -> int | None:
    """The number of a test push that a counter sends to its own address; None for anything else."""
    found = _TRIAL.search(path)
    return int(found[1]) if found else None


def pack(request: WebhookRequest) -> bytes:
    """The request as a message."""
    return _line({"v": FORMAT, **_head(request), "received": request.received.isoformat()}) + b"\n" + request.body


def unpack(message: bytes) -> WebhookRequest:
    """The request as it came to the front. Raises EnvelopeError and LaterFormatError."""
    line, _, body = message.partition(b"\n")
    try:
        head: dict[str, Any] = json.loads(line)
        if int(head["v"]) > FORMAT:
            raise LaterFormatError(f"form {head['v']} of message needs a later release of the console")
        received = datetime.fromisoformat(head["received"])
        return WebhookRequest(head["method"], head["path"], head["query"], head["headers"], body, received)
    except EnvelopeError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EnvelopeError(repr(error)) from error


def message_id(request: WebhookRequest) -> str:
    """A hash of everything a connector could look at.

    A repeat of the same bytes is verified and mapped alike, and its first copy is durable: it may be swallowed.
    Headers count too. Were they left out, a forged copy that came first would swallow the genuine one, which differs from it
    in nothing but the signature's header. A repeat signed anew is a message of its own, and the inbox knows it by its key.
    """
    return hashlib.sha256(_line(_head(request)) + b"\n" + request.body).hexdigest()


def _head(request: WebhookRequest) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "headers": dict(request.headers),
    }


def _line(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode("ascii")  # escapes keep undecodable header bytes
