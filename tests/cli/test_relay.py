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
    assert main(["--language", "en", *shop, "relay", "show"]) == 0
    assert capsys.readouterr().out == "\t\toff\tNo relay is set: see `order-console relay set --help`.\n"


def test_a_relay_without_a_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = ["--data", str(tmp_path / "shop"), "--key-file", str(tmp_path / "key")]
    assert main([*shop, "relay", "set", "tls://relay.example:4222"]) == 1
    assert "--shop" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "name", "secret", "told"),
    [
        ("http://relay.example", "corner", "corner:secret", "begins with tls://"),
        ("nats://relay.example", "corner", "corner:secret", "Only tls:// may leave this computer"),
        (
            "tls://relay.example",
            "Corner",
            "corner:secret",
            "Corner cannot be a shop's name at a relay: lower-case letters, digits",
        ),
        ("tls://relay.example", "corner", "secret", "should hold one line user:password"),
        ("tls://relay.example", "corner", None, "corner.txt"),
    ],
)
def test_a_relay_that_could_never_work_is_refused_and_not_stored(
    url: str, name: str, secret: str | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = ["--language", "en", "--data", str(tmp_path / "shop"), "--key-file", str(tmp_path / "key")]
    file = tmp_path / "corner.txt"
    if secret is not None:
        file.write_text(secret, "utf-8")
    assert main([*shop, "relay", "set", url, "--shop", name, "--credentials", str(file)]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()
