"""What the judge is told of tickets that were taken back: only where no paper of the order is left in doubt."""

from __future__ import annotations

import pytest

from app.db import print_jobs
from app.domain.lifecycle import Kitchen
from app.practice.street import _withdrawn
from tests.engine.shop import NOON, ORDER, report, shop, step

PLACES = {(("fake", ORDER), f"kitchen {number}"): NOON.timestamp() for number in range(2)}


@pytest.mark.parametrize(
    ("state", "places"),
    [("pending", PLACES), ("confirmed", dict(list(PLACES.items())[1:])), ("unknown", dict(list(PLACES.items())[1:]))],
)
def test_only_where_nothing_of_it_is_on_paper(state: str, places: dict[object, float]) -> None:
    with shop(kitchens=2) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        if state != "pending":
            print_jobs.settle(opened.connection, opened.tickets[0].id, state, NOON)
        opened.hears(step(1, Kitchen.CANCELLED))

        assert _withdrawn(opened.connection) == places


def test_a_doubtful_ticket_that_nobody_needs_any_more_counts_as_taken_back() -> None:
    with shop(kitchens=2) as opened:
        opened.hears(report(0, Kitchen.ACCEPTED))
        first = opened.tickets[0]
        print_jobs.settle(opened.connection, first.id, "unknown", NOON)
        opened.hears(step(1, Kitchen.CANCELLED))
        print_jobs.answer(opened.connection, first.id, "overtaken", NOON)

        assert _withdrawn(opened.connection) == PLACES
