"""Money back: what may be is checked here, the platform decides, the same refund is never paid twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.db import orders, outbox
from app.db.orders import StoredOrder
from app.domain.commands import Command, CommandKind, Portions
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.money import Money
from app.domain.shop import RefundBy, RefundTerms
from app.engine import overview
from app.engine.apply import apply
from app.engine.desk import RefusalError
from app.engine.refunds import RefundWish, refundable, request_refund
from app.engine.shop_controls import shop_controls
from app.platforms.api import ProtocolError, TemporaryError
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import PretendLine, PretendOrder
from app.steady import now
from tests.engine.shop import Shop, cny, dish, facts, report, shop, step, until

from .conftest import Counter

WISH = PretendOrder((PretendLine("鱼香肉丝", 2800), PretendLine("米饭", 200, 2)))


def whole(*lines: str) -> tuple[Portions, ...]:
    """These lines with every portion."""
    return tuple(map(Portions, lines))


def entries(counter: Counter, order: int) -> list[outbox.Entry]:
    found: list[outbox.Entry] = counter.store.read(outbox.of_order, order)
    return [one for one in found if one.command.kind is CommandKind.REFUND]


async def accepted(counter: Counter, koubei: KoubeiSimulator) -> tuple[int, str, int]:
    """An order in the kitchen; answers account, the platform's id and ours."""
    account = await counter.opens(koubei)
    there = koubei.place(WISH)
    order = await counter.reads(account, there)
    yes = await counter.signed_in[account].send(Command(CommandKind.ACCEPT, there, "k"))
    assert yes
    counter.store.write_now(apply, counter.house, counter.account(account), yes, now())
    return account, there, order


async def refund(counter: Counter, order: int, amount: int | None = None, *lines: str, reason: str = "少了一份") -> None:
    money = None if amount is None else cny(amount)
    await counter.fronts.refund(RefundWish(order, money, whole(*lines), reason))


async def test_part_of_the_money_goes_back_and_the_order_is_read_again(counter: Counter, koubei: KoubeiSimulator) -> None:
    _, there, order = await accepted(counter, koubei)
    asked: list[str] = []
    counter.pumps(lambda _, order_id: asked.append(order_id))
    await refund(counter, order, 500)
    await until(lambda: asked == [there])
    assert entries(counter, order)[0].state == "confirmed"
    assert koubei.shop.orders[there].refunded == 500
    assert counter.store.read(refundable, order) == cny(2700), "although Koubei's order never tells of it"
    told = [row[2] for row in counter.store.read(orders.timeline, order)]
    assert {"refund", "refund_confirmed"} <= set(told)


async def test_dishes_and_then_the_rest(counter: Counter, koubei: KoubeiSimulator) -> None:
    account, there, order = await accepted(counter, koubei)
    counter.pumps()
    stored: StoredOrder = counter.store.read(orders.get, order)
    rice = next(line.key for line in stored.facts.lines if line.name == "米饭")
    await refund(counter, order, None, rice)
    await until(lambda: entries(counter, order)[-1].state == "confirmed")
    assert koubei.shop.orders[there].refunded == 400
    with pytest.raises(RefusalError, match=r"Only 28\.00 CNY"):
        await refund(counter, order, 2900)
    await refund(counter, order)
    await until(lambda: entries(counter, order)[-1].state == "confirmed")
    await counter.reads(account, there)
    after: StoredOrder = counter.store.read(orders.get, order)
    assert after.state.kitchen in DEAD


async def test_a_refusal_is_kept_in_the_platforms_words(counter: Counter, koubei: KoubeiSimulator) -> None:
    _, there, order = await accepted(counter, koubei)
    koubei.shop.orders[there].refunded = 3100  # on the platform's own device, not heard of here yet
    asked: list[str] = []
    counter.pumps(lambda _, order_id: asked.append(order_id))
    await refund(counter, order, 500)
    await until(lambda: asked == [there])
    (entry,) = entries(counter, order)
    assert entry.state == "refused"
    assert "退款金额有误" in entry.text


