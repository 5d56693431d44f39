"""What the command line tells of every platform."""

from __future__ import annotations

import json

import pytest

from app.__main__ import main
from app.domain.commands import CommandKind
from app.platforms.registry import platforms, simulators


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints, in English."""
    assert main(["--language", "en", "platforms", *words]) == 0
    return capsys.readouterr().out


def test_every_platform_is_described_and_can_be_practised_on(capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["name"]: one for one in json.loads(told(capsys, "--json"))}
    assert found.keys() == platforms().keys() == simulators().keys()
    assert len({one["mark"] for one in found.values()}) == len(found)
    for name, one in found.items():
        assert {CommandKind(word) for word in one["commands"]} == platforms()[name].commands
        assert all(one[word] for word in ("title", "arrival", "how_orders_arrive", "evidence"))


def test_an_ability_is_told_only_where_the_connector_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = {one["name"]: one["abilities"] for one in json.loads(told(capsys, "--json"))}
    assert found["koubei"] == ["gives money back", "redeems vouchers"]
    assert "takes dishes off sale" in found["deliveroo"]
    assert "takes dishes off sale" not in found["tmall_genie"]


def test_a_person_reads_what_a_platform_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    words = told(capsys)
    assert "口  Koubei (koubei), pushed, through a relay" in words
    assert "limit: A pause has no end at Deliveroo: this console opens the restaurant again, as long as it runs" in words


def test_one_platform_is_told_with_the_fields_of_its_form(capsys: pytest.CaptureFixture[str]) -> None:
    words = told(capsys, "meituan", "eleme")
    assert "--set app_kind=…: Kind of app (own | service; usually own)" in words
    assert "--set app_id=…: App number (needed)" in words
    assert "Deliveroo" not in words
    assert "--set" not in told(capsys)
    found = {one["name"]: one for one in json.loads(told(capsys, "--json"))}
    assert [field["name"] for field in found["eleme"]["fields"]] == [field.name for field in platforms()["eleme"].fields]


def test_a_platform_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["platforms", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
