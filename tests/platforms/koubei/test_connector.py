"""Commands end in the wanted state whatever happens on the way; orders are looked at again; money goes back once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app import steady
from app.domain.changes import OrderUpdate, RequestKind, RequestState
from app.domain.commands import Command, CommandKind, Portions, RejectReason
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.money import Money
from app.domain.orders import Fulfilment
from app.platforms.abilities import RefundsOrders
from app.platforms.api import AuthError, RejectedError, TakesWebhooks, TemporaryError, UnknownMessageError
from app.platforms.koubei import platform
from app.platforms.koubei.commands import ACTIONS, REJECT_REASONS, place_of, step_of
from app.platforms.koubei.connector import KoubeiConnector
from app.platforms.koubei.live import BATCH, KEEP, Live
from app.platforms.koubei.payloads import Order
from app.platforms.koubei.simulated_gateway import GatewayError, Keys
from app.platforms.koubei.simulated_shop import REASONS
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from tests.platforms.koubei.conftest import Connect

TWO = PretendOrder(
    (PretendLine("鱼香肉丝", 3200), PretendLine("米饭", 200)), fulfilment=Fulfilment.PICKUP, packaging_fee=100
)
TABLE = PretendOrder((PretendLine("鱼香肉丝", 3200),), fulfilment=Fulfilment.DINE_IN)


async def look(connector: KoubeiConnector, order_id: str) -> OrderUpdate:
    """The order as the platform shows it now."""
    return connector.read(await connector.fetch_order(order_id))[0]


def kitchen(koubei: KoubeiSimulator, order_id: str) -> Kitchen:
    """The order at the platform."""
    return koubei.shop.orders[order_id].kitchen


async def accepted(koubei: KoubeiSimulator, connector: KoubeiConnector, wish: PretendOrder = TWO) -> str:
    """An order that the shop took."""
    order_id = koubei.place(wish)
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    return order_id


def test_abilities_are_those_the_platform_has(connect: Connect) -> None:
    assert isinstance(connect(), TakesWebhooks)
    assert isinstance(connect(), RefundsOrders)
    assert platform.commands == frozenset(ACTIONS)
    assert set(REJECT_REASONS.values()) <= REASONS


async def test_the_way_of_an_order(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = koubei.place(TWO)
    proofs = []
    for kind in (CommandKind.ACCEPT, CommandKind.READY, CommandKind.HAND_OVER):
        update = await connector.send(Command(kind, order_id))
        assert update
        proofs.append(update.kitchen)
    assert proofs == [Kitchen.ACCEPTED, Kitchen.READY, Kitchen.HANDED_OVER]
    assert koubei.shop.orders[order_id].commands == ["RECEIPT", "PREPARE", "DELIVER"]
    assert (await look(connector, order_id)).kitchen is Kitchen.HANDED_OVER


async def test_a_pick_up_keeps_its_number_and_a_table_its_table(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    for wish, name in ((TWO, "NO"), (TABLE, "tableNo")):
        order_id = koubei.place(wish)
        order = Order.model_validate(koubei.shop.orders[order_id].body)
        assert place_of(order) == {name: order.take_no}
        before = (await look(connector, order_id)).facts
        await connector.send(Command(CommandKind.ACCEPT, order_id))
        after = (await look(connector, order_id)).facts
        assert before
        assert after
        assert before.number == after.number


def test_a_promised_time_goes_with_the_acceptance() -> None:
    order = Order.model_validate({"order_id": "12345678", "order_time": "2025-06-01 12:00:00"})
    ready = datetime(2025, 6, 1, 4, 20, tzinfo=UTC)
    content = step_of(Command(CommandKind.ACCEPT, "12345678", ready_at=ready), order)
    assert json.loads(content["action_info"]) == {"NO": "5678", "estimatePickUpTimeStamp": "1748751600000"}


@pytest.mark.parametrize("reason", [*REJECT_REASONS, RejectReason.TOO_FAR, None])
async def test_every_reason_is_one_of_koubeis(
    koubei: KoubeiSimulator, connect: Connect, reason: RejectReason | None
) -> None:
    order_id = koubei.place(TWO)
    await connect().send(Command(CommandKind.REJECT, order_id, reason=reason, text="卖完了" * 99))
    assert kitchen(koubei, order_id) is Kitchen.REJECTED


async def test_a_command_that_koubei_does_not_know_is_refused(koubei: KoubeiSimulator, connect: Connect) -> None:
    with pytest.raises(RejectedError, match="no such command"):
        await connect().send(Command(CommandKind.COMPLETE, koubei.place(TWO)))


async def test_refusing_after_accepting_is_refused_and_nothing_is_lost(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    with pytest.raises(RejectedError, match="状态"):
        await connector.send(Command(CommandKind.REJECT, order_id, reason=RejectReason.SOLD_OUT))
    assert kitchen(koubei, order_id) is Kitchen.ACCEPTED


async def test_ready_before_accepting_is_not_taken_for_done(koubei: KoubeiSimulator, connect: Connect) -> None:
    with pytest.raises(RejectedError):
        await connect().send(Command(CommandKind.READY, koubei.place(TWO)))


async def test_accepting_what_was_accepted_elsewhere_is_success(koubei: KoubeiSimulator, connect: Connect) -> None:
    order_id = koubei.place(TWO)
    koubei.shop.step(order_id, "RECEIPT", {"NO": "1"})
    update = await connect().send(Command(CommandKind.ACCEPT, order_id))
    assert update
    assert update.kitchen is Kitchen.ACCEPTED


async def test_a_refusal_of_another_kind_is_no_acceptance(koubei: KoubeiSimulator, connect: Connect) -> None:
    order_id = koubei.place(TWO)
    koubei.faults = Faults(refuse=1.0)
    with pytest.raises(RejectedError, match="受限"):
        await connect().send(Command(CommandKind.ACCEPT, order_id))


async def test_a_yes_that_asks_for_a_repeat_is_none(koubei: KoubeiSimulator, connect: Connect) -> None:
    order_id = koubei.place(TWO)
    koubei.faults = Faults(odd=1.0)
    with pytest.raises(TemporaryError, match="once more"):
        await connect().send(Command(CommandKind.ACCEPT, order_id))
    assert kitchen(koubei, order_id) is Kitchen.NEW
    koubei.faults = Faults()
    await connect().send(Command(CommandKind.ACCEPT, order_id))
    assert kitchen(koubei, order_id) is Kitchen.ACCEPTED


# a customer's wish


@pytest.mark.parametrize(
    ("kind", "state"),
    [(CommandKind.AGREE_REQUEST, RequestState.AGREED), (CommandKind.REFUSE_REQUEST, RequestState.REFUSED)],
)
async def test_a_wish_is_answered_and_its_answer_is_the_later_report(
    koubei: KoubeiSimulator, connect: Connect, kind: CommandKind, state: RequestState
) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    asked_at = int(steady.now().timestamp() * 1000)
    koubei.happen(order_id, Happening.ASK_CANCEL, reason="等太久了")
    update = await connector.send(Command(kind, order_id, text="已经做好了"))
    assert update
    assert update.request
    assert (update.request.kind, update.request.state) == (RequestKind.CANCEL, state)
    assert update.version >= asked_at
    assert (kitchen(koubei, order_id) in DEAD) == (state is RequestState.AGREED)


async def test_an_answer_given_twice_is_one(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    koubei.happen(order_id, Happening.ASK_CANCEL)
    for _ in range(2):
        update = await connector.send(Command(CommandKind.REFUSE_REQUEST, order_id))
        assert update
        assert update.request
    assert koubei.shop.orders[order_id].commands.count("REJECT_REFUND") == 1


async def test_a_dish_taken_back_is_told_with_its_price(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    koubei.happen(order_id, Happening.CHANGE)
    update = await look(connector, order_id)
    assert update.facts
    assert [line.name for line in update.facts.lines] == ["鱼香肉丝"]
    assert update.refunded == Money(200, "CNY")
    assert koubei.shop.orders[order_id].refunded == 200


async def test_an_urge_is_heard(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    koubei.happen(order_id, Happening.URGE)
    updates = connector.read(await connector.fetch_order(order_id))
    assert [update.urge.text for update in updates if update.urge] == ["鱼香肉丝"]


# refunds by the shop itself


async def test_part_of_the_money_goes_back_once(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    for _ in range(2):
        await connector.refund(order_id, Money(500, "CNY"), (), "少了一份", "k1")
    assert koubei.shop.orders[order_id].refunded == 500
    await connector.refund(order_id, None, [Portions("2")], "米饭没有了", "k2")
    assert koubei.shop.orders[order_id].refunded == 700
    with pytest.raises(RejectedError, match="no such line"):
        await connector.refund(order_id, None, [Portions("9")], "", "k3")
    with pytest.raises(RejectedError, match="金额"):
        await connector.refund(order_id, Money(999_900, "CNY"), (), "", "k4")


async def test_all_the_money_goes_back_once(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    for _ in range(2):
        await connector.refund(order_id, None, (), "客人投诉", "k")
    assert koubei.shop.orders[order_id].commands.count("REFUND") == 1
    update = await look(connector, order_id)
    assert update.refunded == Money(3500, "CNY")
    assert update.kitchen in DEAD


async def test_a_lost_answer_refunds_once(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    order_id = await accepted(koubei, connector)
    koubei.faults = Faults(lose_reply=0.5)
    for _ in range(20):
        try:
            await connector.refund(order_id, Money(300, "CNY"), (), "", "same")
            break
        except TemporaryError:
            continue
    assert koubei.shop.orders[order_id].refunded == 300


# signing in


async def test_a_missing_permission_is_said_at_once(
    koubei: KoubeiSimulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise GatewayError("40006", "isv.insufficient-isv-permissions", "ISV权限不足")

    monkeypatch.setattr(koubei, "_answered", forbidden)
    with pytest.raises(RejectedError, match="权限不足"):
        await connect().verify()


async def test_anothers_public_key_is_noticed_when_signing_in(koubei: KoubeiSimulator, connect: Connect) -> None:
    stranger = Keys(koubei.keys.app, rsa.generate_private_key(65537, 1024)).gateway_text
    with pytest.raises(AuthError, match="not signed"):
        await connect(alipay_public_key=stranger).verify()


# looking again


async def test_known_orders_are_looked_at_in_turn_across_restarts(koubei: KoubeiSimulator, connect: Connect) -> None:
    connector = connect()
    placed = [koubei.place(TWO) for _ in range(BATCH + 2)]
    for order_id in placed:
        await connector.fetch_order(order_id)
    first = await connector.fetch_orders("")
    second = await connect().fetch_orders(first.cursor)
    assert [message.order_id for message in first.messages] == placed[:BATCH]
    assert [message.order_id for message in second.messages][:2] == placed[BATCH:]


async def test_a_dead_or_unknown_order_is_asked_for_once_more_and_no_more(koubei: KoubeiSimulator, connect: Connect) -> None:
    order_id = koubei.place(TWO)
    koubei.happen(order_id, Happening.CANCEL)
    cursor = json.dumps({"live": {order_id: 4_000_000_000, "unknown": 4_000_000_000}})
    page = await connect().fetch_orders(cursor)
    assert [message.order_id for message in page.messages] == [order_id]
    assert json.loads(page.cursor) == {"live": {}}


async def test_another_shops_order_is_left_alone(koubei: KoubeiSimulator, connect: Connect) -> None:
    order_id = koubei.place(TWO)
    stranger = connect(shop_id="2025050100077000000000000009")
    with pytest.raises(UnknownMessageError, match="another shop"):
        stranger.read(await stranger.fetch_order(order_id))
    assert (await stranger.fetch_orders("")).messages == ()
    anyone = connect(shop_id="")
    assert anyone.read(await anyone.fetch_order(order_id))


async def test_an_unchanged_order_keeps_its_key(koubei: KoubeiSimulator, connect: Connect) -> None:
    order_id = koubei.place(TWO)
    keys = {(await connect().fetch_order(order_id)).key for _ in range(6)}  # spelled differently each time
    assert len(keys) == 1


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '{"live":[]}', '{"live":{"1":"x"}}', '{"live":{"1":1e999}}'])
def test_an_unreadable_cursor_starts_afresh(cursor: str) -> None:
    live = Live(lambda: 1000.0)
    live.load(cursor)
    assert live.turn() == []


def test_an_order_nobody_ends_is_let_go_after_a_day() -> None:
    now = 1000.0
    live = Live(lambda: now)
    live.seen("old")
    now += KEEP
    live.seen("young")
    assert live.turn() == ["young"]
