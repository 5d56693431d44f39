"""Orders that the shop delivers itself: told step by step, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.domain.commands import Command, CommandKind
from app.domain.lifecycle import Delivery, Kitchen
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.eleme.connector import ElemeConnector
from app.platforms.eleme.polling import PROGRESS_EVERY
from app.platforms.eleme.simulator import ElemeSimulator, SelfDeliverySimulator
from app.platforms.simulation import Faults, Happening, ImpossibleError
from tests.platforms.lines import Line, opened, poll_all, send

READY, HAND_OVER, COMPLETE = CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE
START, END = "eleme.order.startDeliveryBySelf", "eleme.order.completeDeliveryBySelf"
Own = Line[SelfDeliverySimulator, ElemeConnector]


@pytest.fixture
async def own() -> AsyncIterator[Own]:
    """A shop with couriers of its own."""
    async with opened(Line(SelfDeliverySimulator(seed=11, speed=60.0), ElemeConnector)) as line:
        yield line


async def accepted(simulator: ElemeSimulator, connector: ElemeConnector) -> str:
    order_id = simulator.place()
    await send(connector, CommandKind.ACCEPT, order_id)
    return order_id


async def test_the_shops_own_courier_leaves_and_arrives(own: Own) -> None:
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    order = own.simulator.shop.orders[order_id]
    told = [(await send(connector, kind, order_id)).kitchen for kind in (READY, HAND_OVER, COMPLETE)]
    assert told == [Kitchen.READY, Kitchen.HANDED_OVER, Kitchen.COMPLETED]
    assert order.commands == ["eleme.order.confirmOrderLite", START, END]
    assert [one["state"] for one in order.waybills] == ["selfDelivery", "delivering", "completed"]
    assert order.waybills[-1]["deliverPhone"] == "13900000000"
    own.simulator.happen(order_id, Happening.COMPLETE)
    assert order.status == "settled"


@pytest.mark.parametrize(("kind", "action"), [(HAND_OVER, START), (COMPLETE, END)])
async def test_a_step_whose_answer_was_lost_is_not_told_twice(own: Own, kind: CommandKind, action: str) -> None:
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    if kind is COMPLETE:
        await send(connector, HAND_OVER, order_id)
    asked = connector._client.call

    async def unheard(name: str, *given: object, **more: object) -> object:
        answer = await asked(name, *given, **more)  # type: ignore[arg-type]  # handed through
        if name == action:
            raise TemporaryError("nobody heard the yes")
        return answer

    connector._client.call = unheard  # type: ignore[assignment,method-assign]  # the line breaks here
    assert (await send(connector, kind, order_id)).kitchen in (Kitchen.HANDED_OVER, Kitchen.COMPLETED)
    assert own.simulator.shop.orders[order_id].commands.count(action) == 1


async def test_an_order_that_elemes_courier_carries_is_told_by_him(own: Own) -> None:
    """The shop that delivers hands some orders to Ele.me: of those it has nothing to tell but that they are ready."""
    own.simulator.shop.delivers = False
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    for kind in (READY, HAND_OVER, COMPLETE):
        await send(connector, kind, order_id)
    assert own.simulator.shop.orders[order_id].commands[1:] == ["eleme.order.setOrderPrepared"]


async def test_an_order_switched_to_the_shops_courier_is_the_shops_to_tell(own: Own) -> None:
    own.simulator.shop.delivers = False
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    own.simulator.shop.deliver_by_self(own.simulator.shop.orders[order_id])
    await send(connector, HAND_OVER, order_id)
    assert own.simulator.shop.orders[order_id].commands[1:] == [START]


async def test_steps_are_offered_where_the_account_knows_a_courier(own: Own) -> None:
    order_id = own.simulator.place()
    offered = {}
    for phone in ("13900000000", ""):
        connector = own.connect(courier_phone=phone)
        (update,) = connector.read(await connector.fetch_order(order_id))
        assert update.facts
        offered[phone] = {HAND_OVER, COMPLETE} - update.facts.not_offered
    assert offered == {"13900000000": {HAND_OVER, COMPLETE}, "": set()}


async def test_without_a_number_the_shop_is_told_what_is_missing(own: Own) -> None:
    connector = own.connect(courier_phone="")
    order_id = await accepted(own.simulator, connector)
    with pytest.raises(RejectedError, match="phone"):
        await connector.send(Command(HAND_OVER, order_id))


@pytest.mark.parametrize("kind", [READY, HAND_OVER, COMPLETE])
async def test_a_step_of_a_cancelled_order_is_refused(own: Own, kind: CommandKind) -> None:
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    own.simulator.happen(order_id, Happening.CANCEL)
    with pytest.raises(RejectedError, match="cancelled"):
        await connector.send(Command(kind, order_id))


async def test_a_broken_call_before_a_step_is_worth_another_try(own: Own) -> None:
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    own.simulator.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.send(Command(HAND_OVER, order_id))


async def test_the_way_of_an_own_delivery_is_read_from_its_waybill(own: Own) -> None:
    connector = own.connect()
    order_id = await accepted(own.simulator, connector)
    _, cursor = await poll_all(connector)
    found = []
    for kind in (None, HAND_OVER, COMPLETE):
        if kind:
            await send(connector, kind, order_id)
        for _ in range(PROGRESS_EVERY):
            messages, cursor = await poll_all(connector, cursor)
            updates = [update for message in messages for update in connector.read(message)]
            found += [update.delivery for update in updates if update.courier]
    assert found == [Delivery.NONE, Delivery.PICKED_UP, Delivery.DELIVERED]


def test_the_pretend_shop_is_strict_about_who_delivers() -> None:
    simulator = ElemeSimulator(speed=1.0)
    simulator.spawn = lambda job: job.close()  # type: ignore[method-assign]  # no loop runs, so nothing happens later
    order = simulator.shop.orders[simulator.place()]
    simulator.shop.accept(order)
    with pytest.raises(ImpossibleError, match="自配送"):
        simulator.shop.start_by_self(order, "13900000000")
    simulator.shop.deliver_by_self(order)
    with pytest.raises(ImpossibleError, match="未开始"):
        simulator.shop.complete_by_self(order, "13900000000")
    with pytest.raises(ImpossibleError, match="出餐"):
        simulator.shop.prepared(order)
    with pytest.raises(ImpossibleError, match="配送状态"):
        simulator.shop.courier(order, "assigned")
    simulator.shop.start_by_self(order, "13900000000")
    with pytest.raises(ImpossibleError, match="重复"):
        simulator.shop.start_by_self(order, "13900000000")
