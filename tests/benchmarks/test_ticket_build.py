"""A kitchen ticket of thirty printed lines: ours beside python-escpos, as text and as a picture, in turns in one run.

Wanted are 0.2 ms as text and 10 ms with every line drawn. On a shared machine both are printed; what is asserted is that we
stay below half of python-escpos, which does no layout here: it only encodes the lines or the picture that ours has laid out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from escpos.printer import Dummy
from PIL import Image

from app.domain.orders import OptionKind
from app.domain.tickets import Note, NoteKind, Ticket, TicketKind, TicketLine, TicketOption
from app.printing import Profile, build, characters, dishes, encoder, lay_out, qr, raster
from app.printing.preview import stacked
from tests.benchmarks.conftest import Say

ROUNDS, GOAL_MS, DRAWN_GOAL_MS, BOUND = 11, 0.2, 10.0, 0.5
DRAWN = Profile(rom="none")
DISHES = ("宫保鸡丁", "鱼香肉丝盖饭", "麻婆豆腐", "Sweet and sour pork", "米饭", "可乐 330ml", "水煮牛肉（微辣）")


def thirty_lines() -> Ticket:
    """About thirty printed lines: dishes, options, notes, an allergy."""
    dishes = tuple(_dish(number, name) for number, name in enumerate(DISHES))
    return Ticket(
        TicketKind.KITCHEN,
        "饿#27",
        "eleme",
        "T-8F21",
        datetime(2026, 11, 22, 4, 3, 10, tzinfo=UTC),
        "Asia/Shanghai",
        dishes,
        station="热菜",
        due_at=datetime(2026, 11, 22, 4, 25, tzinfo=UTC),
        notes=(Note(NoteKind.ALLERGY, "花生"), Note(NoteKind.CHANGE, "送到前台")),
        tableware=2,
        items_total="10",
    )


def _dish(number: int, name: str) -> TicketLine:
    options = (TicketOption("去葱", OptionKind.REMOVE),) if number % 2 else ()
    return TicketLine(str(number % 3 + 1), name, options, "少盐" if number == 3 else "")


CACHED = (
    *(characters.normalise, characters.printable, characters.rom, characters.cells, characters.wrap, characters.widest),
    *(dishes.dish_lines, encoder._codes, raster._span, qr.modules),
)


def test_ticket_is_built_far_faster_than_escpos_encodes_it(say: Say) -> None:
    ticket = thirty_lines()
    lines = lay_out(ticket)
    texts = ["".join(segment.text for segment in line) for line in lines if isinstance(line, tuple)]
    picture = stacked([raster.draw(line, 576) for line in lines])

    def cold() -> None:
        for cached in CACHED:
            cached.cache_clear()
        build(ticket)

    def cold_drawn() -> None:
        for cached in CACHED:
            cached.cache_clear()
        build(ticket, None, "80", DRAWN)

    jobs: dict[str, tuple[Callable[[], object], int]] = {
        "ours": (lambda: build(ticket), 100),
        "cold": (cold, 20),
        "escpos": (lambda: _escpos(texts), 5),
        "drawn": (lambda: build(ticket, None, "80", DRAWN), 5),
        "cold drawn": (cold_drawn, 3),
        "escpos drawn": (lambda: _escpos_picture(picture), 1),
    }
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, (job, times) in jobs.items():
            taken[name].append(_milliseconds(job, times))
    ms = {name: statistics.median(each) * 30 / len(lines) for name, each in taken.items()}
    ratio, drawn = ms["ours"] / ms["escpos"], ms["drawn"] / ms["escpos drawn"]
    say(
        f"ticket of 30 lines as text: {ms['ours']:.3f} ms, first of its kind {ms['cold']:.2f} (goal {GOAL_MS}), "
        f"floor python-escpos {ms['escpos']:.2f}; ratio {ratio:.3f} (<= {BOUND})"
    )
    say(
        f"ticket of 30 lines drawn: {ms['drawn']:.2f} ms, first of its kind {ms['cold drawn']:.2f} (goal {DRAWN_GOAL_MS}), "
        f"floor python-escpos {ms['escpos drawn']:.1f}; ratio {drawn:.3f} (<= {BOUND})"
    )
    assert ratio <= BOUND
    assert drawn <= BOUND


def _escpos(texts: list[str]) -> bytes:
    printer = Dummy()
    for text in texts:
        printer.set(bold=True, double_height=True)
        printer.text(text + "\n")
    printer.cut()
    output: bytes = printer.output
    return output


def _escpos_picture(picture: Image.Image) -> bytes:
    printer = Dummy(profile="NT-80-V-UL")  # one that is 576 dots wide
    printer.image(picture, center=False)
    printer.cut()
    output: bytes = printer.output
    return output


def _milliseconds(job: Callable[[], object], times: int) -> float:
    started = time.process_time()  # what the processor did: a busy machine must not count
    for _ in range(times):
        job()
    return (time.process_time() - started) / times * 1e3
