"""The knobs of a printer's bad day: one frozen record, checked when made, that reads from and writes to JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple


class FaultError(ValueError):
    """No such knob, or no such value; the message says what would be right."""


class _Rule(NamedTuple):
    """What values a knob takes, in words and as a test."""

    words: str
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(low: float, high: float = math.inf) -> _Rule:
    words = f"a number from {low} to {high}" if math.isfinite(high) else f"a number of at least {low}"
    return _Rule(words, lambda value: _is_number(value) and low <= value <= high)


def _whole(low: int) -> _Rule:
    return _Rule(f"a whole number of at least {low}", lambda value: _is_number(value) and value == int(value) >= low)


def _one_of(*choices: str) -> _Rule:
    return _Rule(f"one of {', '.join(choices)}", lambda value: isinstance(value, str) and value in choices)


def _or_null(rule: _Rule) -> _Rule:
    return _Rule(f"{rule.words}, or null", lambda value: value is None or rule.fits(value))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and len(value) < 80 and (value.isprintable() or not value)


def _are_questions(value: Any) -> bool:
    return isinstance(value, tuple) and all(type(number) is int and 1 <= number <= 4 for number in value)


_SWITCH = _Rule("true or false", lambda value: isinstance(value, bool))
_SHARE = _number(0, 1)
_LINES = _or_null(_number(0))
_NAME = _Rule("up to 79 printable ASCII characters", _is_name)
_QUESTIONS = _Rule("a list of numbers from 1 to 4", _are_questions)


def _knob(default: Any, rule: _Rule) -> Any:
    return field(default=default, metadata={"rule": rule})


@dataclass(frozen=True, slots=True)
class PrinterFaults:
    """How good or bad a printer is. The defaults are a perfect, endlessly fast one. Raises FaultError on a wrong value.

    Lines are ordinary ones (1/6 inch); those "after" something count from when the knob is set, and count down.
    """

    lines_per_second: float = _knob(0.0, _number(0))  # 0 prints at once
    buffer_bytes: int | None = _knob(None, _or_null(_whole(64)))  # unprinted bytes it holds; full, it stops reading
    paper_out_after_lines: float | None = _knob(None, _LINES)
    near_end_after_lines: float | None = _knob(None, _LINES)
    cover_open: bool = _knob(False, _SWITCH)
    cutter_jam: bool = _knob(False, _SWITCH)  # the next cut jams: a recoverable error
    offline: bool = _knob(False, _SWITCH)  # off line without a cause, as by the feed button
    power_cut_after_lines: float | None = _knob(None, _LINES)  # once
    move_after_lines: float | None = _knob(None, _LINES)  # once: to another free port, and no more served at the old one
    reset_after_bytes: int | None = _knob(None, _or_null(_whole(0)))  # once: TCP RST after so many more bytes
    mute: bool = _knob(False, _SWITCH)  # prints, but answers nothing
    # hangs: nothing is read or answered; once mended, what was sent is read. vanishes: connections made or open meanwhile
    # are dead for ever, without FIN; once mended they get a reset.
    half_open: str = _knob("none", _one_of("none", "hangs", "vanishes"))
    second_connection: str = _knob("served", _one_of("served", "refused", "waits"))  # while one is open
    ack: str = _knob("process_id", _one_of("process_id", "status", "none"))  # GS ( H and GS r, GS r alone, neither
    ack_fault: str = _knob("none", _one_of("none", "never", "twice", "wrong_id"))
    ack_late_seconds: float = _knob(0.0, _number(0, 3600))
    status_amid_replies: bool = _knob(False, _SWITCH)  # automatic status in the middle of every other reply
    answers: tuple[int, ...] = _knob((1, 2, 3, 4), _QUESTIONS)  # DLE EOT numbers
    drop_replies: float = _knob(0.0, _SHARE)
    stray_replies: bool = _knob(False, _SWITCH)  # an answer whose asker has left goes to whoever is connected now
    clear_supported: bool = _knob(True, _SWITCH)  # DLE DC4 8
    model: str | None = _knob("Practice 80", _or_null(_NAME))  # GS I 67; "" is silent, null prints the letter
    maker: str | None = _knob("Order Console", _or_null(_NAME))  # GS I 66

    def __post_init__(self) -> None:
        if isinstance(self.answers, list):
            object.__setattr__(self, "answers", tuple(self.answers))
        for each in fields(self):
            rule: _Rule = each.metadata["rule"]
            value = getattr(self, each.name)
            if not rule.fits(value):
                raise FaultError(f"{each.name}: no such value {_shown(value)}; it takes {rule.words}")

    @classmethod
    def from_json(cls, known: Any) -> PrinterFaults:
        """From a JSON object with any of the knobs. Raises FaultError."""
        if not isinstance(known, Mapping):
            raise FaultError("the knobs of a printer are a JSON object")
        for name in known:
            default_of(name)
        return cls(**known)

    def to_json(self) -> dict[str, Any]:
        """Every knob with its value, ready for json.dumps."""
        return {**asdict(self), "answers": list(self.answers)}


def default_of(name: str) -> Any:
    """A knob's value on a good day. Raises FaultError for a knob that does not exist."""
    known = {each.name: each.default for each in fields(PrinterFaults)}
    if name not in known:
        raise FaultError(f"no such knob: {name}; there are {', '.join(known)}")
    return known[name]


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:40] + "..."
