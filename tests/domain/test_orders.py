"""An order's figures either add up or name the difference."""

from __future__ import annotations

from app.domain.orders import Charge, ChargeKind, Party
from tests.engine.shop import cny, dish, facts


def test_lines_and_charges_that_add_up_differ_by_nothing() -> None:
    charges = (
        Charge(ChargeKind.DELIVERY, "配送费", cny(500), Party.CUSTOMER),
        Charge(ChargeKind.DISCOUNT, "满减", cny(-300), Party.SHOP),
    )

    order = facts(total=cny(3800), lines=(dish(quantity=2),), charges=charges)
    assert not order.difference()


def test_a_fen_that_is_missing_is_named_and_deductions_do_not_count() -> None:
    commission = (Charge(ChargeKind.COMMISSION, "佣金", cny(-200), Party.SHOP),)

    assert facts(total=cny(1801), deductions=commission).difference() == cny(1)
