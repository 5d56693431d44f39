"""WooCommerce for practice and tests: a strict server of its wire, with customers and the shop's own staff behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aiohttp import web

from app import steady
from app.domain.money import Money
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth
from app.platforms.woocommerce.simulated_books import Books, Order
from app.platforms.woocommerce.simulated_hooks import Hooks
from app.platforms.woocommerce.simulated_keys import Keys
from app.platforms.woocommerce.simulated_orders import MENU, OrderMaker
from app.platforms.woocommerce.simulated_weather import Weather
from app.platforms.woocommerce.simulated_wire import Wire
from app.platforms.woocommerce.statuses import MARK

WAITING = ("processing", "on-hold")
DEAD = ("cancelled", "refunded", "trash")


class WooCommerceSimulator(Simulator):
    """One shop on plain http with one read/write key; `home` replaces the address it believes to have."""

    name = "woocommerce"
    currency = "EUR"
    cuisine = "noodles"
    happenings = frozenset({Happening.CANCEL, Happening.CHANGE, Happening.REFUND_PART, Happening.COMPLETE})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.home = ""
        self._heard_at: dict[str, float] = {}
        self._key, self._secret = "ck_practice", f"cs_practice_{seed}"
        self.books = Books(self.random, self.currency)
        self.keys = Keys({self._key: (self._secret, "read_write")}, lambda: self.home or self.address)
        self.weather = Weather(self, self._heard)
        self.maker = OrderMaker(self.random, self.books, speed)
        self.hooks = Hooks(self, self.books, f"practice-hook-{seed}", self._heard)
        self.books.changed = self.hooks.announce
        self.wire = Wire(self, self.books, self.maker, self.keys, self.weather, self.hooks)

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the account form wants."""
        return {
            "shop_address": self.address,
            "consumer_key": self._key,
            "consumer_secret": self._secret,
            "webhook_secret": self.hooks.secret,
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """The REST API under /wp-json."""
        self.wire.routes(router)

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders; a `payload` is taken at its word, sums included."""
        if payload is not None:
            made = self.maker.completed(payload)
        else:
            made = self.maker.from_wish(order or self.maker.random_wish())
        self.books.add(made)
        self.record("placed", str(made["id"]))
        return str(made["id"])

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What the shop's staff do in the back office. There are no couriers, urges or requests on this wire."""
        order = self.books.orders[int(order_id)]
        if happening is Happening.CANCEL:
            self._require(order, order["status"] in WAITING)
            self.books.set_status(order, "cancelled")
        elif happening is Happening.COMPLETE:
            self._require(order, order["status"] in WAITING and self.kitchen(order) != "new")
            self.books.set_status(order, "completed")
        elif happening is Happening.REFUND_PART:
            self._refund(order, Decimal(int(detail.get("amount", 100))).scaleb(-2), str(detail.get("reason", "")))
        elif happening is Happening.CHANGE:
            self._require(order, order["status"] in WAITING and self.kitchen(order) in ("new", "accepted", "preparing"))
            self._change(order)
        else:
            raise ImpossibleError(f"WooCommerce has no {happening}")
        self.books.touch(order)
        self.record("happened", order_id, happening=str(happening))

    def truth(self) -> list[Truth]:
        """Every order, in the sequence they were placed."""
        return [self._truth(order) for order in self.books.orders.values()]

    def kitchen(self, order: Order) -> str:
        """The neutral word for how far an order is; "" for a status of which nobody can tell."""
        status, mark = order["status"], self.books.meta(order, MARK)
        if status in WAITING:
            return mark if mark in ("accepted", "ready", "handed_over") else "new"
        if status in DEAD and status != "cancelled":
            return "completed" if order["date_completed_gmt"] else "cancelled"
        if status == "cancelled":
            return "rejected" if mark == "rejected" else "cancelled"
        return "completed" if status == "completed" else ""

    def _truth(self, order: Order) -> Truth:
        order_id, number = str(order["id"]), str(order["number"])
        currency = str(order["currency"])
        refunded = Decimal(order["total"]) - self.books.left(order)
        return Truth(
            order_id=order_id,
            number=number if len(number) <= 6 else number[-4:],
            status=order["status"],
            kitchen=self.kitchen(order),
            currency=currency,
            total_minor=Money.parse(str(order["total"]), currency).minor,
            refunded_minor=Money.parse(refunded, currency).minor,
            placed_at=datetime.fromisoformat(order["date_created_gmt"]).replace(tzinfo=UTC).timestamp(),
            delivered_to_console_at=self._heard_at.get(order_id),
            commands=tuple(self.wire.commands.get(order_id, ())),
        )

    def _heard(self, order_id: str) -> None:
        self._heard_at.setdefault(order_id, steady.time())

    def _require(self, order: Order, allowed: bool) -> None:
        if not allowed:
            raise ImpossibleError(f"the order is {order['status']} ({self.kitchen(order) or 'not in the kitchen'})")

    def _refund(self, order: Order, amount: Decimal, reason: str) -> None:
        if order["status"] in DEAD or amount >= self.books.left(order):
            raise ImpossibleError(f"the order is {order['status']}, {self.books.left(order)} are left")
        self.books.give_back(order, amount, reason)

    def _change(self, order: Order) -> None:
        """Staff strike the last dish, or add one to an order of one."""
        lines = order["line_items"]
        if len(lines) > 1:
            lines.pop()
        else:
            lines.append(self.maker.line(self.random.choice(MENU)))
        self.maker.sum(order)
