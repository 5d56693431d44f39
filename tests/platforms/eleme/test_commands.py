"""Commands end in the wanted state whatever happens on the way, and say what the platform's yes proves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.eleme import platform
from app.platforms.eleme.commands import call_of
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.simulated_calls import CANCEL_TYPES
from app.platforms.eleme.simulator import ElemeSimulator
from app.platforms.simulation import Faults, Happening

Connect = Callable[..., ElemeConnector]
ACCEPT, READY = CommandKind.ACCEPT, CommandKind.READY


def status(eleme: ElemeSimulator, order_id: str) -> str:
    return eleme.shop.orders[order_id].status


async def accepted(eleme: ElemeSimulator, connector: ElemeConnector) -> str:
    order_id = eleme.place()
    await connector.send(Command(ACCEPT, order_id))
    return order_id


@pytest.mark.parametrize(
    ("kind", "kitchen", "word"),
    [
        (ACCEPT, Kitchen.ACCEPTED, "valid"),
        (CommandKind.REJECT, Kitchen.REJECTED, "invalid"),
    ],
)
async def test_a_yes_proves_the_kitchen(
    eleme: ElemeSimulator, connect: Connect, kind: CommandKind, kitchen: Kitchen, word: str
) -> None:
    order_id = eleme.place()
    update = await connect().send(Command(kind, order_id, reason=RejectReason.SOLD_OUT, text="售完"))
    assert update
    assert (update.order_id, update.kitchen, status(eleme, order_id)) == (order_id, kitchen, word)
    assert abs(update.version / 1000 - eleme.records[-1].at) < 5


async def test_ready_and_cancel_after_acceptance(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(eleme, connector)
    ready = await connector.send(Command(READY, order_id))
    cancelled = await connector.send(Command(CommandKind.CANCEL, order_id, reason=RejectReason.OTHER, text="停电"))
    assert ready
    assert cancelled
    assert (ready.kitchen, cancelled.kitchen) == (Kitchen.READY, Kitchen.CANCELLED)
    assert eleme.shop.orders[order_id].body["cancelOrderDescription"] == "停电"


async def test_an_order_already_there_is_success_without_a_second_act(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(eleme, connector)
    assert await connector.send(Command(ACCEPT, order_id)) is None  # a re-read tells
    assert await connector.send(Command(READY, order_id))
    again = await connector.send(Command(READY, order_id))
    assert again is not None
    assert again.kitchen is Kitchen.READY  # no order of Ele.me tells that its food is ready: only this answer does
    assert eleme.truth()[0].commands == ("eleme.order.confirmOrderLite", "eleme.order.setOrderPrepared")


async def test_a_cancelled_order_is_refused_in_the_platforms_words(eleme: ElemeSimulator, connect: Connect) -> None:
    order_id = eleme.place()
    eleme.happen(order_id, Happening.CANCEL)
    with pytest.raises(RejectedError, match="订单已取消") as refusal:
        await connect().send(Command(ACCEPT, order_id))
    assert refusal.value.code == "BIZ_EXCEPTION"


async def test_a_refusal_the_order_does_not_explain_stays_a_refusal(eleme: ElemeSimulator, connect: Connect) -> None:
    order_id = eleme.place()
    eleme.faults = Faults(refuse=1.0)
    with pytest.raises(RejectedError, match="操作受限"):
        await connect().send(Command(ACCEPT, order_id))
    assert status(eleme, order_id) == "unprocessed"


async def test_a_lost_answer_is_looked_up_and_not_repeated(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = eleme.place()
    await connector.verify()
    eleme.faults = Faults(lose_reply=1.0)
    with pytest.raises(TemporaryError):  # the look-up is lost as well
        await connector.send(Command(ACCEPT, order_id))
    assert status(eleme, order_id) == "valid"
    eleme.faults = Faults()
    assert await connector.send(Command(ACCEPT, order_id)) is None
    assert eleme.truth()[0].commands == ("eleme.order.confirmOrderLite",)


async def test_a_broken_call_is_left_to_the_engine_to_repeat(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = eleme.place()
    await connector.verify()
    eleme.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(ACCEPT, order_id))
    assert status(eleme, order_id) == "unprocessed"


@pytest.mark.parametrize("group", ["cancel", "refund"])
async def test_agreeing_and_refusing_are_left_to_a_re_read(eleme: ElemeSimulator, connect: Connect, group: str) -> None:
    connector = connect()
    for kind, word in ((CommandKind.AGREE_REQUEST, "successful"), (CommandKind.REFUSE_REQUEST, "rejected")):
        order_id = await accepted(eleme, connector)
        if group == "refund":
            for step in ("assigned", "picked_up", "delivered"):
                eleme.shop.courier(eleme.shop.orders[order_id], step)
            eleme.shop.complete(eleme.shop.orders[order_id])
        eleme.happen(order_id, Happening.ASK_CANCEL if group == "cancel" else Happening.ASK_REFUND)
        assert await connector.send(Command(kind, order_id)) is None
        assert await connector.send(Command(kind, order_id)) is None  # already so
        (update,) = connector.read(await connector.fetch_order(order_id))
        assert eleme.shop.orders[order_id].body["refundStatus"] == word
        assert update.request
        assert bool(update.refunded) == (word == "successful")


async def test_answering_nobody_is_refused(eleme: ElemeSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(eleme, connector)
    with pytest.raises(RejectedError, match="没有待处理的退单"):
        await connector.send(Command(CommandKind.AGREE_REQUEST, order_id))


@pytest.mark.parametrize("text", ['骑手/已在路上 "5分钟"', "很长的话" * 20, ""])
async def test_an_urge_is_answered_once(eleme: ElemeSimulator, connect: Connect, text: str) -> None:
    connector = connect()
    order_id = await accepted(eleme, connector)
    eleme.happen(order_id, Happening.URGE)
    command = Command(CommandKind.REPLY_URGE, order_id, text=text, urge_key="43")
    update = await connector.send(command)
    assert update
    assert update.urge
    assert (update.urge.key, update.urge.replied) == ("43", True)
    assert await connector.send(command) is None


async def test_an_order_nobody_knows(eleme: ElemeSimulator, connect: Connect) -> None:
    for ask in (connect().fetch_order("1"), connect().send(Command(ACCEPT, "1"))):
        with pytest.raises(RejectedError, match="订单不存在"):
            await ask


def test_every_reason_has_a_word_of_ele_me() -> None:
    assert set(platform.reject_reasons) == set(RejectReason)
    assert set(platform.reject_reasons.values()) <= CANCEL_TYPES
    _, params = call_of(Command(CommandKind.REJECT, "1", reason=RejectReason.TOO_BUSY, text="x" * 500))
    assert params == {"orderId": "1", "type": "restaurantTooBusy", "remark": "x" * 100}


@pytest.mark.parametrize("kind", sorted(set(CommandKind) - platform.commands))
def test_commands_the_wire_has_no_word_for_are_not_offered(kind: CommandKind) -> None:
    with pytest.raises(RejectedError):
        call_of(Command(kind, "1"))


@pytest.mark.parametrize("kind", sorted(platform.commands))
def test_commands_that_are_offered_have_a_call(kind: CommandKind) -> None:
    action, params = call_of(Command(kind, "1", urge_key="2"), phone="13900000000")
    assert action.startswith("eleme.order.")
    assert params
