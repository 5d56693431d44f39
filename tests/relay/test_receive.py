"""`order-console receive` as a process: what it says, when it refuses to run, how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.architecture.source import ROOT
from tests.relay.server import NatsServer, needs_server

COMMAND = [sys.executable, "-m", "app", "--language", "en", "receive", "--listen", "127.0.0.1:0"]
TOKEN = "Zk3vQ0aW8yR5tB7nL1xC9g"


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@needs_server
@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_ends_when_told(nats_server: NatsServer, number: signal.Signals) -> None:
    credentials = str(nats_server.credentials("front"))
    with started("--nats", nats_server.url, "--credentials", credentials, "--monitor", nats_server.monitor) as process:
        assert process.stdout
        address = json.loads(process.stdout.readline())["receiver"]
        path = address.replace("SHOP", "lee").replace("PLATFORM", "eleme").replace("TOKEN", TOKEN)
        answer = httpx.get(path, trust_env=False, timeout=60)
        assert (answer.status_code, answer.content) == (200, b'{"message":"ok"}')
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "--shops" in said
    assert said.index(f"Waiting for NATS at {nats_server.url}") < said.index("Ready:")
    assert TOKEN not in said


@needs_server
def test_it_does_not_run_on_a_server_that_forgets(tmp_path: Path) -> None:
    lazy = NatsServer(tmp_path, sync="2m").start()
    try:
        credentials = str(lazy.credentials("front"))
        with started("--nats", lazy.url, "--credentials", credentials, "--monitor", lazy.monitor) as process:
            _, said = process.communicate(timeout=60)
    finally:
        lazy.kill()
    assert process.returncode == 1
    assert "sync_interval: always" in said
    assert "Ready" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_without_a_server_it_says_that_it_waits_and_gives_no_address_away() -> None:
    with started("--nats", "nats://127.0.0.1:1") as process:
        assert process.stderr
        waiting = next(line for line in process.stderr if "Waiting for NATS" in line)
        address = waiting.partition("Until then ")[2].partition(" ")[0]
        path = f"{address}/hooks/lee/eleme/{TOKEN}"
        assert httpx.post(path, content=b"x", trust_env=False, timeout=60).status_code == 503
        process.send_signal(signal.SIGTERM)
        told, said = process.communicate(timeout=60)
    assert (process.returncode, told, "Ready" in said) == (0, "", False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nats", "nats://relay.example:4222"), "Only tls://"),
        (("--nats", "nats://127.0.0.1:1", "--listen", "8080"), "HOST:PORT"),
        (("--nats", "nats://127.0.0.1:1", "--shops", "nowhere.json"), "nowhere.json"),
    ],
)
def test_what_is_set_up_wrongly_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    with started(*arguments) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert words in said
    assert "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such mode, and nothing is claimed there")
@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False), (0o400, False)])
def test_credentials_that_others_can_read_are_told(tmp_path: Path, mode: int, warned: bool) -> None:
    file = tmp_path / "front.txt"
    file.write_text("front:secret-word", "utf-8")
    file.chmod(mode)
    with started("--nats", "nats://127.0.0.1:1", "--credentials", str(file), "--shops", _nobody(tmp_path)) as process:
        assert process.stderr
        said = _until("Waiting for NATS", iter(process.stderr))
    assert (f"chmod 600 {file}" in said) is warned
    assert "secret-word" not in said


def _nobody(folder: Path) -> str:
    file = folder / "shops.json"
    file.write_text("{}", "utf-8")
    return str(file)


def _until(words: str, lines: Iterator[str]) -> str:
    read = []
    for line in lines:
        read.append(line)
        if words in line:
            return "".join(read)
    raise AssertionError("".join(read))
