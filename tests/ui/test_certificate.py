"""An authority's certificate comes into the account's form from a file, and what is no text is told by the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.platforms.api import FieldKind, Platform, SettingField
from app.ui.dialogs.account import AccountDialog
from app.ui.dialogs.certificate import CertificateEdit
from tests.ui.settings_desk import CAFE, Opener, Shop, opening

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Opener]:
    with opening(qtbot) as opener:
        yield opener


class OwnServer(Shop):
    """A shop whose platform's form asks for an authority."""

    def platforms(self) -> list[Platform]:
        authority = SettingField("authority", "Authority", kind=FieldKind.CERTIFICATE, required=False)
        return [replace(CAFE, fields=(*CAFE.fields, authority))]


@pytest.mark.parametrize(("content", "words"), [(PEM.encode(), PEM.split()), (b"\x30\x82\xff", ["ca.crt"])])
def test_a_file_fills_the_place(open_window: Opener, tmp_path: Path, content: bytes, words: list[str]) -> None:
    desk = open_window(AccountDialog, OwnServer())
    place = desk.part("account-field-authority")
    assert isinstance(place, CertificateEdit)
    path = tmp_path / "ca.crt"
    path.write_bytes(content)
    place.read(str(path))
    assert desk.typed("account-field-authority").split() == words
