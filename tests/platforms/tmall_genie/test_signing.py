"""Both signatures against every vector of the reference: ACS3 as the official library made them, TOP as computed there."""

from __future__ import annotations

import pytest

from app.platforms.tmall_genie.signing import authorization, body_hash, canonical_query, sign_acs3, sign_top

KEY, SECRET = "testAccessKeyId", "testAccessKeySecret"
PATH = "/v1.0/iap/notifications"
HEADERS = {
    "host": "openapi.aligenie.com",
    "x-acs-date": "2025-06-01T04:00:00Z",
    "x-acs-signature-nonce": "0123456789abcdef",
    "x-acs-aligenie-access-token": "testGenieToken",
}
FORM = {
    "content-type": "application/x-www-form-urlencoded",
    "x-acs-action": "PushNotifications",
    "x-acs-version": "iap_1.0",
}
SSP = {"x-acs-action": "PushDeviceNotification", "x-acs-version": "ssp_1.0"}
UNICAST = b"NotificationUnicastRequest=%7B%22MessageTemplateId%22%3A%22tpl01%22%7D"
FIELDS = {
    "app_key": "12345678",
    "content": "您有3个新订单",
    "format": "json",
    "method": "alibaba.ailabs.aligenie.skill.message.push",
    "push_type": "TO_USER",
    "sign_method": "md5",
    "skill_id": "1001",
    "timestamp": "2025-06-01 12:00:00",
    "user_id": "openid01",
    "v": "2.0",
}


@pytest.mark.parametrize(
    ("method", "path", "query", "extra", "body", "digest", "signature"),
    [
        (
            "PUT",
            PATH,
            {},
            FORM,
            UNICAST,
            "14aaa9fa1f329dcefc135b4649a58b386a4e9877d64c4ab572fa3d8b465733c7",
            "4476dfefee9d00ed440484b27051e326ab0a232dccd02ff87095172c9305f316",
        ),
        (
            "POST",
            PATH,
            {},
            FORM,
            b"a=1",
            "c22fea5d7428e5cf47ef6354c97c9223c95d6dcdc3e0d2300ff79056b1ff3d85",
            "f6b209eac8ff120986ee2770a1a1872237fcddb8f7251f75558572e3f63177a7",
        ),
        (
            "GET",
            "/v1.0/ssp/getDeviceBasicInfo",
            {"a": "中文 x", "b": "2"},
            SSP,
            b"",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "36b21467732bef3cce8734bc9361c7aad2bda2e4013e299453f3879095a7be22",
        ),
    ],
)
def test_a_cloud_call_is_signed_as_the_official_library_signs_it(
    method: str, path: str, query: dict[str, str], extra: dict[str, str], body: bytes, digest: str, signature: str
) -> None:
    headers = {**HEADERS, **extra, "x-acs-content-sha256": body_hash(body)}
    assert headers["x-acs-content-sha256"] == digest
    assert sign_acs3(method, path, query, headers, body, SECRET) == signature


def test_the_order_of_headers_and_query_does_not_matter_but_their_content_does() -> None:
    headers = {**HEADERS, **SSP, "x-acs-content-sha256": body_hash(b"")}
    turned = dict(reversed(headers.items()))
    query = {"b": "2", "a": "中文 x"}
    signed = sign_acs3("GET", "/p", query, headers, b"", SECRET)
    assert sign_acs3("GET", "/p", dict(reversed(query.items())), turned, b"", SECRET) == signed
    assert sign_acs3("GET", "/p", {**query, "a": "中文"}, headers, b"", SECRET) != signed
    assert sign_acs3("GET", "/p", query, headers, b"", "another") != signed
    assert sign_acs3("GET", "/p", query, {**headers, "user-agent": "x"}, b"", SECRET) == signed


def test_the_authorization_names_what_was_signed() -> None:
    told = authorization({**HEADERS, **FORM, "user-agent": "x"}, KEY, "ab12")
    names = "content-type;host;x-acs-action;x-acs-aligenie-access-token;x-acs-date;x-acs-signature-nonce;x-acs-version"
    assert told == f"ACS3-HMAC-SHA256 Credential={KEY},SignedHeaders={names},Signature=ab12"


def test_a_query_is_encoded_as_it_is_signed() -> None:
    assert canonical_query({"b": "a b*~", "a": "中"}) == "a=%E4%B8%AD&b=a%20b%2A~"


@pytest.mark.parametrize(
    ("method", "signature"),
    [("md5", "ADBF7818BF45BE9B94473B946DC05CD9"), ("hmac", "F6C1AE77C1EA19880F8368FA54F2E5A8")],
)
def test_an_open_platform_call_is_signed_by_the_rule_that_was_read(method: str, signature: str) -> None:
    fields = {**FIELDS, "sign_method": method}
    assert sign_top(fields, "testtopsecret") == signature
    assert sign_top({**fields, "sign": "whatever"}, "testtopsecret") == signature
    assert sign_top({**fields, "content": "您有4个新订单"}, "testtopsecret") != signature
