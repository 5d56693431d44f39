"""HubRise: the middleware behind which many delivery platforms and online shops reach one restaurant."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField, SignIn
from app.platforms.hubrise import shop, sign_in
from app.platforms.hubrise.client import API
from app.platforms.hubrise.connector import HubRiseConnector
from app.platforms.refusals import WORDS
from app.texts import N_

FIELDS = (
    SettingField("client_id", N_("Client ID"), N_("HubRise back office, Settings, Developer: your OAuth client")),
    SettingField("client_secret", N_("Client secret"), N_("Stands beside the client ID"), FieldKind.SECRET),
    SettingField(
        "code",
        N_("Code"),
        N_("Open the sign-in page, choose your restaurant, and paste the code it shows. It is good for 10 minutes."),
        FieldKind.CODE,
        required=False,
    ),
    SettingField("access_token", N_("Access token"), N_("Filled in by signing in"), FieldKind.SECRET, required=False),
    SettingField("location_id", N_("Location"), N_("Filled in by signing in"), required=False),
    SettingField("location_name", N_("Restaurant name"), N_("Filled in by signing in"), required=False),
    SettingField("catalog_id", N_("Catalogue"), N_("Filled in by signing in"), required=False),
    SettingField(
        "decision_minutes",
        N_("Minutes to decide"),
        N_("After how many minutes the sending app cancels an order nobody accepts. HubRise does not tell: ask the app."),
        FieldKind.NUMBER,
        required=False,
    ),
    SettingField(
        "scheduled_minutes",
        N_("Pre-order from (minutes)"),
        N_("Orders wanted later than this count as ordered for later"),
        FieldKind.NUMBER,
        required=False,
        default="60",
    ),
    SettingField(
        "busy_minutes",
        N_("Busy: minutes more"),
        N_("How much longer HubRise is told that cooking takes while the shop is busy"),
        FieldKind.NUMBER,
        required=False,
        default=str(shop.BUSY_MINUTES),
    ),
    SettingField(
        "callback_url",
        N_("Relay address"),
        N_("Only if a relay on the internet brings events here; without one the console asks every 30 seconds"),
        required=False,
    ),
    SettingField(
        "calls_per_minute",
        N_("Calls per minute"),
        N_("What HubRise allows this connection"),
        FieldKind.NUMBER,
        required=False,
        default="500",
    ),
)

platform = Platform(
    name="hubrise",
    title="HubRise",
    mark="HR",
    color="#0f766e",
    fields=FIELDS,
    commands=frozenset(
        {
            CommandKind.RECEIVED,
            CommandKind.ACCEPT,
            CommandKind.REJECT,
            CommandKind.CANCEL,
            CommandKind.READY,
            CommandKind.HAND_OVER,
            CommandKind.COMPLETE,
        }
    ),
    connect=HubRiseConnector,
    reject_reasons=WORDS,
    sign_in=SignIn(sign_in.page, sign_in.exchange),
    # Documentation "callbacks": not faster, or the daily quota burns.
    poll_seconds=30.0,
    default_address=API,
    how_orders_arrive=N_("The console asks HubRise every 30 seconds; nothing has to be reachable from the internet"),
    evidence=N_("vendor documentation, which shows a whole catalogue in outline only"),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("What becomes of a step, a pause or a sold-out dish is decided by who sells behind HubRise; some ignore most"),
        N_("Opening hours and money back from here, reviews and statements: use the programs of those who sell"),
        N_("A dish whose stock is counted comes back on sale without its count, if it was sold out from here"),
    ),
)
