"""Vouchers at the counter: looked up, redeemed under one key, taken back; asked again until somebody answers.

A redemption is a row before its platform is asked, so that after a crash or a time-out it is asked for again under the same
key, and never redeemed twice. What stays unanswered waits for a person, who sees what is known of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from app.db import accounts, audit, redemptions
from app.db.accounts import Account
from app.db.database import Database
from app.db.redemptions import Redemption
from app.domain.vouchers import UNANSWERED, RedemptionState, Voucher, VoucherState
from app.engine.asking import CHANGE_SECONDS, LOOK_SECONDS, able, in_time
from app.engine.bell import FAULT_PAUSE, Bell
from app.engine.desk import RefusalError
from app.engine.house import House
from app.engine.shop_views import ShopNotice, VoucherFound
from app.platforms.abilities import Ability, RedeemsVouchers, abilities_of
from app.platforms.api import Connector, PlatformError, RejectedError
from app.steady import now
from app.texts import N_, language, tr

log = structlog.get_logger(__name__)

# Seconds before it is asked again by itself, by tries made; the last one repeats for as long as the customer may still wait.
BACK_OFF = (2.0, 5.0, 10.0, 30.0)
PATIENCE = timedelta(minutes=10)
UNDER_WAY = timedelta(seconds=CHANGE_SECONDS + 15)  # so long the one who asked first is waited for
IDLE = 2.0
LONGEST_CODE = 64
PRACTICE_VOUCHERS = "practice_vouchers"  # the preference that names codes to try, in practice only

_NO_ACCOUNT = N_("No account that is open now can check vouchers.")
_NOT_GOOD = N_("This voucher cannot be redeemed here.")
_TOO_MANY = N_("This voucher has only {n} uses left.")
_OPEN = N_("This voucher was asked for already and nobody answered yet: ask for that one again first.")
_NOT_REDEEMED = N_("Only what was redeemed can be taken back.")
_ANSWERED = N_("This has been answered already.")
_GIVEN_UP = N_("{platform}: nobody knows whether a voucher was redeemed ({title}). Ask again under My shop, Vouchers.")
_NOT_BACK = N_("{platform}: nobody knows whether a voucher was taken back ({title}). Ask again under My shop, Vouchers.")


class Vouchers:
    """One per engine; lives on the I/O loop. `connector` finds the open connector of an account."""

    def __init__(self, database: Database, house: House, bell: Bell, connector: Callable[[int], Connector | None]) -> None:
        self._database = database
        self._house = house
        self._bell = bell
        self._connector = connector
        self._asking: set[int] = set()

    async def run(self) -> None:
        """Ask again for what nobody answered, for ever; cancelled by the engine."""
        while True:
            try:
                due = await self._database.write(redemptions.due, now())
                await asyncio.gather(*[self._again(one) for one in due])
            except Exception:  # the store failed, not a platform
                log.exception("vouchers_failed")
                await asyncio.sleep(FAULT_PAUSE)
            await asyncio.sleep(IDLE)

    def today(self) -> list[Redemption]:
        """What was asked for this business day, and whatever is unanswered; newest first. From any thread."""
        opened, _ = self._house.calendar.bounds(self._house.calendar.day(now()))
        return self._database.read(redemptions.since, opened)

    async def look_up(self, code: str, account_ids: Collection[int] = ()) -> VoucherFound:
        """What is behind a code, at whichever of these accounts (all that can, if none is named) it is good.

        Raises RefusalError or the platform's error where nobody knows it.
        """
        every = await self._able(account_ids)
        said = await asyncio.gather(*[self._look_up(one.id, code) for one in every], return_exceptions=True)
        found = [self._found(one, told) for one, told in zip(every, said, strict=True) if isinstance(told, Voucher)]
        if not found:
            raise _why(said)
        return min(found, key=lambda one: one.voucher.state is not VoucherState.GOOD)

    async def redeem(self, found: VoucherFound, uses: int = 1, who: str = "counter") -> Redemption:
        """Redeem it: on disk first, then asked. The answer's state says what became of it; ASKED: no answer yet."""
        self._redeemer(found.account_id)
        return await self._ask(await self._database.write(_begin, found, uses, who, now()))

    async def take_back(self, redemption_id: int, who: str = "counter") -> Redemption:
        """Undo a redemption, in the same way."""
        return await self._ask(await self._database.write(_begin_back, redemption_id, who, now()))

    async def ask_again(self, redemption_id: int) -> Redemption:
        """Ask once more for what nobody answered, under the same key."""
        row = await self._database.write(_get, redemption_id)
        if row.state not in UNANSWERED:
            raise RefusalError(tr(_ANSWERED))
        return await self._ask(row)

    async def _again(self, one: Redemption) -> None:
        """Not for ever: the customer is gone, and a late yes would use up what nobody ate."""
        if _next(one):
            await self._ask(one)
        elif one.id not in self._asking:
            self._told(await self._database.write(redemptions.unanswered, one.id, one.text, None))

    async def _ask(self, one: Redemption) -> Redemption:
        """Once at a time, whoever wants it; read again in our turn, for somebody may have had the answer meanwhile."""
        if one.id in self._asking:
            return one
        self._asking.add(one.id)
        try:
            one = await self._database.write(redemptions.get, one.id)
            if one.state in UNANSWERED:
                self._told(one)
                one = await self._outcome(one)
        finally:
            self._asking.discard(one.id)
        self._told(one)
        return one

    async def _outcome(self, one: Redemption) -> Redemption:
        try:
            redeemer, known = self._redeemer(one.account_id), (one.code, one.uses, one.key)
            if one.state is RedemptionState.TAKING_BACK:
                await in_time(redeemer.take_back_voucher(*known), CHANGE_SECONDS)
                return await self._database.write(redemptions.taken_back, one.id, now())
            told = await in_time(redeemer.redeem_voucher(*known), CHANGE_SECONDS)
            return await self._database.write(redemptions.redeemed, one.id, told, now())
        except RejectedError as error:
            return await self._database.write(redemptions.refused, one.id, str(error), now())
        except (PlatformError, RefusalError) as error:  # a page that is no answer too: the key makes a repeat safe
            return await self._database.write(redemptions.unanswered, one.id, str(error), _next(one))
        except Exception as error:
            log.exception("voucher_failed", redemption=one.id)
            text = f"{type(error).__name__}: {error}"
            return await self._database.write(redemptions.unanswered, one.id, text, None)

    def _told(self, one: Redemption) -> None:
        self._bell.changed("vouchers", one.id)
        self._bell.changed("problems")  # the notice of one that was given up comes, or goes with the answer

    async def _look_up(self, account_id: int, code: str) -> Voucher:
        if not 0 < len(code) <= LONGEST_CODE:
            raise RejectedError(tr("This is no voucher code"))
        return await in_time(self._redeemer(account_id).look_up_voucher(code), LOOK_SECONDS)

    async def _able(self, account_ids: Collection[int]) -> list[Account]:
        every = [one for one in await self._database.write(accounts.every) if one.id in account_ids or not account_ids]
        found = [one for one in every if Ability.REDEEMS_VOUCHERS in abilities_of(self._connector(one.id))]
        if not found:
            raise RefusalError(tr(_NO_ACCOUNT))
        return found

    def _found(self, account: Account, voucher: Voucher) -> VoucherFound:
        return VoucherFound(account.id, self._house.title(account.platform, language()), account.name, voucher)

    def _redeemer(self, account_id: int) -> RedeemsVouchers:
        return able(self._connector(account_id), RedeemsVouchers, Ability.REDEEMS_VOUCHERS)  # type: ignore[type-abstract]  # a protocol


