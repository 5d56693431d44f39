"""Staff talk to a speaker: over real HTTP into a real engine, and what they confirm really happens at the platforms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import texts
from app.config import DataFolder
from app.db.database import Database
from app.domain.business_day import BusinessCalendar
from app.domain.lifecycle import Kitchen
from app.engine.house import House
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import HealthState, Lane
from app.platforms.deliveroo import platform as deliveroo
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.hubrise import platform as hubrise
from app.platforms.hubrise.simulator import HubRiseSimulator
from app.platforms.simulation import ImpossibleError, PretendLine, PretendOrder, Simulator
from app.platforms.tmall_genie import platform as tmall_genie
from app.platforms.tmall_genie.simulator import TmallGenieSimulator

BOUND = 60.0  # seconds; only a failing test waits for it
PLATFORMS = {one.name: one for one in (deliveroo, hubrise, tmall_genie)}
DINNER = PretendOrder(
    (PretendLine("Spring rolls", 500, 2), PretendLine("Rice", 200)),
    note="call Ada Byron 07700900123",
    customer="Ada Byron",
    phone="07700900123",
    address="5 Hostile Lane",
)


async def until(condition: Callable[[], Any]) -> Any:
    """What `condition` answers once it is true."""
    async with asyncio.timeout(BOUND):
        while not (found := condition()):  # noqa: ASYNC110 - what is awaited is a row, or another side's record
            await asyncio.sleep(0.02)
    return found


@dataclass
class Shop:
    """An engine, the platforms it is signed in to, and a speaker on the wall."""

    folder: DataFolder
    vault: Vault
    engine: Engine
    genie: TmallGenieSimulator
    hubrise: HubRiseSimulator
    deliveroo: DeliverooSimulator
    voice: int = 0

    async def sign_in(self, simulator: Simulator) -> int:
        """Test and save an account, as the settings page does."""
        facade, values = self.engine.facade, simulator.credentials
        found = await asyncio.wrap_future(facade.test_account(simulator.name, values, simulator.address))
        return await asyncio.wrap_future(facade.add_account(simulator.name, "", found.values, simulator.address))

    async def order(self, wish: PretendOrder = DINNER) -> str:
        """A customer orders at HubRise; answers the platform's id once the console has it."""
        known = len(self.engine.facade.cards())
        order_id = self.hubrise.place(wish)
        await until(lambda: len(self.engine.facade.cards()) > known)
        return order_id

    def kitchen(self, order_id: str) -> str:
        """How the order stands at HubRise."""
        return next(one.kitchen for one in self.hubrise.truth() if one.order_id == order_id)

    async def restart(self) -> None:
        """Stop the engine and start another one on the same folder."""
        await asyncio.to_thread(self.engine.stop)
        self.engine = opened(self.folder, self.vault)
        await asyncio.to_thread(self.engine.start)
        self.genie.push_to = self.engine.hook_url(self.voice)


