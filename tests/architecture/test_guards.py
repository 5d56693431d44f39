"""The controls of tests/conftest.py: each guard catches the test it is there for, and lets an honest one pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT

CAUGHT = """
import asyncio, logging, socket, threading, time
import structlog

def test_network():
    with socket.socket() as plug:
        try:
            plug.connect(("192.0.2.1", 80))
        except OSError:
            pass

def test_name():
    try:
        socket.getaddrinfo("platform.example", 443)
    except OSError:
        pass

def test_thread():
    threading.Thread(target=time.sleep, args=(30,), name="lost", daemon=True).start()

def test_door():
    globals()["door"] = socket.create_server(("127.0.0.1", 0))

def test_warning():
    logging.getLogger("x").warning("from the standard library")

def test_event():
    structlog.get_logger().error("from structlog")
"""
HONEST = """
import asyncio, logging, os, socket, threading, time
import structlog
from app import texts

async def test_loopback():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()

async def test_debug_mode():
    assert asyncio.get_running_loop().get_debug()

async def test_pool():
    assert await asyncio.to_thread(lambda: 7) == 7

def test_expected_warning(caplog):
    structlog.get_logger().warning("expected", order=1)
    assert "expected" in caplog.text

def test_language():
    assert texts.language() == "en"
    texts.use("zh")

def test_language_again():
    assert texts.language() == "en"
"""


def run(folder: Path, source: str) -> str:
    """Run `source` as a test file under our conftest; answers pytest's words."""
    guards = (ROOT / "tests" / "conftest.py").read_text("utf-8").replace("GRACE_SECONDS = 10.0", "GRACE_SECONDS = 0.5")
    (folder / "conftest.py").write_text(guards, "utf-8")
    (folder / "test_it.py").write_text(source, "utf-8")
    arguments = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-o",
        "asyncio_mode=auto",
        "-o",
        f"pythonpath={ROOT}",
        "--rootdir",
        str(folder),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, str(folder)],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    return done.stdout + done.stderr


def test_every_guard_catches_what_it_is_there_for(tmp_path: Path) -> None:
    said = run(tmp_path, CAUGHT)
    assert "6 passed, 6 errors" in said, said
    for name in ("network", "name", "thread", "door", "warning", "event"):
        assert f"ERROR test_it.py::test_{name} " in said


def test_an_honest_test_passes_every_guard(tmp_path: Path) -> None:
    said = run(tmp_path, HONEST)
    assert "6 passed" in said, said
