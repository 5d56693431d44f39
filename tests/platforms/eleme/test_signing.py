"""Every signature vector of the reference, and what must not be taken for a signed push."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.api import ForgedWebhookError, ProtocolError, Received, Settings, WebhookRequest
from app.platforms.eleme.connector import OK, ElemeConnector
from app.platforms.eleme.signing import compact, sign_call, sign_push
from app.platforms.eleme.webhook import verified

SECRET = "TESTSECRET0001"
CALLS = [
    ("eleme.user.getUser", "{}", 1700000000, "952C5B8E78CA8588EEF1CCF4B78FFC80"),
    (
        "eleme.order.confirmOrderLite",
        '{"orderId":"8045310123456789012"}',
        1700000000,
        "97FD4A4B06D72B521E4A335F09D7D354",
    ),
    (
        "eleme.order.cancelOrderLite",
        '{"orderId":"8045310123456789012","type":"foodSoldOut","remark":"今日鱼香肉丝已售完"}',
        1700000001,
        "8571E92B0837AC9B30D8AC9EFA56D294",
    ),
    (
        "eleme.order.getAllOrders",
        '{"shopId":150894532,"pageNo":1,"pageSize":50,"date":"2025-06-01"}',
        1700000002,
        "8E66FF4731B7C3FFD784BD9798975456",
    ),
    (
        "eleme.order.mgetOrders",
        '{"orderIds":["8045310123456789012","8045310123456789013"]}',
        1700000003,
        "1CBE8B849D135339266A9638A081B56D",
    ),
    (
        "eleme.product.item.batchClearStock",
        '{"specIds":[{"itemId":1364161354,"itemSpecIds":[200000168101182640]}]}',
        1700000004,
        "254B8B7E7CD082EBF6E13741882E11A1",
    ),
    (
        "eleme.order.replyReminder",
        r'{"remindId":"42","type":"custom","content":"骑手/已在路上 \"5分钟\""}',
        1700000005,
        "0F521C478DA8B4BDEE900F1F84B896AF",
    ),
]
PUSHES: list[tuple[dict[str, Any], str]] = [
    (
        {
            "requestId": "200017223099345201",
            "type": 10,
            "appId": 65929831,
            "message": '{"id":"8045310123456789012","daySn":7}',
            "shopId": 150894532,
            "timestamp": 1700000000123,
            "userId": "283166468060386111",
        },
        "8A6BCA6509D563560299BAD022A43CFD",
    ),
    (
        {
            "requestId": "10135",
            "type": 12,
            "appId": 62933118,
            "message": '{"orderId":"8045310123456789012","state":"valid","shopId":150894532,'
            '"updateTime":1700000060,"role":3}',
            "shopId": 150894532,
            "timestamp": 1700000060456,
            "userId": 283166468060386111,
        },
        "F50C0B4466D7D3429BC378808B81E6E3",
    ),
    (
        {
            "requestId": "8526",
            "type": 55,
            "appId": 62933118,
            "message": '{"orderId":"8045310123456789012","shopId":150894532,"state":"delivering","subState":"noSubstate",'
            '"name":"张三丰","phone":"13900000000","updateAt":1700000600000}',
            "shopId": 150894532,
            "timestamp": 1700000600789,
            "userId": 283166468060386111,
        },
        "44EFF4BCCE22113E814003C58B8ACC1A",
    ),
]


def connector(wire: httpx.AsyncClient, secret: str = SECRET) -> ElemeConnector:
    async def save(_: Any) -> None:
        raise AssertionError("receiving saves nothing")

    return ElemeConnector(Settings(1, {"app_key": "K", "secret": secret, "shop_id": "150894532"}, save), wire)


def posted(body: bytes, method: str = "POST") -> WebhookRequest:
    return WebhookRequest(method, "/webhook", {}, {"content-type": "application/json"}, body)


def signed(envelope: dict[str, Any]) -> bytes:
    return compact(envelope | {"signature": sign_push(envelope, SECRET)}).encode()


@pytest.mark.parametrize(("action", "params", "timestamp", "signature"), CALLS)
def test_calls_are_signed_as_the_official_clients_sign_them(
    action: str, params: str, timestamp: int, signature: str
) -> None:
    loaded = json.loads(params)
    assert sign_call(action, "TESTTOKEN0001", "TESTKEY0001", timestamp, loaded, SECRET) == signature
    assert compact(loaded) == params  # what is signed is what is sent


@pytest.mark.parametrize(("envelope", "signature"), PUSHES)
def test_pushes_with_a_good_signature_are_taken_and_acknowledged(
    envelope: dict[str, Any], signature: str, wire: httpx.AsyncClient
) -> None:
    assert sign_push(envelope, SECRET) == signature
    body = json.dumps(envelope | {"signature": signature.lower()}, ensure_ascii=False, indent=2).encode()
    received = connector(wire).receive(posted(body))
    (message,) = received.messages
    assert received.reply.body == b'{"message":"ok"}'
    assert (message.key, message.order_id, message.body) == (envelope["requestId"], "8045310123456789012", body)


def test_versions_are_the_platforms_own_clock_in_milliseconds(wire: httpx.AsyncClient) -> None:
    versions = [connector(wire).receive(posted(signed(envelope))).messages[0].version for envelope, _ in PUSHES]
    # the envelope's own; its milliseconds within the stated second; the waybill's own
    assert versions == [1700000000123, 1700000060456, 1700000600000]


def test_a_push_sent_again_later_keeps_the_version_of_what_it_tells(wire: httpx.AsyncClient) -> None:
    envelope = PUSHES[1][0] | {"timestamp": 1700000999456}
    assert connector(wire).receive(posted(signed(envelope))).messages[0].version == 1700000060000


def test_the_probe_is_answered_with_the_very_same_words(wire: httpx.AsyncClient) -> None:
    assert connector(wire).receive(posted(b"", "GET")) == Received((), OK)
    with pytest.raises(ProtocolError):
        connector(wire).receive(posted(b"", "DELETE"))


def test_a_wrong_secret_or_no_signature_is_a_forgery(wire: httpx.AsyncClient, fixture: Callable[[str], bytes]) -> None:
    body = fixture("order_placed")
    with pytest.raises(ForgedWebhookError):
        connector(wire, "OTHERSECRET").receive(posted(body))
    unsigned = {key: value for key, value in json.loads(body).items() if key != "signature"}
    with pytest.raises(ForgedWebhookError):
        connector(wire).receive(posted(json.dumps(unsigned).encode()))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b"\xff", b"[" * 100_000, b'{"type":{}}', b'{"a":null}'])
def test_what_is_no_envelope_is_refused(body: bytes, wire: httpx.AsyncClient) -> None:
    with pytest.raises(ProtocolError):
        connector(wire).receive(posted(body))


@given(moved=st.sampled_from(["shopId=150894532", "timestamp=1700000000123"]))
def test_a_signed_text_cannot_be_split_into_other_fields(moved: str) -> None:
    """Nothing separates the signed fields: a neighbour's text pushed into `requestId` keeps the MD5, not the form."""
    envelope, signature = PUSHES[0]
    name = moved.partition("=")[0]
    before = sorted(envelope)[sorted(envelope).index(name) - 1]
    split = {key: value for key, value in envelope.items() if key != name} | {before: f"{envelope[before]}{moved}"}
    assert sign_push(split, SECRET) == signature
    with pytest.raises(ProtocolError):
        verified(json.dumps(split | {"signature": signature}).encode(), SECRET)


@given(at=st.integers(0, 10_000), new=st.integers(0, 255))
def test_a_changed_byte_is_never_believed(at: int, new: int) -> None:
    body = signed(PUSHES[1][0])
    at %= len(body)
    changed = body[:at] + bytes([new]) + body[at + 1 :]
    try:
        told = verified(changed, SECRET)
    except (ForgedWebhookError, ProtocolError):
        return
    genuine = verified(body, SECRET)
    assert {key: told[key] for key in told if key != "signature"} == {
        key: genuine[key] for key in genuine if key != "signature"
    }
