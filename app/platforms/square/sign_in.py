"""Square's sign-in with PKCE: a page in the browser, an address the person pastes back, no secret of the app anywhere.

Documented: authorization codes live five minutes and work once; access tokens live 30 days; refresh tokens of this flow live
90 days, work once, and each refresh brings the next one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from app.platforms import http, renewing
from app.platforms.api import AuthError, ProtocolError, RejectedError, TemporaryError
from app.platforms.shapes import UNREADABLE
from app.platforms.square.answers import API, PRODUCTION, VERSION, error_of, refusal
from app.platforms.square.wire import instant
from app.texts import tr

SCOPES = (
    "MERCHANT_PROFILE_READ",
    "ORDERS_READ",
    "ORDERS_WRITE",
    "PAYMENTS_READ",
    "PAYMENTS_WRITE",
    "PAYOUTS_READ",
    "ITEMS_READ",
    "INVENTORY_READ",
    "INVENTORY_WRITE",
)
# The verifier must be the same when the page is opened and when the code comes back, and must never be in the address: it is
# derived from this, so both have to happen while the program runs. A new start needs a new code, no more.
_RUN = secrets.token_bytes(32)


def verifier(client_id: str) -> str:
    """What proves that the code was meant for this program (43 characters, as PKCE wants)."""
    return _plain(hmac.new(_RUN, b"verifier|" + client_id.encode(), hashlib.sha256).digest())


def challenge(code_verifier: str) -> str:
    """What the page is told of it: base64url of its SHA-256 (RFC 7636, S256)."""
    return _plain(hashlib.sha256(code_verifier.encode()).digest())


def state(client_id: str) -> str:
    """What the browser must bring back, so that nobody can slip in a code of another shop."""
    return _plain(hmac.new(_RUN, b"state|" + client_id.encode(), hashlib.sha256).digest()[:12])


def page(values: Mapping[str, str], address: str) -> str:
    """The address to open in a browser. RejectedError without an application id."""
    client_id = values.get("application_id", "").strip()
    if not client_id:
        raise RejectedError(tr("Fill in the application ID first"), "application_id")
    redirect = values.get("redirect_url", "").strip()
    query = {
        "client_id": client_id,
        "scope": " ".join(SCOPES),
        "session": "false",  # a fresh log-in: the browser may be signed in to another shop
        "state": state(client_id),
        "code_challenge": challenge(verifier(client_id)),
        **({"redirect_uri": redirect} if redirect else {}),
    }
    return f"{host(values, address)}/oauth2/authorize?{urlencode(query)}"


async def exchange(values: Mapping[str, str], address: str, client: httpx.AsyncClient) -> Mapping[str, str]:
    """Turn what was pasted into the tokens to keep. RejectedError: no code in it, or one of another page, old or used."""
    client_id = values.get("application_id", "").strip()
    form = {
        "client_id": client_id,
        "grant_type": "authorization_code",
        "code": _code(values.get("code", "").strip(), client_id),
        "code_verifier": verifier(client_id),
    }
    if redirect := values.get("redirect_url", "").strip():
        form["redirect_uri"] = redirect
    try:
        return await grant(client, host(values, address), form)
    except AuthError as error:
        text = tr("Square does not take this code (used, or older than 5 minutes): get a new one ({reason})", reason=error)
        raise RejectedError(text, "code") from error


async def grant(client: httpx.AsyncClient, base: str, form: Mapping[str, str]) -> dict[str, str]:
    """Ask for tokens; answers the settings to keep. AuthError when Square refuses, in its own words; TemporaryError when it
    only cannot answer now."""
    headers = {"Square-Version": VERSION}
    answer = await renewing.asked(http.call(client, "POST", f"{base}/oauth2/token", json=dict(form), headers=headers))
    if answer.status in (400, 401, 403, 404):
        if isinstance(error := error_of(answer), TemporaryError):  # Square's codes say so whatever the status
            raise error
        raise AuthError(refusal(answer).text or tr("Square refused the sign-in"))
    http.raise_for(answer, refusal(answer).text)
    return _kept(answer.body)


def fingerprint(token: str) -> str:
    """Tells whether a token is the one that was granted, or another that a person pasted over it."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


def host(values: Mapping[str, str], address: str) -> str:
    """The host of the account's environment; tokens of one are worth nothing at the other."""
    return (address or API.get(values.get("environment", ""), API[PRODUCTION])).rstrip("/")


def _kept(body: Any) -> dict[str, str]:
    try:
        token, refresh = str(body["access_token"]), str(body.get("refresh_token") or "")
        ends = instant(body.get("expires_at"))
    except (*UNREADABLE, KeyError, AttributeError):
        raise ProtocolError(tr("Square granted a token of an unknown form")) from None
    kept = {"access_token": token, "granted": fingerprint(token), "expires_at": _seconds(ends)}
    return kept | ({"refresh_token": refresh} if refresh else {})


def _seconds(moment: datetime | None) -> str:
    return str(int(moment.timestamp())) if moment else ""


def _code(pasted: str, client_id: str) -> str:
    """The code itself, or the whole address that the browser ended at; the latter proves where it came from."""
    if "?" not in pasted:
        return pasted
    query = parse_qs(urlsplit(pasted).query)
    if "code" not in query:
        words = ", ".join(query.get("error_description", query.get("error", [])))
        raise RejectedError(tr("There is no code in this address: {reason}", reason=words or "?"), "code")
    if query.get("state") != [state(client_id)]:
        raise RejectedError(tr("This code belongs to another sign-in page: open the page anew"), "state")
    return query["code"][0]


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
