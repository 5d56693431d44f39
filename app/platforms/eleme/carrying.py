"""Who delivers an order: Ele.me's couriers, of whose steps it tells, or the shop, which tells of its own."""

from __future__ import annotations

from app.domain.commands import CommandKind
from app.platforms.api import ProtocolError
from app.platforms.eleme.client import Client
from app.texts import tr

SELF = "selfDelivery"
# Which states the waybill of such an order takes later is not documented: those of any other are looked for.
REACHED = {
    CommandKind.HAND_OVER: frozenset({"delivering", "completed"}),
    CommandKind.COMPLETE: frozenset({"completed"}),
}


async def states_of(client: Client, order_id: str) -> list[str]:
    """Every state that the order's waybill had so far (OState)."""
    records = (await client.call("eleme.order.getDeliveryStateRecord", {"orderId": order_id})).value or []
    if not isinstance(records, list):
        raise ProtocolError(tr("Ele.me answered something else than a list"))
    return [str(record.get("state")) for record in records if isinstance(record, dict)]
