"""Reference vectors of both signatures, and the webhook door built on one of them."""

from __future__ import annotations

import base64
import json

import httpx
import pytest

from app.domain.lifecycle import Kitchen
from app.platforms.api import (
    ForgedWebhookError,
    Message,
    ProtocolError,
    Received,
    UnknownMessageError,
    WebhookReply,
    WebhookRequest,
)
from app.platforms.woocommerce.connector import WooCommerceConnector
from app.platforms.woocommerce.signing import base_string, oauth_query, webhook_signature

from .conftest import FIXTURES, offline

SECRET = "woo-webhook-secret-1"
ORDER = '{"id":727,"number":"727","status":"processing","currency":"EUR","total":"29.35"}'
VECTORS = [
    (ORDER, "LNswi2y3aNHlmPqdYdxuFFrt6qkphTSuKTJWY+nJKp0="),
    ("webhook_id=5", "QsvD1n7XgMEcTSBkNQvVX8YpT2SAL9saiXmo2mhvzDQ="),
    ('{"customer_note":"crème à part"}', "MmgKAJrdyoh/rlTI5C4AePsg7a2I91iPAGxlJf8d2+Q="),
]
URL = "http://shop.example.test/wp-json/wc/v3/orders"
BASE = (
    "GET&http%3A%2F%2Fshop.example.test%2Fwp-json%2Fwc%2Fv3%2Forders&oauth_consumer_key%3Dck_test_1%26oauth_nonce%3D"
    "0123456789abcdef0123456789abcdef%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1767225600%26per_page"
    "%3D20%26status%3Dprocessing"
)


def test_the_oauth_vector() -> None:
    query = {"status": "processing", "per_page": "20"}
    signed = oauth_query("GET", URL, query, "ck_test_1", "cs_test_1", "0123456789abcdef0123456789abcdef", 1767225600)
    signature = signed.pop("oauth_signature")
    assert base_string("GET", URL, signed) == BASE
    assert signature == "gsgmN6ytD81DdXffL3xL3VFf4KKOgiEM/yZ48lQN2g0="
    assert "oauth_version" not in signed


def test_the_basic_vector() -> None:
    request = httpx.Request("GET", "https://shop.example.test")
    header = next(httpx.BasicAuth("ck_test_1", "cs_test_1").auth_flow(request)).headers["Authorization"]
    assert header == "Basic Y2tfdGVzdF8xOmNzX3Rlc3RfMQ=="


def test_odd_characters_are_encoded_as_the_shop_encodes_them() -> None:
    """Sorted by what is sent: a percent sign stands before every letter."""
    encoded = "%25C3%25BC%3Da%2520b%252C~%252A%2528%2529%2521%252B"
    assert base_string("get", "http://a/b c", {"a": "", "ü": "a b,~*()!+"}) == f"GET&http%3A%2F%2Fa%2Fb%20c&{encoded}%26a%3D"


@pytest.mark.parametrize(("body", "signature"), VECTORS)
def test_the_webhook_vectors(body: str, signature: str) -> None:
    assert webhook_signature(SECRET, body.encode()) == signature


def door(secret: str = SECRET) -> WooCommerceConnector:
    return offline(webhook_secret=secret)


def pushed(body: str | bytes, signature: str, method: str = "POST") -> Received:
    raw = body.encode() if isinstance(body, str) else body
    return door().receive(WebhookRequest(method, "/", {}, {"x-wc-webhook-signature": signature}, raw))


def genuine(name: str) -> Message:
    body = (FIXTURES / f"{name}.json").read_bytes()
    return pushed(body, webhook_signature(SECRET, body)).messages[0]


def test_a_signed_order_is_taken_and_answered_with_200() -> None:
    received = pushed(*VECTORS[0])
    (message,) = received.messages
    assert (message.kind, message.order_id, message.body) == ("push", "727", ORDER.encode())
    assert received.reply == WebhookReply(200, b"")


def test_the_ping_is_answered_signed_or_not() -> None:
    """Creating a webhook sends it without a signature (observed); the documented vector has one."""
    for signature in ("", VECTORS[1][1]):
        received = pushed("webhook_id=5", signature)
        assert (received.messages, received.reply.status) == ((), 200)


@pytest.mark.parametrize("signature", ["", VECTORS[1][1], VECTORS[0][1][:-2] + "8=", "é"])
def test_any_other_signature_is_a_forgery(signature: str) -> None:
    with pytest.raises(ForgedWebhookError):
        pushed(ORDER, signature)


@pytest.mark.parametrize("body", ["webhook_id=5&x=1", "webhook_id=", ""])
def test_only_the_ping_goes_unsigned(body: str) -> None:
    with pytest.raises(ForgedWebhookError):
        pushed(body, "")


def test_without_a_secret_nothing_is_genuine() -> None:
    empty = base64.b64encode(b"").decode()
    for signature in (empty, webhook_signature("", b"{}")):
        with pytest.raises(ForgedWebhookError):
            door("").receive(WebhookRequest("POST", "/", {}, {"x-wc-webhook-signature": signature}, b"{}"))


def test_what_no_shop_pushes_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        pushed(ORDER, VECTORS[0][1], method="GET")
    with pytest.raises(ProtocolError):
        pushed("[]", webhook_signature(SECRET, b"[]"))


@pytest.mark.parametrize("resource", ["product", "coupon", "action"])
def test_news_of_anything_else_than_orders_is_none(resource: str) -> None:
    body = b'{"id": 93, "name": "Ramen", "status": "publish"}'
    headers = {"x-wc-webhook-signature": webhook_signature(SECRET, body), "x-wc-webhook-resource": resource}
    assert door().receive(WebhookRequest("POST", "/", {}, headers, body)).messages == ()
    with pytest.raises(ForgedWebhookError):
        door().receive(WebhookRequest("POST", "/", {}, {**headers, "x-wc-webhook-signature": "x"}, body))


def test_a_pushed_order_reads_like_a_polled_one() -> None:
    (update,) = door().read(genuine("order_placed"))
    assert update.kitchen is Kitchen.NEW
    assert update.facts is not None
    assert update.facts.number == "727"
    assert update.version == 1767265240000


@pytest.mark.parametrize("name", ["webhook_order_gone", "webhook_order_deleted"])
def test_a_push_without_an_order_is_left_to_the_poll(name: str) -> None:
    with pytest.raises(UnknownMessageError):
        door().read(genuine(name))


def test_a_signed_error_alarms_somebody() -> None:
    """The user of the webhook was removed: from now on the shop sends errors and calls them delivered (observed)."""
    with pytest.raises(ProtocolError, match="create it anew"):
        door().read(genuine("webhook_lost_rights"))


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled", "checkout-draft", "trash"])
def test_what_nobody_paid_for_is_no_business_of_the_counter(status: str) -> None:
    """Were it taken as dead, a payment that comes late could not bring it to life."""
    body = json.loads((FIXTURES / "order_placed.json").read_text("utf-8"))
    raw = json.dumps({**body, "status": status, "date_paid_gmt": None}).encode()
    (message,) = pushed(raw, webhook_signature(SECRET, raw)).messages
    with pytest.raises(UnknownMessageError):
        door().read(message)
