"""Open or not, what is sold, where a courier is: the connector against the pretend location, and what that refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app import steady
from app.domain.shop import MenuItem, ShopState, ShopStatus
from app.platforms.abilities import Ability, abilities_of
from app.platforms.api import AuthError, ProtocolError, RejectedError
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.hubrise.simulated_location import CATALOG, catalog
from app.platforms.simulation import Happening, PretendLine, PretendOrder

from .conftest import Line

SOON = datetime(2036, 1, 1, 11, 0, tzinfo=UTC)
PAST = "2026-01-01T12:00:00+01:00"
STOCK = f"/catalogs/{CATALOG}/location/inventory"
SALAD, CROUTONS = "sku_ref:SALADECS", "option_ref:CROTONS"
LEMONADE = "sku_ref:LIM-33"
PLACED = PretendOrder((PretendLine("Ramen", 1290),))


def acceptance(line: Line) -> Any:
    return line.simulator.wire.site.location["order_acceptance"]


def inventory(line: Line) -> list[dict[str, Any]]:
    return list(line.simulator.wire.site.inventory.values())


async def told(line: Line) -> list[tuple[str, str]]:
    """The events that the console's queue holds."""
    return [(event["resource_type"], event["event_type"]) for event in (await line.call("GET", "/callback/events")).json()]


async def listen(line: Line) -> None:
    events = {"location": ["update"], "inventory": ["patch", "update"]}
    await line.call("POST", "/callback", json={"url": None, "events": events})


async def waited_for(line: Line) -> None:
    """Whatever the pretend location has still to do."""
    while line.simulator.tasks:
        await next(iter(line.simulator.tasks))


async def on_menu(connector: HubRiseConnector) -> dict[str, MenuItem]:
    return {item.item_id: item for item in await connector.items()}


def test_abilities(line: Line) -> None:
    assert abilities_of(line.connect()) == {
        Ability.LISTS_DAYS,
        Ability.OPENS_SHOP,
        Ability.SELLS_ITEMS,
        Ability.TRACKS_COURIERS,
    }


# -- open or not


async def test_the_shop_changes_as_asked_and_twice_is_harmless(line: Line) -> None:
    connector = line.connect(busy_minutes="25")
    for state, until in ((ShopState.BUSY, SOON), (ShopState.PAUSED, SOON), (ShopState.PAUSED, None), (ShopState.OPEN, None)):
        for _ in range(2):
            assert await connector.set_shop(state, until) == ShopStatus(state, until)
        assert await connector.shop() == ShopStatus(state, until)
    assert acceptance(line) == {"mode": "online"}


async def test_busy_says_how_much_longer(line: Line) -> None:
    for minutes, wanted in (("25", 25), ("", 15), ("soon", 15)):
        await line.connect(busy_minutes=minutes).set_shop(ShopState.BUSY, None)
        assert acceptance(line) == {"mode": "busy", "extra_preparation_time": wanted}


async def test_a_pause_ends_there_by_itself_and_tells_so(line: Line) -> None:
    await listen(line)
    status = await line.connect().set_shop(ShopState.PAUSED, steady.now() - timedelta(seconds=1))
    await waited_for(line)
    assert status.state in (ShopState.PAUSED, ShopState.OPEN)  # its end may come before the look
    assert await line.connect().shop() == ShopStatus(ShopState.OPEN)
    assert await told(line) == [("location", "update")]  # our own change tells us nothing


async def test_the_end_of_an_earlier_pause_does_not_end_a_later_one(line: Line) -> None:
    site = line.simulator.wire.site
    connector = line.connect()
    await connector.set_shop(ShopState.PAUSED, SOON)
    earlier = acceptance(line)
    await connector.set_shop(ShopState.PAUSED, SOON + timedelta(hours=1))
    site._resume(earlier)
    assert (await connector.shop()).state is ShopState.PAUSED


async def test_a_reason_given_elsewhere_is_shown(line: Line) -> None:
    wish = {"mode": "paused", "resume_at": "2036-01-01T12:00:00+01:00", "reason": "four en panne"}
    assert (await line.call("PATCH", "/location", json={"order_acceptance": wish})).status_code == 200
    assert await line.connect().shop() == ShopStatus(ShopState.PAUSED, SOON, "four en panne")


async def test_a_state_hubrise_has_not(line: Line) -> None:
    with pytest.raises(RejectedError, match="no such command"):
        await line.connect().set_shop(ShopState.CLOSED, None)


