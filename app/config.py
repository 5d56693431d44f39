"""Where things live: the data folder of one shop, and the read-only resources that ship with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs


def resources() -> Path:
    """Folder of icons, sounds, translations and fonts: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    inside = package / "resources"
    return inside if inside.exists() else package.parent / "resources"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The files of one shop. One engine owns a folder at a time (`lock`)."""

    root: Path

    @classmethod
    def default(cls) -> DataFolder:
        """The user's data folder, as the operating system wants it."""
        return cls(Path(platformdirs.user_data_dir("order-console", appauthor=False)))

    def create(self) -> DataFolder:
        """Make the folder, readable by its owner only."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self

    @property
    def database(self) -> Path:
        """The encrypted store."""
        return self.root / "orders.db"

    @property
    def lock(self) -> Path:
        """Held by the one engine of this folder."""
        return self.root / "engine.lock"

    @property
    def control(self) -> Path:
        """Address and token of the running engine, for the command line and a second start."""
        return self.root / "control.json"

    @property
    def backups(self) -> Path:
        """Encrypted copies of the store."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Rotated log files, redacted."""
        return self.root / "logs"
