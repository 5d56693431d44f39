"""A conversation with staff: questions are answered from the store at once, changes wait for a yes to our own question.

What we asked is kept here and nowhere else; the session's attributes only carry its key, which must come back with the yes.
So a yes nobody asked for does nothing, nor does one that comes after a restart, in another session, or too late.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from app.db import inbox
from app.db.database import Database
from app.db.inbox import NewMessage
from app.db.orders import StoredOrder
from app.domain.shop import ShopState
from app.engine import voice_orders
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.storefronts import Storefronts
from app.engine.voice_orders import Slots, Turn
from app.engine.voice_shop import Plan, VoiceShop
from app.platforms.api import ProtocolError, WebhookReply, WebhookRequest
from app.platforms.voice import Answer, Heard, HearsStaff, Intent, Said, Wants
from app.steady import now
from app.texts import N_, tr

log = structlog.get_logger(__name__)

TURNS_KEPT, SESSIONS_KEPT = 256, 64
PATIENCE = 120.0  # seconds a question of ours waits for its yes
QUESTION = "question"  # the session attribute that carries the key of our question
LONGEST_ID = 500  # characters of the ids in a request; those of the examples have some forty
LONGEST_REF = 80  # characters of a speaker's id that the store keeps

STRANGER = N_("A speaker that is not on the list asked something; its id stands here. Add it to the account if it is yours.")
_HELP = N_(
    "You can ask: how many new orders, read the next order, accept the order, number seven is ready, a dish is sold out, "
    "today's takings, pause the shop, open the shop"
)


@dataclass(frozen=True, slots=True)
class Question:
    """What we asked and what a yes does. `key` must come back; `until` is on the loop's clock."""

    intent: Intent
    key: str
    until: float
    yes: Callable[[Heard], Awaitable[Said]]


@dataclass(slots=True)
class Session:
    """One conversation: our open question, the slots named so far for an intent, the order last read aloud."""

    question: Question | None = None
    intent: Intent = Intent.UNKNOWN
    slots: Slots = field(default_factory=dict)
    about: StoredOrder | None = None


