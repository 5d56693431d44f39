"""Our bytes read back by a decoder that was not written here: emupos, in an environment of its own, on loopback.

It wants Python 3.13 and knows neither hanzi nor GS ( H: it takes each byte for a letter of PC437, from which the text is
restored, and it is asked by GS r. Its picture of a receipt must hold every picture of ours, dot for dot.
"""

from __future__ import annotations

import io
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from app.domain.tickets import Mark, Ticket, TicketKind
from app.practice.paper import CommandReader, Paper, PaperTicket
from app.practice.printer_pieces import Item, Picture, Row
from app.printing import LanPrinter, OutcomeKind, Patience, Profile, build, sample_ticket, trial_ticket

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

WANTED = "emupos==0.4.0"
INSTALL_SECONDS, START_SECONDS = 240, 30
PATIENCE = Patience(settle=10.0)
PROFILE = Profile(acknowledges="status", answers=(1, 2, 3, 4), buzzer="none")
KINDS = [kind for kind in TicketKind if kind is not TicketKind.LABEL]  # labels speak another language
CONFIG = """schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - id: front
    type: printer
    profile: xprinter-xp80t
    receipts_dir: ./receipts
    connections:
      - tcp: {{ port: {port} }}
"""


class Emupos:
    """The running simulator: `port` prints, `api` tells."""

    def __init__(self, api: int, port: int) -> None:
        self.port = port
        self._address = f"http://127.0.0.1:{api}/api/v1/devices/front/receipts"

    def receipts(self) -> list[Any]:
        found: list[Any] = json.loads(self._get(""))
        return found

    def printed(self, payload: bytes) -> tuple[str, Image.Image]:
        """Print, and answer the receipt as text in PC437 and as a picture; a reprint first cuts off an empty one."""
        before = len(self.receipts())
        outcome = LanPrinter("127.0.0.1", self.port, patience=PATIENCE, profile=PROFILE).print_ticket(payload)
        assert outcome.kind is OutcomeKind.CONFIRMED, outcome
        _until(lambda: len(self.receipts()) > before, START_SECONDS)
        text = self._get("/latest/text").decode("utf-8")
        return text, Image.open(io.BytesIO(self._get("/latest/image")))

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self._address + path, timeout=10) as answer:
            body: bytes = answer.read()
        return body


@pytest.fixture(scope="module")
def emupos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emupos]:
    folder = tmp_path_factory.mktemp("emupos")
    program = _installed(folder)
    api, port = _free_port(), _free_port()
    (folder / "emupos.yaml").write_text(CONFIG.format(api=api, port=port))
    log = (folder / "log").open("wb")
    running = subprocess.Popen([program, "run", "--config", "emupos.yaml"], cwd=folder, stdout=log, stderr=log)
    try:
        found = Emupos(api, port)
        _until(lambda: _answers(found) or running.poll() is not None, START_SECONDS)
        assert running.poll() is None, (folder / "log").read_text("utf-8")
        yield found
    finally:
        running.terminate()
        running.wait(10)
        log.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_template_reads_back_as_it_was_written(emupos: Emupos, kind: TicketKind, language: str) -> None:
    _compare(emupos, sample_ticket(kind, language))


@pytest.mark.parametrize("mark", [Mark.REPRINT, Mark.POSSIBLE_DUPLICATE, Mark.BACKUP])
def test_every_mark_reads_back(emupos: Emupos, mark: Mark) -> None:
    ticket = sample_ticket(TicketKind.KITCHEN, "zh")
    _compare(emupos, replace(ticket, marks=(mark,), copy=2, from_printer="后厨"))


def test_the_settings_page_reads_back(emupos: Emupos) -> None:
    _compare(emupos, trial_ticket())


def test_a_printer_without_hanzi_gets_them_drawn(emupos: Emupos) -> None:
    _compare(emupos, sample_ticket(TicketKind.KITCHEN, "zh"), replace(PROFILE, rom="none"))


def _compare(emupos: Emupos, ticket: Ticket, profile: Profile = PROFILE) -> None:
    payload = build(ticket, None, "80", profile)
    text, picture = emupos.printed(payload)
    ours = _ours(payload)
    assert _rows(text.encode("cp437").decode("gb18030")) == _rows("\n".join(map(_shown, ours.items)))
    dots = ImageOps.invert(picture.convert("L")).convert("1", dither=Image.Dither.NONE)
    assert dots.width == 576
    for one in ours.items:
        assert not isinstance(one, Picture) or one.dots in dots.tobytes(), "a picture is not on the foreign receipt"


def _ours(payload: bytes) -> PaperTicket:
    roll = Paper(80)
    for command in CommandReader().feed(payload):
        roll.execute(command)
    (piece,) = roll.pieces
    return piece


def _shown(item: Item) -> str:
    """As emupos writes it in its text."""
    if isinstance(item, Picture):
        return f"[image {item.row_bytes * 8}x{item.rows}]"
    assert isinstance(item, Row), "codes are drawn"
    return "".join(run.text for run in item.runs)


def _rows(text: str) -> list[str]:
    return [row.strip() for row in text.splitlines() if row.strip()]


def _installed(folder: Path) -> Path:
    python = _python()
    environment = folder / "environment"
    subprocess.run([python, "-m", "venv", environment], check=True, capture_output=True, timeout=INSTALL_SECONDS)
    install: list[str | Path] = [environment / "bin" / "python", "-m", "pip", "install", "--quiet", WANTED]
    done = subprocess.run(install, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode:
        pytest.skip(f"{WANTED} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return environment / "bin" / "emupos"


def _python() -> Path:
    known = [shutil.which(f"python3.{minor}") for minor in (13, 14)]
    kept = sorted(Path.home().glob(".pyenv/versions/3.1[34].*/bin/python"))
    found = [Path(one) for one in known if one] + kept
    working = (one for one in found if subprocess.run([one, "-c", ""], capture_output=True, check=False).returncode == 0)
    python = next(working, None)
    if python is None:
        pytest.skip("emupos needs Python 3.13, and there is none here")
    return python


def _answers(emupos: Emupos) -> bool:
    try:
        emupos.receipts()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    return port


def _until(condition: Any, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.05)
