"""Meituan takeaway (美团外卖) through either of its doors, waimaiopen and the service providers' gateway."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField, SignIn
from app.platforms.meituan.commands import REJECT_REASONS
from app.platforms.meituan.connector import connect
from app.platforms.meituan.mapping import DECISION_WINDOW
from app.platforms.meituan.sign_in import exchange
from app.platforms.meituan.tokens import ISV, OWN, PARTNER, consent_page
from app.platforms.meituan.webhook import relay_reply
from app.texts import N_

__all__ = ["platform"]

FIELDS = (
    SettingField(
        "door",
        N_("Way to Meituan"),
        N_(
            "own app: a chain's or shop's own app at waimaiopen; ISV app: the same with a token for each shop; "
            "service provider: an app of the technical service centre"
        ),
        FieldKind.CHOICE,
        default=OWN,
        choices=(OWN, ISV, PARTNER),
    ),
    SettingField("app_id", N_("App number"), N_("app_id, or the service provider's developerId")),
    SettingField("secret", N_("App secret"), N_("The app's secret, or the service provider's signKey"), FieldKind.SECRET),
    SettingField("shop_id", N_("Shop number"), N_("The shop's code in your app: app_poi_code, or ePoiId")),
    SettingField(
        "access_token",
        N_("Shop token"),
        N_("appAuthToken, if the shop was bound the older way; otherwise filled in by signing in"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "code",
        N_("Authorisation code"),
        N_("Shown after the shop's consent; only for service providers"),
        FieldKind.CODE,
        required=False,
    ),
    SettingField(
        "callback_url",
        N_("Push address"),
        N_(
            "Exactly as entered in Meituan's console for every kind of message, because it is part of the signature; "
            "not needed by service providers"
        ),
        required=False,
    ),
    SettingField("courier_name", N_("Own courier"), N_("Name told to customers when you deliver yourself"), required=False),
    SettingField("courier_phone", N_("Own courier's phone"), required=False),
    SettingField(
        "decision_minutes",
        N_("Minutes to decide"),
        N_("How long Meituan waits before it cancels an order nobody accepted; not documented, 5 to 10 are heard of"),
        FieldKind.NUMBER,
        required=False,
        default="5",
    ),
    SettingField(
        "ready_seconds",
        N_("Seconds before ready"),
        N_('Meituan refuses "food ready" for so long after accepting'),
        FieldKind.NUMBER,
        required=False,
        default="60",
    ),
)

platform = Platform(
    name="meituan",
    relay_reply=relay_reply,
    title=N_("Meituan"),
    mark="美",
    color="#ffc300",
    fields=FIELDS,
    commands=frozenset(CommandKind) - {CommandKind.REFUND},
    connect=connect,
    reject_reasons=REJECT_REASONS,
    sign_in=SignIn(consent_page, exchange),
    poll_seconds=20.0,  # the heartbeat of door B wants 20 to 30 s
    decision_window=DECISION_WINDOW,  # recalled
    how_orders_arrive=N_(
        "Meituan pushes orders to a public address, if there is one; every 20 seconds the day's numbers are checked as well"
    ),
    evidence=N_(
        "published clients and receivers, signatures proved by vectors; times to decide, fields of urges, "
        "the gateway's error codes and what it says of dishes to give back are recalled"
    ),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("Food ready is told to Meituan only for orders that its own couriers fetch"),
        N_("Hand-over and delivery are told to Meituan only when you deliver yourself"),
        N_("Without pushes, a customer's urge does not arrive: Meituan lists none"),
        N_("Dishes without a code of your own at Meituan cannot be taken off sale from here"),
        N_(
            "Meituan gives back whole portions, never the last one left; giving back everything cancels the order, "
            "and is refused once it is completed"
        ),
        N_("Through a service provider, dishes are given back only once the order is completed"),
        N_("A courier is found on the map only where Meituan's crowd couriers deliver"),
        N_("Reviews and bills are read only through an own or ISV app, and bills only with a right of their own"),
        N_("One app of several shops pushes to one address: give each shop its own app, or rely on asking"),
    ),
)
