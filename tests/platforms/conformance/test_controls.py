"""Every check of the conformance suite catches a connector or a simulator that breaks what it checks."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, settings

from app.domain.commands import CommandKind
from app.platforms.api import WebhookReply
from app.platforms.conformance import ConformanceSuite, bench, counter
from app.platforms.hubrise.connector import HubRiseConnector
from tests.platforms.conformance import broken_connectors as broke
from tests.platforms.conformance.broken_simulators import AcknowledgesBlindly, GrantsOnAnyDay, TakesAnyBody
from tests.platforms.conformance.suites import HubRise, Koubei, Meituan, UberEats, WooCommerce, broken

hubrise, uber, woo, meituan = (partial(broken, suite) for suite in (HubRise, UberEats, WooCommerce, Meituan))
koubei = partial(broken, Koubei)
MUTE = WebhookReply(body=b"{}")

CONTROLS: list[tuple[str, ConformanceSuite]] = [
    ("the_platform_describes_itself", hubrise(mark="HubRise")),
    ("the_platform_describes_itself", hubrise(reject_reasons={})),
    ("verify_names_the_shop", hubrise(broke.Nameless)),
    ("a_wrong_secret_needs_a_person", hubrise(broke.HidesTheSecret)),
    ("a_token_that_dies_in_the_middle_needs_nobody", uber(broke.CallsForHelp)),
    ("a_bad_day_of_renewals_signs_nobody_out", uber(broke.SignsOutOnABadDay)),
    ("a_bad_day_of_renewals_signs_nobody_out", uber(simulated=GrantsOnAnyDay)),
    ("an_order_is_polled_again_until_it_is_stored", hubrise(broke.AcknowledgesFirst)),
    ("no_order_is_skipped_across_pages", hubrise(broke.SkipsTheLast)),
    ("no_order_is_skipped_across_pages_of_the_first_poll", hubrise(broke.SkipsTheLast)),
    ("no_order_is_skipped_across_pages_of_the_first_poll", uber(broke.SkipsAPageAfterARestart)),
    ("no_order_is_skipped_across_restarts", hubrise(broke.AcknowledgesFirst)),
    ("no_order_is_skipped_on_a_bad_day", hubrise(broke.ForgetsWhatItCouldNotRead)),
    ("a_cancellation_is_heard", hubrise(broke.IgnoresCancellations)),
    ("an_unknown_order_is_refused", hubrise(broke.KnowsEverything)),
    ("the_facts_are_the_platforms", hubrise(broke.Rounds)),
    ("the_facts_are_the_platforms", hubrise(broke.HidesWhatDoesNotAddUp)),
    ("reading_is_pure_and_the_raw_message_is_kept", hubrise(broke.ReadsWithTheClock)),
    ("the_kept_order_alone_gives_the_facts", hubrise(broke.RemembersWhatItFetched)),
    ("no_phone_number_is_shown_in_full", hubrise(broke.ShowsPhones)),
    ("a_plain_phone_number_on_the_wire_is_masked", hubrise(broke.ShowsPhones)),
    ("a_plain_phone_number_on_the_wire_is_masked", meituan(broke.TrustsTheWire)),
    ("an_unknown_status_is_kept_and_not_guessed", hubrise(broke.Guesses)),
    ("an_unknown_status_is_kept_and_not_guessed", hubrise(broke.LosesUnknownStatuses)),
    ("unknown_fields_change_nothing", hubrise(broke.WantsNothingNew)),
    ("a_damaged_message_never_stops_the_reader", hubrise(broke.Stumbles)),
    ("a_damaged_message_never_stops_the_reader", hubrise(broke.HidesWhatDoesNotAddUp)),
    ("push_and_poll_of_an_order_say_the_same", hubrise(broke.SaysMoreInAPush)),
    ("push_and_poll_of_an_order_are_one_order", hubrise(broke.TellsTwoOrders)),
    ("the_platform_takes_our_reply_for_an_acknowledgement", hubrise(broke.AnswersWrongly)),
    ("nothing_is_acknowledged_before_it_is_stored", hubrise(simulated=AcknowledgesBlindly)),
    ("a_push_that_was_not_stored_is_not_lost", woo(broke.OnlyListens)),
    ("another_reply_is_no_acknowledgement", hubrise(simulated=TakesAnyBody)),
    ("a_relay_answers_to_the_byte_what_the_counter_answers", uber(relay_reply=lambda _: MUTE)),
    ("the_platform_takes_a_relays_reply_for_an_acknowledgement", uber(relay_reply=lambda _: MUTE)),
    ("a_forged_push_is_refused", hubrise(broke.BelievesAnything)),
    ("nothing_of_a_forged_push_is_stored", hubrise(broke.BelievesAnything)),
    ("every_step_may_be_sent_twice", hubrise(broke.RepeatsCommands)),
    ("a_step_that_was_done_unheard_is_not_repeated", hubrise(broke.RepeatsCommands)),
    ("a_refusal_may_be_sent_twice", hubrise(broke.RepeatsCommands)),
    ("a_lost_answer_does_not_repeat_the_command", hubrise(broke.RepeatsCommands)),
    ("a_refusal_of_the_platform_is_told_and_not_repeated", hubrise(broke.RetriesRefusals)),
    ("a_refusal_of_the_platform_is_told_and_not_repeated", hubrise(broke.SwallowsRefusals)),
    ("a_command_for_a_cancelled_order_is_refused_and_the_order_tells_why", hubrise(broke.RepeatsCommands)),
    ("a_command_for_an_unknown_order_is_refused", hubrise(broke.SwallowsRefusals)),
    ("closing_twice_is_harmless", hubrise(broke.ClosesOnce)),
    ("the_list_of_the_day_is_complete", uber(broke.HidesAnOrder)),
    ("the_shop_is_paused_with_an_end_and_opened_again", uber(broke.NeverOpens)),
    ("the_shop_is_paused_with_an_end_and_opened_again", uber(broke.MovesTheEnd)),
    ("an_item_runs_out_and_comes_back", uber(broke.NeverSellsAgain)),
    ("a_refund_of_one_key_is_paid_once", woo(broke.RefundsTwice)),
    ("a_refund_of_one_key_is_paid_once", woo(broke.PromisesNoEnd)),
    ("a_refund_of_one_key_is_paid_once", woo(broke.CountsNoPortions)),
    ("a_refund_of_one_key_is_paid_once", koubei(broke.GivesWhatIsLeft)),
    ("a_refund_in_an_undeclared_way_is_refused", woo(broke.HidesAWay)),
    ("a_courier_is_nowhere_or_on_this_earth", uber(broke.LooksBeyondTheEarth)),
    ("a_review_is_read_and_answered", meituan(broke.OnlyThanks)),
    ("a_statement_has_every_line_once_for_ever", hubrise(broke.NumbersLinesAnew)),
    ("a_statement_has_every_line_once_for_ever", hubrise(broke.BooksALineTwice)),
    ("looking_at_a_voucher_changes_nothing", koubei(broke.RedeemsByLooking)),
    ("looking_at_a_voucher_changes_nothing", koubei(broke.MiscountsUses)),
    ("a_voucher_is_redeemed_once_for_each_key", koubei(broke.RedeemsTwice)),
    ("a_voucher_that_is_not_good_is_refused_in_the_platforms_words", koubei(broke.TakesAnyVoucher)),
    ("a_voucher_that_is_not_good_is_refused_in_the_platforms_words", koubei(broke.ShowsEveryVoucherAsGood)),
    ("a_redemption_is_taken_back_once_by_its_key", koubei(broke.OnlySaysItTookBack)),
    ("a_redemption_is_taken_back_once_by_its_key", koubei(broke.TakesBackOnlyWhatItRemembers)),
]
# A fault of the control itself would look like one that was caught.
OWN_FAULTS = (NotImplementedError, AttributeError, TypeError, NameError, pytest.skip.Exception)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A control need not wait long for what never comes, nor look for the smallest damage."""
    monkeypatch.setattr(counter, "PATIENCE", 0.5)
    monkeypatch.setattr(bench, "FREELY", settings(bench.FREELY, phases=[Phase.generate]))


async def run(suite: ConformanceSuite, check: str) -> None:
    method = getattr(suite, f"test_{check}")
    given: dict[str, Any] = {"kind": CommandKind.REJECT} if "kind" in inspect.signature(method).parameters else {}
    answer = method(**given)
    if inspect.isawaitable(answer):
        await answer


@pytest.mark.parametrize(("check", "suite"), CONTROLS, ids=[f"{check}-{place}" for place, (check, _) in enumerate(CONTROLS)])
async def test_a_broken_promise_is_caught(check: str, suite: ConformanceSuite) -> None:
    with pytest.raises((Exception, pytest.fail.Exception, pytest.skip.Exception)) as caught:
        await run(suite, check)
    assert not isinstance(caught.value, OWN_FAULTS)


def test_every_check_has_a_control() -> None:
    checks = {name.removeprefix("test_") for name in dir(ConformanceSuite) if name.startswith("test_")}
    assert checks == {check for check, _ in CONTROLS}


@pytest.mark.parametrize("check", ["every_step_may_be_sent_twice", "no_order_is_skipped_across_restarts"])
async def test_the_controls_differ_from_the_real_connector_only_by_their_fault(check: str) -> None:
    await run(hubrise(HubRiseConnector), check)
