"""Webhooks that the shop switched off: found while polling, switched on again, and told where that does not help."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.platforms.api import Message, ProtocolError
from app.platforms.simulation import Faults
from app.platforms.woocommerce.cursor import HOOKS_EVERY, Cursor
from app.platforms.woocommerce.rearming import HOOK
from app.platforms.woocommerce.simulated_hooks import FAILURES, Hook
from app.texts import use
from tests.platforms.lines import poll_all

from .conftest import Line, offline

OURS = "https://relay.example.test/hooks/lee/woocommerce/token-that-is-secret"


@pytest.fixture(autouse=True)
def english() -> None:
    use("en")


@pytest.fixture
async def shop(line: Line) -> Line:
    """A shop whose three webhooks go to a relay of ours."""
    line.simulator.push_to = OURS
    line.simulator.faults.lose_push = 1.0  # nobody is there to take them
    return line


def switch_off(line: Line, *hooks: int) -> None:
    for number in hooks:
        hook = line.simulator.hooks.rows[number]
        hook.status, hook.failures = "disabled", FAILURES


def states(line: Line) -> list[str]:
    return [hook.status for hook in line.simulator.hooks.rows.values()]


class Watch:
    """A console that polls this shop, some time after the last time."""

    def __init__(self, line: Line, **settings: str) -> None:
        self.connector, self.cursor = line.connect(**settings), ""

    async def look(self, waited: float = 2 * HOOKS_EVERY) -> list[Message]:
        """What is told of webhooks by the next poll; `waited` seconds of the shop's clock have passed."""
        known: dict[str, Any] = json.loads(self.cursor) if self.cursor else {}
        if known:
            known["hooked"] -= waited
            known["armed"] = [(hook, at - waited) for hook, at in known["armed"]]
        messages, self.cursor = await poll_all(self.connector, json.dumps(known) if known else "")
        return [message for message in messages if message.kind == HOOK]


async def test_what_the_shop_switched_off_is_switched_on_and_nobody_hears_of_it(shop: Line) -> None:
    watch = Watch(shop)
    assert await watch.look() == []
    switch_off(shop, 1, 2)
    assert await watch.look() == []
    assert states(shop) == ["active"] * 3


async def test_it_is_not_asked_at_every_poll(shop: Line) -> None:
    watch = Watch(shop)
    await watch.look()
    switch_off(shop, 1)
    await watch.look(waited=HOOKS_EVERY - 60)
    assert states(shop) == ["disabled", "active", "active"]


async def test_one_that_is_switched_off_again_needs_a_person_once_a_day(shop: Line) -> None:
    watch = Watch(shop)
    told: list[Message] = []
    for _ in range(4):
        switch_off(shop, 1)
        told += await watch.look()
        assert states(shop) == ["active"] * 3
    assert len(told) == 3
    assert len({message.key for message in told}) <= 2, "once, and once more after midnight"
    with pytest.raises(ProtocolError, match=r"webhook Comptoir off: relay\.example\.test does not answer"):
        shop.connect().read(told[0])
    assert b"token" not in told[0].body


async def test_a_day_later_it_is_a_new_story(shop: Line) -> None:
    watch = Watch(shop)
    for waited in (0.0, 90_000.0, 90_000.0):
        switch_off(shop, 1)
        assert await watch.look(waited=waited + 2 * HOOKS_EVERY) == []


async def test_what_belongs_to_others_is_left_alone(shop: Line) -> None:
    theirs = Hook(9, "order.created", "s", "https://books.example.test/woocommerce", "Books")
    shop.simulator.hooks.rows[9] = theirs
    shop.simulator.hooks.rows[10] = Hook(10, "order.created", "s", "http://[half/hooks/woocommerce/t", "No address")
    switch_off(shop, 9, 10)
    shop.simulator.hooks.rows[2].status = "paused"  # by a person, on purpose
    await Watch(shop).look()
    assert states(shop) == ["active", "paused", "active", "disabled", "disabled"]


async def test_an_account_without_webhooks_asks_for_none(shop: Line) -> None:
    switch_off(shop, 1)
    await Watch(shop, webhook_secret="").look()
    assert states(shop)[0] == "disabled"


async def test_a_shop_that_refuses_is_told_and_orders_come_all_the_same(shop: Line) -> None:
    watch = Watch(shop)
    await watch.look()
    switch_off(shop, 1)
    shop.simulator.faults = Faults(refuse=1.0, lose_push=1.0)
    order_id = shop.simulator.place()
    (told,) = await watch.look()
    assert told.kind == HOOK
    assert int(order_id) in Cursor.parse(watch.cursor, json.loads(watch.cursor)["run"]).open


@pytest.mark.parametrize("answer", [403, 401, 404, 500])
async def test_a_key_that_may_not_see_webhooks_stays_signed_in(
    shop: Line, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.platforms.woocommerce.simulated_keys import WireError

    def refuse(*_: Any) -> None:
        raise WireError(answer, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")

    monkeypatch.setattr(shop.simulator.hooks, "url", refuse)
    watch = Watch(shop)
    assert await watch.look() == []
    assert (await shop.connect().verify()).title


def test_a_complaint_that_nobody_can_read_is_no_crash() -> None:
    for body in (b"7", b"{}", b"[", b"null"):
        with pytest.raises(ProtocolError):
            offline().read(Message("x", HOOK, body, 1))
