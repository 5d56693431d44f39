"""Vouchers: looked up, redeemed once whatever gets lost, and taken back."""

from __future__ import annotations

import pytest

from app.domain.money import Money
from app.platforms.api import RejectedError, TemporaryError
from app.platforms.koubei.simulator import KoubeiSimulator
from app.platforms.simulation import Faults
from tests.platforms.koubei.conftest import Connect


async def test_a_voucher_is_looked_up_redeemed_and_taken_back(koubei: KoubeiSimulator, connect: Connect) -> None:
    code, vouchers = koubei.vouchers.sell("双人套餐", 8800), connect().vouchers
    before = await vouchers.look_up(code)
    assert (before.item_name, before.redeemable, before.time_cards) == ("双人套餐", True, False)
    used = await vouchers.redeem(code, "r1")
    assert (used.code, used.item, used.received, used.key) == (code, "双人套餐", Money(8800, "CNY"), "r1")
    assert (await vouchers.look_up(code)).ticket_status == "USED"
    await vouchers.take_back(code, "r1")
    assert (await vouchers.look_up(code)).redeemable


async def test_the_same_request_redeems_once_and_another_is_refused(koubei: KoubeiSimulator, connect: Connect) -> None:
    code, vouchers = koubei.vouchers.sell(total=3), connect().vouchers
    assert await vouchers.redeem(code, "r1", 2) == await vouchers.redeem(code, "r1", 2)
    after = await vouchers.look_up(code)
    assert (after.available_quantity, after.total_quantity, after.time_cards) == (1, 3, True)
    with pytest.raises(RejectedError):
        await vouchers.redeem(code, "r2", 2)


async def test_a_lost_answer_redeems_once(koubei: KoubeiSimulator, connect: Connect) -> None:
    code, vouchers = koubei.vouchers.sell(total=5), connect().vouchers
    koubei.faults = Faults(lose_reply=0.6)
    for _ in range(50):
        try:
            await vouchers.redeem(code, "r1")
            break
        except TemporaryError:
            continue
    assert koubei.vouchers.sold[code].left == 4


async def test_a_lost_answer_takes_back_once(koubei: KoubeiSimulator, connect: Connect) -> None:
    code, vouchers = koubei.vouchers.sell(), connect().vouchers
    await vouchers.redeem(code, "r1")
    koubei.faults = Faults(lose_reply=0.5)
    for _ in range(50):
        try:
            await vouchers.take_back(code, "r1")
            break
        except TemporaryError:
            continue
        except RejectedError:  # an earlier try was carried out unheard, and the look at the code was lost as well
            break
    assert koubei.vouchers.sold[code].left == 1


async def test_what_may_not_be_redeemed_is_told_in_koubeis_words(koubei: KoubeiSimulator, connect: Connect) -> None:
    vouchers = connect().vouchers
    elsewhere, refunded = koubei.vouchers.sell(shop_id="another"), koubei.vouchers.sell()
    koubei.vouchers.sold[refunded].refunded = True
    for code, words in ((elsewhere, "不可以在当前门店"), (refunded, "已经退款")):
        assert not (await vouchers.look_up(code)).redeemable
        with pytest.raises(RejectedError, match=words):
            await vouchers.redeem(code, "r")
    with pytest.raises(RejectedError, match="不存在"):
        await vouchers.look_up("000000000000")


async def test_a_code_is_taken_as_people_read_it(koubei: KoubeiSimulator, connect: Connect) -> None:
    code = koubei.vouchers.sell()
    spaced = f" {code[:4]} {code[4:8]}-{code[8:]}\n"
    assert (await connect().vouchers.look_up(spaced)).ticket_code == code


@pytest.mark.parametrize("code", ["", "12345", "x" * 40, "12<script>34", "券码123456"])
async def test_what_is_no_code_is_not_sent(koubei: KoubeiSimulator, connect: Connect, code: str) -> None:
    with pytest.raises(RejectedError, match="no voucher code"):
        await connect().vouchers.look_up(code)


async def test_a_shop_without_its_number_is_told_so(koubei: KoubeiSimulator, connect: Connect) -> None:
    with pytest.raises(RejectedError, match="number of the shop"):
        await connect(shop_id="").vouchers.look_up(koubei.vouchers.sell())


async def test_a_key_is_letters_and_digits(connect: Connect) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        await connect().vouchers.redeem("123456789012", "a-b")
