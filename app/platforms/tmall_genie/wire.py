"""The two protocols of a skill's webhook, read and written (references 2 and 3); unknown fields are ignored."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from app.platforms.api import ProtocolError, WebhookReply
from app.platforms.tmall_genie.words import NAMES, YES_NO, intent_of, slot_of, spoken_answer
from app.platforms.voice import Answer, Heard, Intent, Said, Slot, Wants
from app.texts import tr

Text = Annotated[
    str, BeforeValidator(lambda value: "" if value is None else value if isinstance(value, str) else str(value))
]
# 2.0: types that want no words of the shop: a touched screen, a permission given or refused.
SILENT = frozenset({"TPL.UserEvent", "Permission.Granted", "Permission.Rejected"})
CONFIRMATIONS = {"CONFIRMED": Answer.YES, "DENIED": Answer.NO}


class Wire(BaseModel):
    """Tolerant: ids drift between text and number, members come and go."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel)


class Named(Wire):
    values: list[Text] | None = None


class Intended(Wire):
    name: Text = ""
    slots: dict[str, Named] | None = None
    confirmation_status: Text = "NONE"


class Request(Wire):
    type: Text = ""
    request_id: Text = ""
    intent: Intended | None = None


class User(Wire):
    user_open_id: Text = ""
    access_token: Text = ""


class Application(Wire):
    skill_id: Text = ""


class System(Wire):
    application: Application = Field(default_factory=Application)
    user: User = Field(default_factory=User)


class Context(Wire):
    system: System = Field(default_factory=System)


class Session(Wire):
    session_id: Text = ""
    attributes: dict[str, Text] | None = None


class Envelope(Wire):
    """Protocol 2.0."""

    session: Session = Field(default_factory=Session)
    context: Context = Field(default_factory=Context)
    request: Request


class SlotEntity(Wire):
    intent_parameter_name: Text = ""
    original_value: Text = ""
    standard_value: Text = ""


class OldEnvelope(Wire):
    """Protocol 1.0. Of where it names the user only this is known: "requestData holds the user's open id"."""

    session_id: Text = ""
    skill_id: Text = ""
    intent_id: Text = ""
    intent_name: Text = ""
    utterance: Text = ""
    request_id: Text = ""
    request_data: dict[str, Any] | None = None
    slot_entities: list[SlotEntity] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of either protocol. `heard` None: one that wants no words. `token` is the linked account's."""

    skill_id: str
    user: str
    token: str = field(repr=False)
    heard: Heard | None
    context: dict[str, str]


def read(body: bytes) -> Asked:
    """Read an envelope of either protocol. Raises ProtocolError."""
    try:
        found = json.loads(body)
        return (
            _read_new(Envelope.model_validate(found)) if "version" in found else _read_old(OldEnvelope.model_validate(found))
        )
    except (ValueError, TypeError, ValidationError):
        raise ProtocolError(tr("A request that is no question of a skill")) from None


def _read_new(envelope: Envelope) -> Asked:
    request, system = envelope.request, envelope.context.system
    context = {"protocol": "2.0"}
    intent, wanted = _intent(request), request.intent or Intended()
    heard = Heard(
        request_id=request.request_id,
        session_id=envelope.session.session_id,
        intent=intent,
        slots=_slots({name: slot.values[-1] for name, slot in (wanted.slots or {}).items() if slot.values}),
        answer=CONFIRMATIONS.get(wanted.confirmation_status, Answer.NONE),
        attributes=envelope.session.attributes or {},
        speaker=system.user.user_open_id,
        context=context,
    )
    silent = request.type in SILENT
    return Asked(
        skill_id=system.application.skill_id,
        user=system.user.user_open_id,
        token=system.user.access_token,
        heard=None if silent else heard,
        context=context,
    )


def _intent(request: Request) -> Intent:
    match request.type:
        case "LaunchRequest":
            return Intent.LAUNCH
        case "SessionEndedRequest":
            return Intent.END
        case "IntentRequest" if request.intent:
            return intent_of(request.intent.name)
    return Intent.UNKNOWN


def _read_old(envelope: OldEnvelope) -> Asked:
    if not (envelope.skill_id and (envelope.intent_name or envelope.utterance)):
        raise ValueError("neither protocol")
    told = {one.intent_parameter_name: one.standard_value or one.original_value for one in envelope.slot_entities or ()}
    asker = envelope.request_data or {}
    user = _first(asker, "userOpenId", "userId", "openId")
    context = {"protocol": "1.0", "intent_id": envelope.intent_id}
    heard = Heard(
        request_id=envelope.request_id,
        session_id=envelope.session_id,
        intent=intent_of(envelope.intent_name),
        slots=_slots(told),
        answer=spoken_answer(told.get(YES_NO, ""), envelope.utterance),
        attributes=None,
        speaker=user,
        context=context,
    )
    token = _first(asker, "accessToken", "token")
    return Asked(skill_id=envelope.skill_id, user=user, token=token, heard=heard, context=context)


def write(context: Mapping[str, str], said: Said) -> WebhookReply:
    """Our words in the form of the request's protocol; no text and no wish for more for what is not spoken."""
    return _write_old(context, said) if context.get("protocol") == "1.0" else _write_new(said)


def _write_new(said: Said) -> WebhookReply:
    """Empty members are left out; to keep the microphone open the session goes on and speech is expected."""
    listening = said.wants is not Wants.NOTHING
    response: dict[str, Any] = {}
    if said.text:
        response["outputSpeechs"] = [{"type": "PlainText", "text": said.text}]
    if said.wants is Wants.CONFIRMATION:  # the names are the console's parameters; these two are our guess
        names = {"confirmParameterName": "confirm", "denyParameterName": "deny"}
        response["directives"] = [{"type": "Dialog.Confirm", "confirmParaInfo": names}]
    elif said.slot and said.wants is Wants.SLOT:
        response["directives"] = [{"type": "Dialog.ElicitSlot", "slotToElicit": NAMES[said.slot]}]
    response |= {"shouldEndSession": not listening, "expectSpeech": listening}
    whole: dict[str, Any] = {"version": "2.0", "response": response}
    if said.attributes:
        whole["sessionAttributes"] = dict(said.attributes)
    return _json(whole)


def _write_old(context: Mapping[str, str], said: Said) -> WebhookReply:
    """RESULT ends the turn; ASK_INF asks for one parameter, which for a yes or no is the slot `yesno`."""
    value: dict[str, Any] = {"reply": said.text, "resultType": "RESULT", "properties": {}, "executeCode": "SUCCESS"}
    wanted = YES_NO if said.wants is Wants.CONFIRMATION else NAMES[said.slot] if said.slot else ""
    if wanted and said.wants in (Wants.CONFIRMATION, Wants.SLOT):
        intent_id = context.get("intent_id", "")
        number: int | str = int(intent_id) if re.fullmatch("[0-9]{1,18}", intent_id) else intent_id
        value |= {"resultType": "ASK_INF", "askedInfos": [{"parameterName": wanted, "intentId": number}]}
    whole = {"returnCode": "0", "returnErrorSolution": "", "returnMessage": "", "returnValue": value}
    return _json(whole)


def _slots(told: Mapping[str, str]) -> dict[Slot, str]:
    named = ((slot_of(name), value.strip()) for name, value in told.items())
    return {slot: value for slot, value in named if slot and value}


def _first(found: Mapping[str, Any], *names: str) -> str:
    return next((str(found[name]) for name in names if found.get(name)), "")


def _json(whole: Mapping[str, Any]) -> WebhookReply:
    return WebhookReply(
        200, json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode(), "application/json; charset=utf-8"
    )
