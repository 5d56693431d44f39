"""Tmall Genie's side on 127.0.0.1: a speaker one types to instead of talking, and the place where announcements end.

POST /_practice/say: {"text": "有几个新订单"}; also "protocol" ("1.0"), "new" (a session), "request_id" (to repeat one),
"user" and "skill_id" (of strangers). POST /_practice/end: {"reason": "ERROR", "error": "INVALID_RESPONSE"}.
GET /_practice/announcements: what speakers were made to say, and what was refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

import httpx
from aiohttp import web

from app.platforms.http import new_client
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth
from app.platforms.tmall_genie.simulated_sink import Sink, summary
from app.platforms.tmall_genie.simulated_talk import BadReplyError, Spoken, Talk

SKILL_ID, USER, LINK_TOKEN = 50001, "uo-abc", "linked-account-token"
CHECK_FILE, CHECK_TEXT = "9f8e7d6c5b4a", "practice-check-text"
PROTOCOLS = ("2.0", "1.0")
SENTENCES = ("有几个新订单", "读下一单", "今天营业额", "how many new orders")  # what staff say when nobody types


class TmallGenieSimulator(Simulator):
    """One skill, one user with one speaker for each protocol. `announce` is how its account announces: "iap" or "top"."""

    name = "tmall_genie"
    currency = "CNY"
    customers: ClassVar[bool] = False

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.announce = "iap"
        self.talks = {protocol: Talk(SKILL_ID, USER, LINK_TOKEN, protocol) for protocol in PROTOCOLS}
        self.sink = Sink(lambda: self.credentials)
        self.sink.in_the_way = self._fault
        self.http: httpx.AsyncClient | None = None

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form."""
        return {
            "skill_id": str(SKILL_ID),
            "users": f"{USER}, uo-second",
            "link_token": LINK_TOKEN,
            "check_file": f"{CHECK_FILE}.txt",
            "check_text": CHECK_TEXT,
            "announce": self.announce,
            "app_key": "practice-key",
            "app_secret": "practice-secret",
            "access_token": "practice-genie-token",
            "target": USER if self.announce == "top" else "do-1",
            "target_type": "DEVICE_OPEN_ID",
            "template_id": "tpl01",
            "placeholder": "text",
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """The announcements' two wires, and what stands in place of a microphone."""
        self.sink.routes(router)
        router.add_post("/_practice/say", self._say)
        router.add_post("/_practice/end", self._end)
        router.add_get("/_practice/announcements", self._announcements)

    async def stop(self) -> None:
        """Stop listening and talking."""
        await super().stop()
        if self.http:
            await self.http.aclose()

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """Staff say something (`payload` {"text", "protocol"}, or anything of their own); answers the request's id."""
        told = dict(payload or {})
        request_id = str(told.get("request_id") or f"req-{uuid4().hex[:12]}")
        text = str(told.get("text") or self.random.choice(SENTENCES))
        self.spawn(self._quietly(text, str(told.get("protocol") or "2.0"), request_id))
        return request_id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """Nothing ever befalls an order here."""
        raise ImpossibleError("a voice has no orders")

    def truth(self) -> list[Truth]:
        """No orders."""
        return []

    async def ask(self, text: str, protocol: str = "2.0", request_id: str = "", **changed: Any) -> Spoken:
        """Say a sentence ("" opens the skill) and hear the answer. `changed`: another `user` or `skill_id`.

        Raises BadReplyError for a reply the platform would not take (a 2.0 session then ends with ERROR), and
        ImpossibleError when the skill refused to answer.
        """
        talk = self.talks[protocol]
        request_id = request_id or f"req-{uuid4().hex[:12]}"
        envelope = _changed(talk.envelope(text, request_id), **changed)
        if self.chance(self.faults.odd):
            envelope = _drifted(envelope)
        reply = await self.post(envelope)
        if reply.status_code != 200:
            self.record("push_failed", request_id, status=reply.status_code)
            raise ImpossibleError(f"the skill answered {reply.status_code}")
        if self.chance(self.faults.repeat_push):
            again = await self.post(envelope)
            if again.content != reply.content:
                self.record("refused", request_id, reason="another answer to the same request")
        return await self._heard(talk, request_id, reply)

    async def end(self, reason: str = "USER_INITIATED", error: str = "") -> httpx.Response:
        """End the 2.0 session."""
        talk = self.talks["2.0"]
        reply = await self.post(talk.ending(f"req-{uuid4().hex[:12]}", reason, error))
        talk.begin()
        return reply

    async def check_domain(self) -> str:
        """What the console's ownership check reads; "" when the file is not there."""
        reply = await self._client().get(f"{self.push_to}/aligenie/{CHECK_FILE}.txt")
        return reply.text if reply.status_code == 200 else ""

    async def post(self, envelope: Mapping[str, Any]) -> httpx.Response:
        """One request to the skill's webhook."""
        body = json.dumps(envelope, ensure_ascii=False).encode()
        return await self._client().post(self.push_to, content=body, headers={"content-type": "application/json"})

    async def _heard(self, talk: Talk, request_id: str, reply: httpx.Response) -> Spoken:
        try:
            spoken = talk.hear(reply.content, reply.headers.get("content-type", ""))
        except BadReplyError as error:
            self.record("refused", request_id, reason=str(error))
            if talk.protocol == "2.0":
                await self.end("ERROR", "INVALID_RESPONSE")
            raise
        self.record("push_acknowledged", request_id, text=spoken.text, asks=spoken.asks)
        return spoken

    async def _quietly(self, text: str, protocol: str, request_id: str) -> None:
        """What goes wrong is on the record; nobody stands at the speaker."""
        if not self.push_to:
            self.record("push_lost", request_id)
            return
        try:
            await self.ask(text, protocol, request_id)
        except (ValueError, httpx.HTTPError) as error:
            self.record("push_failed", request_id, reason=str(error))

    async def _say(self, request: web.Request) -> web.Response:
        told = await request.json()
        protocol = str(told.get("protocol") or "2.0")
        if not self.push_to or protocol not in PROTOCOLS:
            return web.json_response({"error": "POST /_practice/push-to first; protocol is 2.0 or 1.0"}, status=400)
        if told.get("new"):
            self.talks[protocol].begin()
        changed = {name: told[name] for name in ("user", "skill_id") if name in told}
        try:
            spoken = await self.ask(str(told.get("text") or ""), protocol, str(told.get("request_id") or ""), **changed)
        except (ValueError, httpx.HTTPError, httpx.InvalidURL) as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"speech": spoken.text, "asks": spoken.asks, "ended": spoken.ended})

    async def _end(self, request: web.Request) -> web.Response:
        told = await request.json()
        try:
            reply = await self.end(str(told.get("reason") or "USER_INITIATED"), str(told.get("error") or ""))
        except (httpx.HTTPError, httpx.InvalidURL) as error:  # nobody is there, or the address is none
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"status": reply.status_code})

    async def _announcements(self, _: web.Request) -> web.Response:
        return web.json_response(summary(self.sink))

    def _fault(self) -> str:
        faults = self.faults
        dice = (("throttle", faults.throttle), ("break", faults.break_call), ("lose", faults.lose_reply))
        return next((name for name, share in dice if self.chance(share)), "")

    def _client(self) -> httpx.AsyncClient:
        if self.http is None:
            self.http = new_client()
        return self.http


def _changed(envelope: dict[str, Any], user: str = "", skill_id: int | str = "") -> dict[str, Any]:
    """The same request from somebody else, or for another skill."""
    made: dict[str, Any] = json.loads(json.dumps(envelope))
    system = made.get("context", {}).get("system")
    if user:
        (system["user"] if system else made["requestData"])["userOpenId"] = user
    if skill_id:
        (system["application"] if system else made)["skillId"] = skill_id
    return made


def _drifted(envelope: dict[str, Any]) -> dict[str, Any]:
    """As another release of the platform would send it: ids as text, members nobody knows."""
    system = envelope.get("context", {}).get("system")
    if system:
        system["application"]["skillId"] = str(system["application"]["skillId"])
        envelope["context"]["later"] = {"unknown": [1, None]}
        return envelope
    return {**envelope, "skillId": str(envelope["skillId"]), "later": None, "skillNluInfo": {"unknown": [1]}}
