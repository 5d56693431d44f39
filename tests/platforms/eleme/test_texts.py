"""Every text of the connector that staff may read has its Chinese."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import app.platforms.eleme as package
from app.config import resources


def spoken() -> set[str]:
    """Every text given to `tr` or `N_` in the package."""
    trees = [ast.parse(path.read_text("utf-8")) for path in Path(package.__path__[0]).glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("tr", "N_")]
    return {call.args[0].value for call in named if isinstance(call.args[0], ast.Constant)}  # type: ignore[misc]  # all texts


def test_every_text_is_translated_with_the_same_places() -> None:
    part = resources() / "i18n" / "parts" / "eleme.zh.json"  # until it is merged into the catalogue
    chinese = json.loads((part if part.exists() else resources() / "i18n" / "zh.json").read_text("utf-8"))
    assert spoken() <= set(chinese)
    for english in spoken():
        text = chinese[english]
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", text))
