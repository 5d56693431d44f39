"""The counter's end of a relay: connects outwards, takes one message after the other, acknowledges what is committed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from app.db import accounts, audit
from app.db.database import Database
from app.engine.bell import FAULT_PAUSE, Bell
from app.engine.guard import Limits, nested_deeper
from app.engine.ingest import Ingest
from app.engine.views import Change
from app.engine.webhooks import FAILED, FORGED, MALFORMED, Hook
from app.platforms.api import ForgedWebhookError, ProtocolError, Received, TakesWebhooks, WebhookRequest
from app.relay.envelope import EnvelopeError, LaterFormatError, address, is_shop, mailbox, trial_number, unpack
from app.steady import now
from app.texts import tr

if TYPE_CHECKING:  # nats-py takes 0.1 s to import, which a shop without a relay need not pay
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

log = structlog.get_logger(__name__)

RELAY_URL = "relay_url"  # preferences: tls://HOST:PORT, "" for no relay
RELAY_SHOP = "relay_shop"  # our name there
RELAY_CREDENTIALS = "relay_credentials"  # path of the credentials file, which only its owner may read
RELAY_PUBLIC = "relay_public"  # https address of its front, for showing the platforms' addresses; "" when nobody told
RELAY_STATE = "relay_state"  # what we write: JSON of state (off, ok, degraded), text (of ok: its mailbox fills), since

TRIALS = "trials"  # topic of the bell: numbers of our own test pushes that came back

TRIES = 5  # of a message that our own code fails on
CLOSED_PAUSE = 5.0  # seconds, doubling, until a message of a closed account comes again
LONGEST_PAUSE = 300.0
PULL_SECONDS = 20.0
HEARTBEAT_SECONDS = 5.0
MAILBOX_SECONDS = 2.0  # until we look again for a mailbox that is not there yet
FILL_SECONDS = 30.0  # between looks at how full it is
NEARLY = 0.8  # of a mailbox: what is fuller has to be told
JSON_DEPTH = Limits().json_depth

Find = Callable[[str, str], Hook | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """The relay that the shop wants to use; no `url`: none."""

    url: str = ""
    shop: str = ""
    credentials: str = ""


class Relayed:
    """Follows the preferences: a relay set, changed or taken away while the engine runs is used, changed or left."""

    def __init__(self, database: Database, bell: Bell, ingest: Ingest, find: Find) -> None:
        self._database = database
        self._bell = bell
        self._ingest = ingest
        self._find = find
        self._changed = asyncio.Event()
        bell.subscribe(self._look_again)

    async def run(self) -> None:
        """Until cancelled by the engine."""
        while True:
            try:
                await self._follow(await self._database.write(_wish))
            except Exception:  # the store failed, or we did: the relay keeps its messages meanwhile
                log.exception("relay_failed")
                await asyncio.sleep(FAULT_PAUSE)

    async def _follow(self, wish: Wish) -> None:
        """Use this relay for as long as the shop wants it."""
        serving = asyncio.create_task(self._serve(wish))
        serving.add_done_callback(lambda _: self._changed.set())
        self._changed.clear()
        try:
            while await self._database.write(_wish) == wish:
                if serving.done():
                    serving.result()  # raises what ended it; nothing did when there is no relay, or a wrong one
                await self._changed.wait()
                self._changed.clear()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _serve(self, wish: Wish) -> None:
        if not wish.url:
            await self._record("off")
            return
        from app.relay.connection import RelayError, Server, keep  # see above

        async def lost(reason: str) -> None:
            if await self._record("degraded", reason):  # an outage is logged once, however often it is tried again
                log.warning("relay_lost", reason=reason)

        async def use(client: Client) -> None:
            await self._pull(client, wish.shop)

        if not is_shop(wish.shop):
            await lost(
                tr(
                    "{name} cannot be a shop's name at a relay: lower-case letters, digits and hyphens only",
                    name=wish.shop or "-",
                )
            )
            return
        credentials = Path(wish.credentials) if wish.credentials else None
        try:
            await keep(Server(wish.url, credentials, "order-console", f"_INBOX_{wish.shop}"), use, lost)
        except RelayError as error:
            await lost(str(error))

    async def _pull(self, client: Client, shop: str) -> None:
        """Take messages in their order until the connection ends. Raises nats-py's errors."""
        from nats.js.errors import FetchTimeoutError

        from app.relay.stream import ensure_consumer

        js = client.jetstream(timeout=5)
        await self._until_there(js, shop)
        await ensure_consumer(js, shop)
        waiting = await js.pull_subscribe_bind(shop, stream=mailbox(shop))
        looked = -FILL_SECONDS
        while True:
            if time.monotonic() - looked >= FILL_SECONDS:
                await self._look(js, shop)
                looked = time.monotonic()
            try:
                found = await waiting.fetch(1, PULL_SECONDS, HEARTBEAT_SECONDS)
            except FetchTimeoutError:  # nothing new, and the server is alive
                continue
            for message in found:
                await self._safely(message, shop)

    async def _until_there(self, js: JetStreamContext, shop: str) -> None:
        """A front makes the mailbox when it starts, or with the first push to a shop that it was not told of."""
        from nats.js.errors import NotFoundError

        while True:
            try:
                await js.stream_info(mailbox(shop))
            except NotFoundError:
                await self._record("degraded", tr("The relay has no mailbox for {shop} yet; its front makes it.", shop=shop))
                await asyncio.sleep(MAILBOX_SECONDS)
            else:
                return

    async def _look(self, js: JetStreamContext, shop: str) -> None:
        """Say that all is well, or how full the mailbox is: its front can only turn pushes away, and nobody else tells."""
        from app.relay.stream import fill

        found = await fill(js, shop)
        text = _filling(found.share, found.fullest)
        if not await self._record("ok", text):
            return
        if text:
            log.warning("relay_mailbox_fills", shop=shop, share=round(found.share, 2), messages=found.messages)
        else:
            log.info("relay_connected", shop=shop)

    async def _safely(self, message: Msg, shop: str) -> None:
        """What the store cannot take now comes again; the next one would fare no better, so there is a pause."""
        from nats.errors import Error as NatsError

        try:
            await self._take(message, shop)
        except NatsError:
            raise
        except Exception:
            log.exception("relay_message_not_stored", subject=message.subject)
            await asyncio.sleep(FAULT_PAUSE)
            await message.nak()

    async def _take(self, message: Msg, shop: str) -> None:
        """Settle one message: acknowledged once nothing of it can be lost, or sent back for later."""
        try:
            request = unpack(message.data)
        except LaterFormatError as error:
            log.warning("relay_message_of_later_release", reason=str(error))
            await message.nak(LONGEST_PAUSE)
            return
        except EnvelopeError as error:
            log.warning("relay_message_unreadable", subject=message.subject, reason=str(error))
            await message.ack()
            return
        door = address(request.path)
        hook = self._find(door[1], door[2]) if door and door[0] == shop else None
        if door is None or hook is None:
            log.warning("relay_address_unknown", subject=message.subject)
            await message.ack()
        elif (number := trial_number(request.path)) is not None:
            self._bell.changed(TRIALS, number)
            await message.ack()
        elif hook.taker is None:  # switched off, or just being opened; it comes again and holds up nobody
            await message.nak(_pause(message))
        else:
            await self._hand_over(message, request, hook, hook.taker, (door[1], door[2]))

    async def _hand_over(
        self, message: Msg, request: WebhookRequest, hook: Hook, taker: TakesWebhooks, account: tuple[str, str]
    ) -> None:
        try:
            received = _receive(taker, request)
        except ForgedWebhookError:
            await self._refuse(account, FORGED, request.body)
        except (ProtocolError, RecursionError, UnicodeError):
            await self._refuse(account, MALFORMED, request.body)
        except Exception:
            log.exception("relay_message_failed", subject=message.subject)
            tried = message.metadata.num_delivered >= TRIES
            if not (tried and await self._refuse(account, FAILED, request.body)):  # it may be genuine: kept here or there
                await message.nak(_pause(message))
                return
        else:
            if received.messages:
                await hook.store(received.messages)
        await message.ack()

    async def _refuse(self, account: tuple[str, str], reason: str, body: bytes) -> bool:
        """Keep what was turned away, as the receiver on this machine does; whether it is kept."""
        log.warning("webhook_refused", platform=account[0], reason=reason)
        account_id = await self._database.write(_account_of, *account)
        return account_id is not None and await self._ingest.refuse(account_id, reason, body)

    async def _record(self, state: str, text: str = "") -> bool:
        changed = await self._database.write(_note, state, text)
        if changed:
            self._bell.changed("accounts")
        return changed

    def _look_again(self, change: Change) -> None:
        if change.topic == "problems":  # how a stored preference is told
            self._changed.set()


