"""Which change a command means; above all, that no ended order is ever revived."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.commands import Command, CommandKind, RejectReason
from app.platforms.api import RejectedError
from app.platforms.hubrise import platform
from app.platforms.hubrise.simulated_orders import STATUSES
from app.platforms.hubrise.steps import ENDS, RANK, change_for

commands = st.builds(
    Command, st.sampled_from(list(CommandKind)), st.just("1"), reason=st.none() | st.sampled_from(RejectReason)
)


def order(status: str, service_type: str = "delivery", **more: Any) -> dict[str, Any]:
    return {"id": "1", "status": status, "service_type": service_type, **more}


@given(command=commands, status=st.sampled_from(STATUSES), service=st.sampled_from(["delivery", "collection", "eat_in"]))
def test_an_order_only_moves_forward(command: Command, status: str, service: str) -> None:
    try:
        change = change_for(order(status, service), command)
    except RejectedError:
        return
    if change is None:
        return
    assert status not in ENDS
    assert change["status"] in ("rejected", "cancelled") or RANK[change["status"]] > RANK[status]


@pytest.mark.parametrize(
    ("kind", "service", "status"),
    [
        (CommandKind.RECEIVED, "delivery", "received"),
        (CommandKind.ACCEPT, "delivery", "accepted"),
        (CommandKind.READY, "delivery", "awaiting_shipment"),
        (CommandKind.READY, "collection", "awaiting_collection"),
        (CommandKind.READY, "eat_in", "awaiting_collection"),
        (CommandKind.HAND_OVER, "delivery", "in_delivery"),
        (CommandKind.HAND_OVER, "collection", "completed"),
        (CommandKind.COMPLETE, "eat_in", "completed"),
    ],
)
def test_each_command_has_its_status(kind: CommandKind, service: str, status: str) -> None:
    assert change_for(order("new", service), Command(kind, "1")) == {"status": status}


def test_accepting_may_promise_a_time() -> None:
    at = datetime(2026, 1, 1, 11, 50, tzinfo=UTC)
    change = change_for(order("received"), Command(CommandKind.ACCEPT, "1", ready_at=at))
    assert change == {"status": "accepted", "confirmed_time": "2026-01-01T11:50:00+00:00"}


def test_a_refusal_carries_the_reason_in_words() -> None:
    change = change_for(order("new"), Command(CommandKind.REJECT, "1", reason=RejectReason.SOLD_OUT, text="Ramen"))
    assert change == {"status": "rejected", "seller_notes": "Sold out: Ramen"}
    change = change_for(order("accepted"), Command(CommandKind.CANCEL, "1", reason=RejectReason.TOO_BUSY))
    assert change == {"status": "cancelled", "seller_notes": "Kitchen too busy"}


def test_every_neutral_reason_has_words() -> None:
    assert set(platform.reject_reasons) == set(RejectReason)


def test_an_accepted_order_cannot_be_rejected_any_more() -> None:
    with pytest.raises(RejectedError) as caught:
        change_for(order("in_preparation"), Command(CommandKind.REJECT, "1"))
    assert caught.value.code == "accepted"


def test_an_ended_order_says_how_it_ended() -> None:
    with pytest.raises(RejectedError, match="Client injoignable") as caught:
        change_for(order("cancelled", seller_notes="Client injoignable"), Command(CommandKind.READY, "1"))
    assert caught.value.code == "cancelled"


def test_an_unknown_status_is_not_written_over() -> None:
    with pytest.raises(RejectedError, match="teleported"):
        change_for(order("teleported"), Command(CommandKind.ACCEPT, "1"))


@pytest.mark.parametrize("kind", sorted(set(CommandKind) - platform.commands))
def test_what_hubrise_has_not_is_refused(kind: CommandKind) -> None:
    with pytest.raises(RejectedError) as caught:
        change_for(order("new"), Command(kind, "1"))
    assert caught.value.code == "unsupported"
