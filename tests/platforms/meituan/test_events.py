"""Every push of either door as the counter reads it, told by its content."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from app.domain.changes import OrderUpdate, RequestKind, RequestState
from app.domain.lifecycle import Delivery, Kitchen, Payment
from app.domain.money import Money
from app.platforms.api import ForgedWebhookError, Message, ProtocolError, UnknownMessageError, WebhookRequest
from app.platforms.meituan.events import Reading, read
from app.platforms.meituan.signing import sign_open, sign_partner
from app.platforms.meituan.webhook import OPEN_OK, PARTNER_OK, receive_open, receive_partner, relay_reply

from .conftest import form

Fixture = Callable[[str], dict[str, Any]]
URL = "https://console.example.com/hooks/meituan/token"
SENT = "1748750001"
SYSTEM = {"app_id": "4001", "app_poi_code": "t_shop01", "timestamp": SENT}


def request(body: bytes, method: str = "POST", **query: str) -> WebhookRequest:
    return WebhookRequest(method, "/hooks/meituan/token", query, {"host": "console.example.com"}, body)


def pushed(content: dict[str, Any], sent: str = SENT, **query: str) -> Message:
    """A push of door A, signed and received."""
    said = f"{URL}?kind={query['kind']}" if query else URL
    fields = SYSTEM | {"timestamp": sent} | {k: v if isinstance(v, str) else json.dumps(v) for k, v in content.items()}
    fields["sig"] = sign_open(said, fields, "s")
    received = receive_open(request(form(fields), **query), "s", URL)
    assert received.reply == OPEN_OK == relay_reply(request(form(fields), **query))
    (message,) = received.messages
    return message


def gateway(name: str, content: dict[str, Any], encoded: bool = False, **more: str) -> Message:
    """A push of door B."""
    text = json.dumps(content)
    fields = {"developerId": "1", "ePoiId": "shop-001", name: quote(text, safe="") if encoded else text, **more}
    fields["sign"] = sign_partner(fields, "s")
    received = receive_partner(request(form(fields)), "s")
    assert received.reply == PARTNER_OK == relay_reply(request(form(fields)))
    (message,) = received.messages
    return message


def said(message: Message) -> OrderUpdate:
    return read(message.kind, message.body, message.version, Reading())


def test_a_new_order(fixture: Fixture) -> None:
    message = pushed(fixture("open_order_placed"))
    assert (message.kind, message.order_id, message.version) == ("pushed", "26980070161823104", 1748749331000)
    assert said(message).facts == read("order", json.dumps(fixture("open_order_placed")).encode(), 1, Reading()).facts


def test_cancelled_and_expired(fixture: Fixture) -> None:
    cancelled, expired = said(pushed(fixture("open_order_cancelled"))), said(pushed(fixture("open_order_expired")))
    assert (cancelled.kitchen, cancelled.reason) == (Kitchen.CANCELLED, "用户取消，商家确认前取消")
    assert (expired.kitchen, expired.reason) == (Kitchen.EXPIRED, "商家超时未接单")
    assert cancelled.payment is Payment.REFUNDED
    assert cancelled.version == int(SENT) * 1000


def test_everything_is_asked_back_and_silence_agrees(fixture: Fixture) -> None:
    asked = said(pushed(fixture("open_refund_asked")))
    assert asked.request
    assert (asked.request.kind, asked.request.state) == (RequestKind.CANCEL, RequestState.OPEN)
    assert asked.request.deadline == datetime.fromtimestamp(1748750000, UTC) + timedelta(hours=3)
    assert (asked.version, asked.kitchen, asked.payment) == (1748750000000, None, Payment.REFUND_ASKED)
    agreed = said(pushed(fixture("open_refund_agreed_by_silence")))
    assert (agreed.kitchen, agreed.payment, agreed.incomplete) == (Kitchen.CANCELLED, Payment.REFUNDED, True)
    assert agreed.version > asked.version


def test_a_part_never_ends_the_order(fixture: Fixture) -> None:
    asked, agreed = said(pushed(fixture("open_part_refund_asked"))), said(pushed(fixture("open_part_refund_agreed")))
    assert asked.request
    assert (asked.request.kind, asked.request.amount) == (RequestKind.REFUND, Money(400, "CNY"))
    assert asked.request.items == ("米饭 ×2",)
    assert (agreed.kitchen, agreed.payment, agreed.refunded) == (None, Payment.PART_REFUNDED, Money(400, "CNY"))
    bare = {k: v for k, v in fixture("open_part_refund_agreed").items() if k not in ("money", "food")}
    assert said(pushed(bare, kind="part_refund")).kitchen is None
    assert said(pushed(bare | {"refund_type": "2"})).kitchen is None
    assert said(pushed(bare)).kitchen is Kitchen.CANCELLED  # nothing tells it from the whole


@pytest.mark.parametrize(
    ("notify", "result", "state", "payment"),
    [
        ("reject", 1, RequestState.REFUSED, Payment.REFUND_REFUSED),
        ("reject", 3, RequestState.DISMISSED, Payment.REFUND_REFUSED),
        ("agree", 4, RequestState.UPHELD, Payment.REFUNDED),
        ("cancelRefund", 7, RequestState.WITHDRAWN, Payment.PAID),
        ("cancelRefundComplaint", 8, RequestState.WITHDRAWN, Payment.PAID),
    ],
)
def test_ends_of_a_request(fixture: Fixture, notify: str, result: int, state: RequestState, payment: Payment) -> None:
    update = said(pushed(fixture("open_refund_asked") | {"notify_type": notify, "res_type": result}))
    assert update.request
    assert (update.request.state, update.payment) == (state, payment)


def test_a_notice_no_document_names_is_kept(fixture: Fixture) -> None:
    update = said(pushed(fixture("open_refund_asked") | {"notify_type": "unheard"}))
    assert (update.unmapped, update.request) == ("notify_type=unheard", None)


def test_rider_and_urge(fixture: Fixture) -> None:
    rider, urge = said(pushed(fixture("open_rider_assigned"))), said(pushed(fixture("open_urge")))
    assert rider.delivery is Delivery.ASSIGNED
    assert rider.courier
    assert (rider.courier.name, rider.version) == ("刘师傅", 1748749500000)
    assert urge.urge
    assert (urge.urge.key, urge.urge.at) == ("778899", datetime.fromtimestamp(1748750500, UTC))


def test_an_urge_whose_fields_nobody_knows_is_told_by_its_address() -> None:
    message = pushed({"order_id": 7, "whatever": 1}, kind="urge")
    update = said(message)
    assert update.urge
    assert update.urge.key == f"7:{SENT}"
    with pytest.raises(UnknownMessageError):
        said(pushed({"order_id": 7, "whatever": 1}))


def test_messages_that_are_not_about_orders(fixture: Fixture) -> None:
    for message in (pushed(fixture("open_shop_closed")), pushed({}, kind="privacy")):
        with pytest.raises(UnknownMessageError):
            said(message)


@pytest.mark.parametrize("encoded", [False, True])
def test_the_gateways_pushes(fixture: Fixture, encoded: bool) -> None:
    placed = said(gateway("order", fixture("partner_order_placed"), encoded))
    assert placed.facts
    assert (placed.facts.number, placed.version) == ("3", 1764750131000)
    cancelled = said(gateway("orderCancel", fixture("partner_order_cancelled"), encoded))
    assert (cancelled.kitchen, cancelled.incomplete) == (Kitchen.CANCELLED, True)
    rider = said(gateway("shippingStatus", fixture("partner_rider_picked_up"), encoded))
    assert (rider.delivery, rider.version) == (Delivery.PICKED_UP, 1764750900000)
    part = said(gateway("partOrderRefund", fixture("partner_part_refund_agreed"), encoded))
    assert (part.kitchen, part.refunded) == (None, Money(400, "CNY"))
    urge = said(gateway("pushOrderRemind", fixture("partner_urge"), encoded)).urge
    assert urge
    assert urge.key == "778899"
    with pytest.raises(UnknownMessageError):
        said(gateway("tradeDetail", fixture("partner_bill"), encoded))


def test_a_push_without_any_time_leaves_it_to_a_fetch(fixture: Fixture) -> None:
    update = said(gateway("orderRefund", fixture("partner_refund_asked")))
    assert (update.version, update.incomplete) == (0, True)
    timed = said(gateway("orderRefund", fixture("partner_refund_asked"), timestamp=SENT))
    assert timed.version == int(SENT) * 1000


def test_a_repeated_push_is_one_message(fixture: Fixture) -> None:
    first, again = pushed(fixture("open_refund_asked")), pushed(fixture("open_refund_asked"), sent="1748750061")
    assert first.key == again.key
    assert pushed(fixture("open_refund_asked") | {"refund_id": 9009}).key != first.key


def test_probes_are_answered_and_what_is_unsigned_is_not() -> None:
    for method in ("GET", "POST"):
        assert receive_open(request(b"", method), "s", URL) == receive_open(request(b"", method, kind="urge"), "s", URL)
        assert receive_open(request(b"", method), "s", URL).reply.body == b'{"data":"ok"}'
        assert receive_partner(request(b"", method), "s").reply.body == b'{"data":"OK"}'
    assert (relay_reply(request(b"", "GET")), relay_reply(request(b"", "POST"))) == (OPEN_OK, PARTNER_OK)
    empty = {"developerId": "1", "ePoiId": "shop-001"}
    assert not receive_partner(request(form(empty | {"sign": sign_partner(empty, "s")})), "s").messages
    for forged in (b"order_id=1", b"order_id=1&sig=0", b"order_id=1&sign=0"):
        with pytest.raises(ForgedWebhookError):
            receive_open(request(forged), "s", URL)
        with pytest.raises(ForgedWebhookError):
            receive_partner(request(forged), "s")
    with pytest.raises(ProtocolError):
        receive_open(request(b"", "PUT"), "s", URL)
    with pytest.raises(ProtocolError):
        receive_open(request(b"\xff\xfe=%zz&a=%ff"), "s", URL)


def test_a_push_by_get_and_the_address_of_the_request(fixture: Fixture) -> None:
    fields = SYSTEM | {name: str(value) for name, value in fixture("open_order_cancelled").items()}
    for scheme in ("http", "https"):
        sig = sign_open(URL.replace("https", scheme), fields, "s")
        (message,) = receive_open(request(b"", "GET", **fields, sig=sig), "s", "").messages
        assert said(message).kitchen is Kitchen.CANCELLED
    with pytest.raises(ForgedWebhookError):  # signed for another address than the registered one
        receive_open(request(b"", "GET", **fields, sig=sig), "s", "https://elsewhere.example.com/x")
