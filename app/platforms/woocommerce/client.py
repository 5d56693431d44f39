"""WooCommerce's REST API v3: one method per call, signed in whichever way this shop understands."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from app import steady
from app.platforms.api import AuthError, ProtocolError, RejectedError, TemporaryError
from app.platforms.certificates import distrusted
from app.platforms.http import Answer, server_time, unreachable
from app.platforms.woocommerce.answers import NO_SUCH_ORDER, answer_of, error_of, refusal
from app.platforms.woocommerce.signing import oauth_query
from app.texts import tr

PATH = "/wp-json/wc/v3"
PAGE = 100  # the most a shop gives; it refuses more (observed)
PATIENCE = httpx.Timeout(30.0, connect=5.0)  # documentation: a list of 100 takes a second here, many on a small host
# The shop takes signatures up to 15 minutes off; a counter's clock that is further off is corrected by the shop's.
CLOCK_TOLERANCE = 300.0
BASIC = "basic"
AS_WITHOUT_A_KEY = "woocommerce_rest_cannot_view"


class Client:
    """Calls to one shop at `address`, "https://shop.example" or with http.

    Over https the key travels as Basic. Where a host drops that header, or where PHP does not know that a proxy spoke https
    for it, the shop answers exactly as without any key (observed), so signed calls are tried next. Over plain http only
    signed calls count. What worked first is kept.
    """

    def __init__(
        self, client: httpx.AsyncClient, address: str, key: str, secret: str, clock: Callable[[], float] = steady.time
    ) -> None:
        self._http, self._base, self._key, self._secret = client, base_of(address), key, secret
        self._clock, self._offset = clock, 0.0
        secure = self._base.startswith("https:")
        self._ways = [BASIC, "https", "http"] if secure else ["http", "https"]
        self._proven = False
        self._home = ""

    @property
    def address(self) -> str:
        """The shop's address, without a slash at its end."""
        return self._base

    async def index(self) -> Answer:
        """The site's name, time zone and own address; open to everybody."""
        wanted = {"_fields": "name,home,namespaces,timezone_string,gmt_offset"}  # without: every route of every plug-in
        answer = await self._once("GET", f"{self._base}/wp-json/", wanted, {})
        if answer.status >= 300 or not isinstance(answer.body, dict):
            raise error_of(answer)
        return answer

    async def options(self) -> Answer:
        """What the order list takes: its arguments and the shop's statuses; open to everybody, so it proves no key."""
        answer = await self._once("OPTIONS", f"{self._base}{PATH}/orders", {}, {})
        if answer.status >= 300:
            raise error_of(answer)
        return _object(answer)

    async def orders(self, query: Mapping[str, str]) -> Answer:
        """A page of orders."""
        return _rows(await self._call("GET", "/orders", query))

    async def order(self, order_id: str) -> Answer:
        """One order as it stands, trashed ones too. RejectedError (NO_SUCH_ORDER) for an id the shop does not know."""
        return _object(await self._call("GET", f"/orders/{_number(order_id)}"))

    async def change_order(self, order_id: str, change: Mapping[str, Any]) -> Answer:
        """Change an order; answers the whole order."""
        return _object(await self._call("PUT", f"/orders/{_number(order_id)}", json=change))

    async def write_nothing(self) -> None:
        """Change nothing, as only a key with the right to write may: a batch of no orders.

        The shop asks for the key's right by the method and for its user's by the route before it looks for any order (its
        source; a read key's refusal is observed on every write). No order is named, so none is touched and nobody mailed.
        """
        await self._call("POST", "/orders/batch", json={})

    async def notes(self, order_id: str) -> Answer:
        """An order's notes, newest first."""
        return _rows(await self._call("GET", f"/orders/{_number(order_id)}/notes"))

    async def add_note(self, order_id: str, text: str, customer: bool) -> Answer:
        """Write a note; one for the customer is e-mailed."""
        note = {"note": text, "customer_note": customer}
        return _object(await self._call("POST", f"/orders/{_number(order_id)}/notes", json=note))

    async def refunds(self, order_id: str) -> Answer:
        """An order's refunds with their lines, which the order itself leaves out."""
        return _rows(await self._call("GET", f"/orders/{_number(order_id)}/refunds", {"per_page": "100"}))

    async def refund(self, order_id: str, refund: Mapping[str, Any]) -> Answer:
        """Give money back."""
        return _object(await self._call("POST", f"/orders/{_number(order_id)}/refunds", json=refund))

    async def all_rows(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Every page of a list whose rows do not move while it is read (sorted by id)."""
        rows: list[dict[str, Any]] = []
        for page in range(1, 101):
            answer = _rows(await self._call("GET", path, {**query, "per_page": str(PAGE), "page": str(page)}))
            rows += [row for row in answer.body if isinstance(row, dict) and "id" in row]
            if not more_rows(answer, (page - 1) * PAGE):
                break
        return rows

    async def change(self, path: str, change: Mapping[str, Any]) -> Answer:
        """PUT something else than an order."""
        return _object(await self._call("PUT", path, json=change))

    async def get(self, path: str) -> Answer:
        """GET something else than an order."""
        return _object(await self._call("GET", path))

    async def _call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, json: Mapping[str, Any] | None = None
    ) -> Answer:
        """One call, in the proven way or in each until one is not refused with 401: nothing was done by those that are."""
        refused: Answer | None = None
        for way in list(self._ways):
            answer = await self._signed(way, method, path, query or {}, json)
            if answer.status < 300:
                self._ways, self._proven = [way], True
                return answer
            if answer.status != 401:
                raise error_of(answer)
            refused = refused or answer
            if self._proven or (way == BASIC and refusal(answer.body)[0] != AS_WITHOUT_A_KEY):
                break
        if refused is None:
            raise AuthError(tr("The shop does not accept the key ({reason})", reason="-"))
        raise error_of(refused)

    async def _signed(
        self, way: str, method: str, path: str, query: Mapping[str, str], json: Mapping[str, Any] | None
    ) -> Answer:
        options: dict[str, Any] = {} if json is None else {"json": dict(json)}
        url = self._base + PATH + path
        if way == BASIC:
            return await self._once(method, url, query, {**options, "auth": (self._key, self._secret)})
        answer = await self._once(method, url, await self._oauth(way, method, path, query), options)
        if answer.status == 401 and self._clock_was_wrong(answer):
            answer = await self._once(method, url, await self._oauth(way, method, path, query), options)
        return answer

    async def _oauth(self, scheme: str, method: str, path: str, query: Mapping[str, str]) -> dict[str, str]:
        url = f"{scheme}://{await self._own_address()}{PATH}{path}"
        stamp = int(self._clock() + self._offset)
        return oauth_query(method, url, query, self._key, self._secret, secrets.token_hex(16), stamp)

    async def _own_address(self) -> str:
        """Host, port and folder as the shop is configured: it verifies signatures over that, not over what we dialled."""
        if not self._home:
            parts = urlsplit(await self._told_address())
            self._home = f"{parts.netloc}{parts.path.rstrip('/')}"
        return self._home

    async def _told_address(self) -> str:
        """As the site's index says; as it was typed where a security plug-in shows that to nobody."""
        try:
            return str((await self.index()).body.get("home") or self._base)
        except AuthError:
            return self._base

    def _clock_was_wrong(self, answer: Answer) -> bool:
        """Whether the refused call was stamped too far from the shop's clock; from now on stamps follow that."""
        there = server_time(answer.headers)
        if there is None or abs(there - self._clock() - self._offset) < CLOCK_TOLERANCE:
            return False
        self._offset = there - self._clock()
        return True

    async def _once(self, method: str, url: str, query: Mapping[str, str], options: Mapping[str, Any]) -> Answer:
        started = time.monotonic()
        # A caching plug-in must not answer from memory, and hosts turn away what calls itself after a script (recalled).
        headers = {"Cache-Control": "no-cache", "User-Agent": "OrderConsole"}
        try:
            response = await self._http.request(
                method, url, params=dict(query) or None, headers=headers, timeout=PATIENCE, **options
            )
        except httpx.TimeoutException:
            raise TemporaryError(tr("The platform did not answer in time")) from None
        except httpx.HTTPError as error:
            raise await distrusted(error, self._base) or _plain(error) or unreachable(error) from error
        return answer_of(response, time.monotonic() - started)


def base_of(address: str) -> str:
    """A shop's address as people type it or copy it from the browser: with a scheme, without the page and its slash."""
    typed = re.split(r"[?#]|/wp-(?:json|admin|login)\b", address.strip(), maxsplit=1)[0].rstrip("/")
    scheme, known, rest = typed.partition("://")
    return f"{scheme.lower()}://{rest}" if known else f"https://{typed}" if typed else ""


def _plain(error: httpx.HTTPError) -> TemporaryError | None:
    """A server that was called over https and answers in plain http; None for any other trouble."""
    if "WRONG_VERSION_NUMBER" not in str(error) and "HTTP_REQUEST" not in str(error) and "RECORD_LAYER" not in str(error):
        return None
    return TemporaryError(
        tr("At this address nothing speaks https: correct it, or write http:// before it for a shop without encryption")
    )


def more_rows(answer: Answer, offset: int) -> bool:
    """Whether a list that was asked for from row `offset` goes on. Past its end the shop counts zero rows (observed)."""
    total, found = answer.headers.get("x-wp-total", ""), len(answer.body)
    return bool(found) and (int(total) > offset + found if total.isdigit() else found >= PAGE)


def _number(order_id: str) -> str:
    """WooCommerce's ids are numbers; anything else would be another route."""
    if not order_id.isascii() or not order_id.isdigit():
        raise RejectedError(tr("The shop does not know order {id}", id=order_id), NO_SUCH_ORDER)
    return order_id


def _object(answer: Answer) -> Answer:
    if not isinstance(answer.body, dict):
        raise ProtocolError(tr("The shop answered something else than an order"))
    return answer


def _rows(answer: Answer) -> Answer:
    if not isinstance(answer.body, Sequence) or isinstance(answer.body, str):
        raise ProtocolError(tr("The shop answered something else than a list"))
    return answer
