"""Redemptions as rows: found by index, however many years of them there are."""

from __future__ import annotations

from datetime import timedelta

from app.db import redemptions
from app.domain.vouchers import Voucher, VoucherState
from tests.engine.shop import NOON, memory, open_account


def test_a_clock_that_is_set_back_makes_no_redemption_wait_for_it() -> None:
    minute = timedelta(minutes=1)
    with memory() as connection:
        open_account(connection)
        asked = redemptions.add(
            connection, 1, Voucher("123456789012", "Lunch", VoucherState.GOOD), 1, "key", "counter", NOON, NOON + minute
        )

        assert redemptions.due(connection, NOON) == []
        assert redemptions.due(connection, NOON - 60 * minute) == [asked]


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
