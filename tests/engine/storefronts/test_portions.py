"""One of three portions: counted over several refunds, never more than there are, and the platform's word on the money."""

from __future__ import annotations

from typing import Any

import pytest

from app.db import orders, outbox
from app.db.tables import outbox as outbox_table
from app.domain.commands import Command, CommandKind, Portions
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.domain.orders import Charge, ChargeKind, Party
from app.domain.shop import RefundBy, RefundTerms
from app.engine.consequences import command
from app.engine.desk import RefusalError
from app.engine.refunds import RefundWish, dishes_left, refundable, request_refund
from app.engine.shop_controls import _portions, shop_controls
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.simulation import PretendLine, PretendOrder
from app.steady import now
from tests.engine.shop import Shop, cny, dish, facts, report, shop

from .conftest import Counter
from .test_refunds import EVERY, FREE, entries

RICE = "米饭"
OFF = Charge(ChargeKind.DISCOUNT, "", cny(-1400), Party.SHOP)
THREE = facts(total=cny(5800), lines=(dish(RICE, 3), dish("汤")), charges=(OFF,))
WHOLE_DISHES = RefundTerms(EVERY - {RefundBy.PORTIONS}, EVERY)


def asks(opened: Shop, count: int | None, *, terms: RefundTerms = FREE, dish: str = RICE) -> outbox.Entry:
    """So many portions; answers what was queued."""
    number = request_refund(opened.connection, RefundWish(opened.order.id, None, (Portions(dish, count),)), terms)
    return next(one for one in outbox.of_order(opened.connection, opened.order.id) if one.id == number)


def settles(opened: Shop, entry: outbox.Entry, state: str = "confirmed", given: Money | None = None) -> None:
    if given:
        outbox.note_given(opened.connection, entry.id, entry.command, given)
    outbox.settle(opened.connection, entry.id, state, now())


def left(opened: Shop) -> tuple[int, Money | None]:
    """Portions of rice, and money."""
    rice = next(one for one in dishes_left(opened.connection, opened.order.id) if one.key == RICE)
    return rice.left, refundable(opened.connection, opened.order.id)


def test_portions_are_counted_over_several_refunds_and_come_to_their_share() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        asked = []
        for _ in range(3):
            entry = asks(opened, 1)
            asked.append(entry.command.lines)
            settles(opened, entry)
        assert asked == [(Portions(RICE, 1, gone, 3),) for gone in range(3)]
        assert left(opened) == (0, cny(5800 - 4350)), "three quarters of what all dishes cost less the discount"
        with pytest.raises(RefusalError, match="already been given back"):
            asks(opened, 1)
        assert asks(opened, None, dish="汤").command.lines == (Portions("汤"),)


def test_the_order_tells_what_was_given_back_of_it() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        wish = RefundWish(opened.order.id, None, (Portions(RICE, 2), Portions("汤")), "漏送")
        request_refund(opened.connection, wish, FREE)
        told = [text for _, _, kind, text in orders.timeline(opened.connection, opened.order.id) if kind == "refund"]
        assert told == [f"2 × {RICE}, 汤 漏送"]


def test_what_is_left_of_a_dish_can_go_back_at_once() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        settles(opened, asks(opened, 1))
        assert asks(opened, None).command.lines == (Portions(RICE, 2, 1, 3),)


@pytest.mark.parametrize(
    ("count", "terms", "words"),
    [
        (4, FREE, f"Of {RICE} only 3 can still be given back"),
        (0, FREE, "At least one portion"),
        (-1, FREE, "At least one portion"),
        (1, WHOLE_DISHES, "everything, whole dishes, an amount."),
    ],
)
def test_portions_that_cannot_go_back_are_refused_before_anything_is_queued(
    count: int, terms: RefundTerms, words: str
) -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        with pytest.raises(RefusalError, match=words):
            asks(opened, count, terms=terms)
        assert outbox.of_order(opened.connection, opened.order.id) == []


def test_all_portions_of_a_dish_need_no_platform_that_counts() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        assert asks(opened, 3, terms=WHOLE_DISHES).command.lines == (Portions(RICE),)


def test_one_more_than_is_left_is_refused_although_the_dish_had_it_once() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        settles(opened, asks(opened, 2))
        with pytest.raises(RefusalError, match="only 1 can still"):
            asks(opened, 2)


def test_the_last_portions_are_everything_where_that_cancels_the_order() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(total=cny(5400), lines=(dish(RICE, 3),))))
        terms = RefundTerms(EVERY, EVERY, cancels=True)
        settles(opened, asks(opened, 2, terms=terms))
        with pytest.raises(RefusalError, match="cancels the order there"):
            asks(opened, 1, terms=terms)


def test_the_amount_that_the_platform_states_wins() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        settles(opened, asks(opened, 1), given=cny(1449))
        assert left(opened) == (2, cny(5800 - 1449))
        (entry,) = outbox.of_order(opened.connection, opened.order.id)
        assert entry.command.given == cny(1449)


def test_portions_that_may_have_gone_back_are_not_promised_again() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        given_up = asks(opened, 2)
        settles(opened, given_up, "dead")
        with pytest.raises(RefusalError, match="never said whether"):
            asks(opened, 3)
        again = asks(opened, 2)
        assert (again.id, again.command.key) == (given_up.id, given_up.command.key)


