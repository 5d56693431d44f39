"""The pretend high street in one thread of its own: platforms, customers, couriers and printers, on 127.0.0.1 only.

The thread has its own event loop, so that a slow console cannot slow its platforms down, nor the other way round.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from app import steady
from app.platforms.registry import simulators
from app.platforms.simulation import Faults, Simulator
from app.practice.course import Chronicle, Course
from app.practice.evidence import Side
from app.practice.printer import VirtualPrinter
from app.practice.rush import Rush, plan
from app.texts import N_

T = TypeVar("T")

STATIONS = {"kitchen": 80, N_("packing"): 58}  # where paper comes out, and how wide it is (mm)
TICK = 0.04  # seconds between two looks at the street
BREATH = 120.0  # simulated seconds between two waves
# Simulated seconds after the last order within which even the slowest order must be over, and real ones for slow machines.
LONGEST_ORDER, SLACK = 6000.0, 60.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the rush has come: orders in the plan, placed, and over."""

    planned: int
    placed: int
    over: int

    @property
    def finished(self) -> bool:
        """Every order was placed and is over."""
        return self.over == self.planned


def drawn_variant(usual: type[Simulator], seed: int) -> type[Simulator]:
    """One of the ways into a platform, the same for the same seed."""
    others = [one for one in usual.variants().values() if one.in_practice]
    return random.Random(f"{usual.name} {seed}").choice([usual, *others])


class World:
    """Start it, tell the console the addresses, `open_doors`, wait until `progress.finished`, `stop`.

    `endless`: after the rush comes another one, until somebody stops. `pace` of the printers in lines a second, 0 at once.
    """

    def __init__(
        self,
        rush: Rush,
        platforms: Sequence[str],
        speed: float,
        *,
        faults: Faults | None = None,
        endless: bool = False,
        pace: float = 0.0,
    ) -> None:
        self.rush = rush
        self.speed = speed
        self.endless = endless
        known = simulators()
        self.simulators = {name: drawn_variant(known[name], rush.seed)(rush.seed, faults, speed) for name in platforms}
        self.printers = {
            station: VirtualPrinter(rush.seed + number, width_mm=width, lines_per_second=pace)
            for number, (station, width) in enumerate(STATIONS.items())
        }
        for printer in self.printers.values():  # a lost reply: nobody knows whether a ticket came out
            printer.drop_replies = faults.lose_reply if faults else 0.0
        self.failure: BaseException | None = None
        self._courses: dict[str, dict[str, Course]] = {name: {} for name in platforms}
        self._chronicles = {name: Chronicle(simulator.records) for name, simulator in self.simulators.items()}
        self._waiting = list(rush.arrivals)
        self._planned = len(rush.arrivals)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="practice-world", daemon=True)
        self._play: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Everything listens when this returns."""
        self._thread.start()
        self._run(self._listen())

    def open_doors(self, push_to: Mapping[str, str]) -> None:
        """Let the first customers in; `push_to` tells where a platform pushes (a platform without push is left out)."""
        self._run(self._begin(push_to))

    def stop(self) -> None:
        """Close every socket and end the thread; idempotent."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            self._run(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)
        self._loop.close()

    @property
    def time_limit(self) -> float:
        """Real seconds after which the rush is called unfinished."""
        return (self.rush.length + LONGEST_ORDER) / self.speed + SLACK

    def vouchers(self) -> list[str]:
        """Codes to try at the counter: a set meal and a card of several uses, on every platform that sells any."""
        return self._run(self._sell_vouchers())

    def progress(self) -> Progress:
        """How far the rush has come; raises what went wrong in the street's own thread."""
        if self.failure:
            raise self.failure
        courses = [course for of_platform in self._courses.values() for course in list(of_platform.values())]
        return Progress(self._planned, len(courses), sum(course.over for course in courses))

    def sides(self, marks: Mapping[str, str]) -> tuple[Side, ...]:
        """What every platform knows and wrote down; `marks` are the characters before the daily numbers."""
        return self._run(self._sides(marks))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30.0)

    async def _listen(self) -> None:
        for simulator in self.simulators.values():
            await simulator.start()
        for printer in self.printers.values():
            await printer.start()

    async def _sell_vouchers(self) -> list[str]:
        return [code for simulator in self.simulators.values() for code in simulator.vouchers_to_try()]

    async def _begin(self, push_to: Mapping[str, str]) -> None:
        for name, url in push_to.items():
            self.simulators[name].push_to = url
        self._play = self._loop.create_task(self._live())

    async def _close(self) -> None:
        if self._play:
            self._play.cancel()
            await asyncio.gather(self._play, return_exceptions=True)
        for simulator in self.simulators.values():
            await simulator.stop()
        for printer in self.printers.values():
            await printer.stop()

    async def _sides(self, marks: Mapping[str, str]) -> tuple[Side, ...]:
        return tuple(
            Side(
                name,
                marks[name],
                tuple(simulator.truth()),
                tuple(simulator.records),
                {order_id: dict(course.moments) for order_id, course in self._courses[name].items()},
                {order_id: course.dishes for order_id, course in self._courses[name].items()},
            )
            for name, simulator in self.simulators.items()
        )

    async def _live(self) -> None:
        try:
            await self._play_on()
        except BaseException as error:
            self.failure = error if not isinstance(error, asyncio.CancelledError) else None
            raise

    async def _play_on(self) -> None:
        opened = steady.time()
        while True:
            now = steady.time()
            self._let_in((now - opened) * self.speed, now)
            for name in self.simulators:
                self._follow(name, now)
            if self.endless and not self._waiting and self.progress().finished:
                self._next_wave((now - opened) * self.speed)
            await asyncio.sleep(TICK)

    def _let_in(self, clock: float, now: float) -> None:
        """Everybody whose time has come orders; `clock` is simulated seconds since the doors opened."""
        while self._waiting and self._waiting[0].at <= clock:
            arrival = self._waiting.pop(0)
            course = Course.begin(arrival, self.simulators[arrival.platform], self.speed, now)
            self._courses[arrival.platform][course.order_id] = course

    def _follow(self, name: str, now: float) -> None:
        """Look what the platform's orders have reached, and let happen what is due."""
        simulator, courses, chronicle = self.simulators[name], self._courses[name], self._chronicles[name]
        chronicle.catch_up()
        for truth in simulator.truth():
            course = courses.get(truth.order_id)
            if course and not course.over:
                course.observe(truth, chronicle.at(truth.order_id, now))
                course.befall(simulator, now)

    def _next_wave(self, clock: float) -> None:
        self.rush = plan(len(self.rush.arrivals), self.rush.seed + 1, list(self.simulators))
        self._waiting = [replace(arrival, at=arrival.at + clock + BREATH) for arrival in self.rush.arrivals]
        self._planned += len(self._waiting)
