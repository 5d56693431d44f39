"""`voucher` from a terminal, through the running engine, at a pretend Koubei; and a kill in the middle of it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from app.__main__ import main
from app.bootstrap import open_engine
from app.cli import voucher
from app.config import DataFolder
from app.db import redemptions
from app.db.database import Database
from app.domain.vouchers import RedemptionState, VoucherState
from app.engine.secrets import Vault
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import Faults
from tests.cli.counter import Till, open_till
from tests.engine.shop import until

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def till(tmp_path: Path) -> AsyncIterator[Till[KoubeiSimulator]]:
    async with open_till(KoubeiSimulator(seed=3, speed=60.0), tmp_path) as opened:
        yield opened


async def test_a_voucher_is_looked_at_redeemed_and_taken_back(
    till: Till[KoubeiSimulator], capsys: pytest.CaptureFixture[str]
) -> None:
    code = till.platform.sell_voucher(5)
    assert await till.run("voucher", "look", code) == 0
    told = capsys.readouterr().out
    assert told.startswith("Koubei\t早餐5次卡\tgood\t5 of 5 uses left\t15.00 CNY\tvalid until 20")
    printed = [code[place : place + 4] for place in range(0, len(code), 4)]  # as the customer's phone shows it
    assert await till.run("voucher", "look", *printed) == 0
    assert capsys.readouterr().out == told
    assert await till.run("voucher", "redeem", *printed, "--uses", "2", "--account", str(till.account)) == 0
    assert "\tredeemed\t早餐5次卡\t2 uses\t30.00 CNY\t" in capsys.readouterr().out
    assert till.platform.voucher_uses(code) == 2

    assert await till.run("voucher", "list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["who"], row["state"], row["uses"]) == ("command line", "redeemed", 2)
    assert await till.run("voucher", "take-back", str(row["id"]), "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "taken_back"
    assert till.platform.voucher_uses(code) == 0
    assert await till.run("voucher", "take-back", str(row["id"])) == 1
    assert "Only what was redeemed" in capsys.readouterr().err


async def test_what_cannot_be_redeemed_is_told_and_ends_in_1(
    till: Till[KoubeiSimulator], capsys: pytest.CaptureFixture[str]
) -> None:
    expired = till.platform.sell_voucher(1, VoucherState.EXPIRED)
    assert await till.run("voucher", "look", expired) == 1
    assert "\texpired\t" in capsys.readouterr().err
    assert await till.run("voucher", "redeem", expired) == 1
    assert "不可以在当前门店核销" in capsys.readouterr().err
    assert await till.run("voucher", "look", "000000000000") == 1
    assert "券码不存在" in capsys.readouterr().err
    assert await till.run("voucher", "list") == 0
    assert capsys.readouterr().out == ""


async def test_no_answer_is_no_success_and_asking_again_redeems_once(
    till: Till[KoubeiSimulator], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    code = till.platform.sell_voucher(5)
    found = await asyncio.wrap_future(till.engine.facade.vouchers.look_up(code))
    till.platform.faults = Faults(lose_reply=1.0)
    asked = await asyncio.wrap_future(till.engine.facade.vouchers.redeem(found))
    assert asked.state is RedemptionState.ASKED
    assert await till.run("voucher", "ask", str(asked.id)) == 1
    assert "\tasked\t" in capsys.readouterr().err
    till.platform.faults = Faults()
    await until(lambda: till.engine.facade.vouchers.today()[0].state is RedemptionState.REDEEMED)
    assert till.platform.voucher_uses(code) == 1
    assert await till.run("voucher", "ask", str(asked.id)) == 1
    assert "answered already" in capsys.readouterr().err
    assert code not in caplog.text


# a kill


class Holding(KoubeiSimulator):
    """Takes its time over a redemption: carried out before it waits, or not yet."""

    carried_out = False

    def __init__(self) -> None:
        super().__init__(seed=3, speed=60.0)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        fields, use = self._methods["koubei.trade.ticket.ticketcode.use"]
        self._methods["koubei.trade.ticket.ticketcode.use"] = (fields, self._use)
        self._really_use = use

    def _use(self, content: object) -> dict[str, object]:
        if self.carried_out or self.go_on.is_set():
            told = self._really_use(content)  # type: ignore[arg-type]  # as the wire has it
        self.reached.set()
        if not self.go_on.is_set():
            raise ConnectionResetError  # nobody hears it: the console is being killed
        return told


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("carried_out", [False, True], ids=["before it was done", "after it was done"])
async def test_a_console_killed_while_it_redeems_redeems_once(tmp_path: Path, carried_out: bool) -> None:
    koubei = Holding()
    koubei.carried_out = carried_out
    await koubei.start()
    folder, key = DataFolder(tmp_path / "shop"), tmp_path / "key"
    engine = open_engine(folder, Vault.open(folder.create(), key))
    await asyncio.to_thread(engine.start)
    await asyncio.wrap_future(engine.facade.add_account("koubei", "Corner", koubei.credentials, koubei.address))
    await asyncio.to_thread(engine.stop)
    code, shop = koubei.sell_voucher(5), ["--data", str(folder.root), "--key-file", str(key)]

    first = _console("serve", *shop)
    redeeming = await _redeem(code, shop, koubei)
    os.kill(first.pid, signal.SIGKILL)
    await asyncio.to_thread(first.wait)
    await asyncio.to_thread(redeeming.wait)
    with Database.open(folder.database, Vault.open(folder, key).database_key) as store:
        (row,) = store.read(redemptions.since, LONG_AGO)
        assert row.state is RedemptionState.ASKED, "on disk, and nobody knows what became of it"
    assert koubei.voucher_uses(code) == (2 if carried_out else 0)

    koubei.go_on.set()
    second = _console("serve", *shop)
    try:
        await until(lambda: koubei.voucher_uses(code) == 2)
        await until(lambda: _states(folder, key) == [RedemptionState.REDEEMED])
    finally:
        second.terminate()
        await asyncio.to_thread(second.wait)
        await koubei.stop()
    assert koubei.voucher_uses(code) == 2


def _console(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "app", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def _redeem(code: str, shop: Sequence[str], koubei: Holding) -> subprocess.Popen[bytes]:
    """Ask until the engine has opened its door and the platform has been reached; answers the one that waits there."""
    for _ in range(20):
        asking = _console("voucher", "redeem", code, "--uses", "2", *shop)
        await until(partial(_has_ended_or, koubei.reached, asking))
        if koubei.reached.is_set():
            return asking
    raise AssertionError("the engine does not answer")


def _has_ended_or(reached: asyncio.Event, asking: subprocess.Popen[bytes]) -> bool:
    return reached.is_set() or asking.poll() is not None


def _states(folder: DataFolder, key: Path) -> list[RedemptionState]:
    with Database.attach(folder.database, Vault.open(folder, key).database_key) as store:
        return [one.state for one in store.read(redemptions.since, LONG_AGO)]


@pytest.mark.parametrize(("text", "code"), [("", 0), ("没有对应的核销记录", 1)])
def test_what_could_not_be_taken_back_is_no_success(monkeypatch: pytest.MonkeyPatch, text: str, code: int) -> None:
    """Asked again, the platform said yes to the redemption, or no to taking it back: either way it is redeemed."""
    monkeypatch.setattr(voucher, "asked", lambda *_, **__: {"state": "redeemed", "text": text})
    assert main(["voucher", "ask", "7", "--json"]) == code
