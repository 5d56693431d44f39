"""Platforms are found by entry point; a broken or doubled one harms no other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.platforms import registry

MODULE = """
from app.platforms.api import Platform

def connect(settings, client):
    raise NotImplementedError

platform = Platform("{name}", "Tiny", "T", "#102030", (), frozenset(), connect)
other = "not a platform"
"""

Install = Callable[[str, str, str], None]


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    registry.platforms.cache_clear()
    yield
    registry.platforms.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a third party's distribution: a module and the metadata that names its entry point."""
    modules: list[str] = []

    def add(module: str, name: str, target: str) -> None:
        (tmp_path / f"{module}.py").write_text(MODULE.format(name=name), "utf-8")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{module} = {target}\n", "utf-8")
        modules.append(module)

    monkeypatch.syspath_prepend(tmp_path)
    yield add
    for module in modules:
        sys.modules.pop(module, None)


def test_a_third_partys_platform_is_found(install: Install) -> None:
    install("tiny_party", "tiny", "tiny_party:platform")
    assert registry.platform("tiny").title == "Tiny"


def test_the_result_is_kept(install: Install) -> None:
    install("tiny_kept", "tiny", "tiny_kept:platform")
    assert registry.platforms() is registry.platforms()


@pytest.mark.parametrize("target", ["no_such_module:platform", "tiny_broken:nothing", "tiny_broken:other"])
def test_a_broken_platform_is_logged_and_skipped(install: Install, target: str) -> None:
    install("tiny_broken", "broken", target)
    install("tiny_good", "good", "tiny_good:platform")
    with capture_logs() as logs:
        found = registry.platforms()
    assert "broken" not in found
    assert "good" in found
    assert [entry["entry_point"] for entry in logs if entry["event"] == "platform_broken"].count(target) == 1


def test_a_second_platform_of_the_same_name_is_refused(install: Install) -> None:
    install("tiny_first", "twin", "tiny_first:platform")
    install("tiny_second", "twin", "tiny_second:platform")
    with capture_logs() as logs:
        found = registry.platforms()
    assert found["twin"].connect.__module__ == "tiny_first"
    assert [entry["entry_point"] for entry in logs if entry["event"] == "platform_duplicate"] == ["tiny_second:platform"]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError):
        registry.platform("nowhere")
