"""Where pushed orders are fetched from, by script."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.__main__ import main


def test_a_relay_is_stored_shown_and_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = ["--data", str(tmp_path / "shop"), "--key-file", str(tmp_path / "key")]
    secret = tmp_path / "corner.txt"
    secret.write_text("corner:secret\n", "utf-8")
    assert main([*shop, "relay", "set", "tls://relay.example:4222", "--shop", "corner", "--credentials", str(secret)]) == 0
    assert main(["relay", "show", *shop]) == 0
    shown = capsys.readouterr().out
    assert shown == "tls://relay.example:4222\tcorner\toff\t\n"
    assert "secret" not in shown

    assert main([*shop, "relay", "set", ""]) == 0
    assert main([*shop, "relay", "show"]) == 0
    assert capsys.readouterr().out == "\t\toff\t\n"


def test_a_relay_without_a_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = ["--data", str(tmp_path / "shop"), "--key-file", str(tmp_path / "key")]
    assert main([*shop, "relay", "set", "tls://relay.example:4222"]) == 1
    assert "--shop" in capsys.readouterr().err
