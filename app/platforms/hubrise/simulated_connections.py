"""HubRise's side of one sign-in: its token, its call windows, its callback and the queue of events not acknowledged."""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from app import steady

CODE_LIFE = 600.0
WINDOWS = ((60.0, 500), (3600.0, 2_500), (86400.0, 10_000))
HEAVY = ((60.0, 10),)
ALLOWED_EVENTS = {
    "catalog": {"create", "delete", "update"},
    "customer": {"create", "update"},
    "delivery": {"create", "update"},
    "inventory": {"patch", "update"},
    "location": {"update"},
    "order": {"create", "update"},
}


class WireError(Exception):
    """An error answer in HubRise's form."""

    def __init__(self, status: int, kind: str, message: str, field_name: str = "", text: str = "") -> None:
        super().__init__(message)
        self.status = status
        errors = [{"field": field_name, "message": text}] if field_name else []
        self.body = {"error_type": kind, "message": message, "errors": errors}

    def response(self) -> web.Response:
        """As it goes out."""
        return web.json_response(self.body, status=self.status)


@dataclass
class Connection:
    """One client at the location. `queue` holds events by id, oldest first."""

    token: str
    client_id: str
    device_id: str
    scope: str
    speed: float
    callback: dict[str, Any] | None = None
    queue: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[tuple[str, float, int], int] = field(default_factory=dict)

    def wants(self, resource: str, event: str) -> bool:
        """Whether its callback asks for this kind of event."""
        return bool(self.callback) and event in (self.callback or {}).get("events", {}).get(resource, ())

    def may(self, permission: str) -> bool:
        """Whether its scope grants, for example, "orders.write"; writing includes reading."""
        return permission in self.scope or permission.replace(".read", ".write") in self.scope

    def need(self, permission: str) -> None:
        """WireError 403 when its scope does not grant it."""
        if not self.may(permission):
            raise WireError(403, "forbidden", f"The scope does not include {permission}")

    def count(self, heavy: bool) -> None:
        """Count a call against every window. WireError 429 when one is full; a refused call counts too."""
        limits = [("all", *window) for window in WINDOWS] + [("heavy", *window) for window in HEAVY if heavy]
        now, full = steady.time(), False
        for kind, length, limit in limits:
            key = (kind, length, int(now // (length / self.speed)))
            self.counts[key] = self.counts.get(key, 0) + 1
            full |= self.counts[key] > limit
        if full:
            raise WireError(429, "too_many_requests", "Too many requests")


class Door:
    """OAuth as HubRise does it: codes that work once and for ten minutes, one token per client, location and device."""

    def __init__(self, chance: random.Random, client_id: str, client_secret: str, speed: float) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self._chance, self._speed = chance, speed
        self._codes: dict[str, tuple[float, str, str]] = {}
        self.connections: dict[str, Connection] = {}

    def connect(self, device_id: str, scope: str) -> Connection:
        """The connection of a device: the same token again for the same device."""
        for known in self.connections.values():
            if known.device_id == device_id:
                known.scope = scope
                return known
        token = f"practice-{self._chance.getrandbits(80):020x}"
        self.connections[token] = Connection(token, self.client_id, device_id, scope, self._speed)
        return self.connections[token]

    def authorize(self, query: Mapping[str, str]) -> str:
        """The code that the sign-in page shows. WireError 400 for what the page refuses."""
        if query.get("client_id") != self.client_id:
            raise WireError(400, "invalid_client", "Unknown client_id")
        if query.get("redirect_uri") != "urn:ietf:wg:oauth:2.0:oob":
            raise WireError(400, "invalid_request", "redirect_uri is not registered")
        scope = query.get("scope", "")
        if not scope.startswith(("location[", "account[")) or not scope.endswith("]"):
            raise WireError(400, "invalid_scope", "Invalid scope")
        code = f"{self._chance.getrandbits(48):012x}"
        self._codes[code] = (steady.time() + CODE_LIFE / self._speed, query.get("device_id", ""), scope)
        return code

    def exchange(self, authorization: str, code: str) -> Connection:
        """Token for a code. 401 for a wrong client, 400 for a code that is unknown, used or too old."""
        self.check_client(authorization)
        until, device_id, scope = self._codes.pop(code, (0.0, "", ""))
        if steady.time() > until:
            raise WireError(400, "invalid_grant", "The code is expired or was already used")
        return self.connect(device_id, scope)

    def check_client(self, authorization: str) -> None:
        """HTTP Basic with the client's own id and secret."""
        kind, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        if kind != "Basic" or given != f"{self.client_id}:{self.client_secret}":
            raise WireError(401, "invalid_client", "Client authentication failed")

    def revoke(self, token: str) -> None:
        """The token opens nothing any more."""
        self.connections.pop(token, None)

    def open(self, token: str) -> Connection:
        """The connection of a call's token. WireError 401."""
        if token not in self.connections:
            raise WireError(401, "unauthorized", "Invalid or revoked access token")
        return self.connections[token]


async def body_of(request: web.Request) -> dict[str, Any]:
    """The object that a call carries. WireError for anything else."""
    if request.content_type != "application/json":
        raise WireError(415, "unsupported_media_type", "Content-Type must be application/json")
    try:
        body = await request.json()
    except ValueError:
        raise WireError(400, "bad_request", "Invalid JSON") from None
    if not isinstance(body, dict):
        raise WireError(422, "unprocessable_entity", "Validation failed", "body", "is not an object")
    return body


def valid_callback(body: Any) -> dict[str, Any]:
    """A callback registration, checked. WireError 422."""
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, dict):
        raise WireError(422, "unprocessable_entity", "Validation failed", "events", "can't be blank")
    for resource, kinds in events.items():
        if not isinstance(kinds, list) or not set(kinds) <= ALLOWED_EVENTS.get(resource, set()):
            raise WireError(422, "unprocessable_entity", "Validation failed", "events", f"{resource} is not allowed")
    url = body.get("url")
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise WireError(422, "unprocessable_entity", "Validation failed", "url", "is invalid")
    return {"url": url, "events": events}
