"""Deliveroo through its Order, Site and Menu APIs: sites with Deliveroo's tablet and sites without one."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import Arrival, FieldKind, Platform, SettingField
from app.platforms.deliveroo.client import API
from app.platforms.deliveroo.connector import NEVER, NO_TABLET, ON_ACCEPTANCE, TABLET, DeliverooConnector
from app.platforms.deliveroo.mapping import DECISION_WINDOW
from app.platforms.deliveroo.steps import REASONS
from app.texts import N_

FIELDS = (
    SettingField("client_id", N_("Client ID"), N_("Deliveroo's developer portal, Credentials")),
    SettingField("client_secret", N_("Client secret"), N_("Stands beside the client ID"), FieldKind.SECRET),
    SettingField(
        "webhook_secret",
        N_("Webhook secret"),
        N_("Developer portal, Webhooks; it is not the client secret. Without it no pushed message is believed."),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField("site_id", N_("Site ID"), N_("The number of this restaurant, told by Deliveroo's integration team")),
    SettingField("brand_id", N_("Brand ID"), N_("Filled in by testing the account"), required=False),
    SettingField("site_name", N_("Restaurant name"), N_("Filled in by testing the account"), required=False),
    SettingField(
        "decided_by",
        N_("Who accepts orders"),
        N_("Orders usually say whether the restaurant has Deliveroo's tablet; this counts for those that do not"),
        FieldKind.CHOICE,
        required=False,
        default=NO_TABLET,
        choices=(NO_TABLET, TABLET),
    ),
    SettingField(
        "kitchen_start",
        N_("Tell that cooking begins"),
        N_("Choose never if accepted orders wait before they are cooked: Deliveroo learns its waiting times from this"),
        FieldKind.CHOICE,
        required=False,
        default=ON_ACCEPTANCE,
        choices=(ON_ACCEPTANCE, NEVER),
    ),
    SettingField(
        "decision_minutes",
        N_("Minutes to decide"),
        N_("Leave empty: Deliveroo rejects after 10 minutes, in Kuwait and the Emirates after 7"),
        FieldKind.NUMBER,
        required=False,
    ),
)

platform = Platform(
    name="deliveroo",
    title="Deliveroo",
    mark="D",
    color="#00a79a",
    fields=FIELDS,
    commands=frozenset({CommandKind.ACCEPT, CommandKind.REJECT, CommandKind.READY, CommandKind.HAND_OVER}),
    connect=DeliverooConnector,
    reject_reasons=REASONS,
    # The list allows 5 calls a minute for each restaurant: three, and two for further pages and looks back.
    poll_seconds=20.0,
    decision_window=DECISION_WINDOW,
    default_address=API,
    how_orders_arrive=N_(
        "The console asks Deliveroo every 20 seconds, and hears at once through a relay. Deliveroo takes decisions only "
        "from partners that have set up an order events webhook, so set one up even if nobody listens there."
    ),
    evidence=N_(
        "vendor documentation and public clients; what counts as an order under way, the answers of the site and menu calls "
        "and the status delivered are not documented, and the token's five minutes are recalled"
    ),
    arrival=Arrival.POLLED_OR_RELAYED,
    cannot=(
        N_("An accepted order cannot be cancelled from here: Deliveroo's service does that, on the phone"),
        N_("On a site with Deliveroo's tablet orders are accepted and rejected on the tablet only"),
        N_("Where a rider is comes with Deliveroo's pushes only, so it is known where a relay is set up"),
        N_("Refunds, reviews and statements are in Deliveroo's Restaurant Hub only"),
        N_("A pause has no end at Deliveroo: this console opens the restaurant again, as long as it runs"),
    ),
)
