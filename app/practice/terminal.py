"""What a practice run says in the terminal: one growing line, or plain lines where there is no terminal, and the verdict."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from app.practice.report import Percentiles, Report
from app.practice.world import Progress
from app.printing.characters import cells
from app.texts import language, say, tr

WIDTH = 30
PLAIN_EVERY = 5.0  # seconds between two lines where nothing can be overwritten


class Bar:
    """A progress bar on `stream`."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
        self._language = language()  # the window changes its own for the pictures
        self._started = time.monotonic()
        self._said_at = float("-inf")

    def show(self, progress: Progress) -> None:
        """Say how far it has come; without a terminal only now and then."""
        now = time.monotonic()
        if not self._live and now - self._said_at < PLAIN_EVERY:
            return
        self._said_at = now
        line = line_of(progress, now - self._started, self._language)
        self._stream.write(f"\r{line}\x1b[K" if self._live else f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line as it stands."""
        if self._live:
            self._stream.write("\n")
            self._stream.flush()


def line_of(progress: Progress, seconds: float, language: str = "en") -> str:
    """`[#####.....]  4 of 60 orders finished, 12 open, 0:31`."""
    full = WIDTH * progress.over // progress.planned if progress.planned else WIDTH
    text = say(
        language,
        "{over} of {planned} orders finished, {open} open",
        over=progress.over,
        planned=progress.planned,
        open=progress.placed - progress.over,
    )
    return f"[{'#' * full}{'.' * (WIDTH - full)}] {text}  {int(seconds) // 60}:{int(seconds) % 60:02}"


def verdict(report: Report) -> str:
    """The report in a dozen lines for a person."""
    kept = sum(report.promises.values())
    rows = [
        (
            tr("Orders"),
            f"{report.orders_sent} / {report.orders_stored} / {report.orders_missing}",
            tr("sent / stored / missing"),
        ),
        (
            tr("Tickets"),
            f"{report.tickets_expected} / {report.tickets_confirmed} / {report.tickets_missing}",
            tr("expected / on paper / missing"),
        ),
        (tr("Duplicates"), str(report.duplicates_unmarked), tr("that do not say so")),
        (tr("Cancelled"), f"{report.cancellations_after_print} / {report.void_slips}", tr("after printing / void slips")),
        (
            tr("Commands"),
            f"{report.pushes_confirmed} / {report.pushes_refused}",
            tr("carried out / refused by the platform"),
        ),
        (
            tr("Sales"),
            f"{report.sales_total_minor} / {report.platform_total_minor}",
            tr("here / at the platforms, minor units"),
        ),
        *((f"{name}", _times(times), "p50 / p99 / max ms") for name, times in _latencies(report)),
        (tr("Promises"), f"{kept} / {len(report.promises)}", tr("kept / made")),
    ]
    wide = max(cells(name) for name, _, _ in rows)
    lines = [f"  {name}{' ' * (wide - cells(name))}  {figures}  ({meaning})" for name, figures, meaning in rows]
    return "\n".join([*lines, *(f"  ! {problem}" for problem in report.problems)])


def _latencies(report: Report) -> tuple[tuple[str, Percentiles], ...]:
    return (
        ("arrival_to_ack", report.arrival_to_ack_ms),
        ("arrival_to_card", report.arrival_to_card_ms),
        ("arrival_to_paper", report.arrival_to_paper_ms),
        ("accept_to_paper", report.accept_to_paper_ms),
    )


def _times(times: Percentiles) -> str:
    return f"{times.p50:.0f} / {times.p99:.0f} / {times.max:.0f}"
