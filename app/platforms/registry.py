"""Finds every installed platform by its entry point, so that adding one changes no file of this program."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

import structlog

from app.platforms.api import Platform
from app.platforms.simulation import Simulator

GROUP = "order_console.platforms"
SIMULATOR_GROUP = "order_console.simulators"

_log = structlog.get_logger(__name__)


@cache
def platforms() -> dict[str, Platform]:
    """All platforms by name, ours first. A broken one is logged and left out: it must not close the others.

    Two platforms of one name would share accounts and orders, so only the first is taken, whoever ships the second.
    """
    found: dict[str, Platform] = {}
    for point in sorted(entry_points(group=GROUP), key=_ours_first):
        loaded = _load(point)
        if loaded is None:
            continue
        if loaded.name in found:
            _log.error("platform_duplicate", platform=loaded.name, entry_point=point.value)
            continue
        found[loaded.name] = loaded
    return found


def platform(name: str) -> Platform:
    """The platform of that name. KeyError when no installed distribution brings it."""
    return platforms()[name]


def simulators() -> dict[str, type[Simulator]]:
    """The practice side of every platform that ships one, by the platform's name."""
    points = sorted(entry_points(group=SIMULATOR_GROUP), key=_ours_first)
    found = {point.name: _import(point) for point in points}
    return {name: one for name, one in found.items() if isinstance(one, type) and issubclass(one, Simulator)}


def _ours_first(point: EntryPoint) -> tuple[bool, str]:
    return not point.value.startswith("app."), point.name


def _load(point: EntryPoint) -> Platform | None:
    loaded = _import(point)
    if loaded is None or isinstance(loaded, Platform):
        return loaded
    _log.error("platform_broken", entry_point=point.value, reason=f"is a {type(loaded).__name__}, not a Platform")
    return None


def _import(point: EntryPoint) -> object | None:
    try:
        loaded: object = point.load()
    except Exception as error:  # noqa: BLE001 - third-party code: whatever breaks there stays there
        _log.error("platform_broken", entry_point=point.value, reason=repr(error))
        return None
    return loaded
