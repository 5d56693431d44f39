"""`order-console account`: add an account by script, list accounts with their health."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app.cli.shop import change, printed, reading
from app.engine import overview
from app.engine.desk import RefusalError
from app.engine.house import now
from app.engine.runtime import hook_addresses
from app.texts import tr


def run(arguments: Namespace) -> int:
    """`add` prints the new account's id; `list` one line, or one JSON object, an account."""
    return _add(arguments) if arguments.action == "add" else _list(arguments)


def _add(arguments: Namespace) -> int:
    account_id = change(
        arguments,
        "account-add",
        platform=arguments.platform,
        values=dict(_setting(text) for text in arguments.set),
        address=arguments.address,
        name=arguments.name,
        auto_accept=arguments.auto_accept,
    )
    print(account_id)
    return 0


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise RefusalError(tr("Expected FIELD=VALUE, got {text}", text=text))
    if value.startswith("@"):
        value = Path(value[1:]).read_text("utf-8").strip()
    return name, value


def _list(arguments: Namespace) -> int:
    with reading(arguments) as (database, house):
        views = database.read(overview.overview, house, now()).accounts
        hooks = database.read(hook_addresses)
    if arguments.json:
        printed([{"account": view, "hook": hooks.get(view.id, "")} for view in views])
        return 0
    for view in views:
        print(f"{view.id}\t{view.platform}\t{view.name}\t{view.state}\t{view.text}\t{hooks.get(view.id, '')}")
    return 0
