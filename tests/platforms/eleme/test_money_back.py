"""What a shop at Ele.me gives back, is paid, and is told by its customers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import steady
from app.domain.changes import RequestState
from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import Payment
from app.domain.money import Money
from app.domain.shop import SettlementKind, SettlementLine
from app.platforms.api import ProtocolError, RejectedError
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.finance import FinanceOrder, order_lines
from app.platforms.eleme.payloads import CHINA, shape
from app.platforms.eleme.simulated_orders import local
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendLine, PretendOrder
from tests.platforms.eleme.conftest import Connect

LUNCH = PretendOrder(
    (PretendLine("鱼香肉丝", 6400),), packaging_fee=300, delivery_fee=400, shop_discount=1000, platform_discount=500
)
REFUND = "eleme.order.applyRefund"
WAY = (Happening.COURIER_ASSIGNED, Happening.COURIER_PICKED_UP, Happening.DELIVERED, Happening.COMPLETE)


async def completed(eleme: ElemeSimulator, connector: ElemeConnector, order: PretendOrder = LUNCH) -> str:
    """An order delivered and over."""
    order_id = eleme.place(order)
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    for step in WAY:
        eleme.happen(order_id, step)
    return order_id


def refunded(eleme: ElemeSimulator, order_id: str) -> int:
    """Fen that went back."""
    return next(truth.refunded_minor for truth in eleme.truth() if truth.order_id == order_id)


def refunds(eleme: ElemeSimulator) -> int:
    """How often it was carried out."""
    return sum(record.detail.get("action") == REFUND for record in eleme.records if record.what == "commanded")


# money back


async def test_a_whole_order_goes_back_and_the_order_says_so(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await completed(eleme, connector)
    await connector.refund(order_id, Money(5600, "CNY"), (), "头发", "k")  # an amount that is everything is everything
    (update,) = connector.read(await connector.fetch_order(order_id))
    assert (update.payment, update.refunded) == (Payment.REFUNDED, Money(5600, "CNY"))
    assert update.request
    assert (update.request.state, update.request.reason) == (RequestState.AGREED, "头发")


async def test_what_a_part_left_over_goes_back(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await completed(eleme, connector)
    eleme.happen(order_id, Happening.REFUND_PART, amount=600)
    with pytest.raises(RejectedError, match="whole order"):
        await connector.refund(order_id, Money(5600, "CNY"), (), "", "k")
    await connector.refund(order_id, Money(5000, "CNY"), (), "", "k")
    assert refunded(eleme, order_id) == 5600


async def test_a_lost_yes_is_looked_up_and_not_asked_for_again(
    eleme: ElemeSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connect()
    order_id = await completed(eleme, connector)
    give_back, record = eleme.shop.apply_refund, eleme.record

    def give_back_unheard(order: Any, remark: str) -> None:
        give_back(order, remark)
        eleme.faults = Faults(lose_reply=1.0)

    def recorded(what: str, order_id: str = "", **detail: Any) -> None:
        if what == "faulted":
            eleme.faults = Faults()
        record(what, order_id, **detail)

    monkeypatch.setattr(eleme.shop, "apply_refund", give_back_unheard)
    monkeypatch.setattr(eleme, "record", recorded)
    await connector.refund(order_id, None, (), "", "k")
    assert (refunded(eleme, order_id), refunds(eleme)) == (5600, 1)


async def test_one_that_somebody_else_gave_back_meanwhile_is_success(
    eleme: ElemeSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = connect()
    order_id = await completed(eleme, connector)
    give_back = eleme.shop.apply_refund

    def too_late(order: Any, remark: str) -> None:
        give_back(order, remark)
        give_back(order, remark)

    monkeypatch.setattr(eleme.shop, "apply_refund", too_late)
    await connector.refund(order_id, None, (), "", "k")
    assert (refunded(eleme, order_id), refunds(eleme)) == (5600, 0)


async def test_an_order_on_its_way_is_refused_in_the_platforms_words(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = eleme.place(LUNCH)
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    with pytest.raises(RejectedError, match="请取消订单"):
        await connector.refund(order_id, None, (), "", "k")
    eleme.happen(order_id, Happening.CANCEL)
    await connector.refund(order_id, None, (), "", "k")  # dead: the money is back already
    assert refunds(eleme) == 0
    assert [record.detail["action"] for record in eleme.records if record.what == "refused"] == [REFUND]


async def test_an_open_request_is_answered_and_not_overtaken(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await completed(eleme, connector)
    eleme.happen(order_id, Happening.ASK_REFUND)
    with pytest.raises(RejectedError, match="已有退单"):
        await connector.refund(order_id, None, (), "", "k")
    with pytest.raises(RejectedError, match="订单不存在"):
        await connector.refund("404", None, (), "", "k")


# statements


async def settled(connector: ElemeConnector, days: Iterable[date]) -> list[SettlementLine]:
    return [line for day in days for line in await connector.settlement(day)]


def yesterday() -> date:
    """China's."""
    return steady.now(CHINA).date() - timedelta(days=1)


