"""Koubei (口碑) through the Alipay gateway: dine-in, pre-orders, pick-up, vouchers; the form, the buttons, the pace."""

from __future__ import annotations

from app.platforms.api import Arrival, FieldKind, Platform, SettingField, SignIn
from app.platforms.koubei.client import ADDRESS, consent_page, exchange
from app.platforms.koubei.commands import ACTIONS, REJECT_REASONS
from app.platforms.koubei.connector import SUCCESS, KoubeiConnector
from app.texts import N_

__all__ = ["platform"]

_MESSAGE_NAME = N_("Its name on the app's subscription page at Alipay; no public source tells it. Empty: not told apart")

FIELDS = (
    SettingField("app_id", N_("App ID"), N_("From the app's page in Alipay's open platform console")),
    SettingField(
        "private_key",
        N_("App private key"),
        N_("RSA2, as Alipay's key tool made it: PKCS#1 or PKCS#8, with or without its BEGIN and END lines"),
        FieldKind.SECRET,
    ),
    SettingField(
        "alipay_public_key",
        N_("Alipay public key"),
        N_("Alipay's, not the app's own; key mode, not certificate mode. Kept sealed, as it decides what is genuine"),
        FieldKind.SECRET,
    ),
    SettingField(
        "shop_id",
        N_("Shop number"),
        N_("Koubei's own; needed for vouchers, and to tell other shops' messages"),
        required=False,
    ),
    SettingField("shop_name", N_("Restaurant name"), N_("As staff should read it: Koubei does not tell it"), required=False),
    SettingField(
        "redirect_uri",
        N_("Return address"),
        N_("As set for the app; only for service apps, which need the owner's consent"),
        required=False,
    ),
    SettingField("code", N_("Authorisation code"), N_("Shown after consent; only for service apps"), FieldKind.CODE, False),
    SettingField("app_auth_token", N_("Shop's token"), N_("Filled in by signing in"), FieldKind.SECRET, required=False),
    SettingField("cancelled_message", N_("Message: order cancelled"), _MESSAGE_NAME, required=False),
    SettingField("refund_asked_message", N_("Message: refund asked"), _MESSAGE_NAME, required=False),
    SettingField("finished_message", N_("Message: order finished"), _MESSAGE_NAME, required=False),
)

platform = Platform(
    name="koubei",
    relay_reply=lambda _: SUCCESS,  # any other word, and Alipay notifies again
    title=N_("Koubei"),
    mark="口",
    color="#c2410c",
    fields=FIELDS,
    commands=frozenset(ACTIONS),
    connect=KoubeiConnector,
    reject_reasons=REJECT_REASONS,
    sign_in=SignIn(consent_page, exchange),
    poll_seconds=20.0,
    decision_window=None,  # each order states its own end (ext_info.receiptTimeout)
    default_address=ADDRESS,
    how_orders_arrive=N_(
        "Alipay notifies a public address: a relay must stand there. Known orders are read again every 20 seconds; "
        "Koubei has no list to find others in"
    ),
    evidence=N_(
        "official SDKs for the gateway, orders, steps and vouchers; recalled: error codes, the repeats of notifications; "
        "not found: names and contents of Koubei's messages, and where an order tells its status"
    ),
    arrival=Arrival.RELAYED,
    cannot=(
        N_("Couriers and addresses: Koubei's delivery went to Ele.me"),
        N_("Finding an order whose notification never came: there is no list of orders"),
        N_("Answering an urge in words: the dish is the answer"),
        N_("Calling an order complete: Koubei does that itself"),
        N_("Sold-out dishes and opening: how Koubei tells what stands now is not known, so use Koubei's merchant app"),
        N_("A customer's new pick-up time, a move to another table and queue numbers: answer them in Koubei's merchant app"),
        N_("Reviews and bills: in Koubei's merchant app and at Alipay"),
    ),
)
