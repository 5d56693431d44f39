"""Accounts by script: what is missing or misspelt is said as it has to be typed."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from app import texts
from app.__main__ import main
from app.cli import doctor
from app.config import DataFolder
from app.db import accounts, audit, stations
from app.db.database import Database
from app.domain.routing import Station
from app.engine.relayed import RELAY_STATE, RELAY_URL
from app.engine.secrets import Vault
from tests.engine.shop import NOON, open_account


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments of a shop on Just Eat, which only pushes, where no relay was set up."""
    monkeypatch.setattr(texts, "_current", ["en"])
    monkeypatch.setattr(doctor, "_sound", lambda _: iter(()))
    folder, key = DataFolder(tmp_path / "shop"), tmp_path / "key"
    with Database.open(folder.create().database, Vault.open(folder, key).database_key) as database:
        account = database.write_now(open_account, platform="just_eat", name="Corner")
        database.write_now(accounts.set_state, account.id, NOON, "ok")
    return ["--data", str(folder.root), "--key-file", str(key)]


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


def test_an_account_that_no_order_can_reach_is_not_called_well(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*shop, "account", "list"]) == 0
    assert capsys.readouterr().out.startswith("1\tjust_eat\tCorner\tno orders\tNO orders can arrive: ")
    assert main([*shop, "account", "list", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["account"]["state"], told["tone"]) == ("ok", "late")
    assert told["arrival"].startswith("NO orders can arrive")
    main([*shop, "doctor"])
    assert "warning  account Corner: NO orders can arrive" in capsys.readouterr().out

    assert main([*shop, "account", "change", "1", "--off"]) == 0
    capsys.readouterr()
    assert main([*shop, "account", "list"]) == 0
    assert "\toff\t\t" in capsys.readouterr().out


def test_the_doctor_says_that_the_mailbox_at_the_relay_is_full(shop: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = DataFolder(Path(shop[1])), Path(shop[3])
    state = {"state": "ok", "text": "The mailbox at the relay is full.", "since": NOON.isoformat()}
    with Database.open(folder.database, Vault.open(folder, key).database_key) as database:
        database.write_now(audit.set_preference, RELAY_URL, "tls://relay.example")
        database.write_now(audit.set_preference, RELAY_STATE, json.dumps(state))
    main([*shop, "doctor"])
    assert "warning  relay: The mailbox at the relay is full." in capsys.readouterr().out


def test_the_doctor_says_that_the_default_station_prints_nowhere(
    shop: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As a store of an earlier release may hold it; now it is refused."""
    main([*shop, "doctor"])
    assert "default station" not in capsys.readouterr().out
    folder, key = DataFolder(Path(shop[1])), Path(shop[3])
    with Database.open(folder.database, Vault.open(folder, key).database_key) as database:
        database.write_now(stations.save, Station(0, "hot", default=True))
    main([*shop, "doctor"])
    assert "warning  default station: The default station needs a printer" in capsys.readouterr().out


def test_the_doctor_speaks_one_language(
    shop: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(texts, "_current", ["zh"])
    main([*shop, "doctor"])
    labels = {line.partition("：")[0].split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()}
    assert labels == {"Order Console", "Python", "程序库", "数据库", "密钥", "字体", "平台", "时区", "账号 Corner"}


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes its zone from the control panel alone")
@pytest.mark.parametrize(
    ("computers", "told"),
    [
        ("Asia/Shanghai", "ok       time zone: Asia/Shanghai"),
        ("Europe/London", "warning  time zone: In the shop's time zone (Asia/Shanghai) it is "),
    ],
)
def test_the_doctor_tells_a_computer_that_goes_by_another_clock(
    shop: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], computers: str, told: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", computers)
        time.tzset()
        main([*shop, "doctor"])
    time.tzset()
    assert told in capsys.readouterr().out
