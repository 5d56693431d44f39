"""Tmall Genie (天猫精灵): a voice channel for the staff - a skill that asks our store, and announcements that we push.

Public SDKs know no takeaway order of its own: what a customer says to a speaker arrives as an Ele.me order.
"""

from __future__ import annotations

from app.platforms.api import Arrival, FieldKind, Platform, SettingField
from app.platforms.tmall_genie.connector import connect
from app.texts import N_

FIELDS = (
    SettingField(
        "skill_id",
        N_("Skill ID"),
        N_(
            "AliGenie console: the number of your custom skill. Give it the intents new_orders, next_order, accept_order, "
            "order_ready, sold_out, takings, pause_shop and open_shop, with the slots daySn, platform, dish and yesno"
        ),
        FieldKind.NUMBER,
    ),
    SettingField(
        "users",
        N_("Who may ask"),
        N_(
            "userOpenId of each speaker's user, with commas between. Nobody else is answered: when an unknown one asks, "
            "its id appears under Settings and can be copied here."
        ),
        required=False,
    ),
    SettingField(
        "link_token",
        N_("Linked account token"),
        N_("Only if the skill uses account linking: the access token that your own sign-in page gave out"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "check_file",
        N_("Check file"),
        N_(
            "Name of the .txt file by which the AliGenie console checks that the address is yours. It asks for "
            "/aligenie/<name>: let your tunnel lead that to the webhook address followed by /aligenie/<name>"
        ),
        required=False,
    ),
    SettingField("check_text", N_("Text of the check file"), N_("As the console shows it"), required=False),
    SettingField(
        "announce",
        N_("Announcements"),
        N_("none; iap: Alibaba Cloud's signature, with an approved template; top: Taobao Open Platform, to subscribers"),
        FieldKind.CHOICE,
        required=False,
        default="none",
        choices=(N_("none"), "iap", "top"),
    ),
    SettingField("app_key", N_("App key"), N_("Of the announcements: AccessKey ID (iap) or app key (top)"), required=False),
    SettingField("app_secret", N_("App secret"), N_("Stands beside the key"), FieldKind.SECRET, required=False),
    SettingField(
        "access_token",
        N_("Access token"),
        N_("iap: the AliGenie access token; top: the session key, if the console gave one"),
        FieldKind.SECRET,
        required=False,
    ),
    SettingField(
        "host",
        N_("Host of the announcements"),
        N_("iap only, as the console names it: no public source confirms one"),
        required=False,
    ),
    SettingField(
        "target", N_("Speaker or user"), N_("iap: the device's or user's open id; top: the userOpenId"), required=False
    ),
    SettingField(
        "target_type",
        N_("Kind of target"),
        N_("iap only: what the id above names, in the console's own word (recalled, not verified)"),
        required=False,
        default="DEVICE_OPEN_ID",
    ),
    SettingField("device", N_("Device ID"), N_("top only: deviceOpenId, to speak on one speaker"), required=False),
    SettingField(
        "push_type",
        N_("Sent to"),
        N_("top only"),
        FieldKind.CHOICE,
        required=False,
        default="TO_USER",
        choices=("TO_USER", "TO_APP_BOX", "BROADCAST"),
    ),
    SettingField(
        "sign_method",
        N_("Signature"),
        N_("top only"),
        FieldKind.CHOICE,
        required=False,
        default="md5",
        choices=("md5", "hmac"),
    ),
    SettingField("template_id", N_("Template"), N_("iap only: number of the approved message template"), required=False),
    SettingField(
        "placeholder",
        N_("Placeholder"),
        N_("iap only: the template's place for our sentence"),
        required=False,
        default="text",
    ),
    SettingField("organization_id", N_("Organization"), N_("iap only, where the console shows one"), required=False),
)

platform = Platform(
    name="tmall_genie",
    title=N_("Tmall Genie"),
    mark="猫",
    color="#0ea5e9",
    fields=FIELDS,
    commands=frozenset(),
    connect=connect,
    poll_seconds=3600.0,  # nothing is ever asked for
    how_orders_arrive=N_(
        "It brings no orders: staff ask it about the orders of the other platforms. The skill needs an HTTPS address that "
        "leads straight to this console, such as a tunnel: it wants its answer within 3 seconds, which no relay can give"
    ),
    evidence=N_(
        "Read in the vendor's sample SDK, its Python packages and public demos; the signature of the cloud interface was "
        "run, time limits, hosts and template rules are recalled"
    ),
    arrival=Arrival.NONE,
    cannot=(
        N_("Nothing is cancelled or refunded by voice, and nothing is accepted, sold out, paused or opened without a yes"),
        N_("No names, phone numbers, addresses or notes are spoken"),
        N_("Tmall Genie does not sign its questions: keep the address secret and list who may ask"),
        N_("Announcements of the cloud interface only fill a template that the vendor approved"),
    ),
)