def opened(folder: DataFolder, vault: Vault) -> Engine:
    house = House(BusinessCalendar.of("Asia/Shanghai"), PLATFORMS, poll_seconds=0.1)
    return Engine(folder, Database.open(folder.create().database, vault.database_key), vault, house)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Everything listens; the speaker may ask, and announces."""
    texts.use("en")
    folder, vault = DataFolder(tmp_path / "shop"), Vault(b"m" * 32, "a test")
    made = Shop(
        folder, vault, opened(folder, vault), TmallGenieSimulator(1), HubRiseSimulator(2), DeliverooSimulator(3, speed=60.0)
    )
    simulators: tuple[Simulator, ...] = (made.genie, made.hubrise, made.deliveroo)
    for one in simulators:
        await one.start()
    await asyncio.to_thread(made.engine.start)
    made.voice = await made.sign_in(made.genie)
    made.genie.push_to = made.engine.hook_url(made.voice)
    yield made
    await asyncio.to_thread(made.engine.stop)
    for one in simulators:
        await one.stop()


@pytest.mark.parametrize("protocol", ["2.0", "1.0"])
async def test_an_order_is_accepted_by_voice(shop: Shop, protocol: str) -> None:
    await shop.sign_in(shop.hubrise)
    order_id = await shop.order()
    assert "1 new order" in (await shop.genie.ask("how many new orders", protocol)).text

    read = (await shop.genie.ask("next order", protocol)).text
    assert "3 items" in read
    assert "Spring rolls times 2, Rice times 1" in read
    question = await shop.genie.ask("accept", protocol)
    assert question.asks == "confirm"
    assert shop.kitchen(order_id) == Kitchen.NEW.value

    asked = (await shop.genie.ask("yes", protocol)).text
    assert "not confirmed yet" in asked
    await until(lambda: shop.kitchen(order_id) == Kitchen.ACCEPTED.value)
    await until(lambda: shop.engine.facade.cards()[0].lane is Lane.COOKING)
    assert (await shop.genie.ask("how many new orders", protocol)).text == "No new orders. 1 order is being cooked"

    number = shop.engine.facade.order(shop.engine.facade.cards()[0].id).facts.number
    assert "to note it as ready" in (await shop.genie.ask(f"number {number} is ready", protocol)).text
    await until(lambda: shop.engine.facade.cards()[0].lane is Lane.READY)


async def test_the_speaker_tells_of_new_orders_once_and_of_nobody(shop: Shop) -> None:
    await until(lambda: shop.engine.facade.preference(f"announced_{shop.voice}", "") != "")
    await shop.sign_in(shop.hubrise)
    await shop.order()
    (words,) = await until(lambda: shop.genie.sink.announced)
    assert "3 items" in words
    read, asked = (await shop.genie.ask("next order")).text, (await shop.genie.ask("accept")).text
    everything = f"{words} {read} {asked}"
    assert not [one for one in ("Ada", "Byron", "0770", "Hostile") if one in everything]

    await shop.restart()
    await shop.order()
    await until(lambda: len(shop.genie.sink.announced) == 2)
    assert "New order" in shop.genie.sink.announced[1]
    assert shop.engine.facade.accounts()[0].state is HealthState.OK


async def test_a_repeated_request_does_nothing_twice_even_after_a_restart(shop: Shop) -> None:
    await shop.sign_in(shop.hubrise)
    first = await shop.order()
    await shop.genie.ask("accept")
    talk = shop.genie.talks["2.0"]
    envelope = talk.envelope("yes", "req-yes")
    answers = [await shop.genie.post(envelope) for _ in range(2)]
    await until(lambda: shop.kitchen(first) == Kitchen.ACCEPTED.value)
    await shop.restart()
    answers.append(await shop.genie.post(envelope))
    assert len({one.content for one in answers}) == 1
    assert next(one.commands for one in shop.hubrise.truth() if one.order_id == first).count("accepted") == 1


async def test_who_is_not_meant_is_turned_away(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ImpossibleError, match="401"):
        await shop.genie.ask("how many new orders", skill_id=7)
    shop.genie.talks["2.0"].begin()
    spoken = await shop.genie.ask("how many new orders", user="uo-foreign")
    assert (spoken.ended, "not registered" in spoken.text) == (True, True)
    (message,) = await until(shop.engine.facade.messages)
    assert message.order == "uo-foreign"
    assert await shop.genie.check_domain() == shop.genie.credentials["check_text"]
    address, _, token = shop.genie.push_to.rpartition("/")
    async with httpx.AsyncClient(trust_env=False) as stranger:
        assert (await stranger.post(f"{address}/{token[:-1]}", content=b"{}")).status_code == 404
        assert (await stranger.post(f"{address}/{token}", content=b"{}")).status_code == 400
        assert (await stranger.get(f"{address}/{token}/aligenie/none.txt")).status_code == 404
    assert caplog.text.count("webhook_refused") == 2
    assert "uo-" not in caplog.text


async def test_a_dish_is_sold_out_and_the_shop_paused_by_voice(shop: Shop) -> None:
    await shop.sign_in(shop.deliveroo)
    dish = next(iter(shop.deliveroo.site.menu.values()))
    question = await shop.genie.ask(f"{dish} sold out")
    assert question.asks == "confirm"
    assert dish in question.text
    assert shop.deliveroo.site.off == {}
    assert "confirmed" in (await shop.genie.ask("yes")).text
    assert len(shop.deliveroo.site.off) == 1

    assert (await shop.genie.ask("pause the shop")).asks == "confirm"
    assert (await shop.genie.ask("no")).text == "All right, nothing was done"
    assert shop.deliveroo.site.status == "OPEN"
    await shop.genie.ask("pause the shop")
    assert "the shop is paused" in (await shop.genie.ask("yes")).text
    assert shop.deliveroo.site.status == "CLOSED"


async def test_a_speaker_that_cannot_be_reached_is_told_on_the_screen_and_holds_up_nothing(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    await until(lambda: shop.engine.facade.preference(f"announced_{shop.voice}", "") != "")
    await shop.sign_in(shop.hubrise)
    values = {**shop.genie.credentials, "template_id": "tpl99"}
    await asyncio.wrap_future(shop.engine.facade.change_account(shop.voice, "", values, shop.genie.address))
    order_id = await shop.order()
    (voice,) = await until(lambda: [one for one in shop.engine.facade.accounts() if one.id == shop.voice and one.text])
    assert (voice.state, "not announced" in voice.text) == (HealthState.DEGRADED, True)
    assert "announcement_failed" in caplog.text
    await shop.genie.ask("accept")
    await shop.genie.ask("yes")
    await until(lambda: shop.kitchen(order_id) == Kitchen.ACCEPTED.value)
