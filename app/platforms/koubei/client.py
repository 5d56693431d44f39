"""Signed calls through the Alipay gateway: parameters, the token's life, the signature of answers, codes as our errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from app import steady
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.http import RETRY_STATUSES, retry_after, server_time, unreachable
from app.platforms.koubei.payloads import CHINA
from app.platforms.koubei.signing import (
    KeyFormError,
    answer_parts,
    is_signed,
    private_key,
    public_key,
    request_text,
    sign,
)
from app.platforms.renewing import Token, Values, lifetime
from app.texts import tr

ADDRESS = "https://openapi.alipay.com"
CONSENT = "https://openauth.alipay.com/oauth2/appToAppAuth.htm"  # recalled
TOKEN_METHOD = "alipay.open.auth.token.app"  # noqa: S105 - the name of a method
THROTTLED_PAUSE = 1.0

# Sub-codes behind 40001 and 40002 that only a person can mend. All sub-codes are recalled.
_WRONG_SETTINGS = ("isv.invalid-signature", "isv.missing-signature", "isv.invalid-app-id")
_DEAD_TOKEN = ("aop.invalid-app-auth-token", "aop.app-auth-token-time-out", "isv.invalid-app-auth-token")
_WRONG_TIME = "isv.invalid-timestamp"

Clock = Callable[[], float]


class Result(NamedTuple):
    """What a call answered. `raw` is the exact run of characters that was signed; `version` is the platform's clock (ms)
    when the content was certainly true, `answered` the latest moment at which it can have been made."""

    value: Mapping[str, Any]
    raw: str
    version: int
    answered: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verified answer, yes or no."""

    result: Result
    code: str
    sub_code: str
    words: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def dead_token(self) -> bool:
        """Whether the merchant's token is what was refused."""
        return self.code == "20001" or self.sub_code in _DEAD_TOKEN


class Client:
    """One account's calls. Tokens are saved before they are used; the clock is Unix seconds and only stamps requests."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self._values = dict(settings.values)
        self._gate = Gate(settings.values, settings.address, client, clock)
        self._token = Token(self._values, settings.save, self._renew, clock, "app_auth_token")
        self._clock = clock

    async def call(self, method: str, content: Mapping[str, Any]) -> Result:
        """One business call. Raises the contract's errors."""
        outcome = await self.ask(method, content)
        if outcome.code != "10000":
            raise error_of(outcome)
        return outcome.result

    async def ask(self, method: str, content: Mapping[str, Any]) -> Outcome:
        """The same, with a refusal as an answer; a dead token is renewed once and the call repeated. An app that acts for
        its own merchant has none."""
        token = await self._token.living() if self._values.get("app_auth_token") else ""
        outcome = await self._gate.ask(method, content, token)
        if outcome.dead_token and token:
            token = await self._token.living(dead=token)
            outcome = await self._gate.ask(method, content, token)
        return outcome

    async def aclose(self) -> None:
        """Let a renewal under way come to its end: what it brings may be granted only once."""
        await self._token.aclose()

    async def _renew(self) -> Values:
        if not self._values.get("app_refresh_token"):
            raise AuthError(tr("Alipay needs the shop's consent again"))
        form = {"grant_type": "refresh_token", "refresh_token": self._values["app_refresh_token"]}
        return await grant(self._gate, form, self._clock)


