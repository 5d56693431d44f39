"""A command hears its own language from a console that speaks another, and leaves that console's language alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import texts
from app.bootstrap import open_engine, open_store
from app.config import DataFolder
from app.engine.control import Control, ControlError, ask
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.spooler import Spooler
from app.texts import language, speaking, tr
from tests.engine.shop import open_account


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    """Of a console that runs in Chinese."""
    monkeypatch.setattr(texts, "_current", ["zh"])
    folder = DataFolder(tmp_path / "shop")
    engine = open_engine(folder, Vault(bytes(32), "a test"))
    engine.start()
    yield folder
    engine.stop()


@pytest.mark.parametrize(
    ("spoken", "told"),
    [("en", "There is no printer 99."), ("zh", "没有编号为 99 的打印机。"), ("", "没有编号为 99 的打印机。")],
)
async def test_a_refusal_comes_in_the_language_of_the_command(folder: DataFolder, spoken: str, told: str) -> None:
    wish = {"printer": 99, "name": "", "paper": "", "settings": {}, "enabled": True}
    with speaking(spoken), pytest.raises(ControlError) as refused:
        await asyncio.to_thread(ask, folder, "printer-change", **wish)
    assert str(refused.value) == told


async def test_what_a_command_starts_anew_speaks_the_consoles_language(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    async def opened(*_: object) -> None:
        heard.append(language())

    monkeypatch.setattr(Spooler, "_open", opened)
    form = {"name": "Hot", "kind": "lan", "settings": {"host": "127.0.0.1", "port": "9"}, "dialect": "escpos"}
    with speaking("en"):
        await asyncio.to_thread(ask, folder, "printer-add", **form, paper="80", station="kitchen")
    assert heard == ["zh"]


async def test_an_account_that_starts_anew_speaks_the_consoles_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    async def opened(*_: object) -> None:
        heard.append(language())

    monkeypatch.setattr(texts, "_current", ["zh"])
    monkeypatch.setattr(Engine, "_open", opened)
    folder, vault = DataFolder(tmp_path / "shop"), Vault(bytes(32), "a test")
    with open_store(folder, vault) as store:
        account = store.write_now(open_account)
    engine = open_engine(folder, vault)
    engine.start()
    try:
        wish: dict[str, Any] = {"values": {}, "address": None, "name": "", "enabled": False, "auto_accept": None}
        with speaking("en"):
            await asyncio.to_thread(ask, folder, "account-change", account=account.id, **wish)
    finally:
        engine.stop()
    assert heard == ["zh", "zh"]  # at the start, and after the change


async def test_the_door_forgets_the_language_after_each_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_current", ["zh"])

    async def accept(_: dict[str, Any]) -> str:
        return tr("Accept")

    door = Control(DataFolder(tmp_path), {"accept": accept})
    await door.start()
    try:
        with speaking("en"):
            assert await asyncio.to_thread(ask, DataFolder(tmp_path), "accept") == "Accept"
        assert await asyncio.to_thread(ask, DataFolder(tmp_path), "accept") == "接单"
        assert language() == "zh"
    finally:
        await door.stop()


async def test_a_command_without_a_language_hears_the_consoles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_current", [""])
    asked_in: list[str] = []

    async def note(_: dict[str, Any]) -> None:
        asked_in.append(texts.chosen())

    door = Control(DataFolder(tmp_path), {"note": note})
    await door.start()
    try:
        await asyncio.to_thread(ask, DataFolder(tmp_path), "note")
        with speaking("en"):
            await asyncio.to_thread(ask, DataFolder(tmp_path), "note")
    finally:
        await door.stop()
    assert (asked_in, language()) == (["", "en"], "zh")
