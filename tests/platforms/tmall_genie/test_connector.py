"""Who is answered and who is not, both protocols read and written to the letter, and a platform that brings no orders."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands import Command, CommandKind
from app.platforms.api import (
    Arrival,
    AuthError,
    Connector,
    ForgedWebhookError,
    Message,
    ProtocolError,
    RejectedError,
    TakesWebhooks,
    UnknownMessageError,
    WebhookReply,
)
from app.platforms.tmall_genie import platform, wire
from app.platforms.tmall_genie.simulated_talk import Talk
from app.platforms.tmall_genie.words import intent_of, spoken_answer
from app.platforms.voice import Announces, Answer, Heard, HearsStaff, Intent, Said, Slot, Wants
from tests.platforms.tmall_genie.conftest import Connect, Fixture, asked


def heard(opened: Connect, body: bytes, **values: str) -> Heard:
    found = opened(**values)
    assert isinstance(found, HearsStaff)
    answer = found.hear(asked(body))
    assert isinstance(answer, Heard)
    return answer


def changed(body: bytes, *path: str, to: Any) -> bytes:
    told = json.loads(body)
    place = told
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return json.dumps(told).encode()


def test_a_question_is_read_as_the_reference_shows_it(opened: Connect, fixture: Fixture) -> None:
    found = heard(opened, fixture("order_ready"))
    assert (found.intent, found.slots, found.answer) == (Intent.READY, {Slot.NUMBER: "12"}, Answer.NONE)
    assert (found.request_id, found.session_id, found.speaker) == ("req-20250601-0001", "sess-0001", "uo-abc")
    assert found.attributes == {"lastOrder": "12"}
    assert not found.stranger


@pytest.mark.parametrize(
    ("event", "intent", "answer"),
    [
        ("skill_opened", Intent.LAUNCH, Answer.NONE),
        ("accept_confirmed", Intent.ACCEPT, Answer.YES),
        ("accept_denied", Intent.ACCEPT, Answer.NO),
        ("session_ended_user_initiated", Intent.END, Answer.NONE),
        ("session_ended_exceeded_max_reprompts", Intent.END, Answer.NONE),
        ("session_ended_error", Intent.END, Answer.NONE),
        ("old_new_orders", Intent.NEW_ORDERS, Answer.NONE),
        ("old_yes", Intent.ACCEPT, Answer.YES),
        ("old_stale_yes", Intent.ACCEPT, Answer.NONE),
    ],
)
def test_every_event_is_understood(opened: Connect, fixture: Fixture, event: str, intent: Intent, answer: Answer) -> None:
    found = heard(opened, fixture(event))
    assert (found.intent, found.answer) == (intent, answer)


@pytest.mark.parametrize(
    ("utterance", "yes", "no"),
    [
        ("", Answer.YES, Answer.NO),
        ("好的", Answer.YES, Answer.NONE),
        ("嗯，好的，接吧！", Answer.YES, Answer.NONE),
        ("Yes.", Answer.YES, Answer.NONE),
        ("不好", Answer.NONE, Answer.NO),
        ("不可以", Answer.NONE, Answer.NO),
        ("我不确定", Answer.NONE, Answer.NO),
        ("是不是饿了么的", Answer.NONE, Answer.NO),
        ("是什么菜", Answer.NONE, Answer.NONE),
        ("好多单啊", Answer.NONE, Answer.NONE),
        ("接单", Answer.NONE, Answer.NONE),
        ("okra", Answer.NONE, Answer.NONE),
        ("是的" * 40_000 + "吗", Answer.NONE, Answer.NONE),  # linear, or this never ends
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else value,
)
def test_an_answer_left_over_in_a_slot_counts_only_when_it_is_said_again(utterance: str, yes: Answer, no: Answer) -> None:
    assert (spoken_answer("是", utterance), spoken_answer("否", utterance)) == (yes, no)


@pytest.mark.parametrize("event", ["screen_touched", "permission_granted", "permission_rejected"])
def test_what_wants_no_words_gets_a_polite_silence(opened: Connect, fixture: Fixture, event: str) -> None:
    reply = opened().hear(asked(fixture(event)))
    assert isinstance(reply, WebhookReply)
    assert json.loads(reply.body) == {"version": "2.0", "response": {"shouldEndSession": True, "expectSpeech": False}}


@pytest.mark.parametrize(("member", "empty"), [("slotEntities", []), ("requestData", {})])
def test_a_member_of_the_old_protocol_that_holds_nothing_is_as_good_as_none(
    fixture: Fixture, member: str, empty: Any
) -> None:
    told = json.loads(fixture("old_new_orders"))
    nothing, none = (json.dumps(told | {member: value}).encode() for value in (None, empty))
    assert wire.read(nothing) == wire.read(none)


@pytest.mark.parametrize("event", ["order_ready", "old_new_orders"])
def test_fields_nobody_knows_and_drifting_types_change_nothing(opened: Connect, fixture: Fixture, event: str) -> None:
    plain = heard(opened, fixture(event))
    told = json.loads(fixture(event)) | {"later": {"deep": [None]}, "skillNluInfo": [1]}
    where = told["context"]["system"]["application"] if "context" in told else told
    where["skillId"] = "50001"
    assert heard(opened, json.dumps(told).encode()) == plain


@pytest.mark.parametrize(
    ("event", "path"),
    [("order_ready", ("context", "system", "application", "skillId")), ("old_new_orders", ("skillId",))],
)
def test_a_question_of_another_skill_is_refused(
    opened: Connect, fixture: Fixture, event: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(ForgedWebhookError):
        heard(opened, changed(fixture(event), *path, to=50002))


@pytest.mark.parametrize(
    ("event", "path"),
    [("order_ready", ("context", "system", "user", "accessToken")), ("old_new_orders", ("requestData", "accessToken"))],
)
def test_the_linked_accounts_token_is_checked_where_there_is_one(
    opened: Connect, fixture: Fixture, event: str, path: tuple[str, ...]
) -> None:
    forged = changed(fixture(event), *path, to="another")
    with pytest.raises(ForgedWebhookError):
        heard(opened, forged)
    assert heard(opened, forged, link_token="").speaker == "uo-abc"


@pytest.mark.parametrize(
    ("event", "path"),
    [("order_ready", ("context", "system", "user", "userOpenId")), ("old_new_orders", ("requestData", "userOpenId"))],
)
def test_a_foreign_user_is_a_stranger(opened: Connect, fixture: Fixture, event: str, path: tuple[str, ...]) -> None:
    found = heard(opened, changed(fixture(event), *path, to="uo-foreign"))
    assert (found.stranger, found.speaker) == (True, "uo-foreign")
    assert heard(opened, changed(fixture(event), *path, to=""), users="").stranger
    assert not heard(opened, changed(fixture(event), *path, to="uo-2"), users="uo-1， uo-2").stranger


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"3", b"{}", b'{"version":"2.0"}', b'{"version":"2.0","request":[]}', b'{"skillId":1}', b"\xff"],
)
def test_what_is_no_question_is_a_protocol_error(opened: Connect, body: bytes) -> None:
    with pytest.raises(ProtocolError):
        opened().hear(asked(body))


def test_only_posts_are_questions(opened: Connect, fixture: Fixture) -> None:
    with pytest.raises(ProtocolError):
        opened().hear(asked(fixture("order_ready"), method="PUT"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/hooks/tmall_genie/token/aligenie/9f8e.txt", 200),
        ("/hooks/tmall_genie/token/aligenie/other.txt", 404),
        ("/hooks/tmall_genie/token/9f8e.txt", 404),
        ("/hooks/tmall_genie/token/aligenie/9f8e", 404),
        ("/hooks/tmall_genie/token", 404),
    ],
)
def test_the_domain_is_proved_by_the_consoles_own_text(opened: Connect, path: str, status: int) -> None:
    reply = opened(check_file="9f8e.txt", check_text="the text").hear(asked(b"", "GET", path))
    assert isinstance(reply, WebhookReply)
    assert (reply.status, reply.body) == (status, b"the text" if status == 200 else b"")


def test_without_a_check_file_nothing_is_proved(opened: Connect) -> None:
    reply = opened(check_text="the text").hear(asked(b"", "GET", "/hooks/tmall_genie/token/aligenie/.txt"))
    assert isinstance(reply, WebhookReply)
    assert reply.status == 404


NEW, OLD = {"protocol": "2.0"}, {"protocol": "1.0", "intent_id": "1003"}


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (
            Said("有两单", attributes={"question": "k"}),
            '{"version":"2.0","response":{"outputSpeechs":[{"type":"PlainText","text":"有两单"}],'
            '"shouldEndSession":false,"expectSpeech":true},"sessionAttributes":{"question":"k"}}',
        ),
        (
            Said("要接单吗", Wants.CONFIRMATION),
            '{"version":"2.0","response":{"outputSpeechs":[{"type":"PlainText","text":"要接单吗"}],"directives":'
            '[{"type":"Dialog.Confirm","confirmParaInfo":{"confirmParameterName":"confirm","denyParameterName":"deny"}}],'
            '"shouldEndSession":false,"expectSpeech":true}}',
        ),
        (
            Said("几号", Wants.SLOT, Slot.NUMBER),
            '{"version":"2.0","response":{"outputSpeechs":[{"type":"PlainText","text":"几号"}],"directives":'
            '[{"type":"Dialog.ElicitSlot","slotToElicit":"daySn"}],"shouldEndSession":false,"expectSpeech":true}}',
        ),
        (Said("", Wants.NOTHING), '{"version":"2.0","response":{"shouldEndSession":true,"expectSpeech":false}}'),
    ],
)
def test_protocol_2_is_answered_to_the_byte(said: Said, body: str) -> None:
    assert wire.write(NEW, said) == WebhookReply(200, body.encode(), "application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (Said("有两单"), '"reply":"有两单","resultType":"RESULT","properties":{},"executeCode":"SUCCESS"'),
        (
            Said("要接单吗", Wants.CONFIRMATION),
            '"reply":"要接单吗","resultType":"ASK_INF","properties":{},"executeCode":"SUCCESS",'
            '"askedInfos":[{"parameterName":"yesno","intentId":1003}]',
        ),
        (
            Said("哪个平台", Wants.SLOT, Slot.PLATFORM),
            '"reply":"哪个平台","resultType":"ASK_INF","properties":{},"executeCode":"SUCCESS",'
            '"askedInfos":[{"parameterName":"platform","intentId":1003}]',
        ),
    ],
)
def test_protocol_1_is_answered_to_the_byte(said: Said, value: str) -> None:
    body = f'{{"returnCode":"0","returnErrorSolution":"","returnMessage":"","returnValue":{{{value}}}}}'
    assert wire.write(OLD, said).body == body.encode()


texts = st.text(max_size=30)
words = st.builds(
    Said,
    texts,
    st.sampled_from(Wants),
    st.sampled_from([*Slot]),
    st.dictionaries(texts, texts, max_size=2),
)


@given(words, st.sampled_from(["2.0", "1.0"]))
def test_whatever_we_say_the_platform_takes(said: Said, protocol: str) -> None:
    context = {"protocol": protocol, "intent_id": "1001"}
    reply = wire.write(context, said)
    assert wire.write(context, said) == reply
    assert Talk(1, "u", "t", protocol).hear(reply.body, reply.content_type).text == said.text


@pytest.mark.parametrize(
    ("name", "intent"),
    [
        ("new_orders", Intent.NEW_ORDERS),
        ("Order_Ready", Intent.READY),
        ("sold_out_intent", Intent.SOLD_OUT),
        ("出餐", Intent.READY),
        ("暂停营业", Intent.PAUSE),
        ("welcome", Intent.LAUNCH),
        ("weather", Intent.UNKNOWN),
        ("", Intent.UNKNOWN),
        ("cancel_order", Intent.UNKNOWN),
        ("refund", Intent.UNKNOWN),
    ],
)
def test_an_intent_has_the_name_the_console_gave_it(name: str, intent: Intent) -> None:
    assert intent_of(name) is intent


async def test_it_is_a_platform_that_brings_no_orders(opened: Connect) -> None:
    connector = opened()
    assert isinstance(connector, Connector)
    assert isinstance(connector, HearsStaff)
    assert not isinstance(connector, TakesWebhooks)
    assert (platform.arrival, platform.commands) == (Arrival.NONE, frozenset())
    page = await connector.fetch_orders("as it was")
    assert (page.messages, page.cursor, page.more) == ((), "as it was", False)
    with pytest.raises(RejectedError):
        await connector.fetch_order("1")
    with pytest.raises(RejectedError):
        await connector.send(Command(CommandKind.ACCEPT, "1"))
    with pytest.raises(UnknownMessageError):
        connector.read(Message("1", "order", b"", 0))
    await connector.aclose()


async def test_it_speaks_unasked_only_where_the_form_says_how(opened: Connect) -> None:
    assert not isinstance(opened(), Announces)
    assert not isinstance(opened(announce="none"), Announces)
    assert isinstance(opened(announce="iap"), Announces)
    assert isinstance(opened(announce="top"), Announces)


async def test_an_account_names_its_skill(opened: Connect) -> None:
    info = await opened().verify()
    assert info.values == {"skill_id": "50001"}
    with pytest.raises(AuthError):
        await opened(skill_id=" ").verify()


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"announce": "iap"}, "app_key, app_secret, access_token, target, template_id, host"),
        ({"announce": "top", "app_key": "k"}, "app_secret, target"),
        ({"announce": "top", "app_key": "k", "app_secret": "s", "push_type": "BROADCAST", "device": "do-1"}, "target"),
    ],
)
async def test_announcements_are_not_promised_without_their_keys(
    opened: Connect, values: dict[str, str], missing: str
) -> None:
    with pytest.raises(RejectedError, match=missing):
        await opened(**values).verify()


async def test_a_broadcast_needs_no_user(opened: Connect) -> None:
    info = await opened(announce="top", app_key="k", app_secret="s", push_type="BROADCAST").verify()
    assert "50001" in info.title


def test_the_number_of_an_intent_may_be_anything_a_stranger_writes() -> None:
    for number in ("9" * 5000, "1003x", "", "٣"):
        told = json.loads(wire.write(OLD | {"intent_id": number}, Said("?", Wants.CONFIRMATION)).body)
        assert told["returnValue"]["askedInfos"][0]["intentId"] == number
