"""Adding and changing accounts: tested before saved, stored with their secrets sealed, started at once."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from sqlalchemy import Connection

from app.db import accounts, audit
from app.db.accounts import Account
from app.db.database import Database
from app.engine.answers import checked, has_code, require_same_shop, typed, without_codes
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.reception import try_push
from app.engine.relayed import RELAY_CREDENTIALS, RELAY_PUBLIC, RELAY_SHOP, RELAY_URL
from app.engine.secrets import Vault
from app.engine.vaulted import keep_secrets, open_fields, settings_of
from app.platforms.api import Platform, Settings, ShopInfo
from app.platforms.certificates import authority_of
from app.platforms.http import new_client
from app.steady import now
from app.texts import tr

Save = Callable[[Mapping[str, str]], Awaitable[None]]


class Setup:
    """`restart` opens an account's loop anew after its row changed."""

    def __init__(
        self,
        database: Database,
        house: House,
        bell: Bell,
        vault: Vault,
        restart: Callable[[int], Awaitable[None]],
    ) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._vault = vault
        self._restart = restart

    async def account(self, account_id: int) -> Account:
        """A stored account. RefusalError for an id that is none."""
        try:
            return await self._database.write(accounts.get, account_id)
        except LookupError:
            raise RefusalError(tr("There is no account {id}.", id=account_id)) from None

    async def test_account(
        self, name: str, values: Mapping[str, str], address: str, account_id: int | None = None
    ) -> ShopInfo:
        """Sign in on platform `name` without saving. The answer's values are complete: typed, exchanged and learned.

        For a stored account blanks stand for what is stored, and the answer holds only what would change: a stored secret
        never leaves the engine, and a token the running account renews meanwhile is not put back. One renewed by a test of
        the account as it is, is stored at once: what it was asked with may work only once, and nobody has to save a test.
        """
        platform = self._platform(name)
        account = None if account_id is None else await self.account(account_id)
        stored = settings_of(self._vault, account) if account else {}
        known, save = checked(platform, values, stored), None
        if account and account.address == address and typed(platform, values).items() <= stored.items():
            save = partial(self._renewed, platform, account.id, stored)
        info, complete = await _signed_in(platform, known, address, save)
        require_same_shop(platform, stored, info)
        if account_id is None:
            await self._require_new_shop(platform, info, address)
        return ShopInfo(info.title, {name: value for name, value in complete.items() if stored.get(name) != value})

    async def _renewed(self, platform: Platform, account_id: int, stored: dict[str, str], values: Mapping[str, str]) -> None:
        """Keep it among what is `stored`; the running account goes on with it, too."""
        stored.update(values)
        await self._database.write(keep_secrets, self._vault, platform, account_id, dict(values))
        await self._restart(account_id)

    async def add_account(self, name: str, title: str, values: Mapping[str, str], address: str, auto_accept: bool) -> int:
        """Store an account whose values were tested, and start it."""
        platform = self._platform(name)
        known = without_codes(platform, values)
        account_id = await self._database.write(
            _store_account, self._vault, platform, title or platform.title, known, address, auto_accept
        )
        await self._restart(account_id)
        self._bell.changed("accounts", account_id)
        return account_id

    async def change_account(self, account_id: int, name: str, values: Mapping[str, str], address: str) -> None:
        """Put tested values on top of the stored ones and start the account anew, from the cursor it had.

        Its orders stay its own, so nothing comes in twice. A blank `name` leaves the name.
        """
        account = await self.account(account_id)
        platform = self._platform(account.platform)
        known = without_codes(platform, typed(platform, values))
        columns = {"name": name or account.name, "address": address}
        await self._database.write(_store_changes, self._vault, platform, account_id, known, columns)
        await self._restart(account_id)
        self._bell.changed("accounts", account_id)

    async def set_account(self, account_id: int, enabled: bool | None, auto_accept: bool | None) -> None:
        """Switch an account, or its auto-accept."""
        wanted = {"enabled": enabled, "auto_accept": auto_accept}
        columns = {column: value for column, value in wanted.items() if value is not None}
        if columns:
            await self._database.write(accounts.change, account_id, **columns)
        if enabled is not None:  # auto-accept is read with every order; a restart would disturb what is in flight
            await self._restart(account_id)
        self._bell.changed("accounts", account_id)

    async def set_relay(self, url: str, shop: str, credentials: str, public: str | None = None) -> None:
        """Fetch pushed orders from this relay from now on; "" as `url` ends it. `credentials` is the path of a file,
        `public` the address that platforms push to (None: as it was)."""
        await self._database.write(_store_relay, url, shop, credentials, public)
        self._bell.changed("problems")  # how a stored preference is told

    async def test_push(self, account_id: int) -> float:
        """See `reception.try_push`."""
        return await try_push(self._database, self._bell, account_id)

    async def _require_new_shop(self, platform: Platform, info: ShopInfo, address: str) -> None:
        """Refuse a shop that is connected already: two accounts of one shop would bring in and print each order twice."""
        shop = {name: value for name, value in info.values.items() if name in open_fields(platform)}
        for one in await self._database.write(accounts.every):
            here = (one.platform, one.address) == (platform.name, address)
            if here and shop and shop.items() <= one.settings.items():
                raise RefusalError(tr("This shop is connected already, as {name}. Change that account.", name=one.name))

    def _platform(self, name: str) -> Platform:
        if name not in self._house.platforms:
            raise RefusalError(tr("No platform is called {name}.", name=name))
        return self._house.platforms[name]


async def _signed_in(
    platform: Platform, known: Mapping[str, str], address: str, save: Save | None = None
) -> tuple[ShopInfo, dict[str, str]]:
    """Who the platform says we are, and every value to keep: given, exchanged for a code and learned on the way."""
    async with new_client(authority_of(platform, known)) as client:
        if platform.sign_in and has_code(platform, known):
            known = without_codes(platform, {**known, **await platform.sign_in.exchange(known, address, client)})
        learned: dict[str, str] = {}

        async def keep(changed: Mapping[str, str]) -> None:
            learned.update(changed)
            if save:
                await save(changed)

        connector = platform.connect(Settings(0, known, keep, address), client)
        try:
            info = await connector.verify()
        finally:
            await connector.aclose()
    return info, {**known, **learned, **info.values}


def _store_relay(connection: Connection, url: str, shop: str, credentials: str, public: str | None) -> None:
    told = {RELAY_URL: url, RELAY_SHOP: shop, RELAY_CREDENTIALS: credentials, RELAY_PUBLIC: public}
    for name, value in told.items():
        if value is not None:
            audit.set_preference(connection, name, value)
    audit.record(connection, now(), "counter", "relay_changed")


def _store_account(
    connection: Connection,
    vault: Vault,
    platform: Platform,
    title: str,
    values: Mapping[str, str],
    address: str,
    auto_accept: bool,
) -> int:
    at = now()
    account_id = accounts.add(
        connection,
        at,
        platform=platform.name,
        name=title,
        address=address,
        settings={},
        hook_token=secrets.token_urlsafe(24),
        auto_accept=auto_accept,
    )
    keep_secrets(connection, vault, platform, account_id, values)
    audit.record(connection, at, "counter", "account_added", detail=platform.name)
    return account_id


def _store_changes(
    connection: Connection,
    vault: Vault,
    platform: Platform,
    account_id: int,
    values: Mapping[str, str],
    columns: Mapping[str, str],
) -> None:
    accounts.change(connection, account_id, **columns)
    keep_secrets(connection, vault, platform, account_id, values)
    audit.record(connection, now(), "counter", "account_changed", detail=platform.name)
