"""The preview: the right size, really drawn, the same dots as paper; and a clear word where no font is installed."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from app.printing import FontMissingError, Paper, fonts, render_png, trial_ticket
from app.printing.layout import lay_out
from app.printing.lines import Span, Style, line_dots
from app.printing.raster import draw

AT = datetime(2026, 11, 22, 4, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(("width_mm", "dots"), [(80, 576), (58, 384)])
def test_one_pixel_per_dot(width_mm: int, dots: int) -> None:
    ticket = trial_ticket("zh", "Asia/Shanghai", AT)
    picture = Image.open(io.BytesIO(render_png(ticket, paper=str(width_mm))))
    assert picture.size == (dots, sum(map(line_dots, lay_out(ticket, None, Paper.of(str(width_mm))))))
    black = picture.convert("L").histogram()[0]
    assert 0.03 < black / (picture.width * picture.height) < 0.5


@pytest.mark.parametrize("character", ["饭", "㐂", "𠮷", "a", "#", "é", "½"])
@pytest.mark.parametrize("style", [Style(), Style(bold=True), Style(2, 3), Style(reverse=True), Style(underline=True)])
def test_every_style_leaves_ink(character: str, style: Style) -> None:
    drawn = draw((Span(character, style),), 576)
    blank = draw((Span(" ", style),), 576)
    assert drawn.tobytes() != blank.tobytes()


def test_sizes_are_whole_multiples_of_the_same_dots() -> None:
    small = draw((Span("米"),), 24).crop((0, 0, 24, 24))
    large = draw((Span("米", Style(3, 3)),), 72)
    assert small.resize((72, 72), Image.Resampling.NEAREST).tobytes() == large.tobytes()


def test_without_a_font_the_message_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "faces", tuple)
    with pytest.raises(FontMissingError, match=r"fonts-noto-cjk|PingFang|Supplemental"):
        render_png(trial_ticket("zh", "Asia/Shanghai", AT))
