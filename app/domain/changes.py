"""What one platform message says about one order: facts, progress, a customer's request, an urge, a refund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.lifecycle import Delivery, Kitchen, OrderState, Payment
from app.domain.money import Money
from app.domain.orders import Courier, OrderFacts


class RequestKind(StrEnum):
    """What a customer asks of the shop."""

    CANCEL = "cancel"
    REFUND = "refund"


class RequestState(StrEnum):
    """Where such a request stands; only OPEN waits for the shop."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ARBITRATION = "arbitration"
    UPHELD = "upheld"  # the platform's service decided for the customer
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """A cancel or refund request. `deadline` is when silence counts as agreement; `amount` None means the whole order."""

    kind: RequestKind
    state: RequestState
    reason: str = ""
    amount: Money | None = None
    items: tuple[str, ...] = ()
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Urge:
    """A customer asks where the food is (催单). `key` is the platform's id, needed to answer it."""

    key: str
    at: datetime
    text: str = ""
    replied: bool = False


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """One report about the order `order_id` (the platform's id), made by a connector's mapping.

    `version` is the platform's own time of the report in milliseconds. What the report does not mention is None.
    `refunded` is cumulative and `refunded_at` its moment. `reason` explains a cancellation in the platform's own words.
    `unmapped` holds a status the mapping does not know: it is kept and shown, never guessed.
    `incomplete` asks the engine to fetch the order: the report alone does not tell its facts.
    """

    order_id: str
    version: int
    facts: OrderFacts | None = None
    kitchen: Kitchen | None = None
    delivery: Delivery | None = None
    payment: Payment | None = None
    courier: Courier | None = None
    request: CustomerRequest | None = None
    urge: Urge | None = None
    refunded: Money | None = None
    refunded_at: datetime | None = None
    reason: str = ""
    unmapped: str = ""
    incomplete: bool = False

    @property
    def state(self) -> OrderState:
        """The regions this report mentions, ready to be merged."""
        return OrderState.reported(self.version, self.kitchen, self.delivery, self.payment)
