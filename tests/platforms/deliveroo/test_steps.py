"""Which calls a command means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError
from app.platforms.deliveroo.mapping import order_of
from app.platforms.deliveroo.steps import REASONS, stamp, steps_for
from app.platforms.deliveroo.wire import Order

AT = datetime(2026, 1, 1, 12, 5, 0, 250_000, tzinfo=UTC)
NOW = "2026-01-01T12:05:00Z"
START = {"stage": "in_kitchen", "occurred_at": NOW}
DUE = datetime(2026, 1, 1, 12, 18, tzinfo=UTC)


def order(status: str, **more: Any) -> Order:
    return order_of({"id": "gb:1", "status": status, "prepare_for": "2026-01-01T12:18:00Z", "items": [], **more})


def bodies(
    kind: CommandKind, status: str, *, tablet: bool = False, start: bool = True, asap: bool = True, **more: Any
) -> list[dict[str, Any]]:
    return [step.body for step in steps_for(order(status, asap=asap), Command(kind, "gb:1", **more), AT, tablet, start)]


def test_accepting_tells_that_cooking_begins() -> None:
    assert bodies(CommandKind.ACCEPT, "placed") == [{"status": "accepted"}, START]
    accept, start = steps_for(order("placed"), Command(CommandKind.ACCEPT, "gb:1"), AT, tablet=False, tell_start=True)
    assert (accept.needed, accept.proves, start.needed, start.proves) == (True, Kitchen.ACCEPTED, False, Kitchen.PREPARING)


def test_accepting_what_is_cooked_later_tells_nothing_of_cooking() -> None:
    assert bodies(CommandKind.ACCEPT, "placed", asap=False) == [{"status": "accepted"}]
    assert bodies(CommandKind.ACCEPT, "placed", start=False) == [{"status": "accepted"}]


@pytest.mark.parametrize(("late", "delay"), [(-5.0, 0), (0.0, 0), (0.5, 2), (4.0, 4), (9.5, 10), (60.0, 10)])
def test_a_promise_is_told_as_a_delay(late: float, delay: int) -> None:
    promised = DUE + timedelta(minutes=late)
    assert bodies(CommandKind.ACCEPT, "placed", ready_at=promised)[1] == {**START, "delay": delay}


@pytest.mark.parametrize(("reason", "code"), REASONS.items())
def test_reject_reasons(reason: RejectReason, code: str) -> None:
    assert bodies(CommandKind.REJECT, "placed", reason=reason) == [{"status": "rejected", "reject_reason": code}]


def test_a_reason_deliveroo_does_not_know_is_told_in_words() -> None:
    found = bodies(CommandKind.REJECT, "placed", reason=RejectReason.TOO_FAR, text="too far")
    assert found == [{"status": "rejected", "reject_reason": "other", "notes": "too far"}]


@pytest.mark.parametrize(
    ("kind", "stage"), [(CommandKind.READY, "ready_for_collection"), (CommandKind.HAND_OVER, "collected")]
)
def test_stages(kind: CommandKind, stage: str) -> None:
    told = {"stage": stage, "occurred_at": NOW}
    assert bodies(kind, "accepted") == [told]
    assert bodies(kind, "accepted", asap=False) == [{"status": "confirmed"}, told]
    assert bodies(kind, "accepted", asap=False, tablet=True) == [told]
    assert bodies(kind, "confirmed", asap=False) == [told]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (CommandKind.ACCEPT, "accepted"),
        (CommandKind.ACCEPT, "confirmed"),
        (CommandKind.ACCEPT, "delivered"),
        (CommandKind.REJECT, "rejected"),
        (CommandKind.READY, "delivered"),
        (CommandKind.HAND_OVER, "delivered"),
    ],
)
def test_what_is_there_already_is_not_asked_for(kind: CommandKind, status: str) -> None:
    assert bodies(kind, status) == []


@pytest.mark.parametrize(
    ("kind", "status", "tablet", "words"),
    [
        (CommandKind.ACCEPT, "canceled", False, "cancelled"),
        (CommandKind.ACCEPT, "rejected", False, "rejected"),
        (CommandKind.READY, "canceled", False, "cancelled"),
        (CommandKind.REJECT, "canceled", False, "cancelled"),
        (CommandKind.REJECT, "delivered", False, "completed"),
        (CommandKind.REJECT, "accepted", False, "only its service can cancel"),
        (CommandKind.READY, "placed", False, "not show this order as accepted"),
        (CommandKind.HAND_OVER, "pending", False, "not show this order as accepted"),
        (CommandKind.ACCEPT, "placed", True, "tablet"),
        (CommandKind.REJECT, "placed", True, "tablet"),
        (CommandKind.CANCEL, "accepted", False, "no such command"),
        (CommandKind.REPLY_URGE, "accepted", False, "no such command"),
    ],
)
def test_what_cannot_be_asked_for(kind: CommandKind, status: str, tablet: bool, words: str) -> None:
    with pytest.raises(RejectedError, match=words):
        bodies(kind, status, tablet=tablet)


def test_times_are_told_in_whole_seconds() -> None:
    assert stamp(AT) == NOW
