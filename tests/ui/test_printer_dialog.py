"""Adding and changing a printer step by step: nothing lost, nothing saved that is wrong, and only a person's eyes decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.engine.facade import RefusalError
from app.engine.views import PrinterForm, PrinterTest, PrinterView
from app.ui.dialogs.find_printer import FindPrinterDialog
from app.ui.dialogs.printer import PrinterDialog
from app.ui.widgets.choice_card import ChoiceCard
from tests.ui.fakes import HOSTILE
from tests.ui.settings_desk import DRINKS, HOT, Desk, Opener, Shop

FOUND = {"acknowledges": "process_id", "answers": [1, 2, 3, 4], "buzzer": "epson", "rom": "gbk", "cuts": True}
TYPED = {"host": "192.0.2.9", "port": "9100", "speed": "9600"}


@pytest.fixture
def form(open_window: Opener) -> Desk:
    return open_window(PrinterDialog)


def to_the_trial(desk: Desk, name: str = "Hot") -> Desk:
    """Fill in a network printer and go to the last step."""
    desk.press("printer-kind-lan")
    desk.type("printer-field-host", "192.0.2.9")
    desk.press("printer-next")
    desk.type("printer-name", name)
    desk.press("printer-next")
    return desk


def tried(desk: Desk, **profile: object) -> Desk:
    """Press the button and let the printer answer."""
    desk.press("printer-try")
    desk.shop.trials[-1].set_result(PrinterTest("It is on paper.", printed=True, profile={**FOUND, **profile}))
    desk.settle()
    return desk


def stored(desk: Desk) -> tuple[PrinterForm, dict[str, object], int | None, str]:
    """What was given to the engine when Save was pressed."""
    desk.press("printer-save")
    desk.settle()
    what, form, profile, printer_id, station = next(call for call in desk.shop.calls if call[0] == "save_printer")
    assert what == "save_printer"
    return form, profile, printer_id, station


def test_the_network_stands_first_and_every_kind_has_a_sentence(form: Desk) -> None:
    cards = [card for card in form.window.findChildren(ChoiceCard) if card.isVisible()]
    assert [card.objectName() for card in cards] == ["printer-kind-lan", "printer-kind-cloud"]
    assert cards[1].words == "Cloud printer. Needs the internet"
    assert form.part("printer-find").isVisible()


def test_a_printer_may_be_saved_untried_and_will_be_examined_later(form: Desk) -> None:
    to_the_trial(form)
    assert "saved" not in form.words("printer-said")
    assert form.words("printer-dialog-result").startswith("You may save it untried")
    assert stored(form) == (PrinterForm("Hot", "lan", TYPED, "escpos", "80"), {}, None, "")
    assert not form.window.isVisible()


def test_the_first_printer_is_proposed_for_a_kitchen(open_window: Opener) -> None:
    shop = Shop()
    shop.station_list = []
    desk = to_the_trial(open_window(PrinterDialog, shop))
    assert stored(desk)[3] == "Kitchen"


def test_a_label_printer_takes_labels_and_a_roll_printer_rolls(form: Desk) -> None:
    form.press("printer-kind-lan")
    form.choose("printer-dialect", "tspl")
    box = form.part("printer-paper")
    assert [box.itemData(place) for place in range(box.count())] == ["40x30", "50x30", "60x40"]
    form.choose("printer-dialect", "escpos")
    assert [box.itemData(place) for place in range(box.count())] == ["80", "58"]


def test_what_a_person_saw_completes_what_the_printer_said(form: Desk) -> None:
    tried(to_the_trial(form))
    assert form.words("printer-said") == "The printer says: It is on paper."
    assert "confirms every ticket" in form.words("printer-abilities")
    form.press("printer-rom-no")
    assert "drawn" in form.words("printer-after")
    for answer in ("rom-yes", "rom-no", "buzzer-yes", "cuts-no"):  # the last answer counts
        form.press(f"printer-{answer}")
    assert stored(form)[1] == {**FOUND, "rom": "none", "cuts": False}


def test_a_printer_that_beeped_unasked_beeps_in_the_usual_way(form: Desk) -> None:
    tried(to_the_trial(form), buzzer="none")
    form.press("printer-buzzer-yes")
    assert stored(form)[1]["buzzer"] == "esc_b"


def test_without_a_beep_none_is_counted_on(form: Desk) -> None:
    tried(to_the_trial(form))
    form.press("printer-buzzer-no")
    assert stored(form)[1]["buzzer"] == "none"


def test_unanswered_questions_leave_what_was_found(form: Desk) -> None:
    tried(to_the_trial(form))
    assert stored(form)[1] == FOUND


def test_a_ruler_that_misses_the_edge_means_the_other_width(form: Desk) -> None:
    tried(to_the_trial(form))
    form.press("printer-ruler-no")
    made, profile, *_ = stored(form)
    assert (made.paper, profile) == ("58", FOUND)


def test_only_questions_that_fit_are_asked(form: Desk) -> None:
    form.press("printer-kind-lan")
    form.choose("printer-dialect", "tspl")
    to_the_trial(form)
    tried(form)
    asked = [name for name in ("rom", "buzzer", "cuts", "ruler") if form.part(f"printer-{name}-no").isVisible()]
    assert asked == ["rom"]


def test_another_address_is_another_printer(form: Desk) -> None:
    tried(to_the_trial(form))
    form.press("printer-rom-no")
    form.press("printer-before")
    form.press("printer-before")
    form.type("printer-field-host", "192.0.2.10")
    form.press("printer-next")
    form.press("printer-next")
    assert "not examined yet" in form.words("printer-abilities")
    assert stored(form)[1] == {}


def test_a_printer_that_does_not_answer_says_so_in_words_and_may_be_tried_again(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-try")
    assert not form.part("printer-try").isEnabled()
    form.shop.trials[-1].set_exception(RefusalError(f"no route to 192.0.2.9 {HOSTILE}"))
    form.settle()
    assert form.words("printer-said").startswith("no route to 192.0.2.9 <b>Robert")
    assert form.part("printer-try").isEnabled()
    assert not form.part("printer-rom-yes").isVisible()
    assert form.words("printer-dialog-result").startswith("You may save it untried")


def test_a_page_that_was_not_printed_asks_nothing_and_keeps_what_is_known(form: Desk) -> None:
    tried(to_the_trial(form))
    form.press("printer-try")
    form.shop.trials[-1].set_result(PrinterTest("No connection to the printer", printed=False))
    form.settle()
    assert form.words("printer-said") == "The printer says: No connection to the printer"
    assert form.words("printer-after").startswith("Check paper")
    assert not form.part("printer-rom-yes").isVisible()
    assert stored(form)[1] == FOUND


def test_waiting_can_be_given_up_and_a_late_answer_counts_for_nothing(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-try")
    first = form.shop.trials[-1]
    first.set_running_or_notify_cancel()  # too far to be called back
    form.press("printer-cancel")
    assert form.words("printer-said").startswith("Stopped waiting")
    first.set_result(PrinterTest("late", printed=True, profile=FOUND))
    form.settle()
    assert stored(form)[1] == {}


def test_closing_the_form_ends_the_test(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-try")
    QTest.keyClick(form.window, Qt.Key.Key_Escape)
    assert not form.window.isVisible()
    assert form.shop.trials[-1].cancelled()


def test_stations_that_are_ticked_print_here_from_now_on(form: Desk) -> None:
    form.shop.station_list = [HOT, replace(DRINKS, backup_id=9)]
    to_the_trial(form)
    form.press("printer-before")
    form.part("printer-serves-2").click()
    form.type("printer-station", "Packing")
    form.press("printer-next")
    assert stored(form)[3] == "Packing"
    moved = [call[1] for call in form.shop.calls if call[0] == "save_station"]
    assert [(one.id, one.printer_id) for one in moved] == [(2, 9)]


def test_a_new_printer_is_given_to_the_station_that_is_ticked_and_makes_none(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-before")
    form.part("printer-serves-2").click()
    assert stored(form)[3] == "Drinks"


def test_a_station_changed_meanwhile_keeps_what_somebody_else_said_of_it(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-before")
    form.part("printer-serves-2").click()
    form.shop.station_list = [replace(DRINKS, copies=3, backup_id=9)]
    stored(form)
    moved = [call[1] for call in form.shop.calls if call[0] == "save_station"]
    assert moved == [replace(DRINKS, copies=3, printer_id=9, backup_id=None)]


def test_a_new_station_has_a_name_of_its_own(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-before")
    form.type("printer-station", "drinks")
    form.press("printer-next")
    assert form.words("printer-station-error") == "There is already a station of this name. Tick it instead."
    assert form.part("printer-station").isVisible()


def test_without_any_station_it_says_that_nothing_will_print(form: Desk) -> None:
    form.press("printer-kind-lan")
    form.type("printer-field-host", "192.0.2.9")
    form.press("printer-next")
    assert form.part("printer-idle").isVisible()
    form.part("printer-serves-1").click()
    assert not form.part("printer-idle").isVisible()


def test_a_station_that_cannot_be_stored_is_told_and_saving_again_adds_no_second_printer(form: Desk) -> None:
    to_the_trial(form)
    form.press("printer-before")
    form.part("printer-serves-2").click()
    form.press("printer-next")
    refusing = form.shop.save_station

    def refuse_once(station: object) -> object:
        form.shop.save_station = refusing  # type: ignore[method-assign] # the second time it works
        form.shop.refuse_with = "the name is taken"
        return refusing(station)  # type: ignore[arg-type] # the fake's own method

    form.shop.save_station = refuse_once  # type: ignore[method-assign, assignment] # one refusal between
    form.press("printer-save")
    form.settle()
    assert form.words("printer-dialog-result") == "The printer is saved, but a station is not: the name is taken"
    form.press("printer-save")
    form.settle()
    assert [call[3] for call in form.shop.calls if call[0] == "save_printer"] == [None, 9]
    assert not form.window.isVisible()


def test_a_name_that_is_taken_is_told_and_nothing_is_lost(form: Desk) -> None:
    to_the_trial(form)
    form.shop.refuse_with = "There is already a printer called Hot."
    form.press("printer-save")
    form.settle()
    assert form.words("printer-dialog-result").endswith("called Hot.")
    assert form.window.isVisible()
    assert form.part("printer-save").isEnabled()
    assert form.typed("printer-name") == "Hot"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("host", ""),
        ("host", "192.0.2.9:9100"),
        ("host", "http://192.0.2.9"),
        ("host", "a b"),
        ("port", ""),
        ("port", "0"),
        ("port", "65536"),
        ("port", "９１００"),
    ],
)
def test_wrong_settings_are_told_beside_their_field(form: Desk, field: str, text: str) -> None:
    form.press("printer-kind-lan")
    form.type("printer-field-host", "192.0.2.9")
    form.type(f"printer-field-{field}", text)
    form.press("printer-next")
    assert form.words(f"printer-field-{field}-error")
    assert form.part("printer-field-host").isVisible()


@pytest.mark.parametrize("host", ["192.168.1.50", "printer-2.local", "fe80::1"])
def test_addresses_that_printers_have_are_taken(form: Desk, host: str) -> None:
    to_the_trial(form)
    form.press("printer-before")
    form.press("printer-before")
    form.type("printer-field-host", host)
    form.press("printer-next")
    assert form.part("printer-name").isVisible()


def test_a_printer_needs_a_name(form: Desk) -> None:
    to_the_trial(form, " ")
    assert form.words("printer-name-error") == "Please fill this in."
    assert form.part("printer-name").isVisible()


def test_enter_goes_on_and_saves_at_the_end(form: Desk) -> None:
    form.press("printer-kind-lan")
    form.type("printer-field-host", "192.0.2.9")
    QTest.keyClick(form.part("printer-field-host"), Qt.Key.Key_Return)
    form.type("printer-name", "Hot")
    QTest.keyClick(form.part("printer-name"), Qt.Key.Key_Return)
    assert form.part("printer-try").isVisible()
    assert form.shop.calls == []
    QTest.keyClick(form.window, Qt.Key.Key_Return)
    form.settle()
    assert [call[0] for call in form.shop.calls] == ["save_printer"]


def test_what_was_found_fills_the_form(form: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.printing.discovery import Found, Network

    monkeypatch.setattr("app.ui.dialogs.find_printer.own_networks", lambda: (Network("127.0.0.1"),))
    form.press("printer-find")
    search = form.dialog(FindPrinterDialog)
    search.press("find-start")
    search.shop.searches[0].answer.set_result([Found("lan", "127.0.0.7", 9101, HOSTILE, "TM-T88", "mdns")])
    search.settle()
    search.press("found-127.0.0.7-9101")
    form.settle()
    assert (form.typed("printer-field-host"), form.typed("printer-field-port")) == ("127.0.0.7", "9101")
    form.press("printer-next")
    assert form.typed("printer-name").startswith("<b>Robert")


# changing


@pytest.fixture
def known() -> PrinterView:
    return replace(
        Shop().printer_list[0],
        settings={"host": "192.0.2.31", "port": "9100", "speed": "115200"},
        dialect="escpos",
        paper="58",
        profile=FOUND,
    )


def test_a_stored_printer_is_shown_as_it_is_and_keeps_what_is_known_of_it(open_window: Opener, known: PrinterView) -> None:
    desk = open_window(PrinterDialog, printer=known)
    assert desk.window.windowTitle() == "Change printer 热菜"
    assert desk.typed("printer-field-host") == "192.0.2.31"
    desk.press("printer-next")
    assert desk.part("printer-serves-1").isChecked()
    assert not desk.part("printer-serves-2").isChecked()
    desk.type("printer-name", "Cold")
    settings = {"host": "192.0.2.31", "port": "9100", "speed": "115200"}
    assert stored(desk) == (PrinterForm("Cold", "lan", settings, "escpos", "58"), FOUND, 1, "")
    assert not any(call[0] == "save_station" for call in desk.shop.calls)


def test_a_station_that_is_unticked_has_no_printer_any_more(open_window: Opener, known: PrinterView) -> None:
    desk = open_window(PrinterDialog, printer=known)
    desk.press("printer-next")
    desk.part("printer-serves-1").click()
    stored(desk)
    assert [(call[1].id, call[1].printer_id) for call in desk.shop.calls if call[0] == "save_station"] == [(1, None)]


def test_a_stored_secret_is_unseen_and_may_stay_blank(open_window: Opener, known: PrinterView) -> None:
    cloud = replace(known, kind="cloud", dialect="cloud", settings={"sn": "123456789"})
    desk = open_window(PrinterDialog, printer=cloud)
    line = desk.part("printer-field-ukey").findChild(QLineEdit)
    assert (line.text(), line.placeholderText(), line.echoMode()) == ("", "unchanged", QLineEdit.EchoMode.Password)
    made, *_ = stored(desk)
    assert made.settings == {"sn": "123456789", "ukey": "", "key": ""}


def test_a_secret_of_another_kind_is_not_stored_yet(open_window: Opener, known: PrinterView) -> None:
    desk = open_window(PrinterDialog, printer=known)
    desk.press("printer-before")
    desk.press("printer-kind-cloud")
    desk.type("printer-field-sn", "1")
    desk.press("printer-save")
    assert desk.words("printer-field-ukey-error") == "Please fill this in."
    assert desk.shop.calls == []
