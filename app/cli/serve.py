"""`order-console serve`: the engine without a window, until it is told to stop."""

from __future__ import annotations

import json
import signal
import sys
import threading
from argparse import Namespace

from app import logs, texts
from app.bootstrap import open_engine
from app.cli.shop import folder_of
from app.engine.instance import Instance
from app.engine.secrets import Vault
from app.texts import tr


def run(arguments: Namespace) -> int:
    """Print one JSON line with the accounts' webhook addresses, then run until SIGINT or SIGTERM."""
    folder = folder_of(arguments).create()
    instance = Instance.take(folder)
    if instance is None:
        print(tr("An engine already runs on {folder}.", folder=folder.root), file=sys.stderr)
        return 1
    logs.setup(folder.logs)
    vault = Vault.open(folder, arguments.key_file)
    engine = open_engine(folder, vault, receiver_port=arguments.port, poll_seconds=arguments.poll_seconds)
    engine.has_window = False
    engine.start()
    texts.use(arguments.language or engine.facade.preference("language", texts.language()))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    hooks = {view.id: engine.hook_url(view.id) for view in engine.facade.accounts()}
    print(json.dumps({"receiver": engine.receiver, "hooks": hooks}), flush=True)
    while not stopped.wait(0.5):
        pass
    engine.stop()
    instance.release()
    return 0
