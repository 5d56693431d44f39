"""The two generations of Uber's order API as data: a store is on one of them, and the account says on which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from app.texts import N_


@dataclass(frozen=True, slots=True)
class Generation:
    """Paths of the calls; `{id}` is an order's id, `{store}` the store's. `expand` goes with reading an order."""

    name: str
    order: str
    accept: str
    deny: str
    cancel: str
    store: str
    status: str
    set_status: str
    expand: Mapping[str, str]

    def path(self, template: str, order_id: str = "", store_id: str = "") -> str:
        """A path with its ids, made safe."""
        return template.format(id=quote(order_id, safe=""), store=quote(store_id, safe=""))


CURRENT = Generation(
    name=N_("current"),
    order="/v1/delivery/order/{id}",
    accept="/v1/delivery/order/{id}/accept",
    deny="/v1/delivery/order/{id}/deny",
    cancel="/v1/delivery/order/{id}/cancel",
    store="/v1/delivery/store/{store}",
    status="/v1/delivery/store/{store}/status",
    set_status="/v1/delivery/store/{store}/update-store-status",
    expand={"expand": "carts,deliveries,payment"},
)
PREVIOUS = Generation(
    name=N_("previous"),
    order="/v2/eats/order/{id}",
    accept="/v1/eats/orders/{id}/accept_pos_order",
    deny="/v1/eats/orders/{id}/deny_pos_order",
    cancel="/v1/eats/orders/{id}/cancel",
    store="/v1/eats/stores/{store}",
    # The vendor's page has the singular here and the plural everywhere else.
    status="/v1/eats/store/{store}/status",
    set_status="/v1/eats/store/{store}/status",
    expand={},
)
LIST = "/v1/delivery/store/{store}/orders"  # current generation only
READY = "/v1/delivery/order/{id}/ready"  # current generation only
CREATED = "/v1/eats/stores/{store}/created-orders"  # previous generation only
CANCELLED = "/v1/eats/stores/{store}/canceled-orders"  # previous generation only
PREP_TIME = "/v1/delivery/store/{store}/update-store-prep-time"  # current generation only
MENU = "/v2/eats/stores/{store}/menus"
ITEM = "/v2/eats/stores/{store}/menus/items/{id}"


def named(name: str) -> Generation:
    """The generation an account chose; the current one when it did not."""
    return PREVIOUS if name == PREVIOUS.name else CURRENT
