"""`order-console shop`: how the shop stands on each platform; open it, pause it or call it busy."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from app.cli.listing import line
from app.cli.shop import asked, folder_of, printed, reading
from app.db.rows import pack
from app.engine.control import NoEngineError, ask
from app.engine.storefronts import storefronts
from app.platforms.abilities import Ability
from app.steady import now
from app.texts import tr
from app.ui.words import moment

STATES = {"open": "open", "pause": "paused", "busy": "busy"}


def run(arguments: Namespace) -> int:
    """`show` looks anew where an engine runs, and tells the last known state where none does. 1: somebody refused."""
    if arguments.action == "show":
        return _show(arguments)
    wish = {"accounts": arguments.account, "state": STATES[arguments.action], "minutes": arguments.minutes}
    return told(asked(arguments, "shop-set", **wish), arguments.json)


def told(answer: Mapping[str, Any], as_json: bool) -> int:
    """What was done and what was refused, by account; the exit status is 1 when any was refused."""
    if as_json:
        printed(answer)
    else:
        for account_id in answer["done"]:
            print(account_id)
        complain(answer["refused"])
    return 1 if answer["refused"] else 0


def complain(refused: Mapping[str, str]) -> None:
    """Refusals on standard error, in the platforms' words."""
    for account_id, text in refused.items():
        print(line(account_id, text), file=sys.stderr)


def _show(arguments: Namespace) -> int:
    found, running = _views(arguments)
    views = [one for one in found if not arguments.account or one["account_id"] in arguments.account]
    if arguments.json:
        printed(views)
        return 0
    for one in views:
        status = one["status"] or {"state": "-", "until": None, "text": _unknown(one, running)}
        words = one["error"] or status["text"]
        print(line(one["account_id"], one["platform"], one["name"], status["state"], _at(status["until"]),
                   _at(one["checked_at"]), words))  # fmt: skip
    return 0


def _unknown(view: Mapping[str, Any], running: bool) -> str:
    """Why no state is known: only an account that is open tells what its platform can do."""
    if not view["enabled"]:
        return tr("switched off")
    if running and Ability.OPENS_SHOP not in view["abilities"]:
        return tr("cannot be opened or paused from here")
    return tr("not known yet")


def _at(stored: str | None) -> str:
    """Local hours and minutes, with the day where it is not today."""
    return moment(datetime.fromisoformat(stored), now()) if stored else "-"


def _views(arguments: Namespace) -> tuple[list[Any], bool]:
    """The storefronts, and whether an engine runs that looked at them just now."""
    with suppress(NoEngineError):
        return list(ask(folder_of(arguments), "shops-look")), True
    with reading(arguments) as (database, house):
        nobody = frozenset[Any]()
        return [pack(one) for one in database.read(storefronts, house, lambda _: nobody, lambda _: nobody)], False
