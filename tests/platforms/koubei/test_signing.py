"""RSA2: the reference's vectors, keys in every form people paste, and answers verified as the characters that arrived."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.koubei.signing import (
    KeyFormError,
    answer_parts,
    is_signed,
    notice_texts,
    private_key,
    public_key,
    request_text,
    sign,
)
from app.platforms.koubei.simulated_gateway import practice_keys

# A throw-away key of 1024 bits, published for these vectors only; everything else here uses keys made at run time.
P = int(
    "e89b057c4fe83ed48479a55b20966077d80aef0a39ae56265b2a4f893a26099d"
    "e5f00a23a68a0b0303330e2815683c2edcf93b5ee7919a761751ea7e20247483",
    16,
)
Q = int(
    "c9ee0529821980a6d34c3b53fc43c3f55a7b0bd6e5137e9c33b47db6dcc1bdf3"
    "928864c95256b936286a988c93db8de0e3f121c61f8bae5c4aa72d2f4632a187",
    16,
)

REQUEST = {
    "app_auth_token": "202506BBtesttoken",
    "app_id": "2021000000000001",
    "charset": "utf-8",
    "format": "json",
    "sign_type": "RSA2",
    "timestamp": "2025-06-01 12:00:00",
    "version": "1.0",
}
V1 = REQUEST | {"method": "koubei.catering.order.info.query", "biz_content": '{"order_id":"2025060100077001"}'}
V2 = REQUEST | {
    "method": "koubei.catering.order.info.sync",
    "biz_content": r'{"action":"RECEIPT","action_info":"{\"NO\":\"5100\"}","order_id":"2025060100077001"}',
}
V3 = V2 | {
    "biz_content": r'{"action":"REJECT","action_info":"{\"reason\":\"SELL_OUT\",\"memo\":\"菜品售完\"}",'
    '"order_id":"2025060100077001"}'
}
V4 = '{"code":"10000","msg":"Success","retry":"false"}'
V5 = {
    "app_id": "2021000000000001",
    "charset": "utf-8",
    "notify_id": "ac05099524730693a8b330c5ecf72da9786",
    "notify_time": "2025-06-01 12:00:05",
    "notify_type": "trade_status_sync",
    "out_trade_no": "T1",
    "total_amount": "42.00",
    "trade_no": "2025060122001400001",
    "trade_status": "TRADE_SUCCESS",
    "version": "1.0",
}
SIGNED = {
    "V1": "slmrP5TpsqKQbVwMOgWDc93fSwkus2N6JjCS36t/oR32KSIS3cXwOom3axmq7RgQXeo+GVvfnShEXpMi5YIinM2/HKwxPOS2XAeIarhaRi7eqg2Y"
    "T57rxyae6kTN5GDaN0vDzkFarL58xld50zQMLyz2zU1abbasFCwZ04pd+X8=",
    "V2": "lQLsZNBxBg83dK5iWayzORSyWVRkBrGNVhEQHCV8yrxWhdGr4CmkQybylssfaLCpMH08JbsUOY62PD9TU1iADwmNGQgvRT7XiHnA6vgJfnN/7wLB"
    "6yIRvTgujyeZaeSb5CKf1FCBhzz1oaWhRz3nStjWYvgFqWEOTkYKt7FCyA0=",
    "V3": "mfflO1neXppvbqDs6kr+VniwgNvFeJpEGUtrdCeoMmwkvKdNKUiemsbdkAOLS4I2cvlS5RyOyWUmSeYDWBjK7aXz8aD2QWd8jacOdegWQPW7h2C1"
    "lQY+X7pLiU75hfS4zmBZjiMZD4rjcHvhsw/BNg76ioUYRECDAMrMA+2YODA=",
    "V4": "azwHzPrx5NVsUxrbWpGXhQCWEAmOy653pFiN0F56XNrGPRd45vSJ4PvjgFwtZH7iPGNX0yz7FM9HI9DBOd3DP1H857U9iuVgr0fZFpJflVCY6EzG"
    "mMnq5+Cz9B3nL6Obvj78eNuhoSM0K8+4gutm8iASwCuyoNWqGh/CPRhXb/0=",
    "V5": "j6dSzNI3vCS8EIXBu2NiYmbVh60kSDNNxCmqJqnd+u0zrGXCY/NUpQBWihA2cvX2bFHFsQPJHX4uvkPc3pBsPxrXFnNhNOB8nI7bS2cZpwinWLZc"
    "1l7jkPgh/jx9+yI/7YZcEMjAyQP/2i/nI7FEq327pLxqwiY65nSB5jWSp1g=",
}
TEXTS = {
    "V1": request_text(V1),
    "V2": request_text(V2),
    "V3": request_text(V3),
    "V4": V4,
    "V5": notice_texts(V5 | {"sign": "x", "sign_type": "RSA2"})[0],
}


@cache
def vector_key() -> rsa.RSAPrivateKey:
    """The vectors' key, put together from its primes."""
    d = rsa.rsa_recover_private_exponent(65537, P, Q)
    numbers = rsa.RSAPublicNumbers(65537, P * Q)
    parts = rsa.rsa_crt_dmp1(d, P), rsa.rsa_crt_dmq1(d, Q), rsa.rsa_crt_iqmp(P, Q)
    return rsa.RSAPrivateNumbers(P, Q, d, *parts, numbers).private_key()


