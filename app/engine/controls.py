"""What the command line may ask of a running engine through its control door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.engine.printer_setup import PrinterSetup
from app.engine.setup import Setup
from app.engine.views import PrinterForm

Command = Callable[[dict[str, Any]], Awaitable[Any]]


def controls(setup: Setup, printers: PrinterSetup, show: Callable[[], None]) -> Mapping[str, Command]:
    """Commands by name; each takes the arguments of the command line as they are. `show` brings the window up."""

    async def raise_window(_: dict[str, Any]) -> bool:
        show()
        return True

    return {**_of_accounts(setup), **_of_printers(printers), "show": raise_window}


def _of_accounts(setup: Setup) -> Mapping[str, Command]:
    async def add(arguments: dict[str, Any]) -> int:
        platform, address = arguments["platform"], arguments["address"]
        info = await setup.test_account(platform, arguments["values"], address)
        name = arguments["name"] or info.title
        return await setup.add_account(platform, name, info.values, address, arguments["auto_accept"])

    async def change(arguments: dict[str, Any]) -> int:
        account = await setup.account(arguments["account"])
        address = account.address if arguments["address"] is None else arguments["address"]
        values = arguments["values"]
        if values or address != account.address:
            values = (await setup.test_account(account.platform, values, address, account.id)).values
            await setup.change_account(account.id, arguments["name"], values, address)
        elif arguments["name"]:
            await setup.change_account(account.id, arguments["name"], {}, address)
        await setup.set_account(account.id, arguments["enabled"], arguments["auto_accept"])
        return account.id

    return {"account-add": add, "account-change": change, "relay-set": lambda arguments: setup.set_relay(**arguments)}


def _of_printers(printers: PrinterSetup) -> Mapping[str, Command]:
    async def add(arguments: dict[str, Any]) -> int:
        form = PrinterForm(
            arguments["name"], arguments["kind"], arguments["settings"], arguments["dialect"], arguments["paper"]
        )
        return await printers.save(form, {}, None, arguments["station"])

    async def change(arguments: dict[str, Any]) -> int:
        printer_id: int = arguments.pop("printer")
        await printers.amend(printer_id, **arguments)
        return printer_id

    return {"printer-add": add, "printer-change": change}
