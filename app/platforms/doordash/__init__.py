"""DoorDash Marketplace (with Caviar and Storefront): orders come as pushes only, and are decided within minutes."""

from __future__ import annotations

from app.platforms.api import Arrival, FieldKind, Platform, SettingField
from app.platforms.doordash.client import API
from app.platforms.doordash.connector import DoorDashConnector
from app.platforms.doordash.events import reply_of
from app.platforms.doordash.mapping import CURRENCIES, SHORTEST
from app.platforms.doordash.steps import CALLS, REASONS
from app.texts import N_

__all__ = ["platform"]

_KEY = N_("Developer portal, access keys: three parts of one key")

FIELDS = (
    SettingField("developer_id", N_("Developer ID"), _KEY),
    SettingField("key_id", N_("Key ID"), _KEY),
    SettingField("signing_secret", N_("Signing secret"), _KEY, FieldKind.SECRET),
    SettingField(
        "hook_token",
        N_("Push token"),
        N_("What you typed as Authorization into the webhook subscription; the one thing that vouches for a push"),
        FieldKind.SECRET,
    ),
    SettingField(
        "provider_type",
        N_("Provider type"),
        N_("DoorDash gave it to your integration; one for tests ends in _sandbox"),
    ),
    SettingField("store_id", N_("Store ID"), N_("Your own number of this restaurant, as DoorDash knows it")),
    SettingField(
        "shop_name", N_("Restaurant name"), N_("As staff should read it: DoorDash does not tell it"), required=False
    ),
    SettingField(
        "currency",
        N_("Currency"),
        N_("DoorDash's orders name none"),
        FieldKind.CHOICE,
        default=CURRENCIES[0],
        choices=CURRENCIES,
    ),
    SettingField(
        "decision_minutes",
        N_("Minutes to decide"),
        N_("Leave empty: DoorDash waits 3 to 8 minutes and does not say how long, so 3 are counted"),
        FieldKind.NUMBER,
        required=False,
    ),
)

platform = Platform(
    name="doordash",
    title="DoorDash",
    mark="DD",
    color="#b91c1c",
    fields=FIELDS,
    commands=frozenset(CALLS),
    connect=DoorDashConnector,
    reject_reasons=REASONS,
    poll_seconds=60.0,  # no order is fetched by it: it shows that the sign-in lives
    decision_window=SHORTEST,
    default_address=API,
    how_orders_arrive=N_(
        "DoorDash pushes each order once, to one public address for all restaurants of a provider: a relay must stand "
        "there. It answers that the shop will decide; an order that nobody decides within 3 to 8 minutes is lost."
    ),
    evidence=N_(
        "vendor reference for calls and the order; guides that transcribe its pages for pushes, times and reasons; "
        "guessed: the words of refusals, repeats of pushes, the forms of released and adjusted orders"
    ),
    relay_reply=reply_of,
    arrival=Arrival.RELAYED,
    tells_end=False,  # never of a fetched order, and of a delivered one only with the optional Dasher reports
    cannot=(
        N_("Finding an order whose push was lost: DoorDash has no list to look in, and fails the order"),
        N_("Hearing that an order nobody decided has failed: the console counts the 8 minutes itself"),
        N_("DoorDash's own total, currency and time of an order: the total is added up here"),
        N_("Cancelling and taking dishes out only works once DoorDash has put the account on its list"),
        N_("Cancelling as closed or too busy without a pause: DoorDash then closes the shop for 12 hours or 15 minutes"),
        N_("Why a customer cancelled: that is in DoorDash's Merchant Portal only"),
        N_("A sold-out dish has no end at DoorDash, and a pause without one lasts 14 days"),
        N_("Where a Dasher is on the map, reviews and statements are not to be seen from here"),
    ),
)
