"""What Deliveroo is told once an order is stored, and not before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.domain.commands import CommandKind
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.simulation import Faults, Happening, PretendLine, PretendOrder
from tests.platforms.lines import poll_all, send

from .conftest import Line

NOODLES = (PretendLine("Noodles", 900),)


@pytest.fixture
def tablet(line: Line) -> Line:
    """A site with Deliveroo's tablet on its counter."""
    line.simulator.site.tabletless = False
    return line


def accepted(line: Line) -> str:
    """An order the staff accepted on the tablet."""
    order_id = line.simulator.place()
    line.simulator.site.accept_on_tablet(line.order(order_id))
    return order_id


@pytest.mark.asyncio
async def test_the_till_has_it_only_when_it_is_committed(tablet: Line) -> None:
    connector = tablet.connect()
    order_id = accepted(tablet)
    messages, _ = await poll_all(connector)
    assert tablet.order(order_id).injected == ""
    await connector.acknowledge(tuple(messages))
    assert tablet.order(order_id).injected == "succeeded"
    assert tablet.simulator.site.tablet == []


@pytest.mark.asyncio
async def test_it_is_told_once(tablet: Line) -> None:
    connector = tablet.connect()
    order_id = accepted(tablet)
    cursor = ""
    for _ in range(2):
        messages, cursor = await poll_all(connector, cursor)
        await connector.acknowledge(tuple(messages))
    assert tablet.order(order_id).commands == ["sync_succeeded"]
    assert [one.what for one in tablet.simulator.records if one.what == "refused"] == []


@pytest.mark.asyncio
async def test_a_new_run_that_tells_it_again_does_no_harm(tablet: Line) -> None:
    order_id = accepted(tablet)
    for _ in range(2):
        connector = tablet.connect()
        messages, _ = await poll_all(connector)
        while True:
            try:
                await connector.acknowledge(tuple(messages))
                break
            except TemporaryError:  # one call in ten seconds
                continue
    assert tablet.order(order_id).commands == ["sync_succeeded"]


@pytest.mark.asyncio
async def test_an_order_nobody_accepted_yet_is_not_reported(tablet: Line) -> None:
    connector = tablet.connect()
    order_id = tablet.simulator.place()
    messages, _ = await poll_all(connector)
    await connector.acknowledge(tuple(messages))
    assert [one.what for one in tablet.simulator.records if one.what in ("commanded", "refused")] == []
    assert tablet.order(order_id).injected == ""


@pytest.mark.asyncio
async def test_a_site_without_a_tablet_is_not_told(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(PretendOrder(NOODLES))
    await send(connector, CommandKind.ACCEPT, order_id)
    messages, _ = await poll_all(connector)
    await connector.acknowledge(tuple(messages))
    assert line.order(order_id).commands == ["accepted", "in_kitchen"]


@pytest.mark.asyncio
async def test_an_order_nobody_can_read_is_reported_as_failed_and_the_tablet_warns(tablet: Line) -> None:
    connector = tablet.connect()
    order_id = accepted(tablet)
    messages, _ = await poll_all(connector)
    broken = json.dumps({**json.loads(messages[0].body), "items": None, "total_price": "9 pounds"}).encode()
    await connector.acknowledge((replace(messages[0], body=broken),))
    assert tablet.order(order_id).injected == "failed"
    assert tablet.simulator.site.tablet == [(order_id, "the till could not take the order")]


@pytest.mark.asyncio
async def test_an_order_that_does_not_say_goes_by_the_account(tablet: Line) -> None:
    order_id = accepted(tablet)
    messages, _ = await poll_all(tablet.connect())
    body = json.loads(messages[0].body)
    del body["is_tabletless"]
    silent = (replace(messages[0], body=json.dumps(body).encode()),)
    await tablet.connect().acknowledge(silent)
    assert tablet.order(order_id).injected == ""
    await tablet.connect(decided_by="Deliveroo's tablet decides").acknowledge(silent)
    assert tablet.order(order_id).injected == "succeeded"


@pytest.mark.asyncio
async def test_an_order_accepted_long_ago_is_not_reported(tablet: Line) -> None:
    connector = tablet.connect()
    accepted(tablet)
    messages, _ = await poll_all(connector)
    late = tuple(replace(one, version=one.version + 300_000) for one in messages)
    await connector.acknowledge(late)
    assert [one.what for one in tablet.simulator.records if one.what in ("commanded", "refused")] == []


@pytest.mark.asyncio
async def test_a_cancelled_order_is_not_reported(tablet: Line) -> None:
    connector = tablet.connect()
    order_id = accepted(tablet)
    tablet.simulator.happen(order_id, Happening.CANCEL)
    await connector.acknowledge((await connector.fetch_order(order_id),))
    assert tablet.order(order_id).injected == ""


@pytest.mark.asyncio
async def test_trouble_with_one_order_holds_up_no_other(tablet: Line) -> None:
    connector = tablet.connect()
    ids = [accepted(tablet) for _ in range(6)]
    messages, _ = await poll_all(connector)
    tablet.simulator.faults = Faults(break_call=0.5)
    with pytest.raises(TemporaryError, match=r"Bad gateway"):
        await connector.acknowledge(tuple(messages))
    told = [one for one in ids if tablet.order(one).injected]
    assert 0 < len(told) < len(ids)
    tablet.simulator.faults = Faults()
    await connector.acknowledge(tuple(messages))
    assert {tablet.order(one).injected for one in ids} == {"succeeded"}


@pytest.mark.asyncio
async def test_a_scheduled_order_is_confirmed_when_its_time_has_come(line: Line) -> None:
    connector = line.connect()
    order_id = line.simulator.place(PretendOrder(NOODLES, due_in=7200.0))
    await send(connector, CommandKind.ACCEPT, order_id)
    messages, _ = await poll_all(connector)
    await connector.acknowledge(tuple(messages))
    assert line.order(order_id).status == "accepted"
    later = tuple(replace(one, version=one.version + 120_000) for one in messages)
    for _ in range(2):
        await connector.acknowledge(later)
    assert line.order(order_id).status == "confirmed"
    assert line.order(order_id).commands == ["accepted", "confirmed"]


@pytest.mark.asyncio
async def test_the_tablet_confirms_by_itself(tablet: Line) -> None:
    connector = tablet.connect()
    order_id = tablet.simulator.place(PretendOrder(NOODLES, due_in=7200.0))
    with pytest.raises(RejectedError, match=r"tablet"):
        await send(connector, CommandKind.ACCEPT, order_id)
    tablet.simulator.site.accept_on_tablet(tablet.order(order_id))
    messages, _ = await poll_all(connector)
    await connector.acknowledge(tuple(replace(one, version=one.version + 120_000) for one in messages))
    assert tablet.order(order_id).status == "accepted"
