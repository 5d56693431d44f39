"""What is special about Meituan: numbers of the day without a gap, food ready a minute later, own delivery, two doors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.domain.changes import RequestState
from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen, Payment
from app.domain.shop import DayEntry, ShopState, ShopStatus
from app.platforms.abilities import HearsReviews, ListsDays, OpensShop
from app.platforms.api import AuthError, ProtocolError, RejectedError, TemporaryError, WebhookRequest
from app.platforms.meituan import platform, polling
from app.platforms.meituan.connector import MeituanConnector
from app.platforms.meituan.payloads import CHINA
from app.platforms.meituan.polling import CLOSED_EVERY, HOLE_TRIES, Cursor
from app.platforms.meituan.routes import Ask
from app.platforms.meituan.shop import status_of
from app.platforms.meituan.simulator import IsvSimulator, MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults, Happening

from .conftest import Connect

Start = Callable[..., Any]
DOORS = pytest.mark.parametrize("kind", [MeituanSimulator, PartnerSimulator])


def do(kind: CommandKind, order_id: str, **more: Any) -> Command:
    return Command(kind, order_id, key=f"{kind}-{order_id}", **more)


async def drained(connector: MeituanConnector, cursor: str = "") -> tuple[list[str], str]:
    """Order ids of every message until the platform has no more, and the cursor."""
    ids: list[str] = []
    for _ in range(20):
        page = await connector.fetch_orders(cursor)
        ids, cursor = ids + [message.order_id for message in page.messages], page.cursor
        if not page.more:
            return ids, cursor
    raise AssertionError("a poll without an end")


async def settled(connector: MeituanConnector, order_id: str) -> Any:
    (update,) = connector.read(await connector.fetch_order(order_id))
    return update


# numbers of the day


@DOORS
async def test_every_number_is_read_once_and_a_new_one_found(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(5)]
    connector = connect(simulator)
    ids, cursor = await drained(connector)
    assert ids == placed
    assert Cursor.load(cursor).last == 5
    late = simulator.place()
    ids, cursor = await drained(connect(simulator), cursor)
    assert late in ids
    assert Cursor.load(cursor).last == 6


@DOORS
async def test_an_old_order_that_no_list_shows_is_found_by_its_number(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(3)]
    for order in simulator.shop.orders.values():
        order.placed_at -= 400  # beyond the five minutes that the gateway looks back
    assert sorted((await drained(connect(simulator)))[0]) == sorted(placed)


@DOORS
async def test_a_number_that_is_not_there_yet_stays_a_hole_and_is_asked_for_again(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(4)]
    hidden = simulator.shop.orders.pop(placed[1])
    ids, cursor = await drained(connect(simulator))
    assert placed[1] not in ids
    assert Cursor.load(cursor).holes == ((2, HOLE_TRIES - 1),)
    simulator.shop.orders[placed[1]] = hidden
    ids, cursor = await drained(connect(simulator), cursor)
    assert placed[1] in ids
    assert Cursor.load(cursor).holes == ()


async def test_a_hole_is_given_up_in_the_end(start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "HOLE_TRIES", 3)
    simulator = await start()
    placed = [simulator.place() for _ in range(2)]
    simulator.shop.orders.pop(placed[0])
    connector, cursor, left = connect(simulator), "", []
    for _ in range(4):
        cursor = (await connector.fetch_orders(cursor)).cursor
        left.append(Cursor.load(cursor).holes)
    assert left == [((1, 2),), ((1, 1),), (), ()]
    assert Cursor.load(cursor).last == 2


@DOORS
async def test_the_next_day_begins_at_one_after_the_old_days_last_orders(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    first = simulator.place()
    _, cursor = await drained(connect(simulator))
    missed = simulator.place()
    tomorrow = simulator.place()
    order = simulator.shop.orders[tomorrow]
    order.placed_at += 86_400
    order.body |= {"day_seq": 1, "ctime": order.body["ctime"] + 86_400}
    later = connect(simulator, clock=lambda: time.time() + 86_400)
    later._door.client._skew = -86_400.0  # the calls themselves go out on the right day
    ids, cursor = await drained(later, cursor)
    assert {missed, tomorrow} <= set(ids)
    assert Cursor.load(cursor).last == 1
    assert first


@DOORS
async def test_a_day_is_proved_by_its_numbers(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    placed = [simulator.place() for _ in range(4)]
    simulator.happen(placed[2], Happening.CANCEL)
    connector = connect(simulator)
    assert isinstance(connector, ListsDays)
    today = datetime.now(CHINA).date()
    wanted = [DayEntry(order_id, str(number)) for number, order_id in enumerate(placed, 1)]
    assert await connector.list_day(today) == wanted
    simulator.records.clear()
    assert await connector.list_day(today) == wanted
    assert not [record for record in simulator.records if record.what == "fetched"]  # a number never changes hands
    assert await connector.list_day(today - timedelta(days=1)) == []


@pytest.mark.parametrize("text", ["", "x", "[]", '{"polls":"x"}', '{"holes":[1]}', "null"])
def test_an_unreadable_cursor_starts_afresh(text: str) -> None:
    assert Cursor.load(text) == Cursor()


# commands


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
    assert (await settled(connector, order_id)).kitchen is Kitchen.COMPLETED


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
    assert (await settled(connector, order_id)).payment is Payment.REFUNDED
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
        asked = (await settled(connector, order_id)).request
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
        assert (await settled(connector, order_id)).request.state == RequestState(state)
        truth = next(one for one in simulator.truth() if one.order_id == order_id)
        assert len(truth.commands) == len(set(truth.commands)) == 2
    assert (await settled(connector, order_id)).kitchen is Kitchen.CANCELLED


@DOORS
async def test_a_part_and_then_the_whole_is_given_back(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    await connector.send(do(CommandKind.ACCEPT, order_id))
    simulator.happen(order_id, Happening.REFUND_PART, amount=100)
    part = await settled(connector, order_id)
    assert (part.payment, part.refunded.minor, part.kitchen) == (Payment.PART_REFUNDED, 100, Kitchen.ACCEPTED)
    simulator.happen(order_id, Happening.ASK_CANCEL)
    assert (await settled(connector, order_id)).payment is Payment.REFUND_ASKED
    await connector.send(do(CommandKind.AGREE_REQUEST, order_id))
    whole = await settled(connector, order_id)
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
    for kind, told in ((MeituanSimulator, ("received",)), (PartnerSimulator, ())):
        simulator = await start(kind)
        order_id = simulator.place()
        await connect(simulator).send(do(CommandKind.RECEIVED, order_id))
        assert simulator.truth()[0].commands == told


# doors, tokens, clock


async def test_the_gateway_hears_the_tills_heart(start: Start, connect: Connect) -> None:
    simulator = await start(PartnerSimulator)
    assert simulator.offline
    await connect(simulator).fetch_orders("")
    assert not simulator.offline
    assert simulator.beats[0][1]["ePoiId"] == "t_shop01"
    simulator.beats[0] = (time.time() - 10, simulator.beats[0][1])  # at sixty times the speed: ten minutes
    assert simulator.offline


@DOORS
async def test_a_wrong_clock_of_this_computer_is_corrected(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator, clock=lambda: time.time() - 3600)
    assert (await connector.verify()).title == "川味小馆"


@DOORS
async def test_a_shop_that_is_not_ours_cannot_be_signed_in(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    with pytest.raises(RejectedError, match="t_other"):
        await connect(simulator, shop_id="t_other").verify()


async def test_an_isv_asks_for_a_token_renews_it_and_saves_it_first(
    start: Start, connect: Connect, saved: dict[str, str]
) -> None:
    simulator = await start(IsvSimulator)
    connector = connect(simulator)
    await connector.verify()
    first = saved["access_token"]
    await connect(simulator).verify()  # a new process uses what was saved
    assert simulator.tokens.grants == ["token"]
    simulator.tokens.access.clear()
    await connector.verify()
    assert simulator.tokens.grants == ["token", "refresh_token"]
    assert saved["access_token"] != first
    simulator.tokens.access.clear()
    simulator.tokens.refresh.clear()
    await connector.verify()
    assert simulator.tokens.grants[-1] == "token"


async def test_a_service_provider_consents_renews_and_ends(
    start: Start, connect: Connect, wire: httpx.AsyncClient, saved: dict[str, str]
) -> None:
    simulator = await start(PartnerSimulator)
    assert platform.sign_in
    page = platform.sign_in.page(simulator.credentials, simulator.address)
    assert page.startswith(f"{simulator.address}/general/auth?")
    assert platform.sign_in.page({"door": "own app"}, "") == ""
    values = {**simulator.credentials, "access_token": "", "code": simulator.tokens.code()}
    saved.update(await platform.sign_in.exchange(values, simulator.address, wire))
    with pytest.raises(AuthError):  # a code is good for once
        await platform.sign_in.exchange(values, simulator.address, wire)
    connector = connect(simulator)
    await connector.verify()
    simulator.tokens.access.clear()  # expired in mid-flight
    await connector.verify()
    assert simulator.tokens.grants == ["authorization_code", "refresh_token"]
    simulator.tokens.access.clear()
    simulator.tokens.refresh.clear()
    with pytest.raises(AuthError):
        await connector.verify()


async def test_a_token_that_ends_soon_is_renewed_before_the_call(
    start: Start, connect: Connect, saved: dict[str, str]
) -> None:
    simulator = await start(PartnerSimulator)
    simulator.tokens.refresh.add("old")
    saved.update({"access_token": "dying", "refresh_token": "old", "expires_at": str(int(time.time()) + 60)})
    await connect(simulator).verify()
    assert simulator.tokens.grants == ["refresh_token"]


@DOORS
async def test_throttling_waits_longer_each_time(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    simulator.faults = Faults(throttle=1.0)
    connector, pauses = connect(simulator), []
    for _ in range(3):
        with pytest.raises(TemporaryError) as refused:
            await connector.verify()
        pauses.append(refused.value.retry_after)
    assert pauses == [1.0, 2.0, 4.0]


@DOORS
async def test_real_phone_numbers_are_pulled_while_virtual_ones_do_not_work(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    simulator.shop.orders[order_id].phone = "170****0042"
    connector = connect(simulator)
    _, cursor = await drained(connector)
    simulator.calls.downgraded = True
    connector._phones_wanted = True
    page = await connector.fetch_orders(cursor)
    shown = [update.facts.customer.phone for m in page.messages for update in connector.read(m) if update.facts]
    assert shown == ["170****0042"]
    assert (await settled(connector, order_id)).facts.customer.phone == "170****0042"


@DOORS
async def test_the_downgrade_of_phone_numbers_is_heard(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    connector = connect(simulator, callback_url="http://console.example.com/hook")
    simulator.push_to = "http://console.example.com/hook"
    make = simulator.pushes._partner_form if simulator.partner else simulator.pushes._open_form
    query = make("privacy", {}, 0)
    heard = connector.receive(WebhookRequest("GET", "/hook", {**query, "kind": "privacy"}, {}, b""))
    assert heard.messages[0].kind == "privacy"
    assert connector._phones_wanted


def test_no_call_is_without_a_path() -> None:
    from app.platforms.meituan.routes import routes_of

    assert all(any(route.path for route in routes_of(ask)) for ask in Ask)


# the shop


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
    today = datetime.now(CHINA)
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


async def test_a_refund_after_completion_whose_push_was_lost_is_found(start: Start, connect: Connect) -> None:
    simulator = await start()
    order_id = simulator.place()
    connector = connect(simulator)
    order = simulator.shop.orders[order_id]
    simulator.shop.accept(order)
    order.body["logistics_status"] = 40
    simulator.happen(order_id, Happening.COMPLETE)
    _, cursor = await drained(connector)
    simulator.happen(order_id, Happening.ASK_REFUND)
    late = replace(Cursor.load(cursor), polls=CLOSED_EVERY - 1).dump()
    page = await connector.fetch_orders(late)
    updates = [update for message in page.messages for update in connector.read(message)]
    assert [update.payment for update in updates] == [Payment.REFUND_ASKED]
    assert Cursor.load(page.cursor).again == ()


@DOORS
async def test_an_order_meituan_forgot_is_let_go(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    order_id = simulator.place()
    connector = connect(simulator)
    _, cursor = await drained(connector)
    del simulator.shop.orders[order_id]
    _, cursor = await drained(connector, cursor)
    assert Cursor.load(cursor).waiting == ()


@pytest.mark.parametrize(
    ("code", "kept"), [("806", False), ("OP_ORDER_NOT_EXIST", False), ("808", True), ("OP_BIZ_1", True)]
)
async def test_a_no_about_the_moment_makes_nobody_forget_an_order(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch, code: str, kept: bool
) -> None:
    simulator = await start()
    order_id = simulator.place()
    connector = connect(simulator)
    _, cursor = await drained(connector)

    async def refused(_: str) -> None:
        raise RejectedError("not now", code)

    monkeypatch.setattr(connector._door, "order", refused)
    _, cursor = await drained(connector, cursor)
    assert (order_id in Cursor.load(cursor).waiting) == kept


async def test_an_order_whose_refunds_could_not_be_told_is_read_again(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = await start()
    order_id = simulator.place()
    order = simulator.shop.orders[order_id]
    simulator.shop.accept(order)
    order.body["logistics_status"] = 40
    simulator.happen(order_id, Happening.COMPLETE)
    simulator.happen(order_id, Happening.REFUND_PART, amount=100)
    connector = connect(simulator)

    async def silent(_: Any) -> None:
        raise TemporaryError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(connector._door, "refunds", silent)
        page = await connector.fetch_orders("")
    assert [message.order_id for message in page.messages] == [order_id]  # the order itself does not wait
    assert Cursor.load(page.cursor).live == (order_id,)
    page = await connector.fetch_orders(page.cursor)
    (update,) = connector.read(page.messages[0])
    assert update.refunded
    assert update.refunded.minor == 100
    assert Cursor.load(page.cursor).closed == (order_id,)
