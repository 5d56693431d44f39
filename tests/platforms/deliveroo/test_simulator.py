"""The pretend Deliveroo is as strict as the real one is documented to be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app import steady
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment
from app.platforms.conformance import until
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder
from tests.platforms.lines import send

from .conftest import Line

NOODLES = PretendOrder((PretendLine("Noodles", 900),))
SITE = "/site/v1/brands/practice-noodles-gb/sites/100200"


def now(seconds: float = 0.0) -> str:
    return (steady.now() + timedelta(seconds=seconds)).isoformat()


async def accepted(line: Line, wish: PretendOrder = NOODLES) -> str:
    order_id = line.simulator.place(wish)
    await send(line.connect(), CommandKind.ACCEPT, order_id)
    return order_id


def path(order_id: str, what: str = "") -> str:
    return f"/order/v1/orders/{quote(order_id, safe='')}{what}"


@pytest.mark.asyncio
async def test_no_token_no_answer(line: Line) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
        answer = await line.client.get(f"{line.simulator.address}{SITE}/status", headers=headers)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("pair", "form", "status"),
    [
        (("practice-client", "wrong"), {"grant_type": "client_credentials"}, 401),
        (None, {"grant_type": "client_credentials"}, 401),
        (("practice-client", "practice-secret-0001"), {"grant_type": "password"}, 400),
    ],
)
@pytest.mark.asyncio
async def test_tokens_have_their_price(line: Line, pair: Any, form: dict[str, str], status: int) -> None:
    answer = await line.client.post(f"{line.simulator.address}/oauth2/token", data=form, auth=pair)
    assert answer.status_code == status


@pytest.mark.asyncio
async def test_a_broken_basic_header(line: Line) -> None:
    headers = {"Authorization": "Basic ***"}
    answer = await line.client.post(f"{line.simulator.address}/oauth2/token", headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "delivered"}, 400),
        ({"status": "rejected"}, 400),
        ({"status": "rejected", "reject_reason": "bored"}, 400),
        ({"status": "accepted", "reject_reason": "busy"}, 400),
        ({"status": "accepted", "surprise": 1}, 400),
        ({"status": "confirmed"}, 409),
        ([], 400),
        ({"status": "accepted"}, 204),
    ],
)
@pytest.mark.asyncio
async def test_changes_of_status(line: Line, body: Any, status: int) -> None:
    order_id = line.simulator.place(NOODLES)
    assert (await line.call("PATCH", path(order_id), json=body)).status_code == status
    assert (line.order(order_id).status == "accepted") == (status == 204)


@pytest.mark.asyncio
async def test_a_status_is_changed_once_and_five_times_a_minute_asked_for(line: Line) -> None:
    line.simulator.speed = 1.0
    order_id = line.simulator.place(NOODLES)
    codes = [(await line.call("PATCH", path(order_id), json={"status": "accepted"})).status_code for _ in range(6)]
    assert codes == [204, 409, 409, 409, 409, 429]


@pytest.mark.asyncio
async def test_an_order_wanted_at_once_is_never_confirmed(line: Line) -> None:
    order_id = await accepted(line)
    assert (await line.call("PATCH", path(order_id), json={"status": "confirmed"})).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"stage": "in_kitchen", "delay": 4}, 200),
        ({"stage": "ready_for_collection_soon"}, 200),
        ({"stage": "in_kitchen", "delay": 3}, 400),
        ({"stage": "ready_for_collection", "delay": 4}, 400),
        ({"stage": "eaten"}, 400),
        ({"stage": "in_kitchen", "occurred_at": now(-4000)}, 400),
        ({"stage": "in_kitchen", "occurred_at": now(86_400)}, 400),
        ({"stage": "in_kitchen", "occurred_at": "2026-01-01T12:00:00"}, 400),
        ({"stage": "in_kitchen", "occurred_at": None}, 400),
    ],
)
@pytest.mark.asyncio
async def test_stages(line: Line, body: dict[str, Any], status: int) -> None:
    order_id = await accepted(line)
    answer = await line.call("POST", path(order_id, "/prep_stage"), json={"occurred_at": now(), **body})
    assert answer.status_code == status


@pytest.mark.asyncio
async def test_stages_go_forward_only_and_after_acceptance_only(line: Line) -> None:
    order_id = line.simulator.place(NOODLES)
    codes = []
    for stage in ("in_kitchen", "ready_for_collection", "ready_for_collection", "in_kitchen"):
        body = {"stage": stage, "occurred_at": now()}
        codes.append((await line.call("POST", path(order_id, "/prep_stage"), json=body)).status_code)
        if line.order(order_id).status == "placed":
            await send(line.connect(), CommandKind.ACCEPT, order_id)
    assert codes == [400, 200, 200, 409]
    assert line.order(order_id).commands == ["accepted", "in_kitchen", "ready_for_collection"]


@pytest.mark.asyncio
async def test_a_scheduled_order_is_confirmed_before_it_is_cooked(line: Line) -> None:
    order_id = await accepted(line, PretendOrder((PretendLine("Noodles", 900),), due_in=7200.0))
    body = {"stage": "ready_for_collection", "occurred_at": now()}
    assert (await line.call("POST", path(order_id, "/prep_stage"), json=body)).status_code == 400


@pytest.mark.asyncio
async def test_an_order_nobody_answers_is_rejected_and_three_close_the_site(line: Line) -> None:
    line.simulator.site.speed = line.simulator.speed = 6000.0
    ids = [line.simulator.place(NOODLES) for _ in range(3)]
    scheduled = line.simulator.place(PretendOrder((PretendLine("Noodles", 900),), due_in=7200.0))
    await until(lambda: line.simulator.site.status == "CLOSED")
    assert [line.order(one).status for one in ids] == ["rejected"] * 3
    assert line.order(scheduled).status == "placed"


@pytest.mark.asyncio
async def test_two_unanswered_orders_close_nothing(line: Line) -> None:
    line.simulator.site.speed = line.simulator.speed = 6000.0
    ids = [line.simulator.place(NOODLES) for _ in range(2)]
    await until(lambda: all(line.order(one).status == "rejected" for one in ids))
    assert line.simulator.site.status == "OPEN"


@pytest.mark.asyncio
async def test_the_tablet_warns_of_a_till_that_is_silent(line: Line) -> None:
    line.simulator.site.tabletless = False
    line.simulator.site.speed = line.simulator.speed = 6000.0
    order_id = line.simulator.place(NOODLES)
    line.simulator.site.accept_on_tablet(line.order(order_id))
    await until(lambda: line.simulator.site.tablet)
    assert line.simulator.site.tablet == [(order_id, "the till did not confirm the order")]
    body = {"status": "succeeded", "occurred_at": now()}
    assert (await line.call("POST", path(order_id, "/sync_status"), json=body)).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "succeeded"}, 200),
        ({"status": "failed", "reason": "pos_item_id_not_found", "notes": "x"}, 200),
        ({"status": "failed"}, 400),
        ({"status": "succeeded", "reason": "other"}, 400),
        ({"status": "perhaps"}, 400),
        ({"status": "succeeded", "occurred_at": now(-4000)}, 400),
    ],
)
@pytest.mark.asyncio
async def test_the_tills_report(line: Line, body: dict[str, Any], status: int) -> None:
    line.simulator.site.tabletless = False
    order_id = line.simulator.place(NOODLES)
    line.simulator.site.accept_on_tablet(line.order(order_id))
    url, told = path(order_id, "/sync_status"), {"occurred_at": now(), **body}
    assert (await line.call("POST", url, json=told)).status_code == status
    line.simulator.speed = 1.0
    assert (await line.call("POST", url, json=told)).status_code == 429


@pytest.mark.asyncio
async def test_a_site_without_a_tablet_expects_no_report(line: Line) -> None:
    order_id = await accepted(line)
    body = {"status": "succeeded", "occurred_at": now()}
    assert (await line.call("POST", path(order_id, "/sync_status"), json=body)).status_code == 400


@pytest.mark.parametrize(
    "happenings",
    [
        (Happening.COURIER_AT_STORE,),
        (Happening.COURIER_CHANGED,),
        (Happening.COURIER_ASSIGNED, Happening.COURIER_ASSIGNED),
        (Happening.COMPLETE,),
        (Happening.COURIER_ASSIGNED, Happening.COURIER_PICKED_UP, Happening.CANCEL),
        (Happening.URGE,),
        (Happening.CANCEL, Happening.CANCEL),
        (Happening.CANCEL, Happening.COURIER_ASSIGNED),
    ],
)
@pytest.mark.asyncio
async def test_what_cannot_happen(line: Line, happenings: tuple[Happening, ...]) -> None:
    order_id = await accepted(line)
    *before, last = happenings
    for happening in before:
        line.simulator.happen(order_id, happening)
    with pytest.raises(ImpossibleError, match=r"."):
        line.simulator.happen(order_id, last)


@pytest.mark.asyncio
async def test_nobody_rides_for_a_guest_at_the_table(line: Line) -> None:
    order_id = await accepted(line, PretendOrder((PretendLine("Noodles", 900),), fulfilment=Fulfilment.DINE_IN))
    with pytest.raises(ImpossibleError, match=r"no rider"):
        line.simulator.happen(order_id, Happening.COURIER_ASSIGNED)
    line.simulator.happen(order_id, Happening.COMPLETE)
    assert line.simulator.truth()[0].kitchen == Kitchen.COMPLETED


@pytest.mark.asyncio
async def test_an_order_on_its_way_is_no_longer_live(line: Line) -> None:
    order_id = await accepted(line)
    assert line.order(order_id).live
    line.simulator.happen(order_id, Happening.COURIER_ASSIGNED)
    line.simulator.happen(order_id, Happening.COURIER_PICKED_UP)
    assert not line.order(order_id).live


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("PUT", f"{SITE}/status", {"status": "HALF_OPEN"}),
        ("PUT", f"{SITE}/workload/mode", {"mode": "CRAZY"}),
        ("POST", "/menu/v2/brands/practice-noodles-gb/sites/100200/menu/item_unavailabilities", {"unavailable_ids": []}),
        (
            "POST",
            "/menu/v2/brands/practice-noodles-gb/sites/100200/menu/item_unavailabilities",
            {"item_unavailabilities": [{"item_id": "plu-karaage", "status": "eaten"}]},
        ),
    ],
)
@pytest.mark.asyncio
async def test_site_and_menu_take_their_own_words_only(line: Line, method: str, url: str, body: dict[str, Any]) -> None:
    assert (await line.call(method, url, json=body)).status_code == 400


@pytest.mark.parametrize("query", [{"cursor": "***"}, {"cursor": "e30x"}, {"start_date": "today"}, {"page": "2"}])
@pytest.mark.asyncio
async def test_lists_take_their_own_questions_only(line: Line, query: dict[str, str]) -> None:
    answer = await line.call("GET", "/order/v2/brand/practice-noodles-gb/restaurant/100200/orders", params=query)
    assert answer.status_code == 400


@pytest.mark.asyncio
async def test_bad_days(line: Line) -> None:
    order_id = line.simulator.place(NOODLES)
    for faults, status in ((Faults(throttle=1.0), 429), (Faults(break_call=1.0), 502), (Faults(refuse=1.0), 400)):
        line.simulator.faults = faults
        assert (await line.call("PATCH", path(order_id), json={"status": "accepted"})).status_code == status
    assert line.order(order_id).status == "placed"
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(httpx.HTTPError):
        await line.call("PATCH", path(order_id), json={"status": "accepted"})
    assert line.order(order_id).status == "accepted"


@pytest.mark.asyncio
async def test_pushes_are_lost_and_repeated(line: Line) -> None:
    line.simulator.push_to = "http://127.0.0.1:1/nobody"
    line.simulator.faults = Faults(lose_push=1.0)
    line.simulator.place(NOODLES)
    assert [one.what for one in line.simulator.records] == ["placed", "push_lost"]
    line.simulator.faults = Faults(repeat_push=1.0, reorder_push=1.0, odd=1.0)
    line.simulator.place(NOODLES)
    await until(lambda: [one.what for one in line.simulator.records].count("push_failed") >= 2)


@pytest.mark.asyncio
async def test_payloads_are_taken_at_their_word(line: Line, payload: Any) -> None:
    given = payload("order.new.own_delivery")["body"]["order"]
    order_id = line.simulator.place(payload=given)
    (truth,) = line.simulator.truth()
    assert (truth.order_id, truth.currency, truth.total_minor) == (given["id"], "HKD", 8850)
    assert not line.order(order_id).tabletless
    with pytest.raises(ValueError, match=r"exists"):
        line.simulator.place(payload=given)


@pytest.mark.parametrize(
    "given", [{}, {"items": []}, {"items": [], "subtotal": {"fractional": 1, "currency_code": "GBP"}, "status": "lost"}]
)
@pytest.mark.asyncio
async def test_a_payload_that_is_no_order(line: Line, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        line.simulator.place(payload=given)
    assert line.simulator.truth() == []


def test_the_same_seed_is_the_same_day() -> None:
    made = [DeliverooSimulator(3).random.random() for _ in range(2)]
    assert made[0] == made[1]
