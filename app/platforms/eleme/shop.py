"""Ele.me's shop as its customers see it: open, or resting."""

from __future__ import annotations

from app.domain.shop import ShopState, ShopStatus
from app.platforms.api import RejectedError
from app.platforms.eleme.client import Client
from app.platforms.eleme.payloads import Wire, shape
from app.texts import tr

# There is no busy one: the levels (OBusyLevel) only say why a shop rests, the inner fields of updateBusyLevelSetting are in
# no source, and setDeliveryTime is open to chosen merchants only and cannot be read back.
STATES = frozenset({ShopState.OPEN, ShopState.PAUSED})
LEVELS = {"busyLevelClosed": "休息中", "busyLevelNetworkUnstable": "网络不稳定", "busyLevelHoliday": "休假中"}
BY_ITSELF = frozenset({"busyLevelNetworkUnstable", "busyLevelHoliday"})  # closings that no word of the shop's ends


class Shop(Wire):
    """OShop, of which only what the counter needs is named."""

    is_open: int
    busy_level: str = ""
    close_description: str = ""


def status_of(shop: Shop) -> ShopStatus:
    """The fields and the levels are documented (official Java SDK); how they go together is derived: `isOpen` is the shop's
    own switch, for it is what updateShop sets, and a level other than free shuts even a shop that is switched on."""
    text = " ".join(filter(None, (LEVELS.get(shop.busy_level, ""), shop.close_description)))
    if shop.busy_level in BY_ITSELF or (shop.is_open and shop.busy_level in LEVELS):
        return ShopStatus(ShopState.CLOSED, text=text)
    return ShopStatus(ShopState.OPEN) if shop.is_open else ShopStatus(ShopState.PAUSED, text=text)


async def read_shop(client: Client, shop_id: int) -> ShopStatus:
    """How the shop stands."""
    return status_of(shape(Shop, (await client.call("eleme.shop.getShop", {"shopId": shop_id})).value))


async def change_shop(client: Client, shop_id: int, state: ShopState) -> ShopStatus:
    """Open it or let it rest; Ele.me knows no end of a pause. RejectedError for any other state."""
    if state not in STATES:
        raise RejectedError(tr("Ele.me knows no such state of a shop"))
    properties = {"isOpen": int(state is ShopState.OPEN)}
    try:
        await client.call("eleme.shop.updateShop", {"shopId": shop_id, "properties": properties})
    except RejectedError:
        if (await read_shop(client, shop_id)).state is not state:
            raise
    return await read_shop(client, shop_id)
