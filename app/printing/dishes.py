"""One dish on paper: quantity first and never parted from the name, options and notes under it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from app.domain.orders import OptionKind
from app.domain.tickets import Difference, TicketLine
from app.printing.characters import printable
from app.printing.lines import Line, Span, Style
from app.printing.sheet import SMALL, fitted, hung
from app.texts import N_, say

LEAD = 5  # cells of " 2x  "
INDENT = 4  # options stand under their dish's name
NAME_ROWS = 4  # a longer name is printed smaller
SIGNS = {OptionKind.ADD: " +", OptionKind.REMOVE: " -", OptionKind.CHOICE: ""}
VOID = N_("VOID")
DIFFERENCES = {Difference.ADDED: ("+", N_("ADD")), Difference.REMOVED: ("-", N_("CANCEL"))}


class Form(NamedTuple):
    """How a template wants dishes: `style` of the dish, `below` of what stands under it."""

    style: Style
    below: Style
    options: bool = True
    original: bool = False
    prices: bool = False
    ticks: bool = False


@lru_cache(2048)
def dish_lines(line: TicketLine, form: Form, width: int, language: str, void: bool, number: int) -> tuple[Line, ...]:
    """`line` on paper of `width` cells; `number` counts the dishes, 0 for none."""
    name = printable(line.name)
    before = f"{number}. " * bool(number) + "[ ] " * form.ticks
    style = fitted(name, form.style, width - len(before) - LEAD * form.style.width, NAME_ROWS)
    below = form.below if style.width >= form.below.width else form.below._replace(width=style.width)
    leads = (Span(before, style._replace(width=1, reverse=False)),) * bool(before) + _lead(line, style, language, void)
    amount = printable(line.amount) if form.prices else ""
    lines = hung(leads, name, style, width, amount)
    indent = " " * (INDENT * bool(line.quantity) + len(before))
    if form.original and line.original:
        lines += hung((Span(indent),), printable(f"({line.original})"), SMALL, width)
    if form.options:
        lines += _options(line, indent, below, width)
    if line.note:
        lines += hung(_sign(indent, " *", below), printable(line.note), below._replace(underline=True), width)
    return tuple(lines)


def _lead(line: TicketLine, style: Style, language: str, void: bool) -> tuple[Span, ...]:
    """The quantity, in reverse for everything but a plain one: 2, 0.5, what is taken back or changed."""
    quantity = printable(line.quantity)
    prefix = _prefix(line, language, void)
    text = f"{prefix}{quantity:>2}x " if quantity else prefix
    loud = style._replace(reverse=bool(prefix) or quantity != "1")
    return (Span(text, loud),) if text else ()


def _prefix(line: TicketLine, language: str, void: bool) -> str:
    if void:
        return say(language, VOID) + " "
    if line.difference is None:
        return ""
    sign, word = DIFFERENCES[line.difference]
    return f"{sign}{say(language, word)} "


def _options(line: TicketLine, indent: str, style: Style, width: int) -> list[Line]:
    lines: list[Line] = []
    for option in line.options:
        times = f" x{option.quantity}" if option.quantity != 1 else ""
        lines += hung(_sign(indent, SIGNS[option.kind], style), printable(option.text + times), style, width)
    return lines


def _sign(indent: str, sign: str, style: Style) -> tuple[Span, ...]:
    """The indent stays narrow, the sign is as large as its text: a small minus is a missed minus."""
    return (Span(indent, style._replace(width=1)), Span(sign, style)) if sign else (Span(indent, style._replace(width=1)),)
