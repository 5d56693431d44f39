"""The queue as staff use it: cards appear, move and leave; buttons ask the engine; the platform's words are shown."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from app.domain.commands import CommandKind
from app.domain.lifecycle import Kitchen
from app.domain.orders import Fulfilment
from app.engine.views import CommandState, CommandView, Lane, PrintState
from app.ui import words
from app.ui.happenings import happening
from app.ui.pictures import settle
from app.ui.reading import gone_altogether, print_sign, quiet
from app.ui.widgets import face, head
from app.ui.widgets.button import Button
from app.ui.widgets.pen import Pen
from tests.ui.conftest import Console, Opened, find, press
from tests.ui.fake_cards import ahead, card, lunch, many
from tests.ui.fake_ledger import Asked
from tests.ui.fakes import HOSTILE, FakeFacade


def lane_of(console: Console, order_id: int) -> Lane | None:
    board = console.window.queue.board
    return next((lane for lane, widget in board.lanes.items() if any(c.card.id == order_id for c in widget.cards)), None)


def written(console: Console, order_id: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything the face of a card writes, line by line."""
    said: list[str] = []
    widget = console.window.queue.card(order_id)
    assert widget is not None
    original = Pen._write

    def listen(self: Pen, text: str, *rest: object) -> None:
        said.append(text)
        original(self, text, *rest)  # type: ignore[arg-type]  # passed through untouched

    monkeypatch.setattr(Pen, "_write", listen)
    face.draw(widget._pen(300, None), widget.card, widget._clock)
    return " ".join(said)


