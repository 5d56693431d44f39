"""An account's settings as the connector wants them: plain ones from their column, secrets from the sealed one."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from app.db import accounts
from app.db.accounts import Account
from app.engine.secrets import Vault
from app.platforms.api import FieldKind, Platform


def settings_of(vault: Vault, account: Account) -> dict[str, str]:
    """Every setting of the account, secrets opened."""
    if account.sealed is None:
        return dict(account.settings)
    secrets: dict[str, str] = json.loads(vault.open_sealed(account.sealed, _context(account.id)))
    return {**account.settings, **secrets}


def keep_secrets(
    connection: Connection, vault: Vault, platform: Platform, account_id: int, values: Mapping[str, str]
) -> None:
    """Store changed settings: what the platform's form shows openly in the open, everything else sealed."""
    known = settings_of(vault, accounts.get(connection, account_id)) | dict(values)
    plain = {name: known[name] for name in known if name in open_fields(platform)}
    sealed = {name: known[name] for name in known if name not in plain}
    blob = vault.seal(json.dumps(sealed).encode(), _context(account_id))
    accounts.change(connection, account_id, settings=plain, sealed=blob)


def open_fields(platform: Platform) -> frozenset[str]:
    """Names of the fields that are no secret; a value the form does not know (a token) is one."""
    return frozenset(one.name for one in platform.fields if one.kind not in (FieldKind.SECRET, FieldKind.CODE))


def _context(account_id: int) -> str:
    return f"accounts.sealed:{account_id}"
