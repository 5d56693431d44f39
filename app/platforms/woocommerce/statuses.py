"""How far an order is, by the shop's statuses, the account's own map of them and the console's mark on the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.lifecycle import CLOSED, Kitchen
from app.platforms.woocommerce.wire import Order

# WooCommerce itself knows neither accepting nor ready: without a status of the shop's for it, a step is written into the
# order as this fact. It costs the customer no e-mail, can be repeated, and every console of the shop reads it back.
MARK = "order_console_step"
REASON = "order_console_reason"

COMPLETED, CANCELLED, TRASH = "completed", "cancelled", "trash"
NEW_STATUSES = "processing, on-hold"
# Not paid for, or not even ordered: nothing to cook. A failed payment may be tried again, so it is no cancellation.
WAITING = frozenset({"pending", "failed", "checkout-draft", "auto-draft"})
DRAFTS = frozenset({"checkout-draft", "auto-draft"})
# What WooCommerce's own gateways that take no money make of an order at the checkout, at once (source, `process_payment` of
# each): an account for which that status is new cooks without waiting for the payment.
PLACED_AS = {"cod": "processing", "bacs": "on-hold", "cheque": "on-hold"}
CHECKOUTS = frozenset({"checkout", "store-api"})
CORE = frozenset({"processing", "on-hold", COMPLETED, CANCELLED, "refunded", TRASH}) | WAITING
# Slugs that order-status plug-ins are often given. Recalled, not documented: the account's own map goes first.
USUAL = {
    "accepted": Kitchen.ACCEPTED,
    "preparing": Kitchen.PREPARING,
    "ready": Kitchen.READY,
    "ready-for-pickup": Kitchen.READY,
    "out-for-delivery": Kitchen.HANDED_OVER,
    "delivered": Kitchen.COMPLETED,
}
_RANK = {state: rank for rank, state in enumerate(Kitchen)}


@dataclass(frozen=True, slots=True)
class StatusMap:
    """The account's statuses. `steps` names the shop's status for ACCEPTED, READY and HANDED_OVER, where it has one."""

    new: frozenset[str]
    steps: Mapping[Kitchen, str]

    @classmethod
    def of(cls, values: Mapping[str, str]) -> StatusMap:
        """From the account form; slugs are taken with or without the prefix that WordPress stores them with."""
        steps = {
            Kitchen.ACCEPTED: slug(values.get("accepted_status", "")),
            Kitchen.READY: slug(values.get("ready_status", "")),
            Kitchen.HANDED_OVER: slug(values.get("handed_over_status", "")),
        }
        new = frozenset(slug(one) for one in (values.get("new_statuses") or NEW_STATUSES).split(",")) - {""}
        return cls(new, {step: name for step, name in steps.items() if name})

    def named(self) -> frozenset[str]:
        """Every status that the account speaks of."""
        return self.new | frozenset(self.steps.values())

    def kitchen(self, order: Order) -> Kitchen | None:
        """How far the order is; None for a status that says nothing about food, or that nobody has mapped."""
        found = self._by_status(order)
        mark = marked(order)
        if found is None or found in CLOSED or mark is None or mark in CLOSED:
            return found
        return max(found, mark, key=lambda state: _RANK[state])

    def live(self, order: Order) -> bool:
        """Whether there is still something to do for the order."""
        found = self.kitchen(order)
        return found is not None and found not in CLOSED

    def _by_status(self, order: Order) -> Kitchen | None:
        if order.status in self.new:
            return Kitchen.NEW
        step = next((step for step, name in self.steps.items() if name == order.status), None)
        return step or _core(order) or USUAL.get(order.status)


def marked(order: Order) -> Kitchen | None:
    """The step that a console wrote into the order."""
    value = order.meta(MARK)
    return Kitchen(value) if isinstance(value, str) and value in _RANK else None


def concerns_the_counter(order: Order, statuses: StatusMap) -> bool:
    """Whether an order that the counter may never have seen is its business: paid once, or in the kitchen, or unmapped, or
    cancelled between two looks after it was placed without paying first.

    Shops cancel by themselves what waits for a payment in vain, and a late one revives it: such an order must not come in as
    dead, for here the dead stay dead.
    """
    if order.status in DRAFTS:
        return False
    if order.status in WAITING | {CANCELLED, TRASH}:
        return order.date_paid_gmt is not None or marked(order) is not None or _was_new(order, statuses)
    return True


def _was_new(order: Order, statuses: StatusMap) -> bool:
    """Whether a cancelled order stood in one of the account's new statuses once, and would have come in had we looked."""
    placed = PLACED_AS.get(order.payment_method) if order.created_via in CHECKOUTS else None
    return order.status == CANCELLED and placed in statuses.new


def slug(text: str) -> str:
    """A status as the interface spells it (observed: "wc-completed" is refused)."""
    return text.strip().lower().removeprefix("wc-")


def _core(order: Order) -> Kitchen | None:
    if order.status == COMPLETED:
        return Kitchen.COMPLETED
    if order.status in ("refunded", TRASH) and order.date_completed_gmt:
        return Kitchen.COMPLETED  # the food was eaten: only the money went back, or the books were tidied
    if order.status == CANCELLED and marked(order) is Kitchen.REJECTED:
        return Kitchen.REJECTED
    return Kitchen.CANCELLED if order.status in (CANCELLED, "refunded", TRASH) else None
