"""The engine as the screens and the command line see it: reads answer at once, requests answer by a future.

Reads may be called from any thread and take a short read-only transaction. Requests hand work to the I/O loop; their
futures fail with `RefusalError` (a sentence for staff) or a `PlatformError`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import date, time
from typing import Any, TypeVar

from app.db import audit, print_jobs
from app.db import stations as station_rows
from app.db.database import Database
from app.domain.commands import CommandKind, RejectReason
from app.domain.orders import OrderFacts
from app.domain.routing import Route, Routing, Station
from app.engine import bags, desk, overview, proof, reception, stations, totals
from app.engine import cards as card_rows
from app.engine.announcer import announcement_of
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.inquiries import Inquiries
from app.engine.printer_setup import PrinterSetup, methods_of
from app.engine.refunds import dishes_left, refundable
from app.engine.setup import Setup
from app.engine.shop_facade import ShopFacade
from app.engine.storefronts import Storefronts
from app.engine.views import (
    AccountView,
    Arrivals,
    Card,
    Change,
    DayProof,
    LedgerFilter,
    Menu,
    MessageView,
    OrderDetail,
    Overview,
    PrinterForm,
    PrinterTest,
    PrinterView,
    RelayCheck,
    StationUse,
    Step,
    TicketView,
)
from app.engine.voucher_facade import VoucherFacade
from app.engine.vouchers import Vouchers
from app.platforms.abilities import Ability
from app.platforms.api import Platform, ShopInfo
from app.printing.discovery import Found, find
from app.printing.kinds import KINDS, PrinterKind
from app.reports import sales
from app.reports.sales import DaySales, HourSales
from app.steady import now

__all__ = ["Facade", "RefusalError"]

T = TypeVar("T")


class Facade(ShopFacade):
    """See the module docstring. One per engine."""

    def __init__(
        self,
        database: Database,
        house: House,
        bell: Bell,
        setup: Setup,
        printers: PrinterSetup,
        storefronts: Storefronts,
        inquiries: Inquiries,
        vouchers: Vouchers,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(database, storefronts, inquiries, loop)
        self.vouchers = VoucherFacade(vouchers, loop)
        self._house = house
        self._bell = bell
        self._setup = setup
        self._printers = printers

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` (on the I/O thread) after every committed change."""
        self._bell.subscribe(listener)

    # reads

    def cards(self, ids: frozenset[int] | None = None) -> list[Card]:
        """Cards of all orders on the queue, or of those among `ids` that still belong there."""
        return self._database.read(card_rows.cards, self._house, now(), ids)

    def announcement(self, order_ids: frozenset[int]) -> str:
        """What is said aloud of these orders: one sentence with nothing of a customer; "" for none that are open."""
        return self._database.read(announcement_of, self._house, order_ids)

    def order(self, order_id: int) -> OrderDetail:
        """One order with timeline, commands and tickets."""
        detail = self._database.read(card_rows.detail, self._house, now(), order_id)
        able = self._storefronts.abilities(detail.account_id)
        left = self._database.read(refundable, order_id) if Ability.REFUNDS_ORDERS in able else None
        terms = self._storefronts.refund_terms(detail.account_id)
        dishes = self._database.read(dishes_left, order_id) if left else ()
        counted = self._database.read(bags.bags_of, order_id)
        return replace(detail, abilities=able, refundable=left, refunds=terms, dishes=dishes, bags=counted)

    def search(self, text: str, limit: int = 50) -> list[Card]:
        """Orders, closed ones too, by number, reference, dish or customer name; newest first."""
        return self._database.read(card_rows.search, self._house, now(), text, limit)

    def overview(self) -> Overview:
        """Health of accounts and printers, and the day's counts."""
        return self._storefronts.proved(self._database.read(overview.overview, self._house, now()))

    def tickets(self, limit: int = 200) -> list[TicketView]:
        """The print ledger, newest first."""
        return self._database.read(overview.tickets, limit)

    def messages(self) -> list[MessageView]:
        """Platform messages that were turned away or could not be read, and nobody looked at yet, oldest first."""
        return self._database.read(overview.messages, self._house)

    def platforms(self) -> list[Platform]:
        """Every platform that an account can be added for."""
        return list(self._house.platforms.values())

    def business_day(self) -> date:
        """Today, as the shop counts it."""
        return self._house.calendar.day(now())

    def sales_by_hour(self, day: date) -> list[HourSales]:
        """Sales of one business day by local hour, one row per hour and currency that had any."""
        return self._database.read(sales.sales_by_hour, day)

    def sales_by_day(self, days: int = 30) -> list[DaySales]:
        """The last `days` business days by platform, refunds on their own day, oldest first."""
        return self._database.read(sales.sales_by_day, self.business_day(), days)

    # requests about orders

    def request(
        self, order_id: int, kind: CommandKind, reason: RejectReason | None = None, text: str = "", urge_key: str = ""
    ) -> Future[None]:
        """Put a command in the outbox (or keep it here, where the platform has no word for it)."""
        wish = desk.Wish(order_id, kind, reason, text, urge_key)
        return self._write("orders", [order_id], desk.request, self._house, wish)

    def acknowledge(self, order_ids: frozenset[int]) -> Future[None]:
        """Stop the bell for these orders, and let cancelled ones leave the queue."""
        return self._write("orders", order_ids, desk.acknowledge, order_ids)

    def print_order(self, order_id: int) -> Future[None]:
        """Make the tickets of an order that was accepted while no printer was on."""
        return self._write("orders", [order_id], desk.print_order, self._house, order_id)

    def print_bags(self, order_id: int, number: int) -> Future[None]:
        """Say how many bags an order has, and print a slip for each."""
        return self._write("orders", [order_id], bags.print_bags, self._house, order_id, number)

    def came_out(self, ticket_id: int) -> Future[None]:
        """A person says that an unknown ticket did come out."""
        return self._write("tickets", [ticket_id], desk.came_out, ticket_id)

    # the ledger

    def ledger(self, wanted: LedgerFilter) -> list[int]:
        """Ids of the tickets that a filter lets through, newest first; read what is shown with `tickets_of`."""
        return self._database.read(print_jobs.ledger, wanted)

    def tickets_of(self, ids: Collection[int]) -> list[TicketView]:
        """These rows of the ledger, newest first."""
        return self._database.read(overview.some_tickets, ids)

    def ticket_steps(self, ticket_id: int) -> list[Step]:
        """Everything that happened to a ticket, oldest first; `state` also "came_out", "reprinted", "overtaken"."""
        return self._database.read(print_jobs.steps, ticket_id)

    def day_proof(self, day: date | None = None) -> DayProof:
        """Whether every ticket of a business day (today) came out, station by station."""
        return self._database.read(proof.day_proof, self._house, day or self._house.calendar.day(now()))

    def print_again(self, ticket_ids: frozenset[int]) -> Future[None]:
        """Print these once more: held and failed ones as they are, any that may be on paper marked."""
        return self._write("tickets", ticket_ids, desk.print_again, self._house, ticket_ids)

    def skip(self, ticket_ids: frozenset[int]) -> Future[None]:
        """These will not be printed; `print_again` undoes it."""
        return self._write("tickets", ticket_ids, desk.skip, ticket_ids)

    def print_totals(self, day: date | None = None) -> Future[None]:
        """Print what was sold on a business day at the default station."""
        return self._write("tickets", [], totals.print_totals, self._house, day or self._house.calendar.day(now()))

    # stations, rules and forms of paper

    def stations(self) -> list[Station]:
        """Every station, oldest first."""
        return self._database.read(station_rows.every)

    def removed_stations(self) -> list[Station]:
        """Those that were deleted and can be put back, oldest first."""
        return self._database.read(station_rows.removed)

    def save_station(self, station: Station) -> Future[int]:
        """Store a station, a new one with id 0; answers its id. RefusalError in words (name taken, no default left ...)."""
        return self._write("printers", [], stations.save_station, station)

    def station_use(self, station_id: int) -> StationUse:
        """What hangs on a station that somebody thinks of deleting. RefusalError for one that is gone."""
        return self._database.read(stations.use_of, station_id)

    def remove_station(self, station_id: int) -> Future[None]:
        """Delete a station with its rules. RefusalError for the default one and for one where tickets wait."""
        return self._write("printers", [], stations.remove_station, station_id)

    def restore_station(self, station_id: int) -> Future[None]:
        """Put a deleted station back with its rules."""
        return self._write("printers", [], stations.restore_station, station_id)

    def routes(self) -> list[Route]:
        """Every rule, in the shop's order."""
        return self._database.read(station_rows.rules)

    def save_routes(self, routes: tuple[Route, ...]) -> Future[None]:
        """Put these rules in the place of all there were (ids do not matter)."""
        return self._write("printers", [], stations.save_routes, routes)

    def try_order(self, order_id: int) -> Routing:
        """Where the papers of a stored order would go now, by the stored stations and rules."""
        return self._database.read(stations.try_order, self._house, order_id)

    def try_sample(self, platform: str, facts: OrderFacts, at: time | None = None) -> Routing:
        """Where an order that does not exist would go, at a time of the shop's day (now)."""
        return self._database.read(stations.try_sample, self._house, platform, facts, at)

    def menu(self) -> Menu:
        """What recent orders were made of, for choosing from."""
        return self._database.read(stations.menu)

    def forms(self) -> Mapping[str, str]:
        """The shop's own templates by name, as JSON text."""
        return self._database.read(station_rows.forms)

    def save_form(self, name: str, body: str) -> Future[None]:
        """Store a template of the shop's; "" goes back to the shipped one. RefusalError says what is wrong and where."""
        return self._write("tickets", [], stations.save_form, name, body)

    # settings

    def put_away(self, message_ids: frozenset[int]) -> Future[None]:
        """A person looked at these messages: they are kept, and shown no more."""
        return self._write("problems", [], desk.put_away, message_ids)

    def accounts(self) -> list[AccountView]:
        """Every account."""
        return list(self.overview().accounts)

    def printers(self) -> list[PrinterView]:
        """Every printer."""
        return list(self.overview().printers)

    def sign_in_page(self, platform: str, values: Mapping[str, str], address: str = "") -> str:
        """Address to open in a browser, for a platform that needs a pasted code; "" when it does not."""
        sign_in = self._house.platforms[platform].sign_in
        return sign_in.page(values, address) if sign_in else ""

    def test_account(
        self, platform: str, values: Mapping[str, str], address: str = "", account_id: int | None = None
    ) -> Future[ShopInfo]:
        """Sign in with these values without saving; the answer's `values` are what `add_account` should be given.

        With the id of a stored account, blank secrets stand for the stored ones and the answer is for `change_account`.
        """
        return self._run(self._setup.test_account(platform, values, address, account_id))

    def add_account(
        self, platform: str, name: str, values: Mapping[str, str], address: str = "", auto_accept: bool = False
    ) -> Future[int]:
        """Save an account and start it; answers its id."""
        return self._run(self._setup.add_account(platform, name, values, address, auto_accept))

    def change_account(self, account_id: int, name: str, values: Mapping[str, str], address: str = "") -> Future[None]:
        """Give an account a new name, tested values or another address, and start it anew; its orders stay as they are."""
        return self._run(self._setup.change_account(account_id, name, values, address))

    def set_account(self, account_id: int, enabled: bool | None = None, auto_accept: bool | None = None) -> Future[None]:
        """Switch an account on or off, or its auto-accept."""
        return self._run(self._setup.set_account(account_id, enabled, auto_accept))

    def arrivals(self, account_id: int) -> Arrivals:
        """Where this account's orders come in, and when something last did."""
        return self._database.read(reception.arrivals, account_id)

    def test_push(self, account_id: int) -> Future[float]:
        """Push to the account's own public address and wait for it here: seconds. RefusalError says where it was lost."""
        return self._run(self._setup.test_push(account_id))

    def check_relay(self, url: str, shop: str, credentials: str, public: str) -> Future[RelayCheck]:
        """Look at a relay without using it; `credentials` is the path of a file."""
        return self._run(reception.check_relay(url, shop, credentials, public))

    def set_relay(self, url: str, shop: str, credentials: str, public: str) -> Future[None]:
        """Fetch pushed orders from this relay from now on; "" as `url` ends it."""
        return self._run(self._setup.set_relay(url, shop, credentials, public))

    def set_printer(self, printer_id: int, enabled: bool) -> Future[None]:
        """Switch a printer on or off; its waiting tickets wait."""
        return self._run(self._printers.switch(printer_id, enabled))

    def printer_kinds(self) -> Mapping[str, PrinterKind]:
        """The ways a printer can be connected, with the fields of each."""
        return KINDS

    def find_printers(
        self,
        wanted: Mapping[str, object],
        on_found: Callable[[Found], None],
        on_progress: Callable[[int, int], None],
    ) -> Future[list[Found]]:
        """Look for printers: `wanted` as in `printer_setup.methods_of`. Both callbacks run on the engine's thread.

        A printer is told again when more is known of it: replace it by host and port.
        """
        return self._run(find(methods_of(wanted), on_found, on_progress))

    def try_printer(self, form: PrinterForm, printer_id: int | None = None) -> Future[PrinterTest]:
        """Ask a printer what it can do and print one settings page, storing nothing."""
        return self._run(self._printers.try_out(form, printer_id))

    def save_printer(
        self, form: PrinterForm, profile: Mapping[str, object], printer_id: int | None = None, station: str = ""
    ) -> Future[int]:
        """Save a printer with what was found of it; answers its id. `station`: make (or give it to) this station."""
        return self._run(self._printers.save(form, profile, printer_id, station))

    def preference(self, name: str, default: str) -> str:
        """A stored preference such as "language" or "theme"."""
        return str(self._database.read(audit.preference, name, default))

    def set_preference(self, name: str, value: str) -> Future[None]:
        """Store a preference."""
        return self._write("problems", [], audit.set_preference, name, value)

    def pending_tickets(self) -> int:
        """Tickets that are neither on paper nor given up."""
        counts = self._database.read(print_jobs.counts)
        return sum(number for (_, state), number in counts.items() if state in ("pending", "sending"))

    def _write(self, topic: str, ids: Any, fn: Callable[..., T], *arguments: Any) -> Future[T]:
        return self._run(self._written(topic, ids, fn, *arguments))

    async def _written(self, topic: str, ids: Any, fn: Callable[..., T], *arguments: Any) -> T:
        result = await self._database.write(fn, *arguments)
        self._bell.changed(topic, *ids)
        return result
