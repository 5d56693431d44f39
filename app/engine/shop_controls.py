"""What the command line may ask of a running engine about the shop on its platforms: state, dishes, money back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.db import orders, outbox
from app.db.database import Database
from app.db.rows import pack
from app.domain.commands import Portions
from app.domain.money import Money
from app.domain.orders import OrderLine
from app.domain.shop import MenuItem, ShopState
from app.engine.asking import refusals
from app.engine.desk import RefusalError
from app.engine.refunds import RefundWish
from app.engine.storefronts import Storefronts
from app.platforms.abilities import Ability
from app.steady import now
from app.texts import tr

Command = Callable[[dict[str, Any]], Awaitable[Any]]

ANSWER_SECONDS = 20.0  # so long a refund's outcome is waited for; it goes on without anybody waiting
LOOK_AGAIN = 0.1


def shop_controls(storefronts: Storefronts, database: Database) -> Mapping[str, Command]:
    """Commands by name; each takes the command line's arguments as they are. No account named means all that can."""

    async def look(_: dict[str, Any]) -> list[Any]:
        await storefronts.look()
        return [pack(one) for one in storefronts.every()]

    async def set_shop(arguments: dict[str, Any]) -> dict[str, Any]:
        ids = _able(storefronts, arguments["accounts"], Ability.OPENS_SHOP)
        return _answer(ids, await storefronts.set_shop(ids, ShopState(arguments["state"]), _end(arguments["minutes"])))

    async def show_menu(arguments: dict[str, Any]) -> dict[str, Any]:
        menus, failed = await _menus(storefronts, _able(storefronts, arguments["accounts"], Ability.SELLS_ITEMS))
        return {"menus": {str(one): [pack(item) for item in items] for one, items in menus.items()}, **_texts(failed)}

    async def set_item(arguments: dict[str, Any]) -> dict[str, Any]:
        menus, failed = await _menus(storefronts, _able(storefronts, arguments["accounts"], Ability.SELLS_ITEMS))
        wanted = {one: found for one, items in menus.items() if (found := _named(items, arguments["name"]))}
        if not wanted and not failed:
            raise RefusalError(tr("No menu has a dish called {name}.", name=arguments["name"]))
        end = _end(arguments["minutes"])
        refused = await storefronts.set_available(wanted, arguments["available"], end)
        return _answer([*wanted, *failed], {**failed, **refused})

    async def refund(arguments: dict[str, Any]) -> dict[str, str]:
        wish = await database.write(_refund_wish, arguments)
        return await _outcome(database, wish.order_id, await storefronts.refund(wish))

    return {"shops-look": look, "shop-set": set_shop, "menu": show_menu, "menu-set": set_item, "refund": refund}


def _able(storefronts: Storefronts, named: list[int], ability: Ability) -> list[int]:
    """The accounts named, or all that can. RefusalError when there are none: a yes would say that something was done."""
    found = named or [one.account_id for one in storefronts.every() if ability in one.abilities]
    if not found:
        raise RefusalError(tr("No account that is open now can do that."))
    return found


def _end(minutes: int | None) -> datetime | None:
    try:
        return now() + timedelta(minutes=minutes) if minutes else None
    except OverflowError:
        raise RefusalError(tr("{n} minutes are too many.", n=minutes)) from None


async def _menus(storefronts: Storefronts, ids: list[int]) -> tuple[dict[int, list[MenuItem]], dict[int, str]]:
    """Menus, and why not, by account."""
    menus: dict[int, list[MenuItem]] = {}

    async def ask(account_id: int) -> None:
        menus[account_id] = await storefronts.items(account_id)

    failed = await refusals({one: ask(one) for one in ids})
    return menus, failed


def _named(items: list[MenuItem], name: str) -> list[str]:
    """The dishes with this name or id."""
    return [item.item_id for item in items if name.casefold() in (item.name.casefold(), item.item_id.casefold())]


def _answer(asked: list[int], failed: dict[int, str]) -> dict[str, Any]:
    return {"done": [one for one in asked if one not in failed], **_texts(failed)}


def _texts(failed: dict[int, str]) -> dict[str, dict[str, str]]:
    return {"refused": {str(one): text for one, text in failed.items()}}


def _refund_wish(connection: Any, arguments: dict[str, Any]) -> RefundWish:
    try:
        order = orders.get(connection, arguments["order"])
        amount = arguments["amount"]
        money = None if amount is None else _exact(amount, order.facts.currency)
    except LookupError:
        raise RefusalError(tr("There is no order {number}: see `order-console queue`.", number=arguments["order"])) from None
    except (ValueError, ArithmeticError):
        raise RefusalError(tr("{amount} is not an amount of money.", amount=arguments["amount"])) from None
    lines = tuple(_portions(order.facts.lines, name) for name in arguments["dishes"])
    return RefundWish(order.id, money, lines, arguments["reason"])


def _exact(amount: str, currency: str) -> Money:
    """As it was typed, to the last digit. ValueError or ArithmeticError for what would have to be rounded, too."""
    money = Money.parse(amount, currency)
    if money.major != Decimal(amount):
        raise ValueError(amount)
    return money


def _portions(lines: Iterable[OrderLine], text: str) -> Portions:
    """A dish by its name, or so many portions of it: "Rice=2", unless a dish is called that."""
    name, equals, count = text.rpartition("=")
    if not equals or not count.isdecimal() or any(line.name.casefold() == text.casefold() for line in lines):
        return Portions(_line(lines, text))
    return Portions(_line(lines, name), int(count))


def _line(lines: Iterable[OrderLine], name: str) -> str:
    """The key of the dish; a name that is none may be a key. RefusalError where several cost something else."""
    found = {line.key: line.total for line in lines if line.name.casefold() == name.casefold()}
    if len(set(found.values())) > 1:
        keys = ", ".join(f"{key} ({total})" for key, total in found.items())
        raise RefusalError(tr("Several dishes are called {name}: name one of {keys}.", name=name, keys=keys))
    return next(iter(found), name)


async def _outcome(database: Database, order_id: int, command_id: int) -> dict[str, str]:
    """What became of the refund, as far as it is known in time, with the amount that the platform stated."""
    for _ in range(int(ANSWER_SECONDS / LOOK_AGAIN)):
        (entry,) = [one for one in await database.write(outbox.of_order, order_id) if one.id == command_id]
        if entry.state not in outbox.UNSETTLED:
            break
        await asyncio.sleep(LOOK_AGAIN)
    given = entry.command.given
    return {"state": entry.state, "text": entry.text, "given": "" if given is None else str(given)}
