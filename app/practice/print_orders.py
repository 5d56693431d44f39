"""A pretend platform for the print torture: a day's orders from a seed, told event by event to whoever asks.

It is a story fixed beforehand: the cursor says how far it was told, so it needs no process that outlives the console's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from app import steady
from app.domain.changes import OrderUpdate, Urge
from app.domain.commands import Command
from app.domain.lifecycle import DEAD, Kitchen
from app.domain.money import Money
from app.domain.orders import Customer, Option, OptionKind, OrderFacts, OrderLine
from app.domain.orders import Fulfilment as Way
from app.platforms.api import Message, Page, Platform, RejectedError, ShopInfo

NAME, MARK = "torture", "考"
HOT, COLD, DRINKS = "热菜", "凉菜", "饮品"
DISHES = {
    HOT: ("宫保鸡丁盖饭（大份）", "水煮牛肉", "𩽾𩾌鱼豆腐煲", "Crème brûlée ñ", "番茄炒蛋"),
    COLD: ("拍黄瓜", "口水鸡", "皮蛋豆腐"),
    DRINKS: ("杨枝甘露", "冰美式"),
}
OPTIONS = ("微辣", "去葱", "加饭", "Jalapeño 🌶", "少冰")
NOTES = ("", "", "花生过敏！", "不要香菜，米饭多一点", "到了请打电话 \x1bp\x00", "￥38 的那份不要辣 😀")
DUE = datetime(2030, 1, 1, 4, 30, tzinfo=UTC)
REASONS = ("顾客取消：等太久了", "骑手取消")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens to an order; `dishes` as (category, name, quantity, option) where it tells them.

    `due`: minutes after DUE. `pickup`: the customer comes for it.
    """

    order: int
    kitchen: str = ""
    dishes: tuple[tuple[str, str, int, str], ...] = ()
    note: str = ""
    urge: str = ""
    due: int = 0
    pickup: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """All events of `orders` orders; the same for the same seed. `until`: how far it may be told."""

    seed: int
    orders: int

    def events(self) -> tuple[Event, ...]:
        """In the order of telling; orders overlap."""
        chance = random.Random(self.seed)
        told = []
        for number in range(1, self.orders + 1):
            moment = float(number)
            for event in _life(number, chance):
                told.append((moment, event))
                moment += chance.uniform(0.5, 6)
        return tuple(event for _, event in sorted(told, key=lambda one: one[0]))

    def alive(self) -> dict[int, frozenset[str]]:
        """Orders that were accepted and never cancelled, with the categories of what they ordered last."""
        found: dict[int, frozenset[str]] = {}
        for event in self.events():
            if event.dishes:
                found[event.order] = frozenset(category for category, *_ in event.dishes)
            if event.kitchen in DEAD:
                del found[event.order]
        return found

    def dead(self) -> frozenset[int]:
        """Orders that were cancelled."""
        return frozenset(event.order for event in self.events() if event.kitchen in DEAD)


def platform(story: Story, until: int, pause: float) -> Platform:
    """The platform as data: it tells the first `until` events of the story, a few at a time."""
    return Platform(
        name=NAME,
        title="Torture",
        mark=MARK,
        color="#444444",
        fields=(),
        commands=frozenset(),
        connect=lambda settings, client: Teller(story.events()[:until]),
        poll_seconds=pause,
    )


class Teller:
    """The `Connector`: told events are acknowledged by the cursor that is stored with them."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self._events = events

    async def verify(self) -> ShopInfo:
        return ShopInfo("Torture")

    async def fetch_orders(self, cursor: str) -> Page:
        start = int(cursor or 0)
        told = self._events[start : start + 2]
        messages = tuple(_message(number, event) for number, event in enumerate(told, start))
        return Page(messages, str(start + len(told)))

    async def fetch_order(self, order_id: str) -> Message:
        raise RejectedError(f"the story does not repeat itself: {order_id}")

    def read(self, message: Message) -> tuple[OrderUpdate, ...]:
        return (_update(json.loads(message.body), message.version),)

    async def send(self, command: Command) -> OrderUpdate | None:
        raise RejectedError(f"nobody asks this platform for anything: {command.kind}")

    async def aclose(self) -> None:
        return


def order_id(number: int) -> str:
    """The platform's own name of an order."""
    return f"K-{number}"


