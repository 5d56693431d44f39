"""A console at rest in a process of its own: opened, left alone for a while, measured from inside.

`python -m tests.benchmarks.resting FOLDER KEY SECONDS` prints one JSON object: `cpu` in seconds, `bytes` of memory, and the
state of each account.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from app import logs
from app.bootstrap import open_engine
from app.config import DataFolder
from app.engine.secrets import Vault

SETTLED = 15.0  # seconds until the first polls are over
MEMORY = Path("/proc/self/statm")


def main(folder: str, key: str, seconds: float) -> None:
    """Open, rest, print."""
    logs.setup()
    engine = open_engine(DataFolder(Path(folder)), Vault(bytes.fromhex(key), "a benchmark"))
    engine.has_window = False
    engine.start()
    time.sleep(SETTLED)
    before = time.process_time()
    time.sleep(seconds)
    cpu = time.process_time() - before
    states = [str(account.state) for account in engine.facade.accounts()]
    print(json.dumps({"cpu": cpu, "bytes": _memory(), "states": states}), flush=True)
    engine.stop()


def _memory() -> int:
    """What is in memory and ours or shared, in bytes."""
    return int(MEMORY.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
