"""Every text of the connector that staff may read has its Chinese."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import app.platforms.woocommerce as package
from app.config import resources


def spoken() -> set[str]:
    """Every text given to `tr` or `N_` in the package."""
    trees = [ast.parse(path.read_text("utf-8")) for path in Path(package.__path__[0]).glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("tr", "N_")]
    texts = [call.args[0] for call in named]
    return {text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)}


def test_every_text_is_translated_with_the_same_places() -> None:
    chinese = json.loads((resources() / "i18n" / "zh.json").read_text("utf-8"))
    assert len(spoken()) > 60
    assert spoken() <= set(chinese)
    for english in spoken():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", chinese[english]))
