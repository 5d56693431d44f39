"""`order-console platforms`: what each platform can do here, what it cannot, and how sure we are of it."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import httpx

from app.cli.shop import printed
from app.domain.commands import CommandKind
from app.engine.desk import RefusalError
from app.platforms import abilities, voice
from app.platforms.api import Arrival, Connector, FieldKind, Platform, SettingField, Settings
from app.platforms.registry import platforms
from app.texts import N_, tr
from app.ui.words import COMMANDS

ARRIVALS = {
    Arrival.POLLED: N_("asked for"),
    Arrival.STREAMED: N_("over an open connection"),
    Arrival.RELAYED: N_("pushed, through a relay"),
    Arrival.POLLED_OR_RELAYED: N_("asked for, sooner through a relay"),
    Arrival.NONE: N_("a voice for the staff, brings no orders"),
}
ABILITIES: Mapping[type, str] = {
    abilities.ListsDays: N_("lists a day's orders: proof that none is missing"),
    abilities.OpensShop: N_("opens and pauses the shop"),
    abilities.SellsItems: N_("takes dishes off sale"),
    abilities.RefundsOrders: N_("gives money back"),
    abilities.TracksCouriers: N_("knows where the courier is"),
    abilities.HearsReviews: N_("reads and answers reviews"),
    abilities.Settles: N_("lists what is paid out"),
    abilities.RedeemsVouchers: N_("redeems vouchers"),
    voice.HearsStaff: N_("answers what staff ask aloud"),
    voice.Announces: N_("speaks new orders aloud"),
}
UNPRESSED = frozenset({CommandKind.RECEIVED})  # sent by itself, once the order is on disk


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the account form, as `account add --set` takes it. `choices` are the values, not their words."""

    name: str
    label: str
    help: str
    kind: FieldKind
    required: bool
    default: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """One platform, in words. `abilities`: what the connector of an account whose form was left as it comes could do beyond
    orders, whether or not a button asks for it.
    """

    name: str
    title: str
    mark: str
    arrival: Arrival
    how_orders_arrive: str
    commands: tuple[CommandKind, ...]
    abilities: tuple[str, ...]
    cannot: tuple[str, ...]
    evidence: str
    fields: tuple[FormField, ...]


def run(arguments: Namespace) -> int:
    """One JSON list, or a paragraph a platform; those that were named come with the fields of their form."""
    known = {name: platform_called(name) for name in arguments.name} or platforms()
    found = asyncio.run(_described(known))
    if arguments.json:
        printed(found)
        return 0
    print("\n\n".join("\n".join((*_lines(one), *_form(one.fields if arguments.name else ()))) for one in found))
    return 0


def platform_called(name: str) -> Platform:
    """Raises RefusalError, which names those that there are."""
    known = platforms()
    if name not in known:
        raise RefusalError(tr("No platform is called {name}; there are: {known}", name=name, known=", ".join(known)))
    return known[name]


async def _described(known: Mapping[str, Platform]) -> list[Description]:
    """Connectors are made and never used: what one is can be seen without a call."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(_nobody)) as nowhere:
        return [description(platform, nowhere) for platform in known.values()]


def _nobody(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def description(platform: Platform, client: httpx.AsyncClient) -> Description:
    """What `platform` says of itself, and what its connector is seen to be."""
    values = {field.name: field.default for field in platform.fields}
    connector = platform.connect(Settings(0, values, _forget), client)
    return Description(
        platform.name,
        tr(platform.title),
        platform.mark,
        platform.arrival,
        tr(platform.how_orders_arrive),
        tuple(kind for kind in CommandKind if kind in platform.commands),
        tuple(abilities_of(connector)),
        tuple(tr(sentence) for sentence in platform.cannot),
        tr(platform.evidence),
        tuple(_field(one) for one in platform.fields),
    )


def _field(one: SettingField) -> FormField:
    return FormField(one.name, tr(one.label), tr(one.help), one.kind, one.required, one.default, one.choices)


def abilities_of(connector: Connector) -> Iterator[str]:
    """The abilities that a connector has, in words."""
    return (tr(words) for ability, words in ABILITIES.items() if isinstance(connector, ability))


async def _forget(_: Mapping[str, str]) -> None:
    return


def _lines(one: Description) -> Iterator[str]:
    yield f"{one.mark}  {one.title} ({one.name}), {tr(ARRIVALS[one.arrival])}"
    yield _told(tr("orders"), one.how_orders_arrive)
    yield _told(tr("buttons"), ", ".join(tr(COMMANDS[kind]) for kind in one.commands if kind not in UNPRESSED))
    yield _told(tr("connector"), "; ".join(one.abilities))
    yield from (_told(tr("limit"), sentence) for sentence in one.cannot)
    yield _told(tr("evidence"), one.evidence)


def _form(fields: Collection[FormField]) -> Iterator[str]:
    """What `account add --set` takes, what it must have first."""
    for one in sorted(fields, key=lambda field: not field.required):
        needed = tr("needed") if one.required and not one.default else ""
        values = " | ".join(choice if tr(choice) == choice else f"{choice} ({tr(choice)})" for choice in one.choices)
        notes = "; ".join(filter(None, (needed, values, one.default and tr("usually {value}", value=one.default))))
        yield _told(f"--set {one.name}=…", f"{one.label}{f' ({notes})' if notes else ''}. {one.help}".strip(". "))


def _told(what: str, words: str) -> str:
    return f"    {what}: {words or '-'}"
