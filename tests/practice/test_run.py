"""The practice command: its folder is its own, its platforms are known, and a small rush through the real window passes."""

from __future__ import annotations

import json
import random
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.db import accounts
from app.platforms.simulation import Happening
from app.practice import menu
from app.practice import run as practice
from app.practice.paper_window import PaperWindow
from app.practice.rush import Arrival, Fate, Moment, Rush, Step, streets
from app.practice.street import Street
from app.ui.main_window import MainWindow
from app.ui.run import application, open_console


@pytest.fixture(autouse=True)
def _event_loop_of_later_tests() -> Iterator[None]:
    """A window that closes after the program's loop asks Qt to quit once more; the next loop of any kind would obey."""
    yield
    QTimer.singleShot(0, application(), application().quit)
    application().exec()


def arguments(folder: Path, **other: object) -> Namespace:
    given = {
        "orders": 6,
        "seed": 3,
        "speed": 120.0,
        "headless": True,
        "platforms": "eleme,hubrise",
        "faults": 0,
        "report": folder / "report.json",
        "pictures": folder / "pictures",
        "data": folder / "shop",
    }
    return Namespace(**(given | other))


def test_platforms_are_named_or_all() -> None:
    assert practice.chosen("all") == list(streets())
    assert practice.chosen("hubrise, eleme") == ["hubrise", "eleme"]
    with pytest.raises(ValueError, match="telegraph"):
        practice.chosen("eleme,telegraph")


def test_practice_never_touches_a_folder_that_holds_a_store(tmp_path: Path) -> None:
    (tmp_path / "orders.db").write_bytes(b"somebody's orders")
    with pytest.raises(FileExistsError), practice.open_folder(tmp_path):
        pass
    assert (tmp_path / "orders.db").read_bytes() == b"somebody's orders"


def test_a_throw_away_folder_is_thrown_away() -> None:
    with practice.open_folder(None) as (data, vault):
        assert data.root.exists()
        assert len(vault.database_key) == 32
    assert not data.root.exists()


def test_a_given_folder_keeps_its_key_beside_it(tmp_path: Path) -> None:
    with practice.open_folder(tmp_path / "new") as (data, vault):
        first = vault.database_key
    with practice.open_folder(tmp_path / "new") as (_, again):
        assert again.database_key == first
    assert data.root == tmp_path / "new"


@pytest.mark.timeout(110)
def test_a_small_rush_keeps_every_promise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert practice.run(arguments(tmp_path)) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["orders_sent"], report["orders_stored"], report["orders_missing"]) == (6, 6, 0)
    assert all(report["promises"].values())
    assert report["arrival_to_card_ms"]["count"] == 6
    assert {picture.name.split("-")[0] for picture in (tmp_path / "pictures").iterdir()} == {
        "queue",
        "detail",
        "reports",
        "ticket",
    }
    assert "arrival_to_ack" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_rush_on_every_platform_keeps_every_promise(tmp_path: Path) -> None:
    given = arguments(tmp_path, platforms="all", orders=len(streets()) * 4, speed=20.0, pictures=None)
    assert practice.run(given) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["orders_missing"] == 0
    assert all(report["promises"].values())


def test_a_person_practises_until_the_window_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(practice, "has_display", lambda: True)
    monkeypatch.setattr("app.practice.shift.open_console", lambda facade, **_: open_console(facade, muted=True))
    timer = QTimer()
    timer.timeout.connect(close_when_orders_came)
    application()
    timer.start(100)
    assert practice.run(arguments(tmp_path, headless=False, pictures=None)) == 0
    timer.stop()
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["orders_stored"] > 0
    assert capsys.readouterr().out == ""


def close_when_orders_came() -> None:
    """What the person at the counter does, with the kitchen's printers beside the console."""
    windows = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    rolls = [column.roll for paper in windows if isinstance(paper, PaperWindow) for column in paper.columns]
    for window in windows:
        if isinstance(window, MainWindow) and window.orders.cards and len(rolls) == 2:
            window.close()


def one_short_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """A street with one order, to be paid for in cash and cancelled in the very moment it was placed."""
    wish = menu.compose(streets()["woocommerce"].menu, random.Random(1))
    cancelled = (Step(Happening.CANCEL, Moment.PLACED, 0.0),)
    rush = Rush(1, (Arrival(0.0, "woocommerce", wish, Fate.CANCELLED_EARLY, cancelled),))
    monkeypatch.setattr(practice, "plan", lambda *_: rush)
    monkeypatch.setattr("app.platforms.woocommerce.simulated_orders.PAYMENTS", (("cod", "Paiement à la livraison"),))
    monkeypatch.setattr(Street, "open_doors", _after_the_first_look)


def _after_the_first_look(street: Street, opened: Callable[[Street], None] = Street.open_doors) -> None:
    """What ended before a shop's account was looked at for the first time is history, and not this counter's."""
    for _ in range(1500):
        (account,) = street._store.read(accounts.every)
        if '"first":false' in account.cursor:
            return opened(street)
        Event().wait(0.02)
    raise AssertionError("the account is never polled")


@pytest.mark.timeout(110)
def test_an_order_that_was_cancelled_before_anybody_looked_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_short_life(monkeypatch)
    assert practice.run(arguments(tmp_path, platforms="woocommerce", pictures=None)) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["orders_sent"], report["orders_stored"], report["orders_missing"]) == (1, 1, 0)
    assert set(report["orders"].values()) == {"stored, cancelled"}


@pytest.mark.timeout(110)
def test_a_console_that_overlooks_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The negative control: what nobody paid for is left out, as it was before."""
    one_short_life(monkeypatch)
    monkeypatch.setattr("app.platforms.woocommerce.statuses.PLACED_AS", {})
    monkeypatch.setattr("app.practice.shift.CATCH_UP", 0.0)
    monkeypatch.setattr("app.practice.shift.SLACK", 4.0)
    assert practice.run(arguments(tmp_path, platforms="woocommerce", pictures=None)) == 1
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["orders_sent"], report["orders_stored"], report["orders_missing"]) == (1, 0, 1)
    assert not report["promises"]["no_order_lost"]
    (became,) = report["orders"].values()
    assert became.startswith("NOT STORED, cancelled after")
    assert became in capsys.readouterr().out
