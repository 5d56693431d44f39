"""What Meituan does beyond orders, door by door: dishes, money given back, couriers on the map, bills."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import steady
from app.domain.commands import Command, CommandKind, Portions
from app.domain.lifecycle import Kitchen, Payment
from app.domain.money import Money
from app.domain.shop import CourierPlace, SettlementKind
from app.platforms.abilities import Ability, abilities_of
from app.platforms.api import ProtocolError, RejectedError, Settings, TemporaryError
from app.platforms.meituan import bills, dishes
from app.platforms.meituan.bills import Entry
from app.platforms.meituan.client import OpenClient
from app.platforms.meituan.connector import MeituanConnector, OpenConnector
from app.platforms.meituan.couriers import Point, _place
from app.platforms.meituan.payloads import CHINA, shape
from app.platforms.meituan.refunding import FoodLeft, _of_amount, tag_of
from app.platforms.meituan.simulated_orders import Placed
from app.platforms.meituan.simulated_shop import RefusedError
from app.platforms.meituan.simulator import MeituanSimulator, PartnerSimulator
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from tests.platforms.lines import forget

from .conftest import DOORS, Connect, Start, told

BOTH = {Ability.LISTS_DAYS, Ability.OPENS_SHOP, Ability.SELLS_ITEMS, Ability.REFUNDS_ORDERS, Ability.TRACKS_COURIERS}
TWO_DISHES = PretendOrder(
    (PretendLine("鱼香肉丝", 2800, 1), PretendLine("米饭", 200, 3)), delivery_fee=400, shop_discount=680
)
DELIVERY = (Happening.COURIER_ASSIGNED, Happening.COURIER_PICKED_UP, Happening.DELIVERED, Happening.COMPLETE)


def yuan(fen: int) -> Money:
    return Money(fen, "CNY")


async def completed(simulator: MeituanSimulator, connector: MeituanConnector, wish: PretendOrder = TWO_DISHES) -> Placed:
    order_id = simulator.place(wish)
    await connector.send(Command(CommandKind.ACCEPT, order_id, key="accept"))
    for happening in DELIVERY:
        simulator.happen(order_id, happening)
    return simulator.shop.orders[order_id]


def test_each_door_offers_what_it_has(connect: Connect) -> None:
    assert abilities_of(connect(MeituanSimulator())) == BOTH | {Ability.HEARS_REVIEWS, Ability.SETTLES}
    assert abilities_of(connect(PartnerSimulator())) == BOTH


# dishes


@DOORS
async def test_a_dish_is_sold_out_with_all_its_sizes_and_comes_back(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector, menu = connect(simulator), simulator.calls.menu
    assert [(item.item_id, item.name, item.available, item.category) for item in await connector.items()] == [
        (dish.code, dish.name, True, "热菜") for dish in menu.dishes if dish.code
    ]
    await connector.set_available(["CP-1", "CP-3"], False, steady.now())
    assert [dish.code for dish in menu.dishes if dish.off] == ["CP-1", "CP-3"]
    assert [item.item_id for item in await connector.items() if not item.available] == ["CP-1", "CP-3"]
    await connector.set_available(["CP-1"], True, None)
    assert [dish.code for dish in menu.dishes if dish.off] == ["CP-3"]
    with pytest.raises(RejectedError, match="CP-77"):
        await connector.set_available(["CP-1", "CP-77"], False, None)
    assert [dish.code for dish in menu.dishes if dish.off] == ["CP-3"], "nothing was changed"


@DOORS
async def test_a_dish_whose_stock_ran_out_comes_back_with_portions_to_sell(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector, (dish, other) = connect(simulator), simulator.calls.menu.dishes[:2]
    for size in dish.sizes:
        size.stock = "0"
    assert not (await connector.items())[0].available
    await connector.set_available([dish.code, other.code], True, None)
    assert (await connector.items())[0].available
    assert {size.stock for size in dish.sizes} == {"9999"}
    assert {size.stock for size in other.sizes} == {""}, "a stock that nobody counts stays so"


@DOORS
async def test_what_stands_already_as_wanted_is_not_asked_for(
    start: Start, connect: Connect, kind: type[MeituanSimulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = await start(kind)
    connector, asked = connect(simulator), list[Any]()
    monkeypatch.setattr(simulator.calls.menu, "shelve", asked.append)
    await connector.set_available(["CP-1", "CP-1"], True, None)
    await connector.set_available([], False, None)
    assert asked == []


async def test_a_long_menu_is_read_page_by_page(start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dishes, "PAGE", 2)
    simulator = await start()
    assert [item.item_id for item in await connect(simulator).items()] == [f"CP-{number}" for number in range(1, 6)]


# money given back


@DOORS
async def test_lines_are_given_back_at_what_the_customer_paid_for_them(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    order = await completed(simulator, connector)
    facts = (await told(connector, order.id)).facts
    rice = next(line.key for line in facts.lines if line.name == "米饭")
    for _ in range(2):
        await connect(simulator).refund(order.id, None, [Portions(rice)], "漏送", "one")
    assert order.refunded == 480  # three portions of 2.00 yuan, less a fifth: the discount is shared out
    after = await told(connector, order.id)
    assert (after.refunded, after.payment, after.kitchen) == (yuan(480), Payment.PART_REFUNDED, Kitchen.COMPLETED)
    (record,) = order.refunds
    assert record["reason"] == f"漏送 {tag_of('one')}"
    assert record["food"] == [{"food_name": "米饭", "count": 3}]
    with pytest.raises(RejectedError, match="米饭"):
        await connector.refund(order.id, None, [Portions(rice)], "漏送", "two")
    with pytest.raises(RejectedError):
        await connector.refund(order.id, None, [Portions("no such line")], "漏送", "three")
    assert len(order.refunds) == 1


@DOORS
async def test_an_amount_is_given_back_where_portions_make_it(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    order = await completed(simulator, connector)
    await connector.refund(order.id, yuan(320), (), "少了", "one")
    assert order.refunds[0]["food"] == [{"food_name": "米饭", "count": 2}]
    for amount in (yuan(100), yuan(320), yuan(0), Money(160, "USD")):
        with pytest.raises(RejectedError):
            await connector.refund(order.id, amount, (), "少了", "two")
    with pytest.raises(RejectedError, match="全部"):  # Meituan's own no: everything that is left
        await connector.refund(order.id, yuan(160 + 2240), (), "少了", "three")
    assert order.refunded == 320


async def test_a_refund_that_meituan_refused_afterwards_does_not_count_as_paid(start: Start, connect: Connect) -> None:
    simulator = await start()
    connector = connect(simulator)
    order = await completed(simulator, connector)
    await connector.refund(order.id, yuan(160), (), "少了", "one")
    order.refunds[0]["res_type"] = 3
    await connector.refund(order.id, yuan(160), (), "少了", "one")
    assert len(order.refunds) == 2


@DOORS
async def test_an_answer_that_is_lost_pays_nothing_twice(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    order = await completed(simulator, connector)
    give_back = simulator.shop.give_back

    def unheard(*words: Any) -> None:
        give_back(*words)
        simulator.faults = Faults(lose_reply=1.0)

    simulator.shop.give_back = unheard
    with pytest.raises(TemporaryError):
        await connector.refund(order.id, yuan(160), (), "少了", "one")
    simulator.faults = Faults()
    await connect(simulator).refund(order.id, yuan(160), (), "少了", "one")
    assert order.refunded == 160


@DOORS
async def test_everything_is_a_cancellation(start: Start, connect: Connect, kind: type[MeituanSimulator]) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    order_id = simulator.place(TWO_DISHES)
    await connector.send(Command(CommandKind.ACCEPT, order_id, key="accept"))
    for _ in range(2):
        await connector.refund(order_id, None, (), "没有了", "one")
    assert simulator.shop.orders[order_id].status == 9
    assert (await told(connector, order_id)).payment is Payment.REFUNDED
    order = await completed(simulator, connector)
    with pytest.raises(RejectedError, match="已完成"):
        await connector.refund(order.id, None, (), "没有了", "two")
    assert order.refunded == 0


async def test_only_waimaiopen_gives_back_before_the_orders_end(start: Start, connect: Connect) -> None:
    for kind, allowed in ((MeituanSimulator, True), (PartnerSimulator, False)):
        simulator = await start(kind)
        connector, order_id = connect(simulator), simulator.place(TWO_DISHES)
        await connector.send(Command(CommandKind.ACCEPT, order_id, key="accept"))
        if allowed:
            await connector.refund(order_id, yuan(160), (), "少了", "one")
        else:
            with pytest.raises(RejectedError, match="未完成"):
                await connector.refund(order_id, yuan(160), (), "少了", "one")
        assert simulator.shop.orders[order_id].refunded == (160 if allowed else 0)


@DOORS
async def test_where_refunds_are_not_told_none_is_begun(
    start: Start, connect: Connect, kind: type[MeituanSimulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restaurant's app may lack the right to ask: nobody could tell whether a try before was heard."""
    simulator = await start(kind)
    connector = connect(simulator)
    order = await completed(simulator, connector)

    def refused(_: Any) -> None:
        raise RefusedError("没有权限访问该接口", 708)

    monkeypatch.setitem(simulator.calls._table, "refunds", refused)
    with pytest.raises(RejectedError, match="own program"):
        await connector.refund(order.id, yuan(160), (), "少了", "one")
    assert order.refunded == 0


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), max_size=4),
    st.integers(-5, 60),
)
@settings(max_examples=60, deadline=None)
def test_an_amount_is_made_exactly_or_refused(foods: list[tuple[int, int]], amount: int) -> None:
    left = [FoodLeft(refund_price=Decimal(price) / 100, count=count) for price, count in foods]
    ways = itertools.product(*(range(count + 1) for _, count in foods))
    possible = {sum(price * taken for (price, _), taken in zip(foods, way, strict=True)) for way in ways} - {0}
    if amount not in possible:
        with pytest.raises(RejectedError):
            _of_amount(left, yuan(amount))
        return
    counts = _of_amount(left, yuan(amount))
    assert all(0 < count <= left[at].count for at, count in counts.items())
    assert sum(foods[at][0] * count for at, count in counts.items()) == amount


