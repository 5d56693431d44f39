"""The questions that the two doors answer in different ways: an order, the order of a number, who waits, refunds, phones."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.platforms.api import AuthError, ProtocolError, RejectedError
from app.platforms.meituan.client import Client, OpenClient, PartnerClient, Result
from app.platforms.meituan.routes import Ask
from app.texts import tr

BATCH = 50  # ids in one call
PHONES = 1000  # documented maximum of one page
MAX_PAGES = 10


class Door(ABC):
    """One account's door. Orders are the platform's own objects; `named` is what names the shop where a token does not."""

    named: Mapping[str, str] = {}

    def __init__(self, client: Client, shop_id: str) -> None:
        self.client = client
        self.shop_id = shop_id

    @abstractmethod
    async def order(self, order_id: str) -> Result:
        """One order. RejectedError when Meituan does not know it."""

    @abstractmethod
    async def numbered(self, day: date, number: int) -> Result | None:
        """The order with this number of the day; None when there is none."""

    @abstractmethod
    async def last_number(self) -> int | None:
        """The newest number of today; None where this door does not tell."""

    @abstractmethod
    async def waiting(self) -> Result:
        """Orders that nobody confirmed yet, as far as this door lists them."""

    @abstractmethod
    async def refunds(self, orders: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """Refund records by order id, for orders that have some; those that this account may not ask for are left out."""

    @abstractmethod
    async def records(self, order: Mapping[str, Any]) -> list[Any]:
        """Every refund record of one order. RejectedError or AuthError when this account may not ask."""

    @abstractmethod
    async def phones(self) -> dict[str, str]:
        """Real numbers by order id, while the virtual ones do not work."""

    @abstractmethod
    async def shops(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Id, name and details of the shop that is signed in, if Meituan knows it."""

    @abstractmethod
    async def step(self, ask: Ask, order_id: str, **more: str) -> Result:
        """A command or a question about one order; `more` in the words of door A."""

    @abstractmethod
    async def restock(self, dishes: Mapping[str, Sequence[str]], stock: int) -> None:
        """Give every size (sku id) of these dishes (code) so many portions to sell."""


