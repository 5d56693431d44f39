"""The pretend Square is as strict as Square: what it refuses, and the bad days it has."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from aiohttp import web

from app.platforms.conformance.counter import until
from app.platforms.listening import Listener
from app.platforms.simulation import Faults, Happening, ImpossibleError
from app.platforms.square.signing import genuine
from app.platforms.square.simulator import NOTIFICATION, SIGNATURE_KEY, SquareSimulator

from .conftest import Line

SORTED = {"sort_field": "UPDATED_AT", "sort_order": "ASC"}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


async def put(line: Line, order_id: str, key: str = "k", version: Any = None, **part: Any) -> httpx.Response:
    order = line.order(order_id).body
    fulfilment = {"uid": order["fulfillments"][0]["uid"], **part}
    sparse = {"version": order["version"] if version is None else version, "fulfillments": [fulfilment]}
    return await line.call("PUT", f"/v2/orders/{order_id}", json={"idempotency_key": key, "order": sparse})


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic EAAA-practice-personal-0001"])
async def test_a_wrong_token_is_refused(line: Line, token: str) -> None:
    assert code(await line.call("GET", "/v2/locations", headers={"Authorization": token})) == (401, "UNAUTHORIZED")


async def test_a_version_of_the_interface_that_is_no_date(line: Line) -> None:
    answer = await line.call("GET", "/v2/locations", headers={"Square-Version": "latest"})
    assert code(answer) == (400, "INVALID_SQUARE_VERSION_FORMAT")


async def test_an_old_version_is_refused_and_nothing_is_done(line: Line) -> None:
    order_id = line.simulator.place()
    for version in (0, 2, "1"):
        assert code(await put(line, order_id, version=version, state="RESERVED")) == (400, "VERSION_MISMATCH")
    assert line.order(order_id).body["fulfillments"][0]["state"] == "PROPOSED"
    assert line.order(order_id).body["version"] == 1


async def test_a_key_repeats_its_own_change_and_no_other(line: Line) -> None:
    order_id = line.simulator.place()
    for _ in range(2):
        assert (await put(line, order_id, version=1, state="RESERVED")).status_code == 200
    assert code(await put(line, order_id, version=2, state="PREPARED")) == (400, "IDEMPOTENCY_KEY_REUSED")
    assert (line.order(order_id).body["version"], line.order(order_id).commands) == (2, ["RESERVED"])


async def test_states_go_forward_only(line: Line) -> None:
    order_id = line.simulator.place()
    assert (await put(line, order_id, "a", state="PREPARED")).status_code == 200
    for state in ("PROPOSED", "RESERVED", "BAKED"):
        assert code(await put(line, order_id, state, state=state)) == (400, "BAD_REQUEST")
    assert (await put(line, order_id, "b", state="COMPLETED")).json()["order"]["state"] == "COMPLETED"
    assert code(await put(line, order_id, "c", state="CANCELED")) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "part", [{"uid": "other"}, {"colour": "red"}, {"pickup_details": {"recipient": {}}}, {"state": None}]
)
async def test_unexpected_fields_are_refused(line: Line, part: dict[str, Any]) -> None:
    assert code(await put(line, line.simulator.place(), **part))[0] == 400


async def test_a_long_reason_is_refused(line: Line) -> None:
    order_id = line.simulator.place()
    name = "pickup_details" if line.order(order_id).body["fulfillments"][0]["type"] == "PICKUP" else "delivery_details"
    details: dict[str, Any] = {name: {"cancel_reason": "x" * 101}}
    answer = await put(line, order_id, state="CANCELED", **details)
    assert code(answer) == (400, "VALUE_TOO_LONG")


async def test_a_tills_order_cannot_be_changed(line: Line) -> None:
    order_id = line.simulator.place()
    del line.order(order_id).body["version"]
    assert code(await put(line, order_id, version=1, state="RESERVED")) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"location_ids": []}, "BAD_REQUEST"),
        ({"location_ids": ["L"] * 11}, "BAD_REQUEST"),
        ({"location_ids": ["ELSEWHERE"]}, "FORBIDDEN"),
        ({"limit": 1001}, "BAD_REQUEST"),
        ({"colour": "red"}, "BAD_REQUEST"),
        ({"cursor": "broken"}, "INVALID_CURSOR"),
        ({"query": {"filter": {"date_time_filter": {"created_at": {}}}, "sort": SORTED}}, "BAD_REQUEST"),
        ({"query": {"filter": {"date_time_filter": {"created_at": {}, "updated_at": {}}}, "sort": SORTED}}, "BAD_REQUEST"),
        (
            {"query": {"filter": {"date_time_filter": {"updated_at": {"start_at": "2026-01-01T00:00:00"}}}, "sort": SORTED}},
            "INVALID_TIME",
        ),
    ],
)
async def test_a_search_must_be_in_order(line: Line, asked: dict[str, Any], refusal: str) -> None:
    answer = await line.call("POST", "/v2/orders/search", json={"location_ids": ["LPRACTICE01"], **asked})
    assert code(answer)[1] == refusal


async def test_a_cursor_belongs_to_its_question(line: Line) -> None:
    for _ in range(3):
        line.simulator.place()
    asked = {
        "location_ids": ["LPRACTICE01"],
        "limit": 2,
        "query": {"sort": {"sort_field": "CREATED_AT", "sort_order": "ASC"}},
    }
    first = (await line.call("POST", "/v2/orders/search", json=asked)).json()
    assert len(first["orders"]) == 2
    rest = (await line.call("POST", "/v2/orders/search", json={**asked, "cursor": first["cursor"]})).json()
    assert (len(rest["orders"]), "cursor" in rest) == (1, False)
    other = {**asked, "query": {"sort": {"sort_field": "CREATED_AT", "sort_order": "DESC"}}, "cursor": first["cursor"]}
    assert code(await line.call("POST", "/v2/orders/search", json=other)) == (400, "INVALID_CURSOR")


async def test_refunds_are_counted(line: Line) -> None:
    order_id = line.simulator.place()
    (tender,) = line.order(order_id).body["tenders"]
    asked = {"idempotency_key": "k", "payment_id": tender["id"], "amount_money": {"amount": 100, "currency": "USD"}}
    for _ in range(2):
        assert (await line.call("POST", "/v2/refunds", json=asked)).status_code == 200
    assert len(line.order(order_id).body["refunds"]) == 1
    for changed, refusal in (
        ({"amount_money": {"amount": 200, "currency": "USD"}}, "IDEMPOTENCY_KEY_REUSED"),
        ({"idempotency_key": "k2", "amount_money": {"amount": 10**6, "currency": "USD"}}, "REFUND_AMOUNT_INVALID"),
        ({"idempotency_key": "k3", "payment_id": "other"}, "NOT_FOUND"),
        ({"idempotency_key": "x" * 46}, "BAD_REQUEST"),
    ):
        assert code(await line.call("POST", "/v2/refunds", json={**asked, **changed}))[1] == refusal


@pytest.mark.parametrize(
    "query", [{}, {"client_id": "other"}, {"code_challenge": ""}, {"redirect_uri": "https://evil.example.test"}]
)
async def test_a_sign_in_page_must_be_asked_for_rightly(line: Line, query: dict[str, str]) -> None:
    given = {"client_id": "sq0idp-practice", "code_challenge": "c", "scope": "ORDERS_READ", **query}
    answer = await line.client.get(f"{line.simulator.address}/oauth2/authorize", params=given)
    assert answer.status_code == (400 if query else 200)


async def test_a_refresh_token_works_once(line: Line) -> None:
    form = {"client_id": "sq0idp-practice", "grant_type": "refresh_token"}
    form["refresh_token"] = line.simulator.credentials["refresh_token"]
    statuses = [(await line.client.post(f"{line.simulator.address}/oauth2/token", json=form)).status_code for _ in range(2)]
    assert statuses == [200, 401]


async def test_pushes_are_signed_repeated_and_lost(line: Line) -> None:
    heard: list[tuple[bytes, str]] = []

    async def take(request: web.Request) -> web.Response:
        heard.append((await request.read(), request.headers["x-square-hmacsha256-signature"]))
        return web.Response(status=503 if len(heard) == 1 else 204)

    application = web.Application()
    application.router.add_post("/", take)
    listener = Listener(application)
    line.simulator.push_to = await listener.open()
    try:
        line.simulator.faults = Faults(lose_push=1.0)
        line.simulator.place()
        line.simulator.faults = Faults(repeat_push=1.0)
        order_id = line.simulator.place()
        await until(lambda: sum(one.what == "push_acknowledged" for one in line.simulator.records) == 2)
    finally:
        await listener.close()
    assert [one.what for one in line.simulator.records if one.what == "push_lost"] == ["push_lost"]
    assert len(heard) == 3
    assert all(genuine(SIGNATURE_KEY, NOTIFICATION, body, given) for body, given in heard)
    assert {json.loads(body)["data"]["id"] for body, _ in heard} == {order_id}
    assert len({json.loads(body)["event_id"] for body, _ in heard}) == 1


async def test_what_square_does_not_know_cannot_happen(line: Line) -> None:
    order_id = line.simulator.place()
    for happening in (Happening.URGE, Happening.ASK_CANCEL, Happening.COURIER_PICKED_UP):
        with pytest.raises(ImpossibleError):
            line.simulator.happen(order_id, happening)
    line.simulator.happen(order_id, Happening.COMPLETE)
    with pytest.raises(ImpossibleError):
        line.simulator.happen(order_id, Happening.CANCEL)
    with pytest.raises(ImpossibleError):
        line.simulator.happen(order_id, Happening.REFUND_PART, amount=10**7)


def test_a_line_that_was_struck_leaves_a_smaller_bill() -> None:
    simulator = SquareSimulator(3)
    while len(simulator.shop.orders[order_id := simulator.place()].body["line_items"]) < 2:
        pass
    before = simulator.truth()[-1].total_minor
    simulator.happen(order_id, Happening.CHANGE)
    assert simulator.truth()[-1].total_minor < before


@pytest.mark.parametrize("payload", [{"total_money": "much"}, {"line_items": 3}, {}])
def test_a_payload_that_is_no_order(payload: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        SquareSimulator().place(payload=payload)
