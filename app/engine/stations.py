"""Stations and rules: checked before they are stored, and tried out on an order before a kitchen depends on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import time

from sqlalchemy import Connection

from app.db import audit, orders, print_jobs, printers, stations
from app.domain.orders import OrderFacts
from app.domain.routing import Route, Routing, Station, route
from app.domain.tickets import COOKED_FROM
from app.engine.desk import RefusalError
from app.engine.floor import routing_of
from app.engine.house import House
from app.engine.overview import ROUTES_SAVED
from app.engine.views import Menu, StationUse
from app.printing import TemplateError, read_template
from app.steady import now
from app.texts import N_, tr

MOST_COPIES = 5
LOOKED_AT = 300  # orders from which the menu is learned

_NO_NAME = N_("The station needs a name.")
_TAKEN = N_("There is already a station of this name.")
_SAME = N_("A printer cannot be its own backup.")
_NO_PRINTER = N_("This printer does not exist any more.")
_COPIES = N_("A station prints 1 to 5 copies.")
_NOT_COOKED = N_("The default station must be one that dishes are cooked from.")
_DEFAULT_OFF = N_("The default station cannot be switched off: make another one the default first.")
_IS_DEFAULT = N_("The default station cannot be deleted: make another one the default first.")
_ANSWER_FIRST = N_("{n} tickets of this station wait for a printer or an answer: print or skip them in the ledger first.")
_STATION_GONE = N_("This station does not exist any more.")
_NOWHERE = N_(
    "The default station needs a printer: without one, what no other station cooks comes out nowhere. "
    "Choose a printer, or add one first."
)
_NO_DEFAULT = N_("One station must be the default: make another one the default first.")


# What a person must decide, or a printer do, before nobody looks after it any more.
_UNANSWERED = ("pending", "sending", "held", "unknown", "failed")


def save_station(connection: Connection, station: Station) -> int:
    """Store a station, a new one with id 0; answers its id. Raises RefusalError in words."""
    station = replace(station, name=station.name.strip())
    every = stations.every(connection)
    others = [one for one in every if one.id != station.id]
    first_to_cook = station.kind in COOKED_FROM and not any(one.default for one in others)
    station = replace(station, default=station.default or (first_to_cook and not station.id))
    known = {printer.id for printer in printers.every(connection)} | {None}
    wrong = {
        _NO_NAME: not station.name,
        _TAKEN: any(one.name.casefold() == station.name.casefold() for one in others),
        _SAME: station.backup_id is not None and station.backup_id == station.printer_id,
        _NO_PRINTER: not {station.printer_id, station.backup_id} <= known,
        _COPIES: not 1 <= station.copies <= MOST_COPIES,
        _NOT_COOKED: station.default and station.kind not in COOKED_FROM,
        _NO_DEFAULT: _was_default(every, station) and not station.default,
        _DEFAULT_OFF: station.default and not station.enabled,
        _NOWHERE: station.default and not _printers_of(station),
    }
    for text, applies in wrong.items():
        if applies:
            raise RefusalError(tr(text))
    audit.record(connection, now(), "counter", "station_saved", detail=station.name)
    return stations.save(connection, station)


def use_of(connection: Connection, station_id: int) -> StationUse:
    """What hangs on a station, and why it cannot be deleted now, if so. Raises RefusalError for one that is gone."""
    station = next((one for one in stations.every(connection) if one.id == station_id), None)
    if station is None:
        raise RefusalError(tr(_STATION_GONE))
    waiting = sum(job.station_id == station_id for job in print_jobs.waiting(connection, _UNANSWERED))
    refusal = tr(_IS_DEFAULT) if station.default else tr(_ANSWER_FIRST, n=waiting) if waiting else ""
    mine = tuple(one for one in stations.rules(connection) if one.station_id == station_id)
    return StationUse(station, mine, waiting, refusal)


def remove_station(connection: Connection, station_id: int) -> None:
    """Delete a station with its rules; what it printed keeps its name, and is voided there if its order dies.

    Raises RefusalError for the default one, for one where tickets wait for a printer or an answer, and for one that is gone.
    """
    use = use_of(connection, station_id)
    if use.refusal:
        raise RefusalError(use.refusal)
    stations.remove(connection, station_id)
    audit.record(connection, now(), "counter", "station_removed", detail=use.station.name)


def default_trouble(connection: Connection) -> str:
    """Why what no other station cooks would come out nowhere now, in words; "" where all is well or there is no station."""
    every = stations.every(connection)
    default = next((one for one in every if one.default and one.enabled), None)
    if default is None:
        return tr("No station is the default: a dish that no rule names would not be printed.") if every else ""
    mine = _printers_of(default)
    if not mine:
        return tr(_NOWHERE)
    on = {printer.id for printer in printers.every(connection) if printer.enabled}
    return "" if mine & on else tr("The printers of the default station {name} are switched off.", name=tr(default.name))


def restore_station(connection: Connection, station_id: int) -> None:
    """Put a deleted station back with the rules that it had."""
    stations.restore(connection, station_id)
    audit.record(connection, now(), "counter", "station_restored", detail=str(station_id))


def save_routes(connection: Connection, routes: Iterable[Route]) -> None:
    """Put these rules in the place of all there were. Raises RefusalError for a station that is gone."""
    wanted = list(routes)
    known = {one.id for one in stations.every(connection)}
    if not {one.station_id for one in wanted} <= known:
        raise RefusalError(tr("A rule points to a station that does not exist any more."))
    stations.save_rules(connection, wanted)
    audit.set_preference(connection, ROUTES_SAVED, now().isoformat())
    audit.record(connection, now(), "counter", "routes_saved", detail=str(len(wanted)))


def save_form(connection: Connection, name: str, body: str) -> None:
    """Store a template of the shop's; "" goes back to the shipped one. Raises RefusalError: what is wrong, and where."""
    if body:
        try:
            read_template(body)
        except TemplateError as error:
            raise RefusalError(str(error)) from error
    stations.save_form(connection, name, body, now())
    audit.record(connection, now(), "counter", "template_changed", detail=name)


def try_order(connection: Connection, house: House, order_id: int) -> Routing:
    """Where the papers of a stored order would go now. Raises LookupError."""
    return routing_of(connection, house, orders.get(connection, order_id), now())


def try_sample(connection: Connection, house: House, platform: str, facts: OrderFacts, at: time | None) -> Routing:
    """Where an order that does not exist would go, at a time of the shop's day (None: now)."""
    moment = at or now().astimezone(house.calendar.zone).time()
    return route(stations.every(connection), stations.rules(connection), platform, facts, moment)


def menu(connection: Connection) -> Menu:
    """What the latest orders were made of, sorted."""
    lines = [line for order in orders.recent(connection, LOOKED_AT) for line in order.facts.lines]
    options = {option.name for line in lines for option in line.options}
    return Menu(
        tuple(sorted({line.category for line in lines if line.category})),
        tuple(sorted({line.name for line in lines})),
        tuple(sorted(options)),
    )


def _printers_of(station: Station) -> set[int]:
    return {one for one in (station.printer_id, station.backup_id) if one is not None}


def _was_default(every: Iterable[Station], station: Station) -> bool:
    return any(one.id == station.id and one.default for one in every)