@pytest.mark.parametrize("vector", sorted(SIGNED))
def test_the_reference_vectors(vector: str) -> None:
    assert sign(TEXTS[vector], vector_key()) == SIGNED[vector]
    assert is_signed(TEXTS[vector], SIGNED[vector], vector_key().public_key())
    assert not is_signed(TEXTS[vector] + " ", SIGNED[vector], vector_key().public_key())


def test_a_request_signs_its_sign_type_and_nothing_empty() -> None:
    text = request_text(V1 | {"notify_url": "", "sign": "old"})
    assert text == TEXTS["V1"]
    assert "sign_type=RSA2" in text


@pytest.mark.parametrize("signature", ["", "no base64!", base64.b64encode(b"short").decode(), "é"])
def test_what_is_no_signature_is_refused_quietly(signature: str) -> None:
    assert not is_signed("text", signature, practice_keys().app.public_key())


def test_half_an_emoji_gives_a_wrong_signature_and_no_crash() -> None:
    key = practice_keys().app
    assert not is_signed("\ud83d", sign("", key), key.public_key())


def test_keys_are_read_in_every_form() -> None:
    key = practice_keys().app
    forms = [
        key.private_bytes(encoding, form, NoEncryption())
        for encoding in (Encoding.PEM, Encoding.DER)
        for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)
    ]
    texts = [form.decode() if form.startswith(b"-") else base64.b64encode(form).decode() for form in forms]
    texts += [texts[0].replace("\n", ""), texts[0].replace("\n", " \r\n "), f"\n {texts[2]}\n"]
    for text in texts:
        assert private_key(text).private_numbers() == key.private_numbers()


def test_public_keys_are_read_in_every_form() -> None:
    key = practice_keys().gateway.public_key()
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1):
        bare = base64.b64encode(key.public_bytes(Encoding.DER, form)).decode()
        for text in (bare, key.public_bytes(Encoding.PEM, form).decode(), f"{bare[:64]}\n{bare[64:]}\n"):
            assert public_key(text).public_numbers() == key.public_numbers()


def test_a_key_is_read_once() -> None:
    text = practice_keys().app_text
    assert private_key(text) is private_key(text)


@pytest.mark.parametrize("damage", ["", "x", "AAAA", "-----BEGIN RSA PRIVATE KEY-----AAAA-----END PRIVATE KEY-----", "私钥"])
def test_what_is_no_key_is_named_and_never_shown(damage: str) -> None:
    with pytest.raises(KeyFormError) as private:
        private_key(damage)
    with pytest.raises(KeyFormError):
        public_key(damage)
    assert not damage or damage not in str(private.value)


def test_a_key_of_another_kind_or_with_something_behind_it_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(KeyFormError):
        private_key(pem)
    with pytest.raises(KeyFormError):
        public_key(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
    whole = practice_keys().app.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(KeyFormError):
        private_key(whole + "x")
    with pytest.raises(KeyFormError):
        private_key(practice_keys().app_text + "x")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    content=st.dictionaries(st.text(max_size=6), JSON, max_size=4),
    style=st.sampled_from([{}, {"indent": 2}, {"ensure_ascii": False, "separators": (" ,", " : ")}]),
    around=st.sampled_from(["", " ", "\r\n\t"]),
)
def test_an_answers_parts_are_the_exact_characters(content: Any, style: Any, around: str) -> None:
    inner = json.dumps(content, **style)
    parts = answer_parts(f'{around}{{{around}"a_response"{around}:{around}{inner}{around},"sign":"x"}}{around}')
    assert parts == {"a_response": inner, "sign": '"x"'}


def test_escapes_survive_and_a_key_inside_a_text_is_not_a_member() -> None:
    inner = '{ "a" : "\\/\\u4e2d,\\"sign\\":\\"forged\\"" }'
    assert answer_parts('{"x_response":' + inner + ',"sign":"s"}') == {"x_response": inner, "sign": '"s"'}


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "{}x", '{"a":1,}', '{"a" 1}', '{"a":1 "b":2}', '{"a":1,"a":2}', "<html>", '{"a":}', "{a:1}", '{"a'],
)
def test_what_is_no_object_or_is_ambiguous_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        answer_parts(text)


def test_an_empty_object_has_no_parts() -> None:
    assert answer_parts(" { } ") == {}
