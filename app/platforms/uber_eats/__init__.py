"""Uber Eats, the Marketplace APIs: the form, the buttons, the pace. A store is on one of two generations of it."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField, WebhookReply
from app.platforms.uber_eats.client import API, PRODUCTION, SANDBOX
from app.platforms.uber_eats.commands import REASONS
from app.platforms.uber_eats.connector import connect
from app.platforms.uber_eats.generation import CURRENT, PREVIOUS
from app.platforms.uber_eats.mapping import DECISION_WINDOW
from app.texts import N_

__all__ = ["platform"]

FIELDS = (
    SettingField("client_id", N_("Client ID"), N_("Uber's developer dashboard, Setup: your app")),
    SettingField("client_secret", N_("Client secret"), N_("Stands beside the client ID"), FieldKind.SECRET),
    SettingField("store_id", N_("Store number"), N_("The store's long id in Uber Eats Manager (letters and digits)")),
    SettingField(
        "generation",
        N_("Order interface"),
        N_("current: stores on webhook version 1.0.0 (Order Fulfillment); previous: older stores. Uber's support knows."),
        FieldKind.CHOICE,
        default=CURRENT.name,
        choices=(CURRENT.name, PREVIOUS.name),
    ),
    SettingField(
        "environment",
        N_("Environment"),
        N_("sandbox: only for test stores that Uber's support hands out"),
        FieldKind.CHOICE,
        default=PRODUCTION,
        choices=(PRODUCTION, SANDBOX),
    ),
    SettingField(
        "signing_key",
        N_("Webhook signing key"),
        N_("Only if your dashboard shows one; otherwise the client secret signs"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "signing_key_next",
        N_("Second signing key"),
        N_("While the first one is being replaced"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "decision_minutes",
        N_("Minutes to decide"),
        N_("Uber cancels an order nobody accepted after 11.5 minutes"),
        FieldKind.NUMBER,
        required=False,
        default="11.5",
    ),
    SettingField(
        "busy_minutes",
        N_("Busy: minutes more"),
        N_("How much longer Uber is told that cooking takes while the shop is busy; current order interface only"),
        FieldKind.NUMBER,
        required=False,
        default="15",
    ),
    SettingField(
        "token_url",
        N_("Token address"),
        N_("Empty: Uber's own. Its pages name several (auth.uber.com, login.uber.com); change it only if support says so."),
        required=False,
    ),
    SettingField(
        "scopes",
        N_("Scopes"),
        N_("Empty: all that this program uses. Fewer, separated by spaces, if Uber did not grant them all."),
        required=False,
    ),
    SettingField("timezone", N_("Time zone"), N_("Filled in by testing the account"), required=False),
)

platform = Platform(
    name="uber_eats",
    relay_reply=lambda _: WebhookReply(),  # documented: 200 with an empty body
    title="Uber Eats",
    mark="U",
    color="#06c167",
    fields=FIELDS,
    commands=frozenset({CommandKind.ACCEPT, CommandKind.REJECT, CommandKind.CANCEL, CommandKind.READY}),
    connect=connect,
    reject_reasons=REASONS,
    poll_seconds=20.0,  # Uber's robot calls the store after 90 s
    decision_window=DECISION_WINDOW,
    default_address=API[PRODUCTION],
    how_orders_arrive=N_(
        "The console asks Uber every 20 seconds; through a relay Uber's own notice comes sooner. "
        "Uber approves an app only with working notices, so plan for a relay."
    ),
    evidence=N_(
        "Vendor's reference pages for the previous order interface and the notices; "
        "the current one from its published examples and from other clients. Never tried with a real store."
    ),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("Uber's own couriers hand over and deliver: those steps are read from Uber, not told to it."),
        N_("Your own couriers: Uber is not told when they leave and arrive; do that on Uber's tablet."),
        N_("Stores on the previous order interface: Uber has no word for food that is ready; it is noted here only."),
        N_("Stores on the previous order interface: a day's orders cannot be listed, so completeness cannot be proved."),
        N_("A rejected order may still be accepted on Uber's own tablet until its time is up."),
        N_("Missing dishes, price changes and refunds are settled on Uber's tablet; the console shows the result."),
        N_("Customer reviews are only in Uber's reports."),
    ),
)
