"""How far an order has come: three platform-owned regions and the rule that merges reports about them.

Reports arrive late, twice and out of order. Each region keeps a maximum, so the merge is commutative, associative
and idempotent and no order of arrival can matter. Versions are the platform's own clock (milliseconds), never ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce


class Kitchen(StrEnum):
    """Region K, in rank order; the last three are terminal and win over every rank."""

    NEW = "new"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    READY = "ready"
    HANDED_OVER = "handed_over"
    COMPLETED = "completed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Delivery(StrEnum):
    """Region D, in rank order. A newer version may lower the rank: couriers get re-assigned."""

    NONE = "none"
    PENDING = "pending"
    ASSIGNED = "assigned"
    AT_STORE = "at_store"
    PICKED_UP = "picked_up"
    DELIVERED = "delivered"
    FAILED = "failed"


class Payment(StrEnum):
    """Region M, in rank order; fully refunded wins over every version."""

    UNPAID = "unpaid"
    PAID_PROVISIONAL = "paid_provisional"
    PAID = "paid"
    REFUND_ASKED = "refund_asked"
    REFUND_REFUSED = "refund_refused"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


DEAD = frozenset({Kitchen.REJECTED, Kitchen.EXPIRED, Kitchen.CANCELLED})
CLOSED = DEAD | {Kitchen.COMPLETED}

_KITCHEN_RANK = {state: rank for rank, state in enumerate(Kitchen)}
_DELIVERY_RANK = {state: rank for rank, state in enumerate(Delivery)}
_PAYMENT_RANK = {state: rank for rank, state in enumerate(Payment)}


@dataclass(frozen=True, slots=True)
class OrderState:
    """The three regions, each with the platform version of the report that won it."""

    kitchen: Kitchen = Kitchen.NEW
    kitchen_version: int = 0
    delivery: Delivery = Delivery.NONE
    delivery_version: int = 0
    payment: Payment = Payment.UNPAID
    payment_version: int = 0

    @classmethod
    def reported(
        cls,
        version: int,
        kitchen: Kitchen | None = None,
        delivery: Delivery | None = None,
        payment: Payment | None = None,
    ) -> OrderState:
        """State implied by one report; a region it does not mention stays at its lowest value."""
        return cls(
            kitchen or Kitchen.NEW,
            version if kitchen else 0,
            delivery or Delivery.NONE,
            version if delivery else 0,
            payment or Payment.UNPAID,
            version if payment else 0,
        )


def merge(one: OrderState, other: OrderState) -> OrderState:
    """The maximum of two states, region by region (see the module docstring)."""
    kitchen = max(one, other, key=_kitchen_key)
    delivery = max(one, other, key=_delivery_key)
    payment = max(one, other, key=_payment_key)
    return OrderState(
        kitchen.kitchen,
        kitchen.kitchen_version,
        delivery.delivery,
        delivery.delivery_version,
        payment.payment,
        payment.payment_version,
    )


def merge_all(states: Iterable[OrderState]) -> OrderState:
    """Merge any number of reports, in any order."""
    return reduce(merge, states, OrderState())


def _kitchen_key(state: OrderState) -> tuple[bool, int, int]:
    return state.kitchen in DEAD, _KITCHEN_RANK[state.kitchen], state.kitchen_version


def _delivery_key(state: OrderState) -> tuple[int, int]:
    return state.delivery_version, _DELIVERY_RANK[state.delivery]


def _payment_key(state: OrderState) -> tuple[bool, int, int]:
    return state.payment is Payment.REFUNDED, state.payment_version, _PAYMENT_RANK[state.payment]
