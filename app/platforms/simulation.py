"""What every platform simulator shares: the pretend order, the record of truth, and the `/_practice` control wire.

A simulator is a strict server of its platform's own wire. It lives beside the connector so that both change together, is
used by practice mode, tests and `order-console simulate`, and its records - not the console's belief - make the reports.
"""

from __future__ import annotations

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from aiohttp import web

from app import steady
from app.domain.orders import Fulfilment, OptionKind
from app.domain.vouchers import VoucherState
from app.platforms.listening import Listener

Serve = Callable[[web.Request], Awaitable[web.Response]]
# What reading a foreign client's request may raise: a platform refuses it in its own words, and never with a bare 500.
MALFORMED = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError, web.RequestPayloadError)
CARRIES = web.ResponseKey("carries", list)  # orders, or their ids, that an answer brings to the console


@dataclass(frozen=True, slots=True)
class PretendOption:
    """An option a pretend customer chose; `price` in minor units."""

    name: str
    kind: OptionKind = OptionKind.CHOICE
    price: int = 0


@dataclass(frozen=True, slots=True)
class PretendLine:
    """A dish a pretend customer ordered; `price` is the unit price in minor units without options."""

    name: str
    price: int
    quantity: int = 1
    options: tuple[PretendOption, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PretendOrder:
    """What a pretend customer wants, in no platform's words. `due_in` (seconds of simulated time) makes it scheduled."""

    lines: tuple[PretendLine, ...]
    note: str = ""
    fulfilment: Fulfilment = Fulfilment.DELIVERY
    due_in: float | None = None
    customer: str = ""
    phone: str = ""
    address: str = ""
    shop_discount: int = 0
    platform_discount: int = 0
    delivery_fee: int = 0
    packaging_fee: int = 0


class Happening(StrEnum):
    """What customers, couriers and the platform do to an order after it was placed."""

    CANCEL = "cancel"  # cancelled without asking the shop
    ASK_CANCEL = "ask_cancel"  # the shop must answer
    WITHDRAW = "withdraw"
    ASK_REFUND = "ask_refund"  # after completion; the shop must answer
    REFUND_PART = "refund_part"  # the platform refunds `amount` minor units
    URGE = "urge"
    CHANGE = "change"  # a line is struck or added, where the platform allows it
    COURIER_ASSIGNED = "courier_assigned"
    COURIER_CHANGED = "courier_changed"
    COURIER_AT_STORE = "courier_at_store"
    COURIER_PICKED_UP = "courier_picked_up"
    DELIVERED = "delivered"
    COMPLETE = "complete"


class ImpossibleError(ValueError):
    """The platform would not allow this happening in the order's present state."""


@dataclass(slots=True)
class Faults:
    """A bad day, as shares of 0 to 1 and seconds. `level(0)` is a perfect platform, `level(3)` a terrible one."""

    lose_push: float = 0.0  # never sent; only polling finds it
    repeat_push: float = 0.0  # sent again although acknowledged
    reorder_push: float = 0.0
    throttle: float = 0.0  # the platform's own "too many calls"
    break_call: float = 0.0  # HTTP 5xx before anything was done
    lose_reply: float = 0.0  # the call was carried out, its answer never arrives
    refuse: float = 0.0  # a business refusal of a command
    latency: float = 0.0
    odd: float = 0.0  # the platform's documented oddities: drifting types, downgraded orders

    @classmethod
    def level(cls, level: int) -> Faults:
        """Faults that grow with `level`: 0 none, 1 an ordinary day, 2 a bad one, 3 a terrible one."""
        share = (0.0, 0.01, 0.05, 0.15)[level]
        return cls(share * 2, share * 2, share * 2, share, share, share / 2, 0.0, 0.01 * level, share * 4)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened at the platform: `at` is Unix seconds; `what` one of placed, pushed, push_acknowledged,
    push_failed, push_lost, listed, fetched, acknowledged, commanded, refused, happened, faulted, malformed."""

    at: float
    what: str
    order_id: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Truth:
    """How one order stands at the platform. `status` is the platform's own word; `kitchen` the neutral one."""

    order_id: str
    number: str
    status: str
    kitchen: str
    currency: str
    total_minor: int
    refunded_minor: int
    placed_at: float
    delivered_to_console_at: float | None  # first acknowledged push or acknowledged/first poll answer that carried it
    commands: tuple[str, ...]  # the platform's own names of the commands it carried out, in order


class Simulator(ABC):
    """A platform's side of its own wire on 127.0.0.1, with one shop and one client signed up."""

    name: str
    currency: str
    cuisine: ClassVar[str] = "noodles"  # which of practice's menus its customers order from: "sichuan" or "noodles"
    # What customers, couriers and the platform may do here: the pretend rush plans nothing else.
    happenings: ClassVar[frozenset[Happening]] = frozenset()
    customers: ClassVar[bool] = True  # whether anybody orders here: not at a voice, which the pretend street leaves out
    exact_reply: ClassVar[bool] = False  # whether a push is acknowledged only by the documented body, to the byte
    variant: ClassVar[str] = ""  # the name of another way into the same platform, on the subclass that is it
    # Whether practice may draw this variant: not where the shop's own people deliver, which the pretend staff do not.
    in_practice: ClassVar[bool] = True

    def __init__(self, seed: int = 0, faults: Faults | None = None, speed: float = 1.0) -> None:
        self.random = random.Random(seed)
        self.faults = faults or Faults()
        self.speed = speed  # simulated seconds per real second: shortens the platform's own time limits
        self.records: list[Record] = []
        self.push_to = ""
        self.address = ""
        self._listener: Listener | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def variants(cls) -> dict[str, type[Simulator]]:
        """Other ways into the same platform, by name: the subclasses beside it, in its own module, that name themselves."""
        return {one.variant: one for one in cls.__subclasses__() if one.variant and one.__module__ == cls.__module__}

    @property
    @abstractmethod
    def credentials(self) -> Mapping[str, str]:
        """Values for the account form that make a connector work here."""

    @abstractmethod
    def routes(self, router: web.UrlDispatcher) -> None:
        """Add the platform's own wire."""

    def malformed(self, request: web.Request) -> web.Response:
        """The platform's own refusal of a request that nobody could read."""
        return web.json_response({"error": f"malformed: {request.method} {request.path}"}, status=400)

    @abstractmethod
    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        """A customer orders (`payload` in the platform's own form, or `order`, or a random one); answers the order id."""

    @abstractmethod
    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        """Something befalls an order. Raises ImpossibleError where the platform would not allow it, KeyError if unknown."""

    @abstractmethod
    def truth(self) -> list[Truth]:
        """Every order as the platform sees it now."""

    def undelivered(self) -> bool:
        """Whether something is still on its way to `push_to`. A platform that cannot be polled is waited for with this;
        who repeats every push until somebody takes it knows better than this look at the orders and the last pushes."""
        last = {record.order_id: record.what for record in self.records if record.what.startswith("push")}
        waiting = any(order.delivered_to_console_at is None for order in self.truth())
        return waiting or not {"pushed", "push_failed"}.isdisjoint(last.values())

    def expire_tokens(self) -> bool:
        """Let every access token die now, as its lifetime would. False: no token here dies by itself."""
        return False

    def review(self, order_id: str, score: int, text: str) -> str:
        """A customer reviews an order, with 1 to 5; answers the review's id. ImpossibleError where nobody can."""
        raise ImpossibleError(f"{self.name} has no reviews ({order_id}, {score}, {text})")

    def sell_voucher(self, uses: int = 1, state: VoucherState = VoucherState.GOOD) -> str:
        """Somebody bought a voucher that stands so in this shop; answers its code. ImpossibleError where nobody can."""
        raise ImpossibleError(f"{self.name} sells no vouchers ({uses}, {state})")

    def vouchers_to_try(self) -> list[str]:
        """Codes of a voucher and of a card of five uses, just sold; none where nobody can buy any."""
        with suppress(ImpossibleError):
            return [self.sell_voucher(uses) for uses in (1, 5)]
        return []

    def voucher_uses(self, code: str) -> int:
        """How many uses of a voucher are redeemed at the platform now. KeyError if unknown."""
        raise KeyError(code)

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and answer the base address."""
        application = web.Application(middlewares=[_hung_up, self._readable])
        self.routes(application.router)
        _PracticeWire(self).routes(application.router)
        self._listener = Listener(application)
        self.address = await self._listener.open(port)
        return self.address

    async def stop(self) -> None:
        """Stop listening and end every task this simulator started."""
        while self.tasks:  # one that ends may start another, which must not outlive the loop
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)
        if self._listener:
            await self._listener.close()

    @web.middleware
    async def _readable(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """MALFORMED, whatever the handler looked for; written down, so that no mistake of ours can hide behind it."""
        try:
            answer: web.StreamResponse = await handler(request)
        except MALFORMED as error:
            self.record("malformed", request.match_info.get("id", ""), error=repr(error), path=request.path)
            return self.malformed(request)
        return answer

    def record(self, what: str, order_id: str = "", **detail: Any) -> None:
        """Write down what happened, with the time."""
        self.records.append(Record(steady.time(), what, order_id, detail))

    def spawn(self, job: Any) -> None:
        """Run a coroutine that `stop` will end."""
        task = asyncio.get_running_loop().create_task(job)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something after simulated `seconds`, unless it ends before."""

        async def wait() -> None:
            await asyncio.sleep(seconds / self.speed)
            do()

        self.spawn(wait())

    def chance(self, share: float) -> bool:
        """True for a `share` of calls, seeded."""
        return share > 0 and self.random.random() < share

    def faulty(self, fault: str, request: web.Request, **detail: Any) -> bool:
        """Whether this call meets `fault`, the name of a share of `Faults`; written down with the order of its path."""
        if not self.chance(getattr(self.faults, fault)):
            return False
        self.record("faulted", request.match_info.get("id", ""), fault=fault, **detail)
        return True

    def granting(self, grant: Serve, busy: Callable[[], web.Response]) -> Serve:
        """A token's call with a bad day like every other: the platform is `busy`, a page stands in the place of an answer,
        or what was granted never arrives. Written down with `token=True`."""

        async def granted(request: web.Request) -> web.Response:
            await asyncio.sleep(self.faults.latency)
            if self.faulty("throttle", request, token=True):
                return busy()
            if self.faulty("break_call", request, token=True):
                status = self.random.choice((200, 502, 503))
                return web.Response(status=status, text="<h1>Maintenance</h1>", content_type="text/html")
            return self.answered(request, await grant(request), lambda _: None)

        return granted

    def stumble(self, request: web.Request, method: str, busy: Exception, broken: Exception, refused: Exception) -> None:
        """Meet the faults that come before anything is done, each in the platform's own words; only a command, which is a
        call of this `method`, is refused."""
        if self.faulty("throttle", request):
            raise busy
        if self.faulty("break_call", request):
            raise broken
        if request.method == method and self.chance(self.faults.refuse):
            self.record("refused", request.match_info.get("id", ""))
            raise refused

    def answered(self, request: web.Request, answer: web.Response, heard: Callable[[Any], None]) -> web.Response:
        """The answer to a call that was carried out: `heard` is told of each thing it CARRIES, unless it never arrives."""
        if request.transport and self.faulty("lose_reply", request):
            request.transport.close()
        else:
            for carried in answer.get(CARRIES, ()):
                heard(carried)
        return answer


@web.middleware
async def _hung_up(request: web.Request, handler: Any) -> web.StreamResponse:
    """A client that dies in the middle of a request is its own trouble: nobody is left to answer, nothing to log."""
    try:
        answer: web.StreamResponse = await handler(request)
    except ConnectionResetError:
        return web.Response(status=400)
    return answer


class _PracticeWire:
    """The control endpoints beside the platform's own: place orders, make things happen, read the record."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/_practice/order", self._order)
        router.add_post("/_practice/event", self._event)
        router.add_get("/_practice/records", self._records)
        router.add_post("/_practice/push-to", self._push_to)
        router.add_post("/_practice/voucher", self._voucher)

    async def _order(self, request: web.Request) -> web.Response:
        body = await request.text()
        try:
            order_id = self._simulator.place(payload=json.loads(body) if body.strip() else None)
        except (ValueError, KeyError, TypeError) as error:
            return web.json_response({"error": f"not an order of this platform: {error}"}, status=400)
        return web.json_response({"order_id": order_id})

    async def _event(self, request: web.Request) -> web.Response:
        try:
            body = await _object(request)
            detail = {name: value for name, value in body.items() if name not in ("order_id", "event")}
            self._simulator.happen(body["order_id"], Happening(body["event"]), **detail)
        except KeyError as error:
            return web.json_response({"error": f"missing or unknown: {error}"}, status=404)
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"ok": True})

    async def _records(self, _: web.Request) -> web.Response:
        orders = [asdict(truth) for truth in self._simulator.truth()]
        return web.json_response({"records": [asdict(record) for record in self._simulator.records], "orders": orders})

    async def _voucher(self, request: web.Request) -> web.Response:
        try:
            wish = await _object(request) if request.can_read_body else {}
            code = self._simulator.sell_voucher(int(wish.get("uses", 1)), VoucherState(wish.get("state", "good")))
        except (ValueError, TypeError) as error:
            return web.json_response({"error": str(error)}, status=409)
        return web.json_response({"code": code})

    async def _push_to(self, request: web.Request) -> web.Response:
        try:
            self._simulator.push_to = str((await _object(request))["url"])
        except (KeyError, ValueError, TypeError) as error:
            return web.json_response({"error": f'expected {{"url": ...}}: {error}'}, status=400)
        return web.json_response({"push_to": self._simulator.push_to})


async def _object(request: web.Request) -> dict[str, Any]:
    """The body's JSON object. ValueError for what is no JSON, TypeError for anything else."""
    body = await request.json()
    if not isinstance(body, dict):
        raise TypeError("not a JSON object")
    return body