def around() -> list[date]:
    """Yesterday to the day after tomorrow: whenever midnight comes."""
    today = steady.now(CHINA).date()
    return [today + timedelta(days=days) for days in (-1, 0, 1, 2)]


async def test_an_order_and_its_refund_make_up_what_is_booked(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await completed(eleme, connector)
    await completed(eleme, connector)
    cancelled = eleme.place()
    eleme.happen(cancelled, Happening.CANCEL)
    await connector.refund(order_id, None, (), "", "k")
    lines = await settled(connector, around())
    mine = [(line.kind.value, line.amount.minor) for line in lines if line.order_id == order_id]
    # the worked example of the wire reference: 71.00 less 10.00 of the shop, 10.26 commission and the delivery fee
    booked = [("sale", 5600), ("promotion", 500), ("commission", -1026), ("delivery", -400)]
    assert mine == [*booked, ("refund", -5600), ("adjustment", 1008)]
    paid = sum(line.amount.minor for line in lines if line.kind is SettlementKind.PAYOUT)
    assert paid == sum(line.amount.minor for line in lines if line.kind is not SettlementKind.PAYOUT) == 4674 * 2 - 4592
    assert cancelled not in {line.order_id for line in lines}
    assert len({line.line_id for line in lines}) == len(lines)


async def test_a_long_statement_has_pages_and_a_quiet_day_has_nothing(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    for _ in range(101):
        order_id = eleme.place(LUNCH)
        placed = eleme.shop.orders[order_id]
        placed.body["status"], placed.settled_at = "settled", placed.placed_at
    lines = await settled(connector, around())
    assert len([line for line in lines if line.kind is SettlementKind.SALE]) == 101
    assert await connector.settlement(date(2025, 1, 1)) == []


FEN = st.integers(-500_000, 500_000).map(lambda fen: str(Decimal(fen) / 100))
FIGURES = (
    *("foodAmount", "packingFee", "userPaidDeliveryFee", "merchantSubsidyAmount", "merchantCashCoupon"),
    *("elemeSubsidyAmount", "elemeCashCoupon", "commissionFee", "refundAmount"),
)


@settings(max_examples=60)
@given(FEN, st.dictionaries(st.sampled_from(FIGURES), FEN | st.none()))
def test_lines_are_what_is_booked_whatever_the_figures(booked: str, figures: dict[str, str | None]) -> None:
    order = shape(FinanceOrder, {"orderId": "1", "checkoutAmount": booked, **figures})
    lines = list(order_lines(order, date(2025, 6, 2)))
    assert Money.total((line.amount for line in lines), "CNY") == Money.parse(booked, "CNY")
    assert len({line.line_id for line in lines}) == len(lines) > 0


@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_taken_away_is_taken_away_whatever_its_sign(sign: int) -> None:
    taken = {"commissionFee": sign * 10.26, "merchantSubsidyAmount": sign * 10, "elemeSubsidyAmount": sign * 5}
    order = {"foodAmount": 64, "packingFee": 3, "userPaidDeliveryFee": 4, "checkoutAmount": 46.74} | taken
    lines = order_lines(shape(FinanceOrder, order), date(2025, 6, 2))
    assert [line.amount.minor for line in lines] == [5600, 500, -1026, -400]


async def test_debts_rows_alike_and_rows_without_numbers(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    day, connector = date(2025, 6, 2), connect()
    row = {"orderId": "8045", "checkoutDate": "2025-06-02", "billDate": "2025-06-01T00:00:00", "checkoutAmount": -1.5}
    later = row | {"checkoutDate": "2025-06-03T00:00:00", "transNo": "T"}  # an answer about more than was asked
    bill = {"billDate": "2025-06-01", "checkoutDate": "2025-06-02T00:00:00", "checkoutAmount": "20.00", "deductAmount": 3}
    answers = {"queryBranchOrdersNew": {"orders": [row, later, row]}, "queryBranchBillsNew": {"bills": [bill]}}

    async def answer(action: str, params: Any) -> Any:
        return type("Answer", (), {"value": answers[action.rpartition(".")[2]]})

    monkeypatch.setattr(connector._client, "call", answer)
    lines = [(line.line_id, line.amount.minor) for line in await connector.settlement(day) if line.amount.minor]
    key = "8045@2025-06-01:adjustment"
    deducted = ("bill:2025-06-01:2025-06-02:deduct", -300)
    assert lines == [(key, -150), (f"{key}#2", -150), deducted, ("bill:2025-06-01:2025-06-02", 2000)]
    answers["queryBranchBillsNew"] = {"bills": [{"checkoutAmount": "much"}]}
    with pytest.raises(ProtocolError, match="checkoutAmount"):
        await connector.settlement(day)


# reviews


async def test_many_reviews_are_all_read_oldest_first(eleme: ElemeSimulator, connect: Connect) -> None:
    now, written = steady.now(), []
    for number in range(130):
        rate_id = eleme.review(eleme.place(), number % 5 + 1, f"第{number}条")
        eleme.front.reviews[rate_id]["ratedAt"] = local(now.timestamp() - 7_000 * (130 - number))
        written.append(rate_id)
    since = (now - timedelta(days=30)).date()
    assert [review.review_id for review in await connect().reviews(since)] == written
    assert len(await connect().reviews((now - timedelta(days=300)).date())) == 130  # beyond the 90 days nothing is asked
    assert await connect().reviews((now + timedelta(days=3)).date()) == []


async def test_an_anonymous_review_names_no_order_and_dishes_speak_too(eleme: ElemeSimulator, connect: Connect) -> None:
    order_id, other = eleme.place(), eleme.place()
    eleme.review(order_id, 5, "好")
    eleme.faults = Faults(odd=1.0)
    hidden = eleme.review(other, 1, "")
    eleme.faults = Faults()
    eleme.front.reviews[hidden]["itemRates"] = [{"itemName": "米饭", "rateContent": "夹生"}, {"itemName": "汤", "rating": 5}]
    eleme.front.reviews[hidden]["rating"] = 0
    named, anonymous = sorted(await connect().reviews(yesterday()), key=lambda review: review.review_id)
    assert (named.order_id, named.score, named.text) == (order_id, 5, "好")
    assert (anonymous.order_id, anonymous.score, anonymous.text) == ("", None, "米饭: 夹生")
    assert anonymous.at.utcoffset() == timedelta(0)
    with pytest.raises(ImpossibleError):
        eleme.review(order_id, 5, "again")


async def test_an_answer_given_elsewhere_is_success_and_a_wrong_one_is_not(eleme: ElemeSimulator, connect: Connect) -> None:
    review_id = eleme.review(eleme.place(), 2, "凉了")
    connector = connect()
    with pytest.raises(RejectedError, match="reply not empty"):
        await connector.reply_review(review_id, " ")
    await connector.reply_review(review_id, "抱歉")
    await connector.reply_review(review_id, "再次抱歉")
    assert eleme.front.reviews[review_id]["orderRateReply"]["content"] == "抱歉"
    with pytest.raises(RejectedError, match="评论不存在"):
        await connector.reply_review("1", "谢谢")
    assert "抱歉" in json.dumps([review.reply for review in await connector.reviews(yesterday())], ensure_ascii=False)
