"""Real phone numbers in the place of Meituan's virtual ones, while those do not work."""

from __future__ import annotations

from app.platforms.api import WebhookRequest
from app.platforms.meituan.simulator import MeituanSimulator

from .conftest import DOORS, Connect, Start, drained, told


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
    assert (await told(connector, order_id)).facts.customer.phone == "170****0042"


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
