"""One open Tmall Genie skill: who may ask, the check of the domain, and - where the form names a way - announcements."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace

import httpx

from app.domain.changes import OrderUpdate
from app.domain.commands import Command
from app.platforms.api import (
    AuthError,
    ForgedWebhookError,
    Message,
    Page,
    ProtocolError,
    RejectedError,
    Settings,
    ShopInfo,
    UnknownMessageError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.tmall_genie import wire
from app.platforms.tmall_genie.announcing import NEEDED, by_cloud, by_open_platform
from app.platforms.voice import Heard, Said, Wants
from app.texts import tr

CHECK_FOLDER = "aligenie"
_BETWEEN = re.compile(r"[\s,;，；、]+")
_QUIET = Said("", Wants.NOTHING)


def connect(settings: Settings, client: httpx.AsyncClient) -> TmallGenieConnector:
    """A connector that announces only where the account says how."""
    kind = settings.values.get("announce", "")
    return AnnouncingConnector(settings, client) if kind in NEEDED else TmallGenieConnector(settings, client)


class TmallGenieConnector:
    """Implements `Connector` without any order, and `HearsStaff`."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._values = settings.values
        self._address = settings.address
        self._http = client
        self._users = frozenset(filter(None, _BETWEEN.split(settings.values.get("users", ""))))

    async def verify(self) -> ShopInfo:
        """Nothing harmless can be asked of Tmall Genie, so only the form itself is checked."""
        skill = self._values.get("skill_id", "").strip()
        if not skill:
            raise AuthError(tr("Tmall Genie needs the skill's number"))
        return ShopInfo(tr("Tmall Genie skill {id}", id=skill), {"skill_id": skill})

    async def fetch_orders(self, cursor: str) -> Page:
        """There never are any."""
        return Page((), cursor)

    async def fetch_order(self, order_id: str) -> Message:
        """There never is one."""
        raise RejectedError(tr("Tmall Genie has no orders"), order_id)

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        """No message of a voice speaks of an order."""
        raise UnknownMessageError(message.kind)

    async def send(self, command: Command) -> OrderUpdate | None:
        """Nothing can be asked here about an order."""
        raise RejectedError(tr("Tmall Genie has no orders"), command.kind.value)

    async def aclose(self) -> None:
        """Nothing is held: the HTTP client belongs to the engine."""

    def hear(self, request: WebhookRequest) -> Heard | WebhookReply:
        """The domain's check, or a question. The sample SDK checks nothing of a call, so the skill, the linked account and
        the user are all there is to go by, beside the secret address."""
        if request.method == "GET":
            return self._check(request.path)
        if request.method != "POST":
            raise ProtocolError(tr("A request that is no question of a skill"))
        asked = wire.read(request.body)
        if not _same(asked.skill_id, self._values.get("skill_id", "")):
            raise ForgedWebhookError(tr("A question of another skill"))
        expected = self._values.get("link_token", "")
        if expected and not _same(asked.token, expected):
            raise ForgedWebhookError(tr("A question without the linked account's token"))
        if asked.heard is None:
            return wire.write(asked.context, _QUIET)
        stranger = not asked.user or asked.user not in self._users
        return replace(asked.heard, stranger=stranger)

    def say(self, heard: Heard, said: Said) -> WebhookReply:
        """See `wire.write`."""
        return wire.write(heard.context, said)

    def _check(self, path: str) -> WebhookReply:
        """`GET .../aligenie/<name>.txt` must answer the text that the console offered."""
        folder, _, name = path.rpartition("/")
        wanted = self._values.get("check_file", "").strip().removesuffix(".txt")
        text = self._values.get("check_text", "").strip()
        known = folder.endswith(f"/{CHECK_FOLDER}") and name.endswith(".txt") and _same(name.removesuffix(".txt"), wanted)
        if not (known and text):
            return WebhookReply(404, b"", "text/plain")
        return WebhookReply(200, text.encode(), "text/plain; charset=utf-8")


class AnnouncingConnector(TmallGenieConnector):
    """Implements `Announces` too, by the interface that the account form names."""

    async def verify(self) -> ShopInfo:
        """The form must be complete for the interface; whether the keys are right, the first announcement shows."""
        found = await super().verify()
        missing = [name for name in self._needed if not self._values.get(name)]
        if missing:
            raise RejectedError(tr("Announcements need these too: {fields}", fields=", ".join(missing)))
        return found

    async def announce(self, text: str) -> None:
        """Speak `text` on the account's speaker."""
        speak = by_cloud if self._values["announce"] == "iap" else by_open_platform
        await speak(self._http, self._values, self._address, text)

    @property
    def _needed(self) -> list[str]:
        """Fields the interface cannot do without; a user for a message to one, a host where no address replaces it."""
        needed = list(NEEDED[self._values["announce"]])
        if self._values["announce"] == "iap" and not self._address:
            needed.append("host")
        broadcast = self._values.get("push_type") == "BROADCAST" and not self._values.get("device")
        if self._values["announce"] == "top" and not broadcast:
            needed.append("target")
        return needed


def _same(given: str, expected: str) -> bool:
    """Compared in a time that tells nothing; what is not set is never the same."""
    return bool(expected.strip()) and hmac.compare_digest(given.strip().encode(), expected.strip().encode())
