"""The shop's own choices on the Settings page: language, look, business day, and the limits of printing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from zoneinfo import available_timezones

from app import steady
from app.engine.facade import Facade
from app.engine.shop_zone import FALLBACK, other_clock
from app.texts import N_, tr
from app.ui.bridge import Bridge
from app.ui.dialogs.form import Field, choice_edit, explained, hint
from app.ui.papers import LANGUAGES
from app.ui.theme import Theme
from app.ui.widgets.inputs import TickBox
from app.ui.widgets.panel import Panel
from app.ui.widgets.speech_tick import SpeechTick

_THEMES = (("light", N_("Light")), ("dark", N_("Dark")))
_LATEST_CUTOFF = 11  # hours after midnight at which a business day may begin
# Preference, label, choices, default, what it means.
_LIMITS = (
    (
        "print_stale_minutes",
        N_("A ticket is stale after"),
        (5, 10, 15, 20, 30, 60),
        10,
        N_("A ticket that waited longer, because its printer was out, does not print by itself: it asks first."),
    ),
    (
        "print_unknown_minutes",
        N_("An unknown ticket prints again after"),
        (1, 2, 3, 5, 10, 15),
        2,
        N_("Nobody can say whether it came out, and nobody looked: it prints once more, marked as a possible duplicate."),
    ),
    (
        "print_due_minutes",
        N_("A due time is told again when it moved by"),
        (5, 10, 15, 20, 30),
        10,
        N_("Platforms move it a little all the time; whoever cooks or packs hears of it only when it moved so far."),
    ),
)
_BACKUPS = (5, 10, 20, 30, 60, 120)
_URGES = "print_urges"


class ShopPanel(Panel):
    """Each choice is stored as soon as it is made."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        super().__init__(theme, tr("Shop and language"), "settings-shop")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        themes = [(value, tr(words)) for value, words in _THEMES]
        cutoffs = [(str(hour), f"{hour:02}:00") for hour in range(_LATEST_CUTOFF + 1)]
        zones = [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc")]
        restart = tr("Used for new orders after the console is started again.")
        day = tr("Orders before this hour count for the evening before. {restart}", restart=restart)
        self._add("language", tr("Language"), LANGUAGES.items(), "zh")
        self._add("theme", tr("Look"), themes, "light")
        self._add("cutoff_hour", tr("The business day begins at"), cutoffs, "4", day)
        zone = facade.preference("zone", FALLBACK)
        told = " ".join(filter(None, (restart, other_clock(zone, steady.now()))))
        self._add("zone", tr("Time zone"), sorted({*zones, (zone, zone)}), FALLBACK, told)
        self.inner.addWidget(SpeechTick(facade, bridge, theme))

    def _add(self, name: str, label: str, choices: Iterable[tuple[str, str]], default: str, explanation: str = "") -> None:
        field = preference(self._theme, self._facade, name, label, choices, default, explanation)
        field.edited.connect(partial(self._prefer, name, field))
        self.inner.addWidget(field)

    def _prefer(self, name: str, field: Field, *_: object) -> None:
        if name in ("language", "theme"):
            self._bridge.prefer(name, field.answer)
        else:
            self._bridge.run(self._facade.set_preference(name, field.answer), None, field.complain, field)


class LimitsPanel(Panel):
    """How long tickets may wait, and what else the kitchen gets."""

    def __init__(self, facade: Facade, bridge: Bridge, theme: Theme) -> None:
        super().__init__(theme, tr("Limits of printing"), "settings-limits")
        self._facade, self._bridge, self._theme = facade, bridge, theme
        for name, label, minutes, default, explanation in _LIMITS:
            choices = [(number, tr("{n} minutes", n=number)) for number in minutes]
            self._add(name, tr(label), choices, default, tr(explanation))
        seconds = [(number, tr("{n} seconds", n=number)) for number in _BACKUPS]
        words = tr("So long a ticket waits for its own printer before the backup printer takes it over.")
        self._add("print_backup_seconds", tr("The backup printer takes over after"), seconds, 20, words)
        self._urges = TickBox(theme, tr("Print a slip when a customer urges"))
        self._urges.setObjectName(f"settings-{_URGES}")
        self._urges.setChecked(facade.preference(_URGES, "yes") == "yes")
        self._urges.clicked.connect(self._prefer_urges)
        self._answer = hint(theme, "", "settings-limits-answer")
        self._answer.hide()
        self.inner.addWidget(explained(theme, self._urges, tr("The kitchen sees which order somebody is waiting for.")))
        self.inner.addWidget(self._answer)

    def _add(self, name: str, label: str, choices: Iterable[tuple[int, str]], default: int, explanation: str) -> None:
        known = {str(number): words for number, words in choices}
        stored = self._facade.preference(name, str(default))
        offered = known.items() if stored in known else [(stored, stored), *known.items()]
        field = preference(self._theme, self._facade, name, label, offered, str(default), explanation)
        field.edited.connect(partial(self._prefer, name, field))
        self.inner.addWidget(field)

    def _prefer(self, name: str, field: Field, *_: object) -> None:
        self._bridge.run(self._facade.set_preference(name, field.answer), None, field.complain, field)

    def _prefer_urges(self, *_: object) -> None:
        wanted = "yes" if self._urges.isChecked() else "no"
        self._bridge.run(self._facade.set_preference(_URGES, wanted), None, self._refuse_urges, self)

    def _refuse_urges(self, why: str) -> None:
        self._urges.setChecked(self._facade.preference(_URGES, "yes") == "yes")
        self._answer.setText(why)
        self._answer.show()


def preference(
    theme: Theme,
    facade: Facade,
    name: str,
    label: str,
    choices: Iterable[tuple[str, str]],
    default: str,
    explanation: str = "",
) -> Field:
    """A list to choose a stored preference from."""
    box = choice_edit(theme, list(choices), facade.preference(name, default))
    return Field(theme, f"settings-{name}", label, box, explanation)
