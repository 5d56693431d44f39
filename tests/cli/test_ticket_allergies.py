"""A platform's own words on an allergy, at a dish or at the order, come out as the band of `order-console ticket`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import texts
from app.__main__ import main
from app.practice.paper import CommandReader, Paper

FIXTURES = Path(__file__).parents[1] / "platforms"


@pytest.mark.parametrize("kind", ["kitchen", "expediter", "packing"])
@pytest.mark.parametrize(
    ("platform", "event", "words"),
    [
        ("doordash", "order_create", "Classic Burger: No onions, peanut allergy"),
        ("uber_eats", "previous_order_created", "Allergy: PEANUTS / allergie arachide; sans ciboule"),
    ],
)
def test_a_dishs_allergy_is_the_first_thing_on_paper(
    platform: str, event: str, words: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "_current", ["zh"])
    job, payload = tmp_path / "job", FIXTURES / platform / "fixtures" / f"{event}.json"
    arguments = ["ticket", str(payload), "--platform", platform, "--template", kind, "--bytes", str(job)]
    assert main(["--language", "en", *arguments]) == 0
    paper = Paper(80)
    for command in CommandReader().feed(job.read_bytes()):
        paper.execute(command)
    (piece,) = paper.pieces
    loud = "".join(piece.reversed_text.split())

    assert "ALLERGY" in loud
    assert loud.count("".join(words.rpartition(": ")[2].split())) == 2, "the band, and the dish"
    assert "".join(words.split()) in loud
