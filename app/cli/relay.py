"""`order-console relay`: where this counter fetches pushed orders from, and how that stands."""

from __future__ import annotations

import json
from argparse import Namespace

from app.cli.shop import change, reading
from app.db import audit
from app.engine.desk import RefusalError
from app.engine.relayed import RELAY_SHOP, RELAY_STATE, RELAY_URL
from app.texts import tr


def run(arguments: Namespace) -> int:
    """`set` stores the relay, which a running engine follows at once; `show` prints address, shop, state and reason."""
    return {"set": _set, "show": _show}[arguments.action](arguments)


def _set(arguments: Namespace) -> int:
    url = arguments.url
    if url and not (arguments.shop and arguments.credentials):
        raise RefusalError(tr("A relay needs --shop and --credentials too."))
    credentials = str(arguments.credentials.resolve()) if arguments.credentials else ""
    change(arguments, "relay-set", url=url, shop=arguments.shop, credentials=credentials)
    return 0


def _show(arguments: Namespace) -> int:
    with reading(arguments) as (database, _):
        url, shop, told = (database.read(audit.preference, name, "") for name in (RELAY_URL, RELAY_SHOP, RELAY_STATE))
    state = json.loads(told or "{}")
    print(f"{url}\t{shop}\t{state.get('state', 'off')}\t{state.get('text', '')}")
    return 0
