"""`order-console ticket`: one platform payload as any of our papers: bytes, a picture, or paper."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.cli.printers import address_of
from app.db.orders import StoredOrder
from app.domain.business_day import BusinessCalendar
from app.domain.orders import OrderFacts
from app.domain.routing import Destination, Station
from app.domain.tickets import Difference, Sum, Ticket, TicketKind
from app.engine.house import House
from app.engine.shop_zone import default_zone
from app.engine.tickets import papers
from app.platforms.api import Message, Platform, ProtocolError, Settings, UnknownMessageError
from app.platforms.http import new_client
from app.platforms.registry import platforms
from app.printing import (
    OutcomeKind,
    Template,
    TemplateError,
    build,
    read_template,
    render_png,
    standard_templates,
    trial_ticket,
)
from app.printing.kinds import KINDS
from app.printing.profile import Profile
from app.steady import now
from app.texts import language, say, tr


def run(arguments: Namespace) -> int:
    """Exit 0 when the paper was made (and, with --printer, when the printer took it)."""
    known = platforms()
    if arguments.platform not in known:
        names = ", ".join(known)
        print(tr("No platform is called {name}; there are: {known}", name=arguments.platform, known=names), file=sys.stderr)
        return 2
    try:
        template = _template(arguments.template)
    except (OSError, UnicodeDecodeError, TemplateError) as error:
        print(tr("Template {name}: {error}", name=arguments.template, error=error), file=sys.stderr)
        return 2
    facts = asyncio.run(_facts(known[arguments.platform], arguments.payload.read_bytes()))
    ticket = _paper(facts, template.kind, arguments, House(BusinessCalendar.of(default_zone()), known))
    if arguments.png:
        arguments.png.write_bytes(render_png(ticket, template, arguments.width))
        return 0
    dialect = "tspl" if "x" in arguments.width else "escpos"
    job = build(ticket, template, arguments.width, dialect=dialect)
    if arguments.bytes:
        arguments.bytes.write_bytes(job)
        return 0
    return _print(job, arguments.printer, dialect)


def _template(name: str) -> Template:
    """One of ours, or a file. Raises OSError and TemplateError."""
    return standard_templates().get(name) or read_template(Path(name).read_text("utf-8"))


async def _facts(platform: Platform, payload: bytes) -> OrderFacts:
    async def nothing(_: Mapping[str, str]) -> None:
        return

    key = hashlib.sha256(payload).hexdigest()
    async with new_client() as client:
        connector = platform.connect(Settings(0, {one.name: "" for one in platform.fields}, nothing), client)
        try:
            updates = connector.read(Message(key, "order", payload, int(now().timestamp() * 1000)))
        except UnknownMessageError:
            updates = ()
        finally:
            await connector.aclose()
    facts = next((update.facts for update in updates if update.facts), None)
    if facts is None:
        raise ProtocolError(tr("This payload is not an order of {platform}.", platform=tr(platform.title)))
    return facts


def _paper(facts: OrderFacts, kind: TicketKind, arguments: Namespace, house: House) -> Ticket:
    """The paper of `kind`, with everything that an order alone can say."""
    if kind is TicketKind.TEST:
        return trial_ticket(language(), house.zone, now())
    if kind in _FROM_AN_ORDER:
        sheets = _sheets(facts, kind, arguments, house)
        number = min(max(int(arguments.sheet), 1), len(sheets))
        return sheets[number - 1]
    cooked = _sheets(facts, TicketKind.KITCHEN, arguments, house)[0]
    slip = replace(cooked, kind=kind, reason=facts.note if kind is TicketKind.URGE else "")
    if kind is TicketKind.CHANGED:
        return replace(slip, lines=tuple(replace(line, difference=Difference.ADDED) for line in slip.lines))
    if kind is TicketKind.TOTALS:
        total = Sum(say(slip.language, "Total"), str(facts.total), strong=True)
        return replace(slip, sums=(total,), call_number=house.calendar.day(facts.placed_at).isoformat())
    return slip


_FROM_AN_ORDER = frozenset(TicketKind) - {TicketKind.CHANGED, TicketKind.VOID, TicketKind.URGE, TicketKind.TOTALS}


def _sheets(facts: OrderFacts, kind: TicketKind, arguments: Namespace, house: House) -> tuple[Ticket, ...]:
    at: datetime = now()
    day, hour = house.calendar.day(facts.placed_at), house.calendar.hour(facts.placed_at)
    order = StoredOrder(0, arguments.platform, facts.reference, facts, 0, at, day, hour)
    station = Station(0, arguments.station, kind, language=language())
    return papers(house, order, Destination(station, tuple(range(len(facts.lines)))), (), at)


def _print(job: bytes, address: str, dialect: str) -> int:
    host, port = address_of(address)
    device = KINDS["lan"].open({"host": host, "port": str(port)}, dialect, Profile(), False)
    outcome = device.print_ticket(job, lambda status: print(status.text or tr("The printer is ready"), file=sys.stderr))
    print(f"{outcome.kind.value} {outcome.reason}".strip())
    return 0 if outcome.kind in (OutcomeKind.CONFIRMED, OutcomeKind.SENT) else 1
