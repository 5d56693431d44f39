"""`order-console account`: add or change an account by script, list accounts with their health."""

from __future__ import annotations

from argparse import Namespace

from app.cli.shop import change, printed, reading, settings
from app.engine import overview
from app.engine.desk import RefusalError
from app.engine.house import now
from app.texts import tr


def run(arguments: Namespace) -> int:
    """`add` and `change` print the account's id; `list` one line, or one JSON object, an account."""
    return {"add": _add, "change": _change, "list": _list}[arguments.action](arguments)


def _add(arguments: Namespace) -> int:
    account_id = change(
        arguments,
        "account-add",
        platform=arguments.platform,
        values=settings(arguments.set),
        address=arguments.address,
        name=arguments.name,
        auto_accept=arguments.auto_accept,
    )
    print(account_id)
    return 0


def _change(arguments: Namespace) -> int:
    wish = {
        "values": settings(arguments.set),
        "address": arguments.address,
        "name": arguments.name,
        "enabled": arguments.enabled,
        "auto_accept": None if arguments.auto_accept is None else arguments.auto_accept == "yes",
    }
    if not wish["values"] and not wish["name"] and {wish["address"], wish["enabled"], wish["auto_accept"]} == {None}:
        raise RefusalError(tr("Say what to change (see --help)."))
    print(change(arguments, "account-change", account=arguments.account, **wish))
    return 0


def _list(arguments: Namespace) -> int:
    with reading(arguments) as (database, house):
        views = database.read(overview.overview, house, now()).accounts
    if arguments.json:
        printed([{"account": view, "hook": view.hook} for view in views])
        return 0
    for view in views:
        print(f"{view.id}\t{view.platform}\t{view.name}\t{view.state}\t{view.text}\t{view.hook}")
    return 0