# couriers


@DOORS
async def test_a_crowd_courier_is_on_the_map_while_carrying(
    start: Start, connect: Connect, kind: type[MeituanSimulator]
) -> None:
    simulator = await start(kind)
    connector = connect(simulator)
    places = {}
    for _ in range(3):  # one of each fleet
        order_id = simulator.place()
        await connector.send(Command(CommandKind.ACCEPT, order_id, key=order_id))
        assert await connector.locate_courier(order_id) is None
        for happening in DELIVERY[:2]:
            simulator.happen(order_id, happening)
        places[simulator.shop.orders[order_id].body["logistics_code"]] = await connector.locate_courier(order_id)
    assert places["1001"] is places["2002"] is None
    place = places["1003"]
    assert place
    assert (round(place.latitude, 2), round(place.longitude, 2)) == (40.0, 116.48)
    assert place.at.timestamp() <= steady.time()
    with pytest.raises(RejectedError):
        await connector.locate_courier("1")


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(39_996_176, 116_480_983), (39.996176, 116.480983), ("39.996176", "116.480983")]
)
def test_a_place_is_in_degrees_however_it_is_written(latitude: Any, longitude: Any) -> None:
    point = shape(Point, {"latitude": latitude, "longitude": longitude, "time": 1748749330})
    assert _place(point) == CourierPlace(39.996176, 116.480983, datetime.fromtimestamp(1748749330, UTC))
    with pytest.raises(ProtocolError, match="latitude"):
        shape(Point, {"latitude": "x", "longitude": 1, "time": 1})


