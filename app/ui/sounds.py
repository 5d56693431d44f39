"""Plays the chimes, and says plainly when it cannot: a bell that fails in silence loses orders."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot

from app.config import resources
from app.texts import N_

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

_AFTER_START_MS = 200


class Chime(StrEnum):
    """One timbre for each thing a person must do; the file of the same name lies in resources/sounds."""

    NEW = "new"
    PERSON = "person"  # an urge or a request: somebody waits for an answer
    CANCELLED = "cancelled"
    FAULT = "fault"  # a printer, the network, a sign-in: low and slow, never to be taken for an order


class Audible(StrEnum):
    """Whether a chime can be heard, as the top bar says it."""

    STARTING = N_("looking for a loudspeaker")
    YES = N_("sound on")
    NO_DEVICE = N_("NO SOUND: no loudspeaker found")
    NO_LIBRARY = N_("NO SOUND: the system's sound library is missing")
    MUTED = N_("sound off (practice)")


class Player(Protocol):
    """What the alarm needs of a loudspeaker."""

    def play(self, chime: Chime) -> None:
        """Sound it once, now."""


class Sounds(QObject):
    """The loudspeaker. `changed` when `audible` did. `muted` never touches the sound library at all."""

    changed = Signal()

    def __init__(self, muted: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.audible = Audible.MUTED if muted else Audible.STARTING
        self._effects: dict[Chime, QSoundEffect] = {}
        self._devices: QMediaDevices | None = None
        if not muted:  # a moment later, because the sound library would delay the first picture of the window
            QTimer.singleShot(_AFTER_START_MS, self, self.open)

    def play(self, chime: Chime) -> None:
        """Sound it once; without a loudspeaker the screen's own alarm has to do."""
        if effect := self._effects.get(chime):
            effect.play()

    @Slot()
    def open(self) -> None:
        """Find the loudspeaker and load the chimes."""
        try:  # the import itself fails where libpulse is missing
            from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
        except ImportError:
            self._set(Audible.NO_LIBRARY)
            return
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._look)
        for chime in Chime:
            effect = QSoundEffect(self)
            effect.setSource(QUrl.fromLocalFile(str(resources() / "sounds" / f"{chime.value}.wav")))
            effect.setVolume(1.0)
            effect.statusChanged.connect(self._look)
            self._effects[chime] = effect
        self._look()

    @Slot()
    def _look(self) -> None:
        from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

        broken = any(effect.status() == QSoundEffect.Status.Error for effect in self._effects.values())
        silent = broken or QMediaDevices.defaultAudioOutput().isNull()
        self._set(Audible.NO_DEVICE if silent else Audible.YES)

    def _set(self, audible: Audible) -> None:
        if audible is not self.audible:
            self.audible = audible
            self.changed.emit()


def device_name() -> str:
    """Name of the loudspeaker the bell would use; "" when there is none, or no sound library."""
    try:
        from PySide6.QtMultimedia import QMediaDevices
    except ImportError:
        return ""
    return QMediaDevices.defaultAudioOutput().description()
