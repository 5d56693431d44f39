"""The corner shop: a platform of a third party, as small as one can be, for the Order Console."""

from __future__ import annotations

from app.domain.commands import CommandKind, RejectReason
from app.platforms.api import FieldKind, Platform, SettingField
from corner_shop.connector import CornerShopConnector

platform = Platform(
    name="corner_shop",
    title="Corner shop",
    mark="Co",
    color="#7c3aed",
    fields=(SettingField("key", "Key", "It hangs behind the counter", FieldKind.SECRET),),
    commands=frozenset({CommandKind.ACCEPT, CommandKind.REJECT, CommandKind.READY, CommandKind.COMPLETE}),
    connect=CornerShopConnector,
    reject_reasons={RejectReason.SOLD_OUT: "sold out", RejectReason.CLOSED: "closed"},
    default_address="https://corner-shop.invalid",
    how_orders_arrive="The console asks for changes every 20 seconds.",
    evidence="We wrote both ends.",
    cannot=("Whoever pays at the door is paid back at the door.",),
)
