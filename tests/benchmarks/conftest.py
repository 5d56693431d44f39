"""Benchmarks print one line each: what, how much, beside which floor."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print a line past pytest's capture."""

    def speak(line: str) -> None:
        with capsys.disabled():
            print(f"\n    {line}", flush=True)

    return speak
