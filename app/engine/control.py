"""The running engine's private door, for the command line and a second start; and how these knock on it.

HTTP on a random loopback port, one JSON object each way. Port and token stand in `DataFolder.control`, which only its owner
may read. A web page cannot get in: it knows no token, its Host is another (DNS rebinding), and no CORS header invites it.
"""

from __future__ import annotations

import hmac
import http.client
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from app.config import DataFolder
from app.engine.facade import RefusalError
from app.engine.guard import BodyTooLargeError, GuardedServer, Limits, read_body
from app.platforms.api import PlatformError
from app.texts import LANGUAGES, chosen, speaking, tr

Command = Callable[[dict[str, Any]], Awaitable[Any]]

_HELLO_SECONDS = 3.0
_ANSWER_SECONDS = 90.0  # a command may sign in at a platform, which has its own time-outs


class NoEngineError(Exception):
    """No engine is running on this data folder (or it has not opened its door yet)."""


class ControlError(Exception):
    """The running engine will not or cannot do it; the text is fit for staff."""


class Control:
    """The engine's side: `commands` by name, each an async callable of the arguments that answers something JSON-able.

    A RefusalError or PlatformError of a command goes to the asker in its own words; any other fault is logged, not told.
    """

    def __init__(self, folder: DataFolder, commands: Mapping[str, Command]) -> None:
        self._folder = folder
        self._commands = commands
        self._limits = Limits()
        self._server: GuardedServer | None = None
        self._token = ""
        self._host = ""

    async def start(self) -> None:
        """Open the door and write where it is."""
        self._token = secrets.token_urlsafe(32)
        self._server = GuardedServer(self._answer, self._limits)
        self._host = (await self._server.listen()).removeprefix("http://")
        door = {"port": int(self._host.rpartition(":")[2]), "token": self._token}
        _write_private(self._folder.control, json.dumps(door))

    async def stop(self) -> None:
        """Take the address down, finish the commands under way (up to 3 s), close; idempotent."""
        server, self._server = self._server, None
        if server is not None:
            self._folder.control.unlink(missing_ok=True)
            await server.close()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.headers.get("Host") != self._host:
            return web.Response(status=403)
        if request.method == "GET" and request.path == "/":
            return web.Response(text=_proof(self._token, request.query.get("nonce", "")))
        if not _same(request.headers.get("Authorization", ""), f"Bearer {self._token}"):
            return web.Response(status=401)
        if request.method != "POST":
            return web.Response(status=405)
        asked_in = request.headers.get("Accept-Language", "")
        with speaking(asked_in if asked_in in LANGUAGES else ""):
            return await self._run(request)

    async def _run(self, request: web.BaseRequest) -> web.Response:
        command = self._commands.get(request.path.removeprefix("/"))
        if command is None:
            return _refusal(404, tr("The running console does not know this command"))
        try:
            arguments = json.loads(await read_body(request, self._limits))
        except (ValueError, RecursionError, BodyTooLargeError, TimeoutError):
            arguments = None
        if not isinstance(arguments, dict):
            return _refusal(400, tr("The running console could not read this command"))
        try:
            return web.json_response({"result": await command(arguments)})
        except (RefusalError, PlatformError) as error:
            return _refusal(409, str(error))


def ask(folder: DataFolder, command: str, /, **arguments: Any) -> Any:
    """Have the engine that runs on `folder` carry out `command`, and answer its result. Blocks: not for the UI thread.

    It speaks the language chosen here to us, whatever its own screen speaks.

    Raises NoEngineError when nobody is at the door (no file, a stale file, another program on that port) and ControlError
    when the engine refuses or fails. Nothing of the command is sent before the engine has proved that it knows the token.
    """
    port, token = _door(folder)
    _greet(port, token)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept-Language": chosen()}
    try:
        status, body = _call(port, _ANSWER_SECONDS, "POST", f"/{command}", json.dumps(arguments), headers)
        answer = json.loads(body or b"{}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ControlError(tr("The running console did not answer")) from error
    if status != 200:
        raise ControlError(answer.get("error") or tr("The running console failed on this command; its log says why"))
    return answer["result"]


def _door(folder: DataFolder) -> tuple[int, str]:
    try:
        door = json.loads(folder.control.read_text("utf-8"))
        return int(door["port"]), str(door["token"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoEngineError(tr("No console is running on this data folder")) from error


def _greet(port: int, token: str) -> None:
    """After a power cut another program may sit on the old port: whoever answers must know the token."""
    nonce = secrets.token_hex(16)
    try:
        status, body = _call(port, _HELLO_SECONDS, "GET", f"/?nonce={nonce}")
    except (OSError, http.client.HTTPException) as error:
        raise NoEngineError(tr("No console is running on this data folder")) from error
    if status != 200 or not _same(body.decode("latin-1"), _proof(token, nonce)):
        raise NoEngineError(tr("No console is running on this data folder"))


def _call(
    port: int, seconds: float, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    # http.client and not urllib.request: it follows no proxy setting and no redirect
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read(16 * 1024 * 1024)
    finally:
        connection.close()


def _proof(token: str, nonce: str) -> str:
    return hmac.new(token.encode(), nonce.encode(), "sha256").hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def _refusal(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


def _write_private(path: Path, text: str) -> None:
    """Replace `path` at once by a file that was never readable by others (on Windows: as the user's folder is)."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(text, "utf-8")
    fresh.replace(path)
