"""`order-console printer`: find printers on the network, add one by script, list them with their health."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress

from app.cli.shop import change, printed, reading, settings
from app.engine import overview
from app.engine.desk import RefusalError
from app.printing import PORT
from app.printing.discovery import Method, Network, ScanPlan, SearchError, find, next_steps, own_networks, quiet_methods
from app.steady import now
from app.texts import tr

YES = ("y", "yes", "是", "好")


def run(arguments: Namespace) -> int:
    """`add` and `change` print the printer's id; `list` and `find` one line, or one JSON object, a printer."""
    return {"add": _add, "change": _change, "list": _list, "find": _find}[arguments.action](arguments)


def address_of(text: str) -> tuple[str, int]:
    """ "10.0.0.5:9100" or "10.0.0.5" as host and port."""
    host, _, port = text.partition(":")
    return host, int(port) if port else PORT


def _add(arguments: Namespace) -> int:
    known = settings(arguments.set)
    if arguments.address:
        host, port = address_of(arguments.address)
        known |= {"host": host, "port": str(port)}
    wish = {"kind": arguments.kind, "settings": known, "dialect": arguments.dialect, "paper": arguments.paper}
    print(change(arguments, "printer-add", name=arguments.name, station=arguments.station, **wish))
    return 0


def _change(arguments: Namespace) -> int:
    """Prints the printer's id; what is not named stays as it is."""
    wish = {
        "name": arguments.name,
        "paper": arguments.paper,
        "settings": settings(arguments.set),
        "enabled": arguments.enabled,
    }
    if not any(wish.values()) and arguments.enabled is None:
        raise RefusalError(tr("Say what to change (see --help)."))
    print(change(arguments, "printer-change", printer=arguments.printer, **wish))
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


def _find(arguments: Namespace) -> int:
    """Look for printers; the exit status is 1 when there is none."""
    methods = _methods(arguments)
    found = asyncio.run(find(methods, on_progress=_show_progress, on_trouble=_complain))
    if arguments.json:
        printed(found)
    for one in [] if arguments.json else found:
        print(f"{one.host}:{one.port}\t{one.name}\t{one.model}\t{one.how}")
    if methods and not found:
        _complain(*next_steps())
    return 0 if found else 1


def _methods(arguments: Namespace) -> list[Method]:
    """What was asked for; without a wish, every way that needs no permission."""
    networks = (Network(arguments.interface),) if arguments.interface else own_networks()
    if not networks:
        raise SearchError(tr("This computer is on no private network. Name one of its addresses with --interface."))
    unsaid = not (arguments.mdns or arguments.broadcast or arguments.scan)
    methods = quiet_methods(networks, arguments.mdns or unsaid, arguments.broadcast or unsaid)
    if arguments.scan:
        plan = _plan(arguments, networks)
        methods += [plan] if arguments.yes or _agreed(plan) else []
    return methods


def _plan(arguments: Namespace, networks: Sequence[Network]) -> ScanPlan:
    """The scan as the network sees it that the range is in."""
    for network in networks[:-1]:
        with suppress(SearchError):
            return ScanPlan.of(arguments.scan, network.interface, arguments.port)
    return ScanPlan.of(arguments.scan, networks[-1].interface, arguments.port)


def _agreed(plan: ScanPlan) -> bool:
    if not sys.stdin.isatty():
        raise RefusalError(tr("Nobody is here to be asked. Say --yes to scan without a question."))
    print(plan.text, tr("Go ahead? [y/N]"), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in YES


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _complain(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)
