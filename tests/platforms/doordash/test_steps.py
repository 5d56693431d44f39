"""What a command says at DoorDash, and what a refusal proves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError
from app.platforms.doordash import platform
from app.platforms.doordash.steps import (
    CALLS,
    CANCEL_REASONS,
    PROVES,
    REASONS,
    Change,
    adjustment,
    body_of,
    dead_of,
    made_before,
)

READY_AT = datetime(2026, 1, 1, 12, 15, 0, 500, timezone(-timedelta(hours=6)))


def test_every_button_has_its_call() -> None:
    assert platform.commands == CALLS.keys() == PROVES.keys()
    assert platform.reject_reasons.keys() == REASONS.keys() == CANCEL_REASONS.keys()


def test_acceptance_carries_only_a_time_that_somebody_promised() -> None:
    plain = {"merchant_supplied_id": "o-1", "order_status": "success"}
    assert body_of(Command(CommandKind.ACCEPT, "o-1")) == plain
    promised = body_of(Command(CommandKind.ACCEPT, "o-1", ready_at=READY_AT))
    assert promised == plain | {"prep_time": "2026-01-01T18:15:00Z"}
    assert READY_AT.astimezone(UTC).hour == 18


@pytest.mark.parametrize("text", ["", "Fries - FRY-1"])
@pytest.mark.parametrize("reason", [None, *REASONS])
def test_a_rejection_always_says_why(reason: RejectReason | None, text: str) -> None:
    body = body_of(Command(CommandKind.REJECT, "o-1", reason=reason, text=text))
    assert body["order_status"] == "fail"
    assert body["failure_reason"].strip(" -")
    assert "{" not in body["failure_reason"]
    assert text in body["failure_reason"]
    assert body["errors"] == [{"code": REASONS[reason or RejectReason.OTHER], "message": text}]


def test_a_sold_out_dish_is_told_in_doordashs_own_phrase() -> None:
    body = body_of(Command(CommandKind.REJECT, "o-1", reason=RejectReason.SOLD_OUT, text="Fries - FRY-1"))
    assert body["failure_reason"] == "Item Unavailable - Fries - FRY-1 - Out of stock"


def test_ready_and_cancel() -> None:
    assert body_of(Command(CommandKind.READY, "o-1")) == {"merchant_supplied_id": "o-1"}
    cancel = Command(CommandKind.CANCEL, "o-1", reason=RejectReason.TOO_BUSY)
    assert body_of(cancel) == {"cancel_reason": "KITCHEN_BUSY"}
    assert body_of(Command(CommandKind.CANCEL, "o-1", reason=RejectReason.NO_COURIER, text="rain")) == {
        "cancel_reason": "OTHER",
        "cancel_details": "rain",
    }


@pytest.mark.parametrize("kind", sorted(set(CommandKind) - CALLS.keys()))
def test_what_doordash_has_no_word_for(kind: CommandKind) -> None:
    with pytest.raises(RejectedError, match="no such command"):
        body_of(Command(kind, "o-1"))


def test_adjustments_are_the_references() -> None:
    cola = {"name": "Cola", "merchant_supplied_id": "179", "price": 179, "quantity": 1}
    changes = [Change("li-1", 1), Change("li-2"), Change("li-3", instead=cola)]
    assert adjustment(changes) == {
        "items": [
            {"line_item_id": "li-1", "adjustment_type": "ITEM_UPDATE", "quantity": 1, "substituted_item": {}, "options": []},
            {"line_item_id": "li-2", "adjustment_type": "ITEM_REMOVE", "substituted_item": {}, "options": []},
            {"line_item_id": "li-3", "adjustment_type": "ITEM_SUBSTITUTE", "substituted_item": cola, "options": []},
        ]
    }


@pytest.mark.parametrize(
    ("kind", "words", "unheard", "heard"),
    [
        (CommandKind.ACCEPT, "Order has already been confirmed", True, True),
        (CommandKind.ACCEPT, "Bad request", True, False),
        (CommandKind.ACCEPT, "Order has expired", False, False),
        (CommandKind.ACCEPT, "Order is already cancelled", False, False),
        (CommandKind.ACCEPT, "order already confirmed or confirmation timeout", True, False),
        (CommandKind.READY, "Order is not confirmed", False, False),
        (CommandKind.READY, "Order has expired", False, False),
        (CommandKind.CANCEL, "Order is already cancelled", True, True),
        (CommandKind.ACCEPT, "Cancellation in progress", False, False),
        (CommandKind.CANCEL, "Order was canceled by the consumer", True, True),
        (CommandKind.CANCEL, "Order is not confirmed", False, False),
        (CommandKind.CANCEL, "Order is already delivered", False, False),
        (CommandKind.CANCEL, "Order has already been picked up", False, False),
        (CommandKind.CANCEL, "Order can no longer be cancelled", False, False),
        (CommandKind.CANCEL, "Order has already been delivered or cancelled", False, False),
        (CommandKind.CANCEL, "The cancellation window has expired", False, False),
        (CommandKind.CANCEL, "Order has expired", False, False),
        (CommandKind.CANCEL, "Bad request", False, False),
        (CommandKind.CANCEL, "400", False, False),
        (CommandKind.REJECT, "Order confirmation timed out", True, True),
        (CommandKind.REJECT, "Order has already been confirmed", True, False),
        (CommandKind.REJECT, "Order has already been picked up", False, False),
        (CommandKind.REJECT, "validation failed", False, False),
    ],
)
def test_what_a_400_proves(kind: CommandKind, words: str, unheard: bool, heard: bool) -> None:
    """`unheard`: it was asked before, and no answer came."""
    assert made_before(kind, words, asked=True) is unheard
    assert made_before(kind, words, asked=False) is heard


@pytest.mark.parametrize(
    ("kind", "words", "end"),
    [
        (CommandKind.ACCEPT, "Order has expired: confirmation timeout", Kitchen.EXPIRED),
        (CommandKind.ACCEPT, "Order has been cancelled", Kitchen.CANCELLED),
        (CommandKind.ACCEPT, "order already confirmed or confirmation timeout", None),
        (CommandKind.ACCEPT, "Bad request", None),
        (CommandKind.ACCEPT, "Order has expired or was cancelled", None),
        (CommandKind.READY, "Order has expired", None),
        (CommandKind.CANCEL, "Order cannot be cancelled", None),
        (CommandKind.CANCEL, "Too late: orders can't get cancelled now", None),
        (CommandKind.CANCEL, "Order already delivered, cancelled items excepted", None),
        (CommandKind.CANCEL, "Cancellation failed", None),
        (CommandKind.CANCEL, "The order isn’t cancelled: a Dasher is there", None),
        (CommandKind.CANCEL, "This order was never cancelled by the store", None),
        (CommandKind.CANCEL, "cancelled_at is required", None),
        (CommandKind.CANCEL, "Nothing was cancelled", None),
        (CommandKind.READY, "Order is already cancelled", Kitchen.CANCELLED),
        (CommandKind.CANCEL, "order not confirmed; or order already cancelled", None),
    ],
)
def test_an_end_is_never_guessed(kind: CommandKind, words: str, end: Kitchen | None) -> None:
    assert dead_of(kind, words) is end
