"""Notifications: genuine or refused, answered with seven characters, and what each says of an order."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from app.domain.changes import RequestKind, RequestState
from app.domain.lifecycle import Kitchen
from app.platforms.api import ForgedWebhookError, Message, ProtocolError, UnknownMessageError, WebhookRequest
from app.platforms.koubei import platform
from app.platforms.koubei.connector import KoubeiConnector
from app.platforms.koubei.signing import notice_texts, sign
from app.platforms.koubei.simulated_gateway import APP_ID, practice_keys
from app.platforms.koubei.simulated_orders import SHOP_ID
from app.platforms.koubei.simulated_shop import CANCELLED, FINISHED, PLACED, REFUND_ASKED
from tests.platforms.koubei.conftest import Connect

ORDER_ID = "2025060100077001"
KEYS = practice_keys()


def form(name: str = PLACED, /, content: Any = None, **fields: str) -> dict[str, str]:
    """A notification without its signature."""
    said = {"order_id": ORDER_ID, "shop_id": SHOP_ID} if content is None else content
    plain = {
        "notify_id": "n1",
        "utc_timestamp": "1748750000000",
        "msg_method": name,
        "app_id": APP_ID,
        "version": "1.1",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "biz_content": json.dumps(said, ensure_ascii=False),
    }
    return plain | fields


def body(fields: dict[str, str], with_type: bool = False) -> bytes:
    """Signed and encoded."""
    return urlencode(fields | {"sign": sign(notice_texts(fields)[with_type], KEYS.gateway)}).encode()


def posted(content: bytes, method: str = "POST") -> WebhookRequest:
    """As the receiver hands it over."""
    return WebhookRequest(method, "/hooks/koubei/t", {}, {"content-type": "application/x-www-form-urlencoded"}, content)


def received(connector: KoubeiConnector, content: bytes) -> Message:
    """The one message of a genuine notification."""
    (message,) = connector.receive(posted(content)).messages
    return message


@pytest.mark.parametrize("with_type", [False, True])
def test_a_genuine_one_is_stored_and_answered_exactly(connect: Connect, with_type: bool) -> None:
    content = body(form(), with_type)
    arrived = connect().receive(posted(content))
    assert arrived.messages == (Message("n1", "notice", content, 1_748_750_000_000, ORDER_ID),)
    assert (arrived.reply.status, arrived.reply.body, arrived.reply.content_type) == (200, b"success", "text/plain")
    assert platform.relay_reply
    assert platform.relay_reply(posted(content)) == arrived.reply


def test_a_probe_is_answered_at_once(connect: Connect) -> None:
    arrived = connect().receive(posted(b"", "GET"))
    assert (arrived.messages, arrived.reply.body) == ((), b"success")
    with pytest.raises(ProtocolError):
        connect().receive(posted(b"", "PUT"))


def test_a_new_order_is_read_by_its_number(connect: Connect) -> None:
    connector = connect()
    (update,) = connector.read(received(connector, body(form())))
    assert (update.order_id, update.incomplete, update.facts, update.kitchen) == (ORDER_ID, True, None, None)


def test_telling_messages_are_known_by_their_names_in_the_form(connect: Connect) -> None:
    connector, said = connect(), {"order_id": ORDER_ID, "reason": "等太久了"}
    (gone,) = connector.read(received(connector, body(form(CANCELLED, said))))
    assert (gone.kitchen, gone.reason, gone.incomplete) == (Kitchen.CANCELLED, "等太久了", True)
    (asked,) = connector.read(received(connector, body(form(REFUND_ASKED, said))))
    assert asked.request
    assert (asked.request.kind, asked.request.state, asked.request.reason) == (
        RequestKind.CANCEL,
        RequestState.OPEN,
        "等太久了",
    )
    (over,) = connector.read(received(connector, body(form(FINISHED))))
    assert over.kitchen is Kitchen.COMPLETED


def test_without_names_every_message_only_leads_to_a_look_at_the_order(connect: Connect) -> None:
    connector = connect(cancelled_message="", refund_asked_message="", finished_message="")
    for name in (CANCELLED, REFUND_ASKED, FINISHED, ""):
        (update,) = connector.read(received(connector, body(form(name))))
        assert (update.kitchen, update.request, update.incomplete) == (None, None, True)


def test_several_names_may_mean_the_same(connect: Connect) -> None:
    connector = connect(cancelled_message="a.b, c.d e.f")
    for name in ("a.b", "c.d", "e.f"):
        (update,) = connector.read(received(connector, body(form(name))))
        assert update.kitchen is Kitchen.CANCELLED


def test_the_older_form_with_a_time_of_day(connect: Connect) -> None:
    fields = form(order_id=ORDER_ID, notify_time="2025-06-01 12:00:05", notify_type="trade_status_sync")
    for name in ("utc_timestamp", "msg_method", "biz_content"):
        del fields[name]
    connector = connect()
    message = received(connector, body(fields))
    assert (message.version, message.order_id) == (1_748_750_405_000, ORDER_ID)
    (update,) = connector.read(message)
    assert update.incomplete


@pytest.mark.parametrize(
    "content",
    [{}, {"order_id": ""}, {"order_id": ["1"]}, {"trade_no": "1"}, [], "text", {"order_id": ORDER_ID, "shop_id": "9"}],
)
def test_what_is_about_no_order_of_ours_is_kept_and_ignored(connect: Connect, content: Any) -> None:
    connector = connect()
    message = received(connector, body(form(content=content)))
    with pytest.raises(UnknownMessageError):
        connector.read(message)


@pytest.mark.parametrize("name", ["app_id", "msg_method", "biz_content", "utc_timestamp", "notify_id", "charset"])
def test_a_changed_field_is_forged(connect: Connect, name: str) -> None:
    fields = form()
    signature = sign(notice_texts(fields)[0], KEYS.gateway)
    forged = fields | {"sign": signature, name: "UTF-8" if name == "charset" else fields[name] + "1"}
    with pytest.raises(ForgedWebhookError):
        connect().receive(posted(urlencode(forged).encode()))


def test_added_or_missing_fields_are_forged(connect: Connect) -> None:
    fields = form()
    whole = fields | {"sign": sign(notice_texts(fields)[0], KEYS.gateway)}
    for forged in (whole | {"extra": "1"}, whole | {"extra": ""}, {k: v for k, v in whole.items() if k != "version"}):
        with pytest.raises(ForgedWebhookError):
            connect().receive(posted(urlencode(forged).encode()))


def test_no_signature_the_apps_own_or_an_unusable_key_is_forged(connect: Connect) -> None:
    fields = form()
    own = fields | {"sign": sign(notice_texts(fields)[0], KEYS.app)}
    for forged in (fields, fields | {"sign": ""}, own):
        with pytest.raises(ForgedWebhookError):
            connect().receive(posted(urlencode(forged).encode()))
    with pytest.raises(ForgedWebhookError):
        connect(alipay_public_key="nothing").receive(posted(body(fields)))


def test_a_genuine_message_for_another_app_is_turned_away(connect: Connect) -> None:
    with pytest.raises(ForgedWebhookError, match="another app"):
        connect().receive(posted(body(form(app_id="2021000000000009"))))


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"a=1&a=2", b"\xff=1", b"a=%ff", b"&".join(b"f%d=1" % n for n in range(101)), b'{"a":1}', b"a=1;b"],
)
def test_what_is_no_form_is_said_so(connect: Connect, content: bytes) -> None:
    with pytest.raises((ProtocolError, ForgedWebhookError)):
        connect().receive(posted(content))


@pytest.mark.parametrize(
    "fields", [{"utc_timestamp": "soon"}, {"utc_timestamp": "-1"}, {"utc_timestamp": "9" * 20}, {"notify_id": ""}]
)
def test_a_genuine_one_without_time_or_number_is_said_so(connect: Connect, fields: dict[str, str]) -> None:
    with pytest.raises(ProtocolError):
        connect().receive(posted(body(form(**fields))))


def test_another_character_set_is_not_guessed(connect: Connect) -> None:
    with pytest.raises(ProtocolError):
        connect().receive(posted(body(form(charset="gbk"))))
