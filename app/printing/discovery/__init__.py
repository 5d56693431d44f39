"""Finding printers on the own network: announced ones, those that answer a broadcast, and an explicit scan.

Every way is bounded in time, ends at once when cancelled, and touches only the interface and the addresses it is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from app.printing.discovery.enpc import Broadcast
from app.printing.discovery.found import Found, OnFound, OnProgress, clean, merge, unheard
from app.printing.discovery.mdns import Announcements
from app.printing.discovery.networks import Network, SearchError, own_networks
from app.printing.discovery.scan import ScanPlan
from app.texts import tr

__all__ = [
    "Announcements",
    "Broadcast",
    "Found",
    "Method",
    "Network",
    "ScanPlan",
    "SearchError",
    "clean",
    "find",
    "merge",
    "next_steps",
    "own_networks",
    "quiet_methods",
]

log = structlog.get_logger(__name__)


class Method(Protocol):
    """One way to look for printers."""

    async def run(self, on_found: OnFound, on_progress: OnProgress) -> None:
        """Look until done, reporting on the way; the same printer may be reported twice. Raises OSError."""


def quiet_methods(networks: Sequence[Network], mdns: bool = True, broadcast: bool = True) -> list[Method]:
    """The ways that need no permission, on these networks: listening to announcements, and Epson's broadcast."""
    methods: list[Method] = []
    if mdns and networks:
        methods.append(Announcements(tuple(network.interface for network in networks)))
    if broadcast:
        methods += [Broadcast(network.interface, network.broadcast) for network in networks]
    return methods


def next_steps() -> tuple[str, ...]:
    """What to try when no printer was found, a line each."""
    return (
        tr("No printer was found."),
        tr("Is the printer switched on, and its network cable in?"),
        tr("Print its network page: hold FEED while switching it on. The address is on that page."),
        tr("Then type this address by hand."),
    )


async def find(
    methods: Sequence[Method],
    on_found: OnFound = unheard,
    on_progress: OnProgress = unheard,
    on_trouble: Callable[[str], None] | None = None,
) -> list[Found]:
    """Look in all these ways side by side; answers each printer once, named ones first.

    `on_found` hears of a printer as it is met, and again when more is known of it: replace by host and port.
    `on_progress` counts the addresses of all scans together. A way that fails does not end the others: `on_trouble` is
    told why, in words for staff (by default the log). Every callback runs in the caller's loop.
    """
    search = _Search(on_found, on_progress)
    async with asyncio.TaskGroup() as looking:
        for place, method in enumerate(methods):
            looking.create_task(_look(method, search.met, partial(search.progressed, place), on_trouble or _logged))
    return merge(search.found.values())


class _Search:
    """What all ways together have found so far."""

    def __init__(self, on_found: OnFound, on_progress: OnProgress) -> None:
        self.found: dict[tuple[str, int], Found] = {}
        self._asked: dict[int, tuple[int, int]] = {}
        self._on_found = on_found
        self._on_progress = on_progress

    def met(self, one: Found) -> None:
        known = self.found.get((one.host, one.port))
        (best,) = merge([known, one] if known else [one])
        if best != known:
            self.found[one.host, one.port] = best
            self._on_found(best)

    def progressed(self, place: int, done: int, total: int) -> None:
        self._asked[place] = done, total
        self._on_progress(sum(done for done, _ in self._asked.values()), sum(total for _, total in self._asked.values()))


async def _look(method: Method, on_found: OnFound, on_progress: OnProgress, on_trouble: Callable[[str], None]) -> None:
    try:
        await method.run(on_found, on_progress)
    except SearchError as error:
        on_trouble(str(error))
    except OSError as error:
        on_trouble(tr("A search of the network failed: {error}", error=error))


def _logged(trouble: str) -> None:
    log.warning("printer search failed", trouble=trouble)
