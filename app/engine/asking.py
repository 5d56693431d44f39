"""How an open connector is asked for more than orders: has it the ability, and does it answer in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TypeVar

import structlog

from app.engine.desk import RefusalError
from app.platforms.abilities import Ability
from app.platforms.api import Connector, PlatformError, TemporaryError
from app.texts import N_, tr

log = structlog.get_logger(__name__)

T = TypeVar("T")

LOOK_SECONDS = 20.0
CHANGE_SECONDS = 45.0

_OFF = N_("This account is switched off or not open yet.")
_CANNOT = {
    Ability.OPENS_SHOP: N_("This platform's shop cannot be opened or paused from here."),
    Ability.SELLS_ITEMS: N_("This platform's menu cannot be changed from here."),
    Ability.REFUNDS_ORDERS: N_("This platform takes no refunds from here."),
    Ability.TRACKS_COURIERS: N_("This platform does not tell where its couriers are."),
    Ability.HEARS_REVIEWS: N_("This platform's reviews cannot be read here."),
    Ability.SETTLES: N_("This platform's statements cannot be read here."),
    Ability.REDEEMS_VOUCHERS: N_("This platform's vouchers cannot be checked here."),
}


def able(connector: Connector | None, kind: type[T], ability: Ability) -> T:
    """The connector as one that has the ability. RefusalError says that it has not, or that it is not open."""
    if connector is None:
        raise RefusalError(tr(_OFF))
    if not isinstance(connector, kind):
        raise RefusalError(tr(_CANNOT[ability]))
    return connector


async def in_time(work: Awaitable[T], seconds: float) -> T:
    """The answer, or TemporaryError when it takes longer: one slow platform must not hold up a person."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise TemporaryError(tr("The platform did not answer in time.")) from None


async def refusals(works: Mapping[int, Awaitable[None]]) -> dict[int, str]:
    """Carry these out side by side, by account; answers why not, in words, for those that did not work."""
    answers = await asyncio.gather(*works.values(), return_exceptions=True)
    failed = {}
    for account_id, answer in zip(works, answers, strict=True):
        if isinstance(answer, PlatformError | RefusalError):
            failed[account_id] = str(answer)
        elif isinstance(answer, BaseException):
            log.error("not_carried_out", account=account_id, exc_info=answer)
            failed[account_id] = f"{type(answer).__name__}: {answer}"
    return failed
