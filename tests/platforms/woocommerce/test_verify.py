"""Proving an account's settings: from the site to a write that changes nothing, each failure in a sentence of its own."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest
from aiohttp import web

from app.platforms.api import AuthError, ProtocolError, RejectedError, ShopInfo
from app.platforms.woocommerce import platform
from app.platforms.woocommerce.answers import answer_of
from app.platforms.woocommerce.simulated_keys import WireError
from app.texts import use

from .conftest import Line


@pytest.fixture(autouse=True)
def english() -> None:
    use("en")


def only_reads(line: Line) -> None:
    line.simulator.keys.known["ck_practice"] = (line.simulator.credentials["consumer_secret"], "read")


async def test_verify_goes_from_the_outside_in(line: Line) -> None:
    name = "Comptoir Ramen & Pizza (exercice)"
    kept = {"shop_name": name, "shop_address": line.simulator.address, "time_zone": "Europe/Paris"}
    assert await line.connect().verify() == ShopInfo(name, kept)


def test_the_time_zone_is_no_mark_of_a_shop() -> None:
    """What the form shows tells shops apart: two shops of one town have the same time."""
    assert "time_zone" not in {field.name for field in platform.fields}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"timezone_string": "Asia/Tokyo", "gmt_offset": 9}, "Asia/Tokyo"),
        ({"timezone_string": "", "gmt_offset": 5.5}, "5.5"),
        ({"timezone_string": "", "gmt_offset": 0}, "0"),
        ({"timezone_string": "Mars/Base", "gmt_offset": "1"}, None),
        ({}, None),
    ],
)
async def test_the_shops_time_zone_is_kept_in_either_form(
    line: Line, told: dict[str, Any], kept: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = line.connect()
    index = await connector._client.index()
    site = {name: value for name, value in index.body.items() if name not in ("timezone_string", "gmt_offset")}

    async def answer() -> Any:
        made = copy.copy(index)
        object.__setattr__(made, "body", {**site, **told})
        return made

    monkeypatch.setattr(connector._client, "index", answer)
    assert (await connector.verify()).values.get("time_zone") == kept


async def test_verify_names_a_status_that_the_shop_has_not(line: Line) -> None:
    with pytest.raises(RejectedError, match=r"no status preparing; it has: .*processing"):
        await line.connect(accepted_status="wc-preparing").verify()
    line.simulator.books.custom = {"preparing"}
    assert (await line.connect(accepted_status="wc-preparing").verify()).title


async def test_a_key_that_may_only_read_is_found_out_before_the_first_order(line: Line) -> None:
    only_reads(line)
    with pytest.raises(AuthError, match=r"may read orders but not change them.*read/write rights"):
        await line.connect().verify()


async def test_the_proof_of_writing_changes_nothing_and_mails_nobody(line: Line) -> None:
    orders = [line.simulator.place() for _ in range(3)]
    before = copy.deepcopy([line.simulator.books.orders, line.simulator.books.notes, line.simulator.books.mails])
    await line.connect().verify()
    assert [line.simulator.books.orders, line.simulator.books.notes, line.simulator.books.mails] == before
    assert not [record for record in line.simulator.records if record.what == "commanded" and record.order_id in orders]


@pytest.mark.parametrize("key", [" ck_practice", "ck_practice\n"])
async def test_blanks_around_a_pasted_key_mean_nothing(line: Line, key: str) -> None:
    assert (await line.connect(consumer_key=key).verify()).title


async def test_a_site_that_shows_itself_to_nobody_may_still_have_a_shop(line: Line) -> None:
    """Security plug-ins close the interface's index to strangers; the shop's own routes take the key."""

    async def closed(_: web.Request) -> web.Response:
        raise WireError(401, "rest_not_logged_in", "You are not currently logged in.")

    line.simulator.wire.doors.site = closed
    info = await line.connect().verify()
    assert info == ShopInfo(
        line.simulator.address, {"shop_name": line.simulator.address, "shop_address": line.simulator.address}
    )


@pytest.mark.parametrize("status", [200, 204, 401, 403, 405])
async def test_a_host_that_keeps_options_for_itself_is_no_trouble(
    line: Line, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What guards cross-site calls often answers every OPTIONS itself. That the shop is new enough shows in the poll."""
    connector = line.connect()
    once = connector._client._once

    async def answer(method: str, *rest: Any) -> Any:
        if method == "OPTIONS":
            return answer_of(httpx.Response(status, content=b""), 0.0)
        return await once(method, *rest)

    monkeypatch.setattr(connector._client, "_once", answer)
    assert (await connector.verify()).title


async def test_without_permalinks_there_is_nothing_to_sign_in_to(line: Line) -> None:
    line.simulator.weather.plain_permalinks = True
    with pytest.raises(ProtocolError, match="permalinks"):
        await line.connect().verify()
