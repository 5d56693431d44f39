"""`order-console` without a command: the engine and the window on the shop's folder."""

from __future__ import annotations

import sys
from argparse import Namespace

from app import logs, texts
from app.bootstrap import open_engine
from app.cli.shop import folder_of
from app.engine.control import NoEngineError, ask
from app.engine.instance import Instance
from app.engine.secrets import Vault
from app.texts import tr


def run(arguments: Namespace) -> int:
    """Open the console; a second start brings the first one's window to the front and exits 0."""
    folder = folder_of(arguments).create()
    instance = Instance.take(folder)
    if instance is None:
        return _show_other(arguments)
    try:
        logs.setup(folder.logs)
        engine = open_engine(folder, Vault.open(folder, arguments.key_file))
        engine.start()
        try:
            if arguments.language:  # the window reads what is stored
                engine.facade.set_preference("language", arguments.language).result()
            texts.use(engine.facade.preference("language", texts.language()))
            from app.ui.run import run_console

            return run_console(engine.facade)
        finally:
            engine.stop()
    finally:
        instance.release()


def _show_other(arguments: Namespace) -> int:
    try:
        ask(folder_of(arguments), "show")
    except NoEngineError:
        print(tr("Another console is using this folder but does not answer. Close it, or try again."), file=sys.stderr)
        return 1
    return 0
