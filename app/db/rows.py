"""Rows: insert one and learn its id; domain values to and from JSON columns.

Pydantic reads the domain's dataclasses themselves, so there is no second schema of an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Table, insert

T = TypeVar("T")


def add_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert one row; answers its integer primary key."""
    key = connection.execute(insert(table), row).inserted_primary_key
    if key is None:
        raise LookupError(f"{table.name} gave no key")
    return int(key[0])


def pack(value: Any) -> Any:
    """A dataclass of the domain as plain JSON values; None stays None."""
    return None if value is None else _adapter(type(value)).dump_python(value, mode="json")


def unpack(kind: type[T], value: Any) -> T:
    """The inverse of `pack`. Raises pydantic's ValidationError on a column that does not hold a `kind`."""
    result: T = _adapter(kind).validate_python(value)
    return result


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]
