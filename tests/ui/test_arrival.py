"""How orders arrive, said and tried: push-only without a relay is a warning with its next step, nothing is markup."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app import steady
from app.engine.facade import RefusalError
from app.engine.views import Arrivals, HealthState, RelayCheck, RelayView
from app.platforms.api import Arrival, Platform
from app.relay.check import Finding
from app.ui.arrival import FINDINGS, arriving
from app.ui.dialogs.account import AccountDialog
from app.ui.dialogs.relay import RelayDialog
from app.ui.pages.settings import SettingsPage
from tests.ui.conftest import Console, Opened, notices
from tests.ui.fake_ledger import NOON, Asked
from tests.ui.fakes import HOSTILE, FakeFacade
from tests.ui.settings_desk import CAFE, Desk, Opener, Shop
from tests.ui.test_settings_changes import STORED

NONE = RelayView()
GOOD = RelayView("tls://relay.example:4222", "lee", "/keys/lee.txt", "https://relay.example", HealthState.OK)
LOST = replace(GOOD, state=HealthState.DEGRADED, text=f"connection refused {HOSTILE}", since=NOON)
FULL = replace(GOOD, text="The mailbox at the relay is full", since=NOON)
GONE = replace(NONE, since=NOON - timedelta(minutes=5))  # taken away then
PUBLIC = "https://relay.example/hooks/lee/cafe/abc"
NEVER = Arrivals("", "5f1d")


class Street(Shop):
    """A shop whose one platform brings its orders as the test says."""

    how = Arrival.RELAYED

    def platforms(self) -> list[Platform]:
        return [replace(CAFE, arrival=self.how, how_orders_arrive="Somehow", evidence="recalled")]


def before(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("how", "told", "relay", "said", "tone"),
    [
        (Arrival.POLLED, replace(NEVER, polled_at=before(0)), NONE, "asks for orders; last answer just now", "muted"),
        (Arrival.POLLED, NEVER, NONE, "last answer never", "muted"),
        (Arrival.STREAMED, replace(NEVER, polled_at=before(2)), NONE, "holds open; last heard 2 min ago", "muted"),
        (Arrival.NONE, replace(NEVER, pushed_at=before(3)), NONE, "brings no orders. What staff ask", "muted"),
        (Arrival.RELAYED, NEVER, NONE, "NO orders can arrive", "late"),
        (Arrival.RELAYED, NEVER, GOOD, "nothing was pushed yet. Next:", "soon"),
        (Arrival.RELAYED, replace(NEVER, pushed_at=before(3)), GOOD, "through the relay; last one 3 min ago.", "ready"),
        (
            Arrival.RELAYED,
            replace(NEVER, pushed_at=before(3)),
            LOST,
            "The relay is lost: connection refused <b>Robert",
            "late",
        ),
        (
            Arrival.RELAYED,
            replace(NEVER, pushed_at=before(125)),
            NONE,
            "this computer; last one 2 h ago",
            "ready",
        ),
        (Arrival.RELAYED, replace(NEVER, pushed_at=before(9)), GONE, "NO orders can arrive", "late"),
        (Arrival.RELAYED, replace(NEVER, pushed_at=before(1)), GONE, "this computer; last one 1 min ago", "ready"),
        (Arrival.POLLED_OR_RELAYED, replace(NEVER, pushed_at=before(9)), GONE, "they would come sooner", "muted"),
        (
            Arrival.RELAYED,
            replace(NEVER, refused_at=before(1)),
            GOOD,
            "(1 min ago) was turned away; Settings says why",
            "late",
        ),
        (
            Arrival.RELAYED,
            replace(NEVER, refused_at=before(9), pushed_at=before(3)),
            GOOD,
            "through the relay; last one 3 min ago.",
            "ready",
        ),
        (Arrival.POLLED_OR_RELAYED, NEVER, NONE, "Through a relay they would come sooner", "muted"),
        (Arrival.POLLED_OR_RELAYED, NEVER, GOOD, "nothing was pushed yet. This console asks", "muted"),
        (Arrival.POLLED_OR_RELAYED, NEVER, LOST, "The relay is lost", "soon"),
        (Arrival.POLLED_OR_RELAYED, replace(NEVER, pushed_at=before(3)), FULL, "mailbox at the relay is full", "soon"),
        (Arrival.RELAYED, replace(NEVER, pushed_at=before(3)), FULL, "mailbox at the relay is full", "late"),
        (Arrival.POLLED_OR_RELAYED, replace(NEVER, pushed_at=before(3)), GOOD, "3 min ago. This console asks", "ready"),
    ],
)
def test_it_says_how_orders_arrive_and_what_is_wrong(
    how: Arrival, told: Arrivals, relay: RelayView, said: str, tone: str
) -> None:
    words, told_tone = arriving(how, told, relay, NOON)
    assert said in words
    assert told_tone == tone


def test_every_finding_has_words() -> None:
    assert FINDINGS.keys() == {one.value for one in Finding}


# on the account's form


def test_a_push_only_account_without_a_relay_is_warned_of_and_led_to_the_relay(open_window: Opener) -> None:
    desk = open_window(AccountDialog, Street(), account=STORED)
    assert desk.words("arrival-words").startswith("NO orders can arrive")
    assert not desk.part("arrival-test").isVisible(), "there is nothing to push to"
    desk.press("arrival-relay")
    assert desk.dialog(RelayDialog).words("relay-dialog-result").startswith("Press Test")


def test_a_newcomer_is_told_before_saving(open_window: Opener) -> None:
    desk = open_window(AccountDialog, Street())
    assert "only pushes" in desk.words("account-needs-relay")
    assert desk.words("account-explanation") == "Somehow"
    assert desk.words("account-cannot-0") == "Refunds: use the back office"
    assert desk.words("account-evidence") == "How sure we are: recalled"
    assert desk.window.findChild(QWidget, "arrival") is None, "what is not stored has no address yet"


def test_the_address_to_paste_is_the_relays_and_can_be_tried(open_window: Opener) -> None:
    shop = Street()
    shop.relay, shop.told_arrivals = GOOD, Arrivals(PUBLIC, "5f1d", pushed_at=steady.now())
    desk = open_window(AccountDialog, shop, account=STORED)
    desk.press("account-hook-copy")
    assert QGuiApplication.clipboard().text() == PUBLIC
    assert not desk.part("arrival-relay").isVisible()
    desk.press("arrival-test")
    assert not desk.part("arrival-test").isEnabled()
    shop.pushes[0].set_result(0.42)
    desk.settle()
    assert desk.words("arrival-answer") == "The test push came through the relay in 0.4 s. Orders can come the same way."
    desk.press("arrival-test")
    shop.pushes[1].set_exception(RefusalError(f"no such shop {HOSTILE}"))
    desk.settle()
    assert desk.words("arrival-answer").startswith("The test push did not arrive. no such shop <b>Robert</b>")


def test_a_voice_gets_the_address_on_this_computer_even_beside_a_relay(open_window: Opener) -> None:
    shop = Street()
    shop.how, shop.relay, shop.told_arrivals = Arrival.NONE, GOOD, Arrivals(PUBLIC, "5f1d")
    desk = open_window(AccountDialog, shop, account=STORED)
    assert desk.typed("account-hook") == STORED.hook
    assert not desk.part("arrival-test").isVisible()
    assert not desk.part("arrival-relay").isVisible()


def test_an_answer_that_comes_after_the_form_was_closed_is_dropped(open_window: Opener) -> None:
    shop = Street()
    shop.relay, shop.told_arrivals = GOOD, Arrivals(PUBLIC, "5f1d")
    desk = open_window(AccountDialog, shop, account=STORED)
    desk.press("arrival-test")
    panel = desk.part("arrival")
    panel.setParent(None)
    panel.deleteLater()
    desk.settle()
    shop.pushes[0].set_result(0.1)
    desk.settle()


def test_the_accounts_row_is_not_well_while_nothing_can_arrive(open_window: Opener) -> None:
    shop = Street()
    shop.account_list = [STORED]
    desk = open_window(SettingsPage, shop)
    assert desk.words("account-7-health").startswith("NO orders can arrive")
    shop.relay, shop.told_arrivals = GOOD, Arrivals(PUBLIC, "5f1d", pushed_at=steady.now())
    shop.tell("accounts", 7)
    desk.settle()
    assert desk.words("account-7-health").startswith("connected")


# the relay's form


def fill(desk: Desk, **changed: str) -> None:
    known = {"url": GOOD.url, "shop": GOOD.shop, "credentials": GOOD.credentials, "public": GOOD.public}
    for name, value in (known | changed).items():
        desk.type(f"relay-{name}", value)


def look(desk: Desk, result: RelayCheck | Exception) -> None:
    desk.press("relay-test")
    _, future = desk.shop.looks[-1]
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    desk.settle()


@pytest.mark.parametrize(("finding", "may_save"), [(one.value, FINDINGS[one.value][1] != "late") for one in Finding])
def test_only_a_relay_that_the_counter_reaches_can_be_saved(open_window: Opener, finding: str, may_save: bool) -> None:
    desk = open_window(RelayDialog)
    fill(desk)
    assert not desk.part("relay-save").isEnabled()
    look(desk, RelayCheck(finding, f"its words {HOSTILE}"))
    assert desk.part("relay-save").isEnabled() is may_save
    said = desk.words("relay-dialog-result")
    assert ("its words <b>Robert</b>" in said) is ("{why}" in FINDINGS[finding][0])
    assert "\u202e" not in said


def test_what_was_seen_is_saved_and_a_change_makes_it_doubtful_again(open_window: Opener) -> None:
    desk = open_window(RelayDialog)
    fill(desk, public="https://relay.example/")
    look(desk, RelayCheck("ok"))
    desk.type("relay-shop", "wu")
    assert not desk.part("relay-save").isEnabled()
    desk.type("relay-shop", "lee")
    look(desk, RelayCheck("ok"))
    desk.press("relay-save")
    desk.settle()
    assert desk.shop.looks[-1][0] == (GOOD.url, "lee", GOOD.credentials, GOOD.public)
    assert desk.shop.asked == [Asked("set_relay", 0, text=GOOD.url)]
    assert not desk.window.isVisible()


def test_a_late_answer_to_an_earlier_form_is_not_believed(open_window: Opener) -> None:
    desk = open_window(RelayDialog)
    fill(desk)
    desk.press("relay-test")
    desk.type("relay-shop", "wu")
    desk.shop.looks[0][1].set_result(RelayCheck("ok"))
    desk.settle()
    assert not desk.part("relay-save").isEnabled()


def test_what_can_be_no_relay_is_said_beside_its_field_or_in_words(open_window: Opener) -> None:
    desk = open_window(RelayDialog)
    fill(desk, url="", public="http://relay.example")
    desk.press("relay-test")
    assert desk.shop.looks == []
    assert desk.words("relay-url-error") == "Please fill this in."
    assert desk.words("relay-public-error").startswith("This begins with https://")
    fill(desk)
    look(desk, RefusalError("Only tls:// may leave this computer"))
    assert desk.words("relay-dialog-result") == "Only tls:// may leave this computer"


def test_the_relay_is_ended_by_one_button_and_keeps_its_answers(open_window: Opener) -> None:
    shop = Shop()
    shop.relay = GOOD
    desk = open_window(RelayDialog, shop)
    desk.press("relay-end")
    desk.settle()
    assert shop.relay == replace(GOOD, url="", state=HealthState.OFF)
    assert not open_window(RelayDialog, shop).part("relay-end").isVisible()


def test_the_settings_page_says_how_the_relay_stands(open_window: Opener) -> None:
    shop = Shop()
    desk = open_window(SettingsPage, shop)
    assert desk.words("relay-title") == "No relay"
    shop.relay = LOST
    shop.tell("accounts")
    desk.settle()
    assert desk.words("relay-health").startswith("cannot be reached · connection refused <b>Robert</b>")
    assert desk.words("relay-health").endswith("since 12:15")
    desk.press("settings-relay-open")
    assert desk.dialog(RelayDialog).typed("relay-shop") == "lee"


@pytest.mark.parametrize(
    ("relay", "sign", "notice"),
    [
        (LOST, "Relay lost", "The relay cannot be reached since 12:15"),
        (FULL, "Relay's mailbox fills", "The mailbox at the relay is full"),
    ],
)
def test_a_troubled_relay_shows_in_the_top_bar_and_leaves_when_it_is_well(
    console: Opened, relay: RelayView, sign: str, notice: str
) -> None:
    facade = FakeFacade()
    facade.relay = relay
    shown: Console = console(facade)
    badge: Any = shown.window.findChild(QWidget, "relay-health")
    assert (badge.sign.text, badge.sign.tone) == (sign, "late")
    assert notices(shown)[0].startswith(notice)
    facade.relay = GOOD
    facade.tell("accounts")
    shown.pass_time(0)
    assert shown.window.findChild(QWidget, "relay-health") is None
    assert notices(shown) == []


def test_nothing_waits_on_the_screens_thread(open_window: Opener) -> None:
    """A future that never ends leaves the form usable."""
    desk = open_window(RelayDialog)
    fill(desk)
    desk.press("relay-test")
    future: Future[RelayCheck] = desk.shop.looks[0][1]
    assert not future.done()
    desk.press("dialog-back")
    assert not desk.window.isVisible()
