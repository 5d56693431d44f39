"""A card shows the buttons that the platform takes for this very order, and no dead one."""

from __future__ import annotations

import pytest

from app.db import orders
from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.engine import cards, desk
from app.engine.desk import RefusalError, Wish
from app.engine.views import Card
from app.platforms.deliveroo.connector import TABLET
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.uber_eats.simulator import PreviousUberEatsSimulator, UberEatsSimulator
from app.steady import now

from .conftest import Counter


def card(counter: Counter, order: int) -> Card:
    (found,) = counter.store.read(cards.cards, counter.house, now(), [order])
    return found


async def test_where_the_tablet_decides_there_is_no_button_for_it(counter: Counter) -> None:
    tablet, none = DeliverooSimulator(seed=1), DeliverooSimulator(seed=2)
    tablet.site.tabletless = False
    first = await counter.reads(await counter.opens(tablet, decided_by=TABLET), tablet.place())
    second = await counter.reads(await counter.opens(none), none.place())

    assert (card(counter, first).primary, card(counter, first).actions) == (None, ())
    assert card(counter, first).elsewhere == "Accept on Deliveroo's own device"
    assert (card(counter, second).primary, card(counter, second).actions) == (CommandKind.ACCEPT, (CommandKind.REJECT,))
    with pytest.raises(RefusalError, match="no such step"):
        counter.store.write_now(desk.request, counter.house, Wish(first, CommandKind.ACCEPT))


async def test_what_an_older_interface_has_no_word_for_is_kept_here(counter: Counter) -> None:
    for simulator, kept in ((PreviousUberEatsSimulator(seed=1), True), (UberEatsSimulator(seed=2), False)):
        account = await counter.opens(simulator)
        there = simulator.place()
        simulator.shop.accept(simulator.shop.orders[there], None)
        order = await counter.reads(account, there)
        assert card(counter, order).primary is CommandKind.READY
        assert (CommandKind.READY in card(counter, order).local_only) is kept


@pytest.mark.parametrize(
    ("carrier", "told"),
    [("1001", {CommandKind.READY}), ("0000", {CommandKind.HAND_OVER, CommandKind.COMPLETE})],
)
async def test_who_carries_the_food_tells_the_platform_so(
    counter: Counter, meituan: MeituanSimulator, carrier: str, told: set[CommandKind]
) -> None:
    account = await counter.opens(meituan)
    there = meituan.place()
    meituan.shop.orders[there].body["logistics_code"] = carrier
    meituan.shop.orders[there].body["pick_type"] = 0
    meituan.shop.accept(meituan.shop.orders[there])
    order = await counter.reads(account, there)
    facts = counter.store.read(orders.get, order).facts
    steps = {CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE}
    assert {one for one in steps if counter.house.offers("meituan", facts, one)} == told

    shown = card(counter, order)
    assert shown.primary is CommandKind.READY
    assert (CommandKind.READY in shown.local_only) is (CommandKind.READY not in told)
    if CommandKind.READY not in told:
        counter.store.write_now(desk.request, counter.house, Wish(order, CommandKind.READY))
        assert card(counter, order).primary is CommandKind.HAND_OVER
        assert card(counter, order).kitchen is Kitchen.ACCEPTED, "what the platform says, not what we did"