# bills


NOON = int(datetime.combine(steady.now(CHINA).date() - timedelta(days=3), clock_time(12), CHINA).timestamp())
DAY = datetime.fromtimestamp(NOON, CHINA).date()


async def billed(simulator: MeituanSimulator, connector: MeituanConnector) -> Placed:
    """An order that was completed on that day, of which a part went back on the same day."""
    order = await completed(simulator, connector)
    await connector.refund(order.id, yuan(160), (), "少了", "one")
    order.body["order_completed_time"] = NOON
    order.refunds[0]["ctime"] = NOON + 60
    return order


async def test_a_bill_in_fen_adds_up_line_by_line(start: Start, connect: Connect) -> None:
    simulator = await start()
    connector = connect(simulator)
    assert isinstance(connector, OpenConnector)
    order = await billed(simulator, connector)
    cancelled = simulator.place()
    simulator.happen(cancelled, Happening.CANCEL)
    lines = await connector.settlement(DAY)
    assert lines == await connector.settlement(DAY)
    assert {line.order_id for line in lines} == {order.id}
    assert {line.day for line in lines} == {DAY}
    assert len({line.line_id for line in lines}) == len(lines)
    receipt = order.body["poi_receive_detail"]
    assert {line.kind: line.amount.minor for line in lines} == {
        SettlementKind.SALE: order.total,
        SettlementKind.COMMISSION: -receipt["foodShareFeeChargeByPoi"],
        SettlementKind.DELIVERY: -receipt["logisticsFee"],
        SettlementKind.REFUND: -160,
    }
    assert sum(line.amount.minor for line in lines) == receipt["wmPoiReceiveCent"] - 160
    assert list(await connector.settlement(DAY - timedelta(days=1))) == []


