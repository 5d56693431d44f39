"""The simulator's manners: whatever a foreign client sends, it hears the interface's own words and never Python's."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from app.platforms.woocommerce.signing import oauth_query

from .conftest import API, Line


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def orders(line: Line, count: int) -> list[int]:
    return [int(line.simulator.place(payload={"line_items": []})) for _ in range(count)]


REFUSED = (400, "rest_invalid_param")


@pytest.mark.parametrize(
    "query",
    [
        {"offset": "x"},
        {"offset": "1.5"},
        {"page": "0"},
        {"page": "-1"},
        {"page": "x"},
        {"page": "²"},
        {"per_page": "101"},
        {"per_page": "-1"},
        {"per_page": "9" * 400},
        {"include": "²"},
        {"modified_after": "0000-01-01T00:00:00"},
    ],
)
async def test_parameters_in_no_known_form(line: Line, query: dict[str, str]) -> None:
    for path in ("/orders", *(("/products", "/webhooks") if query.keys() & {"page", "per_page", "offset"} else ())):
        assert code(await line.call("GET", path, query)) == REFUSED


async def test_an_offset_below_zero_counts_as_if_above(line: Line) -> None:
    ids = orders(line, 3)
    found = await line.call("GET", "/orders", {"offset": "-1", "orderby": "id", "order": "asc"})
    assert [row["id"] for row in found.json()] == ids[1:]


ODD = ("null", "7", '"x"', "[7]", '{"a": 1}', "[{}]", '[{"key": 5}]', "Infinity", "9" * 400)
FIELDS = ("status", "meta_data", "line_items", "billing", "customer_note", "amount", "note", "stock_quantity", "update")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/orders"),
        ("PUT", "/orders/{id}"),
        ("POST", "/orders/batch"),
        ("POST", "/orders/{id}/notes"),
        ("POST", "/orders/{id}/refunds"),
        ("PUT", "/products/93"),
        ("POST", "/webhooks"),
        ("PUT", "/webhooks/1"),
    ],
)
async def test_a_body_of_another_form_is_answered_in_the_interfaces_own(line: Line, method: str, path: str) -> None:
    (number,) = orders(line, 1)
    line.order(str(number))["payment_method"] = "stripe"
    for body in (f'{{"{name}": {value}}}' for name in FIELDS for value in ODD):
        headers = {"Content-Type": "application/json"}
        answer = await line.call(method, path.format(id=number), content=body, headers=headers)
        assert "json" in answer.headers["content-type"], (body, answer.text)
        assert answer.status_code < 300 or answer.json()["code"].startswith(("rest_", "woocommerce_rest_")), body
    assert (await line.call("GET", f"/orders/{number}")).status_code == 200


@pytest.mark.parametrize("amount", ["abc", "", "NaN", "Infinity", "1e400"])
async def test_money_in_words_is_the_books_refusal(line: Line, amount: str) -> None:
    (number,) = orders(line, 1)
    answer = await line.call("POST", f"/orders/{number}/refunds", json={"amount": amount, "api_refund": False})
    assert code(answer) == (500, "woocommerce_rest_cannot_create_order_refund")
    assert answer.json()["data"] == 500


async def test_a_batch_of_nothing_is_a_yes_that_changes_nothing(line: Line) -> None:
    answer = await line.call("POST", "/orders/batch", json={})
    assert (answer.status_code, answer.json()) == (200, [])
    line.simulator.keys.known["ck_practice"] = (line.simulator.credentials["consumer_secret"], "read")
    assert code(await line.call("POST", "/orders/batch", json={})) == (401, "woocommerce_rest_authentication_error")


async def test_a_header_that_is_no_key_is_none(line: Line) -> None:
    line.simulator.keys.secure = True
    for header in ("Basic", "Basic %%%", "Basic //79", "Basic Og==", "OAuth x"):
        answer = await line.client.get(f"{line.simulator.address}{API}/orders", headers={"Authorization": header})
        assert code(answer) == (401, "woocommerce_rest_cannot_view")


@pytest.mark.parametrize("path", ["/orders/", "/products/", "/webhooks/", "/products/93/"])
async def test_a_slash_at_the_end_is_the_same_route_if_it_was_signed(line: Line, path: str) -> None:
    assert (await line.call("GET", path)).status_code == 200
    url = line.simulator.address + API + path
    key, secret = line.simulator.credentials["consumer_key"], line.simulator.credentials["consumer_secret"]
    params = oauth_query("GET", url.rstrip("/"), {}, key, secret, "9" * 32, int(line.simulator.keys.clock()))
    assert code(await line.client.get(url, params=params)) == (401, "woocommerce_rest_authentication_error")


async def test_an_order_that_is_gone_answers_each_method_in_its_own_way(line: Line) -> None:
    """400 for a change, 404 for a look, 410 for the bin twice: the connector must go by the code (WooCommerce's source)."""
    gone = "woocommerce_rest_shop_order_invalid_id"
    for method, status in (("GET", 404), ("DELETE", 404), ("PUT", 400), ("POST", 400), ("PATCH", 400)):
        assert code(await line.call(method, "/orders/99999")) == (status, gone)
    (number,) = orders(line, 1)
    assert (await line.call("DELETE", f"/orders/{number}")).status_code == 200
    assert code(await line.call("DELETE", f"/orders/{number}")) == (410, "woocommerce_rest_already_trashed")
    assert (await line.call("DELETE", f"/orders/{number}", {"force": "true"})).status_code == 200


# -- doors


async def test_more_doors_are_open_to_everybody(line: Line) -> None:
    orders(line, 2)
    statuses = (await line.client.get(f"{line.simulator.address}{API}/orders/statuses")).json()
    assert {row["slug"]: row["total"] for row in statuses}["processing"] == 2
    for path in (API, "/wp-json", "/wp-json/"):
        assert (await line.client.get(line.simulator.address + path)).status_code == 200
    assert "/wc/v3/orders" in (await line.client.get(line.simulator.address + API)).json()["routes"]


async def test_at_the_other_door_no_key_counts(line: Line) -> None:
    key, secret = line.simulator.credentials["consumer_key"], line.simulator.credentials["consumer_secret"]
    for method in ("GET", "POST"):
        url, route = f"{line.simulator.address}/", {"rest_route": "/wc/v3/orders"}
        params = oauth_query(method, url, route, key, secret, f"{method:0>32}", int(line.simulator.keys.clock()))
        assert code(await line.client.request(method, url, params=params)) == (401, "woocommerce_rest_cannot_view")
    assert "wc/v3" in (await line.client.get(line.simulator.address, params={"rest_route": "/"})).json()["namespaces"]
    assert "text/html" in (await line.client.get(line.simulator.address)).headers["content-type"]


# -- lists


async def test_only_the_fields_that_were_asked_for(line: Line) -> None:
    (number,) = orders(line, 1)
    line.order(str(number))["billing"] = {"city": "Paris", "phone": "1"}
    found = (await line.call("GET", "/orders", {"_fields": "id,status, billing.city,nothing"})).json()
    assert found == [{"id": number, "status": "processing", "billing": {"city": "Paris"}}]
    index = await line.client.get(f"{line.simulator.address}/wp-json/", params={"_fields": "gmt_offset,timezone_string"})
    assert set(index.json()) == {"gmt_offset", "timezone_string"}
    assert "code" in (await line.call("GET", "/orders/1", {"_fields": "id"})).json()


async def test_pages_name_their_neighbours_and_what_was_asked(line: Line) -> None:
    orders(line, 5)
    found = await line.call("GET", "/orders", {"per_page": "2", "page": "2", "status": "processing"})
    links = {one.split('rel="')[1].strip('"'): one.split(">")[0][1:] for one in found.headers["Link"].split(", ")}
    assert set(links) == {"prev", "next"}
    for rel, page in (("prev", "1"), ("next", "3")):
        parts = urlsplit(links[rel])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{line.simulator.address}{API}/orders"
        asked = parse_qs(parts.query)
        assert (asked["page"], asked["per_page"], asked["status"]) == ([page], ["2"], ["processing"])
    assert "Link" not in (await line.call("GET", "/orders")).headers


async def test_every_refund_stands_in_one_list_too(line: Line) -> None:
    order_id = line.simulator.place()
    line.simulator.books.give_back(line.order(order_id), line.simulator.books.left(line.order(order_id)), "late")
    (row,) = (await line.call("GET", "/refunds")).json()
    assert code(await line.call("GET", f"/orders/{row['id']}")) == (404, "woocommerce_rest_shop_order_invalid_id")


# -- forms


async def form(line: Line, path: str, fields: dict[str, str], signed: bool = True) -> httpx.Response:
    """A form-encoded PUT, its fields signed with the query or left out of the signature."""
    url = line.simulator.address + API + path
    values = line.simulator.credentials
    key, secret, stamp = values["consumer_key"], values["consumer_secret"], int(line.simulator.keys.clock())
    params = oauth_query("PUT", url, fields if signed else {}, key, secret, f"{signed:032}", stamp)
    query = {name: value for name, value in params.items() if name.startswith("oauth_")}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await line.client.put(url, params=query, content=urlencode(fields), headers=headers)


async def test_a_form_is_signed_with_its_fields(line: Line) -> None:
    (number,) = orders(line, 1)
    fields = {"status": "completed", "meta_data[0][key]": "slot", "meta_data[0][value]": "18:30 & später"}
    assert code(await form(line, f"/orders/{number}", fields, signed=False)) == (
        401,
        "woocommerce_rest_authentication_error",
    )
    answer = await form(line, f"/orders/{number}", fields)
    assert answer.json()["status"] == "completed"
    assert [(one["key"], one["value"]) for one in answer.json()["meta_data"]] == [("slot", "18:30 & später")]


async def test_forms_of_any_shape_end_in_an_answer(line: Line) -> None:
    (number,) = orders(line, 1)
    for name in ("status[x]", "meta_data[0]", "meta_data[x][key]", "line_items[0][product_id]", "[", "[]", "a[b", ""):
        answer = await form(line, f"/orders/{number}", {name: "1"})
        assert answer.status_code in (200, 400, 401), name
        await asyncio.sleep(0)
    assert line.order(str(number))["status"] == "processing"
