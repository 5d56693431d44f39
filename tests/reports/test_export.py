"""Exported figures: Chinese survives, numbers stay numbers, and no text becomes a formula."""

from __future__ import annotations

import codecs
import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.export import guarded, tabbed, write_csv


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_a_text_that_could_be_a_formula_is_disarmed(start: str) -> None:
    assert guarded(f"{start}1+cmd|' /C calc'!A0") == f"'{start}1+cmd|' /C calc'!A0"


def test_a_negative_amount_stays_a_number() -> None:
    assert guarded(Decimal("-12.50")) == "-12.50"
    assert guarded(-3) == "-3"


def test_the_file_opens_in_a_spreadsheet_with_chinese_intact(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    write_csv(path, [["平台", "金额"], ["饿了么, 外卖", Decimal("12.50")], [date(2026, 11, 22), -1]])
    assert path.read_bytes().startswith(codecs.BOM_UTF8)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["平台", "金额"], ["饿了么, 外卖", "12.50"], ["2026-11-22", "-1"]]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_guarded_text_is_whole_and_never_starts_a_formula(text: str) -> None:
    assert guarded(text) in {text, f"'{text}"}
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_pasted_rows_keep_their_columns_whatever_the_text_holds() -> None:
    [row] = csv.reader(StringIO(tabbed([["a\tb\nc", "=1", 2]])), dialect="excel-tab")
    assert row == ["a\tb\nc", "'=1", "2"]
