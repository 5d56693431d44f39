"""The shop on its platforms, its relay and its arrivals: the part of the fake facade that the test answers itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app import steady
from app.domain.shop import MenuItem, Review, ShopState, ShopStatus
from app.engine.views import Ability, Arrivals, HealthState, RelayCheck, RelayView, Storefront
from app.reports.statements import OurOrder
from tests.ui.fake_ledger import Asked, FakeLedger
from tests.ui.fake_vouchers import FakeVouchers

BOTH = frozenset({Ability.OPENS_SHOP, Ability.SELLS_ITEMS})
STATES = frozenset({ShopState.OPEN, ShopState.BUSY, ShopState.PAUSED})
OPEN = ShopStatus(ShopState.OPEN)
PAUSED = ShopStatus(ShopState.PAUSED)


def front(number: int, platform: str = "eleme", **changes: Any) -> Storefront:
    """A shop that is open, on a platform that can open and pause it and sell dishes; changed as told."""
    usual: dict[str, Any] = {
        "title": "Ele.me" if platform == "eleme" else "HubRise",
        "name": f"shop {number}",
        "abilities": BOTH,
        "states": STATES,
        "status": OPEN,
        "checked_at": steady.now(),
        "mark": "饿",
    }
    return Storefront(number, platform, **(usual | changes))


@dataclass
class ShopWish:
    """One change of a shop that was asked for, and the answer the test will give."""

    accounts: tuple[int, ...]
    state: ShopState
    until: datetime | None
    answer: Future[dict[int, str]] = field(default_factory=Future)


@dataclass
class DishWish:
    """One change of dishes that was asked for, and the answer the test will give."""

    items: dict[int, tuple[str, ...]]
    available: bool
    until: datetime | None
    answer: Future[dict[int, str]] = field(default_factory=Future)


class FakeShops(FakeLedger):
    """Keeps every request with the future that the test settles."""

    def forget_shops(self) -> None:
        self.vouchers = FakeVouchers()
        self.fronts: list[Storefront] = []
        self.heard: dict[int, list[Review]] = {}  # by account
        self.orders_here: dict[str, OurOrder] = {}  # by the platform's name
        self.review_asks: list[tuple[int, date, Future[list[Review]]]] = []
        self.replies: list[tuple[int, str, str, Future[None]]] = []
        self.seen: list[dict[int, list[str]]] = []
        self.shop_looks: list[Future[None]] = []
        self.shop_wishes: list[ShopWish] = []
        self.menu_asks: list[tuple[int, Future[list[MenuItem]]]] = []
        self.dish_wishes: list[DishWish] = []
        self.relay = RelayView()
        self.told_arrivals = Arrivals("", "5f1d")
        self.pushes: list[Future[float]] = []
        self.looks: list[tuple[tuple[str, str, str, str], Future[RelayCheck]]] = []

    def reviews(self, account_id: int, since: date) -> Future[list[Review]]:
        self.review_asks.append((account_id, since, Future()))
        return self.review_asks[-1][2]

    def stored_reviews(self, account_id: int, since: datetime) -> list[Review]:
        return [one for one in self.heard.get(account_id, []) if one.at >= since]

    def reply_review(self, account_id: int, review_id: str, text: str) -> Future[None]:
        self.replies.append((account_id, review_id, text, Future()))
        return self.replies[-1][3]

    def seen_reviews(self, shown: Mapping[int, Collection[str]]) -> Future[None]:
        self.seen.append({account: sorted(ids) for account, ids in shown.items()})
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def known_orders(self, account_id: int, names: Collection[str]) -> Mapping[str, OurOrder]:
        return {name: order for name, order in self.orders_here.items() if name in names}

    def storefronts(self) -> list[Storefront]:
        return list(self.fronts)

    def look_at_shops(self) -> Future[None]:
        self.shop_looks.append(Future())
        return self.shop_looks[-1]

    def set_shop(
        self, account_ids: Collection[int], state: ShopState, until: datetime | None = None
    ) -> Future[dict[int, str]]:
        self.shop_wishes.append(ShopWish(tuple(account_ids), state, until))
        return self.shop_wishes[-1].answer

    def shop_menu(self, account_id: int) -> Future[list[MenuItem]]:
        self.menu_asks.append((account_id, Future()))
        return self.menu_asks[-1][1]

    def set_available(
        self, items: Mapping[int, Collection[str]], available: bool, until: datetime | None = None
    ) -> Future[dict[int, str]]:
        wanted = {number: tuple(ids) for number, ids in items.items()}
        self.dish_wishes.append(DishWish(wanted, available, until))
        return self.dish_wishes[-1].answer

    def arrivals(self, account_id: int) -> Arrivals:
        return self.told_arrivals

    def test_push(self, account_id: int) -> Future[float]:
        self.pushes.append(Future())
        return self.pushes[-1]

    def check_relay(self, url: str, shop: str, credentials: str, public: str) -> Future[RelayCheck]:
        self.looks.append(((url, shop, credentials, public), Future()))
        return self.looks[-1][1]

    def set_relay(self, url: str, shop: str, credentials: str, public: str) -> Future[None]:
        self.relay = RelayView(url, shop, credentials, public, HealthState.OK if url else HealthState.OFF)
        return self._answer(Asked("set_relay", 0, text=url))
