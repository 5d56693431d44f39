"""Both signatures against the reference's vectors, and what a changed byte does."""

from __future__ import annotations

import pytest

from app.platforms.meituan.signing import sign_open, sign_partner

HOST = "https://waimaiopen.meituan.com/api/v1/"
SECRET = "testsecret4001"
APP = {"app_id": "4001", "timestamp": "1700000000"}
ORDER = {"order_id": "26980070161823104"}
OPEN = [
    (
        HOST + "order/getOrderDaySeq",
        {"app_id": "0000", "timestamp": "1389751221", "app_poi_code": "31号测试店"},
        "a00ba58f000001aa697ab000006d52d",
        "488c2c2302262b62e3666a4aa4b48083",
    ),
    (HOST + "order/confirm", APP | ORDER, SECRET, "123f25c44c9b0680f64a8ebfb56d3f8e"),
    (
        HOST + "order/cancel",
        APP | ORDER | {"reason_code": "2009", "reason": "商品已售完"},
        SECRET,
        "4ee3d2cc7a2c6a2644285a21f276639a",
    ),
    (
        HOST + "poi/comment/add_reply",
        {
            "app_id": "4001",
            "timestamp": "1700000001",
            "app_poi_code": "t_shop01",
            "comment_id": "3020251",
            "reply": "感谢您的支持 & 欢迎再来",
        },
        SECRET,
        "b1a7e83597258a74ec6599d96c58f8c9",
    ),
    (
        "https://console.example.com/mt/order/cancel",
        {"app_id": "4001", "timestamp": "1700000002", "reason_code": "1102", "deal_op_type": "1"}
        | {"reason": "用户取消，商家确认前取消"}
        | ORDER,
        SECRET,
        "a2c470d5a46acf601eca4facfa3edd06",
    ),
]
GATEWAY = {"timestamp": "1700000000", "businessId": "2", "developerId": "100001", "charset": "UTF-8"}
CALL = GATEWAY | {"version": "2", "appAuthToken": "TESTAPPAUTHTOKEN"}
PUSH = {"developerId": "100001", "ePoiId": "shop-001"}
PARTNER = [
    (CALL | {"biz": '{"orderId":5301890193521352344}'}, "b46fb317c27d252c4b4dd1b1e7909b9c6c2ef219"),
    (
        CALL | {"biz": '{"orderId":5301890193521352344,"reasonCode":"2009","reason":"商品已售完"}'},
        "48f0fc4114493820f4e6d90d0f4ad0cccd0030b3",
    ),
    (GATEWAY | {"code": "abc123", "grantType": "authorization_code"}, "0b981b32cfc940a3b75e6d71178034b87ec8febf"),
    (
        PUSH | {"order": '{"orderId":5301890193521352344,"daySeq":"3","status":2}'},
        "8f51533f831e9dbbfc99ef8406dd661bdadbc5c1",
    ),
    (PUSH | {"empty": "", "sign": "zzz", "timestamp": "1700000000"}, "4fa5e48a3af83ffce9962de3c5b8b018893c0d12"),
]


@pytest.mark.parametrize(("url", "params", "secret", "expected"), OPEN)
def test_waimaiopen(url: str, params: dict[str, str], secret: str, expected: str) -> None:
    assert sign_open(url, params, secret) == expected
    assert sign_open(url, {**params, "sig": "anything"}, secret) == expected
    assert sign_open(url.replace("https", "http"), params, secret) != expected


@pytest.mark.parametrize(("params", "expected"), PARTNER)
def test_gateway(params: dict[str, str], expected: str) -> None:
    assert sign_partner(params, "testsignkey0001") == expected
    assert sign_partner(params, "testsignkey0002") != expected


def test_a_broken_character_gives_a_signature_and_no_crash() -> None:
    assert sign_open("http://x/", {"a": "\ud83d"}, "s") != sign_open("http://x/", {"a": "?"}, "s")
    assert sign_partner({"a": "\ud83d"}, "s") != sign_partner({"a": "?"}, "s")
