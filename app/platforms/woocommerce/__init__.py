"""WooCommerce, the web shop plug-in for WordPress: the form, the buttons, the pace."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField
from app.platforms.refusals import WORDS
from app.platforms.woocommerce.connector import NOTE_ONLY, TELL_CUSTOMER, WooCommerceConnector
from app.platforms.woocommerce.statuses import NEW_STATUSES
from app.platforms.woocommerce.wanted import DAY_FIRST, MONTH_FIRST
from app.texts import N_

__all__ = ["platform"]

_STEP_HELP = N_("Only if an add-on gives the shop such a status; empty: the step is noted in the order, without any mail")

FIELDS = (
    SettingField(
        "shop_address",
        N_("Shop address"),
        N_("As in the browser, such as https://shop.example; with http:// every call is signed instead of encrypted"),
    ),
    SettingField(
        "consumer_key",
        N_("Consumer key"),
        N_("WooCommerce, Settings, Advanced, REST API: a key with read/write rights"),
    ),
    SettingField("consumer_secret", N_("Consumer secret"), N_("Shown once, beside the key"), FieldKind.SECRET),
    SettingField(
        "new_statuses",
        N_("Statuses of a new order"),
        N_("As the shop's order list has them. on-hold waits for a bank transfer: leave it out to cook paid orders only."),
        required=False,
        default=NEW_STATUSES,
    ),
    SettingField("accepted_status", N_("Status for accepted"), _STEP_HELP, required=False),
    SettingField("ready_status", N_("Status for ready"), _STEP_HELP, required=False),
    SettingField("handed_over_status", N_("Status for handed over"), _STEP_HELP, required=False),
    SettingField(
        "refusal_note",
        N_("When an order is refused"),
        N_("The reason goes into a note of the order; one for the customer is e-mailed by the shop"),
        FieldKind.CHOICE,
        required=False,
        default=TELL_CUSTOMER,
        choices=(TELL_CUSTOMER, NOTE_ONLY),
    ),
    SettingField(
        "time_keys",
        N_("Fields with the wanted time"),
        N_("Custom fields of your delivery add-on, date+time or one with both; those of well-known add-ons are known"),
        required=False,
    ),
    SettingField(
        "date_order",
        N_("Dates in these fields"),
        N_("How the add-on writes 03/04: only asked where it uses numbers without the year in front"),
        FieldKind.CHOICE,
        required=False,
        default=DAY_FIRST,
        choices=(DAY_FIRST, MONTH_FIRST),
    ),
    SettingField(
        "type_keys",
        N_("Fields with delivery or pickup"),
        N_("Custom fields of your add-on; without one the shipping method decides"),
        required=False,
    ),
    SettingField("table_keys", N_("Fields with the table"), N_("Custom fields of your add-on"), required=False),
    SettingField(
        "webhook_secret",
        N_("Webhook secret"),
        N_("Only with a public relay: the secret you give to the shop's webhooks for created and updated orders"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "authority",
        N_("Certificate of the shop's own authority"),
        N_("Only for a shop on a server of your own whose certificate no public authority signed. For this account only"),
        FieldKind.CERTIFICATE,
        required=False,
    ),
    SettingField("shop_name", N_("Shop name"), N_("Filled in by the test"), required=False),
)

platform = Platform(
    name="woocommerce",
    title="WooCommerce",
    mark="W",
    color="#7f54b3",
    fields=FIELDS,
    commands=frozenset(
        {
            CommandKind.ACCEPT,
            CommandKind.REJECT,
            CommandKind.CANCEL,
            CommandKind.READY,
            CommandKind.HAND_OVER,
            CommandKind.COMPLETE,
        }
    ),
    connect=WooCommerceConnector,
    reject_reasons=WORDS,
    poll_seconds=5.0,  # observed: harmless for the smallest host, and what makes the shop send its webhooks at all
    how_orders_arrive=N_(
        "The console asks the shop every 5 seconds; a webhook through a public relay is possible and seldom faster"
    ),
    evidence=N_("Vendor documentation, and observed on WooCommerce 11.0.1; fields of add-ons as their makers describe them"),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("Accept and Ready change nothing that the customer sees, unless the shop has statuses for them"),
        N_("Completing or cancelling makes the shop send its own e-mail to the customer"),
        N_("Cancelling gives no money back by itself: refund the order as well"),
        N_("A cancelled order that somebody opens again in the shop does not come back here"),
        N_("The shop cannot be paused from here: that depends on its add-ons"),
        N_("Notes that staff write in the shop are not shown here"),
        N_("Reviews of dishes are not shown here: the shop lets them be read, but not answered"),
    ),
)