def test_dishes_that_went_back_say_so(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    dishes = (("3", "Iced tea"), ("1", "Soup"), ("0.5", "Roast duck"), ("2", "Rice"))
    shown = console(FakeFacade([card(1, items=dishes, given_back=(2, 1, 1, 0))]))
    said = written(shown, 1, monkeypatch)
    assert "3 Iced tea 2 given back 1 Soup given back 0.5 Roast duck given back 2 Rice" in said
    widget = shown.window.queue.card(1)
    assert widget is not None
    assert "3 Iced tea 2 given back, 1 Soup given back" in widget.accessibleName()
    assert face._row_dish(widget.card, 0) == "Iced tea ×3 (2 given back)"
    assert [gone_altogether(widget.card, place) for place in range(4)] == [False, True, True, False]
    shown.window.queue.open_order(1)
    settle()
    words = [one.text() for one in shown.window.queue.detail.findChildren(QLabel)]
    assert words[words.index("3 × Iced tea") :][2] == "2 given back"
    assert words.count("given back") == 2


def test_a_card_follows_its_order_from_lane_to_lane_and_leaves(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    assert lane_of(shown, 1) is Lane.NEW
    for lane in (Lane.COOKING, Lane.READY, Lane.ON_THE_WAY):
        shown.facade.put(card(1, lane))
        settle()
        assert lane_of(shown, 1) is lane
    shown.facade.drop(1)
    settle()
    assert lane_of(shown, 1) is None
    assert shown.window.findChild(QWidget, "card-1") is None, "the widget itself must go"


def test_new_orders_stand_by_their_deadline_and_cancelled_ones_first(console: Opened) -> None:
    shown = console(FakeFacade([card(1, decide_by=ahead(4)), card(2, decide_by=ahead(1)), card(3, decide_by=None)]))
    shown.facade.put(card(4, closed_attention=True, decide_by=ahead(9)))
    settle()
    assert [widget.card.id for widget in shown.window.queue.board.lanes[Lane.NEW].cards] == [4, 2, 1, 3]


def test_an_open_request_rises_to_the_top_of_its_lane(console: Opened) -> None:
    shown = console(FakeFacade(lunch()))
    assert [widget.card.id for widget in shown.window.queue.board.lanes[Lane.COOKING].cards][:3] == [34, 36, 33]


def test_a_ticket_held_back_asks_on_its_card(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = console(FakeFacade([card(1, Lane.COOKING, print_state=PrintState.HELD)]))
    assert "held back: print or skip" in written(shown, 1, monkeypatch)


def test_an_order_that_is_cooked_without_a_ticket_says_so() -> None:
    said = print_sign(card(1, Lane.COOKING))
    assert said is not None
    assert said[2] == "No ticket"
    assert print_sign(card(2, Lane.NEW)) is None, "nothing is owed before it is accepted"
    assert print_sign(card(3, Lane.SCHEDULED)) is None, "nor before it is time"


def test_printed_is_said_only_where_the_printer_said_so() -> None:
    said = {state: sign[2] for state in PrintState if (sign := print_sign(card(1, Lane.COOKING, print_state=state)))}
    assert [state for state, word in said.items() if word == "Printed"] == [PrintState.CONFIRMED]
    assert said[PrintState.SENT] == "Sent to printer"
    signs = {words.PRINT_SIGNS[state][0] for state in PrintState}
    assert len(signs) == len(PrintState), "no two states share an icon"


def test_a_ticket_that_did_not_print_is_said_loudly(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = console(FakeFacade([card(1, Lane.COOKING, print_state=PrintState.FAILED)]))
    assert "Kitchen ticket NOT printed" in written(shown, 1, monkeypatch)
    shown.facade.put(card(1, Lane.COOKING, print_state=PrintState.CONFIRMED))
    settle()
    assert "NOT printed" not in written(shown, 1, monkeypatch)


@pytest.mark.parametrize(
    ("lane", "kind"),
    [(Lane.NEW, CommandKind.ACCEPT), (Lane.COOKING, CommandKind.READY), (Lane.READY, CommandKind.HAND_OVER)],
)
def test_the_one_big_button_asks_for_the_next_step(console: Opened, lane: Lane, kind: CommandKind) -> None:
    shown = console(FakeFacade([card(1, lane)]))
    press(shown, "primary-1")
    assert Asked("request", 1, kind) in shown.facade.asked


def test_the_button_waits_while_the_platform_is_asked(console: Opened) -> None:
    shown = console(FakeFacade([card(1, command=CommandView(1, CommandKind.ACCEPT, CommandState.IN_FLIGHT))]))
    button = find(shown, Button, "primary-1")
    assert not button.isEnabled()
    assert button.words == "Accepting…"
    shown.facade.put(card(1, command=CommandView(1, CommandKind.ACCEPT, CommandState.REFUSED, "busy")))
    settle()
    assert find(shown, Button, "primary-1").isEnabled()


def test_accepting_stops_the_bell_too(console: Opened) -> None:
    shown = console(FakeFacade([card(1, rung=True)]))
    press(shown, "primary-1")
    assert [asked.what for asked in shown.facade.asked] == ["request", "acknowledge"]


def test_a_refusal_is_shown_in_the_platforms_own_words(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    command = CommandView(7, CommandKind.READY, CommandState.REFUSED, "出餐上报过早")
    shown = console(FakeFacade([card(1, Lane.COOKING, command=command)]))
    assert "出餐上报过早" in written(shown, 1, monkeypatch).replace(" ", "")


def test_the_card_never_claims_what_the_platform_does_not_know(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = CommandView(7, CommandKind.READY, CommandState.PENDING)
    shown = console(FakeFacade([card(1, Lane.COOKING, command=ready)]))
    assert "sending…" in written(shown, 1, monkeypatch)
    shown.facade.put(card(1, Lane.COOKING, command=replace(ready, state=CommandState.CONFIRMED)))
    settle()
    assert "platform confirmed" in written(shown, 1, monkeypatch)
    local = frozenset({CommandKind.READY})
    shown.facade.put(card(1, Lane.COOKING, command=replace(ready, state=CommandState.CONFIRMED), local_only=local))
    settle()
    said = written(shown, 1, monkeypatch)
    assert "kept here only" in said
    assert "platform confirmed" not in said


def test_what_the_console_itself_refuses_is_told_and_the_button_comes_back(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    shown.facade.refuse_with = "This order was cancelled a moment ago."
    press(shown, "primary-1")
    toast = find(shown, QWidget, "toast")
    assert toast.isVisible()
    assert toast.accessibleName() == "This order was cancelled a moment ago."
    assert find(shown, Button, "primary-1").isEnabled()


def test_a_cancelled_order_stays_until_someone_took_it_off(console: Opened) -> None:
    shown = console(FakeFacade([card(1, Lane.COOKING, closed_attention=True, rung=True, primary=None, actions=())]))
    press(shown, "hear-all")
    assert lane_of(shown, 1) is Lane.COOKING, "hearing it is not taking it off"
    press(shown, "acknowledge-1")
    assert lane_of(shown, 1) is None


def test_the_detail_panel_opens_beside_new_and_settles_unknown_tickets(console: Opened) -> None:
    shown = console(FakeFacade([card(1, Lane.COOKING, print_state=PrintState.UNKNOWN), card(2)]))
    shown.window.resize(1366, 768)
    shown.window.queue.open_order(1)
    settle()
    new = shown.window.queue.board.lanes[Lane.NEW]
    panel = shown.window.queue.detail
    assert not new.folded
    assert new.mapToGlobal(new.rect().bottomRight()).x() < panel.mapToGlobal(panel.rect().topLeft()).x()
    press(shown, "came-out-10")
    press(shown, "reprint-10")
    assert shown.facade.asked == [Asked("came_out", 10), Asked("print_again", 10)]
    press(shown, "copy-reference")
    assert QGuiApplication.clipboard().text() == "1200897812792015983"
    press(shown, "detail-close")
    assert not panel.isVisible()


def test_the_detail_panel_follows_its_order(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    shown.window.queue.open_order(1)
    settle()
    assert shown.window.findChild(QPushButton, "detail-accept-1")
    shown.facade.put(card(1, Lane.COOKING))
    settle()
    assert shown.window.findChild(QPushButton, "detail-accept-1") is None
    assert shown.window.findChild(QPushButton, "detail-ready-1")


def test_what_a_customer_types_stays_words(console: Opened) -> None:
    shown = console(FakeFacade([card(1, items=(("1", HOSTILE),), reason=HOSTILE, problems=(HOSTILE,))]))
    shown.window.queue.open_order(1)
    settle()
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in shown.window.findChildren(QLabel) if label.text())
    said = find(shown, QWidget, "card-1").accessibleName()
    assert "<b>Robert</b>" in said
    assert "\u202e" not in said
    assert "\x1b" not in said
    assert "\n" not in said


def test_every_card_button_names_its_order(console: Opened) -> None:
    shown = console(FakeFacade(lunch()))
    for id_ in shown.facade.open:
        widget = shown.window.queue.card(id_)
        assert widget is not None
        for button in widget.findChildren(QPushButton):
            assert widget.card.call_number in button.accessibleName()


def test_destructive_actions_are_never_a_button_on_the_card(console: Opened) -> None:
    shown = console(FakeFacade(lunch()))
    names = {button.objectName().partition("-")[0] for button in shown.window.queue.board.findChildren(QPushButton)}
    assert names <= {"primary", "hear", "more", "agree", "refuse", "urge", "acknowledge"}


def test_handing_over_says_to_whom(console: Opened) -> None:
    shown = console(FakeFacade([card(1, Lane.READY), card(2, Lane.READY, fulfilment=Fulfilment.PICKUP)]))
    assert find(shown, Button, "primary-1").words == "Give to courier"
    assert find(shown, Button, "primary-2").words == "Give to customer"


def test_a_tick_changes_clocks_and_no_layout(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = console(FakeFacade([*lunch(), *many(60)]))
    shown.pass_time(1)
    before = {id_: widget.geometry() for id_, widget in shown.window.queue._cards.items()}
    clocks = {id_: widget.clock_text for id_, widget in shown.window.queue._cards.items()}
    placed: list[int] = []
    for lane in shown.window.queue.board.lanes.values():
        monkeypatch.setattr(lane, "place", lambda: placed.append(1))
    shown.pass_time(1)
    assert placed == []
    assert {id_: widget.geometry() for id_, widget in shown.window.queue._cards.items()} == before
    assert {id_: widget.clock_text for id_, widget in shown.window.queue._cards.items()} != clocks


def test_a_crowd_shrinks_the_quiet_cards_only(console: Opened) -> None:
    shown = console(FakeFacade([*lunch(), *many(60)]))
    for widget in shown.window.queue._cards.values():
        assert not widget.compact or quiet(widget.card)
    assert sum(widget.compact for widget in shown.window.queue._cards.values()) > 50
    press(shown, "primary-1000")
    assert shown.facade.asked[-1].order_id == 1000, "rows have the real button too"
    shown.facade.drop(*range(1000, 1060))
    settle(40)
    assert not any(widget.compact for widget in shown.window.queue._cards.values())


def test_a_burst_is_read_in_bites(console: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = console(FakeFacade())
    bites: list[int] = []
    read = shown.facade.cards

    def counted(ids: frozenset[int] | None = None) -> list[object]:
        bites.append(len(ids or ()))
        return read(ids)  # type: ignore[return-value]  # cards, whatever the test calls them

    monkeypatch.setattr(shown.facade, "cards", counted)
    shown.facade.put(*many(100))
    settle(60)
    assert len(shown.window.queue._cards) == 100
    assert max(bites) < 10


def test_search_finds_and_opens_and_escape_returns(console: Opened) -> None:
    shown = console(FakeFacade(lunch()))
    field = find(shown, QLineEdit, "search")
    field.setText("锅贴")
    settle()
    results = shown.window.queue.results
    assert results.isVisible()
    assert [results.item(row).text()[:4] for row in range(results.count())] == ["饿#40"]
    results.itemActivated.emit(results.item(0))
    settle()
    assert shown.window.queue.detail.shown.card.id == 40  # type: ignore[union-attr]  # it was opened
    QTest.keyClick(shown.window, Qt.Key.Key_Escape)
    QTest.keyClick(shown.window, Qt.Key.Key_Escape)
    settle()
    assert field.text() == ""
    assert shown.window.queue.board.isVisible()


def test_an_empty_queue_teaches(console: Opened) -> None:
    shown = console(FakeFacade())
    empty = find(shown, QLabel, "empty")
    assert empty.isVisible()
    assert "ring" in empty.text()
    shown.facade.put(card(1))
    settle()
    assert not empty.isVisible()


def test_a_finger_is_not_believed_while_the_card_slides_under_it(console: Opened) -> None:
    shown = console(FakeFacade([card(1)]))
    widget = shown.window.queue.card(1)
    assert widget is not None
    button = find(shown, QPushButton, "primary-1")
    widget.moved_at = time.monotonic()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown.facade.asked == []
    widget.moved_at = time.monotonic() - 1
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown.facade.asked == [Asked("request", 1, CommandKind.ACCEPT)]


def test_time_alone_moves_an_order_for_later_to_the_kitchen(console: Opened) -> None:
    shown = console(FakeFacade([card(1, Lane.SCHEDULED, scheduled=True)]))
    shown.facade.open[1] = card(1, Lane.COOKING, scheduled=True)  # nobody announces it
    for _ in range(20):
        shown.pass_time(1)
    assert lane_of(shown, 1) is Lane.COOKING


def test_an_order_that_left_the_queue_stays_readable_in_the_panel(console: Opened) -> None:
    shown = console(FakeFacade([card(1, Lane.ON_THE_WAY)]))
    shown.window.queue.open_order(1)
    shown.facade.known[1] = card(1, Lane.ON_THE_WAY, kitchen=Kitchen.COMPLETED, primary=None, actions=())
    shown.facade.open.pop(1)
    shown.facade.tell("orders", 1)
    settle()
    texts = [label.text() for label in shown.window.queue.detail.findChildren(QLabel)]
    assert any(text.startswith("Completed") for text in texts)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("accept_confirmed", "Accept · platform confirmed"),
        ("hand_over_kept_here", "Hand over · kept here only"),
        ("cancel_request_open", "Customer wants to cancel"),
        ("refund_request_upheld", "Customer wants a refund · the platform decided for the customer"),
        ("courier_at_store", "Courier is here"),
        ("cancelled", "Cancelled"),
        ("ready", "Food is ready"),
        ("moon_landing", "moon_landing"),
    ],
)
def test_the_timeline_speaks_the_words_of_staff(kind: str, said: str) -> None:
    assert happening(kind) == said


@pytest.mark.parametrize("count", [1, 40])  # a crowded queue folds quiet cards into rows: this one is not quiet
def test_a_new_order_without_a_button_says_where_it_is_accepted(
    console: Opened, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    said = "Accept on Just Eat's own device"
    facade = FakeFacade([card(1, primary=None, actions=(), elsewhere=said), *(card(n + 2) for n in range(count))])
    opened = console(facade)
    assert said in written(opened, 1, monkeypatch)
    assert opened.window.findChild(QPushButton, "primary-1") is None
    face_of = opened.window.queue.card(1)
    assert face_of is not None
    assert said in face_of.accessibleName()
    face_of.picked.emit(1)
    settle()
    assert said in [label.text() for label in find(opened, QWidget, "detail").findChildren(QLabel)]


def test_a_total_that_the_platform_does_not_name_is_said_to_be_ours(
    console: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    facade = FakeFacade([card(1)])
    known = facade.order(1)
    monkeypatch.setattr(facade, "order", lambda _: replace(known, facts=replace(known.facts, total_told=False)))
    opened = console(facade)
    opened.window.queue.open_order(1)
    settle()
    said = "The platform names no total: this one was added up here."
    assert said in [label.text() for label in find(opened, QWidget, "detail").findChildren(QLabel)]


def test_a_long_number_is_smaller_and_never_under_the_clock(console: Opened) -> None:
    console(FakeFacade([]))  # type needs an application
    sizes = [head.number_px(number, 110.0) for number in ("#7", "#4821", "#J-48213", "#1088416810")]
    assert sizes[0] == 30
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0]
    assert head.number_px("#1088416810", 400.0) == 30
