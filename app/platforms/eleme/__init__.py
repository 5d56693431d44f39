"""Ele.me (饿了么), the open platform's NOP protocol 1.0.0: the form, the buttons, the pace."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField, SignIn
from app.platforms.eleme.client import ADDRESS, OWN, SERVICE, consent_page, exchange
from app.platforms.eleme.commands import REJECT_REASONS
from app.platforms.eleme.connector import OK, ElemeConnector
from app.platforms.eleme.mapping import DECISION_WINDOW
from app.texts import N_

__all__ = ["platform"]

FIELDS = (
    SettingField("app_key", N_("App key"), N_("From the app's page in Ele.me's open platform console")),
    SettingField("secret", N_("App secret"), kind=FieldKind.SECRET),
    SettingField(
        "app_kind",
        N_("Kind of app"),
        N_("own: the shop's own app; service: a service provider's app, which needs the shop's consent"),
        FieldKind.CHOICE,
        default=OWN,
        choices=(OWN, SERVICE),
    ),
    SettingField("shop_id", N_("Shop number"), N_("Empty: the only shop of this sign-in"), required=False),
    SettingField("app_id", N_("App number"), N_("Needed to fetch messages that Ele.me could not deliver"), required=False),
    SettingField("redirect_uri", N_("Return address"), N_("As set for the app; only for service apps"), required=False),
    SettingField("code", N_("Authorisation code"), N_("Shown after consent; only for service apps"), FieldKind.CODE, False),
    SettingField(
        "courier_phone",
        N_("Own courier's phone"),
        N_("If you deliver yourself: Ele.me is told it when your courier leaves and when he has arrived"),
        required=False,
    ),
    SettingField(
        "decision_minutes",
        N_("Minutes to decide"),
        N_("How long Ele.me waits before it cancels an order nobody accepted"),
        FieldKind.NUMBER,
        required=False,
        default="5",
    ),
)

platform = Platform(
    name="eleme",
    relay_reply=lambda _: OK,
    title=N_("Ele.me"),
    mark="饿",
    color="#0097ff",
    fields=FIELDS,
    commands=frozenset(
        {
            CommandKind.ACCEPT,
            CommandKind.REJECT,
            CommandKind.CANCEL,
            CommandKind.READY,
            CommandKind.HAND_OVER,
            CommandKind.COMPLETE,
            CommandKind.AGREE_REQUEST,
            CommandKind.REFUSE_REQUEST,
            CommandKind.REPLY_URGE,
        }
    ),
    connect=ElemeConnector,
    reject_reasons=REJECT_REASONS,
    sign_in=SignIn(consent_page, exchange),
    poll_seconds=20.0,
    decision_window=DECISION_WINDOW,  # recalled
    default_address=ADDRESS,
    how_orders_arrive=N_("Ele.me pushes orders to a public address, if there is one, and is asked every 20 seconds as well"),
    evidence=N_(
        "official SDKs and mirrored documents; the five minutes to decide and the token's lifetime are recalled; "
        "how a closed shop shows itself and what makes up a statement's figures is derived"
    ),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("Hand-over and delivery are told to Ele.me only when you deliver yourself"),
        N_("Whether you or Ele.me delivers an order is changed at Ele.me, and so is what a crowd courier is paid"),
        N_("The shop is open or paused from here: Ele.me knows no busy times"),
        N_("Of a completed order all the money can be given back from here, a part only when the customer asked for it"),
        N_("Reviews older than 90 days cannot be read, and a statement is of one shop, not of a chain"),
        N_(
            "Couriers are not shown on the map: Ele.me has their route points, but their form is not published, "
            "nor is that for telling Ele.me where your own courier is"
        ),
    ),
)
