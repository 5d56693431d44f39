"""Square: the point of sale and online shop whose orders, its partners' included, appear in one list."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField, SignIn
from app.platforms.refusals import WORDS
from app.platforms.square import sign_in
from app.platforms.square.answers import API, PRODUCTION, SANDBOX
from app.platforms.square.connector import SquareConnector
from app.texts import N_

FIELDS = (
    SettingField(
        "access_token",
        N_("Access token"),
        N_("Your own shop: Square's developer page, your application, Credentials. Otherwise filled in by signing in."),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "application_id",
        N_("Application ID"),
        N_("Only to sign in with a page: stands on Square's developer page, Credentials. No secret is needed."),
        required=False,
    ),
    SettingField(
        "redirect_url",
        N_("Redirect URL"),
        N_("Only to sign in with a page: as registered on Square's developer page, OAuth; empty if one is registered there"),
        required=False,
    ),
    SettingField(
        "code",
        N_("Code"),
        N_("Open the sign-in page, allow access, and paste the whole address of the page you end at. Good for 5 minutes."),
        FieldKind.CODE,
        required=False,
    ),
    SettingField("refresh_token", N_("Refresh token"), N_("Filled in by signing in"), FieldKind.SECRET, required=False),
    SettingField(
        "location_id",
        N_("Location"),
        N_("Square's id of this shop; may be left empty if there is only one"),
        required=False,
    ),
    SettingField(
        "environment",
        N_("Environment"),
        N_("sandbox: Square's test shops"),
        FieldKind.CHOICE,
        default=PRODUCTION,
        choices=(PRODUCTION, SANDBOX),
    ),
    SettingField(
        "signature_key",
        N_("Webhook signature key"),
        N_("Only with a relay: developer page, Webhooks, your subscription to order.created and order.fulfillment.updated"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "notification_url",
        N_("Notification URL"),
        N_("Only with a relay: exactly as registered at Square, every character. It is a part of the signature."),
        required=False,
    ),
    SettingField("shop_name", N_("Restaurant name"), N_("Filled in by testing the account"), required=False),
    SettingField("timezone", N_("Time zone"), N_("Filled in by testing the account"), required=False),
)

platform = Platform(
    name="square",
    title="Square",
    mark="Sq",
    color="#3d4148",
    fields=FIELDS,
    commands=frozenset(
        {CommandKind.ACCEPT, CommandKind.REJECT, CommandKind.CANCEL, CommandKind.READY, CommandKind.COMPLETE}
    ),
    connect=SquareConnector,
    reject_reasons=WORDS,
    sign_in=SignIn(sign_in.page, sign_in.exchange),
    poll_seconds=20.0,
    decision_window=None,  # only orders that carry `expires_at` end by themselves
    default_address=API[PRODUCTION],
    how_orders_arrive=N_(
        "The console asks Square every 20 seconds; nothing has to be reachable from the internet. "
        "Through a relay Square's own notice comes sooner."
    ),
    evidence=N_(
        "Vendor's OpenAPI file (August 2025) and help pages; when notices are sent, what becomes of a cancelled order, and "
        "the sandbox are recalled. Never tried with a real shop."
    ),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("Refusing or cancelling an order does not pay the customer back at Square: give the money back as well."),
        N_("Square has no word for food handed to a courier: it is noted here only, until the order is done."),
        N_("An order that nobody has paid yet is shown here, marked unpaid; Square's own screens hide it."),
        N_("Orders made at a Square till can be read, but no program may change them."),
        N_("Items whose stock is not counted are sold out on Square's own device, and so are times when they come back."),
        N_("Pausing online orders: use Square's own device."),
        N_("Square has no reviews and shows no courier on a map."),
    ),
)
