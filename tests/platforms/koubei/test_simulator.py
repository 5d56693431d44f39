"""The pretend Koubei is strict: wrong signatures, stale stamps, wrong parameters and impossible steps are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx
import pytest
from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.conformance import until
from app.platforms.koubei.payloads import CHINA
from app.platforms.koubei.signing import answer_parts, is_signed, request_text, sign
from app.platforms.koubei.simulated_gateway import APP_ID
from app.platforms.koubei.simulated_orders import local
from app.platforms.koubei.simulated_shop import StepError
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder
from tests.platforms.lines import listening

QUERY, STEP = "koubei.catering.order.info.query", "koubei.catering.order.info.sync"
ONE = PretendOrder((PretendLine("米饭", 200),))


def params(koubei: KoubeiSimulator, method: str, content: Any, /, **changed: str) -> dict[str, str]:
    """A signed request; `changed` before it is signed."""
    plain = {
        "app_id": APP_ID,
        "method": method,
        "format": "json",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": local(steady.time()),
        "version": "1.0",
        "biz_content": content if isinstance(content, str) else json.dumps(content),
    } | changed
    return plain | {"sign": sign(request_text(plain), koubei.keys.app)}


async def told(koubei: KoubeiSimulator, wire: httpx.AsyncClient, form: Mapping[str, str]) -> dict[str, Any]:
    """The inner object of the answer, all parameters sent in the body."""
    answer = await wire.post(f"{koubei.address}/gateway.do", data=dict(form))
    parts = answer_parts(answer.text)
    inner = next(value for name, value in parts.items() if name != "sign")
    if "sign" in parts:
        assert is_signed(inner, json.loads(parts["sign"]), koubei.keys.gateway.public_key())
    found: dict[str, Any] = json.loads(inner)
    return found


async def test_all_parameters_may_stand_in_the_body_and_the_answer_is_called_html(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient
) -> None:
    form = params(koubei, QUERY, {"order_id": koubei.place(ONE)})
    assert (await told(koubei, wire, form))["code"] == "10000"
    answer = await wire.post(f"{koubei.address}/gateway.do", data=form)
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("changed", "sub_code"),
    [
        ({"app_id": "2021000000000009"}, "isv.invalid-app-id"),
        ({"sign_type": "RSA"}, "isv.invalid-parameter"),
        ({"format": "xml"}, "isv.invalid-parameter"),
        ({"extra": "1"}, "isv.invalid-parameter"),
        ({"timestamp": "2025-06-01 12:00:00"}, "isv.invalid-timestamp"),
        ({"timestamp": "now"}, "isv.invalid-timestamp"),
        ({"method": "koubei.catering.order.list"}, "isv.invalid-method"),
        ({"app_auth_token": "unknown"}, "aop.invalid-app-auth-token"),
        ({"biz_content": "[]"}, "isv.invalid-parameter"),
        ({"biz_content": "{"}, "isv.invalid-parameter"),
        ({"biz_content": '{"order_id":1}'}, "isv.invalid-parameter"),
        ({"biz_content": '{"order_id":"1","page":"1"}'}, "isv.invalid-parameter"),
        ({"biz_content": '{"order_id":"1"}'}, "ORDER_NOT_EXIST"),
    ],
)
async def test_a_wrong_request_is_refused(
    koubei: KoubeiSimulator, wire: httpx.AsyncClient, changed: dict[str, str], sub_code: str
) -> None:
    assert (await told(koubei, wire, params(koubei, QUERY, {}, **changed)))["sub_code"] == sub_code


@pytest.mark.parametrize("name", ["timestamp", "biz_content", "method", "sign"])
async def test_what_was_not_signed_is_refused(koubei: KoubeiSimulator, wire: httpx.AsyncClient, name: str) -> None:
    form = params(koubei, QUERY, {"order_id": "1"})
    later = datetime.fromtimestamp(steady.time() + 2, CHINA).strftime("%Y-%m-%d %H:%M:%S")
    form[name] = later if name == "timestamp" else form[name] + " "
    assert (await told(koubei, wire, form))["sub_code"] == "isv.invalid-signature"


async def test_a_missing_signature_is_refused(koubei: KoubeiSimulator, wire: httpx.AsyncClient) -> None:
    form = params(koubei, QUERY, {"order_id": "1"})
    del form["sign"]
    assert (await told(koubei, wire, form))["code"] == "40002"


@pytest.mark.parametrize(
    ("before", "action", "info", "sub_code"),
    [
        ([], "PREPARE", {}, "ORDER_STATUS_ERROR"),
        ([], "DELIVER", {}, "ORDER_STATUS_ERROR"),
        ([], "REFUND", {"reason": "BUSY"}, "ORDER_STATUS_ERROR"),
        ([], "RECEIPT", {}, "INVALID_PARAMETER"),
        ([], "RECEIPT", {"NO": "1", "tableNo": "2"}, "INVALID_PARAMETER"),
        ([], "REJECT", {"reason": "NO_MOOD"}, "INVALID_PARAMETER"),
        ([], "DANCE", {}, "INVALID_PARAMETER"),
        (["RECEIPT"], "RECEIPT", {"NO": "1"}, "ORDER_STATUS_ERROR"),
        (["RECEIPT"], "REJECT", {"reason": "BUSY"}, "ORDER_STATUS_ERROR"),
        (["RECEIPT"], "DELIVER", {}, "ORDER_STATUS_ERROR"),
        (["RECEIPT"], "ACCEPT_REFUND", {"reason": "BUSY"}, "REFUND_STATUS_ERROR"),
        (["RECEIPT", "COOKING"], "COOKING", {}, "ORDER_STATUS_ERROR"),
        (["RECEIPT", "PREPARE", "DELIVER"], "PREPARE", {}, "ORDER_STATUS_ERROR"),
        (["RECEIPT"], "PARTIAL_REFUND", {"refund_amount": "1.00"}, "INVALID_PARAMETER"),
    ],
)
async def test_an_impossible_step_is_refused(
    koubei: KoubeiSimulator, before: list[str], action: str, info: dict[str, str], sub_code: str
) -> None:
    order_id = koubei.place(ONE)
    for step in before:
        koubei.shop.step(order_id, step, {"NO": "1"})
    with pytest.raises(StepError) as error:
        koubei.shop.step(order_id, action, info)
    assert error.value.sub_code == sub_code


async def test_a_refund_number_means_one_amount(koubei: KoubeiSimulator) -> None:
    order_id = koubei.place(PretendOrder((PretendLine("米饭", 2000),)))
    koubei.shop.step(order_id, "RECEIPT", {"NO": "1"})
    info = {"out_refund_no": "a", "refund_amount": "1.00"}
    assert koubei.shop.step(order_id, "PARTIAL_REFUND", info)
    assert koubei.shop.step(order_id, "PARTIAL_REFUND", info) is None
    with pytest.raises(StepError):
        koubei.shop.step(order_id, "PARTIAL_REFUND", info | {"refund_amount": "2.00"})


async def test_nobody_accepts_in_time() -> None:
    simulator = KoubeiSimulator(seed=1, speed=60_000.0)
    await simulator.start()
    try:
        order_id = simulator.place(ONE)
        await until(lambda: simulator.shop.orders[order_id].kitchen is Kitchen.EXPIRED)
        rows = simulator.shop.orders[order_id].dishes
        assert {row["refund_reason"] for row in rows} == {"RECEIVE_TIMEOUT"}
    finally:
        await simulator.stop()


@pytest.mark.parametrize("happening", sorted(set(Happening) - {Happening.CANCEL, Happening.URGE, Happening.CHANGE}))
async def test_what_cannot_befall_a_new_order(koubei: KoubeiSimulator, happening: Happening) -> None:
    order_id = koubei.place(ONE)
    with pytest.raises(ImpossibleError):
        koubei.happen(order_id, happening)
    with pytest.raises(KeyError):
        koubei.happen("unknown", happening)


async def test_the_last_dish_cannot_be_taken_back(koubei: KoubeiSimulator) -> None:
    order_id = koubei.place(ONE)
    koubei.shop.step(order_id, "RECEIPT", {"NO": "1"})
    with pytest.raises(ImpossibleError):
        koubei.happen(order_id, Happening.CHANGE)


async def test_a_payload_in_koubeis_form_is_taken_and_another_is_not(koubei: KoubeiSimulator) -> None:
    order_id = koubei.place(payload={"memo": "少放辣", "take_no": "77", "order_id": "mine"})
    assert order_id != "mine"
    assert koubei.shop.orders[order_id].body["memo"] == "少放辣"
    with pytest.raises(ValueError, match="people_num"):
        koubei.place(payload={"people_num": "many"})


class Door:
    """Answers notifications with what is next in `answers`, the last one for ever."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    async def take(self, request: web.Request) -> web.Response:
        """One notification."""
        self.bodies.append(await request.read())
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, body=body)


async def test_only_success_to_the_byte_ends_the_repeats(koubei: KoubeiSimulator) -> None:
    answers = [(200, b"SUCCESS"), (200, b"success\n"), (200, b'"success"'), (204, b""), (500, b"success"), (200, b"success")]
    mine = Door(*answers)
    async with listening(koubei, mine.take):
        koubei.place(ONE)
        await until(lambda: not koubei.notices.under_way)
    assert len(mine.bodies) == len(answers)
    assert len(set(mine.bodies)) == 1
    failed = [record for record in koubei.records if record.what == "push_failed"]
    assert len(failed) == len(answers) - 1


async def test_a_notification_waits_for_an_address_and_outlives_losses(koubei: KoubeiSimulator) -> None:
    koubei.faults = Faults(lose_push=0.7, repeat_push=1.0, reorder_push=0.5)
    order_id = koubei.place(ONE)
    mine = Door((200, b"success"))
    async with listening(koubei, mine.take):
        await until(lambda: not koubei.notices.under_way)
    assert koubei.truth()[0].delivered_to_console_at
    assert order_id.encode() in mine.bodies[0]