async def test_a_crash_between_the_commit_and_the_call_pays_once(counter: Counter, koubei: KoubeiSimulator) -> None:
    _, there, order = await accepted(counter, koubei)
    await refund(counter, order, 500)
    counter.store.write_now(outbox.claim, now())  # on its way when the power went
    counter.store.write_now(outbox.revive)
    counter.pumps()
    await until(lambda: entries(counter, order)[0].state == "confirmed")
    assert koubei.shop.orders[there].refunded == 500


async def test_a_crash_after_the_call_does_not_pay_twice(counter: Counter, koubei: KoubeiSimulator) -> None:
    account, there, order = await accepted(counter, koubei)
    await refund(counter, order, 500)
    (claimed,) = [one for one in counter.store.write_now(outbox.claim, now()) if one.command.kind is CommandKind.REFUND]
    told = claimed.command
    connector: Any = counter.signed_in[account]
    await connector.refund(told.order_id, told.amount, told.lines, told.text, told.key)

    counter.store.write_now(outbox.revive)
    counter.pumps()
    await until(lambda: entries(counter, order)[0].state == "confirmed")
    assert (koubei.shop.orders[there].refunded, len(koubei.shop.orders[there].part_refunds)) == (500, 1)


async def test_money_that_waits_holds_up_no_food(counter: Counter, koubei: KoubeiSimulator) -> None:
    account, there, order = await accepted(counter, koubei)
    connector = counter.signed_in[account]

    class Slow:
        """Refunds there are out of order just now."""

        refunds = FREE

        async def refund(self, *_: object) -> None:
            raise TemporaryError("later", retry_after=600)

        send, read, fetch_order = connector.send, connector.read, connector.fetch_order

    counter.signed_in[account] = Slow()  # type: ignore[assignment]  # of a connector only this is asked
    await refund(counter, order, 500)
    counter.pumps()
    await until(lambda: entries(counter, order)[0].text == "later")
    stored: StoredOrder = counter.store.read(orders.get, order)
    ready = Command(CommandKind.READY, there, "ready-1")
    counter.store.write_now(outbox.add, order, stored.account_id, ready, now(), None)
    counter.bell.changed("orders", order)
    await until(lambda: [one.state for one in counter.store.read(outbox.of_order, order)] == ["pending", "confirmed"])


async def test_the_command_line_is_told_what_became_of_it(counter: Counter, koubei: KoubeiSimulator) -> None:
    _, there, order = await accepted(counter, koubei)
    counter.pumps()
    ask = shop_controls(counter.fronts, counter.store)["refund"]
    known: dict[str, Any] = {"order": order, "amount": None, "dishes": [], "reason": "少了一份"}
    assert await ask({**known, "dishes": ["米饭"]}) == {"state": "confirmed", "text": "", "given": "4.00 CNY"}
    assert koubei.shop.orders[there].refunded == 400
    koubei.shop.orders[there].refunded = 3100
    refused = await ask({**known, "amount": "5.00"})
    assert refused["state"] == "refused"
    assert "退款金额有误" in refused["text"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"amount": "1e999999"}, "not an amount"),
        ({"amount": "NaN"}, "not an amount"),
        ({"amount": "5.005"}, "not an amount"),
        ({"dishes": ["鱼香肉丝"]}, "Several dishes are called 鱼香肉丝"),
        ({"order": 99}, "no order 99"),
    ],
)
async def test_what_the_command_line_cannot_mean_is_said(
    counter: Counter, koubei: KoubeiSimulator, changed: dict[str, Any], words: str
) -> None:
    account = await counter.opens(koubei)
    there = koubei.place(PretendOrder((PretendLine("鱼香肉丝", 2800), PretendLine("鱼香肉丝", 3200))))
    order = await counter.reads(account, there)
    ask = shop_controls(counter.fronts, counter.store)["refund"]
    with pytest.raises(RefusalError, match=words):
        await ask({"order": order, "amount": None, "dishes": [], "reason": "", **changed})


