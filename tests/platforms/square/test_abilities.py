"""Refunds, sold-out dishes and payouts, against the pretend Square's books."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from app import steady
from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.simulation import Happening
from app.platforms.square.mapping import order_of
from app.platforms.square.refunding import refunds_for, tag_of
from app.platforms.square.simulated_books import Variation

from .conftest import Line

Payload = Callable[[str], Any]


def usd(minor: int) -> Money:
    return Money(minor, "USD")


# -- refunds


def two_tenders(payload: Payload, *refunds: tuple[str, int, str, str]) -> Any:
    """3540 paid as 1000 and 2540."""
    order = payload("order.part_refunded")
    amounts = (("pay1", 1000), ("pay2", 2540))
    order["tenders"] = [
        {"id": one, "type": "CARD", "amount_money": {"amount": minor, "currency": "USD"}} for one, minor in amounts
    ]
    order["refunds"] = [
        {"tender_id": one, "amount_money": {"amount": minor, "currency": "USD"}, "status": status, "reason": reason}
        for one, minor, status, reason in refunds
    ]
    return order_of(order)


def drawn(found: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(one["payment_id"], one["amount_money"]["amount"]) for one in found]


def test_money_goes_back_the_way_it_came(payload: Payload) -> None:
    assert drawn(refunds_for(two_tenders(payload), None, (), "cold", "k")) == [("pay1", 1000), ("pay2", 2540)]
    assert drawn(refunds_for(two_tenders(payload), usd(300), (), "cold", "k")) == [("pay1", 300)]
    taken = two_tenders(payload, ("pay1", 900, "PENDING", ""), ("pay1", 50, "FAILED", ""))
    assert drawn(refunds_for(taken, usd(300), (), "cold", "k")) == [("pay1", 100), ("pay2", 200)]


def test_lines_are_worth_what_was_paid_for_them(payload: Payload) -> None:
    assert drawn(refunds_for(two_tenders(payload), None, (Portions("li1"),), "cold", "k")) == [
        ("pay1", 1000),
        ("pay2", 2240),
    ]


def test_a_second_try_goes_on_where_the_first_one_stopped(payload: Payload) -> None:
    plan = refunds_for(two_tenders(payload), usd(1200), (), "cold", "k")
    half = two_tenders(payload, ("pay1", 1000, "PENDING", plan[0]["reason"]))
    assert refunds_for(half, usd(1200), (), "cold", "k") == plan[1:]
    done = two_tenders(payload, *((one, minor, "APPROVED", plan[0]["reason"]) for one, minor in drawn(plan)))
    assert refunds_for(done, usd(1200), (), "cold", "k") == []
    assert drawn(refunds_for(done, usd(1200), (), "cold", "other")) == [("pay2", 1200)]
    assert all(len(one["idempotency_key"]) <= 45 for one in plan)
    assert len({one["idempotency_key"] for one in plan}) == 2


@pytest.mark.parametrize(
    ("amount", "lines", "words"),
    [
        (usd(3541), (), r"Only 35\.40 USD"),
        (usd(0), (), r"Only"),
        (usd(-5), (), r"Only"),
        (Money(5, "EUR"), (), r"paid in USD"),
        (None, (Portions("nothing"),), r"no such line"),
    ],
)
def test_what_cannot_be_given_back(payload: Payload, amount: Money | None, lines: tuple[Portions, ...], words: str) -> None:
    with pytest.raises(RejectedError, match=words):
        refunds_for(two_tenders(payload), amount, lines, "cold", "k")


def test_an_unpaid_order_has_nothing_to_give(payload: Payload) -> None:
    with pytest.raises(RejectedError, match=r"Only 0\.00 USD"):
        refunds_for(order_of(payload("order.placed.unpaid")), None, (), "cold", "k")


async def test_a_refund_is_in_squares_books_once(line: Line) -> None:
    connector, order_id = line.connect(), line.simulator.place()
    for _ in range(2):
        await connector.refund(order_id, usd(250), (), "cold", "k1")
    (refund,) = line.order(order_id).body["refunds"]
    assert (refund["amount_money"]["amount"], refund["reason"]) == (250, f"cold {tag_of('k1')}")
    line.simulator.shop._approve(line.order(order_id), refund["id"])
    (found,) = connector.read(await connector.fetch_order(order_id))
    assert found.refunded == usd(250)


# -- sold out


async def test_a_counted_dish_runs_out_and_comes_back_as_many_as_before(line: Line) -> None:
    ramen = line.simulator.wire.catalogue.variations["VARTONKOTSURAMEN"]
    ramen.count = 7
    await line.connect().set_available(["VARTONKOTSURAMEN"], False, None)
    assert (ramen.count, json.loads(line.saved["stock_kept"])) == (0, {"VARTONKOTSURAMEN": "7"})
    await line.connect().set_available(["VARTONKOTSURAMEN"], True, None)  # another process, with what was saved
    assert (ramen.count, line.saved["stock_kept"]) == (7, "{}")


async def test_the_menu_shows_what_customers_see(line: Line) -> None:
    known = line.simulator.wire.catalogue.variations
    until = steady.now().replace(microsecond=0) + timedelta(hours=1)
    known["VARKARAAGE"] = Variation("Karaage", tracked=False, by_hand=True, until=until.isoformat())
    known["VARMISORAMEN"] = Variation("Miso ramen", by_hand=True, until="2020-01-01T00:00:00Z")
    known["VARCHICKENGYOZA6"].count = 0
    items = {item.item_id: item for item in await line.connect().items()}
    assert len(items) == 5
    assert (items["VARKARAAGE"].available, items["VARKARAAGE"].until) == (False, until)
    assert (items["VARMISORAMEN"].available, items["VARMISORAMEN"].until) == (True, None)
    assert not items["VARCHICKENGYOZA6"].available
    assert (items["VARTONKOTSURAMEN"].name, items["VARTONKOTSURAMEN"].category) == ("Tonkotsu ramen", "Ramen and more")


async def test_what_only_squares_own_device_can_do(line: Line) -> None:
    known = line.simulator.wire.catalogue.variations
    known["VARKARAAGE"].tracked = False
    known["VARMISORAMEN"].count = 0
    connector = line.connect()
    with pytest.raises(RejectedError, match=r"Karaage is not counted"):
        await connector.set_available(["VARKARAAGE"], False, None)
    with pytest.raises(RejectedError, match=r"how many there are of Miso ramen"):
        await connector.set_available(["VARMISORAMEN"], True, None)
    with pytest.raises(RejectedError, match=r"does not know item VARPIZZA"):
        await connector.set_available(["VARPIZZA"], False, None)


async def test_all_or_none(line: Line) -> None:
    line.simulator.wire.catalogue.variations["VARKARAAGE"].tracked = False
    with pytest.raises(RejectedError, match=r"not counted"):
        await line.connect().set_available(["VARTONKOTSURAMEN", "VARKARAAGE"], False, None)
    assert line.simulator.wire.catalogue.variations["VARTONKOTSURAMEN"].count == 20


@pytest.mark.parametrize("kept", ["", "[]", "nonsense", '{"VARKARAAGE": "3"}'])
async def test_what_was_kept_may_be_unreadable(line: Line, kept: str) -> None:
    line.simulator.wire.catalogue.variations["VARMISORAMEN"].count = 0
    with pytest.raises(RejectedError, match=r"how many"):
        await line.connect(stock_kept=kept).set_available(["VARMISORAMEN"], True, None)


async def test_a_menu_without_an_end_is_given_up(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    async def again(*_: Any, **__: Any) -> httpx.Response:
        return httpx.Response(200, json={"objects": [], "cursor": "again"})

    monkeypatch.setattr(line.client, "request", again)
    with pytest.raises(ProtocolError, match=r"no end"):
        await line.connect().items()


# -- payouts


async def settled(line: Line) -> list[SettlementLine]:
    days = [(steady.now() + timedelta(days=days)).date() for days in (-1, 0, 1)]
    return [one for day in days for one in await line.connect().settlement(day)]


async def test_a_payout_with_every_entry(line: Line) -> None:
    placed = [line.simulator.place() for _ in range(3)]
    line.simulator.happen(placed[0], Happening.REFUND_PART, amount=200)
    line.simulator.wire.books.pay_out(line.simulator.shop.orders.values(), fee=75)
    lines = await settled(line)
    assert Counter(one.kind for one in lines) == {
        SettlementKind.SALE: 3,
        SettlementKind.REFUND: 1,
        SettlementKind.COMMISSION: 5,
        SettlementKind.PAYOUT: 1,
    }
    assert {one.order_id for one in lines if one.kind is SettlementKind.SALE} == set(placed)
    assert [(one.order_id, one.amount) for one in lines if one.kind is SettlementKind.REFUND] == [(placed[0], usd(-200))]
    paid = next(one.amount for one in lines if one.kind is SettlementKind.PAYOUT)
    rest = [one.amount for one in lines if one.kind is not SettlementKind.PAYOUT]
    assert Money.total(rest, "USD") == paid
    given_back = [one.amount.minor for one in lines if one.line_id.endswith(":fee") and one.text == "REFUND"]
    assert given_back == [6]  # Square gives its fee back with the money
    assert len({one.line_id for one in lines}) == len(lines)


async def test_another_day_has_none_of_it(line: Line) -> None:
    line.simulator.place()
    line.simulator.wire.books.pay_out(line.simulator.shop.orders.values())
    assert await line.connect().settlement(date(2026, 1, 1)) == []


async def test_a_payout_that_failed_was_none(line: Line) -> None:
    line.simulator.place()
    line.simulator.wire.books.pay_out(line.simulator.shop.orders.values())
    line.simulator.wire.books.payouts[0]["status"] = "FAILED"
    assert await settled(line) == []


@pytest.mark.parametrize("name", ["gross_amount_money", "net_amount_money"])
async def test_an_entry_without_its_amount_is_not_taken(line: Line, name: str) -> None:
    line.simulator.place()
    payout = line.simulator.wire.books.pay_out(line.simulator.shop.orders.values())
    line.simulator.wire.books.entries[payout][0][name] = None
    with pytest.raises(ProtocolError, match=r"Not a payout"):
        await settled(line)


async def test_a_token_without_the_scope_is_told_and_not_signed_out(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    error = {"category": "AUTHENTICATION_ERROR", "code": "INSUFFICIENT_SCOPES", "detail": "PAYOUTS_READ is missing"}

    async def refuse(*_: Any, **__: Any) -> httpx.Response:
        return httpx.Response(403, json={"errors": [error]})

    monkeypatch.setattr(line.client, "request", refuse)
    with pytest.raises(RejectedError, match=r"PAYOUTS_READ"):
        await line.connect().settlement(date(2026, 1, 1))
