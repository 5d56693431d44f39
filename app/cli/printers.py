"""`order-console printer`: add a network printer by script, list printers with their health."""

from __future__ import annotations

from argparse import Namespace

from app.cli.shop import change, printed, reading
from app.engine import overview
from app.engine.house import now
from app.printing import PORT


def run(arguments: Namespace) -> int:
    """`add` prints the new printer's id; `list` one line, or one JSON object, a printer."""
    return _add(arguments) if arguments.action == "add" else _list(arguments)


def address_of(text: str) -> tuple[str, int]:
    """ "10.0.0.5:9100" or "10.0.0.5" as host and port."""
    host, _, port = text.partition(":")
    return host, int(port) if port else PORT


def _add(arguments: Namespace) -> int:
    host, port = address_of(arguments.address)
    station, width = arguments.station, arguments.width
    print(change(arguments, "printer-add", name=arguments.name, host=host, port=port, station=station, width=width))
    return 0


def _list(arguments: Namespace) -> int:
    with reading(arguments) as (database, house):
        views = database.read(overview.overview, house, now()).printers
    if arguments.json:
        printed(list(views))
        return 0
    for view in views:
        print(f"{view.id}\t{view.name}\t{view.address}\t{view.station}\t{view.state}\t{view.text}")
    return 0
