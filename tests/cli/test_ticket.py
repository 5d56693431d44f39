"""`order-console ticket`: a platform's payload becomes any paper, in a template of ours or one from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import texts
from app.__main__ import main
from app.domain.tickets import TicketKind
from app.platforms.api import Arrival
from app.platforms.registry import platforms
from app.practice.paper import CommandReader, Paper
from app.printing import PAPERS, standard_templates

FIXTURES = Path(__file__).parents[1] / "platforms"
ORDER = FIXTURES / "hubrise" / "fixtures" / "order_fetched.json"
PLACED = {
    "deliveroo": "order.new",
    "doordash": "order_create",
    "eleme": "order_placed",
    "hubrise": "order_fetched",
    "just_eat": "receive_order",
    "koubei": "dine_in_pay_later",
    "meituan": "open_order_placed",
    "square": "order.placed",
    "uber_eats": "current_order_offered",
    "woocommerce": "order_placed",
}


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_current", ["zh"])


def ticket(*arguments: str) -> int:
    return main(["--language", "en", "ticket", str(ORDER), "--platform", "hubrise", *arguments])


@pytest.mark.parametrize("kind", TicketKind)
def test_every_paper_is_made_from_an_orders_payload(kind: TicketKind, tmp_path: Path) -> None:
    job = tmp_path / "job"
    assert ticket("--template", kind.value, "--width", "58", "--bytes", str(job)) == 0
    paper = Paper(58)
    for command in CommandReader().feed(job.read_bytes()):
        paper.execute(command)
    (piece,) = paper.pieces
    assert piece.errors == []
    assert ("BC953" in piece.text) == (kind not in (TicketKind.TEST, TicketKind.TOTALS))
    assert "DELIVERY" not in piece.text or "外卖" not in piece.text
    assert ("27.40" in piece.text) == (kind in (TicketKind.RECEIPT, TicketKind.TOTALS))


def test_an_order_is_taken_as_the_gateway_answers_it(tmp_path: Path) -> None:
    """Koubei's comes in a wrapper, signed."""
    order = (FIXTURES / "koubei" / "fixtures" / "dine_in_pay_later.json").read_text("utf-8")
    file, job = tmp_path / "answer.json", tmp_path / "job"
    file.write_text(f'{{"koubei_catering_order_info_query_response":{order},"sign":"AA=="}}', "utf-8")
    assert main(["ticket", str(file), "--platform", "koubei", "--template", "kitchen", "--bytes", str(job)]) == 0
    assert json.loads(order)["dish_details"][0]["dish_name"].encode("gbk") in job.read_bytes()


@pytest.mark.parametrize("width", PAPERS)
def test_a_picture_of_any_paper(width: str, tmp_path: Path) -> None:
    picture = tmp_path / "ticket.png"
    assert ticket("--template", "label", "--sheet", "2", "--width", width, "--png", str(picture)) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_shops_template_comes_from_a_file(tmp_path: Path) -> None:
    file, job = tmp_path / "own.json", tmp_path / "job"
    own = standard_templates()["packing"].to_json().replace("Bag {sheet} of", "袋号 {sheet} of")
    file.write_text(own.replace('"only_if": "sheets", ', ""), "utf-8")
    assert ticket("--template", str(file), "--bytes", str(job)) == 0
    assert "袋号 1 of".encode("gbk") in job.read_bytes()


@pytest.mark.parametrize("text", ["{", None])
def test_a_template_that_cannot_be_used_is_said_in_one_line(
    text: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.json"
    if text is not None:
        file.write_text(text, "utf-8")
    assert ticket("--template", str(file), "--bytes", str(tmp_path / "job")) == 2
    said = capsys.readouterr().err
    assert (said.count("\n"), "own.json" in said) == (1, True)


@pytest.mark.parametrize("name", sorted(platforms()))
def test_an_order_of_every_platform_comes_to_paper(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job, silent = tmp_path / "job", platforms()[name].arrival is Arrival.NONE
    payload = ORDER if silent else FIXTURES / name / "fixtures" / f"{PLACED[name]}.json"
    code = main(["--language", "en", "ticket", str(payload), "--platform", name, "--bytes", str(job)])
    assert (code, job.exists()) == (int(silent), not silent)
    assert ("not an order of" in capsys.readouterr().err) == silent
