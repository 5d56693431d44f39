"""Uber Eats for practice and tests: one store, one app signed up, a strict server of either generation of the order API."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from aiohttp import web

from app import steady
from app.domain.orders import Fulfilment
from app.platforms.simulation import Faults, Happening, ImpossibleError, PretendOrder, Simulator, Truth
from app.platforms.uber_eats.generation import CURRENT, PREVIOUS, Generation
from app.platforms.uber_eats.mapping import order_of, unwrapped
from app.platforms.uber_eats.previous_wire import Order as PreviousOrder
from app.platforms.uber_eats.simulated_bodies import STORE_ID, Bill, Writer
from app.platforms.uber_eats.simulated_orders import Placed, iso, random_wish
from app.platforms.uber_eats.simulated_pushes import GUIDE, Pushes
from app.platforms.uber_eats.simulated_shop import COURIER_STEPS, DECIDE_WITHIN, Shop
from app.platforms.uber_eats.simulated_tokens import Tokens
from app.platforms.uber_eats.simulated_wire import Wire, WireError

TAX_ON_TOP = 0.3  # share of orders whose tax is not inside the prices


class UberEatsSimulator(Simulator):
    """The store is on `generation`; `tokens` and `pushes.schedule` may be tampered with by tests."""

    name = "uber_eats"
    currency = "EUR"
    cuisine = "noodles"
    happenings = frozenset({Happening.CANCEL, Happening.CHANGE, Happening.COMPLETE, *COURIER_STEPS})
    exact_reply = True
    generation: ClassVar[Generation] = CURRENT

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.tokens = Tokens("practice-client", f"practice-secret-{seed}", self.random)
        self.pushes = Pushes(self, self.tokens.secret, STORE_ID, self._taken)
        self.shop = Shop(self.generation, self.random, Writer(self.currency, speed), self._tell, self.later)

    @property
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form; the time to decide is the one this simulator really keeps."""
        return {
            "client_id": self.tokens.client_id,
            "client_secret": self.tokens.secret,
            "store_id": STORE_ID,
            "generation": self.generation.name,
            "decision_minutes": f"{DECIDE_WITHIN / 60 / self.speed:g}",
        }

    def routes(self, router: web.UrlDispatcher) -> None:
        """The token's host and the API's in one."""
        Wire(self, self.shop, self.tokens, self._taken).routes(router)

    def malformed(self, request: web.Request) -> web.Response:
        """See `Simulator.malformed`."""
        return WireError(400, "bad_request", f"{request.method} {request.path} cannot be read").response()

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders; a `payload` in the form of the store's generation is taken at its word, sums included."""
        order_id = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        placed = self._completed(payload, order_id) if payload is not None else self._wished(order, order_id)
        if placed.id in self.shop.orders:
            raise ValueError(f"order {placed.id} exists")
        self.record("placed", placed.id, total_minor=placed.total)
        self.shop.take(placed)
        return placed.id

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """What customers and couriers do. Uber asks the shop nothing: requests, urges and refunds are impossible here."""
        order = self.shop.orders[order_id]
        match happening:
            case Happening.CANCEL:
                self.shop.cancel_by_customer(order)
            case Happening.CHANGE:
                self.shop.change(order)
            case Happening.COMPLETE:
                self.shop.complete(order)
            case _ if happening in COURIER_STEPS:
                self.shop.courier(order, happening)
            case _:
                raise ImpossibleError(f"Uber has no {happening}")
        self.record("happened", order_id, happening=happening.value, **detail)

    def truth(self) -> list[Truth]:
        """Every order, in the sequence they were placed."""
        return [
            Truth(
                order_id=order.id,
                number=order.number,
                status=order.state(self.shop.current),
                kitchen=order.kitchen.value,
                currency=order.currency,
                total_minor=order.total,
                refunded_minor=0,
                placed_at=order.placed_at,
                delivered_to_console_at=order.heard_at,
                commands=tuple(order.commands),
            )
            for order in self.shop.orders.values()
        ]

    def expire_tokens(self) -> bool:
        """All of them."""
        self.tokens.alive.clear()
        return True

    async def stop(self) -> None:
        """See `Simulator.stop`; pushes under way end too."""
        await super().stop()
        await self.pushes.close()

    def _wished(self, order: PretendOrder | None, order_id: str) -> Placed:
        wish, now = order or random_wish(self.random), steady.time()
        bill = Bill.of(wish, tax_on_top=self.random.random() < TAX_ON_TOP)
        write = self.shop.writer.current if self.shop.current else self.shop.writer.previous
        body = write(wish, order_id, now, bill)
        return Placed(order_id, body, now, bill.total, self.currency, wish.fulfilment, wish)

    def _completed(self, payload: Mapping[str, Any], order_id: str) -> Placed:
        """ValueError or TypeError for what is no order of this generation."""
        now = steady.time()
        moment = "created_time" if self.shop.current else "placed_at"
        body = dict(unwrapped(payload)) | {moment: iso(now)}
        body = {"id": order_id, "display_id": order_id[-5:].upper()} | body
        progress = ("state", "current_state", "status", "preparation_status", "deliveries", "failure_info")
        body = {name: value for name, value in body.items() if name not in progress}
        if ("cart" in body) is self.shop.current:
            raise ValueError("an order of the other generation")
        read = order_of(body)
        total = read.payment.charges.total if isinstance(read, PreviousOrder) else read.payment.payment_detail.order_total
        pickup = "PICK" in str(body.get("type") or body.get("fulfillment_type"))
        fulfilment = Fulfilment.PICKUP if pickup else Fulfilment.DELIVERY
        return Placed(str(body["id"]), body, now, total.minor, total.currency, fulfilment)

    def _tell(self, kind: str, order: Placed, status: str) -> None:
        self.pushes.push(kind, order.id, self.generation.path(self.generation.order, order.id), status)

    def _taken(self, order_id: str) -> None:
        order = self.shop.orders[order_id]
        order.heard_at = order.heard_at or steady.time()


class PreviousUberEatsSimulator(UberEatsSimulator):
    """A store on the previous generation."""

    variant = "previous"
    generation = PREVIOUS


class GuideUberEatsSimulator(UberEatsSimulator):
    """A store whose events come again as Uber's guide tells it, which is not what its pages of events tell."""

    variant = "guide"

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        super().__init__(seed, faults, speed)
        self.pushes.schedule = GUIDE
