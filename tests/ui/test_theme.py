"""What is painted can be read: the tokens of both themes, and the platforms' marks on their own colours."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from app.platforms import registry
from app.ui.theme import THEMES, Theme
from app.ui.widgets.mark import ink_on


def contrast(one: QColor, other: QColor) -> float:
    """WCAG contrast ratio."""

    def luminance(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_fill_can_be_read(name: str) -> None:
    theme = Theme.load(name)
    pairs = [(token.removeprefix("on_"), token) for token in theme.tokens if token.startswith("on_")]
    pairs += [("surface", "text"), ("surface", "muted"), ("window", "text"), ("sunken", "muted"), ("late_soft", "text")]
    weak = [pair for pair in pairs if contrast(theme.color(pair[0]), theme.color(pair[1])) < 4.5]
    assert weak == []


def test_both_themes_know_the_same_tokens() -> None:
    one, other = (Theme.load(name).tokens.keys() for name in THEMES)
    assert one == other


def test_every_platforms_mark_can_be_read_on_its_colour() -> None:
    colors = {platform.color for platform in registry.platforms().values()} | {"#ffff00", "#ffffff", "#000000"}
    assert [color for color in colors if contrast(ink_on(color), QColor(color)) < 3] == []


def test_a_mark_is_white_where_white_can_be_read() -> None:
    assert [ink_on(color).name() for color in ("#0097ff", "#ffc300")] == ["#ffffff", "#111111"]
