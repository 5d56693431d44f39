"""Vouchers in the fake facade: every request with the future that the test settles, and the rows of the day."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from app import steady
from app.domain.money import Money
from app.domain.vouchers import RedemptionState, Voucher, VoucherState
from app.engine.shop_views import Redemption, VoucherFound
from app.engine.voucher_facade import VoucherFacade

CODE = "123456789012"


def voucher(**changes: Any) -> Voucher:
    """A good one: a set meal for two."""
    usual: dict[str, Any] = {"title": "双人套餐", "state": VoucherState.GOOD, "worth": Money(8800, "CNY")}
    return Voucher(**({"code": CODE} | usual | changes))


def found(**changes: Any) -> VoucherFound:
    return VoucherFound(1, "Koubei", "shop 1", voucher(**changes))


def redemption(number: int = 1, state: RedemptionState = RedemptionState.REDEEMED, **changes: Any) -> Redemption:
    """A row of today."""
    now = steady.now()
    usual: dict[str, Any] = {
        "account_id": 1,
        "key": f"k{number}",
        "code": CODE,
        "uses": 1,
        "title": "双人套餐",
        "worth": Money(8800, "CNY"),
        "number": "",
        "text": "",
        "who": "counter",
        "asked_at": now,
        "settled_at": None,
        "back_by": "",
        "back_at": None,
        "due_at": None,
        "tries": 0,
    }
    return Redemption(id=number, state=state, **(usual | changes))


@dataclass
class FakeVouchers(VoucherFacade):
    """See `app.engine.voucher_facade`."""

    rows: list[Redemption] = field(default_factory=list)
    looks: list[tuple[str, Future[VoucherFound]]] = field(default_factory=list)
    redeems: list[tuple[VoucherFound, int, Future[Redemption]]] = field(default_factory=list)
    backs: list[tuple[int, Future[Redemption]]] = field(default_factory=list)
    agains: list[tuple[int, Future[Redemption]]] = field(default_factory=list)

    def today(self) -> list[Redemption]:
        return list(self.rows)

    def look_up(self, code: str, account_ids: Collection[int] = ()) -> Future[VoucherFound]:
        assert not account_ids
        self.looks.append((code, Future()))
        return self.looks[-1][1]

    def redeem(self, found: VoucherFound, uses: int = 1) -> Future[Redemption]:
        self.redeems.append((found, uses, Future()))
        return self.redeems[-1][2]

    def take_back(self, redemption_id: int) -> Future[Redemption]:
        self.backs.append((redemption_id, Future()))
        return self.backs[-1][1]

    def ask_again(self, redemption_id: int) -> Future[Redemption]:
        self.agains.append((redemption_id, Future()))
        return self.agains[-1][1]
