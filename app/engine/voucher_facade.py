"""The part of the facade about vouchers, and what the command line may ask of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from app.db.rows import pack
from app.engine.shop_views import Redemption, VoucherFound
from app.engine.vouchers import Vouchers

T = TypeVar("T")
Command = Callable[[dict[str, Any]], Awaitable[Any]]

COMMAND_LINE = "command line"  # who did it, in the history


class VoucherFacade:
    """See `facade`: `today` answers at once, from any thread; futures fail with `RefusalError` or a `PlatformError`.

    "vouchers" changes carry the ids of redemptions.
    """

    def __init__(self, vouchers: Vouchers, loop: asyncio.AbstractEventLoop) -> None:
        self._vouchers = vouchers
        self._loop = loop

    def today(self) -> list[Redemption]:
        """What was asked for this business day, and whatever is unanswered; newest first."""
        return self._vouchers.today()

    def look_up(self, code: str, account_ids: Collection[int] = ()) -> Future[VoucherFound]:
        """What is behind a code, on whichever account (of all that can, if none is named) knows it."""
        return self._run(self._vouchers.look_up(code, account_ids))

    def redeem(self, found: VoucherFound, uses: int = 1) -> Future[Redemption]:
        """Redeem it; the answer's state says what became of it: ASKED means that nobody answered yet."""
        return self._run(self._vouchers.redeem(found, uses))

    def take_back(self, redemption_id: int) -> Future[Redemption]:
        """Undo a redemption; the answer's state says what became of it."""
        return self._run(self._vouchers.take_back(redemption_id))

    def ask_again(self, redemption_id: int) -> Future[Redemption]:
        """Ask once more for what nobody answered; never redeems it a second time."""
        return self._run(self._vouchers.ask_again(redemption_id))

    def _run(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


def voucher_controls(vouchers: Vouchers) -> Mapping[str, Command]:
    """Commands by name; each takes the command line's arguments as they are."""

    async def look(arguments: dict[str, Any]) -> Any:
        return pack(await vouchers.look_up(arguments["code"], arguments["accounts"]))

    async def redeem(arguments: dict[str, Any]) -> Any:
        found = await vouchers.look_up(arguments["code"], arguments["accounts"])
        return pack(await vouchers.redeem(found, arguments["uses"], COMMAND_LINE))

    async def take_back(arguments: dict[str, Any]) -> Any:
        return pack(await vouchers.take_back(arguments["redemption"], COMMAND_LINE))

    async def ask_again(arguments: dict[str, Any]) -> Any:
        return pack(await vouchers.ask_again(arguments["redemption"]))

    async def today(_: dict[str, Any]) -> Any:
        return [pack(one) for one in vouchers.today()]

    return {
        "voucher-look": look,
        "voucher-redeem": redeem,
        "voucher-take-back": take_back,
        "voucher-ask": ask_again,
        "voucher-list": today,
    }
