"""Joins a real engine to the pretend street: accounts and printer added as an owner would, and the evidence gathered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from app import steady
from app.db.database import Database
from app.db.tables import orders, print_jobs, stations
from app.domain.tickets import TicketKind
from app.engine.facade import Facade
from app.engine.in_hand import SLIPS
from app.engine.runtime import Engine
from app.engine.views import LedgerFilter, PrinterForm
from app.engine.vouchers import PRACTICE_VOUCHERS
from app.platforms.api import TemporaryError
from app.platforms.registry import platforms
from app.platforms.simulation import Simulator
from app.practice.evidence import Evidence, OrderKey, Sheet, sheet_of
from app.practice.printer import VirtualPrinter
from app.practice.report import Report, build
from app.practice.world import STATIONS, World
from app.reports.sales import sales_by_day
from app.texts import N_, language, tr

STATION_NAMES = {"kitchen": N_("Kitchen"), "packing": N_("Packing")}
PULLS = frozenset({"hubrise"})  # sends nothing to a counter behind a router: the console fetches from its queue
PATIENCE, TRIES = 30.0, 20


class Street:
    """One engine on one world. `database_key` opens the engine's store beside it, for reading."""

    def __init__(self, engine: Engine, world: World, store: Path, database_key: bytes) -> None:
        self._engine = engine
        self._facade: Facade = engine.facade
        self._world = world
        self._store = Database.attach(store, database_key)
        self._opened_at = steady.time()
        self._push_to: dict[str, str] = {}

    def furnish(self) -> None:
        """Sign in on every platform, put up the printer, choose the screen's language: all before a window is built."""
        self._facade.set_preference("language", language()).result(PATIENCE)
        self._push_to = {name: url for name, url in self._sign_in() if name not in PULLS}
        self._put_up_printers()
        self._facade.set_preference(PRACTICE_VOUCHERS, " ".join(self._world.vouchers())).result(PATIENCE)

    def _put_up_printers(self) -> None:
        """The kitchen cooks from its tickets, whoever packs has a slip for every bag, and each stands in for the other."""
        ids = {
            station: self._facade.save_printer(_form(station, printer), {}, station=station).result(PATIENCE)
            for station, printer in self._world.printers.items()
        }
        for station in self._facade.stations():
            backup = next(number for name, number in ids.items() if name != station.name)
            kind = TicketKind.KITCHEN if station.default else TicketKind.PACKING
            self._facade.save_station(replace(station, kind=kind, backup_id=backup)).result(PATIENCE)

    def open_doors(self) -> None:
        """Let the customers in."""
        self._opened_at = steady.time()
        self._world.open_doors(self._push_to)

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    @property
    def settled(self) -> bool:
        """Everybody is served: nothing on the queue, nothing to send or print, every order is in the store, and the till
        agrees with the platforms."""
        return next(self._waits_for(), None) is None and not self._unproved()

    def _waits_for(self) -> Iterator[str]:
        """What is not done yet, in words."""
        progress = self._world.progress()
        if not progress.finished:
            yield f"{progress.planned - progress.over} orders to be over at their platforms"
        if not self._engine.idle():
            yield "messages, commands or tickets of the console that are under way"
        yield from (f"the printer of {station}" for station, one in self._world.printers.items() if not one.idle)
        yield from (f"the held ticket {number}" for number in self._facade.ledger(LedgerFilter(states=frozenset({"held"}))))
        yield from (f"somebody to serve {card.call_number} ({card.lane})" for card in self._facade.cards())

    def _unproved(self) -> bool:
        """Whether an order or some money has not arrived yet."""
        promises = self.report({}, finished=True).promises
        return not (promises["no_order_lost"] and promises["totals_equal"])

    @property
    def took_seconds(self) -> float:
        """Real seconds since the doors opened."""
        return steady.time() - self._opened_at

    def report(self, shown: Mapping[str, float], *, finished: bool) -> Report:
        """Judge what happened so far; `shown` tells when each call number first stood on the screen."""
        marks = {name: known.mark for name, known in platforms().items()}
        return build(
            Evidence(
                seed=self._world.rush.seed,
                speed=self._world.speed,
                sides=self._world.sides(marks),
                sheets=tuple(_sheets(self._world.printers, marks)),
                stations=tuple(self._world.printers),
                stored=self._store.read(_stored),
                withdrawn=self._store.read(_withdrawn),
                sales=self._sales(),
                shown=shown,
                finished=finished,
                waited_for=() if finished else tuple(self._waits_for()),
                took_seconds=self.took_seconds,
            )
        )

    def _sign_in(self) -> Iterator[tuple[str, str]]:
        """(platform, address that it may push to) of every account, tested before it is saved, as the settings page does."""
        for name, simulator in self._world.simulators.items():
            values = self._tested(name, simulator)
            account = self._facade.add_account(name, "", values, simulator.address).result(PATIENCE)
            yield name, self._engine.hook_url(account)

    def _tested(self, name: str, simulator: Simulator) -> Mapping[str, str]:
        """What to save of an account; on a platform's bad day an owner tries again."""
        for _ in range(TRIES):
            try:
                return self._facade.test_account(name, simulator.credentials, simulator.address).result(PATIENCE).values
            except TemporaryError as error:
                failure = error
        raise failure

    def _sales(self) -> dict[str, int]:
        """What the sales chart of the last 30 business days adds up to."""
        net: Counter[str] = Counter()
        for row in self._store.read(sales_by_day, self._facade.business_day(), 30):
            net[row.net.currency] += row.net.minor
        return dict(net)


def _stored(connection: Connection) -> frozenset[OrderKey]:
    found = connection.execute(select(orders.c.platform, orders.c.platform_order_id))
    return frozenset((platform, order_id) for platform, order_id in found)


def _withdrawn(connection: Connection) -> dict[tuple[OrderKey, str], float]:
    """Where the ledger took back every ticket of an order, and when the last of them; a slip does not count as one."""
    columns = (orders.c.platform, orders.c.platform_order_id, stations.c.name, print_jobs.c.state, print_jobs.c.answer)
    query = (
        select(*columns, print_jobs.c.settled_at)
        .join_from(print_jobs, orders)
        .join(stations, print_jobs.c.station_id == stations.c.id)
    )
    found: dict[tuple[OrderKey, str], list[datetime | None]] = {}
    for platform, order_id, station, state, answer, at in connection.execute(query.where(print_jobs.c.kind.not_in(SLIPS))):
        gone = state == "skipped" or answer == "overtaken"
        found.setdefault(((platform, order_id), station), []).append(at if gone else None)
    return {place: max(at.timestamp() for at in times if at) for place, times in found.items() if all(times)}


def _form(station: str, printer: VirtualPrinter) -> PrinterForm:
    where = {"host": printer.host, "port": str(printer.port)}
    return PrinterForm(tr(STATION_NAMES[station]), settings=where, paper=str(STATIONS[station]))


def _sheets(printers: Mapping[str, VirtualPrinter], marks: Mapping[str, str]) -> Iterator[Sheet]:
    """Every order's paper, at the station that it belongs to: what a backup printed is the other one's."""
    for station, printer in printers.items():
        other = next(name for name in printers if name != station)
        for piece in (*printer.paper, *filter(None, [printer.hanging])):
            sheet = sheet_of(piece, other if "backup" in piece.marks else station, marks.values())
            if sheet:
                yield sheet
