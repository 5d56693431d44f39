"""The reference vectors of the webhook signature, and who is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.api import ForgedWebhookError, ProtocolError, WebhookRequest
from app.platforms.square.signing import genuine, signature
from app.platforms.square.webhook import HEADER, receive

KEY, URL = "square-signature-key-1", "https://pos.example.test/webhooks/square"
EVENT = (
    b'{"merchant_id":"M1","type":"order.updated","event_id":"e-1","created_at":"2026-01-01T00:00:00Z",'
    b'"data":{"type":"order_updated","id":"O1","object":{"order_updated":{"order_id":"O1","version":2,"state":"OPEN"}}}}'
)
VECTORS = [
    (EVENT, "Qj6NQGZyRGq1FKsgy4oaN+PzwBzAjkAuBeKu1ePTbys="),
    (b"{}", "mvsc/hzc/s2ft5IZ02/AbYUaQr6H1HCzloVqATVXBv8="),
    ('{"note":"crème"}'.encode(), "w+C7FPvdZohDZTCcpMFlBS4iAqfFGnWnoP5c3RwUMRc="),
]


def request(body: bytes, given: str | None = None) -> WebhookRequest:
    headers = {HEADER: signature(KEY, URL, body) if given is None else given}
    return WebhookRequest("POST", "/hooks/square/token", {}, headers, body)


@pytest.mark.parametrize(("body", "expected"), VECTORS)
def test_reference_vectors(body: bytes, expected: str) -> None:
    assert signature(KEY, URL, body) == expected
    assert genuine(KEY, URL, body, expected)


@pytest.mark.parametrize(
    "url",
    [URL + "/", URL.upper(), URL.replace("https", "http"), URL + "?", URL.replace("square", "squ%61re"), f" {URL}", ""],
)
def test_the_url_counts_byte_for_byte(url: str) -> None:
    assert not genuine(KEY, url, b"{}", VECTORS[1][1])


@given(st.binary(max_size=60), st.text(max_size=44))
def test_nothing_but_the_signature_is_the_signature(body: bytes, given_text: str) -> None:
    assert genuine(KEY, URL, body, given_text) == (given_text == signature(KEY, URL, body))


@pytest.mark.parametrize(("key", "url"), [("", URL), (KEY, ""), ("", "")])
def test_an_account_without_key_or_url_trusts_nobody(key: str, url: str) -> None:
    assert not genuine(key, url, b"{}", signature(key, url, b"{}"))


def test_where_the_request_arrives_does_not_matter() -> None:
    received = receive(replace(request(EVENT), path="/elsewhere", query={"a": "b"}), KEY, URL)
    (message,) = received.messages
    assert (message.key, message.kind, message.order_id, message.body) == ("event:e-1", "event", "O1", EVENT)
    assert (received.reply.status, received.reply.body) == (200, b"{}")


def test_an_event_is_as_old_as_its_order(payload: Callable[[str], Any]) -> None:
    body = json.dumps(payload("event.order.fulfillment.updated")).encode()
    (message,) = receive(request(body), KEY, URL).messages
    assert message.version == 1_767_290_460_250


@pytest.mark.parametrize("given_text", ["", "x", "ü", "Qj6NQGZyRGq1FKsgy4oaN+PzwBzAjkAuBeKu1ePTbys"])
def test_a_forged_event_is_refused(given_text: str) -> None:
    with pytest.raises(ForgedWebhookError):
        receive(request(EVENT, given_text), KEY, URL)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"type": ""}', b"\xff", b'{"type": "order.updated", "data": 3}'])
def test_a_signed_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"no event"):
        receive(request(body), KEY, URL)


def test_an_event_without_an_id_is_known_by_its_content() -> None:
    body = b'{"type": "order.created", "data": {"object": {"order_created": {"order_id": "O1"}}}}'
    keys = {receive(request(one), KEY, URL).messages[0].key for one in (body, body, body + b" ")}
    assert len(keys) == 2
