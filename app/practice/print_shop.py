"""The print torture's shop: its printers, its stations with their backups and rules, and its one account."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.domain.routing import Moment, Route, Station
from app.domain.tickets import TicketKind
from app.engine.runtime import Engine
from app.engine.views import PrinterForm
from app.practice.print_orders import COLD, DRINKS, HOT, NAME
from app.practice.print_street import PrinterStreet, Till
from app.practice.print_victim import Life, open_shop

PACKING, COURIER = "打包", "骑手"


def open_stations(life: Life, street: PrinterStreet) -> None:
    """Set up the shop on a good day: examined printers, each with a backup of its kind, stations, rules, the account."""
    engine = open_shop(life)
    engine.start()
    try:
        facade = engine.facade
        ids = [facade.save_printer(_form(place, till), {}).result() for place, till in enumerate(street.tills)]
        _wait_until_examined(engine)
        receipts = ids[:-1] if len(ids) > 1 else ids
        stations = {name: facade.save_station(one).result() for name, one in _stations(receipts, ids[-1])}
        facade.save_routes(tuple(Route(0, stations[name], categories=(name,)) for name in (HOT, COLD, DRINKS))).result()
        facade.add_account(NAME, NAME, {}, "").result()
    finally:
        engine.stop()


def _stations(receipts: Sequence[int], labels: int) -> Iterable[tuple[str, Station]]:
    """Dishes by category, drinks on labels, the bag's paper, and the courier's when the food is ready."""
    kinds = {
        HOT: TicketKind.KITCHEN,
        COLD: TicketKind.DISH,
        PACKING: TicketKind.PACKING,
        COURIER: TicketKind.COURIER,
    }
    for place, (name, kind) in enumerate(kinds.items()):
        mine, backup = receipts[place % len(receipts)], receipts[(place + 1) % len(receipts)]
        moment = Moment.READY if name == COURIER else Moment.ACCEPTED
        station = Station(0, name, kind, printer_id=mine, backup_id=backup if backup != mine else None, moment=moment)
        yield name, replace(station, default=name == HOT)
    drinks = TicketKind.LABEL if labels not in receipts else TicketKind.KITCHEN
    yield DRINKS, Station(0, DRINKS, drinks, printer_id=labels)


def _form(place: int, till: Till) -> PrinterForm:
    settings = {"host": till.printer.host, "port": str(till.home)}
    paper = "60x40" if till.printer.dialect == "tspl" else "80"
    return PrinterForm(f"printer {place}", "lan", settings, till.printer.dialect, paper)


def _wait_until_examined(engine: Engine) -> None:
    until = time.monotonic() + 20
    while not all(one.profile.get("acknowledges") for one in engine.facade.overview().printers):
        if time.monotonic() > until:
            raise TimeoutError("a printer was not examined")
        time.sleep(0.02)
