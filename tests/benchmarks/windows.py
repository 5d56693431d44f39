"""A program of its own: `console`, `stored` or `bare` on a shop's folder; prints when it was painted and what it weighs.

    python -m tests.benchmarks.windows console|stored|bare FOLDER KEY

One JSON line: {"painted": Unix seconds, "orders": number, "resident": MiB or 0 where the system does not tell}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app import steady

if TYPE_CHECKING:  # what is imported when is what is measured
    from PySide6.QtWidgets import QWidget


DEVELOPERS_ONLY = ("rich", "click")  # not in a shop: httpx and structlog load them where they happen to be installed


def main(kind: str, folder: Path, key: bytes) -> None:
    sys.modules.update(dict.fromkeys(DEVELOPERS_ONLY))  # type: ignore[arg-type]  # None says that there is no such module
    {"console": _console, "stored": _stored, "bare": _bare}[kind](folder, key)


def _console(folder: Path, key: bytes) -> None:
    """What `order-console` does, with a key that is given instead of found."""
    from app import logs
    from app.bootstrap import open_engine
    from app.config import DataFolder
    from app.engine.instance import Instance
    from app.engine.secrets import Vault

    shop = DataFolder(folder).create()
    instance = Instance.take(shop)
    assert instance is not None
    logs.setup(shop.logs)
    engine = open_engine(shop, Vault(key, "benchmark"))
    engine.start()
    from app.ui.run import application, open_console

    window = open_console(engine.facade, muted=True)
    _show(window, lambda: len(window.orders.cards))
    window.close()
    application().processEvents()
    engine.stop()
    instance.release()


def _stored(folder: Path, key: bytes) -> None:
    """An empty window that opens the same database through the console's store, every page checked, and reads the orders."""
    from PySide6.QtWidgets import QApplication

    from app.config import DataFolder
    from app.db import orders
    from app.db.database import Database
    from app.engine.secrets import Vault

    application = QApplication([])
    with Database.open(DataFolder(folder).database, Vault(key, "benchmark").database_key) as database:
        found = len(database.read(orders.queue))
        _show(_empty_window(str(found)), lambda: found)
    application.processEvents()


def _bare(folder: Path, key: bytes) -> None:
    """An empty window that opens the same database and counts."""
    from PySide6.QtWidgets import QApplication
    from sqlcipher3 import dbapi2

    application = QApplication([])
    connection = dbapi2.connect(str(folder / "orders.db"))
    connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
    (orders,) = connection.execute("SELECT count(*) FROM orders").fetchone()
    _show(_empty_window(str(orders)), lambda: int(orders))
    connection.close()
    application.processEvents()


def _empty_window(text: str) -> QWidget:
    from PySide6.QtWidgets import QLabel, QMainWindow

    window = QMainWindow()
    window.setCentralWidget(QLabel(text))
    window.resize(1366, 768)
    return window


def _show(window: QWidget, orders: Callable[[], int]) -> None:
    from PySide6.QtWidgets import QApplication

    window.show()
    QApplication.processEvents()  # shown, exposed, laid out
    window.repaint()
    painted = steady.time()
    while steady.time() < painted + 1.0:  # it settles
        QApplication.processEvents()
        time.sleep(0.01)
    print(json.dumps({"painted": painted, "orders": orders(), "resident": _resident()}), flush=True)


def _resident() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), bytes.fromhex(sys.argv[3]))
