"""Signed calls through Meituan's two doors: parameters, tokens, clock, and their error codes as the contract's errors."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import httpx

from app import steady
from app.platforms import http
from app.platforms.api import AuthError, PlatformError, ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.meituan.routes import Ask, Route, routes_of
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.tokens import ISV, PARTNER, exchange_form, granted, renewal_form
from app.platforms.renewing import Token, asked
from app.texts import tr

OPEN_ADDRESS = "https://waimaiopen.meituan.com"
PARTNER_ADDRESS = "https://api-open-cater.meituan.com"
HEARTBEAT_ADDRESS = "http://heartbeat.meituan.com"  # plain HTTP in every source; carries no secret and no order
API = "/api/v1/"
BUSINESS = "2"  # takeaway, among the gateway's services
CLOCK_WRONG = 120.0  # seconds; Meituan is said to allow about ten minutes
MAX_PAUSE = 60.0

Clock = Callable[[], float]


class Result(NamedTuple):
    """What a call answered, and the platform's clock (ms) when it was certainly true."""

    value: Any
    version: int


class Outcome(NamedTuple):
    """An answer taken apart: `code` is "" for a yes."""

    value: Any = None
    code: str = ""
    text: str = ""


class Client(ABC):
    """One account's calls through one door. Tokens are saved before they are used; the clock only stamps requests."""

    own_address: str

    def __init__(self, settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> None:
        self.address = (settings.address or self.own_address).rstrip("/")
        self.values = dict(settings.values)
        self.http = client
        self.clock = clock
        self._token = Token(self.values, settings.save, self.renew, clock)
        self._skew = 0.0  # seconds to add to our clock so that it agrees with the platform's
        self._pause = 1.0

    async def call(self, ask: Ask, **params: Any) -> Result:
        """One call. Raises the contract's errors; RejectedError for what this door has no path for.

        A dead token is renewed once and the call repeated, and so is one our clock spoilt.
        """
        route = self.route(ask)
        token = await self._token.living() if self.has_tokens() else ""
        answer, outcome = await self._once(route, params, token)
        if outcome.code and self._spoilt_by_clock(answer):
            answer, outcome = await self._once(route, params, token)
        if self.token_died(outcome) and token:
            token = await self._token.living(dead=token)
            answer, outcome = await self._once(route, params, token)
        if outcome.code:
            raise self._classified(outcome)
        self._pause = 1.0
        return Result(outcome.value, answer.version)

    async def aclose(self) -> None:
        """Let a renewal under way come to its end: what it brings may be granted only once."""
        await self._token.aclose()

    def now(self) -> int:
        """Seconds by the platform's clock."""
        return int(self.clock() + self._skew)

    @abstractmethod
    def route(self, ask: Ask) -> Route:
        """Where this door takes it."""

    @abstractmethod
    async def send(self, route: Route, params: Mapping[str, Any], token: str) -> http.Answer:
        """Sign and send."""

    @abstractmethod
    def outcome(self, body: Any) -> Outcome:
        """Take a 2xx answer apart."""

    @abstractmethod
    def error(self, outcome: Outcome) -> type[PlatformError]:
        """Whose turn it is after this code."""

    @abstractmethod
    def token_died(self, outcome: Outcome) -> bool:
        """Whether only the token was at fault."""

    @abstractmethod
    async def renew(self) -> dict[str, str]:
        """A new token's values, not yet saved; AuthError when a person must consent."""

    @abstractmethod
    def has_tokens(self) -> bool:
        """Whether calls of this account carry one."""

    async def _once(self, route: Route, params: Mapping[str, Any], token: str) -> tuple[http.Answer, Outcome]:
        answer = await self.send(route, params, token)
        http.raise_for(answer, tr("Meituan answered HTTP {status}", status=answer.status))
        return answer, self.outcome(answer.body)

    def _classified(self, outcome: Outcome) -> PlatformError:
        words = outcome.text or outcome.code
        kind = self.error(outcome)
        if kind is TemporaryError:
            pause, self._pause = self._pause, min(self._pause * 2, MAX_PAUSE)
            return TemporaryError(words, pause)
        return RejectedError(words, outcome.code) if kind is RejectedError else kind(words)

    def _spoilt_by_clock(self, answer: http.Answer) -> bool:
        """Learn the platform's time from the Date header; True when ours was so wrong that a refusal may be due to it."""
        there = http.server_time(answer.headers)
        if there is None:
            return False
        skew = there - self.clock()
        wrong = abs(skew - self._skew) > CLOCK_WRONG
        self._skew = skew if wrong else self._skew
        return wrong

    async def _grant(self, ask: Callable[[], Awaitable[http.Answer]]) -> dict[str, str]:
        """The values to keep of a token call, repeated once if our clock spoilt it. TemporaryError for a trouble that
        passes; any other no needs a person.
        """
        answer, outcome = await self._asked_for_token(ask)
        if outcome.code and self._spoilt_by_clock(answer):
            answer, outcome = await self._asked_for_token(ask)
        if outcome.code:
            error = self._classified(outcome)
            raise error if isinstance(error, TemporaryError) else AuthError(str(error))
        return granted(outcome.value, self.clock())

    async def _asked_for_token(self, ask: Callable[[], Awaitable[http.Answer]]) -> tuple[http.Answer, Outcome]:
        answer = await asked(ask())
        http.raise_for(answer, tr("Meituan answered HTTP {status}", status=answer.status))
        body = answer.body
        flat = isinstance(body, dict) and not {"data", "error", "code"} & body.keys()  # door A wraps refusals only
        return answer, Outcome(body) if flat else self.outcome(body)


class OpenClient(Client):
    """Door A, waimaiopen: MD5, snake_case, `{"data": ...}`; ISV apps add a token for each shop."""

    own_address = OPEN_ADDRESS

    def route(self, ask: Ask) -> Route:
        return routes_of(ask).open

    async def send(self, route: Route, params: Mapping[str, Any], token: str) -> http.Answer:
        system = {"app_id": self.values["app_id"], "timestamp": str(self.now())}
        system |= {"access_token": token} if token else {}
        business = {name: _text(value) for name, value in params.items()}
        url = self.address + API + route.path
        signature = {"sig": sign_open(url, system | business, self.values["secret"])}
        if route.method == "GET":
            return await http.call(self.http, "GET", url, params=system | business | signature)
        return await http.call(self.http, "POST", url, params=system | signature, data=business)

    def outcome(self, body: Any) -> Outcome:
        """`{data}`, `{data: "ng", error: {code, msg}}`, or the newer `{result_code, success_list, error_list}`."""
        if not isinstance(body, dict):
            raise ProtocolError(tr("Meituan answered in an unknown form"))
        error = body.get("error")
        if isinstance(error, dict):
            return Outcome(None, str(error.get("code") or "700"), str(error.get("msg") or ""))
        if "result_code" in body and str(body["result_code"]) not in ("1", "2"):
            return Outcome(None, str(body.get("error_code") or f"result {body['result_code']}"), str(body.get("msg") or ""))
        if ("data" not in body and "success_list" not in body) or body.get("data") == "ng":
            raise ProtocolError(tr("Meituan answered in an unknown form"))
        return Outcome(body.get("data", body.get("success_list")))

    def error(self, outcome: Outcome) -> type[PlatformError]:
        """700 and 711 are worth another try; 702 to 704, 708 and 4001 a person must settle; the rest is a no."""
        if outcome.code in ("700", "711"):
            return TemporaryError
        return AuthError if outcome.code in ("702", "703", "704", "708", "4001") else RejectedError

    def token_died(self, outcome: Outcome) -> bool:
        return outcome.code == "4001"

    def has_tokens(self) -> bool:
        return self.values.get("door") == ISV

    async def renew(self) -> dict[str, str]:
        """Refresh while the refresh token lives; else ask anew, which needs no person: the shop was bound at Meituan."""
        if self.values.get("refresh_token") and float(self.values.get("refresh_ends_at") or 0) > self.clock():
            refresh = {"grant_type": "refresh_token", "refresh_token": self.values["refresh_token"]}
            with suppress(AuthError):
                return await self._grant(lambda: self.send(Route("POST", "oauth/token"), refresh, ""))
        wanted = {"app_poi_code": self.values.get("shop_id", ""), "response_type": "token"}
        return await self._grant(lambda: self.send(Route("GET", "oauth/authorize"), wanted, ""))


class PartnerClient(Client):
    """Door B, the service providers' gateway: SHA-1, camelCase in one `biz` text, a token for each shop."""

    own_address = PARTNER_ADDRESS

    def route(self, ask: Ask) -> Route:
        route = routes_of(ask).partner
        if not route.path:
            raise RejectedError(tr("Meituan's service provider gateway has no such call"))
        return route

    async def send(self, route: Route, params: Mapping[str, Any], token: str) -> http.Answer:
        biz = json.dumps(params, ensure_ascii=False, separators=(",", ":"))
        return await self.post(route.path, {"appAuthToken": token, "version": "2", "biz": biz})

    async def post(self, path: str, fields: Mapping[str, str]) -> http.Answer:
        """A signed form; every call carries developer, service, charset and time."""
        form = {"businessId": BUSINESS, "charset": "UTF-8", "developerId": self.values["app_id"]}
        form |= {"timestamp": str(self.now()), **fields}
        form["sign"] = sign_partner(form, self.values["secret"])
        return await http.call(self.http, "POST", self.address + path, data=form)

    def outcome(self, body: Any) -> Outcome:
        """`{code, msg, data}`; older calls `{data}` or `{error: {error_type, message}}` (recalled)."""
        if not isinstance(body, dict):
            raise ProtocolError(tr("Meituan answered in an unknown form"))
        error = body.get("error")
        if isinstance(error, dict):
            return Outcome(
                None, str(error.get("error_type") or error.get("code") or "error"), str(error.get("message") or "")
            )
        if "code" not in body and "data" not in body:
            raise ProtocolError(tr("Meituan answered in an unknown form"))
        code = str(body.get("code", "OP_SUCCESS"))
        return Outcome(body.get("data")) if code == "OP_SUCCESS" else Outcome(None, code, str(body.get("msg") or ""))

    def error(self, outcome: Outcome) -> type[PlatformError]:
        """Every code but OP_SUCCESS is recalled, so they are told by their words: the doubtful ones are a no."""
        code = outcome.code.upper()
        if any(word in code for word in ("SYSTEM_ERROR", "TIMEOUT", "LIMIT", "FREQ", "FLOW", "BUSY")):
            return TemporaryError
        return AuthError if any(word in code for word in ("SIGN", "TOKEN", "AUTH", "DEVELOPER")) else RejectedError

    def token_died(self, outcome: Outcome) -> bool:
        return "TOKEN" in outcome.code.upper()

    def has_tokens(self) -> bool:
        return True

    async def renew(self) -> dict[str, str]:
        """The refresh token's successor; a shop mapped the older way has none, and its owner must bind it again."""
        if not self.values.get("refresh_token"):
            raise AuthError(tr("Meituan needs the shop's consent again"))
        form = renewal_form(self.values["refresh_token"])
        return await self._grant(lambda: self.post("/oauth/refresh", form))

    async def exchange(self, code: str) -> dict[str, str]:
        """Turn the code of the consent page into tokens."""
        return await self._grant(lambda: self.post("/oauth/token", exchange_form(code)))

    async def beat(self, shop_id: str, till: str) -> None:
        """Tell Meituan that this till is alive. Its answer changes nothing, nor does its silence."""
        body = {"developerId": self.values["app_id"], "ePoiId": shop_id, "posId": till, "time": int(self.clock() * 1000)}
        elsewhere = self.address if self.address != self.own_address else HEARTBEAT_ADDRESS
        try:
            await http.call(self.http, "POST", f"{elsewhere}/pos/heartbeat", data={"data": json.dumps(body)})
        except (TemporaryError, ProtocolError):
            return


def client_of(settings: Settings, client: httpx.AsyncClient, clock: Clock = steady.time) -> Client:
    """The client of the door that the account uses."""
    kind = PartnerClient if settings.values.get("door") == PARTNER else OpenClient
    return kind(settings, client, clock)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