class OpenDoor(Door):
    """Door A."""

    def __init__(self, client: OpenClient, shop_id: str) -> None:
        super().__init__(client, shop_id)
        self.named = {"app_poi_code": shop_id}

    async def order(self, order_id: str) -> Result:
        result = await self.client.call(Ask.ORDER, order_id=order_id, is_mt_logistics=1)
        return Result(_order(result.value, order_id), result.version)

    async def numbered(self, day: date, number: int) -> Result | None:
        try:
            found = await self.client.call(Ask.NUMBER, app_poi_code=self.shop_id, date_time=f"{day:%Y%m%d}", day_seq=number)
        except RejectedError:
            return None
        order_id = _first(found.value).get("order_id")
        return await self.order(str(order_id)) if order_id else None

    async def last_number(self) -> int | None:
        """A day without orders is refused in some shops and 0 in others."""
        try:
            result = await self.client.call(Ask.LAST_NUMBER, app_poi_code=self.shop_id)
        except RejectedError as error:
            if error.code == "806":
                return 0
            raise
        value = _first(result.value).get("day_seq", result.value)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ProtocolError(tr("Meituan answered in an unknown form")) from None

    async def waiting(self) -> Result:
        return Result([], 0)  # no such list was found behind this door

    async def refunds(self, orders: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """Documented for retail shops; where a restaurant's app may not ask, pushes and the order's status must do."""
        found: dict[str, list[Any]] = {}
        for order in orders:
            try:
                records = await self.records(order)
            except (RejectedError, AuthError):
                continue
            if records:
                found[str(order.get("order_id"))] = records
        return found

    async def records(self, order: Mapping[str, Any]) -> list[Any]:
        view = str(order.get("wm_order_id_view") or order.get("order_id"))
        return _list((await self.client.call(Ask.REFUNDS, wm_order_id_view=view)).value)

    async def phones(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for page in range(MAX_PAGES):
            result = await self.client.call(Ask.PHONES, app_poi_code=self.shop_id, offset=page * PHONES, limit=PHONES)
            entries = [entry for entry in _list(result.value) if isinstance(entry, dict)]
            found |= {str(one.get("order_id")): str(one.get("real_phone_number") or "") for one in entries}
            if len(entries) < PHONES:
                break
        return found

    async def shops(self) -> list[tuple[str, str, dict[str, Any]]]:
        result = await self.client.call(Ask.SHOP, app_poi_codes=self.shop_id)
        shops = [shop for shop in _list(result.value) if isinstance(shop, dict)]
        return [(str(shop.get("app_poi_code", "")), str(shop.get("name", "")), shop) for shop in shops]

    async def step(self, ask: Ask, order_id: str, **more: str) -> Result:
        return await self.client.call(ask, order_id=order_id, **more)

    async def restock(self, dishes: Mapping[str, Sequence[str]], stock: int) -> None:
        foods = [
            {"app_food_code": code, "skus": [{"sku_id": sku, "stock": str(stock)} for sku in skus]}
            for code, skus in dishes.items()
        ]
        await self.client.call(Ask.STOCK, **self.named, food_data=foods)


class PartnerDoor(Door):
    """Door B. `orderId` is a number on this wire."""

    def __init__(self, client: PartnerClient, shop_id: str) -> None:
        super().__init__(client, shop_id)
        self._client = client

    async def order(self, order_id: str) -> Result:
        result = await self.client.call(Ask.ORDER, orderId=_number(order_id))
        return Result(_order(result.value, order_id), result.version)

    async def numbered(self, day: date, number: int) -> Result | None:
        try:
            result = await self.client.call(Ask.NUMBER, ePoiId=self.shop_id, daySeq=number, date=f"{day:%Y%m%d}")
        except RejectedError:
            return None
        order = result.value
        return Result(order, result.version) if isinstance(order, dict) and order.get("orderId") else None

    async def last_number(self) -> int | None:
        return None

    async def waiting(self) -> Result:
        """Unconfirmed orders of the last five minutes; older ones are found by their numbers."""
        await self._client.beat(self.shop_id, "order-console")
        result = await self.client.call(Ask.WAITING, epoiIds=self.shop_id)
        return Result([order for order in _list(result.value) if isinstance(order, dict)], result.version)

    async def refunds(self, orders: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        ids = [str(order.get("orderId")) for order in orders]
        for start in range(0, len(ids), BATCH):
            try:
                found |= await self._refunds_of(ids[start : start + BATCH])
            except RejectedError:  # a provider without this right polls on without it
                return found
        return found

    async def records(self, order: Mapping[str, Any]) -> list[Any]:
        order_id = str(order.get("orderId"))
        return (await self._refunds_of([order_id])).get(order_id, [])

    async def _refunds_of(self, ids: Sequence[str]) -> dict[str, list[Any]]:
        result = await self.client.call(Ask.REFUNDS, orderIds=ids)
        # documented as one object although it asks for many
        answered = result.value if isinstance(result.value, list) else [result.value]
        entries = [entry for entry in answered if isinstance(entry, dict)]
        return {str(one.get("order_id")): records for one in entries if (records := one.get("OrderRefundInfo"))}

    async def phones(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for page in range(MAX_PAGES):
            wanted = {"developerId": _number(self.client.values["app_id"]), "degradOffset": page * PHONES}
            result = await self.client.call(Ask.PHONES, **wanted, degradLimit=str(PHONES))
            entries = [entry for entry in _list(result.value) if isinstance(entry, dict)]
            found |= {str(one.get("orderId")): str(one.get("realPhoneNumber") or "") for one in entries}
            if len(entries) < PHONES:
                break
        return found

    async def shops(self) -> list[tuple[str, str, dict[str, Any]]]:
        result = await self.client.call(Ask.SHOP, ePoiIds=self.shop_id)
        shops = [shop for shop in _list(result.value) if isinstance(shop, dict)]
        return [(str(shop.get("ePoiId", "")), str(shop.get("name", "")), shop) for shop in shops]

    async def step(self, ask: Ask, order_id: str, **more: str) -> Result:
        words = {_camel(name): value for name, value in more.items()}
        return await self.client.call(ask, orderId=_number(order_id), **words)

    async def restock(self, dishes: Mapping[str, Sequence[str]], stock: int) -> None:
        """This older call takes its list as JSON text, in words of its own."""
        foods = [
            {"eDishCode": code, "skus": [{"skuId": sku, "stock": stock} for sku in skus]} for code, skus in dishes.items()
        ]
        stocks = json.dumps(foods, ensure_ascii=False, separators=(",", ":"))
        await self.client.call(Ask.STOCK, ePoiId=self.shop_id, dishSkuStocks=stocks)


def door_of(client: Client, shop_id: str) -> Door:
    """The door behind `client`."""
    if isinstance(client, PartnerClient):
        return PartnerDoor(client, shop_id)
    assert isinstance(client, OpenClient)
    return OpenDoor(client, shop_id)


def says_unknown(refusal: RejectedError) -> bool:
    """Whether a refusal means that there is no such order: 806, our own reading of an empty answer, or door B's words for it
    (recalled). Any other no may be about the moment, and must not make anybody forget an order.
    """
    return refusal.code in ("", "806") or "NOT_EXIST" in refusal.code.upper()


def _order(value: Any, order_id: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not (value.get("order_id") or value.get("orderId")):
        raise RejectedError(tr("Meituan does not know order {id}", id=order_id))
    return value


def _number(order_id: str) -> int | str:
    return int(order_id) if order_id.isdecimal() else order_id


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _first(value: Any) -> dict[str, Any]:
    """An object, or the only one of a list: published clients disagree."""
    one = value[0] if isinstance(value, list) and value else value
    return one if isinstance(one, dict) else {}


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ProtocolError(tr("Meituan answered something else than a list"))
    return value