async def test_nothing_done_is_not_called_done(counter: Counter, koubei: KoubeiSimulator) -> None:
    await counter.opens(koubei)
    ask = shop_controls(counter.fronts, counter.store)
    with pytest.raises(RefusalError, match="No account that is open now"):
        await ask["shop-set"]({"accounts": [], "state": "paused", "minutes": None})
    with pytest.raises(RefusalError, match="No account that is open now"):
        await ask["menu"]({"accounts": []})
    with pytest.raises(RefusalError, match="too many"):
        await ask["shop-set"]({"accounts": [1], "state": "paused", "minutes": 10**12})


async def test_a_platform_without_refunds_is_not_asked(counter: Counter, deliveroo: DeliverooSimulator) -> None:
    account = await counter.opens(deliveroo)
    order = await counter.reads(account, deliveroo.place())
    with pytest.raises(RefusalError, match="takes no refunds from here"):
        await counter.fronts.refund(RefundWish(order))
    assert entries(counter, order) == []


# what the counter itself refuses


EVERY = frozenset(RefundBy)
FREE = RefundTerms(EVERY, EVERY)


def asks(counter: Shop, amount: int | None = 500, *lines: str, currency: str = "CNY", terms: RefundTerms = FREE) -> None:
    money = None if amount is None else Money(amount, currency)
    request_refund(counter.connection, RefundWish(counter.order.id, money, whole(*lines)), terms)


@pytest.mark.parametrize(
    ("kitchen", "told", "amount", "lines", "words"),
    [
        (Kitchen.NEW, {}, 500, (), "not been accepted"),
        (Kitchen.CANCELLED, {}, 500, (), "was cancelled"),
        (Kitchen.ACCEPTED, {"paid": False}, 500, (), "not been paid"),
        (Kitchen.ACCEPTED, {}, 0, (), "more than nothing"),
        (Kitchen.ACCEPTED, {}, 1801, (), r"Only 18\.00 CNY"),
        (Kitchen.ACCEPTED, {}, None, ("nonsense",), "no such dish"),
    ],
)
def test_what_cannot_be_given_back_is_said(
    kitchen: Kitchen, told: dict[str, Any], amount: int | None, lines: tuple[str, ...], words: str
) -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.NEW, facts=facts(**told)), step(5, kitchen))
        with pytest.raises(RefusalError, match=words):
            asks(opened, amount, *lines)
        assert outbox.of_order(opened.connection, opened.order.id) == []


WHOLE, DISHES, AMOUNT = (frozenset({way}) for way in (RefundBy.WHOLE, RefundBy.DISHES, RefundBy.AMOUNT))
NONE: frozenset[RefundBy] = frozenset()
UNDER_WAY, OVER = Kitchen.ACCEPTED, Kitchen.COMPLETED
TWO = facts(total=cny(5000), lines=(dish("米饭"), dish("汤")))  # and 14.00 of fees
EVERY_DISH = tuple(line.key for line in TWO.lines)


@pytest.mark.parametrize(
    ("terms", "kitchen", "amount", "lines", "words"),
    [
        (RefundTerms(NONE, WHOLE), UNDER_WAY, None, (), "only when the order is completed"),
        (RefundTerms(WHOLE | DISHES, NONE), OVER, None, (), "once the order is completed"),
        (RefundTerms(NONE, WHOLE), OVER, 500, (), "only this can be given back from here: everything."),
        (RefundTerms(NONE, WHOLE), OVER, None, EVERY_DISH, "only this can be given back from here: everything."),
        (RefundTerms(WHOLE | DISHES, NONE), UNDER_WAY, 500, (), "everything, whole dishes."),
        (RefundTerms(EVERY, DISHES | AMOUNT), OVER, None, (), "whole dishes, an amount."),
        (RefundTerms(EVERY, DISHES | AMOUNT), OVER, None, EVERY_DISH, "only a part of this order"),
        (RefundTerms(EVERY, DISHES | AMOUNT), OVER, 5000, (), "only a part of this order"),
        (RefundTerms(EVERY, EVERY, cancels=True), UNDER_WAY, 5000, (), "cancels the order there"),
        (RefundTerms(EVERY, EVERY, cancels=True), UNDER_WAY, None, EVERY_DISH, "cancels the order there"),
    ],
)
def test_a_way_that_the_platform_has_not_is_refused_before_anything_is_queued(
    terms: RefundTerms, kitchen: Kitchen, amount: int | None, lines: tuple[str, ...], words: str
) -> None:
    with shop() as opened:
        opened.hears(report(0, kitchen, facts=TWO))
        with pytest.raises(RefusalError, match=words):
            asks(opened, amount, *lines, terms=terms)
        assert outbox.of_order(opened.connection, opened.order.id) == []


