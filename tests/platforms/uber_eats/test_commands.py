"""What each button sends in each generation, and that an order which stands there already is success."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import steady
from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError
from app.platforms.simulation import Faults, Happening
from app.platforms.uber_eats import platform
from app.platforms.uber_eats.commands import call_of, reached
from app.platforms.uber_eats.generation import CURRENT, PREVIOUS
from app.platforms.uber_eats.simulated_checks import CANCEL_REASONS, DENY_CODES, TYPES
from tests.platforms.uber_eats.conftest import Line

READY_AT = datetime(2026, 1, 1, 12, 20, tzinfo=UTC)
RELAYED = dict.fromkeys(("order_special_instructions", "item_special_instructions", "item_special_requests"), True)


@pytest.mark.parametrize(
    ("kind", "more", "path", "body"),
    [
        (CommandKind.ACCEPT, {}, "/accept", {}),
        (CommandKind.ACCEPT, {"ready_at": READY_AT}, "/accept", {"ready_for_pickup_time": "2026-01-01T12:20:00+00:00"}),
        (
            CommandKind.REJECT,
            {"reason": RejectReason.SOLD_OUT, "text": "no noodles"},
            "/deny",
            {"deny_reason": {"type": "ITEM_ISSUE", "info": "no noodles"}},
        ),
        (
            CommandKind.CANCEL,
            {"reason": RejectReason.TOO_BUSY},
            "/cancel",
            {"cancellation_reason": {"type": "CAPACITY", "info": "Kitchen too busy"}},
        ),
        (CommandKind.READY, {}, "/ready", {}),
    ],
)
def test_calls_of_the_current_generation(kind: CommandKind, more: dict[str, Any], path: str, body: dict[str, Any]) -> None:
    assert call_of(CURRENT, Command(kind, "a/b", **more)) == (f"/v1/delivery/order/a%2Fb{path}", body)


@pytest.mark.parametrize(
    ("kind", "more", "path", "body"),
    [
        (CommandKind.ACCEPT, {}, "accept_pos_order", {}),
        (CommandKind.ACCEPT, {"ready_at": READY_AT}, "accept_pos_order", {"pickup_time": 1767270000}),
        (
            CommandKind.REJECT,
            {"reason": RejectReason.CUSTOMER_ASKED},
            "deny_pos_order",
            {"reason": {"code": "OTHER", "explanation": "Cancelled at the customer's request"}},
        ),
        (
            CommandKind.REJECT,
            {"reason": RejectReason.TOO_FAR, "text": "far"},
            "deny_pos_order",
            {"reason": {"code": "ADDRESS", "explanation": "far"}},
        ),
        (CommandKind.CANCEL, {}, "cancel", {"reason": "OTHER", "details": "Cannot be prepared"}),
    ],
)
def test_calls_of_the_previous_generation(kind: CommandKind, more: dict[str, Any], path: str, body: dict[str, Any]) -> None:
    accepted = {"reason": "accepted", "fields_relayed": {**RELAYED, "promotions": True}}
    expected = accepted | body if kind is CommandKind.ACCEPT else body
    assert call_of(PREVIOUS, Command(kind, "a1", **more)) == (f"/v1/eats/orders/a1/{path}", expected)


@pytest.mark.parametrize("kind", [kind for kind in CommandKind if kind not in platform.commands])
@pytest.mark.parametrize("generation", [CURRENT, PREVIOUS])
def test_steps_uber_has_no_word_for_are_refused(kind: CommandKind, generation: Any) -> None:
    with pytest.raises(RejectedError):
        call_of(generation, Command(kind, "a1"))


@pytest.mark.parametrize("reason", [None, *RejectReason])
def test_every_reason_has_a_code_that_uber_knows(reason: RejectReason | None) -> None:
    for kind in (CommandKind.REJECT, CommandKind.CANCEL):
        now, before = (call_of(one, Command(kind, "a1", reason=reason)) for one in (CURRENT, PREVIOUS))
        assert now
        assert before
        assert next(iter(now[1].values()))["type"] in TYPES
        codes = before[1]["reason"]["code"] in DENY_CODES if kind is CommandKind.REJECT else None
        assert codes or before[1]["reason"] in CANCEL_REASONS


def test_where_an_order_must_stand() -> None:
    assert reached(CommandKind.ACCEPT, Kitchen.HANDED_OVER)
    assert not reached(CommandKind.ACCEPT, Kitchen.CANCELLED)
    assert reached(CommandKind.CANCEL, Kitchen.CANCELLED)
    assert reached(CommandKind.REJECT, Kitchen.CANCELLED)  # it is dead: nothing is left to be asked
    assert not reached(CommandKind.REJECT, Kitchen.ACCEPTED)
    assert not reached(CommandKind.READY, None)


async def test_accepting_promises_a_time(line: Line) -> None:
    order_id = line.simulator.place()
    soon = steady.now().replace(microsecond=0) + timedelta(minutes=20)
    await line.connect().send(Command(CommandKind.ACCEPT, order_id, ready_at=soon))
    assert line.simulator.shop.orders[order_id].ready_at == soon.timestamp()


async def test_accepted_on_the_tablet_meanwhile_is_success(line: Line) -> None:
    """Uber answers 409; the order itself says that all is well."""
    order_id = line.simulator.place()
    connector = line.connect()
    line.simulator.shop.accept(line.simulator.shop.orders[order_id], None)
    update = await connector.send(Command(CommandKind.ACCEPT, order_id))
    assert update
    assert (update.kitchen, update.facts is not None) == (Kitchen.ACCEPTED, True)


async def test_an_accepted_order_cannot_be_rejected(line: Line) -> None:
    order_id = line.simulator.place()
    connector = line.connect()
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    with pytest.raises(RejectedError, match="ACCEPTED"):
        await connector.send(Command(CommandKind.REJECT, order_id, reason=RejectReason.CLOSED))


async def test_a_business_refusal_is_told_in_ubers_words(line: Line) -> None:
    order_id = line.simulator.place()
    connector = line.connect()
    await connector.verify()
    line.simulator.faults = Faults(refuse=1.0)
    with pytest.raises(RejectedError, match="refused today"):
        await connector.send(Command(CommandKind.ACCEPT, order_id))
    assert line.simulator.truth()[0].commands == ()


async def test_ready_is_kept_here_where_uber_has_no_word_for_it(previous: Line) -> None:
    order_id = previous.simulator.place()
    connector = previous.connect()
    with pytest.raises(RejectedError, match="new"):
        await connector.send(Command(CommandKind.READY, order_id))
    await connector.send(Command(CommandKind.ACCEPT, order_id))
    update = await connector.send(Command(CommandKind.READY, order_id))
    assert update
    assert update.kitchen is Kitchen.READY
    assert previous.simulator.truth()[0].commands == ("accept_pos_order",)
    previous.simulator.happen(order_id, Happening.CANCEL)
    with pytest.raises(RejectedError, match="cancelled"):
        await connector.send(Command(CommandKind.READY, order_id))


async def test_ready_is_told_to_the_current_generation(current: Line) -> None:
    order_id = current.simulator.place()
    connector = current.connect()
    for kind in (CommandKind.ACCEPT, CommandKind.READY):
        await connector.send(Command(kind, order_id))
    assert current.simulator.truth()[0].commands == ("accept", "ready")
