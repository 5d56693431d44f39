"""What a terminal is told of orders and tickets."""

from __future__ import annotations

from app.cli.listing import line


def test_no_control_character_of_a_customer_reaches_a_terminal() -> None:
    assert line(1, "\x1b[2Jno\tpeanuts\r\n", "宫保鸡丁") == "1\t [2Jno peanuts  \t宫保鸡丁"
