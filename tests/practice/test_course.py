"""One order on its way: happenings wait for their moment, are tried again while the platform forbids them, and then end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from app.domain.lifecycle import Kitchen
from app.platforms.simulation import Happening, ImpossibleError, PretendLine, PretendOrder, Record, Simulator, Truth
from app.practice.course import GIVE_UP, Chronicle, Course
from app.practice.rush import Arrival, Fate, Moment, Step

SPEED = 10.0
START = 1000.0
ORDER = PretendOrder((PretendLine("rice", 200),))


class Stub(Simulator):
    """A platform that allows everything but what is in `forbidden`, and remembers what happened."""

    name, currency = "stub", "CNY"

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[Happening] = []
        self.forbidden: set[Happening] = set()

    @property
    def credentials(self) -> Mapping[str, str]:
        return {}

    def routes(self, router: web.UrlDispatcher) -> None:
        del router

    def place(self, order: PretendOrder | None = None, payload: Mapping[str, Any] | None = None) -> str:
        del order, payload
        return "1"

    def happen(self, order_id: str, happening: Happening, **detail: Any) -> None:
        del order_id, detail
        if happening in self.forbidden:
            raise ImpossibleError("not now")
        self.happened.append(happening)

    def truth(self) -> list[Truth]:
        return []


def truth(kitchen: Kitchen) -> Truth:
    return Truth("1", "1", "", kitchen.value, "CNY", 200, 0, START, None, ())


def begin(*steps: Step) -> tuple[Course, Stub]:
    stub = Stub()
    return Course.begin(Arrival(0.0, "stub", ORDER, Fate.SMOOTH, steps), stub, SPEED, START), stub


def test_a_happening_waits_for_its_moment_and_its_delay() -> None:
    course, stub = begin(Step(Happening.URGE, Moment.ACCEPTED, 50.0))
    course.befall(stub, START + 100)
    assert stub.happened == []
    course.observe(truth(Kitchen.ACCEPTED), START + 3)
    course.befall(stub, START + 7.9)
    assert stub.happened == []
    course.befall(stub, START + 8.1)  # 50 simulated seconds are 5 real ones
    assert stub.happened == [Happening.URGE]


def test_nothing_happens_twice() -> None:
    course, stub = begin(Step(Happening.URGE, Moment.PLACED, 0.0))
    for second in range(3):
        course.befall(stub, START + second)
    assert stub.happened == [Happening.URGE]


def test_a_forbidden_happening_is_tried_again_and_then_dropped() -> None:
    course, stub = begin(Step(Happening.URGE, Moment.PLACED, 0.0))
    stub.forbidden = {Happening.URGE}
    course.befall(stub, START + 1)
    assert course.waiting
    course.befall(stub, START + (GIVE_UP + 1) / SPEED)
    assert not course.waiting


def test_what_an_order_needs_to_end_is_never_dropped() -> None:
    course, stub = begin(Step(Happening.DELIVERED, Moment.PLACED, 0.0))
    stub.forbidden = {Happening.DELIVERED}
    course.befall(stub, START + 10_000)
    assert course.waiting


def test_nothing_befalls_the_dead() -> None:
    course, _ = begin(Step(Happening.DELIVERED, Moment.PLACED, 0.0), Step(Happening.URGE, Moment.ACCEPTED, 0.0))
    course.observe(truth(Kitchen.CANCELLED), START + 1)
    assert course.over
    assert course.moments[Moment.DIED] == START + 1


def test_a_completed_order_waits_only_for_its_refund() -> None:
    refund = Step(Happening.REFUND_PART, Moment.COMPLETED, 10.0)
    course, stub = begin(Step(Happening.URGE, Moment.ACCEPTED, 500.0), refund)
    course.observe(truth(Kitchen.COMPLETED), START + 1)
    assert course.waiting == [refund]
    assert not course.over
    course.befall(stub, START + 3)
    assert course.over
    assert stub.happened == [Happening.REFUND_PART]


def test_a_moment_is_noted_once_and_what_we_brought_about_counts() -> None:
    course, stub = begin(Step(Happening.COURIER_PICKED_UP, Moment.READY, 0.0))
    course.observe(truth(Kitchen.READY), START + 1)
    course.observe(truth(Kitchen.READY), START + 2)
    course.befall(stub, START + 2)
    assert course.moments[Moment.READY] == START + 1
    assert course.moments[Moment.PICKED_UP] == START + 2


def test_a_chronicle_tells_when_an_order_last_changed() -> None:
    records = [Record(1.0, "placed", "a"), Record(2.0, "fetched", "a")]
    chronicle = Chronicle(records)
    chronicle.catch_up()
    assert chronicle.at("a", 1.5) == 1.0
    assert chronicle.at("b", 1.5) == 1.5
    records.append(Record(3.0, "commanded", "a"))
    chronicle.catch_up()
    assert chronicle.at("a", 3.1) == 3.0
    assert chronicle.at("a", 300.0) == 300.0  # it expired, and nobody wrote that down
