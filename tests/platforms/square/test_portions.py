"""Square gives amounts back: what portions are worth we work out, of what was paid for the line, to its last cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.domain.commands import Portions
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.square.refunding import given, refunds_for

from .conftest import Line
from .test_abilities import drawn, two_tenders, usd

Payload = Callable[[str], Any]


def amounts(payload: Payload, *parts: Portions) -> int:
    return sum(minor for _, minor in drawn(refunds_for(two_tenders(payload), None, parts, "cold", "k")))


def test_a_portion_is_worth_its_share_of_what_was_paid(payload: Payload) -> None:
    """3240 for two, tax included."""
    assert amounts(payload, Portions("li1", 1, 0, 2)) == 1620
    assert amounts(payload, Portions("li1", 1, 0, 2)) + amounts(payload, Portions("li1", 1, 1, 2)) == 3240


def test_portions_that_do_not_divide_make_the_line_together(payload: Payload) -> None:
    order = two_tenders(payload)
    order.line_items[0].quantity = Decimal(7)
    parts = [Portions("li1", 1, gone, 7) for gone in range(7)]
    found = [sum(minor for _, minor in drawn(refunds_for(order, None, [one], "cold", "k"))) for one in parts]
    assert sum(found) == 3240
    assert set(found) == {462, 463}


@pytest.mark.parametrize("part", [Portions("li1", 3, 0, 2), Portions("li1", 2, 1, 2), Portions("li1", 1, 2, 2)])
def test_more_portions_than_the_line_has_left(payload: Payload, part: Portions) -> None:
    with pytest.raises(RejectedError, match="Of Ramen only"):
        refunds_for(two_tenders(payload), None, [part], "cold", "k")


def test_what_is_given_back_is_said_the_same_on_every_try(payload: Payload) -> None:
    parts = [Portions("li1", 1, 0, 2)]
    plan = refunds_for(two_tenders(payload), None, parts, "cold", "k")
    assert given(two_tenders(payload), plan, "k") == usd(1620)
    half = two_tenders(payload, ("pay1", 1000, "PENDING", plan[0]["reason"]))
    assert given(half, refunds_for(half, None, parts, "cold", "k"), "k") == usd(1620)


@pytest.mark.parametrize(("refused", "error", "words"), [(1, RejectedError, "closed"), (2, ProtocolError, "Only 10.00 USD")])
async def test_a_refund_that_stuck_half_way_is_not_called_refused(
    line: Line, payload: Payload, monkeypatch: pytest.MonkeyPatch, refused: int, error: type[Exception], words: str
) -> None:
    """Two payments; the customer has what came of the first, whatever is said of the second."""
    connector, asked = line.connect(), list[Any]()

    async def shows(_: str) -> None: ...

    async def takes(_: str, body: Any) -> None:
        asked.append(body)
        if len(asked) == refused:
            raise RejectedError("The account of this card was closed", "REFUND_DECLINED")

    monkeypatch.setattr(connector._client, "order", shows)
    monkeypatch.setattr(connector._client, "post", takes)
    monkeypatch.setattr("app.platforms.square.connector._order", lambda _: two_tenders(payload))
    with pytest.raises(error, match=words):
        await connector.refund("o", usd(1200), (), "cold", "k")
    assert len(asked) == refused
