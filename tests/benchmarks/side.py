"""The other sides of an engine - a platform and a printer - in a process of their own, as if on other machines.

Run as a program it takes one JSON list a line, [command, argument ...], and answers one JSON value a line.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.platforms.eleme.simulator import ElemeSimulator
from app.practice.evidence import sheet_of
from app.practice.printer import VirtualPrinter

PATIENCE = 45.0  # seconds for a burst to come out on paper
GLANCE = 0.02
CONFIRM = "eleme.order.confirmOrderLite"


@dataclass(frozen=True, slots=True)
class OtherSide:
    """A perfect Ele.me and a printer that prints at once."""

    address: str
    credentials: Mapping[str, str]
    printer_port: int
    _program: subprocess.Popen[str]

    def push_to(self, url: str) -> None:
        """Where the platform sends its webhooks."""
        self._ask("push_to", url)

    def burst(self, orders: int, seconds: float) -> list[tuple[float, float | None, float]]:
        """So many orders, evenly over so many seconds: when each was pushed, accepted and wholly on paper (Unix seconds)."""
        return [(pushed, accepted, paper) for pushed, accepted, paper in self._ask("burst", orders, seconds)]

    def _ask(self, *words: object) -> Any:
        assert self._program.stdin
        assert self._program.stdout
        print(json.dumps(words), file=self._program.stdin, flush=True)
        return json.loads(self._program.stdout.readline())


@contextmanager
def other_side(seed: int) -> Iterator[OtherSide]:
    """An `OtherSide` that ends with the block."""
    command = [sys.executable, "-m", "tests.benchmarks.side", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        address, credentials, printer_port = json.loads(program.stdout.readline())
        yield OtherSide(address, credentials, printer_port, program)


class _Program:
    def __init__(self, seed: int) -> None:
        self._platform = ElemeSimulator(seed)
        self._printer = VirtualPrinter(seed)

    async def run(self) -> None:
        address, port = await self._platform.start(), await self._printer.start()
        _answer([address, dict(self._platform.credentials), port])
        while line := await asyncio.to_thread(sys.stdin.readline):
            command, *arguments = json.loads(line)
            _answer(await getattr(self, command)(*arguments))
        await self._platform.stop()
        await self._printer.stop()

    async def push_to(self, url: str) -> None:
        self._platform.push_to = url

    async def burst(self, orders: int, seconds: float) -> list[tuple[float, float | None, float]]:
        before, ids = len(self._printer.paper), []
        for _ in range(orders):
            ids.append(self._platform.place())
            await asyncio.sleep(seconds / orders)
        for _ in range(round(PATIENCE / GLANCE)):
            if len(self._printer.paper) >= before + orders:
                break
            await asyncio.sleep(GLANCE)
        pushed, accepted = self._first("pushed", "type", 10), self._first("commanded", "action", CONFIRM)
        papers = self._papers()
        return [(pushed[one], accepted.get(one), papers[one]) for one in ids]

    def _first(self, what: str, name: str, value: object) -> dict[str, float]:
        found: dict[str, float] = {}
        for record in self._platform.records:
            if record.what == what and record.detail.get(name) == value:
                found.setdefault(record.order_id, record.at)
        return found

    def _papers(self) -> dict[str, float]:
        numbers = {f"饿#{truth.number}": truth.order_id for truth in self._platform.truth()}
        sheets = [sheet_of(piece, "kitchen", ("饿",)) for piece in self._printer.paper]
        return {numbers[sheet.call_number]: sheet.at for sheet in sheets if sheet and sheet.complete}


def _answer(value: object) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    asyncio.run(_Program(int(sys.argv[1])).run())
