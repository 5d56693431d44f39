"""What is owed to Just Eat for each order that it was told to wait for: word, within five minutes, that the order is here.

Kept in memory. A crash between the order's row and the word costs the word: Just Eat's device then asks for the order too,
which is a nuisance and no loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from app.platforms.api import Message, RejectedError
from app.platforms.just_eat.client import Client

MOST = 500


@dataclass(frozen=True, slots=True)
class Receipt:
    """`callback` is where the older API wants to hear; `failure` why the order cannot be used, "" for one that can."""

    message: Message
    transmission: str = ""
    callback: str = ""
    failure: str = ""


class Receipts:
    """Owed words, oldest first. `stamp` is this moment in ISO 8601."""

    def __init__(self, client: Client, stamp: Callable[[], str]) -> None:
        self._client = client
        self._stamp = stamp
        self._owed: dict[str, Receipt] = {}

    def owe(self, receipt: Receipt) -> None:
        """Give word once this message is stored."""
        self._owed[receipt.message.key] = receipt
        while len(self._owed) > MOST:
            del self._owed[next(iter(self._owed))]

    def waiting(self) -> tuple[Message, ...]:
        """The messages whose senders wait."""
        return tuple(receipt.message for receipt in self._owed.values())

    async def settle(self, messages: tuple[Message, ...]) -> None:
        """Give word of stored messages, of each: one whose caller is away must not cost the others their five minutes.

        What fails for now stays owed, and the first failure is raised; a refusal means that it is too late or known.
        """
        owed = [self._owed[message.key] for message in messages if message.key in self._owed]
        for failure in await asyncio.gather(*map(self._settle, owed), return_exceptions=True):
            if isinstance(failure, BaseException):
                raise failure

    async def _settle(self, receipt: Receipt) -> None:
        with suppress(RejectedError):
            await self._tell(receipt)
        self._owed.pop(receipt.message.key, None)

    async def _tell(self, receipt: Receipt) -> None:
        order_id = receipt.message.order_id
        if receipt.callback:
            await self._client.call_back(receipt.callback, receipt.failure)
        elif receipt.failure:
            await self._client.report_failure(order_id, self._stamp(), receipt.transmission, receipt.failure)
        else:
            await self._client.report_success(order_id, self._stamp(), receipt.transmission)
