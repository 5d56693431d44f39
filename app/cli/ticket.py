"""`order-console ticket`: one platform payload as a kitchen ticket: bytes, a picture, or paper."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime

from app.bootstrap import ZONE
from app.cli.printers import address_of
from app.db.orders import StoredOrder
from app.domain.business_day import BusinessCalendar
from app.domain.orders import OrderFacts
from app.domain.routing import Destination, Station
from app.domain.tickets import Ticket
from app.engine.house import House, now
from app.engine.tickets import papers
from app.platforms.api import Message, Platform, ProtocolError, Settings
from app.platforms.http import new_client
from app.platforms.registry import platforms
from app.printing import LanPrinter, OutcomeKind, build, render_png
from app.texts import language, tr


def run(arguments: Namespace) -> int:
    """Exit 0 when the ticket was made (and, with --printer, when the printer took it)."""
    known = platforms()
    if arguments.platform not in known:
        print(tr("No platform is called {name}.", name=arguments.platform), file=sys.stderr)
        return 2
    facts = asyncio.run(_facts(known[arguments.platform], arguments.payload.read_bytes()))
    ticket = _ticket(facts, arguments, House(BusinessCalendar.of(ZONE), known))
    if arguments.png:
        arguments.png.write_bytes(render_png(ticket, paper=str(arguments.width)))
    elif arguments.bytes:
        arguments.bytes.write_bytes(build(ticket, paper=str(arguments.width)))
    else:
        return _print(ticket, arguments)
    return 0


async def _facts(platform: Platform, payload: bytes) -> OrderFacts:
    async def nothing(_: Mapping[str, str]) -> None:
        return

    key = hashlib.sha256(payload).hexdigest()
    async with new_client() as client:
        connector = platform.connect(Settings(0, {one.name: "" for one in platform.fields}, nothing), client)
        updates = connector.read(Message(key, "order", payload, int(now().timestamp() * 1000)))
        await connector.aclose()
    facts = next((update.facts for update in updates if update.facts), None)
    if facts is None:
        raise ProtocolError(tr("This payload is not an order of {platform}.", platform=platform.name))
    return facts


def _ticket(facts: OrderFacts, arguments: Namespace, house: House) -> Ticket:
    at: datetime = now()
    day, hour = house.calendar.day(facts.placed_at), house.calendar.hour(facts.placed_at)
    order = StoredOrder(0, arguments.platform, facts.reference, facts, 0, at, day, hour)
    station = Station(0, arguments.station, language=language())
    return papers(house, order, Destination(station, tuple(range(len(facts.lines)))), (), at)[0]


def _print(ticket: Ticket, arguments: Namespace) -> int:
    outcome = LanPrinter(*address_of(arguments.printer)).print_ticket(build(ticket, paper=str(arguments.width)))
    print(f"{outcome.kind.value} {outcome.reason}".strip())
    return 0 if outcome.kind in (OutcomeKind.CONFIRMED, OutcomeKind.SENT) else 1