def _begin(connection: Connection, found: VoucherFound, uses: int, who: str, at: datetime) -> Redemption:
    account_id, voucher = found.account_id, found.voucher
    if voucher.state is not VoucherState.GOOD:
        raise RefusalError(voucher.refusal or tr(_NOT_GOOD))
    if not 1 <= uses <= voucher.left:
        raise RefusalError(tr(_TOO_MANY, n=voucher.left))
    if any(one.state in UNANSWERED for one in redemptions.of_code(connection, account_id, voucher.code)):
        raise RefusalError(tr(_OPEN))
    row = redemptions.add(connection, account_id, voucher, uses, uuid4().hex, who, at, at + UNDER_WAY)
    audit.record(connection, at, who, "redeem", None, str(row.id))
    return row


def _begin_back(connection: Connection, redemption_id: int, who: str, at: datetime) -> Redemption:
    if _get(connection, redemption_id).state is not RedemptionState.REDEEMED:
        raise RefusalError(tr(_NOT_REDEEMED))
    audit.record(connection, at, who, "take_back", None, str(redemption_id))
    return redemptions.taking_back(connection, redemption_id, who, at, at + UNDER_WAY)


def _get(connection: Connection, redemption_id: int) -> Redemption:
    try:
        return redemptions.get(connection, redemption_id)
    except LookupError:
        raise RefusalError(tr("There is no redemption {number}.", number=redemption_id)) from None


def _next(one: Redemption) -> datetime | None:
    """When to ask again; None once nobody waits for it any more."""
    at, began = now(), one.back_at if one.state is RedemptionState.TAKING_BACK else one.asked_at
    if began is None or abs(at - began) > PATIENCE:  # also where the clock was set back: nobody knows how long it has been
        return None
    return at + timedelta(seconds=BACK_OFF[min(one.tries, len(BACK_OFF) - 1)])


def _why(said: Collection[Voucher | BaseException]) -> BaseException:
    """Of several answers without a voucher, one that is no refusal: it may be there all the same."""
    errors = [one for one in said if isinstance(one, BaseException)]
    return next((one for one in errors if not isinstance(one, RejectedError)), errors[0])


def not_answered(connection: Connection, house: House) -> list[ShopNotice]:
    """What a person must ask again: somebody was served for it, or was not."""
    found = []
    for one in redemptions.given_up(connection):
        platform = house.title(accounts.get(connection, one.account_id).platform, language())
        text = _NOT_BACK if one.state is RedemptionState.TAKING_BACK else _GIVEN_UP
        found.append(ShopNotice(one.account_id, tr(text, platform=platform, title=one.title)))
    return found
