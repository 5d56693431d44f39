"""What a refusal says to the customer, at platforms that take words and have no codes for reasons."""

from __future__ import annotations

from app.domain.commands import Command, RejectReason

# In English whatever the screen speaks: the other side may read any language.
WORDS = {
    RejectReason.SOLD_OUT: "Sold out",
    RejectReason.TOO_BUSY: "Kitchen too busy",
    RejectReason.CLOSED: "Restaurant closed",
    RejectReason.TOO_FAR: "Outside the delivery area",
    RejectReason.NO_COURIER: "No courier available",
    RejectReason.CUSTOMER_UNREACHABLE: "Customer cannot be reached",
    RejectReason.SUSPICIOUS: "Order could not be verified",
    RejectReason.CUSTOMER_ASKED: "Cancelled at the customer's request",
    RejectReason.OTHER: "Cannot be prepared",
}


def words_of(command: Command) -> str:
    """The reason, and what staff added to it."""
    reason = WORDS[command.reason or RejectReason.OTHER]
    return f"{reason}: {command.text}" if command.text else reason
