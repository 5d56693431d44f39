"""One dish on paper: quantity first and never parted from the name, options and notes under it."""

from __future__ import annotations

from typing import NamedTuple

from app.domain.notes import names_allergy
from app.domain.orders import OptionKind
from app.domain.tickets import Difference, TicketLine
from app.printing.characters import printable
from app.printing.lines import Span, Style, line_cells, narrow, underlined, white
from app.printing.sheet import SMALL, fitted, hung
from app.texts import N_, say

LEAD = 5  # cells of " 2x  "
WARNING_ROWS = 3  # of an allergy at its dish, likewise
NAME_ROWS = 4  # a longer name is printed smaller
DIGITS = 4  # of quantities one above the other; a longer one sticks out
SIGNS = {OptionKind.ADD: "+", OptionKind.REMOVE: "-", OptionKind.CHOICE: ""}
VOID = N_("VOID")
DIFFERENCES = {Difference.ADDED: ("+", N_("ADD")), Difference.REMOVED: ("-", N_("CANCEL"))}


class Form(NamedTuple):
    """How a template wants dishes: `style` of the dish, `below` of what stands under it; the rest as in blocks.Dishes."""

    style: Style
    below: Style
    options: bool = True
    original: bool = False
    prices: bool = False
    ticks: bool = False
    loud: bool = True
    inline: bool = False


class Place(NamedTuple):
    """Where dishes stand: on paper of `width` cells, in a kitchen's `language`, on a void slip or not, right-aligned."""

    width: int
    language: str
    void: bool
    digits: int = 2


def digits(lines: tuple[TicketLine, ...]) -> int:
    """How wide quantities are so that all dishes begin below each other."""
    return min(DIGITS, max([len(line.quantity) for line in lines])) if len(lines) > 1 else 2


def dish_lines(line: TicketLine, form: Form, place: Place, number: int) -> list[tuple[Span, ...]]:
    """`line` on paper; `number` counts the dishes, 0 for none."""
    name, width = printable(line.name), place.width
    before = f"{number}. " * bool(number) + "[ ] " * form.ticks
    style = fitted(name, form.style, width - len(before) - LEAD * form.style.width, NAME_ROWS)
    below = form.below if form.below.width <= style.width else form.below._replace(width=style.width)
    leads = ((Span(before, narrow(style)),) if before else ()) + _lead(line, style, form.loud, place)
    look = white(style) if line.difference is Difference.REMOVED else style  # a black row is one not to cook
    lines = hung(leads, name, look, width, printable(line.amount) if form.prices else "")
    indent = min(line_cells(leads) + style.width * bool(leads), width // 3)
    if form.original and line.original:
        lines += _under(indent, "", f"({line.original})", SMALL, SMALL, width)
    for sign, text in _options(line, form):
        lines += _wish(line, indent, sign, text, (style, below, below), place)
    if line.note:
        lines += _wish(line, indent, "*", line.note, (style, below, underlined(below)), place)
    return lines


def _wish(
    line: TicketLine, indent: int, sign: str, text: str, styles: tuple[Style, Style, Style], place: Place
) -> list[tuple[Span, ...]]:
    """An option or a note under its dish, in the `styles` of the dish, a sign and a text; an allergy as loud as the dish."""
    dish, below, usual = styles
    if place.void or line.difference is Difference.REMOVED or not names_allergy(text):
        return _under(indent, sign, text, below, usual, place.width)
    loud = fitted(printable(text), white(dish), place.width - indent, WARNING_ROWS)
    return _under(indent, sign, text, narrow(loud), loud, place.width)


def _lead(line: TicketLine, style: Style, loud: bool, place: Place) -> tuple[Span, ...]:
    """The quantity, in reverse for everything but a plain one: 2, 0.5, what is taken back or changed."""
    quantity = printable(line.quantity)
    prefix = _prefix(line, place)
    text = f"{prefix}{quantity.rjust(max(2, place.digits))}x " if quantity else prefix
    if prefix or (loud and quantity != "1"):
        style = white(style)
    return (Span(text, style),) if text else ()


def _prefix(line: TicketLine, place: Place) -> str:
    if place.void:
        return say(place.language, VOID) + " "
    if line.difference is None:
        return ""
    sign, word = DIFFERENCES[line.difference]
    return f"{sign}{say(place.language, word)} "


def _options(line: TicketLine, form: Form) -> list[tuple[str, str]]:
    """Sign and text of each row of options."""
    options = line.options if form.options else ()
    rows = [(SIGNS[one.kind], one.text + (f" x{one.quantity}" if one.quantity != 1 else "")) for one in options]
    if form.inline and rows:
        loud = [row for row in rows if names_allergy(row[1])]
        quiet = " / ".join(sign + text for sign, text in rows if (sign, text) not in loud)
        return [*loud, ("", quiet)] if quiet else loud
    return rows


def _under(indent: int, sign: str, text: str, sign_style: Style, style: Style, width: int) -> list[tuple[Span, ...]]:
    """`text` under a dish's name. The sign is as large as its text: a small minus is a missed minus."""
    margin = narrow(sign_style)._replace(reverse=False)
    leads = (Span(" " * indent, margin), Span(sign, sign_style)) if sign else (Span(" " * max(0, indent - 1), margin),)
    return hung(leads, printable(text), style, width)
