"""Announcements: each order once, a rush in one sentence, none again after a restart, and failures that hold up nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.db import accounts, orders
from app.db.database import Database
from app.domain.lifecycle import Kitchen
from app.engine import announcer
from app.engine.announcer import TRIES, Announcer, announcement_of
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.house import House
from app.platforms.api import AuthError, RejectedError, TemporaryError
from app.steady import now
from tests.engine.shop import facts, house, of, open_account, platform, report, until

RULES = replace(house(), platforms={"fake": platform(), "voice": platform(name="voice", title="Voice", mark="V")})


class Speaker:
    """A voice that says what it is told, or fails as the test wants."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.fails: list[Exception] = []

    async def announce(self, text: str) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.said.append(text)


class Kitchenette:
    """A store with one account that sells and one that speaks."""

    def __init__(self, store: Database) -> None:
        self.store, self.bell, self.speaker = store, Bell(), Speaker()
        self.shop = store.write_now(open_account).id
        self.voice = store.write_now(open_account, platform="voice", hook_token="voice").id
        self.announcer = self.opened()

    def opened(self) -> Announcer:
        """Another engine on the same store."""
        return Announcer(self.store, RULES, self.bell, self._connector, gather=0.0, breath=0.01)

    def _connector(self, account_id: int) -> Any:
        return self.speaker if account_id == self.voice else object()

    async def sells(self, number: str, kitchen: Kitchen = Kitchen.NEW, when: Any = None) -> int:
        account = await self.store.write(accounts.get, self.shop)
        update = of(number, report(0, kitchen, facts=facts(number)))
        return await self.store.write(_apply, RULES, account, update, when or now())

    async def state(self) -> tuple[str, str]:
        account = await self.store.write(accounts.get, self.voice)
        return account.state, account.state_text


def _apply(connection: Any, rules: House, account: Any, update: Any, at: Any) -> int:
    order_id = apply(connection, rules, account, update, at)
    orders.save(connection, replace(orders.get(connection, order_id), stored_at=at))
    return order_id


@pytest.fixture
async def kitchen(store: Database) -> Kitchenette:
    made = Kitchenette(store)
    await made.announcer.look()  # a new voice begins with the next order
    return made


async def test_a_voice_that_is_new_begins_with_the_next_order(store: Database) -> None:
    made = Kitchenette(store)
    await made.sells("1")
    assert not await made.announcer.look()
    await made.sells("2")
    assert await made.announcer.look()
    assert made.speaker.said == ["New order: Fake, number 2, 1 item"]


async def test_an_order_is_told_once_and_never_again_after_a_restart(kitchen: Kitchenette) -> None:
    await kitchen.sells("1")
    for _ in range(3):
        await kitchen.announcer.look()
    await kitchen.opened().look()
    await kitchen.sells("1", Kitchen.ACCEPTED)
    await kitchen.opened().look()
    assert kitchen.speaker.said == ["New order: Fake, number 1, 1 item"]


async def test_what_came_while_nothing_ran_is_told_after_the_start(kitchen: Kitchenette) -> None:
    await kitchen.sells("1")
    await kitchen.opened().look()
    assert len(kitchen.speaker.said) == 1


async def test_a_rush_is_one_sentence(kitchen: Kitchenette) -> None:
    for number in range(1, 6):
        await kitchen.sells(str(number))
    await kitchen.announcer.look()
    assert kitchen.speaker.said == ["5 new orders: Fake 5"]


async def test_dead_and_stale_orders_are_no_news(kitchen: Kitchenette) -> None:
    await kitchen.sells("1", Kitchen.CANCELLED)
    await kitchen.sells("2", when=now() - 2 * announcer.STALE)
    assert not await kitchen.announcer.look()
    await kitchen.sells("3")
    await kitchen.announcer.look()
    assert kitchen.speaker.said == ["New order: Fake, number 3, 1 item"]


async def test_a_lost_announcement_is_told_with_the_next(kitchen: Kitchenette) -> None:
    kitchen.speaker.fails = [TemporaryError("busy")]
    await kitchen.sells("1")
    assert await kitchen.announcer.look()
    await kitchen.sells("2")
    await kitchen.announcer.look()
    assert kitchen.speaker.said == ["2 new orders: Fake number 1, Fake number 2"]
    assert await kitchen.state() == ("ok", "")


async def test_a_lost_announcement_is_told_as_things_stand_by_then(kitchen: Kitchenette) -> None:
    """Cancelled meanwhile, or from before a night in which the speaker was away: nobody starts to cook for it."""
    kitchen.speaker.fails = [TemporaryError("busy")]
    for number in ("1", "2", "3"):
        await kitchen.sells(number)
    await kitchen.announcer.look()
    await kitchen.sells("1", Kitchen.CANCELLED)
    await kitchen.sells("2", when=now() - 2 * announcer.STALE)
    await kitchen.announcer.look()
    assert kitchen.speaker.said == ["New order: Fake, number 3, 1 item"]


async def test_a_speaker_that_stays_silent_is_given_up_and_told(
    kitchen: Kitchenette, caplog: pytest.LogCaptureFixture
) -> None:
    kitchen.speaker.fails = [TemporaryError("busy")] * TRIES
    await kitchen.sells("1")
    for _ in range(TRIES + 2):
        await kitchen.announcer.look()
    assert kitchen.speaker.said == []
    assert await kitchen.state() == ("degraded", "New orders are not announced there: busy")
    await kitchen.sells("2")
    await kitchen.announcer.look()
    assert kitchen.speaker.said == ["New order: Fake, number 2, 1 item"]
    assert await kitchen.state() == ("ok", "")
    assert caplog.text.count("announcement_failed") == 1


@pytest.mark.parametrize("error", [AuthError("wrong key"), RejectedError("no template"), KeyError("bug")])
async def test_a_refusal_is_told_at_once_and_not_repeated(
    kitchen: Kitchenette, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    kitchen.speaker.fails = [error, error]
    await kitchen.sells("1")
    await kitchen.announcer.look()
    await kitchen.announcer.look()
    assert len(kitchen.speaker.fails) == 1
    state, text = await kitchen.state()
    assert state == "degraded"
    assert "not announced" in text
    await kitchen.sells("2")
    await kitchen.announcer.look()
    assert caplog.text.count("announcement_failed") == 1


async def test_it_runs_by_itself_and_outlives_a_store_that_fails(
    kitchen: Kitchenette, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(announcer, "FAULT_PAUSE", 0.0)
    honest, broken = announcer.take, [1]

    def take(*arguments: Any) -> Any:
        if broken:
            raise OSError(broken.pop())
        return honest(*arguments)

    monkeypatch.setattr(announcer, "take", take)
    running = asyncio.create_task(kitchen.announcer.run())
    await kitchen.sells("1")
    kitchen.bell.changed("orders", 1)
    await until(lambda: kitchen.speaker.said)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "announcer_failed" in caplog.text


async def test_the_screen_says_the_same_words(kitchen: Kitchenette) -> None:
    ids = [await kitchen.sells(number) for number in ("1", "2")]
    await kitchen.announcer.look()
    dead = await kitchen.sells("3", Kitchen.CANCELLED)
    assert kitchen.store.read(announcement_of, RULES, [*ids, dead, 999]) == kitchen.speaker.said[0]
    assert kitchen.store.read(announcement_of, RULES, [dead]) == ""