def _filling(share: float, fullest: str) -> str:
    """What to say of a mailbox of which so much is taken; nothing while there is room."""
    if share < NEARLY:
        return ""
    if share < 1:
        return tr("The mailbox at the relay is nearly full, most of it with messages of {platform}.", platform=fullest)
    return tr(
        "The mailbox at the relay is full, most of it with messages of {platform}. Further pushes are turned away until "
        "there is room. What waits for an account that is switched off stays there: switch it on.",
        platform=fullest,
    )


def _wish(connection: Connection) -> Wish:
    names = (RELAY_URL, RELAY_SHOP, RELAY_CREDENTIALS)
    return Wish(*(str(audit.preference(connection, name) or "").strip() for name in names))


def _note(connection: Connection, state: str, text: str) -> bool:
    """Store the relay's health for the screen; True when it is news."""
    known = json.loads(audit.preference(connection, RELAY_STATE) or "{}")
    if (known.get("state", "off"), known.get("text", "")) == (state, text):
        return False
    told = {"state": state, "text": text, "since": now().isoformat()}
    audit.set_preference(connection, RELAY_STATE, json.dumps(told, ensure_ascii=False))
    return True


def _account_of(connection: Connection, platform: str, token: str) -> int | None:
    found = accounts.every(connection)
    return next((one.id for one in found if (one.platform, one.hook_token) == (platform, token)), None)


def _receive(taker: TakesWebhooks, request: WebhookRequest) -> Received:
    if nested_deeper(request.body, JSON_DEPTH):
        raise ProtocolError("nested too deep")
    return taker.receive(request)


def _pause(message: Msg) -> float:
    """Seconds: short at first, since an account is mostly closed only while it is being changed."""
    return min(CLOSED_PAUSE * 2.0 ** min(message.metadata.num_delivered - 1, 10), LONGEST_PAUSE)
