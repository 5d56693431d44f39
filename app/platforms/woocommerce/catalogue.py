"""What the shop sells, and taking it off sale: products, the variations of a product, and those that count their stock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.shop import MenuItem
from app.platforms.api import RejectedError
from app.platforms.woocommerce import clean
from app.platforms.woocommerce.client import Client
from app.texts import tr

# A counted item is off sale only at none left; what was left is kept beside it until it comes back.
KEPT = "order_console_stock"
SOLD_OUT, IN_STOCK = "outofstock", "instock"


async def items(client: Client) -> list[MenuItem]:
    """Every published product; of one with variations each variation, for the product's own state only follows theirs."""
    found: list[MenuItem] = []
    for product in await client.all_rows("/products", {"status": "publish", "orderby": "id", "order": "asc"}):
        if product.get("type") == "variable":
            variations = await client.all_rows(f"/products/{product['id']}/variations", {"orderby": "id", "order": "asc"})
            found += [_item(product, one) for one in variations]
        else:
            found.append(_item(product, None))
    return found


async def set_available(client: Client, item_id: str, available: bool) -> None:
    """Put one item on or off sale. RejectedError when the shop keeps it as it was, or does not know how many there are."""
    path = _path(item_id)
    seen = (await client.get(path)).body
    if _available(seen) is available:
        return
    changed = (await client.change(path, _change(seen, available))).body
    if _available(changed) is not available:
        name = clean.line(str(changed.get("name") or item_id))
        raise RejectedError(tr("The shop keeps {name} as it was: see its stock there", name=name), "stock")


def _change(seen: Mapping[str, Any], available: bool) -> dict[str, Any]:
    if seen.get("manage_stock") is not True:  # "parent": the product counts for all its variations, by its own quantity
        return {"stock_status": IN_STOCK if available else SOLD_OUT}
    if not available:
        kept = [{"key": KEPT, "value": str(seen.get("stock_quantity") or 0)}]
        return {"stock_quantity": 0, "meta_data": kept}
    left = next((str(one.get("value")) for one in seen.get("meta_data") or () if one.get("key") == KEPT), "")
    if not left.isdigit() or not int(left):
        name = clean.line(str(seen.get("name") or ""))
        raise RejectedError(tr("{name} is counted: enter in the shop how many there are", name=name), "stock")
    return {"stock_quantity": int(left)}


def _available(item: Mapping[str, Any]) -> bool:
    return item.get("stock_status") != SOLD_OUT


def _item(product: Mapping[str, Any], variation: Mapping[str, Any] | None) -> MenuItem:
    names = [str(product.get("name") or ""), *(_attributes(variation) if variation else ())]
    categories = product.get("categories") or [{}]
    return MenuItem(
        item_id=f"{product['id']}/{variation['id']}" if variation else str(product["id"]),
        name=" – ".join(filter(None, map(clean.line, names))),
        available=_available(variation or product),
        category=clean.line(str(categories[0].get("name") or "")),
    )


def _attributes(variation: Mapping[str, Any]) -> Iterator[str]:
    for attribute in variation.get("attributes") or ():
        yield str(attribute.get("option") or "")


def _path(item_id: str) -> str:
    product, _, variation = item_id.partition("/")
    if not re.fullmatch(r"[0-9]+(/[0-9]+)?", item_id):
        raise RejectedError(tr("The shop does not know item {id}", id=item_id), "unknown")
    return f"/products/{product}" + (f"/variations/{variation}" if variation else "")
