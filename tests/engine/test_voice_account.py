"""A voice's account in a running engine: never polled, answered at once, closed to a relay, silent once switched off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import DataFolder
from app.db.database import Database
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.api import Arrival, Page, Platform, ShopInfo, WebhookReply, WebhookRequest
from app.platforms.voice import Heard, HearsStaff, Intent, Said
from app.relay.front import Front
from tests.engine.shop import house, platform


class Mute:
    """A voice that must not be asked for orders."""

    def __init__(self, *_: Any) -> None:
        self.closed = False

    async def verify(self) -> ShopInfo:
        return ShopInfo("Wall", {"shop": "1"})

    async def fetch_orders(self, cursor: str) -> Page:
        raise AssertionError("a voice was polled")

    async def fetch_order(self, order_id: str) -> Any:
        raise AssertionError("a voice was asked for an order")

    def read(self, message: Any) -> Any:
        raise AssertionError("a voice has no messages")

    async def send(self, command: Any) -> Any:
        raise AssertionError("a voice takes no commands")

    async def aclose(self) -> None:
        self.closed = True

    def hear(self, request: WebhookRequest) -> Heard | WebhookReply:
        return Heard(request.body.decode(), "s", Intent.NEW_ORDERS, speaker="uo")

    def say(self, heard: Heard, said: Said) -> WebhookReply:
        return WebhookReply(200, said.text.encode(), "text/plain; charset=utf-8")


VOICE: Platform = platform(name="voice", title="Wall", mark="V", arrival=Arrival.NONE, connect=Mute)


@pytest.fixture
def engine(tmp_path: Path, vault: Vault) -> Iterator[Engine]:
    folder = DataFolder(tmp_path / "shop")
    store = Database.open(folder.create().database, vault.database_key)
    opened = Engine(folder, store, vault, house(platforms={"voice": VOICE}, poll_seconds=0.02))
    opened.start()
    yield opened
    opened.stop()


def ask(address: str, request_id: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.post(address, content=request_id.encode())


def test_it_answers_and_is_never_polled(engine: Engine) -> None:
    assert isinstance(Mute(), HearsStaff)
    account = engine.facade.add_account("voice", "Wall", {"shop": "1"}).result(60)
    address = engine.hook_url(account)
    for number in range(5):
        assert (ask(address, str(number)).status_code, ask(address, str(number)).text) == (200, "No new orders")
    (view,) = engine.facade.accounts()
    assert (view.state.value, view.text, view.counted, view.provable) == ("ok", "", None, None)
    assert view.last_contact is not None

    engine.facade.set_account(account, enabled=False).result(60)
    assert ask(address, "later").status_code == 503
    engine.facade.set_account(account, enabled=True).result(60)
    assert ask(address, "again").status_code == 200


def test_a_relay_finds_no_voice(engine: Engine) -> None:
    account = engine.facade.add_account("voice", "Wall", {"shop": "1"}).result(60)
    token = engine.hook_url(account).rpartition("/")[2]
    assert engine._find_hook("voice", token) is not None
    assert engine._find_taker("voice", token) is None
    front = Front(object(), {"voice": VOICE, "fake": platform()})  # type: ignore[arg-type]  # nothing is published
    assert front._door(f"/hooks/lee/voice/{token}") is None
    assert front._door(f"/hooks/lee/fake/{token}") is not None
