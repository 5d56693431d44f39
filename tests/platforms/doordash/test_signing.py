"""The token of a call and the token of a push: the reference's vectors, and what must be refused."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.doordash.signing import encoded, is_ours, key_of, token
from app.platforms.doordash.simulated_wire import claims_of

SECRET = "VGVzdFNpZ25pbmdTZWNyZXQtMDEyMzQ1Njc4OV8"
AT = 1767225600
HEAD = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImRkLXZlciI6IkRELUpXVC1WMSJ9"
FIVE_MINUTES = (
    f"{HEAD}.eyJhdWQiOiJkb29yZGFzaCIsImlzcyI6ImRldi0xIiwia2lkIjoia2V5LTEiLCJleHAiOjE3NjcyMjU5MDAsImlhdCI6MTc2NzIyNTYwMH0"
    ".oJPnVitpeiwpT8Afm9WYItzYwkn54LDHq2gUWTEc6Cc"
)
HALF_AN_HOUR = (
    f"{HEAD}.eyJhdWQiOiJkb29yZGFzaCIsImlzcyI6ImRldi0xIiwia2lkIjoia2V5LTEiLCJleHAiOjE3NjcyMjc0MDAsImlhdCI6MTc2NzIyNTYwMH0"
    ".rWXNpiwjZB_0YUdxcMDwJbCeJr_KlbtR5T2Rn0xo_hE"
)


def made(claims: dict[str, object], header: dict[str, str] | None = None) -> str:
    """A token of any claims, signed with the reference's secret."""
    header = header or {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}
    head = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    return f"{head}.{encoded(hmac.digest(key_of(SECRET), head.encode(), hashlib.sha256))}"


def test_the_secret_is_base64url_of_the_key() -> None:
    assert key_of(SECRET).hex() == "546573745369676e696e675365637265742d303132333435363738395f"


@pytest.mark.parametrize(("life", "expected"), [(300, FIVE_MINUTES), (1800, HALF_AN_HOUR)])
def test_the_references_tokens(life: int, expected: str) -> None:
    assert token("dev-1", "key-1", SECRET, AT, life) == expected
    assert claims_of(expected, SECRET, AT + 1) == {
        "aud": "doordash",
        "iss": "dev-1",
        "kid": "key-1",
        "exp": AT + life,
        "iat": AT,
    }


@given(st.binary(min_size=1, max_size=40))
def test_a_secret_may_come_in_either_alphabet_with_or_without_padding(key: bytes) -> None:
    url = encoded(key)
    padded = url + "=" * (-len(url) % 4)
    for text in (url, padded, padded.translate(str.maketrans("-_", "+/")), f" {url}\n"):
        assert key_of(text) == key


@pytest.mark.parametrize("secret", ["a", "no base64!", "ü"])
def test_a_secret_that_is_none(secret: str) -> None:
    with pytest.raises(ValueError, match="signing secret"):
        token("dev-1", "key-1", secret, AT)


def test_claims_may_stand_in_any_order_and_as_text() -> None:
    claims: dict[str, object] = {"iat": str(AT), "exp": str(AT + 300), "kid": "key-1", "iss": "dev-1", "aud": "doordash"}
    assert claims_of(made(claims), SECRET, AT)["kid"] == "key-1"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iat": AT, "exp": AT + 1801}, "too long"),
        ({"iat": AT + 120, "exp": AT + 300}, "future"),
        ({"iat": AT - 300, "exp": AT}, "past"),
        ({"iat": AT}, "malformed"),
    ],
)
def test_a_pretend_platform_refuses_a_wrong_life(claims: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        claims_of(made(claims), SECRET, AT)


def test_a_pretend_platform_refuses_another_header_and_another_key() -> None:
    claims: dict[str, object] = {"iat": AT, "exp": AT + 300}
    with pytest.raises(ValueError, match="header"):
        claims_of(made(claims, {"alg": "HS256", "typ": "JWT"}), SECRET, AT)
    with pytest.raises(ValueError, match="signature"):
        claims_of(made(claims), encoded(b"another"), AT)
    for nonsense in ("", "a.b", "a.b.c", FIVE_MINUTES[:-1]):
        with pytest.raises(ValueError, match=r"malformed|signature"):
            claims_of(nonsense, SECRET, AT)


def test_a_push_is_believed_by_its_token_alone() -> None:
    assert is_ours("dd-hook-token", "dd-hook-token")
    assert is_ours("dd-hook-token", "Bearer dd-hook-token")
    assert is_ours("Basic YTpi", "Basic YTpi")
    for wrong in ("", "Bearer wrong", "Bearer ", "dd-hook-toke", "dd-hook-token2", "bearer dd-hook-token", "ü"):
        assert not is_ours("dd-hook-token", wrong)
    assert not is_ours("", "")
    assert not is_ours(" ", "Bearer ")
