"""What the command line may ask of a running engine through its control door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.engine.facade import Facade
from app.engine.setup import Setup

Command = Callable[[dict[str, Any]], Awaitable[Any]]


def controls(facade: Facade, setup: Setup) -> Mapping[str, Command]:
    """Commands by name; each takes the arguments of the command line as they are."""

    async def add_account(arguments: dict[str, Any]) -> int:
        platform, address = arguments["platform"], arguments.get("address", "")
        info = await setup.test_account(platform, arguments["values"], address)
        name = arguments.get("name") or info.title
        return await setup.add_account(platform, name, info.values, address, bool(arguments.get("auto_accept")))

    async def add_printer(arguments: dict[str, Any]) -> int:
        return await setup.add_printer(
            arguments["name"], arguments["host"], arguments["port"], arguments["station"], arguments["width"]
        )

    async def show(_: dict[str, Any]) -> bool:
        facade.raise_window()
        return True

    return {"account-add": add_account, "printer-add": add_printer, "show": show}
