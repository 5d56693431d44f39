"""How pushed orders reach this counter: the relay as it is set, when the last push came, and trials of both."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.db import accounts, audit, inbox
from app.db.database import Database
from app.engine.bell import Bell
from app.engine.desk import RefusalError
from app.engine.relayed import RELAY_CREDENTIALS, RELAY_PUBLIC, RELAY_SHOP, RELAY_STATE, RELAY_URL, TRIALS
from app.engine.views import Arrivals, Change, HealthState, RelayCheck, RelayView
from app.relay.envelope import is_shop
from app.texts import tr

TRIAL_SECONDS = 15.0  # for a test push to go round


def relay(connection: Connection) -> RelayView:
    """The relay as it is set, and how it stands."""
    names = (RELAY_URL, RELAY_SHOP, RELAY_CREDENTIALS, RELAY_PUBLIC)
    url, shop, credentials, public = (str(audit.preference(connection, name) or "") for name in names)
    told = json.loads(audit.preference(connection, RELAY_STATE) or "{}")
    state = HealthState(told.get("state", "off")) if url else HealthState.OFF
    since = datetime.fromisoformat(told["since"]) if "since" in told else None
    return RelayView(url, shop, credentials, public, state, told.get("text", "") if url else "", since)


def public_address(connection: Connection, account_id: int) -> str:
    """What to tell the account's platform to push to; "" as long as no relay with a public address is set."""
    here, account = relay(connection), accounts.get(connection, account_id)
    if not (here.url and here.public):
        return ""
    return f"{here.public.rstrip('/')}/hooks/{here.shop}/{account.platform}/{account.hook_token}"


def arrivals(connection: Connection, account_id: int) -> Arrivals:
    """Where this account's orders may come in, and when something last did."""
    account = accounts.get(connection, account_id)
    pushed, refused = (inbox.last_pushed(connection, account_id, wanted=wanted) for wanted in (True, False))
    digest = hashlib.sha256(account.hook_token.encode()).hexdigest()
    return Arrivals(public_address(connection, account_id), digest, account.last_contact, pushed, refused)


async def check_relay(url: str, shop: str, credentials: str, public: str) -> RelayCheck:
    """Try a relay without using it. RefusalError for what cannot be one."""
    from app.relay.check import check  # nats-py takes 0.1 s to import
    from app.relay.connection import RelayError, Server

    if not is_shop(shop):
        raise RefusalError(
            tr("{name} cannot be a shop's name at a relay: lower-case letters, digits and hyphens only", name=shop or "-")
        )
    path = Path(credentials) if credentials else None
    try:
        server = Server(url, path, "order-console", f"_INBOX_{shop}")
    except RelayError as error:
        raise RefusalError(str(error)) from None
    found = await check(server, shop, public)
    return RelayCheck(found.finding.value, found.text)


async def try_push(database: Database, bell: Bell, account_id: int) -> float:
    """Push to this account's own public address and wait for it here; answers the seconds that took.

    RefusalError says at which station it was lost.
    """
    address = await database.write(public_address, account_id)
    if not address:
        raise RefusalError(tr("No relay with a public address is set: nothing can be pushed from outside."))
    number, heard = secrets.randbelow(10**9), asyncio.Event()

    def listen(change: Change) -> None:
        if change.topic == TRIALS and number in change.ids:
            heard.set()

    bell.subscribe(listen)
    started = time.monotonic()
    try:
        _require_taken(await _push(address, number))
        async with asyncio.timeout(TRIAL_SECONDS):
            await heard.wait()
    except TimeoutError:
        raise RefusalError(await _lost(database)) from None
    finally:
        bell.unsubscribe(listen)
    return time.monotonic() - started


async def _push(address: str, number: int) -> int:
    from app.relay.check import push
    from app.relay.connection import RelayError

    try:
        return await push(address, number)
    except RelayError as error:
        raise RefusalError(tr("The public address cannot be reached: {why}", why=str(error))) from None


def _require_taken(status: int) -> None:
    if status == 404:
        raise RefusalError(
            tr("The relay does not know this address. Its keeper has to enter this account in the list of shops.")
        )
    if status == 503:
        raise RefusalError(
            tr("The relay is there, but cannot store this now. If this shop's mailbox there is not full, tell its keeper.")
        )
    if not 200 <= status < 300:
        raise RefusalError(tr("What answers at the public address is no relay (HTTP {status}).", status=status))


async def _lost(database: Database) -> str:
    here = await database.write(relay)
    if here.state is not HealthState.OK:
        return tr("The relay took the test push, and this counter is not connected to it: {why}", why=here.text or "-")
    return tr("The relay took the test push, and it did not arrive here in time. Is it the same relay, and the same shop?")
