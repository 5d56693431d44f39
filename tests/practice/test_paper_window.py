"""The paper window on real printers over TCP: buttons do what a hand would, and every piece shows what it is."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app import texts
from app.domain.tickets import TicketKind
from app.practice.paper_roll import MOST
from app.practice.paper_window import PaperWindow, PrinterColumn, run
from app.practice.printer import VirtualPrinter
from app.printing import build, sample_ticket
from app.texts import tr
from app.ui.pictures import settle
from app.ui.theme import Theme

TICKET = build(sample_ticket(TicketKind.KITCHEN, "zh"))
SHORT = b"\x1b@\x1c&one\ntwo T-1\n\x1dV\x42\x00"

Opener = Callable[..., PaperWindow]


@pytest.fixture
def open_window() -> Iterator[Opener]:
    """Starts printers, shows them, and takes everything down again."""
    made: list[PaperWindow] = []
    with ExitStack() as stack:

        def opened(**printers: VirtualPrinter) -> PaperWindow:
            for printer in printers.values():
                stack.enter_context(printer.in_thread())
            window = PaperWindow(printers, Theme.load("light"))
            made.append(window)
            window.show()
            settle(1)
            return window

        yield opened
        for window in made:
            window.close()
            window.deleteLater()
        settle(1)


def send(printer: VirtualPrinter, *jobs: bytes) -> None:
    """One connection that leaves at once; what it sent is printed all the same."""
    with socket.create_connection((printer.host, printer.port)) as wire:
        for job in jobs:
            wire.sendall(job)


def asked(printer: VirtualPrinter, question: int) -> int:
    """The answer to DLE EOT, as a console hears it."""
    with socket.create_connection((printer.host, printer.port), timeout=5) as wire:
        wire.sendall(bytes((0x10, 0x04, question)))
        return wire.recv(1)[0]


def press(window: PaperWindow, name: str) -> None:
    button = window.findChild(QPushButton, name)
    assert button is not None, name
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(window: PaperWindow, name: str) -> str:
    label = window.findChild(QLabel, name)
    assert label is not None, name
    assert label.textFormat() is Qt.TextFormat.PlainText
    return label.text()


def states(column: PrinterColumn) -> list[str]:
    return [piece.state for piece in column.roll.pieces]


def whole(column: PrinterColumn, count: int = 1) -> bool:
    """Whether so many pieces are cut and wholly out of the slot."""
    pieces = column.roll.pieces
    return len(pieces) == count and all(not each.hanging and each.shown == each.image.height() for each in pieces)


def test_a_ticket_rolls_out_line_by_line(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter(lines_per_second=100)
    column = open_window(hot=printer).columns[0]
    send(printer, TICKET)
    qtbot.waitUntil(lambda: states(column) == ["hanging"] and column.roll.pieces[0].shown > 0)
    begun, tall = column.roll.pieces[0].image.height(), column.roll.height()
    qtbot.waitUntil(lambda: whole(column))
    assert column.roll.pieces[0].image.height() > begun
    assert column.roll.height() > tall
    assert states(column) == ["complete"]
    assert "T-8F21C0DE" in column.roll.pieces[0].caption


def test_even_an_instant_printer_shows_paper_moving(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter()
    column = open_window(hot=printer).columns[0]
    send(printer, TICKET)
    qtbot.waitUntil(lambda: bool(printer.paper))
    column.look()
    piece = column.roll.pieces[0]
    shown = [piece.shown]
    while piece.shown < piece.image.height():
        column.look()
        assert piece.shown > shown[-1]
        shown.append(piece.shown)
    assert len(shown) > 3


def test_paper_taken_out_in_the_middle_is_told_and_a_new_roll_finishes_the_ticket(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter(lines_per_second=60)
    window = open_window(hot=printer)
    column = window.columns[0]
    send(printer, TICKET)
    qtbot.waitUntil(lambda: states(column) == ["hanging"] and len(column.roll.pieces[0].ticket.items) > 4)
    press(window, "paper-hot")
    assert asked(printer, 4) & 0x60
    assert words(window, "state-hot") == "● no paper"
    assert "within 5 seconds" in words(window, "lesson-hot")
    assert states(column) == ["hanging"]
    press(window, "paper-hot")
    assert not asked(printer, 4) & 0x60
    qtbot.waitUntil(lambda: whole(column))
    assert [piece.complete for piece in printer.paper] == [True]


def test_cover_low_paper_and_plug_are_the_real_thing(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter()
    window = open_window(hot=printer)
    press(window, "cover-hot")
    assert asked(printer, 2) & 0x04
    assert "cover open" in words(window, "state-hot")
    send(printer, SHORT)
    press(window, "cover-hot")
    qtbot.waitUntil(lambda: whole(window.columns[0]))
    press(window, "low-hot")
    assert asked(printer, 4) & 0x0C
    assert words(window, "state-hot") == "● paper runs low"
    press(window, "low-hot")
    assert not asked(printer, 4) & 0x0C
    press(window, "power-hot")
    assert not printer.powered
    assert words(window, "state-hot") == "● no power"
    with pytest.raises((ConnectionError, IndexError)):
        asked(printer, 1)
    press(window, "power-hot")
    assert asked(printer, 1) == 0x12
    assert words(window, "state-hot") == "● ready, paper loaded, cover closed"


def test_a_torn_and_a_glued_piece_look_like_it(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter()
    window = open_window(hot=printer)
    column = window.columns[0]
    send(printer, b"\x1b@half a ticket\nand no more\n")
    qtbot.waitUntil(lambda: states(column) == ["hanging"])
    straight = edges(column)
    press(window, "power-hot")
    press(window, "power-hot")
    send(printer, SHORT)
    qtbot.waitUntil(lambda: states(column) == ["torn", "glued"])
    qtbot.waitUntil(lambda: whole(column, 2))
    assert edges(column) > straight  # zigzags: more paper edges in a row than the straight cut has
    captions = [piece.caption for piece in column.roll.pieces]
    assert captions[0].startswith("Torn")
    assert captions[1].startswith("Glued")


def edges(column: PrinterColumn) -> int:
    """The most changes between paper and no paper along any row of the roll."""
    settle(1)
    picture = column.roll.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = [[picture.pixelColor(x, y).lightness() > 250 for x in range(picture.width())] for y in range(picture.height())]
    cut = [sum(left != right for left, right in pairwise(row)) for row in rows]
    return max(changes for row, changes in zip(rows, cut, strict=True) if sum(row) > len(row) // 3)


def test_only_the_last_pieces_are_kept_on_screen(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter()
    column = open_window(hot=printer).columns[0]
    send(printer, *([SHORT] * (MOST + 5)))
    qtbot.waitUntil(lambda: len(printer.paper) == MOST + 5)
    qtbot.waitUntil(lambda: whole(column, MOST))
    assert [piece.ticket for piece in column.roll.pieces] == printer.paper[-MOST:]


def test_the_newest_line_stays_in_sight_unless_somebody_reads_further_up(open_window: Opener, qtbot: QtBot) -> None:
    printer = VirtualPrinter()
    column = open_window(hot=printer).columns[0]
    bar = column.area.verticalScrollBar()
    send(printer, TICKET, TICKET)
    qtbot.waitUntil(lambda: whole(column, 2))
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    bar.setValue(0)
    send(printer, TICKET)
    qtbot.waitUntil(lambda: whole(column, 3))
    assert bar.value() == 0


def test_every_printer_has_a_column_of_its_own(open_window: Opener, qtbot: QtBot) -> None:
    hot, cold = VirtualPrinter(), VirtualPrinter(width_mm=58)
    window = open_window(hot=hot, cold=cold)
    press(window, "paper-cold")
    send(hot, SHORT)
    send(cold, SHORT)
    qtbot.waitUntil(lambda: whole(window.columns[0]))
    assert not hot.paper_out
    assert cold.paper_out
    assert states(window.columns[1]) == []


def test_the_window_follows_language_and_look(open_window: Opener) -> None:
    window = open_window(hot=VirtualPrinter())
    texts.use("zh")
    window.speak(Theme.load("dark"))
    settle(1)
    assert words(window, "state-hot") == "● 就绪，有纸，盖子已关"
    press(window, "paper-hot")
    assert "缺纸" in words(window, "state-hot")
    assert "5 秒内" in words(window, "lesson-hot")


@pytest.mark.parametrize("width", range(420, 470, 7))
def test_no_width_sets_length_and_scroll_bar_on_each_other(open_window: Opener, qtbot: QtBot, width: int) -> None:
    printer = VirtualPrinter()
    window = open_window(hot=printer)
    send(printer, TICKET)
    qtbot.waitUntil(lambda: whole(window.columns[0]))
    for height in range(400, 1400, 50):
        window.resize(width, height)
        settle(1)
    assert whole(window.columns[0])


def test_without_a_display_run_says_so_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(QApplication, "instance", lambda: None)
    assert run(VirtualPrinter()) == 2, "offscreen nobody sees it"
    assert capsys.readouterr().err.count("--window") == 1


def test_run_lasts_until_the_window_is_closed(qapp: QApplication) -> None:
    sheet, palette, font = qapp.styleSheet(), qapp.palette(), qapp.font()
    printer = VirtualPrinter()
    with printer.in_thread():
        titles: list[str] = []

        def close() -> None:
            window = next(each for each in qapp.topLevelWidgets() if isinstance(each, PaperWindow))
            titles.append(window.windowTitle())
            window.close()

        QTimer.singleShot(50, close)
        assert run(printer) == 0
    assert titles[0].startswith(tr("Printers in the kitchen (practice)"))
    settle(1)
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)
