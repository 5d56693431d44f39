"""A relay is looked at before it is used, and a test push says where an order would be lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.db import audit, inbox
from app.db.database import Database
from app.db.inbox import NewMessage
from app.engine import reception
from app.engine.desk import RefusalError
from app.engine.reception import arrivals, check_relay, relay, try_push
from app.engine.views import HealthState
from app.relay.connection import Server
from app.relay.front import Front, PublicServer
from app.relay.publisher import Publisher
from app.steady import now
from tests.engine.shop import house
from tests.engine.test_relayed import TOKEN, Counter, running, until
from tests.relay.server import NatsServer, needs_server


@pytest.fixture
async def nats_server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path).start()
    yield server
    server.kill()


@pytest.fixture
def counter(store: Database) -> Counter:
    return Counter(store)


@asynccontextmanager
async def street(server: NatsServer, *, monitored: bool = True) -> AsyncIterator[str]:
    """A front on that server; its address."""
    who = Server(server.url, server.credentials("front"), "test", "_INBOX_front")
    publisher = Publisher(who, server.monitor if monitored else "", ("lee",))
    front: PublicServer = Front(publisher, house().platforms).server()
    address = await front.listen()
    try:
        async with running(publisher.run()):
            await until(lambda: publisher.ready)
            yield address
    finally:
        await front.close()


async def use(counter: Counter, server: NatsServer, public: str) -> None:
    told = {"relay_url": server.url, "relay_shop": "lee", "relay_credentials": str(server.credentials("lee"))}
    for name, value in {**told, "relay_public": public}.items():
        await counter.store.write(audit.set_preference, name, value)
    counter.bell.changed("problems")


async def found(server: NatsServer, user: str = "lee", public: str = "", shop: str = "lee") -> str:
    return (await check_relay(server.url, shop, str(server.credentials(user)), public)).finding


@needs_server
async def test_a_look_says_which_part_of_the_relay_is_not_right(
    nats_server: NatsServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("lee:wrong", "utf-8")
    assert await found(nats_server) == "no_stream", "no front was ever there"
    async with street(nats_server) as public:
        assert await found(nats_server, public=public) == "ok"
        assert await found(nats_server, user="wu") == "refused", "another shop's"
        assert await found(nats_server, public=f"{public}/elsewhere") == "no_front"
        told = await check_relay(nats_server.url, "lee", str(wrong), public)
        assert (told.finding, "authorization" in told.text.lower()) == ("refused", True)
        told = await check_relay(nats_server.url, "lee", str(tmp_path / "none.txt"), public)
        assert told.finding == "wrong"
    assert await found(nats_server, public=public) == "no_front", "it is closed"
    async with street(nats_server, monitored=False) as public:
        assert await found(nats_server, public=public) == "unproved"
    nats_server.kill()
    assert await found(nats_server) == "unreachable"


@pytest.mark.parametrize(
    ("url", "shop"), [("nats://relay.example:4222", "lee"), ("tls://relay.example", "Lee's"), ("", "lee")]
)
async def test_what_can_be_no_relay_is_refused_in_words(url: str, shop: str) -> None:
    with pytest.raises(RefusalError, match=r"tls://|shop's name"):
        await check_relay(url, shop, "", "")


@needs_server
async def test_a_test_push_goes_the_whole_way_round_and_leaves_nothing(counter: Counter, nats_server: NatsServer) -> None:
    async with street(nats_server) as public, running(counter.relayed.run()):
        await use(counter, nats_server, public)
        await until(lambda: counter.store.read(relay).state is HealthState.OK)
        assert await try_push(counter.store, counter.bell, counter.account) > 0
    assert counter.refused == counter.stored == []
    assert counter.taker is not None
    assert counter.taker.asked == [], "no platform's connector ever sees it"


@needs_server
async def test_a_test_push_says_where_it_was_lost(
    counter: Counter, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reception, "TRIAL_SECONDS", 0.05)

    async def lost() -> str:
        with pytest.raises(RefusalError) as refusal:
            await try_push(counter.store, counter.bell, counter.account)
        return str(refusal.value)

    assert "No relay" in await lost()
    async with street(nats_server) as public:
        await use(counter, nats_server, public)
        assert "not connected" in await lost(), "nobody fetches here"
        await use(counter, nats_server, f"{public}/elsewhere")
        assert "does not know this address" in await lost()
        nats_server.kill()
        await use(counter, nats_server, public)
        assert "cannot store" in await lost()
    assert "cannot be reached" in await lost()
    assert TOKEN not in caplog.text


async def test_arrivals_tell_the_last_taken_and_the_last_refused_push_apart(counter: Counter) -> None:
    assert counter.store.read(arrivals, counter.account).public == ""
    at = now()
    await counter.store.write(inbox.add, counter.account, [NewMessage("m1", "order", b"{}", 1)], "push", at)
    await counter.ingest.refuse(counter.account, "forged", b"{}")
    await counter.store.write(audit.set_preference, "relay_url", "tls://relay.example")
    await counter.store.write(audit.set_preference, "relay_shop", "lee")
    await counter.store.write(audit.set_preference, "relay_public", "https://relay.example/")
    told = counter.store.read(arrivals, counter.account)
    assert told.public == f"https://relay.example/hooks/lee/fake/{TOKEN}"
    assert told.pushed_at == at
    assert told.refused_at is not None
    assert told.polled_at is None
