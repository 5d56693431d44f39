"""The engine as the screens and the command line see it: reads answer at once, requests answer by a future.

Reads may be called from any thread and take a short read-only transaction. Requests hand work to the I/O loop; their
futures fail with `RefusalError` (a sentence for staff) or a `PlatformError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import date

from app.domain.commands import CommandKind, RejectReason
from app.engine.views import (
    AccountView,
    Card,
    Change,
    DaySales,
    HourSales,
    OrderDetail,
    Overview,
    PrinterView,
    TicketView,
)
from app.platforms.api import Platform, ShopInfo


class RefusalError(Exception):
    """The console will not do it, and says why in words for staff."""


class Facade:
    """See the module docstring. One per engine."""

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` (on the I/O thread) after every committed change."""
        raise NotImplementedError

    # reads

    def cards(self, ids: frozenset[int] | None = None) -> list[Card]:
        """Cards of all orders on the queue, or of those among `ids` that still belong there."""
        raise NotImplementedError

    def order(self, order_id: int) -> OrderDetail:
        """One order with timeline, commands and tickets."""
        raise NotImplementedError

    def search(self, text: str, limit: int = 50) -> list[Card]:
        """Orders, closed ones too, by number, reference, dish or customer name; newest first."""
        raise NotImplementedError

    def overview(self) -> Overview:
        """Health of accounts and printers, and the day's counts."""
        raise NotImplementedError

    def tickets(self, limit: int = 200) -> list[TicketView]:
        """The print ledger, newest first."""
        raise NotImplementedError

    def platforms(self) -> list[Platform]:
        """Every platform that an account can be added for."""
        raise NotImplementedError

    def business_day(self) -> date:
        """Today, as the shop counts it."""
        raise NotImplementedError

    def sales_by_hour(self, day: date) -> list[HourSales]:
        """Sales of one business day by local hour, one row per hour and currency that had any."""
        raise NotImplementedError

    def sales_by_day(self, days: int = 30) -> list[DaySales]:
        """The last `days` business days by platform, refunds on their own day, oldest first."""
        raise NotImplementedError

    # requests about orders

    def request(
        self, order_id: int, kind: CommandKind, reason: RejectReason | None = None, text: str = "", urge_key: str = ""
    ) -> Future[None]:
        """Put a command in the outbox (or keep it here, where the platform has no word for it)."""
        raise NotImplementedError

    def acknowledge(self, order_ids: frozenset[int]) -> Future[None]:
        """Stop the bell for these orders, and let cancelled ones leave the queue."""
        raise NotImplementedError

    def reprint(self, ticket_id: int) -> Future[None]:
        """Print a ticket again, marked as a reprint."""
        raise NotImplementedError

    def came_out(self, ticket_id: int) -> Future[None]:
        """A person says that an unknown ticket did come out."""
        raise NotImplementedError

    # settings

    def accounts(self) -> list[AccountView]:
        """Every account."""
        raise NotImplementedError

    def printers(self) -> list[PrinterView]:
        """Every printer."""
        raise NotImplementedError

    def sign_in_page(self, platform: str, values: Mapping[str, str], address: str = "") -> str:
        """Address to open in a browser, for a platform that needs a pasted code; "" when it does not."""
        raise NotImplementedError

    def test_account(self, platform: str, values: Mapping[str, str], address: str = "") -> Future[ShopInfo]:
        """Sign in with these values without saving; the answer's `values` are what `add_account` should be given."""
        raise NotImplementedError

    def add_account(
        self, platform: str, name: str, values: Mapping[str, str], address: str = "", auto_accept: bool = False
    ) -> Future[int]:
        """Save an account and start it; answers its id."""
        raise NotImplementedError

    def set_account(self, account_id: int, enabled: bool | None = None, auto_accept: bool | None = None) -> Future[None]:
        """Switch an account on or off, or its auto-accept."""
        raise NotImplementedError

    def add_printer(self, name: str, host: str, port: int, station: str, width: int) -> Future[int]:
        """Save a LAN printer; answers its id."""
        raise NotImplementedError

    def set_printer(self, printer_id: int, enabled: bool) -> Future[None]:
        """Switch a printer on or off; its waiting tickets wait."""
        raise NotImplementedError

    def test_printer(self, host: str, port: int, width: int) -> Future[str]:
        """Print a test ticket; answers in words what the printer said."""
        raise NotImplementedError

    def preference(self, name: str, default: str) -> str:
        """A stored preference such as "language" or "theme"."""
        raise NotImplementedError

    def set_preference(self, name: str, value: str) -> Future[None]:
        """Store a preference."""
        raise NotImplementedError
