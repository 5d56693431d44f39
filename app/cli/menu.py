"""`order-console menu`: what the platforms sell; take a dish off sale (86) or sell it again."""

from __future__ import annotations

from argparse import Namespace

from app.cli.listing import line
from app.cli.shop import asked, printed
from app.cli.storefront import complain, told
from app.engine.desk import RefusalError
from app.texts import tr


def run(arguments: Namespace) -> int:
    """`show` prints one line, or one JSON object, a dish. 1: a platform did not answer or refused."""
    if arguments.action == "show":
        return _show(arguments)
    if not arguments.name:
        raise RefusalError(tr("Name the dish."))
    wish = {"accounts": arguments.account, "name": arguments.name, "minutes": arguments.minutes}
    return told(asked(arguments, "menu-set", **wish, available=arguments.action == "back"), arguments.json)


def _show(arguments: Namespace) -> int:
    answer = asked(arguments, "menu", accounts=arguments.account)
    if arguments.json:
        printed(answer)
        return 1 if answer["refused"] else 0
    for account_id, items in answer["menus"].items():
        for item in items:
            state = "" if item["available"] else "86"
            print(line(account_id, item["item_id"], item["name"], item["category"], state, item["until"] or ""))
    complain(answer["refused"])
    return 1 if answer["refused"] else 0
