"""Our clock against the platforms': measured by their answers, kept by account, and known before their orders are."""

from __future__ import annotations

import asyncio
import email.utils
from datetime import timedelta

import httpx
import pytest

from app.db.database import Database
from app.engine.account import AccountLoop
from app.engine.bell import Bell
from app.engine.clock import ahead, keep_ahead
from app.engine.ingest import Ingest
from app.engine.overview import overview
from app.engine.secrets import Vault
from app.platforms import http
from app.platforms.clock import Ahead
from app.steady import now
from app.ui.health import notices
from tests.engine.shop import FakeWire, Shop, house, open_account, until

SLACK = timedelta(minutes=1)


def answer(minutes: float, **headers: str) -> httpx.Response:
    """Of a platform whose clock is so many minutes behind ours."""
    told = email.utils.format_datetime(now() - timedelta(minutes=minutes), usegmt=True)
    return httpx.Response(200, headers={"date": told, **headers})


@pytest.mark.parametrize("minutes", [0, 20, -20, 600])
async def test_a_date_says_how_far_our_clock_is_ahead(minutes: int) -> None:
    clock = Ahead()
    await clock.heard(answer(minutes))

    assert clock.measured is not None
    assert abs(clock.measured - timedelta(minutes=minutes)) < SLACK


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200),
        httpx.Response(200, headers={"date": "yesterday"}),
        httpx.Response(200, headers={"date": "Sun, 22 Nov 20260 99:00:00 GMT"}),
        answer(20, age="1200"),
    ],
)
async def test_what_has_no_date_or_was_kept_by_a_cache_says_nothing(response: httpx.Response) -> None:
    clock = Ahead()
    await clock.heard(response)

    assert clock.measured is None


def test_small_differences_are_no_news_and_a_clock_set_right_is(counter: Shop) -> None:
    def keep(seconds: float, account_id: int = 1) -> bool:
        return keep_ahead(counter.connection, account_id, timedelta(seconds=seconds))

    assert not keep(2)
    assert keep(1200)
    assert not keep(1203)
    assert ahead(counter.connection, 1) == timedelta(minutes=20)
    assert ahead(counter.connection, 2) == timedelta(0)
    assert keep(0)


async def test_the_clock_is_known_before_the_first_orders_are_stored(
    store: Database, vault: Vault, wire: FakeWire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rules = house(poll_seconds=0.05)
    account = store.write_now(open_account)
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer(20)))
    monkeypatch.setattr("app.engine.account.account_client", lambda *_: client)
    known: list[timedelta] = []

    async def receive(*_: object) -> None:
        known.append(store.read(ahead, account.id))

    ingest = Ingest(store, rules, Bell(), lambda _: None, lambda *_: None)
    monkeypatch.setattr(ingest, "receive", receive)
    wire.on_poll = lambda: http.call(client, "GET", "http://127.0.0.1/orders")
    task = asyncio.create_task(AccountLoop(store, rules, Bell(), vault, rules.platforms["fake"], account).run(ingest))
    await until(lambda: known)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert abs(known[0] - timedelta(minutes=20)) < SLACK


def test_staff_are_told_of_a_wrong_clock_only_when_every_platform_says_so(counter: Shop) -> None:
    """A shop's own server may be the one that is wrong."""

    def told() -> float:
        shown = overview(counter.connection, counter.rules, now())
        assert len([one for one in notices(shown) if "clock is 20 min fast" in one.text]) == bool(shown.clock_ahead)
        return shown.clock_ahead.total_seconds()

    other = open_account(counter.connection, name="Other", hook_token="other").id
    assert told() == 0
    keep_ahead(counter.connection, other, timedelta(minutes=90))
    assert told() == 0, "the first one finds our clock right"
    keep_ahead(counter.connection, 1, timedelta(minutes=20))
    assert told() == 20 * 60
    keep_ahead(counter.connection, 1, timedelta(seconds=2))
    assert told() == 0, "it was set right"
