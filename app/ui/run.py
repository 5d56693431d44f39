"""Opens the console on a facade: the one call the composition root makes. Knows nothing of the engine behind it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app import steady
from app.engine.facade import Facade
from app.ui import shop_clock
from app.ui.bridge import Bridge
from app.ui.i18n import Language
from app.ui.icons import icon
from app.ui.main_window import MainWindow
from app.ui.sounds import Sounds


def application() -> QApplication:
    """The one QApplication of the process, made when it is first wanted."""
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("order-console")
    app.setApplicationDisplayName("Order Console")
    app.setWindowIcon(icon("bag", QColor("#0B5CAD"), 64))
    return app


def open_console(facade: Facade, *, muted: bool = False, clock: Callable[[], float] = steady.time) -> MainWindow:
    """Build the window, not shown yet. `muted` leaves the sound library alone (headless practice, tests).

    Whether it is practice is the facade's to say (`overview().practice`).
    """
    app = application()
    shop_clock.use(facade.preference("zone", ""))  # the one the engine began with; a new one counts from the next start
    return MainWindow(facade, Bridge(facade, app), Language(app), Sounds(muted, app), clock)


def run_console(facade: Facade) -> int:
    """Show the console until a person closes it; answers the exit status."""
    window = open_console(facade)
    window.closing.connect(application().quit)
    window.show()
    gc.collect()
    gc.freeze()  # what is here now stays: looking through all of it again would hold up the screen for a tenth of a second
    status = application().exec()
    window.close()
    window.deleteLater()
    return status
