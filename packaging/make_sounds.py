"""Makes resources/sounds/*.wav from nothing but arithmetic, the same bytes every time; run it after changing a tune."""

from __future__ import annotations

import math
import struct
import sys
import wave
from pathlib import Path

RATE = 22050  # samples a second, mono, 16 bit
LENGTH = 1.2  # seconds

# (start in seconds, frequency in Hz, seconds until it has faded, loudness)
Note = tuple[float, float, float, float]

TUNES: dict[str, tuple[Note, ...]] = {
    # bright and rising, cuts through an extractor fan
    "new": ((0.0, 1046.5, 0.5, 0.8), (0.16, 1318.5, 0.5, 0.8), (0.32, 1568.0, 0.8, 0.9)),
    # a door bell asking twice: somebody waits for an answer
    "person": ((0.0, 1318.5, 0.25, 0.8), (0.18, 1046.5, 0.35, 0.8), (0.6, 1318.5, 0.25, 0.8), (0.78, 1046.5, 0.4, 0.8)),
    # three hard falling steps: stop cooking
    "cancelled": ((0.0, 1174.7, 0.3, 0.9), (0.3, 880.0, 0.3, 0.9), (0.6, 587.3, 0.6, 1.0)),
    # low and slow: the machinery, never an order
    "fault": ((0.0, 220.0, 0.6, 1.0), (0.6, 196.0, 0.6, 1.0)),
}


def sample(tune: tuple[Note, ...], at: float) -> float:
    """Loudness of the tune at a moment, bell-like: a struck start, two overtones, a fading end."""
    total = 0.0
    for start, pitch, fade, loud in tune:
        age = at - start
        if 0 <= age < fade * 1.6:
            swell = min(1.0, age / 0.006) * math.exp(-3.5 * age / fade)
            turn = 2 * math.pi * pitch * age
            total += loud * swell * (math.sin(turn) + 0.4 * math.sin(2 * turn) + 0.15 * math.sin(3.01 * turn))
    return total


def samples(tune: tuple[Note, ...]) -> bytes:
    """The whole tune, as loud as fits without clipping."""
    loudness = [sample(tune, number / RATE) for number in range(int(RATE * LENGTH))]
    peak = max(map(abs, loudness))
    return b"".join(struct.pack("<h", round(30000 * value / peak)) for value in loudness)


def main(folder: Path) -> None:
    """Write every tune into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, tune in TUNES.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
            file.writeframes(samples(tune))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "resources" / "sounds")
