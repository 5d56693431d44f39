"""The knobs as data: what they take, what they refuse in words, and that JSON keeps them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.practice.printer import Knob, VirtualPrinter
from app.practice.printer_faults import FaultError, PrinterFaults, default_of

LINES = st.none() | st.integers(0, 500) | st.floats(0, 500)
FAULTS = st.builds(
    PrinterFaults,
    lines_per_second=st.floats(0, 1000),
    buffer_bytes=st.none() | st.integers(64, 1 << 20),
    paper_out_after_lines=LINES,
    power_cut_after_lines=LINES,
    move_after_lines=LINES,
    cover_open=st.booleans(),
    half_open=st.sampled_from(("none", "hangs", "vanishes")),
    answers=st.lists(st.integers(1, 4), unique=True).map(tuple),
    drop_replies=st.floats(0, 1),
    model=st.none() | st.sampled_from(("", "TM-T88V")),
)


@given(FAULTS)
def test_json_keeps_every_knob(faults: PrinterFaults) -> None:
    assert PrinterFaults.from_json(json.loads(json.dumps(faults.to_json()))) == faults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lines_per_second", -1),
        ("lines_per_second", float("nan")),
        ("lines_per_second", True),
        ("buffer_bytes", 10),
        ("buffer_bytes", 1000.5),
        ("paper_out_after_lines", "3"),
        ("cover_open", 1),
        ("cover_open", "yes"),
        ("half_open", "maybe"),
        ("second_connection", None),
        ("ack", "telepathy"),
        ("ack_fault", ["never"]),
        ("answers", [5]),
        ("answers", 1),
        ("drop_replies", 1.5),
        ("model", "型号"),
        ("model", "a\0b"),
    ],
)
def test_a_wrong_value_is_refused_and_the_right_ones_are_named(name: str, value: Any) -> None:
    with pytest.raises(FaultError, match=rf"^{name}: no such value .*; it takes "):
        PrinterFaults.from_json({name: value})


@pytest.mark.parametrize("known", [None, [], "mute", 3])
def test_only_an_object_holds_knobs(known: Any) -> None:
    with pytest.raises(FaultError, match="JSON object"):
        PrinterFaults.from_json(known)


def test_an_unknown_knob_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(FaultError, match=r"no such knob: colour; there are .*cutter_jam"):
        PrinterFaults.from_json({"colour": "red"})
    with pytest.raises(FaultError, match="no such knob"):
        VirtualPrinter().change(colour="red")


def test_every_knob_is_an_attribute_of_the_printer_and_can_be_mended() -> None:
    names = {each.name for each in fields(PrinterFaults)}
    assert {name for name, known in vars(VirtualPrinter).items() if isinstance(known, Knob)} == names
    printer = VirtualPrinter(faults=PrinterFaults(mute=True, near_end_after_lines=4, ack_fault="twice"))
    assert (printer.mute, printer.near_end_after_lines, printer.ack_fault) == (True, 4, "twice")
    printer.mend("mute")
    assert (printer.mute, printer.ack_fault) == (False, "twice")
    printer.mend()
    assert printer.faults == PrinterFaults()
    assert default_of("answers") == (1, 2, 3, 4)


def test_a_refused_change_changes_nothing() -> None:
    printer = VirtualPrinter()
    with pytest.raises(FaultError):
        printer.change(mute=True, drop_replies=7)
    assert printer.faults == PrinterFaults()


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="no such dialect: zpl"):
        VirtualPrinter(dialect="zpl")
