"""The day's proof: every ticket that the orders of a business day called for came out, or is explained, or is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from app.db import audit, orders, print_jobs, stations
from app.db.orders import StoredOrder
from app.db.print_jobs import PrintJob
from app.domain.lifecycle import DEAD
from app.engine.floor import NO_PRINTER
from app.engine.house import House
from app.engine.tickets import call_number
from app.engine.views import DayProof, StationProof, Unproved
from app.texts import N_, tr

ANSWERS = {
    "came_out": N_("somebody found it on paper"),
    "reprinted": N_("a marked copy was ordered"),
    "overtaken": N_("no longer needed: the order moved on"),
}
CLOCKS_APART = timedelta(seconds=5)  # the platform's and ours
_STANDS = {
    "pending": N_("it waits for its printer"),
    "sending": N_("it is being printed"),
    "held": N_("it waited too long: print it or skip it"),
    "unknown": N_("nobody knows whether it came out"),
    "failed": N_("it could not be printed"),
    "sent": N_("this printer cannot say whether it came out"),
}


def day_proof(connection: Connection, house: House, day: date) -> DayProof:
    """What became of every ticket of the day's orders; a copy counts for the ticket it is a copy of."""
    jobs = print_jobs.of_day(connection, day)
    names = {one.id: tr(one.name) for one in stations.ever(connection)}
    owed = audit.of_day(connection, NO_PRINTER, day)
    accepted = orders.accepted_on(connection, day)
    groups = _groups(jobs)
    verdicts = [(names.get(group[0].station_id or 0, ""), *_verdict(group), group[0]) for group in groups]
    unproved = [
        Unproved(job.order_id or 0, job.ticket.call_number, station, text, state == "open", job.id)
        for station, state, text, job in verdicts
        if state != "confirmed"
    ]
    partly = _partly(house, accepted, jobs, names, owed)
    states = [(one[0], one[1]) for one in verdicts] + [(one.station, "open" if one.open else "explained") for one in partly]
    places = dict.fromkeys(name for name, _ in states)
    figures = tuple(_station(name, [state for at, state in states if at == name]) for name in places)
    named = (*_without(house, accepted, jobs), *sorted((*partly, *unproved), key=lambda one: not one.open))
    return DayProof(day, len(accepted), figures, named)


def _groups(jobs: Iterable[PrintJob]) -> list[Sequence[PrintJob]]:
    found: dict[int, list[PrintJob]] = {}
    for job in jobs:
        found.setdefault(job.first_id or job.id, []).append(job)
    return list(found.values())


def _verdict(group: Sequence[PrintJob]) -> tuple[str, str]:
    """ "confirmed", "explained" or "open" for a ticket with its copies, and the reason in words."""
    first, last = group[0], group[-1]
    if first.state == "confirmed":
        return "confirmed", ""
    for job in group[1:]:
        if job.state in ("confirmed", "sent"):
            return "explained", tr("a marked copy of it was printed")
    for job in reversed(group):
        if job.answer in ("came_out", "overtaken"):
            return "explained", tr(ANSWERS[job.answer])
    if first.state in ("skipped", "sent"):
        return "explained", first.reason or tr(_STANDS.get(first.state, ""))
    if last.state == "skipped":
        return "explained", last.reason
    return "open", " · ".join(filter(None, (tr(_STANDS.get(last.state, "")), last.reason)))


def _station(name: str, states: Sequence[str]) -> StationProof:
    confirmed, explained = states.count("confirmed"), states.count("explained")
    return StationProof(name, len(states), confirmed, explained, len(states) - confirmed - explained)


def _without(house: House, accepted: Iterable[StoredOrder], jobs: Iterable[PrintJob]) -> list[Unproved]:
    """Orders that were accepted and for which no ticket was ever made."""
    known = {job.order_id for job in jobs}
    return [_unmade(house, one) for one in accepted if one.id not in known]


def _partly(
    house: House,
    accepted: Iterable[StoredOrder],
    jobs: Iterable[PrintJob],
    names: Mapping[int, str],
    owed: Iterable[tuple[int, str]],
) -> list[Unproved]:
    """Orders with tickets at some stations while another owed one, had no printer, and never made up for it."""
    known = {one.id: one for one in accepted}
    made = {(job.order_id, job.station_id) for job in jobs}
    some = {order_id for order_id, _ in made}
    missing = [(known[order], int(station)) for order, station in owed if order in known and order in some]
    text = tr("no ticket was made: this station had no printer")
    return [
        Unproved(order.id, call_number(house, order), names.get(station, ""), text, order.state.kitchen not in DEAD)
        for order, station in missing
        if (order.id, station) not in made
    ]


def _unmade(house: House, order: StoredOrder) -> Unproved:
    """An order that was ready before this console knew of it was cooked without it."""
    done = order.ready_at or order.closed_at
    before_us = done is not None and done <= order.stored_at + CLOCKS_APART
    text = tr("it was ready before the console knew of it") if before_us else tr("no ticket was made: no printer was set up")
    return Unproved(order.id, call_number(house, order), "", text, open=not before_us)
