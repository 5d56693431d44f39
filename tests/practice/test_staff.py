"""The automatic member of staff at the real window: every press goes through a real button, menu or dialog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app import steady
from app.domain.changes import CustomerRequest, RequestKind, RequestState, Urge
from app.domain.commands import CommandKind
from app.domain.orders import Fulfilment
from app.engine.views import Card, Lane, PrintState
from app.practice.habits import Habits, Wish
from app.practice.staff import Staff
from app.ui import names
from app.ui.main_window import MainWindow
from app.ui.pictures import settle
from app.ui.run import open_console
from app.ui.widgets.card import CardWidget
from app.ui.widgets.ticket_filters import BulkBar
from tests.ui.fake_cards import card
from tests.ui.fake_ledger import NOON
from tests.ui.fakes import FakeFacade

SEED, IN_NO_TIME = 1, 1e9  # so many simulated seconds per real one that nobody thinks about anything
Hire = Callable[..., Staff]


@pytest.fixture
def facade() -> FakeFacade:
    return FakeFacade()


@pytest.fixture
def hire(qtbot: QtBot, facade: FakeFacade) -> Iterator[Hire]:
    """Opens the window on the facade with these cards only, and hires staff for it."""
    windows: list[MainWindow] = []

    def hired(*cards: Card) -> Staff:
        facade.open.clear()
        facade.put(*cards)
        window = open_console(facade, muted=True)
        windows.append(window)
        window.resize(1600, 900)
        window.show()
        settle()
        return Staff(window, SEED, IN_NO_TIME)

    yield hired
    for window in windows:
        window.close()
        window.deleteLater()
    settle()


def work(staff: Staff, looks: int = 12) -> None:
    """Let staff look and press, with the window following between two looks."""
    for _ in range(looks):
        staff.look()
        settle(2)


def wants(button: str, **changes: object) -> Card:
    """A card for which staff with SEED press `button`: their choices hang on the order's id."""
    for number in range(1, 2000):
        one = card(number, **changes)  # type: ignore[arg-type]  # the test names the fields
        if any(wish.button == names.of_order(button, number) for wish in Habits(SEED, 1.0).wishes(one, steady.now())):
            return one
    raise LookupError(button)


def asked(facade: FakeFacade) -> list[tuple[str, CommandKind | None]]:
    return [(one.what, one.kind) for one in facade.asked]


def test_a_new_order_is_accepted_and_its_bell_stopped(hire: Hire, facade: FakeFacade) -> None:
    order = wants(names.PRIMARY, rung=True)
    work(hire(order))
    assert ("request", CommandKind.ACCEPT) in asked(facade)
    assert ("acknowledge", None) in asked(facade)


def test_nothing_is_pressed_twice_in_a_hurry(hire: Hire, facade: FakeFacade) -> None:
    work(hire(wants(names.PRIMARY)), looks=30)
    assert asked(facade).count(("request", CommandKind.ACCEPT)) == 1


def test_a_rejection_goes_through_menu_and_dialog_with_a_reason(hire: Hire, facade: FakeFacade) -> None:
    work(hire(wants(names.MORE)))
    (rejected,) = [one for one in facade.asked if one.kind is CommandKind.REJECT]
    assert rejected.reason is not None


def test_a_request_is_refused_in_words(hire: Hire, facade: FakeFacade) -> None:
    request = CustomerRequest(RequestKind.CANCEL, RequestState.OPEN, "too slow")
    order = wants(
        names.REFUSE,
        lane=Lane.COOKING,
        request=request,
        primary=None,
        actions=(CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST),
    )
    work(hire(order))
    (refused,) = [one for one in facade.asked if one.kind is CommandKind.REFUSE_REQUEST]
    assert refused.text


def test_a_request_is_agreed_to(hire: Hire, facade: FakeFacade) -> None:
    request = CustomerRequest(RequestKind.REFUND, RequestState.OPEN)
    order = wants(
        names.AGREE,
        lane=Lane.COOKING,
        request=request,
        primary=None,
        actions=(CommandKind.AGREE_REQUEST, CommandKind.REFUSE_REQUEST),
    )
    work(hire(order))
    assert ("request", CommandKind.AGREE_REQUEST) in asked(facade)


