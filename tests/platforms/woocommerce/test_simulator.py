"""The simulator is as strict, and as odd, as a real shop was seen to be: the traps that a naive one would not show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app import steady
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOption, PretendOrder
from app.platforms.woocommerce.signing import oauth_query
from app.platforms.woocommerce.simulator import WooCommerceSimulator

from .conftest import API, Line

EVERYTHING = PretendOrder(
    (PretendLine("Ramen & œuf", 1290, 2, (PretendOption("Extra", price=150),)), PretendLine("Thé", 333, 3)),
    customer="Lina Durand",
    phone="+33170000000",
    address="1 rue du Test",
    shop_discount=300,
    platform_discount=150,
    delivery_fee=290,
    packaging_fee=50,
)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


async def ids(line: Line, **query: str) -> list[int]:
    response = await line.call("GET", "/orders", query)
    assert response.status_code == 200, response.text
    return [row["id"] for row in response.json()]


def empty(line: Line, **more: Any) -> int:
    return int(line.simulator.place(payload={"line_items": [], **more}))


def utc(seconds: float = 0.0) -> str:
    return (steady.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


# -- who calls


async def signed(line: Line, stamp: int, nonce: str, secret: str = "", key: str = "", **damage: str) -> httpx.Response:
    url = f"{line.simulator.address}{API}/orders"
    values = line.simulator.credentials
    params = oauth_query("GET", url, {}, key or values["consumer_key"], secret or values["consumer_secret"], nonce, stamp)
    return await line.client.get(url, params={**params, **damage})


WRONG, NOBODY = "woocommerce_rest_authentication_error", "woocommerce_rest_cannot_view"


async def test_signatures_are_checked(line: Line) -> None:
    now = int(steady.time())
    assert (await signed(line, now, "a")).status_code == 200
    assert code(await signed(line, now, "a")) == (401, WRONG)
    assert code(await signed(line, now - 905, "b")) == (401, WRONG)
    assert code(await signed(line, now + 905, "c")) == (401, WRONG)
    assert (await signed(line, now - 890, "d")).status_code == 200
    assert code(await signed(line, now, "e", secret="cs_other")) == (401, WRONG)
    assert code(await signed(line, now, "f", key="ck_other")) == (401, NOBODY)
    assert code(await signed(line, now, "g", status="any")) == (401, WRONG)
    missing = "woocommerce_rest_authentication_missing_parameter"
    assert code(await signed(line, now, "h", oauth_nonce="")) == (401, missing)


async def test_a_key_over_plain_http_looks_like_none(line: Line) -> None:
    key, secret = line.simulator.credentials["consumer_key"], line.simulator.credentials["consumer_secret"]
    url = f"{line.simulator.address}{API}/orders"
    for options in ({"auth": (key, secret)}, {"params": {"consumer_key": key, "consumer_secret": secret}}, {}):
        assert code(await line.client.get(url, **options)) == (401, NOBODY)
    line.simulator.keys.secure = True
    assert (await line.client.get(url, auth=(key, secret))).status_code == 200
    assert code(await line.client.get(url, auth=(key, "x"))) == (401, WRONG)
    query = {"consumer_key": key, "consumer_secret": secret}
    assert (await line.client.get(url, params=query, auth=(key, "x"))).status_code == 200


async def test_some_doors_are_open_to_everybody(line: Line) -> None:
    index = (await line.client.get(f"{line.simulator.address}/wp-json/")).json()
    assert "wc/v3" in index["namespaces"]
    options = (await line.client.request("OPTIONS", f"{line.simulator.address}{API}/orders")).json()
    assert "modified_after" in options["endpoints"][0]["args"]
    assert code(await line.client.get(f"{line.simulator.address}/wp-json/wc/v9/orders")) == (404, "rest_no_route")


# -- the list


async def test_the_four_ways_to_say_when(line: Line) -> None:
    """Only UTC without a zone beside the flag, or with one and without it, mean what they seem to mean."""
    old, new = empty(line, date_modified_gmt=utc(-1800)), empty(line)
    wanted = {"orderby": "modified", "order": "asc"}
    since = utc(-60)
    assert await ids(line, modified_after=since, dates_are_gmt="true", **wanted) == [new]
    assert await ids(line, modified_after=f"{since}Z", **wanted) == [new]
    assert await ids(line, modified_after=since, **wanted) == [old, new]
    assert await ids(line, modified_after=f"{since}Z", dates_are_gmt="true", **wanted) == []


async def test_later_means_a_second_later(line: Line) -> None:
    now = utc()
    many = {empty(line, date_modified_gmt=now) for _ in range(6)}
    assert await ids(line, modified_after=now, dates_are_gmt="true") == []
    assert await ids(line, modified_after=f"{now}.900", dates_are_gmt="true") == []
    before = utc(-2)
    assert set(await ids(line, modified_after=before, dates_are_gmt="true")) == many


@pytest.mark.parametrize(
    "query",
    [
        {"modified_after": "2026-01-01"},
        {"modified_after": "1767225600"},
        {"modified_after": "2026-13-01T00:00:00"},
        {"per_page": "101"},
        {"per_page": "0"},
        {"status": "wc-completed"},
        {"status": "preparing"},
        {"orderby": "total"},
        {"order": "up"},
        {"include": "x"},
    ],
)
async def test_what_the_list_refuses(line: Line, query: dict[str, str]) -> None:
    assert code(await line.call("GET", "/orders", query)) == (400, "rest_invalid_param")


async def test_what_it_does_not_know_it_ignores(line: Line) -> None:
    order_id = empty(line, date_modified_gmt=utc(-9999))
    assert await ids(line, **{"modified-after": "2030-01-01T00:00:00"}) == [order_id]


async def test_any_is_not_all(line: Line) -> None:
    orders = {status: empty(line, status=status) for status in ("processing", "failed", "trash", "checkout-draft")}
    both = {orders["processing"], orders["failed"]}
    assert set(await ids(line)) == set(await ids(line, status="any")) == set(await ids(line, status="any,trash")) == both
    assert await ids(line, status="trash") == [orders["trash"]]
    assert set(await ids(line, status="failed,trash")) == {orders["failed"], orders["trash"]}


async def test_pages(line: Line) -> None:
    orders = [empty(line) for _ in range(5)]
    first = await line.call("GET", "/orders", {"per_page": "2", "orderby": "id", "order": "asc"})
    assert (first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == ("5", "3")
    assert 'rel="next"' in first.headers["Link"]
    past = await line.call("GET", "/orders", {"per_page": "2", "page": "4"})
    assert (past.json(), past.headers["X-WP-Total"], past.headers["X-WP-TotalPages"]) == ([], "0", "0")
    assert await ids(line, offset="3", orderby="id", order="asc") == orders[3:]
    assert await ids(line, exclude=f"{orders[0]},{orders[1]}", orderby="id") == orders[:1:-1]


# -- orders


async def test_an_order_looks_like_a_real_one(line: Line) -> None:
    order_id = line.simulator.place(EVERYTHING)
    order = (await line.call("GET", f"/orders/{order_id}")).json()
    assert order["total"] == "37.69"
    assert isinstance(order["line_items"][0]["price"], float)
    assert order["line_items"][0]["name"] == "Ramen &amp; œuf"
    assert order["fee_lines"][1]["total"].startswith("-")
    local, gmt = order["date_created"], order["date_created_gmt"]
    assert datetime.fromisoformat(local) - datetime.fromisoformat(gmt) in (timedelta(hours=1), timedelta(hours=2))
    assert order["date_completed"] is None
    assert {type(fact["value"]) for fact in order["meta_data"]} == {dict}


async def test_anything_may_follow_anything_and_mails_are_sent(line: Line) -> None:
    order_id = line.simulator.place()
    for status in ("completed", "pending", "cancelled", "processing"):
        assert (await line.call("PUT", f"/orders/{order_id}", json={"status": status})).json()["status"] == status
    order = line.order(order_id)
    assert order["date_completed_gmt"]
    assert [status for _, status in line.simulator.books.mails[1:]] == ["completed", "cancelled", "processing"]


async def test_an_empty_change_moves_the_order_and_a_note_does_not(line: Line) -> None:
    order_id = empty(line, date_modified_gmt=utc(-500))
    before = line.order(str(order_id))["date_modified_gmt"]
    assert (
        await line.call("POST", f"/orders/{order_id}/notes", json={"note": "x", "customer_note": True})
    ).status_code == 201
    assert line.order(str(order_id))["date_modified_gmt"] == before
    await line.call("PUT", f"/orders/{order_id}", json={})
    assert line.order(str(order_id))["date_modified_gmt"] > before


async def test_a_change_is_checked_but_not_in_a_batch(line: Line) -> None:
    order_id = empty(line, status="completed")
    for status in ("wc-completed", "nonsense", "trash", "any"):
        refused = await line.call("PUT", f"/orders/{order_id}", json={"status": status})
        assert code(refused) == (400, "rest_invalid_param")
    batch = [{"id": order_id, "status": "nonsense"}, {"id": 1, "status": "completed"}]
    done = (await line.call("POST", "/orders/batch", json={"update": batch})).json()["update"]
    assert done[0]["status"] == "pending"
    assert done[1]["error"]["code"] == "woocommerce_rest_shop_order_invalid_id"
    many = [{"id": order_id}] * 101
    assert (await line.call("POST", "/orders/batch", json={"update": many})).status_code == 413


async def test_a_trashed_order_is_revived_by_a_change(line: Line) -> None:
    order_id = line.simulator.place()
    before = line.order(order_id)["status"]
    assert (await line.call("DELETE", f"/orders/{order_id}")).json()["status"] == before
    assert (await line.call("GET", f"/orders/{order_id}")).json()["status"] == "trash"
    assert (await line.call("PUT", f"/orders/{order_id}", json={"status": "processing"})).json()["status"] == "processing"
    await line.call("DELETE", f"/orders/{order_id}", {"force": "true"})
    assert code(await line.call("GET", f"/orders/{order_id}")) == (404, "woocommerce_rest_shop_order_invalid_id")


@pytest.mark.parametrize(
    ("line_item", "status"),
    [
        ({"product_id": 93, "quantity": 2}, 201),
        ({"product_id": 93, "quantity": "2"}, 201),
        ({"product_id": 93, "quantity": -1}, 201),
        ({"product_id": 93, "quantity": 1.5}, 400),
        ({"quantity": 1}, 400),
        ({"product_id": 93, "quantity": 0}, 500),
    ],
)
async def test_orders_through_the_interface(line: Line, line_item: dict[str, Any], status: int) -> None:
    body = {"status": "processing", "set_paid": True, "total": "1.00", "nonsense": 7, "line_items": [line_item]}
    made = await line.call("POST", "/orders", json=body)
    assert made.status_code == status
    assert status != 201 or made.json()["total"] == f"{12.75 * int(line_item['quantity']):.2f}"


async def test_broken_json_is_named(line: Line) -> None:
    order_id = line.simulator.place()
    for content in ("{", "[]", "7"):
        assert code(await line.call("PUT", f"/orders/{order_id}", content=content)) == (400, "rest_invalid_json")


async def test_refunds_are_odd(line: Line) -> None:
    order_id = line.simulator.place(EVERYTHING)
    order = line.order(order_id)
    order.update(payment_method="cod", status="completed")

    async def refund(**body: Any) -> httpx.Response:
        return await line.call("POST", f"/orders/{order_id}/refunds", json=body)

    assert code(await refund(amount=1.5)) == (400, "rest_invalid_param")
    for body in ({"amount": "1.00"}, {"amount": "99.00", "api_refund": False}):
        refused = await refund(**body)
        assert code(refused) == (500, "woocommerce_rest_cannot_create_order_refund")
        assert refused.json()["data"] == 500
    assert (await refund(amount="0.00", api_refund=False)).json()["total"] == "-0.00"
    assert (await refund(amount="37.69", api_refund=False)).status_code == 201
    assert (order["status"], order["total"]) == ("refunded", "37.69")


async def test_setting_refunded_books_a_refund(line: Line) -> None:
    order_id = line.simulator.place(EVERYTHING)
    order = (await line.call("PUT", f"/orders/{order_id}", json={"status": "refunded"})).json()
    assert [one["total"] for one in order["refunds"]] == ["-37.69"]


def test_what_befalls_an_order() -> None:
    simulator = WooCommerceSimulator(seed=1)
    order_id = simulator.place(EVERYTHING)
    with pytest.raises(ImpossibleError):
        simulator.happen(order_id, Happening.COMPLETE)
    with pytest.raises(ImpossibleError):
        simulator.happen(order_id, Happening.URGE)
    simulator.happen(order_id, Happening.CHANGE)
    simulator.happen(order_id, Happening.REFUND_PART, amount=150)
    simulator.happen(order_id, Happening.CANCEL)
    with pytest.raises(ImpossibleError):
        simulator.happen(order_id, Happening.CANCEL)
    (truth,) = simulator.truth()
    assert (truth.kitchen, truth.refunded_minor, truth.currency) == ("cancelled", 150, "EUR")
    assert truth.total_minor < 3769
    with pytest.raises(KeyError):
        simulator.happen("1", Happening.CANCEL)


@pytest.mark.parametrize("payload", [{"line_items": "none"}, {"id": "x"}, {"total": "much"}, {"line_items": [{}]}])
def test_what_is_no_order_is_not_placed(payload: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, ArithmeticError)):
        WooCommerceSimulator().place(payload=payload)


async def test_bad_days_come_as_pages(line: Line) -> None:
    order_id = line.simulator.place()
    line.simulator.faults = Faults(throttle=1.0)
    answer = await line.call("GET", f"/orders/{order_id}")
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Content-Type"][:9]) == (503, "1", "text/html")
    line.simulator.faults = Faults(break_call=1.0)
    assert {(await line.call("GET", "/orders")).status_code for _ in range(12)} == {500, 502}
    line.simulator.faults = Faults(odd=1.0)
    bodies = {(await line.call("GET", f"/orders/{order_id}")).content[:3] for _ in range(12)}
    assert bodies == {b"<br", b"\xef\xbb\xbf"}
