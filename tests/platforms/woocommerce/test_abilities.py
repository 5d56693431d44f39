"""Beyond orders: items that run out, money given back, and the shop's own list of a day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app import steady
from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.shop import DayEntry
from app.platforms import abilities
from app.platforms.api import Connector, ProtocolError, RejectedError, TakesWebhooks, TemporaryError
from app.platforms.simulation import Faults, PretendLine, PretendOrder

from .conftest import Line, offline


def test_the_abilities_are_declared_by_their_methods() -> None:
    connector = offline()
    for there in (Connector, TakesWebhooks, abilities.SellsItems, abilities.RefundsOrders, abilities.ListsDays):
        assert isinstance(connector, there)
    for missing in (abilities.OpensShop, abilities.TracksCouriers, abilities.HearsReviews, abilities.Settles):
        assert not isinstance(connector, missing)


# -- items


async def available(line: Line) -> dict[str, bool]:
    return {item.item_id: item.available for item in await line.connect().items()}


async def test_the_menu_has_variations_instead_of_their_product(line: Line) -> None:
    items = {item.item_id: (item.name, item.category) for item in await line.connect().items()}
    assert items == {
        "93": ("Ramen shoyu & œuf", "Plats"),
        "94": ("Gyoza (6 pièces)", "Plats"),
        "95/951": ("Pizza Margherita – Petite", "Plats"),
        "95/952": ("Pizza Margherita – Grande", "Plats"),
        "96": ("Tarte du jour", "Plats"),
    }


async def test_items_run_out_and_come_back(line: Line) -> None:
    connector = line.connect()
    for _ in range(2):
        await connector.set_available(["93", "95/952", "96"], False, None)
        assert [item for item, there in (await available(line)).items() if not there] == ["93", "95/952", "96"]
    assert line.simulator.wire.products.known[96]["stock_quantity"] == 0
    for _ in range(2):
        await connector.set_available(["93", "95/952", "96"], True, None)
        assert all((await available(line)).values())
    assert line.simulator.wire.products.known[96]["stock_quantity"] == 8


async def test_nobody_knows_how_many_there_are_of_what_was_eaten_up(line: Line) -> None:
    line.simulator.wire.products.known[96].update(stock_quantity=0, stock_status="outofstock")
    with pytest.raises(RejectedError, match="Tarte du jour is counted"):
        await line.connect().set_available(["96"], True, None)


async def test_a_shop_that_sells_on_regardless_is_noticed(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Backorders: the quantity is none, and it is sold all the same."""

    class Stubborn(dict[str, Any]):
        def update(self, *_: Any, **__: Any) -> None:
            return

    products = line.simulator.wire.products
    monkeypatch.setitem(products.known, 94, Stubborn(products.known[94]))
    with pytest.raises(RejectedError, match="keeps Gyoza"):
        await line.connect().set_available(["94"], False, None)


@pytest.mark.parametrize("item_id", ["1", "95/1", "", "/", "../orders/1", "93/x"])
async def test_an_unknown_item_is_refused(line: Line, item_id: str) -> None:
    with pytest.raises(RejectedError):
        await line.connect().set_available([item_id], False, None)


# -- refunds

DISHES = PretendOrder((PretendLine("Ramen", 1100, 2), PretendLine("Thé", 330)))


def paid(line: Line, method: str = "stripe") -> str:
    order_id = line.simulator.place(DISHES)
    line.order(order_id).update(payment_method=method, status="processing")
    return order_id


def refunds(line: Line, order_id: str) -> list[str]:
    return [one["total"] for one in line.order(order_id)["refunds"]]


@pytest.mark.parametrize("method", ["stripe", "cod", "bacs"])
async def test_part_of_an_order_is_given_back_once_per_key(line: Line, method: str) -> None:
    """For cash the shop must not ask a provider: it would end in HTTP 500 (observed)."""
    order_id, connector = paid(line, method), line.connect()
    for key in ("a", "a", "b", "a"):
        await connector.refund(order_id, Money(150, "EUR"), (), "no egg", key)
    assert refunds(line, order_id) == ["-1.50", "-1.50"]
    (update,) = connector.read(await connector.fetch_order(order_id))
    assert update.refunded == Money(300, "EUR")
    assert line.order(order_id)["total"] == "25.30"


async def test_lines_are_given_back_with_their_tax(line: Line) -> None:
    order_id = paid(line)
    await line.connect().refund(order_id, None, [Portions(str(line.order(order_id)["line_items"][1]["id"]))], "no tea", "k")
    assert refunds(line, order_id) == ["-3.30"]


async def test_everything_that_is_left(line: Line) -> None:
    order_id, connector = paid(line), line.connect()
    await connector.refund(order_id, Money(330, "EUR"), (), "", "a")
    await connector.refund(order_id, None, (), "late", "b")
    assert refunds(line, order_id) == ["-3.30", "-22.00"]
    assert line.order(order_id)["status"] == "refunded"


@pytest.mark.parametrize(
    ("amount", "lines", "words"),
    [
        (Money(2531, "EUR"), (), "Only 25.30 EUR"),
        (Money(-1, "EUR"), (), "Only"),
        (Money(100, "USD"), (), "paid in EUR"),
        (None, (Portions("1"),), "no such line"),
    ],
)
async def test_more_than_there_is_is_refused_here(
    line: Line, amount: Money | None, lines: tuple[Portions, ...], words: str
) -> None:
    order_id = paid(line)
    with pytest.raises(RejectedError, match=words):
        await line.connect().refund(order_id, amount, lines, "", "k")
    assert refunds(line, order_id) == []


async def test_a_lost_answer_gives_back_nothing_twice(line: Line) -> None:
    line.simulator.faults = Faults(lose_reply=0.5)
    for number in range(6):
        order_id, connector = paid(line), line.connect()
        for _ in range(60):
            try:
                await connector.refund(order_id, Money(100, "EUR"), (), "late", f"k{number}")
                break
            except TemporaryError:
                continue
        assert refunds(line, order_id) == ["-1.00"]


# -- a day


async def test_a_day_is_the_shops_own(line: Line) -> None:
    """Paris is an hour or two before UTC: what was ordered at half past midnight belongs to the day that just began."""

    def placed(gmt: str, **more: Any) -> str:
        base = {"date_created_gmt": gmt, "date_paid_gmt": gmt, "line_items": []}
        return line.simulator.place(payload={**base, **more})

    day = datetime(2026, 7, 14, tzinfo=UTC).date()
    placed("2026-07-13T21:59:59")
    inside = [
        placed("2026-07-13T22:00:00"),
        placed("2026-07-14T10:00:00", status="cancelled"),
        placed("2026-07-14T11:00:00", status="completed"),
        placed("2026-07-14T21:59:59", status="refunded"),
    ]
    placed("2026-07-14T22:00:00")
    placed("2026-07-14T12:00:00", status="pending", date_paid_gmt=None)
    placed("2026-07-14T12:00:00", status="checkout-draft")
    assert await line.connect().list_day(day) == [DayEntry(order_id) for order_id in inside]


async def test_a_day_with_an_order_nobody_can_read_is_not_proved(line: Line) -> None:
    line.simulator.place(payload={"line_items": [], "currency": "euros"})
    with pytest.raises(ProtocolError, match="Not an order"):
        await line.connect().list_day(steady.now(line.simulator.books.zone).date())


async def test_a_long_day_has_pages(line: Line) -> None:
    placed = [line.simulator.place(payload={"line_items": []}) for _ in range(103)]
    today = steady.now(line.simulator.books.zone).date()
    assert [entry.order_id for entry in await line.connect().list_day(today)] == placed
