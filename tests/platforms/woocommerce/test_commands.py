"""What the buttons do at the shop: one change each, compared, never repeated, never against a status that forbids it."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.commands import Command, CommandKind, RejectReason
from app.domain.lifecycle import Kitchen
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.simulation import Faults, Happening
from app.platforms.woocommerce import platform
from app.platforms.woocommerce.connector import NOTE_ONLY, WooCommerceConnector
from app.platforms.woocommerce.statuses import MARK, REASON

from .conftest import Line

WAY = (CommandKind.ACCEPT, CommandKind.READY, CommandKind.HAND_OVER, CommandKind.COMPLETE)


async def sent(connector: WooCommerceConnector, kind: CommandKind, order_id: str, **more: Any) -> Kitchen | None:
    update = await connector.send(Command(kind, order_id, key=f"{kind}-{order_id}", **more))
    assert update is not None
    return update.kitchen


def commands(line: Line, order_id: str) -> list[str]:
    return line.simulator.wire.commands.get(order_id, [])


async def test_without_statuses_of_its_own_the_shop_keeps_the_steps_in_the_order(line: Line) -> None:
    """Nothing is mailed until the end, and another console of the shop reads the same."""
    order_id, connector = line.simulator.place(), line.connect()
    status, mails = line.order(order_id)["status"], len(line.simulator.books.mails)
    for kind, kitchen in zip(WAY[:3], ("accepted", "ready", "handed_over"), strict=True):
        assert await sent(connector, kind, order_id) == kitchen
        assert (line.order(order_id)["status"], line.simulator.books.meta(line.order(order_id), MARK)) == (status, kitchen)
        elsewhere = line.connect()
        assert elsewhere.read(await elsewhere.fetch_order(order_id))[0].kitchen == kitchen
    assert len(line.simulator.books.mails) == mails
    assert await sent(connector, WAY[3], order_id) is Kitchen.COMPLETED
    assert line.simulator.books.mails[mails:] == [(int(order_id), "completed")]
    assert commands(line, order_id) == ["accepted", "ready", "handed_over", "completed"]


async def test_with_statuses_of_its_own_the_shop_shows_the_steps(line: Line) -> None:
    line.simulator.books.custom = {"preparing", "emballe"}
    order_id = line.simulator.place()
    connector = line.connect(accepted_status="preparing", ready_status="wc-emballe")
    assert await sent(connector, CommandKind.ACCEPT, order_id) is Kitchen.ACCEPTED
    assert line.order(order_id)["status"] == "preparing"
    assert await sent(connector, CommandKind.READY, order_id) is Kitchen.READY
    assert line.order(order_id)["status"] == "emballe"
    assert await sent(connector, CommandKind.ACCEPT, order_id) is Kitchen.READY
    assert commands(line, order_id) == ["accepted", "ready"]


async def test_a_status_whose_plugin_was_switched_off_is_done_without(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect(accepted_status="preparing")
    assert await sent(connector, CommandKind.ACCEPT, order_id) is Kitchen.ACCEPTED
    assert line.order(order_id)["status"] in ("processing", "on-hold")


async def test_a_refusal_tells_the_customer_once(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    mails = len(line.simulator.books.mails)
    for _ in range(2):
        kitchen = await sent(connector, CommandKind.REJECT, order_id, reason=RejectReason.SOLD_OUT, text="no <eggs> & ham")
        assert kitchen is Kitchen.REJECTED
    assert line.simulator.books.meta(line.order(order_id), REASON) == "Sold out: no <eggs> & ham"
    assert line.simulator.books.mails[mails:] == [(int(order_id), "cancelled"), (int(order_id), "note")]
    assert line.simulator.books.notes[int(order_id)][0]["note"] == "Sold out: no <eggs> & ham"


async def test_or_only_the_shop(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect(refusal_note=NOTE_ONLY)
    await sent(connector, CommandKind.REJECT, order_id, reason=RejectReason.OTHER)
    assert line.simulator.books.notes[int(order_id)][0]["customer_note"] is False


async def test_an_accepted_order_is_cancelled_and_not_rejected(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    await sent(connector, CommandKind.ACCEPT, order_id)
    with pytest.raises(RejectedError, match="cancel it instead"):
        await sent(connector, CommandKind.REJECT, order_id, reason=RejectReason.OTHER)
    assert await sent(connector, CommandKind.CANCEL, order_id, reason=RejectReason.CUSTOMER_ASKED) is Kitchen.CANCELLED


async def test_a_cancellation_of_the_shops_own_gets_no_note_of_ours(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    line.simulator.happen(order_id, Happening.CANCEL)
    assert await sent(connector, CommandKind.REJECT, order_id, reason=RejectReason.OTHER) is Kitchen.CANCELLED
    assert [note["note"][:12] for note in line.simulator.books.notes[int(order_id)]] == ["Order status"]


@pytest.mark.parametrize("status", ["trash", "cancelled", "refunded", "pending", "failed", "completed"])
async def test_an_order_at_its_end_is_left_alone(line: Line, status: str) -> None:
    """A change of a trashed order would revive it (observed)."""
    order_id, connector = line.simulator.place(), line.connect()
    line.order(order_id)["status"] = status
    kind = CommandKind.CANCEL if status == "completed" else CommandKind.ACCEPT
    with pytest.raises(RejectedError, match="The shop shows this order as"):
        await sent(connector, kind, order_id, reason=RejectReason.OTHER)
    assert line.order(order_id)["status"] == status
    assert commands(line, order_id) == []


async def test_what_the_courier_did_first_is_success(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    line.order(order_id)["status"] = "completed"
    assert await sent(connector, CommandKind.READY, order_id) is Kitchen.COMPLETED
    assert commands(line, order_id) == []


async def test_a_yes_is_compared_with_what_was_asked(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in may move the status on."""
    order_id, connector = line.simulator.place(), line.connect()
    books = line.simulator.books
    set_status = books.set_status
    monkeypatch.setattr(books, "set_status", lambda order, _: set_status(order, "on-hold"))
    with pytest.raises(RejectedError, match="keeps this order as on-hold"):
        await sent(connector, CommandKind.COMPLETE, order_id)


async def test_a_lost_answer_is_looked_up_before_anything_is_repeated(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    line.simulator.faults = Faults(lose_reply=0.5)
    for kind in WAY:
        for _ in range(60):
            try:
                await sent(connector, kind, order_id)
                break
            except TemporaryError:
                continue
    assert commands(line, order_id) == ["accepted", "ready", "handed_over", "completed"]


async def test_a_plugin_that_refuses_is_quoted(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    line.simulator.faults = Faults(refuse=1.0)
    with pytest.raises(RejectedError, match="A plug-in refuses") as raised:
        await sent(connector, CommandKind.ACCEPT, order_id)
    assert raised.value.code == "woocommerce_rest_plugin_says_no"


async def test_our_own_change_comes_back_and_changes_nothing(line: Line) -> None:
    order_id, connector = line.simulator.place(), line.connect()
    cursor = (await connector.fetch_orders("")).cursor
    await sent(connector, CommandKind.ACCEPT, order_id)
    (echo,) = (await connector.fetch_orders(cursor)).messages[-1:]
    assert connector.read(echo)[0].kitchen is Kitchen.ACCEPTED
    assert commands(line, order_id) == ["accepted"]


async def test_what_is_not_offered_is_refused(line: Line) -> None:
    order_id = line.simulator.place()
    for kind in set(CommandKind) - platform.commands:
        with pytest.raises(RejectedError, match="no such command"):
            await sent(line.connect(), kind, order_id)
