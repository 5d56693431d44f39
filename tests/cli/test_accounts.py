"""Accounts by script: what is missing or misspelt is said as it has to be typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.__main__ import main


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere"], "No platform is called nowhere; there are: deliveroo, doordash, eleme,"),
        (["eleme"], "Please --set app_key, secret: see `order-console platforms eleme`."),
        (["eleme", "--set", "app_key=A", "--set", "secret= "], "Please --set secret: see"),
        (["eleme", "--set", "app_key=A", "--set", "secret=B", "--set", "shop=7"], "There is no setting shop: see"),
    ],
)
def test_what_the_form_lacks_is_told_by_its_name(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = ["--data", str(tmp_path / "shop"), "--key-file", str(tmp_path / "key")]
    assert main(["--language", "en", *shop, "account", "add", *words]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()
