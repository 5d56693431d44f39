"""A shop on Meituan: how it stands, resting and opening, reviews and their answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import steady
from app.domain.shop import ShopState, ShopStatus
from app.platforms.abilities import HearsReviews, OpensShop
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.shop import status_of
from app.platforms.meituan.simulator import MeituanSimulator, PartnerSimulator

from .conftest import DOORS, Connect, Start


@DOORS
async def test_the_shop_rests_and_opens(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    assert isinstance(connector, OpensShop)
    for state in (ShopState.PAUSED, ShopState.PAUSED, ShopState.OPEN):
        assert await connector.set_shop(state, None) == ShopStatus(state)
        assert simulator.calls.resting == (state is ShopState.PAUSED)
    with pytest.raises(RejectedError):
        await connector.set_shop(ShopState.BUSY, None)


@pytest.mark.parametrize(
    ("details", "state"),
    [
        ({"isOpen": 1, "isOnline": 1}, ShopState.OPEN),
        ({"isOpen": "3"}, ShopState.PAUSED),
        ({"isOpen": 0}, ShopState.CLOSED),
        ({"open_level": 1, "is_online": 0}, ShopState.CLOSED),
        ({"open_level": 3, "is_online": "1"}, ShopState.PAUSED),
    ],
)
def test_how_a_shop_stands(details: dict[str, Any], state: ShopState) -> None:
    assert status_of(details) == ShopStatus(state)
    with pytest.raises(ProtocolError):
        status_of({"open_level": 7})


async def test_reviews_are_read_over_months_and_pages_and_answered_once(start: Start, connect: Connect) -> None:
    simulator = await start()
    today = steady.now(CHINA)
    simulator.calls.comments = [
        {
            "comment_id": number,
            "comment_content": "好吃" if number else "慢",
            "food_comment_score": 5,
            "comment_time": f"{today - timedelta(days=number):%Y-%m-%d} 12:00:00",
        }
        for number in range(45)
    ]
    account = connect(simulator)
    assert isinstance(account, HearsReviews)
    found = await account.reviews((today - timedelta(days=60)).date())
    assert [review.review_id for review in found] == [str(number) for number in reversed(range(45))]
    assert {review.score for review in found} == {5.0}
    await account.reply_review("0", "抱歉让您久等 & 欢迎再来")
    assert (await account.reviews(today.date()))[-1].reply == "抱歉让您久等 & 欢迎再来"
    await account.reply_review("0", "抱歉让您久等 & 欢迎再来")  # to be answered already is success
    with pytest.raises(RejectedError):
        await account.reply_review("999", "谢谢")


def test_the_gateway_reads_no_reviews(connect: Connect) -> None:
    assert not isinstance(connect(PartnerSimulator()), HearsReviews)
