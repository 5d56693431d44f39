"""`order-console queue` and `order-console tickets`: what the screen shows, for a terminal or a script."""

from __future__ import annotations

import sys
from argparse import Namespace

from app.cli.shop import printed, reading
from app.engine import cards, overview
from app.engine.views import Card, TicketView
from app.steady import now
from app.texts import tr

MOST = 1000  # tickets shown, the newest


def run(arguments: Namespace) -> int:
    """Reads beside a running engine; never writes."""
    with reading(arguments) as (database, house):
        if arguments.action == "queue":
            found: list[Card] | list[TicketView] = database.read(cards.cards, house, now(), None)
        else:
            found = database.read(overview.tickets, MOST + 1)
            if len(found) > MOST:
                found = found[:MOST]
                words = tr("Only the newest {n} tickets are shown; the ledger in the window has them all.", n=MOST)
                print(words, file=sys.stderr)
    if arguments.json:
        printed(found)
        return 0
    for one in found:
        print(_queue_line(one) if isinstance(one, Card) else _ticket_line(one))
    return 0


def _queue_line(card: Card) -> str:
    dishes = ", ".join(f"{quantity} x {name}" for quantity, name in card.items)
    return line(card.id, card.lane, card.call_number, card.kitchen, card.total, dishes)


def _ticket_line(view: TicketView) -> str:
    return line(view.id, view.call_number, view.ticket.kind, view.printer, view.state, view.reason)


def line(*columns: object) -> str:
    """Columns between tabs; control characters in a customer's or a platform's words reach no terminal."""
    return "\t".join("".join(c if c.isprintable() else " " for c in str(column)) for column in columns)
