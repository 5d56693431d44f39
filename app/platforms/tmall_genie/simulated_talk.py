"""The pretend speaker: makes envelopes of both protocols, follows a dialogue, takes no reply that is not as documented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from app import steady
from app.platforms.tmall_genie.simulated_speech import Understood, confirmation, understand

# Protocol 1.0 names an intent by a number too.
INTENT_IDS = {
    name: 1001 + number
    for number, name in enumerate(
        ("new_orders", "next_order", "accept_order", "order_ready", "sold_out", "takings", "pause_shop", "open_shop")
    )
}
_RESPONSE = {"outputSpeechs", "directives", "shouldEndSession", "expectSpeech", "extInfo"}
_SPEECHES = {"PlainText": "text", "SSML": "ssml", "Audio": "audioId"}
_DIRECTIVES = {
    "Dialog.ElicitSlot": {"type", "slotToElicit"},
    "Dialog.Confirm": {"type", "confirmParaInfo"},
    "Dialog.SelectSlot": {"type", "slotToSelect", "options", "selectIndexMatch", "parameterReplyMatch"},
    "TPL.RenderDocument": {"type", "document"},
    "TPL.UpdateDataSource": {"type", "dataSource"},
    "Permission.AskForPermissions": {"type", "permissions"},
}
_OLD = {"returnCode", "returnErrorSolution", "returnMessage", "returnValue", "sessionEntries"}
_OLD_VALUE = {"reply", "resultType", "askedInfos", "properties", "gwCommands", "executeCode"}


class BadReplyError(ValueError):
    """The skill answered something that the platform would not take."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the speaker says: `asks` is the slot it wants next, "confirm" for a yes or no, or ""."""

    text: str
    asks: str = ""
    ended: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Talk:
    """One conversation with one speaker. `protocol` is "2.0" or "1.0"."""

    skill_id: int
    user: str
    token: str
    protocol: str = "2.0"
    session_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    last: Understood = field(default_factory=lambda: Understood("fallback"))
    asks: str = ""

    def begin(self) -> None:
        """Forget everything: a new session."""
        self.session_id, self.attributes, self.asks = "", {}, ""
        self.last = Understood("fallback")

    def envelope(self, sentence: str, request_id: str) -> dict[str, Any]:
        """The request for a typed sentence; "" opens the skill."""
        new = not self.session_id
        self.session_id = self.session_id or f"sess-{uuid4().hex[:12]}"
        confirmed = confirmation(sentence) if self.asks == "confirm" else "NONE"
        if confirmed == "NONE":
            self.last = self._understood(sentence)
        made = self._new(sentence, request_id, confirmed, new) if self.protocol == "2.0" else self._old(sentence, request_id)
        self.asks = ""
        return made

    def ending(self, request_id: str, reason: str, error: str = "") -> dict[str, Any]:
        """The end of a session (protocol 2.0): USER_INITIATED, EXCEEDED_MAX_REPROMPTS, or ERROR with its kind."""
        told = {"error": {"type": error, "message": "practice"}} if error else {}
        return self._envelope({"type": "SessionEndedRequest", "reason": reason, **told}, request_id, new=False)

    def hear(self, reply: bytes, content_type: str) -> Spoken:
        """Check a reply to the letter and keep what it asks for. Raises BadReplyError."""
        if "json" not in content_type:
            raise BadReplyError(f"content type {content_type}")
        try:
            told = json.loads(reply)
        except ValueError:
            raise BadReplyError("not JSON") from None
        spoken = _read_new(told) if self.protocol == "2.0" else _read_old(told)
        self.attributes, self.asks = spoken.attributes, spoken.asks
        if spoken.ended:
            self.begin()
        return spoken

    def _understood(self, sentence: str) -> Understood:
        """A slot that was asked for is filled by whatever is said, unless it is an order of its own."""
        found = understand(sentence)
        if self.asks and self.asks != "confirm" and found.intent in ("fallback", self.last.intent):
            return Understood(self.last.intent, {**self.last.slots, **found.slots, self.asks: sentence.strip().rstrip("号")})
        return found

    def _new(self, sentence: str, request_id: str, confirmed: str, new: bool) -> dict[str, Any]:
        if not sentence:
            return self._envelope({"type": "LaunchRequest"}, request_id, new=True)
        stamp = int(steady.time() * 1000)
        slots = {
            name: {"name": name, "values": [value], "liveTime": 0, "timestamp": stamp}
            for name, value in self.last.slots.items()
        }
        intent = {"name": self.last.intent, "slots": slots, "selectedSlotIndexs": [], "confirmationStatus": confirmed}
        request = {"type": "IntentRequest", "input": {"type": "TEXT", "value": sentence}, "intent": intent}
        return self._envelope(request, request_id, new=new)

    def _envelope(self, request: Mapping[str, Any], request_id: str, *, new: bool) -> dict[str, Any]:
        user = {"userOpenId": self.user, "accessToken": self.token, "userUnionIds": []}
        device = {"deviceOpenId": "do-1", "deviceUnionIds": [], "extendInfo": {}, "supportedInterfaces": {"screen": {}}}
        system = {
            "apiAccessToken": "api-token",
            "application": {"genieAppId": 10001, "skillId": self.skill_id},
            "user": user,
            "device": device,
        }
        return {
            "version": "2.0",
            "session": {"new": new, "sessionId": self.session_id, "attributes": dict(self.attributes)},
            "context": {"system": system, "extendInfo": {}},
            "request": {**request, "requestId": request_id, "timestamp": int(steady.time() * 1000)},
        }

    def _old(self, sentence: str, request_id: str) -> dict[str, Any]:
        """Protocol 1.0 gives no attributes back, and a yes is a slot."""
        told = dict(self.last.slots)
        if self.asks == "confirm" and confirmation(sentence) != "NONE":
            told["yesno"] = "yes" if confirmation(sentence) == "CONFIRMED" else "no"
        intent = self.last.intent if sentence else "welcome"
        entities = [
            {"intentParameterId": 1, "intentParameterName": name, "originalValue": value, "standardValue": value}
            | {"liveTime": 0, "createTimeStamp": int(steady.time() * 1000), "slotValue": value}
            for name, value in told.items()
        ]
        return {
            "sessionId": self.session_id,
            "utterance": sentence or "打开外卖助手",
            "skillId": self.skill_id,
            "skillName": "外卖助手",
            "intentId": INTENT_IDS.get(intent, 1000),
            "intentName": intent,
            "requestData": {"userOpenId": self.user, "deviceOpenId": "do-1", "city": "杭州", "accessToken": self.token},
            "slotEntities": entities,
            "botId": 20001,
            "domainId": 30001,
            "requestId": request_id,
            "skillNluInfo": {},
        }


