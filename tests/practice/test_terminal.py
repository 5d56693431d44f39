"""The terminal's words: one growing line on a terminal, sparse plain lines elsewhere."""

from __future__ import annotations

import io

from app.practice.terminal import Bar, line_of
from app.practice.world import Progress


class Terminal(io.StringIO):
    """A stream that can overwrite its line."""

    def isatty(self) -> bool:
        return True


def test_the_line_tells_how_far_it_has_come() -> None:
    line = line_of(Progress(planned=60, placed=40, over=30), 95)
    assert line.startswith("[###############...............]")
    assert line.endswith("30 of 60 orders finished, 10 open  1:35")


def test_nothing_planned_is_all_done() -> None:
    assert line_of(Progress(0, 0, 0), 0).startswith("[" + 30 * "#")


def test_a_terminal_gets_one_line_that_is_written_over() -> None:
    stream = Terminal()
    bar = Bar(stream)
    for over in range(3):
        bar.show(Progress(3, 3, over))
    bar.end()
    assert stream.getvalue().count("\r") == 3
    assert stream.getvalue().count("\n") == 1


def test_a_log_gets_few_plain_lines() -> None:
    stream = io.StringIO()
    bar = Bar(stream)
    for over in range(3):
        bar.show(Progress(3, 3, over))
    bar.end()
    assert stream.getvalue().count("\n") == 1
    assert "\r" not in stream.getvalue()
