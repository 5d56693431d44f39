"""Square for practice and tests: a strict server of its wire, with customers, a till and a bank behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app import steady
from app.domain.lifecycle import Kitchen
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth
from app.platforms.square.mapping import call_number, kitchen_of, order_of
from app.platforms.square.simulated_orders import CURRENCY, LOCATION, Placed, completed, from_wish, random_wish
from app.platforms.square.simulated_pushes import Pushes
from app.platforms.square.simulated_shop import Shop, WireError
from app.platforms.square.simulated_tokens import Tokens
from app.platforms.square.simulated_wire import Wire, refused

TOKEN, SIGNATURE_KEY = "EAAA-practice-personal-0001", "practice-signature-key"
APPLICATION, REDIRECT = "sq0idp-practice", "https://counter.example.test/square"
# Registered at Square; where the requests really go is the relay's business.
NOTIFICATION = "https://relay.example.test/hooks/square/practice?shop=caf%C3%A9"


class SquareSimulator(Simulator):
    """One location. `wire.books.pay_out(...)` makes a payout, `wire.catalogue` holds the menu, `tokens` the sign-ins."""

    name = "square"
    currency = CURRENCY
    cuisine = "noodles"
    happenings = frozenset({Happening.CANCEL, Happening.COMPLETE, Happening.REFUND_PART, Happening.CHANGE})

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes = Pushes(self, SIGNATURE_KEY, NOTIFICATION, self._heard)
        self.shop = Shop(self.pushes.push, self.later)
        self.tokens = Tokens(self.random, APPLICATION, REDIRECT, TOKEN)
        self.wire = Wire(self, self.shop, self.tokens)
        self._signed_in = self.tokens.issue()

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form, as the sign-in would fill them in. Whoever renews the token uses these up."""
        return {
            "application_id": APPLICATION,
            "access_token": self._signed_in["access_token"],
            "refresh_token": self._signed_in["refresh_token"],
            "location_id": LOCATION,
            "signature_key": SIGNATURE_KEY,
            "notification_url": NOTIFICATION,
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """Square's own wire."""
        self.wire.routes(router)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return refused(WireError("BAD_REQUEST", f"{request.method} {request.path} cannot be read."))

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders; a `payload` is an order in Square's form, taken at its word."""
        number, now = len(self.shop.orders), steady.now()
        if payload is not None:
            body = completed(payload, number, now, self.random)
        else:
            body = from_wish(order or random_wish(self.random), number, now, self.random, self.speed)
        if body["id"] in self.shop.orders:
            raise ValueError(f"order {body['id']} exists")
        placed = Placed(body, steady.time())
        self.record("placed", placed.id, number=call_number(order_of(body)), total_minor=body["total_money"]["amount"])
        self.shop.take(placed)
        return placed.id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What customers, the till and Square do. It has no requests, urges or steps of couriers."""
        order = self.shop.orders[order_id]
        if happening is Happening.CANCEL:
            self.shop.end(order, "CANCELED", str(detail.get("reason", ""))[:100])
        elif happening is Happening.COMPLETE:
            self.shop.end(order, "COMPLETED")
            self.wire.books.pay_out([order])  # an instant transfer: the real bank waits for the evening
        elif happening is Happening.CHANGE:
            self.shop.strike(order)
        elif happening is Happening.REFUND_PART:
            self._give_back(order, int(detail["amount"]), str(detail.get("reason", "")))
        else:
            raise ImpossibleError(f"Square has no {happening}")
        self.record("happened", order_id, happening=str(happening))

    def truth(self) -> list[Truth]:
        """Every order that somebody waits for, in the sequence they were placed."""
        return [_truth(order) for order in self.shop.orders.values() if order.body.get("fulfillments")]

    def expire_tokens(self) -> bool:
        """Those of the sign-in; the shop's own token never dies."""
        self.tokens.expire()
        return True

    async def stop(self) -> None:
        """See `Simulator.stop`; pushes under way end too."""
        await super().stop()
        await self.pushes.close()

    def _give_back(self, order: Placed, minor: int, reason: str) -> None:
        """Somebody refunds at the till."""
        tender = next(iter(order.body.get("tenders", [])), None)
        paid = tender["amount_money"]["amount"] if tender else 0
        if tender is None or not 0 < minor <= paid - order.refunded:
            raise ImpossibleError("more than was paid")
        refund_id = f"{tender['id']}_{len(order.body['refunds'])}"
        self.shop.refund(order, tender["id"], minor, reason, refund_id, "APPROVED")

    def _heard(self, order_id: str) -> None:
        order = self.shop.orders[order_id]
        order.heard_at = order.heard_at or steady.time()


def _truth(order: Placed) -> Truth:
    read = order_of(order.body)
    total = order.body["total_money"]
    return Truth(
        order.id,
        call_number(read),
        str(order.body["state"]),
        (kitchen_of(read) or Kitchen.NEW).value,
        str(total["currency"]),
        int(total["amount"]),
        order.refunded,
        order.placed_at,
        order.heard_at,
        tuple(order.commands),
    )
