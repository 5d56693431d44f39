"""`order-console account`: add or change an account by script, list accounts with their health."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from app.cli.listing import line
from app.cli.platforms import platform_called
from app.cli.shop import change, printed, reading, settings
from app.db.database import Database
from app.engine import overview, reception
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.views import AccountView, HealthState
from app.platforms.api import FieldKind
from app.steady import now
from app.texts import tr
from app.ui.arrival import arriving


def run(arguments: Namespace) -> int:
    """`add` and `change` print the account's id; `list` one line, or one JSON object, an account.

    A line says "no orders" of an account that is well but that no order can reach. In JSON `tone` is that of `arriving`.
    """
    return {"add": _add, "change": _change, "list": _list}[arguments.action](arguments)


def _add(arguments: Namespace) -> int:
    values = settings(arguments.set)
    _require_form(arguments.platform, values)
    account_id = change(
        arguments,
        "account-add",
        platform=arguments.platform,
        values=values,
        address=arguments.address,
        name=arguments.name,
        auto_accept=arguments.auto_accept,
    )
    print(account_id)
    return 0


def _require_form(name: str, values: Mapping[str, str]) -> None:
    """Name fields as `--set` spells them, before anything is opened: the engine knows only the words of the form."""
    fields = platform_called(name).fields
    strange = [one for one in values if one not in {field.name for field in fields}]
    if strange:
        names = ", ".join(strange)
        raise RefusalError(
            tr("There is no setting {fields}: see `order-console platforms {name}`.", fields=names, name=name)
        )
    asked = [field.name for field in fields if field.required and not field.default and field.kind is not FieldKind.CODE]
    missing = [one for one in asked if not values.get(one, "").strip()]
    if missing:
        text = tr("Please --set {fields}: see `order-console platforms {name}`.", fields=", ".join(missing), name=name)
        raise RefusalError(text)


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
        ways = {view.id: way_in(database, house, view) for view in views}
    if arguments.json:
        found = [(view, *ways[view.id]) for view in views]
        printed([{"account": one, "hook": one.hook, "arrival": text, "tone": tone} for one, text, tone in found])
        return 0
    for view in views:
        text, tone = ways[view.id]
        deaf = tone == "late" and view.state is HealthState.OK
        state = tr("no orders") if deaf else view.state
        print(line(view.id, view.platform, view.name, state, view.text or text, view.hook))
    return 0


def way_in(database: Database, house: House, account: AccountView) -> tuple[str, str]:
    """How the account's orders arrive, as its form says it, and the tone of that; nothing while it is switched off."""
    platform = house.platforms.get(account.platform)
    if not account.enabled or platform is None:
        return "", "muted"
    told, relay = database.read(reception.arrivals, account.id), database.read(reception.relay)
    return arriving(platform.arrival, told, relay, now())
