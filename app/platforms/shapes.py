"""What the folders' pydantic shapes share: null where nothing was meant, times that say where, and people left unshown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError

T = TypeVar("T")

# Besides pydantic's errors (ValueError): absurd numbers, absurd years, absurd nesting.
UNREADABLE = (ValueError, TypeError, ArithmeticError, RecursionError)


def _empty(value: Any) -> Any:
    return "" if value is None else value


def _none(value: Any) -> Any:
    return [] if value is None else value


_EXTENSION = re.compile(r"[+\d\s()-]{7,20}[,，_#转]\s*\d{1,6}\s*")
LONGEST_NUMBER = 15  # digits (ITU-T E.164): in what has more, several numbers stand in a row
_BETWEEN = re.compile(r"[,，;；/、|_]")  # several numbers in one field

Text = Annotated[str, BeforeValidator(_empty)]  # "" for null
Many = Annotated[list[T], BeforeValidator(_none)]  # [] for null


def instant(value: Any) -> datetime:
    """ISO 8601 with an offset, in UTC. ValueError without one: a guess could be hours wrong."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else None
    if found is None or found.tzinfo is None:
        raise ValueError("not a time with an offset")
    return found.astimezone(UTC)


def masked(phone: str) -> str:
    """`+33612345678` as `+336****5678`: enough to recognise, too little to call."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) <= 8:
        return "****" if digits else ""
    if len(digits) > LONGEST_NUMBER:
        return f"****{digits[-4:]}"
    return f"{'+' * phone.strip().startswith('+')}{digits[:-8]}****{digits[-4:]}"


def guarded(phone: str) -> str:
    """`masked`, except for what stands in a customer's place already: a starred number, or one with an extension
    (`17012345678,6021`), which is the platform's own and must stay fit for dialling.
    """
    starred = "**" in phone and len(re.sub(r"\D", "", phone)) <= 8  # one star somebody typed hides nothing
    if starred or _EXTENSION.fullmatch(phone):
        return phone
    return ",".join(masked(number) for number in _BETWEEN.split(phone))


def short(error: BaseException) -> str:
    """Where and what, without the values: this text reaches screens and logs, and values are somebody's address."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in found[:3])
