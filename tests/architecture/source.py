"""The program's own source, read as the architecture tests want it."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TREES = ("app", "tests", "packaging")


@cache
def modules() -> dict[str, ast.Module]:
    """Every module by its path from the root, with forward slashes."""
    files = [file for tree in TREES for file in sorted((ROOT / tree).rglob("*.py"))]
    gc.disable()  # it would look at every node again and again: half of the time
    try:
        return {file.relative_to(ROOT).as_posix(): ast.parse(file.read_text("utf-8"), str(file)) for file in files}
    finally:
        gc.freeze()
        gc.enable()


def lines(name: str) -> list[str]:
    """The lines of one module."""
    return (ROOT / name).read_text("utf-8").splitlines()


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
