"""What a person answered in an account form: made complete from defaults and from what is stored, checked, codes let go."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.engine.desk import RefusalError
from app.engine.vaulted import open_fields
from app.platforms.api import FieldKind, Platform, SettingField, ShopInfo
from app.texts import tr


def typed(platform: Platform, values: Mapping[str, str]) -> dict[str, str]:
    """The answers that say something: a secret left blank means "as it was", an open field left blank is cleared."""
    shown = open_fields(platform)
    return {name: value for name, value in values.items() if name in shown or value.strip()}


def checked(platform: Platform, values: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """`values` on top of what is `stored` (nothing at first), with defaults. What is missing or impossible is named."""
    given = {**stored, **typed(platform, values)}
    known = {one.name: str(given.get(one.name) or one.default).strip() for one in platform.fields}
    known |= {name: value for name, value in given.items() if name not in known}
    missing = [tr(one.label) for one in platform.fields if one.required and not known[one.name]]
    if missing and not _signed_in(platform, known, stored):
        raise RefusalError(tr("Please fill in: {fields}", fields=", ".join(missing)))
    for one in platform.fields:
        if known[one.name] and not _makes_sense(one, known[one.name]):
            raise RefusalError(tr("{field} cannot be {value}.", field=tr(one.label), value=known[one.name]))
    return known


def has_code(platform: Platform, known: Mapping[str, str]) -> bool:
    """Whether there is a code to be exchanged."""
    return any(known.get(one.name) for one in platform.fields if one.kind is FieldKind.CODE)


def without_codes(platform: Platform, known: Mapping[str, str]) -> dict[str, str]:
    """A code is used up once and never stored."""
    codes = {one.name for one in platform.fields if one.kind is FieldKind.CODE}
    return {name: value for name, value in known.items() if name not in codes}


def require_same_shop(platform: Platform, stored: Mapping[str, str], info: ShopInfo) -> None:
    """Refuse a sign-in that shows another shop than the account's orders came from.

    Only a shop of which nothing open is as it was (neither number nor name) is certainly another one: shops are renamed.
    """
    told = {name: value for name, value in info.values.items() if name in open_fields(platform) and stored.get(name)}
    if told and all(stored[name] != value for name, value in told.items()):
        text = tr("This sign-in belongs to another shop ({shop}): add it as an account of its own.", shop=info.title)
        raise RefusalError(text)


def _makes_sense(field: SettingField, answer: str) -> bool:
    if field.kind is FieldKind.CHOICE:
        return answer in field.choices
    return field.kind is not FieldKind.NUMBER or re.fullmatch(r"\d+(\.\d+)?", answer, re.ASCII) is not None


def _signed_in(platform: Platform, known: Mapping[str, str], stored: Mapping[str, str]) -> bool:
    """A code is used up once; afterwards the values it was exchanged for stand in its place."""
    needed = [one.name for one in platform.fields if one.required and one.kind is not FieldKind.CODE]
    return all(known.get(name) for name in needed) and bool(stored or len(known) > len(platform.fields))
