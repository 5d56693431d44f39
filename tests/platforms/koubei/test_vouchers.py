"""Vouchers: looked up, redeemed once whatever gets lost, and taken back."""

from __future__ import annotations

import pytest

from app.domain.money import Money
from app.domain.vouchers import Voucher, VoucherState
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.koubei.client import Result
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.koubei.vouchers import voucher_of
from app.platforms.simulation import Faults
from tests.platforms.koubei.conftest import Connect

NOW = 1_790_000_000_000  # milliseconds; 21 September 2026
TOLD = {"ticket_code": "123456789012", "ticket_status": "UN_EFFECTIVE", "ticket_status_desc": "不可以在当前门店核销"}


def told(**fields: object) -> Voucher:
    return voucher_of(Result({**TOLD, **fields}, "", NOW, NOW))


async def test_a_voucher_is_looked_up_redeemed_and_taken_back(koubei: KoubeiSimulator, connect: Connect) -> None:
    code, connector = koubei.vouchers.sell("双人套餐", 8800), connect()
    before = await connector.look_up_voucher(code)
    assert (before.title, before.state, before.worth) == ("双人套餐", VoucherState.GOOD, Money(8800, "CNY"))
    used = await connector.redeem_voucher(code, 1, "r1")
    assert (used.title, used.received, used.number) == ("双人套餐", Money(8800, "CNY"), "Ur1")
    assert (await connector.look_up_voucher(code)).state is VoucherState.USED
    await connector.take_back_voucher(code, 1, "r1")
    assert (await connector.look_up_voucher(code)) == before


async def test_a_lost_answer_of_a_card_takes_back_one_redemption_and_tells_so(
    koubei: KoubeiSimulator, connect: Connect
) -> None:
    """That uses are left says nothing of whether one came back."""
    code, connector = koubei.vouchers.sell(total=5), connect()
    await connector.redeem_voucher(code, 2, "r1")
    koubei.faults = Faults(break_call=1.0)
    with pytest.raises(TemporaryError):
        await connector.take_back_voucher(code, 2, "r1")
    assert koubei.voucher_uses(code) == 2


async def test_what_was_taken_back_is_not_redeemed_again_under_its_number(koubei: KoubeiSimulator, connect: Connect) -> None:
    code, connector = koubei.vouchers.sell(), connect()
    await connector.redeem_voucher(code, 1, "r1")
    await connector.take_back_voucher(code, 1, "r1")
    with pytest.raises(RejectedError, match="重复"):
        await connector.redeem_voucher(code, 1, "r1")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (VoucherState.ELSEWHERE, "不可以在当前门店"),
        (VoucherState.REFUNDED, "已经退款"),
        (VoucherState.USED, "已经被消费"),
        (VoucherState.EXPIRED, "不可以在当前门店"),
        (VoucherState.NOT_YET, "不可以在当前门店"),
    ],
)
async def test_what_may_not_be_redeemed_is_told_in_koubeis_words(
    koubei: KoubeiSimulator, connect: Connect, state: VoucherState, words: str
) -> None:
    code, connector = koubei.sell_voucher(1, state), connect()
    found = await connector.look_up_voucher(code)
    assert found.state is state
    assert words in found.refusal
    with pytest.raises(RejectedError, match=words):
        await connector.redeem_voucher(code, 1, "r")


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"ticket_status": "EFFECTIVE"}, VoucherState.GOOD),
        ({"ticket_status": "EFFECTIVE", "available_quantity": "0"}, VoucherState.USED),
        ({"ticket_status": "EFFECTIVE", "expire_date": "2020-01-01 00:00:00"}, VoucherState.GOOD),  # its word, not ours
        ({"expire_date": "2026-01-01 00:00:00"}, VoucherState.EXPIRED),
        ({"effect_date": "2027-01-01 00:00:00"}, VoucherState.NOT_YET),
        ({"effect_date": "20270101", "expire_date": "someday"}, VoucherState.NOT_YET),
        ({"expire_date": "长期有效"}, VoucherState.ELSEWHERE),
        ({"expire_date": "9999-12-31 23:59:59"}, VoucherState.ELSEWHERE),
        ({"expire_date": "0001-01-01 00:00:00"}, VoucherState.ELSEWHERE),
        ({"ticket_status": "REFUNDING"}, VoucherState.OTHER),
        ({"ticket_status": "TELEPORTED"}, VoucherState.OTHER),
    ],
)
def test_states_are_koubeis_word_and_its_dates(fields: dict[str, str], state: VoucherState) -> None:
    found = told(**fields)
    assert found.state is state
    assert bool(found.refusal) is (state is not VoucherState.GOOD)


def test_a_code_is_not_printed_by_accident() -> None:
    assert TOLD["ticket_code"] not in repr(told())


async def test_a_code_is_taken_as_people_read_it(koubei: KoubeiSimulator, connect: Connect) -> None:
    code = koubei.vouchers.sell()
    spaced = f" {code[:4]} {code[4:8]}-{code[8:]}\n"
    assert (await connect().look_up_voucher(spaced)).code == code
    wide = code.translate({digit: digit + 0xFEE0 for digit in range(ord("0"), ord("9") + 1)})  # a Chinese keyboard's
    assert (await connect().look_up_voucher(wide)).code == code


@pytest.mark.parametrize("code", ["", "12345", "x" * 40, "12<script>34", "券码123456"])
async def test_what_is_no_code_is_not_sent(koubei: KoubeiSimulator, connect: Connect, code: str) -> None:
    with pytest.raises(RejectedError, match="no voucher code"):
        await connect().look_up_voucher(code)


async def test_a_shop_without_its_number_is_told_so(koubei: KoubeiSimulator, connect: Connect) -> None:
    with pytest.raises(RejectedError, match="number of the shop"):
        await connect(shop_id="").look_up_voucher(koubei.vouchers.sell())