class Gate:
    """The gateway for one app: builds, signs, sends, verifies. Knows no token's life and judges no answer."""

    def __init__(self, values: Mapping[str, str], address: str, client: httpx.AsyncClient, clock: Clock) -> None:
        self._values = values
        self._url = f"{(address or ADDRESS).rstrip('/')}/gateway.do"
        self._http = client
        self._clock = clock
        self._skew = 0.0  # seconds to add to our clock so that it agrees with the platform's

    async def ask(self, method: str, content: Mapping[str, Any], token: str = "") -> Outcome:
        """One call, repeated once if our clock spoilt it."""
        outcome = await self._post(method, content, token)
        if outcome.sub_code == _WRONG_TIME and (there := server_time(outcome.headers)):
            self._skew = there - self._clock()
            outcome = await self._post(method, content, token)
        return outcome

    async def _post(self, method: str, content: Mapping[str, Any], token: str) -> Outcome:
        params = self._params(method, compact(content), token)
        body = {"biz_content": params.pop("biz_content")}
        started = time.monotonic()
        try:
            response = await self._http.post(self._url, params=params, data=body)
        except httpx.TimeoutException:
            raise TemporaryError(tr("The platform did not answer in time")) from None
        except httpx.HTTPError as error:
            raise unreachable(error) from error
        if response.status_code != 200:
            raise _http_error(response)
        return self._outcome(method, response, time.monotonic() - started)

    def _params(self, method: str, content: str, token: str) -> dict[str, str]:
        stamp = datetime.fromtimestamp(self._clock() + self._skew, CHINA)
        params = {
            "app_id": self._values.get("app_id", ""),
            "method": method,
            "format": "json",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": stamp.strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": content,
        }
        if token:
            params["app_auth_token"] = token
        return params | {"sign": sign(request_text(params), self._own_key())}

    def _own_key(self) -> RSAPrivateKey:
        try:
            return private_key(self._values.get("private_key", ""))
        except KeyFormError:
            raise AuthError(tr("The app's private key cannot be read: paste it as the key tool made it")) from None

    def _outcome(self, method: str, response: httpx.Response, elapsed: float) -> Outcome:
        """The gateway calls its JSON text/html (recalled), so the content type decides nothing here."""
        try:
            parts = answer_parts(response.content.decode())
            raw = next(parts[key] for key in (method.replace(".", "_") + "_response", "error_response") if key in parts)
            value, signature = json.loads(raw), json.loads(parts.get("sign", '""'))
        except (ValueError, StopIteration, RecursionError):
            raise ProtocolError(tr("Alipay answered in an unknown form")) from None
        if not isinstance(value, dict) or not isinstance(signature, str):
            raise ProtocolError(tr("Alipay answered in an unknown form"))
        self._verify(value, raw, signature)
        seconds = server_time(response.headers) or steady.time()
        result = Result(value, raw, int((seconds - elapsed - 1.0) * 1000), int((seconds + 1.0) * 1000) - 1)
        words = str(value.get("sub_msg") or value.get("msg") or value.get("code") or "")
        return Outcome(result, str(value.get("code", "")), str(value.get("sub_code") or ""), words, response.headers)

    def _verify(self, value: Mapping[str, Any], raw: str, signature: str) -> None:
        """Only a refusal may come unsigned, as the official SDKs have it: the gateway cannot sign for an unknown app."""
        if not signature and str(value.get("code")) != "10000":
            return
        try:
            genuine = is_signed(raw, signature, public_key(self._values.get("alipay_public_key", "")))
        except KeyFormError:
            raise AuthError(tr("Alipay's public key cannot be read: paste it from the app's page")) from None
        if not genuine:
            raise AuthError(tr("An answer is not signed with the Alipay public key of this account: compare the key"))


async def grant(gate: Gate, form: Mapping[str, str], clock: Clock = steady.time) -> dict[str, str]:
    """Exchange a code or a refresh token; answers the settings to keep. AuthError in Alipay's own words, TemporaryError when
    the gateway only cannot answer now, or a page stands in the place of its answer."""
    try:
        outcome = await gate.ask(TOKEN_METHOD, form)
    except ProtocolError as unreadable:
        raise TemporaryError(str(unreadable)) from unreadable
    if outcome.code != "10000":
        error = error_of(outcome)
        raise error if isinstance(error, TemporaryError) else AuthError(outcome.words)
    value = outcome.result.value
    several = value.get("tokens")  # newer answers list one pair for each kind of merchant
    first = several[0] if isinstance(several, list) and several and isinstance(several[0], dict) else value
    try:
        kept = {"app_auth_token": str(first["app_auth_token"]), "app_refresh_token": str(first["app_refresh_token"])}
        return kept | lifetime(first.get("expires_in"), clock())
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ProtocolError(tr("Alipay granted a token of an unknown form")) from None


def consent_page(values: Mapping[str, str], _address: str) -> str:
    """Where the shop's owner lets the app act for the shop; "" for an app of the shop's own."""
    if not values.get("redirect_uri"):
        return ""
    query = {"app_id": values.get("app_id", ""), "redirect_uri": values["redirect_uri"], "state": "order-console"}
    return f"{CONSENT}?{urlencode(query)}"


async def exchange(values: Mapping[str, str], address: str, client: httpx.AsyncClient) -> Mapping[str, str]:
    """Turn the pasted code into the tokens to keep."""
    form = {"grant_type": "authorization_code", "code": values.get("code", "").strip()}
    return await grant(Gate(values, address, client, steady.time), form)


def error_of(outcome: Outcome) -> PlatformError:
    """The contract's error for a refusal. The codes are recalled; an unknown one is the platform's no."""
    code, sub, words = outcome.code, outcome.sub_code, outcome.words
    if outcome.dead_token or sub.startswith(_WRONG_SETTINGS):
        return AuthError(words)
    if code == "40005" or "call-limited" in sub:
        return TemporaryError(words, THROTTLED_PAUSE)
    if code == "20000" or sub.startswith(("isp.", "aop.unknow")) or sub.endswith("SYSTEM_ERROR"):
        return TemporaryError(words)
    if sub == _WRONG_TIME:
        return TemporaryError(tr("this computer's clock is wrong: {words}", words=words))
    return RejectedError(words, sub or code)


def compact(value: Any) -> str:
    """JSON without blanks and with raw Unicode: any form will do, as long as the signed text is the sent text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()  # half an emoji from a keyboard must not stop a command


def _http_error(response: httpx.Response) -> PlatformError:
    words = tr("Alipay answered HTTP {status}", status=response.status_code)
    if response.status_code in RETRY_STATUSES:
        return TemporaryError(words, retry_after(response.headers))
    return ProtocolError(words)
