"""A counter whose accounts are signed in at pretend platforms over HTTP, on a real encrypted store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from app.db import accounts
from app.db.accounts import Account
from app.db.database import Database
from app.engine import overview
from app.engine.apply import apply
from app.engine.bell import Bell
from app.engine.house import House
from app.engine.inquiries import Inquiries
from app.engine.outbox import Outbox
from app.engine.secrets import Vault
from app.engine.storefronts import Storefronts
from app.engine.views import Overview
from app.platforms.api import Connector, Settings
from app.platforms.deliveroo.simulator import DeliverooSimulator
from app.platforms.http import new_client
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.meituan.simulator import MeituanSimulator
from app.platforms.registry import platforms
from app.platforms.simulation import Simulator
from app.platforms.uber_eats.simulator import UberEatsSimulator
from app.steady import now
from tests.engine.shop import house, open_account


@dataclass
class Counter:
    """One store, and what is open on it. `signed_in` may be tampered with, as switching an account off would."""

    store: Database
    client: httpx.AsyncClient
    house: House = field(default_factory=lambda: house(platforms=platforms()))
    bell: Bell = field(default_factory=Bell)
    signed_in: dict[int, Connector] = field(default_factory=dict)
    simulators: list[Simulator] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.fronts = Storefronts(self.store, self.house, self.bell, self.signed_in.get)
        self.inquiries = Inquiries(self.store, self.bell, self.signed_in.get, self.house.calendar.zone)

    async def opens(self, simulator: Simulator, **changed: str) -> int:
        """Start a platform and sign in there; answers the account's id."""
        await simulator.start()
        self.simulators.append(simulator)
        account = self.store.write_now(
            open_account, platform=simulator.name, name=f"{simulator.name} shop", hook_token=f"{len(self.simulators)}"
        )
        values = {**simulator.credentials, **changed}
        settings = Settings(account.id, values, _forget, simulator.address)
        self.signed_in[account.id] = self.house.platforms[simulator.name].connect(settings, self.client)
        return account.id

    def account(self, account_id: int) -> Account:
        found: Account = self.store.read(accounts.get, account_id)
        return found

    async def reads(self, account_id: int, order_id: str) -> int:
        """The engine's way of an order into the store; answers its id there."""
        connector = self.signed_in[account_id]
        for update in connector.read(await connector.fetch_order(order_id)):
            number: int = self.store.write_now(apply, self.house, self.account(account_id), update, now())
        return number

    def pumps(self, refetch: Callable[[int, str], None] = lambda _, __: None) -> None:
        """Commands leave from now on."""
        self.runs(Outbox(self.store, self.house, self.bell, self.signed_in.get, refetch))

    def runs(self, loop: Storefronts | Outbox) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(loop.run())
        self.tasks.append(task)
        return task

    def overview(self) -> Overview:
        shown: Overview = self.store.read(overview.overview, self.house, now())
        return self.fronts.proved(shown)

    def notices(self) -> list[str]:
        return [one.text for one in self.overview().shops]


async def _forget(_: Mapping[str, str]) -> None:
    """Saves nothing."""


@pytest.fixture
async def counter(store: Database) -> AsyncIterator[Counter]:
    async with new_client() as client:
        opened = Counter(store, client)
        yield opened
        for task in opened.tasks:
            task.cancel()
        await asyncio.gather(*opened.tasks, return_exceptions=True)
        for simulator in opened.simulators:
            await simulator.stop()


@pytest.fixture
def deliveroo() -> DeliverooSimulator:
    return DeliverooSimulator(seed=3, speed=60.0)


@pytest.fixture
def uber() -> UberEatsSimulator:
    return UberEatsSimulator(seed=3, speed=60.0)


@pytest.fixture
def meituan() -> MeituanSimulator:
    return MeituanSimulator(3, speed=60.0)


@pytest.fixture
def koubei() -> KoubeiSimulator:
    return KoubeiSimulator(seed=3, speed=60.0)


@pytest.fixture
def reopened(tmp_path: Path, vault: Vault, store: Database) -> Callable[[], Database]:
    """Close the store, as the end of the program does, and open it again."""

    def again() -> Database:
        store.close()
        return Database.open(tmp_path / "orders.db", vault.database_key)

    return again
