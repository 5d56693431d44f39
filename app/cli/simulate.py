"""`order-console simulate`: one platform's simulator alone, for any client; its address and credentials as one JSON line."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace

from app.platforms.registry import simulators
from app.platforms.simulation import Faults, Simulator


def run(arguments: Namespace) -> int:
    """Serve until interrupted."""
    found = simulators().get(arguments.platform)
    if found is None:
        print(
            f"order-console: no simulator is called {arguments.platform}; there are {', '.join(simulators())}",
            file=sys.stderr,
        )
        return 2
    simulator = found(arguments.seed, Faults.level(arguments.faults), arguments.speed)
    asyncio.run(_serve(simulator, arguments.port, arguments.rush))
    return 0


async def _serve(simulator: Simulator, port: int, rush: float) -> None:
    address = await simulator.start(port)
    known = {"platform": simulator.name, "address": address, "credentials": dict(simulator.credentials)}
    print(json.dumps(known, ensure_ascii=False), flush=True)
    try:
        while True:
            await asyncio.sleep(60 / rush / simulator.speed if rush > 0 else 3600)
            if rush > 0:
                simulator.place()
    finally:
        await simulator.stop()