def _life(number: int, chance: random.Random) -> Iterator[Event]:
    """What one order goes through, in order."""
    first = Event(number, Kitchen.NEW.value, _dishes(chance), chance.choice(NOTES), pickup=number % 3 == 0)
    if chance.random() < 0.15:
        yield first
    told = replace(first, kitchen=Kitchen.ACCEPTED.value)
    yield told
    for turn in range(chance.choice((0, 0, 0, 0, 1, 2))):
        told = _otherwise(told, chance)
        yield told
        if chance.random() < 0.3:
            yield Event(number, urge=f"{number}-{turn}")
    if chance.random() < 0.2:
        yield Event(number, urge=f"{number}-last")
    if chance.random() < 0.12:
        yield Event(number, Kitchen.CANCELLED.value)
        return
    if chance.random() < 0.7:
        yield Event(number, Kitchen.READY.value)
    if chance.random() < 0.5:
        yield Event(number, Kitchen.HANDED_OVER.value)


def _otherwise(told: Event, chance: random.Random) -> Event:
    """What a customer or a platform changes: mostly the food, else when and how it leaves; a little later is no news."""
    if chance.random() < 0.6:
        return replace(told, dishes=_changed(told.dishes, chance), note=chance.choice((told.note, chance.choice(NOTES))))
    return replace(told, due=told.due + chance.choice((0, 3, 25)), pickup=told.pickup != (chance.random() < 0.4))


def _dishes(chance: random.Random) -> tuple[tuple[str, str, int, str], ...]:
    categories = chance.choices((HOT, COLD, DRINKS), (5, 3, 2), k=chance.randint(1, 3))
    return tuple(
        (category, chance.choice(DISHES[category]), chance.randint(1, 2), chance.choice(("", *OPTIONS)))
        for category in categories
    )


def _changed(dishes: tuple[tuple[str, str, int, str], ...], chance: random.Random) -> tuple[tuple[str, str, int, str], ...]:
    kept = list(dishes)
    if len(kept) > 1 and chance.random() < 0.5:
        kept.pop(chance.randrange(len(kept)))
    return (*kept, *_dishes(chance)[:1])


def _message(number: int, event: Event) -> Message:
    body = {name: getattr(event, name) for name in Event.__slots__}
    return Message(f"event:{number}", "order", json.dumps(body).encode(), int(steady.time() * 1000), order_id(event.order))


def _update(told: dict[str, Any], version: int) -> OrderUpdate:
    at = datetime.fromtimestamp(version / 1000, UTC)
    return OrderUpdate(
        order_id(told["order"]),
        version,
        facts=_facts(told, at) if told["dishes"] else None,
        kitchen=Kitchen(told["kitchen"]) if told["kitchen"] else None,
        urge=Urge(told["urge"], at, "等了很久了") if told["urge"] else None,
        reason=REASONS[told["order"] % len(REASONS)] if told["kitchen"] in DEAD else "",
    )


def _facts(told: dict[str, Any], at: datetime) -> OrderFacts:
    price = Money(1800, "CNY")
    lines = tuple(
        OrderLine(f"{number}", name, Decimal(quantity), price, price, _options(option), category=category)
        for number, (category, name, quantity, option) in enumerate(told["dishes"])
    )
    return OrderFacts(
        number=str(told["order"]),
        reference=f"{told['order']:018}",
        fulfilment=Way.PICKUP if told["pickup"] else Way.DELIVERY,
        due_at=DUE + timedelta(minutes=told["due"]),
        placed_at=at,
        total=Money.total([line.total for line in lines], "CNY"),
        lines=lines,
        customer=Customer("张三", "13800000000", "人民路 188 号"),
        note=told["note"],
        tableware=told["order"] % 4,
    )


def _options(option: str) -> tuple[Option, ...]:
    kind = OptionKind.REMOVE if option.startswith("去") else OptionKind.ADD
    return (Option(option, kind),) if option else ()