class Voice:
    """One per engine; lives on the I/O loop."""

    def __init__(self, database: Database, house: House, bell: Bell, storefronts: Storefronts) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._shop = VoiceShop(house, storefronts)
        self._turns: OrderedDict[tuple[int, str, str], asyncio.Task[Said]] = OrderedDict()
        self._sessions: OrderedDict[tuple[int, str, str], Session] = OrderedDict()

    async def answer(self, account_id: int, voice: HearsStaff, request: WebhookRequest) -> WebhookReply:
        """The reply to a webhook. A request that comes again is answered the same and does nothing twice.

        Raises ForgedWebhookError or ProtocolError. A caller who hangs up stops nothing.
        """
        heard = voice.hear(request)
        if isinstance(heard, WebhookReply):
            return heard
        if not all(map(_is_id, (heard.request_id, heard.session_id, heard.speaker))):
            raise ProtocolError("no id that can be remembered and shown")
        return voice.say(heard, await asyncio.shield(self._turn(account_id, heard)))

    async def close(self) -> None:
        """End the conversations."""
        tasks = [task for task in self._turns.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, self._shop.close(), return_exceptions=True)

    def _turn(self, account_id: int, heard: Heard) -> asyncio.Task[Said]:
        key = account_id, heard.speaker, heard.request_id or secrets.token_hex(8)
        if key not in self._turns:
            self._turns[key] = asyncio.get_running_loop().create_task(self._guarded(key, heard))
            while len(self._turns) > TURNS_KEPT:
                self._turns.popitem(last=False)
        return self._turns[key]

    async def _guarded(self, key: tuple[int, str, str], heard: Heard) -> Said:
        try:
            return await self._take(key[0], heard)
        except RefusalError as refusal:
            return Said(str(refusal))
        except Exception:
            log.exception("voice_failed", account=key[0], intent=heard.intent.value)
            self._turns.pop(key, None)  # asked again, it may work
            return Said(tr("That went wrong in the console: look at the screen"), Wants.NOTHING)

    async def _take(self, account_id: int, heard: Heard) -> Said:
        if heard.stranger:
            return await self._turn_away(account_id, heard)
        stored: Said | None = await self._database.write(voice_orders.heard_now, account_id, heard.request_id)
        if stored is not None:
            return stored
        if heard.intent is Intent.END:
            self._sessions.pop(_conversation(account_id, heard), None)
            return Said("", Wants.NOTHING)
        session = self._session(account_id, heard)
        question, session.question = session.question, None
        if heard.answer is not Answer.NONE:
            return await self._answered(question, heard)
        if heard.intent is not session.intent:
            session.intent, session.slots = heard.intent, {}
        session.slots = {**session.slots, **heard.slots}
        said = await self._said(account_id, heard, session)
        if said.wants is not Wants.SLOT:
            session.slots = {}
        return _keyed(said, session)

    def _session(self, account_id: int, heard: Heard) -> Session:
        key = _conversation(account_id, heard)
        session = self._sessions.setdefault(key, Session())
        self._sessions.move_to_end(key)
        while len(self._sessions) > SESSIONS_KEPT:
            self._sessions.popitem(last=False)
        return session

    async def _answered(self, question: Question | None, heard: Heard) -> Said:
        """A yes or a no. One that answers no question of ours does nothing."""
        given = heard.attributes.get(QUESTION, "") if heard.attributes is not None else None
        asked = question is not None and question.intent is heard.intent and given in (None, question.key)
        if question is None or not asked or asyncio.get_running_loop().time() > question.until:
            return Said(tr("There is no question waiting for an answer"))
        if heard.answer is Answer.NO:
            return Said(tr("All right, nothing was done"))
        return await question.yes(heard)

    async def _said(self, account_id: int, heard: Heard, session: Session) -> Said:
        match heard.intent:
            case Intent.LAUNCH | Intent.NEW_ORDERS:
                return Said(await self._database.write(voice_orders.new_orders, self._house))
            case Intent.NEXT_ORDER:
                return self._heard_of(session, await self._database.write(voice_orders.next_order, self._house))
            case Intent.READY:
                return self._changed(
                    await self._database.write(voice_orders.ready, self._house, account_id, heard, session.slots)
                )
            case Intent.ACCEPT:
                return await self._ask_to_accept(account_id, session)
            case Intent.TAKINGS:
                return Said(await self._database.write(voice_orders.takings, self._house))
            case Intent.SOLD_OUT | Intent.PAUSE | Intent.OPEN:
                return self._ask(account_id, session, await self._plan(heard.intent, session.slots))
        return Said(tr(_HELP))

    def _heard_of(self, session: Session, turn: Turn) -> Said:
        session.about = turn.about
        return turn.said

    def _changed(self, turn: Turn) -> Said:
        if turn.changed:
            self._bell.changed("orders", *turn.changed)
        return turn.said

    async def _ask_to_accept(self, account_id: int, session: Session) -> Said:
        order = await self._database.write(voice_orders.acceptable, self._house, session.slots, session.about)
        if isinstance(order, Said):
            return order

        async def yes(heard: Heard) -> Said:
            return self._changed(await self._database.write(voice_orders.accept, self._house, account_id, heard, order))

        return self._put(session, Said(voice_orders.accepting(self._house, order), Wants.CONFIRMATION), yes)

    async def _plan(self, intent: Intent, slots: Slots) -> Plan:
        if intent is Intent.SOLD_OUT:
            return await self._shop.sold_out(slots)
        return self._shop.shop(ShopState.PAUSED if intent is Intent.PAUSE else ShopState.OPEN, slots)

    def _ask(self, account_id: int, session: Session, plan: Plan) -> Said:
        if plan.change is None:
            return plan.said
        return self._put(session, plan.said, partial(self._carry_out, account_id, session.intent, plan.change))

    async def _carry_out(self, account_id: int, intent: Intent, change: Callable[[], Awaitable[str]], heard: Heard) -> Said:
        """On disk before a platform is asked, so that the same yes after a restart asks nobody again."""
        asked = Said(tr("This was asked already. The screen shows what came of it"))
        await self._database.write(voice_orders.remember, account_id, heard.request_id, asked, intent.value)
        return Said(await change())

    def _put(self, session: Session, said: Said, yes: Callable[[Heard], Awaitable[Said]]) -> Said:
        until = asyncio.get_running_loop().time() + PATIENCE
        session.question = Question(session.intent, secrets.token_urlsafe(9), until, yes)
        return said

    async def _turn_away(self, account_id: int, heard: Heard) -> Said:
        """Answer politely and show the id under Settings, once: whoever sets up the skill cannot know it beforehand."""
        speaker = heard.speaker[:LONGEST_REF]
        body = json.dumps({"userOpenId": heard.speaker}, ensure_ascii=False).encode()
        kept = NewMessage(f"stranger:{speaker}", "voice", body, 0, speaker)
        if await self._database.write(inbox.keep_refused, account_id, kept, STRANGER, now()):
            self._bell.changed("problems", account_id)
        log.warning("voice_of_a_stranger", account=account_id)
        return Said(
            tr("This speaker is not registered with the shop yet. Its number is shown on the console"), Wants.NOTHING
        )


def _is_id(text: str) -> bool:
    return len(text) <= LONGEST_ID and text.isprintable()


def _conversation(account_id: int, heard: Heard) -> tuple[int, str, str]:
    """Nobody answers what another was asked, whatever a platform calls their sessions."""
    return account_id, heard.session_id, heard.speaker


def _keyed(said: Said, session: Session) -> Said:
    """Give our question its key."""
    return replace(said, attributes={QUESTION: session.question.key}) if session.question else said
