"""What a card means: how urgent, who waits for an answer, whether the platform knows. Pure questions, no drawing."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from app.domain.changes import RequestState, Urge
from app.domain.lifecycle import CLOSED
from app.domain.portions import countable
from app.domain.tickets import NoteKind
from app.engine.views import Card, CommandState, Lane, PrintState
from app.texts import tr
from app.ui import words
from app.ui.countdown import Level, digits
from app.ui.happenings import KITCHENS
from app.ui.words import plain

LANE_TONES = {Lane.NEW: "new", Lane.READY: "ready"}
_LOST = (PrintState.FAILED, PrintState.UNKNOWN, PrintState.HELD)
LEVEL_TONES = {Level.SOON: "soon", Level.LATE: "late"}


def tone(card: Card, level: Level) -> str:
    """The token of the state bar; words, icons and the lane say the same."""
    if card.closed_attention:
        return "cancelled"
    return LEVEL_TONES.get(level) or LANE_TONES.get(card.lane, "cooking")


def unsent(card: Card) -> bool:
    """Whether the platform does not know yet what was pressed here (dashed border)."""
    command = card.command
    return bool(command and (command.state is CommandState.DEAD or (command.attempts > 1 and sending(card))))


def sending(card: Card) -> bool:
    """Whether a command is under way."""
    return bool(card.command and card.command.state in (CommandState.PENDING, CommandState.IN_FLIGHT))


def waiting_urge(card: Card) -> Urge | None:
    """The newest urge nobody answered."""
    return next((urge for urge in reversed(card.urges) if not urge.replied), None)


def open_request(card: Card) -> bool:
    """Whether a customer waits for a yes or a no."""
    return bool(card.request and card.request.state is RequestState.OPEN)


def paper_lost(card: Card) -> bool:
    """Whether the kitchen may not know of the order: its ticket failed, was held back, or nobody knows."""
    return card.print_state in _LOST and not card.closed_attention


def without_ticket(card: Card) -> bool:
    """Whether an accepted order is to be cooked and no ticket was ever made for it."""
    return card.print_state is None and card.lane is Lane.COOKING and not card.closed_attention


def print_sign(card: Card) -> tuple[str, str, str] | None:
    """What became of its paper: icon, ink and word; None while nothing is to be said of it."""
    if card.print_state:
        return (*words.PRINT_SIGNS[card.print_state], tr(words.PRINTS[card.print_state]))
    return ("print-failed", "late", tr("No ticket")) if without_ticket(card) else None


def accepted_elsewhere(card: Card) -> str:
    """What a new order says in place of its button; "" for one that is accepted here, or was accepted."""
    return card.elsewhere if card.lane is Lane.NEW and not card.primary and not card.closed_attention else ""


def quiet(card: Card) -> bool:
    """Whether nothing on the card wants a person beyond its primary button: then one row says enough."""
    refused = card.command and card.command.state in (CommandState.REFUSED, CommandState.DEAD)
    return not (
        card.closed_attention
        or open_request(card)
        or waiting_urge(card)
        or refused
        or card.problems
        or paper_lost(card)
        or accepted_elsewhere(card)
    )


def standing(card: Card) -> str:
    """Where the order stands, in a word: its lane while it is open, how it ended when it is not."""
    return tr(KITCHENS[card.kitchen]) if card.kitchen in CLOSED else tr(words.LANES[card.lane])


def spoken(card: Card) -> str:
    """The card in one sentence, for a screen reader."""
    dishes = ", ".join(_spoken_dish(card, place) for place in range(len(card.items)))
    loud = ", ".join(plain(note.text) for note in card.notes if note.kind is NoteKind.ALLERGY)
    parts = (plain(card.call_number), standing(card), dishes, loud, plain(accepted_elsewhere(card)))
    return ". ".join(part for part in parts if part)


def _spoken_dish(card: Card, place: int) -> str:
    quantity, name = card.items[place]
    return " ".join(filter(None, (quantity, plain(name), given_back(card, place))))


def given_back(card: Card, place: int) -> str:
    """How many portions of the dish at `place` went back, in words; "" for none."""
    gone = card.given_back[place] if card.given_back else 0
    if not gone:
        return ""
    return tr("{n} given back", n=gone) if countable(_number(card.items[place][0])) > 1 else tr("given back")


def gone_altogether(card: Card, place: int) -> bool:
    """Whether every portion of the dish at `place` went back."""
    return bool(card.given_back) and card.given_back[place] >= countable(_number(card.items[place][0]))


def answer_left(card: Card, now: float) -> str:
    """How long until silence counts as yes: mm:ss, or ""."""
    if card.request is None or card.request.deadline is None:
        return ""
    return digits(max(0, int(card.request.deadline.timestamp() - now)))


def pieces(card: Card) -> Decimal:
    """How many pieces the order has, over all dishes."""
    return sum((_number(quantity) for quantity, _ in card.items), Decimal(0))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
