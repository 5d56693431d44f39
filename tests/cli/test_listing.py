"""What a terminal is told of orders and tickets."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from app.cli import listing
from app.cli.listing import line
from app.db import print_jobs
from app.domain.tickets import TicketKind
from app.engine.house import House
from app.printing import sample_ticket
from tests.engine.shop import NOON, house, memory, open_kitchen


def test_no_control_character_of_a_customer_reaches_a_terminal() -> None:
    assert line(1, "\x1b[2Jno\tpeanuts\r\n", "宫保鸡丁") == "1\t [2Jno peanuts  \t宫保鸡丁"


@pytest.mark.parametrize(("stored", "shown", "says"), [(3, 3, ""), (4, 3, "3")])
def test_a_list_that_stops_says_so_beside_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stored: int, shown: int, says: str
) -> None:
    @contextmanager
    def reading(_: Namespace) -> Iterator[tuple[SimpleNamespace, House]]:
        with memory() as connection:
            open_kitchen(connection)
            for number in range(stored):
                print_jobs.add(connection, 1, f"key {number}", sample_ticket(TicketKind.KITCHEN, "zh"), NOON)
            yield SimpleNamespace(read=lambda question, *given: question(connection, *given)), house()

    monkeypatch.setattr(listing, "reading", reading)
    monkeypatch.setattr(listing, "MOST", 3)

    assert listing.run(Namespace(action="tickets", json=False)) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == shown
    assert says in told.err
    assert bool(told.err) == bool(says)
