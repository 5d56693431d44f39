"""Portions go back to a WooCommerce customer with their tax, counted by the shop's books, to the last cent of the line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.commands import Portions
from app.domain.money import Money
from app.platforms.api import RejectedError
from app.platforms.simulation import PretendLine, PretendOrder
from app.platforms.woocommerce.refunding import refund_for
from app.platforms.woocommerce.wire import Order, RefundedLine

from .conftest import Line

WISH = PretendOrder((PretendLine("Gyoza", 335, 3), PretendLine("Thé", 330)))


def placed(line: Line) -> tuple[str, str]:
    """An order and its line of three."""
    order_id = line.simulator.place(WISH)
    line.order(order_id).update(payment_method="stripe", status="processing")
    return order_id, str(line.order(order_id)["line_items"][0]["id"])


def back(line: Line, order_id: str) -> list[str]:
    return [one["total"] for one in line.order(order_id)["refunds"]]


async def test_one_portion_after_another_until_the_line_is_gone(line: Line) -> None:
    order_id, gyoza = placed(line)
    said = []
    for gone, key in enumerate("abc"):
        part = [Portions(gyoza, 1, gone, 3)]
        said += [await line.connect().refund(order_id, None, part, "", key) for _ in range(2)]
    assert back(line, order_id) == ["-3.35"] * 3
    assert said == [Money(335, "EUR")] * 6, "the same on every try"
    with pytest.raises(RejectedError, match="Of Gyoza only 0"):
        await line.connect().refund(order_id, None, [Portions(gyoza, 1, 2, 3)], "", "d")


async def test_what_the_shop_gave_back_itself_is_counted_although_we_know_nothing_of_it(line: Line) -> None:
    order_id, gyoza = placed(line)
    books = line.simulator.books
    there = {"id": int(gyoza), "quantity": 2, "refund_total": "6.09", "refund_tax": [{"id": 75, "refund_total": "0.61"}]}
    books.give_back(line.order(order_id), Decimal("6.70"), "at the till", [there])
    connector = line.connect()
    for wrong in (Portions(gyoza), Portions(gyoza, 2, 0, 3)):
        with pytest.raises(RejectedError, match="Of Gyoza only 1"):
            await connector.refund(order_id, None, [wrong], "", "a")
    assert await connector.refund(order_id, None, [Portions(gyoza, 1, 0, 3)], "", "b") == Money(335, "EUR")
    assert books.returned(line.order(order_id), int(gyoza)) == 3


async def test_the_shop_is_told_how_many_and_what_they_cost(line: Line) -> None:
    order_id, gyoza = placed(line)
    await line.connect().refund(order_id, None, [Portions(gyoza, 2, 0, 3)], "cold", "a")
    (refund,) = line.simulator.books.returns[int(order_id)]
    (item,) = refund["line_items"]
    assert (item["quantity"], item["total"], item["taxes"]) == (-2, "-6.09", [{"id": 75, "total": "-0.61"}])


@pytest.mark.parametrize("quantity", [4, -1])
async def test_the_simulator_keeps_count_over_several_refunds(line: Line, quantity: int) -> None:
    order_id, gyoza = placed(line)

    async def asks(count: int) -> httpx.Response:
        lines = [{"id": int(gyoza), "quantity": count, "refund_total": "0.10"}]
        return await line.call("POST", f"/orders/{order_id}/refunds", json={"amount": "0.10", "line_items": lines})

    assert (await asks(quantity)).status_code == 500
    assert (await asks(2)).status_code == 201
    assert (await asks(2)).status_code == 500
    assert (await asks(1)).status_code == 201
    assert [one["line_items"][0]["quantity"] for one in (await line.call("GET", f"/orders/{order_id}/refunds")).json()] == [
        -2,
        -1,
    ]


def bill(quantity: int, net: int, tax: int) -> Order:
    line = {"id": 5, "name": "Gyoza", "quantity": quantity, "total": f"{net / 100:.2f}", "total_tax": f"{tax / 100:.2f}",
            "taxes": [{"id": 75, "total": f"{tax / 100:.2f}"}]}  # fmt: skip
    whole = f"{(net + tax) / 100 + 50:.2f}"
    return Order.model_validate({"id": 1, "status": "processing", "currency": "EUR", "total": whole, "line_items": [line]})


def booked(asked: dict[str, Any]) -> RefundedLine:
    (line,) = asked["line_items"]
    tax = line["refund_tax"][0]["refund_total"]
    return RefundedLine.model_validate(
        {
            "quantity": -line["quantity"],
            "total": f"-{line['refund_total']}",
            "total_tax": f"-{tax}",
            "taxes": [{"id": 75, "total": f"-{tax}"}],
            "meta_data": [{"key": "_refunded_item_id", "value": "5"}],
        }
    )


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(20, 9999), st.integers(0, 2000))
@settings(deadline=None, max_examples=60)
def test_all_refunds_of_a_line_together_are_the_line(counts: list[int], net: int, tax: int) -> None:
    order, back, paid = bill(sum(counts), net, tax), list[RefundedLine](), Decimal(0)
    for at, count in enumerate(counts):
        asked = refund_for(order, None, [Portions("5", count, sum(counts[:at]), sum(counts))], "", str(at), back)
        back.append(booked(asked))
        paid += Decimal(asked["amount"])
    assert paid == Decimal(net + tax) / 100
    assert -sum(line.total for line in back) == Decimal(net) / 100
    assert -sum(line.total_tax for line in back) == Decimal(tax) / 100
