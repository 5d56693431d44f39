"""The envelope: what goes in comes out, byte for byte, and equal ids mean equal requests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.api import WebhookRequest
from app.relay.envelope import EnvelopeError, LaterFormatError, address, is_shop, message_id, pack, unpack

TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PUSH = WebhookRequest("POST", f"/hooks/lee/eleme/{TOKEN}", {"v": "1"}, {"x-sign": "good"}, b'{"id":"m1"}')

texts = st.text(max_size=20)
requests = st.builds(
    WebhookRequest,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=texts,
    query=st.dictionaries(texts, texts, max_size=3),
    headers=st.dictionaries(texts, st.text(st.characters(), max_size=20), max_size=3),
    body=st.binary(max_size=200),
)


def test_a_printed_request_shows_no_customer_and_no_secret() -> None:
    shown = repr(PUSH)
    assert "POST" in shown
    assert not [part for part in (TOKEN, "good", "m1") if part in shown]


@given(requests)
def test_what_goes_in_comes_out(request: WebhookRequest) -> None:
    there = unpack(pack(replace(request, received=NOON)))
    assert (there, there.received) == (request, NOON)


@given(requests, requests)
def test_equal_ids_mean_equal_requests(one: WebhookRequest, other: WebhookRequest) -> None:
    assert (message_id(one) == message_id(other)) == (one == other)


def test_header_bytes_that_are_no_text_survive() -> None:
    odd = replace(PUSH, headers={"x-name": b"\xe9\xff".decode("utf-8", "surrogateescape")})
    assert unpack(pack(odd)) == odd


def test_the_time_of_arrival_is_told_and_does_not_make_a_repeat_another_message() -> None:
    head = json.loads(pack(replace(PUSH, received=NOON)).split(b"\n")[0])
    assert (head["v"], head["received"]) == (1, "2026-11-22T04:00:00+00:00")
    assert message_id(unpack(pack(replace(PUSH, received=NOON)))) == message_id(PUSH)


def test_a_forged_copy_cannot_swallow_the_genuine_one() -> None:
    assert message_id(replace(PUSH, headers={"x-sign": "bad"})) != message_id(PUSH)


@pytest.mark.parametrize("garbage", [b"", b"{}", b"\n", b"[]\nx", b'{"v":1}\nx', b"\xff\n", b"[" * 5000, b'{"v":"x"}\n'])
def test_garbage_is_said_to_be_garbage(garbage: bytes) -> None:
    with pytest.raises(EnvelopeError) as caught:
        unpack(garbage)
    assert not isinstance(caught.value, LaterFormatError)


def test_a_later_form_is_no_garbage() -> None:
    with pytest.raises(LaterFormatError):
        unpack(b'{"v":2,"shape":"unknown"}\nbody')


@pytest.mark.parametrize("rest", ["", "/", "/newOrder", "/a/b/c"])
def test_a_path_names_shop_platform_and_token(rest: str) -> None:
    assert address(f"/hooks/lee/eleme/{TOKEN}{rest}") == ("lee", "eleme", TOKEN)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/hooks/lee/eleme",
        "/hooks/lee/eleme/",
        "/hooks/lee/eleme/short",
        f"/hooks/Lee/eleme/{TOKEN}",
        f"/hooks/*/eleme/{TOKEN}",
        f"/hooks/a.b/eleme/{TOKEN}",
        f"/hook/lee/eleme/{TOKEN}",
        f"/hooks/lee/eleme/{TOKEN}.",
    ],
)
def test_no_other_path_names_anything(path: str) -> None:
    assert address(path) is None


def test_a_shops_name_is_one_word_of_a_subject() -> None:
    assert [name for name in ("lee", "a-1", "A", "", "-a", "a.b", "*", ">", "a b", "a" * 33) if is_shop(name)] == [
        "lee",
        "a-1",
    ]
