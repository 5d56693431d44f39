"""Stations, the rules that send dishes to them, and the shop's own forms of paper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, cast, delete, insert, select, update

from app.db import audit
from app.db.rows import add_row, change_row, pack, unpack
from app.db.tables import routes, stations, templates
from app.domain.routing import Route, Station


def every(connection: Connection) -> list[Station]:
    """All stations, oldest first."""
    gone = _gone(connection)
    return [one for one in ever(connection) if one.id not in gone]


def ever(connection: Connection) -> list[Station]:
    """All stations, those too that were taken away: tickets still speak of them."""
    return [unpack(Station, row._asdict()) for row in connection.execute(_STATIONS)]


def removed(connection: Connection) -> list[Station]:
    """Those that were taken away and can be put back, oldest first."""
    gone = _gone(connection)
    return [one for one in ever(connection) if one.id in gone]


def remove(connection: Connection, station_id: int) -> None:
    """Take a station away with its rules; its row stays for the ledger."""
    audit.set_preference(connection, _GONE, sorted({*_gone(connection), station_id}))


def restore(connection: Connection, station_id: int) -> None:
    """Put a station that was taken away back, rules and all."""
    audit.set_preference(connection, _GONE, sorted(_gone(connection) - {station_id}))


def save(connection: Connection, station: Station) -> int:
    """Store a station, a new one where its id is 0; answers its id. The last one said to be default is."""
    columns = pack(station)
    station_id = columns.pop("id")
    # The name of a station that was taken away is free again; the old one keeps it with its number.
    named = (stations.c.name == station.name, stations.c.id.in_(_gone(connection)))
    connection.execute(
        update(stations).where(*named).values(name=stations.c.name + " (" + cast(stations.c.id, String) + ")")
    )
    if station.default:
        connection.execute(update(stations).values(default=False))
    if not station_id:
        return add_row(connection, stations, columns)
    change_row(connection, stations, station_id, columns)
    return station.id


def rules(connection: Connection) -> list[Route]:
    """Every rule, in the order the shop gave them."""
    gone = _gone(connection)
    return [_route(row) for row in connection.execute(_ROUTES) if row.station_id not in gone]


def save_rules(connection: Connection, wanted: Iterable[Route]) -> None:
    """Put these rules in the place of all there were."""
    connection.execute(delete(routes).where(routes.c.station_id.not_in(_gone(connection))))
    for route in wanted:
        connection.execute(insert(routes), {"station_id": route.station_id, "rule": _rule(route)})


def forms(connection: Connection) -> dict[str, str]:
    """The shop's own templates by name, as JSON text."""
    return {row.name: row.body for row in connection.execute(_FORMS)}


def save_form(connection: Connection, name: str, body: str, now: datetime) -> None:
    """Store a template; an empty body goes back to the shipped one."""
    connection.execute(delete(templates).where(templates.c.name == name))
    if body:
        connection.execute(insert(templates), {"name": name, "body": body, "changed_at": now})


_GONE = "stations_removed"  # a preference: ids
_STATIONS = select(stations).order_by(stations.c.id)
_ROUTES = select(routes).order_by(routes.c.id)
_FORMS = select(templates.c.name, templates.c.body).order_by(templates.c.name)


def _gone(connection: Connection) -> frozenset[int]:
    return frozenset(audit.preference(connection, _GONE, ()))


def _rule(route: Route) -> Any:
    columns = pack(route)
    return {name: value for name, value in columns.items() if name not in ("id", "station_id")}


def _route(row: Row[Any]) -> Route:
    return unpack(Route, {**row.rule, "id": row.id, "station_id": row.station_id})
