"""What the counter tells Meituan: food ready a minute later, own delivery, refusals, requests, urges."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.changes import RequestState
from app.domain.commands import CommandKind, RejectReason
from app.domain.lifecycle import Kitchen, Payment
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.meituan import platform
from app.platforms.meituan.simulator import MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults, Happening

from .conftest import DOORS, Connect, Start, do, told


@DOORS
async def test_food_is_ready_a_minute_after_accepting(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind, speed=1.0)
    order_id = simulator.place()
    connector = connect(simulator)
    await connector.send(do(CommandKind.ACCEPT, order_id))
    with pytest.raises(TemporaryError, match="a minute after accepting") as early:
        await connector.send(do(CommandKind.READY, order_id))
    assert early.value.retry_after is not None
    assert 50 < early.value.retry_after <= 60
    assert simulator.truth()[0].commands == ("confirm",)
    order = simulator.shop.orders[order_id]
    order.accepted_at -= 100
    order.body["order_confirm_time"] -= 100
    for _ in range(2):
        update = await connector.send(do(CommandKind.READY, order_id))
        assert update
        assert update.kitchen is Kitchen.READY
    assert simulator.truth()[0].commands == ("confirm", "ready")


@DOORS
async def test_what_meituans_courier_does_is_kept_here(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    await connector.send(do(CommandKind.ACCEPT, order_id))
    for step, kitchen in ((CommandKind.HAND_OVER, Kitchen.HANDED_OVER), (CommandKind.COMPLETE, Kitchen.COMPLETED)):
        update = await connector.send(do(step, order_id))
        assert update
        assert update.kitchen is kitchen
    assert simulator.truth()[0].commands == ("confirm",)


@DOORS
async def test_own_delivery_is_told_with_the_courier_and_ready_is_not(
    start: Start, connect: Connect, fixture: Any, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    order_id = simulator.place(payload=fixture("open_order_placed") | {"logistics_code": "0000"})
    connector = connect(simulator, courier_name="小王", courier_phone="170****0001")
    for step in (CommandKind.ACCEPT, CommandKind.READY, CommandKind.HAND_OVER, CommandKind.HAND_OVER, CommandKind.COMPLETE):
        await connector.send(do(step, order_id))
    assert simulator.truth()[0].commands == ("confirm", "delivering", "delivered")
    assert (await told(connector, order_id)).kitchen is Kitchen.COMPLETED


@DOORS
async def test_a_refusal_carries_the_code_and_words_and_a_late_step_is_refused(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    assert platform.reject_reasons[RejectReason.SOLD_OUT] == "2009"
    update = await connector.send(do(CommandKind.REJECT, order_id, reason=RejectReason.SOLD_OUT))
    assert update
    assert update.kitchen is Kitchen.REJECTED
    assert (await told(connector, order_id)).payment is Payment.REFUNDED
    with pytest.raises(RejectedError):
        await connector.send(do(CommandKind.HAND_OVER, order_id))
    with pytest.raises(RejectedError):
        await connector.send(do(CommandKind.ACCEPT, order_id))


@DOORS
async def test_requests_are_answered_and_a_lost_answer_is_not_repeated(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    for answer, state in ((CommandKind.REFUSE_REQUEST, "refused"), (CommandKind.AGREE_REQUEST, "agreed")):
        order_id = simulator.place()
        await connector.send(do(CommandKind.ACCEPT, order_id))
        simulator.happen(order_id, Happening.ASK_CANCEL, reason="太慢")
        asked = (await told(connector, order_id)).request
        assert (asked.state, asked.reason) == (RequestState.OPEN, "太慢")
        simulator.faults = Faults(lose_reply=0.5)
        for _ in range(10):
            try:
                await connector.send(do(answer, order_id, text="已制作"))
            except TemporaryError:
                continue
            break
        simulator.faults = Faults()
        await connector.send(do(answer, order_id, text="已制作"))
        assert (await told(connector, order_id)).request.state == RequestState(state)
        truth = next(one for one in simulator.truth() if one.order_id == order_id)
        assert len(truth.commands) == len(set(truth.commands)) == 2
    assert (await told(connector, order_id)).kitchen is Kitchen.CANCELLED


@DOORS
async def test_a_part_and_then_the_whole_is_given_back(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    await connector.send(do(CommandKind.ACCEPT, order_id))
    simulator.happen(order_id, Happening.REFUND_PART, amount=100)
    part = await told(connector, order_id)
    assert (part.payment, part.refunded.minor, part.kitchen) == (Payment.PART_REFUNDED, 100, Kitchen.ACCEPTED)
    simulator.happen(order_id, Happening.ASK_CANCEL)
    assert (await told(connector, order_id)).payment is Payment.REFUND_ASKED
    await connector.send(do(CommandKind.AGREE_REQUEST, order_id))
    whole = await told(connector, order_id)
    assert (whole.payment, whole.kitchen) == (Payment.REFUNDED, Kitchen.CANCELLED)
    assert whole.refunded == whole.facts.total


@DOORS
async def test_an_urge_is_answered_once(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    await connector.send(do(CommandKind.ACCEPT, order_id))
    simulator.happen(order_id, Happening.URGE)
    (reminder,) = simulator.shop.orders[order_id].reminders
    for _ in range(2):
        update = await connector.send(do(CommandKind.REPLY_URGE, order_id, urge_key=reminder, text="马上好"))
        assert update
        assert update.urge
        assert update.urge.replied
    assert simulator.shop.orders[order_id].reminders == {reminder: True}
    with pytest.raises(RejectedError):
        await connector.send(do(CommandKind.REPLY_URGE, order_id, urge_key="1", text="马上好"))


async def test_received_is_told_where_there_is_a_word_for_it(start: Start, connect: Connect) -> None:
    for kind, commands in ((MeituanSimulator, ("received",)), (PartnerSimulator, ())):
        simulator = await start(kind)
        order_id = simulator.place()
        await connect(simulator).send(do(CommandKind.RECEIVED, order_id))
        assert simulator.truth()[0].commands == commands
