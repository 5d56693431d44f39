"""Reads for the top bar and the ledger: health of accounts and printers, counts of the day."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.db import accounts, audit, day_counts, inbox, orders, print_jobs, printers, stations
from app.db.accounts import Account
from app.db.day_counts import DayCount
from app.db.printers import Printer
from app.domain.routing import Station
from app.engine import clock
from app.engine.bad_reviews import bad_reviews
from app.engine.cards import ticket_views
from app.engine.completeness import days, not_counted
from app.engine.devices import packed, profile_of
from app.engine.house import House
from app.engine.left_closed import left_closed
from app.engine.paperwork import UNROUTED
from app.engine.reception import relay
from app.engine.refunds import not_given_back
from app.engine.stand_ins import stand_ins
from app.engine.views import AccountView, HealthState, MessageView, Overview, PrinterView, TicketView
from app.engine.vouchers import not_answered
from app.printing.kinds import KINDS
from app.texts import language, tr

ON_ITS_WAY = timedelta(minutes=2)
STALE = timedelta(minutes=30)  # a count so old proves nothing of the orders since
ROUTES_SAVED = "routes_saved_at"
RECEIVER_PORT = "receiver_port"  # the preference that holds the port of last time


def overview(connection: Connection, house: House, now: datetime) -> Overview:
    """The top bar: what is connected, what is wrong, how the day stands."""
    every, stored = accounts.every(connection), orders.counts_on(connection, house.calendar.day(now))
    counts, late = _counts(connection, house, now)
    devices = printers.every(connection)
    waiting, hooks, places = print_jobs.counts(connection), hook_addresses(connection), stations.every(connection)
    return Overview(
        accounts=tuple(
            replace(
                _account(house, account, hooks.get(account.id, "")),
                today=stored.get(account.id, 0),
                **_proof(connection, account, counts.get(account.id), late.get(account.id), now),
            )
            for account in every
        ),
        printers=tuple(_printer(printer, waiting, places) for printer in devices),
        stand_ins=stand_ins(connection, devices, now),
        clock_ahead=clock.off(connection, house, every),
        orders_today=sum(stored.values()),
        parked_messages=len(inbox.parked(connection)),
        practice=house.practice,
        shops=tuple(left_closed(connection, house, every, now)),
        reviews=tuple(bad_reviews(connection, house, every, now)),
        refunds=tuple(not_given_back(connection, house, now)),
        vouchers=tuple(not_answered(connection, house)),
        unrouted=tuple(audit.details(connection, UNROUTED, unrouted_since(connection, house, now))),
        relay=relay(connection),
    )


def unrouted_since(connection: Connection, house: House, now: datetime) -> datetime:
    """Today's opening, or when the rules were last saved: what they did not know before, they may know now."""
    opened, _ = house.calendar.bounds(house.calendar.day(now))
    saved = audit.preference(connection, ROUTES_SAVED)
    return max(opened, datetime.fromisoformat(saved)) if saved else opened


def hook_addresses(connection: Connection) -> dict[int, str]:
    """Where each account's platform (or a relay on this machine) may push, by account; empty before the first start."""
    port = audit.preference(connection, RECEIVER_PORT)
    found = accounts.every(connection) if port else []
    return {one.id: f"http://127.0.0.1:{port}/hooks/{one.platform}/{one.hook_token}" for one in found}


def tickets(connection: Connection, limit: int) -> list[TicketView]:
    """The print ledger, newest first."""
    return ticket_views(connection, print_jobs.latest(connection, limit))


def some_tickets(connection: Connection, ids: Collection[int]) -> list[TicketView]:
    """These rows of the print ledger, newest first."""
    return ticket_views(connection, print_jobs.some(connection, ids))


def messages(connection: Connection, house: House) -> list[MessageView]:
    """The messages a person should look at, oldest first."""
    names = {account.id: house.title(account.platform, language()) for account in accounts.every(connection)}
    return [
        MessageView(one.id, names[one.account_id], one.kind, one.order_ref, one.received_at, tr(one.reason))
        for one in inbox.parked(connection)
    ]


def _counts(connection: Connection, house: House, now: datetime) -> tuple[dict[int, DayCount], dict[int, DayCount]]:
    """Today's count by account, and yesterday's for as long as that is looked at."""
    *before, today = days(house, now)
    late = day_counts.of_day(connection, before[0]) if before else {}
    return day_counts.of_day(connection, today), late


def _proof(
    connection: Connection, account: Account, count: DayCount | None, late: DayCount | None, now: datetime
) -> dict[str, Any]:
    """The fields of an AccountView that say what of the platform's own lists is here."""
    before, missing = _missing(late, now), _missing(count, now)
    fresh = count is not None and now - count.checked_at < STALE
    return {
        "counted": count.counted + (len(late.missing) if late else 0) if count and fresh else None,
        "uncounted": "" if fresh or not account.enabled else audit.preference(connection, not_counted(account.id), ""),
        "missing": before + missing,
        "missing_before": before,
        "missing_since": min((one.missing_since for one in (count, late) if one and one.missing_since), default=None),
    }


def _missing(count: DayCount | None, now: datetime) -> int:
    """An order that is on its way is not missing yet."""
    if count is None or count.missing_since is None or now - count.missing_since <= ON_ITS_WAY:
        return 0
    return len(count.missing)


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


def _printer(printer: Printer, counts: dict[tuple[int, str], int], places: Iterable[Station]) -> PrinterView:
    kind = KINDS.get(printer.kind)
    profile = profile_of(printer.profile)
    mine = [tr(one.name) for one in places if printer.id in (one.printer_id, one.backup_id)]
    return PrinterView(
        id=printer.id,
        name=printer.name,
        address=kind.address(printer.settings) if kind else printer.kind,
        station=", ".join(mine),
        width=58 if printer.paper == "58" else 80,
        enabled=printer.enabled,
        state=HealthState(printer.state) if printer.enabled else HealthState.OFF,
        text=printer.state_text or ("" if printer.profile else tr("not asked yet")),
        acknowledges=profile.acknowledges,
        waiting=counts.get((printer.id, "pending"), 0) + counts.get((printer.id, "sending"), 0),
        unknown=counts.get((printer.id, "unknown"), 0),
        held=counts.get((printer.id, "held"), 0),
        failed=counts.get((printer.id, "failed"), 0),
        kind=printer.kind,
        dialect=printer.dialect,
        paper=printer.paper,
        settings=printer.settings,
        profile=packed(profile) if printer.profile else {},
        since=printer.state_since,
    )
