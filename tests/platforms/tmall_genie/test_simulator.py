"""The pretend speaker: what it understands, what it takes from a skill, and that strangers and repeats can be played."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from aiohttp import web

from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError
from app.platforms.tmall_genie import wire
from app.platforms.tmall_genie.simulated_speech import confirmation, understand
from app.platforms.tmall_genie.simulated_talk import BadReplyError, Talk
from app.platforms.tmall_genie.simulator import TmallGenieSimulator
from app.platforms.voice import Said, Slot, Wants
from app.practice import rush
from tests.platforms.lines import listening


class Skill:
    """A skill whose answers the test decides, and that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.said: list[Said] = []
        self.raw: bytes | None = None
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=f"checked {request.path}")
        body = await request.json()
        self.asked.append(body)
        protocol = "2.0" if "version" in body else "1.0"
        said = self.said.pop(0) if self.said else Said("好")
        reply = wire.write({"protocol": protocol, "intent_id": str(body.get("intentId"))}, said)
        raw = reply.body if self.raw is None else self.raw
        return web.Response(status=self.status, body=raw, headers={"Content-Type": reply.content_type})


@pytest.fixture
async def skill(genie: TmallGenieSimulator) -> AsyncIterator[Skill]:
    """A skill that the pretend speaker talks to."""
    answering = Skill()
    async with listening(genie, answering.answer, "/hooks/tmall_genie/token", method="*"):
        yield answering


@pytest.mark.parametrize(
    ("sentence", "intent", "slots"),
    [
        ("有几个新订单", "new_orders", {}),
        ("how many new orders", "new_orders", {}),
        ("读下一单", "next_order", {}),
        ("十二号出餐", "order_ready", {"daySn": "十二"}),
        ("饿了么12号好了", "order_ready", {"platform": "饿了么", "daySn": "12"}),
        ("number 12 is ready", "order_ready", {"daySn": "12"}),
        ("接单", "accept_order", {}),
        ("接七号单", "accept_order", {"daySn": "七"}),
        ("宫保鸡丁卖完了", "sold_out", {"dish": "宫保鸡丁"}),
        ("spring rolls sold out", "sold_out", {"dish": "spring rolls"}),
        ("今天营业额多少", "takings", {}),
        ("暂停营业", "pause_shop", {}),
        ("恢复营业", "open_shop", {}),
        ("天气怎么样", "fallback", {}),
    ],
)
def test_a_typed_sentence_is_understood(sentence: str, intent: str, slots: Mapping[str, str]) -> None:
    found = understand(sentence)
    assert (found.intent, dict(found.slots)) == (intent, slots)


@pytest.mark.parametrize(
    ("sentence", "status"),
    [("是的", "CONFIRMED"), ("好", "CONFIRMED"), ("不要", "DENIED"), ("接单", "NONE"), ("no", "DENIED")],
)
def test_yes_and_no_are_told_apart(sentence: str, status: str) -> None:
    assert confirmation(sentence) == status


async def test_a_dialogue_is_walked_to_its_yes(genie: TmallGenieSimulator, skill: Skill) -> None:
    skill.said = [Said("几号？", Wants.SLOT, Slot.NUMBER), Said("要接吗", Wants.CONFIRMATION, attributes={"question": "k"})]
    assert (await genie.ask("接单")).asks == "daySn"
    assert (await genie.ask("七号")).asks == "confirm"
    await genie.ask("是的")
    slot, yes = skill.asked[1]["request"]["intent"], skill.asked[2]
    assert (slot["name"], slot["slots"]["daySn"]["values"]) == ("accept_order", ["七"])
    assert yes["request"]["intent"]["confirmationStatus"] == "CONFIRMED"
    assert yes["session"]["attributes"] == {"question": "k"}
    assert {one["session"]["sessionId"] for one in skill.asked} == {skill.asked[0]["session"]["sessionId"]}
    assert [one["session"]["new"] for one in skill.asked] == [True, False, False]


async def test_the_older_protocol_answers_with_a_slot(genie: TmallGenieSimulator, skill: Skill) -> None:
    skill.said = [Said("要接吗", Wants.CONFIRMATION)]
    assert (await genie.ask("接单", "1.0")).asks == "confirm"
    await genie.ask("不要", "1.0")
    entities = {one["intentParameterName"]: one["standardValue"] for one in skill.asked[1]["slotEntities"]}
    assert entities == {"yesno": "no"}
    assert skill.asked[1]["intentName"] == "accept_order"


async def test_an_ended_session_is_followed_by_a_new_one(genie: TmallGenieSimulator, skill: Skill) -> None:
    skill.said = [Said("再见", Wants.NOTHING)]
    assert (await genie.ask("")).ended
    await genie.ask("")
    assert skill.asked[0]["request"]["type"] == "LaunchRequest"
    assert skill.asked[0]["session"]["sessionId"] != skill.asked[1]["session"]["sessionId"]


async def test_a_reply_it_cannot_take_ends_the_session_with_an_error(genie: TmallGenieSimulator, skill: Skill) -> None:
    skill.raw = b'{"version":"2.0","response":{"outputSpeech":"typo"}}'
    with pytest.raises(BadReplyError):
        await genie.ask("有几个新订单")
    assert skill.asked[-1]["request"]["reason"] == "ERROR"
    assert skill.asked[-1]["request"]["error"]["type"] == "INVALID_RESPONSE"
    assert genie.records[-1].what == "refused"


