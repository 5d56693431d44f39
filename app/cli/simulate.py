"""`order-console simulate`: one platform or one printer alone, for any client; how to reach it as one JSON line."""

from __future__ import annotations

import asyncio
import importlib
import json
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from app.platforms.registry import simulators
from app.platforms.simulation import Faults, Simulator
from app.practice.printer import VirtualPrinter
from app.practice.printer_control import PrinterControl
from app.practice.printer_faults import PrinterFaults

LEVELS = {None: 0, "0": 0, "1": 1, "2": 2, "3": 3}


def run(arguments: Namespace) -> int:
    """Serve until interrupted."""
    if arguments.platform == "printer":
        return _refuse("a printer has no variants") if arguments.variant else _run_printer(arguments)
    known = simulators()
    if arguments.platform not in known:
        return _refuse(f"no simulator is called {arguments.platform}; there are {_listed(known)}, printer")
    found = _chosen(known[arguments.platform], arguments.variant)
    if found is None:
        return _refuse(f"no such variant; {arguments.platform} has {_ways(known[arguments.platform]) or 'one way only'}")
    if arguments.faults not in LEVELS:
        return _refuse(f"--faults of a platform is a level from 0 to 3, not {arguments.faults}")
    simulator = found(arguments.seed, Faults.level(LEVELS[arguments.faults]), arguments.speed)
    asyncio.run(_serve(simulator, arguments.port, arguments.rush))
    return 0


def _chosen(usual: type[Simulator], variant: str) -> type[Simulator] | None:
    return usual.variants().get(variant) if variant else usual


def _ways(usual: type[Simulator]) -> str:
    return ", ".join(sorted(usual.variants()))


def _listed(known: Mapping[str, type[Simulator]]) -> str:
    return ", ".join(f"{name} (--variant {ways})" if (ways := _ways(one)) else name for name, one in known.items())


async def _serve(simulator: Simulator, port: int, rush: float) -> None:
    address = await simulator.start(port)
    known = {"platform": simulator.name, "address": address, "credentials": dict(simulator.credentials)}
    known |= {"variant": simulator.variant} if simulator.variant else {}
    vouchers = {"vouchers": codes} if (codes := simulator.vouchers_to_try()) else {}
    print(json.dumps({**known, **vouchers}, ensure_ascii=False), flush=True)
    try:
        while True:
            await asyncio.sleep(60 / rush / simulator.speed if rush > 0 else 3600)
            if rush > 0:
                simulator.place()
    finally:
        await simulator.stop()


def _run_printer(arguments: Namespace) -> int:
    try:
        faults = _faults_of(arguments.faults)
    except (OSError, ValueError) as error:
        return _refuse(f"{arguments.faults}: {error}")
    dialect = "tspl" if arguments.tspl else "escpos"
    printer = VirtualPrinter(arguments.seed, arguments.width, faults=faults, dialect=dialect)
    with printer.in_thread(arguments.port):
        control = PrinterControl(printer)
        printer.call(control.start())
        try:
            known = {"printer": dialect, "address": f"{printer.host}:{printer.port}", "control": control.address}
            print(json.dumps(known), flush=True)
            return _wait(printer, arguments.window)
        finally:
            printer.call(control.stop())


def _faults_of(path: str | None) -> PrinterFaults:
    """The knobs in a JSON file. Raises OSError or ValueError."""
    if path is None:
        return PrinterFaults()
    return PrinterFaults.from_json(json.loads(Path(path).read_text("utf-8")))


def _wait(printer: VirtualPrinter, window: bool) -> int:
    """With a window until it is closed, else until interrupted."""
    if window:  # Qt is only loaded for those who want to see it
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt swallows what Python raises in its loop
        return int(importlib.import_module("app.practice.paper_window").run(printer) or 0)
    while True:
        time.sleep(3600)


def _refuse(words: str) -> int:
    print(f"order-console: {words}", file=sys.stderr)
    return 2
