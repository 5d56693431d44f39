"""What the command line may ask of a running engine about the shop on its platforms: state, dishes, money back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.db import orders, outbox
from app.db.database import Database
from app.db.rows import pack
from app.domain.commands import CommandKind
from app.domain.money import Money
from app.domain.shop import MenuItem, ShopState
from app.engine.asking import refusals
from app.engine.desk import RefusalError
from app.engine.house import now
from app.engine.refunds import RefundWish
from app.engine.storefronts import Storefronts
from app.platforms.abilities import Ability
from app.texts import tr

Command = Callable[[dict[str, Any]], Awaitable[Any]]

ANSWER_SECONDS = 20.0  # so long a refund's outcome is waited for; it goes on without anybody waiting
LOOK_AGAIN = 0.1


def shop_controls(storefronts: Storefronts, database: Database) -> Mapping[str, Command]:
    """Commands by name; each takes the command line's arguments as they are. No account named means all that can."""

    def able(named: list[int], ability: Ability) -> list[int]:
        every = [one.account_id for one in storefronts.every() if ability in one.abilities]
        return named or every

    async def look(_: dict[str, Any]) -> list[Any]:
        await storefronts.look()
        return [pack(one) for one in storefronts.every()]

    async def set_shop(arguments: dict[str, Any]) -> dict[str, Any]:
        ids = able(arguments["accounts"], Ability.OPENS_SHOP)
        return _answer(ids, await storefronts.set_shop(ids, ShopState(arguments["state"]), _end(arguments["minutes"])))

    async def show_menu(arguments: dict[str, Any]) -> dict[str, Any]:
        menus, failed = await _menus(storefronts, able(arguments["accounts"], Ability.SELLS_ITEMS))
        return {"menus": {str(one): [pack(item) for item in items] for one, items in menus.items()}, **_texts(failed)}

    async def set_item(arguments: dict[str, Any]) -> dict[str, Any]:
        menus, failed = await _menus(storefronts, able(arguments["accounts"], Ability.SELLS_ITEMS))
        wanted = {one: found for one, items in menus.items() if (found := _named(items, arguments["name"]))}
        if not wanted and not failed:
            raise RefusalError(tr("No menu has a dish called {name}.", name=arguments["name"]))
        end = _end(arguments["minutes"])
        refused = await storefronts.set_available(wanted, arguments["available"], end)
        return _answer([*wanted, *failed], {**failed, **refused})

    async def refund(arguments: dict[str, Any]) -> dict[str, str]:
        wish = await database.write(_refund_wish, arguments)
        await storefronts.refund(wish)
        return await _outcome(database, wish.order_id)

    return {"shops-look": look, "shop-set": set_shop, "menu": show_menu, "menu-set": set_item, "refund": refund}


def _end(minutes: int | None) -> datetime | None:
    return now() + timedelta(minutes=minutes) if minutes else None


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
        money = None if amount is None else Money.parse(amount, order.facts.currency)
    except LookupError:
        raise RefusalError(tr("There is no order {number}: see `order-console queue`.", number=arguments["order"])) from None
    except ValueError:
        raise RefusalError(tr("{amount} is not an amount of money.", amount=arguments["amount"])) from None
    named = {line.name.casefold(): line.key for line in order.facts.lines}
    lines = tuple(named.get(name.casefold(), name) for name in arguments["dishes"])
    return RefundWish(order.id, money, lines, arguments["reason"])


async def _outcome(database: Database, order_id: int) -> dict[str, str]:
    """What became of the newest refund, as far as it is known in time."""
    for _ in range(int(ANSWER_SECONDS / LOOK_AGAIN)):
        entries = await database.write(outbox.of_order, order_id)
        newest = [one for one in entries if one.command.kind is CommandKind.REFUND][-1]
        if newest.state not in outbox.UNSETTLED:
            break
        await asyncio.sleep(LOOK_AGAIN)
    return {"state": newest.state, "text": newest.text}
