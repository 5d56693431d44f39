"""The webhook receiver: what platforms push is verified, stored, and only then acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from app.engine.guard import BodyTooLargeError, GuardedServer, Limits, Rate, nested_deeper, read_body
from app.platforms.api import (
    ForgedWebhookError,
    Message,
    ProtocolError,
    Received,
    TakesWebhooks,
    WebhookReply,
    WebhookRequest,
)
from app.texts import N_

FORGED = N_("A pushed message had a missing or wrong signature")
MALFORMED = N_("A pushed message did not have the documented form")
TOO_LARGE = N_("A pushed message was too large")
TOO_SLOW = N_("A pushed message arrived too slowly")
TOO_MANY = N_("Messages were pushed faster than the console allows")
NOT_STORED = N_("A pushed message could not be stored; the platform was asked to send it again")
FAILED = N_("The console failed on a pushed message; the log says why")


@dataclass(frozen=True, slots=True)
class Hook:
    """Where one account's webhooks go. `taker` None: the account is known but closed just now; the platform must try again.

    `store` returns once the inbox rows are committed (a message stored before is its business, not ours) and raises when
    they are not. `reject` is told of every refused request: one of the sentences above, and the body as evidence if there is
    a whole one; nobody vouches for it. `answer` is there for a voice instead of a taker: it replies by itself and at any
    path below the account's. Its questions carry tokens and spoken words, so they are never kept as evidence.
    """

    taker: TakesWebhooks | None
    store: Callable[[tuple[Message, ...]], Awaitable[None]]
    reject: Callable[[str, bytes], None]
    answer: Callable[[WebhookRequest], Awaitable[WebhookReply]] | None = None


class Receiver:
    """Serves `/hooks/{platform}/{token}`, any method (platforms probe with GET), and what lies below it for a voice.

    `find(platform, token)` answers the account's hook, or None. It should be a look-up in a dict keyed by tokens of at least
    128 random bits: that compares salted hashes, so its time tells nothing of how much of a guess was right.

    Answers, all with an empty body except the first:

        the platform's own reply   stored, or a probe
        400  not the documented form        401  forged
        404  no such path or token          413  body over the limit   500  our fault, logged
        503  not stored (disk full, account closed, over the rate): the platform sends it again
        cut  too slow

    Some platforms (HubRise) take any 4xx for an acknowledgement, so what may succeed later is never answered with one.
    """

    def __init__(self, find: Callable[[str, str], Hook | None], limits: Limits | None = None) -> None:
        self._find = find
        self._limits = limits or Limits()
        self._rate = Rate(self._limits.rate)
        self._server: GuardedServer | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen (loopback only, else ValueError) and answer the base URL, such as "http://127.0.0.1:8123"."""
        self._server = GuardedServer(self._answer, self._limits)
        return await self._server.listen(host, port)

    async def stop(self) -> None:
        """Accept nothing new, wait up to 3 s for commits under way and their replies, close; idempotent."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        hook = self._hook(request.path)
        if hook is None:
            return web.Response(status=404)
        door = "/".join(request.path.split("/")[:4])
        if not self._rate.allows(f"{request.remote} {door}", asyncio.get_running_loop().time()):
            hook.reject(TOO_MANY, b"")
            return web.Response(status=503, headers={"Retry-After": "1"})
        if hook.taker is None and hook.answer is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        try:
            return await self._reply(hook, await self._read(request))
        except _RefusedError as refused:
            hook.reject(refused.reason, refused.evidence)
            return web.Response(status=refused.status)
        except ConnectionError:  # the platform hung up half-way
            raise
        except Exception:
            hook.reject(FAILED, b"")
            raise  # the guard logs it and answers 500

    async def _reply(self, hook: Hook, request: WebhookRequest) -> web.Response:
        reply = await _spoken(hook.answer, request) if hook.answer else await self._take(hook, request)
        return web.Response(status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type})

    async def _take(self, hook: Hook, request: WebhookRequest) -> WebhookReply:
        assert hook.taker is not None  # asked before the body was read
        received = _receive(hook.taker, request)
        if received.messages:
            await self._store(hook, received.messages)
        return received.reply

    async def _read(self, request: web.BaseRequest) -> WebhookRequest:
        try:
            body = await read_body(request, self._limits)
        except BodyTooLargeError:
            raise _RefusedError(413, TOO_LARGE) from None
        except TimeoutError:
            raise _RefusedError(408, TOO_SLOW) from None  # unheard: the connection is cut
        except web.RequestPayloadError:  # broken chunks
            raise _RefusedError(400, MALFORMED) from None
        if nested_deeper(body, self._limits.json_depth):
            raise _RefusedError(400, MALFORMED, body)
        headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
        return WebhookRequest(request.method, request.path, dict(request.query), headers, body)

    async def _store(self, hook: Hook, messages: tuple[Message, ...]) -> None:
        try:
            await hook.store(messages)
        except Exception as error:
            if self._server is not None:
                self._server.report("pushed messages could not be stored", error)
            raise _RefusedError(503, NOT_STORED) from error

    def _hook(self, path: str) -> Hook | None:
        match path.split("/"):
            case ["", "hooks", platform, token, *below]:
                found = self._find(platform, token)
                return found if found and (found.answer or not below) else None
        return None


class _RefusedError(Exception):
    """Answer `status` and an empty body; `reason` is for our own staff."""

    def __init__(self, status: int, reason: str, evidence: bytes = b"") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.evidence = evidence


async def _spoken(answer: Callable[[WebhookRequest], Awaitable[WebhookReply]], request: WebhookRequest) -> WebhookReply:
    try:
        return await answer(request)
    except ForgedWebhookError:
        raise _RefusedError(401, FORGED) from None
    except (ProtocolError, RecursionError, UnicodeError):
        raise _RefusedError(400, MALFORMED) from None


def _receive(taker: TakesWebhooks, request: WebhookRequest) -> Received:
    try:
        return taker.receive(request)
    except ForgedWebhookError:
        raise _RefusedError(401, FORGED, request.body) from None
    except (
        ProtocolError,
        RecursionError,
        UnicodeError,
    ):  # deep JSON in UTF-16 passes the depth check; headers may be no text
        raise _RefusedError(400, MALFORMED, request.body) from None
