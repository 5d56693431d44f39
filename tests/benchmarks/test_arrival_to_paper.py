"""From the platform's push to the last byte at the printer: the engine beside a handler that commits once and prints.

Issue 2 asks for a p99 under 250 ms with 20 orders in one second. That is printed, not asserted: on a shared machine an
absolute time says as much about the neighbours. What is asserted is the ratio to a floor measured in turns with it. The
floor does none of the work that makes the promises: no second commit, no accepting at the platform, no status before
and no proof after the bytes. All times are the platform's and the printer's own records.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
import statistics
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from app.bootstrap import open_engine
from app.config import DataFolder
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from app.engine.views import PrinterForm
from app.printing import build
from tests.benchmarks.conftest import Say
from tests.benchmarks.side import OtherSide, other_side
from tests.benchmarks.test_ticket_build import thirty_lines

ORDERS, SECONDS, ROUNDS = 20, 1.0, 5
GOAL_MS, BOUND = 250, 50.0


def test_twenty_orders_in_a_second_reach_the_paper(tmp_path: Path, say: Say) -> None:
    with other_side(1) as ours, other_side(2) as theirs, _engine(tmp_path / "shop", ours), _floor(tmp_path, theirs):
        for side in (ours, theirs):  # connections, statements and tables of characters are made once a day
            side.burst(ORDERS, SECONDS)
        gc.collect()
        gc.freeze()  # as the console does once it stands
        paper, confirmed, bare = [], [], []
        for _ in range(ROUNDS):
            for pushed, accepted, printed in ours.burst(ORDERS, SECONDS):
                paper.append(printed - pushed)
                confirmed.append(printed - (accepted or pushed))
            bare += [printed - pushed for pushed, _, printed in theirs.burst(ORDERS, SECONDS)]

    gc.unfreeze()
    ratio = _best_round(paper) / _best_round(bare)
    say(f"arrival to paper, {ORDERS} orders in {SECONDS:g} s: {_figures(paper)} (goal p99 < {GOAL_MS} ms)")
    say(f"  of it accepted to paper: {_figures(confirmed)}")
    say(f"  floor: {_figures(bare)}; ratio of the best rounds {ratio:.1f} (<= {BOUND:g})")
    assert ratio <= BOUND


def _best_round(seconds: list[float]) -> float:
    """The median of the quickest round: a neighbour that takes the processor makes a queue, and a queue is no ratio."""
    return min(statistics.median(seconds[start : start + ORDERS]) for start in range(0, len(seconds), ORDERS))


def _figures(seconds: list[float]) -> str:
    cut = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {cut[49] * 1e3:.1f} p99 {cut[98] * 1e3:.1f} max {max(seconds) * 1e3:.1f} ms"


@contextmanager
def _engine(folder: Path, side: OtherSide) -> Iterator[Engine]:
    engine = open_engine(DataFolder(folder), Vault(os.urandom(32), "benchmark"), practice=True)
    engine.start()
    try:
        where = {"host": "127.0.0.1", "port": str(side.printer_port)}
        engine.facade.save_printer(PrinterForm("kitchen", settings=where), {}).result()
        info = engine.facade.test_account("eleme", side.credentials, side.address).result()
        account = engine.facade.add_account("eleme", "", info.values, side.address, auto_accept=True).result()
        side.push_to(engine.hook_url(account))
        yield engine
    finally:
        engine.stop()


@contextmanager
def _floor(folder: Path, side: OtherSide) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="floor")
    thread.start()
    floor = _Floor(folder / "floor.db", side.printer_port)
    try:
        side.push_to(asyncio.run_coroutine_threadsafe(floor.start(), loop).result())
        yield
    finally:
        asyncio.run_coroutine_threadsafe(floor.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Floor:
    """A bare handler: one raw FULL commit, the answer's bytes and one write of a ready-made ticket."""

    def __init__(self, path: Path, printer_port: int) -> None:
        self._printer_port = printer_port
        self._ticket = build(thirty_lines())
        self._disk = ThreadPoolExecutor(1)
        self._connection = self._disk.submit(self._open, path).result()

    async def start(self) -> str:
        application = web.Application()
        application.router.add_route("*", "/", self._push)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        await self._runner.cleanup()
        self._disk.submit(self._connection.close).result()
        self._disk.shutdown()

    async def _push(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            body = await request.read()
            order = json.loads(json.loads(body)["message"])
            if "daySn" in order:
                await asyncio.get_running_loop().run_in_executor(self._disk, self._insert, order["id"], body)
                await self._print(f"#{order['daySn']}".encode())
        return web.Response(body=b'{"message":"ok"}')

    async def _print(self, number: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._printer_port)
        writer.write(self._ticket.replace(b"#27", number))
        await writer.drain()
        writer.close()

    def _open(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB)")
        return connection

    def _insert(self, key: str, body: bytes) -> None:
        self._connection.execute("INSERT INTO inbox (key, body) VALUES (?, ?)", (key, body))
