"""Server, front and counter killed at random: nothing acknowledged to the platform is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from app.platforms.api import WebhookReply, WebhookRequest
from app.platforms.eleme import platform as eleme
from app.relay.connection import Server
from app.relay.envelope import message_id, pack
from app.relay.front import Front
from app.relay.publisher import NotStoredError, Publisher
from tests.relay.server import NatsServer, needs_server
from tests.relay.street import PretendPlatform, Process, Street, drained, judge

pytestmark = needs_server

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KILLS = 2  # of each
SENDERS = 3


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    opened = Street(tmp_path)
    opened.open()
    yield opened
    opened.close()


async def rush(platform: PretendPlatform, over: asyncio.Event, sender: int) -> None:
    """One sender's orders, until everything has been killed often enough."""
    number = sender
    while not over.is_set() and number < 2000:
        await platform.push(number)
        number += SENDERS
        await asyncio.sleep(0.02)


async def chaos(street: Street, chance: random.Random, kills: int) -> None:
    victims: list[NatsServer | Process] = [street.server, street.front, street.counter] * kills
    chance.shuffle(victims)
    for victim in victims:
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        victim.kill()
        await asyncio.sleep(chance.uniform(0.0, 0.3))
        await asyncio.to_thread(victim.start)


async def survive(street: Street, seed: int, kills: int) -> PretendPlatform:
    """A rush during which everything is killed; returns when everything is up again and the stream is empty."""
    platform = PretendPlatform(street.door, seed)
    for one in (street.server, street.front, street.counter):
        await asyncio.to_thread(one.start)
    over = asyncio.Event()
    senders = [asyncio.create_task(rush(platform, over, number)) for number in range(SENDERS)]
    try:
        await chaos(street, random.Random(seed), kills)
    finally:
        over.set()
        await asyncio.gather(*senders)
    await drained(street)
    return platform


async def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(street: Street) -> None:
    platform = await survive(street, seed=4, kills=KILLS)
    street.close()
    assert judge(platform, street) == (set(), [])
    assert len(platform.acknowledged) > 20
    assert platform.refusals > 0  # the kills were felt


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.timeout(400)
async def test_the_same_for_longer(street: Street, seed: int) -> None:
    platform = await survive(street, seed, kills=12)
    street.close()
    assert judge(platform, street) == (set(), [])


class HastyFront(Front):
    """Answers first and publishes afterwards, as a careless one would."""

    afterwards: list[asyncio.Task[None]]

    async def _stored(self, where: str, wanted: WebhookRequest, reply: WebhookReply) -> web.Response:
        self.afterwards.append(asyncio.create_task(self._publish(where, wanted)))
        return web.Response(status=reply.status, body=reply.body)

    async def _publish(self, where: str, wanted: WebhookRequest) -> None:
        try:
            await self._publisher.publish(where, pack(replace(wanted, received=NOON)), message_id(wanted))
        except NotStoredError:
            return


async def test_a_front_that_answers_too_early_is_caught(street: Street, caplog: pytest.LogCaptureFixture) -> None:
    """The judge's control: the same orders, the same kill, a front that breaks the promise."""
    street.server.start()
    publisher = Publisher(Server(street.server.url, street.server.credentials("front"), "hasty", "_INBOX_front"))
    publishing = asyncio.create_task(publisher.run())
    front = HastyFront(publisher, {"eleme": eleme})
    front.afterwards = []
    server = front.server()
    platform = PretendPlatform((await server.listen()) + street.door[street.door.index("/hooks") :], seed=1)
    await until_ready(publisher)
    await platform.push(0)
    await asyncio.gather(*front.afterwards)
    street.server.kill()
    await platform.push(1)
    await asyncio.gather(*front.afterwards)
    street.server.start()
    await until_ready(publisher)
    await asyncio.to_thread(street.counter.start)
    await drained(street)
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    await server.close()
    street.close()
    assert judge(platform, street) == ({"m1"}, [])


async def until_ready(publisher: Publisher) -> None:
    async with asyncio.timeout(60):
        while not publisher.ready:  # noqa: ASYNC110 - bounded, and nothing rings a bell here
            await asyncio.sleep(0.01)