def test_an_urge_is_answered(hire: Hire, facade: FakeFacade) -> None:
    order = wants(names.URGE, lane=Lane.COOKING, urges=(Urge("u7", NOON),), primary=None, actions=(CommandKind.REPLY_URGE,))
    work(hire(order))
    (answer,) = [one for one in facade.asked if one.kind is CommandKind.REPLY_URGE]
    assert answer.text
    assert answer.urge_key == "u7"


def test_a_cancelled_order_is_acknowledged(hire: Hire, facade: FakeFacade) -> None:
    work(hire(wants(names.ACKNOWLEDGE, lane=Lane.COOKING, closed_attention=True)))
    assert ("acknowledge", None) in asked(facade)
    assert not facade.open


def test_a_ticket_of_unknown_fate_is_printed_again(hire: Hire, facade: FakeFacade) -> None:
    work(hire(wants("card", lane=Lane.COOKING, print_state=PrintState.UNKNOWN, primary=None)))
    assert ("print_again", None) in asked(facade)


def test_tickets_that_nobody_prints_keep_nobody_from_the_orders(
    hire: Hire, facade: FakeFacade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger whose tickets stay where they are, whatever is pressed."""

    def offer(bar: BulkBar, *_: object) -> None:
        bar.setVisible(True)
        bar.print_all.setVisible(True)

    monkeypatch.setattr(BulkBar, "offer", offer)
    order = wants(names.PRIMARY)
    staff = hire(order)
    window = staff.parent()
    assert isinstance(window, MainWindow)
    window.show_page("ledger")
    settle()
    printing = window.findChild(QAbstractButton, "ledger-print-all")
    assert isinstance(printing, QAbstractButton)
    assert printing.isVisible()
    work(staff)
    assert ("request", CommandKind.ACCEPT) in asked(facade)


def test_an_order_that_was_opened_for_its_ticket_is_closed_again(hire: Hire, facade: FakeFacade) -> None:
    """It leaves no room for any lane but the first: whoever kept it open would serve nobody any more."""
    torn = wants("card", lane=Lane.READY, print_state=PrintState.UNKNOWN, primary=None)
    done = replace(card(2001, lane=Lane.READY, fulfilment=Fulfilment.PICKUP), primary=CommandKind.HAND_OVER)
    staff = hire(torn)
    work(staff)
    facade.put(done)
    settle()
    work(staff)
    assert ("print_again", None) in asked(facade)
    assert ("request", CommandKind.HAND_OVER) in asked(facade)


def test_food_in_a_folded_lane_cooks_on(hire: Hire, facade: FakeFacade, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time does not begin anew whenever something else takes its place on the screen."""
    order = wants(names.PRIMARY, lane=Lane.COOKING, primary=CommandKind.READY)
    staff = hire(order)
    monkeypatch.setattr(Habits, "wishes", lambda *_: iter([Wish(names.of_order(names.PRIMARY, order.id), 1e12)]))
    staff.look()
    (begun,) = staff._wished.values()
    window = staff.parent()
    assert isinstance(window, MainWindow)
    (widget,) = [one for one in window.findChildren(CardWidget) if one.isVisible()]
    widget.hide()
    staff.look()
    assert list(staff._wished.values()) == [begun]


def test_a_folded_lane_is_opened_when_it_holds_work(hire: Hire, facade: FakeFacade) -> None:
    order = replace(wants(names.PRIMARY, lane=Lane.SCHEDULED, primary=CommandKind.ACCEPT))
    work(hire(order))
    assert ("request", CommandKind.ACCEPT) in asked(facade)


def test_who_pauses_touches_nothing_but_still_looks(hire: Hire, facade: FakeFacade) -> None:
    order = wants(names.PRIMARY)
    staff = hire(order)
    staff.paused = True
    before = steady.time()
    work(staff)
    assert facade.asked == []
    assert staff.presses == 0
    assert before <= staff.shown[order.call_number] <= steady.time()
