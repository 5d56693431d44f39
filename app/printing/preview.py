"""The ticket as a picture, from the same lines and the same dots that go to paper."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from app.domain.tickets import Ticket
from app.printing import fonts, raster
from app.printing.layout import lay_out
from app.printing.lines import CELL_DOTS, CELLS, line_dots


def render_png(ticket: Ticket, width_mm: int = 80) -> bytes:
    """PNG of `ticket`, one pixel per printer dot (576 or 384 wide). Raises FontMissingError without a Chinese font."""
    fonts.chinese_font()
    dots = CELLS[width_mm] * CELL_DOTS
    lines = lay_out(ticket, width_mm)
    paper = Image.new("1", (dots, sum(map(line_dots, lines))))
    top = 0
    for line in lines:
        paper.paste(raster.draw(line, dots), (0, top))
        top += line_dots(line)
    stream = io.BytesIO()
    ImageOps.invert(paper).save(stream, "PNG")
    return stream.getvalue()
