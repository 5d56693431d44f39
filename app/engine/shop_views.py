"""The shop on its platforms as the screens show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.db.redemptions import Redemption as Redemption  # re-exported with the other views
from app.domain.shop import ShopState, ShopStatus
from app.domain.vouchers import Voucher
from app.platforms.abilities import Ability


@dataclass(frozen=True, slots=True)
class Storefront:
    """The shop on one platform as last seen, which may be long ago (`checked_at`).

    `states` are those that can be set. `status` is None until the platform first answered; its `until` is the platform's, or
    the console's own promise where the platform knows no end. `since`: when this state was first seen. `error` is what the
    platform said to the last look, "" when it answered.
    """

    account_id: int
    platform: str
    title: str
    name: str
    abilities: frozenset[Ability]
    states: frozenset[ShopState]
    status: ShopStatus | None = None
    since: datetime | None = None
    checked_at: datetime | None = None
    error: str = ""
    mark: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ShopNotice:
    """Something about a shop on a platform that a person should see, in words; `urgent`: customers are turned away."""

    account_id: int
    text: str
    urgent: bool = True


@dataclass(frozen=True, slots=True)
class VoucherFound:
    """A voucher and where it is known: `title` is the platform's, `name` the account's."""

    account_id: int
    title: str
    name: str
    voucher: Voucher