@pytest.mark.parametrize(
    "reply",
    [
        b"not JSON",
        b"[]",
        b'{"version":"1.0","response":{}}',
        b'{"version":"2.0"}',
        b'{"version":"2.0","response":{"outputSpeechs":[]}}',
        b'{"version":"2.0","response":{"outputSpeechs":[{"type":"PlainText","ssml":"x"}]}}',
        b'{"version":"2.0","response":{"directives":[{"type":"Dialog.Confirm"}]}}',
        b'{"version":"2.0","response":{"directives":[{"type":"Dialog.Else"}]}}',
        b'{"version":"2.0","response":{"shouldEndSession":true,"expectSpeech":true}}',
        b'{"version":"2.0","response":{},"sessionAttributes":{"n":1}}',
        b'{"version":"2.0","response":{},"more":1}',
    ],
)
def test_the_platform_is_strict_with_protocol_2(reply: bytes) -> None:
    with pytest.raises(BadReplyError):
        Talk(1, "u", "t").hear(reply, "application/json")


@pytest.mark.parametrize(
    "value",
    [
        {"resultType": "RESULT", "executeCode": "SUCCESS"},
        {"reply": "x", "resultType": "DONE", "executeCode": "SUCCESS"},
        {"reply": "x", "resultType": "ASK_INF", "executeCode": "SUCCESS"},
        {
            "reply": "x",
            "resultType": "RESULT",
            "executeCode": "SUCCESS",
            "askedInfos": [{"parameterName": "a", "intentId": 1}],
        },
        {
            "reply": "x",
            "resultType": "ASK_INF",
            "executeCode": "SUCCESS",
            "askedInfos": [{"parameterName": "a", "intentId": "1"}],
        },
        {"reply": "x", "resultType": "RESULT", "executeCode": "FAIL"},
    ],
)
def test_the_platform_is_strict_with_protocol_1(value: dict[str, Any]) -> None:
    whole = {"returnCode": "0", "returnErrorSolution": "", "returnMessage": "", "returnValue": value}
    with pytest.raises(BadReplyError):
        Talk(1, "u", "t", "1.0").hear(json.dumps(whole).encode(), "application/json")


async def test_repeats_strangers_and_drift_can_be_played(genie: TmallGenieSimulator, skill: Skill) -> None:
    genie.faults = Faults(repeat_push=1.0, odd=1.0)
    await genie.ask("有几个新订单", request_id="req-1", user="uo-foreign", skill_id=7)
    first, second = skill.asked
    assert first == second
    assert first["request"]["requestId"] == "req-1"
    assert first["context"]["system"]["user"]["userOpenId"] == "uo-foreign"
    assert first["context"]["system"]["application"]["skillId"] == "7"
    assert "later" in first["context"]


async def test_another_answer_to_a_repeated_request_is_noticed(genie: TmallGenieSimulator, skill: Skill) -> None:
    genie.faults = Faults(repeat_push=1.0)
    skill.said = [Said("一"), Said("二")]
    await genie.ask("有几个新订单")
    assert [one.what for one in genie.records] == ["refused", "push_acknowledged"]


async def test_a_person_can_type_to_it(genie: TmallGenieSimulator, skill: Skill) -> None:
    async with httpx.AsyncClient(base_url=genie.address, trust_env=False) as typing:
        skill.said = [Said("没有新订单")]
        told = (await typing.post("/_practice/say", json={"text": "有几个新订单", "new": True})).json()
        assert told == {"speech": "没有新订单", "asks": "", "ended": False}
        ended = (await typing.post("/_practice/end", json={"reason": "EXCEEDED_MAX_REPROMPTS"})).json()
        assert ended == {"status": 200}
        assert (await typing.get("/_practice/announcements")).json() == {"announced": [], "refused": []}
        skill.status = 401
        assert (await typing.post("/_practice/say", json={"text": "接单"})).status_code == 409
        genie.push_to = ""
        assert (await typing.post("/_practice/say", json={"text": "接单"})).status_code == 400


async def test_staff_talk_to_it_now_and_then(genie: TmallGenieSimulator, skill: Skill) -> None:
    for _ in range(3):
        genie.place()
    await asyncio.gather(*genie.tasks)
    assert len(skill.asked) == 3
    assert {one.what for one in genie.records} == {"push_acknowledged"}


async def test_it_has_no_customers(genie: TmallGenieSimulator) -> None:
    assert (genie.customers, genie.truth(), genie.happenings) == (False, [], frozenset())
    with pytest.raises(ImpossibleError):
        genie.happen("1", Happening.CANCEL)


async def test_the_domain_check_is_asked_below_the_skills_address(genie: TmallGenieSimulator, skill: Skill) -> None:
    assert await genie.check_domain() == "checked /hooks/tmall_genie/token/aligenie/9f8e7d6c5b4a.txt"


def test_nobody_on_the_pretend_street_orders_from_a_speaker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rush, "simulators", lambda: {"eleme": ElemeSimulator, "tmall_genie": TmallGenieSimulator})
    rush.streets.cache_clear()
    assert list(rush.streets()) == ["eleme"]
    rush.streets.cache_clear()