@pytest.mark.parametrize(
    ("terms", "kitchen", "amount", "lines"),
    [
        (RefundTerms(NONE, WHOLE), OVER, None, ()),
        (RefundTerms(DISHES, NONE), UNDER_WAY, None, EVERY_DISH[:1]),
        (RefundTerms(NONE, DISHES | AMOUNT), OVER, 4999, ()),
        (RefundTerms(EVERY, EVERY, cancels=True), UNDER_WAY, None, ()),
        (RefundTerms(EVERY, EVERY, cancels=True), OVER, 5000, ()),
        (RefundTerms(EVERY, EVERY, cancels=True), OVER, None, EVERY_DISH),
        (RefundTerms(EVERY, EVERY), UNDER_WAY, None, EVERY_DISH),
        (RefundTerms(EVERY, EVERY), UNDER_WAY, 5000, ()),
    ],
)
def test_a_way_that_the_platform_has_is_queued(
    terms: RefundTerms, kitchen: Kitchen, amount: int | None, lines: tuple[str, ...]
) -> None:
    with shop() as opened:
        opened.hears(report(0, kitchen, facts=TWO))
        asks(opened, amount, *lines, terms=terms)
        (entry,) = outbox.of_order(opened.connection, opened.order.id)
        assert (entry.command.amount, entry.command.lines) == (amount and cny(amount), whole(*lines))


def test_one_refund_at_a_time_and_never_more_than_was_paid() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        asks(opened, 1000)
        with pytest.raises(RefusalError, match="already on its way"):
            asks(opened, 100)
        (entry,) = outbox.of_order(opened.connection, opened.order.id)
        outbox.settle(opened.connection, entry.id, "confirmed", now())
        with pytest.raises(RefusalError, match=r"Only 8\.00 CNY"):
            asks(opened, 900)
        with pytest.raises(RefusalError, match="was paid in CNY"):
            asks(opened, 100, currency="EUR")
        asks(opened, 800)
        (_, entry) = outbox.of_order(opened.connection, opened.order.id)
        outbox.settle(opened.connection, entry.id, "confirmed", now())
        with pytest.raises(RefusalError, match="nothing left"):
            asks(opened, None)


def test_a_refund_outlives_the_orders_end_but_not_its_cancellation() -> None:
    for kitchen, state in ((Kitchen.COMPLETED, "pending"), (Kitchen.CANCELLED, "superseded")):
        with shop() as opened:
            opened.hears(report(0, Kitchen.ACCEPTED))
            asks(opened, 100)
            apply(opened.connection, opened.rules, opened.account, step(9, kitchen), now())
            assert [one.state for one in outbox.of_order(opened.connection, opened.order.id)] == [state]


def settles(opened: Shop, state: str) -> outbox.Entry:
    """The newest command ends like this."""
    outbox.settle(opened.connection, outbox.of_order(opened.connection, opened.order.id)[-1].id, state, now())
    return outbox.of_order(opened.connection, opened.order.id)[-1]


def test_what_was_given_up_without_an_answer_goes_out_again_under_its_own_key() -> None:
    """The platform may have paid: a new key would pay a second time."""
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        asks(opened, 1000)
        given_up = settles(opened, "dead")
        asks(opened, 1000)
        (again,) = outbox.of_order(opened.connection, opened.order.id)
        assert (again.command.key, again.state, again.settled_at) == (given_up.command.key, "pending", None)
        assert again.deadline
        assert again.deadline > now()