@pytest.mark.parametrize("found", [{"mode": "asleep"}, {}, None, {"mode": "paused", "resume_at": "later"}])
async def test_an_acceptance_of_another_form_is_no_guess(line: Line, found: Any) -> None:
    line.simulator.wire.site.location["order_acceptance"] = found
    with pytest.raises(ProtocolError):
        await line.connect().shop()


@pytest.mark.parametrize(
    "change",
    [
        {"order_acceptance": {"mode": "asleep"}},
        {"order_acceptance": {"mode": "paused", "resume_at": "later"}},
        {"order_acceptance": {"mode": "paused", "until": PAST}},
        {"order_acceptance": {"mode": "paused", "extra_preparation_time": 5}},
        {"order_acceptance": {"mode": "online", "resume_at": PAST}},
        {"order_acceptance": {"mode": "busy"}},
        {"order_acceptance": {"mode": "busy", "extra_preparation_time": "15"}},
        {"name": "Another"},
    ],
)
async def test_the_location_takes_only_documented_changes(line: Line, change: dict[str, Any]) -> None:
    before = dict(line.simulator.wire.site.location)
    assert (await line.call("PATCH", "/location", json=change)).status_code == 422
    assert line.simulator.wire.site.location == before


# -- what is sold


async def test_the_menu_names_dishes_sizes_and_options(line: Line) -> None:
    items = await on_menu(line.connect())
    assert items[SALAD] == MenuItem(SALAD, "Salade César", True, None, "Carte")
    assert items[LEMONADE].name == "Limonade (33 cl)"
    assert items[CROUTONS] == MenuItem(CROUTONS, "Croûtons", True, None, "Options")
    assert "Plat du jour" not in {item.name for item in items.values()}  # without a ref nobody can name it


async def test_items_run_out_and_come_back(line: Line) -> None:
    connector = line.connect()
    await connector.set_available([SALAD, CROUTONS], False, SOON)
    await connector.set_available([LEMONADE], False, None)
    items = await on_menu(connector)
    assert {key: item.until for key, item in items.items() if not item.available} == {
        SALAD: SOON,
        CROUTONS: SOON,
        LEMONADE: None,
    }
    await connector.set_available([SALAD], False, None)  # prolonged: the end is taken back
    assert (await on_menu(connector))[SALAD].until is None
    await connector.set_available([SALAD, CROUTONS, LEMONADE], True, None)
    assert inventory(line) == []


async def test_a_counted_stock_is_left_alone(line: Line) -> None:
    counted = {"sku_ref": "LIM-33", "stock": "3", "expires_at": None}
    assert (await line.call("PATCH", STOCK, json=[counted])).json() == [counted]
    connector = line.connect()
    await connector.set_available([LEMONADE, SALAD], True, None)
    await connector.set_available([], False, None)
    assert inventory(line) == [counted]
    assert (await on_menu(connector))[LEMONADE].available


async def test_a_dish_that_is_not_there_is_refused_in_hubrises_words(line: Line) -> None:
    with pytest.raises(RejectedError, match="is not in the catalog"):
        await line.connect().set_available(["sku_ref:NONE"], False, None)


async def test_without_a_catalogue_a_person_signs_in_again(line: Line) -> None:
    connector = line.connect(catalog_id="")
    for ask in (connector.items(), connector.set_available([SALAD], False, None)):
        with pytest.raises(RejectedError, match="Sign in to HubRise again"):
            await ask


async def test_another_catalogue_is_not_ours(line: Line) -> None:
    with pytest.raises(RejectedError, match="not found"):
        await line.connect(catalog_id="cat2").items()


async def test_a_scope_without_the_menu_reads_none(line: Line) -> None:
    token = line.simulator.door.connect("other", "location[orders.write]").token
    with pytest.raises(AuthError, match=r"catalog.read"):
        await line.connect(access_token=token).items()
    reader = line.simulator.door.connect("reader", "location[orders.read,catalog.read,inventory.read]").token
    assert await line.connect(access_token=reader).items()
    with pytest.raises(AuthError, match=r"inventory.write"):
        await line.connect(access_token=reader).set_available([SALAD], False, None)


async def test_what_is_sold_out_until_a_moment_comes_back_and_tells_so(line: Line) -> None:
    await listen(line)
    await line.connect().set_available([SALAD], False, steady.now() - timedelta(seconds=1))
    await waited_for(line)
    assert inventory(line) == []
    assert await told(line) == [("inventory", "patch")]


