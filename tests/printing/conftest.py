"""Chinese words for the tests of this folder, whether or not the parts were merged yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import texts

PART = Path(__file__).parents[2] / "resources" / "i18n" / "parts" / "printing.zh.json"


@pytest.fixture(autouse=True)
def _words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_current", ["zh"])
    if PART.exists():
        chinese = json.loads(PART.read_text("utf-8"))
        monkeypatch.setattr(texts, "catalogue", lambda language: chinese if language == "zh" else {})
