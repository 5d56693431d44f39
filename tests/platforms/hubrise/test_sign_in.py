"""The pasted code, over real HTTP."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app.platforms.api import AuthError, RejectedError
from app.platforms.hubrise import platform, sign_in

from .conftest import Line


async def code_from(line: Line) -> str:
    page = await line.client.get(sign_in.page(line.simulator.credentials, line.simulator.address))
    assert page.status_code == 200
    found = re.search("<code>(.+?)</code>", page.text)
    assert found
    return found[1]


def test_the_page_asks_for_everything_the_console_needs() -> None:
    assert platform.sign_in
    address = urlsplit(platform.sign_in.page({"client_id": "abc"}, ""))
    query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://manager.hubrise.com/oauth2/v1/authorize"
    assert query["redirect_uri"] == ["urn:ietf:wg:oauth:2.0:oob"]
    assert query["client_id"] == ["abc"]
    assert query["scope"] == ["location[orders.write,catalog.read,inventory.write]"]
    assert query["device_id"] == [sign_in.device_id()]


async def test_a_code_becomes_a_token_that_works(line: Line) -> None:
    values = {**line.simulator.credentials, "code": f" {await code_from(line)} "}
    kept = await sign_in.exchange(values, line.simulator.address, line.client)
    assert set(kept) == {"access_token", "location_id", "location_name", "catalog_id"}
    assert (await line.connect(**kept).verify()).title == kept["location_name"]


async def test_the_same_machine_gets_the_same_token_again(line: Line) -> None:
    tokens = set()
    for _ in range(2):
        values = {**line.simulator.credentials, "code": await code_from(line)}
        tokens.add((await sign_in.exchange(values, line.simulator.address, line.client))["access_token"])
    assert len(tokens) == 1
    assert line.simulator.credentials["access_token"] not in tokens  # another device has another one


async def test_a_code_works_once(line: Line) -> None:
    values = {**line.simulator.credentials, "code": await code_from(line)}
    await sign_in.exchange(values, line.simulator.address, line.client)
    with pytest.raises(RejectedError, match="code"):
        await sign_in.exchange(values, line.simulator.address, line.client)


async def test_a_wrong_client_needs_a_person(line: Line) -> None:
    values = {**line.simulator.credentials, "code": await code_from(line), "client_secret": "wrong"}
    with pytest.raises(AuthError):
        await sign_in.exchange(values, line.simulator.address, line.client)