@pytest.mark.parametrize(
    "entry",
    [
        {"stock": "0"},
        {"sku_ref": "LIM-33", "option_ref": "CROTONS", "stock": "0"},
        {"sku_ref": "NONE", "stock": "0"},
        {"option_ref": "LIM-33", "stock": "0"},
        {"sku_ref": "LIM-33", "stock": 0},
        {"sku_ref": "LIM-33", "stock": "-1"},
        {"sku_ref": "LIM-33", "stock": "3", "expires_at": PAST},
        {"sku_ref": "LIM-33", "stock": "0", "expires_at": "later"},
        {"sku_ref": "LIM-33", "stock": "0", "reason": "sold out"},
        "LIM-33",
    ],
)
async def test_an_entry_of_another_form_changes_nothing(line: Line, entry: Any) -> None:
    good = {"sku_ref": "SALADECS", "stock": "0"}
    assert (await line.call("PATCH", STOCK, json=[good, entry])).status_code == 422
    assert inventory(line) == []


async def test_put_forgets_what_it_does_not_name(line: Line) -> None:
    await line.connect().set_available([SALAD, LEMONADE], False, SOON)
    kept = {"sku_ref": "LIM-33", "stock": "2", "expires_at": None}
    ignored = {"sku_ref": "SALADECS", "stock": None}
    assert (await line.call("PUT", STOCK, json=[kept, ignored])).json() == [kept]
    assert (await line.call("PUT", STOCK, json={})).status_code == 422


@pytest.mark.parametrize(
    "found",
    [
        None,
        {"products": "all"},
        {"products": [{"name": "A", "skus": [{"ref": []}]}]},
        {"products": [{"name": "A", "skus": None}], "option_lists": 3},
    ],
)
async def test_a_catalogue_of_another_form_is_an_error(line: Line, found: Any) -> None:
    line.simulator.wire.site.catalog = found
    with pytest.raises(ProtocolError, match="documentation"):
        await line.connect().items()


async def test_a_catalogue_in_the_form_it_is_written_in_is_read_too(line: Line) -> None:
    """The documentation shows the reading form in outline only; it spells the option lists in two ways."""
    line.simulator.wire.site.catalog = {
        "categories": [{"ref": "PIZ", "name": "Pizzas"}],
        "products": [{"name": "Regina", "category_ref": "PIZ", "skus": [{"ref": 7, "price": "1.00 EUR"}]}],
        "options_lists": [{"ref": "SAUCE", "name": "Sauces", "options": [{"ref": "BBQ", "name": "Barbecue"}]}],
    }
    assert await line.connect().items() == [
        MenuItem("sku_ref:7", "Regina", True, None, "Pizzas"),
        MenuItem("option_ref:BBQ", "Barbecue", True, None, "Sauces"),
    ]


def test_the_pretend_menu_has_the_documented_form() -> None:
    refs = [sku["ref"] for product in catalog()["products"] for sku in product["skus"]]
    assert len(refs) == len(set(refs))


# -- where the courier is


async def test_a_courier_is_nowhere_before_anybody_was_booked(line: Line) -> None:
    order_id = line.simulator.place(PLACED)
    connector = line.connect()
    assert await connector.locate_courier(order_id) is None
    await line.call("POST", f"/location/orders/{order_id}/delivery", json={"carrier": "Own"})
    assert await connector.locate_courier(order_id) is None  # booked, and nobody drives yet


async def test_a_courier_is_located_now(line: Line) -> None:
    order_id = line.simulator.place(PLACED)
    line.simulator.wire.orders[order_id]["status"] = "accepted"
    line.simulator.happen(order_id, Happening.COURIER_ASSIGNED)
    before = await line.connect().locate_courier(order_id)
    line.simulator.happen(order_id, Happening.COURIER_PICKED_UP)
    after = await line.connect().locate_courier(order_id)
    assert before
    assert after
    assert (before.latitude, before.longitude) == (48.860294, 2.3376)
    assert after.latitude != before.latitude
    assert before.at <= after.at <= steady.now()
    order = (await line.call("GET", f"/location/orders/{order_id}")).json()
    assert "driver_latitude" not in order["delivery"]


@pytest.mark.parametrize("latitude", ["north", "91", "nan", True])
async def test_a_place_not_on_this_earth_is_an_error(line: Line, latitude: Any) -> None:
    order_id = line.simulator.place(PLACED)
    place = {"driver_latitude": latitude, "driver_longitude": "2.0"}
    line.simulator.wire.orders[order_id]["delivery"] = {"status": "pending", **place}
    with pytest.raises(ProtocolError):
        await line.connect().locate_courier(order_id)


async def test_a_refusal_is_not_taken_for_nobody(line: Line) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"error_type": "unprocessable_entity", "message": "no"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(broken)) as client:
        line.client = client
        with pytest.raises(RejectedError, match="no"):
            await line.connect().locate_courier("5dpm9")
