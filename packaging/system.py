"""What the operating system must bring: libraries that Qt loads by name, a Chinese font, and Python's own venv."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Library -> Debian's package. Without any one of them the window, or on the last line the bell, does not start.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libpulse.so.0": "libpulse0",
}
FONT = ("a Chinese font", "fonts-noto-cjk", "google-noto-sans-cjk-fonts")
FONT_NAMES = ("*CJK*", "wqy*", "*SourceHan*", "DroidSansFallback*", "*NotoSansSC*")
VENV = ("Python's venv", f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", "python3")


def ready(oldest_python: tuple[int, int]) -> bool:
    """Check, install where that is ours to do, or print the one command to type."""
    if sys.version_info < oldest_python:
        print(
            f"Order Console needs Python {oldest_python[0]}.{oldest_python[1]} or newer; this is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return False
    missing = absent()
    if missing and _may_install():
        _install(missing)
        missing = absent()
    if missing:
        print(f"This machine lacks {', '.join(missing)}. Type this once, then the same command again:\n", file=sys.stderr)
        print("    " + _command(missing), file=sys.stderr)
    return not missing


def absent() -> list[str]:
    """What is missing, by library name or description. Windows and macOS bring everything themselves."""
    if not sys.platform.startswith("linux"):
        return []
    lost = [library for library in LIBRARIES if not _loads(library)]
    lost += [] if _has_chinese_font() else [FONT[0]]
    return lost + ([] if importlib.util.find_spec("ensurepip") else [VENV[0]])


def has_screen() -> bool:
    """Whether a window can be shown."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_chinese_font() -> bool:
    homes = [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        Path.home() / ".fonts",
        Path.home() / ".local/share/fonts",
    ]
    if any(next(home.rglob(name), None) for home in homes if home.exists() for name in FONT_NAMES):
        return True
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, check=False).stdout.strip())


def _may_install() -> bool:
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def _install(missing: Sequence[str]) -> None:
    """Debian and Ubuntu, as root."""
    packages = _packages(missing, 0)
    print(f"Installing from the system's own archive: {' '.join(packages)} ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", "-q", *step],
            env=environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            print(done.stdout[-3000:], file=sys.stderr)


def _command(missing: Sequence[str]) -> str:
    """The one line that a person types."""
    sudo = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "
    if shutil.which("apt-get"):
        packages = " ".join(_packages(missing, 0))
        return f"{sudo}apt-get update && {sudo}apt-get install -y {packages}"
    if shutil.which("dnf"):
        return f"{sudo}dnf install -y {' '.join(shlex.quote(name) for name in _packages(missing, 1))}"
    return f"(install these with your system's package program: {', '.join(missing)})"


def _packages(missing: Sequence[str], family: int) -> list[str]:
    """Package names for Debian's family (0) or Fedora's (1), where a library's own name finds its package."""
    other = {name: packages for name, *packages in (FONT, VENV)}
    found = [other[name][family] if name in other else (LIBRARIES[name], f"{name}()(64bit)")[family] for name in missing]
    return list(dict.fromkeys(found))
