"""Reads for the top bar and the ledger: health of accounts and printers, counts of the day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.db import accounts, audit, inbox, orders, print_jobs
from app.db.accounts import Account
from app.db.print_jobs import Printer
from app.engine.cards import ticket_view
from app.engine.house import House
from app.engine.views import AccountView, HealthState, MessageView, Overview, PrinterView, TicketView
from app.texts import language, tr

RECEIVER_PORT = "receiver_port"  # the preference that holds the port of last time


def overview(connection: Connection, house: House, now: datetime) -> Overview:
    """The top bar: what is connected, what is wrong, how the day stands."""
    waiting, hooks = print_jobs.counts(connection), hook_addresses(connection)
    return Overview(
        accounts=tuple(_account(house, account, hooks.get(account.id, "")) for account in accounts.every(connection)),
        printers=tuple(_printer(printer, waiting) for printer in print_jobs.every_printer(connection)),
        orders_today=orders.count_on(connection, house.calendar.day(now)),
        parked_messages=len(inbox.parked(connection)),
        practice=house.practice,
    )


def hook_addresses(connection: Connection) -> dict[int, str]:
    """Where each account's platform (or a relay on this machine) may push, by account; empty before the first start."""
    port = audit.preference(connection, RECEIVER_PORT)
    found = accounts.every(connection) if port else []
    return {one.id: f"http://127.0.0.1:{port}/hooks/{one.platform}/{one.hook_token}" for one in found}


def tickets(connection: Connection, limit: int) -> list[TicketView]:
    """The print ledger, newest first."""
    printers = {printer.id: printer for printer in print_jobs.every_printer(connection)}
    return [ticket_view(job, printers) for job in print_jobs.latest(connection, limit)]


def messages(connection: Connection, house: House) -> list[MessageView]:
    """The messages a person should look at, oldest first."""
    names = {account.id: house.title(account.platform, language()) for account in accounts.every(connection)}
    return [
        MessageView(one.id, names[one.account_id], one.kind, one.order_ref, one.received_at, tr(one.reason))
        for one in inbox.parked(connection)
    ]


def _account(house: House, account: Account, hook: str) -> AccountView:
    platform = house.platforms.get(account.platform)
    return AccountView(
        id=account.id,
        platform=account.platform,
        title=house.title(account.platform, language()),
        name=account.name,
        mark=house.mark(account.platform),
        color=platform.color if platform else "#555555",
        enabled=account.enabled,
        auto_accept=account.auto_accept,
        state=HealthState(account.state) if account.enabled else HealthState.OFF,
        text=account.state_text,
        since=account.state_since,
        last_contact=account.last_contact,
        settings=account.settings,
        address=account.address,
        hook=hook,
    )


def _printer(printer: Printer, waiting: dict[tuple[int, str], int]) -> PrinterView:
    return PrinterView(
        id=printer.id,
        name=printer.name,
        address=f"{printer.host}:{printer.port}",
        station=printer.station,
        width=printer.width,
        enabled=printer.enabled,
        state=HealthState(printer.state) if printer.enabled else HealthState.OFF,
        text=printer.state_text,
        acknowledges=printer.acknowledges,
        waiting=waiting.get((printer.id, "pending"), 0) + waiting.get((printer.id, "sending"), 0),
        unknown=waiting.get((printer.id, "unknown"), 0),
    )
