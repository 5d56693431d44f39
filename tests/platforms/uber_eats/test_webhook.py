"""Signatures over the raw body, by the reference vectors; replies exact to the byte."""

from __future__ import annotations

import httpx
import pytest

from app.platforms.api import ForgedWebhookError, ProtocolError, Settings, UnknownMessageError, WebhookReply, WebhookRequest
from app.platforms.uber_eats.connector import UberEatsConnector, connect
from app.platforms.uber_eats.webhook import sign
from tests.platforms.lines import forget

KEY = "uber-client-secret-1"
NOTICE = (
    b'{"event_type":"orders.notification","event_id":"11111111-2222-3333-4444-555555555555","event_time":1767225600,'
    b'"meta":{"user_id":"store-uuid-1","resource_id":"order-uuid-1","status":"pos"},'
    b'"resource_href":"https://api.uber.com/v2/eats/order/order-uuid-1"}'
)
VECTORS = [
    (NOTICE, "5fbfb80d99da0d0c26b02172fce23c01a116e6c1ec884bf95beab5e56897abee"),
    (b"{}", "df36cf22c39924b4a7e38805310e7c93d158c617d4277e8a48c0a49762342eae"),
    ('{"note":"crème brûlée"}'.encode(), "9743fa66a50adfcbd9e2855374f08225d4e0b97ac4261ed75ab02811890d08b6"),
]


def connector(**values: str) -> UberEatsConnector:
    settings = Settings(1, {"client_secret": KEY, "store_id": "store-uuid-1", **values}, forget)
    return connect(settings, httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500))))


def pushed(body: bytes, signature: str, method: str = "POST", **headers: str) -> WebhookRequest:
    return WebhookRequest(method, "/", {}, {"x-uber-signature": signature, **headers}, body)


@pytest.mark.parametrize(("body", "signature"), VECTORS)
def test_reference_vectors(body: bytes, signature: str) -> None:
    assert sign(KEY, body) == signature
    received = connector().receive(pushed(body, signature))
    assert received.reply == WebhookReply(200, b"")
    assert [message.body for message in received.messages] == [body]


def test_a_notice_becomes_a_message_keyed_by_its_event() -> None:
    (message,) = connector().receive(pushed(NOTICE, VECTORS[0][1])).messages
    assert message.key == "event:11111111-2222-3333-4444-555555555555"
    assert (message.order_id, message.version) == ("order-uuid-1", 1767225600000)


def test_a_body_without_an_event_is_kept_and_ignored() -> None:
    """Uber wants 200 for whatever is genuine."""
    one = connector()
    (message,) = one.receive(pushed(*VECTORS[1])).messages
    with pytest.raises(UnknownMessageError):
        one.read(message)


@pytest.mark.parametrize("signature", ["", VECTORS[1][1], VECTORS[0][1][:-1], "\udc80"])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    with pytest.raises(ForgedWebhookError):
        connector().receive(pushed(NOTICE, signature))


def test_the_raw_body_is_what_is_signed() -> None:
    """The same JSON in other bytes is another message."""
    with pytest.raises(ForgedWebhookError):
        connector().receive(pushed(NOTICE.replace(b":", b": "), VECTORS[0][1]))


def test_the_header_may_be_upper_case() -> None:
    assert connector().receive(pushed(NOTICE, VECTORS[0][1].upper())).messages


@pytest.mark.parametrize("name", ["signing_key", "signing_key_next"])
def test_keys_of_newer_dashboards_are_tried_too(name: str) -> None:
    one = connector(**{name: "another-key"})
    assert one.receive(pushed(NOTICE, sign("another-key", NOTICE))).messages
    assert one.receive(pushed(NOTICE, VECTORS[0][1])).messages
    with pytest.raises(ForgedWebhookError):
        one.receive(pushed(NOTICE, sign("a-third-key", NOTICE)))


def test_without_any_secret_nothing_is_genuine() -> None:
    with pytest.raises(ForgedWebhookError):
        connector(client_secret="").receive(pushed(NOTICE, sign("", NOTICE)))


def test_the_other_environments_events_are_acknowledged_and_dropped() -> None:
    """One address may serve both: a sandbox order must never be cooked."""
    event = pushed(NOTICE, VECTORS[0][1], **{"x-environment": "sandbox"})
    assert connector().receive(event).messages == ()
    assert connector().receive(event).reply == WebhookReply(200, b"")
    assert connector(environment="sandbox").receive(event).messages
    for name in ("production", "Production", "something new"):
        assert connector().receive(pushed(NOTICE, VECTORS[0][1], **{"x-environment": name})).messages


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html></html>", b"\xff", b"[" * 100_000, b'{"event_time":"noon"}'])
def test_signed_nonsense_is_a_protocol_error(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        connector().receive(pushed(body, sign(KEY, body)))


def test_only_posts_are_pushes() -> None:
    with pytest.raises(ProtocolError):
        connector().receive(pushed(NOTICE, VECTORS[0][1], method="GET"))
