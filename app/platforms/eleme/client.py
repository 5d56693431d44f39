"""Signed calls to Ele.me: the envelope, the token's life, and the error codes as the contract's errors."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlencode

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.eleme.signing import compact, sign_call
from app.platforms.renewing import Token, asked, lifetime
from app.texts import N_, tr

ADDRESS = "https://open-api.shop.ele.me"
OWN, SERVICE = N_("own"), N_("service")
MAX_PAUSE = 60.0

Clock = Callable[[], float]


class Result(NamedTuple):
    """What a call answered, and the platform's clock (ms) when it was certainly true."""

    value: Any
    version: int


class Client:
    """One account's calls. Tokens are saved before they are used; the clock is Unix seconds and only stamps requests."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._address = base_of(settings.address)
        self._values = dict(settings.values)
        self._token = Token(self._values, settings.save, self._renew, clock)
        self._http = client
        self._clock = clock
        self._skew = 0.0  # seconds to add to our clock so that it agrees with the platform's
        self._pause = 1.0

    async def call(self, action: str, params: Mapping[str, Any] | None = None, *, app_wide: bool = False) -> Result:
        """One business call. `app_wide` calls are documented to go with an empty token.

        Raises the contract's errors; a dead token is renewed once and the call repeated, and so is one our clock spoilt.
        """
        token = "" if app_wide else await self._token.living()
        answer, code, text = await self._post(action, params or {}, token)
        if code == "INVALID_TIMESTAMP" and self._correct(answer):
            answer, code, text = await self._post(action, params or {}, token)
        if code == "UNAUTHORIZED" and not app_wide:
            token = await self._token.living(dead=token)
            answer, code, text = await self._post(action, params or {}, token)
        if code:
            raise self._error(code, text)
        self._pause = 1.0
        return Result(answer.body["result"], answer.version)

    async def aclose(self) -> None:
        """Let a renewal under way come to its end: what it brings may be granted only once."""
        await self._token.aclose()

    async def _post(self, action: str, params: Mapping[str, Any], token: str) -> tuple[http.Answer, str, str]:
        envelope = self._envelope(action, params, token)
        answer = await http.call(
            self._http,
            "POST",
            f"{self._address}/api/v1",
            content=compact(envelope).encode(),
            headers={"Content-Type": "application/json; charset=utf-8"},
        )
        http.raise_for(answer, tr("Ele.me answered HTTP {status}", status=answer.status))
        return (answer, *_outcome(answer.body, envelope["id"]))

    def _envelope(self, action: str, params: Mapping[str, Any], token: str) -> dict[str, Any]:
        now = self._clock() + self._skew
        key, secret = self._values["app_key"], self._values["secret"]
        return {
            "nop": "1.0.0",
            "id": f"{uuid.uuid4().hex.upper()}|{int(now * 1000)}",
            "action": action,
            "token": token,
            "metas": {"app_key": key, "timestamp": int(now)},
            "params": params,
            "signature": sign_call(action, token, key, int(now), params, secret),
        }

    def _correct(self, answer: http.Answer) -> bool:
        """Learn the platform's time from the Date header; False when there is none to learn from."""
        there = http.server_time(answer.headers)
        if there is None:
            return False
        self._skew = there - self._clock()
        return True

    def _error(self, code: str, text: str) -> PlatformError:
        words = text or code
        match code.upper():
            case "SERVER_ERROR":
                return TemporaryError(words)
            case "INVALID_TIMESTAMP":
                return TemporaryError(tr("this computer's clock is wrong: {words}", words=words))
            case "EXCEED_LIMIT":
                pause, self._pause = self._pause, min(self._pause * 2, MAX_PAUSE)
                return TemporaryError(words, pause)
            case "UNAUTHORIZED" | "INVALID_SIGNATURE":
                # every form we send is proved by a vector, so a wrong signature means a wrong secret: a person must act
                return AuthError(words)
        return RejectedError(words, code)

    async def _renew(self) -> dict[str, str]:
        """A crash before this is saved leaves the old refresh token, good for 30 minutes more (documented)."""
        return await grant(self._http, self._address, self._values, _renewal(self._values), self._clock)


async def grant(
    client: httpx.AsyncClient, address: str, values: Mapping[str, str], form: Mapping[str, str], clock: Clock = steady.time
) -> dict[str, str]:
    """Ask `/token`; answers the settings to keep. AuthError when Ele.me refuses, in its own words; TemporaryError when it
    only cannot answer now."""
    pair = f"{quote_plus(values['app_key'])}:{quote_plus(values['secret'])}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
    }
    url = f"{base_of(address)}/token"
    answer = await asked(http.call(client, "POST", url, content=urlencode(form).encode(), headers=headers))
    body = answer.body if isinstance(answer.body, dict) else {}
    if "error" in body:
        raise AuthError(str(body.get("error_description") or body["error"]))
    http.raise_for(answer, tr("Ele.me answered HTTP {status}", status=answer.status))
    return _granted(body, clock())


def consent_page(values: Mapping[str, str], address: str) -> str:
    """Where the shop's owner gives consent to a service provider's app; "" for a shop's own app, which needs none."""
    if values.get("app_kind", OWN) == OWN:
        return ""
    query = {
        "response_type": "code",
        "client_id": values["app_key"],
        "state": "order-console",
        "redirect_uri": values.get("redirect_uri", ""),
        "scope": "all",
    }
    return f"{base_of(address)}/authorize?{urlencode(query, quote_via=quote)}"


async def exchange(values: Mapping[str, str], address: str, client: httpx.AsyncClient) -> Mapping[str, str]:
    """Turn the pasted code (or, for a shop's own app, the credentials alone) into the tokens to keep."""
    if values.get("app_kind", OWN) == OWN:
        return await grant(client, address, values, {"grant_type": "client_credentials"})
    form = {
        "grant_type": "authorization_code",
        "code": values.get("code", "").strip(),
        "redirect_uri": values.get("redirect_uri", ""),
        "client_id": values["app_key"],
    }
    return await grant(client, address, values, form)


def base_of(address: str) -> str:
    """The root to call, without the last slash; Ele.me's own when no other is set."""
    return (address or ADDRESS).rstrip("/")


def _renewal(values: Mapping[str, str]) -> dict[str, str]:
    if values.get("app_kind", OWN) == OWN:
        return {"grant_type": "client_credentials"}
    if not values.get("refresh_token"):
        raise AuthError(tr("Ele.me needs the shop's consent again"))
    return {"grant_type": "refresh_token", "refresh_token": values["refresh_token"], "scope": "all"}


def _granted(body: Mapping[str, Any], now: float) -> dict[str, str]:
    try:
        kept = {"access_token": str(body["access_token"]), **lifetime(body["expires_in"], now)}
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ProtocolError(tr("Ele.me granted a token of an unknown form")) from None
    return kept | ({"refresh_token": str(body["refresh_token"])} if body.get("refresh_token") else {})


def _outcome(body: Any, sent_id: str) -> tuple[str, str]:
    """Error code and words of an answer; two empty texts when it is a yes."""
    if not isinstance(body, dict) or not ("result" in body or body.get("error")):
        raise ProtocolError(tr("Ele.me answered in an unknown form"))
    if body.get("id") not in (None, sent_id):
        raise ProtocolError(tr("Ele.me answered another call than ours"))
    error = body.get("error")
    if not error:
        return "", ""
    if not isinstance(error, dict):
        return str(error), ""
    return str(error.get("code") or "SERVER_ERROR"), str(error.get("message") or "")
