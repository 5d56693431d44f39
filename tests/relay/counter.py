"""A whole engine in a process of its own, to be killed: `python -m tests.relay.counter FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from app import logs
from app.config import DataFolder
from app.db.database import Database
from app.engine.runtime import Engine
from app.engine.secrets import Vault
from tests.engine.shop import house, platform

MASTER = b"m" * 32


def main(where: str) -> None:
    """Serve until killed, or until nobody holds the other end of standard input."""
    logs.setup()  # to standard error; the first line of standard output means that it is up
    folder, vault = DataFolder(Path(where)), Vault(MASTER, "a test")
    rules = house(platforms={"eleme": platform(name="eleme")}, poll_seconds=60.0)
    engine = Engine(folder, Database.open(folder.database, vault.database_key), vault, rules)
    engine.start()
    print("ready", flush=True)
    sys.stdin.read()
    engine.stop()


if __name__ == "__main__":
    main(sys.argv[1])
