"""Vectors of the wire reference, and pushes that are not believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.platforms.api import ForgedWebhookError, ProtocolError, WebhookReply, WebhookRequest
from app.platforms.just_eat import platform
from app.platforms.just_eat.signing import hash_header, is_hashed, onboarding_signature, same, signature
from app.platforms.just_eat.simulator import WEBHOOK_KEY, WEBHOOK_SECRET
from app.platforms.just_eat.webhook import LATER, OK, Secrets, received

from .conftest import push

SECRETS = Secrets(WEBHOOK_KEY, WEBHOOK_SECRET, "jet-onboarding-secret")
CANCELLED = b'{"orderID":"38bbeb45-f520-4438-a44f-0fcdbb29e166","reason":{"code":"custCancelledMadeMistake"}}'
NEWS = b'{"status":"LIVE"}'


def test_printed_secrets_show_nothing() -> None:
    assert repr(SECRETS) == "Secrets()"


@pytest.mark.parametrize(
    ("secret", "body", "wanted"),
    [
        ("key", b"example", "FGwot7AqiDIthEv6TippJm35DaRpRac5NSLd/wSp9go="),
        ("jet-webhook-secret-1", CANCELLED, "AkjXhbiBL1lGb76c94w42pTtwKCOaSM9EyBD+a+p8Wc="),
        (
            "jet-webhook-secret-1",
            '{"id":"a1","kitchen_notes":"crème à part"}'.encode(),
            "UT/NYOdV4AAcHkQiIjwWtQWDzcNPByQGwCZL1M+c8G4=",
        ),
    ],
)
def test_the_hash_of_an_order(secret: str, body: bytes, wanted: str) -> None:
    assert signature(secret, body) == wanted
    assert is_hashed(secret, body, f"HMAC-SHA256 t=1767268800123,signature={wanted}")
    assert is_hashed(secret, body, hash_header(secret, body, 1))
    assert is_hashed(secret, body, f"HMAC-SHA256 signature={wanted},t=9")  # the time is not signed, nor is its place


def test_the_stamp_of_onboarding_news() -> None:
    wanted = "sha256=bfd2f8de9c4e2a73dd199266f30dca1de201884ec2c73ed7eeda5635e0117eae"
    assert onboarding_signature("jet-onboarding-secret", "1767225600", NEWS) == wanted


@pytest.mark.parametrize(
    "header",
    ["", "HMAC-SHA256", "HMAC-SHA256 t=1", "MD5 t=1,signature={s}", "signature={s}", "HMAC-SHA256 signature={s}=", "\udcff"],
)
def test_a_hash_in_another_form_is_none(header: str) -> None:
    assert not is_hashed("key", b"example", header.replace("{s}", signature("key", b"example")))


def test_nobody_is_believed_where_nothing_is_wanted() -> None:
    assert not same("", "")
    assert same("key", "key")


def test_an_order_is_believed_and_its_sender_told_to_wait(payload: Callable[[str], Any]) -> None:
    found = received(push(payload("receive_order")), SECRETS)
    (message,) = found.messages
    assert (found.reply, LATER.status) == (LATER, 202)
    assert (message.order_id, message.version) == ("38bbeb45-f520-4438-a44f-0fcdbb29e166", 1_767_268_800_000)


@pytest.mark.parametrize("event", ["order_cancelled", "driver_status.onItsWay", "restaurant_offline", "failed_order"])
def test_an_event_is_believed_for_the_key_alone(payload: Callable[[str], Any], event: str) -> None:
    found = received(push(payload(event), x_jet_connect_hash=""), SECRETS)
    assert (len(found.messages), found.reply) == (1, OK)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": ""},
        {"authorization": "Bearer " + WEBHOOK_KEY},
        {"authorization": WEBHOOK_KEY + "x"},
        {"x_jet_connect_hash": ""},
        {"x_jet_connect_hash": hash_header(WEBHOOK_SECRET, b"{}", 1)},
        {"x_webhook_signature": "sha256=00", "x_webhook_timestamp": "1767225600"},
    ],
)
def test_a_forged_order_is_refused(payload: Callable[[str], Any], headers: dict[str, str]) -> None:
    with pytest.raises(ForgedWebhookError):
        received(push(payload("receive_order"), headers=headers), SECRETS)


def test_an_account_without_a_key_believes_nobody(payload: Callable[[str], Any]) -> None:
    with pytest.raises(ForgedWebhookError):
        received(push(payload("order_cancelled"), authorization=""), Secrets())


def test_an_account_without_a_secret_believes_the_key(payload: Callable[[str], Any]) -> None:
    assert received(push(payload("receive_order"), x_jet_connect_hash=""), Secrets(WEBHOOK_KEY)).messages


def onboarding(moment: str, came: float = 1_767_225_600.0) -> WebhookRequest:
    """News stamped at `moment` that reached us at `came` (Unix seconds)."""
    stamp = onboarding_signature(SECRETS.onboarding, moment, NEWS)
    headers = {"authorization": "", "x_jet_connect_hash": "", "x_webhook_timestamp": moment}
    return replace(push(NEWS, headers=headers, x_webhook_signature=stamp), received=datetime.fromtimestamp(came, UTC))


def test_onboarding_news_is_believed_for_its_stamp() -> None:
    assert received(onboarding("1767225600"), SECRETS).reply == OK
    with pytest.raises(ForgedWebhookError):
        received(onboarding("1767225600"), Secrets(WEBHOOK_KEY))


@pytest.mark.parametrize("late", [-300, 300])
def test_onboarding_news_may_be_five_minutes_off(late: int) -> None:
    assert received(onboarding("1767225600", 1_767_225_600.0 + late), SECRETS).reply == OK


@pytest.mark.parametrize("late", [-301, 301, 86_400 * 90])
def test_onboarding_news_of_another_hour_is_somebody_elses_copy(late: int) -> None:
    with pytest.raises(ForgedWebhookError):
        received(onboarding("1767225600", 1_767_225_600.0 + late), SECRETS)


@pytest.mark.parametrize("moment", ["", "soon", "1e9", "nan", "9" * 5000, "１７６７２２５６００"])
def test_onboarding_news_without_a_time_is_not_believed(moment: str) -> None:
    with pytest.raises(ForgedWebhookError):
        received(onboarding(moment), SECRETS)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"<html>", b"\xff", b"[" * 5000])
def test_what_is_no_object_is_said_so(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        received(push(body), Secrets(WEBHOOK_KEY))


def test_an_order_without_a_number_is_said_so(payload: Callable[[str], Any]) -> None:
    with pytest.raises(ProtocolError, match="without a number"):
        received(push(payload("receive_order") | {"id": ""}), SECRETS)


def test_a_probe_is_answered() -> None:
    probe = push(b"", method="GET", authorization="", x_jet_connect_hash="")
    assert received(probe, SECRETS).messages == ()


@pytest.mark.parametrize(
    ("event", "query", "status"),
    [
        ("receive_order", {}, 202),
        ("receive_order.collection", {}, 202),
        ("order_cancelled", {}, 200),
        ("restaurant_offline", {}, 200),
        ("order_ready_for_preparation", {}, 200),
        ("order_ready_for_preparation", {"callback": "https://uk.api.just-eat.io/callback/1"}, 202),
    ],
)
def test_a_relay_answers_what_the_counter_answers(
    payload: Callable[[str], Any], event: str, query: dict[str, str], status: int
) -> None:
    request = push(payload(event), query)
    assert platform.relay_reply
    assert platform.relay_reply(request) == received(request, SECRETS).reply == WebhookReply(status, b"{}")


def test_a_repeat_is_known_whatever_its_blanks(payload: Callable[[str], Any]) -> None:
    order = payload("receive_order")
    (one,), (other,) = (received(push(json.dumps(order, indent=indent).encode()), SECRETS).messages for indent in (None, 4))
    assert one.key == other.key
    (changed,) = received(push(order | {"total": 2000}), SECRETS).messages
    assert changed.key != one.key
