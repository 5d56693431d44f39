"""The scalars both generations of Uber's order API share, read tolerantly: texts, whole numbers, times, two kinds of money.

The documents and the recorded orders disagree on small things (numbers as text, `null` for an empty list, one object where
a list is meant), so all of those are taken. A figure of another form is an error: a wrong amount must never pass for a right
one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from app.domain.money import Money
from app.platforms.shapes import instant

_WHOLE = re.compile(r"-?\d{1,15}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DECIMAL = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
MILLISECONDS_FROM = 100_000_000_000  # event times are seconds on most pages and milliseconds on one


def whole(value: Any) -> int:
    """A whole number, also as text or as a float without a fraction. ValueError for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) < 1e15 else None
    if isinstance(value, bool) or not _WHOLE.fullmatch(str(value)):
        raise ValueError("not a whole number")
    return int(value)


def minor_money(value: Any) -> Money:
    """Previous generation: `{"amount": 1450, "currency_code": "EUR"}` in minor units; 1450 yen where yen have none."""
    return Money(whole(_member(value, "amount")), _currency(value))


def e5_money(value: Any) -> Money:
    """Current generation: `{"amount_e5": 1450000, ...}`, hundred-thousandths of the currency's major unit."""
    return Money.parse(Decimal(whole(_member(value, "amount_e5"))).scaleb(-5), _currency(value))


def taxed_money(value: Any) -> Money:
    """Current generation: `{"gross": ..., "net": ..., "tax": ...}`; the gross, which is what the customer pays.

    The vendor's own example nests the three once more inside each other, so whatever level holds the amount is taken.
    """
    if isinstance(value, Mapping) and "amount_e5" not in value:
        inner = value.get("gross") or value.get("net")
        return taxed_money(inner)
    return e5_money(value)


def milliseconds(value: Any) -> int:
    """An event's time, in seconds or milliseconds, as milliseconds; 0 when it has none."""
    found = whole(value) if value not in (None, "") else 0
    return found if found > MILLISECONDS_FROM else found * 1000


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping) or name not in value:
        raise ValueError("not an amount of money")
    return value[name]


def _currency(value: Mapping[str, Any]) -> str:
    code = str(value.get("currency_code"))
    if not _CURRENCY.fullmatch(code):
        raise ValueError("not an amount of money")
    return code


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("not a number")
    return Decimal(str(value))


def _amount(value: Any) -> Decimal:
    """A quantity: plain in the previous generation, `{"amount": 2}` in the current one."""
    return _decimal(value.get("amount", 1) if isinstance(value, Mapping) else value)


def _rows(value: Any) -> Any:
    """`null` for none, and one object where a list is meant (the vendor's example of `price_breakdown`)."""
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


def _or_nothing(value: Any) -> Any:
    """Some places that hold an object arrive empty: `{}` or `""` for "none"."""
    return value or None


Rows = BeforeValidator(_rows)
Maybe = BeforeValidator(_or_nothing)
Quantity = Annotated[Decimal, PlainValidator(_amount)]
Instant = Annotated[datetime, PlainValidator(instant)]
MinorMoney = Annotated[Money, PlainValidator(minor_money)]
TaxedMoney = Annotated[Money, PlainValidator(taxed_money)]
Milliseconds = Annotated[int, PlainValidator(milliseconds)]


class Wire(BaseModel):
    """What all shapes share: unknown fields are ignored (the raw message is kept), numbers may stand for text."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
