"""A running engine signed in at one pretend platform, and the command line beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from app import texts
from app.__main__ import main
from app.bootstrap import open_engine
from app.config import DataFolder
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.platforms.simulation import Simulator

Pretend = TypeVar("Pretend", bound=Simulator)


@dataclass
class Till(Generic[Pretend]):
    """`shop`: what names the shop to a command."""

    engine: Engine
    platform: Pretend
    account: int
    shop: Sequence[str]

    async def run(self, *arguments: str) -> int:
        """The exit status; a thread, because the platform answers on this one."""
        return await asyncio.to_thread(main, ["--language", "en", *arguments, *self.shop])


@asynccontextmanager
async def open_till(platform: Pretend, where: Path) -> AsyncIterator[Till[Pretend]]:
    """Start both; both are stopped afterwards, and the language is put back."""
    before = texts.language()
    await platform.start()
    folder, key = DataFolder(where / "shop"), where / "key"
    engine = open_engine(folder, Vault.open(folder.create(), key))
    await asyncio.to_thread(engine.start)
    adding = engine.facade.add_account(platform.name, "Corner", platform.credentials, platform.address)
    account = await asyncio.wrap_future(adding)
    yield Till(engine, platform, account, ["--data", str(folder.root), "--key-file", str(key)])
    await asyncio.to_thread(engine.stop)
    await platform.stop()
    texts.use(before)
