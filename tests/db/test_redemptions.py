"""Redemptions as rows: found by index, however many years of them there are."""

from __future__ import annotations

from app.db import redemptions
from tests.engine.shop import NOON, memory


def test_the_loop_and_the_screen_look_by_index_at_a_long_history() -> None:
    """A look every two seconds, in the one thread that writes: no step may read every voucher ever redeemed."""
    with memory() as connection:
        driver = connection.connection.driver_connection
        assert driver
        asked: list[str] = []
        driver.set_trace_callback(asked.append)
        redemptions.due(connection, NOON)
        redemptions.since(connection, NOON)
        redemptions.given_up(connection)
        redemptions.of_code(connection, 1, "123456789012")
        redemptions.revive(connection, NOON)
        driver.set_trace_callback(None)
        read = [sql for sql in asked if sql.startswith(("SELECT", "UPDATE"))]
        plans = [row[3] for sql in read for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}")]

    assert len(read) == 5
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
