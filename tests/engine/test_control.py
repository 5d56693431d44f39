"""The running engine's private door: who may knock, what they hear, and that nobody else gets in."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import sys
import threading
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.config import DataFolder
from app.engine.control import Control, ControlError, NoEngineError, ask
from app.engine.facade import RefusalError
from app.platforms.api import AuthError


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


async def echo(arguments: dict[str, Any]) -> Any:
    return {"heard": arguments}


async def refuse(_: dict[str, Any]) -> Any:
    raise RefusalError("no such printer 没有这台打印机")


async def sign_out(_: dict[str, Any]) -> Any:
    raise AuthError("sign in again")


async def fail(_: dict[str, Any]) -> Any:
    raise KeyError("a private detail")


async def answer_nothing_sendable(_: dict[str, Any]) -> Any:
    return object()


COMMANDS = {"echo": echo, "refuse": refuse, "sign-out": sign_out, "fail": fail, "odd": answer_nothing_sendable}


@pytest.fixture
async def control(folder: DataFolder) -> AsyncIterator[Control]:
    control = Control(folder, COMMANDS)
    await control.start()
    yield control
    await control.stop()


def door(folder: DataFolder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(folder.control.read_text("utf-8"))
    return found


def call(
    folder: DataFolder, method: str = "POST", path: str = "/echo", body: bytes = b"{}", **headers: str
) -> tuple[int, bytes, str]:
    """A request with the right token unless `headers` say otherwise: status, body and header text."""
    connection = http.client.HTTPConnection("127.0.0.1", door(folder)["port"], timeout=10)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {door(folder)['token']}", **headers})
        response = connection.getresponse()
        return response.status, response.read(), str(response.headers)
    finally:
        connection.close()


@pytest.mark.usefixtures("control")
async def test_a_command_runs_with_its_arguments_and_answers(folder: DataFolder) -> None:
    answer = await asyncio.to_thread(ask, folder, "echo", command="打印", data=[1, None], width=80)
    assert answer == {"heard": {"command": "打印", "data": [1, None], "width": 80}}


@pytest.mark.usefixtures("control")
@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("refuse", "no such printer 没有这台打印机"),
        ("sign-out", "sign in again"),
        ("unheard-of", "The running console does not know this command"),
        ("fail", "The running console failed on this command; its log says why"),
        ("odd", "The running console failed on this command; its log says why"),
    ],
)
async def test_a_refusal_comes_in_words(
    folder: DataFolder, command: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ControlError) as caught:
        await asyncio.to_thread(ask, folder, command)
    assert str(caught.value) == text
    assert bool(caplog.records) == ("its log says why" in text)


async def test_the_address_is_private_and_gone_after_stop(folder: DataFolder) -> None:
    control = Control(folder, COMMANDS)
    await control.start()
    if sys.platform != "win32":  # there the user's profile folder is what keeps others out
        assert folder.control.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.root.iterdir()] == [folder.control.name]
    await control.stop()
    await control.stop()
    assert not list(folder.root.iterdir())


async def test_an_old_readable_file_does_not_make_the_new_one_readable(folder: DataFolder) -> None:
    for path in (folder.control, folder.control.with_suffix(".new")):
        path.write_text("left by a killed engine")
        path.chmod(0o644)
    control = Control(folder, COMMANDS)
    await control.start()
    if sys.platform != "win32":
        assert folder.control.stat().st_mode & 0o777 == 0o600
    await control.stop()


async def test_each_start_has_a_new_token(folder: DataFolder) -> None:
    tokens = set()
    for _ in range(2):
        control = Control(folder, COMMANDS)
        await control.start()
        tokens.add(door(folder)["token"])
        await control.stop()
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 43  # 256 bits in base64


@pytest.mark.usefixtures("control")
@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer schlüssel"}, 401),
        ({"method": "OPTIONS", "Authorization": "", "Origin": "http://evil.example"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost"}, 403),
        ({"method": "GET", "path": "/?nonce=1", "Host": "evil.example"}, 403),
        ({"method": "GET"}, 405),
        ({"body": b"[1]"}, 400),
        ({"body": b"{"}, 400),
        ({"body": b"[" * 100_000}, 400),
        ({"body": b" " * 300_000}, 400),
    ],
)
async def test_nobody_else_gets_in(folder: DataFolder, request_: dict[str, Any], wanted: int) -> None:
    status, body, headers = await asyncio.to_thread(call, folder, **request_)
    assert status == wanted
    assert b"heard" not in body
    assert "Access-Control" not in headers


async def test_no_file_is_no_engine(folder: DataFolder) -> None:
    with pytest.raises(NoEngineError):
        ask(folder, "echo")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"port": "x", "token": "t"}', '{"port": 1'])
def test_a_spoilt_file_is_no_engine(folder: DataFolder, text: str) -> None:
    folder.control.write_text(text)
    with pytest.raises(NoEngineError):
        ask(folder, "echo")


def test_a_stale_file_is_no_engine(folder: DataFolder) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    folder.control.write_text(json.dumps({"port": port, "token": "t"}))
    with pytest.raises(NoEngineError):
        ask(folder, "echo")


def test_another_program_on_a_stale_port_hears_nothing_of_the_command(folder: DataFolder) -> None:
    heard: list[str] = []

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.requestline} {self.headers}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"welcome")

        do_POST = do_GET  # noqa: N815 - the standard library's naming

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        folder.control.write_text(json.dumps({"port": server.server_port, "token": "the-old-token"}))
        with pytest.raises(NoEngineError):
            ask(folder, "account-add", secret="the-shop-secret")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert len(heard) == 1
    assert "the-old-token" not in heard[0]
    assert "secret" not in heard[0]


async def test_an_engine_that_stops_during_a_command_finishes_it(folder: DataFolder) -> None:
    running, go = asyncio.Event(), asyncio.Event()

    async def slow(_: dict[str, Any]) -> Any:
        running.set()
        await go.wait()
        return "done"

    control = Control(folder, {"slow": slow})
    await control.start()
    asking = asyncio.create_task(asyncio.to_thread(ask, folder, "slow"))
    await running.wait()
    stopping = asyncio.create_task(control.stop())
    await asyncio.sleep(0)
    go.set()
    await stopping
    assert await asking == "done"
