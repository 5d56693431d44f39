"""What foreign clients send: nonsense in every parameter of every action; always Ele.me's own form."""

from __future__ import annotations

import itertools
import json
from typing import Any

import httpx
import pytest

from app import steady
from app.platforms.eleme.signing import compact, sign_call
from app.platforms.eleme.simulated_calls import Action
from app.platforms.eleme.simulated_orders import SHOP_ID
from app.platforms.eleme.simulator import KEY, SECRET, ElemeSimulator

JUNK: dict[type, tuple[Any, ...]] = {
    str: ("", "x", "9" * 40, "\u0000", "2026-13-01T00:00:00", "２"),
    int: (-1, 0, 10**30),
    list: ([], [None], [{}], [[]], ["x"], [5], [{"itemId": "x", "itemSpecIds": [{}]}], [{"shopId": 1, "itemIds": {}}]),
    dict: ({}, {"a": []}, {"requestIds": [[]]}, {"requestIds": 5}, {"isOpen": "x"}, {"range": 5, "paging": []}),
}
NUMBERS = itertools.count(1)


@pytest.fixture
async def token(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> str:
    form = {"grant_type": "client_credentials"}
    return str((await wire.post(f"{eleme.address}/token", data=form, auth=(KEY, SECRET))).json()["access_token"])


def call(action: str, params: dict[str, Any], token: str) -> bytes:
    now = int(steady.time())
    envelope = {"nop": "1.0.0", "id": f"{next(NUMBERS):032X}|{now}", "action": action, "token": token, "params": params}
    signature = sign_call(action, token, KEY, now, params, SECRET)
    return compact(envelope | {"metas": {"app_key": KEY, "timestamp": now}, "signature": signature}).encode()


def nonsense(action: Action, order_id: str) -> list[dict[str, Any]]:
    """Each kind of junk in all parameters, and the same about an order and a shop that exist."""
    most = max((len(JUNK[kind]) for kind in action.params.values()), default=1)
    wild = [{name: JUNK[kind][at % len(JUNK[kind])] for name, kind in action.params.items()} for at in range(most)]
    known = {"orderId": order_id, "shopId": SHOP_ID, "orderIds": [order_id, {}]}
    held = {name: value for name, value in known.items() if type(value) is action.params.get(name)}
    held |= {"shopId": str(SHOP_ID)} if action.params.get("shopId") is str else {}
    return [*wild, *({**one, **held} for one in wild)]


async def test_nonsense_is_refused_in_the_platforms_form(eleme: ElemeSimulator, wire: httpx.AsyncClient, token: str) -> None:
    order_id = eleme.place()
    eleme.menu.chosen = True
    for name, action in eleme._actions.table.items():
        for params in nonsense(action, order_id):
            body = call(name, params, "" if action.open else token)
            answer = await wire.post(f"{eleme.address}/api/v1", content=body)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8"), name
            told = answer.json()
            assert told["id"] == json.loads(body)["id"]
            assert told["error"] is None or told["error"]["code"] in (
                "VALIDATION_FAILED",
                "BIZ_EXCEPTION",
                "PERMISSION_DENIED",
            )


async def test_half_an_emoji_is_answered(eleme: ElemeSimulator, wire: httpx.AsyncClient) -> None:
    for body in (b'{"id":"\\ud83d"}', b'{"id":{"a":1}}', b'{"id":"\\ud83d","action":"\\ud83d","params":{"a":"\\ud83d"}}'):
        assert (await wire.post(f"{eleme.address}/api/v1", content=body)).json()["error"]["code"] == "ILLEGAL_REQUEST"


@pytest.mark.parametrize("body", [b"\xff\xfe", b"grant_type=%ff", b"grant_type=refresh_token&refresh_token=%ff&scope=all"])
async def test_a_token_form_of_no_form_is_refused(eleme: ElemeSimulator, wire: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await wire.post(f"{eleme.address}/token", content=body, headers=headers, auth=(KEY, SECRET))
    assert (answer.status_code, set(answer.json())) == (400, {"error", "error_description"})
