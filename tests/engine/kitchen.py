"""A hot kitchen, a bar and a packing table for tests of paper, and what came out where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.db import stations
from app.db.print_jobs import PrintJob
from app.domain.changes import OrderUpdate, Urge
from app.domain.lifecycle import Kitchen
from app.domain.tickets import Difference
from app.engine.house import instant
from tests.engine.shop import NOON, Shop, dish, facts, report, step

HOT, BAR, BAGS = 1, 2, 3


def wanted(seconds: float, *names: str, **fields: Any) -> OrderUpdate:
    """The order as the platform tells it; "2 tea" is two."""
    lines = []
    for name in names:
        number, _, rest = name.rpartition(" ")
        lines.append(dish(rest, int(number or 1)))
    return report(seconds, Kitchen.ACCEPTED, facts=facts(lines=tuple(lines), **fields))


def urge(seconds: float, key: str = "u1", kitchen: Kitchen | None = None) -> OrderUpdate:
    return step(seconds, kitchen, urge=Urge(key, instant(0, NOON), "快点"))


def at_station(opened: Shop, station: int) -> list[PrintJob]:
    return [job for job in opened.tickets if job.station_id == station]


def papers(opened: Shop, station: int) -> list[tuple[str, str]]:
    return [(job.kind, job.state) for job in at_station(opened, station)]


def dishes(job: PrintJob) -> list[str]:
    sign = {None: "", Difference.ADDED: "+", Difference.REMOVED: "-"}
    return [f"{sign[line.difference]}{line.quantity} {line.name}" for line in job.ticket.lines]


def give(opened: Shop, station: int, **columns: Any) -> None:
    """Change a station."""
    old = next(one for one in stations.every(opened.connection) if one.id == station)
    stations.save(opened.connection, replace(old, **columns))
