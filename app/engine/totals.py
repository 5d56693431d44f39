"""The day's totals on paper: what was sold, from the same figures as the reports."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from app.db import orders, print_jobs, printers, stations
from app.domain.differences import plain
from app.domain.lifecycle import DEAD
from app.domain.tickets import Mark, Sum, Ticket, TicketKind, TicketLine
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.limits import limits
from app.engine.tickets import ticket_id
from app.reports import sales
from app.steady import now
from app.texts import say, tr


def print_totals(connection: Connection, house: House, day: date) -> None:
    """Queue a day's totals at the default station. Raises RefusalError where none of its printers is on."""
    station = next((one for one in stations.every(connection) if one.default), None)
    on = {one.id for one in printers.every(connection) if one.enabled}
    mine = (station.printer_id, station.backup_id) if station else ()
    printer_id = next((one for one in mine if one in on), None)
    if station is None or printer_id is None:
        raise RefusalError(tr("No printer is switched on: add one or switch one on in Settings."))
    at = now()
    key = f"totals:{day.isoformat()}:{at.isoformat()}"
    ticket = Ticket(
        kind=TicketKind.TOTALS,
        call_number=day.isoformat(),
        platform="",
        ticket_id=ticket_id(key),
        created_at=at,
        zone=house.zone,
        lines=_sold(connection, day),
        language=station.language,
        station=say(station.language, station.name),
        sums=_sums(connection, house, day, station.language),
        marks=(Mark.PRACTICE,) if house.practice else (),
    )
    fresh_until = at + limits(connection, house).stale
    print_jobs.add(connection, printer_id, key, ticket, at, station_id=station.id, fresh_until=fresh_until)


def _sold(connection: Connection, day: date) -> tuple[TicketLine, ...]:
    """Dishes of the day's living orders, most sold first."""
    sold: Counter[str] = Counter()
    for order in orders.accepted_on(connection, day):
        if order.state.kitchen not in DEAD:
            for line in order.facts.lines:
                sold[line.name] += line.quantity  # type: ignore[assignment]  # a Counter adds decimals as well as integers
    return tuple(TicketLine(plain(Decimal(number)), name) for name, number in sold.most_common())


def _sums(connection: Connection, house: House, day: date, language: str) -> tuple[Sum, ...]:
    found = sales.sales_by_day(connection, day, 1)
    return tuple(row for one in found for row in _figures(house, one, language))


def _figures(house: House, one: sales.DaySales, language: str) -> tuple[Sum, ...]:
    return (
        Sum(house.title(one.platform, language), say(language, "{n} orders", n=one.orders)),
        Sum(say(language, "Net"), str(one.net), strong=True),
    )
