"""`order-console relay`: where this counter fetches pushed orders from, and how that stands."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from app.cli.shop import change, reading
from app.db import audit
from app.engine.desk import RefusalError
from app.engine.relayed import RELAY_SHOP, RELAY_STATE, RELAY_URL
from app.relay.connection import RelayError, Server
from app.relay.credentials import CredentialsError, read_credentials
from app.relay.envelope import is_shop
from app.texts import tr


def run(arguments: Namespace) -> int:
    """`set` stores the relay, which a running engine follows at once; `show` prints address, shop, state and reason."""
    return {"set": _set, "show": _show}[arguments.action](arguments)


def _set(arguments: Namespace) -> int:
    url = arguments.url
    if url and not (arguments.shop and arguments.credentials):
        raise RefusalError(tr("A relay needs --shop and --credentials too."))
    if url:
        _require_usable(url, arguments.shop, arguments.credentials)
    credentials = str(arguments.credentials.resolve()) if arguments.credentials else ""
    change(arguments, "relay-set", url=url, shop=arguments.shop, credentials=credentials)
    return 0


def _require_usable(url: str, shop: str, credentials: Path) -> None:
    """Refuse what no engine could ever use. Raises RefusalError, or OSError when the file cannot be read."""
    if not is_shop(shop):
        raise RefusalError(
            tr("{name} cannot be a shop's name at a relay: lower-case letters, digits and hyphens only", name=shop)
        )
    try:
        Server(url, credentials, "order-console", f"_INBOX_{shop}")
        read_credentials(credentials)
    except (RelayError, CredentialsError) as error:
        raise RefusalError(str(error)) from None


def _show(arguments: Namespace) -> int:
    with reading(arguments) as (database, _):
        url, shop, told = (database.read(audit.preference, name, "") for name in (RELAY_URL, RELAY_SHOP, RELAY_STATE))
    state = json.loads(told or "{}")
    text = state.get("text", "") if url else tr("No relay is set: see `order-console relay set --help`.")
    print(f"{url}\t{shop}\t{state.get('state', 'off')}\t{text}")
    return 0
