"""`shop`, `menu` and `refund` from a terminal, through the running engine, at a pretend platform."""

from __future__ import annotations

import asyncio
import json
import re
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app import texts
from app.cli import storefront
from app.platforms.deliveroo.simulator import DeliverooSimulator
from tests.cli.counter import Till, open_till
from tests.engine.shop import until


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till[DeliverooSimulator]]:
    deliveroo = DeliverooSimulator(seed=3, speed=60.0)
    deliveroo.place()
    async with open_till(deliveroo, tmp_path) as opened:
        yield opened


async def test_a_shop_is_shown_paused_and_opened(till: Till[DeliverooSimulator], capsys: pytest.CaptureFixture[str]) -> None:
    assert await till.run("shop") == 0
    assert capsys.readouterr().out.startswith(f"{till.account}\tdeliveroo\tCorner\topen\t")
    assert await till.run("shop", "pause", "--minutes", "20") == 0
    assert await till.run("shop") == 0
    times = capsys.readouterr().out.splitlines()[-1].split("\t")[4:6]
    assert [len(re.findall(r"\d\d:\d\d", one)) for one in times] == [1, 1]
    assert all("T" not in one for one in times)
    assert till.platform.site.status == "CLOSED"
    assert await till.run("shop", "show", "--json") == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert shown["status"]["state"] == "paused"
    assert shown["status"]["until"]

    till.platform.site.open_hours = False
    assert await till.run("shop", "open", "--account", str(till.account)) == 1
    assert "OPENING_HOURS" in capsys.readouterr().err
    assert await till.run("shop", "open", "--json") == 1
    assert "OPENING_HOURS" in json.loads(capsys.readouterr().out)["refused"][str(till.account)]

    await asyncio.to_thread(till.engine.stop)
    assert await till.run("shop") == 0, "the last known state, where no engine runs"
    assert "\tpaused\t" in capsys.readouterr().out
    assert await till.run("shop", "open") == 1
    assert "Open the console first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "running", "told"),
    [
        ({}, True, "cannot be opened or paused from here"),
        ({"abilities": ["opens_shop"]}, True, "not known yet"),
        ({}, False, "not known yet"),
        ({"enabled": False}, True, "switched off"),
        ({"error": "away"}, True, "away"),
    ],
)
def test_what_is_not_known_is_a_dash_and_its_reason(
    changed: dict[str, Any],
    running: bool,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = {"account_id": 1, "platform": "koubei", "name": "Corner", "abilities": [], "enabled": True, "error": ""}
    unknown = view | {"status": None, "checked_at": None} | changed
    monkeypatch.setattr(storefront, "_views", lambda _: ([unknown], running))
    monkeypatch.setattr(texts, "_current", ["en"])
    assert storefront.run(Namespace(action="show", account=[], json=False)) == 0
    assert capsys.readouterr().out == f"1\tkoubei\tCorner\t-\t-\t-\t{told}\n"


async def test_a_dish_is_taken_off_and_comes_back(
    till: Till[DeliverooSimulator], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await till.run("menu") == 0
    assert "\tKaraage\t\t\t" in capsys.readouterr().out
    assert await till.run("menu", "86", "karaage", "--minutes", "30") == 0
    assert list(till.platform.site.off.values()) == ["unavailable"]
    capsys.readouterr()
    assert await till.run("menu", "show", "--json") == 0
    items = json.loads(capsys.readouterr().out)["menus"][str(till.account)]
    assert [one["name"] for one in items if not one["available"]] == ["Karaage"]
    assert await till.run("menu", "back", "Karaage") == 0
    assert till.platform.site.off == {}
    assert await till.run("menu", "86", "Unicorn") == 1
    assert "No menu has a dish called Unicorn" in capsys.readouterr().err
    assert await till.run("menu", "86") == 1
    assert "Name the dish" in capsys.readouterr().err


async def test_a_refund_says_what_stands_in_its_way(
    till: Till[DeliverooSimulator], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await till.run("refund", "77") == 1
    assert "There is no order 77" in capsys.readouterr().err
    await until(till.engine.facade.cards, 30)
    order = str(till.engine.facade.cards()[0].id)
    assert await till.run("refund", order, "--amount", "nonsense") == 1
    assert "nonsense is not an amount" in capsys.readouterr().err
    assert await till.run("refund", order, "--amount", "1.00") == 1
    assert "takes no refunds from here" in capsys.readouterr().err
