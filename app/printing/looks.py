"""What all blocks of a template share: when they are printed, and how they look."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.domain.tickets import Ticket
from app.printing.lines import Style
from app.printing.sheet import Sheet
from app.texts import N_

Size = Literal["small", "tall", "big", "huge"]
SIZES: dict[str, tuple[int, int]] = {"small": (1, 1), "tall": (1, 2), "big": (2, 2), "huge": (3, 3)}
SMALLER: dict[str, Size] = {"small": "small", "tall": "small", "big": "tall", "huge": "big"}
LARGER: dict[str, Size] = {"small": "tall", "tall": "big", "big": "big", "huge": "big"}

Presence = Literal[
    "station", "also_at", "due_at", "scheduled", "notes", "tableware", "pickup_code", "items_total", "station_total",
    "sheets", "reason", "was_printed_at", "original_id", "shop", "reference", "customer", "phone", "address", "courier",
    "payment", "sums", "scan",
]  # fmt: skip


def present(ticket: Ticket, name: str) -> bool:
    """Whether the ticket says anything under `name`; no cutlery (0) is said, a single sheet (1) is not worth saying."""
    value = getattr(ticket, name)
    if name == "sheets":
        return bool(value > 1)
    return value is not None and value is not False and value not in ("", ())


class Model(BaseModel):
    """Strict: what is not known is refused, so that a slip of the pen is seen at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def changed(self, **values: object) -> Self:
        """The same with other `values`; a `model_copy` would keep what was worked out from the old ones."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, **values})


class Words(Model):
    """A text in both languages."""

    zh: str = Field(title=N_("Chinese"))
    en: str = Field(title=N_("English"))

    def within(self, language: str) -> str:
        """The text in `language`."""
        return self.zh if language == "zh" else self.en


class Block(Model):
    """Anything on paper."""

    only_if: Presence | None = Field(
        None, title=N_("Only if"), description=N_("Printed only on tickets that say something here")
    )

    @property
    def facts(self) -> frozenset[str]:
        """The facts of an order that stand here and may change: names of the ticket's fields, and kinds of notes."""
        return frozenset()

    def put(self, sheet: Sheet) -> None:
        """Print, unless the condition is not met."""
        if self.only_if is None or present(sheet.ticket, self.only_if):
            self.write(sheet)

    def write(self, sheet: Sheet) -> None:
        """Print."""
        raise NotImplementedError

    def smaller(self) -> Block:
        """The same one step smaller."""
        return self


class Look(Block):
    """A block with a look of its own."""

    size: Size = Field("small", title=N_("Size"))
    bold: bool = Field(False, title=N_("Bold"))
    reverse: bool = Field(False, title=N_("White on black"))

    @cached_property
    def style(self) -> Style:
        """The look as the printer knows it."""
        return Style(*SIZES[self.size], bold=self.bold, reverse=self.reverse)

    def smaller(self) -> Block:
        return self.changed(size=SMALLER[self.size])


class Placed(Look):
    """A line of text that can stand left, in the middle or right, or in a box."""

    align: Literal["left", "center", "right"] = Field("left", title=N_("Position"))
    boxed: bool = Field(False, title=N_("In a box"))

    def say(self, sheet: Sheet, text: str) -> None:
        """Print `text` in this look; reverse text goes from edge to edge."""
        if self.reverse and text:
            sheet.band(text, self.style)
        else:
            sheet.write(text, self.style, self.align, self.boxed)
