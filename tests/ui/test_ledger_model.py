"""The ledger's rows: read in pages when looked at, told as few changes as there are, the same list whatever came before."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from pytestqt.qtbot import QtBot

from app.engine.views import PrintState, TicketView
from app.ui.bridge import Bridge
from app.ui.models.ledger import PAGE, LedgerModel
from app.ui.pictures import settle
from tests.ui.fake_ledger import many_tickets, ticket
from tests.ui.fakes import FakeFacade


class Counting(FakeFacade):
    """Remembers which rows were asked for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.asked_for: list[list[int]] = []

    def tickets_of(self, ids: Collection[int]) -> list[TicketView]:
        self.asked_for.append(sorted(ids))
        return super().tickets_of(ids)


@pytest.fixture
def facade() -> Counting:
    return Counting(paper=many_tickets(1000))


@pytest.fixture
def model(facade: Counting, qtbot: QtBot) -> LedgerModel:
    bridge = Bridge(facade)
    made = LedgerModel(facade, bridge, bridge)
    made.setProperty("bridge", bridge)
    return made


def quiet(model: LedgerModel, qtbot: QtBot) -> None:
    settle()
    qtbot.waitUntil(lambda: not model._loading and not model._wanted and not model._soon.isActive(), timeout=60_000)


def test_only_the_page_that_is_looked_at_is_read(model: LedgerModel, facade: Counting, qtbot: QtBot) -> None:
    model.hold(list(range(1000, 0, -1)))
    assert model.ticket(500) is None
    quiet(model, qtbot)
    shown = model.ticket(500)
    assert shown is not None
    assert shown.id == 500
    assert len(facade.asked_for) == 1
    assert len(facade.asked_for[0]) == PAGE


def test_pages_that_were_scrolled_past_are_not_read(model: LedgerModel, facade: Counting, qtbot: QtBot) -> None:
    model.hold(list(range(1000, 0, -1)))
    for row in range(0, 1000, 10):
        model.ticket(row)
    quiet(model, qtbot)
    assert len(facade.asked_for) <= 4
    assert model.known([990]) != [], "where the scrolling ended is read"


def test_a_change_is_read_again_and_shown_old_meanwhile(model: LedgerModel, facade: Counting, qtbot: QtBot) -> None:
    model.hold([2, 1])
    model.ticket(0)
    quiet(model, qtbot)
    facade.write(ticket(2, PrintState.FAILED))
    settle()
    assert model.ticket(0) is not None
    quiet(model, qtbot)
    shown = model.ticket(0)
    assert shown is not None
    assert shown.state is PrintState.FAILED
    assert facade.asked_for[-1] == [2], "its neighbour did not change"


def test_a_ticket_that_is_gone_is_not_asked_for_for_ever(model: LedgerModel, facade: Counting, qtbot: QtBot) -> None:
    model.hold([5000])
    for _ in range(3):
        assert model.ticket(0) is None
        quiet(model, qtbot)
    assert len(facade.asked_for) == 1


def test_a_failed_read_is_told(model: LedgerModel, facade: Counting, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> list[TicketView]:
        raise OSError("disk gone")

    monkeypatch.setattr(facade, "tickets_of", broken)
    told: list[str] = []
    model._bridge.failed.connect(told.append)
    model.hold([1])
    model.ticket(0)
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert "disk gone" in told[0]


def _note(told: list[str], name: str, *_: object) -> None:
    told.append(name)


lists = st.sets(st.integers(1, 300)).map(lambda ids: sorted(ids, reverse=True))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=lists, after=lists)
def test_any_list_follows_any_other_and_what_stays_keeps_its_row(
    model: LedgerModel, before: list[int], after: list[int]
) -> None:
    model.hold(before)
    kept = {id_: QPersistentModelIndex(model.index(row, 0)) for row, id_ in enumerate(before)}
    told: list[str] = []
    signals = {name: getattr(model, name) for name in ("modelReset", "rowsInserted", "rowsRemoved")}
    links = [signal.connect(partial(_note, told, name)) for name, signal in signals.items()]
    model.hold(after)
    for signal, link in zip(signals.values(), links, strict=True):
        signal.disconnect(link)
    assert model.ids == after
    assert [model.row_of(id_) for id_ in after] == list(range(len(after)))
    assert (not told) == (before == after)
    if "modelReset" not in told:
        for id_, index in kept.items():
            assert index.row() == (after.index(id_) if id_ in after else -1)
