"""The simulator's webhooks are as late, as odd and as strict as a real shop's were seen to be."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web

from app.platforms.conformance import until
from app.platforms.woocommerce.signing import webhook_signature
from app.platforms.woocommerce.simulated_hooks import FAILURES, Hook
from tests.platforms.lines import listening

from .conftest import Line

CREATED = 1  # the practice's own hook for new orders


@asynccontextmanager
async def receiver(line: Line, answer: int = 200) -> AsyncIterator[list[tuple[dict[str, str], bytes]]]:
    """Something that listens where the shop pushes to."""
    got: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.read()))
        return web.Response(status=answer)

    async with listening(line.simulator, take):
        yield got


def created(line: Line) -> Hook:
    return line.simulator.hooks.rows[CREATED]


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


async def quiet(line: Line) -> None:
    await until(lambda: not line.simulator.tasks)


async def test_pushes_are_late_coalesced_and_built_when_they_are_sent(line: Line) -> None:
    async with receiver(line) as got:
        order_id = line.simulator.place()
        for status in ("on-hold", "processing", "completed"):
            line.simulator.books.set_status(line.order(order_id), status)
            line.simulator.books.touch(line.order(order_id))
        await until(lambda: len(got) == 2)
        assert [headers["X-WC-Webhook-Topic"] for headers, _ in got] == ["order.created", "order.updated"]
        assert {json.loads(body)["status"] for _, body in got} == {"completed"}
        for headers, body in got:
            assert headers["X-WC-Webhook-Signature"] == webhook_signature(line.simulator.hooks.secret, body)


async def test_what_was_deleted_meanwhile_is_a_signed_error(line: Line) -> None:
    async with receiver(line) as got:
        trashed, gone = line.simulator.place(), line.simulator.place()
        line.simulator.books.trash(line.order(trashed))
        del line.simulator.books.orders[int(gone)]
        await until(lambda: len(got) == 3)
        bodies = [json.loads(body) for _, body in got]
        assert {"id": int(trashed)} in bodies
        assert [body["code"] for body in bodies if "code" in body] == ["woocommerce_rest_shop_order_invalid_id"]


async def test_the_seventh_failure_in_a_row_is_the_last(line: Line) -> None:
    async with receiver(line, answer=500) as got:
        for _ in range(9):
            line.simulator.place()
        await until(lambda: created(line).status == "disabled")
        await quiet(line)
        before = len(got)
        line.simulator.place()
        await quiet(line)
        assert len(got) == before >= FAILURES
        assert not [record for record in line.simulator.records if record.what == "push_acknowledged"]


async def test_switched_on_again_one_failure_ends_it(line: Line) -> None:
    async with receiver(line, answer=500) as got:
        created(line).status, created(line).failures = "disabled", FAILURES
        listed = (await line.call("GET", "/webhooks", {"status": "disabled"})).json()
        assert [(row["id"], row["status"], "secret" in row) for row in listed] == [(CREATED, "disabled", False)]
        assert (await line.call("PUT", f"/webhooks/{CREATED}", json={"status": "active"})).json()["status"] == "active"
        line.simulator.place()
        await until(lambda: created(line).status == "disabled")
        assert len(got) == 1


async def test_switched_on_again_a_success_is_a_new_begin(line: Line) -> None:
    async with receiver(line) as got:
        created(line).failures = FAILURES
        line.simulator.place()
        await until(lambda: bool(got))
        await quiet(line)
        assert (created(line).status, created(line).failures) == ("active", 0)


# -- through the interface

INVALID = "woocommerce_rest_shop_webhook_invalid"
WISH = {"name": "Relay", "topic": "order.updated", "secret": "s & <é> 面"}


async def test_a_new_hook_pings_and_hides_its_secret(line: Line) -> None:
    async with receiver(line) as got:
        made = await line.call("POST", "/webhooks", json={**WISH, "delivery_url": line.simulator.push_to})
        assert made.status_code == 201
        row = made.json()
        assert got == [({**got[0][0]}, f"webhook_id={row['id']}".encode())]
        assert got[0][0]["Content-Type"] == "application/x-www-form-urlencoded"
        assert not [name for name in got[0][0] if name.startswith("X-WC")]
        assert (row["status"], row["resource"], row["event"], "secret" in row) == ("active", "order", "updated", False)
        order_id = line.simulator.place()
        line.simulator.books.touch(line.order(order_id))
        await until(lambda: len(got) >= 4)
        own = [(headers, body) for headers, body in got if headers.get("X-WC-Webhook-ID") == str(row["id"])]
        assert [headers["X-WC-Webhook-Signature"] for headers, _ in own] == [webhook_signature(WISH["secret"], own[0][1])]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://192.168.1.5/",
        "http://100.64.0.1/",
        "http://169.254.1.1/",
        "http://[::1]/",
        "http://localhost:8080/",
        "https://user:pass@shop.example/",
        "https://shop.example:8443/",
        "http://shop.example:99999/",
    ],
)
async def test_an_address_that_is_not_public_is_taken_and_never_reached(line: Line, url: str) -> None:
    async with receiver(line) as got:
        made = await line.call("POST", "/webhooks", json={**WISH, "topic": "order.created", "delivery_url": url})
        assert made.status_code == 201
        hook = line.simulator.hooks.rows[made.json()["id"]]
        line.simulator.place()
        await until(lambda: hook.failures == 1)
        assert not [body for _, body in got if body.startswith(b"webhook_id")]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({}, (400, "rest_missing_callback_param")),
        ({"topic": "order.created"}, (400, "rest_missing_callback_param")),
        ({"topic": "order.eaten", "delivery_url": "https://a.example/"}, (400, f"{INVALID}_topic")),
        ({"topic": "order.created", "delivery_url": "ftp://a"}, (400, f"{INVALID}_delivery_url")),
        ({"topic": "order.created", "delivery_url": ["x"]}, (400, "rest_invalid_param")),
    ],
)
async def test_what_is_no_webhook(line: Line, wish: dict[str, Any], error: tuple[int, str]) -> None:
    assert code(await line.call("POST", "/webhooks", json=wish)) == error


async def test_webhooks_end_for_good_or_not_at_all(line: Line) -> None:
    async with receiver(line):
        assert code(await line.call("PUT", "/webhooks/1", json={"status": "tired"}))[0] == 400
        assert code(await line.call("PUT", "/webhooks/99999", json={})) == (400, f"{INVALID}_id")
        assert code(await line.call("GET", "/webhooks/99999")) == (404, f"{INVALID}_id")
        assert code(await line.call("GET", "/webhooks", {"status": "odd"})) == (400, "rest_invalid_param")
        assert (await line.call("DELETE", "/webhooks/2")).status_code == 501
        assert (await line.call("DELETE", "/webhooks/2", {"force": "true"})).json()["id"] == 2
        assert [row["id"] for row in (await line.call("GET", "/webhooks")).json()] == [3, 1]