def _read_new(told: Any) -> Spoken:
    _require(isinstance(told, dict) and set(told) <= {"version", "sessionAttributes", "response"}, "members")
    _require(told.get("version") == "2.0" and isinstance(told.get("response"), dict), "version and response")
    response, attributes = told["response"], told.get("sessionAttributes", {})
    _require(set(response) <= _RESPONSE, f"members of the response: {sorted(response)}")
    _require(all(isinstance(part, str) for pair in attributes.items() for part in pair), "attributes that are no texts")
    _require(all(response[name] for name in ("outputSpeechs", "directives") if name in response), "an empty member")
    speeches, directives = response.get("outputSpeechs", []), response.get("directives", [])
    for one in speeches:
        _require(one.get("type") in _SPEECHES and bool(one.get(_SPEECHES[one["type"]])), f"speech {one}")
    for one in directives:
        _require(set(one) == _DIRECTIVES.get(one.get("type", "")), f"directive {one}")
    ended, expects = response.get("shouldEndSession", True), response.get("expectSpeech", False)
    _require(isinstance(ended, bool) and isinstance(expects, bool) and not (ended and expects), "an end that listens on")
    text = "".join(str(one.get("text", "")) for one in speeches)
    return Spoken(text, _asked(directives), ended, attributes)


def _asked(directives: list[dict[str, Any]]) -> str:
    for one in directives:
        if one["type"] == "Dialog.Confirm":
            _require(set(one["confirmParaInfo"]) == {"confirmParameterName", "denyParameterName"}, "confirmParaInfo")
            return "confirm"
        if one["type"] == "Dialog.ElicitSlot":
            return str(one["slotToElicit"])
    return ""


def _read_old(told: Any) -> Spoken:
    _require(isinstance(told, dict) and set(told) <= _OLD and told.get("returnCode") == "0", "members or returnCode")
    value = told.get("returnValue")
    _require(isinstance(value, dict) and set(value) <= _OLD_VALUE, "members of returnValue")
    _require(value.get("resultType") in ("RESULT", "ASK_INF", "CONFIRM"), "resultType")
    _require(isinstance(value.get("reply"), str) and value.get("executeCode") == "SUCCESS", "reply or executeCode")
    asked = value.get("askedInfos", [])
    _require(bool(asked) == (value["resultType"] == "ASK_INF"), "askedInfos")
    for one in asked:
        _require(set(one) == {"parameterName", "intentId"} and isinstance(one["intentId"], int), "askedInfos")
    wanted = str(asked[0]["parameterName"]) if asked else ""
    return Spoken(value["reply"], "confirm" if wanted == "yesno" else wanted)


def _require(fine: bool, what: str) -> None:
    if not fine:
        raise BadReplyError(what)