def test_money_that_may_have_gone_back_is_not_promised_to_another_refund() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        asks(opened, 1000)
        settles(opened, "dead")
        with pytest.raises(RefusalError, match="never said whether"):
            asks(opened, 900)
        with pytest.raises(RefusalError, match="never said whether"):
            asks(opened, None)
        asks(opened, 800)
        assert settles(opened, "confirmed").command.key != outbox.of_order(opened.connection, opened.order.id)[0].command.key


def test_a_second_refund_of_the_same_amount_is_another_one_once_the_order_tells_of_the_first() -> None:
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        asks(opened, 500)
        settles(opened, "dead")
        opened.hears(step(9, refunded=cny(500)))
        asks(opened, 500)
        first, second = outbox.of_order(opened.connection, opened.order.id)
        assert first.command.key != second.command.key
        assert (first.state, second.state) == ("dead", "pending")


async def test_an_answer_that_nobody_can_read_is_looked_up_in_the_order(
    counter: Counter, koubei: KoubeiSimulator, caplog: pytest.LogCaptureFixture
) -> None:
    account, there, order = await accepted(counter, koubei)

    class Babbling:
        """The money moved, and the answer is a page of HTML."""

        refunds = FREE

        async def refund(self, *_: object) -> None:
            raise ProtocolError("a page")

    counter.signed_in[account] = Babbling()  # type: ignore[assignment]  # of a connector only this is asked
    asked: list[str] = []
    counter.pumps(lambda _, order_id: asked.append(order_id))
    await refund(counter, order, 500)
    await until(lambda: asked == [there])
    assert entries(counter, order)[0].state == "dead"
    assert "command_failed" in caplog.text


def test_a_dish_is_given_back_once() -> None:
    """Two people at two screens, or one name typed twice."""
    line = facts().lines[0].key
    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED, facts=facts(total=cny(5000))))
        asks(opened, None, line, line)
        assert settles(opened, "confirmed").command.lines == whole(line)
        with pytest.raises(RefusalError, match="already been given back"):
            asks(opened, None, line)
        settles(opened, "refused")
        asks(opened, None, line)
        assert settles(opened, "pending").command.lines == whole(line)


def test_a_refund_that_came_to_nothing_is_told_until_it_is_asked_again() -> None:
    def told() -> list[str]:
        return [one.text for one in overview.overview(opened.connection, opened.rules, now()).refunds]

    with shop() as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        asks(opened, 500)
        opened.hears(step(9, Kitchen.COMPLETED))
        assert told() == []
        outbox.settle(opened.connection, settles(opened, "pending").id, "refused", now(), "balance too low")
        assert told() == ["假#7: the money was not given back: balance too low"]
        asks(opened, 500)
        assert told() == []
        outbox.settle(opened.connection, settles(opened, "pending").id, "dead", now(), "no answer")
        assert told() == ["假#7: nobody knows whether the money was given back: no answer"]
        outbox.settle(opened.connection, settles(opened, "pending").id, "dead", now() - timedelta(hours=13), "no answer")
        assert told() == []


async def test_a_refund_found_days_later_is_not_sent_but_told(counter: Counter, koubei: KoubeiSimulator) -> None:
    """The computer was off, and somebody may have given the money back on the platform's own device."""
    _, there, order = await accepted(counter, koubei)
    await refund(counter, order, 500)
    (entry,) = entries(counter, order)
    counter.store.write_now(outbox.change, entry.id, created_at=now() - timedelta(days=2))
    counter.pumps()
    await until(lambda: entries(counter, order)[0].state == "dead")
    assert koubei.shop.orders[there].refunded == 0
    assert "It waited for too long" in counter.overview().refunds[0].text
    await refund(counter, order, 500)
    await until(lambda: entries(counter, order)[0].state == "confirmed")
    assert koubei.shop.orders[there].refunded == 500
