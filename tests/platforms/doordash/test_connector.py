"""Commands end in the wanted state whatever happens on the way; an order DoorDash never tells of again tells its end."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import steady
from app.domain.commands import Command, CommandKind, Portions, RejectReason
from app.domain.lifecycle import Kitchen
from app.domain.money import Money
from app.platforms.abilities import Ability, abilities_of
from app.platforms.api import Message, RejectedError, TakesWebhooks, TemporaryError
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.steps import Change
from app.platforms.doordash.told import MOST
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from tests.platforms.lines import send

from .conftest import Line, push

TWO = PretendOrder((PretendLine("Fries", 400), PretendLine("Iced Tea", 350)))
PROMISE = datetime(2026, 1, 1, 18, 15, tzinfo=UTC)


async def test_abilities_are_those_the_platform_has(line: Line) -> None:
    assert isinstance(line.connect(), TakesWebhooks)
    assert abilities_of(line.connect()) == {Ability.OPENS_SHOP, Ability.SELLS_ITEMS, Ability.REFUNDS_ORDERS}


async def test_the_way_of_an_order(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector)
    assert (await send(connector, CommandKind.ACCEPT, order_id, ready_at=PROMISE)).kitchen is Kitchen.ACCEPTED
    assert (await send(connector, CommandKind.READY, order_id)).kitchen is Kitchen.READY
    assert line.order(order_id).commands == ["success", "order_ready_for_pickup"]
    assert line.order(order_id).client_id == order_id


async def test_rejected_and_cancelled(line: Line) -> None:
    connector = line.connect()
    one, other = line.placed(connector), line.placed(connector)
    assert (await send(connector, CommandKind.REJECT, one, reason=RejectReason.SOLD_OUT)).kitchen is Kitchen.REJECTED
    await send(connector, CommandKind.ACCEPT, other)
    update = await send(connector, CommandKind.CANCEL, other, reason=RejectReason.TOO_BUSY, text="no gas")
    assert update.kitchen is Kitchen.CANCELLED
    assert line.simulator.store.deactivations[0]["reason"] == "KITCHEN_BUSY"
    assert [line.order(one).kitchen, line.order(other).kitchen] == [Kitchen.REJECTED, Kitchen.CANCELLED]


async def test_who_is_not_on_the_list_may_not_cancel_and_stays_signed_in(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector)
    await send(connector, CommandKind.ACCEPT, order_id)
    line.simulator.store.listed = False
    with pytest.raises(RejectedError, match="allow-list"):
        await connector.send(Command(CommandKind.CANCEL, order_id))
    assert (await send(connector, CommandKind.READY, order_id)).kitchen is Kitchen.READY


async def test_ready_too_early_is_told_and_later_it_works(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector)
    with pytest.raises(RejectedError, match="not confirmed"):
        await connector.send(Command(CommandKind.READY, order_id))
    await send(connector, CommandKind.ACCEPT, order_id)
    assert (await send(connector, CommandKind.READY, order_id)).kitchen is Kitchen.READY


async def test_an_unheard_yes_is_believed_when_the_second_try_is_refused(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector)
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(CommandKind.ACCEPT, order_id))
    line.simulator.faults = Faults()
    assert (await send(connector, CommandKind.ACCEPT, order_id)).kitchen is Kitchen.ACCEPTED
    assert line.order(order_id).commands == ["success"]


async def unheard_cancel(line: Line, connector: DoorDashConnector) -> str:
    """An accepted order of which a cancellation never reached DoorDash; the console cannot know that."""
    order_id = line.placed(connector)
    await send(connector, CommandKind.ACCEPT, order_id)
    line.simulator.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(CommandKind.CANCEL, order_id))
    line.simulator.faults = Faults()
    return order_id


def refuses(words: str) -> Any:
    """A call that DoorDash answers with 400 and these words."""

    async def refused(*_: object) -> None:
        raise RejectedError(words, "400")

    return refused


@pytest.mark.parametrize("words", ["Bad request", "Order can no longer be cancelled", "Order has already been picked up"])
async def test_an_unclear_refusal_after_an_unheard_cancel_leaves_the_order_alive(
    line: Line, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    connector = line.connect()
    order_id = await unheard_cancel(line, connector)
    with monkeypatch.context() as unclear:
        unclear.setattr(connector._client, "cancel", refuses(words))
        for _ in range(2):
            with pytest.raises(RejectedError, match=words):
                await connector.send(Command(CommandKind.CANCEL, order_id))
    (update,) = connector.read(await connector.fetch_order(order_id))
    assert update.kitchen is Kitchen.NEW, "as it was pushed: no end was made up"
    assert line.order(order_id).kitchen is Kitchen.ACCEPTED
    assert (await send(connector, CommandKind.CANCEL, order_id)).kitchen is Kitchen.CANCELLED


async def test_a_cancel_that_doordash_told_of_is_done_whatever_its_refusal_says(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = line.connect()
    order_id = await unheard_cancel(line, first)
    request = push({"external_order_id": order_id, "client_order_id": order_id})
    stored = (*first.receive(line.new_order(order_id)).messages, *first.receive(request).messages)
    second = line.connect()
    second.recall(stored)
    for connector in (first, second):
        monkeypatch.setattr(connector._client, "cancel", refuses("Bad request"))
        assert (await send(connector, CommandKind.CANCEL, order_id)).kitchen is Kitchen.CANCELLED


async def test_a_lost_yes_to_a_cancel_is_found_in_the_words_of_the_refusal(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector)
    await send(connector, CommandKind.ACCEPT, order_id)
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(CommandKind.CANCEL, order_id))
    line.simulator.faults = Faults()
    assert (await send(connector, CommandKind.CANCEL, order_id)).kitchen is Kitchen.CANCELLED
    assert line.order(order_id).commands == ["success", "cancellation"]


async def test_what_was_asked_outlives_a_crash(line: Line) -> None:
    first = line.connect()
    order_id = line.placed(first)
    await send(first, CommandKind.ACCEPT, order_id)
    assert (await send(line.connect(), CommandKind.ACCEPT, order_id)).kitchen is Kitchen.ACCEPTED
    assert not [one for one in line.simulator.records if one.what == "refused"]


async def test_a_refund_is_not_asked_for_again_after_a_crash(line: Line) -> None:
    """The control is a connector that has forgotten: it asks to change the bill a second time."""
    first = line.connect()
    order_id = line.placed(first, order=TWO)
    await send(first, CommandKind.ACCEPT, order_id)
    fries = line.order(order_id).items[0]["line_item_id"]

    async def refunded(again: DoorDashConnector) -> int:
        line.simulator.records.clear()
        await again.refund(order_id, None, [Portions(fries)], "all gone", "key")
        return [one.what for one in line.simulator.records].count("commanded")

    assert await refunded(first) == 1
    assert await refunded(line.connect()) == 0
    with pytest.raises(TemporaryError, match="does not match"):
        await refunded(line.connect(asked=""))


async def test_that_something_is_asked_is_stored_before_it_is_asked(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector)
    line.simulator.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(CommandKind.ACCEPT, order_id))
    assert json.loads(line.saved["asked"])["steps"] == {order_id: {"accept": 0}}


async def test_how_an_order_ended_is_known_after_a_crash(line: Line) -> None:
    first = line.connect()
    order_id = line.simulator.place()
    stored = first.receive(line.new_order(order_id)).messages
    line.simulator.happen(order_id, Happening.CANCEL)
    with pytest.raises(RejectedError, match="cancelled"):
        await first.send(Command(CommandKind.ACCEPT, order_id))
    second = line.connect()
    second.recall(stored)
    assert second.read(await second.fetch_order(order_id))[0].kitchen is Kitchen.CANCELLED


async def test_what_came_before_it_was_reminded_changes_nothing(line: Line) -> None:
    first, second = line.connect(), line.connect()
    order_id = line.simulator.place()
    stored = first.receive(line.new_order(order_id)).messages
    line.hear(second, order_id)  # DoorDash repeats itself in the very moment of the start
    second.recall((*stored, Message("x", "other", b"no JSON", 1)))
    known = second._told.order(order_id)
    assert known
    assert (known.first, known.key) == (stored[0].version, stored[0].key)


async def test_an_order_from_before_our_memory_can_be_decided(line: Line) -> None:
    order_id = line.simulator.place()
    stranger = line.connect()
    assert (await send(stranger, CommandKind.ACCEPT, order_id)).kitchen is Kitchen.ACCEPTED
    assert (await send(line.connect(), CommandKind.ACCEPT, order_id)).kitchen is Kitchen.ACCEPTED
    with pytest.raises(RejectedError, match="cannot be asked"):
        await stranger.fetch_order(order_id)


async def test_an_order_that_a_relay_kept_for_an_hour_was_placed_an_hour_ago(line: Line) -> None:
    connector, order_id = line.connect(), line.simulator.place()
    kept = steady.now().replace(microsecond=0) - timedelta(hours=1)
    request = replace(line.new_order(order_id), received=kept)
    (update,) = connector.read(connector.receive(request).messages[0])
    assert update.facts
    assert update.facts.placed_at == kept
    assert connector.read(await connector.fetch_order(order_id))[0].kitchen is Kitchen.EXPIRED


async def test_a_customer_who_cancels_before_we_decide_is_only_heard_of_in_the_refusal(line: Line) -> None:
    """DoorDash tells of cancellations only where the shop had accepted."""
    connector = line.connect()
    order_id = line.placed(connector)
    line.simulator.happen(order_id, Happening.CANCEL)
    with pytest.raises(RejectedError, match="cancelled"):
        await connector.send(Command(CommandKind.ACCEPT, order_id))
    (update,) = connector.read(await connector.fetch_order(order_id))
    assert (update.order_id, update.kitchen, update.reason) == (order_id, Kitchen.CANCELLED, "Order has been cancelled")


async def test_an_order_that_nobody_decided_has_failed_in_silence(line: Line) -> None:
    """The console counts the longest of the known times itself, and asks nobody."""
    now = [1_767_290_400.0]
    connector = line.connect(lambda: now[0], decision_minutes="3")
    order_id = line.placed(connector)
    before = connector.read(await connector.fetch_order(order_id))
    now[0] += 8 * 60 - 1
    assert connector.read(await connector.fetch_order(order_id)) == before
    assert before[0].kitchen is Kitchen.NEW
    now[0] += 2
    (update,) = connector.read(await connector.fetch_order(order_id))
    assert update.kitchen is Kitchen.EXPIRED
    assert "DoorDash does not tell" in update.reason
    assert update.version == int((now[0] - 1) * 1000)


@pytest.mark.parametrize("kind", [CommandKind.ACCEPT, CommandKind.READY])
async def test_an_order_that_was_asked_for_anything_is_never_thought_failed(line: Line, kind: CommandKind) -> None:
    """Whether or not DoorDash agreed: a lost word of ours must not end a living order."""
    now = [1_767_290_400.0]
    connector = line.connect(lambda: now[0])
    order_id = line.placed(connector)
    try:
        await connector.send(Command(kind, order_id))
    except RejectedError:
        assert kind is CommandKind.READY
    now[0] += 3_600
    (update,) = connector.read(await connector.fetch_order(order_id))
    assert update.kitchen is Kitchen.NEW


async def test_dishes_come_off_the_bill_and_the_whole_order_is_a_cancellation(line: Line) -> None:
    connector = line.connect()
    order_id = line.placed(connector, order=TWO)
    await send(connector, CommandKind.ACCEPT, order_id)
    (before,) = connector.read(await connector.fetch_order(order_id))
    assert before.facts
    fries, tea = (one.key for one in before.facts.lines)
    with pytest.raises(RejectedError, match="not amounts"):
        await connector.refund(order_id, Money(1, "USD"), (), "", "a")
    with pytest.raises(RejectedError, match="no such line"):
        await connector.refund(order_id, None, [Portions("li-0")], "", "b")
    for _ in range(2):
        await connector.refund(order_id, None, [Portions(fries)], "", "c")
    assert [item["name"] for item in line.order(order_id).items] == ["Iced Tea"]
    adjusted = {"event": {"type": "OrderAdjustment", "status": "SUCCESS"}, "order": line.order(order_id).body}
    connector.receive(push(adjusted))
    (after,) = connector.read(await connector.fetch_order(order_id))
    assert after.facts
    assert (after.facts.total.minor, after.facts.placed_at) == (350 + 28, before.facts.placed_at)
    await connector.refund(order_id, None, [Portions(tea)], "all gone", "d")  # the last dish
    assert line.order(order_id).kitchen is Kitchen.CANCELLED
    (ended,) = connector.read(await connector.fetch_order(order_id))
    assert (ended.kitchen, ended.reason) == (Kitchen.CANCELLED, "all gone")


async def test_a_dish_is_replaced_and_another_made_fewer(line: Line) -> None:
    connector = line.connect()
    wish = PretendOrder((PretendLine("Fries", 400, 3), PretendLine("Iced Tea", 350)))
    order_id = line.placed(connector, order=wish)
    await send(connector, CommandKind.ACCEPT, order_id)
    fries, tea = (item["line_item_id"] for item in line.order(order_id).items)
    water = {"name": "Water", "merchant_supplied_id": "WTR", "price": 100, "quantity": 2}
    await connector.adjust(order_id, [Change(fries, 1), Change(tea, instead=water)], "k")
    assert [(item["name"], item["quantity"]) for item in line.order(order_id).items] == [("Fries", 1), ("Water", 2)]


async def test_a_days_orders_are_kept_and_those_that_are_over_are_forgotten_first(line: Line) -> None:
    now = [1_767_290_400.0]
    connector = line.connect(lambda: now[0])
    placed = [line.placed(connector, order=TWO) for _ in range(MOST + 1)]
    connector.receive(push({"external_order_id": placed[-1], "client_order_id": None}))
    await connector.fetch_orders("")
    assert [order_id for order_id in placed if connector._told.order(order_id)] == placed[:-1]
    now[0] += 86_401
    await connector.fetch_orders("")
    assert not any(connector._told.order(order_id) for order_id in placed)


@pytest.mark.parametrize("asked", ["", "{", "[]", '{"steps": 1}', '{"steps": {"a": 1}, "ends": {}}', "null"])
async def test_a_memory_nobody_can_read_is_left_out(line: Line, asked: str) -> None:
    connector = line.connect(asked=asked)
    assert (await send(connector, CommandKind.ACCEPT, line.placed(connector))).kitchen is Kitchen.ACCEPTED


async def test_the_deadline_is_the_forms(line: Line) -> None:
    connector = line.connect(decision_minutes="5")
    (update,) = connector.read(await connector.fetch_order(line.placed(connector)))
    assert update.facts
    assert update.facts.decide_by == update.facts.placed_at + timedelta(minutes=5)
