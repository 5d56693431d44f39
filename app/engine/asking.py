"""How an open connector is asked for more than orders: has it the ability, and does it answer in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from app.engine.desk import RefusalError
from app.platforms.abilities import Ability
from app.platforms.api import Connector, TemporaryError
from app.texts import N_, tr

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
