"""The ticket as a picture, from the same lines and the same dots that go to paper."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageOps

from app.domain.tickets import Ticket
from app.printing import fonts, label, raster, tspl
from app.printing.layout import label_pages, lay_out
from app.printing.paper import Paper
from app.printing.template import Template


def render_png(ticket: Ticket, template: Template | None = None, paper: str = "80") -> bytes:
    """PNG of `ticket`, one pixel per printer dot; several labels one under the other.

    Raises FontMissingError without a Chinese font, ValueError for no such paper.
    """
    stream = io.BytesIO()
    drawn = stacked(label_pictures(ticket, template, paper) if "x" in paper else [_roll(ticket, template, paper)])
    ImageOps.invert(drawn).save(stream, "PNG")
    return stream.getvalue()


def label_pictures(ticket: Ticket, template: Template | None, paper: str) -> list[Image.Image]:
    """Each label as the very dots that are sent; on a roll one picture as long as the ticket. 1 is ink."""
    fonts.chinese_font()
    kind = Paper.of(paper)
    if kind.height_mm is None:
        return [tspl.harmless(_roll(ticket, template, paper))]
    return [tspl.harmless(label.picture(page, kind)) for page in label_pages(ticket, template, kind)]


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """`pictures` of one width, one under the other."""
    whole = Image.new("1", (pictures[0].width, sum(picture.height for picture in pictures)))
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole


def _roll(ticket: Ticket, template: Template | None, paper: str) -> Image.Image:
    fonts.chinese_font()
    kind = Paper.of(paper)
    return stacked([raster.draw(line, kind.dots) for line in lay_out(ticket, template, kind)])
