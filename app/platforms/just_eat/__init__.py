"""Just Eat Takeaway through JET Connect: orders arrive accepted, and the restaurant's own device keeps the decisions."""

from __future__ import annotations

from app.platforms.api import Arrival, FieldKind, Platform, SettingField
from app.platforms.just_eat.client import API
from app.platforms.just_eat.connector import JustEatConnector
from app.platforms.just_eat.webhook import reply_to
from app.texts import N_

__all__ = ["platform"]

FIELDS = (
    SettingField(
        "api_key", N_("Order API key"), N_("From Just Eat's integration team; reports that orders arrived"), FieldKind.SECRET
    ),
    SettingField(
        "menu_key",
        N_("Menu API key"),
        N_("For pausing the restaurant and sold-out dishes; empty if Just Eat gave one key for everything"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "webhook_key",
        N_("Key for pushes"),
        N_(
            "Think of a long one and give it to Just Eat: it comes back as the Authorization header of every push. In the "
            "older order API subscribe to order-ready-for-preparation, never to acceptance-requested"
        ),
        FieldKind.SECRET,
    ),
    SettingField(
        "webhook_secret",
        N_("Webhook secret"),
        N_(
            "Signs JET Connect's orders. Without it they are believed for the key alone, as the older order API's always are"
        ),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "onboarding_secret",
        N_("Onboarding secret"),
        N_("Only where Just Eat gave one; the form of this news is not confirmed"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField("restaurant", N_("Restaurant reference"), N_("The location that Just Eat knows this restaurant by")),
    SettingField(
        "shop_name", N_("Restaurant name"), N_("As staff should read it: Just Eat does not tell it"), required=False
    ),
    SettingField(
        "currency", N_("Currency"), N_("Three letters, such as GBP: orders do not name it"), required=False, default="GBP"
    ),
    SettingField(
        "country",
        N_("Country"),
        N_("Two letters, such as GB. In some countries a pause always ends at seven the next morning"),
        required=False,
        default="GB",
    ),
    SettingField(
        "timezone",
        N_("Time zone"),
        N_("Such as Europe/London: the end of a pause is told in local time"),
        required=False,
        default="Europe/London",
    ),
)

platform = Platform(
    name="just_eat",
    title="Just Eat",
    mark="JE",
    color="#f36d00",
    fields=FIELDS,
    commands=frozenset(),  # nothing of an order's way is asked of this platform
    connect=JustEatConnector,
    poll_seconds=10.0,  # asks nobody anything: gives word of the orders that arrived since, well within the five minutes
    decision_window=None,  # decided before it is pushed
    default_address=API,
    how_orders_arrive=N_(
        "Just Eat pushes each order to a public address once it was accepted: a relay must stand there. If no counter "
        "reports within five minutes that it has the order, Just Eat's own device asks staff to key it in"
    ),
    evidence=N_(
        "public clients and notes that cite the vendor's pages for JET Connect, the vendor's published file for the older "
        "order API; not found: rate limits, the full list of driver codes, the form of refusals, who bears a discount"
    ),
    relay_reply=reply_to,
    arrival=Arrival.RELAYED,
    tells_end=False,
    cannot=(
        N_("Orders are accepted, refused and cancelled on Just Eat's own device only"),
        N_("Ready and handed over are kept here: Just Eat has no word for them"),
        N_("Finding an order whose push never came: there is no list of orders, and none can be read again"),
        N_("Whether the restaurant is open is shown as last set from here or heard: Just Eat does not tell"),
        N_("The menu cannot be read: only dishes that were ordered before can be marked as sold out"),
        N_("Dishes cannot be taken out of an order from here: do that on Just Eat's own device"),
        N_("Refunds, reviews and statements are in Just Eat's Partner Hub only"),
    ),
)