async def test_a_long_bill_is_read_page_by_page(start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bills, "PAGE", 2)
    simulator = await start()
    connector = connect(simulator)
    assert isinstance(connector, OpenConnector)
    orders = {(await billed(simulator, connector)).id for _ in range(3)}
    lines = await connector.settlement(DAY)
    assert {line.order_id for line in lines} == orders
    assert len([line for line in lines if line.kind is SettlementKind.REFUND]) == 3


async def test_a_bill_is_not_asked_for_before_it_is_made_up(start: Start, connect: Connect) -> None:
    simulator = await start()
    nine = steady.now(CHINA).replace(hour=9, minute=0, second=0, microsecond=0)
    connector = connect(simulator, clock=nine.timestamp)
    assert isinstance(connector, OpenConnector)
    assert list(await connector.settlement(nine.date())) == []
    assert list(await connector.settlement(nine.date() + timedelta(days=1))) == []
    with pytest.raises(TemporaryError, match="10") as early:
        await connector.settlement(nine.date() - timedelta(days=1))
    assert early.value.retry_after == 3600.0


FEN = st.integers(-100_000, 100_000)


@given(FEN, st.tuples(FEN, FEN, FEN, FEN), st.sampled_from([0, "0", "", None, 77]))
@settings(max_examples=40, deadline=None)
def test_the_lines_of_an_entry_make_up_what_is_settled(settled: int, figures: tuple[int, ...], refund: Any) -> None:
    names = ("userOnlinePayAmount", "activityMeituanAmount", "platformChargeFee", "performanceServiceFee")
    entry = shape(Entry, {"settleAmount": settled, "refundId": refund, **dict(zip(names, figures, strict=True))})
    found = dict(bills._figures(entry))
    assert sum(found.values()) == settled
    assert (SettlementKind.REFUND in found) == (refund == 77)
    assert found[SettlementKind.COMMISSION] * (-1 if refund == 77 else 1) <= 0


CHARGE = {"daliyBillDate": 20260715, "billChargeType": 3, "chargeFeeDesc": "推广费"}
ORDER = {"daliyBillDate": 20260715, "billChargeType": 1, "wmOrderViewId": 301, "chargeFeeDesc": "外卖订单"}
LISTED = st.builds(
    lambda about, settled, paid: {**about, "settleAmount": settled, "userOnlinePayAmount": paid},
    st.sampled_from((CHARGE, ORDER, CHARGE | {"chargeFeeDesc": "配送费"}, ORDER | {"refundId": 77})),
    st.integers(-3, 3),
    st.integers(0, 2),
)


async def lines_of(entries: list[dict[str, Any]]) -> dict[str, tuple[SettlementKind, Money, str, str]]:
    """The lines of a bill of these entries, by their names."""

    async def bill(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": entries})

    async with httpx.AsyncClient(transport=httpx.MockTransport(bill)) as wire:
        client = OpenClient(Settings(1, {"app_id": "1", "secret": "s"}, forget), wire)
        lines = await bills.read_bill(client, "1", date(2026, 7, 15), datetime(2026, 7, 17, tzinfo=UTC))
    found = {line.line_id: (line.kind, line.amount, line.order_id, line.text) for line in lines}
    assert len(found) == len(lines), "no two lines of one name"
    return found


@given(st.lists(LISTED, max_size=6), st.lists(LISTED, min_size=1, max_size=2), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
async def test_lines_that_were_told_keep_their_names_wherever_late_ones_are_put(
    told: list[dict[str, Any]], late: list[dict[str, Any]], chance: Any
) -> None:
    after = [*told, *late]
    chance.shuffle(after)
    before, now = await lines_of(told), await lines_of(after)
    assert before.items() <= now.items()
    assert await lines_of([*late, *told]) == now


async def test_entries_that_say_the_same_are_counted() -> None:
    entry = CHARGE | {"settleAmount": "-300"}
    first, second = (await lines_of([entry, entry])).items()
    assert first[1] == second[1] == (SettlementKind.ADJUSTMENT, yuan(-300), "", "推广费")
    assert len(await lines_of([entry, entry | {"settleAmount": "-301"}, entry, ORDER | {"settleAmount": -300}])) == 4
    with pytest.raises(ProtocolError, match="settle"):
        shape(Entry, {"wmOrderViewId": 1})
