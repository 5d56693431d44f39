"""No secret and no person survives the way into a log, whichever way it was logged."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from app import logs

pytestmark = pytest.mark.usefixtures("caplog")  # warnings are the subject here

KEYS = ["token", "access_token", "appSecret", "X-Sign", "signature", "Authorization", "password", "refreshToken", "api_key"]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logs.shut_down()
    logging.getLogger().setLevel(level)


def written(folder: Path) -> str:
    return "".join(file.read_text("utf-8") for file in folder.iterdir())


def mobile(chance: random.Random) -> str:
    digits = f"1{chance.randint(3, 9)}{chance.randrange(10**9):09}"
    shapes = [
        digits,
        f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
        f"{digits[:3]} {digits[3:7]} {digits[7:]}",
        f"+86 {digits}",
    ]
    return chance.choice(shapes)


def other_phone(chance: random.Random) -> str:
    tail = f"{chance.randint(2, 8)}{chance.randrange(10**7):07}"
    return chance.choice(
        [f"010-{tail}", f"021{tail}", f"+33 6 {chance.randint(10, 99)} {chance.randint(10, 99)} 56 78", f"+4479{tail}"]
    )


def card(chance: random.Random) -> str:
    body = [chance.choice("23456")] + [chance.choice("0123456789") for _ in range(chance.randint(11, 17))]
    total = sum(sum(divmod(int(digit) * (2 - n % 2), 10)) for n, digit in enumerate(reversed(body)))
    number = "".join(body) + str(-total % 10)
    return chance.choice([number, " ".join(number[n : n + 4] for n in range(0, len(number), 4))])


def id_card(chance: random.Random) -> str:
    born = f"{chance.randint(1940, 2020)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    return f"{chance.randint(110000, 659000)}{born}{chance.randrange(1000):03}{chance.choice('0123456789X')}"


def opaque(chance: random.Random) -> str:
    return "".join(chance.choice("abcdefghijkmnpqrstuvwxyzABCDEFGH0123456789-_.~+/") for _ in range(chance.randint(12, 60)))


WAYS: list[Callable[[str, str], object]] = [
    lambda key, value: structlog.get_logger("shop").info("event", **{key: value}),
    lambda key, value: structlog.get_logger("shop").warning("event", raw={"order": [{"deep": {key: value}}]}),
    lambda key, value: structlog.get_logger("shop").bind(**{key: value}).error("event"),
    lambda key, value: structlog.get_logger("shop").info(f"{key}={value}"),
    lambda key, value: logging.getLogger("wire").info('body {"%s": "%s"}', key, value),
    lambda key, value: logging.getLogger("wire").info("body %s", {key: value}),
    lambda key, value: logging.getLogger("wire").info("body", extra={key: value}),
    lambda key, value: logging.getLogger("wire").info("GET /v1?order=1&%s=%s&x=2", key, value),
    lambda key, value: logging.getLogger("wire").info("body %s", json.dumps({"nop": json.dumps({key: value})})),
    lambda key, value: logging.getLogger("wire").info("bytes", extra={"body": f'{{"{key}":"{value}"}}'.encode()}),
]


def raise_and_log(key: str, value: str) -> None:
    try:
        json.loads("{}")[f'{{"{key}": "{value}"}}']
    except KeyError:
        logging.getLogger("wire").exception("failed")
        structlog.get_logger("shop").exception("failed")


def test_a_thousand_secrets_survive_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(tmp_path, "DEBUG")
    chance = random.Random(20261122)
    seeded = [(chance.choice(KEYS), opaque(chance)) for _ in range(400)]
    seeded += [("note", make(chance)) for make in (mobile, other_phone, card, id_card) for _ in range(150)]
    for number, (key, value) in enumerate(seeded):
        [*WAYS, raise_and_log][number % (len(WAYS) + 1)](key, value)
    for place in (written(tmp_path), capsys.readouterr().err):
        assert [secret for secret in seeded if secret[1] in place] == []
        assert place.count("\n") >= len(seeded)


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_without_redaction_the_same_check_finds_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, way: int
) -> None:
    """The control."""
    monkeypatch.setattr(logs, "redact_event", lambda _, __, event: event)
    logs.setup(tmp_path, "DEBUG")
    WAYS[way]("token", "seeded-secret")
    assert "seeded-secret" in written(tmp_path)
    assert "seeded-secret" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "order 8048123456789012345 stored",  # a platform's order number
        "version 1763800000000",  # a clock in milliseconds
        "at 2026-11-22T11:22:33.123456+00:00 took 0.013800138 s",
        "total 3880 CNY, 12 orders assigned, page signed in",
        "4111 1111 1111 1112",  # fails the card's check digit
        "127.0.0.1:49152 SQLite 3.53.4",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert logs.redact(text) == text


def test_a_file_line_is_one_json_object_with_what_was_bound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(tmp_path)
    structlog.get_logger("shop").bind(order=27).info("order stored", platform="eleme", items=("宫保鸡丁", 2))
    line = json.loads(written(tmp_path))
    assert (line["event"], line["order"], line["items"], line["level"]) == ("order stored", 27, ["宫保鸡丁", 2], "info")
    assert "order stored" in capsys.readouterr().err


def test_levels_and_repeated_setup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.setup(tmp_path / "a", "INFO")
    logs.setup(tmp_path / "b", "WARNING")
    structlog.get_logger("shop").info("too quiet")
    logging.getLogger("wire").warning("once")
    assert not list((tmp_path / "a").iterdir())
    assert len(written(tmp_path / "b").splitlines()) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_files_rotate_and_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 2000)
    logs.setup(tmp_path)
    for number in range(400):
        logging.getLogger("wire").info("line %s", number)
    files = list(tmp_path.iterdir())
    assert len(files) == logs.FILES_KEPT + 1
    assert all(file.stat().st_size <= 2000 for file in files)
    assert "line 399" in written(tmp_path)


def test_a_library_that_configures_logging_by_itself_changes_nothing(tmp_path: Path) -> None:
    logs.setup(tmp_path)
    before = list(logging.getLogger().handlers)
    logging.basicConfig(level="DEBUG")
    assert logging.getLogger().handlers == before
    assert logging.getLogger().level == logging.INFO