def test_portions_without_an_answer_keep_their_key_after_others_of_the_dish_went_back() -> None:
    """Counted after those, it is the same portion: under another key it would be paid twice."""
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(total=cny(9000), lines=(dish(RICE, 5),))))
        given_up = asks(opened, 1)
        settles(opened, given_up, "dead")
        settles(opened, asks(opened, 2))
        again = asks(opened, 1)
        assert (again.id, again.command.key) == (given_up.id, given_up.command.key)


def test_portions_taken_off_the_bill_are_not_counted_twice() -> None:
    """DoorDash sends the order anew, with what is left of it."""
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(total=cny(7200), lines=(dish(RICE, 3), dish("汤")))))
        settles(opened, asks(opened, 1))
        assert left(opened) == (2, cny(5400)), "not sent anew yet"
        opened.hears(report(9, facts=facts(total=cny(5400), lines=(dish(RICE, 2), dish("汤")))))
        assert left(opened) == (2, cny(5400))
        assert asks(opened, 1).command.lines == (Portions(RICE, 1, 0, 2),)


def test_a_row_of_an_earlier_release_is_a_whole_dish() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
        entry = asks(opened, None)
        (stored,) = opened.connection.execute(outbox_table.select()).mappings()
        old: dict[str, Any] = {**stored["command"], "lines": [RICE]}
        del old["given"]
        outbox.change(opened.connection, entry.id, command=old)
        (read,) = outbox.of_order(opened.connection, opened.order.id)
        assert read.command == entry.command
        settles(opened, entry, "dead")
        assert asks(opened, None).id == entry.id, "asked for again under its own key"
        settles(opened, entry)
        assert left(opened)[0] == 0


def test_no_life_of_a_restored_backup_uses_a_key_of_another() -> None:
    """Two stores in the same state: the backup, and the store that went on and was lost."""
    keys = []
    for _ in range(2):
        with shop() as opened:
            opened.hears(report(0, Kitchen.ACCEPTED, facts=THREE))
            keys.append(asks(opened, 1).command.key)
            command(opened.connection, opened.account, opened.order, CommandKind.READY, now())
            keys.append(outbox.of_order(opened.connection, opened.order.id)[-1].command.key)
    assert len(set(keys)) == 4
    assert all(len(key) <= 64 for key in keys), "what Alipay takes for a number of a refund"


async def served(counter: Counter, meituan: MeituanSimulator) -> tuple[str, int]:
    """An order at Meituan, in the kitchen; answers its id there and here."""
    account = await counter.opens(meituan)
    there = meituan.place(PretendOrder((PretendLine("鱼香肉丝", 2800), PretendLine(RICE, 200, 3)), shop_discount=680))
    await counter.signed_in[account].send(Command(CommandKind.ACCEPT, there, "k"))
    return there, await counter.reads(account, there)


async def test_one_of_three_portions_goes_back_through_the_platform(counter: Counter) -> None:
    meituan = MeituanSimulator(speed=60.0)
    there, order = await served(counter, meituan)
    counter.pumps()
    ask = shop_controls(counter.fronts, counter.store)["refund"]
    known: dict[str, Any] = {"order": order, "amount": None, "reason": "少了一份"}
    assert await ask({**known, "dishes": [f"{RICE}=1"]}) == {"state": "confirmed", "text": "", "given": "1.60 CNY"}
    there_now = next(one for one in meituan.truth() if one.order_id == there)
    assert there_now.refunded_minor == 160, "200 less its share of 680 off 3400"
    (entry,) = entries(counter, order)
    assert (entry.command.lines, entry.command.given) == ((Portions(entry.command.lines[0].line, 1, 0, 3),), cny(160))
    with pytest.raises(RefusalError, match=f"Of {RICE} only 2"):
        await ask({**known, "dishes": [f"{RICE}=3"]})
    assert await ask({**known, "dishes": [RICE]}) == {"state": "confirmed", "text": "", "given": "3.20 CNY"}
    assert next(one for one in meituan.truth() if one.order_id == there).refunded_minor == 480
    assert [dish.left for dish in counter.store.read(dishes_left, order)] == [1, 0]


@pytest.mark.parametrize(
    ("name", "asked", "part"), [("Rice=2", "Rice=2", None), ("Rice", "Rice=2", 2), ("Rice", "rice", None)]
)
def test_a_dish_that_is_called_like_a_count_is_that_dish(name: str, asked: str, part: int | None) -> None:
    assert _portions([dish(name, 3)], asked) == Portions(name, part)


async def test_a_wish_with_words_for_a_count_names_no_dish(counter: Counter) -> None:
    meituan = MeituanSimulator(speed=60.0)
    _, order = await served(counter, meituan)
    ask = shop_controls(counter.fronts, counter.store)["refund"]
    for text in (f"{RICE}=many", f"{RICE}=-1", "=2"):
        with pytest.raises(RefusalError, match="no such dish"):
            await ask({"order": order, "amount": None, "reason": "", "dishes": [text]})
    with pytest.raises(RefusalError, match="At least one portion"):
        await ask({"order": order, "amount": None, "reason": "", "dishes": [f"{RICE}=0"]})
    assert counter.store.read(orders.get, order).refunded_minor == 0
