"""The signature of pushed events: the reference vectors, both forms, and what must not pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.api import ForgedWebhookError, ProtocolError, WebhookRequest
from app.platforms.deliveroo.signing import LEGACY_SEPARATOR, SEPARATOR, genuine, signature
from app.platforms.deliveroo.webhook import received

SECRET, GUID = "deliveroo-webhook-secret-1", "0b3f6f0e-7d3a-4c55-9f0e-3a8d6d2b1c11"
ORDER = (
    b'{"event":"order.new","body":{"order":{"id":"gb:6f9d7c1e-0000-4000-8000-000000000001",'
    b'"display_id":"9962","status":"placed"}}}'
)
RIDER = b'{"event":"rider.status_update","body":{"order_id":"gb:6f9d7c1e-0000-4000-8000-000000000001","riders":[]}}'
VECTORS = (
    (ORDER, SEPARATOR, "b4df01257f0361dececd4a3eb8a7d71f930b5d353b3cb134cbc0a6a3df03340e"),
    (ORDER, LEGACY_SEPARATOR, "98ce495556e7ff2dca4f1e9337d5a42d085f231fc3ebdda793c805be271809fb"),
    (RIDER, SEPARATOR, "34f584ad7b774e5fd6f26d392c1f2862849310aa3a5e2acb77ecd12b0d8d7065"),
    (
        '{"order_notes":"allergie: crème"}'.encode(),
        SEPARATOR,
        "599a4311141f8062f0a564b3d09cfc6c5e5efaba042d61ae201ee234e7c09ac3",
    ),
)


def request(body: bytes, given: str, guid: str = GUID) -> WebhookRequest:
    headers = {"x-deliveroo-sequence-guid": guid, "x-deliveroo-hmac-sha256": given}
    return WebhookRequest("POST", "/hooks", {}, headers, body)


@pytest.mark.parametrize(("body", "separator", "expected"), VECTORS)
def test_reference_vectors(body: bytes, separator: bytes, expected: str) -> None:
    assert signature(SECRET, GUID, body, separator) == expected
    assert genuine(SECRET, GUID, body, expected)
    assert genuine(SECRET, GUID, body, expected.upper())


@given(at=st.integers(0, len(ORDER) - 1), new=st.integers(0, 255))
def test_a_changed_byte_is_refused(at: int, new: int) -> None:
    changed = ORDER[:at] + bytes([new]) + ORDER[at + 1 :]
    assert genuine(SECRET, GUID, changed, VECTORS[0][2]) == (changed == ORDER)


@pytest.mark.parametrize(
    ("secret", "guid", "given"),
    [
        ("another", GUID, VECTORS[0][2]),
        (SECRET, "0b3f6f0e", VECTORS[0][2]),
        (SECRET, GUID, ""),
        (SECRET, GUID, "\udcff" * 64),
        (SECRET, "", VECTORS[0][2]),
    ],
)
def test_anything_else_is_refused(secret: str, guid: str, given: str) -> None:
    assert not genuine(secret, guid, ORDER, given)


def test_an_account_without_a_secret_believes_nobody() -> None:
    assert not genuine("", GUID, ORDER, signature("", GUID, ORDER))


def test_a_guid_cut_out_of_a_body_is_refused() -> None:
    """The signed text has no other border than a blank: whoever may write a note could choose where the body begins."""
    body = b'{"note": {"event":"order.new"}}'
    head, rest = f'{GUID} {{"note":', b'{"event":"order.new"}}'
    assert f"{head} ".encode() + rest == f"{GUID} ".encode() + body
    assert not genuine(SECRET, head, rest, signature(SECRET, GUID, body))


def test_an_event_becomes_one_message() -> None:
    found = received(request(ORDER, VECTORS[0][2]), SECRET)
    assert (found.reply.status, found.reply.body) == (200, b"")
    (message,) = found.messages
    assert (message.kind, message.body) == ("event", ORDER)
    assert message.order_id == "gb:6f9d7c1e-0000-4000-8000-000000000001"
    assert received(request(ORDER, signature(SECRET, "another", ORDER), "another"), SECRET).messages == found.messages


def test_a_forged_event_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(ForgedWebhookError, match=r"signature"):
        received(request(b"<html>", VECTORS[0][2]), SECRET)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"event": 7}', b"\xff", b"[" * 100_000])
def test_a_signed_text_that_is_no_event(body: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"no event"):
        received(request(body, signature(SECRET, GUID, body)), SECRET)
