"""Rules in plain words: "Dishes in category Drinks* on any platform, 11:00-14:00"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from functools import reduce

from app.domain.routing import Route
from app.texts import N_, language, tr
from app.ui.words import FULFILMENTS, plain

# What a rule says of a dish: how it begins the sentence, and how it follows something said before.
_DISHES = {
    "categories": (N_("Dishes in category {names}"), N_("in category {names}")),
    "items": (N_("Dishes named {names}"), N_("named {names}")),
    "options": (N_("Dishes with option {names}"), N_("with option {names}")),
}


def rule_words(route: Route, titles: Mapping[str, str]) -> str:
    """One rule as a sentence; `titles` are the platforms' names on screen."""
    parts = [*_dishes(route), _platforms(route, titles)]
    if route.otherwise:
        parts.append(tr("that no other station's rule takes"))
    if route.fulfilments:
        parts.append(tr("only {names}", names=any_of(tr(FULFILMENTS[one]) for one in route.fulfilments)))
    if band := band_words(route.begins, route.ends):
        parts.append(band)
    words = ("，" if language() == "zh" else ", ").join(parts)
    return words if route.enabled else tr("Off: {words}", words=words)


def band_words(begins: time | None, ends: time | None) -> str:
    """A time of day, "" for the whole of it."""
    if begins and ends is not None:
        band = f"{begins:%H:%M}–{ends:%H:%M}"
        return tr("{band} over midnight", band=band) if begins > ends else band
    if begins:
        return tr("from {time}", time=f"{begins:%H:%M}")
    return tr("until {time}", time=f"{ends:%H:%M}") if ends is not None else ""


def any_of(names: Iterable[str]) -> str:
    """A or B or C, each as a line of plain text."""
    return reduce(lambda one, other: tr("{one} or {other}", one=one, other=other), [plain(name) for name in names])


def _dishes(route: Route) -> list[str]:
    said: list[str] = []
    for name, (first, then) in _DISHES.items():
        if names := getattr(route, name):
            said.append(tr(then if said else first, names=any_of(names)))
    return said or [tr("Every dish")]


def _platforms(route: Route, titles: Mapping[str, str]) -> str:
    if not route.platforms:
        return tr("on any platform")
    return tr("on {names}", names=any_of(titles.get(name, name) for name in route.platforms))
